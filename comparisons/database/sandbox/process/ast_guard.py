"""What a query may be: one reading of the tables of the dataset, and nothing else.

The query is judged by its tree, as DuckDB itself parses it (`json_serialize_sql`), and everything
is allowed by name: kinds of nodes, tables, functions. What is not named is refused, so that a
novelty of DuckDB is refused too until someone has looked at it.
"""

import re
from collections.abc import Collection
from pathlib import Path

# The name under which the sandbox attaches the dataset.
DATABASE_ALIAS = "donnees"
TABLE_FUNCTIONS = frozenset(
    {"generate_series", "generate_subscripts", "json_each", "json_tree", "range", "unnest"}
)
_EXPRESSIONS = frozenset(
    {
        "BETWEEN", "CASE", "CAST", "COLLATE", "COLUMN_REF", "COMPARISON", "CONJUNCTION", "CONSTANT",
        "FUNCTION", "LAMBDA", "OPERATOR", "POSITIONAL_REFERENCE", "STAR", "SUBQUERY",
        "WINDOW",
    }
)  # fmt: skip
_OTHERS = frozenset(
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
# A table of the query's own (`WITH`) never has a name that could be a file or a part of DuckDB.
_OWN_NAME = re.compile(r"(?!duckdb|pragma|pg_|sqlite|information_schema)[^\W\d][\w ]*", re.I)
_NOWHERE = 2**64 - 1


class ForbiddenQueryError(Exception):
    """Something that a query may not hold: its kind, its name and its place in bytes."""

    def __init__(self, kind: str, name: str = "", position: object = None) -> None:
        """Keep what is said of it; `position` is what DuckDB writes, which may be nowhere."""
        super().__init__(kind, name)
        self.kind, self.name = kind, name
        self.position = position if isinstance(position, int) and position != _NOWHERE else None


def casefold_ascii(name: str) -> str:
    """Write a name as DuckDB compares it: only the capitals of ASCII are small letters."""
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
    _Walk(tables).visit(statements[0], frozenset())


class _Walk:
    """Visits every node of a tree."""

    def __init__(self, tables: Collection[str]) -> None:
        self.tables = {casefold_ascii(table) for table in tables}

    def visit(self, thing: object, own: frozenset[str]) -> None:
        """Check a node and what is in it; `own` are the tables that `WITH` names around it."""
        if isinstance(thing, list):
            for part in thing:
                self.visit(part, own)
        elif isinstance(thing, dict):
            own = self._with(thing, own)
            left_out = self._node(thing, own)
            for name, part in thing.items():
                if name not in left_out:
                    self.visit(part, own)

    def _with(self, node: dict, own: frozenset[str]) -> frozenset[str]:
        """Check the tables that a query names, and add them to those that are known in it."""
        for entry in node.get("cte_map", {}).get("map", ()):
            name, query = entry["key"], entry["value"]
            if not _OWN_NAME.fullmatch(name):
                raise ForbiddenQueryError("own_name", name)
            # a recursive one may read itself; any other reads what was named before it
            recursive = query["query"]["node"]["type"] == "RECURSIVE_CTE_NODE"
            known = own | {casefold_ascii(name)}
            self.visit(query, known if recursive else own)
            own = known
        return own

    def _node(self, node: dict, own: frozenset[str]) -> Collection[str]:
        """Check one node, and tell which of its parts have been seen to."""
        kind, where = node.get("type"), node.get("query_location")
        if "class" in node:
            if node["class"] not in _EXPRESSIONS:
                raise ForbiddenQueryError("construct", node["class"], where)
            if node["class"] in ("FUNCTION", "WINDOW"):
                self._function(node["function_name"], FUNCTIONS, where)
        elif isinstance(kind, str) and not kind.endswith("_TYPE_INFO"):
            if kind not in _OTHERS:
                raise ForbiddenQueryError("construct", kind, where)
            if kind == "BASE_TABLE":
                self._table(node, own)
            elif kind == "TABLE_FUNCTION":
                return self._table_function(node, own)
            elif kind == "SHOW_REF":
                self._show(node)
            elif kind == "PIVOT" and any(pivot["pivot_enum"] for pivot in node["pivots"]):
                raise ForbiddenQueryError("construct", "PIVOT", where)
        return ("cte_map",)

    def _table(self, node: dict, own: frozenset[str]) -> None:
        name, where = node["table_name"], node["query_location"]
        catalogue, schema = (
            casefold_ascii(node["catalog_name"]),
            casefold_ascii(node["schema_name"]),
        )
        if node["at_clause"]:
            raise ForbiddenQueryError("construct", "AT", where)
        if not catalogue and not schema and casefold_ascii(name) in own:
            return
        if catalogue not in ("", DATABASE_ALIAS) or schema not in ("", "main", DATABASE_ALIAS):
            whole = ".".join(filter(None, (node["catalog_name"], node["schema_name"], name)))
            raise ForbiddenQueryError("catalogue", whole, where)
        if casefold_ascii(name) not in self.tables:
            raise ForbiddenQueryError("table", name, where)

    def _table_function(self, node: dict, own: frozenset[str]) -> Collection[str]:
        call = node["function"]
        where = call.get("query_location")
        if call.get("class") != "FUNCTION" or call["schema"] or call["catalog"]:
            raise ForbiddenQueryError("construct", "TABLE_FUNCTION", where)
        self._function(call["function_name"], TABLE_FUNCTIONS, where)
        for part in call.values():
            self.visit(part, own)
        return ("cte_map", "function")

    def _show(self, node: dict) -> None:
        """Allow to describe a query that is itself allowed, and to list the tables."""
        described = node["query"] and node["show_type"] in ("DESCRIBE", "SUMMARY")
        listed = node["show_type"] == "SHOW_UNQUALIFIED" and node["table_name"] == '"tables"'
        if not described and not listed:
            raise ForbiddenQueryError("show", node["table_name"].strip('"'))

    @staticmethod
    def _function(name: str, allowed: Collection[str], where: object) -> None:
        if casefold_ascii(name) not in allowed:
            raise ForbiddenQueryError("function", name, where)
