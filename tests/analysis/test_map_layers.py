"""Each question of the map has a class for every territory, and a correct legend."""

import itertools
import re
from collections import defaultdict

import pandas as pd
import pytest
from recounted import LINKS_IN_USE, STRATEGIES, YEAR, document_year, facts

from comparisons.analysis import map_layers
from comparisons.analysis.map_questions.budget import amount_classes
from comparisons.analysis.map_questions.coverage import coverage_layer
from comparisons.analysis.map_questions.service import service_layer
from comparisons.analysis.map_questions.views import build_layer
from comparisons.database.connection import query
from comparisons.formatting import MISSING
from comparisons.page_parameters import (
    COMPARABLE_PERIMETERS,
    MAP_LEVELS,
    MAP_QUESTIONS,
    MEASURES,
    MapParameters,
)
from comparisons.queries import partners, thresholds
from comparisons.schema.model import vocabulary_codes

pytestmark = [
    pytest.mark.usefixtures("database"),
    pytest.mark.filterwarnings("ignore:Numba not installed"),
]

MONEY = list(itertools.product(COMPARABLE_PERIMETERS, vocabulary_codes("etapes"), MEASURES))


def known_codes(level: str) -> set[str]:
    rows = query("SELECT territoire_code FROM territoires WHERE territoire_niveau = ?", [level])
    return set(rows["territoire_code"])


def check(layer: map_layers.MapLayer, level: str) -> None:
    """One row per territory, one legend line per class, counts that add up."""
    data = layer.data
    assert len(data) == data["territoire_code"].nunique()
    assert set(data["territoire_code"]) == known_codes(level)
    legend = [c.code for c in layer.classes]
    assert len(legend) == len(set(legend)) == len({c.label for c in layer.classes})
    assert set(data["classe"]) <= set(legend)
    assert sum(layer.counts.values()) == len(data)
    missing = {c.code for c in layer.classes if c.missing}
    assert layer.known == len(data) - sum(layer.counts[code] for code in missing)
    # unknown has its own line and colour, which no known class shares
    assert missing or layer.known == len(data)
    assert not {c.colour for c in layer.classes if c.missing} & {
        c.colour for c in layer.classes if not c.missing
    }
    assert data["detail"].map(type).eq(str).all()
    assert layer.title and layer.note


@pytest.mark.parametrize("level", MAP_LEVELS)
@pytest.mark.parametrize("question", MAP_QUESTIONS)
def test_every_question_has_an_answer_for_every_territory(question, level):
    check(build_layer(MapParameters(niveau=level, question=question)), level)


def test_a_territory_in_a_wider_area_shows_the_bearer_of_the_document():
    rows = coverage_layer("commune", "reseaux", wider=True).data
    covered = rows[rows["classe"].isin(map_layers.COVERED_BY_WIDER)]
    assert len(covered)
    for row in covered.drop_duplicates("strategie_id").itertuples():
        bearer = STRATEGIES[row.strategie_id]["porteur_nom"].replace("'", "’")
        assert not bearer or row.detail.endswith(f" ({bearer})")


# --- money ----------------------------------------------------------------------------------------


def budget(level: str, perimeter: str, stage: str, measure: str = "total") -> map_layers.MapLayer:
    """The map of amounts of one perimeter and stage."""
    return build_layer(
        MapParameters(
            niveau=level, question="budget", perimetre=perimeter, etape=stage, mesure=measure
        )
    )


def bounds(text: str) -> tuple[float, float]:
    """Read the numbers of a legend line."""
    numbers = [
        float(re.sub(r"\s", "", number).replace(",", "."))
        for number in re.findall(r"\d[\d\s,]*", text.split("€")[0])
    ]
    return numbers[0], numbers[-1]


@pytest.mark.parametrize("level", ["departement", "region"])
@pytest.mark.parametrize("perimeter", COMPARABLE_PERIMETERS)
def test_classes_of_money_hold_their_values(level, perimeter):
    for stage, measure in itertools.product(vocabulary_codes("etapes"), MEASURES):
        check_money(budget(level, perimeter, stage, measure), level)


def check_money(layer: map_layers.MapLayer, level: str) -> None:
    check(layer, level)
    nothing = layer.data["titre"].isna()
    assert (nothing == (layer.data["classe"] == "inconnu")).all()
    last = -1.0
    for line in [line for line in layer.classes if line.upper is not None]:
        values = layer.data.loc[layer.data["classe"] == line.code, "valeur"]
        assert len(values), line
        low, high = bounds(line.label)
        rounding = 0.5 if high >= 10 else 0.005
        assert low - rounding <= values.min() and values.max() <= high + rounding, line
        assert values.min() > last  # classes follow each other without overlap
        last = values.max()
    assert layer.classes[-1].label == MISSING.capitalize()


def test_only_amounts_of_one_object_are_coloured():
    """Their rows are read again: whole, one payer, a like length, ten years, not given up."""
    wholes = defaultdict(list)
    for row in facts("budgets"):
        if not row["inclus_dans"]:
            wholes[row["strategie_id"], row["perimetre"], row["etape"]].append(row)
    for perimeter, stage, measure in MONEY:
        coloured = budget("departement", perimeter, stage, measure).data.dropna(subset=["valeur"])
        assert coloured.empty or thresholds.is_enough(len(coloured))
        assert len(coloured[["etendue", "payeur", "duree"]].drop_duplicates()) <= 1
        for id_ in coloured["strategie_id"]:
            rows = wholes[id_, perimeter, stage]
            assert {row["etendue"] for row in rows} & {"ensemble", "zone_publique"}
            assert not all(row["abandonne"] == "oui" for row in rows)
            assert document_year(STRATEGIES[id_]) >= YEAR - 10


def test_an_abandoned_network_has_no_colour_and_is_named_so():
    """Savoie stood at 498 €/hab. for a network given up in 2017."""
    rows = budget("departement", "infrastructures", "prevu").data
    savoie = rows.set_index("territoire_code").loc["73"]
    assert pd.isna(savoie["valeur"]) and savoie["montant"] > 0
    assert savoie["classe"] == "abandonne"


def test_money_of_nobody_is_unknown_not_zero():
    layer = budget("epci", "infrastructures", "realise", "par_an")
    empty = layer.data[layer.data["classe"] == "inconnu"]
    assert len(empty) and empty["valeur"].isna().all() and empty["montant"].isna().all()


@pytest.mark.parametrize("level", MAP_LEVELS)
def test_unknown_is_never_a_class_of_numbers(level):
    layer = build_layer(
        MapParameters(question="budget", niveau=level, methode="egales", classes="3")
    )
    *number_classes, unknown = layer.classes
    assert unknown.missing and unknown.upper is None
    assert not any(c.missing for c in number_classes)
    numbers = {c.code for c in number_classes if c.upper is not None}
    assert (layer.data["classe"].isin(numbers) == layer.data["valeur"].notna()).all()


@pytest.mark.parametrize(
    ("values", "labels"),
    [
        ([], []),
        ([5, 5], ["5 €/hab."]),
        ([2, 7.5], ["2 €/hab.", "plus de 2 à 7,5 €/hab."]),
        # as whole numbers, the last two would read the same
        (
            [12.1, 12.3, 1000],
            ["12,1 €/hab.", "plus de 12,1 à 12,3 €/hab.", "plus de 12,3 à 1 000 €/hab."],
        ),
        ([1, 400, 800], ["1 €/hab.", "plus de 1 à 400 €/hab.", "plus de 400 à 800 €/hab."]),
    ],
)
def test_lines_of_the_legend_by_hand(values, labels):
    series = pd.Series(values, dtype=float)
    classes = amount_classes(series, sorted({float(v) for v in values}))
    class_labels = [re.sub(r"\s", " ", c.label) for c in classes]
    assert class_labels == [*labels, "Non renseigné"]


@pytest.mark.parametrize("level", ["departement", "region", "epci"])
@pytest.mark.parametrize("method", ["quantiles", "naturelles", "egales"])
def test_no_two_lines_of_a_legend_read_the_same(level, method):
    for perimeter, measure in itertools.product(COMPARABLE_PERIMETERS, MEASURES):
        for stage in ("prevu", "estime"):
            choices = {"perimetre": perimeter, "etape": stage, "mesure": measure}
            view = MapParameters(
                question="budget", niveau=level, methode=method, classes="7", **choices
            )
            for line in [c for c in build_layer(view).classes if c.upper is not None][1:]:
                low, high = bounds(line.label)
                assert low < high, line


# --- sharing --------------------------------------------------------------------------------------


def test_partner_layer_shows_each_territory_s_part():
    links = query(
        "SELECT partenaire_id, count(DISTINCT territoire_code) AS n FROM mutualisations "
        "WHERE territoire_niveau = 'departement' GROUP BY ALL "
        "ORDER BY n DESC, partenaire_id LIMIT 1"
    ).iloc[0]
    layer = service_layer("departement", "ent", links["partenaire_id"])
    check(layer, "departement")
    assert layer.known == links["n"]
    name = query("SELECT nom FROM partenaires WHERE partenaire_id = ?", [links["partenaire_id"]])[
        "nom"
    ].iloc[0]
    assert name.replace("'", "’") in layer.title


@pytest.mark.parametrize("level", ["", "region", "departement", "epci"])
def test_organisations_most_cited_by_sources_come_first(level):
    """Mégalis Bretagne has 64 links, of which 7 stated: it is not the first for the others."""
    stated, deduced = set(), set()
    for row in LINKS_IN_USE:
        if level in ("", row["territoire_niveau"]):
            row_key = row["partenaire_id"], row["territoire_niveau"], row["territoire_code"]
            (stated if row["certitude"] == "explicite" else deduced).add(row_key)
    deduced -= stated
    rows = partners.partner_counts(level)
    for row in rows.itertuples():
        assert row.nb_cites == sum(partner_id == row.partenaire_id for partner_id, *_ in stated)
        assert row.nb_deduits == sum(partner_id == row.partenaire_id for partner_id, *_ in deduced)
    assert rows["nb_cites"].is_monotonic_decreasing
    assert rows[["nb_cites", "nb_deduits"]].sum().sum() == len(stated) + len(deduced)


def test_an_unknown_partner_gives_a_map_where_nothing_is_known():
    layer = service_layer("region", "ent", "inconnu")
    check(layer, "region")
    assert layer.known == 0


def test_a_region_served_in_part_is_not_coloured_as_served():
    layer = service_layer("region", "infrastructures_thd")
    check(layer, "region")
    rows = layer.data.set_index("territoire_code")
    assert rows.loc["11", "classe"] == rows.loc["24", "classe"] == "explicite_partie"
    assert "1 département sur 8, 12 % des habitants" in re.sub(r"\s", " ", rows.loc["11", "detail"])
    assert rows.loc["53", "classe"] == "explicite" and rows.loc["53", "part"] == 1
    counts = layer.counts
    partly = counts["explicite_partie"] + counts.get("deduit_partie", 0)
    assert f"dont {partly} sur une partie seulement" in map_layers.describe_coverage(layer)


@pytest.mark.parametrize("level", MAP_LEVELS)
def test_an_unknown_area_has_no_share(level):
    # of services that nobody there has, one map is enough
    services = {row["service"] for row in LINKS_IN_USE if row["territoire_niveau"] == level}
    for service in sorted(services | {"e_sante"}):
        rows = service_layer(level, service).data
        has_share = rows["detail"].str.contains("%")
        assert (has_share == (rows["part"] < 1)).all() and (
            has_share == rows["classe"].str.endswith("_partie")
        ).all()
        unknown = rows["part"].isna() & (rows["classe"] != "aucun")
        assert (rows["detail"].str.contains("aire non renseignée") == unknown).all()


@pytest.mark.parametrize(
    ("choices", "expected"),
    [
        ({"niveau": "region"}, r"\. 18 régions avec un document connu sur 18\.$"),
        (
            {"famille": "interne"},
            r"^Aucun document de cette sorte relevé pour les 101 départements\.$",
        ),
        (
            {"annee": "2012"},
            r"cette année-là .* daté de 2012 ou d’avant sur 101 ; aucun document daté d’alors ou "
            r"d’avant n’est connu pour \d+ départements\.$",
        ),
    ],
)
def test_the_summary_of_coverage_says_of_which_documents(choices, expected):
    layer = build_layer(MapParameters(**choices))
    words = re.sub(r"\s", " ", map_layers.describe_coverage(layer))
    assert re.search(expected, words), words
    assert "Pas encore" not in " ".join(line.label for line in layer.classes)


def test_summary_counts_what_is_known_and_what_is_not():
    layer = budget("departement", "infrastructures", "prevu")
    sentence = map_layers.describe_coverage(layer)
    assert re.search(rf"\b{layer.known}\b", sentence) and re.search(
        rf"\b{101 - layer.known}\b", sentence
    )
    assert "département" in sentence
