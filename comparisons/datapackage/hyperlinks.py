"""Find the web addresses that the cells of an .xlsx workbook hide behind a text."""

import re
from collections.abc import Callable, Iterator, Mapping
from html import unescape
from posixpath import normpath

from xlsxwriter.utility import xl_cell_to_rowcol

# (row, column) from zero → address
Links = Mapping[tuple[int, int], str]
_MAX_LINKS = 20_000
_SHEET = re.compile(
    rb'<sheet\b[^<>]{0,999}?\bname="([^"]{1,99})"[^<>]{0,999}?\b\w+:id="([^"]{1,99})"'
)
_RELATION = re.compile(rb"<Relationship\b[^<>]{0,4999}>")
_LINK = re.compile(rb"<hyperlink\b[^<>]{0,4999}>")
_LINK_FORMULA = re.compile(
    rb'<c\b[^<>]{0,99}?\br="([A-Z]{1,3}\d{1,7})"[^<>]{0,99}><f\b[^<>]{0,99}>'
    rb"(?:_xlfn\.)?HYPERLINK\((?:&quot;|\")(https?://[^\"<>]{1,2000}?)(?:&quot;|\")"
)


def read_links(read_part: Callable[[str], bytes]) -> dict[str, Links]:
    """Return the links of each sheet, by its title; `read_part` reads a file of the archive."""
    targets = _relations(read_part("xl/_rels/workbook.xml.rels"))
    links: dict[str, Links] = {}
    for title, relation in _SHEET.findall(read_part("xl/workbook.xml")):
        target = targets.get(relation.decode(), "")
        path = target.lstrip("/") if target.startswith("/") else normpath(f"xl/{target}")
        folder, _, file = path.rpartition("/")
        relations = _relations(read_part(f"{folder}/_rels/{file}.rels"))
        sheet_links = dict(_links_of_sheet(read_part(path), relations))
        if sheet_links:
            links[unescape(title.decode(errors="replace"))] = sheet_links
    return links


def _links_of_sheet(
    sheet: bytes, relations: Mapping[str, str]
) -> Iterator[tuple[tuple[int, int], str]]:
    for _, element in zip(range(_MAX_LINKS), _LINK.finditer(sheet), strict=False):
        cell = _attribute(element[0], "ref").partition(":")[0]
        address = relations.get(_attribute(element[0], r"\w+:id"), "")
        if re.fullmatch(r"[A-Z]{1,3}\d{1,7}", cell) and address.startswith("http"):
            yield xl_cell_to_rowcol(cell), address
    for _, formula in zip(range(_MAX_LINKS), _LINK_FORMULA.finditer(sheet), strict=False):
        yield xl_cell_to_rowcol(formula[1].decode()), unescape(formula[2].decode(errors="replace"))


def _relations(part: bytes) -> dict[str, str]:
    """Return the target of each relation of a part, by its identifier."""
    return {
        _attribute(element, "Id"): _attribute(element, "Target")
        for element in _RELATION.findall(part)[:_MAX_LINKS]
    }


def _attribute(element: bytes, name: str) -> str:
    match = re.search(rf'\s{name}="([^"]*)"'.encode(), element)
    return unescape(match[1].decode(errors="replace")) if match else ""
