"""The network: who is linked to whom, as a graph with few names and as a map."""

import itertools

import pandas as pd
import pytest
from pooling_network import LAVAL, LAVAL_AGGLO

from comparisons.analysis.shared_services import network
from comparisons.charts import links_map, map_positions
from comparisons.charts import network as network_figure
from comparisons.database.connection import query
from comparisons.queries import geometry
from comparisons.schema.model import vocabulary_codes
from comparisons.schema.territory import LEVELS

# --- links and nodes, on an invented network ------------------------------------------------------


def pairs(**filters) -> set[tuple[str, str]]:
    _, rows = network.load_network(**filters)
    return set(zip(rows["cle"], rows["partenaire_id"], strict=True))


@pytest.mark.usefixtures("invented_network")
def test_links_are_those_that_sources_state_of_a_territory():
    assert pairs(service="site_web") == {
        ("departement-53", "alpha"), (LAVAL_AGGLO, "alpha"), (LAVAL, "beta")
    }  # fmt: skip
    assert pairs(service="site_web", level="epci") == {(LAVAL_AGGLO, "alpha")}
    assert pairs(partner="beta") == {("departement-53", "beta"), (LAVAL, "beta")}
    # itself and what lies in it
    assert pairs(zone="departement-53") == {
        ("departement-53", "alpha"), ("departement-53", "beta"), (LAVAL_AGGLO, "alpha"),
        (LAVAL, "beta"),
    }  # fmt: skip
    assert pairs(zone=LAVAL_AGGLO, partner="beta") == {(LAVAL, "beta")}
    # what a twin shares is drawn once, at the one that the source names
    assert pairs(service="sig_geomatique") == {("departement-67", "gamma")}
    assert pairs(service="rien") == pairs(partner="rien") == pairs(zone="region-99") == set()
    with pytest.raises(ValueError, match="n’est pas un territoire"):
        pairs(zone="Mayenne")


@pytest.mark.usefixtures("invented_network")
def test_a_link_sums_up_its_facts():
    _, rows = network.load_network(zone="departement-53")
    rows = rows.set_index(["cle", "partenaire_id"])
    alpha = rows.loc[("departement-53", "alpha")]
    assert list(alpha["services"]) == ["autre", "dpo_rgpd", "site_web"]
    assert (list(alpha["roles"]), list(alpha["solutions"])) == (["membre"], ["Élan"])
    assert (alpha["annee_debut"], alpha["certitude"]) == (2015, "explicite")
    # one statement among inferences is no statement of all
    counts = ["nb_cites", "nb_deduits", "certitude"]
    assert rows.loc[("departement-53", "beta"), counts].tolist() == [1, 2, "deduit"]
    assert rows.loc[(LAVAL_AGGLO, "alpha"), counts].tolist() == [0, 1, "deduit"]
    assert pd.isna(rows.loc[(LAVAL, "beta"), "annee_debut"])


@pytest.mark.usefixtures("invented_network")
def test_nodes_are_sized_by_stated_links_and_deduced_links_are_counted_apart():
    nodes, edges = network.load_network(zone="departement-53")
    assert dict(zip(nodes["id"], nodes["taille"], strict=True)) == {
        "alpha": 1, "beta": 2, "departement-53": 2, LAVAL_AGGLO: 0, LAVAL: 1
    }  # fmt: skip
    deduced = nodes[nodes["nb_deduits"] > 0]
    assert dict(zip(deduced["id"], deduced["nb_deduits"], strict=True)) == {
        "alpha": 1, LAVAL_AGGLO: 1
    }  # fmt: skip
    hover_texts = network_figure.hover_texts(nodes, edges)
    assert (
        "1\N{NO-BREAK SPACE}lien cité par une source, 1\N{NO-BREAK SPACE}déduit"
        in hover_texts["alpha"]
    )
    assert "aucun lien cité par une source" in hover_texts[LAVAL_AGGLO]
    nodes_by_id = nodes.set_index("id")
    assert nodes_by_id.loc["alpha", ["sorte", "forme", "etiquette"]].tolist() == [
        "organisme", "syndicat_mixte", "ALF"
    ]  # fmt: skip
    assert nodes_by_id.loc[LAVAL_AGGLO, "etiquette"] == "CA Laval Agglomération"
    assert network.describe_network(nodes, edges) == (
        "3\N{NO-BREAK SPACE}territoires et 2\N{NO-BREAK SPACE}organismes : "
        "3\N{NO-BREAK SPACE}liens cités par une source, 1\N{NO-BREAK SPACE}déduit."
    )
    assert "ALF" not in network.network_alt_text(nodes, edges)  # whole names for who listens
    assert (
        "Syndicat Alpha numérique (1\N{NO-BREAK SPACE}territoire cité par une source, "
        "1\N{NO-BREAK SPACE}déduit)"
    ) in network.network_alt_text(nodes, edges)
    table = network.format_edges_table(nodes, edges)
    assert len(table) == 4 and set(table["nom"]) >= {"Laval", "Mayenne"}


@pytest.mark.usefixtures("invented_network")
def test_nothing_found_is_said_and_not_drawn():
    nodes, edges = network.load_network(service="e_sante")
    assert nodes.empty and edges.empty
    assert network_figure.network_figure(nodes, edges) is None
    assert "un service peut exister" in network.describe_network(nodes, edges)
    assert links_map.links_map(*map_positions.map_links(service="e_sante")) is None


# --- positions ------------------------------------------------------------------------------------


@pytest.mark.usefixtures("database")
def test_a_filtered_network_keeps_the_positions_of_the_whole():
    whole = network.load_network()[0].set_index("id")[["x", "y"]]
    part = network.load_network(zone="region-53")[0].set_index("id")[["x", "y"]]
    assert 0 < len(part) < len(whole)
    pd.testing.assert_frame_equal(part, whole.loc[part.index])


@pytest.mark.usefixtures("invented_network")
def test_nodes_without_a_stored_position_have_one_of_their_own(monkeypatch):
    stored = network.query("FROM positions_reseau").head(1)
    monkeypatch.setattr(
        network,
        "query",
        lambda sql, *values: stored if "positions_reseau" in sql else query(sql, *values),
    )
    nodes, _ = network.load_network.__wrapped__()
    assert nodes[["x", "y"]].notna().all(axis=None)
    assert not nodes[["x", "y"]].duplicated().any()


# --- figure ---------------------------------------------------------------------------------------


def hostile() -> tuple[pd.DataFrame, pd.DataFrame]:
    name = "<b>Gras</b> & <script>%{x}"
    nodes = pd.DataFrame(
        [("corps", name, "organisme", "", "gip", None, 0, 1, name, 0.3, 0.2),
         ("commune-01001", name, "territoire", "commune", "", 9, 0, 1, name, 0.3, 0.7)],
        columns=["id", "nom", "sorte", "niveau", "forme", "population", "taille", "nb_deduits",
                 "etiquette", "x", "y"],
    )  # fmt: skip
    edges = pd.DataFrame(
        {"cle": ["commune-01001"], "partenaire_id": ["corps"], "roles": [["membre"]],
         "services": [["grc"]], "solutions": [[]], "source_ids": [["s"]], "annee_debut": [None],
         "nb_cites": [0], "nb_deduits": [1], "certitude": ["deduit"]}
    )  # fmt: skip
    return nodes, edges


@pytest.mark.parametrize("dark", [False, True])
def test_names_are_never_read_as_markup(dark):
    figure = network_figure.network_figure(*hostile(), dark=dark)
    for name in figure.layout.annotations:
        assert "<b>" not in name.text and "<script" not in name.text
    hover_texts = [text for trace in figure.data for text in trace.hovertext or ()]
    assert len(hover_texts) == 2
    assert all("&lt;b&gt;Gras" in text and "membre, déduit" in text for text in hover_texts)


def test_what_is_inferred_is_dotted_and_kinds_differ_by_shape():
    figure = network_figure.network_figure(*hostile(), selected="corps")
    lines = {trace.name: trace.line.dash for trace in figure.data if trace.mode == "lines"}
    assert lines == {"Lien déduit": "dot"}
    markers = {
        *(marker[-1] for marker in network_figure.ORGANISATION_MARKERS.values()),
        *(marker[-1] for marker in network_figure.LEVEL_MARKERS.values()),
    }
    assert len(markers) == len(network_figure.ORGANISATION_MARKERS) + len(
        network_figure.LEVEL_MARKERS
    )
    assert any(trace.marker.symbol == "circle-open" for trace in figure.data)
    families = {network_figure._family(form) for form in vocabulary_codes("formes")}
    assert families <= set(network_figure.ORGANISATION_MARKERS)


@pytest.mark.parametrize("window", ["narrow", "medium", "wide"])
@pytest.mark.usefixtures("database")
def test_the_most_cited_are_named_far_from_each_other(window):
    nodes, edges = network.load_network()
    figure = network_figure.network_figure(nodes, edges, window)
    names = figure.layout.annotations
    assert 8 <= len(names) <= network_figure.MAX_NAMES
    unnamed = figure.layout.meta["sans_nom"]
    assert unnamed == len(nodes) - len(names)
    assert str(unnamed) in network_figure.describe_names(len(nodes), unnamed)
    for one, other in itertools.combinations(names, 2):
        assert abs(one.x - other.x) > 95 or abs(one.y - other.y) > 40
    most_cited = nodes.sort_values(["taille", "nb_deduits"]).iloc[-1]
    assert most_cited["etiquette"] in {name.text for name in names}


def test_the_selected_node_is_named_before_the_most_cited():
    nodes, edges = hostile()
    close = nodes.assign(etiquette=["Un organisme", "Un territoire"], x=0.5, y=0.5, taille=[0, 9])
    for selected, name in (("corps", "Un organisme"), ("", "Un territoire")):
        figure = network_figure.network_figure(close, edges, selected=selected)
        assert [shown.text for shown in figure.layout.annotations] == [name]
    assert network_figure.describe_names(2, 0) == ""


@pytest.mark.parametrize("window", ["narrow", "wide"])
def test_marks_are_inside_the_figure(window):
    figure = network_figure.network_figure(*hostile(), window)
    (left, right), (bottom, top) = figure.layout.xaxis.range, figure.layout.yaxis.range
    for trace in figure.data:
        assert all(left < x < right for x in trace.x if x is not None)
        assert all(top < y < bottom for y in trace.y if y is not None)


# --- map ------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("database")
def test_places_are_those_of_the_maps():
    positions = map_positions.territory_positions(
        ["departement-35", "region-04", "commune-97411", "rien"]
    )
    assert set(positions.index) == {"departement-35", "region-04", "commune-97411"}
    assert set(positions.index[positions["outre_mer"]]) == {"region-04", "commune-97411"}
    for key, box in (
        ("departement-35", "departement-35"),
        ("region-04", "region-04"),  # in its inset
        ("commune-97411", "region-04"),
    ):
        west, south, east, north = geometry.bounding_box(box)
        assert west < positions.loc[key, "longitude"] < east
        assert south < positions.loc[key, "latitude"] < north


@pytest.mark.usefixtures("invented_network")
def test_a_body_stands_in_the_department_of_its_seat_else_amid_its_territories():
    nodes, _ = map_positions.map_links()
    placed = nodes.set_index("id")
    assert placed.loc["alpha", "siege"] and not placed.loc["beta", "siege"]
    for partner_id in ("alpha", "beta"):  # around the centre of Mayenne
        assert placed.loc[partner_id, "longitude"] == pytest.approx(-0.66, abs=0.35)
        assert placed.loc[partner_id, "latitude"] == pytest.approx(48.1, abs=0.3)
    organisations = placed[placed["sorte"] == "organisme"]
    assert not organisations[["longitude", "latitude"]].duplicated().any()


@pytest.mark.parametrize(
    ("filter_values", "window", "dark"),
    [
        ({}, "wide", False),
        ({"zone": "region-53"}, "narrow", True),
        ({"partner": "reunion-thd"}, "medium", False),
        ({"level": "region"}, "wide", True),
    ],
    ids=str,
)
@pytest.mark.usefixtures("database")
def test_the_map_fetches_nothing_but_outlines_of_ours(filter_values, window, dark):
    nodes, edges = map_positions.map_links(**filter_values)
    figure = links_map.links_map(nodes, edges, window, dark)
    assert set(figure.layout.map.style) == {"sources", "layers", "version"}
    assert figure.data[0].geojson.startswith("/api/v1/geo/")
    assert all(trace.mode in ("lines", "markers") for trace in figure.data[1:])
    lines = [trace for trace in figure.data if getattr(trace, "mode", "") == "lines"]
    assert sum(len(trace.lon) for trace in lines) == 3 * len(edges)
    assert nodes["longitude"].notna().all() and figure.layout.meta["sans_place"] == 0
    assert network.describe_link_counts(edges) in links_map.map_alternative_text(nodes, edges)


@pytest.mark.usefixtures("database")
def test_no_service_or_level_fails():
    services = query("SELECT DISTINCT service FROM mutualisations ORDER BY 1")["service"]
    service_levels = [
        *(("", level) for level in LEVELS),
        *zip(services, itertools.cycle(("", *LEVELS)), strict=False),
    ]
    for service, level in service_levels:
        nodes, edges = network.load_network(service=service, level=level)
        figure = network_figure.network_figure(nodes, edges)
        assert (figure is None) == edges.empty
        assert network.network_alt_text(nodes, edges).startswith("Réseau.")
