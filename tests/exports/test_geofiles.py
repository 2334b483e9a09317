"""Tables as GeoJSON and GeoPackage: complete, cited, located, and readable by other tools."""

import json
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import geopandas
import pandas as pd
import pytest
import shapely

from comparisons.database.connection import dataset_metadata, query
from comparisons.errors import BadRequestError
from comparisons.exports import geo, geojson, geopackage
from comparisons.exports.table_writers import data_dictionary
from comparisons.queries import geometry
from comparisons.queries import outlines as queries_outlines
from comparisons.schema.registry import described_tables
from comparisons.schema.territory import LEVELS
from comparisons.settings import PROJECT_DIR

pytestmark = pytest.mark.usefixtures("database")

KEY = ["territoire_niveau", "territoire_code"]
MGP = "200054781"
# One outline holds these five communes, of which the area is unknown.
UNKNOWN = {"15031", "15035", "15047", "15141", "15171"}
ABOUT = {"titre": "Essai « à lire »", "requete": "/api/v1/tables/couverture.gpkg?type=sdtan&x=<1>"}
HOSTILE = (
    '"}],"features":[{"type":"Feature"',
    "'); DROP TABLE essai; --",
    "=cmd|' /C calc'!A1",
    "<script>alert(1)</script>\n&amp;\u2028 é",
)


@pytest.fixture(scope="module")
def departements(database) -> pd.DataFrame:
    return query("SELECT * FROM territoires WHERE territoire_niveau = 'departement'")


@pytest.fixture(scope="module")
def geojson_document(departements) -> dict:
    return collection(departements)


@pytest.fixture(scope="module")
def sdtan(database) -> pd.DataFrame:
    """Two levels in a table of one row per territory."""
    return query(
        """
        SELECT * FROM couverture
        WHERE type = 'sdtan' AND territoire_niveau IN ('region', 'departement')
        """
    )


@pytest.fixture(scope="module")
def services(database) -> pd.DataFrame:
    """A table of several rows per territory, with lists in it."""
    return query("SELECT * FROM services_par_territoire WHERE territoire_niveau = 'departement'")


@pytest.fixture(scope="module")
def cantal(database) -> pd.DataFrame:
    return query(
        """
        SELECT * FROM territoires
        WHERE territoire_niveau = 'commune' AND departement_code = '15' ORDER BY territoire_code
        """
    )


def collection(rows: pd.DataFrame, about: dict[str, str] = ABOUT) -> dict:
    return json.loads(geojson.to_geojson(rows, about, data_dictionary({"": rows})))


def package(folder: Path, rows: pd.DataFrame, name: str, about: dict[str, str] = ABOUT) -> Path:
    path = folder / f"{name}.gpkg"
    path.write_bytes(geopackage.to_gpkg(rows, name, about, data_dictionary({name: rows})))
    return path


def sql(path: Path, text: str) -> list[tuple]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(text).fetchall()


def positions(coordinates: list) -> Iterator[list[float]]:
    if isinstance(coordinates[0], float | int):
        yield coordinates
    else:
        for part in coordinates:
            yield from positions(part)


# --- outlines -------------------------------------------------------------------------------------


@pytest.mark.parametrize("level", LEVELS)
def test_a_level_has_the_territories_of_its_map(level):
    outlines = queries_outlines.load_outlines(level)
    unknown = UNKNOWN if level == "commune" else set()
    assert set(outlines.index) == set(geometry.outline_codes(level)) - unknown
    assert outlines.index.is_unique and outlines.crs == "EPSG:4326"
    assert outlines.is_valid.all() and set(outlines.geom_type) == {"MultiPolygon"}


def test_an_unknown_level_is_an_error():
    with pytest.raises(KeyError):
        queries_outlines.load_outlines("canton")


@pytest.mark.parametrize(
    ("level", "code", "longitude", "latitude"),
    [
        ("region", "04", 55.5, -21.1),
        ("departement", "974", 55.5, -21.1),
        ("departement", "973", -53.2, 4.0),
        ("departement", "976", 45.15, -12.8),
        ("commune", "97302", -52.3, 4.92),
        ("departement", "2A", 9.0, 41.8),
        ("epci", "200046977", 4.835, 45.758),
    ],
)
def test_territories_are_at_their_true_place(level, code, longitude, latitude):
    assert queries_outlines.load_outlines(level)[code].contains(shapely.Point(longitude, latitude))


@pytest.mark.parametrize(
    ("level", "code", "crs", "official_km2"),
    [
        ("departement", "35", 3035, 6_775),
        ("departement", "69", 3035, 3_249),
        ("departement", "75", 3035, 105.4),
        ("departement", "974", 32740, 2_504),
        ("region", "53", 3035, 27_208),
        ("epci", "200046977", 3035, 534),
        ("epci", MGP, 3035, 814),
    ],
)
def test_areas_are_those_known(level, code, crs, official_km2):
    area = queries_outlines.load_outlines(level)[[code]].to_crs(crs).area.item() / 1e6
    known_area = query(
        "SELECT superficie_km2 FROM territoires "
        "WHERE territoire_niveau = ? AND territoire_code = ?",
        [level, code],
    ).iloc[0, 0]
    assert area == pytest.approx(official_km2, rel=0.015)
    assert area == pytest.approx(known_area, rel=0.015)


def test_the_metropole_of_paris_holds_its_parts():
    parts = query("SELECT territoire_code FROM territoires WHERE type = 'EPT'")["territoire_code"]
    epci = queries_outlines.load_outlines("epci")
    assert len(parts) == 11
    whole = shapely.union_all([*epci[parts], queries_outlines.load_outlines("commune")["75056"]])
    assert epci[MGP].symmetric_difference(whole).area == pytest.approx(0, abs=1e-9)


# --- GeoJSON --------------------------------------------------------------------------------------


def test_geojson_has_a_feature_for_each_row(geojson_document, departements):
    properties = [feature["properties"] for feature in geojson_document["features"]]
    assert [list(feature_properties) for feature_properties in properties] == [
        list(departements.columns)
    ] * 101
    frame = pd.DataFrame(properties)
    for column in ("territoire_code", "nom", "population", "outre_mer", "densite"):
        assert frame[column].tolist() == departements[column].tolist()
    assert {type(feature_properties["outre_mer"]) for feature_properties in properties} == {bool}
    assert properties[0]["epci_code"] is None


def test_geojson_follows_the_standard(geojson_document):
    assert geojson_document["type"] == "FeatureCollection" and "crs" not in geojson_document
    shapes = {}
    for feature in geojson_document["features"]:
        assert set(feature) == {"type", "geometry", "properties"}
        shapes[feature["properties"]["territoire_code"]] = shapely.geometry.shape(
            feature["geometry"]
        )
        for point in positions(feature["geometry"]["coordinates"]):
            assert len(point) == 2 and point == [round(x, 6) for x in point]
    outlines = geopandas.GeoSeries(shapes)
    assert outlines.is_valid.all()
    assert shapely.is_ccw(shapely.get_exterior_ring(shapely.get_parts(outlines.to_numpy()))).all()
    for code in ("35", "974"):
        moved = outlines[code].symmetric_difference(
            queries_outlines.load_outlines("departement")[code]
        )
        assert moved.area < 1e-5 * outlines[code].area


def test_geojson_says_what_it_is(geojson_document):
    metadata = geojson_document["metadonnees"]
    assert metadata["titre"] == ABOUT["titre"] and metadata["requete"] == ABOUT["requete"]
    assert "IGN" in metadata["source"] and "Insee" in metadata["source"]
    assert (metadata["lignes"], metadata["lignes_sans_contour"]) == (101, 0)
    described = {column["colonne"]: column["description"] for column in metadata["colonnes"]}
    table = described_tables("derived")["territoires"]
    assert described == {field.name: field.description for field in table.fields}


def test_geojson_keeps_lists_and_repeats_outlines(services):
    features = collection(services)["features"]
    assert len(features) == len(services)
    for feature, ids in zip(features, services["partenaire_ids"], strict=True):
        assert feature["properties"]["partenaire_ids"] == list(ids)
    outlines = {json.dumps(feature["geometry"]) for feature in features}
    assert len(outlines) == len(services.drop_duplicates(KEY)) < len(services)


def test_what_has_no_outline_is_kept_and_counted(cantal, tmp_path):
    geojson_document = collection(cantal)
    without = [
        feature["properties"]["territoire_code"]
        for feature in geojson_document["features"]
        if feature["geometry"] is None
    ]
    assert set(without) == UNKNOWN and len(geojson_document["features"]) == len(cantal)
    assert geojson_document["metadonnees"]["lignes_sans_contour"] == 5
    assert "Cinq communes" in geojson_document["metadonnees"]["contours"]

    path = package(tmp_path, cantal, "territoires")
    features_read = geopandas.read_file(path)
    assert features_read["territoire_code"].tolist() == cantal["territoire_code"].tolist()
    assert set(features_read.loc[features_read.geometry.isna(), "territoire_code"]) == UNKNOWN
    assert (
        '<MDI key="lignes_sans_contour">5</MDI>'
        in sql(path, "SELECT metadata FROM gpkg_metadata")[0][0]
    )


def test_too_many_outlines_are_refused_with_the_way_out(departements, tmp_path, monkeypatch):
    every = sum(
        shapely.get_num_coordinates(queries_outlines.load_outlines(level)).sum() for level in LEVELS
    )
    assert every < geo.MAX_POINTS, "all territories once must be allowed"
    monkeypatch.setattr(geo, "MAX_POINTS", 80_000)
    with pytest.raises(BadRequestError) as refused:
        collection(departements)
    with pytest.raises(BadRequestError, match="par niveau"):
        package(tmp_path, departements, "territoires")
    for words in ("(au plus 80\u202f000)", "Filtrez", "par niveau", "Parquet"):
        assert words in str(refused.value)


# --- GeoPackage -----------------------------------------------------------------------------------


def test_one_row_per_territory_is_one_layer(sdtan, tmp_path):
    path = package(tmp_path, sdtan, "couverture")
    assert geopandas.list_layers(path)["name"].tolist() == ["couverture"]
    features_read = geopandas.read_file(path)
    assert features_read.crs == "EPSG:4326" and set(features_read.geom_type) == {"MultiPolygon"}
    assert features_read.geometry.is_valid.all() and len(features_read) == 18 + 101
    for column in sdtan.columns:
        assert features_read[column].fillna("").tolist() == sdtan[column].fillna("").tolist(), (
            column
        )
    for row in features_read.itertuples():
        assert row.geometry.equals(
            queries_outlines.load_outlines(row.territoire_niveau)[row.territoire_code]
        )


def test_a_geopackage_is_one_by_the_standard(sdtan, tmp_path):
    path = package(tmp_path, sdtan, "couverture")
    assert sql(path, "PRAGMA integrity_check") == [("ok",)]
    assert sql(path, "PRAGMA foreign_key_check") == []
    assert sql(path, "PRAGMA application_id") == [(0x47504B47,)]
    contents = "SELECT table_name, data_type, description, srs_id, last_change FROM gpkg_contents"
    assert sql(path, contents) == [
        (
            "couverture",
            "features",
            ABOUT["titre"],
            4326,
            f"{dataset_metadata()['date']}T00:00:00.000Z",
        )
    ]
    columns = "SELECT geometry_type_name, srs_id FROM gpkg_geometry_columns"
    assert sql(path, columns) == [("MULTIPOLYGON", 4326)]
    assert sql(path, "SELECT count(*) FROM rtree_couverture_geom") == [(119,)]


def test_types_are_kept(departements, tmp_path):
    path = package(tmp_path, departements, "territoires")
    types = {name: kind for _, name, kind, *_ in sql(path, "PRAGMA table_info(territoires)")}
    assert (types["population"], types["outre_mer"], types["densite"]) == (
        "MEDIUMINT",
        "BOOLEAN",
        "REAL",
    )
    # no département belongs to an EPCI: a column of which nothing is known stays a text
    assert types["territoire_code"] == types["epci_code"] == "TEXT"
    assert sql(path, "SELECT count(epci_code) FROM territoires") == [(0,)]


def test_a_geopackage_describes_itself(sdtan, tmp_path):
    path = package(tmp_path, sdtan, "couverture")
    described = sql(path, "SELECT column_name, name, description FROM gpkg_data_columns")
    fields = described_tables("derived")["couverture"].fields
    assert described == [(field.name, field.title, field.description) for field in fields]
    scopes = (
        "SELECT reference_scope, metadata FROM gpkg_metadata "
        "JOIN gpkg_metadata_reference ON md_file_id = id"
    )
    about = dict(sql(path, scopes))
    assert set(about) == {"geopackage", "table"}
    for text in about.values():
        assert "IGN" in text and "lignes_sans_contour" in text
        assert "type=sdtan&amp;x=&lt;1&gt;" in text


def test_several_rows_per_territory_repeat_their_outline(services, tmp_path):
    features_read = geopandas.read_file(package(tmp_path, services, "services_par_territoire"))
    assert len(features_read) == len(services) and features_read.geometry.notna().all()
    outlines = features_read.groupby("territoire_code")["geometry"].agg(
        lambda shapes: len(set(shapes))
    )
    assert (outlines == 1).all()
    assert features_read["partenaire_ids"].tolist() == [
        "|".join(ids) for ids in services["partenaire_ids"]
    ]


def test_duplicate_column_titles_are_distinguished(sdtan, tmp_path):
    columns = ["table", "colonne", "titre", "description", "unite"]
    rows = [("t", "etat", "Même titre", "Un", ""), ("t", "lien", "Même titre", "Deux", "€")]
    dictionary = pd.DataFrame(rows, columns=columns)
    path = tmp_path / "t.gpkg"
    path.write_bytes(geopackage.to_gpkg(sdtan, "t", ABOUT, dictionary))
    assert sql(path, "SELECT name, description FROM gpkg_data_columns") == [
        ("Même titre (etat)", "Un"),
        ("Même titre (lien)", "Deux Unité\u00a0: €."),
    ]


def test_a_geopackage_leaves_nothing_behind(services, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert geopackage.to_gpkg(services, "services", ABOUT, data_dictionary({"": services}))
    assert list(tmp_path.iterdir()) == []


# --- both -----------------------------------------------------------------------------------------


def test_hostile_text_stays_data(tmp_path):
    rows = pd.DataFrame(
        {
            "territoire_niveau": "region",
            "territoire_code": ["53", "52", "28", "24"],
            "note": HOSTILE,
        }
    )
    about = {"titre": HOSTILE[0], "requete": HOSTILE[1], "note": HOSTILE[3]}
    geojson_document = collection(rows, about)
    assert [feature["properties"]["note"] for feature in geojson_document["features"]] == list(
        HOSTILE
    )
    assert [geojson_document["metadonnees"][key] for key in about] == list(about.values())
    path = package(tmp_path, rows, "essai", about)
    assert geopandas.read_file(path)["note"].tolist() == list(HOSTILE)
    assert sql(path, "SELECT description FROM gpkg_contents") == [(HOSTILE[0],)]


def test_no_row_is_still_a_file(sdtan, tmp_path):
    empty = sdtan.head(0)
    assert collection(empty)["features"] == []
    features_read = geopandas.read_file(package(tmp_path, empty, "couverture"))
    assert features_read.empty and set(sdtan.columns) <= set(features_read.columns)


def test_unknown_territories_have_no_outline(tmp_path):
    rows = pd.DataFrame(
        {
            "territoire_niveau": ["region", None, "commune", "canton"],
            "territoire_code": ["53", "01", "99999", None],
        }
    )
    outlined = [feature["geometry"] is not None for feature in collection(rows)["features"]]
    assert outlined == [True, False, False, False]
    features_read = geopandas.read_file(package(tmp_path, rows, "essai"))
    assert features_read.geometry.notna().tolist() == outlined


def test_a_table_goes_on_a_map_when_it_names_territories():
    assert queries_outlines.has_territory_column(["x", *KEY])
    assert not queries_outlines.has_territory_column(["strategie_id", "territoire_code"])


def test_starting_does_not_load_the_tools_of_maps():
    code = (
        "import sys, comparisons.exports.geojson, comparisons.exports.geopackage; "
        "sys.exit(bool({'geopandas', 'shapely', 'pyogrio'} & set(sys.modules)))"
    )
    subprocess.run([sys.executable, "-c", code], cwd=PROJECT_DIR, check=True, timeout=60)
