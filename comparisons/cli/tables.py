"""Export one table, whole or filtered, or all tables of the format."""

from collections.abc import Sequence

from comparisons.errors import BadRequestError
from comparisons.exports import table_files, table_package, table_writers
from comparisons.queries import table_reader
from comparisons.queries.selection import Selection
from comparisons.schema.model import Table, load_format
from comparisons.schema.registry import tables
from comparisons.schema.territory import parse_key

_ALL = "all"


def to_bytes(
    name: str, extension: str, filters: Sequence[str], level: str = "", key: str = ""
) -> bytes:
    """Return the bytes of a table (or of `_ALL`) in a format, filtered as in the API.

    Raises `BadRequestError`, in French, for an unknown table, an invalid filter, or a format that
    cannot hold the table.
    """
    if name == _ALL:
        if level or key or filters:
            raise BadRequestError("« all » est le jeu entier : les filtres vont pour une table.")
        return _write_all_tables(extension)
    if name not in tables():
        raise BadRequestError(f"Table inconnue : « {name} ». Tables : {', '.join(tables())}, all.")
    if extension not in table_files.MEDIA_TYPES:
        raise BadRequestError(
            "Le format zip est celui du jeu entier : « export all --format zip »."
        )
    selection = Selection.from_query(name, _to_query(tables()[name], filters, level, key))
    address = f"/api/v1/tables/{name}.{extension}?{selection.query_string}".rstrip("?")
    return table_files.to_bytes(selection, extension, address)


def _write_all_tables(extension: str) -> bytes:
    match extension:
        case "zip":
            return table_package.to_package_zip("")
        case "xlsx":
            return _to_workbook()
        case _:
            raise BadRequestError("« all » s’écrit en zip (un paquet de CSV) ou en xlsx.")


def _to_workbook() -> bytes:
    """Return all tables of the format as one workbook, a sheet each."""
    described = load_format().tables
    notes = [
        ("Source", table_writers.citation_sentence()),
        ("Licence", table_writers.LICENCE),
        table_writers.EMPTY_CELL,
        ("", ""),
        *((name, table.description) for name, table in described.items()),
    ]
    sheets = {name: table_reader.read_rows(Selection.from_query(name, {})) for name in described}
    return table_writers.to_workbook(notes, sheets)


def _to_query(table: Table, filters: Sequence[str], level: str, key: str) -> dict[str, list[str]]:
    """Return filters, a level and a territory as query parameters of the API."""
    query: dict[str, list[str]] = {}
    for filter_text in filters:
        name, separator, value = filter_text.partition("=")
        if not separator:
            raise BadRequestError(
                f"« {filter_text} » n’est pas un filtre : on attend COLONNE=VALEUR."
            )
        query.setdefault(name, []).append(value)
    if (level or key) and not table.located:
        raise BadRequestError(
            f"La table « {table.name} » ne nomme pas le territoire de chaque ligne : filtrez "
            "ses colonnes avec --filtre."
        )
    if level:
        query.setdefault("territoire_niveau", []).append(level)
    if key:
        territory = parse_key(key)
        query["territoire_niveau"] = [territory.niveau]
        query["territoire_code"] = [territory.code]
    return query
