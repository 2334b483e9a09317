"""Maps: figures without outlines, clicks that give the territory, views centred on it."""

import base64
import gzip
import json
import math
import re
from dataclasses import replace

import numpy as np
import pytest

from comparisons.analysis import map_layers
from comparisons.analysis.map_questions.views import build_layer
from comparisons.charts import base_map, maps, style
from comparisons.database.connection import query
from comparisons.formatting import format_number
from comparisons.page_parameters import MAP_QUESTIONS, MapParameters
from comparisons.queries import geometry
from comparisons.queries.territories import contained_codes
from comparisons.schema.territory import LEVELS

pytestmark = pytest.mark.usefixtures("database")

# --- figures --------------------------------------------------------------------------------------


def draw_map(view: MapParameters, **options) -> tuple[map_layers.MapLayer, dict]:
    """A layer and its figure as the browser receives it."""
    layer = build_layer(view)
    return layer, json.loads(maps.choropleth(layer, **options).to_json())


def point_indexes(trace: dict) -> list[int]:
    """Ranks of a trace: a list, or numbers packed as the browser reads them."""
    packed = trace["locations"]
    if isinstance(packed, list):
        return packed
    return np.frombuffer(base64.b64decode(packed["bdata"]), dtype=packed["dtype"]).tolist()


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("question", MAP_QUESTIONS)
def test_points_of_a_figure_lead_back_to_the_territories_of_their_class(level, question):
    layer, figure = draw_map(MapParameters(niveau=level, question=question, larges=True))
    if map_layers.ground_class(layer):
        return  # discs: see below
    classes = [c for c in layer.classes if layer.counts[c.code]]
    assert len(figure["data"]) == len(classes)
    outlines = set(geometry.outline_codes(level))
    for map_class, trace in zip(classes, figure["data"], strict=True):
        rows = layer.data[layer.data["classe"] == map_class.code]
        codes = [maps.clicked_territory(level, point_index) for point_index in point_indexes(trace)]
        drawn = [code for code in rows["territoire_code"] if code in outlines]
        close_up = [code for code in drawn if code in geometry.close_up_index(level)]
        assert codes == drawn + close_up
        assert trace["name"].startswith(map_class.label)
        assert int(re.sub(r"\D", "", trace["name"].rsplit("(", 1)[1])) == len(rows)


@pytest.mark.parametrize("level", LEVELS)
def test_a_figure_carries_no_outlines(level):
    _, figure = draw_map(MapParameters(niveau=level, larges=True))
    for trace in figure["data"]:
        assert trace["geojson"] == geometry.outline_url(level)
    # nothing but the frames of the insets, which are the same on all maps
    style, frames = figure["layout"]["map"].pop("style"), geometry.inset_frames(level)
    assert style["sources"].pop("cadres")["data"]["features"] == frames
    # and their names
    images = [source["url"] for source in style["sources"].values()]
    assert len(images) == len(frames) == 5 + (level != "region")
    assert all(url.startswith("data:image/png") for url in images) and sum(map(len, images)) < 6500
    assert "coordinates" not in json.dumps(figure)
    assert len(json.dumps(figure)) < 200_000


@pytest.mark.parametrize("level", LEVELS)
def test_ranks_are_those_written_in_the_outlines(level):
    text = gzip.decompress(geometry.outline_file(level).read_bytes()).decode("utf-8")
    codes_and_ranks = re.findall(r'"id":"(\w+)","properties":\{"rang":(\d+)', text)
    assert [code for code, _ in codes_and_ranks] == list(geometry.outline_codes(level))
    indexes = (geometry.close_up_index(level), geometry.feature_index(level))
    assert {*(item for index in indexes for item in index.items())} == {
        (code, int(rank)) for code, rank in codes_and_ranks
    }
    codes_of_level = query(
        "SELECT territoire_code FROM territoires WHERE territoire_niveau = ?", [level]
    )
    assert set(geometry.outline_codes(level)) <= set(codes_of_level["territoire_code"])


@pytest.mark.parametrize("nowhere", [None, "", "35x", -1, 10**6, float("nan"), "-1", [3]])
def test_a_click_outside_leads_nowhere(nowhere):
    assert maps.clicked_territory("departement", nowhere) == ""


def test_the_chosen_territory_is_outlined_if_it_has_outlines():
    plain, chosen, unknown = (
        draw_map(MapParameters(), selected=code)[1]["data"] for code in ("", "35", "999")
    )
    assert plain == unknown and chosen[:-1] == plain
    assert [
        maps.clicked_territory("departement", point_index)
        for point_index in point_indexes(chosen[-1])
    ] == ["35"]
    assert not chosen[-1]["showlegend"] and chosen[-1]["hoverinfo"] == "skip"


def test_a_title_in_the_data_is_never_markup():
    layer = build_layer(MapParameters())
    hostile = layer.data.assign(detail="<img src=x> %{z} & " + "a" * 200)
    layer = replace(layer, data=hostile)
    texts = [t for trace in maps.choropleth(layer).data for t in trace.text]
    assert {t[:27] for t in texts} == {"&lt;img src=x&gt; % {z} &am"}
    assert max(map(len, texts)) < 110


@pytest.mark.parametrize("dark", [False, True])
def test_a_figure_wears_the_colours_of_its_theme(dark):
    layer, figure = draw_map(MapParameters(niveau="epci", annee="2015", larges=True), dark=dark)
    expected = [
        style.DARK_PALETTE.get(c.colour, c.colour) if dark else c.colour
        for c in layer.classes
        if layer.counts[c.code]
    ]
    assert [trace["colorscale"][0][1] for trace in figure["data"]] == expected
    assert len(set(expected)) == len(expected) > 5


# --- zones and camera -----------------------------------------------------------------------------


def zones() -> list[str]:
    zones_table = query(
        "SELECT territoire_niveau || '-' || territoire_code AS cle FROM territoires "
        "WHERE territoire_niveau IN ('region', 'departement')"
    )
    return list(zones_table["cle"])


@pytest.mark.parametrize("window", base_map.ZOOMS)
def test_the_camera_shows_the_whole_zone_and_little_else(window):
    for zone in zones():
        west, south, east, north = geometry.bounding_box(zone)
        camera = maps._camera(zone, window)
        pixel = 360 / 512 / 2 ** camera["zoom"]  # in degrees of longitude
        height, width = base_map.HEIGHTS[window], base_map.WIDTHS[window]
        lon, lat = camera["center"]["lon"], camera["center"]["lat"]
        if window in ("wide", "large"):  # the legend is at the right of the zone
            lon -= base_map.LEGEND_SPACE / 2 * pixel
            assert east < camera["center"]["lon"] + width / 2 * pixel
        assert lon - width / 2 * pixel < west and east < lon + width / 2 * pixel, zone

        def mercator(degrees: float) -> float:
            return math.degrees(math.atanh(math.sin(math.radians(degrees))))

        assert mercator(north) - mercator(lat) < height / 2 * pixel, zone
        assert mercator(lat) - mercator(south) < height / 2 * pixel, zone
        filled = max(
            (east - west) / (width * pixel), (mercator(north) - mercator(south)) / (height * pixel)
        )
        assert filled > 0.85, zone


def test_a_box_holds_its_territory_as_it_is_drawn():
    collection = json.loads(gzip.decompress(geometry.outline_file("region").read_bytes()))
    for feature in collection["features"]:
        numbers = re.findall(r"\[(-?[\d.]+), (-?[\d.]+)\]", json.dumps(feature["geometry"]))
        xs, ys = zip(*(map(float, pair) for pair in numbers), strict=True)
        assert geometry.bounding_box(f"region-{feature['id']}") == (
            min(xs),
            min(ys),
            max(xs),
            max(ys),
        )


@pytest.mark.parametrize("level", ["departement", "epci", "commune"])
def test_paris_is_drawn_once_more_in_its_frame_on_the_map_of_the_country(level):
    (frame,) = [frame for frame in geometry.inset_frames(level) if frame["id"] == "75"]
    (west, south), (east, north) = (frame["geometry"]["coordinates"][corner] for corner in (0, 2))
    codes_around = geometry.close_up_index(level)
    outlines = geometry.read_outlines(level, codes_around, close_up=True)
    points = [p for rings in outlines.values() for ring in rings for p in ring]
    assert all(west < x < east and south < y < north for x, y in points)
    # those of the map are where they were: a zone is framed by them
    for rings in geometry.read_outlines(level, codes_around).values():
        assert all(1.5 < x < 3.5 for ring in rings for x, _ in ring)
    paris = {"departement": "75", "epci": "200054781", "commune": "75056"}[level]
    assert paris in codes_around and len(codes_around) == {"departement": 4, "epci": 12}.get(
        level, 123
    )
    around_paris = MapParameters(niveau=level, zone="region-11", larges=True)
    _, figure = draw_map(around_paris)
    assert figure["layout"]["map"]["style"]["sources"]["cadres"]["data"]["features"] == []
    drawn = [rank for trace in figure["data"] for rank in point_indexes(trace)]
    assert not set(drawn) & set(codes_around.values())


@pytest.mark.parametrize(
    ("level", "question"), [("commune", "couverture"), ("commune", "theme"), ("epci", "budget")]
)
def test_few_known_territories_are_discs_on_the_ground_of_the_départements(level, question):
    layer, figure = draw_map(MapParameters(niveau=level, question=question))
    ground, *discs = figure["data"]
    assert ground["geojson"] == geometry.outline_url("departement")
    nearly_all = layer.data["classe"].value_counts().index[0]
    counts = layer.counts
    lines = [trace for trace in discs if trace.get("showlegend", True)]
    assert [line["name"] for line in sorted(lines, key=lambda line: line["legendrank"])] == [
        f"{c.label} ({format_number(counts[c.code])})" for c in layer.classes if counts[c.code]
    ]
    keys = [maps.clicked_key(layer, {"customdata": c}) for t in lines for c in t["customdata"]]
    others = layer.data.loc[layer.data["classe"] != nearly_all, "territoire_code"]
    # those around Paris are in the close-up too
    close_up = [code for code in others if code in geometry.close_up_index(level)]
    assert sorted(keys) == sorted(f"{level}-{code}" for code in [*others, *close_up])
    beside = maps.clicked_key(layer, {"location": 0})
    assert beside == f"departement-{geometry.outline_codes('departement')[0]}"


def test_a_map_of_a_zone_draws_only_what_lies_in_it():
    view = MapParameters(niveau="commune", zone="departement-35")
    _, figure = draw_map(view)
    codes_ = [
        maps.clicked_territory("commune", p)
        for trace in figure["data"]
        for p in point_indexes(trace)
    ]
    assert sorted(codes_) == contained_codes("commune", "departement-35")
    assert {code[:2] for code in codes_} == {"35"}
    _, whole = draw_map(MapParameters(niveau="commune"))
    assert figure["layout"]["map"]["zoom"] > whole["layout"]["map"]["zoom"] + 2
    # two places, two memories of where the reader had moved the map
    assert figure["layout"]["uirevision"] != whole["layout"]["uirevision"]
