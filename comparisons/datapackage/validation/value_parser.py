"""Parse values typed in usual French forms: « 12,5 M€ », « 24/06/2021 », « NC ».

A value is unambiguous when its text has only one meaning in France: the cell is then converted,
with a warning. Otherwise the value is only suggested, and the cell remains an error.
"""

import re
from decimal import Decimal, InvalidOperation

from stdnum.fr import siren

from comparisons.datapackage.validation.address_parser import parse_address
from comparisons.datapackage.validation.date_parser import parse_date, parse_year
from comparisons.datapackage.validation.parsed_value import ParsedValue, simplify
from comparisons.formatting import fold
from comparisons.schema.model import Field
from comparisons.tabular_files import FALSE_VALUE, TRUE_VALUE

# Longer texts are not parsed as a number.
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
    "k": 1_000, "millier": 1_000, "milliers": 1_000, "mille": 1_000,
    "m": 1_000_000, "mio": 1_000_000, "million": 1_000_000, "millions": 1_000_000,
    "md": 1_000_000_000, "mds": 1_000_000_000, "mrd": 1_000_000_000, "mrds": 1_000_000_000,
    "milliard": 1_000_000_000, "milliards": 1_000_000_000,
}  # fmt: skip
# A point or a comma separates thousands where there are two of them, or where both are written.
_DIGITS = (
    r"-?\d{1,3}(?:[ '’]\d{3})+(?:[.,]\d+)?|-?\d{1,3}(?:\.\d{3}){2,}(?:,\d+)?"
    r"|-?\d{1,3}(?:\.\d{3})+,\d+|-?\d{1,3}(?:,\d{3}){2,}(?:\.\d+)?|-?\d{1,3}(?:,\d{3})+\.\d+"
    r"|-?\d+(?:[.,]\d+)?"
)
_ABOUT = (
    r"environ|env\.?|pres de|~|≈|±|autour de|de l'ordre de|approximativement|a peu pres|quelque|"
    r"plus de|moins de|au moins|au plus|jusqu'a|au maximum|maximum|max\.?|minimum|min\.?|[<>≤≥]=?"
)
_SIZE = r"milliards?|milliers?|millions?|mille|mio|mrds?|mds?|m|k"
_EURO_NAME = r"(?:d'|de )?(?:€|euros?|eur)"
_AMOUNT = re.compile(
    rf"(?P<about>(?:{_ABOUT})\s*)?"
    rf"(?:{_EURO_NAME}\s*)?(?P<digits>{_DIGITS})(?:[.,]-{{1,2}})?"
    rf"\s*(?P<size>(?:{_SIZE})(?![a-z])|(?:{_SIZE})(?=eur|€))?"
    rf"\s*(?P<unit>{_EURO_NAME}|[%$£¥]"
    r"|(?!ht|ttc|par |env|hors|max|min|toutes)[a-z']+(?: [a-z']+)?)?"
    r"\s*(?P<yearly>(?:/|par) ?an)?"
    r"\s*(?P<tax>ht|ttc|h\.t\.?|t\.t\.c\.?|hors taxes?|toutes taxes(?: comprises)?)?"
    r"\s*(?P<late_yearly>(?:/|par) ?an)?"
    rf"\s*(?P<after>{_ABOUT})?",
    re.ASCII,
)
_EURO = re.compile(_EURO_NAME)
_SCIENTIFIC = re.compile(r"(-?\d+(?:[.,]\d+)?)e([+-]?\d{1,2})", re.ASCII)
_RANGE = re.compile(
    rf"(?:entre|de|d'environ) (?P<low>(?:{_DIGITS})[^-]*?) ?(?:et|a|-) ?(?P<high>(?:{_DIGITS}).*)"
    rf"|(?P<bare_low>{_DIGITS}) ?(?:-|a) ?(?P<bare_high>(?:{_DIGITS}).*)",
    re.ASCII,
)
_ITEM_NAMES = "axe|objectif|priorite|orientation|defi|enjeu|ambition|chantier|action|fiche|levier"
_RANK = re.compile(
    rf"(?:(?:{_ITEM_NAMES})(?: strategique)?s?\s*)?(?:n°|no\.?|numero|#)?\s*"
    r"(?P<rank>[0-9]{1,3}|[ivx]{1,6})(?:er|re|ere|e|eme)?\s*[.):°-]?",
    re.ASCII,
)
_SUB_RANK = re.compile(
    rf"(?:(?:{_ITEM_NAMES})s?\s*)?(?:n°)?\s*([0-9]{{1,2}})[.,/-]([0-9]{{1,2}}[a-z]?|[a-z])\.?",
    re.ASCII,
)
_ROMAN_RANKS = {
    numeral: str(rank)
    for rank, numeral in enumerate(
        "i ii iii iv v vi vii viii ix x xi xii xiii xiv xv xvi xvii xviii xix xx".split(), 1
    )
}
_CUT_DIGITS = (
    "Le tableur a remplacé des chiffres par une puissance de dix : donnez à la colonne le format "
    "« Texte » (ou « Nombre » sans décimale), puis tapez de nouveau le nombre entier."
)
_SUB_RANK_ADVICE = (
    "Le rang est un nombre entier : numérotez les priorités 1, 2, 3… dans l’ordre du document ; "
    "le numéro d’un sous-axe reste dans l’intitulé."
)
_OTHER_CURRENCY = "Le montant est en euros : convertissez-le, ou corrigez son unité."
# What may follow an amount: « 2 M€ (dont 0,5 M€ de la région) », « 1 200 000 € sur 6 ans ».
_REST = re.compile(r"\s*(?:[(;:\[]|, (?![0-9])| (?:sur|dont|pour|soit|dans|en|au|de la|du) )")
_CALENDAR_DAY = re.compile(r"[0-9]{4}-([0-9]{2})-([0-9]{2})")


def is_unknown_marker(text: str) -> bool:
    """Return whether a text is a marker of an unknown value: « NC », « - », « non communiqué »."""
    return len(text) <= _MAX_LENGTH and fold(text) in _UNKNOWN_MARKERS


def parse_value(field: Field, text: str) -> ParsedValue | None:
    """Parse a text that is invalid in its column; None if it has no likely value."""
    simplified = simplify(text)
    if simplified in _UNKNOWN_MARKERS:
        return None
    if field.type == "year":
        return parse_year(field, text)
    if field.kind == "date":
        return parse_date(text)
    if field.kind == "adresse":
        return parse_address(text)
    if len(text) > _MAX_LENGTH:
        return None
    match field.type:
        case "boolean":
            return _parse_boolean(simplified)
        case "integer":
            return _parse_number(field, simplified) or _parse_rank(simplified)
        case "number":
            return (
                _parse_number(field, simplified)
                or _parse_range(field, simplified)
                or _parse_beginning(field, simplified)
            )
    if field.kind == "siren" and (advice := cut_digits_advice(text)):
        return ParsedValue("", False, advice=advice)
    if field.kind == "siren":
        return _parse_siren(simplified)
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


def _parse_number(field: Field, folded_text: str) -> ParsedValue | None:
    is_money = field.unit == "€"
    if match := _SCIENTIFIC.fullmatch(folded_text):
        return _parse_scientific(*match.groups())
    match = _AMOUNT.fullmatch(folded_text)
    if match is None:
        return None
    digits = re.sub("[ '’]", "", match["digits"])
    if is_money and re.fullmatch(r"-?\d{1,3},\d{3}", digits) and not match["size"]:
        without_comma, with_point = digits.replace(",", ""), digits.replace(",", ".")
        advice = f"Écrivez {without_comma} si la virgule sépare les milliers, {with_point} sinon."
        return ParsedValue("", False, advice=advice)
    try:
        value = Decimal(_with_decimal_point(digits)) * _MULTIPLES.get(match["size"] or "", 1)
    except InvalidOperation:
        return None
    number_text = _number_text(value)
    if field.type == "integer" and "." in number_text:
        return None
    if is_money and match["unit"] == "%":
        return None
    if is_money and match["unit"] and not _EURO.fullmatch(match["unit"]):
        return ParsedValue("", False, advice=_OTHER_CURRENCY)
    ambiguities = _ambiguities(field, match)
    advice = f"Écrivez {number_text}{''.join(ambiguities)}." if any(ambiguities) else ""
    return ParsedValue(
        number_text, not ambiguities and _has_expected_unit(field, match), advice=advice
    )


def _with_decimal_point(digits: str) -> str:
    """Return digits without separators of thousands, with a decimal point."""
    last_mark = max(digits.rfind("."), digits.rfind(","))
    marks = re.findall("[.,]", digits)
    if len(marks) > 1 and marks[0] == marks[-1]:
        return re.sub("[.,]", "", digits)
    whole, decimals = digits[:last_mark], digits[last_mark + 1 :]
    return f"{re.sub('[.,]', '', whole)}.{decimals}" if marks else digits


def _number_text(value: Decimal) -> str:
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _parse_scientific(digits: str, exponent: str) -> ParsedValue:
    value = _number_text(Decimal(digits.replace(",", ".")).scaleb(int(exponent)))
    advice = f"{_CUT_DIGITS} Si ce sont tous ses chiffres, écrivez {value}."
    return ParsedValue(value, False, advice=advice)


def _parse_range(field: Field, text: str) -> ParsedValue | None:
    """Return the advice on « entre 1 et 2 M€ », which is no amount."""
    match = _RANGE.fullmatch(text)
    if match is None:
        return None
    low, high = match["low"] or match["bare_low"], match["high"] or match["bare_high"]
    highest = _AMOUNT.fullmatch(high)
    lowest = _AMOUNT.fullmatch(low)
    if highest is None or lowest is None:
        return None
    # « entre 1 et 2 M€ » : the size of the second is that of both
    size = "" if lowest["size"] else highest["size"] or ""
    ends = [_parse_number(field, f"{low} {size}"), _parse_number(field, high)]
    if not all(end and end.value for end in ends):
        return None
    values = " ou ".join(end.value for end in ends)
    about = ", et « oui » dans la colonne « approximatif »" if field.name == "montant" else ""
    return ParsedValue(
        "", False, advice=f"Une fourchette n’est pas un nombre : écrivez {values}{about}."
    )


def _parse_beginning(field: Field, text: str) -> ParsedValue | None:
    """Return, as a suggestion, the amount that a sentence begins with."""
    beginning, *rest = _REST.split(text, maxsplit=1)
    number = _parse_number(field, beginning) if rest else None
    if number is None or not number.value:
        return None
    advice = number.advice or f"Écrivez {number.value}."
    return ParsedValue(
        number.value, False, advice=f"{advice} Le reste du texte ne se met pas dans cette cellule."
    )


def _parse_rank(text: str) -> ParsedValue | None:
    """Return the rank of « Axe 1 », « n° 3 » or « IV »; of « 1.2 », the advice on parts of axes."""
    if match := _RANK.fullmatch(text):
        rank = _ROMAN_RANKS.get(match["rank"], match["rank"])
        return ParsedValue(rank.lstrip("0") or rank, False) if rank.isdigit() else None
    if match := _CALENDAR_DAY.fullmatch(text):
        month, day = map(int, match.groups())
        return ParsedValue("", False, advice=date_advice(day, month))
    if _SUB_RANK.fullmatch(text):
        return ParsedValue("", False, advice=_SUB_RANK_ADVICE)
    return None


def _parse_siren(text: str) -> ParsedValue | None:
    """Return the Siren of a number with spaces or decimals, of a Siret, of a number of VAT."""
    digits = re.sub(r"[\s.-]", "", re.sub(r"[.,]0+$", "", text))
    if re.fullmatch(r"fr[0-9a-z]{2}[0-9]{9}", digits):
        digits = digits[-9:]
    if not re.fullmatch(r"\d{9}|\d{14}", digits, re.ASCII) or not siren.is_valid(digits[:9]):
        return None
    if len(digits) == 9:
        return ParsedValue(digits, text[:2] != "fr")
    advice = f"Ces quatorze chiffres sont un Siret : écrivez le Siren, « {digits[:9]} »."
    return ParsedValue(digits[:9], False, advice=advice)


def cut_digits_advice(text: str) -> str:
    """Return the advice on a number such as « 2,00056E+08 », of which digits are lost; "" else."""
    return _CUT_DIGITS if _SCIENTIFIC.fullmatch(simplify(text)) else ""


def date_advice(day: int, month: int) -> str:
    """Return the advice on a date that a spreadsheet made of a text such as « 3-5 »."""
    return (
        f"Le tableur a pu prendre pour une date un texte comme « {day}-{month} » ou "
        f"« {day}.{month} » : donnez à la cellule le format « Texte », puis tapez-le de nouveau."
    )


def _ambiguities(field: Field, match: re.Match) -> list[str]:
    """List what belongs in other columns, in French: « environ », « par an », « HT »."""
    sentences = []
    if match["about"] or match["after"]:
        has_column = field.name in {"montant", "valeur"}
        sentences.append(
            f", et « {TRUE_VALUE} » dans la colonne « approximatif »" if has_column else ""
        )
    if match["yearly"] or match["late_yearly"]:
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
