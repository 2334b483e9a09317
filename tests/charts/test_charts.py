"""Bars of money that never mix amounts, and a timeline that invents no length."""

import pandas as pd
import pytest

from comparisons.analysis.map_layers import STATE_COLOURS
from comparisons.charts import bars as charts
from comparisons.database.connection import query
from comparisons.queries import budgets
from comparisons.schema.model import code_label, vocabulary_codes

# figures are cached with the answers of a database
pytestmark = pytest.mark.usefixtures("database")

# --- money ----------------------------------------------------------------------------------------

COLUMNS = (
    "budget_id", "inclus_dans", "libelle", "montant", "financeur_type", "financeur_nom",
    "perimetre", "etape", "recurrence", "annee_debut", "annee_fin", "profondeur", "source_id",
)  # fmt: skip


def amounts(*rows: dict) -> pd.DataFrame:
    """Amounts in millions; a planned network of several funders unless a row says otherwise."""
    base_row = {"perimetre": "infrastructures", "etape": "prevu", "financeur_type": "multiple"}
    frame = pd.DataFrame(
        [base_row | {"libelle": row["budget_id"]} | row for row in rows], columns=COLUMNS
    )
    frame["profondeur"] = frame["inclus_dans"].notna().astype(int)
    return frame.assign(montant=frame["montant"] * 1e6)


def part(id_: str, funder: str | None, millions: float, **cells) -> dict:
    return {"budget_id": id_, "inclus_dans": "w", "financeur_type": funder, "montant": millions} | (
        cells
    )


def bars(frame: pd.DataFrame) -> list[list[tuple[str, float]]]:
    """The segments of each bar, the lowest first: (legend, millions)."""
    figure = charts.budget_bars(frame)
    bars_by_y: dict[int, list] = {}
    for trace in figure.data:
        bars_by_y.setdefault(trace.y[0], []).append((trace.name, pytest.approx(trace.x[0])))
    return [bars_by_y[y] for y in sorted(bars_by_y)]


STATE, REGION, PRIVATE = (code_label("financeurs", code) for code in ("etat", "region", "prive"))


def test_a_whole_is_cut_by_funder_and_the_rest_is_said():
    frame = amounts(
        {"budget_id": "w", "montant": 100}, part("a", "etat", 30), part("b", "region", 20)
    )
    assert bars(frame) == [[(STATE, 30), (REGION, 20), ("Non détaillé", 50)]]


@pytest.mark.parametrize("last", [50, 50.2, 49.8])  # roundings of the source
def test_nothing_is_left_when_the_shares_make_the_whole(last):
    frame = amounts(
        {"budget_id": "w", "montant": 100}, part("a", "etat", 50), part("b", "prive", last)
    )
    assert bars(frame) == [[(STATE, 50), (PRIVATE, last)]]


@pytest.mark.parametrize(
    "parts",
    [
        [part("works", "multiple", 60)],  # by kind of work, not by funder
        [part("works", None, 60)],
        [part("paid", "etat", 60, etape="realise")],  # another stage
        [part("yearly", "etat", 60, recurrence="annuel")],
        [part("a", "etat", 60), part("b", "prive", 50)],  # cut twice: more than the whole
    ],
    ids=["of several", "of nobody", "another stage", "yearly", "more than the whole"],
)
def test_what_is_no_share_of_a_funder_is_not_drawn(parts):
    assert bars(amounts({"budget_id": "w", "montant": 100}, *parts)) == [[("Non détaillé", 100)]]


def test_an_amount_cut_by_funder_and_by_work_is_drawn_once():
    frame = amounts(
        {"budget_id": "w", "montant": 100},
        part("a", "etat", 100),
        part("fibre", "multiple", 70),
        part("radio", "multiple", 30),
    )
    assert bars(frame) == [[(STATE, 100)]]


def test_the_amount_of_one_funder_is_all_its_own():
    whole = {"budget_id": "w", "montant": 100, "financeur_type": "region"}
    assert bars(amounts(whole, part("a", "region", 30))) == [[(REGION, 100)]]


def test_amounts_are_beside_each_other_never_added():
    frame = amounts(
        {"budget_id": "w", "montant": 100, "annee_debut": 2015, "annee_fin": 2020},
        part("a", "etat", 30),
        {"budget_id": "voted", "montant": 80, "etape": "vote"},
        {"budget_id": "uses", "montant": 2, "perimetre": "usages", "recurrence": "annuel"},
        {"budget_id": "nothing", "montant": 0},
    )
    figure = charts.budget_bars(frame)
    assert bars(frame) == [
        [("Non détaillé", 2)],
        [("Non détaillé", 80)],
        [(STATE, 30), ("Non détaillé", 70)],
    ]
    names = figure.layout.yaxis.ticktext
    assert [len(names), len(set(names))] == [3, 3]
    for name, code in zip(names, ("usages", "infrastructures", "infrastructures"), strict=True):
        assert name.startswith(code_label("perimetres", code))
    assert ", /an" in names[0] and code_label("etapes", "vote").lower() in names[1]
    assert "2015-2020" in names[2]
    # one line of the legend per funder
    assert sorted(t.name for t in figure.data if t.showlegend) == ["Non détaillé", STATE]


def test_without_any_amount_there_is_no_figure():
    assert charts.budget_bars(amounts()) is None
    assert charts.budget_bars(amounts({"budget_id": "w", "montant": 0})) is None


def test_no_bar_of_the_corpus_is_longer_than_its_amount(database):
    rows = budgets.budget_lines(list(query("FROM strategies")["strategie_id"]))
    cut = rows[rows["profondeur"] > 0]["strategie_id"]
    parts = 0
    for id_, frame in rows[rows["strategie_id"].isin(cut)].groupby("strategie_id", sort=False):
        figure = charts.budget_bars(frame)
        sums: dict[int, float] = {}
        for trace in figure.data:
            sums[trace.y[0]] = sums.get(trace.y[0], 0) + trace.x[0] * 1e6
            assert trace.x[0] > 0
        wholes = frame[(frame["profondeur"] == 0) & (frame["montant"] > 0)]
        amounts_by_bar = list(wholes["montant"])[::-1]
        assert [sums[y] for y in sorted(sums)] == pytest.approx(amounts_by_bar, rel=0.0051), id_
        parts += len(figure.data) > len(wholes)
    assert parts > 30


# --- timeline -------------------------------------------------------------------------------------


def documents(*rows: dict) -> pd.DataFrame:
    columns = ("strategie_id", "titre", "etat", "annee_document", "annee_debut", "annee_fin")
    base_row = {"titre": "Stratégie", "etat": "adoptee"}
    return pd.DataFrame([base_row | row for row in rows], columns=(*columns, "remplacee_par"))


def test_a_bar_lasts_its_period_and_an_unknown_end_has_no_length():
    figure = charts.timeline(
        documents(
            {"strategie_id": "a", "annee_document": 2019, "annee_debut": 2020, "annee_fin": 2026},
            {"strategie_id": "b", "annee_document": 2012, "etat": "terminee"},
        ),
        2026,
    )
    marker_trace, bar = figure.data
    assert (bar.base[0], bar.x[0]) == (2020, 7)  # both years counted
    assert marker_trace.mode == "markers" and marker_trace.x[0] == 2012
    assert bar.marker.color == STATE_COLOURS["adoptee"]
    assert marker_trace.marker.color == STATE_COLOURS["terminee"]
    assert figure.layout.shapes[0].x0 == 2026


def test_an_edition_leads_to_the_one_that_replaces_it():
    figure = charts.timeline(
        documents(
            {"strategie_id": "new", "annee_document": 2021, "annee_fin": 2027},
            {"strategie_id": "old", "annee_document": 2014, "remplacee_par": "new"},
            {"strategie_id": "older", "annee_document": 2009, "remplacee_par": "old"},
            {"strategie_id": "lone", "annee_document": 2010, "remplacee_par": "not shown"},
        ),
        2026,
    )
    lines = [trace for trace in figure.data if trace.name == "remplacée par"]
    rows = dict(zip(("lone", "older", "old", "new"), range(4), strict=True))
    assert [(tuple(t.x), tuple(t.y)) for t in lines] == [
        ((2009, 2014), (rows["older"], rows["old"])),
        ((2014, 2021), (rows["old"], rows["new"])),
    ]
    assert [trace.showlegend for trace in lines] == [True, False]


def test_documents_without_a_year_are_left_to_the_table():
    dated = {"strategie_id": "a", "annee_document": 2019}
    undated = {"strategie_id": "b", "remplacee_par": "a"}
    assert len(charts.timeline(documents(dated, undated), 2026).data) == 1
    assert charts.timeline(documents(undated), 2026) is None


def test_every_state_and_funder_has_a_colour():
    assert set(vocabulary_codes("etats_couverture")) == set(STATE_COLOURS)
    assert set(vocabulary_codes("financeurs")) == set(charts.FUNDER_COLOURS)
