"""Filters on the columns of a table, with their SQL condition and their French description.

A filter is written `colonne=valeur` or `colonne__operateur=valeur`. A value that the column cannot
hold is refused, since it would match no row, or all of them.
"""

import math
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date

from rapidfuzz import fuzz

from comparisons.datapackage.known_territories import load_territory_reference, read_code
from comparisons.datapackage.territory_aliases import territories_meant
from comparisons.errors import BadRequestError
from comparisons.formatting import MISSING, closest, format_number, join_words, suggest
from comparisons.parameters import split_values
from comparisons.schema.model import Field, Table, code_label, vocabulary_codes

OPERATOR_SEPARATOR = "__"
MAX_VALUES = 200
MAX_VALUE_LENGTH = 1000
# beyond, a number is a mistake that no column could hold
MAX_NUMBER = 10**15 - 1
_TRUE_WORDS, _FALSE_WORDS = ("oui", "true"), ("non", "false")
FLAG_WORDS = tuple(
    written
    for word in _TRUE_WORDS + _FALSE_WORDS
    for written in (word, word.capitalize(), word.upper())
)
# numbers of an address as one writes them in French (« 1 000 000,5 »), besides those of JSON
_SPACE = "[ \u00a0\u202f]"
_DIGITS = rf"{_SPACE}*[+-]?{_SPACE}*(?:[0-9]{_SPACE}?){{1,15}}"
NUMBER_PATTERN = rf"{_DIGITS}(?:[.,][0-9]{{0,15}})?{_SPACE}*"
WHOLE_NUMBER_PATTERN = rf"{_DIGITS}(?:[.,]0{{0,15}})?{_SPACE}*"
_JSON_NUMBER = r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?"


NUMBERS, DATES, TEXTS, LISTS, BOOLEANS = "nombre", "date", "texte", "liste", "oui_non"
_ALL = frozenset({NUMBERS, DATES, TEXTS, LISTS, BOOLEANS})
_ORDERED, _WRITTEN = frozenset({NUMBERS, DATES}), frozenset({DATES, TEXTS, LISTS})


@dataclass(frozen=True)
class Operator:
    """Comparison of a filter: its phrase in a sentence, the kinds of columns it applies to.

    `title` is its label in menus; operators without one are not in the pages. `many` is whether it
    takes several values.
    """

    name: str
    phrase: str
    title: str
    help: str
    kinds: frozenset[str] = _ALL
    many: bool = True


_OPERATORS = (
    Operator("", "", "est", "est une des valeurs données (une liste : en contient une)"),
    Operator("in", "", "", "est une des valeurs, séparées par des virgules"),
    Operator("ne", "autre que", "n’est pas", "est renseignée, et aucune de ces valeurs"),
    Operator(
        "gt", "plus de", "plus de", "est strictement plus grande, ou après", _ORDERED, many=False
    ),
    Operator(
        "gte", "au moins", "au moins", "est au moins égale, ou à partir de", _ORDERED, many=False
    ),
    Operator(
        "lt", "moins de", "moins de", "est strictement plus petite, ou avant", _ORDERED, many=False
    ),
    Operator("lte", "au plus", "au plus", "est au plus égale, ou jusqu’à", _ORDERED, many=False),
    Operator("contains", "contient", "contient", "contient ce texte, sans accents", _WRITTEN),
    Operator("startswith", "commence par", "commence par", "commence par ce texte", _WRITTEN),
    Operator("isnull", "", "renseigné ou non", "oui : est vide ; non : est renseignée", many=False),
)
OPERATORS = {operator.name: operator for operator in _OPERATORS}
TEXT_SEARCH_OPERATORS = ("contains", "startswith")
_SQL_SIGNS = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}


def column_kind(field: Field) -> str:
    """Return the kind of values of a column: number, date, text, list or boolean."""
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
    """List the operators that apply to a column."""
    return [operator for operator in OPERATORS.values() if column_kind(field) in operator.kinds]


@dataclass(frozen=True)
class Filter:
    """A condition on one column; `values` have the type of the column."""

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
        """Return its values as texts of an address."""
        return [_value_to_text(value) for value in self.values]

    @property
    def sentence(self) -> str:
        """Describe it in French: `Montant : au moins 5 000 000 €`."""
        if self.operator == "isnull":
            empty_label = (
                f"vide ({self.field.empty_means.rstrip('.')})" if self.field.empty_means else ""
            )
            condition = (empty_label or MISSING) if self.values[0] else "renseigné"
        else:
            phrase = OPERATORS[self.operator].phrase
            values_text = join_words((self._describe_value(value) for value in self.values), "ou")
            condition = f"{phrase} {values_text}".strip()
        return f"{self.field.title} : {condition}"

    def _describe_value(self, value: object) -> str:
        if isinstance(value, bool):
            return "oui" if value else "non"
        if self.operator in TEXT_SEARCH_OPERATORS:
            return f"« {value} »"
        if self.field.vocabulary:
            return code_label(self.field.vocabulary, str(value))
        if column_kind(self.field) == NUMBERS and self.field.type != "year":
            return f"{format_number(value, 2)} {self.field.unit}".strip()
        return str(value)

    def sql(self) -> tuple[str, list[object]]:
        """Return its SQL condition and the parameters of the condition."""
        column, values = f'"{self.field.name}"', list(self.values)
        holds_list = column_kind(self.field) == LISTS
        match self.operator:
            case "isnull":
                empty_condition = f" OR len({column}) = 0" if holds_list else ""
                return f"{'' if values[0] else 'NOT '}({column} IS NULL{empty_condition})", []
            case "" | "in":
                if holds_list:
                    return f"list_has_any({column}, ?)", [values]
                return f"{column} IN ({_placeholders(values)})", values
            case "ne":
                if holds_list:
                    return f"NOT list_has_any({column}, ?)", [values]
                return f"{column} NOT IN ({_placeholders(values)})", values
            case "contains":
                text = f"array_to_string({column}, chr(10))" if holds_list else column
                condition = f"contains({_fold_sql(text)}, {_fold_sql('?')})"
                return f"({' OR '.join([condition] * len(values))})", values
            case "startswith":
                item_test = f"starts_with({_fold_sql('x')}, {_fold_sql('?')})"
                items = column if holds_list else f"[{column}]"
                condition = f"len(list_filter({items}, lambda x: {item_test})) > 0"
                return f"({' OR '.join([condition] * len(values))})", values
            case "gt" | "lte" if column_kind(self.field) == DATES:
                # dates are cut to the precision of the value: a month of 2021 is not after 2021
                truncated = f"left({column}, {len(str(values[0])):d})"
                return f"{truncated} {_SQL_SIGNS[self.operator]} ?", values
            case _:
                return f"{column} {_SQL_SIGNS[self.operator]} ?", values


def _placeholders(values: Sequence[object]) -> str:
    return ", ".join("?" for _ in values)


def _fold_sql(expression: str) -> str:
    """Return an SQL expression of a text without accents, capitals nor curly apostrophes."""
    return f"replace(lower(strip_accents({expression})), '’', '''')"


def _value_to_text(value: object) -> str:
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def parse_filter(table: Table, parameter: str, raw: Sequence[str]) -> Filter:
    """Parse one parameter of an address; raises `BadRequestError`, in French, if it is invalid."""
    column, _, operator = parameter.partition(OPERATOR_SEPARATOR)
    if column not in table.columns:
        raise BadRequestError(
            f"Filtre inconnu : « {column} ».{_suggestion(column, table.columns)} "
            f"Colonnes de {table.name} : {', '.join(table.columns)}."
        )
    field = table.field(column)
    operator_names = [known_operator.name for known_operator in operators_for(field)]
    if operator not in OPERATORS or (OPERATOR_SEPARATOR in parameter and not operator):
        raise BadRequestError(
            f"Opérateur inconnu : « {OPERATOR_SEPARATOR}{operator} "
            f"».{_suggestion(operator, operator_names)} "
            f"Opérateurs de « {column} » : {_join_operators(operator_names)}."
        )
    if operator not in operator_names:
        raise BadRequestError(
            f"« {OPERATOR_SEPARATOR}{operator} » ne va pas pour « {column} » "
            f"({column_kind(field).replace('_', '-')}). "
            f"Opérateurs possibles : {_join_operators(operator_names)}."
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
    return Filter(field, operator, tuple(_parse_value(field, operator, value) for value in values))


def _parse_value(field: Field, operator: str, value: str) -> object:
    """Parse a value to the type of its column."""
    if operator == "isnull":
        return _parse_flag(field, value)
    if operator in TEXT_SEARCH_OPERATORS:
        return value
    if field.vocabulary:
        return _parse_code(field, value)
    match column_kind(field):
        case "nombre":
            return _parse_number(field, value, operator)
        case "oui_non":
            return _parse_flag(field, value)
        case "date":
            return _parse_date(field, value)
        case _:
            return _check_territory(value) if field.name == "territoire_code" else value


def _check_territory(code: str) -> str:
    """Return the code of a territory; raises `BadRequestError`, with what was meant, for another.

    A filter on a code that does not exist would match no row.
    """
    reference = load_territory_reference()
    levels = vocabulary_codes("niveaux")
    if any((level, code) in reference.codes for level in levels):
        return code
    meant = [known for _, known in territories_meant(code)]
    if former := reference.former_communes.get(code):
        meant.append(former.commune_code)
    meant += [known for level in levels if (known := read_code(reference.codes, level, code))]
    advice = f" Voulez-vous dire {join_words(dict.fromkeys(meant), 'ou')} ?" if meant else ""
    raise BadRequestError(
        f"« {code} » n’est le code d’aucun territoire.{advice} Codes Insee, ou Siren des "
        "intercommunalités : table « territoires »."
    )


def _parse_date(field: Field, value: str) -> str:
    """Check a date of the format, whole or partial, and return it."""
    if re.fullmatch(r"\d{4}(-\d{2}(-\d{2})?)?", value, re.ASCII):
        with suppress(ValueError):
            date.fromisoformat(value + "-01-01"[len(value) - 4 :])
            return value
    raise BadRequestError(
        f"« {value} » pour « {field.name} » : on attend une date, comme 2021, 2021-06 ou "
        "2021-06-24."
    )


def _parse_flag(field: Field, value: str) -> bool:
    if value not in FLAG_WORDS:
        raise BadRequestError(f"« {value} » pour « {field.name} » : on attend oui ou non.")
    return value.casefold() in _TRUE_WORDS


def _parse_code(field: Field, value: str) -> str:
    codes = vocabulary_codes(field.vocabulary)
    if value not in codes:
        raise BadRequestError(
            f"« {value} » n’est pas une valeur de « {field.name} ».{_suggestion(value, codes)} "
            f"Valeurs : {', '.join(codes)}."
        )
    return value


def _parse_number(field: Field, value: str, operator: str) -> float | int:
    # between commas, numbers have no exponent: a pattern describes them
    patterns = (NUMBER_PATTERN,) if operator == "in" else (NUMBER_PATTERN, _JSON_NUMBER)
    is_number = any(re.fullmatch(pattern, value) for pattern in patterns)
    number = float(re.sub(_SPACE, "", value).replace(",", ".")) if is_number else math.nan
    is_integer = field.type != "number"
    if not abs(number) <= MAX_NUMBER or (is_integer and not number.is_integer()):
        expectation = (
            "un nombre entier, comme 2018" if is_integer else "un nombre, comme 12500 ou 0.5"
        )
        raise BadRequestError(f"« {value} » pour « {field.name} » : on attend {expectation}.")
    return int(number) if is_integer else number


def _join_operators(names: Sequence[str]) -> str:
    return ", ".join("=" if not name else f"{OPERATOR_SEPARATOR}{name}" for name in names)


def _suggestion(word: str, candidates: Sequence[str]) -> str:
    # « nom » is nearer to « territoire_nom » than to « note »
    return suggest(closest(word, candidates, 65, fuzz.WRatio))
