"""Profile of a territory: its tables agree with the packages, each with its source."""

import re
from collections import Counter
from types import SimpleNamespace

import pandas as pd
import pytest
from recounted import (
    MEMBERS,
    OWN,
    STATES,
    STRATEGIES,
    TERRITORIES,
    facts,
    named_ranks,
    names_no_document,
    of_a_part,
    rank,
)

from comparisons.analysis import profile, profile_tables
from comparisons.analysis.themes.similar_strategies import has_candidates
from comparisons.database.connection import query
from comparisons.formatting import (
    MISSING,
    curly_apostrophes,
    format_euros,
    format_euros_per_inhabitant,
    format_partial_date,
)
from comparisons.queries import budgets, strategies
from comparisons.queries.territories import contained_codes
from comparisons.schema.model import code_label, family_of, vocabulary_codes
from comparisons.settings import REFERENCE_DIR

pytestmark = pytest.mark.usefixtures("database")

RICH = ["departement-24", "region-53", "region-84", "commune-75056", "epci-200054781"]


@pytest.fixture(scope="module")
def profiles(database) -> dict[str, profile.Profile]:
    return {
        key: profile.load_profile(key)
        for key in [*RICH, "commune-29155", "departement-35", "departement-976"]
    }


def pair(key: str) -> tuple[str, str]:
    return tuple(key.split("-"))


# --- priorities -----------------------------------------------------------------------------------


@pytest.mark.parametrize("key", RICH)
def test_an_axis_is_read_under_each_of_its_themes(profiles, key):
    table = profile_tables.priorities_by_theme(profiles[key].priorities)
    expected = sorted(
        (code_label("themes", theme), curly_apostrophes(axis["intitule"]))
        for axis in facts("priorites")
        if axis["strategie_id"] in OWN[pair(key)]
        for theme in {axis["theme"], *axis["themes_secondaires"].split("|")} - {""}
    )
    assert table.empty == (not expected)
    if table.empty:
        return
    # each line names its theme, in the order of the vocabulary
    order = [code_label("themes", code) for code in vocabulary_codes("themes")]
    theme_positions = [order.index(name) for name in table["Thème"]]
    assert theme_positions == sorted(theme_positions)
    assert sorted(zip(table["Thème"], table["Intitulé"], strict=True)) == expected
    assert table["Source"].str.match(r"\[.+\]\(https?://").all()


@pytest.mark.parametrize("key", RICH)
def test_an_axis_has_a_rank_among_those_that_its_document_names(profiles, key):
    ranks = named_ranks()
    territory_axes = [axis for axis in facts("priorites") if axis["strategie_id"] in OWN[pair(key)]]
    axis_counts = Counter(id_ for id_, _ in ranks)
    expected = []
    for axis in territory_axes:
        id_, rank = axis["strategie_id"], ranks.get((axis["strategie_id"], axis["rang"]))
        expected.append(
            (
                curly_apostrophes(STRATEGIES[id_]["titre"]),
                f"{rank} sur {axis_counts[id_]}" if rank else "relevé par nous",
            )
        )
    table = profile_tables.priorities_table(profiles[key].priorities)
    if not territory_axes:
        assert table.empty
        return
    titles = table.get("Document", pd.Series(expected[0][0], index=table.index))
    assert sorted(zip(titles, table["Axe"], strict=True)) == sorted(expected)


def test_a_territory_without_priorities_has_an_empty_table(profiles):
    assert profile_tables.priorities_by_theme(profiles["commune-29155"].priorities).empty


# --- sources --------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", RICH)
def test_every_source_of_the_page_is_listed_once_with_what_it_states(profiles, key):
    tables = {
        "stratégies": "strategies",
        "priorités": "priorites",
        "budgets": "budgets",
        "indicateurs": "indicateurs",
    }
    subjects_by_source: dict[str, list[str]] = {}
    for subject, name in tables.items():
        for row in facts(name):
            here = (row.get("territoire_niveau"), row.get("territoire_code")) == pair(key)
            if here if name == "indicateurs" else row["strategie_id"] in OWN[pair(key)]:
                subjects_by_source.setdefault(row["source_id"], []).append(subject)
    sources_table = profiles[key].sources
    assert sources_table["source_id"].is_unique
    for row in sources_table.itertuples():
        subjects = [subject for subject in row.sujets if subject != "partenaires"]
        assert subjects == list(dict.fromkeys(subjects_by_source.pop(row.source_id, []))), (
            row.source_id
        )
    assert not subjects_by_source
    table = profile_tables.sources_table(profiles[key].sources)
    assert len(table) == len(sources_table) and not table.isna().any(axis=None)
    assert table["Source"].str.match(r"\[.+\]\(https?://").all()
    # the last day on which a second reader found the page again
    again: dict[str, str] = {}
    for row in facts("relectures"):
        if row["page_retrouvee"] == "oui":
            again[row["source_id"]] = max(row["relu_le"], again.get(row["source_id"], ""))
    days = sources_table["source_id"].map(again)
    assert (
        list(table["Relue le"]) == [format_partial_date(day) for day in days] and days.notna().any()
    )
    assert list(table["Source"].str.contains("↻", regex=False)) == list(days.notna())


def test_identity_says_where_people_and_area_come_from(profiles):
    for key, year in (("departement-35", "2023"), ("departement-976", "2017")):
        assert TERRITORIES[pair(key)]["population_annee"] == year
        sentence = profile.identity_sources(profiles[key])
        assert f"population municipale {year}, Insee" in sentence and "IGN" in sentence


# --- budgets --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def money(database) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return all amounts of the corpus, and the table that shows them."""
    rows = budgets.budget_lines(sorted(STRATEGIES))
    return rows, profile_tables.budgets_table(rows)


def test_parts_are_under_their_whole_and_indented(money):
    rows, table = money
    facts_ = {row["budget_id"]: row for row in facts("budgets")}
    assert sorted(rows["budget_id"]) == sorted(facts_)
    path: list[str] = []
    for id_, displayed_row in zip(rows["budget_id"], table.itertuples(), strict=True):
        depth = displayed_row.Objet.count("↳ ")
        path = [*path[:depth], id_]
        assert facts_[id_]["inclus_dans"] == (path[-2] if depth else "")
        assert displayed_row.Objet == "↳ " * depth + curly_apostrophes(facts_[id_]["libelle"])
        assert format_euros(float(facts_[id_]["montant"])) in displayed_row.Montant
        inferred = displayed_row.Montant.endswith("\xa0(déduit)")
        assert inferred == (facts_[id_]["certitude"] == "deduit")
        amount = displayed_row.Montant.removesuffix("\xa0(déduit)")
        assert amount.endswith(" par an") == bool(facts_[id_]["recurrence"])
        assert displayed_row.Montant.startswith("environ ") == (
            facts_[id_]["approximatif"] == "oui"
        )
        assert (table.columns[0] == "Document") and displayed_row.Document


def test_euros_per_head_are_those_of_the_comparable_amounts(money):
    rows, table = money
    key = ["strategie_id", "perimetre", "etape", "nature", "recurrence", "annee_debut", "annee_fin"]
    wholes = rows[rows["profondeur"] == 0]
    alone = wholes.groupby(key, dropna=False)["budget_id"].transform("size") == 1
    comparable = query("SELECT * FROM budgets_comparables")
    merged = wholes[alone].merge(comparable, on=key, how="left", suffixes=("", "_c"))
    assert len(merged) > 200
    euros_per_head = table["€/habitant"]
    for index, row in zip(wholes[alone].index, merged.itertuples(), strict=True):
        if pd.isna(row.euros_par_habitant):  # nobody knows whom it is for
            assert euros_per_head[index] == MISSING
            continue
        yearly = isinstance(row.recurrence, str)
        figure = re.sub(r"\s|€.*", "", euros_per_head[index].removeprefix("moins de "))
        number = float(figure.replace(",", "."))
        assert number > 0
        rounding = 0.011 if row.euros_par_habitant < 10 else 0.51
        assert number == pytest.approx(row.euros_par_habitant, abs=rounding)
        assert euros_per_head[index].endswith("€/hab./an" if yearly else "€/hab.")
        assert (
            euros_per_head[index].split("\xa0")[1:]
            == format_euros_per_inhabitant(number, yearly).split("\xa0")[1:]
        )
    assert set(euros_per_head[rows["profondeur"] > 0]) == {"inclus ci-dessus"}


def test_a_rounded_indicator_is_marked_approximate(database):
    territories = query("SELECT * FROM territoires").itertuples()
    keys = [f"{row.territoire_niveau}-{row.territoire_code}" for row in territories]
    rows = strategies.indicators(keys)
    table = profile_tables.indicators_table(rows)
    is_rounded = table["Valeur"].str.startswith("environ ")
    assert is_rounded.sum() == sum(row["approximatif"] == "oui" for row in facts("indicateurs")) > 0
    assert len(table) == len(facts("indicateurs"))


def test_a_funder_is_named_or_of_a_kind_or_not_known(money):
    rows, table = money
    for row, funder in zip(rows.itertuples(), table["Financeur"], strict=True):
        if isinstance(row.financeur_nom, str):
            assert funder.lower() == curly_apostrophes(row.financeur_nom).lower()
        elif isinstance(row.financeur_type, str):
            assert funder == code_label("financeurs", row.financeur_type)
        else:
            assert funder == MISSING


# --- around ---------------------------------------------------------------------------------------


def borders(level: str, code: str) -> list[str]:
    """Neighbours of a territory, the longest border first."""
    rows = pd.read_parquet(REFERENCE_DIR / "voisins.parquet")
    rows = rows[(rows["territoire_niveau"] == level) & (rows["territoire_code"] == code)]
    ordered = sorted(rows.itertuples(), key=lambda row: (-row.longueur_km, row.voisin_code))
    return [row.voisin_code for row in ordered]


@pytest.mark.parametrize("key", ["departement-24", "departement-35", "region-53"])
def test_neighbours_with_strategies_come_longest_border_first(key):
    level, code = pair(key)
    rows = profile.neighbour_strategies(key)
    around = borders(level, code)
    assert rows.attrs["nb_voisins"] == len(around)
    assert list(rows["cle"]) == [f"{level}-{c}" for c in around if OWN[level, c]]
    for row in rows.itertuples():
        speaking = min(OWN[pair(row.cle)], key=rank)
        assert (row.titre, row.etat) == (STRATEGIES[speaking]["titre"], STATES[speaking])
        assert row.nom == TERRITORIES[pair(row.cle)]["nom"]


@pytest.mark.parametrize("key", ["commune-29155", "region-01"])  # islands
def test_an_island_has_no_neighbour(key):
    rows = profile.neighbour_strategies(key)
    assert rows.empty and rows.attrs["nb_voisins"] == 0
    assert profile.describe_neighbours(rows) == "Ce territoire n’a pas de voisin de même niveau."


@pytest.mark.parametrize(
    "key", ["departement-21", "departement-24", "departement-35", "region-11", "region-53",
            "epci-243500139"],
)  # fmt: skip
def test_neighbours_are_counted_by_kind_and_state(key):
    """Their documents are read again, each neighbour in one case."""
    searched = {(row["territoire_niveau"], row["territoire_code"]) for row in facts("recherches")}
    level, code = pair(key)
    expected = Counter()
    for around in borders(level, code):
        neighbour_documents = OWN[level, around]
        named_documents = [
            id_
            for id_ in neighbour_documents
            if not names_no_document(id_) and not of_a_part(id_, (level, around))
        ]
        states = {STATES[id_] for id_ in named_documents}
        whole = {
            STATES[id_]
            for id_ in named_documents
            if family_of(STRATEGIES[id_]["type"]) == "ensemble"
        }
        if whole & {"adoptee", "en_revision"}:
            expected["ensemble"] += 1
        elif whole - {"terminee", "en_elaboration"}:
            expected["ensemble_incertaine"] += 1
        elif whole:
            expected["ensemble_hors_vigueur"] += 1
        elif states - {"terminee", "en_elaboration"}:
            expected["autre"] += 1
        elif named_documents:
            expected["hors_vigueur"] += 1
        elif neighbour_documents:
            expected["page_ou_partie"] += 1
        else:
            was_searched = (level, around) in searched
            expected["non_trouvee" if was_searched else "non_cherchee"] += 1
    rows = profile.neighbour_strategies(key)
    assert rows.attrs["nb_par_cas"] == expected
    assert sum(expected.values()) == rows.attrs["nb_voisins"]


def test_an_overall_strategy_in_preparation_is_no_document_on_one_subject():
    state = {"terminee", "en_elaboration"}
    key = next(
        neighbour
        for (level, code), ids in sorted(OWN.items())
        if level == "departement"
        and {STATES[id_] for id_ in ids if family_of(STRATEGIES[id_]["type"]) == "ensemble"
             and not names_no_document(id_)} & state
        and not {STATES[id_] for id_ in ids if family_of(STRATEGIES[id_]["type"]) == "ensemble"
                 and not names_no_document(id_)} - state
        for neighbour in borders(level, code)
    )  # fmt: skip
    rows = profile.neighbour_strategies(f"departement-{key}")
    assert "stratégie d’ensemble terminée ou en préparation" in profile.describe_neighbours(rows)


def test_one_neighbour_may_have_several_documents_on_one_subject_each():
    """Grand Est has ten."""
    text = profile.describe_neighbours(profile.neighbour_strategies("region-11"))
    assert text.endswith("1 n’a de documents nommés que sur un sujet chacun.")


def test_neighbours_nobody_looked_for_are_no_zero():
    sentence = profile.describe_neighbours(profile.neighbour_strategies("commune-01033"))
    assert "pas encore été cherché" in sentence and not re.search(r"\b0\b", sentence)


# --- wider documents ------------------------------------------------------------------------------


def test_a_wider_document_is_named_by_its_bearer():
    """The SDAN of Limousin is filed under Creuse, and borne by Dorsal: Tulle is not in Creuse."""
    rows = strategies.enclosing_strategies("commune-19272").set_index("strategie_id")
    plan = rows.loc["departement-23-sdtan-2012"]
    assert (plan["nom"], plan["cle"]) == ("Dorsal", "departement-19")
    assert plan["aire"] == "commun à la Corrèze, à la Creuse et à la Haute-Vienne"
    unknown = rows.loc["departement-19-feuille_route_inclusion-nd"]
    assert (unknown["nom"], unknown["aire"]) == ("Couvre la Corrèze", "")


def test_a_wider_document_leads_to_a_territory_that_contains_one():
    """No commune is sent to a territory it does not lie in; nobody is named without a source."""
    for key in ("commune-19272", "commune-48095", "epci-200071876", "departement-04"):
        level, code = pair(key)
        rows = strategies.enclosing_strategies(key)
        assert len(rows)
        for row in rows.itertuples():
            assert MEMBERS[pair(row.cle)] & MEMBERS[level, code], row
            assert row.strategie_id in OWN[pair(row.cle)]
            bearer = STRATEGIES[row.strategie_id]["porteur_nom"]
            assert row.nom == curly_apostrophes(bearer) if bearer else row.nom.startswith("Co")


def test_only_documents_with_a_list_long_enough_lead_to_the_closest():
    """Three named axes at least, as has another document of the family (`themes.closest`)."""
    axis_counts = Counter(id_ for id_, _ in named_ranks())
    long = {id_ for id_, count in axis_counts.items() if count >= 3}
    families = {id_: family_of(row["type"]) for id_, row in STRATEGIES.items()}
    alike = Counter(families[id_] for id_ in long)
    rows = strategies.strategies_of([f"{level}-{code}" for level, code in OWN])
    rows = rows.drop_duplicates("strategie_id")
    led = {
        row.strategie_id
        for row in rows.itertuples()
        if has_candidates(row.strategie_id, row.famille, row.nb_priorites_nommees)
    }
    assert led == {id_ for id_ in long if alike[families[id_]] > 1}
    assert 0 < len(led) < (rows["nb_priorites"] > 0).sum()


def test_areas_are_described_in_french():
    lot = ["le Lot", "les Landes", "l'Ain"]
    assert strategies.bearer(None, lot) == ("Commun au Lot, aux Landes et à l’Ain", "")
    assert strategies.bearer("Dorsal", lot)[1] == "commun au Lot, aux Landes et à l’Ain"
    assert strategies.bearer("A", ["la Région"] * 8) == ("A", "commun à 8 territoires")


def test_territories_inside_another_whole_or_in_part():
    for level in ("commune", "epci"):
        for key in ("departement-35", "region-53", "departement-84"):
            wide = MEMBERS[pair(key)]
            expected = sorted(
                code for kind, code in TERRITORIES if kind == level and MEMBERS[kind, code] & wide
            )
            assert contained_codes(level, key) == expected
    # a straddling intercommunality lies in each of its départements
    assert "200054807" in contained_codes("epci", "departement-84")
    assert (
        contained_codes("region", "departement-35") == contained_codes("commune", "region-99") == []
    )


@pytest.mark.parametrize(
    ("date", "text"),
    [("2026-11-23", "le 23 novembre 2026"), ("2026-11", "en novembre 2026"), ("2026", "en 2026")],
)
def test_the_last_search_is_dated_as_one_says_it(date, text):
    row = {"resultat": "partiel", "consulte_le": date, "note": None}
    sentence = profile.describe_lookup(SimpleNamespace(searches=pd.DataFrame([row])))
    assert sentence.startswith(f"Dernière recherche {text} : ") and sentence.endswith(".")
