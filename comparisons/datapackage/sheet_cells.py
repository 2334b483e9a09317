"""Write values into cells of an Excel workbook (.xlsx), in its XML: all the rest stays as it is."""

import io
import re
import zipfile
from collections.abc import Mapping
from posixpath import join, normpath
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from xlsxwriter.utility import xl_rowcol_to_cell

from comparisons.datapackage.archive import replace_members

_BOOK, _LINKS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
# A cell: prefix of its namespace, attributes, content.
_CELL = re.compile(rb"<((?:\w+:)?)c\b([^<>]*?)(?:/>|>(.*?)</\1c>)", re.DOTALL)
_REFERENCE = re.compile(rb'\sr="([A-Z]{1,3}[0-9]{1,7})"')
_TYPE = re.compile(rb'\st="[^"]*"')
_FORMULA = re.compile(rb"<(?:\w+:)?f\b")


def set_cells(
    content: bytes, name: str, title: str, values: Mapping[tuple[int, int], str | float]
) -> tuple[bytes, set[tuple[int, int]]]:
    """Return a workbook with other values in cells of a sheet, and the cells that were written.

    `values` and the result are by line, from one, and position of the column, from zero. The result
    of a formula is not written over; nothing is where the parts have other names than Excel's.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            path = _sheet_path(archive, title)
            sheet = archive.read(path)
    except (KeyError, StopIteration, ElementTree.ParseError):
        return content, set()
    cells = {xl_rowcol_to_cell(cell[0] - 1, cell[1]).encode(): cell for cell in values}
    written = set()

    def rewrite(match: re.Match[bytes]) -> bytes:
        prefix, attributes, inside = match.groups()
        reference = _REFERENCE.search(attributes)
        cell = cells.get(reference[1]) if reference else None
        if cell is None or _FORMULA.search(inside or b""):
            return match[0]
        written.add(cell)
        attributes = _TYPE.sub(b"", attributes).rstrip()
        value, tag = values[cell], prefix.decode()
        kind, inside = (
            (' t="inlineStr"', f"<{tag}is><{tag}t>{escape(value)}</{tag}t></{tag}is>")
            if isinstance(value, str)
            else ("", f"<{tag}v>{value!r}</{tag}v>")
        )
        return f"<{tag}c{attributes.decode()}{kind}>{inside}</{tag}c>".encode()

    sheet = _CELL.sub(rewrite, sheet)
    return replace_members(content, name, {path: sheet}), written


def _sheet_path(archive: zipfile.ZipFile, title: str) -> str:
    """Return the path of the XML of a sheet."""
    sheets = ElementTree.fromstring(archive.read(_BOOK)).iterfind("{*}sheets/{*}sheet")
    sheet = next(sheet for sheet in sheets if sheet.get("name") == title)
    link_id = next(value for key, value in sheet.attrib.items() if key.endswith("}id"))
    links = ElementTree.fromstring(archive.read(_LINKS)).iterfind("{*}Relationship")
    target = next(link.get("Target", "") for link in links if link.get("Id") == link_id)
    return normpath(join("/xl", target)).removeprefix("/")
