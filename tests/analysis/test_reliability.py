"""What a second reading gave, against the rows of `relectures` counted in plain Python."""

import csv
import math
from collections import Counter, defaultdict

import pytest
from recounted import DATA, STRATEGIES, facts, lead

from comparisons.analysis.completeness.reliability import (
    agreement_interval,
    describe_axes,
    describe_reliability,
    reliability_by_level,
    reliability_by_table,
)

pytestmark = pytest.mark.usefixtures("database")

COUNTS = ("confirmes", "corriges", "retires", "non_visibles")
TABLES = ("strategies", "priorites", "budgets", "partenaires", "mutualisations", "indicateurs")


def readings() -> list[dict[str, str]]:
    path = DATA / "strategies" / "corpus-2026" / "relectures.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def wilson(confirmed: int, checked: int) -> tuple[float, float]:
    """The score interval at 95 %, by its formula."""
    z, rate = 1.959963984540054, confirmed / checked
    middle = (rate + z * z / (2 * checked)) / (1 + z * z / checked)
    half = (
        z
        * math.sqrt(rate * (1 - rate) / checked + z * z / (4 * checked**2))
        / (1 + z * z / checked)
    )
    return middle - half, middle + half


def test_the_whole_corpus_agreed_in_2429_facts_of_3065():
    whole = reliability_by_table().iloc[-1]
    assert (whole["nb_confirmes"], whole["nb_vus"]) == (2429, 3065)
    low, high = wilson(2429, 3065)
    assert whole["taux_accord_min"] == pytest.approx(low)
    assert whole["taux_accord_max"] == pytest.approx(high)
    assert (
        "2 429" in describe_reliability().replace("\N{NARROW NO-BREAK SPACE}", " ")
        and "79" in describe_reliability()
    )


def test_each_table_counts_what_its_readings_say():
    expected = defaultdict(Counter)
    for row in readings():
        for name in COUNTS:
            expected[row["table"]][name] += int(row[name])
    rows = reliability_by_table().set_index("table_nom")
    assert list(rows.index) == [*TABLES, "toutes"]
    for table in TABLES:
        row = rows.loc[table]
        assert {name: row[f"nb_{name}"] for name in COUNTS} == expected[table]
        assert row["nb_faits"] == len(facts(table))
        read_again = {
            r["source_id"]
            for r in readings()
            if r["table"] == table and r["page_retrouvee"] == "oui"
        }
        assert row["nb_faits_relus"] == sum(f["source_id"] in read_again for f in facts(table))
        checked_count = sum(expected[table][name] for name in COUNTS[:3])
        assert row["nb_vus"] == checked_count
        assert row["taux_accord"] == pytest.approx(expected[table]["confirmes"] / checked_count)


def level_of(table: str, row: dict[str, str]) -> str:
    if table == "partenaires":
        return "aucun"
    if table in ("priorites", "budgets"):
        return lead(STRATEGIES[row["strategie_id"]])[0]
    return row["territoire_niveau"]


def test_each_level_counts_the_sources_that_speak_of_it_alone():
    levels = defaultdict(set)
    for table in TABLES:
        for row in facts(table):
            levels[table, row["source_id"]].add(level_of(table, row))
    expected = Counter()
    for row in readings():
        spoken_of = levels.get((row["table"], row["source_id"]), {"aucun"})
        level = spoken_of.copy().pop() if len(spoken_of) == 1 else "plusieurs"
        expected[level] += int(row["confirmes"])
    rows = reliability_by_level().set_index("territoire_niveau")
    assert rows["nb_confirmes"].drop("toutes").to_dict() == expected
    assert rows.loc["toutes", "nb_faits"] == sum(len(facts(table)) for table in TABLES)


def test_an_interval_never_leaves_nought_to_one():
    assert agreement_interval(0, 5)[0] == 0 and agreement_interval(5, 5)[1] == 1
    assert agreement_interval(7, 9) == pytest.approx(wilson(7, 9))


def test_named_axes_are_counted_in_words():
    axes = facts("priorites")
    named_axes = [row for row in axes if row["certitude"] == "explicite"]
    sentence = describe_axes()
    for count in (
        len(axes),
        len(named_axes),
        len({row["strategie_id"] for row in axes}),
        len({row["strategie_id"] for row in named_axes}),
    ):
        assert f"{count}" in sentence
    assert (len(axes), len(named_axes)) == (995, 486)
