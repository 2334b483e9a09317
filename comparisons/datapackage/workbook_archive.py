"""Rewrite the archive of a workbook (.xlsx, .ods) so that calamine reads it whole and unharmed."""

import io
import re
import zipfile

from xlsxwriter.utility import xl_cell_to_rowcol

from comparisons.datapackage.archive import (
    UnreadableFileError,
    read_member,
    unsafe_archive,
)
from comparisons.datapackage.number_formats import rewrite_ods, xlsx_rewriter

# A sheet is read as a rectangle: one value far from the others makes it large.
_MAX_CELLS = 24_000_000
_FILLED_CELL = re.compile(rb'<c r="([A-Z]{1,3})(\d{1,9})"[^<>/]{0,99}>')
# calamine reads an error (#REF!) as an empty cell, unless it is declared as a text.
_XLSX_ERROR = re.compile(rb'(<c\b[^<>]{0,99}\bt=")e"')
# A formula that no spreadsheet computed, as programs write them: its cell holds the formula.
_NO_RESULT = re.compile(
    rb"<c\b(?P<attributes>(?:\s(?!t=)[^<>=\s]+=\"[^<>\"]{0,99}\"){1,5})\s*><f\b[^<>/]{0,99}"
    rb"(?:/>|>(?P<formula>[^<]{0,9999})</f>)(?:<v\s*/>|<v></v>)?</c>"
)
# Some programs write each name with a prefix: <x:worksheet>.
_PREFIX = re.compile(rb"<(\w{1,20}):(?:worksheet|styleSheet|workbook|sst|Relationships)\b")
_ODS_ERROR = re.compile(rb'office:string-value=""(?=[^<>]{0,99}"error")')
# calamine reads the whole code of a number format for each style that uses it: both are bounded as
# Excel bounds them. A duration (« [h]:mm ») is read as the number that its cell holds: the format
# has no durations, and calamine panics on long ones.
_ODD_FORMAT = re.compile(
    rb"""formatCode\s*=\s*(["'])(?:[^"']{256,}|[^"']{0,255}\[[hmsHMS]+\][^"']{0,255})\1"""
)
_ELAPSED_TIME = re.compile(rb"""(numFmtId\s*=\s*["'])46(?=["'])""")
_MAX_PROLOGUE = 2_000
_MAX_STYLES = 65_536
# Numbers that no cell of dates holds: calamine panics on some of them there.
_ODD_NUMBER = re.compile(
    rb"(<c\b[^<>]{0,99})(>(?:<f\b[^<>]{0,99}>[^<]{0,9999}</f>)?<v>\s*(?:"
    rb"-(?:[0-9]{11,}[0-9.]*|[0-9.]+[eE]\+?[0-9]{2,3})"
    rb"|\+?(?:[0-9]{17,}[0-9.]*|[0-9.]+[eE]\+?(?:1[6-9]|[2-9][0-9]|[0-9]{3}))"
    rb"|[+-]?(?i:nan|inf[a-z]{0,5}))\s*</v>)"
)


def rewrite_archive(archive: zipfile.ZipFile, name: str) -> bytes:
    """Build a workbook of the XML of this one alone, whose declared sizes are the true ones."""
    buffer = io.BytesIO()
    rewrite_cells = xlsx_rewriter(
        *(read_part(archive, path, name) for path in ("xl/styles.xml", "xl/workbook.xml"))
    )
    with zipfile.ZipFile(buffer, "w") as rewritten:
        for info in archive.infolist():
            if not info.filename.endswith((".xml", ".rels", "mimetype")):
                continue
            data = _without_prefix(read_member(archive, info, name))
            if info.filename.startswith("xl/worksheets/"):
                _require_few_cells(data, name)
                data = _NO_RESULT.sub(rb'<c\g<attributes> t="str"><v>=\g<formula></v></c>', data)
                data = _ODD_NUMBER.sub(_number_as_text, _XLSX_ERROR.sub(rb'\1str"', data))
                data = rewrite_cells(data)
            elif info.filename == "content.xml":
                data = rewrite_ods(data)
            elif info.filename == "xl/styles.xml":
                data = _simplify_formats(data, name)
            # always dated 1980: zip accepts no year before it or after 2107
            rewritten.writestr(zipfile.ZipInfo(info.filename), _ODS_ERROR.sub(b"", data))
    return buffer.getvalue()


def read_part(archive: zipfile.ZipFile, path: str, name: str) -> bytes:
    """Return a part of a workbook, empty if it has none."""
    if path not in archive.NameToInfo:
        return b""
    return _without_prefix(read_member(archive, archive.getinfo(path), name))


def _without_prefix(part: bytes) -> bytes:
    """Return the XML of a part with the names of Excel, which have no prefix."""
    prefix = _PREFIX.search(part[:_MAX_PROLOGUE])
    if prefix is None:
        return part
    names = re.compile(rb"(</?)%s:" % prefix[1])
    return names.sub(rb"\1", part).replace(b"xmlns:%s=" % prefix[1], b"xmlns=", 1)


def _simplify_formats(styles: bytes, name: str) -> bytes:
    """Return the styles of a workbook without the number formats that are dangerous to read."""
    if styles.count(b"<xf") > 2 * _MAX_STYLES:  # those of cells, and those that have a name
        raise UnreadableFileError(unsafe_archive(name, "il a trop de styles de cellule"))
    return _ELAPSED_TIME.sub(rb"\g<1>0", _ODD_FORMAT.sub(b'formatCode="General"', styles))


def _number_as_text(cell: re.Match[bytes]) -> bytes:
    attributes = cell[1].replace(b' t="n"', b"")
    return cell[0] if b" t=" in attributes else attributes + b' t="str"' + cell[2]


def _require_few_cells(sheet: bytes, name: str) -> None:
    columns = {b"A"}
    row_count = 1
    for cell in _FILLED_CELL.finditer(sheet):
        columns.add(cell[1])
        row_count = max(row_count, int(cell[2]))
    last_column = max(columns, key=lambda letters: (len(letters), letters)).decode()
    if row_count * (xl_cell_to_rowcol(f"{last_column}1")[1] + 1) > _MAX_CELLS:
        reason = "il a trop de cellules (enregistrez les tables au format CSV)"
        raise UnreadableFileError(unsafe_archive(name, reason))
