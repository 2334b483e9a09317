"""Find the web addresses that the cells of a workbook (.xlsx, .ods) hide behind a text."""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from html import unescape
from posixpath import normpath

from xlsxwriter.utility import xl_cell_to_rowcol

from comparisons.datapackage.column_names import name_key
from comparisons.datapackage.problems import WARNING, Problem, quoted
from comparisons.datapackage.short_form.table import sent_tables
from comparisons.datapackage.validation.column_names import column_wordings

# (row, column) from zero → address
Links = Mapping[tuple[int, int], str]
_MAX_LINKS = 20_000
_MAX_HEADER_ROWS = 20
_SHEET = re.compile(
    rb'<sheet\b[^<>]{0,999}?\bname="([^"]{1,99})"[^<>]{0,999}?\b\w+:id="([^"]{1,99})"'
)
_RELATION = re.compile(rb"<Relationship\b[^<>]{0,4999}>")
_LINK = re.compile(rb"<hyperlink\b[^<>]{0,4999}>")
_LINK_FORMULA = re.compile(
    rb'<c\b[^<>]{0,99}?\br="([A-Z]{1,3}\d{1,7})"[^<>]{0,99}><f\b[^<>]{0,99}>'
    rb"(?:_xlfn\.)?HYPERLINK\((?:&quot;|\")(https?://[^\"<>]{1,2000}?)(?:&quot;|\")"
)
# The parts of an .ods sheet that tell where a link is.
_ODS_PART = re.compile(
    rb"<(?P<tag>table:table|table:table-row|table:(?:covered-)?table-cell|text:a)"
    rb"(?P<attributes>(?:\s[^<>]{0,4999})?)>"
)
_ODS_FORMULA = re.compile(r'^\w*:?=HYPERLINK\("(https?://[^"]{1,2000})"')


def read_links(read_part: Callable[[str], bytes]) -> dict[str, Links]:
    """Return the links of each sheet, by its title; `read_part` reads a file of the archive."""
    if content := read_part("content.xml"):
        return _links_of_ods(content)
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


def _links_of_ods(content: bytes) -> dict[str, Links]:
    links: dict[str, dict[tuple[int, int], str]] = {}
    title, row, column, count = "", 0, 0, 0
    next_row = next_column = 0
    for part in _ODS_PART.finditer(content):
        attributes = part["attributes"]
        match part["tag"].rpartition(b":")[2]:
            case b"table":
                title, next_row = _attribute(attributes, "table:name"), 0
                continue
            case b"table-row":
                row, next_column = next_row, 0
                next_row += _count(attributes, "table:number-rows-repeated")
                continue
            case b"a":
                address = _attribute(attributes, "xlink:href")
            case _:
                column = next_column
                next_column += _count(attributes, "table:number-columns-repeated")
                formula = _ODS_FORMULA.match(_attribute(attributes, "table:formula"))
                address = formula[1] if formula else ""
        if address.startswith("http") and count < _MAX_LINKS:
            count += 1
            links.setdefault(title, {})[row, column] = address
    return links


def _relations(part: bytes) -> dict[str, str]:
    """Return the target of each relation of a part, by its identifier."""
    return {
        _attribute(element, "Id"): _attribute(element, "Target")
        for element in _RELATION.findall(part)[:_MAX_LINKS]
    }


def _count(element: bytes, name: str) -> int:
    """Return how many times an .ods sheet repeats a row or a cell."""
    number = _attribute(element, name)
    return int(number) if re.fullmatch("[0-9]{1,7}", number) else 1


def _attribute(element: bytes, name: str) -> str:
    match = re.search(rf'\s{name}="([^"]*)"'.encode(), element)
    return unescape(match[1].decode(errors="replace")) if match else ""


def follow_links(rows: list[list], links: Links, file: str) -> list[Problem]:
    """Put the addresses that texts hide in the cells of columns of addresses; tell each."""
    names = _address_columns()
    columns = {
        column: str(cell)
        for row in rows[:_MAX_HEADER_ROWS]
        for column, cell in enumerate(row)
        if name_key(str(cell)) in names
    }
    problems = []
    for (row, column), address in links.items():
        if column not in columns or row >= len(rows) or column >= len(rows[row]):
            continue
        text = str(rows[row][column]).strip()
        if not text.startswith("http") and name_key(text) not in names:
            rows[row][column] = address
            problems.append(_link_problem(file, row + 1, columns[column], text, address))
    return problems


@lru_cache(maxsize=1)
def _address_columns() -> frozenset[str]:
    """Return the names that columns of addresses may have, as `name_key` writes them."""
    return frozenset(
        name_key(wording)
        for table in sent_tables()
        for field in table.fields
        if field.kind == "adresse"
        for wording in column_wordings(table, field.name)
    )


def _link_problem(file: str, line: int, column: str, text: str, address: str) -> Problem:
    return Problem(
        file,
        line,
        column,
        text,
        "valeur-interpretee",
        f"{quoted(text)} cache un lien : c’est lui qui a été lu, {quoted(address)}.",
        "Rien à faire si c’est bien cela ; sinon, tapez l’adresse dans la cellule.",
        WARNING,
        address,
    )
