"""Check that a query only reads the tables of the dataset.

The check walks the syntax tree that DuckDB parses (`json_serialize_sql`) and allows by name:
kinds of nodes, tables, functions. What is not listed is refused, so that a new feature of DuckDB
is refused until someone has reviewed it.
"""

import re
from collections.abc import Collection
from pathlib import Path

# The name under which the sandbox attaches the dataset.
DATABASE_ALIAS = "donnees"
TABLE_FUNCTIONS = frozenset(
    {"generate_series", "generate_subscripts", "json_each", "json_tree", "range", "unnest"}
)
_EXPRESSION_CLASSES = frozenset(
    {
        "BETWEEN", "CASE", "CAST", "COLLATE", "COLUMN_REF", "COMPARISON", "CONJUNCTION", "CONSTANT",
        "FUNCTION", "LAMBDA", "OPERATOR", "POSITIONAL_REFERENCE", "STAR", "SUBQUERY",
        "WINDOW",
    }
)  # fmt: skip
_NODE_TYPES = frozenset(
    {
        # queries
        "SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE", "CTE_NODE",
        # what they read
        "BASE_TABLE", "EMPTY", "EXPRESSION_LIST", "JOIN", "PIVOT", "SHOW_REF", "SUBQUERY",
        "TABLE_FUNCTION",
        # what they do to it
        "DISTINCT_MODIFIER", "LIMIT_MODIFIER", "LIMIT_PERCENT_MODIFIER", "ORDER_MODIFIER",
        "ORDER_DEFAULT", "ASCENDING", "DESCENDING",
    }
)  # fmt: skip
# A table named by `WITH` never has a name that could be a file or a part of DuckDB.
_CTE_NAME = re.compile(r"(?!duckdb|pragma|pg_|sqlite|information_schema)[^\W\d][\w ]*", re.I)
_UNKNOWN_POSITION = 2**64 - 1


class ForbiddenQueryError(Exception):
    """A construct that a query may not hold: its kind, name and position in bytes."""

    def __init__(self, kind: str, name: str = "", position: object = None) -> None:
        """Store its description; `position` is that of DuckDB, which may be unset."""
        super().__init__(kind, name)
        self.kind, self.name = kind, name
        self.position = (
            position if isinstance(position, int) and position != _UNKNOWN_POSITION else None
        )


def casefold_ascii(name: str) -> str:
    """Return a name as DuckDB compares it: in lower case for ASCII letters only."""
    return "".join(letter.lower() if letter.isascii() else letter for letter in name)


def _read_functions() -> frozenset[str]:
    lines = Path(__file__).with_name("functions.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(
        name for line in lines if not line.startswith("#") for name in casefold_ascii(line).split()
    )


# Functions that a query may call, beside those that make tables.
FUNCTIONS = _read_functions()


def check_ast(tree: dict, tables: Collection[str]) -> None:
    """Raise `ForbiddenQueryError` unless a query (`json_serialize_sql`) only reads these tables."""
    statements = tree["statements"]
    if len(statements) != 1:
        raise ForbiddenQueryError("several" if statements else "empty")
    if statements[0]["named_param_map"]:
        raise ForbiddenQueryError("parameter")
    _TreeChecker(tables).visit(statements[0], frozenset())


class _TreeChecker:
    """Visitor that checks every node of a syntax tree."""

    def __init__(self, tables: Collection[str]) -> None:
        self.tables = {casefold_ascii(table) for table in tables}

    def visit(self, node: object, cte_names: frozenset[str]) -> None:
        """Check a node and its children; `cte_names` are the tables that `WITH` names around it."""
        if isinstance(node, list):
            for child in node:
                self.visit(child, cte_names)
        elif isinstance(node, dict):
            cte_names = self._check_ctes(node, cte_names)
            checked = self._check_node(node, cte_names)
            for name, child in node.items():
                if name not in checked:
                    self.visit(child, cte_names)

    def _check_ctes(self, node: dict, cte_names: frozenset[str]) -> frozenset[str]:
        """Check the tables that `WITH` names, and return them with those already in scope."""
        for entry in node.get("cte_map", {}).get("map", ()):
            name, query = entry["key"], entry["value"]
            if not _CTE_NAME.fullmatch(name):
                raise ForbiddenQueryError("own_name", name)
            # a recursive one may read itself; any other reads what was named before it
            recursive = query["query"]["node"]["type"] == "RECURSIVE_CTE_NODE"
            names_in_scope = cte_names | {casefold_ascii(name)}
            self.visit(query, names_in_scope if recursive else cte_names)
            cte_names = names_in_scope
        return cte_names

    def _check_node(self, node: dict, cte_names: frozenset[str]) -> Collection[str]:
        """Check one node; return the names of its children that are already checked."""
        kind, where = node.get("type"), node.get("query_location")
        if "class" in node:
            if node["class"] not in _EXPRESSION_CLASSES:
                raise ForbiddenQueryError("construct", node["class"], where)
            if node["class"] in ("FUNCTION", "WINDOW"):
                self._check_function(node["function_name"], FUNCTIONS, where)
        elif isinstance(kind, str) and not kind.endswith("_TYPE_INFO"):
            if kind not in _NODE_TYPES:
                raise ForbiddenQueryError("construct", kind, where)
            if kind == "BASE_TABLE":
                self._check_table(node, cte_names)
            elif kind == "TABLE_FUNCTION":
                return self._check_table_function(node, cte_names)
            elif kind == "SHOW_REF":
                self._check_show(node)
            elif kind == "PIVOT" and any(pivot["pivot_enum"] for pivot in node["pivots"]):
                raise ForbiddenQueryError("construct", "PIVOT", where)
        return ("cte_map",)

    def _check_table(self, node: dict, cte_names: frozenset[str]) -> None:
        name, where = node["table_name"], node["query_location"]
        catalogue, schema = (
            casefold_ascii(node["catalog_name"]),
            casefold_ascii(node["schema_name"]),
        )
        if node["at_clause"]:
            raise ForbiddenQueryError("construct", "AT", where)
        if not catalogue and not schema and casefold_ascii(name) in cte_names:
            return
        if catalogue not in ("", DATABASE_ALIAS) or schema not in ("", "main", DATABASE_ALIAS):
            full_name = ".".join(filter(None, (node["catalog_name"], node["schema_name"], name)))
            raise ForbiddenQueryError("catalogue", full_name, where)
        if casefold_ascii(name) not in self.tables:
            raise ForbiddenQueryError("table", name, where)

    def _check_table_function(self, node: dict, cte_names: frozenset[str]) -> Collection[str]:
        call = node["function"]
        where = call.get("query_location")
        if call.get("class") != "FUNCTION" or call["schema"] or call["catalog"]:
            raise ForbiddenQueryError("construct", "TABLE_FUNCTION", where)
        self._check_function(call["function_name"], TABLE_FUNCTIONS, where)
        for child in call.values():
            self.visit(child, cte_names)
        return ("cte_map", "function")

    def _check_show(self, node: dict) -> None:
        """Check SHOW and DESCRIBE: only a query that is itself allowed, or the list of tables."""
        is_describe = node["query"] and node["show_type"] in ("DESCRIBE", "SUMMARY")
        is_table_list = node["show_type"] == "SHOW_UNQUALIFIED" and node["table_name"] == '"tables"'
        if not is_describe and not is_table_list:
            raise ForbiddenQueryError("show", node["table_name"].strip('"'))

    @staticmethod
    def _check_function(name: str, allowed: Collection[str], where: object) -> None:
        if casefold_ascii(name) not in allowed:
            raise ForbiddenQueryError("function", name, where)
