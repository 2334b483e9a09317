"""Propose the indicators that sentences and tables state: value, unit, year, reached or target."""

import re
from collections.abc import Iterator
from functools import cache

from comparisons.documents.headings import contents_indices
from comparisons.documents.model import Block, Document, Row, split_sentences
from comparisons.documents.money import find_money, read_number, to_text
from comparisons.documents.proposals import ProposedRow, Value, to_passage
from comparisons.documents.territories import FoundTerritory
from comparisons.documents.vocabulary import pattern, words
from comparisons.formatting import capitalize_first, fold, shorten

_MAX_LABEL = 110
_NUMBER = r"(?<![\d.,])(?P<value>\d{1,3}(?: \d{3})+|\d+(?:,\d{1,2})?)"
_YEAR = re.compile(
    r"\b(?:en|d.ici(?: à)?|avant|fin(?: de)?|horizon|au \d+(?:er)? \w+|pour|depuis) "
    r"(20[0-4]\d)(?!\d)",
    re.IGNORECASE,
)
_CLAUSES = re.compile(
    r"\s+(?=contre\b|puis\b)|\s?;\s|,\s+(?=(?:et )?(?:que )?(?:l.objectif|la cible|avec)\b)"
)
_VALUE_HEAD = re.compile(r"\b(?:valeur|realise|actuel|reference|cible|objectif|resultat|20\d\d)")
_MOST = 200
_NO_WORD = "aucun mot n’annonce un objectif"


def propose_indicators(
    document: Document, territory: FoundTerritory | None, first_year: str = ""
) -> list[ProposedRow]:
    """Build the rows of `indicateurs`; a figure said twice is one.

    `first_year` is that of the strategy: what no word calls reached is aimed at, after it.
    """
    rows: dict[tuple, ProposedRow] = {}
    skipped = contents_indices(document.blocks)
    for index, block in enumerate(document.blocks):
        if index in skipped:
            continue
        found = _table_rows(block) if block.rows else _sentence_rows(block)
        for row in found:
            if territory:
                value = row.values["valeur"]
                row.add("territoire_niveau", territory.key[0], "territoire du document", value)
                row.add("territoire_code", territory.key[1], "territoire du document", value)
            nature = row.values["nature"]
            # unless another figure is of a later year
            is_last = row.get("annee") == max(re.findall(r"20[0-4]\d", nature.passage), default="")
            if nature.reason == _NO_WORD and is_last and "" < first_year < row.get("annee"):
                row.add("nature", "cible", f"après l’année de début, {first_year}", nature)
            row.locate()
            key = (row.get("indicateur"), row.get("valeur"), row.get("nature"))
            rows.setdefault(key, row)
    return list(rows.values())[:_MOST]


def _sentence_rows(block: Block) -> Iterator[ProposedRow]:
    if not any(map(str.isdigit, block.text)):
        return
    for sentence in (part for each in split_sentences(block.text) for part in _CLAUSES.split(each)):
        taken: list[tuple[int, int]] = [(money.start, money.end) for money in find_money(sentence)]
        found: list[tuple[re.Match, str, str]] = []
        for code, unit, text in words("indicateurs"):
            for match in _expression(text).finditer(sentence):
                span = match.span("value")
                if not any(start <= span[0] < end for start, end in taken):
                    taken.append(span)
                    found.append((match, code, unit))
        for match, code, unit in found:
            start, end = match.span("value")
            # its words are those between the figures before and after
            bounds = (
                max((other[1] for other in taken if other[1] <= start), default=0),
                min((other[0] for other in taken if other[0] >= end), default=len(sentence)),
            )
            yield _row(block, sentence, match, code, unit, bounds)


@cache
def _expression(text: str) -> re.Pattern:
    if "#" in text:
        return re.compile(text.replace("#", _NUMBER), re.IGNORECASE)
    if text.startswith("% "):
        return re.compile(rf"{_NUMBER}\s?(?P<what>{text})", re.IGNORECASE)
    return re.compile(
        rf"{_NUMBER}\s+(?:nouve\w+ |autres |futurs? |premiers? )?(?P<what>{text})", re.IGNORECASE
    )


def _row(
    block: Block, sentence: str, match: re.Match, code: str, unit: str, bounds: tuple[int, int]
) -> ProposedRow:
    passage = to_passage(sentence, match.span())
    number = match["value"].replace(" ", "").replace(",", ".")
    shown = Value(number, block.page, passage, f"« {match[0].strip()} »", box=block.box)
    row = ProposedRow("indicateurs", {"valeur": shown})
    row.add("indicateur", code, f"« {match['what'].strip()} »", shown)
    label = shorten(capitalize_first(match["what"].strip(" %")), _MAX_LABEL)
    row.add("libelle", label, "mots de la phrase", shown)
    row.add("unite", unit or match["what"].split()[0].lower(), "mot qui suit le nombre", shown)
    year = _year_near(sentence, match)
    if year:
        row.add("annee", year[1], f"« {year[0]} »", shown)
    nature, why = _nature(sentence, match, bounds)
    row.add("nature", nature, why, shown)
    before = sentence[max(0, match.start() - 30) : match.start()]
    if re.search(rf"(?:{words('approximations')})(?: de| d['’])?\s*$", before, re.IGNORECASE):
        row.add("approximatif", "oui", f"« {before.split()[-1]} »", shown)
    return row


def _year_near(sentence: str, match: re.Match) -> re.Match | None:
    """Return the year said after a figure and before the next one, or before a lone figure."""
    after = re.split(r"\b(?:et|contre|puis)\b[^,;]{0,25}?\d", sentence[match.end() :])[0]
    return _YEAR.search(after) or _YEAR.search(sentence[: match.end()])


def _nature(sentence: str, match: re.Match, bounds: tuple[int, int]) -> tuple[str, str]:
    """Return whether a figure is reached or aimed at, by the nearest word within bounds."""
    found = []
    for code, name in (("cible", "cibles"), ("realise", "realises")):
        for word in pattern(name).finditer(sentence, *bounds):
            is_future = re.search(r"\b(?:sera|seront) $", sentence[: word.start()].lower())
            if code == "realise" and is_future:
                continue
            before = match.start() - word.end()
            distance = before if before >= 0 else word.start() - match.end() + 10
            found.append((abs(distance), code, word[0]))
    if not found:
        return "realise", _NO_WORD
    _, code, word = min(found)
    return code, f"« {word.strip()} »"


def _table_rows(block: Block) -> Iterator[ProposedRow]:
    """Iterate over the rows below a head « Indicateur », or what the fields of a form state."""
    heads = block.rows[0].cells
    first = next((i for i, head in enumerate(heads) if "indicateur" in fold(head)), None)
    if first is None:
        # « Indicateur | 50 lieux en 2028 », in the sheet of an action
        for row in block.rows if len(heads) == 2 else ():
            if pattern("champs").match(row.cells[0]):
                yield from _sentence_rows(Block(row.cells[1], row.page, box=row.box))
        return
    unit_column = next((i for i, head in enumerate(heads) if fold(head).startswith("unite")), None)
    for row in block.rows[1:]:
        label = row.cells[first]
        for i, head in enumerate(heads):
            if i in (first, unit_column) or not _VALUE_HEAD.search(fold(head)) or not label:
                continue
            unit = row.cells[unit_column] if unit_column is not None else ""
            made = _cell_row(row, label, head, row.cells[i], unit)
            if made:
                yield made


def _cell_row(row: Row, label: str, head: str, cell: str, unit: str) -> ProposedRow | None:
    match = re.fullmatch(r"([\d\s.,]+?)\s*(%|[^\W\d][\w\s]{0,20})?", cell.strip())
    number = read_number(match[1]) if match else None
    if number is None:
        return None
    passage = to_passage(f"{label} | {head} : {cell}")
    shown = Value(to_text(number), row.page, passage, f"colonne « {head} »", box=row.box)
    made = ProposedRow("indicateurs", {"valeur": shown})
    texts = ((code, text) for code, _, text in words("indicateurs") if "#" not in text)
    codes = (code for code, text in texts if re.search(text, label, re.IGNORECASE))
    made.add("indicateur", next(codes, "autre"), f"« {label} »", shown)
    made.add("libelle", shorten(label, _MAX_LABEL), "tête de ligne", shown)
    in_label = re.search(r"\((%|[^)\d]{1,20})\)|\b(?:en|taux)\s?(%)?", label)
    words_of_unit = unit or match[2] or (in_label[1] if in_label and in_label[1] else "")
    if not words_of_unit:
        counted = re.search(r"nombre (?:de |d['’])(\w+)", label, re.IGNORECASE)
        words_of_unit = counted[1] if counted else "%" if "taux" in fold(label) else ""
    made.add("unite", words_of_unit.strip(), "unité du tableau", shown)
    if year := re.search(r"20[0-4]\d", head):
        made.add("annee", year[0], f"colonne « {head} »", shown)
    is_target = re.search(r"cible|objectif|vise", fold(head))
    # « 2025 » alone tells neither
    why = _NO_WORD if re.fullmatch(r"20[0-4]\d", head) else f"colonne « {head} »"
    made.add("nature", "cible" if is_target else "realise", why, shown)
    return made
