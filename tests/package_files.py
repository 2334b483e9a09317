"""Build the small workbooks, archives and references of territories that tests of packages read."""

import io
import zipfile
from collections.abc import Callable, Mapping, Sequence

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

from comparisons.datapackage.known_territories import TerritoryReference

TERRITORIES = TerritoryReference(
    codes=frozenset(
        {
            ("departement", "01"),
            ("departement", "53"),
            ("region", "52"),
            ("epci", "200055887"),
            ("commune", "53130"),
            ("commune", "53147"),
            ("commune", "01033"),
        }
    ),
    names={
        ("commune", "01033"): "Valserhône",
        ("commune", "53130"): "Laval",
        ("departement", "01"): "Ain",
        ("departement", "53"): "Mayenne",
    },
    former_communes={"01018": "01033"},
)


def build_workbook(
    sheets: Mapping[str, Sequence[Sequence[object]]],
    change: Callable[[Worksheet], object] | None = None,
) -> bytes:
    """Build a workbook of these sheets (title → rows), once `change` is applied to each."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
        if change:
            change(sheet)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def build_zip(members: Mapping[str, bytes | str], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Build an archive of these members (path → content)."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()
