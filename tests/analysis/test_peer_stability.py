"""How often a peer stays when the weights move: reproducible, bounded, as by brute force."""

import numpy as np
import pytest

from comparisons.analysis.peers.distances import MAX_DISTANCE
from comparisons.analysis.peers.search import distances, find_peers, load_level
from comparisons.analysis.peers.stability import (
    WEIGHT_SPREAD,
    _stay_shares,
    able_to_enter,
    describe_missing_stability,
    describe_stability,
    format_stability,
    rank_stability,
    weight_factors,
)
from comparisons.schema.peer_options import PeerOptions

KEYS = ["departement-35", "departement-976", "epci-243500139", "commune-35238"]


@pytest.mark.parametrize("key", KEYS)
def test_shares_follow_the_peers_and_two_runs_agree(database, key):
    shares = rank_stability(key)
    assert list(shares["cle"]) == list(find_peers(key).table["cle"])
    assert shares["part"].between(0, 1).all() and shares["part"].iloc[0] > 0.5
    assert shares.equals(rank_stability(key))
    # another seed moves each share by no more than chance does (six standard errors)
    second_run = rank_stability(key, seed=1)
    assert (shares["part"] - second_run["part"]).abs().max() < 6 * np.sqrt(2 * 0.25 / 200)


@pytest.mark.parametrize("count", [1, 5, 30])
@pytest.mark.parametrize(
    "key", ["departement-35", "departement-976", "epci-200000172", "region-11"]
)
def test_drawing_only_those_who_may_enter_gives_the_same_as_drawing_all(database, key, count):
    choice = PeerOptions(nombre=count, poids=(("population", 2), ("densite", 0)))
    peers = find_peers(key, choice)
    arguments = (load_level(peers.soi["territoire_niveau"]), peers.soi, choice,
                 list(peers.table["territoire_code"]), 100, 7)  # fmt: skip
    assert np.array_equal(_stay_shares(*arguments), _stay_shares(*arguments, all_candidates=True))


def test_the_bound_leaves_most_communes_out(database):
    level = load_level("commune")
    away = distances(level, "35047", PeerOptions().weights("commune"))
    away = away[~np.isnan(away)]
    candidates = able_to_enter(away, 10)
    assert 10 <= candidates.sum() < 3000
    # by brute force, nobody else ever comes among the first
    values = level.scaled.dropna()
    squares = ((values - values.loc["35047"]) ** 2).to_numpy()
    for moved in weight_factors(40, squares.shape[1], 3):
        bounds = np.sqrt(squares @ (moved / moved.sum()))
        first = np.argsort(bounds, kind="stable")[:10]
        assert candidates[first].all()
        assert (
            (bounds >= away / WEIGHT_SPREAD - 1e-6) & (bounds <= away * WEIGHT_SPREAD + 1e-6)
        ).all()


def test_factors_are_as_often_above_as_below_one():
    factors = weight_factors(20_000, 2, 5)
    assert factors.min() >= 1 / WEIGHT_SPREAD and factors.max() <= WEIGHT_SPREAD
    assert np.log(factors).mean() == pytest.approx(0, abs=0.02)
    assert np.corrcoef(factors.T)[0, 1] == pytest.approx(0, abs=0.03)


def test_a_duplicate_always_stays(database):
    level = load_level("departement")
    scaled = level.scaled.copy()
    scaled.loc["29"] = scaled.loc["35"]
    twin = type(level)(level.niveau, level.rows, scaled)
    row = level.rows.loc["35"]
    assert _stay_shares(twin, row, PeerOptions(nombre=1), ["29"], 200, 1) == [1.0]


def test_the_ceiling_counts_in_draws_too(database):
    """A peer just under the ceiling falls beyond it in some draws, whatever its rank."""
    rows = find_peers("departement-13").table
    last = rows.iloc[-1]
    assert len(rows) < 10 and last["distance"] > 0.95 * MAX_DISTANCE
    assert rank_stability("departement-13")["part"].iloc[-1] < 0.9


@pytest.mark.parametrize("method", ["voisins", "taille", "liste"])
def test_ways_without_weights_have_no_stability(database, method):
    choice = PeerOptions(method, liste=("departement-29",))
    shares = rank_stability("departement-35", choice)
    assert len(shares) and shares["part"].isna().all()
    assert format_stability(shares["part"].iloc[0]) == ""


def test_no_peer_no_share(database):
    assert rank_stability("departement-75").empty
    assert list(rank_stability("departement-75").columns) == ["cle", "part"]


def test_no_stability_is_shown_where_nearly_all_are_peers(database):
    """Ten of seventeen régions: whatever the weights, nearly all of them."""
    shares = rank_stability("region-53")
    assert len(shares) and shares["part"].isna().all()
    assert "10\N{NO-BREAK SPACE}pairs au plus sur 17\N{NO-BREAK SPACE}territoires" in (
        describe_missing_stability(find_peers("region-53"))
    )
    few = PeerOptions(nombre=3)
    assert rank_stability("region-53", few)["part"].notna().all()
    assert describe_missing_stability(find_peers("region-53", few)) == ""
    assert describe_missing_stability(find_peers("departement-35")) == ""
    assert describe_missing_stability(find_peers("region-53", PeerOptions("voisins"))) == ""


def test_sentences():
    assert "200 tirages" in describe_stability() and "log-uniforme" in describe_stability()
    assert "fragile" in format_stability(0.3) and "parmi les 10" in format_stability(0.3)
    assert "solide" in format_stability(1.0, PeerOptions(nombre=1))
    assert "le plus proche" in format_stability(1.0, PeerOptions(nombre=1))
