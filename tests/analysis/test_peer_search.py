"""The peers of one territory: by structure, border, size or one's own list."""

import re

import numpy as np
import pandas as pd
import pytest
from effort import some
from recounted import DATA, OWN, read_csv

from comparisons.analysis.peers import search
from comparisons.analysis.peers.distances import MAX_DISTANCE
from comparisons.analysis.peers.peers_layer import peers_layer
from comparisons.analysis.peers.population_bands import (
    BANDS,
    format_band,
    is_in_band,
    population_band,
)
from comparisons.analysis.peers.search import PeerSearchResult, find_documented, find_peers
from comparisons.database import connection
from comparisons.database.connection import query
from comparisons.schema.peer_options import MAX_PEERS, WEIGHTING_METHODS, PeerOptions
from comparisons.schema.peer_variables import BY_CODE, NOT_FOR_COMMUNES, peer_variables
from comparisons.schema.territory import LEVELS

# Paris, the Rhône and Lyon, Alsace, Corse, Martinique: as one level and as another
TWO_THINGS_AT_ONCE = ("75", "75056", "69", "200046977", "69123", "67", "2A", "972", "97209")
STRUCTURE = {
    "population": 100_000.0,
    "densite": 50.0,
    "superficie_km2": 2000.0,
    "nb_communes": 30.0,
    "part_population_rurale": 0.5,
    "poids_commune_principale": 0.4,
    "outre_mer": False,
    "type": None,
    "siren": None,
    "region_code": "53",
    "region_nom": "Bretagne",
    "departement_code": None,
}


def small(level: str = "departement", **columns: list) -> pd.DataFrame:
    """Territories 11, 12, 13 ... that differ only in the columns given."""
    size = len(next(iter(columns.values())))
    codes = [str(11 + rank) for rank in range(size)]
    names = {
        "nom": [f"T{code}" for code in codes],
        "nom_de": [f"de T{code}" for code in codes],
        "nom_article": [f"T{code}" for code in codes],
        "cle": [f"{level}-{code}" for code in codes],
    }
    return pd.DataFrame(
        {"territoire_niveau": level, "territoire_code": codes} | names | STRUCTURE | columns
    )


@pytest.fixture
def world(database, monkeypatch):
    """Replace the territories of the database by a few invented ones."""

    def write_level(rows: pd.DataFrame) -> None:
        level = rows["territoire_niveau"].iloc[0]
        monkeypatch.setattr(search, "load_level", lambda _: search.prepare_level(rows, level))
        connection._open_edition.cache_clear()  # and forget the peers of those before

    yield write_level
    connection._open_edition.cache_clear()


def codes(peers: PeerSearchResult) -> list[str]:
    return list(peers.table["territoire_code"])


def clean(sentence: str) -> bool:
    return not re.search(r"\bnan\b|None|  | [,.]|\.\.|,,|'|\(\)", sentence)


# --- found by hand --------------------------------------------------------------------------------


# Each twice the one before: steps of 1 / 1.118 standard deviation, over seven variables.
DOUBLING = [1e5, 2e5, 4e5, 8e5]
STEP = 1 / np.sqrt(1.25) / np.sqrt(7)


def test_the_nearest_with_their_distance_and_reason(world):
    world(small(population=DOUBLING))
    peers = find_peers("departement-11")
    assert codes(peers) == ["12", "13"]
    assert peers.table["rang"].tolist() == [1, 2]
    assert peers.table["distance"].tolist() == pytest.approx([STEP, 2 * STEP], abs=1e-4)
    first = peers.table.iloc[0]
    assert first["contributions"]["population"] == 1 and sum(first["contributions"].values()) == 1
    assert first["ecarts"]["population"] == pytest.approx(1 / np.sqrt(1.25))
    assert first["rapports"]["population"] == 2
    assert (peers.candidats, peers.ecartes, peers.plafond) == (3, 1, MAX_DISTANCE)
    assert "T14" in peers.explication  # the one that is too far is named


def test_weights_by_hand(world):
    world(small(population=DOUBLING))
    # population alone: each step is 0.894 of a deviation, and one alone is within the ceiling
    alone = tuple((name, 0) for name in peer_variables("departement") if name != "population")
    peers = find_peers("departement-12", PeerOptions(poids=alone))
    assert codes(peers) == ["11", "13"]
    assert peers.table["distance"].tolist() == pytest.approx([1 / np.sqrt(1.25)] * 2, abs=1e-4)
    # counted three times of nine in all: the square grows by 3/9 over 1/7
    peers = find_peers("departement-11", PeerOptions(poids=(("population", 3),)))
    expected = 1 / np.sqrt(1.25) * np.sqrt(3 / 9)
    assert peers.table["distance"].iloc[0] == pytest.approx(expected, abs=1e-4)


def test_the_size_band_by_hand(world):
    world(
        small(
            "epci",
            population=[20e3, 16e3, 29e3, 31e3, 20e3, 14_999, 15e3],
            type=["CC", "CC", "CC", "CC", "CA", "CC", "CC"],
        )
    )
    peers = find_peers("epci-11", PeerOptions(maniere="taille"))
    assert codes(peers) == ["12", "17", "13"]  # ratios 1.25, 1.33, 1.45; the others are elsewhere
    assert peers.table["distance"].isna().all()
    assert "de 15 000 à 29 999 habitants" in peers.explication.replace("\u202f", " ")


# --- what may not change the answer ---------------------------------------------------------------


@pytest.fixture(scope="module")
def departments(database) -> pd.DataFrame:
    return query(
        """
        SELECT *, 'departement-' || territoire_code AS cle, region_code AS region_nom
        FROM territoires WHERE territoire_niveau = 'departement'
        """
    )


def same(first_result: PeerSearchResult, second_result: PeerSearchResult) -> bool:
    return codes(first_result) == codes(second_result) and np.allclose(
        first_result.table["distance"], second_result.table["distance"], atol=2e-4
    )


CHOICES = [
    PeerOptions(),
    PeerOptions(nombre=25, region="hors", poids=(("densite", 2), ("superficie_km2", 0.5))),
]


@pytest.mark.parametrize("choice", CHOICES)
def test_the_order_of_rows_does_not_matter(world, departments, choice):
    world(departments)
    expected = find_peers("departement-35", choice)
    world(departments.sample(frac=1, random_state=3))
    assert same(find_peers("departement-35", choice), expected)


def test_weights_all_doubled_change_nothing(database):
    weights = (("population", 1.5), ("densite", 0.5))
    names = peer_variables("departement")
    doubled = tuple((name, 2 * dict(weights).get(name, 1)) for name in names)
    for key in ("departement-35", "departement-48", "departement-13"):
        assert same(
            find_peers(key, PeerOptions(poids=doubled)), find_peers(key, PeerOptions(poids=weights))
        )


@pytest.mark.parametrize("dropped", [n for n in BY_CODE if n != "type"])
def test_a_weight_of_zero_is_as_if_the_variable_did_not_exist(world, departments, dropped):
    world(departments)
    peers = find_peers("departement-35", PeerOptions(poids=((dropped, 0),)))
    world(departments.assign(**{dropped: 0 if dropped == "outre_mer" else 1.0}))
    constant = find_peers("departement-35", PeerOptions(poids=((dropped, 0),)))
    assert same(peers, constant)
    assert dropped not in peers.table["contributions"].iloc[0]
    assert BY_CODE[dropped].court in peers.explication


@pytest.mark.parametrize("code", ["35288", "75056"])
def test_the_nearest_with_a_known_document_are_those_counted_again(database, code):
    """Counted again from the reference file and the packages, without the distances of ours."""
    rows = [row for row in read_csv(DATA / "reference" / "territoires.csv")
            if row["territoire_niveau"] == "commune"
            and all(float(row[name] or 0) for name in ("population", "densite", "superficie_km2"))
            ]  # fmt: skip
    table = np.array(
        [
            [np.log(float(row[name])) for name in ("population", "densite", "superficie_km2")]
            + [row["outre_mer"] == "oui"]
            for row in rows
        ]
    )
    codes = [row["territoire_code"] for row in rows]
    gaps = (table - table[codes.index(code)]) / table.std(axis=0)
    away = dict(zip(codes, np.sqrt((gaps**2).mean(axis=1)), strict=True))
    expected = sorted((away[other], other) for level, other in OWN
                      if level == "commune" and other in away and other != code)[:5]  # fmt: skip
    result = find_peers(f"commune-{code}", PeerOptions())
    found = find_documented(result)
    assert list(found["territoire_code"]) == [other for _, other in expected]
    assert list(found["distance"]) == pytest.approx([d for d, _ in expected], abs=1e-4)
    assert (found["distance"] > MAX_DISTANCE).any() == (code == "75056")
    layer = peers_layer(f"commune-{code}", PeerOptions())
    drawn = layer.data.loc[layer.data["classe"] == "document", "nom"]
    assert set(drawn) == set(found["nom"]) - set(result.table["nom"])
    assert "Autres, avec un document connu : " in layer.sentence


# --- who may be a peer ----------------------------------------------------------------------------


def test_only_territories_of_the_same_level_never_itself_nor_the_same_body(database):
    for key in ("region-53", "departement-35", "epci-243500139", "commune-35238"):
        for method in WEIGHTING_METHODS:
            listed = ("departement-29", "region-52", "commune-29019", "epci-200042174", key)
            table = find_peers(key, PeerOptions(maniere=method, liste=listed)).table
            assert set(table["territoire_niveau"]) == {key.split("-")[0]}
            assert key not in set(table["cle"]) and table["cle"].is_unique
    for method in WEIGHTING_METHODS:
        alsace = find_peers(
            "departement-67", PeerOptions(maniere=method, liste=("departement-68",))
        )
        assert "departement-68" not in set(alsace.table["cle"])
        text = " ".join([alsace.explication, *alsace.refus])
        assert "le Haut-Rhin : c’est la même collectivité" in text


def test_twins_that_are_both_peers_of_a_third_are_mentioned(database):
    peers = find_peers(
        "departement-35", PeerOptions(maniere="liste", liste=("departement-67",) * 2)
    )
    assert "une même stratégie" not in peers.explication
    both = PeerOptions(maniere="liste", liste=("departement-67", "departement-68"))
    assert (
        "Bas-Rhin et Haut-Rhin sont deux territoires"
        in find_peers("departement-35", both).explication
    )


@pytest.mark.parametrize("method", ["structure", "voisins", "taille"])
def test_outside_or_inside_ones_own_region(database, method):
    everywhere = set(find_peers("departement-35", PeerOptions(method, MAX_PEERS)).table["cle"])
    outside = find_peers("departement-35", PeerOptions(method, MAX_PEERS, "hors"))
    inside = find_peers("departement-35", PeerOptions(method, MAX_PEERS, "seule"))
    assert (outside.table["region_code"] != "53").all() and len(outside.table)
    assert set(inside.table["region_nom"]) <= {"Bretagne"}
    assert everywhere <= set(outside.table["cle"]) | set(inside.table["cle"])
    assert "hors Bretagne" in outside.explication
    assert "Bretagne" in inside.explication


def test_a_region_has_no_other_in_its_region(database):
    peers = find_peers("region-53", PeerOptions(region="seule"))
    assert peers.table.empty and "toute la France" in peers.explication
    assert same(find_peers("region-53", PeerOptions(region="hors")), find_peers("region-53"))


def test_deviations_of_regions_are_those_of_the_mainland(database):
    """Counted again from the reference file: overseas and Corse widen no one's circle."""
    mainland = [
        row
        for row in read_csv(DATA / "reference" / "territoires.csv")
        if row["territoire_niveau"] == "region"
        and row["territoire_code"] not in ("01", "02", "03", "04", "06", "94")
    ]
    assert len(mainland) == 12
    names = [name for name in peer_variables("region") if name != "outre_mer"]

    def values(row: dict) -> list[float]:
        raw_values = ((name, float(row[name])) for name in names)
        return [np.log(value) if BY_CODE[name].logged else value for name, value in raw_values]

    table = np.array([values(row) for row in mainland])
    scaled = (table - table.mean(axis=0)) / table.std(axis=0)
    codes = [row["territoire_code"] for row in mainland]
    # overseas or not is one variable more, the same for all of them
    squares = (scaled - scaled[codes.index("53")]) ** 2
    away = np.sqrt(squares.sum(axis=1) / (table.shape[1] + 1))
    expected = sorted((d, code) for d, code in zip(away, codes, strict=True) if code != "53")
    peer_table = find_peers("region-53").table
    assert list(peer_table["territoire_code"]) == [
        code for d, code in expected if d <= MAX_DISTANCE
    ]
    assert list(peer_table["distance"]) == pytest.approx(
        [d for d, _ in expected if d <= MAX_DISTANCE], abs=1e-4
    )
    assert 0 < len(peer_table) < 6


@pytest.mark.parametrize("key", ["departement-75", "departement-973", "region-94"])
def test_no_peer_within_the_ceiling_gives_advice(database, key):
    peers = find_peers(key)
    assert peers.table.empty and peers.ecartes == 10 and peers.candidats > 10
    for words in ("Aucun", "le cas le plus proche", "surtout par", "Plutôt que", "liste"):
        assert words in peers.explication
    assert list(peers.table.columns) == list(find_peers("departement-35").table.columns)


def test_two_good_peers_rather_than_ten_bad_ones(database):
    peers = find_peers("departement-976")
    assert 0 < len(peers.table) < 10 and peers.ecartes == 10 - len(peers.table)
    assert (peers.table["distance"] <= peers.plafond).all()
    assert "écartés" in peers.explication
    # overseas is an exact criterion, unless it is dropped
    assert peers.table["outre_mer"].all()
    dropped = find_peers("departement-974", PeerOptions(poids=(("outre_mer", 0),)))
    assert not dropped.table["outre_mer"].all()


def test_an_unknown_structure_is_said_and_may_be_left_out(database):
    peers = find_peers("commune-15141")
    assert peers.table.empty and peers.manquantes == ("densite", "superficie_km2")
    assert "la densité et la superficie manquent" in peers.explication
    without = find_peers(
        "commune-15141", PeerOptions(poids=(("densite", 0), ("superficie_km2", 0)))
    )
    assert len(without.table) == 10 and not without.manquantes
    assert find_peers("commune-55039").manquantes == ("population", "densite")  # nobody lives there


def test_nothing_left_to_compare_is_said(database):
    nothing = tuple((name, 0) for name in BY_CODE)
    assert "au moins une" in find_peers("departement-35", PeerOptions(poids=nothing)).explication
    # those without a meaning for communes are not asked of them
    dropped = tuple((name, 0) for name in NOT_FOR_COMMUNES)
    assert same(
        find_peers("commune-35238", PeerOptions(poids=dropped)), find_peers("commune-35238")
    )


# --- ways -----------------------------------------------------------------------------------------


def test_neighbours_by_length_of_the_border(database):
    peers = find_peers("departement-35", PeerOptions(maniere="voisins"))
    assert set(codes(peers)) == {"22", "44", "49", "50", "53", "56"}
    assert peers.table["longueur_km"].is_monotonic_decreasing
    assert peers.table["distance"].isna().all()
    assert peers.table["contributions"].map(bool).all()  # the reason is still told
    island = find_peers("commune-22016", PeerOptions(maniere="voisins"))
    assert island.table.empty and "frontière" in island.explication


@pytest.mark.parametrize("level", LEVELS)
def test_bands_cover_everybody_once_and_leave_few_alone(database, level):
    rows = query("SELECT population FROM territoires WHERE territoire_niveau = ?", [level])
    bands = [population_band(bound, level) for bound in BANDS[level]]
    counts = [int(is_in_band(rows["population"], band).sum()) for band in bands]
    assert sum(counts) == len(rows) and min(counts) >= 2
    assert population_band(rows["population"].max(), level)[1] is None
    assert all(format_band(band).endswith(("habitants", "ou plus")) for band in bands)


def test_same_size_means_same_type_and_band(database):
    peers = find_peers("epci-243500139", PeerOptions(maniere="taille", nombre=MAX_PEERS))
    assert set(peers.table["type"]) <= {"METRO", "MET69"}
    assert is_in_band(
        peers.table["population"], population_band(peers.soi["population"], "epci")
    ).all()
    ratio = np.log(peers.table["population"].astype(float) / peers.soi["population"]).abs()
    assert ratio.is_monotonic_increasing
    single = find_peers("departement-972", PeerOptions(maniere="taille"))
    assert set(codes(single)) == {"973", "976"}  # the départements whose body is also a région


def test_ones_own_list_keeps_its_order_and_refuses_with_a_sentence(database):
    listed = (
        "departement-29", "departement-50", "departement-29",
        "region-53", "departement-35", "departement-99", "rennes",
    )  # fmt: skip
    peers = find_peers("departement-35", PeerOptions(maniere="liste", liste=listed, nombre=1))
    assert codes(peers) == ["29", "50"]
    assert len(peers.refus) == 4
    assert "n’est pas un département" in peers.refus[0]
    assert find_peers("departement-35", PeerOptions(maniere="liste")).table.empty


# --- what cannot be asked -------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["", "35", "pays-33", "departement-99"])
def test_an_unknown_territory_is_refused_in_french(database, key):
    with pytest.raises(ValueError, match="n’est pas un territoire"):
        find_peers(key)


# --- the stored table -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("level", "one_in"), [("region", 1), ("departement", 6), ("epci", 80), ("commune", 25)]
)
def test_the_table_pairs_is_find_by_default(database, level, one_in):
    stored = query(
        "SELECT * FROM pairs WHERE territoire_niveau = ? ORDER BY territoire_code, rang", [level]
    )
    grouped = dict(iter(stored.groupby("territoire_code")))
    everybody = query(
        "SELECT territoire_code FROM territoires WHERE territoire_niveau = ? ORDER BY 1", [level]
    )["territoire_code"]
    tried = everybody[::100] if level == "commune" else everybody
    for code in {*some(tried, one_in), *TWO_THINGS_AT_ONCE} & set(everybody):
        table = find_peers(f"{level}-{code}").table
        stored_peers = grouped.get(code, stored.head(0))
        assert list(table["territoire_code"]) == list(stored_peers["pair_code"]), code
        assert table["distance"].tolist() == pytest.approx(
            stored_peers["distance"].tolist(), abs=1.1e-4
        )


# --- sentences and speed --------------------------------------------------------------------------


@pytest.mark.parametrize("method", WEIGHTING_METHODS)
@pytest.mark.parametrize("level", LEVELS)
def test_what_was_done_reads_well(database, level, method):
    keys = query(
        """
        SELECT territoire_niveau || '-' || territoire_code AS cle FROM territoires
        WHERE territoire_niveau = ? ORDER BY hash(territoire_code) LIMIT 5
        """,
        [level],
    )["cle"]
    for key in keys:
        for region in ("toutes", "hors", "seule"):
            peers = find_peers(key, PeerOptions(method, 5, region, liste=tuple(keys[:4])))
            assert clean(peers.explication), peers.explication
            assert peers.explication.endswith(".")
            starts = ("Les ", "Le ", "La ", "Aucun ", "Aucune ", "Pas de pairs")
            assert peers.explication.startswith(starts), peers.explication
