"""The state of strategies year by year, and those of wider territories seen through.

Computed again in plain Python from the CSV files of the packages (`recounted`).
"""

import re
from collections import defaultdict

import pytest
from recounted import (
    AXES,
    IN_FORCE,
    NEAREST_FIRST,
    OWN,
    STRATEGIES,
    SUBJECTS,
    TERRITORIES,
    YEAR,
    borne,
    coverage_class,
    document_year,
    family,
    names_no_document,
    rank,
    state_in,
    theme_class,
    wider_strategies,
)

from comparisons.analysis.map_questions.coverage import coverage_layer
from comparisons.database.connection import query
from comparisons.queries.coverage import coverage_by_territory
from comparisons.queries.strategies import covered_years, theme_by_territory
from comparisons.schema.territory import LEVELS

pytestmark = pytest.mark.usefixtures("database")

# --- year by year ---------------------------------------------------------------------------------


def test_years_go_from_the_oldest_document_to_the_dataset_s():
    dated = [document_year(strategy) for strategy in STRATEGIES.values()]
    assert covered_years() == list(range(min(filter(None, dated)), YEAR + 1))


def test_the_state_of_every_strategy_in_every_year():
    rows = query("SELECT strategie_id, annee, etat FROM etats_annuels")
    actual = {(row.strategie_id, row.annee): row.etat for row in rows.itertuples()}
    assert len(actual) == len(rows)
    expected = {(id_, when): state_in(id_, when) for id_ in STRATEGIES for when in covered_years()}
    assert actual == {key: state for key, state in expected.items() if state}


@pytest.mark.parametrize("level", ["region", "departement", "epci"])
@pytest.mark.parametrize("when", [1990, 2011, 2016, YEAR - 1, YEAR])
def test_the_map_of_a_year(level, when):
    for family_code in ("", "reseaux", "ensemble"):
        rows = coverage_by_territory(level, family_code, when)
        for row in rows.itertuples():
            class_and_strategy = (
                row.classe,
                row.strategie_id if isinstance(row.strategie_id, str) else None,
            )
            assert class_and_strategy == coverage_class(
                (level, row.territoire_code), when, family_code
            ), row
        years = [document_year(STRATEGIES[id_]) for id_ in rows["strategie_id"].dropna()]
        if when < YEAR:
            # a document known later is not shown
            assert all(year <= when for year in years)


def test_the_map_without_a_year_is_that_of_the_dataset():
    for level in LEVELS:
        assert coverage_by_territory(level).equals(coverage_by_territory(level, year=YEAR))


def test_being_inside_a_wider_document_is_no_information_on_a_territory():
    """« 34 875 communes avec une information sur 34 875 » was said of 77."""
    for level in LEVELS:
        known_alone, known_with_wider = (
            coverage_layer(level, wider=wider).known for wider in (False, True)
        )
        named_documents = [
            key
            for key, ids in OWN.items()
            if key[0] == level and not all(map(names_no_document, ids))
        ]
        assert known_alone == known_with_wider == len(named_documents)


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("when", [2012, YEAR])
def test_the_sentence_of_the_home_map_counts_documents_by_kind(level, when):
    sentence = coverage_layer(level, year=when).sentence
    classes = [coverage_class(key, when)[0] for key in OWN if key[0] == level]
    always = ("adoptee", "ensemble_autre", "autres_documents")
    where_any = [c for c in ("reseaux", "partie_du_territoire", "description") if c in classes]
    counted = [int(n) for n in re.findall(r"\d+", sentence)]
    assert counted == [classes.count(c) for c in (*always, *where_any)]
    assert ("aujourd’hui" in sentence) == (when == YEAR)
    assert ("cette année-là" in sentence) == (when < YEAR)


@pytest.mark.parametrize("when", [2012, 2018, YEAR])
def test_themes_of_a_year_are_those_of_the_documents_known_then(when):
    for theme in ("inclusion_mediation", "infrastructures", "donnees"):
        for row in theme_by_territory("departement", theme, when).itertuples():
            key = "departement", row.territoire_code
            assert row.classe == theme_class(key, theme, when=when), row
            # what a document is about is no priority that it sets among others
            apart = [id_ for id_ in OWN[key] if SUBJECTS.get(family(id_)) != theme]
            wordings = [
                axis["intitule"]
                for id_ in apart
                if state_in(id_, when)
                for axis in AXES[id_]
                if theme in borne(axis)
            ]
            assert sorted(row.intitules) == sorted(wordings)


# --- wider territories' strategies seen through ---------------------------------------------------


def test_the_strategies_of_wider_territories():
    rows = query("SELECT * FROM strategies_englobantes")
    actual = defaultdict(dict)
    for row in rows.itertuples():
        actual[row.territoire_niveau, row.territoire_code][row.strategie_id] = row.niveau
    assert {k: v for k, v in actual.items() if v} == {
        k: v for k, v in wider_strategies().items() if v
    }


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize(("family_code", "when"), [("", YEAR), ("reseaux", 2014)])
def test_a_territory_without_its_own_shows_the_nearest_wider_one_in_force(level, family_code, when):
    counts = defaultdict(int)
    rows = coverage_by_territory(level, family_code, when, wider=True)
    assert len(rows) == len([key for key in TERRITORIES if key[0] == level])
    for row in rows.itertuples():
        key = level, row.territoire_code
        expected, document = coverage_class(key, when, family_code)
        in_force = {
            id_: near
            for id_, near in wider_strategies().get(key, {}).items()
            if family(id_) == (family_code or "ensemble")
            and state_in(id_, when) in IN_FORCE
            and not names_no_document(id_)
        }
        if not document and in_force:
            document = min(
                in_force, key=lambda id_: (NEAREST_FIRST.index(in_force[id_]), *rank(id_, when))
            )
            expected = f"couverte_{in_force[document]}"
        assert row.classe == expected, row
        assert row.strategie_id == document if document else row.strategie_id != row.strategie_id
        counts[row.classe.split("_")[0]] += 1
    assert sum(counts.values()) == (34_875 if level == "commune" else len(rows))
    assert not (level == "region" and counts["couverte"])
    assert level != "commune" or counts["couverte"]


def test_one_s_own_strategy_even_over_is_never_hidden_by_a_wider_one():
    for level in LEVELS:
        own_coverage = coverage_by_territory(level)
        coverage_with_wider = coverage_by_territory(level, wider=True)
        has_own = own_coverage["strategie_id"].notna()
        assert has_own.any() and coverage_with_wider[has_own].equals(own_coverage[has_own])
        by_wider = coverage_with_wider[coverage_with_wider["classe"].str.startswith("couverte_")]
        assert by_wider["lien"].isna().all() and by_wider["titre"].notna().all()
