"""The network: who is linked to whom, drawn the same each time, with names that do not collide."""

import itertools

import numpy as np
import pandas as pd
import pytest
from pooling_network import LAVAL, LAVAL_AGGLO, built

from comparisons.analysis.shared_services import network
from comparisons.charts import links_map, map_positions, network_labels, network_layout
from comparisons.charts import network as network_figure
from comparisons.database.connection import query
from comparisons.queries import geometry
from comparisons.schema.model import vocabulary_codes
from comparisons.schema.territory import LEVELS

# --- links and nodes, on an invented network ------------------------------------------------------


@pytest.fixture
def invented(tmp_path_factory, monkeypatch) -> None:
    monkeypatch.setenv("STRATOSCOPE_DATABASE", str(built(tmp_path_factory)))


def pairs(**filters) -> set[tuple[str, str]]:
    rows = network.load_edges(**filters)
    return set(zip(rows["cle"], rows["partenaire_id"], strict=True))


@pytest.mark.usefixtures("invented")
def test_links_are_those_that_sources_state_of_a_territory():
    assert pairs(service="ent") == {
        ("departement-53", "alpha"), (LAVAL_AGGLO, "alpha"), (LAVAL, "beta")
    }  # fmt: skip
    assert pairs(service="ent", level="epci") == {(LAVAL_AGGLO, "alpha")}
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


@pytest.mark.usefixtures("invented")
def test_a_link_sums_up_its_facts():
    rows = network.load_edges(zone="departement-53").set_index(["cle", "partenaire_id"])
    alpha = rows.loc[("departement-53", "alpha")]
    assert list(alpha["services"]) == ["autre", "dpo_rgpd", "ent"]
    assert (list(alpha["roles"]), list(alpha["solutions"])) == (["membre"], ["Élan"])
    assert (alpha["annee_debut"], alpha["certitude"]) == (2015, "explicite")
    # one statement among inferences is no statement of all
    counts = ["nb_cites", "nb_deduits", "certitude"]
    assert rows.loc[("departement-53", "beta"), counts].tolist() == [1, 2, "deduit"]
    assert rows.loc[(LAVAL_AGGLO, "alpha"), counts].tolist() == [0, 1, "deduit"]
    assert pd.isna(rows.loc[(LAVAL, "beta"), "annee_debut"])


@pytest.mark.usefixtures("invented")
def test_nodes_are_sized_by_stated_links_and_deduced_links_are_counted_apart():
    nodes, edges = network_layout.load_network(zone="departement-53")
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


@pytest.mark.usefixtures("invented")
def test_nothing_found_is_said_and_not_drawn():
    nodes, edges = network_layout.load_network(service="e_sante")
    assert nodes.empty and edges.empty
    assert network_figure.network_figure(nodes, edges) is None
    assert "un service peut exister" in network.describe_network(nodes, edges)
    assert links_map.links_map(*links_map.map_links(service="e_sante")) is None


# --- layout ---------------------------------------------------------------------------------------


def filters() -> list[dict]:
    largest = query(
        "SELECT partenaire_id AS id FROM mutualisations GROUP BY 1 "
        "ORDER BY count(DISTINCT territoire_niveau || territoire_code) DESC, 1 LIMIT 3"
    )["id"]
    return [
        {}, *({"zone": f"region-{code}"} for code in ("53", "84", "75", "52", "04", "11")),
        *({"partner": name} for name in largest),
        *({"service": code} for code in ("infrastructures_thd", "ent", "cybersecurite", "e_sante")),
        *({"level": level} for level in ("region", "departement", "commune")),
        {"service": "sig_geomatique", "zone": "region-76", "level": "departement"},
    ]  # fmt: skip


@pytest.fixture(scope="module")
def networks_drawn(database) -> list[tuple]:
    """What is asked for, nodes, edges, and the figure of a wide window."""
    networks = []
    for filter_values in filters():
        nodes, edges = network_layout.load_network(**filter_values)
        networks.append((filter_values, nodes, edges, network_figure.network_figure(nodes, edges)))
    return networks


def test_a_layout_is_the_same_whatever_the_order_of_rows(networks_drawn):
    for filter_values, nodes, edges, _ in networks_drawn:
        mixed = network_layout.place_nodes(
            network.build_nodes(edges).sample(frac=1, random_state=3),
            edges.sample(frac=1, random_state=5),
        ).set_index("id")
        again = mixed.loc[nodes["id"]]
        for column in ("x", "y", "etiquette"):
            assert list(again[column]) == list(nodes[column]), (filter_values, column)


def test_marks_do_not_overlap_and_stay_in_the_figure(networks_drawn):
    for filter_values, nodes, *_ in networks_drawn:
        sizes = np.array(
            [network_layout.marker_size(n.sorte, n.taille) for n in nodes.itertuples()]
        )
        x, y = nodes["x"].to_numpy(), nodes["y"].to_numpy()
        apart = np.maximum(abs(x[:, None] - x), abs(y[:, None] - y))
        room = (sizes[:, None] + sizes) / 2
        np.fill_diagonal(apart, 999)
        assert (apart >= 0.9 * room).all(), filter_values
        assert ((x - sizes / 2 >= -1) & (x + sizes / 2 <= network_layout.WIDE + 1)).all(), (
            filter_values
        )
        assert (y - sizes / 2 >= -1).all(), filter_values


def boxes(figure, scale: float) -> list[tuple[float, float, float, float]]:
    """Boxes of the names of a figure, whose width is `scale` times that of the drawing."""
    label_boxes = []
    for name in figure.layout.annotations:
        lines = name.text.replace("&amp;", "&").split("<br>")
        half = max(map(network_layout.text_width, lines)) / 2
        top = name.y - name.yshift
        label_boxes.append((name.x * scale - half, name.x * scale + half,
                            top, top + network_layout.LINE_HEIGHT * len(lines)))  # fmt: skip
    return label_boxes


def collide(box: tuple, other_box: tuple) -> bool:
    return (
        box[0] < other_box[1]
        and other_box[0] < box[1]
        and box[2] < other_box[3]
        and other_box[2] < box[3]
    )


def test_no_two_names_collide_at_any_width_of_the_window(networks_drawn):
    for index, (filter_values, nodes, edges, wide) in enumerate(networks_drawn):
        figures = [wide]
        if index % 3 == 0:
            figures.append(network_figure.network_figure(nodes, edges, narrow=True))
        for figure, scale in itertools.product(figures, (1, 1.3, 1.9)):
            label_boxes = boxes(figure, scale)
            touching = [pair for pair in itertools.combinations(label_boxes, 2) if collide(*pair)]
            assert not touching, (filter_values, scale)


def test_all_are_named_up_to_eighty_and_then_how_many_are_not(networks_drawn):
    for filter_values, nodes, _, figure in networks_drawn:
        hidden = figure.layout.meta["sans_nom"]
        assert hidden + len(figure.layout.annotations) == len(nodes)
        if len(nodes) <= network_layout.MAX_LABELS:
            assert hidden == 0 and network_layout.labels_sentence(nodes, hidden) == "", (
                filter_values
            )
            continue
        labelled_nodes = nodes[nodes["etiquette"] != ""]
        assert len(labelled_nodes) == network_layout.MAX_LABELS
        # the largest bodies are named, before small ones
        organisations = nodes[nodes["sorte"] == "organisme"]
        is_labelled = organisations["etiquette"] != ""
        if not is_labelled.all():
            assert (
                organisations.loc[is_labelled, "taille"].min()
                >= organisations.loc[~is_labelled, "taille"].max()
            )
        assert str(hidden) in network_layout.labels_sentence(nodes, hidden)


def test_a_star_has_its_body_amid_its_territories():
    keys = [f"commune-{number:05d}" for number in range(12)]
    nodes = pd.DataFrame(
        [("hub", "organisme", 12, "Hub"), *((key, "territoire", 1, key) for key in keys)],
        columns=["id", "sorte", "taille", "etiquette"],
    )
    edges = pd.DataFrame({"cle": keys, "partenaire_id": "hub"})
    placed = network_layout.place_nodes(nodes, edges).set_index("id")
    outer_nodes = placed.drop("hub")
    for axis in ("x", "y"):
        assert outer_nodes[axis].min() < placed.loc["hub", axis] < outer_nodes[axis].max()


# --- figure ---------------------------------------------------------------------------------------


def hostile() -> tuple[pd.DataFrame, pd.DataFrame]:
    name = "<b>Gras</b> & <script>%{x}"
    nodes = pd.DataFrame(
        [("corps", name, "organisme", "", "gip", None, 0, 1, name, 60.0, 30.0),
         ("commune-01001", name, "territoire", "commune", "", 9, 0, 1, name, 60.0, 120.0)],
        columns=["id", "nom", "sorte", "niveau", "forme", "population", "taille", "nb_deduits",
                 "etiquette", "x", "y"],
    )  # fmt: skip
    edges = pd.DataFrame(
        {"cle": ["commune-01001"], "partenaire_id": ["corps"], "roles": [["membre"]],
         "services": [["ent"]], "solutions": [[]], "source_ids": [["s"]], "annee_debut": [None],
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


def test_a_name_that_would_touch_another_is_left_out():
    nodes, _ = hostile()
    close = nodes.assign(y=[30.0, 40.0], etiquette="Un nom")
    assert list(network_labels.visible_labels(close)["id"]) == ["commune-01001"]
    assert len(network_labels.visible_labels(nodes.assign(etiquette="Un nom"))) == 2


# --- map ------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("database")
def test_places_are_those_of_the_maps():
    positions = map_positions.territory_positions(
        ["departement-35", "region-04", "commune-97411", "rien"]
    )
    assert set(positions) == {"departement-35", "region-04", "commune-97411"}
    west, south, east, north = geometry.bounding_box("departement-35")
    assert (
        west < positions["departement-35"][0] < east
        and south < positions["departement-35"][1] < north
    )
    west, south, east, north = geometry.bounding_box("region-04")  # in its inset
    for key in ("region-04", "commune-97411"):
        assert west < positions[key][0] < east and south < positions[key][1] < north
        assert map_positions.in_inset(positions[key])
    assert not map_positions.in_inset(positions["departement-35"])


@pytest.mark.usefixtures("invented")
def test_a_body_stands_in_the_department_of_its_seat_else_amid_its_territories():
    nodes, _ = links_map.map_links()
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
    nodes, edges = links_map.map_links(**filter_values)
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
        nodes, edges = network_layout.load_network(service=service, level=level)
        figure = network_figure.network_figure(nodes, edges)
        assert (figure is None) == edges.empty
        assert network.network_alt_text(nodes, edges).startswith("Réseau.")
