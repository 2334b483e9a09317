"""A file as a text that can be compared: its words, cells, rows or members."""

import hashlib
import io
import json
import sqlite3
import tempfile
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path

import duckdb
import openpyxl
import pyarrow.parquet as pq
from pypdf import PdfReader

# a longer text is recorded by its fingerprint alone
MAX_BYTES = 4_000_000
EXTENSIONS = {
    "application/pdf": "pdf",
    "application/zip": "zip",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "application/vnd.apache.parquet": "parquet",
    "application/geopackage+sqlite3": "gpkg",
    "application/json": "json",
    "application/geo+json": "json",
}
_DRAWN = ("rtree_", "sqlite_")


def text_of(content: bytes, extension: str) -> str:
    """Return a file as a text; one of an unknown kind as it is, or its fingerprint."""
    return _READERS.get(extension, _plain)(content) if content else ""


def text_of_folder(folder: Path) -> str:
    """Return all files of a folder as one text, each under its name."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return _join_named_texts(
        (str(path.relative_to(folder)), path.read_bytes(), path.suffix[1:]) for path in files
    )


def _join_named_texts(files: Iterable[tuple[str, bytes, str]]) -> str:
    return "\n".join(f"=== {name}\n{text_of(content, kind)}" for name, content, kind in files)


def _plain(content: bytes) -> str:
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return fingerprint(content)
    return text if len(content) <= MAX_BYTES else fingerprint(content)


def fingerprint(content: bytes) -> str:
    """Return a few words that only this content has."""
    return f"{len(content)} bytes, sha256 {hashlib.sha256(content).hexdigest()}"


def _json(content: bytes) -> str:
    if len(content) > MAX_BYTES:
        return fingerprint(content)
    try:
        return json.dumps(json.loads(content), ensure_ascii=False, indent=1, sort_keys=True)
    except ValueError:
        return _plain(content)


def _pdf(content: bytes) -> str:
    pdf_reader = PdfReader(io.BytesIO(content))
    about = [f"{name}: {value}" for name, value in sorted((pdf_reader.metadata or {}).items())]
    pages = [f"--- page {n}\n{page.extract_text()}" for n, page in enumerate(pdf_reader.pages, 1)]
    return "\n".join([*about, fingerprint(content), *pages])


def _zip(content: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(content)) as folder:
        return _join_named_texts(
            (f"{member.filename} {member.date_time}", folder.read(member), _suffix(member.filename))
            for member in folder.infolist()
        )


def _suffix(name: str) -> str:
    return Path(name).suffix[1:]


def _xlsx(content: bytes) -> str:
    book = openpyxl.load_workbook(io.BytesIO(content))
    lines = [f"created: {book.properties.created}"]
    for sheet in book.worksheets:
        lines.append(f"=== {sheet.title} ({sheet.sheet_state}, frozen at {sheet.freeze_panes})")
        lines += [f"{rule.sqref}: {rule.type} {rule.formula1}"
                  for rule in sheet.data_validations.dataValidation]  # fmt: skip
        for row in sheet.iter_rows():
            cells = [repr(cell.value) for cell in row]
            lines.append(" ; ".join(cells))
            lines += [f"  {c.coordinate} note: {c.comment.text}" for c in row if c.comment]
    return "\n".join(lines)


def _parquet(content: bytes) -> str:
    table = pq.read_table(io.BytesIO(content))
    about = table.schema.metadata or {}
    lines = [f"{name.decode()}: {value.decode()}" for name, value in sorted(about.items())]
    lines += [str(field) for field in table.schema]
    return "\n".join([*lines, *(_row(row.values()) for row in table.to_pylist())])


def _row(values: Iterable[object]) -> str:
    cells = [fingerprint(value) if isinstance(value, bytes) else value for value in values]
    return json.dumps(cells, ensure_ascii=False, default=str)


def _gpkg(content: bytes) -> str:
    with tempfile.NamedTemporaryFile(suffix=".gpkg") as file:
        file.write(content)
        file.flush()
        base = sqlite3.connect(file.name)
        try:
            tables = base.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY 1")
            names = [name for (name,) in tables if not name.startswith(_DRAWN)]
            return "\n".join(_sqlite_table(base, name) for name in names)
        finally:
            base.close()


def _sqlite_table(base: sqlite3.Connection, name: str) -> str:
    rows = base.execute(f'SELECT * FROM "{name}"')
    columns = [column for column, *_ in rows.description]
    return "\n".join([f"=== {name} {columns}", *map(_row, rows)])


def _duckdb(content: bytes) -> str:
    """Return the tables of a database: columns, number of rows, and a sum over their values."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "read.duckdb"
        path.write_bytes(content)
        with duckdb.connect(str(path), read_only=True) as base:
            names = [name for (name,) in base.execute("SHOW TABLES").fetchall()]
            return "\n".join(_duckdb_table(base, name) for name in sorted(names))


def _duckdb_table(base: duckdb.DuckDBPyConnection, name: str) -> str:
    columns = base.execute(f'DESCRIBE "{name}"').fetchall()
    counted = f'SELECT count(*), sum(hash(t)::HUGEINT) FROM "{name}" AS t'
    rows, total = base.execute(counted).fetchone()
    return "\n".join(
        [f"=== {name}: {rows} rows, {total}", *(_row(column[:4]) for column in columns)]
    )


_READERS: dict[str, Callable[[bytes], str]] = {
    "pdf": _pdf,
    "zip": _zip,
    "xlsx": _xlsx,
    "parquet": _parquet,
    "gpkg": _gpkg,
    "duckdb": _duckdb,
    "json": _json,
    "geojson": _json,
}
