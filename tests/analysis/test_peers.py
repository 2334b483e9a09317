"""Peers are alike by structure alone, few rather than far."""

import numpy as np
import pandas as pd
import pytest

from comparisons.analysis.peers import distances
from comparisons.database.connection import query
from comparisons.schema import peer_variables
from comparisons.schema.territory import LEVELS
from comparisons.settings import REFERENCE_DIR

LOGGED = [v.code for v in peer_variables.VARIABLES if v.logged]
STRUCTURE = {
    "population": 1000.0,
    "densite": 50.0,
    "superficie_km2": 20.0,
    "nb_communes": 3.0,
    "part_population_rurale": 0.5,
    "poids_commune_principale": 0.4,
    "outre_mer": False,
    "type": "CC",
}


def territories(level: str = "departement", **columns: list) -> pd.DataFrame:
    """Territories A, B, C ... that differ only in the columns given."""
    size = len(next(iter(columns.values())))
    codes = list("ABCDEFGHIJKLMNOP"[:size])
    return pd.DataFrame(
        {"territoire_niveau": level, "territoire_code": codes} | STRUCTURE | columns
    )


def ranked(pairs: pd.DataFrame) -> dict[str, list[str]]:
    ordered = pairs.sort_values(["territoire_code", "rang"])
    return {code: list(rows["pair_code"]) for code, rows in ordered.groupby("territoire_code")}


@pytest.fixture(scope="module")
def departments(database) -> pd.DataFrame:
    return query("SELECT * FROM territoires WHERE territoire_niveau = 'departement'")


# --- a set small enough for the back of an envelope -----------------------------------------------


def test_neighbours_found_by_hand():
    # Each twice the one before: equal steps on the logarithm, of 1 / 1.118 standard deviation
    # (that of 0, 1, 2, 3), so 0.338 over seven variables; three steps pass the ceiling.
    pairs = distances.nearest_peers(territories(population=[1e5, 2e5, 4e5, 8e5]), "departement")
    assert ranked(pairs) == {
        "A": ["B", "C"],
        "B": ["A", "C", "D"],
        "C": ["B", "D", "A"],
        "D": ["C", "B"],
    }
    step = 1 / np.sqrt(1.25) / np.sqrt(7)
    of_a = pairs[pairs["territoire_code"] == "A"]
    assert of_a["distance"].tolist() == pytest.approx([step, 2 * step], abs=1e-4)
    assert 2 * step < distances.MAX_DISTANCE < 3 * step
    assert of_a["rang"].tolist() == [1, 2]


def test_no_more_peers_than_asked():
    pairs = distances.nearest_peers(
        territories(population=[1e5, 2e5, 5e5, 9e5]), "departement", count=1
    )
    assert ranked(pairs) == {"A": ["B"], "B": ["A"], "C": ["D"], "D": ["C"]}


def test_two_good_peers_rather_than_ten_bad_ones():
    alike = [100.0, 101, 102, 103, 104, 105, 106, 107, 108, 109, 110]
    pairs = distances.nearest_peers(territories(population=[*alike, 1e9]), "departement")
    assert "L" not in ranked(pairs)
    assert not (pairs["pair_code"] == "L").any()


def test_territories_of_other_levels_are_not_looked_at():
    both = pd.concat(
        [territories(population=[1e5, 2e5]), territories("epci", population=[1e5, 2e5, 3e5])]
    )
    assert len(distances.nearest_peers(both, "departement")) == 2
    assert distances.nearest_peers(both, "region").empty


def test_a_territory_whose_structure_is_unknown_has_no_peer_and_is_none():
    rows = territories(population=[1e5, 2e5, 2e5, 1e5], densite=[50.0, None, 50, 0])
    assert ranked(distances.nearest_peers(rows, "departement")).keys() == {"A", "C"}


def test_two_rows_of_one_body_are_not_each_others_peers():
    rows = territories(population=[1e5, 1e5, 2e5], siren=["1", "1", None])
    assert ranked(distances.nearest_peers(rows, "departement")) == {
        "A": ["C"],
        "B": ["C"],
        "C": ["A", "B"],
    }


def test_types_of_intercommunalite_are_steps_of_one_scale():
    rows = territories("epci", type=["CC", "CA", "EPT", "CU", "METRO", "MET69"])
    degrees = distances.standardise(rows, "epci")["type"]
    assert degrees["B"] == degrees["C"] and degrees["E"] == degrees["F"]
    assert np.diff(degrees[["A", "B", "D", "E"]]) == pytest.approx(
        [degrees["B"] - degrees["A"]] * 3
    )


def test_each_variable_has_its_french_words():
    for variable in peer_variables.VARIABLES:
        assert variable.titre and variable.unite and variable.explication.endswith(".")
        assert variable.court.startswith(("la ", "le ", "l’"))


def test_identical_territories_are_peers_and_never_their_own():
    rows = territories(population=[1e5] * 15)
    pairs = distances.nearest_peers(rows, "departement", count=3)
    assert len(pairs) == 45
    assert (pairs["pair_code"] != pairs["territoire_code"]).all()


# --- what may not change the answer ---------------------------------------------------------------


def compared(pairs: pd.DataFrame) -> pd.DataFrame:
    return pairs.sort_values(["territoire_code", "rang"]).reset_index(drop=True)


@pytest.mark.parametrize("variable", LOGGED)
def test_units_do_not_matter(departments, variable):
    other_unit = departments.assign(**{variable: departments[variable].astype(float) * 1000})
    expected = compared(distances.nearest_peers(departments, "departement"))
    actual = compared(distances.nearest_peers(other_unit, "departement"))
    pd.testing.assert_frame_equal(actual, expected, atol=1e-4)


def test_the_order_of_rows_does_not_matter(departments):
    shuffled = departments.sample(frac=1, random_state=1)
    expected = compared(distances.nearest_peers(departments, "departement"))
    pd.testing.assert_frame_equal(
        compared(distances.nearest_peers(shuffled, "departement")), expected
    )


def test_only_structure_counts_never_strategies_nor_results():
    """Whatever is not a column of the reference table cannot enter, nor all of what is one."""
    columns = set(pd.read_csv(REFERENCE_DIR / "territoires.csv", nrows=0).columns)
    structural = {
        "population", "densite", "superficie_km2", "nb_communes", "part_population_rurale",
        "poids_commune_principale", "type", "outre_mer",
    }  # fmt: skip
    assert set(peer_variables.BY_CODE) == structural <= columns
    for level in LEVELS:
        assert len(peer_variables.peer_variables(level)) >= 4
        assert ("type" in peer_variables.peer_variables(level)) == (level == "epci")
        assert bool(
            set(peer_variables.NOT_FOR_COMMUNES) & set(peer_variables.peer_variables(level))
        ) != (level == "commune")
    with_results = territories(population=[1e5, 2e5, 4e5]).assign(
        nb_strategies=[0, 90, 1], montant=[1e9, 0, 5], region_code=["1", "2", "3"]
    )
    expected = distances.nearest_peers(territories(population=[1e5, 2e5, 4e5]), "departement")
    pd.testing.assert_frame_equal(distances.nearest_peers(with_results, "departement"), expected)


# --- the peers of the real territories ------------------------------------------------------------


def test_real_peers_are_near_of_the_same_level_and_another(database):
    rows = query(
        """
        SELECT count(*) AS pairs,
               count(*) FILTER (p.pair_code = p.territoire_code) AS themselves,
               count(*) FILTER (t.territoire_code IS NULL) AS of_another_level,
               max(distance) AS farthest, max(rang) AS last_rank,
               count(DISTINCT (p.territoire_niveau, p.territoire_code, rang)) AS ranks
        FROM pairs p
        LEFT JOIN territoires t
          ON t.territoire_niveau = p.territoire_niveau AND t.territoire_code = p.pair_code
        """
    ).iloc[0]
    assert rows["themselves"] == rows["of_another_level"] == 0
    assert (
        rows["farthest"] <= distances.MAX_DISTANCE
        and rows["last_rank"] == peer_variables.DEFAULT_PEER_COUNT
    )
    assert rows["ranks"] == rows["pairs"]
    levels = query("SELECT DISTINCT territoire_niveau FROM pairs")["territoire_niveau"]
    assert set(levels) == set(LEVELS)


def test_paris_has_no_peer_among_departments(database):
    sql = "SELECT * FROM pairs WHERE territoire_niveau = 'departement' AND "
    assert query(f"{sql} territoire_code = '75'").empty
    assert query(f"{sql} pair_code = '75'").empty
    assert query(f"{sql} territoire_code = '67' AND pair_code = '68'").empty
    assert len(query(f"{sql} territoire_code = '53'")) == peer_variables.DEFAULT_PEER_COUNT
