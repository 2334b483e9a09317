"""Files of a selection: CSV, JSON, XLSX, Parquet, GeoJSON, GeoPackage.

All hold the same rows. CSV and JSON are streamed, some thousands of rows at a time.
"""

import codecs
import csv
import gzip
import io
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import nullcontext
from typing import BinaryIO

import pandas as pd
import pyarrow.parquet as pq

from comparisons.database.cache import cached
from comparisons.database.connection import dataset_metadata
from comparisons.errors import BadRequestError, PayloadTooLargeError
from comparisons.exports import geo, geojson, geopackage, table_writers
from comparisons.formatting import format_number
from comparisons.queries import outlines, table_reader
from comparisons.queries.selection import Selection
from comparisons.schema.model import Field

MEDIA_TYPES = {
    "csv": table_writers.MEDIA_TYPES["csv"],
    "json": "application/json",
    "xlsx": table_writers.MEDIA_TYPES["xlsx"],
    "parquet": "application/vnd.apache.parquet",
    **geo.MEDIA_TYPES,
}
# formats for people, where codes have their labels by default
_LABELLED = ("xlsx", "gpkg", "geojson")
# Level 9 takes three times as long and gains one percent.
_GZIP_LEVEL = 5
# A workbook of a million cells takes about six seconds to write, and as long to open.
_MAX_CELLS = 1_500_000


def stream(selection: Selection, extension: str, address: str) -> Iterator[bytes]:
    """Return an iterator on the bytes of a selection in one of `MEDIA_TYPES`.

    `address` is that of the file. Raises `BadRequestError` if this format cannot hold it
    (`PayloadTooLargeError` if it is only too long).
    """
    check_format(selection, extension)
    labels = extension in _LABELLED if selection.labels is None else selection.labels
    match extension:
        case "csv":
            return _csv(selection, labels)
        case "json":
            return _json(selection, labels)
    writers: dict[str, Callable[[Selection, bool, str], bytes]] = {
        "xlsx": _xlsx,
        "parquet": _parquet,
        "geojson": _geojson,
        "gpkg": _gpkg,
    }
    return iter((writers[extension](selection, labels, address),))


def to_bytes(selection: Selection, extension: str, address: str) -> bytes:
    """Return the whole file of a selection as bytes."""
    return b"".join(stream(selection, extension, address))


def write(
    selection: Selection, extension: str, address: str, gzipped: bool, output: BinaryIO
) -> None:
    """Write the file of a selection, compressed or not; raise what `stream` raises."""
    chunks = stream(selection, extension, address)
    with (
        gzip.GzipFile("", "wb", _GZIP_LEVEL, output, 0) if gzipped else nullcontext(output) as sink
    ):
        for chunk in chunks:
            sink.write(chunk)


def count_cells(selection: Selection) -> int:
    """Return the number of cells of the file of a selection, with labels."""
    return _count_rows(selection) * len(table_reader.result_columns(selection, labels=True))


def check_format(selection: Selection, extension: str) -> None:
    """Raise `BadRequestError` if a format cannot hold a selection."""
    match extension:
        case "xlsx":
            _check_cells(selection)
        case "gpkg" | "geojson":
            _check_territories(selection)


@cached
def unavailable_formats(selection: Selection) -> dict[str, str]:
    """Return the formats in which a selection cannot be exported, with the reason in French."""
    refused = {}
    for extension in ("xlsx", "gpkg", "geojson"):
        try:
            check_format(selection, extension)
        except BadRequestError as error:
            refused[extension] = str(error)
    return refused


def _file_metadata(selection: Selection, address: str) -> dict[str, str]:
    """Return the metadata of a file: content, source, licence, version, date, address."""
    data = dataset_metadata()
    return {
        "Table": f"{selection.table.title} ({selection.table.name})",
        "Contenu": selection.table.description,
        "Sélection": selection.sentence,
        "Nombre de lignes": str(_count_rows(selection)),
        "Source": "Stratoscope, d’après les documents publics cités dans la table « sources ».",
        "Licence": table_writers.LICENCE,
        "Citation": table_writers.citation_sentence(),
        "Version": str(data["version"]),
        "Date des données": str(data["date"]),
        "Adresse": address,
        table_writers.EMPTY_CELL[0]: _describe_empty_cells(selection),
    }


def _count_rows(selection: Selection) -> int:
    remaining = max(table_reader.count_rows(selection) - selection.offset, 0)
    return remaining if selection.limit is None else min(remaining, selection.limit)


# --- formats --------------------------------------------------------------------------------------


def _csv(selection: Selection, labels: bool) -> Iterator[bytes]:
    def encode_rows(rows: Iterable) -> bytes:
        buffer = io.StringIO()
        csv.writer(buffer, delimiter=separator, lineterminator="\n").writerows(rows)
        return buffer.getvalue().encode("utf-8")

    separator = ";" if selection.for_excel else ","
    columns = table_reader.result_columns(selection, labels)
    decimals = {index for index, (_, field) in enumerate(columns) if field.type == "number"}
    if selection.for_excel:
        yield codecs.BOM_UTF8
    yield encode_rows([[name for name, _ in columns]])
    for rows in table_reader.stream_text_rows(selection, labels):
        yield encode_rows(_with_commas(rows, decimals) if selection.for_excel else rows)


def _with_commas(rows: Iterable[Sequence], decimals: Collection[int]) -> Iterator[list]:
    """Yield the rows with a decimal comma in the columns of numbers, given by their index."""
    for row in rows:
        yield [
            cell.replace(".", ",") if index in decimals and cell else cell
            for index, cell in enumerate(row)
        ]


def _json(selection: Selection, labels: bool) -> Iterator[bytes]:
    yield b"["
    for index, objects in enumerate(table_reader.stream_json_rows(selection, labels)):
        yield (("," if index else "") + ",\n".join(objects)).encode("utf-8")
    yield b"]"


def _xlsx(selection: Selection, labels: bool, address: str) -> bytes:
    descriptions = _descriptions(selection, labels).items()
    notes = [*_file_metadata(selection, address).items(), ("", ""), *descriptions]
    rows = table_reader.read_rows(selection, labels)
    return table_writers.to_workbook(notes, {selection.table.name: rows})


def _parquet(selection: Selection, labels: bool, address: str) -> bytes:
    table = table_reader.read_arrow(selection, labels)
    descriptions = _descriptions(selection, labels)
    schema = table.schema
    for index, name in enumerate(table.column_names):
        field = schema.field(index).with_metadata({"description": descriptions[name]})
        schema = schema.set(index, field)
    buffer = io.BytesIO()
    table = table.cast(schema.with_metadata(_file_metadata(selection, address)))
    pq.write_table(table, buffer, compression="zstd")
    return buffer.getvalue()


def _geojson(selection: Selection, labels: bool, address: str) -> bytes:
    rows, about = table_reader.read_rows(selection, labels), _map_file_metadata(selection, address)
    return geojson.to_geojson(rows, about, _dictionary(selection, labels))


def _gpkg(selection: Selection, labels: bool, address: str) -> bytes:
    rows, about = table_reader.read_rows(selection, labels), _map_file_metadata(selection, address)
    return geopackage.to_gpkg(rows, selection.table.name, about, _dictionary(selection, labels))


def _map_file_metadata(selection: Selection, address: str) -> dict[str, str]:
    """Return the metadata of a map file that `geo_metadata.file_metadata` does not add."""
    return {
        "titre": selection.table.title,
        "selection": selection.sentence,
        "adresse": address,
    }


def _describe_label_column(name: str, field: Field) -> tuple[str, str]:
    """Return the title and the description of a column of labels."""
    if name == table_reader.NAME:
        return "Nom du territoire", "Nom du territoire, d’après son niveau et son code."
    return f"{field.title} (libellé)", f"Libellé de « {field.name} »."


def _describe_empty_cells(selection: Selection) -> str:
    """Return the meaning of empty cells, and the columns in which it differs."""
    exceptions = [
        f"{field.name} : {field.empty_means}"
        for field in map(selection.table.field, selection.visible_columns)
        if field.empty_means
    ]
    return " ".join([table_writers.EMPTY_CELL[1], *(["Sauf :"] if exceptions else []), *exceptions])


def _check_cells(selection: Selection) -> None:
    cells = count_cells(selection)
    if cells > _MAX_CELLS:
        raise PayloadTooLargeError(
            f"{format_number(cells)} cellules sont trop pour un classeur "
            f"({format_number(_MAX_CELLS)} au plus) : "
            "ajoutez un filtre, ou prenez le fichier CSV ou Parquet, qui n’ont pas de limite."
        )


def _check_territories(selection: Selection) -> None:
    if not (selection.table.located and outlines.has_territory_column(selection.visible_columns)):
        raise BadRequestError(
            f"La table « {selection.table.name} » (colonnes demandées) n’a pas de territoires à "
            "dessiner : il faut les colonnes territoire_niveau et territoire_code. "
            "Formats possibles : csv, json, xlsx, parquet."
        )


def _descriptions(selection: Selection, labels: bool) -> dict[str, str]:
    """Return the description of each column of a file by name."""
    dictionary = _dictionary(selection, labels)
    return dict(zip(dictionary["colonne"], dictionary["description"], strict=True))


def _dictionary(selection: Selection, labels: bool) -> pd.DataFrame:
    """Return the dictionary of a file, as `table_writers.data_dictionary` does."""
    columns = [
        (name, field.title, field.description, field.unit)
        if name == field.name
        else (name, *_describe_label_column(name, field), "")
        for name, field in table_reader.result_columns(selection, labels)
    ]
    rows = pd.DataFrame(columns, columns=["colonne", "titre", "description", "unite"])
    return rows.assign(table=selection.table.name)
