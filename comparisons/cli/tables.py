"""Export one table, whole or filtered, or all tables of the format."""

import io
from dataclasses import dataclass

from comparisons.errors import BadRequestError
from comparisons.exports import table_files, table_package
from comparisons.exports import tables as exports
from comparisons.queries import table_reader
from comparisons.queries.selection import Selection
from comparisons.schema.model import load_format
from comparisons.schema.registry import tables
from comparisons.schema.territory import parse_key

ALL = "all"


@dataclass(frozen=True)
class Asked:
    """Request of an export.

    A table by name (or `ALL`), a level, the key of a territory, filters as in the API.
    """

    table: str
    level: str = ""
    territory: str = ""
    filters: tuple[str, ...] = ()


def content(request: Asked, extension: str) -> bytes:
    """Return the bytes of the requested tables in a format.

    Raises `BadRequestError`, in French, for an unknown table, an invalid filter, or a format that
    cannot hold the table.
    """
    if request.table == ALL:
        return _write_all_tables(request, extension)
    if request.table not in tables():
        raise BadRequestError(
            f"Table inconnue : « {request.table} ». Tables : {', '.join(tables())}, all."
        )
    if extension not in table_files.MEDIA_TYPES:
        raise BadRequestError(
            "Le format zip est celui du jeu entier : « export all --format zip »."
        )
    selection = Selection.read(request.table, _to_query(request))
    address = f"/api/v1/tables/{request.table}.{extension}?{selection.address}".rstrip("?")
    return table_files.to_bytes(selection, extension, address)


def _write_all_tables(request: Asked, extension: str) -> bytes:
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
    with exports.open_workbook(buffer) as writer:
        notes = [
            ("Source", exports.citation_sentence()),
            ("Licence", exports.LICENCE),
            exports.EMPTY_CELL,
            ("", ""),
            *((name, table.description) for name, table in load_format().tables.items()),
        ]
        exports.write_notes_sheet(writer, notes)
        for name in load_format().tables:
            exports.write_table_sheet(
                writer, name, table_reader.read_rows(Selection.read(name, {}))
            )
    return buffer.getvalue()


def _to_query(request: Asked) -> dict[str, list[str]]:
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
