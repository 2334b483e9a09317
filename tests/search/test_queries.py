"""Sixty searches and the first answers that are good for each: no change of engine makes one worse.

`first_answers` holds the answers that may come first, separated by ` | `; nothing is to be found
when it is empty. Recorded from the engine of November 2026, then read one by one.
"""

import csv
from pathlib import Path

import pytest

from comparisons.analysis.shared_services.organisations import (
    OrganisationFilters,
    list_organisations,
)
from comparisons.search.search import search_texts
from comparisons.search.territories import search_territories

pytestmark = pytest.mark.usefixtures("database")

_PATH = Path(__file__).with_name("queries.csv")
with _PATH.open(encoding="utf-8", newline="") as file:
    ROWS = [tuple(row.values())[:3] for row in csv.DictReader(file)]


def first_answer(corpus: str, query: str) -> str:
    match corpus:
        case "textes":
            hits = search_texts(query, limit=1).hits
            answers = hits["table"] + ":" + hits["identifiant"]
        case "territoires":
            answers = search_territories(query, 1)["cle"]
        case _:
            answers = list_organisations(OrganisationFilters(texte=query))["partenaire_id"]
    return next(iter(answers), "")


def test_there_are_sixty_searches_at_least():
    assert len(ROWS) == len({row[:2] for row in ROWS}) >= 60


@pytest.mark.parametrize(("corpus", "query", "answers"), ROWS)
def test_the_first_answer_is_a_good_one(corpus, query, answers):
    assert first_answer(corpus, query) in answers.split(" | ")
