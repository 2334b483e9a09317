"""Parse values typed in usual French forms: « 12,5 M€ », « 24/06/2021 », « NC ».

A value is unambiguous when its text has only one meaning in France: the cell is then converted,
with a warning. Otherwise the value is only suggested, and the cell remains an error.
"""

import datetime as dt
import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from comparisons.formatting import fold, format_partial_date
from comparisons.schema.model import Field
from comparisons.tabular_files import FALSE_VALUE, TRUE_VALUE

# Longer texts are not parsed as a number or a date.
_MAX_LENGTH = 60

_UNKNOWN_MARKERS = {
    *"nc n.c n.c. n/c nr n.r. n.r n/r nd n.d. n.d na n.a. n/a ? ?? - -- — – _ . … ... /".split(),
    *"neant inconnu inconnue vide null none nan non-communique".split(),
    "a completer",
    "a definir",
    "a preciser",
    "donnee absente",
    "pas d'information",
    "sans objet",
} | {
    f"non {word}"
    for word in (
        "communique communiquee connu connue renseigne renseignee disponible precise precisee "
        "determine determinee applicable concerne defini definie trouve trouvee".split()
    )
}

_TRUE = frozenset({"oui", "vrai", "true", "yes"})
_FALSE = frozenset({"non", "faux", "false", "no"})
_MAYBE_TRUE = frozenset({"o", "x", "1", "v", "y", "ok", "coche"})
_MAYBE_FALSE = frozenset({"n", "0", "f"})

_MULTIPLES = {
    "k": 1_000,
    "millier": 1_000,
    "milliers": 1_000,
    "m": 1_000_000,
    "million": 1_000_000,
    "millions": 1_000_000,
    "md": 1_000_000_000,
    "mds": 1_000_000_000,
    "milliard": 1_000_000_000,
    "milliards": 1_000_000_000,
}
_DIGITS = r"-?\d{1,3}(?:[ ]\d{3})+(?:[.,]\d+)?|-?\d+(?:[.,]\d+)?|-?\d{1,3}(?:\.\d{3}){2,}(?:,\d+)?"
_AMOUNT = re.compile(
    rf"(?P<about>(?:environ|env\.?|pres de|~|≈|±|autour de|de l'ordre de|approximativement)\s*)?"
    rf"(?P<digits>{_DIGITS})"
    r"\s*(?P<size>(?:milliards?|milliers?|millions?|mds?|m|k)(?![a-z]))?"
    r"\s*(?P<unit>(?:d'|d’|de\s)?\s*(?:€|euros?|eur)|%|(?!ht|ttc|par |env)[a-z']+(?: [a-z']+)?)?"
    r"\s*(?P<yearly>(?:/|par) ?an)?"
    r"\s*(?P<tax>ht|ttc|h\.t\.?|t\.t\.c\.?)?"
    r"\s*(?P<after>environ|env\.?)?",
    re.ASCII,
)
_EURO = re.compile(r"(?:d'|d’|de\s)?\s*(?:€|euros?|eur)")

_MONTHS = {
    "janvier": 1, "janv": 1, "jan": 1, "fevrier": 2, "fevr": 2, "fev": 2, "mars": 3, "avril": 4,
    "avr": 4, "mai": 5, "juin": 6, "juillet": 7, "juil": 7, "aout": 8, "septembre": 9, "sept": 9,
    "octobre": 10, "oct": 10, "novembre": 11, "nov": 11, "decembre": 12, "dec": 12,
}  # fmt: skip
_DAY_NAMES = "lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche"
_MONTH_NAME_DATE = re.compile(
    rf"(?:en |le )?(?:(?:{_DAY_NAMES}) )?(?:(?P<day>\d{{1,2}})(?:er)? )?"
    r"(?P<month>[a-z]+)\.? (?P<year>\d{4})",
    re.ASCII,
)
_DAY_FIRST_DATE = re.compile(
    r"(?:le )?(?:(?P<day>\d{1,2})[/. -])?(?P<month>\d{1,2})[/. -](?P<year>\d{4}|\d{2})",
    re.ASCII,
)
_YEAR_FIRST_DATE = re.compile(
    r"(?P<year>\d{4})[-/.](?P<month>\d{1,2})(?:[-/.](?P<day>\d{1,2}))?(?:[t ][0-9:.]+z?)?",
    re.ASCII,
)
_VAGUE_YEAR = re.compile(
    r"(?:en|vers|debut|fin|courant|mi-?|ete|printemps|automne|hiver|t[1-4]|s[12]|[1-4]e?r? "
    r"trimestre|[12]e?r? semestre|rentree|annee|environ|des|depuis)[ -]*(\d{4})",
    re.ASCII,
)
_PERIOD = re.compile(r"(?:de )?(\d{4}) ?(?:-|–|—|/|a|et|au|→) ?(\d{4})", re.ASCII)


@dataclass(frozen=True)
class ParsedValue:
    """A parsed cell: `value` in the syntax of the format, and its French `description`.

    `unambiguous`: the text has no other meaning. `advice`: the remedy, if it is more than writing
    the value.
    """

    value: str
    unambiguous: bool
    description: str = ""
    advice: str = ""


def is_unknown_marker(text: str) -> bool:
    """Return whether a text is a marker of an unknown value: « NC », « - », « non communiqué »."""
    return len(text) <= _MAX_LENGTH and fold(text) in _UNKNOWN_MARKERS


def parse_value(field: Field, text: str) -> ParsedValue | None:
    """Parse a text that is invalid in its column; None if it has no likely value."""
    if len(text) > _MAX_LENGTH:
        return None
    folded_text = fold(text)
    if folded_text in _UNKNOWN_MARKERS:
        return None
    match field.type:
        case "boolean":
            return _parse_boolean(folded_text)
        case "year":
            return _parse_year(field, folded_text)
        case "number" | "integer":
            return _parse_number(field, folded_text)
    if field.kind == "date":
        return _parse_date(folded_text)
    if field.kind == "territoire" and re.fullmatch(r"[0-9]{2,9}\.0", folded_text):
        return ParsedValue(folded_text[:-2], True)
    return None


def _parse_boolean(folded_text: str) -> ParsedValue | None:
    for markers, value, unambiguous in (
        (_TRUE, TRUE_VALUE, True),
        (_FALSE, FALSE_VALUE, True),
        (_MAYBE_TRUE, TRUE_VALUE, False),
        (_MAYBE_FALSE, FALSE_VALUE, False),
    ):
        if folded_text in markers:
            return ParsedValue(value, unambiguous)
    return None


def _parse_year(field: Field, folded_text: str) -> ParsedValue | None:
    if re.fullmatch(r"[0-9]{4}\.0+", folded_text):
        return ParsedValue(folded_text[:4], True)
    if match := _PERIOD.fullmatch(folded_text):
        is_end = field.name == "annee_fin"
        advice = ""
        if field.name in {"annee_debut", "annee_fin"}:
            advice = f"Écrivez {match[1]} dans « annee_debut » et {match[2]} dans « annee_fin »."
        return ParsedValue(match[2] if is_end else match[1], False, advice=advice)
    if match := _VAGUE_YEAR.fullmatch(folded_text):
        return ParsedValue(match[1], False)
    date = _parse_date(folded_text)
    return ParsedValue(date.value[:4], False) if date else None


def _parse_number(field: Field, folded_text: str) -> ParsedValue | None:
    match = _AMOUNT.fullmatch(folded_text)
    if match is None:
        return None
    digits, is_money = match["digits"].replace(" ", ""), field.unit == "€"
    if digits.count(".") > 1:
        digits = digits.replace(".", "")
    if is_money and re.fullmatch(r"-?\d{1,3},\d{3}", digits) and not match["size"]:
        without_comma, with_point = digits.replace(",", ""), digits.replace(",", ".")
        advice = f"Écrivez {without_comma} si la virgule sépare les milliers, {with_point} sinon."
        return ParsedValue("", False, advice=advice)
    try:
        value = Decimal(digits.replace(",", ".")) * _MULTIPLES.get(match["size"] or "", 1)
    except InvalidOperation:
        return None
    number_text = f"{value:f}"
    number_text = number_text.rstrip("0").rstrip(".") if "." in number_text else number_text
    if field.type == "integer" and "." in number_text:
        return None
    if is_money and match["unit"] == "%":
        return None
    ambiguities = _ambiguities(field, match)
    advice = f"Écrivez {number_text}{''.join(ambiguities)}." if any(ambiguities) else ""
    return ParsedValue(
        number_text, not ambiguities and _has_expected_unit(field, match), advice=advice
    )


def _ambiguities(field: Field, match: re.Match) -> list[str]:
    """List what belongs in other columns, in French: « environ », « par an », « HT »."""
    sentences = []
    if match["about"] or match["after"]:
        has_column = field.name in {"montant", "valeur"}
        sentences.append(
            f", et « {TRUE_VALUE} » dans la colonne « approximatif »" if has_column else ""
        )
    if match["yearly"]:
        has_column = field.name == "montant"
        sentences.append(", et « annuel » dans la colonne « recurrence »" if has_column else "")
    if match["tax"]:
        has_column = field.name == "montant"
        sentences.append(", et précisez « HT » ou « TTC » dans le libellé" if has_column else "")
    return sentences


def _has_expected_unit(field: Field, match: re.Match) -> bool:
    """Return whether the typed unit is that of the column; no unit is accepted."""
    unit = match["unit"]
    if unit is None:
        return True
    if _EURO.fullmatch(unit):
        return field.unit == "€" or field.name == "valeur"
    if unit == "%":
        return field.name == "valeur"
    return fold(unit) == fold(field.unit)


def _parse_date(folded_text: str) -> ParsedValue | None:
    for pattern in (_YEAR_FIRST_DATE, _DAY_FIRST_DATE, _MONTH_NAME_DATE):
        if (match := pattern.fullmatch(folded_text)) and (parsed_date := _build_date(match)):
            return parsed_date
    if match := _VAGUE_YEAR.fullmatch(folded_text):
        return ParsedValue(match[1], False)
    if re.fullmatch(r"[0-9]{4}\.0+", folded_text):
        return ParsedValue(folded_text[:4], True)
    # Spreadsheets count days from 30 December 1899: five digits from 1982 to 2064.
    if re.fullmatch(r"[345][0-9]{4}", folded_text):
        day = dt.date(1899, 12, 30) + dt.timedelta(days=int(folded_text))
        day_text = format_partial_date(day.isoformat())
        advice = (
            f"{folded_text} est peut-être le numéro que le tableur donne au {day_text} : "
            f"écrivez alors {day.isoformat()}."
        )
        return ParsedValue(day.isoformat(), False, day_text, advice)
    return None


def _build_date(match: re.Match) -> ParsedValue | None:
    month = match["month"]
    month = int(month) if month.isdigit() else _MONTHS.get(month, 0)
    is_short_year = len(match["year"]) == 2
    year = int(match["year"]) + (2000 if is_short_year else 0)
    try:
        dt.date(year, month, int(match["day"] or 1))
    except ValueError:
        return None
    day = f"-{int(match['day']):02}" if match["day"] else ""
    value = f"{year}-{month:02}{day}"
    if not is_short_year:
        return ParsedValue(value, True, format_partial_date(value))
    date_text = format_partial_date(value)
    advice = f"Si c’est le {date_text}, écrivez {value} : l’année a quatre chiffres."
    return ParsedValue(value, False, date_text, advice)
