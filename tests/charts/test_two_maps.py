"""Two maps on one scale, and maps of a part of the country."""

import pandas as pd
import pytest

from comparisons.analysis.class_breaks import class_breaks
from comparisons.analysis.map_questions.budget import LISTED
from comparisons.analysis.map_questions.coverage import coverage_layer
from comparisons.analysis.map_questions.service import service_layer
from comparisons.analysis.map_questions.views import build_layer, build_layers
from comparisons.database.connection import query
from comparisons.page_parameters import MAP_QUESTIONS, MapParameters
from comparisons.queries.territories import contained_codes

pytestmark = [
    pytest.mark.usefixtures("database"),
    pytest.mark.filterwarnings("ignore:Numba not installed"),
]

# --- several maps on one scale --------------------------------------------------------------------


def money(**choices) -> MapParameters:
    return MapParameters(question="budget", **choices)


@pytest.mark.parametrize(
    "view",
    [
        money(deux=True, etape_2="vote"),
        money(deux=True, annee="2015", annee_2="2026", methode="naturelles", classes="4"),
        money(deux=True, perimetre_2="usages", methode="egales", classes="7"),
        money(deux=True, etape_2="estime", methode="propres", bornes="10 ; 100,5"),
    ],
    ids=["stages", "years", "perimeters", "own bounds"],
)
def test_two_maps_of_money_are_read_with_one_legend(view):
    left_layer, right_layer = build_layers(view, view.second_map())
    assert left_layer.classes == right_layer.classes
    both = pd.concat([left_layer.data, right_layer.data])
    ends = [c.upper for c in left_layer.classes if c.upper is not None]
    assert ends == class_breaks(both["valeur"], view.methode, int(view.classes), view.bornes)
    for layer in (left_layer, right_layer):
        assert sum(layer.counts.values()) == len(layer.data) == 101
        for row in layer.data.itertuples():
            if not pd.isna(row.valeur):
                assert row.classe == f"c{sum(end < row.valeur for end in ends)}"
            else:  # cited for what it is, or not known at all
                cited = [code for code, (*_, why) in LISTED.items() if row.motif in why]
                assert row.classe == (cited[0] if cited else "inconnu")
    # each shows what it would show alone, but for the classes
    alone = build_layer(view.second_map()).data
    assert alone.drop(columns="classe").equals(right_layer.data.drop(columns="classe"))


def test_two_years_of_coverage_are_read_with_one_legend():
    view = MapParameters(deux=True, annee="2012", annee_2="2026", larges=True)
    past, now = build_layers(view, view.second_map())
    assert past.classes == now.classes
    assert past.counts["pas_encore"] > 0 == now.counts["pas_encore"]
    assert past.data.equals(coverage_layer("departement", year=2012, wider=True).data)
    assert (past.subtitle, now.subtitle) == (
        "Départements de France, état en 2012",
        "Départements de France, état en 2026",
    )
    # of the year of the dataset, undated documents are shown too
    assert "les autres ne sont pas placés" in past.note
    assert "les autres ne sont pas placés" not in now.note


def test_an_organisation_stands_beside_a_service():
    partner = query("SELECT any_value(partenaire_id) AS id FROM mutualisations")["id"].iloc[0]
    view = MapParameters(question="mutualisation", partenaire=partner, deux=True, service_2="ent")
    left_layer, right_layer = build_layers(view, view.second_map())
    assert right_layer.data.equals(service_layer("departement", "ent").data)
    assert left_layer.title != right_layer.title


def test_money_of_a_past_year_is_that_of_documents_known_then():
    rows = build_layer(money(annee="2014")).data
    years = query("SELECT strategie_id, annee_document FROM etats_strategies")
    dated = dict(zip(years["strategie_id"], years["annee_document"], strict=True))
    strategy_ids = rows["strategie_id"].dropna()
    assert len(strategy_ids) > 10 and all(dated[id_] <= 2014 for id_ in strategy_ids)


# --- a part of the country ------------------------------------------------------------------------


@pytest.mark.parametrize("question", MAP_QUESTIONS)
def test_a_zone_keeps_its_territories_and_says_so(question):
    view = MapParameters(niveau="commune", question=question, zone="departement-35")
    layer, whole = build_layer(view), build_layer(view.replace(zone=""))
    assert list(layer.data["territoire_code"]) == contained_codes("commune", "departement-35")
    assert sum(layer.counts.values()) == len(layer.data) > 300
    assert layer.subtitle == "Communes d’Ille-et-Vilaine"
    assert (layer.zone, whole.zone) == ("departement-35", "")
    if question != "budget":  # its classes are cut in the values shown
        expected = whole.data[whole.data["territoire_code"].isin(layer.data["territoire_code"])]
        assert layer.data.equals(expected.reset_index(drop=True))


@pytest.mark.parametrize(
    ("level", "zone"),
    [("region", "region-53"), ("departement", "departement-35"), ("epci", "region-99")],
)
def test_a_zone_that_is_not_wider_or_does_not_exist_leaves_the_whole_country(level, zone):
    layer = build_layer(MapParameters(niveau=level, zone=zone))
    assert layer.data.equals(build_layer(MapParameters(niveau=level)).data)
    assert (layer.zone, layer.subtitle) == (
        "",
        layer.subtitle.split(" de France")[0] + " de France",
    )
