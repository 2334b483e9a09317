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
    suggest_closest,
)
from comparisons.database.sandbox.limits import Limits
from comparisons.errors import BadRequestError
from comparisons.formatting import join_words
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
    return text if len(text) <= _MAX_TECHNICAL else f"{text[: _MAX_TECHNICAL - 1]}…"


def _describe_syntax(match: re.Match, where: str) -> str:
    return f"Erreur de syntaxe{where}, près de « {match[1]} »."


def _describe_unknown_column(match: re.Match, where: str) -> str:
    """Describe an unknown column: suggest a close name, or the tables that have it."""
    name = match["column"]
    candidates = re.findall(r'"([^"]+)"', _text_after(match))
    columns = [candidate.rsplit(".", 1)[-1] for candidate in candidates]
    table_name = match.groupdict().get("table")
    scope = f" dans « {table_name} »" if table_name else " dans les tables de la requête"
    sentence = f"La colonne « {name} »{where} n’existe pas{scope}.{suggest_closest(name, columns)}"
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


def _describe_ambiguous(match: re.Match, where: str) -> str:
    qualified_names = join_words(re.findall(r'"([^"]+)"', match[2]), "ou")
    return (
        f"La colonne « {match[1]} »{where} est dans plusieurs tables : précisez {qualified_names}."
    )


def _describe_arguments(match: re.Match, where: str) -> str:
    candidates = re.findall(r"\t(\w+\([^)]*\))", _text_after(match))
    name, arguments = match[1].split("(", 1)
    sentence = f"« {name} »{where} ne va pas avec ce qui lui est donné : ({arguments}."
    if not candidates:
        return sentence
    return f"{sentence} Formes possibles : {', '.join(dict.fromkeys(candidates[:4]))}."


def _fill_template(template: str) -> MessageWriter:
    """Return a writer that fills a sentence: `{where}` is the position, `{0}`… the groups."""
    return lambda match, where: template.format(*match.groups(), where=where)


_SENTENCE_WRITERS: tuple[tuple[str, MessageWriter], ...] = (
    (r"syntax error at or near \"(.*)\"", _describe_syntax),
    (
        r"syntax error at end of input",
        _fill_template(
            "Erreur de syntaxe : la requête s’arrête trop tôt{where}. "
            "Une parenthèse, un nom ou une condition manque à la fin."
        ),
    ),
    (
        r"unterminated quoted string",
        _fill_template("Un texte n’est pas fermé{where} : il manque une apostrophe (')."),
    ),
    (
        r"unterminated quoted identifier",
        _fill_template('Un nom n’est pas fermé{where} : il manque un guillemet (").'),
    ),
    (
        r"unterminated /\* comment",
        _fill_template("Un commentaire n’est pas fermé{where} : il manque */."),
    ),
    (
        r"SELECT clause without selection list",
        _fill_template("SELECT{where} ne dit pas quoi lire : nommez des colonnes, ou *."),
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
        r"Cannot mix aggregates with non-aggregated columns",
        _fill_template(
            "Des colonnes{where} ont plusieurs valeurs par groupe : ajoutez GROUP BY ALL, ou "
            "nommez-les après GROUP BY."
        ),
    ),
    (r'Ambiguous reference to column name "([^"]+)" \(use: (.*)\)', _describe_ambiguous),
    (
        r'(?:Ambiguous reference to table|Duplicate alias) "(?:[\w]+\.)*([^".]+)"',
        _fill_template(
            "La table « {0} » est lue deux fois{where} : donnez à chacune un nom avec AS."
        ),
    ),
    (r"No function matches the given name and argument types '(.+?)'\. ", _describe_arguments),
    (
        r"Cannot compare values of type (\S+) and (?:type )?(\S+)",
        lambda match, where: (
            f"On compare{where} des valeurs de types différents, {_sql_type(match[1])} et "
            f"{_sql_type(match[2])} : convertissez l’une avec CAST(… AS type)."
        ),
    ),
    (
        r"Set operations can only apply",
        _fill_template(
            "Les deux parties d’une UNION doivent avoir le même nombre de colonnes{where}."
        ),
    ),
    (
        r"aggregate function calls cannot be nested",
        _fill_template("Un agrégat{where} ne peut pas en contenir un autre : passez par WITH."),
    ),
    (
        r"WHERE clause cannot contain (aggregates|window functions)",
        _fill_template(
            "WHERE{where} ne peut pas contenir d’agrégat : employez HAVING (ou QUALIFY)."
        ),
    ),
    (r"\* expression without FROM", _fill_template("* n’a rien à lire{where} : il manque FROM.")),
    (
        r"(ORDER|GROUP BY) term out of range - should be between 1 and (\d+)",
        _fill_template("{0}{where} : le numéro de colonne va de 1 à {1}."),
    ),
    (
        r"More than one row returned by a subquery",
        _fill_template(
            "Une sous-requête employée comme une valeur donne plusieurs lignes{where} : "
            "ajoutez LIMIT 1, un agrégat, ou employez IN."
        ),
    ),
    (
        r"Subquery returns (\d+) columns",
        _fill_template(
            "Une sous-requête employée comme une valeur n’a qu’une colonne ; celle-ci en a {0}."
        ),
    ),
    (
        r"Could not convert string '(.*)' to (\S+)",
        lambda match, where: (
            f"Le texte « {match[1]} »{where} ne se convertit pas en {_sql_type(match[2])}. "
            "TRY_CAST laisse vide ce qui ne se convertit pas."
        ),
    ),
    (
        r"(?:date|time|timestamp) field value out of range: \"(.*)\"|invalid (?:date|timestamp) "
        r"field format: \"(.*?)\"",
        lambda match, where: (
            f"« {match[1] or match[2]} »{where} n’est pas une date : écrivez AAAA-MM-JJ."
        ),
    ),
    (
        r"Overflow in (\w+) of (\w+) \((.*)\)",
        lambda match, where: (
            f"Un calcul dépasse {_sql_type(match[2])}{where} ({match[3]}) : "
            "convertissez avant de calculer, avec CAST(… AS DOUBLE)."
        ),
    ),
    (
        r"cannot take (logarithm|square root) of",
        _fill_template(
            "Une racine ou un logarithme{where} n’a pas de valeur : écartez zéro et négatifs."
        ),
    ),
    (
        r"UNNEST not supported here",
        _fill_template(
            "UNNEST{where} ne va pas ici : dépliez d’abord la liste, après FROM ou dans WITH, "
            "puis groupez."
        ),
    ),
    (
        r'Could not choose a best candidate function for the function call "(\w+)\(',
        _fill_template(
            "« {0} »{where} peut prendre plusieurs types : précisez avec CAST(… AS type)."
        ),
    ),
    (
        r'Could not parse string "(.*?)" according to format specifier "(.*?)"',
        _fill_template("« {0} »{where} ne suit pas le modèle de date « {1} »."),
    ),
    (r"Malformed JSON", _fill_template("Un texte{where} n’est pas du JSON.")),
    (
        r"Aggregate Function with name (\S+) does not exist",
        lambda match, where: describe_unknown_function(match[1], where),
    ),
    (
        r"(?:Scalar |Table |Macro )?Function with name \"?(\S+?)\"? does not exist",
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
    (
        r"Unsupported Arrow type (\w+)",
        _fill_template("Le type {0} ne se rend pas : CAST(… AS VARCHAR)."),
    ),
)

# Names of types in the messages of DuckDB → their names in SQL.
_SQL_TYPES = {
    "INT8": "TINYINT",
    "INT16": "SMALLINT",
    "INT32": "INTEGER",
    "INT64": "BIGINT",
    "INT128": "HUGEINT",
    "INTEGER_LITERAL": "INTEGER",
    "STRING_LITERAL": "VARCHAR",
}


def _sql_type(name: str) -> str:
    type_name = name.strip("'\".,")
    return _SQL_TYPES.get(type_name, type_name)
