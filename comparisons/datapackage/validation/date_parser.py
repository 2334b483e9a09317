"""Parse dates, years and periods typed in usual French forms: « 24/06/2021 », « de 2021 à 2026 ».

A sentence that holds one date is only a suggestion, as is a year of two digits.
"""

import datetime as dt
import re
from collections.abc import Iterator

from comparisons.datapackage.validation.parsed_value import ParsedValue, simplify
from comparisons.formatting import format_partial_date, join_words
from comparisons.schema.model import Field

# Longer texts are not searched for a date.
_MAX_LENGTH = 200
_MONTHS = {
    "janvier": 1, "janv": 1, "jan": 1, "january": 1, "fevrier": 2, "fevr": 2, "fev": 2, "feb": 2,
    "february": 2, "mars": 3, "mar": 3, "march": 3, "avril": 4, "avr": 4, "apr": 4, "april": 4,
    "mai": 5, "may": 5, "juin": 6, "jun": 6, "june": 6, "juillet": 7, "juil": 7, "jul": 7,
    "july": 7, "aout": 8, "aou": 8, "aug": 8, "august": 8, "septembre": 9, "sept": 9, "sep": 9,
    "september": 9, "octobre": 10, "oct": 10, "october": 10, "novembre": 11, "nov": 11,
    "november": 11, "decembre": 12, "dec": 12, "december": 12,
}  # fmt: skip
_DAY_NAMES = "lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche"
_MONTH_NAMES = "|".join(sorted(_MONTHS, key=len, reverse=True))
_DAY = r"(?P<day>[0-9]{1,2})"
_MONTH = r"(?P<month>[0-9]{1,2})"
_YEAR = r"(?P<year>[0-9]{4})"
_SHORT_YEAR = r"(?P<year>[0-9]{4}|[0-9]{2})"
# What follows a date that a database or a spreadsheet writes with its time.
_TIME = (
    r"(?:(?:t| a |,? )(?P<hour>[0-9]{1,2})[:h][0-9:.]*(?:z|utc| ?[+-][0-9]{2}:?[0-9]{2})?"
    r"(?: ?[ap]m)?)?"
)
_DATE_FORMS = tuple(
    re.compile(rf"(?:en |le |du |au |date du )?{form}{_TIME}", re.ASCII)
    for form in (
        rf"{_YEAR}[-/. ]{_MONTH}(?:[-/. ]{_DAY})?",
        rf"(?:{_DAY}[-/. ])?{_MONTH}[-/. ]{_SHORT_YEAR}",
        rf"(?:(?:{_DAY_NAMES})\.?,? )?(?:{_DAY}(?:er|e)?[-/. ]+)?"
        rf"(?P<month>{_MONTH_NAMES})\.?(?:[-/. ]+|, ){_SHORT_YEAR}",
        rf"(?P<month>{_MONTH_NAMES})\.? {_DAY},? {_YEAR}",
        rf"{_YEAR}[-/. ]+(?P<month>{_MONTH_NAMES})\.?(?:[-/. ]+{_DAY})?",
        r"(?P<year>(?:19[89]|20[0-5])[0-9])(?P<month>[01][0-9])(?P<day>[0-3][0-9])",
    )
)
_FOUND_DATES = tuple(
    re.compile(rf"(?<![0-9a-z/.-]){form}(?![0-9a-z])", re.ASCII)
    for form in (
        rf"{_YEAR}[-/.]{_MONTH}[-/.]{_DAY}",
        rf"{_DAY}[-/.]{_MONTH}[-/.]{_YEAR}",
        rf"(?:{_DAY}(?:er|e)? )?(?P<month>{_MONTH_NAMES})\.? {_YEAR}",
    )
)
# What databases write where the day, or the month, is unknown.
_ZERO_DAY = re.compile(rf"{_YEAR}-{_MONTH}-00(?P<day>)", re.ASCII)
_ZERO_MONTH = re.compile("([0-9]{4})-00-00")
_MONTH_FIRST = re.compile(r"(?P<month>[0-9]{1,2})/(?P<day>[0-9]{1,2})/(?P<year>[0-9]{4})")
_LONE_YEAR = re.compile(r"(?<![0-9])((?:19|20)[0-9]{2})(?![0-9])")
_FLOAT_YEAR = re.compile(r"([0-9]{4})(?:[.,]0+)?")
# Spreadsheets count days from 30 December 1899: five digits from 1982 to 2064.
_DAY_NUMBER = re.compile(r"([345][0-9]{4})(?:[.,][0-9]+)?")
_FIRST_DAY = dt.date(1899, 12, 30)
# The days whose numbers are the years of the format.
_YEAR_DAYS = (1980, 2060)
_PERIOD = re.compile(
    r"(?:(?:de|du|entre|periode|annees?|exercices?|les annees) )*(?P<start>[0-9]{4})(?:[.,]0)? ?"
    r"(?:-+>?|/|a|et|au|→|>|\||jusqu'(?:a|en|au))+ ?(?:en )?(?P<end>[0-9]{4}|[0-9]{2})(?:[.,]0)?",
    re.ASCII,
)
_YEAR_LIST = re.compile(r"[0-9]{4}(?: ?[,;|/+] ?[0-9]{4})+(?: et [0-9]{4})?", re.ASCII)
_SHORT_PERIOD = re.compile(r"([0-9]{2}) ?[-/] ?([0-9]{2})")
_INNER_PERIOD = re.compile(r"(?<![0-9-])((?:19|20)[0-9]{2}) ?[-/] ?((?:19|20)[0-9]{2})(?![0-9-])")


def parse_date(text: str) -> ParsedValue | None:
    """Parse a text as a day, a month or a year; None if it names none."""
    simplified = simplify(text)
    for form in _DATE_FORMS:
        if (match := form.fullmatch(simplified)) and (date := _build_date(match)):
            return date
    if match := _FLOAT_YEAR.fullmatch(simplified) or _ZERO_MONTH.fullmatch(simplified):
        return ParsedValue(match[1], True)
    if (match := _ZERO_DAY.fullmatch(simplified)) and (date := _build_date(match)):
        return date
    if match := _MONTH_FIRST.fullmatch(simplified):
        date = _build_date(match)
        return date and _with_advice(date, "le mois y est avant le jour")
    if match := _DAY_NUMBER.fullmatch(simplified):
        return _day_of_number(match[1])
    if period := parse_period(simplified):
        start = period.value.partition("-")[0]
        advice = f"C’est une période : écrivez une date, celle de l’adoption ({start} ?)."
        return ParsedValue("", False, advice=advice)
    return _date_in_sentence(simplified) if len(simplified) <= _MAX_LENGTH else None


def parse_year(field: Field, text: str) -> ParsedValue | None:
    """Parse a text as a year of a column; of a period, its first or its last one."""
    simplified = simplify(text)
    if match := _FLOAT_YEAR.fullmatch(simplified):
        return ParsedValue(match[1], True)
    if period := parse_period(simplified):
        start, end = period.value.split("-")
        advice = ""
        if field.name in {"annee_debut", "annee_fin"}:
            advice = f"Écrivez {start} dans « annee_debut » et {end} dans « annee_fin »."
        return ParsedValue(end if field.name == "annee_fin" else start, False, advice=advice)
    date = parse_date(simplified)
    return ParsedValue(date.value[:4], False) if date and date.value else None


def parse_period(text: str) -> ParsedValue | None:
    """Parse « 2021-2026 », « de 2021 à 2026 » or « 2021/26 » into `2021-2026`; None if it is not.

    « 2009-12 » may be a month.
    """
    simplified = simplify(text)
    if match := _PERIOD.fullmatch(simplified):
        start, end = match["start"], match["end"]
        full_end = f"{start[:2]}{end}"[-4:]
        if full_end < start and len(end) == 2:
            return None
        return ParsedValue(f"{start}-{full_end}", len(end) == 4 or int(end) > 12)
    if _YEAR_LIST.fullmatch(simplified):
        years = [int(year) for year in re.findall(r"[0-9]{4}", simplified)]
        is_without_gap = years == list(range(years[0], years[-1] + 1))
        return ParsedValue(f"{min(years)}-{max(years)}", is_without_gap)
    if (match := _SHORT_PERIOD.fullmatch(simplified)) and match[1] < match[2]:
        return ParsedValue(f"20{match[1]}-20{match[2]}", False)
    periods = {found.groups() for found in _INNER_PERIOD.finditer(simplified)}
    if len(periods) == 1 and len(simplified) <= _MAX_LENGTH:
        return ParsedValue("-".join(periods.pop()), False)
    return None


def year_in_date_cell(text: str) -> ParsedValue | None:
    """Return the year of a date of 1905: it was typed in a cell that shows dates.

    The spreadsheet takes « 2021 » for the 2,021st of its days, 13 July 1905.
    """
    date = parse_date(text) if "1905" in text else None
    if date is None or len(date.value) < 10 or not date.unambiguous:
        return None
    day = dt.date.fromisoformat(date.value)
    number = (day - _FIRST_DAY).days
    if not _YEAR_DAYS[0] <= number <= _YEAR_DAYS[1]:
        return None
    description = (
        f"l’année {number} : le tableur la prend, tapée dans une cellule de dates, pour le "
        f"{format_partial_date(date.value)}"
    )
    return ParsedValue(str(number), True, description)


def _day_of_number(number: str) -> ParsedValue:
    day = (_FIRST_DAY + dt.timedelta(days=int(number))).isoformat()
    day_text = format_partial_date(day)
    advice = (
        f"{number} est peut-être le numéro que le tableur donne au {day_text} : "
        f"écrivez alors {day}."
    )
    return ParsedValue(day, False, day_text, advice)


def _date_in_sentence(simplified: str) -> ParsedValue | None:
    """Return the date that a sentence holds, as a suggestion; without any, its year."""
    dates = list(dict.fromkeys(_find_dates(simplified)))
    rest = _LONE_YEAR.sub("", simplified)
    is_sentence = re.search("[a-z]", rest) or not re.search("[0-9]", rest)
    years = list(dict.fromkeys(_LONE_YEAR.findall(simplified))) if is_sentence else []
    candidates = dates or years
    if len(candidates) == 1:
        return ParsedValue(candidates[0], False)
    if candidates:
        advice = f"Gardez une seule date : {join_words(candidates, 'ou')}."
        return ParsedValue("", False, advice=advice)
    return None


def _find_dates(simplified: str) -> Iterator[str]:
    for form in _FOUND_DATES:
        # two dates joined by a hyphen are read apart
        for match in form.finditer(re.sub(r"(?<=[0-9]{4})-(?=[0-9]{1,2}/)", " ", simplified)):
            if date := _build_date(match):
                yield date.value


def _build_date(match: re.Match) -> ParsedValue | None:
    parts = match.groupdict()
    month = int(parts["month"]) if parts["month"].isdigit() else _MONTHS[parts["month"]]
    is_short_year = len(parts["year"]) == 2
    year = int(parts["year"]) + (2000 if is_short_year else 0)
    try:
        day = dt.date(year, month, int(parts["day"] or 1))
    except ValueError:
        return None
    value = day.isoformat() if parts["day"] else day.isoformat()[:7]
    date = _describe(value, not is_short_year)
    if is_short_year:
        return _with_advice(date, "l’année a quatre chiffres")
    if int(parts.get("hour") or 0) >= 22 and match.string.endswith(("z", "utc", "+00:00")):
        return _next_day(day)
    return date


def _next_day(day: dt.date) -> ParsedValue:
    """Return, as a suggestion, the day in France of a late hour of universal time."""
    value = (day + dt.timedelta(days=1)).isoformat()
    date = _describe(value, False)
    return _with_advice(date, "l’heure écrite est l’heure universelle")


def _with_advice(date: ParsedValue, reason: str) -> ParsedValue:
    advice = f"Si c’est {_day_text(date.value)}, écrivez {date.value} : {reason}."
    return ParsedValue(date.value, False, date.description, advice)


def _describe(value: str, unambiguous: bool) -> ParsedValue:
    return ParsedValue(value, unambiguous, f"{_day_text(value)} ({value})")


def _day_text(value: str) -> str:
    """Write « le 24 juin 2021 », but « juin 2021 »."""
    return f"{'le ' if len(value) == 10 else ''}{format_partial_date(value)}"
