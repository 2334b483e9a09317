"""Mend texts that a layout cut: hyphens at the ends of lines, soft breaks, odd spaces."""

import re
from collections.abc import Sequence

# soft hyphens, zero-width spaces and joiners, marks of direction
_INVISIBLE = dict.fromkeys((0xAD, 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, 0x200E, 0x200F))
_BREAKING_HYPHEN = re.compile(r"(?<=[a-zà-ÿœ])[-‐\u00ad]$")
# parts of words that keep their hyphen: « peut-être », « rendez-vous », « e-administration »
_KEPT = re.compile(
    r"(?:^|[\s'’(«])(?:e|co|non|peut|rendez|celui|celle|ceux|celles|quasi|sous|demi|vice|cyber|éco|"
    r"mi|auto|multi|inter|avant|après|au|ci|là|tiers|savoir|mi|porte|mieux|bien|hors|c'est|haut|"
    r"bas|très|dé|socio|ultra|open|plug|back|front|smart)-$",
    re.IGNORECASE,
)
# « Axe 1 », « Fiche action n° 2 », « Engagement B »
LABEL = (
    r"(?:axe|priorit[ée]|orientation|d[ée]fi|enjeu|ambition|objectif|action|pilier|volet|"
    r"chantier|mesure|levier|engagement|fiche|domaine|th[èe]me|programme|cap|choix)s?\s+"
    r"(?:strat\w+\s+|op\w+\s+|action\s+)?(?:n\s?[°o]\s*)?[\dIVXA-H]{1,4}\b"
)
BULLET = re.compile(
    r"^\s*(?:[•‣⁃●○◦▪■□►▶➢➤➔→✓✔❖◆·\uf0b7\uf0a7\uf0d8\uf02d*]|[-–—](?=\s))\s*(?:\[[ xX]\]\s*)?"
)


def clean(text: str) -> str:
    """Return a text on one line, of plain spaces, without invisible characters."""
    return " ".join(text.translate(_INVISIBLE).replace("\N{NON-BREAKING HYPHEN}", "-").split())


def read_cells(texts: Sequence[str]) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Return the texts of the cells of a row, and the paragraphs of each: lines part these."""
    paragraphs = tuple(tuple(filter(None, map(clean, re.split(r"[\n\v]", text)))) for text in texts)
    return tuple(" ".join(each) for each in paragraphs), paragraphs


def ends_early(line: str, room: float, following: str, length: float) -> bool:
    """Return whether a line ends although the first word of the next one would fit.

    That one begins a paragraph, with a capital. `room` is the space left after the line, `length`
    that of the next one, in the same unit.
    """
    word = length * (len(following.split()[0]) + 2) / len(following)
    goes_on = re.search(r"(?:[,(–-]|\b(?:de|du|des|la|le|les|un|une|et|à|pour))\s*$", line)
    return following[0].isupper() and not goes_on and word < room


def join_lines(lines: Sequence[str], words: frozenset[str] = frozenset()) -> str:
    """Join the lines of a paragraph; `words` are those of the document that have a hyphen."""
    text = ""
    for line in lines:
        if text and _BREAKING_HYPHEN.search(text) and line[:1].islower():
            first, rest = text.split()[-1], line.split()[0]
            keeps = bool(_KEPT.search(text)) or (first + rest).strip(".,;:").lower() in words
            text = (text if keeps else text[:-1]) + line
        elif text and text[-1:] in "-‐" and text[-2:-1].isalpha():
            text = text + line
        else:
            text = f"{text} {line}" if text else line
    return clean(text)
