"""Errors of the SQL console: why a query is refused and how to correct it, in French.

`messages` translates the errors of DuckDB itself; this module writes those of the console.
"""

import re
from collections.abc import Mapping

from comparisons.database.sandbox.limits import MAX_CHARACTERS, Limits
from comparisons.database.sandbox.process.ast_guard import FUNCTIONS, TABLE_FUNCTIONS
from comparisons.errors import BadRequestError, PayloadTooLargeError
from comparisons.formatting import NBSP, closest, format_number, pluralize, shorten, suggest
from comparisons.schema.registry import tables

_ONLY_READS = "la console ne fait que lire les tables du jeu de données"
# Characters of a query that a sentence repeats at most.
_MAX_QUOTED_LENGTH = 80
_COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)


class QueryTimeoutError(BadRequestError):
    """The query exceeds the time limit."""

    status = 504


def empty_query() -> BadRequestError:
    """Return the error for an empty query."""
    return BadRequestError("La requête est vide. Par exemple : SELECT * FROM strategies")


def query_too_long(length: int) -> BadRequestError:
    """Return the error for a query whose text is too long."""
    return PayloadTooLargeError(
        f"La requête fait {pluralize(length, 'caractère')} ; "
        f"la console en accepte {format_number(MAX_CHARACTERS)}."
    )


def control_character(character: str) -> BadRequestError:
    """Return the error for a query that holds a control character."""
    code = f"U+{ord(character):04X}"
    return BadRequestError(f"La requête contient un caractère de contrôle ({code}) : effacez-le.")


def query_timeout(limits: Limits) -> BadRequestError:
    """Return the error for a query that exceeds the time limit."""
    return QueryTimeoutError(
        f"La requête a été arrêtée après {_format_seconds(limits.seconds)} : lisez moins de "
        "lignes, ou vérifiez les conditions qui joignent les tables (JOIN … USING, ON)."
    )


def memory_exceeded(limits: Limits) -> BadRequestError:
    """Return the error for a query that exceeds the memory limit or crashes its process."""
    return PayloadTooLargeError(
        f"La requête demande plus de mémoire que permis ({_format_megabytes(limits.memory)}) : "
        "lisez moins de lignes ou de colonnes, ou agrégez avant de trier et de joindre."
    )


def internal_error() -> BadRequestError:
    """Return the error for a query on which DuckDB, or the sandbox, fails."""
    return BadRequestError("La requête a mis la console en défaut : écrivez-la autrement.")


def query_refused(error: Mapping, query: str, limits: Limits) -> BadRequestError:
    """Translate an error of the sandbox (`kind`, `name`, `position`) into a French exception."""
    if error["kind"] == "format":  # the sentence of the writer of the file
        return BadRequestError(error["name"])
    kind, name = error["kind"], shorten(str(error["name"]), _MAX_QUOTED_LENGTH, keep_words=False)
    where = format_location(query, error["position"])
    match kind:
        case "memory":
            return memory_exceeded(limits)
        case "columns" | "cells" | "bytes" | "names":
            return PayloadTooLargeError(_describe_oversize(kind, name, limits))
        case "type":
            return BadRequestError(
                f"La console ne rend pas de valeurs de type {name} : convertissez-les, "
                "par exemple avec CAST(… AS VARCHAR)."
            )
        case "shape":
            return BadRequestError(
                "La console ne sait pas rendre ce résultat : convertissez ses listes et ses "
                "enregistrements, par exemple avec CAST(… AS VARCHAR)."
            )
        case "table":
            return BadRequestError(describe_unknown_table(name, where))
        case "function":
            return BadRequestError(describe_unknown_function(name, where))
        case _:
            return BadRequestError(_describe_forbidden(kind, name, where, query))


def _describe_forbidden(kind: str, name: str, where: str, query: str) -> str:
    match kind:
        case "empty":
            return str(empty_query())
        case "several":
            return (
                "Une seule requête à la fois : gardez-en une, et un seul point-virgule, à la fin."
            )
        case "parameter":
            return "Les paramètres (?, $1) n’ont pas de valeur ici : écrivez la valeur elle-même."
        case "depth":
            return _describe_too_deep()
        case "catalogue":
            return (
                f"« {name} »{where} n’est pas accessible : {_ONLY_READS}. "
                "SHOW TABLES donne leurs noms, DESCRIBE strategies les colonnes de l’une d’elles."
            )
        case "own_name":
            return (
                f"« {name} » ne peut pas nommer une table de WITH : "
                "un nom commence par une lettre et n’a que des lettres, des chiffres et « _ »."
            )
        case "show":
            return (
                f"SHOW {name.upper()} n’est pas permis : {_ONLY_READS}. "
                "SHOW TABLES donne leurs noms, DESCRIBE strategies les colonnes de l’une d’elles."
            ).replace("SHOW  ", "SHOW ")
        case "statement":
            return _describe_statement(query)
        case _:
            return f"« {name} »{where} n’est pas permis : {_ONLY_READS}."


def _describe_statement(query: str) -> str:
    """Describe in French a statement that does not read, by its first word."""
    tokens = _COMMENT.sub(" ", query).split()
    word = tokens[0].strip("();").upper() if tokens else ""
    if "PIVOT" in query.upper():
        return (
            "PIVOT demande ici la liste de ses valeurs. Par exemple : "
            "PIVOT strategies ON type IN ('sdtan', 'scoran') USING count(*) GROUP BY statut"
        )
    return (
        f"« {word} » n’est pas permis : {_ONLY_READS}. "
        "Une requête commence par SELECT, WITH, FROM, DESCRIBE ou SUMMARIZE."
    )


def _describe_too_deep() -> str:
    """Describe that a query is nested too deeply."""
    return "La requête est trop imbriquée : séparez-la en étapes nommées par WITH."


def describe_unknown_table(name: str, where: str = "") -> str:
    """Describe that a table is not one of those that can be read."""
    return (
        f"« {name} »{where} n’est pas une table du jeu de données."
        f"{suggest(closest(name, tables()))} SHOW TABLES donne leurs noms."
    )


def describe_unknown_function(name: str, where: str = "") -> str:
    """Describe that a function is not one of those that can be called."""
    function_names = sorted(word for word in FUNCTIONS | TABLE_FUNCTIONS if word[0].isalpha())
    return (
        f"La fonction « {name} »{where} n’est pas permise ou n’existe pas : {_ONLY_READS}, "
        f"sans fichier, réseau ni réglage.{suggest(closest(name, function_names))}"
    )


def format_location(query: str, position: object, in_bytes: bool = True) -> str:
    """Return a position in a query as ` (ligne 2, colonne 5)`, or an empty text if unknown.

    DuckDB counts in bytes, save for errors of syntax, where it counts letters.
    """
    if position in (None, ""):
        return ""
    offset = int(position)
    before = query.encode()[:offset].decode(errors="ignore") if in_bytes else query[:offset]
    line, column = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
    return f" (ligne {line}, colonne {column})"


def _describe_oversize(kind: str, count: str, limits: Limits) -> str:
    match kind:
        case "columns":
            return (
                f"Le résultat a {pluralize(int(count), 'colonne')} ; la console en rend "
                f"{limits.columns} au plus : nommez celles qu’il vous faut."
            )
        case "names":
            return (
                "Les noms des colonnes du résultat sont trop longs : donnez-leur des noms courts "
                "avec AS."
            )
        case "cells":
            return (
                f"Le résultat dépasse {format_number(limits.cells)} cellules : "
                "demandez moins de colonnes, ou moins de lignes avec LIMIT."
            )
        case _:
            return (
                f"Le résultat dépasse {_format_megabytes(limits.bytes)} : "
                "demandez moins de colonnes, ou moins de lignes avec LIMIT."
            )


def _format_seconds(seconds: float) -> str:
    noun = "seconde" if seconds < 2 else "secondes"
    return f"{format_number(seconds, 1)}{NBSP}{noun}"


def _format_megabytes(size: int) -> str:
    return f"{format_number(size / 1e6)}{NBSP}Mo"
