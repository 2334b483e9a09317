"""Why a query has no answer, and how to mend it: sentences in French.

What DuckDB itself says is put into French by `messages`; here is what the console refuses.
"""

import re
from collections.abc import Collection, Mapping

from rapidfuzz import fuzz, process

from comparisons.database.sandbox.limits import MAX_CHARACTERS, Limits
from comparisons.database.sandbox.process.ast_guard import FUNCTIONS, TABLE_FUNCTIONS
from comparisons.errors import BadRequestError, PayloadTooLargeError
from comparisons.formatting import NBSP, format_number, pluralize
from comparisons.schema.registry import tables

ONLY_READS = "la console ne fait que lire les tables du jeu de données"
# Below, two words have too little in common for one to be meant by the other.
_ALIKE = 70
# What is repeated of a query in a sentence.
_LONGEST = 80
_COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)


class QueryQueueFullError(BadRequestError):
    """Others are being answered."""

    status = 503


class QueryTimeoutError(BadRequestError):
    """The query takes more time than it may."""

    status = 504


def empty() -> BadRequestError:
    """Refuse a query in which nothing is written."""
    return BadRequestError("La requête est vide. Par exemple : SELECT * FROM strategies")


def too_long(length: int) -> BadRequestError:
    """Refuse a query whose text is too long."""
    return PayloadTooLargeError(
        f"La requête fait {pluralize(length, 'caractère')} ; "
        f"la console en accepte {format_number(MAX_CHARACTERS)}."
    )


def odd_character(character: str) -> BadRequestError:
    """Refuse a query that holds a character of no text."""
    code = f"U+{ord(character):04X}"
    return BadRequestError(f"La requête contient un caractère de contrôle ({code}) : effacez-le.")


def busy() -> BadRequestError:
    """Refuse a query because others are being answered."""
    return QueryQueueFullError("Trop de requêtes à la fois : réessayez dans quelques secondes.")


def too_slow(limits: Limits) -> BadRequestError:
    """Refuse a query that takes too long."""
    return QueryTimeoutError(
        f"La requête a été arrêtée après {_seconds(limits.seconds)} : lisez moins de lignes, "
        "ou vérifiez les conditions qui joignent les tables (JOIN … USING, ON)."
    )


def too_much_memory(limits: Limits) -> BadRequestError:
    """Refuse a query that takes too much memory, or that breaks its process."""
    return PayloadTooLargeError(
        f"La requête demande plus de mémoire que permis ({_megabytes(limits.memory)}) : "
        "lisez moins de lignes ou de colonnes, ou agrégez avant de trier et de joindre."
    )


def internal_error() -> BadRequestError:
    """Refuse a query on which DuckDB, or the sandbox, fails."""
    return BadRequestError("La requête a mis la console en défaut : écrivez-la autrement.")


def refused(error: Mapping, query: str, limits: Limits) -> BadRequestError:
    """Translate into French why the sandbox did not answer a query."""
    kind, name = error["kind"], shorten(str(error["name"]))
    where = location(query, error["position"])
    match kind:
        case "memory":
            return too_much_memory(limits)
        case "columns" | "cells" | "bytes":
            return PayloadTooLargeError(_too_large(kind, name, limits))
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
            return BadRequestError(unknown_table(name, where))
        case "function":
            return BadRequestError(unknown_function(name, where))
        case _:
            return BadRequestError(_not_allowed(kind, name, where, query))


def _not_allowed(kind: str, name: str, where: str, query: str) -> str:
    match kind:
        case "empty":
            return str(empty())
        case "several":
            return (
                "Une seule requête à la fois : gardez-en une, et un seul point-virgule, à la fin."
            )
        case "parameter":
            return "Les paramètres (?, $1) n’ont pas de valeur ici : écrivez la valeur elle-même."
        case "depth":
            return too_deep()
        case "catalogue":
            return (
                f"« {name} »{where} n’est pas accessible : {ONLY_READS}. "
                "SHOW TABLES donne leurs noms, DESCRIBE strategies les colonnes de l’une d’elles."
            )
        case "own_name":
            return (
                f"« {name} » ne peut pas nommer une table de WITH : "
                "un nom commence par une lettre et n’a que des lettres, des chiffres et « _ »."
            )
        case "show":
            return (
                f"SHOW {name.upper()} n’est pas permis : {ONLY_READS}. "
                "SHOW TABLES donne leurs noms, DESCRIBE strategies les colonnes de l’une d’elles."
            ).replace("SHOW  ", "SHOW ")
        case "statement":
            return _statement(query)
        case _:
            return f"« {name} »{where} n’est pas permis : {ONLY_READS}."


def _statement(query: str) -> str:
    """Refuse what is no reading, by the word it begins with."""
    words = _COMMENT.sub(" ", query).split()
    word = words[0].strip("();").upper() if words else ""
    if "PIVOT" in query.upper():
        return (
            "PIVOT demande ici la liste de ses valeurs. Par exemple : "
            "PIVOT strategies ON type IN ('sdtan', 'scoran') USING count(*) GROUP BY statut"
        )
    return (
        f"« {word} » n’est pas permis : {ONLY_READS}. "
        "Une requête commence par SELECT, WITH, FROM, DESCRIBE ou SUMMARIZE."
    )


def too_deep() -> str:
    """Describe that parts of a query are inside too many others."""
    return "La requête est trop imbriquée : séparez-la en étapes nommées par WITH."


def unknown_table(name: str, where: str = "") -> str:
    """Describe that a table is not one of those that can be read."""
    return (
        f"« {name} »{where} n’est pas une table du jeu de données."
        f"{meant(name, tables())} SHOW TABLES donne leurs noms."
    )


def unknown_function(name: str, where: str = "") -> str:
    """Describe that a function is not one of those that can be called."""
    known = sorted(word for word in FUNCTIONS | TABLE_FUNCTIONS if word[0].isalpha())
    return (
        f"La fonction « {name} »{where} n’est pas permise ou n’existe pas : {ONLY_READS}, "
        f"sans fichier, réseau ni réglage.{meant(name, known)}"
    )


def meant(name: str, known: Collection[str]) -> str:
    """Describe which known name may have been meant; nothing when none is alike."""
    found = process.extractOne(name.casefold(), list(known), scorer=fuzz.ratio, score_cutoff=_ALIKE)
    return f" Voulez-vous dire « {found[0]} »{NBSP}?" if found else ""


def shorten(name: str) -> str:
    """Keep the beginning of a name or text that a query holds."""
    return name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"


def location(query: str, position: object, in_bytes: bool = True) -> str:
    """Write where in a query something is: ` (ligne 2, colonne 5)`; nothing if it is not known.

    DuckDB counts in bytes, save for errors of syntax, where it counts letters.
    """
    if position in (None, ""):
        return ""
    end = int(position)
    before = query.encode()[:end].decode(errors="ignore") if in_bytes else query[:end]
    line, column = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
    return f" (ligne {line}, colonne {column})"


def _too_large(kind: str, count: str, limits: Limits) -> str:
    match kind:
        case "columns":
            return (
                f"Le résultat a {count} colonnes ; la console en rend {limits.columns} au plus : "
                "nommez celles qu’il vous faut."
            )
        case "cells":
            return (
                f"Le résultat dépasse {format_number(limits.cells)} cellules : "
                "demandez moins de colonnes, ou moins de lignes avec LIMIT."
            )
        case _:
            return (
                f"Le résultat dépasse {_megabytes(limits.bytes)} : "
                "demandez moins de colonnes, ou moins de lignes avec LIMIT."
            )


def _seconds(seconds: float) -> str:
    unit = "seconde" if seconds < 2 else "secondes"
    return f"{format_number(seconds, 1)}{NBSP}{unit}"


def _megabytes(size: int) -> str:
    return f"{format_number(size / 1e6)}{NBSP}Mo"
