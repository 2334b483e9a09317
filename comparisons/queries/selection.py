"""Selection of rows of a table: filters, order, columns, page, parsed strictly from an address.

Parameters that are not filters begin with `_`, as no column does: `_tri`, `_colonnes`, `_limite`,
`_decalage`, `_libelles`, `_version`.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Self
from urllib.parse import urlencode

from comparisons.errors import BadRequestError
from comparisons.formatting import format_number, join_words
from comparisons.parameters import Query, check_single
from comparisons.queries.filters import Filter, parse_filter
from comparisons.schema.model import Table
from comparisons.schema.registry import tables

MAX_LIMIT = 1_000_000
RESERVED_PARAMETERS = {
    "_tri": "colonnes de l’ordre, séparées par des virgules ; « - » devant : décroissant",
    "_colonnes": "colonnes à donner, séparées par des virgules",
    "_limite": "nombre de lignes au plus",
    "_decalage": "nombre de lignes à passer avant la première",
    "_libelles": "oui ou non : avec les libellés des codes (colonnes …_libelle)",
    "_version": "version attendue du jeu de données : l’adresse ne change alors plus jamais",
}


@dataclass(frozen=True)
class Selection:
    """Rows and columns of a table; by default, the whole table.

    `order` holds (column, is descending); `labels` is None for the default of the file format.
    """

    table: Table
    filters: tuple[Filter, ...] = ()
    order: tuple[tuple[str, bool], ...] = ()
    columns: tuple[str, ...] = ()
    limit: int | None = None
    offset: int = 0
    labels: bool | None = None
    version: str = ""

    @classmethod
    def from_query(cls, name: str, query: Query) -> Self:
        """Parse an address; raises `BadRequestError`, in French, for an invalid parameter.

        Raises `KeyError` for an unknown table.
        """
        table = tables()[name]
        controls = {key: values for key, values in query.items() if key.startswith("_")}
        for control, values in controls.items():
            if control not in RESERVED_PARAMETERS:
                raise BadRequestError(
                    f"Paramètre inconnu : « {control} ». Paramètres : "
                    f"{', '.join(RESERVED_PARAMETERS)} ; "
                    f"les autres noms sont des filtres, sur les colonnes de {name}."
                )
            if not all(values):
                raise BadRequestError(f"Le paramètre « {control} » est vide.")
        check_single(controls, ("_limite", "_decalage", "_libelles", "_version"))
        value_by_control = {control: values[0] for control, values in controls.items()}
        return cls(
            table,
            tuple(
                parse_filter(table, key, values)
                for key, values in query.items()
                if key not in controls
            ),
            _parse_order(table, controls.get("_tri", ())),
            _parse_columns(table, "_colonnes", controls.get("_colonnes", ())),
            _parse_count(value_by_control, "_limite", 1) if "_limite" in value_by_control else None,
            _parse_count(value_by_control, "_decalage", 0)
            if "_decalage" in value_by_control
            else 0,
            _parse_flag(value_by_control["_libelles"]) if "_libelles" in value_by_control else None,
            value_by_control.get("_version", ""),
        )

    def to_query(self) -> dict[str, list[str]]:
        """Return the query parameters of this selection, identical for equal selections."""
        query = {
            condition.name: condition.texts
            for condition in sorted(self.filters, key=lambda filter_: filter_.name)
        }
        for filter_ in self.filters:
            if filter_.operator == "in":
                query[filter_.name] = [",".join(filter_.texts)]
        if self.order:
            query["_tri"] = [
                ",".join("-" * descending + column for column, descending in self.order)
            ]
        if self.columns:
            query["_colonnes"] = [",".join(self.columns)]
        if self.limit is not None:
            query["_limite"] = [str(self.limit)]
        if self.offset:
            query["_decalage"] = [str(self.offset)]
        if self.labels is not None:
            query["_libelles"] = ["oui" if self.labels else "non"]
        if self.version:
            query["_version"] = [self.version]
        return query

    @property
    def query_string(self) -> str:
        """Return its query string, without the `?`."""
        return urlencode(self.to_query(), doseq=True, safe=",")

    @property
    def is_full_table(self) -> bool:
        """Return whether it is the whole table, with all its columns."""
        return not (self.filters or self.columns or self.limit is not None or self.offset)

    @property
    def content_hash(self) -> str:
        """Return a short hash of the selection, for the name of a file; empty for a whole table."""
        if self.is_full_table and not self.order:
            return ""
        selection = replace(self, labels=None, version="")
        return hashlib.sha256(selection.query_string.encode()).hexdigest()[:8]

    @property
    def file_stem(self) -> str:
        """Return the name of its files, without extension."""
        return f"{self.table.name}-{self.content_hash}" if self.content_hash else self.table.name

    @property
    def sentence(self) -> str:
        """Describe the selection in French."""
        descriptions = [condition.sentence for condition in self.filters]
        if self.columns:
            descriptions.append(f"colonnes {join_words(self.columns)}")
        if self.limit is not None or self.offset:
            first = self.offset + 1
            last = "la fin" if self.limit is None else format_number(self.offset + self.limit)
            descriptions.append(f"lignes {format_number(first)} à {last}")
        return " ; ".join(descriptions) or "table entière"

    @property
    def visible_columns(self) -> tuple[str, ...]:
        """Return columns of the result, without labels."""
        return self.columns or self.table.columns


def _parse_columns(table: Table, control: str, raw: Sequence[str]) -> tuple[str, ...]:
    names = _parse_names(control, raw)
    for name in names:
        if name not in table.columns:
            raise BadRequestError(
                f"Colonne inconnue dans « {control} » : « {name} ». "
                f"Colonnes de {table.name} : {', '.join(table.columns)}."
            )
    return tuple(names)


def _parse_names(control: str, raw: Sequence[str]) -> list[str]:
    """Split names; raises `BadRequestError` if one is empty or repeated, with or without « - »."""
    names = [part.strip() for value in raw for part in value.split(",")]
    bare_names = [name.removeprefix("-") for name in names]
    if not all(bare_names):
        raise BadRequestError(f"« {control} » a un nom de colonne vide : une virgule de trop ?")
    if len(set(bare_names)) < len(bare_names):
        repeated_name = next(name for name in bare_names if bare_names.count(name) > 1)
        raise BadRequestError(f"« {control} » nomme deux fois la colonne « {repeated_name} ».")
    return names


def _parse_order(table: Table, raw: Sequence[str]) -> tuple[tuple[str, bool], ...]:
    signed_names = _parse_names("_tri", raw)
    names = _parse_columns(table, "_tri", [name.removeprefix("-") for name in signed_names])
    return tuple(zip(names, (name.startswith("-") for name in signed_names), strict=True))


def _parse_count(value_by_control: Mapping[str, str], control: str, minimum: int) -> int:
    text = value_by_control[control]
    value = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1
    if not minimum <= value <= MAX_LIMIT:
        raise BadRequestError(
            f"« {text} » pour « {control} » : on attend un nombre entier de {minimum} à "
            f"{format_number(MAX_LIMIT)}."
        )
    return value


def _parse_flag(value: str) -> bool:
    if value not in ("oui", "non"):
        raise BadRequestError(f"« {value} » pour « _libelles » : on attend oui ou non.")
    return value == "oui"
