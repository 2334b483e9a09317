"""Format values in French for readers: numbers, dates, amounts, lists, Markdown.

An unknown value is written « non renseigné », never 0 nor an empty string.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from decimal import localcontext
from functools import lru_cache
from urllib.parse import quote

import pandas as pd
from babel.dates import format_date
from babel.numbers import format_decimal
from rapidfuzz import fuzz, process

LOCALE = "fr_FR"
MISSING = "non renseigné"
NBSP = "\N{NO-BREAK SPACE}"
WORD_JOINER = "\N{WORD JOINER}"
_WHITE_SPACE = re.compile(r"[ \t\r\n\f\v]+")
_SPACE_AT_PUNCTUATION = re.compile(r" (?=[:;?!»%€])|(?<=«) ")
_MARKDOWN_ESCAPES = str.maketrans({mark: f"\\{mark}" for mark in r"\`*_{}[]()#+!|<>$~:&"})
_LIST_OR_HEADING = re.compile(r"^(\d+(?=\.))?([-=.])")
# inside « www. », « https:// », « nom@ »: what GitHub's Markdown makes links of
_ADDRESS_BEGINNING = re.compile(
    r"(?<=www)(?=\.)|(?<=[a-z])(?=://)|(?<=[-.\w+])(?=@[-\w])", re.IGNORECASE
)

_PARTIAL_DATE = re.compile(r"(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?")


def is_missing(value: object) -> bool:
    """Return whether a cell holds nothing (None, NaN, NA, empty text or list)."""
    if value is None or value is pd.NA:
        return True
    if isinstance(value, str):
        return not value
    if hasattr(value, "__len__"):
        return len(value) == 0
    return bool(pd.isna(value))


# Digits of the largest float, with its decimals.
_MAX_DIGITS = 340


def format_number(value: object, decimals: int = 0, locale: str = LOCALE) -> str:
    """Write a number in French (`12 345,6`), with at most `decimals` decimals."""
    if is_missing(value):
        return MISSING
    # + 0.0: minus zero, equal to zero, would be kept for both
    return _write_number(float(value) + 0.0, decimals, locale)


# pages write the same numbers and dates again and again
@lru_cache(maxsize=16_384)
def _write_number(value: float, decimals: int, locale: str) -> str:
    pattern = "#,##0" + ("." + "#" * decimals if decimals else "")
    # a mistyped amount may have hundreds of digits
    with localcontext(prec=_MAX_DIGITS):
        return format_decimal(value, format=pattern, locale=locale)


def format_percent(share: object, decimals: int = 0) -> str:
    """Write a share between 0 and 1 as a percentage (`45 %`)."""
    return MISSING if is_missing(share) else f"{format_number(float(share) * 100, decimals)}{NBSP}%"


def format_euros(amount: object) -> str:
    """Write an amount in euros, in the largest unit: `850 000 €`, `12,5 M€`, `1,2 Md€`."""
    if is_missing(amount):
        return MISSING
    amount = float(amount)
    for unit, size in (("Md€", 1e9), ("M€", 1e6)):
        if abs(amount) >= size:
            return f"{format_number(amount / size, 2 if unit == 'Md€' else 1)}{NBSP}{unit}"
    return f"{format_number(amount)}{NBSP}€"


# The least amount per inhabitant that is written, in euros.
_LEAST_EUROS = 0.01


def format_euros_per_inhabitant(amount: object, yearly: bool = False) -> str:
    """Write € per inhabitant, with decimals below 10 €; a small amount is never written as zero."""
    if is_missing(amount):
        return MISSING
    decimals = 2 if abs(float(amount)) < 10 else 0
    is_below = 0 < float(amount) < _LEAST_EUROS
    value = _LEAST_EUROS if is_below else amount
    per_year = "/an" if yearly else ""
    return f"{'moins de ' * is_below}{format_number(value, decimals)}{NBSP}€/hab.{per_year}"


def format_partial_date(value: object, locale: str = LOCALE) -> str:
    """Write `2019`, `mars 2019` or `13 mars 2019` from a date of 4, 7 or 10 characters."""
    if is_missing(value):
        return MISSING
    match = _PARTIAL_DATE.fullmatch(str(value))
    if not match:
        return str(value)
    year, month, day = match.groups()
    return year if month is None else _write_date(year, month, day, locale)


@lru_cache(maxsize=4096)
def _write_date(year: str, month: str, day: str | None, locale: str) -> str:
    pattern = "d MMMM y" if day else "MMMM y"
    text = format_date(
        pd.Timestamp(int(year), int(month), int(day or 1)), format=pattern, locale=locale
    )
    return re.sub(r"^1 ", f"1er{NBSP}", text) if locale.startswith("fr") else text


def format_period(start: object, end: object) -> str:
    """Write a period of years from either or both of its ends."""
    has_start, has_end = not is_missing(start), not is_missing(end)
    if has_start and has_end:
        return f"{int(start)}" if int(start) == int(end) else f"{int(start)}-{int(end)}"
    if has_start:
        return f"depuis {int(start)}"
    return f"jusqu’en {int(end)}" if has_end else MISSING


def pluralize(count: int, singular: str, plural_form: str = "") -> str:
    """Write a count with its noun: `0 territoire`, `1 territoire`, `2 territoires`."""
    noun = singular if abs(count) < 2 else (plural_form or f"{singular}s")
    return f"{format_number(count)}{NBSP}{noun}"


def join_words(items: Iterable[str], last: str = "et") -> str:
    """Join words as a French sentence does: `a, b et c`."""
    words = list(items)
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"


def first_few(items: Sequence[str], limit: int, separator: str = ", ") -> str:
    """Join at most `limit` items and count the others: `a, b et 3 autres`."""
    if len(items) <= limit:
        return join_words(items) if separator == ", " else separator.join(items)
    return f"{separator.join(items[:limit])} et {pluralize(len(items) - limit, 'autre')}"


def quote_title(title: str) -> str:
    """Return a title between French quotation marks; those inside it become “curly” ones."""
    inner = re.sub(r"«\s*(.*?)\s*»", r"“\1”", title)
    return f"«{NBSP}{inner}{NBSP}»"


def french_spaces(sentence: str) -> str:
    """Return a sentence with the no-break spaces of French punctuation and quotation marks."""
    return re.sub(r" (?=[:;?!»])|(?<=«) ", NBSP, sentence)


def shorten(text: str, length: int, keep_words: bool = True) -> str:
    """Cut a text to `length` characters, « … » included, between two words or anywhere."""
    if len(text) <= length:
        return text
    start = text[: length - 1]
    return (start.rsplit(" ", 1)[0].rstrip(" ,;:") if keep_words else start.rstrip()) + "…"


def fold(text: str) -> str:
    """Return a text without capitals, accents, ligatures, curly apostrophes or repeated spaces."""
    lowered = text.replace("’", "'").casefold().replace("œ", "oe").replace("æ", "ae")
    plain = " ".join(lowered.split())
    if plain.isascii():
        return plain
    letters = unicodedata.normalize("NFKD", plain)
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def closest(
    word: str,
    candidates: Iterable[str],
    cutoff: float = 70,
    scorer: Callable[..., float] = fuzz.ratio,
) -> str:
    """Return the candidate closest to a word, accents and case aside; empty if none is close.

    `cutoff` is the lowest similarity, from 0 to 100, by `scorer` (a function of rapidfuzz).
    """
    match = process.extractOne(
        word, list(candidates), processor=fold, scorer=scorer, score_cutoff=cutoff
    )
    return match[0] if match else ""


def suggest(word: str) -> str:
    """Return ` Voulez-vous dire « word » ?`; empty for an empty word (see `closest`)."""
    return f" Voulez-vous dire « {word} »{NBSP}?" if word else ""


def format_approximation(is_approximate: object) -> str:
    """Return `environ ` before an approximate number; empty when exact or unknown."""
    # not `is True`: a column of booleans holds those of NumPy
    return "environ " if not is_missing(is_approximate) and bool(is_approximate) else ""


def curly_apostrophes(value: object) -> str:
    """Return a text with typographic apostrophes; a missing value as « non renseigné »."""
    return MISSING if is_missing(value) else str(value).replace("'", "’")


def to_place(name: str) -> str:
    """Return `à la Corrèze`, `au Lot`, `aux Landes` from a name with its article."""
    name = curly_apostrophes(name)
    for article, contracted in (("le ", "au "), ("les ", "aux ")):
        if name.lower().startswith(article):
            return contracted + name[len(article) :]
    return f"à {name}"


def describe_absence(searches: pd.DataFrame) -> str:
    """Describe in French why a territory has no strategy: not searched, not found, or only facts.

    `searches` has the last search (`resultat`, `consulte_le`), or no row.
    """
    if searches.empty:
        return "Aucune stratégie connue : ce territoire n’a pas encore été cherché."
    row = searches.iloc[0]
    date = format_partial_date(row["consulte_le"])
    if row["resultat"] == "partiel":
        return f"Des éléments connus, aucune stratégie trouvée (recherche du {date})."
    return f"Aucune stratégie trouvée (recherche du {date})."


def capitalize_first(sentence: str) -> str:
    """Return a sentence with a capital first letter (the rest unchanged)."""
    return sentence[:1].upper() + sentence[1:]


def escape_markdown(value: object) -> str:
    """Escape data inside Markdown: no markup, link, formula or HTML comes through.

    Pages make links of bare addresses even where they are escaped: a word joiner, invisible, parts
    their beginning.
    """
    return _escape_line(curly_apostrophes(value))


@lru_cache(maxsize=8192)
def _escape_line(text: str) -> str:
    # on one line: a line that begins with « - », « 1. » or « === » is a list or a heading
    line = _WHITE_SPACE.sub(" ", text).strip(" ")
    # French punctuation does not begin a line
    line = _SPACE_AT_PUNCTUATION.sub(NBSP, line)
    line = _ADDRESS_BEGINNING.sub(WORD_JOINER, line)
    return _LIST_OR_HEADING.sub(r"\1\\\2", line.translate(_MARKDOWN_ESCAPES))


def markdown_link(text: str, url: object, tooltip: str = "") -> str:
    """Write a Markdown link to a source; the text alone if the address is not a web one."""
    label = escape_markdown(text)
    if isinstance(url, str) and re.match(r"https?://", url):
        title = f' "{tooltip}"' if tooltip else ""
        return f"[{label}]({quote(url, safe=':/?#@!$&*+,;=%~-._')}{title})"
    return label
