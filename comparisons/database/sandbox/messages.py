"""Translate the errors of DuckDB into French: names, positions and values, but no paths."""

import re
from collections.abc import Callable, Mapping

from comparisons.database.sandbox.errors import (
    _describe_too_deep,
    describe_unknown_function,
    describe_unknown_table,
    format_location,
    internal_error,
    memory_exceeded,
)
from comparisons.database.sandbox.limits import Limits
from comparisons.errors import BadRequestError
from comparisons.formatting import closest, join_words, shorten, suggest
from comparisons.schema.registry import tables

_MAX_TECHNICAL = 300
# Class of a DuckDB error → its French description.
_SENTENCE_BY_CLASS = {
    "Binder": "La requête ne tient pas",
    "Catalog": "La requête nomme quelque chose qui n’existe pas",
    "Conversion": "Une valeur ne se convertit pas",
    "Constraint": "Une condition n’est pas respectée",
    "InvalidInput": "Une valeur ne convient pas",
    "NotImplemented": "DuckDB ne sait pas faire cela",
    "OutOfRange": "Une valeur est hors des bornes de son type",
    "Parser": "Erreur de syntaxe",
    "Syntax": "Erreur de syntaxe",
    "TypeMismatch": "Des types ne vont pas ensemble",
}
_PATH = re.compile(r"(?<![\w.])(?:[A-Za-z]:)?[\\/](?:[\w.@-]+[\\/])+[\w.@-]*")
# Advice that DuckDB adds, which is of no use here.
_ADVICE = re.compile(
    r"\n*\t?(Candidate|Possible solutions|Did you mean|LINE \d|Use \"SET|You might need|Either add|"
    r"See also|Database is launched).*",
    re.DOTALL,
)

MessageWriter = Callable[[re.Match, str], str]


def translate_error(error: Mapping, query: str, limits: Limits) -> BadRequestError:
    """Translate a DuckDB error into a French exception.

    `error` has its `class`, `exception_message` and, as the case may be, `position` and `name`.
    """
    message, kind = str(error.get("exception_message", "")), error.get("class", "")
    if kind == "OutOfMemory" or re.search(r"[Aa]llocation failure|bad.alloc", message):
        return memory_exceeded(limits)
    where = format_location(query, error.get("position"), in_bytes=kind != "Parser")
    for pattern, write in _SENTENCE_WRITERS:
        match = re.search(pattern, message, re.DOTALL)
        if match:
            return BadRequestError(_PATH.sub("…", write(match, where)))
    if kind in _SENTENCE_BY_CLASS:
        return BadRequestError(
            f"{_SENTENCE_BY_CLASS[kind]}{where}. DuckDB dit : {_clean_message(message)}"
        )
    return internal_error()


def _clean_message(message: str) -> str:
    """Clean a message of DuckDB: no advice, path nor line breaks, `_MAX_TECHNICAL` characters."""
    text = _PATH.sub("…", _ADVICE.sub("", message))
    text = " ".join(text.split())
    return shorten(text, _MAX_TECHNICAL, keep_words=False)


def _describe_unknown_column(match: re.Match, where: str) -> str:
    """Describe an unknown column: suggest a close name, or the tables that have it."""
    name = match["column"]
    candidates = re.findall(r'"([^"]+)"', _text_after(match))
    columns = [candidate.rsplit(".", 1)[-1] for candidate in candidates]
    table_name = match.groupdict().get("table")
    scope = f" dans « {table_name} »" if table_name else " dans les tables de la requête"
    sentence = f"La colonne « {name} »{where} n’existe pas{scope}.{suggest(closest(name, columns))}"
    other_tables = [table.name for table in tables().values() if name.casefold() in table.columns]
    if "Voulez-vous" in sentence:
        return sentence
    if other_tables:
        return f"{sentence} Elle existe dans {join_words(other_tables[:5])}."
    literal = name.strip("‘’“”«» ")
    return f"{sentence} Si c’est un texte, écrivez-le entre apostrophes droites : '{literal}'."


def _text_after(match: re.Match) -> str:
    """Return the text of a message after a match."""
    return match.string[match.end() :]


def _fill_template(template: str) -> MessageWriter:
    """Return a writer that fills a sentence: `{where}` is the position, `{0}`… the groups."""
    return lambda match, where: template.format(*match.groups(), where=where)


# The commonest errors; of all others, the line of DuckDB itself is shown.
_SENTENCE_WRITERS: tuple[tuple[str, MessageWriter], ...] = (
    (
        r"syntax error at or near \"(.*)\"",
        _fill_template("Erreur de syntaxe{where}, près de « {0} »."),
    ),
    (
        r"syntax error at end of input",
        _fill_template(
            "Erreur de syntaxe : la requête s’arrête trop tôt{where}. "
            "Une parenthèse, un nom ou une condition manque à la fin."
        ),
    ),
    (
        r"expression depth limit|^memory exhausted at",  # that of the parser
        lambda match, where: _describe_too_deep(),
    ),
    (
        r'(?:Referenced column|Column|column) "(?P<column>[^"]+)" '
        r"(?:not found|does not exist|referenced .* not found)",
        _describe_unknown_column,
    ),
    (
        r'Table "(?P<table>[^"]+)" does not have a column named "(?P<column>[^"]+)"',
        _describe_unknown_column,
    ),
    (
        r'Referenced table "([^"]+)" not found',
        _fill_template(
            "« {0} »{where} n’est pas une table de cette requête : ajoutez-la après FROM, ou "
            "employez le nom qui lui est donné là."
        ),
    ),
    (
        r'column "?([^"]+)"? must appear in the GROUP BY',
        _fill_template(
            "La colonne « {0} »{where} a plusieurs valeurs par groupe : ajoutez-la à GROUP BY, ou "
            "choisissez une valeur avec min({0}) ou any_value({0})."
        ),
    ),
    (
        r"(?:Scalar |Table |Macro |Aggregate )?Function with name \"?(\S+?)\"? does not exist",
        lambda match, where: describe_unknown_function(match[1], where),
    ),
    (
        r"Table with name (\S+) does not exist",
        lambda match, where: describe_unknown_table(match[1], where),
    ),
    (
        r"Type with name (\S+) does not exist",
        _fill_template(
            "« {0} »{where} n’est pas un type : par exemple INTEGER, DOUBLE, VARCHAR, DATE."
        ),
    ),
)
