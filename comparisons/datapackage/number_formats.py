"""Write in the cells of a workbook what their number formats show and their values do not hold.

« 1,2 M€ » is often the number 1.2 in a cell that shows « M€ » after it; « 45 % » is 0.45; « juin
2021 » is its first day. Such cells become texts, which are then read as if they were typed.
"""

import datetime as dt
import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from html import escape, unescape

from comparisons.formatting import fold

# Formats that a workbook names by number alone.
_KNOWN_FORMATS = {9: "0%", 10: "0.00%", 17: "mmm-yy"}
_NUMBER_FORMAT = re.compile(rb"<numFmt\b[^<>]{0,600}>")
_CELL_STYLES = re.compile(rb"<cellXfs\b.*?</cellXfs>", re.DOTALL)
_STYLE = re.compile(rb'<xf\b[^<>]{0,600}?\bnumFmtId="(\d{1,9})"')
_XLSX_CELL = re.compile(
    rb'<c\b(?P<attributes>[^<>]{0,99}?\bs="(?P<style>\d{1,5})"[^<>]{0,99})>'
    rb"(?P<formula>(?:<f\b[^<>]{0,99}(?:/>|>[^<]{0,9999}</f>))?)<v>(?P<value>[^<]{1,40})</v>"
)
_ODS_CELL = re.compile(
    rb'(?P<start><table:table-cell\b[^<>]{0,999}?office:value-type=")'
    rb'(?P<type>float|currency|percentage|date)"(?P<rest>[^<>]{0,999})>'
    rb"(?P<open><text:p[^<>]{0,99}>)(?P<shown>[^<]{1,99})(?=</text:p>)"
)
_ODS_VALUE = re.compile(rb'office:(?:date-)?value="([^"<>]{1,40})"')
# What a format shows as it is: a text between quotes, a currency, a character after a bar.
_LITERAL = re.compile(r'"([^"]*)"|\[\$([^\]-]*)[^\]]*\]|\\(.)|[_*].|\[[^\]]*\]|([€%])')
_PLAIN_WORDS = re.compile(r"€|eur(?:os?)?|[^a-z]")
_UNIT_BY_SCALE = {1: ("k", "millier"), 2: ("m", "mio", "million"), 3: ("md", "milliard")}
FIRST_DAYS = (dt.date(1899, 12, 30), dt.date(1904, 1, 1))
_LAST_DAY_NUMBER = 60_000
# The numbers of the days of 1905 that are years: see `year_in_date_cell`.
_YEARS = range(1980, 2061)

Rewriter = Callable[[bytes], bytes]


def xlsx_rewriter(styles: bytes, workbook: bytes) -> Rewriter:
    """Return the function that rewrites the XML of a sheet, from that of styles and workbook."""
    formats = _telling_formats(styles)
    first_day = FIRST_DAYS[bool(re.search(rb'date1904="(?:1|true)"', workbook))]

    def rewrite_cell(cell: re.Match[bytes]) -> bytes:
        code = formats.get(int(cell["style"]))
        if code is None or re.search(rb'\bt="(?![nd]")', cell["attributes"]):
            return cell[0]
        value = cell["value"].decode(errors="replace")
        if b't="d"' in cell["attributes"]:
            value = _day_number(value, first_day)
        text = shown_text(code, value, first_day)
        if not text:
            return cell[0]
        attributes = re.sub(rb' t="[nd]"', b"", cell["attributes"])
        return b'<c%s t="str">%s<v>%s</v>' % (
            attributes,
            cell["formula"],
            escape(text, quote=False).encode(),
        )

    return (lambda sheet: _XLSX_CELL.sub(rewrite_cell, sheet)) if formats else lambda sheet: sheet


def rewrite_ods(content: bytes) -> bytes:
    """Return the content of an .ods workbook whose cells hold what they show."""
    return _ODS_CELL.sub(_rewrite_ods_cell, content)


def _telling_formats(styles: bytes) -> dict[int, str]:
    """Return the formats, by style of cell, that show more than a number or a day."""
    codes = dict(_KNOWN_FORMATS)
    for element in _NUMBER_FORMAT.findall(styles):
        number = re.search(rb'numFmtId="(\d{1,9})"', element)
        code = re.search(rb'formatCode="([^"]*)"', element)
        if number and code:
            codes[int(number[1])] = unescape(code[1].decode(errors="replace"))
    cell_styles = _CELL_STYLES.search(styles)
    numbers = map(int, _STYLE.findall(cell_styles[0])) if cell_styles else ()
    return {
        style: codes[number]
        for style, number in enumerate(numbers)
        if number in codes and is_telling(codes[number])
    }


def is_telling(code: str) -> bool:
    """Return whether a number format shows more than a number or a day."""
    literal, symbols = _split_format(code)
    if _has_date(symbols):
        return not re.search("d|h|s", symbols) and "y" in symbols
    return bool(re.search("[%$£¥]", literal) or _PLAIN_WORDS.sub("", fold(literal)))


def _split_format(code: str) -> tuple[str, str]:
    """Return what a format shows as it is, and its symbols, in small letters."""
    section = re.split(r';(?=(?:[^"]*"[^"]*")*[^"]*$)', code)[0]
    literals = ["".join(filter(None, groups)) for groups in _LITERAL.findall(section)]
    return " ".join(filter(None, literals)), _LITERAL.sub("", section).lower()


def _has_date(symbols: str) -> bool:
    return bool(re.search("[ymd]", symbols)) and "general" not in symbols


def shown_text(code: str, value: str, first_day: dt.date) -> str:
    """Return what a cell of a telling format shows, in full precision; "" if it shows its value."""
    try:
        number = Decimal(value)
    except InvalidOperation:
        return ""
    literal, symbols = _split_format(code)
    if _has_date(symbols):
        return _shown_month(number, symbols, first_day)
    if "%" in literal:
        return f"{_plain(number * 100)} %"
    divisions = re.search(r"[0#?](,+)(?![0#?,])", symbols)
    scale = len(divisions[1]) if divisions else 0
    unit = _PLAIN_WORDS.sub("", fold(literal))
    if scale and unit in _UNIT_BY_SCALE.get(scale, ()):
        return ""
    return f"{_plain(number / 1000**scale)} {literal}"


def _day_number(date: str, first_day: dt.date) -> str:
    """Return the number of a day, which a strict Open XML workbook writes as a date."""
    try:
        return str((dt.date.fromisoformat(date[:10]) - first_day).days)
    except ValueError:
        return ""


def _shown_month(number: Decimal, symbols: str, first_day: dt.date) -> str:
    if not 0 < number < _LAST_DAY_NUMBER or int(number) in _YEARS:
        return ""
    day = first_day + dt.timedelta(days=int(number))
    return f"{day.month:02}/{day.year}" if "m" in symbols else str(day.year)


def _rewrite_ods_cell(cell: re.Match[bytes]) -> bytes:
    value = _ODS_VALUE.search(cell["start"] + cell["rest"])
    shown = unescape(cell["shown"].decode(errors="replace"))
    text = value and _shown_in_ods(cell["type"], value[1].decode(), shown)
    if not text:
        return cell[0]
    # the text is read only where there is no value
    start, rest = (_ODS_VALUE.sub(b"", cell[part]) for part in ("start", "rest"))
    return b'%sstring"%s>%s%s' % (start, rest, cell["open"], escape(text, quote=False).encode())


def _shown_in_ods(kind: bytes, value: str, shown: str) -> str:
    """Return what a cell shows, in full precision; "" if it shows its value."""
    if kind == b"date":
        if not re.fullmatch(r"\D*\d{2,4}|\d{1,2}[/.-]\d{4}", shown):
            return ""
        year, month = value[:4], value[5:7]
        return year if shown.isdigit() else f"{month}/{year}"
    try:
        number = Decimal(value)
    except InvalidOperation:
        return ""
    if kind == b"percentage":
        return f"{_plain(number * 100)} %"
    digits = re.search(r"-?\d(?:[\d\s.,'’]*\d)?", shown)
    unit = shown.replace(digits[0], " ").strip() if digits else ""
    if not _PLAIN_WORDS.sub("", fold(unit)):
        return ""
    # a format that divides shows another number: that of the cell is the right one
    return f"{_plain(number)} {unit}" if _is_shown(number, digits[0]) else ""


def _is_shown(number: Decimal, digits: str) -> bool:
    """Return whether digits, with a comma or a point for the decimals, are a number, rounded."""
    for mark in ",.":
        integer, _, decimals = digits.rpartition(mark) if mark in digits else (digits, "", "")
        if decimals.isdigit() or not decimals:
            text = f"{re.sub(r'[^0-9-]', '', integer) or '0'}.{decimals or '0'}"
            if abs(Decimal(text) - number) <= Decimal(1).scaleb(-len(decimals)):
                return True
    return False


def _plain(number: Decimal) -> str:
    """Write a number without exponent, without what floats add to it."""
    text = f"{round(number, 9):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
