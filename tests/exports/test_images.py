"""Images of charts: what the figure of the page holds is drawn, with title, legend and source."""

import re
from collections import Counter
from functools import cache

import pandas as pd
import pytest
from pdf_contents import compact, open_pdf, pdf_text

from comparisons.analysis import profile
from comparisons.analysis.peers import position
from comparisons.analysis.peers.search import find_peers
from comparisons.charts import bars
from comparisons.errors import BadRequestError, NotFoundError
from comparisons.exports.images.axes import read_axis, ticks
from comparisons.exports.images.catalogue import IMAGES, find_image
from comparisons.exports.images.chart import draw_chart
from comparisons.schema.model import code_label

pytestmark = pytest.mark.usefixtures("database")

SIMULATION = {"t": ["departement-35", "departement-29"], "fixe": ["9000"], "seul": ["8000"]}
# of each image, an address that has something to draw
ADDRESSES = {
    "carte": {"question": ["theme"]},
    "questions": {},
    "frise": {"t": ["region-53"]},
    "frise-comparaison": {"t": ["region-53,region-52"]},
    "montants-action": {"t": ["region-53"]},
    "pairs": {"t": ["departement-53"]},
    "position-couverture": {"t": ["region-28"]},
    "themes-periodes": {},
    "themes-niveaux": {"famille": ["inclusion"]},
    "reseau": {"zone": ["region-53"]},
    "reseau-carte": {"zone": ["region-53"]},
    "aire": {"organisme": ["megalis-bretagne"]},
    "couts": SIMULATION,
    "seuil": SIMULATION,
    "manque": {"niveau": ["region"]},
    "connu-population": {},
    "connu-territoires-region": {},
    "faits": {},
    "fiabilite": {},
    "ages": {},
}


@cache
def image(name: str, extension: str = "pdf") -> bytes:
    view = find_image(name).read(ADDRESSES[name])
    return find_image(name).make(view, extension, f"https://a.fr/{IMAGES[name].page}")


@pytest.mark.parametrize("name", ADDRESSES)
def test_an_image_has_its_source_and_the_address_of_its_page(name):
    text = pdf_text(image(name))
    assert "Licence Ouverte" in text and "données du" in text
    assert compact(f"a.fr/{IMAGES[name].page}") in compact(text)
    assert len(open_pdf(image(name)).pages) == 1


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("frise", ("Bretagne", "Frise des stratégies", "Terminée ou remplacée", "2020")),
        ("montants-action", ("10 000 €", "Millions d’euros", "Région", "0,2")),
        ("couts", ("Seul", "Ensemble", "Finistère", "Simulation")),
        ("seuil", ("Ensemble, par membre", "Nombre de membres", "Euros par membre")),
        ("connu-population", ("Intercommunalités", "Jamais cherché", "100")),
        ("faits", ("Date d’adoption", "Communes", "Faits renseignés")),
        ("themes-periodes", ("Intelligence artificielle", "2020-2024", "Sans date")),
        ("reseau", ("Mégalis", "Lien déduit", "Organisme public")),
        ("reseau-carte", ("Lien énoncé par une source", "Organismes", "Intercommunalités")),
        ("pairs", ("Pairs de la Mayenne", "10 pairs :", "Autres territoires")),
        ("ages", ("Moins de 2 ans", "Nombre de sources")),
    ],
)
def test_an_image_says_what_the_page_says(name, words):
    text = pdf_text(image(name))
    assert [word for word in words if word not in text] == []


def test_a_picture_has_the_title_that_its_letters_cannot_give():
    svg = image("frise", "svg").decode()
    assert svg.startswith("<svg") and "<title>Bretagne</title><desc>Frise" in svg
    assert image("frise", "png").startswith(b"\x89PNG")
    assert image.__wrapped__("frise", "svg").decode() == svg


@pytest.mark.parametrize(
    ("name", "query", "reason"),
    [
        ("frise", {}, "Aucun territoire"),
        ("frise", {"t": ["region-99"]}, "region-99"),
        ("frise", {"t": ["region-53"], "rien": ["1"]}, "Paramètre inconnu"),
        ("frise-editions", {"t": ["region-53,region-52"]}, "Deux documents"),
        ("aire", {"organisme": ["rien"]}, "rien"),
        ("frize", {}, "Voulez-vous dire « frise »"),
    ],
)
def test_an_image_of_nothing_is_refused(name, query, reason):
    with pytest.raises(BadRequestError, match=reason):
        find_image(name).read(query)


def test_what_is_unknown_is_not_drawn():
    with pytest.raises(NotFoundError, match="rien à dessiner"):
        find_image("montants-priorite").make(
            find_image("montants-priorite").read({"t": ["region-53"]}), "svg", ""
        )
    with pytest.raises(BadRequestError, match="coût fixe"):
        find_image("couts").make(find_image("couts").read({}), "svg", "")


# --- the drawing ----------------------------------------------------------------------------------


def rectangles(svg: str) -> list[dict]:
    """The rectangles of a drawing: their places and sizes, numbers, and their colour."""
    found = re.findall(r"<rect([^>]*)/>", svg)
    return [
        {
            key: float(value) if re.fullmatch(r"-?[\d.]+", value) else value
            for key, value in re.findall(r'([\w-]+)="([^"]*)"', each)
        }
        for each in found
    ]


def test_bars_are_as_long_as_their_amounts():
    budgets = profile.load_profile("region-53").budgets
    rows = budgets[budgets["perimetre"] == "action"]
    figure = bars.budget_bars(rows)
    legend = len({trace.legendgroup for trace in figure.data})
    drawn = rectangles(draw_chart(figure).svg)[: len(figure.data)]
    amounts = [trace.x[0] for trace in figure.data]
    assert len(rectangles(draw_chart(figure).svg)) == len(amounts) + legend
    scale = drawn[0]["width"] / amounts[0]
    assert [each["width"] for each in drawn] == pytest.approx(
        [scale * amount for amount in amounts], abs=0.02
    )
    assert [each["fill"] for each in drawn] == [trace.marker.color for trace in figure.data]


def test_a_document_of_unknown_end_has_no_length():
    documents = profile.load_profile("region-53").documents
    figure = bars.timeline(documents, 2026)
    drawing = draw_chart(figure)
    kinds = Counter(trace.type for trace in figure.data)
    states = {trace.name for trace in figure.data if trace.type == "bar" and trace.showlegend}
    assert len(rectangles(drawing.svg)) == kinds["bar"] + len(states)
    written = [text["text"] for text in drawing.texts]
    for state in documents["etat"].unique():
        assert code_label("etats_couverture", state) in written


def test_years_of_a_position_do_not_begin_at_zero():
    peers = tuple(find_peers("region-28").table["cle"])
    points = position.peer_observations("region-28", peers, ("couverture",), False)
    figure = bars.position_boxes(position.position_summary(points), points, "Normandie")
    texts = [text["text"] for text in draw_chart(figure).texts]
    years = [int(text) for text in texts if text.isdigit()]
    assert years and min(years) > 1990


@pytest.mark.parametrize(
    ("values", "options", "texts"),
    [
        ([0, 1], {"rangemode": "tozero"}, ["0", "0,2", "0,4", "0,6", "0,8", "1"]),
        ([0, 100], {"range": [0, 100]}, ["0", "20", "40", "60", "80", "100"]),
        ([2011, 2031], {"tickformat": "d", "dtick": 5}, ["2010", "2015", "2020", "2025", "2030"]),
        ([1, 3], {"tickformat": "d"}, ["1", "2", "3"]),
    ],
)
def test_ticks_are_round_numbers_in_french(values, options, texts):
    trace = {"type": "scatter", "x": values, "y": [0, 0]}
    axis = read_axis("x", [trace], options).moved(0, 900)
    assert [" ".join(lines) for _, lines in ticks(axis)] == texts


def test_dots_per_inhabitant_stand_at_their_amounts():
    cells = pd.DataFrame(
        {
            "colonne": ["a", "b"],
            "libelle": ["Réseaux, prévu : par habitant"] * 2,
            "unite": ["€/hab."] * 2,
            "valeur": [10.0, 40.0],
            "texte": ["10 €/hab.", "40 €/hab."],
        }
    )
    drawing = draw_chart(bars.per_inhabitant_dots(cells, {"a": "Ain", "b": "Aube"}))
    written = [text["text"] for text in drawing.texts]
    assert {"Ain", "Aube", "Réseaux, prévu", "Euros par habitant", "0"} <= set(written)
    circles = re.findall(r'<circle cx="([\d.]+)" cy="([\d.]+)"', drawing.svg)
    assert len(circles) == 2  # the dot, and its sign in the legend; the other series has squares
