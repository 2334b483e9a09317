"""Compare what a reading proposes with what is true of a document of trial."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pptx
import pypdf
from pptx.slide import Slide

from comparisons.documents.proposals import ProposedRow
from comparisons.formatting import fold
from tests.benchmarks.documents.content import Fact, Trial
from tests.benchmarks.documents.rendering import convert_by_office

TABLES = {"a": "priorites", "m": "budgets", "o": "mutualisations", "i": "indicateurs"}
# of a fact: which of its parts are judged once it is found, and in which columns
COLUMNS = {
    "a": {0: "niveau"},
    "m": {2: "etape", 3: "perimetre"},
    "o": {},
    "i": {2: "nature", 3: "annee"},
}
SETTINGS = {
    "type": "type", "adoption": "date_adoption", "debut": "annee_debut", "fin": "annee_fin",
}  # fmt: skip


@dataclass(frozen=True)
class Score:
    """One judgement: of which document, kind and column; whether it was due, given, right."""

    trial: str
    kept: bool
    kind: str
    column: str
    due: bool
    given: bool
    right: bool
    note: str = ""


def score(trial: Trial, rows: Sequence[ProposedRow], path: Path) -> Iterator[Score]:
    """Iterate over the judgements of a document: facts found or not, rows right or not."""

    def judge(kind: str, column: str, due: bool, given: bool, right: bool, note: str) -> Score:
        return Score(trial.name, trial.is_kept, kind, column, due, given, right, note)

    pages = _pages(path)
    for kind, table in TABLES.items():
        proposed = [row for row in rows if row.table == table]
        facts = [fact for fact in trial.facts if fact.kind == kind]
        for fact in facts:
            same = [row for row in proposed if _key(row) == _true_key(fact)]
            yield judge(table, "", True, bool(same), bool(same), fact.shown)
            for part, column in COLUMNS[kind].items():
                expected = fact.parts[part] if part < len(fact.parts) else ""
                if same and expected:
                    right = any(row.get(column) == expected for row in same)
                    given = [row.get(column) for row in same]
                    yield judge(table, column, True, True, right, f"{fact.shown}: {given}")
            if same:
                # the same figure may be due twice: once is enough, on any of its pages
                alike = [each for each in facts if _true_key(each) == _true_key(fact)]
                places = {each.page for each in alike}.union(*(pages(e.shown) for e in alike))
                right = any(row.page in places for row in same)
                yield judge("page", "", True, True, right, f"{fact.shown}: {same[0].page} {places}")
        true_keys = {_true_key(fact) for fact in facts}
        for row in proposed:
            if _key(row) not in true_keys:
                yield judge(table, "", False, True, False, str(_key(row)))
    strategy = next((row for row in rows if row.table == "strategies"), None)
    yield from _score_strategy(trial, strategy, judge)


def _score_strategy(trial: Trial, row: ProposedRow | None, judge: object) -> Iterator[Score]:
    if row is None:
        if trial.is_strategy:
            yield judge("strategies", "", True, False, False, "")
        return
    yield judge("strategies", "", trial.is_strategy, True, trial.is_strategy, "")
    if not trial.is_strategy:
        return
    territory = f"{row.get('territoire_niveau')}-{row.get('territoire_code')}"
    expected = trial.settings.get("territoire", "")
    yield judge("strategies", "territoire", True, True, territory == expected, territory)
    for name, column in SETTINGS.items():
        due, given = trial.settings.get(name, ""), row.get(column)
        if due or given:
            yield judge("strategies", column, bool(due), bool(given), due == given, given)


def _key(row: ProposedRow) -> str:
    match row.table:
        case "priorites":
            return _letters(row.get("intitule"))
        case "budgets":
            return row.get("montant")
        case "mutualisations":
            return row.get("partenaire_id")
    return row.get("valeur")


def _true_key(fact: Fact) -> str:
    return _letters(fact.shown) if fact.kind == "a" else fact.parts[1]


def _letters(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "", fold(text))


def _pages(path: Path) -> Callable[[str], set[int]]:
    """Return what tells the pages that show a text, by other means than the reader's; else none.

    Those of a text document are where LibreOffice, which wrote it, breaks them when it prints it.
    """
    if path.suffix == ".odt":
        convert_by_office(path, "pdf")
        path = path.with_suffix(".pdf")
    if path.suffix == ".pdf":
        texts = [page.extract_text() for page in pypdf.PdfReader(path).pages]
    elif path.suffix == ".pptx":
        texts = [_text_of_slide(slide) for slide in pptx.Presentation(str(path)).slides]
    else:
        texts = []
    pages = [_letters(text) for text in texts]
    return lambda text: {
        number for number, page in enumerate(pages, start=1) if _letters(text) in page
    }


def _text_of_slide(slide: Slide) -> str:
    tables = [shape.table for shape in slide.shapes if shape.has_table]
    cells = [cell.text for table in tables for row in table.rows for cell in row.cells]
    return " ".join(
        [shape.text_frame.text for shape in slide.shapes if shape.has_text_frame] + cells
    )
