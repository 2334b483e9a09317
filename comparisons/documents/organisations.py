"""Propose the organisations of the directory that a document names, with role and service."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

import pandas as pd

from comparisons.documents.model import Block, Document, split_sentences
from comparisons.documents.proposals import ProposedRow, Value, to_passage
from comparisons.documents.territories import FoundTerritory, institution, plain
from comparisons.documents.vocabulary import coded_patterns
from comparisons.formatting import fold
from comparisons.rows import iterate_rows
from comparisons.settings import STRATEGIES_DIR

# Letters of a name, and of initials, that may be recognised in a text.
_LEAST_NAME, _LEAST_INITIALS = 7, 4
_LEAST_SOLUTION = 5
_COMMON_SOLUTION = r"\b(?:régional|départemental|intercommunal|mutualisé)e?s?\b"
_MOST = 60
# « Géo Vendée », « e-lyco »; « Service commun » at the beginning of a text is any
_PROPER = re.compile(r"(?<!^)(?<!\| )[A-ZÀ-Ý]|\S+[A-ZÀ-Ý-]|\w[\w ]+[A-ZÀ-Ý]")


@dataclass(frozen=True)
class Directory:
    """Published organisations: their names as people write them, folded, and their initials.

    `solutions` are names of products with the (organisation, service) of their published links.
    """

    names: dict[str, str]
    initials: dict[str, str]
    solutions: dict[str, tuple[tuple[str, str], ...]]


@lru_cache(maxsize=1)
def load_directory() -> Directory:
    """Read the organisations and the solutions of the published packages."""
    bodies = _read("partenaires")
    names: dict[str, str] = {}
    initials: dict[str, str] = {}
    for row in iterate_rows(bodies):
        for name in {row.nom, row.nom.split(" – ")[0], row.nom.split(" - ")[0]}:
            text = plain(re.sub(r"\s*\([^)]*\)", "", name))
            # one common word names nobody in particular
            if len(text) >= _LEAST_NAME and (" " in text or not name.islower()):
                names.setdefault(text, row.partenaire_id)
        if len(row.sigle) >= _LEAST_INITIALS:
            initials.setdefault(row.sigle, row.partenaire_id)
        if len(row.sigle) > _LEAST_INITIALS:
            for text in (row.sigle.upper(), row.sigle.capitalize(), row.sigle.replace("-", " ")):
                initials.setdefault(text, row.partenaire_id)
    solutions: dict[str, list[tuple[str, str]]] = {}
    links = _read("mutualisations")
    # « CSIRT régional » is that of each region
    is_own = ~links["solution"].str.contains(_COMMON_SOLUTION)
    for row in iterate_rows(links[is_own & (links["solution"].str.len() >= _LEAST_SOLUTION)]):
        pair = row.partenaire_id, row.service
        name = row.solution
        for text in {name, name.capitalize() if name.isupper() and name.isalpha() else name}:
            if pair not in solutions.setdefault(text, []):
                solutions[text].append(pair)
    return Directory(names, initials, {name: tuple(pairs) for name, pairs in solutions.items()})


def _read(table: str) -> pd.DataFrame:
    files = sorted(STRATEGIES_DIR.glob(f"*/{table}.csv"))
    tables = [pd.read_csv(file, dtype="str", keep_default_na=False) for file in files]
    return pd.concat(tables, ignore_index=True)


def propose_organisations(
    document: Document, territory: FoundTerritory | None
) -> list[ProposedRow]:
    """Build the rows of `mutualisations`: the organisation, then role and service if said."""
    rows: dict[tuple[str, str, str], ProposedRow] = {}
    own = plain(institution(territory.key, territory.name)) if territory else ""
    for block, sentences in _texts(document):
        for sentence in sentences:
            for body, solution, words, place in _named(sentence):
                if f" {plain(words)} " in f" {own} ":
                    continue
                row = _row(block, sentence, body, solution, words, place, territory)
                key = body, row.get("service"), row.get("role")
                rows.setdefault(key, row)
    # where a sentence says the role and the service, another that only names the body adds nothing
    said = {key[0] for key in rows if key[1] and key[2]}
    kept = [row for key, row in rows.items() if (key[1] and key[2]) or key[0] not in said]
    distinct: dict[str, ProposedRow] = {}
    for row in kept:
        key = row.get("partenaire_id") + (row.get("service") if row.get("role") else "")
        distinct.setdefault(key, row)
    return list(distinct.values())[:_MOST]


def _texts(document: Document) -> Iterator[tuple[Block, list[str]]]:
    """Iterate over the paragraphs with their sentences, and over the rows of tables."""
    for block in document.blocks:
        if not block.rows:
            yield block, split_sentences(block.text)
        for row in block.rows:
            text = " | ".join(filter(None, row.cells))
            yield Block(text, row.page, box=row.box), [text]


def _named(sentence: str) -> list[tuple[str, str, str, tuple[int, int]]]:
    """Return (organisation, solution, words, place) that a sentence names, by whole names."""
    found = list(_parts_named(sentence))
    places = [place for *_, place in found]

    def is_whole(place: tuple[int, int]) -> bool:
        # « Campus Cyber » is no name within « Campus Cyber Nouvelle-Aquitaine »
        return not any(a <= place[0] and place[1] <= b and (a, b) != place for a, b in places)

    return [each for each in found if is_whole(each[-1])]


def _parts_named(sentence: str) -> Iterator[tuple[str, str, str, tuple[int, int]]]:
    directory = load_directory()
    folded = f" {plain(sentence)} "
    tokens = set(folded.split())
    seen: set[str] = set()
    for name, body in directory.names.items():
        if name.split(" ", 1)[0] not in tokens or f" {name} " not in folded or body in seen:
            continue
        place = _place(sentence, name)
        # a proper name has a capital
        if any(map(str.isupper, sentence[slice(*place)])):
            seen.add(body)
            yield body, "", name, place
    for match in _any_of(tuple(directory.initials)).finditer(sentence):
        body = directory.initials[match[0]]
        if body not in seen:
            seen.add(body)
            yield body, "", match[0], match.span()
    for match in _any_of(tuple(directory.solutions)).finditer(sentence):
        bodies = {body for body, _ in directory.solutions[match[0]]}
        if len(bodies) == 1 and _PROPER.match(sentence, *match.span()) and not bodies & seen:
            seen |= bodies
            yield *bodies, match[0], match[0], match.span()


@cache
def _any_of(names: tuple[str, ...]) -> re.Pattern:
    longest_first = sorted(names, key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)")


def _place(sentence: str, name: str) -> tuple[int, int]:
    pattern = r"\W+".join(map(re.escape, name.split()))
    match = re.search(pattern, fold(sentence))
    return match.span() if match else (0, len(sentence))


def _row(
    block: Block,
    sentence: str,
    body: str,
    solution: str,
    words: str,
    place: tuple[int, int],
    territory: FoundTerritory | None,
) -> ProposedRow:
    passage = to_passage(sentence, place)
    reason = f"« {words} » dans l’annuaire des organismes"
    shown = Value(body, block.page, passage, reason, box=block.box)
    row = ProposedRow("mutualisations", {"partenaire_id": shown})
    if territory:
        row.add("territoire_niveau", territory.key[0], "territoire du document", shown)
        row.add("territoire_code", territory.key[1], "territoire du document", shown)
    for text in (sentence[: place[1]], sentence):
        if "role" not in row.values and (role := next(_found("roles", text), None)):
            row.add("role", role[0], f"« {role[1][0].strip()} »", shown)
    without_name = sentence[: place[0]] + " " + sentence[place[1] :]
    service = next(_found("services", without_name), None)
    pairs = load_directory().solutions.get(solution, ())
    published = [code for each, code in pairs if each == body]
    if service:
        row.add("service", service[0], f"« {service[1][0]} »", shown)
    elif len(published) == 1:
        row.add("service", published[0], f"service publié de « {solution} »", shown)
    row.add("solution", solution, f"« {solution} », produit publié", shown)
    row.locate()
    return row


def _found(name: str, text: str) -> Iterator[tuple[str, re.Match]]:
    for code, expression in coded_patterns(name):
        if match := expression.search(text):
            yield code, match
