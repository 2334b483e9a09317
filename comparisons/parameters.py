"""Parameters of pages, API and commands: pydantic models, each parameter declared once.

A page reads its address leniently (`from_query`): an invalid value is ignored, with a French
notice. The API and the command line read strictly (`read_strictly`): it is refused, in French.
Names are short, French and stable: addresses are shared and printed, without their defaults.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Self, get_origin

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    WithJsonSchema,
)
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails, PydanticCustomError

from comparisons.errors import BadRequestError
from comparisons.formatting import format_number, join_words
from comparisons.schema.territory import KEY_PATTERN, parse_key

Query = Mapping[str, Sequence[str]]


# --- errors --------------------------------------------------------------------------------------

# kind of error → notice of a page, refusal of the API and of commands
_SENTENCES = {
    "choice": (
        "« {value} » n’est pas une valeur de « {name} » et a été ignoré ; "
        "valeurs possibles : {expected}.",
        "« {value} » n’est pas une valeur de « {name} » ; valeurs possibles : {expected}.",
    ),
    "pattern": (
        "« {value} » a été ignoré pour « {name} » : on attend {expected}.",
        "« {value} » ne va pas pour « {name} » : on attend {expected}.",
    ),
    "territory": ("{expected}", "{expected}"),
    "limit": (
        "Seuls les {expected} premiers {noun}s sont gardés.",
        "{value}\u00a0{noun}s : c’est trop, {expected} au plus.",
    ),
    "unknown": ("", "Paramètre inconnu : « {name} ». Paramètres : {expected}."),
    "empty": ("", "Le paramètre « {name} » est vide."),
    "repeated": ("", "« {name} » n’a qu’une valeur."),
}
_ITEM_NOUNS = {
    **dict.fromkeys(("t", "avec", "panier"), "territoire"),
    "doc": "document",
}


@dataclass(frozen=True)
class ParameterError:
    """A value that a parameter does not take, as a page and as the API say it.

    `kind` is a key of `_SENTENCES`, `expected` what the parameter takes, in French.
    """

    kind: str
    name: str
    value: str = ""
    expected: str = ""

    @property
    def notice(self) -> str:
        """Return the notice of a page, which ignores the value."""
        return self._render(0)

    @property
    def refusal(self) -> str:
        """Return the refusal of the API or of a command."""
        return self._render(1)

    def _render(self, reader: int) -> str:
        noun = _ITEM_NOUNS.get(self.name, "élément")
        return _SENTENCES[self.kind][reader].format(**vars(self), noun=noun)


def _to_error(details: ErrorDetails) -> ParameterError:
    """Return what pydantic found as an error of this module."""
    name, context = str(details["loc"][0]), details["ctx"]
    if details["type"] == "too_long":
        return ParameterError(
            "limit", name, str(context["actual_length"]), str(context["max_length"])
        )
    return ParameterError(details["type"], name, str(details["input"]), context["expected"])


# --- types ---------------------------------------------------------------------------------------

# values may be separated by commas, too
SEPARATED = "separated by commas"


def _text_type(kind: str, is_valid: Callable[[str], bool], expected: str, schema: dict) -> type:
    """Return the type of a text that is empty or valid; `schema` is its JSON Schema."""

    def check(value: str) -> str:
        if value and not is_valid(value):
            raise PydanticCustomError(kind, "{expected}", {"expected": expected})
        return value

    return Annotated[str, AfterValidator(check), WithJsonSchema(schema)]


def one_of(values: Iterable[str], expected: str = "") -> type:
    """Return the type of one value of a list; `expected` describes the list in French."""
    values = tuple(values)
    kind, expected = ("pattern", expected) if expected else ("choice", join_words(values, "ou"))
    return _text_type(kind, values.__contains__, expected, {"type": "string", "enum": values})


def matching(pattern: str, expected: str) -> type:
    """Return the type of a text that matches a pattern; `expected` describes it in French."""
    schema = {"type": "string", "pattern": f"^({pattern})$"}
    return _text_type("pattern", re.compile(pattern).fullmatch, expected, schema)


def whole_number(minimum: int, maximum: int) -> type:
    """Return the type of a whole number, written with digits only."""
    expected = f"un nombre entier de {minimum} à {format_number(maximum)}"

    def check(value: str) -> str:
        is_number = value.isascii() and value.isdigit() and len(value) < 10
        if not is_number or not minimum <= int(value) <= maximum:
            raise PydanticCustomError("pattern", "{expected}", {"expected": expected})
        return value

    return Annotated[int, Field(ge=minimum, le=maximum), BeforeValidator(check)]


def _check_key(key: str) -> str:
    try:
        return parse_key(key).key if key else ""
    except ValueError as error:
        raise PydanticCustomError("territory", "{expected}", {"expected": str(error)}) from error


def _read_flag(value: str | bool) -> bool:
    if isinstance(value, str) and value not in ("oui", "non"):
        raise PydanticCustomError("choice", "{expected}", {"expected": "oui ou non"})
    return value in ("oui", True)


Flag = Annotated[
    bool, BeforeValidator(_read_flag), WithJsonSchema({"type": "string", "enum": ["oui", "non"]})
]
_Key = Annotated[
    str,
    AfterValidator(_check_key),
    WithJsonSchema({"type": "string", "pattern": f"^{KEY_PATTERN.pattern}$"}),
]
TerritoryKey = Annotated[_Key, SEPARATED]
TerritoryKeys = Annotated[tuple[_Key, ...], SEPARATED]


def split_values(texts: Sequence[str]) -> list[str]:
    """Split values, repeated or separated by commas, into a list without duplicates."""
    values = [part.strip() for text in texts for part in text.split(",") if part.strip()]
    return list(dict.fromkeys(values))


# --- reading -------------------------------------------------------------------------------------


class Parameters(BaseModel):
    """All the parameters of a page or of an address: equal parameters give the same answer."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @classmethod
    def from_query(cls, query: Query) -> tuple[Self, list[str]]:
        """Read an address; return the parameters and a French notice per ignored value."""
        parameters, errors = cls._read(query)
        return parameters, [error.notice for error in errors]

    @classmethod
    def read_strictly(cls, query: Query) -> Self:
        """Read an address; raise `BadRequestError` for anything unknown, empty or invalid."""
        fields = {field.alias or name: field for name, field in cls.model_fields.items()}
        errors = []
        for name, texts in query.items():
            if name not in fields:
                known = ", ".join(fields) or "aucun"
                errors.append(ParameterError("unknown", name, expected=known))
            elif not all(texts):
                errors.append(ParameterError("empty", name))
            elif len(texts) > 1 and not _is_list(fields[name]):
                errors.append(ParameterError("repeated", name))
        if not errors:
            parameters, errors = cls._read(query)
        if errors:
            raise BadRequestError(" ".join(error.refusal for error in errors))
        return parameters

    @classmethod
    def _read(cls, query: Query) -> tuple[Self, list[ParameterError]]:
        """Return the valid values of an address, and an error for each of the others."""
        texts, lists, errors = {}, set(), []
        for name, field in cls.model_fields.items():
            given = query.get(field.alias or name, ())
            split = split_values(given) if SEPARATED in field.metadata else given
            texts[field.alias or name] = list(dict.fromkeys(filter(None, split)))
            if _is_list(field):
                lists.add(field.alias or name)
        while True:
            values = {name: given if name in lists else given[0]
                      for name, given in texts.items() if given}  # fmt: skip
            try:
                return cls.model_validate(values), errors
            except ValidationError as invalid:
                found = invalid.errors(include_url=False)
            errors += map(_to_error, found)
            for details in reversed(found):
                name, *index = details["loc"]
                if details["type"] == "too_long":
                    del texts[name][details["ctx"]["max_length"] :]
                else:
                    del texts[name][index[0] if index else 0]

    def replace(self, **values: object) -> Self:
        """Return these parameters with some values replaced."""
        return self.model_copy(update=values)

    def to_query(self) -> dict[str, list[str]]:
        """Write the address of these parameters, without the defaults."""
        query = {}
        for name, value in self:
            field = type(self).model_fields[name]
            if value != field.default:
                values = value if isinstance(value, tuple) else (value,)
                query[field.alias or name] = list(map(_to_text, values))
        return query


def _is_list(field: FieldInfo) -> bool:
    return get_origin(field.annotation) is tuple


def _to_text(value: str | bool | int) -> str:
    return {True: "oui", False: "non"}[value] if isinstance(value, bool) else str(value)
