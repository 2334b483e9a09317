"""Recognise what begins a block: « Axe 2 : », « 1.1 », « II. », « Fiche action A1 ».

And which blocks look like headings, by their style, size, weight or number.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from comparisons.documents.model import Block, Document
from comparisons.documents.vocabulary import pattern, words
from comparisons.formatting import fold

MAX_TITLE = 220
_NUMBER = (
    r"(?:\d|[IVX]{1,4})-\d{1,2}(?=\s+[A-ZÀ-Ý]|\s[:–])|"
    r"\d(?:\.\d{1,2}){0,2} (?:bis|ter|quater)\b|"
    r"(?:[IVX]{1,5}\.?|[A-Z][.-]?)?\d{1,2}(?:\.\d{1,2}){0,3}(?:\.[a-z](?![\w’']))?|"
    r"[IVX]{1,5}(?:\.(?:\d{1,2}|[A-Z]|[a-z])(?![\w’'])){0,3}|[A-H]|[a-h]"
)
_SEPARATOR = r"\s*[:.)\-–—|/]+\s*|\s+"
# a number alone: « 1. », « 1.2 », « II - », « A) », « 3° »
_NUMBERED = re.compile(
    rf"(?:#\s?|n\s?[°º]\s?)?(?P<number>{_NUMBER})(?:\s?/\s+|\s*[.)°:]+[-–—]?\s*|\s+[-–—|•·]\s+|"
    r"(?<=[\dIVX])\s+(?=[A-ZÀ-Ý«])|(?<=\.[A-Za-z])\s+(?=[A-ZÀ-Ý«]))(?P<title>.*)",
    re.DOTALL,
)
_CONTENTS_LINE = re.compile(r"(?:[.…_]\s?){4,}\s*\d{0,3}\s*$")
_CONTENTS_HEAD = re.compile(
    r"(?:sommaire|table des mati[èe]res|contenu|plan du document|dans ce document|au sommaire)\W*"
)
# « Un portail : 900 000 € »
_COST_AT_END = re.compile(
    r"\s*[:–—-]\s*\d[\d\s.,]*\s?(?:[kM]?€|euros|millions? d['’]euros)[\s.;]*$"
)
_END_NUMBER = re.compile(r"\S\s+\d{1,3}$")
# « Partie 2. Une stratégie offensive », « Première partie – Diagnostic »
_PART = re.compile(
    r"(?:(?:partie|chapitre|titre|section)\s+\w+|\w+\s+partie)\s*[.:–—-]\s*", re.IGNORECASE
)


@dataclass(frozen=True)
class Mark:
    """What begins a block: its word (« axe », "" for a number alone), its level, its number.

    `numbering` is the kind of the number: its count of parts for « 1.1 », else I, A or a.
    """

    word: str
    level: str
    number: str
    numbering: str
    title: str


@cache
def _label_pattern() -> re.Pattern:
    names = sorted(
        (word for group in words("niveaux").values() for word in group), key=len, reverse=True
    )
    plain = "|".join(rf"{re.escape(name)}s?" for name in names)
    ordinals = "|".join(map(re.escape, words("ordinaux")))
    qualifier = words("qualificatifs")
    return re.compile(
        rf"(?:l['’]|la |le |notre )?(?:(?P<ordinal>{ordinals})\s+)?(?P<word>{plain})"
        rf"(?:\s+(?:{qualifier}))*"
        # « Enjeux » is no « Enjeu X »
        r"(?:(?:\s+|(?=\d|#|n\s?[°ºo]))(?:n\s?[°ºo]\s*|#\s*)?"
        rf"(?P<number>{_NUMBER}|(?-i:[A-Z]\d{{1,2}}|[A-H]))(?![\w’'])|"
        rf"\s+(?P<after>{ordinals})(?=\s*[:–—])|(?=\s*[:–—]))"
        rf"(?P<separator>{_SEPARATOR}|$)(?P<title>.*)",
        re.IGNORECASE | re.DOTALL,
    )


@cache
def _other_label_pattern() -> re.Pattern:
    """Return the pattern of « Verbe 1 : », which may label an axis as « Axe 1 : » does."""
    return re.compile(
        rf"(?!(?:{words('mots_numerotes_autres')})\b)"
        r"(?P<word>[a-zà-ÿ]{4,15}) (?:n\s?[°ºo]\s?)?(?P<number>\d{1,2}|[IVX]+|[A-H])\s*[:–—.-]+\s+"
        r"(?P<title>\S.*)",
        re.IGNORECASE | re.DOTALL,
    )


@cache
def words_of_levels() -> dict[str, str]:
    """Return the level that each word names: « défi » is an axis, « mesure » an action."""
    return {word: level for level, group in words("niveaux").items() for word in group}


def level_of(text: str) -> str:
    """Return the level of the last word of a text that names one: « nos orientations »; or axe."""
    # a plan of actions has axes
    found = re.findall(r"\w+", re.sub(r"(?:plan|programme) d.actions?", "", text.lower()))
    levels = [words_of_levels().get(re.sub(r"s$", "", word)) for word in found]
    return next(filter(None, reversed(levels)), "axe")


def read_mark(text: str) -> Mark | None:
    """Return what begins a text, or None if neither a label nor a number does.

    A label after a number, « 3.1 Objectif 1 : … », counts before that number.
    """
    mark = _read_first_mark(text)
    inner = _read_first_mark(mark.title) if mark and not mark.word else None
    return inner if inner and inner.word and inner.number else mark


def _read_first_mark(text: str) -> Mark | None:
    if (number := unicodedata.digit(text[:1] or " ", 0)) and not text[:1].isdecimal():
        # « ① Accompagner »
        return Mark("", "", str(number), "1", text[1:].strip(" .:–—"))
    label = _label_pattern().match(text)
    ordinal = (label["ordinal"] or label["after"] or "").lower() if label else ""
    if label and (label["number"] or ordinal or ":" in label["separator"]):
        word = re.sub(r"s$", "", label["word"].lower()) or label["word"].lower()
        level = words_of_levels().get(word) or words_of_levels().get(label["word"].lower(), "axe")
        number = label["number"] or str(words("ordinaux").get(ordinal, ""))
        title = label["title"].strip()
        # « Axe 1 vise à » is a sentence
        is_sentence = label["separator"].isspace() and title[:1].islower()
        return None if is_sentence else Mark(word, level, number, _numbering(number), title)
    if other := _other_label_pattern().match(text):
        kind = _numbering(other["number"])
        return Mark(other["word"].lower(), "axe", other["number"], kind, other["title"].strip())
    number = _NUMBERED.match(text)
    if number and number["title"].strip():
        # « 1-2 » is « 1.2 »
        shown = re.sub(r"(?<=\d)-(?=\d)", ".", number["number"])
        return Mark("", "", shown, _numbering(shown), number["title"].strip())
    return None


def _numbering(number: str) -> str:
    # « A1 » is within « A »
    has_letter = re.match(r"[A-Z]-?\d|[IVX]+-\d", number) is not None
    if "." in number.rstrip(".") or has_letter:
        return str(number.rstrip(".").count(".") + 1 + has_letter)
    if number.isdigit():
        return "1"
    if re.fullmatch(r"[IVX]+", number):
        return "I"
    return "A" if number[:1].isupper() else "a"


def is_number_within(number: str, above: str) -> bool:
    """Return whether a number is within another one: « 1.2 » in « 1 », « A1 » in « A »."""
    is_letter = (len(above) == 1 or re.fullmatch("[IVX]+", above)) and above.isupper()
    return number.startswith(f"{above}.") or (
        is_letter and re.match(rf"{above}-?\d", number) is not None
    )


@dataclass(frozen=True)
class Heading:
    """A block that may be a heading: its place among the blocks, its mark, its rank of style.

    `rank` is lower for larger headings; `is_styled` tells whether its style sets it apart.
    """

    index: int
    block: Block
    mark: Mark | None
    rank: int
    is_styled: bool

    @property
    def title(self) -> str:
        """Return the title without its label or number."""
        return clean_title(self.mark.title if self.mark else self.block.text)


def clean_title(text: str) -> str:
    """Return the wording of an axis: no number of page, no punctuation at its end."""
    text = _CONTENTS_LINE.sub("", text)
    # « Protéger : fiches 1 et 2 »
    text = re.sub(r"\s*[:(–-]\s*(?:fiches?|pages?|p\.)\s[\d\s,–-]+(?:(?:et|à)\s\d+)?\)?$", "", text)
    text = re.sub(r"\s*\([^()]*(?:€|euros|coût|budget|ETP)[^()]*\)[\s.;]*$", "", text)
    # « Ouvrir un lieu (fait) »
    text = re.sub(r"\s*\((?:faite?|réalisée?|terminée?|achevée?|en cours|nouveau)\)$", "", text)
    text = _COST_AT_END.sub("", text)
    # « 🌐 Connecter »
    text = re.sub(r"^[\s:–—\-.\u2190-\u2bff\ufe0f\u200d\U0001f000-\U0001faff]+|[\s;,:]+$", "", text)
    text = re.sub(r"(?<=[^.])\.$", "", text).strip()
    quoted = re.fullmatch(r"«\s*(.+?)\s*»", text)
    return quoted[1] if quoted else text


def has_word(text: str) -> bool:
    """Return whether a text has a word of three letters, as every title does."""
    return re.search(r"[^\W\d]{3}", text) is not None


def body_size(document: Document) -> float:
    """Return the size of most letters of a document, 0 if it is not known."""
    sizes: Counter[float] = Counter()
    for block in document.paragraphs:
        sizes[block.size] += len(block.text)
    return sizes.most_common(1)[0][0] if sizes else 0.0


def contents_indices(blocks: Sequence[Block]) -> set[int]:
    """Return the indices of the lines of a table of contents."""
    return _contents_indices(tuple(blocks))


@lru_cache(maxsize=1)
def _contents_indices(blocks: tuple[Block, ...]) -> set[int]:
    found: set[int] = set()
    inside = 0
    for index, block in enumerate(blocks):
        text = block.text.strip()
        if _CONTENTS_LINE.search(text):
            found.add(index)
        if _CONTENTS_HEAD.fullmatch(fold(text)):
            inside = block.page
            found.add(index)
        elif inside and (block.page > inside + 1 or len(text) > MAX_TITLE):
            inside = 0
        elif inside and _is_repeated(blocks, index):
            found.add(index)
        elif inside and _END_NUMBER.search(text):
            found.add(index)
        elif inside and block.page > inside:
            inside = 0
    return found


def _is_repeated(blocks: Sequence[Block], index: int) -> bool:
    """Return whether the text of a line of contents is, or begins, that of a later block."""
    text = _comparable(re.sub(r"\s\d{1,3}$", "", blocks[index].text))
    return len(text) > 3 and any(
        _comparable(later.text).startswith(text)
        for later in blocks[index + 1 :]
        if not later.rows and len(later.text) < 2 * MAX_TITLE
    )


def _comparable(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", " ", fold(_CONTENTS_LINE.sub("", text))).strip()


def find_headings(document: Document) -> list[Heading]:
    """List the blocks that may be headings or items, outside of tables of contents."""
    body = body_size(document)
    skipped = contents_indices(document.blocks)
    ranks = _ranks(document, body)
    headings = []
    for index, block in enumerate(document.blocks):
        is_long = len(block.text) > 2 * MAX_TITLE and not (
            block.lead or _label_pattern().match(block.text)
        )
        if block.rows or index in skipped or is_long:
            continue
        # a large figure is no heading
        if not has_word(block.text):
            continue
        is_styled = _is_styled(block, body)
        mark = read_mark(block.text) or _number_above(document.blocks, index)
        if is_styled or mark or block.is_item:
            rank = ranks.get(_style(block), 99) if is_styled else 99
            headings.append(Heading(index, block, mark, rank, is_styled))
    return headings


def _number_above(blocks: Sequence[Block], index: int) -> Mark | None:
    """Return the mark that the block before holds alone: « 1 », then « Acheter moins »."""
    number = blocks[index - 1].text.strip(" .") if index else ""
    text = blocks[index].text
    if (
        not re.fullmatch(r"\d{1,2}|[IVX]{1,4}|[A-H]", number)
        or len(text) > 100
        or text[-1:] in ".;:"
    ):
        return None
    return Mark("", "", number, _numbering(number), text)


def _is_styled(block: Block, body: float) -> bool:
    if len(block.text) > MAX_TITLE or block.is_item:
        return bool(block.level)
    is_sentence = block.text.rstrip().endswith((".", ";", ",")) and len(block.text) > 80
    is_larger = body > 0 and block.size >= 1.12 * body
    return bool(block.level) or ((is_larger or block.bold) and not is_sentence)


def _style(block: Block) -> tuple[int, float, bool]:
    """Return what orders headings: the level that the file says, else size and weight."""
    return block.level, 0.0 if block.level else round(-block.size * 2) / 2, not block.bold


def _ranks(document: Document, body: float) -> dict[tuple, int]:
    styles = {_style(block) for block in document.paragraphs if _is_styled(block, body)}
    # levels first, then sizes from the largest
    ordered = sorted(styles, key=lambda style: (style[0] == 0, style))
    return {style: rank for rank, style in enumerate(ordered)}


def is_generic(title: str) -> bool:
    """Return whether a title names a part of any document: « Contexte », « Budget » …"""
    is_question = title.endswith("?") and len(title.split()) < 5
    return is_question or bool(pattern("titres_generiques").match(without_part(title).strip()))


def without_part(title: str) -> str:
    """Return a title without the number of its part: « Partie 2. Une stratégie offensive »."""
    return _PART.sub("", title, count=1)


def sections(headings: Sequence[Heading], index: int) -> Iterator[Heading]:
    """Iterate over the styled headings that a block of that index stands under, nearest first."""
    rank = 100
    for heading in reversed(headings):
        if heading.index < index and heading.is_styled and heading.rank < rank:
            rank = heading.rank
            yield heading
