"""Pages of data and themes: what they show agrees with the tables."""

import re
from urllib.parse import parse_qs, urlsplit

import pandas as pd
import pytest
from file_contents import plain

from comparisons.analysis.completeness.levels import completeness_by_level
from comparisons.analysis.dataset_changes import (
    before_the_last,
    changes_between,
    list_versions,
    summarise_changes,
)
from comparisons.analysis.themes.frequency import frequency, latest
from comparisons.analysis.themes.similar_strategies import (
    no_match_reason,
    searchable_strategies,
    similar_strategies,
)
from comparisons.analysis.themes.theme_profile import levels_statements, load_theme
from comparisons.database.connection import query
from comparisons.database.sandbox.examples import EXAMPLES
from comparisons.formatting import curly_apostrophes
from comparisons.queries.selection import Selection
from comparisons.schema.change_kinds import CHANGE_KINDS
from comparisons.schema.registry import tables
from comparisons.search.facets import FacetFilters
from comparisons.search.search import search_texts
from comparisons.ui.tables import LIST_ROWS


def count(table: str, condition: str = "true") -> int:
    return int(query(f"SELECT count(*) AS n FROM {table} WHERE {condition}")["n"].iloc[0])


def links(visit) -> dict[str, str]:
    """The buttons that lead to a file, by their names."""
    buttons = [e.proto for e in visit.app.main if e.type == "link_button"]
    return {button.label: button.url for button in buttons if button.label != "English"}


# --- tables ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", list(tables()))
def test_every_table_is_shown_with_its_dictionary(visit, name):
    visit.open("donnees", table=name)
    assert visit.leaks == [] and visit.warnings == []
    if count(name):
        table = visit.app.dataframe[0].value
        assert set(tables()[name].columns) <= set(table.columns)
        assert len(table) == min(count(name), 1200)
    assert f"{count(name):,}".replace(",", " ") in visit.text
    described = visit.table_with("Définition")
    assert {f"`{column}`" for column in tables()[name].columns} == set(described["Colonne"])


def test_filters_of_the_address_narrow_table_files_and_citation(visit):
    visit.open(
        "donnees",
        table="budgets",
        filtre=["perimetre:usages", "montant__gte:1000000"],
        tri="-montant",
    )
    expected = query(
        "SELECT budget_id FROM budgets WHERE perimetre = 'usages' AND montant >= 1000000 "
        "ORDER BY montant DESC"
    )
    assert visit.app.dataframe[0].value["budget_id"].tolist() == expected["budget_id"].tolist()
    for words in ("Périmètre : Usages et services", "Montant : au moins 1 000 000 €"):
        assert words in visit.text
    address = urlsplit(links(visit)["CSV"])
    assert address.path == "/api/v1/tables/budgets.csv"
    selection = Selection.from_query("budgets", parse_qs(address.query))
    assert {f.name for f in selection.filters} == {"perimetre", "montant__gte"}
    assert selection.labels and selection.order == (("montant", True),)
    assert "Sélection" in visit.app.code[-1].value
    # the browser is French: what its Excel opens comes first
    title, address = next(iter(links(visit).items()))
    assert title == "CSV pour Excel en français"
    assert Selection.from_query("budgets", parse_qs(urlsplit(address).query)).for_excel


def test_a_filter_is_added_and_taken_out(visit):
    visit.open("donnees", table="budgets")
    visit.app.selectbox(key="donnees:colonne").set_value("perimetre").run()
    visit.app.multiselect(key="donnees:valeur:perimetre:").set_value(["usages"]).run()
    visit.app.button(key="donnees:ajouter").click()
    visit.run()
    assert visit.address["filtre"] in ("perimetre:usages", ["perimetre:usages"])
    assert len(visit.app.dataframe[0].value) == count("budgets", "perimetre = 'usages'")
    visit.app.button(key="donnees:retirer:perimetre").click()
    visit.run()
    assert "filtre" not in visit.address
    assert len(visit.app.dataframe[0].value) == count("budgets")


def test_another_table_begins_without_the_filters_of_the_one_before(visit):
    visit.open("donnees", table="budgets", filtre="perimetre:usages", tri="-montant")
    visit.app.selectbox(key="donnees:table").set_value("sources")
    visit.run()
    assert visit.address == {"table": "sources"}
    assert visit.warnings == []


@pytest.mark.parametrize("wrong_filter", ["perimetre:usage", "rien:1", "montant__gte:beaucoup"])
def test_a_wrong_filter_is_said_and_it_alone_left_aside(visit, wrong_filter):
    visit.open("donnees", table="budgets", filtre=[wrong_filter, "etape:prevu"], tri="-rien")
    assert len([w for w in visit.warnings if "Ce choix a été retiré" in w]) == 2
    assert len(visit.app.dataframe[0].value) == count("budgets", "etape = 'prevu'")
    assert visit.address["filtre"] in ("etape:prevu", ["etape:prevu"])


def test_a_format_that_cannot_hold_a_table_says_why(visit):
    visit.open("donnees", table="couverture")
    assert {"CSV", "GeoPackage"} <= set(links(visit)) and "Excel" not in links(visit)
    assert re.search(r"Pas de fichier Excel\. .*trop", visit.text)
    visit.open("donnees", table="sources")
    assert "Excel" in links(visit) and "GeoPackage" not in links(visit)
    assert "Pas de fichier GeoPackage ni GeoJSON. " in visit.text


# --- queries --------------------------------------------------------------------------------------


def test_a_query_is_answered_and_can_be_downloaded(visit):
    sql = "SELECT type, count(*) AS n FROM strategies GROUP BY ALL ORDER BY type"
    visit.open("donnees", partie="requetes", requete=sql)
    result: pd.DataFrame = visit.app.dataframe[-1].value
    expected = query(sql)
    assert result["type"].tolist() == expected["type"].tolist()
    assert result["n"].tolist() == expected["n"].tolist()
    assert parse_qs(urlsplit(links(visit)["Excel"]).query) == {"q": [sql], "format": ["xlsx"]}


def test_an_example_is_taken_and_run(visit):
    visit.open("donnees", partie="requetes")
    visit.app.selectbox(key="donnees:exemple").set_value(EXAMPLES[0].title)
    visit.run()
    assert visit.app.text_area(key="donnees:requete").value == EXAMPLES[0].sql
    assert EXAMPLES[0].sentence[:30] in visit.text
    assert len(visit.app.dataframe[-1].value) > 1
    # and it can be changed
    assert visit.app.selectbox(key="donnees:exemple").value is None
    visit.app.text_area(key="donnees:requete").set_value("SELECT 42 AS reponse")
    visit.run()
    assert visit.app.text_area(key="donnees:requete").value == "SELECT 42 AS reponse"
    assert visit.app.dataframe[-1].value["reponse"].tolist() == [42]


@pytest.mark.parametrize("sql", ["SELECT * FROM read_csv('/etc/passwd')", "DROP TABLE budgets"])
def test_a_query_that_may_not_be_is_refused_in_french(visit, sql):
    visit.open("donnees", partie="requetes", requete=sql)
    (error,) = visit.app.error
    assert "passwd" not in error.value and error.value.strip()
    assert count("budgets") > 0


# --- what may be concluded, versions, programs ----------------------------------------------------


def test_what_may_be_concluded_is_said_at_a_glance(visit):
    visit.open("donnees", partie="representativite")
    text = visit.text
    for words in (
        "On peut comparer qui a une stratégie parmi les régions",
        "On ne peut pas conclure",
    ):
        assert words in text
    table = visit.table_with("Jamais cherché").set_index("Niveau")
    levels = completeness_by_level().set_index("territoire_niveau")
    for code, name in (("region", "Régions"), ("epci", "Intercommunalités")):
        count_text = table.loc[name, "Jamais cherché"].split(" (")[0].replace(" ", "")
        assert int(count_text) == levels.loc[code, "nb_non_cherchee"]


def test_changes_between_editions_are_listed_by_row(visit):
    visit.open("donnees", partie="versions")
    versions = list_versions()
    listed = visit.table_with("Empreinte")
    assert len(listed) == len(versions)
    old, new = before_the_last(versions), int(versions["rang"].iloc[-1])
    changes = changes_between(old, new)
    # as many rows of each table as there are of each nature, in the table that counts them
    counted = visit.table_with("Table").set_index("Table")
    expected = summarise_changes(changes).pivot(
        index="table_titre", columns="nature", values="nb_lignes"
    )
    expected = expected.fillna(0).astype(int)
    # what only the way of recording changed is told beside the counts
    compared = counted.pop("Avant et après")
    assert compared["Priorités"] == "ne se comparent pas" and compared["Sources"] == "–"
    counts_shown = counted.map(lambda text: int(re.sub(r"\D", "", text)))
    for nature, title in CHANGE_KINDS.items():
        assert counts_shown[f"{title}s"].to_dict() == expected[nature].to_dict(), nature
    for nature, column in (("ajoute", "nb_lignes_ajoutees"), ("retire", "nb_lignes_retirees")):
        assert expected[nature].sum() == versions[column].iloc[-1]
    # those of one nature in one table, row by row
    for nature, (rows, columns) in {
        "modifie": (changes[changes["nature"] == "modifie"], 4),
        "complete": (changes[changes["nature"] == "complete"], 4),
        "ajoute": (changes[changes["nature"] == "ajoute"].drop_duplicates(["table_nom", "cle"]), 1),
        "retire": (changes[changes["nature"] == "retire"].drop_duplicates(["table_nom", "cle"]), 1),
    }.items():
        visit.open("donnees", partie="versions", nature=nature)
        rows_shown = visit.table_with("Ligne").drop(columns="Rupture", errors="ignore")
        table = rows["table_nom"].iloc[0]
        assert rows_shown.shape == (min((rows["table_nom"] == table).sum(), LIST_ROWS), columns)
        first = [
            curly_apostrophes(text) for text in rows.loc[rows["table_nom"] == table, "libelle"]
        ]
        assert list(rows_shown["Ligne"]) == first[:LIST_ROWS]
    visit.app.selectbox(key="donnees:a").set_value(str(old))
    visit.run()
    assert "Rien ne diffère" in visit.text


def test_programs_find_a_script_and_every_operator(visit):
    visit.open("donnees", partie="programmes")
    assert "pd.read_csv" in visit.app.code[0].value
    assert {"`__gte`", "`__contains`"} <= set(visit.table_with("Opérateur")["Opérateur"])


# --- themes and search ----------------------------------------------------------------------------


def test_a_search_is_narrowed_and_widened_by_facets(visit):
    visit.open("themes", texte="mediation numerique")
    results = search_texts("mediation numerique")
    assert f"{results.nombre} textes" in visit.text
    best = results.territoires.iloc[0]
    assert best["nom"] in visit.text
    visit.app.button(key="themes:facette:niveau:departement").click()
    visit.run()
    assert visit.address == {"texte": "mediation numerique", "niveau": "departement"}
    narrowed = search_texts("mediation numerique", FacetFilters(niveau=("departement",)))
    assert f"{narrowed.nombre} texte" in visit.text
    visit.app.button(key="themes:facette:niveau:departement").click()
    visit.run()
    assert visit.address == {"texte": "mediation numerique"}


def test_words_found_are_marked_and_lead_to_their_source(visit):
    visit.open("themes", texte="archivage")
    hits = search_texts("archivage").hits
    assert any("**archivage" in words.lower() for words in visit.words)
    assert any(url in words for url in hits["source_url"].head(5) for words in visit.words)


def test_a_hit_leads_to_the_sheet_of_its_theme_and_to_strategies_alike(visit):
    visit.open("themes", texte="inclusion numérique")
    page_text = "\n".join(visit.words)
    assert "/themes?partie=fiche&fiche=inclusion_mediation" in page_text
    assert "/themes?partie=proches&strategie=" in page_text
    assert "trouvé par son thème" in page_text


def test_filters_that_are_unknown_or_leave_nothing_are_said_and_can_be_taken_out(visit):
    visit.open("themes", niveau=["region", "zz"], table="partenaires")
    assert any("« zz »" in words and "ignoré" in words for words in visit.warnings)
    assert visit.address == {"niveau": "region", "table": "partenaires"}
    assert "Les filtres écartent tout" in visit.text
    visit.app.button(key="themes:facettes:retirer").click()
    visit.run()
    assert visit.address == {}


def test_nothing_found_is_said_with_what_to_try(visit):
    visit.open("themes", texte="xylophone quantique")
    assert "Aucun résultat" in visit.text and "essayez" in visit.text


def test_the_sheet_of_a_theme_counts_overall_strategies_and_special_documents_apart(visit):
    visit.open("themes", partie="fiche", fiche="inclusion_mediation")
    for statement in levels_statements(load_theme("inclusion_mediation").niveaux):
        assert plain(statement.texte) in visit.text
    assert "en font une priorité" not in visit.text
    assert len(visit.table_with("Intitulé")) > 20
    documents_table = visit.table_with("Premier document connu")
    assert set(documents_table["Stratégie d’ensemble"]) == {
        "en parle", "n’en parle pas (liste complète)", "on ne sait pas",
    }  # fmt: skip


def test_the_sheet_of_a_theme_shows_one_level_when_asked(visit):
    visit.open("themes", partie="fiche", fiche="inclusion_mediation", echelon="commune")
    assert set(visit.table_with("Premier document connu")["Niveau"]) == {"Commune"}
    theme = "economie_innovation"
    visit.open("themes", partie="fiche", fiche=theme)
    amounts = list(visit.table_with("Montant")["Quoi"])
    secondary = query(
        "SELECT count(*) AS n FROM budgets b JOIN priorites p ON p.strategie_id = b.strategie_id "
        "AND p.rang = b.priorite_rang WHERE list_contains(p.themes_secondaires, ?)",
        [theme],
    )["n"].iloc[0]
    assert sum("thème secondaire" in words for words in amounts) == secondary > 0
    assert all("Priorité " in words for words in amounts)
    # a long list has pages
    organisation_count = len(load_theme(theme).organismes)
    assert len(visit.table_with("Forme")) == LIST_ROWS < organisation_count
    assert f"{organisation_count} lignes, en 2 pages." in visit.text


def test_frequencies_are_of_the_family_that_the_address_names(visit):
    visit.open("themes", partie="frequence")
    assert "stratégies d’ensemble" in visit.text and "Trop peu pour une tendance" in visit.text
    visit.app.selectbox(key="themes:famille").set_value("inclusion")
    visit.run()
    assert visit.address == {"partie": "frequence", "famille": "inclusion"}
    assert plain(latest(frequency("inclusion")).texte) in visit.text


def test_close_strategies_are_shown_with_the_wordings_that_say_so(visit):
    row = searchable_strategies().sort_values("nb_axes", ascending=False).iloc[0]
    near = similar_strategies(row["strategie_id"])
    visit.open("themes", partie="proches", strategie=row["strategie_id"])
    table = visit.table_with("Axes qui se répondent")
    assert 0 < len(table) == len(near)
    assert len(visit.table_with("Chez l’une")) > 0
    for words, strategy in zip(table["Axes qui se répondent"], near.itertuples(), strict=True):
        assert (
            words.startswith(f"{strategy.nb_repondues} sur {strategy.nb_axes} ;")
            and "&autre=" in words
        )
        assert "%" not in words
    alone = next(
        id_ for id_ in searchable_strategies()["strategie_id"] if similar_strategies(id_).empty
    )
    for id_ in (alone, "departement-38-feuille_route_inclusion-2025"):
        visit.open("themes", partie="proches", strategie=id_)
        assert plain(no_match_reason(id_)) in visit.text
    visit.open("themes", partie="proches", strategie="inconnue")
    assert any("n’est pas une stratégie connue" in warning for warning in visit.warnings)


def test_a_document_of_a_territory_leads_to_those_close_to_it(visit):
    row = searchable_strategies().iloc[0]
    visit.open("territoire", t=row["cle"])
    assert any(
        page == "themes" and row["strategie_id"] in parameters for page, parameters in visit.links
    )
