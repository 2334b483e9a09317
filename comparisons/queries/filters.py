"""Filters on the columns of a table: each knows its SQL and the French sentence that tells it.

A filter is written `colonne=valeur` or `colonne__operateur=valeur`. Nothing is guessed: a value
that the column cannot hold is refused, since it would answer with no row, or with all of them.
"""

import math
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date

from rapidfuzz import process

from comparisons.errors import BadRequestError
from comparisons.formatting import MISSING, format_number, join_words
from comparisons.parameters import split_values
from comparisons.schema.model import Field, Table, code_label, vocabulary_codes

OPERATOR_SEPARATOR = "__"
MAX_VALUES = 200
MAX_VALUE_LENGTH = 1000
# beyond, a number is a mistake, and no column could hold it
MAX_NUMBER = 10**15 - 1
_YES, _NO = ("oui", "true"), ("non", "false")
FLAG_WORDS = _YES + _NO


@dataclass(frozen=True)
class Operator:
    """How a filter compares: its words in a sentence, the kinds of columns it goes for.

    `title` names it in a list of choices; the pages need no operator without one.
    """

    name: str
    words: str
    title: str
    kinds: frozenset[str]
    help: str
    many: bool = True


NUMBERS, DATES, TEXTS, LISTS, BOOLEANS = "nombre", "date", "texte", "liste", "oui_non"
_ALL = frozenset({NUMBERS, DATES, TEXTS, LISTS, BOOLEANS})
_ORDERED, _WORDED = frozenset({NUMBERS, DATES}), frozenset({DATES, TEXTS, LISTS})
_ANY, _ONE = True, False
OPERATORS = {
    name: Operator(name, words, title, kinds, help_, many)
    for name, words, title, kinds, many, help_ in (
        ("", "", "est", _ALL, _ANY, "est une des valeurs données (une liste : en contient une)"),
        ("in", "", "", _ALL, _ANY, "est une des valeurs, séparées par des virgules"),
        ("ne", "autre que", "n’est pas", _ALL, _ANY, "est renseignée, et aucune de ces valeurs"),
        ("gt", "plus de", "plus de", _ORDERED, _ONE, "est strictement plus grande, ou après"),
        ("gte", "au moins", "au moins", _ORDERED, _ONE, "est au moins égale, ou à partir de"),
        ("lt", "moins de", "moins de", _ORDERED, _ONE, "est strictement plus petite, ou avant"),
        ("lte", "au plus", "au plus", _ORDERED, _ONE, "est au plus égale, ou jusqu’à"),
        ("contains", "contient", "contient", _WORDED, _ANY, "contient ce texte, sans accents"),
        ("startswith", "commence par", "commence par", _WORDED, _ANY, "commence par ce texte"),
        ("isnull", "", "renseigné ou non", _ALL, _ONE, "oui : est vide ; non : est renseignée"),
    )
}
_SIGNS = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}


def column_kind(field: Field) -> str:
    """Return what a column holds, as far as comparing goes."""
    match field.type:
        case "list":
            return LISTS
        case "boolean":
            return BOOLEANS
        case "string":
            return DATES if field.kind == "date" else TEXTS
        case _:
            return NUMBERS


def operators_for(field: Field) -> list[Operator]:
    """List the operators that go for a column."""
    return [operator for operator in OPERATORS.values() if column_kind(field) in operator.kinds]


@dataclass(frozen=True)
class Filter:
    """A condition on one column; `values` are typed as the column is."""

    field: Field
    operator: str
    values: tuple[object, ...]

    @property
    def name(self) -> str:
        """Return the name of its parameter in an address."""
        return (
            f"{self.field.name}{OPERATOR_SEPARATOR}{self.operator}"
            if self.operator
            else self.field.name
        )

    @property
    def texts(self) -> list[str]:
        """Return its values as an address has them."""
        return [_written(value) for value in self.values]

    @property
    def sentence(self) -> str:
        """Describe it in French: `Montant : au moins 5 000 000 €`."""
        if self.operator == "isnull":
            empty = f"vide ({self.field.empty_means.rstrip('.')})" if self.field.empty_means else ""
            said = (empty or MISSING) if self.values[0] else "renseigné"
        else:
            words = OPERATORS[self.operator].words
            told = join_words((self._told(value) for value in self.values), "ou")
            said = f"{words} {told}".strip()
        return f"{self.field.title} : {said}"

    def _told(self, value: object) -> str:
        if isinstance(value, bool):
            return "oui" if value else "non"
        if self.operator in ("contains", "startswith"):
            return f"« {value} »"
        if self.field.vocabulary:
            return code_label(self.field.vocabulary, str(value))
        if column_kind(self.field) == NUMBERS and self.field.type != "year":
            return f"{format_number(value, 2)} {self.field.unit}".strip()
        return str(value)

    def sql(self) -> tuple[str, list[object]]:
        """Return its condition, and the parameters of it."""
        column, values = f'"{self.field.name}"', list(self.values)
        holds_list = column_kind(self.field) == LISTS
        match self.operator:
            case "isnull":
                more = f" OR len({column}) = 0" if holds_list else ""
                return f"{'' if values[0] else 'NOT '}({column} IS NULL{more})", []
            case "" | "in":
                if holds_list:
                    return f"list_has_any({column}, ?)", [values]
                return f"{column} IN ({_marks(values)})", values
            case "ne":
                if holds_list:
                    return f"NOT list_has_any({column}, ?)", [values]
                return f"{column} NOT IN ({_marks(values)})", values
            case "contains":
                text = f"array_to_string({column}, chr(10))" if holds_list else column
                one = f"contains({_folded(text)}, {_folded('?')})"
                return f"({' OR '.join([one] * len(values))})", values
            case "startswith":
                test = f"starts_with({_folded('x')}, {_folded('?')})"
                items = column if holds_list else f"[{column}]"
                one = f"len(list_filter({items}, lambda x: {test})) > 0"
                return f"({' OR '.join([one] * len(values))})", values
            case "gt" | "lte" if column_kind(self.field) == DATES:
                # the months of 2021 are in 2021: they are not after it
                cut = f"left({column}, {len(str(values[0])):d})"
                return f"{cut} {_SIGNS[self.operator]} ?", values
            case _:
                return f"{column} {_SIGNS[self.operator]} ?", values


def _marks(values: Sequence[object]) -> str:
    return ", ".join("?" for _ in values)


def _folded(expression: str) -> str:
    """Write a text without its accents, capitals and kinds of apostrophes, in SQL."""
    return f"replace(lower(strip_accents({expression})), '’', '''')"


def _written(value: object) -> str:
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def parse_filter(table: Table, parameter: str, raw: Sequence[str]) -> Filter:
    """Read one parameter of an address. Raises `BadRequestError`, in French.

    If it cannot be a filter.
    """
    column, _, operator = parameter.partition(OPERATOR_SEPARATOR)
    if column not in table.columns:
        raise BadRequestError(
            f"Filtre inconnu : « {column} ».{_did_you_mean(column, table.columns)} "
            f"Colonnes de {table.name} : {', '.join(table.columns)}."
        )
    field = table.field(column)
    known = [each.name for each in operators_for(field)]
    if operator not in OPERATORS or (OPERATOR_SEPARATOR in parameter and not operator):
        raise BadRequestError(
            f"Opérateur inconnu : « {OPERATOR_SEPARATOR}{operator} "
            f"».{_did_you_mean(operator, known)} "
            f"Opérateurs de « {column} » : {_listed(known)}."
        )
    if operator not in known:
        raise BadRequestError(
            f"« {OPERATOR_SEPARATOR}{operator} » ne va pas pour « {column} » "
            f"({column_kind(field).replace('_', '-')}). "
            f"Opérateurs possibles : {_listed(known)}."
        )
    values = split_values(raw) if operator == "in" else list(dict.fromkeys(raw))
    if not values or not all(values):
        raise BadRequestError(
            f"Le filtre « {parameter} » est vide. Pour les cellules vides : {column}__isnull=oui."
        )
    if len(values) > 1 and not OPERATORS[operator].many:
        raise BadRequestError(f"« {parameter} » n’a qu’une valeur.")
    if len(values) > MAX_VALUES or max(map(len, values)) > MAX_VALUE_LENGTH:
        raise BadRequestError(
            f"« {parameter} » a trop de valeurs, ou de trop longues : {MAX_VALUES} valeurs de "
            f"{format_number(MAX_VALUE_LENGTH)} caractères au plus."
        )
    return Filter(field, operator, tuple(_typed(field, operator, value) for value in values))


def _typed(field: Field, operator: str, value: str) -> object:
    """Read a value as its column holds it."""
    if operator == "isnull":
        return _flag(field, value)
    if operator in ("contains", "startswith"):
        return value
    if field.vocabulary:
        return _code(field, value)
    match column_kind(field):
        case "nombre":
            return _number(field, value)
        case "oui_non":
            return _flag(field, value)
        case "date":
            return _date(field, value)
        case _:
            return value


def _date(field: Field, value: str) -> str:
    """Read a date of the format, whole or partial."""
    if re.fullmatch(r"\d{4}(-\d{2}(-\d{2})?)?", value, re.ASCII):
        with suppress(ValueError):
            date.fromisoformat(value + "-01-01"[len(value) - 4 :])
            return value
    raise BadRequestError(
        f"« {value} » pour « {field.name} » : on attend une date, comme 2021, 2021-06 ou "
        "2021-06-24."
    )


def _flag(field: Field, value: str) -> bool:
    if value.casefold() not in _YES + _NO:
        raise BadRequestError(f"« {value} » pour « {field.name} » : on attend oui ou non.")
    return value.casefold() in _YES


def _code(field: Field, value: str) -> str:
    known = vocabulary_codes(field.vocabulary)
    if value not in known:
        raise BadRequestError(
            f"« {value} » n’est pas une valeur de « {field.name} ».{_did_you_mean(value, known)} "
            f"Valeurs : {', '.join(known)}."
        )
    return value


def _number(field: Field, value: str) -> float | int:
    try:
        # « 1 000 000,5 » as a page writes it, with any kind of space; not « 1_000 »
        read = float(re.sub(r"\s", "", value).replace(",", ".").replace("_", "?"))
    except ValueError:
        read = math.nan
    whole = field.type != "number"
    if not abs(read) <= MAX_NUMBER or (whole and not read.is_integer()):
        what = "un nombre entier, comme 2018" if whole else "un nombre, comme 12500 ou 0.5"
        raise BadRequestError(f"« {value} » pour « {field.name} » : on attend {what}.")
    return int(read) if whole else read


def _listed(names: Sequence[str]) -> str:
    return ", ".join("=" if not name else f"{OPERATOR_SEPARATOR}{name}" for name in names)


def _did_you_mean(word: str, known: Sequence[str]) -> str:
    found = process.extractOne(word, known, score_cutoff=65)
    return f" Voulez-vous dire « {found[0]} » ?" if found and found[0] else ""
