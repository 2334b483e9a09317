"""Read amounts of money as French documents write them: digits, letters, k€, M€, Md€."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from comparisons.documents.vocabulary import pattern, words

_SIZES = {
    "k": 1_000,
    "millier": 1_000,
    "m": 10**6,
    "million": 10**6,
    "md": 10**9,
    "milliard": 10**9,
}
_DIGITS = (
    r"(?<![\d.,/])\d{1,3}(?:[ .\u202f]\d{3})+(?:,\d{1,2})?(?!\d)|"
    r"(?<![\d.,/])\d+(?:[.,]\d{1,3})?(?!\d)"
)
_UNIT = (
    r"(?P<size>k|K|M|Md|Mds|[Mm]illions?|[Mm]illiards?|[Mm]illiers?)?\s?(?:(?:d['’]\s?|de\s)?"
    r"(?P<euro>€|euros?\b|EUR\b|Euros?\b|EUROS\b))"
)
_AMOUNT = re.compile(rf"(?P<digits>{_DIGITS})\s?{_UNIT}")
_WORDS = re.compile(
    r"\b(?P<number>{numbers})(?P<hundred> cents?)?(?P<half> et demie?)?\s+"
    r"(?P<size>mille|millions?|milliards?)"
    r"(?P<half2> et demie?)?(?: d['’]| d e)?\s?(?:euros?|€)"
)
# « phase 2 150 000 € »: the first digit numbers the phase
_LABEL_BEFORE = re.compile(
    r"(?:phase|article|axe|lot|tranche|action|année|annexe|objectif|orientation|priorité|fiche|"
    r"projet|volet|étape|niveau|zone|mesure|n[°o])\s$",
    re.IGNORECASE,
)
_RANGE_BEFORE = re.compile(
    r"(?:\bentre\s+[\d ,.]+\s?(?:k€|M€|€|millions?|milliers?)?(?: d['’]euros)?\s+et|"
    r"\bde\s+[\d ,.]+\s?(?:k€|M€|€|millions?|milliers?)?(?: d['’]euros)?\s+à|"
    r"\d\s?(?:k€|M€|€)?\s?[-–à]|\bou)\s*$",
    re.IGNORECASE,
)
_RANGE_AFTER = re.compile(
    r"\s*(?:(?:à|et|ou|-|–)\s*\d[\d ,.]*\s?(?:k€|M€|Md€|€|millions?|milliards?|milliers?|euros))"
)
_PER_UNIT = re.compile(
    r"\s?(?:HT|TTC)?\s?(?:/\s?(?!an)\w+|par (?:habitant|hab\b|mois|jour|agent|élève|poste|foyer|"
    r"ménage|utilisateur|prise|heure|personne|licence|abonné|commune|logement|site|m[²2]|unité)|"
    r"l['’]unité|pièce|de l['’]heure)",
    re.IGNORECASE,
)
_YEARLY_AFTER = re.compile(
    r"\s?(?:HT|TTC)?,?\s?(?:/\s?an\b|par an\b|par année|annuels?\b|par exercice|l['’]an\b)|"
    r"[\w\s]{0,28}\bchaque année\b"
)
_YEARLY_BEFORE = re.compile(
    r"(?:annuel(?:le)?(?:ment)?|chaque année,?)(?: \w+){0,3}\s*$", re.IGNORECASE
)


@dataclass(frozen=True)
class Money:
    """An amount in euros, its place in the text, and the words that write it."""

    euros: Decimal
    start: int
    end: int
    shown: str
    is_approximate: bool = False
    is_yearly: bool = False
    is_without_tax: bool = False


def find_money(text: str) -> Iterator[Money]:
    """Iterate over the amounts of a text; ranges and prices of one unit are left out."""
    found: list[Money] = []
    for match in _AMOUNT.finditer(text):
        euros = _value(match["digits"], match["size"] or "", text[: match.start()])
        if euros is not None:
            found.append(_money(text, euros[0], match.start() + euros[1], match.end()))
    for match in _words_pattern().finditer(text):
        found.append(_money(text, _spelled(match), match.start(), match.end()))
    for money in sorted(found, key=lambda each: each.start):
        if not _is_range(text, money) and not _PER_UNIT.match(text, money.end):
            yield money


def to_text(euros: Decimal) -> str:
    """Write an amount as the format does: digits, a decimal point if need be."""
    text = f"{euros:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def read_number(text: str) -> Decimal | None:
    """Return the number that a cell of a table holds, or None."""
    compact = re.sub(r"[\s\u202f\u00a0]", "", text)
    if not re.fullmatch(r"\d{1,3}(?:\.\d{3})+(?:,\d+)?|\d+(?:[.,]\d+)?", compact):
        return None
    # digits are grouped by three, or not at all
    if re.search(r"\d\s\d", text) and not re.fullmatch(
        r"\d{1,3}(?:\s\d{3})+(?:,\d+)?", text.strip()
    ):
        return None
    if re.fullmatch(r"\d{1,3}(?:\.\d{3})+(?:,\d+)?", compact):
        compact = compact.replace(".", "")
    return Decimal(compact.replace(",", "."))


def scale_of(text: str, is_caption: bool = False) -> int | None:
    """Return how many euros the unit of a head counts, 1,000 for « Coût (k€) »; None without unit.

    In the words around a table, a caption, only « en k€ » or « (k€) » is its unit: an amount has a
    unit too.
    """
    before = r"(?:\ben\s+|\(\s*|:\s*)" if is_caption else r"(?<![\w])(?<!\d\s)"
    match = re.search(
        rf"{before}(?P<size>k|K|M|Md|Mds|[Mm]illiers?|[Mm]illions?|[Mm]illiards?)?\s?"
        r"(?:d['’]\s?|de\s)?(?:€|[Ee]uros?\b|EUR\b)",
        text,
    )
    return _size(match["size"] or "") if match else None


def _size(text: str) -> int:
    key = re.sub(r"s$", "", text)
    return _SIZES.get(key.lower(), 1) if key else 1


def _value(digits: str, size: str, before: str) -> tuple[Decimal, int] | None:
    """Return the euros of digits and a size, and how many characters belong to a label before."""
    skipped = 0
    parts = re.split(r"[ \u202f]", digits)
    if len(parts) > 1 and len(parts[0]) == 1 and _LABEL_BEFORE.search(before) and len(parts) > 2:
        skipped = 2
        digits = digits[2:]
    grouped = re.fullmatch(r"\d{1,3}(?:[ .\u202f]\d{3})+(,\d{1,2})?", digits)
    if grouped:
        number = re.sub(r"[ .\u202f]", "", digits).replace(",", ".")
        # « 1.200 M€ » is 1.2 billion or 1.2 million: neither is said
        if size and "." in digits:
            return None
    else:
        number = digits.replace(",", ".")
        if not size and re.fullmatch(r"\d+\.\d{3}", number):
            return None
    return Decimal(number) * _size(size), skipped


def _money(text: str, euros: Decimal, start: int, end: int) -> Money:
    before, after = text[max(0, start - 40) : start], text[end : end + 40]
    about = rf"(?:{words('approximations')})(?:\s+(?:de|d['’]|à))?\s*$"
    is_approximate = re.search(about, before, re.IGNORECASE) or re.match(r"\s*environ\b", after)
    return Money(
        euros,
        start,
        end,
        text[start:end],
        is_approximate=bool(is_approximate),
        is_yearly=bool(_YEARLY_AFTER.match(after) or _YEARLY_BEFORE.search(before)),
        is_without_tax=bool(re.match(r"\s?(?:HT|hors taxes?)\b", after)),
    )


def _is_range(text: str, money: Money) -> bool:
    return bool(
        _RANGE_BEFORE.search(text[max(0, money.start - 45) : money.start])
        or _RANGE_AFTER.match(text, money.end)
    )


@cache
def _words_pattern() -> re.Pattern:
    numbers = "|".join(sorted(words("nombres"), key=len, reverse=True))
    return re.compile(_WORDS.pattern.replace("{numbers}", numbers), re.IGNORECASE)


def _spelled(match: re.Match) -> Decimal:
    number = Decimal(words("nombres")[match["number"].lower()])
    if match["hundred"]:
        number *= 100
    if match["half"] or match["half2"]:
        number += Decimal("0.5")
    size = match["size"].lower()
    return number * (1_000 if size == "mille" else _size(size))


def is_foreign(sentence: str) -> bool:
    """Return whether a sentence tells of money that is no budget of a strategy."""
    return bool(pattern("montants_etrangers").search(sentence))
