"""Selection of rows of a table: filters, order, columns, page, parsed strictly from an address.

Parameters that are not filters begin with `_`, as no column does: `_tri`, `_colonnes`, `_limite`,
`_decalage`, `_libelles`, `_excel`, `_version`; so is `source_type` none, which filters facts by the
source that they cite.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self
from urllib.parse import urlencode

from pydantic import Field

from comparisons.database.connection import official_tables
from comparisons.errors import BadRequestError
from comparisons.formatting import format_number, join_words, pluralize
from comparisons.parameters import Flag, Parameters, Query, one_of, whole_number
from comparisons.queries.filters import TEXT_SEARCH_OPERATORS, Filter, parse_filter
from comparisons.schema.model import Table, source_families
from comparisons.schema.registry import tables

MAX_LIMIT = 1_000_000
# More than a person asks for; with all of them the largest table is read in about a second.
MAX_FILTERS = 20
MAX_SEARCHED_TEXTS = 10
MAX_SORTS = 5
SOURCE_TYPE = "source_type"
VERSION = Field(
    "",
    alias="_version",
    json_schema_extra={"pattern": "^[0-9a-f]{12}$"},
    description="version attendue du jeu de données : l’adresse ne change alors plus jamais",
)


class TableOptions(Parameters):
    """Parameters of a table that are not filters; `libelles` is None for that of the format."""

    tri: tuple[str, ...] = Field(
        (),
        alias="_tri",
        description="colonnes de l’ordre, séparées par des virgules ; « - » devant : décroissant",
    )
    colonnes: tuple[str, ...] = Field(
        (), alias="_colonnes", description="colonnes à donner, séparées par des virgules"
    )
    limite: whole_number(1, MAX_LIMIT) = Field(
        None, alias="_limite", description="nombre de lignes au plus"
    )
    decalage: whole_number(0, MAX_LIMIT) = Field(
        0, alias="_decalage", description="nombre de lignes à passer avant la première"
    )
    libelles: Flag = Field(
        None,
        alias="_libelles",
        description="oui ou non : avec les libellés des codes (colonnes …_libelle)",
    )
    excel: Flag = Field(
        None,
        alias="_excel",
        description="oui : CSV pour Excel en français (points-virgules, virgules décimales, BOM)",
    )
    version: str = VERSION
    source_type: one_of(source_families()) = Field(
        "", description="officielle : sans les faits dont la source n’est pas officielle"
    )


RESERVED_PARAMETERS = {
    field.alias or name: field.description for name, field in TableOptions.model_fields.items()
}


@dataclass(frozen=True)
class Selection:
    """Rows and columns of a table; by default, the whole table.

    `order` holds (column, is descending); `labels` is None for the default of the file format;
    a CSV is written as Excel reads it in France if it is `for_excel`.
    """

    table: Table
    filters: tuple[Filter, ...] = ()
    order: tuple[tuple[str, bool], ...] = ()
    columns: tuple[str, ...] = ()
    limit: int | None = None
    offset: int = 0
    labels: bool | None = None
    version: str = ""
    for_excel: bool = False
    source_type: str = ""

    @classmethod
    def from_query(cls, name: str, query: Query) -> Self:
        """Parse an address; raises `BadRequestError`, in French, for an invalid parameter.

        Raises `KeyError` for an unknown table.
        """
        table = tables()[name]
        controls = {
            key: values
            for key, values in query.items()
            if key.startswith("_") or key == SOURCE_TYPE
        }
        options = TableOptions.read_strictly(controls)
        _check_source_type(name, options.source_type)
        return cls(
            table,
            _parse_filters(table, {key: query[key] for key in query if key not in controls}),
            _parse_order(table, options.tri),
            _parse_columns(table, "_colonnes", options.colonnes),
            options.limite,
            options.decalage,
            options.libelles,
            options.version,
            bool(options.excel),
            options.source_type,
        )

    def to_query(self) -> dict[str, list[str]]:
        """Return the query parameters of this selection, identical for equal selections."""
        filters = {
            filter_.name: [",".join(filter_.texts)] if filter_.operator == "in" else filter_.texts
            for filter_ in sorted(self.filters, key=lambda filter_: filter_.name)
        }
        order = ",".join("-" * descending + column for column, descending in self.order)
        options = TableOptions().replace(
            tri=(order,) if order else (),
            colonnes=(",".join(self.columns),) if self.columns else (),
            limite=self.limit,
            decalage=self.offset,
            libelles=self.labels,
            excel=self.for_excel or None,
            version=self.version,
            source_type=self.source_type,
        )
        return filters | options.to_query()

    @property
    def query_string(self) -> str:
        """Return its query string, without the `?`."""
        return urlencode(self.to_query(), doseq=True, safe=",")

    @property
    def is_full_table(self) -> bool:
        """Return whether it is the whole table, with all its columns."""
        is_cut = self.limit is not None or self.offset
        return not (self.filters or self.source_type or self.columns or is_cut)

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
        if self.source_type:
            descriptions.append("sources officielles seulement")
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


def _check_source_type(name: str, source_type: str) -> None:
    """Raise `BadRequestError` for a table whose rows are not facts that cite sources."""
    if source_type and name not in (tables_by_source := official_tables()):
        raise BadRequestError(
            f"« {SOURCE_TYPE} » ne va pas pour la table {name}, dont les lignes ne citent pas de "
            f"source. Tables : {', '.join(tables_by_source)}."
        )


def _parse_filters(table: Table, query: Query) -> tuple[Filter, ...]:
    """Parse the filters of an address; raises `BadRequestError` for more than are read in time."""
    if len(query) > MAX_FILTERS:
        raise BadRequestError(f"{pluralize(len(query), 'filtre')} : {MAX_FILTERS} au plus.")
    filters = tuple(parse_filter(table, key, values) for key, values in query.items())
    texts = sum(
        len(filter_.values) for filter_ in filters if filter_.operator in TEXT_SEARCH_OPERATORS
    )
    if texts > MAX_SEARCHED_TEXTS:
        raise BadRequestError(
            f"{pluralize(texts, 'texte cherché', 'textes cherchés')} par « contains » ou "
            f"« startswith » : {MAX_SEARCHED_TEXTS} au plus."
        )
    return filters


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
    if len(names) > MAX_SORTS:
        raise BadRequestError(
            f"« _tri » nomme {pluralize(len(names), 'colonne')} : {MAX_SORTS} au plus."
        )
    return tuple(zip(names, (name.startswith("-") for name in signed_names), strict=True))
