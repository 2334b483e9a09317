"""The reference data (data/reference): complete, consistent, well named, cleanly drawn."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely
from shapely.geometry import shape

REFERENCE = Path(__file__).resolve().parents[2] / "data" / "reference"
LEVELS = ["region", "departement", "epci", "commune"]
COUNTS = {"region": 18, "departement": 101, "epci": 1255 + 11, "commune": 34_875}
MGP = "200054781"
# Restored communes that the contours still show inside Neussargues-Moissac (15141).
WITHOUT_CONTOUR = {"15031", "15035", "15047", "15171"}
# Islands that belong to no EPCI: Bréhat, Sein, Ouessant, Yeu.
WITHOUT_EPCI = {"22016", "29083", "29155", "85113"}
DRAWN = {"region": 18, "departement": 101, "epci": 1266, "commune": 34_871}
CLOSE_UP = {"region": 0, "departement": 4, "epci": 12, "commune": 123}
BUDGETS = {"region": 150_000, "departement": 250_000, "epci": 750_000, "commune": 3_700_000}


def read_text_table(name: str) -> pd.DataFrame:
    return pd.read_csv(REFERENCE / name, dtype=str, keep_default_na=False)


@pytest.fixture(scope="module")
def territories() -> pd.DataFrame:
    table = read_text_table("territoires.csv")
    return table.astype({"population": int, "population_annee": int, "nb_communes": int})


@pytest.fixture(scope="module")
def communes(territories: pd.DataFrame) -> pd.DataFrame:
    return territories[territories["territoire_niveau"] == "commune"]


@pytest.fixture(scope="module")
def names(territories: pd.DataFrame) -> pd.DataFrame:
    return territories.set_index(["territoire_niveau", "territoire_code"])


@pytest.fixture(scope="module")
def former() -> pd.DataFrame:
    return read_text_table("anciennes_communes.csv")


@pytest.fixture(scope="module")
def neighbours() -> pd.DataFrame:
    return pd.read_parquet(REFERENCE / "voisins.parquet")


@pytest.fixture(scope="module")
def layers() -> dict[str, list[dict]]:
    paths = {level: REFERENCE / "affichage" / f"{level}.geojson.gz" for level in LEVELS}
    return {
        level: json.loads(gzip.decompress(path.read_bytes()))["features"]
        for level, path in paths.items()
    }


@pytest.fixture(scope="module")
def shapes(layers: dict[str, list[dict]]) -> dict[str, np.ndarray]:
    return {
        level: np.array([shape(feature["geometry"]) for feature in features])
        for level, features in layers.items()
    }


def luhn(siren: str) -> bool:
    digits = [int(digit) for digit in siren]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[1::2]]
    return len(digits) == 9 and (sum(digits[::2]) + sum(doubled)) % 10 == 0


# --------------------------------------------------------------------------- the table


def test_every_territory_once(territories: pd.DataFrame) -> None:
    assert territories.groupby("territoire_niveau").size().to_dict() == COUNTS
    assert not territories.duplicated(["territoire_niveau", "territoire_code"]).any()
    order = territories["territoire_niveau"].map(LEVELS.index)
    assert order.is_monotonic_increasing
    for _, group in territories.groupby("territoire_niveau"):
        assert group["territoire_code"].is_monotonic_increasing


def test_every_territory_has_a_true_siren(territories: pd.DataFrame) -> None:
    assert territories["siren"].map(luhn).all()
    shared = territories[territories.duplicated("siren", keep=False)]
    keys_by_siren = shared.groupby("siren")["territoire_code"].agg(sorted).to_dict()
    assert keys_by_siren == {
        "200052678": ["03", "973"],
        "200055507": ["02", "972"],
        "200076958": ["2A", "2B", "94"],
        "200094332": ["67", "68"],
        "217500016": ["75", "75056"],
        "229850003": ["06", "976"],
    }


def test_populations_add_up(territories: pd.DataFrame, communes: pd.DataFrame) -> None:
    by_level = {
        level: group.set_index("territoire_code")["population"]
        for level, group in territories.groupby("territoire_niveau")
    }
    for level in ("departement", "region"):
        total = communes.groupby(f"{level}_code")["population"].sum()
        assert total.sort_index().equals(by_level[level].sort_index().rename_axis(total.index.name))
    members = communes[communes["epci_code"] != ""].groupby("epci_code")["population"].sum()
    for code, total in members.items():
        if code != MGP:
            assert by_level["epci"][code] == total
    ept = territories[territories["type"] == "EPT"]["population"].sum()
    assert len(territories[territories["type"] == "EPT"]) == 11
    assert by_level["epci"][MGP] == ept + by_level["commune"]["75056"]


def test_populations_are_those_in_force(territories: pd.DataFrame) -> None:
    regions = territories[territories["territoire_niveau"] == "region"]
    mayotte = regions["territoire_code"] == "06"
    assert regions.loc[~mayotte, "population"].sum() == 68_094_280
    assert regions.loc[mayotte, "population"].item() == 256_518
    years = territories.groupby("population_annee")["region_code"].agg(set)
    assert years[2017] == {"06"} and "06" not in years[2023]


def test_nesting_names_known_territories(communes: pd.DataFrame, names: pd.DataFrame) -> None:
    codes = names.reset_index().groupby("territoire_niveau")["territoire_code"].agg(set)
    for level in ("region", "departement"):
        assert set(communes[f"{level}_code"]) == codes[level]
    without = communes[communes["epci_code"] == ""]["territoire_code"]
    assert set(without) == WITHOUT_EPCI
    assert set(communes["epci_code"]) - {""} == codes["epci"]
    paris = communes[communes["epci_code"] == MGP]["territoire_code"].tolist()
    assert paris == ["75056"]


@pytest.mark.parametrize(
    ("level", "code", "name_with_article", "of"),
    [
        ("departement", "01", "l'Ain", "de l'Ain"),
        ("departement", "28", "l'Eure-et-Loir", "d'Eure-et-Loir"),
        ("departement", "29", "le Finistère", "du Finistère"),
        ("departement", "35", "l'Ille-et-Vilaine", "d'Ille-et-Vilaine"),
        ("departement", "40", "les Landes", "des Landes"),
        ("departement", "49", "le Maine-et-Loire", "de Maine-et-Loire"),
        ("departement", "71", "la Saône-et-Loire", "de Saône-et-Loire"),
        ("departement", "75", "Paris", "de Paris"),
        ("departement", "84", "le Vaucluse", "du Vaucluse"),
        ("departement", "974", "La Réunion", "de La Réunion"),
        ("region", "11", "l'Île-de-France", "d'Île-de-France"),
        ("region", "44", "le Grand Est", "du Grand Est"),
        ("region", "52", "les Pays de la Loire", "des Pays de la Loire"),
        ("region", "93", "la Provence-Alpes-Côte d'Azur", "de Provence-Alpes-Côte d'Azur"),
        ("epci", "200000172", "la communauté de communes Faucigny-Glières", None),
        ("epci", "200046977", "la métropole de Lyon", "de la métropole de Lyon"),
        ("epci", "243500139", "Rennes Métropole", "de Rennes Métropole"),
        ("epci", "244500468", "Orléans Métropole", "d'Orléans Métropole"),
        ("commune", "76351", "Le Havre", "du Havre"),
        ("commune", "17300", "La Rochelle", "de La Rochelle"),
        ("commune", "80021", "Amiens", "d'Amiens"),
        ("commune", "85194", "Les Sables-d'Olonne", "des Sables-d'Olonne"),
        ("commune", "01001", "L'Abergement-Clémenciat", "de L'Abergement-Clémenciat"),
    ],
)
def test_names_are_as_one_says_them(
    names: pd.DataFrame, level: str, code: str, name_with_article: str, of: str | None
) -> None:
    row = names.loc[(level, code)]
    assert row["nom_article"] == name_with_article
    assert row["nom_de"] == (of or f"de {name_with_article}")


def test_names_use_one_apostrophe(territories: pd.DataFrame) -> None:
    text = territories[["nom", "nom_article", "nom_de"]].stack()
    assert not text.str.contains("\u2019|\u2018|\"|''|  |«").any()
    assert (text == text.str.strip()).all() and (text != "").all()


def test_derived_variables_are_in_range(territories: pd.DataFrame) -> None:
    upper = territories[territories["territoire_niveau"] != "commune"]
    for column in ("part_population_rurale", "poids_commune_principale"):
        assert upper[column].astype(float).between(0, 1).all()
    unknown = territories[territories["superficie_km2"] == ""]["territoire_code"]
    assert set(unknown) == WITHOUT_CONTOUR | {"15141"}
    known_areas = territories[territories["superficie_km2"] != ""]
    area = known_areas["superficie_km2"].astype(float)
    assert (area > 0).all()
    density = known_areas["densite"].astype(float)
    rounding = 0.01 + density * 0.0051 / area  # the area is rounded to 0.01 km²
    assert ((known_areas["population"] / area - density).abs() <= rounding).all()
    total = area[known_areas["territoire_niveau"] == "region"].sum()
    assert 630_000 < total < 645_000


# --------------------------------------------------------------------------- former codes


def test_former_codes_lead_to_todays_communes(former: pd.DataFrame, communes: pd.DataFrame) -> None:
    current = set(communes["territoire_code"])
    assert former["ancien_code"].is_unique
    assert not set(former["ancien_code"]) & current
    assert set(former["commune_code"]) <= current
    assert set(former["nature"]) == {"deleguee", "associee", "ancien_code", "arrondissement"}
    todays = former.set_index("ancien_code")["commune_code"]
    assert todays["93059"] == "93066"  # Pierrefitte-sur-Seine -> Saint-Denis
    assert todays["75101"] == "75056" and todays["69381"] == "69123"


# --------------------------------------------------------------------------- neighbours


def test_neighbours_are_mutual(neighbours: pd.DataFrame, names: pd.DataFrame) -> None:
    columns = ["territoire_niveau", "territoire_code", "voisin_code"]
    assert not neighbours.duplicated(columns).any()
    assert (neighbours["territoire_code"] != neighbours["voisin_code"]).all()
    assert (neighbours["longueur_km"] > 0).all()
    turned = neighbours.rename(
        columns={"territoire_code": "voisin_code", "voisin_code": "territoire_code"}
    )
    assert len(neighbours.merge(turned, on=[*columns, "longueur_km"])) == len(neighbours)
    territory_keys = set(names.index)
    assert set(zip(neighbours[columns[0]], neighbours[columns[1]], strict=True)) <= territory_keys


@pytest.mark.parametrize(
    ("level", "code", "expected"),
    [
        ("departement", "35", {"22", "44", "49", "50", "53", "56"}),
        ("departement", "75", {"92", "93", "94"}),
        ("departement", "2A", {"2B"}),
        ("departement", "974", set()),
        ("region", "53", {"28", "52"}),
        ("region", "94", set()),
        ("commune", "29155", set()),
    ],
)
def test_known_neighbours(
    neighbours: pd.DataFrame, level: str, code: str, expected: set[str]
) -> None:
    rows = neighbours[
        (neighbours["territoire_niveau"] == level) & (neighbours["territoire_code"] == code)
    ]
    assert set(rows["voisin_code"]) == expected


# --------------------------------------------------------------------------- maps


@pytest.mark.parametrize("level", LEVELS)
def test_display_layer_shows_each_territory_once(
    layers: dict[str, list[dict]], names: pd.DataFrame, level: str
) -> None:
    ids = [feature["id"] for feature in layers[level]]
    expected = set(names.loc[level].index)
    # and those around Paris once more, after all others
    ids, ids_of_close_up = ids[: DRAWN[level]], ids[DRAWN[level] :]
    assert len(ids) == len(set(ids)) == DRAWN[level]
    assert len(ids_of_close_up) == len(set(ids_of_close_up)) == CLOSE_UP[level]
    assert set(ids_of_close_up) <= set(ids)
    assert expected - set(ids) == (WITHOUT_CONTOUR if level == "commune" else set())
    for feature in layers[level]:
        assert feature["properties"]["nom"] == names.loc[(level, feature["id"]), "nom"]


@pytest.mark.parametrize("level", LEVELS)
def test_display_layer_is_a_clean_coverage(shapes: dict[str, np.ndarray], level: str) -> None:
    assert shapely.is_valid(shapes[level]).all() and not shapely.is_empty(shapes[level]).any()
    assert shapely.coverage_is_valid(shapes[level])
    outer = shapely.get_exterior_ring(shapely.get_parts(shapes[level]))
    assert shapely.is_ccw(outer).all()  # RFC 7946


def test_insets_stand_clear_of_the_mainland(layers: dict, shapes: dict[str, np.ndarray]) -> None:
    path = REFERENCE / "affichage" / "cadres.geojson.gz"
    frames = json.loads(gzip.decompress(path.read_bytes()))["features"]
    assert [frame["properties"]["nom"] for frame in frames] == [
        "Guadeloupe", "Martinique", "Guyane", "La Réunion", "Mayotte", "Petite couronne",
    ]  # fmt: skip
    # of Paris, the last one is that in its frame
    outlines_by_code = dict(
        zip([f["id"] for f in layers["departement"]], shapes["departement"], strict=True)
    )
    communes = shapely.STRtree(shapes["commune"])
    codes = np.array([feature["id"] for feature in layers["commune"]])
    for frame in frames:
        rectangle = shapely.Polygon(frame["geometry"]["coordinates"])
        assert rectangle.contains(outlines_by_code[frame["id"]])
        inside = codes[communes.query(rectangle, predicate="intersects")]
        departements = {"75", "92", "93", "94"} if frame["id"] == "75" else {frame["id"]}
        assert {code[: len(frame["id"])] for code in inside} == departements


def test_files_stay_within_their_budget() -> None:
    for level, budget in BUDGETS.items():
        assert (REFERENCE / "affichage" / f"{level}.geojson.gz").stat().st_size <= budget
    sizes = [path.stat().st_size for path in REFERENCE.rglob("*") if path.is_file()]
    assert max(sizes) < 5_000_000 and sum(sizes) < 16_000_000


def test_full_contours_are_a_clean_coverage(communes: pd.DataFrame) -> None:
    table = pd.read_parquet(REFERENCE / "communes.parquet")
    full = shapely.from_wkb(table["geometry"].to_numpy())
    assert set(communes["territoire_code"]) - set(table["territoire_code"]) == WITHOUT_CONTOUR
    assert table["territoire_code"].is_unique
    assert shapely.coverage_is_valid(full)
