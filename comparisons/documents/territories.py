"""Find the territory that a document is about, by the names of the reference."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

import pandas as pd

from comparisons.datapackage.known_territories import load_territory_reference
from comparisons.datapackage.territory_aliases import bare_name
from comparisons.documents.model import Block, Document
from comparisons.formatting import fold
from comparisons.rows import iterate_rows
from comparisons.settings import REFERENCE_DIR

Key = tuple[str, str]
# Words of the longest name that is looked for.
_MAX_WORDS = 9
# Letters of a name of an EPCI that may stand without its kind, and of any other name.
_LEAST_EPCI = 9
_FIRST_BLOCKS = 14
_TIMES_LARGER = 8
_LEVEL_WORDS = {
    "departement": r"(?:conseil )?departement(?:al)?",
    "region": r"(?:conseil )?region(?:al)?",
    "commune": r"(?:ville|commune|mairie|municipalite|conseil municipal)",
    "epci": r"(?:communaute(?: de communes| d'agglomeration| urbaine)?|agglomeration|metropole|"
    r"intercommunalite|cc|ca|cu|agglo|etablissement public territorial)",
}
# Blocks among which a title names a commune without its kind; such a title, name and town.
_TITLES, _LONGEST_TITLE, _LEAST_COMMUNE, _FEWEST_PEOPLE = 6, 120, 4, 1_000
_OF_COMMUNE = re.compile(r"\b(?:ville|commune|mairie|municipa\w+)\b")
_PROPER = (
    r"(?:(?:L[ae]s? |L['’])?[A-ZÀ-Ý][\w’'-]+(?:[ -](?:[A-ZÀ-Ý][\w’'-]+|sur|en|le|la|les|de|du))*)"
)
# « Morlaix », « Morlaix, ville numérique », « Stratégie numérique de Morlaix 2024 »
_ALONE = re.compile(
    rf"^({_PROPER})\s*(?:$|[,:|–—]|-\s)|(?:\b(?:de|à)\s|\bd['’])({_PROPER})\s*(?:$|[,:(|–—]|-\s|20\d\d)"
)
# « DÉPARTEMENT DU CHER », above the name of a town in its acts
_STATE_HEAD = re.compile(r"departement d[eu'’][^|]{2,40} \| (?:commune|ville|mairie|communaute)\b")
_LINKS = frozenset(("de", "du", "des", "d", "la", "le", "les", "l"))
# « Rennes Métropole », « Grand Besançon Métropole »: the kind after the name
_KIND_AFTER = re.compile(r" (?:metropole|agglomeration|agglo|communaute)\b")


@dataclass(frozen=True)
class FoundTerritory:
    """The likely territory of a document: its key, the block that names it, the others."""

    key: Key
    name: str
    block: Block
    others: tuple[str, ...] = ()


@lru_cache(maxsize=1)
def _names() -> dict[str, list[Key]]:
    """Return the territories by name, folded: with its kind, and without for some levels."""
    names: dict[str, list[Key]] = {}
    for (level, code), name in load_territory_reference().names.items():
        texts = {plain(name), bare_name(name)}
        if "(" in name:
            without_initials = re.sub(r"\s*\([^)]*\)", "", name)
            texts |= {plain(without_initials), bare_name(without_initials)}
        for text in texts:
            if text:
                names.setdefault(text, []).append((level, code))
    return names


@lru_cache(maxsize=1)
def _details() -> dict[Key, tuple[str, int]]:
    """Return the name of each territory as it follows a word, « de la Mayenne », and its people."""
    columns = ["territoire_niveau", "territoire_code", "nom_de", "population"]
    file = REFERENCE_DIR / "territoires.csv"
    rows = pd.read_csv(file, dtype="str", usecols=columns, keep_default_na=False)
    return {
        (row.territoire_niveau, row.territoire_code): (row.nom_de, int(row.population or 0))
        for row in iterate_rows(rows)
    }


def institution(key: Key, name: str) -> str:
    """Return the name of the institution of a territory: « Département de la Mayenne »."""
    after_of = _details()[key][0]
    match key[0]:
        case "region":
            return f"Région {name}"
        case "departement":
            return f"Département {after_of}"
        case "commune":
            return f"Ville {after_of}"
    return name


def plain(text: str) -> str:
    """Return a text in plain letters, its words one space apart."""
    return " ".join(re.sub(r"[^a-z0-9]+", " ", fold(text)).split())


def find_territory(document: Document) -> FoundTerritory | None:
    """Return the territory that a document names most, first of all in its title and headers."""
    blocks = list(document.paragraphs)[:_FIRST_BLOCKS]
    scores: Counter[Key] = Counter()
    shown: dict[Key, Block] = {}
    texts = [(block, max(1.0, 6 - rank / 2)) for rank, block in enumerate(blocks)]
    if len(blocks) > 1 and _STATE_HEAD.match(fold(f"{blocks[0].text} | {blocks[1].text}")):
        texts[0] = blocks[0], 1.0
    first = blocks[0] if blocks else None
    texts += [(Block(text, first.page if first else 1), 3.0) for text in document.running]
    if document.title:
        texts.append((Block(document.title, 1), 2.0))
    rest = list(document.paragraphs)[_FIRST_BLOCKS:]
    texts += [(block, 0.3) for block in rest[:400]]
    for block, weight in texts:
        for key, quality in _mentions(block.text):
            scores[key] += weight * quality
            is_body = weight <= 0.3
            if key not in shown or (not is_body and len(block.text) < len(shown[key].text)):
                shown[key] = block
    (best, score), *others = scores.most_common(4) or [(None, 0.0)]
    if score < 1:
        return _named_alone(document)
    reference = load_territory_reference()
    near = tuple(f"{level}-{code}" for (level, code), other in others if other > 0.5 * score)
    block = shown[best]
    if block.text in document.running:
        block = next((each for each in document.paragraphs if block.text in each.text), block)
    return FoundTerritory(best, reference.names[best], block, near)


def _named_alone(document: Document) -> FoundTerritory | None:
    """Return the commune, or the EPCI, that a title names alone: « Stratégie de Morlaix »."""
    paragraphs = list(document.paragraphs)
    is_of_commune = any(_OF_COMMUNE.search(fold(block.text)) for block in paragraphs)
    for block in [block for block in paragraphs[:_TITLES] if len(block.text) < _LONGEST_TITLE]:
        for match in _ALONE.finditer(block.text):
            name = plain(match[1] or match[2])
            for level in ("commune", "epci") if len(name) >= _LEAST_COMMUNE else ():
                codes = _codes(level, name)
                key = (level, codes[0]) if len(codes) == 1 else None
                if not key or (level == "commune" and not is_of_commune):
                    continue
                if _details()[key][1] >= _FEWEST_PEOPLE:
                    return FoundTerritory(key, load_territory_reference().names[key], block)
    return None


def _mentions(text: str) -> Iterator[tuple[Key, float]]:
    """Iterate over the territories that a text names, with how surely (0-1)."""
    # a name is written with a capital: « la charente », « orne » are other words
    # « GrandAngoulême »
    text = re.sub(r"(?<=[a-zà-ÿ]{3})(?=[A-ZÀ-Ý][a-zà-ÿ])", " ", text)
    spaced = text.replace("-", " ")
    words = list(re.finditer(r"[\w'’]+", spaced))
    names = _names()
    folded = plain(text)
    yield from _with_kind(text, folded)
    position = 0
    while position < len(words):
        step = 1
        if words[position][0][:1].isupper() or re.match(r"[ldLD]['’][A-ZÀ-Ý]", words[position][0]):
            for count in range(min(_MAX_WORDS, len(words) - position), 0, -1):
                raw = spaced[words[position].start() : words[position + count - 1].end()]
                name = plain(re.sub(r"^[LlDd]['’]", "", raw))
                keys = [key for key in names.get(name, ()) if _may_stand_alone(key, name, count)]
                if keys:
                    for key in _narrowest(keys):
                        yield key, 1.0 if len(keys) == 1 else 0.6
                    step = count
                    break
        position += step


def _may_stand_alone(key: Key, name: str, count: int) -> bool:
    """Return whether a bare name means this territory; a commune needs its kind before it."""
    match key[0]:
        case "region" | "departement":
            return len(name) > 3
        case "epci":
            return len(name) >= _LEAST_EPCI and count > 1
    return False


def _narrowest(keys: list[Key]) -> list[Key]:
    """Return the likely ones of territories of one name."""
    order = {"epci": 0, "region": 1, "departement": 2}
    return sorted(keys, key=lambda key: order.get(key[0], 3))[:2]


def _is_proper(text: str, end: int, folded: str) -> bool:
    """Return whether the name after its kind has a capital: not « ville des sens »."""
    name = next((word for word in folded[end:].split() if word not in _LINKS), "")
    return any(
        word[0].isupper() for word in re.findall(r"\w+", text) if name and fold(word) == name
    )


def _with_kind(text: str, folded: str) -> Iterator[tuple[Key, float]]:
    """Iterate over the territories named after their kind: « ville de brest »."""
    for level, kind in _LEVEL_WORDS.items():
        for match in re.finditer(rf"\b{kind} ", folded):
            rest = folded[match.end() :].split()
            found = next(_codes_after(level, rest), None)
            if found and _is_proper(text, match.end(), folded):
                quality = 1.5 if len(found) == 1 else 0.8
                for code in found[:2]:
                    yield (level, code), quality
    for match in _KIND_AFTER.finditer(folded):
        before = folded[: match.end()].split()
        for count in range(min(_MAX_WORDS, len(before)), 1, -1):
            name = " ".join(before[-count:])
            codes = [code for level, code in _names().get(name, ()) if level == "epci"]
            if codes:
                yield ("epci", codes[0]), 1.5
                break


def _codes_after(level: str, words: list[str]) -> Iterator[list[str]]:
    """Iterate over the codes of the names that words begin with, after « de », « de la »."""
    for skipped in range(4):
        if skipped and words[skipped - 1 : skipped] and words[skipped - 1] not in _LINKS:
            return
        for count in range(min(_MAX_WORDS, len(words) - skipped), 0, -1):
            if codes := _codes(level, " ".join(words[skipped : skipped + count])):
                yield codes


def _codes(level: str, name: str) -> list[str]:
    found: Iterable[Key] = _names().get(name, ())
    codes = [code for each, code in found if each == level]
    if level != "commune" or len(codes) < 2:
        return codes
    people = {code: _details()[level, code][1] for code in codes}
    first, second = sorted(codes, key=people.get, reverse=True)[:2]
    # of namesakes, a town is meant rather than a village
    return [first] if people[first] > _TIMES_LARGER * people[second] else [first, second]
