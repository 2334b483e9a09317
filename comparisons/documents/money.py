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
    "mille": 1_000,
    "m": 10**6,
    "million": 10**6,
    "md": 10**9,
    "milliard": 10**9,
}
# « chaque lycée reçoit 4 000 € », but not « un ordinateur à chaque élève : 41 M€ »
_MOST_OF_UNIT = Decimal(200_000)
_DIGITS = (
    r"(?<![\d.,/])\d{1,3}(?:[ \u202f]\d{3})+(?:[.,]\d{1,2})?(?!\d)|"
    r"(?<![\d.,/])\d{1,3}(?:\.\d{3})+(?:,\d{1,2})?(?!\d)|"
    r"(?:(?<![\d.,/])(?<!\d[ \u202f])|(?<=\b20[0-4]\d ))\d+(?:[.,]\d{1,3})?(?!\d)"
)
_UNIT = (
    r"(?P<size>k|K|M|Md|Mds|[Mm]ill(?:ions?|iards?|iers?|e))?(?P<half> et demie?)?\s?"
    r"(?:(?:d['’]\s?|de\s)?"
    r"(?P<euro>€|euros?\b|EUR\b|Euros?\b|EUROS\b))"
)
# « 000 € » is the end of an amount that a line cut
_AMOUNT = re.compile(rf"(?P<digits>(?!0\d)(?:{_DIGITS}))\s?{_UNIT}")
# « 9,8 millions d’euros, dont 6,1 millions de la Région »
_WITHOUT_EURO = re.compile(
    rf"(?:€|euros)[^.;]*?\b(?:dont|puis|et)\s+(?P<digits>{_DIGITS})\s(?P<size>millions?)"
    r"(?!\s(?:d['’]|de\s(?!l)))"
)
# « le Département en assumerait 2,3 millions ; »
_PAID_WITHOUT_EURO = re.compile(
    rf"\b(?:assum|apport|financ|consacr|vers|mobilis|investi|dépens)\w* (?P<digits>{_DIGITS})\s"
    r"(?P<size>millions?)(?=\s?[;.,]|$)"
)
# « trois cent cinquante mille euros »: what is spelled is one number, read from its first word
_SPELLED = (
    r"(?<![\w-])(?P<number>(?:{numbers})(?:(?:-|\s|\set\s|-et-)(?:{numbers}))*)"
    r"(?P<half> et demie?)?"
    r"(?:\s(?:d['’]|de\s))?\s?(?:euros?\b|€)"
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
    # « en 2024 à 6,4 M€ » is no range
    r"(?<!\b20[0-4])\d\s?(?:k€|M€|€)?\s?[-–à]|\bou)\s*$",
    re.IGNORECASE,
)
_RAISED = r"\b(?:pass|port|ramen|relev|rédui)\w+ (?:[\w’' ]{0,40} )?de"
_RAISED_BEFORE = re.compile(
    rf"{_RAISED} [\d ,.]+ ?"
    r"(?:[kM]?€|(?:(?:millions?|milliers?|milliards?)(?: d['’])?)?(?:euros)?)?"
    r"(?: en 20[0-4]\d)? à\s*$"
)
# « passe de 45 000 € en 2022 à 62 000 € en 2024 »: the former is over
_RAISED_FROM = re.compile(rf"{_RAISED}\s*$")
_RAISED_TO = re.compile(r"(?: en 20[0-4]\d)? à \d[\d ,]*\s?(?:[kM]?€|millions|milliers|euros)")
_RANGE_AFTER = re.compile(
    r"\s*(?:(?:à|ou|-|–)\s*\d[\d ,.]*\s?(?:k€|M€|Md€|€|millions?|milliards?|milliers?|euros))"
)
# « contre 900 € en bourg », « initialement chiffré à 300 000 € »: not what the strategy costs; the
# hundreds of « 1 million 200 000 euros » are a part of an amount
_OTHER_BEFORE = re.compile(
    r"(?:\bcontre|\bau lieu de|\b(?:initialement|auparavant)(?: \w+){0,3}|"
    r"\b(?:millions?|milliards?|mille)(?: et)?)\s*$",
    re.IGNORECASE,
)
# « par agent », « par compteur »: a noun without article, but « par délibération »
_PER_UNIT = re.compile(
    r"\s?(?:HT|TTC)?\s?(?:/\s?(?!an)\w+|"
    r"par an(?:née)? et par [a-zà-ÿ]\w*|"
    r"par (?!(?:an|année|rentrée|exercice|ailleurs|exemple|conséquent|rapport|voie|l['’]|l[ae]s?|"
    r"des|du|une?|\w*(?:ion|ment|té)|avance|arrêté|avenant|emprunt|convention)\b)[a-zà-ÿ]\w*|"
    r"l['’]un(?:e|ité)?\b|chacune?\b|pièce|de l['’]heure|(?:mensuel|trimestriel|semestriel)s?\b)",
    re.IGNORECASE,
)
_YEARLY_AFTER = re.compile(
    r"\s?(?:HT|TTC)?,?\s?(?:/\s?an\b|par (?:an|année|rentrée)\b|annuels?\b|par exercice|l['’]an\b)|"
    r"[\w\s]{0,28}\bchaque année\b"
)
_YEARLY_BEFORE = re.compile(
    r"\b(?:annuel(?:le)?(?:ment)?|chaque année|tous les ans),?(?:[ ’'][\w,]+){0,5}\s*:?\s*$|"
    # « la subvention annuelle, fixée par la convention, est de 40 000 € »
    r"\b(?:subvention|contribution|cotisation|participation|dotation) annuelle\b[^.;:€]*"
    r"(?:est de|s.élève à|atteint)\s*$",
    re.IGNORECASE,
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
        size = match["size"] or ""
        euros = _value(match["digits"], size, text[: match.start()])
        if euros is not None and (size or not match["half"]):
            half = _size(size) / Decimal(2) if match["half"] else 0
            found.append(_money(text, euros[0] + half, match.start() + euros[1], match.end()))
    for match in (*_WITHOUT_EURO.finditer(text), *_PAID_WITHOUT_EURO.finditer(text)):
        euros = _value(match["digits"], match["size"], "")
        found.append(_money(text, euros[0], match.start("digits"), match.end()))
    for match in _words_pattern().finditer(text):
        euros = _spelled(match["number"], bool(match["half"]))
        if euros is not None and all(money.end != match.end() for money in found):
            found.append(_money(text, euros, match.start(), match.end()))
    for money in sorted(found, key=lambda each: each.start):
        if not _is_other(text, money):
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
    before = r"(?:\b[Ee]n\s+|\(\s*|:\s*)" if is_caption else r"(?<![\w])(?<!\d\s)"
    match = re.search(
        rf"{before}(?P<size>k|K|M|Md|Mds|[Mm]illiers?|[Mm]illions?|[Mm]illiards?)?\s?"
        r"(?:d['’]\s?|de\s)?(?:€|[Ee]uros?\b|EUR\b)",
        text,
    )
    if match is None and is_caption:
        # « Autorisations de programme, M€ »
        match = re.search(r"(?<![\d \u202f])[ \u202f](?P<size>k|K|M|Md)€", text)
    return _size(match["size"] or "") if match else None


def _size(text: str) -> int:
    key = re.sub(r"s$", "", text)
    return _SIZES.get(key.lower(), 1) if key else 1


def _value(digits: str, size: str, before: str) -> tuple[Decimal, int] | None:
    """Return the euros of digits and a size, and how many characters belong to a label before."""
    skipped = 0
    parts = re.split(r"[ \u202f]", digits)
    if len(parts) > 2 and len(parts[0]) < 3 and _LABEL_BEFORE.search(before):
        skipped = len(parts[0]) + 1
        digits = digits[skipped:]
    if re.fullmatch(r"\d{1,3}(?:\.\d{3})+(?:,\d{1,2})?", digits):
        # « 1.200 M€ » is 1.2 billion or 1.2 million: neither is said
        if size:
            return None
        number = digits.replace(".", "").replace(",", ".")
    elif " " in digits or "\u202f" in digits:
        number = re.sub(r"[ \u202f]", "", digits).replace(",", ".")
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
        is_yearly=bool(
            _YEARLY_AFTER.match(after) or _YEARLY_BEFORE.search(text[max(0, start - 150) : start])
        ),
        is_without_tax=bool(re.match(r"\s?(?:HT|hors taxes?)\b", after)),
    )


def _is_other(text: str, money: Money) -> bool:
    """Return whether an amount is of a range, the price of one unit, or what is compared with."""
    before = text[max(0, money.start - 45) : money.start]
    # not « répartis entre 1 M€ d’investissement et 2 M€ de fonctionnement »
    if re.search(r"\bentre\s*$", before) and re.match(r"\s*et\s*\d", text[money.end :]):
        return True
    if _RAISED_FROM.search(text[: money.start][-90:]) and _RAISED_TO.match(text, money.end):
        return True
    # « passe de 3 200 € à 4 100 € »: the latter
    if _RAISED_BEFORE.search(text[: money.start][-90:]):
        return False
    return bool(
        _RANGE_BEFORE.search(before)
        or _OTHER_BEFORE.search(before)
        or _RANGE_AFTER.match(text, money.end)
        or _PER_UNIT.match(text, money.end)
    )


@cache
def _numbers() -> str:
    return "|".join(sorted(words("nombres"), key=len, reverse=True))


@cache
def _words_pattern() -> re.Pattern:
    return re.compile(_SPELLED.replace("{numbers}", _numbers()), re.IGNORECASE)


def _spelled(text: str, has_half: bool) -> Decimal | None:
    """Return the number that words spell; None for less than a thousand, or « millions » alone."""
    total, below, last = Decimal(0), Decimal(0), 1
    values = [words("nombres")[word] for word in re.findall(rf"\b(?:{_numbers()})\b", text.lower())]
    if values[0] > 1_000:
        return None
    for value in values:
        if value >= 1_000:
            total += max(below, 1) * value
            below, last = Decimal(0), value
        elif value == 100 or (value == 20 and below % 100 == 4):
            # « trois cents », « quatre-vingts »
            below = (below // 100 * 100 + below % 100 * value) if below else Decimal(value)
        else:
            below += value
    number = total + below + (last / Decimal(2) if has_half else 0)
    return number if number >= 1_000 else None


def is_foreign(words_before: str, euros: Decimal = _MOST_OF_UNIT) -> bool:
    """Return whether words tell of money that is no budget of a strategy: a saving, a price."""
    is_price = euros < _MOST_OF_UNIT and (
        pattern("prix_unitaires").search(words_before)
        # the most that one gets, « au plus », is no budget
        or (
            pattern("plafonds").search(words_before)
            and not pattern("mots_enveloppe").search(words_before)
        )
    )
    return bool(is_price or pattern("montants_etrangers").search(words_before))
