"""Breaks between editions of the dataset name what exists, and withhold differences."""

import pytest
from recounted import DATA, SCHEMAS, STRATEGIES, facts, read_csv

from comparisons.analysis.editions.facts import compare_facts
from comparisons.database.connection import query
from comparisons.queries.breaks import break_between_readings, breaks_between
from comparisons.schema.model import vocabulary_codes

pytestmark = pytest.mark.usefixtures("database")

ROWS = read_csv(DATA / "reference" / "ruptures.csv")
SOURCES = {row["source_id"]: row for row in facts("sources")}
SECOND_EDITION = "2026-11-28"


def read_on(source_id: str) -> str:
    """The last day a source was read, a page that could not be opened again apart."""
    again = [
        row["relu_le"]
        for row in facts("relectures")
        if row["source_id"] == source_id and row["page_retrouvee"] == "oui"
    ]
    return max([SOURCES[source_id]["consulte_le"], *again])


def test_each_break_names_an_edition_a_table_a_column_and_a_code_that_exist():
    editions = query("SELECT paquet, version, rang FROM editions")
    known = set(zip(editions["paquet"], editions["version"], strict=True))
    for row in ROWS:
        fields = {field["name"]: field for field in SCHEMAS[row["table_nom"]]["fields"]}
        assert (row["paquet"], row["version"]) in known
        assert row["comparable"] in ("oui", "non") and row["changement"] and row["pourquoi"]
        assert not row["colonne"] or row["colonne"] in fields
        if row["code"]:
            assert row["code"] in vocabulary_codes(fields[row["colonne"]]["vocabulaire"])
    last = int(editions["rang"].max())
    assert len(breaks_between(1, last)) == len(breaks_between(last, 1)) == len(ROWS)
    assert breaks_between(last, last).empty


def test_two_documents_read_before_and_after_a_rule_have_no_difference():
    withheld = 0
    for after, row in STRATEGIES.items():
        before = row["remplace"]
        if before not in STRATEGIES:
            continue
        old = STRATEGIES[before]
        sides = {read_on(side["source_id"]) < SECOND_EDITION for side in (old, row)}
        for fact in compare_facts(before, after).itertuples():
            column = {"Adoption": "date_adoption", "Type": "type"}.get(fact.fait)
            if column and old[column] and row[column] and old[column] != row[column]:
                split = len(sides) == 2
                withheld += split
                assert fact.evolution == ("non_calculee" if split else "change"), (after, fact)
                assert ("lu avant cette règle" in fact.note) == split
    assert withheld  # pages that could not be opened again are still under the former rule


def test_readings_on_one_side_of_a_break_compare():
    old = next(key for key in SOURCES if read_on(key) < SECOND_EDITION)
    new = next(key for key in SOURCES if read_on(key) >= SECOND_EDITION)
    engaged = {"etape": "engage"}
    assert "engagé" in break_between_readings("budgets", engaged, [old], [new])
    assert break_between_readings("budgets", engaged, [old], [old]) == ""
    assert break_between_readings("budgets", engaged, [new], [new]) == ""
    # a rule about another code, or no rule at all
    assert break_between_readings("budgets", {"etape": "realise"}, [old], [new]) == ""
    assert break_between_readings("budgets", {"montant": ""}, [old], [new]) == ""
