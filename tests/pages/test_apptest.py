"""Every page runs at every address, and agrees with the database, in French."""

import json
import re
from dataclasses import replace
from itertools import product

import pytest
import streamlit as st
from effort import some
from visits import MARKUP

from comparisons.analysis.comparison.comparison import compare
from comparisons.database.connection import query
from comparisons.formatting import curly_apostrophes, format_partial_date
from comparisons.page_parameters import (
    COMPARABLE_PERIMETERS,
    MAP_LEVELS,
    MAP_QUESTIONS,
    MEASURES,
    SHARED_SERVICES_TABS,
)
from comparisons.queries import strategies
from comparisons.queries.partners import IN_USE
from comparisons.schema.model import code_label, vocabulary_codes
from comparisons.schema.territory import LEVEL_NOUNS, parse_key
from comparisons.ui.comparison_grid import grid_html

PAGES = ("carte", "territoire", "comparer", "pairs")
TERRITORIES = [
    "region-53",
    "region-01",  # a région that is a département too
    "region-94",
    "departement-2A",  # a collectivité that is a région
    "departement-75",  # a département that is a commune
    "departement-69",  # a département that lost a métropole
    "departement-67",  # half of the Collectivité européenne d’Alsace
    "departement-976",
    "departement-971",  # facts, but no strategy
    "epci-200054781",  # Métropole du Grand Paris
    "epci-200057867",  # one of its établissements publics territoriaux
    "commune-75056",
    "commune-15031",  # no area, hence no density
]


def value(sql: str, *parameters: object) -> object:
    return query(sql, parameters).iloc[0, 0]


def size(level: str) -> int:
    return value("SELECT count(*) FROM territoires WHERE territoire_niveau = ?", level)


def legend(visit) -> dict[str, int]:
    """Read the classes of the map and their counts, as its legend writes them."""
    names = [t for t in visit.figures[0] if t]
    counts = {}
    for name in names:
        text, count = re.fullmatch(r"(.*) \(([\d\s]+)\)", name).groups()
        counts[text] = int(re.sub(r"\s", "", count))
    return counts


def known_by(question: str, level: str) -> int | None:
    """Return the count of territories with a known class on the default map of a question."""
    return {
        "couverture": value(
            """SELECT count(DISTINCT couverture.territoire_code) FROM couverture
               JOIN strategies USING (strategie_id)
               WHERE couverture.territoire_niveau = ? AND portee IS DISTINCT FROM 'article'""",
            level,
        ),
        "theme": value(
            """SELECT count(DISTINCT territoire_code) FROM (
                 SELECT territoire_niveau, territoire_code FROM priorites_par_theme
                 UNION ALL  -- or a document is about it, read or not
                 SELECT territoire_niveau, territoire_code FROM couverture
                 WHERE type = 'feuille_route_inclusion' AND strategie_id IS NOT NULL)
               WHERE territoire_niveau = ?""",
            level,
        ),
        "mutualisation": value(
            """SELECT count(*) FROM services_par_territoire
               WHERE territoire_niveau = ? AND service = 'infrastructures_thd'""",
            level,
        ),
    }.get(question)


# --- every page ----------------------------------------------------------------------------------


def test_a_page_without_a_choice_says_what_it_is_for(visit):
    for where, sentence in (
        ("carte", "Qui a une stratégie numérique ?"),
        ("territoire", "Cherchez une région, un département, une intercommunalité ou une commune"),
        ("comparer", "Choisissez de deux à 6 territoires, de tous niveaux"),
        ("pairs", "Choisissez votre territoire par la recherche ci-dessus"),
        ("methode", "Inconnu n’est pas zéro."),
    ):
        visit.open(where)
        assert sentence in visit.text
        assert visit.address == {}
        assert visit.warnings == []


@pytest.mark.parametrize("where", PAGES)
def test_wrong_territories_are_ignored_with_a_sentence(visit, where):
    for keys in (
        "<script>alert(1)</script>",
        MARKUP,
        "departement-999",
        "departement-AB",
        "commune-99999",
        "region",
        "’; DROP TABLE territoires; --",
        [f"commune-{number:05}" for number in range(1, 61)],
    ):
        visit.open(where, t=keys)
        assert visit.leaks == [] and visit.raw_markup == []
        warnings = ("n’est pas un territoire", "Aucun territoire")
        assert where == "carte" or any(words in " ".join(visit.warnings) for words in warnings), (
            keys
        )
    for keys in ("departement-35,departement-22", "departement-35,", " departement-35"):
        visit.open(where, t=keys)
        assert visit.leaks == []


def test_the_map_says_that_a_territory_does_not_exist(visit):
    visit.open("carte", t="departement-999")
    assert any("Aucun territoire" in warning for warning in visit.warnings)


def test_a_wrong_choice_is_ignored_and_the_right_ones_are_given(visit):
    for name in ("niveau", "question", "famille", "theme", "perimetre", "etape"):
        visit.open("carte", **{name: MARKUP})
        assert len(visit.warnings) == 1
        assert f"n’est pas une valeur de « {name} »" in visit.warnings[0]
        assert "valeurs possibles" in visit.warnings[0]
        assert visit.raw_markup == []
        assert visit.address == {}
        assert sum(legend(visit).values()) == size("departement")


def test_unknown_parameters_and_documents_are_of_no_effect(visit):
    visit.open("territoire", t="departement-35", utm_source="lettre", onload="alert(1)")
    assert visit.app.title[0].value == "Ille-et-Vilaine"
    visit.open("comparer", t=["departement-35", "departement-22"], doc=["inconnu", MARKUP])
    assert visit.warnings == []
    assert visit.raw_markup == []
    assert "doc" not in visit.address


@pytest.mark.parametrize("where", ["territoire", "comparer", "pairs"])
def test_the_code_of_a_former_commune_leads_to_todays(visit, where):
    former, code, name = query(
        """
        SELECT a.ancien_code, t.territoire_code, t.nom FROM anciennes_communes a
        JOIN territoires t ON t.territoire_niveau = 'commune' AND t.territoire_code = a.commune_code
        WHERE NOT EXISTS (FROM territoires x WHERE x.territoire_niveau = 'commune'
                          AND x.territoire_code = a.ancien_code)
        ORDER BY a.ancien_code LIMIT 1
        """
    ).iloc[0]
    visit.open(where, t=f"commune-{former}")
    assert f"Le code {former} n’est plus celui d’une commune" in visit.text
    assert f"c’est aujourd’hui {name} ({code})." in visit.text
    assert ("territoire", f"t=commune-{code}") in visit.links


def test_todays_commune_is_not_taken_for_a_former_one(visit):
    visit.open("territoire", t="commune-01033")
    assert visit.app.title[0].value == "Valserhône"
    assert visit.warnings == []


def test_the_method_explains_every_twin_and_how_to_cite(visit):
    text = visit.open("methode").text
    for sentence in query("SELECT DISTINCT explication FROM jumeaux")["explication"]:
        assert sentence in text
    assert value("SELECT version FROM jeu_de_donnees") in text
    assert "2023 ; Mayotte 2017" in text
    assert "partiellement conforme" in text


# --- Carte ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("level", MAP_LEVELS)
@pytest.mark.parametrize("question", MAP_QUESTIONS)
def test_each_question_is_answered_for_all_territories_of_a_level(visit, question, level):
    visit.open("carte", question=question, niveau=level)
    counts = legend(visit)
    assert sum(counts.values()) == size(level)
    assert visit.leaks == []
    known_count = known_by(question, level)
    words = (
        r"([\d ]+) (?:ont|a) un document connu"
        if question == "couverture"
        else rf"([\d ]+) {LEVEL_NOUNS[level]}s? avec une information"
    )
    match = re.search(words, visit.text)
    stated_count = int(match[1].replace(" ", "")) if match else 0
    assert match or f"Rien n’est connu pour les {size(level):_}".replace("_", " ") in visit.text
    assert stated_count == (
        sum(counts.values()) - counts["Non renseigné"] if known_count is None else known_count
    )
    # beside the map, those of whom something is known; below, all of them once asked for
    ranked = visit.app.dataframe
    assert [len(table.value) for table in ranked] == [stated_count] * (stated_count > 0)
    assert len(visit.unfold("carte:tableau").app.dataframe[-1].value) == size(level)


def test_the_table_of_amounts_has_words_for_the_unknown_ones(visit):
    visit.open("carte", question="budget")
    table = visit.unfold("carte:tableau").app.dataframe[-1]
    assert table.value["valeur"].isna().any()
    assert table.proto.placeholder == "non renseigné"


def _many_maps() -> list[dict[str, str]]:
    """List choices of every question, each at a level; all communes are drawn above.

    One in three themes, services and kinds of amounts: `test_statements` counts the classes of all.
    """
    chosen = [
        {"question": "couverture", "famille": c} for c in vocabulary_codes("familles_strategie")
    ]
    chosen += [{"question": "theme", "theme": c} for c in some(vocabulary_codes("themes"), 3)]
    chosen += [
        {"question": "mutualisation", "service": code}
        for code in some(vocabulary_codes("services"), 3)
    ]
    amounts = product(COMPARABLE_PERIMETERS, vocabulary_codes("etapes"), MEASURES)
    chosen += [
        {"question": "budget", "perimetre": perimeter, "etape": stage, "mesure": measure}
        for perimeter, stage, measure in some(amounts, 3)
    ]
    return [
        {**choice, "niveau": MAP_LEVELS[position % 3]} for position, choice in enumerate(chosen)
    ]


@pytest.mark.parametrize("question", MAP_QUESTIONS)
def test_every_choice_of_a_question_has_its_map(visit, question):
    words = {"famille": "familles_strategie", "theme": "themes", "service": "services"}
    for choice in _many_maps():
        if choice["question"] != question:
            continue
        visit.open("carte", **choice)
        assert sum(legend(visit).values()) == size(choice["niveau"]), choice
        assert visit.leaks == [], choice
        assert visit.warnings == [], choice
        for name in choice.keys() & words.keys():
            assert curly_apostrophes(code_label(words[name], choice[name])) in visit.title, choice


def test_the_map_says_in_words_what_its_colours_say(visit):
    alternative = visit.open("carte", question="theme").charts[0].alt
    for text, count in legend(visit).items():
        assert f"{text} : {count}" in alternative


@pytest.mark.parametrize(("question", "key"), [("budget", "etape"), ("mutualisation", "service")])
def test_choices_of_which_nothing_is_known_are_named_and_not_offered(visit, question, key):
    visit.open("carte", question=question, niveau="epci")
    choice = visit.app.selectbox(key=f"carte:{key}")
    assert not any("rien de connu" in text for text in choice.options)
    assert "Rien de connu à ce niveau : " in choice.help
    code = {"etape": "realise", "service": "ent"}[key]
    visit.open("carte", question=question, niveau="epci", **{key: code})
    options = visit.app.selectbox(key=f"carte:{key}").options
    assert sum("rien de connu" in text for text in options) == 1


def test_choices_write_the_address(visit):
    visit.open("carte")
    visit.app.button_group(key="carte:question").set_value("theme")
    assert visit.run().address == {"question": "theme"}
    visit.app.selectbox(key="carte:theme").select("donnees")
    assert visit.run().address == {"question": "theme", "theme": "donnees"}
    assert "Données" in visit.title
    visit.app.button_group(key="carte:niveau").set_value("region")
    visit.run()
    assert visit.address == {"niveau": "region", "question": "theme", "theme": "donnees"}
    visit.app.select_slider(key="carte:annee").set_value("2018")
    assert visit.run().address["annee"] == "2018"
    assert "état en 2018" in visit.title
    visit.app.toggle(key="carte:deux").set_value(True)
    assert visit.run().address["deux"] == "oui"
    assert len(visit.charts) == 2


def test_a_territory_found_from_the_map_is_shown_on_it(visit):
    visit.open("carte", question="theme")
    before = len(visit.figures[0])
    visit.find("departement-35")
    assert visit.address == {"question": "theme", "t": "departement-35"}
    assert "## Ille-et-Vilaine" in [m.value for m in visit.app.markdown]
    assert ("territoire", "t=departement-35") in visit.links
    assert len(visit.figures[0]) == before + 1  # its outline


def test_a_commune_found_from_the_map_is_shown_in_its_departement(visit):
    visit.open("carte").find("commune-35238")
    assert visit.address == {"niveau": "commune", "zone": "departement-35", "t": "commune-35238"}
    inside = value(
        """SELECT count(*) FROM territoires
           WHERE territoire_niveau = 'commune' AND departement_code = '35'"""
    )
    assert sum(legend(visit).values()) == inside
    assert "Communes d’Ille-et-Vilaine" in visit.title


def test_a_zone_wider_than_no_level_is_left_out_of_the_address(visit):
    visit.open("carte", niveau="region", zone="departement-35")
    assert visit.address == {"niveau": "region"}
    visit.open("carte", niveau="commune", zone="departement-999")
    assert visit.address == {"niveau": "commune"}
    assert any("departement-999" in warning for warning in visit.warnings)


def test_a_year_out_of_range_is_reported(visit):
    visit.open("carte", annee="1950")
    assert any("L’année 1950 n’est pas couverte" in warning for warning in visit.warnings)
    assert visit.address == {}


@pytest.mark.parametrize("level", MAP_LEVELS)
def test_a_strategy_of_a_wider_territory_is_seen_through_as_a_state_of_its_own(visit, level):
    own_counts = legend(visit.open("carte", niveau=level))
    through = legend(visit.open("carte", niveau=level, larges="oui"))
    assert sum(through.values()) == sum(own_counts.values())
    covered_counts = {
        text: count for text, count in through.items() if text.startswith("Dans l’aire")
    }
    assert bool(covered_counts) == (level in ("commune", "epci"))
    counted_labels = [
        text for text in own_counts if "eulement" in text or text.startswith("Stratégie d’ensemble")
    ]
    assert counted_labels and all(through[text] == own_counts[text] for text in counted_labels)


def test_a_map_is_made_once_and_no_reader_changes_it(new_visit, monkeypatch):
    traces_drawn, texts, draw = [], [], st.plotly_chart

    def drawing(figure, **more):
        traces = figure.to_dict()["data"]
        texts.append(json.dumps(traces, default=str))
        event = draw(figure, **more)
        traces_drawn.append(traces)
        return event

    monkeypatch.setattr(st, "plotly_chart", drawing)
    for _ in range(2):
        new_visit().run()
    first_traces, second_traces = traces_drawn
    assert all(first is second for first, second in zip(first_traces, second_traces, strict=True))
    assert texts[0] == texts[1] == json.dumps(second_traces, default=str)


def test_two_maps_have_one_scale(visit):
    visit.open("carte", question="budget", deux="oui", etape_2="vote", methode="egales")
    first, second = ({re.sub(r" \([\d ]+\)$", "", name) for name in f} for f in visit.figures)
    assert first != second
    assert len(first | second) <= 6  # five classes, and the unknown


def test_typed_class_bounds_are_used_and_wrong_ones_are_reported(visit):
    classes = legend(
        visit.open("carte", question="budget", methode="propres", bornes="100 ; 300,5")
    )
    # too few amounts of one object: each is cited for what it is
    assert [text for text in classes if text.startswith("Cité : ")]
    assert sum(classes.values()) == size("departement")
    visit.open("carte", question="budget", methode="propres", bornes="beaucoup")
    assert any("séparés par des points-virgules" in warning for warning in visit.warnings)


# --- the basket ----------------------------------------------------------------------------------


def test_the_basket_follows_from_page_to_page_and_is_in_the_address(visit):
    visit.open("territoire", t="departement-35")
    visit.app.button(key="panier:territoire").click()
    assert visit.run().address == {"t": "departement-35", "panier": "departement-35"}
    visit.find("departement-22")
    assert visit.address["panier"] == "departement-35"
    visit.app.button(key="panier:territoire").click()
    visit.run()
    visit.open("carte", panier=["departement-35", "departement-22"])
    assert visit.address == {"panier": ["departement-35", "departement-22"]}
    assert ("comparer", "t=departement-35&t=departement-22") in visit.links
    visit.app.button(key="panier:retirer:departement-35").click()
    assert visit.run().address == {"panier": "departement-22"}


def test_someone_elses_address_brings_its_basket_without_what_does_not_exist(visit):
    visit.open("carte", panier=["departement-35", "departement-999", MARKUP])
    assert visit.address["panier"] == "departement-35"
    assert visit.raw_markup == []


def test_a_full_basket_takes_no_seventh(visit):
    keys = [f"departement-{code}" for code in ("22", "29", "44", "49", "53", "56")]
    visit.open("territoire", t="departement-35", panier=keys)
    visit.app.button(key="panier:territoire").click()
    visit.run()
    assert "Le panier est plein" in visit.app.toast[0].value
    assert visit.address["panier"] == keys


def test_an_organisation_of_another_level_is_not_replaced_by_a_third(visit):
    only_here = value(
        """
        SELECT partenaire_id FROM mutualisations GROUP BY ALL
        HAVING bool_and(territoire_niveau = 'departement') ORDER BY 1 LIMIT 1
        """
    )
    visit.open("carte", question="mutualisation", partenaire=only_here)
    assert visit.address["partenaire"] == only_here
    visit.app.button_group(key="carte:niveau").set_value("region")
    visit.run()
    assert visit.address in (
        {"question": "mutualisation", "niveau": "region"},
        {"question": "mutualisation", "niveau": "region", "partenaire": only_here},
    )


@pytest.mark.parametrize("partner", ["inconnu", MARKUP])
def test_an_unknown_organisation_is_ignored_with_a_sentence(visit, partner):
    visit.open("carte", question="mutualisation", partenaire=partner)
    assert visit.raw_markup == []
    assert visit.address == {"question": "mutualisation"}
    assert len(visit.warnings) == 1


# --- Territoire ----------------------------------------------------------------------------------


@pytest.mark.parametrize("key", TERRITORIES)
def test_the_page_of_a_territory_agrees_with_the_database(visit, key):
    territory = parse_key(key)
    its_code = [territory.niveau, territory.code]
    row = query(
        "SELECT * FROM territoires WHERE territoire_niveau = ? AND territoire_code = ?", its_code
    ).iloc[0]
    documents = strategies.strategies_of([key])["titre"]
    visit.open("territoire", t=key)
    assert visit.leaks == []
    assert visit.warnings == []
    assert visit.address == {"t": key}
    assert visit.app.title[0].value == curly_apostrophes(row["nom"])
    text = re.sub(r"\s", "", visit.text)
    assert f"{row['population']}habitants" in text
    if territory.niveau != "commune":
        assert f"{row['nb_communes']}commune" in text
    counted = f"{len(documents)}document{'s' if len(documents) > 1 else ''}connu"
    assert (counted in text) == (len(documents) > 0)
    for title in documents:
        assert curly_apostrophes(title) in visit.text
    sheets = [expander.label for expander in visit.app.expander if " · " in expander.label]
    assert len(sheets) == len(documents)
    explanations = query(
        """SELECT explication FROM jumeaux WHERE (territoire_niveau, territoire_code) = ($1, $2)
           OR (jumeau_niveau, jumeau_code) = ($1, $2)""",
        its_code,
    )["explication"]
    for sentence in explanations:
        assert sentence in visit.text
    for chart in visit.charts:
        assert re.match(
            rf"Frise des stratégies : {len(documents)} document|Montants connus|Carte\.",
            chart.alt.replace("\xa0", " "),
        )


@pytest.mark.parametrize(
    ("result", "sentence"),
    [
        ("non_trouve", "Aucune stratégie trouvée (recherche du {date})."),
        ("partiel", "Des éléments connus, aucune stratégie trouvée (recherche du {date})."),
    ],
)
def test_a_territory_without_a_strategy_says_why(visit, result, sentence):
    key, date = query(
        """
        SELECT r.territoire_niveau || '-' || r.territoire_code, r.consulte_le FROM recherches r
        WHERE r.resultat = ? AND NOT EXISTS (
            FROM territoires_couverts t WHERE t.territoire_niveau = r.territoire_niveau
            AND t.territoire_code = r.territoire_code)
        ORDER BY 1 LIMIT 1
        """,
        [result],
    ).iloc[0]
    visit.open("territoire", t=key)
    assert sentence.format(date=format_partial_date(date)) in visit.text
    assert "Non renseigné : stratégies, priorités, budgets" in visit.text
    assert visit.leaks == []


def test_a_territory_never_looked_for_says_so_and_names_what_covers_it(visit):
    visit.open("territoire", t="commune-01033")
    assert "ce territoire n’a pas encore été cherché" in visit.text
    led_above = query(
        """SELECT titre FROM strategies
           WHERE territoire_niveau = 'departement' AND territoire_code = '01'
              OR territoire_niveau = 'region' AND territoire_code = '84'"""
    )["titre"]
    assert "Qui couvre ce territoire" in visit.text
    assert any(curly_apostrophes(title) in visit.text for title in led_above)
    assert ("territoire", "t=departement-01") in visit.links


@pytest.mark.parametrize("code", ["35", "50"])  # with six neighbours, and with three
def test_all_neighbours_are_offered_side_by_side_or_those_left_out_are_named(visit, code):
    nearest = query(
        """SELECT 'departement-' || voisin_code AS cle, nom FROM voisins v
           JOIN territoires t ON t.territoire_niveau = v.territoire_niveau
            AND t.territoire_code = v.voisin_code
           WHERE v.territoire_niveau = 'departement' AND v.territoire_code = ?
           ORDER BY longueur_km DESC""",
        [code],
    )
    keys = [f"departement-{code}", *nearest["cle"][:5]]
    visit.open("territoire", t=f"departement-{code}")
    assert ("comparer", "&".join(f"t={key}" for key in keys)) in visit.links
    assert ("(5 sur 6)" in visit.text) == (len(nearest) == 6)
    visit.open("comparer", t=keys)
    for name in nearest["nom"][5:]:
        assert f"Non retenus, faute de place : {curly_apostrophes(name)}." in visit.text
    assert ("Non retenus" in visit.text) == (len(nearest) > 5)


def test_amounts_are_those_of_the_database(visit):
    key = value(
        """SELECT s.territoire_niveau || '-' || s.territoire_code FROM budgets
           JOIN strategies s USING (strategie_id) WHERE montant >= 1e6 AND recurrence IS NULL
           GROUP BY ALL ORDER BY count(*) DESC, 1 LIMIT 1"""
    )
    visit.open("territoire", t=key)
    amounts_table = visit.table_with("Montant")
    amounts = query(
        "SELECT * FROM budgets WHERE list_contains(?, strategie_id)",
        [list(strategies.strategies_of([key])["strategie_id"])],
    )
    assert len(amounts_table) == len(amounts)
    assert "non renseigné" in set(amounts_table.to_numpy().flat)
    displayed_amounts = set(amounts_table["Montant"])
    for amount in amounts.loc[(amounts["montant"] >= 1e6) & (amounts["montant"] < 1e9), "montant"]:
        figure = f"{round(amount / 1e6, 1):g}".replace(".", ",")
        assert any(figure in re.sub(r"\s", "", text) for text in displayed_amounts), amount


# --- Comparer ------------------------------------------------------------------------------------


def test_territories_of_several_levels_are_compared_with_a_warning(visit):
    keys = ["region-53", "departement-35", "epci-243500139", "commune-35238"]
    visit.open("comparer", t=keys)
    assert visit.address == {"t": keys}
    assert [w for w in visit.warnings if "ne sont pas de même niveau" in w]
    assert visit.leaks == []
    table = visit.table_with_row("Population")
    assert len(table.columns) == 4
    people = [re.sub(r"\D", "", text) for text in table.loc["Population"]]
    for key, displayed in zip(keys, people, strict=True):
        territory = parse_key(key)
        assert displayed == str(
            value(
                """SELECT population FROM territoires
                   WHERE territoire_niveau = ? AND territoire_code = ?""",
                territory.niveau,
                territory.code,
            )
        )


def test_six_territories_at_most(visit):
    keys = [f"departement-{code}" for code in ("22", "29", "35", "44", "49", "53", "56")]
    visit.open("comparer", t=keys)
    assert visit.address == {"t": keys[:6]}
    assert "Seuls les 6 premiers territoires sont gardés." in visit.warnings
    assert len(visit.table_with_row("Population").columns) == 6
    assert visit.leaks == []
    assert not [w for w in visit.warnings if "même niveau" in w]


def test_the_same_territory_twice_is_one_territory(visit):
    visit.open("comparer", t=["departement-35", "departement-35"])
    assert "Choisissez de deux à 6 territoires" in visit.text


def test_texts_of_the_grid_are_escaped(database):
    compared = compare((parse_key("region-53"), parse_key("region-52")))
    hostile = replace(compared, cells=compared.cells.assign(texte=MARKUP, libelle=MARKUP))
    html = grid_html(hostile)
    assert "<img" not in html and "&lt;img" in html


def test_two_editions_of_a_territory_stand_side_by_side(visit):
    key, editions = query(
        """
        SELECT territoire_niveau || '-' || territoire_code AS cle,
               list(strategie_id ORDER BY strategie_id)[1:2] AS ids
        FROM territoires_couverts WHERE territoire_niveau = 'region'
        GROUP BY ALL HAVING count(*) >= 3 ORDER BY cle LIMIT 1
        """
    ).iloc[0]
    other_key = "region-53" if key != "region-53" else "region-52"
    visit.open("comparer", t=[key, other_key], doc=list(editions))
    assert visit.address == {"t": [key, other_key], "doc": list(editions)}
    titles = query(
        "SELECT titre FROM strategies WHERE list_contains(?, strategie_id)", [list(editions)]
    )["titre"]
    document_row = visit.table_with_row("Document").loc["Document"]
    assert len(document_row) == 3  # both editions, and the other territory
    for title in titles:
        assert sum(curly_apostrophes(title) in cell for cell in document_row) == 1
    assert visit.leaks == []


def test_editions_are_compared_axis_by_axis(visit):
    pairs = query(
        """SELECT s.territoire_niveau || '-' || s.territoire_code AS cle, s.remplace, s.strategie_id
           FROM strategies s
           JOIN priorites a ON a.strategie_id = s.strategie_id
           JOIN priorites b ON b.strategie_id = s.remplace
           GROUP BY ALL ORDER BY cle LIMIT 1"""
    )
    key, before, after = pairs.iloc[0]
    visit.open("comparer", t=key, mode="editions", doc=[before, after])
    assert visit.address == {"t": key, "mode": "editions", "doc": [before, after]}
    table = visit.table_with("Évolution")
    axes = query("SELECT intitule FROM priorites WHERE strategie_id IN (?, ?)", [before, after])[
        "intitule"
    ]
    for wording in axes:
        assert any(curly_apostrophes(wording) in cell for cell in table.to_numpy().flat)
    assert visit.leaks == []


def test_a_territory_without_two_editions_says_so(visit):
    for key in ("commune-01033", "departement-971", "region-01"):
        visit.open("comparer", t=key, mode="editions")
        assert "Aucune source relevée ne dit qu’un document de " in visit.text, key
        assert visit.leaks == []


@pytest.mark.parametrize("key", ["commune-35238", "epci-243500139", "departement-2A", "region-53"])
def test_the_levels_that_contain_a_territory_stand_in_one_matrix(visit, key):
    visit.open("comparer", t=key, mode="echelons")
    assert visit.warnings == []
    assert visit.leaks == []
    assert "Du plus large au plus proche" in visit.text
    name = value(
        """SELECT nom FROM territoires
           WHERE territoire_niveau || '-' || territoire_code = ?""",
        key,
    )
    assert curly_apostrophes(name) in visit.text


def test_groups_ready_to_be_compared_are_offered_and_taken(visit):
    visit.open("comparer", t="departement-35")
    neighbours = visit.app.button(key="comparer:groupe:voisins")
    assert "les 5 aux frontières les plus longues, sur 6" in neighbours.label
    neighbours.click()
    visit.run()
    nearest = query(
        """SELECT 'departement-' || voisin_code AS cle FROM voisins
           WHERE territoire_niveau = 'departement' AND territoire_code = '35'
           ORDER BY longueur_km DESC LIMIT 5"""
    )["cle"]
    assert visit.address["t"] == ["departement-35", *nearest]
    visit.app.button(key=f"comparer:retirer:{nearest[0]}").click()
    assert visit.run().address["t"] == ["departement-35", *nearest[1:]]


def test_a_territory_found_from_a_comparison_is_added_to_it(visit):
    visit.open("comparer", t="departement-35").find("departement-22")
    assert visit.address == {"t": ["departement-35", "departement-22"]}
    six = [f"departement-{code}" for code in ("22", "29", "44", "49", "53", "56")]
    visit.open("comparer", t=six).find("departement-35")
    assert visit.address == {"t": six}
    assert "6 territoires au plus" in visit.app.toast[0].value


@pytest.mark.parametrize("which", ["differences", "commun"])
def test_only_what_differs_or_is_common_is_shown_on_demand(visit, which):
    keys = ["departement-22", "departement-29", "departement-35", "departement-56"]
    rows = sum(map(len, visit.open("comparer", t=keys).tables))
    visit.app.button_group(key="comparer:montrer").set_value(which)
    visit.run()
    assert visit.address == {"t": keys, "montrer": which}
    assert 0 < sum(map(len, visit.tables)) < rows
    people = [table for table in visit.tables if "Population" in table.index]
    assert bool(people) == (which == "differences")
    assert visit.leaks == []


def test_every_sentence_of_the_summary_leads_to_its_section(visit):
    visit.open("comparer", t=["region-53", "region-52", "region-28"])
    summary = [line for m in visit.app.markdown for line in m.value.splitlines() if "](#" in line]
    links = re.findall(r"\]\(#([\w-]+)\)", "\n".join(summary))
    assert len(links) == len(summary) > 3
    assert set(links) <= set(re.findall(r'id="([\w-]+)"', visit.text))


@pytest.mark.parametrize("key", ["region-53", "departement-35", "epci-243500139"])
def test_a_comparison_starts_from_examples_or_from_groups_around_a_territory(visit, key):
    visit.open("comparer")
    examples = [query.split("&") for page, query in visit.links if page == "comparer"]
    assert len(examples) == 3
    for keys in examples:
        territories = [key.removeprefix("t=") for key in keys]
        assert visit.open("comparer", t=territories).address["t"] == territories
        assert visit.warnings == [] and "En bref" in visit.text
    visit.open("comparer", t=key)
    assert {"voisins", "pairs"} <= {
        button.key.rpartition(":")[2] for button in visit.app.button if ":groupe:" in button.key
    }


def test_the_wordings_of_a_theme_are_read_side_by_side(visit):
    rows = query(
        """
        SELECT s.territoire_code AS code, p.theme, p.intitule FROM priorites p
        JOIN strategies s USING (strategie_id) WHERE s.territoire_niveau = 'region'
        """
    )
    keys = [f"region-{code}" for code in rows["code"].drop_duplicates().head(3)]
    visit.open("comparer", t=keys)
    pills = visit.app.button_group(key="comparer:theme")
    wordings = {curly_apostrophes(text) for text in rows["intitule"]}
    before = sum(text in visit.text for text in wordings)
    pills.set_value(rows["theme"].iloc[0])
    visit.run()
    assert sum(text in visit.text for text in wordings) > before
    assert visit.leaks == []


def test_the_comparison_is_found_again_after_the_map(visit):
    keys = ["departement-35", "departement-22"]
    visit.open("comparer", t=keys)
    visit.open("carte")
    visit.open("comparer")
    assert visit.address == {"t": keys}
    assert len(visit.table_with_row("Population").columns) == 2


# --- Pairs ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["departement-53", "commune-35238"])
def test_peers_are_those_of_the_database_with_their_reasons(visit, key):
    level, code = key.split("-", 1)
    peers = query(
        """SELECT territoire_niveau || '-' || pair_code AS cle FROM pairs
           WHERE territoire_niveau = ? AND territoire_code = ? ORDER BY rang""",
        [level, code],
    )["cle"]
    visit.open("pairs", t=key)
    assert visit.address == {"t": key}
    assert visit.leaks == []
    table = visit.table_with("Stabilité")
    linked = [re.search(r"t=([\w-]+)\)", cell).group(1) for cell in table["Pair"]]
    assert linked == list(peers)
    assert ("comparer", "&".join(f"t={k}" for k in [key, *peers[:5]])) in visit.links
    assert all(re.fullmatch(r"\d+ %", cell) for cell in table["Stabilité"])
    assert all(len(cell) > 10 for cell in table["Points communs et écarts"])


def test_nobody_is_a_peer_of_a_territory_like_no_other(visit):
    alone = query(
        """SELECT territoire_niveau || '-' || territoire_code AS cle FROM territoires t
           WHERE territoire_niveau IN ('region', 'departement') AND NOT EXISTS (
               FROM pairs p WHERE p.territoire_niveau = t.territoire_niveau
               AND p.territoire_code = t.territoire_code)"""
    )["cle"]
    assert "departement-75" in set(alone)
    for key in alone:
        visit.open("pairs", t=key)
        assert "est trop différent, surtout par" in visit.text, key
        # those with a document are no peers: they are called too far
        assert "Pairs dont" not in visit.text and "ce ne sont pas des pairs" in visit.text
        assert all("trop différent" in cell for cell in visit.table_with("Écart")["Écart"])
        assert visit.leaks == []


def test_where_nothing_is_known_of_the_peers_the_nearest_known_ones_are_offered(visit):
    visit.open("pairs", t="commune-35288")
    assert set(visit.table_with("Pair")["Données connues"]) == {"rien de connu"}
    known = visit.table_with("Territoire")
    assert len(known) == 5 and all("1 document" in cell or "2 documents" in cell
                                   for cell in known["Données connues"])  # fmt: skip
    keys = [re.search(r"t=([\w-]+)\)", cell).group(1) for cell in known["Territoire"]]
    assert ("comparer", "&".join(f"t={key}" for key in ["commune-35288", *keys])) in visit.links
    assert len(visit.figures[0]) == 4  # the ground, and three groups
    assert visit.leaks == []


def test_peers_are_chosen_by_way_number_region_and_weights(visit):
    visit.open("pairs", t="departement-53")
    visit.app.select_slider(key="pairs:nombre").set_value("4")
    assert len(visit.run().table_with("Écart")) == 4
    visit.app.select_slider(key="pairs:poids:densite").set_value(0)
    visit.app.button_group(key="pairs:region").set_value("hors")
    visit.run()
    assert visit.address == {
        "t": "departement-53", "nombre": "4", "region": "hors", "poids": "densite:0",
    }  # fmt: skip
    near = set(
        query(
            """SELECT nom FROM territoires
               WHERE territoire_niveau = 'departement' AND region_code = '52'"""
        )["nom"]
    )
    assert not near & {re.sub(r"\[(.*)\].*", r"\1", c) for c in visit.table_with("Pair")["Pair"]}
    visit.app.button_group(key="pairs:maniere").set_value("voisins")
    visit.run()
    assert visit.address["maniere"] == "voisins"
    assert visit.leaks == []


def test_a_list_of_ones_own_is_kept_and_others_of_another_level_are_refused(visit):
    peer_keys = ["departement-35", "departement-22", "region-53"]
    visit.open("pairs", t="departement-53", maniere="liste", avec=peer_keys)
    assert visit.address == {"t": "departement-53", "maniere": "liste", "avec": peer_keys}
    assert len(visit.table_with("Pair")) == 2
    assert "Bretagne" in visit.text  # said not to be of the same level
    visit.app.button(key="pairs:retirer:departement-22").click()
    visit.run()
    assert "departement-22" not in visit.address["avec"]
    assert len(visit.table_with("Pair")) == 1
    assert visit.leaks == []


def test_the_position_gives_the_size_of_the_group(visit):
    for section in ("couverture", "themes", "services", "indicateurs"):
        visit.open("pairs", t="departement-53", rubrique=section)
        tables = [table for table in visit.tables if "Les pairs" in table.columns]
        assert all("pair" in cell for table in tables for cell in table["Les pairs"])
        folded = [e.label for e in visit.app.expander if "sans assez de données" in e.label]
        assert len(tables) == 2 or folded
        assert visit.leaks == []
        assert not [t for t in visit.app.table if "Rang" in t.value.columns]
    # amounts are of unlike objects: cited, without a median
    visit.open("pairs", t="departement-53", rubrique="budgets")
    assert "nous n’en donnons pas de médiane" in visit.text
    assert visit.table_with("Pourquoi non comparé")["Pourquoi non comparé"].str.len().all()


def test_ranks_are_shown_only_if_asked_for(visit):
    visit.open("pairs", t="departement-53")
    visit.app.toggle(key="pairs:rang").set_value(True)
    visit.run()
    assert visit.address["rang"] == "oui"
    assert [t for t in visit.app.table if "Rang" in t.value.columns]


def test_evidence_of_a_gap_is_one_click_away(visit):
    visit.open("pairs", t="departement-53")
    for evidence, code, column in (
        ("themes", "inclusion_mediation", "Intitulé"),
        ("services", "infrastructures_thd", "Organisme"),
    ):
        visit.app.button_group(key=f"pairs:preuve:{evidence}").set_value(code)
        visit.run()
        table = visit.table_with(column)
        assert len(table) and all("](http" in cell for cell in table["Source"])
    assert visit.leaks == []


def test_a_territory_found_from_the_peers_replaces_mine(visit):
    visit.open("pairs", t="departement-53", nombre="4").find("departement-35")
    assert visit.address == {"t": "departement-35", "nombre": "4"}


# --- Mutualiser ----------------------------------------------------------------------------------


def test_every_part_of_pooling_opens_with_any_number_of_territories(visit):
    for keys in ([], ["departement-35"], ["commune-35238", "region-53"]):
        for part in SHARED_SERVICES_TABS:
            visit.open("mutualisation", partie=part, t=keys)
            assert visit.warnings == [], (part, keys)
            assert visit.leaks == [], (part, keys)


def test_every_filter_of_the_directory_answers(visit):
    for name, vocabulary in (("service", "services"), ("forme", "formes")):
        for code in some(vocabulary_codes(vocabulary), 3):
            visit.open("mutualisation", **{name: code})
            column = "service" if name == "service" else "forme"
            table = "mutualisations" if name == "service" else "partenaires"
            in_use = f" AND {IN_USE}" if name == "service" else ""
            count = value(
                f"SELECT count(DISTINCT partenaire_id) FROM {table} WHERE {column} = ?{in_use}",
                code,
            )
            assert f"**{count} organisme" in visit.text
            assert visit.leaks == [] and visit.warnings == []


@pytest.mark.parametrize("words", ["megalis", "MÉGALIS bretagne", "archivage", MARKUP, "zzz", "%"])
def test_the_directory_is_searched_in_plain_words(visit, words):
    visit.open("mutualisation", texte=words)
    assert visit.leaks == [] and visit.raw_markup == []
    if "galis" in words.lower():
        assert "Mégalis Bretagne" in visit.text


def test_an_organisation_is_shown_with_its_members(visit):
    visit.open("mutualisation", organisme="megalis-bretagne", niveau="departement")
    members = value(
        """SELECT count(*) FROM (SELECT DISTINCT territoire_niveau, territoire_code, role
           FROM mutualisations WHERE partenaire_id = 'megalis-bretagne')"""
    )
    assert len(visit.table_with("Rôle")) == members
    assert sum(legend(visit).values()) == size("departement")
    visit.open("mutualisation", organisme="inconnu")
    assert any("n’est pas un organisme connu" in warning for warning in visit.warnings)
    assert "organisme" not in visit.address


def test_a_solution_lists_its_users(visit):
    visit.open("mutualisation", partie="solutions")
    name = value(
        """SELECT solution FROM mutualisations WHERE solution IS NOT NULL
           GROUP BY solution ORDER BY count(*) DESC, solution LIMIT 1"""
    )
    visit.app.selectbox(key="mutualisation:solution").select(name)
    visit.run()
    users = value("SELECT count(*) FROM mutualisations WHERE solution = ?", name)
    assert len(visit.table_with("Territoire")) >= users
    assert visit.leaks == []


@pytest.mark.parametrize("level", MAP_LEVELS)
def test_coverage_of_services_counts_territories_of_a_level(visit, level):
    visit.open("mutualisation", partie="couverture", niveau=level, service="infrastructures_thd")
    known_count = value(
        """SELECT count(*) FROM services_par_territoire
           WHERE territoire_niveau = ? AND service = 'infrastructures_thd'
             AND nb_partenaires_cites > 0 AND coalesce(part_population_aire, 1) = 1""",
        level,
    )
    coverage_table = visit.table_with("Part citée, au moins").set_index("Service")
    cited_text = coverage_table.loc["Réseaux très haut débit", "Cités par une source"].split(" (")[
        0
    ]
    assert int(re.sub(r"\D", "", cited_text) or 0) == known_count
    assert visit.leaks == []


def test_a_need_finds_bodies_with_reasons_in_the_stated_order(visit):
    visit.open("mutualisation", partie="avec_qui", t="departement-53", service="ent")
    assert "Peut vous accueillir" in visit.text and "Exemples ailleurs" in visit.text
    table = visit.table_with("Raisons")
    assert all(len(cell) > 10 for cell in table["Raisons"])
    for theme in ("inclusion_mediation", "donnees"):
        visit.open("mutualisation", partie="avec_qui", t="departement-53", theme=theme)
        assert visit.address["theme"] == theme
        assert visit.leaks == []


def test_a_simulation_shares_the_whole_cost_and_says_its_formula(visit):
    figures = {"fixe": "100000", "par_habitant": "0,05", "seul": "70000"}
    keys = ["departement-53", "departement-72", "departement-61"]
    visit.open("mutualisation", partie="simulateur", t=keys, **figures)
    assert visit.address == {"partie": "simulateur", "t": keys, **figures}
    costs_table = visit.table_with("Ensemble (€)")
    bounds = [
        [int(re.sub(r"\s", "", bound)) for bound in cell.split(" à ")]
        for cell in costs_table["Ensemble (€)"]
    ]
    total = sum(low + high for low, high in bounds) / 2
    people = value(
        """SELECT sum(population) FROM territoires
           WHERE territoire_niveau = 'departement' AND territoire_code IN ('53', '72', '61')"""
    )
    assert abs(total - (100_000 + 0.05 * float(people))) <= 3
    assert "Simulation" in visit.text and "Coût commun" in visit.text
    visit.app.text_input(key="mutualisation:fixe").set_value("beaucoup")
    visit.run()
    assert any("n’est pas un nombre" in warning for warning in visit.warnings)
    assert visit.leaks == []


def test_a_territory_found_from_pooling_asks_with_whom(visit):
    visit.open("mutualisation").find("departement-53")
    assert visit.address == {"t": "departement-53"}
    assert visit.table_with("Peut vous accueillir")["Besoin"].str.contains("](", regex=False).all()
    # it is mine from then on, until it is forgotten
    assert visit.open("pairs").address["t"] == "departement-53"
    visit.open("mutualisation").app.button(key="mon_territoire:oublier").click()
    assert "t" not in visit.run().address


def test_pooling_opens_on_my_territory_and_forgets_filters_from_part_to_part(visit):
    visit.open("territoire", t="departement-50").open("mutualisation")
    assert visit.address == {"t": "departement-50"}
    assert "ouvert à la Manche" in visit.text
    visit.open("mutualisation", partie="couverture", service="ent")
    visit.app.button_group(key="mutualisation:entree").set_value("organismes")
    visit.run()
    assert visit.address == {"partie": "organismes"}
    # what an address said when the directory was the first part
    visit.open("mutualisation", texte="megalis")
    assert visit.address == {"texte": "megalis"}
    assert "Mégalis Bretagne" in visit.text


def test_an_organisation_tells_its_website_or_its_page_in_the_register(visit):
    with_site, with_siren = (
        value(f"SELECT partenaire_id FROM partenaires WHERE {condition} LIMIT 1")
        for condition in ("url IS NOT NULL", "url IS NULL AND siren IS NOT NULL")
    )
    visit.open("mutualisation", organisme=with_site)
    url = value("SELECT url FROM partenaires WHERE partenaire_id = ?", with_site)
    assert "Pour le contacter" in visit.text and url in visit.text
    visit.open("mutualisation", organisme=with_siren)
    assert "https://annuaire-entreprises.data.gouv.fr/entreprise/" in visit.text
