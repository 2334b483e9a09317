"""What a terminal asks of the tables: one, whole or filtered, or all those of the format."""

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
    """A table by its name (or `ALL`), a level, a territory by its key, filters as the API has."""

    table: str
    level: str = ""
    territory: str = ""
    filters: tuple[str, ...] = ()


def content(asked: Asked, extension: str) -> bytes:
    """Write what is asked in a format.

    Raises `BadRequestError`, in French, for an unknown table, a wrong filter, a format that cannot
    hold it.
    """
    if asked.table == ALL:
        return _everything(asked, extension)
    if asked.table not in tables():
        raise BadRequestError(
            f"Table inconnue : « {asked.table} ». Tables : {', '.join(tables())}, all."
        )
    if extension not in table_files.MEDIA_TYPES:
        raise BadRequestError(
            "Le format zip est celui du jeu entier : « export all --format zip »."
        )
    selection = Selection.read(asked.table, _query(asked))
    address = f"/api/v1/tables/{asked.table}.{extension}?{selection.address}".rstrip("?")
    return table_files.to_bytes(selection, extension, address)


def _everything(asked: Asked, extension: str) -> bytes:
    if asked.level or asked.territory or asked.filters:
        raise BadRequestError("« all » est le jeu entier : les filtres vont pour une table.")
    match extension:
        case "zip":
            return table_package.to_package_zip("")
        case "xlsx":
            return _workbook()
        case _:
            raise BadRequestError("« all » s’écrit en zip (un paquet de CSV) ou en xlsx.")


def _workbook() -> bytes:
    """Write all the tables of the format as the sheets of one workbook."""
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


def _query(asked: Asked) -> dict[str, list[str]]:
    """Write what is asked as an address of the API has it."""
    query: dict[str, list[str]] = {}
    for each in asked.filters:
        name, equal, value = each.partition("=")
        if not equal:
            raise BadRequestError(f"« {each} » n’est pas un filtre : on attend COLONNE=VALEUR.")
        query.setdefault(name, []).append(value)
    table = tables().get(asked.table)
    if (asked.level or asked.territory) and table is not None and not table.located:
        raise BadRequestError(
            f"La table « {asked.table} » ne nomme pas le territoire de chaque ligne : filtrez ses "
            "colonnes avec --filtre."
        )
    if asked.level:
        query.setdefault("territoire_niveau", []).append(asked.level)
    if asked.territory:
        territory = parse_key(asked.territory)
        query["territoire_niveau"] = [territory.niveau]
        query["territoire_code"] = [territory.code]
    return query
