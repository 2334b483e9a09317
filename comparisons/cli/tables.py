"""Export one table, whole or filtered, or all tables of the format."""

import io
from dataclasses import dataclass

from comparisons.errors import BadRequestError
from comparisons.exports import table_files, table_package, table_writers
from comparisons.queries import table_reader
from comparisons.queries.selection import Selection
from comparisons.schema.model import load_format
from comparisons.schema.registry import tables
from comparisons.schema.territory import parse_key

_ALL = "all"


@dataclass(frozen=True)
class ExportRequest:
    """Request of an export.

    A table by name (or `_ALL`), a level, the key of a territory, filters as in the API.
    """

    table: str
    level: str = ""
    territory: str = ""
    filters: tuple[str, ...] = ()


def to_bytes(request: ExportRequest, extension: str) -> bytes:
    """Return the bytes of the requested tables in a format.

    Raises `BadRequestError`, in French, for an unknown table, an invalid filter, or a format that
    cannot hold the table.
    """
    if request.table == _ALL:
        return _write_all_tables(request, extension)
    if request.table not in tables():
        raise BadRequestError(
            f"Table inconnue : « {request.table} ». Tables : {', '.join(tables())}, all."
        )
    if extension not in table_files.MEDIA_TYPES:
        raise BadRequestError(
            "Le format zip est celui du jeu entier : « export all --format zip »."
        )
    selection = Selection.from_query(request.table, _to_query(request))
    address = f"/api/v1/tables/{request.table}.{extension}?{selection.query_string}".rstrip("?")
    return table_files.to_bytes(selection, extension, address)


def _write_all_tables(request: ExportRequest, extension: str) -> bytes:
    if request.level or request.territory or request.filters:
        raise BadRequestError("« all » est le jeu entier : les filtres vont pour une table.")
    match extension:
        case "zip":
            return table_package.to_package_zip("")
        case "xlsx":
            return _to_workbook()
        case _:
            raise BadRequestError("« all » s’écrit en zip (un paquet de CSV) ou en xlsx.")


def _to_workbook() -> bytes:
    """Return all tables of the format as one workbook, a sheet each."""
    buffer = io.BytesIO()
    with table_writers.open_workbook(buffer) as writer:
        notes = [
            ("Source", table_writers.citation_sentence()),
            ("Licence", table_writers.LICENCE),
            table_writers.EMPTY_CELL,
            ("", ""),
            *((name, table.description) for name, table in load_format().tables.items()),
        ]
        table_writers.write_notes_sheet(writer, notes)
        for name in load_format().tables:
            table_writers.write_table_sheet(
                writer, name, table_reader.read_rows(Selection.from_query(name, {}))
            )
    return buffer.getvalue()


def _to_query(request: ExportRequest) -> dict[str, list[str]]:
    """Return the request as query parameters of the API, lists of values by name."""
    query: dict[str, list[str]] = {}
    for filter_text in request.filters:
        name, separator, value = filter_text.partition("=")
        if not separator:
            raise BadRequestError(
                f"« {filter_text} » n’est pas un filtre : on attend COLONNE=VALEUR."
            )
        query.setdefault(name, []).append(value)
    table = tables().get(request.table)
    if (request.level or request.territory) and table is not None and not table.located:
        raise BadRequestError(
            f"La table « {request.table} » ne nomme pas le territoire de chaque ligne : filtrez "
            "ses colonnes avec --filtre."
        )
    if request.level:
        query.setdefault("territoire_niveau", []).append(request.level)
    if request.territory:
        territory = parse_key(request.territory)
        query["territoire_niveau"] = [territory.niveau]
        query["territoire_code"] = [territory.code]
    return query
