"""The state of strategies year by year, and those of wider territories seen through.

Computed again in plain Python from the CSV files of the packages (`recounted`).
"""

import re
from collections import Counter, defaultdict
from functools import cache

import pytest
from recounted import (
    IN_FORCE,
    KINDS,
    OWN,
    STRATEGIES,
    TERRITORIES,
    YEAR,
    could_carry,
    coverage_class,
    covered,
    delimiting,
    document_year,
    facts,
    family,
    lead,
    lies_in,
    names_no_document,
    outside_its_area,
    rank,
    state_in,
    twins_of,
)

from comparisons.analysis.map_questions.coverage import coverage_layer
from comparisons.database.connection import query
from comparisons.queries.coverage import coverage_by_territory
from comparisons.queries.strategies import covered_years, theme_by_territory
from comparisons.schema.territory import LEVELS

pytestmark = pytest.mark.usefixtures("database")

NEAREST_FIRST = ("epci", "departement", "region")


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


def test_the_last_year_is_what_the_strategies_are_today():
    rows = query(
        "SELECT strategie_id, a.etat AS annuel, e.etat FROM etats_strategies e "
        "LEFT JOIN etats_annuels a USING (strategie_id) "
        "WHERE a.annee = (SELECT annee FROM jeu_de_donnees)"
    )
    assert set(rows["strategie_id"]) == set(STRATEGIES)
    assert (rows["annuel"] == rows["etat"]).all()


@pytest.mark.parametrize(
    ("strategy", "states"),
    [
        # replaced in 2017, at the end of its period; no source dates its adoption
        (
            "epci-200023737-strategie_numerique-2012",
            {
                2011: None,
                2012: "suite_inconnue",
                2016: "suite_inconnue",
                2017: "terminee",
                YEAR: "terminee",
            },
        ),
        # over according to its source, replaced by an edition without a date
        ("region-94-sdtan-2012", {2012: "statut_inconnu", 2025: "statut_inconnu"}),
        # no date of its own: placed in the year of the dataset only
        ("region-94-sdtan-nd", {2012: None, 2025: None}),
    ],
)
def test_the_years_of(strategy, states):
    rows = query("SELECT annee, etat FROM etats_annuels WHERE strategie_id = ?", [strategy])
    state_by_year = dict(zip(rows["annee"], rows["etat"], strict=True))
    assert {when: state_by_year.get(when) for when in states} == states


@pytest.mark.parametrize("level", ["region", "departement", "epci"])
@pytest.mark.parametrize("when", [1985, 1990, 2011, 2016, 2021, YEAR - 1, YEAR])
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


@pytest.mark.parametrize("level", LEVELS)
def test_the_map_of_today_shows_the_document_of_the_board(level):
    board = query("SELECT * FROM couverture WHERE territoire_niveau = ?", [level])
    kinds_of = Counter(row["famille"] for row in KINDS.values())
    alone = [kind for kind, row in KINDS.items() if kinds_of[row["famille"]] == 1]
    assert len(alone) > 4  # families of one type: the board counts by type
    for type_ in alone:
        rows = board[board["type"] == type_]
        coverage = coverage_by_territory(level, KINDS[type_]["famille"])
        assert (coverage["territoire_code"].to_numpy() == rows["territoire_code"].to_numpy()).all()
        # of a page, or of a part of a région, the map says no state
        is_stated = ~coverage["classe"].isin(["description", "partie_du_territoire"]).to_numpy()
        assert (coverage["classe"].to_numpy() == rows["etat"].to_numpy())[is_stated].all()
        strategy_ids, board_s = (
            table["strategie_id"].fillna("").to_numpy() for table in (coverage, rows)
        )
        assert (strategy_ids == board_s)[is_stated].all()


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


ABOUT = {"inclusion_mediation": "inclusion", "infrastructures": "reseaux", "donnees": "donnees"}


@pytest.mark.parametrize("when", [2012, 2018, YEAR])
def test_themes_of_a_year_are_those_of_the_documents_known_then(when):
    axes = defaultdict(list)
    for row in facts("priorites"):
        for key in covered(STRATEGIES[row["strategie_id"]]):
            if state_in(row["strategie_id"], when):
                axes[key].append(row)
    for theme in ("inclusion_mediation", "infrastructures", "donnees"):
        rows = theme_by_territory("departement", theme, when)
        for row in rows.itertuples():
            territory_axes = axes["departement", row.territoire_code]
            theme_axes = [
                axis
                for axis in territory_axes
                if theme in (axis["theme"], *axis["themes_secondaires"].split("|"))
                # what a document is about is no priority that it sets among others
                and family(axis["strategie_id"]) != ABOUT[theme]
            ]
            states = {state_in(axis["strategie_id"], when) for axis in theme_axes}
            about = any(
                family(id_) == ABOUT[theme] and state_in(id_, when)
                for id_ in OWN["departement", row.territoire_code]
            )
            expected = (
                "en_cours"
                if states & {"adoptee", "en_revision"}
                else "relevee"
                if states - {"terminee"}
                else "passee"
                if states
                else "objet"
                if about
                else "absente"
                if any(
                    could_carry(axis["strategie_id"], ("departement", row.territoire_code), when)
                    for axis in territory_axes
                )
                else "hors_champ"
                if territory_axes
                else "inconnue"
            )
            assert row.classe == expected, row
            assert sorted(row.intitules) == sorted(a["intitule"] for a in theme_axes)


# --- wider territories' strategies seen through ---------------------------------------------------


@cache
def wider_strategies() -> dict[tuple, dict[str, str]]:
    """For each territory, the strategies of wider ones in whose area it lies, with the level."""
    parts: dict[tuple, list] = defaultdict(list)  # a wider territory → those half in it
    for key in TERRITORIES:
        for other_key in lies_in(key):
            parts[other_key].append(key)
    wider: dict[tuple, dict[str, str]] = defaultdict(dict)
    for id_, strategy in STRATEGIES.items():
        mine = covered(strategy)
        skipped = lead(strategy) if outside_its_area(strategy) else None
        area = [(key, key[0]) for key in mine if key != skipped]
        area += [(key, "region") for key in delimiting(strategy)]
        inside = [(key, "region") for key in delimiting(strategy)]
        for wide, level in area:
            when = document_year(strategy)
            apart = twins_of(wide, "hors", when, undated=True) if wide == lead(strategy) else ()
            excluded = {key for other_key in apart for key in (other_key, *parts[other_key])}
            inside += [(key, level) for key in parts[wide] if key not in excluded]
        for key, level in inside:
            if key not in mine:
                before = wider[key].get(id_, "region")
                wider[key][id_] = min(before, level, key=NEAREST_FIRST.index)
    return wider


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


def test_cover_by_a_wider_strategy_differs_from_an_own_strategy():
    rows = coverage_by_territory("commune", wider=True).set_index("territoire_code")
    covered_ = rows[rows["classe"].str.startswith("couverte_")]
    assert len(covered_) > 5_000
    assert covered_["lien"].isna().all() and covered_["titre"].notna().all()
