"""Read what an old Excel workbook (.xls) shows and its values do not hold: units, links, errors."""

import io
import re
import struct
from collections.abc import Mapping

import xlrd

from comparisons.datapackage.hyperlinks import Links
from comparisons.datapackage.number_formats import FIRST_DAYS, is_telling, shown_text

# First bytes of a .xls, whose sheets have 65,536 rows at most; the other workbooks are archives.
XLS_SIGNATURE = bytes.fromhex("d0cf11e0a1b11ae1")
# A number in the file: its row and column, its style, its value.
_NUMBER = re.compile(rb"(\x03\x02\x0e\x00.{4})(.{2})(.{8})", re.DOTALL)
_LAST_DAY = 2_958_465  # of the calendar of spreadsheets, in the year 9999
_NUMERIC_CELLS = (xlrd.XL_CELL_NUMBER, xlrd.XL_CELL_DATE)

# (row, column) from zero → text
ShownTexts = Mapping[tuple[int, int], str]


def without_odd_dates(content: bytes) -> bytes:
    """Return a workbook whose cells of dates hold days of the calendar: calamine fails on others.

    The other numbers get the general style.
    """

    def rewrite(number: re.Match[bytes]) -> bytes:
        (value,) = struct.unpack("<d", number[3])
        return number[0] if -_LAST_DAY < value < _LAST_DAY else number[1] + b"\0\0" + number[3]

    return _NUMBER.sub(rewrite, content)


def read_shown_texts(content: bytes) -> tuple[dict[str, ShownTexts], dict[str, Links]] | None:
    """Return what cells show instead of their value, and the links behind them, by sheet.

    None if the formats of the workbook cannot be read.
    """
    try:
        book = xlrd.open_workbook(
            file_contents=content, formatting_info=True, logfile=io.StringIO()
        )
    except Exception:  # xlrd raises errors of all types on files of other programs
        return None
    sheets = book.sheets()
    return (
        {sheet.name: _shown_texts(book, sheet) for sheet in sheets},
        {sheet.name: _links(sheet) for sheet in sheets},
    )


def _shown_texts(book: xlrd.Book, sheet: xlrd.sheet.Sheet) -> dict[tuple[int, int], str]:
    codes = {
        style: book.format_map[cell_style.format_key].format_str
        for style, cell_style in enumerate(book.xf_list)
        if cell_style.format_key in book.format_map
    }
    telling_codes = {style: code for style, code in codes.items() if is_telling(code)}
    texts = {}
    for row in range(sheet.nrows):
        for column, cell in enumerate(sheet.row(row)):
            if cell.ctype == xlrd.XL_CELL_ERROR:
                texts[row, column] = xlrd.error_text_from_code.get(cell.value, "#N/A")
            elif cell.ctype in _NUMERIC_CELLS and cell.xf_index in telling_codes:
                code, first_day = telling_codes[cell.xf_index], FIRST_DAYS[book.datemode]
                if text := shown_text(code, repr(cell.value), first_day):
                    texts[row, column] = text
    return texts


def _links(sheet: xlrd.sheet.Sheet) -> dict[tuple[int, int], str]:
    return {
        cell: link.url_or_path
        for cell, link in sheet.hyperlink_map.items()
        if link.type == "url" and str(link.url_or_path).startswith("http")
    }
