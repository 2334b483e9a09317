"""Parts of the comparison page: two editions of a territory, levels that contain it."""

import streamlit as st

from comparisons.analysis import theme_matrix
from comparisons.analysis.editions import description, matching
from comparisons.analysis.editions import documents as editions_documents
from comparisons.analysis.editions import facts as editions_facts
from comparisons.charts import bars
from comparisons.database.connection import dataset_metadata
from comparisons.formatting import curly_apostrophes, escape_markdown, is_missing
from comparisons.page_parameters import ComparisonParameters
from comparisons.queries import strategies
from comparisons.queries.territories import load_territories
from comparisons.rows import iterate_rows
from comparisons.schema.model import code_label
from comparisons.ui.controls import choose_named, page_link
from comparisons.ui.figures import cached_figure, show_chart
from comparisons.ui.state import is_dark, update_parameters, viewport
from comparisons.ui.tables import download_buttons, source_line, table_or_message, text_table

_CHOOSE = "Choisissez un territoire par la recherche ci-dessus."


def show_editions(page: str, view: ComparisonParameters) -> None:
    """Render what the later of two editions kept, dropped and added."""
    if not view.t:
        st.info(_CHOOSE, icon=":material/search:")
        return
    key = view.t[0]
    name = escape_markdown(load_territories((key,))["nom"].iloc[0])
    pairs = editions_documents.edition_pairs(key)
    if pairs.empty:
        st.info(
            f"Aucune source relevée ne dit qu’un document de {name} en remplace un autre : rien ne "
            "permet de parler d’éditions. Le mode « Des territoires » met deux de ses documents "
            "côte à côte (« Choisir les documents comparés »).",
            icon=":material/history:",
        )
        return
    before, after = _choose_pair(page, view, pairs, name)
    _show_documents(view.replace(t=(key,), doc=(before, after)))
    st.header("Ce qui est relevé dans l’une et dans l’autre", anchor="axes", divider="gray")
    view = choose_named(page, view)
    st.caption(escape_markdown(editions_documents.comparability_note(before, after, view.nommes)))
    changes = matching.match_editions(before, after, view.nommes)
    if len(changes):
        for sentence in description.describe_changes(changes):
            st.markdown(f"- {escape_markdown(sentence)}")
        text_table(description.format_changes_table(changes), ("Sources",))
        st.caption(
            "Chaque axe est rapproché de celui qui lui ressemble le plus, par les mots et le "
            "thème ; la ressemblance va de 0 à 100 %. Un axe sans semblable est dit "
            "« plus relevé » ou « relevé ensuite » : rien ne dit qu’il soit abandonné, ou nouveau."
        )
    st.header("Calendrier, pilotage, argent", anchor="faits", divider="gray")
    fact_changes = editions_facts.compare_facts(before, after)
    table_or_message(
        description.facts_table(fact_changes), "Aucune donnée commune aux deux.", ("Sources",)
    )
    download_buttons(
        f"editions-{key}", {"axes": changes, "faits": fact_changes}, f"Deux éditions : {name}", view
    )
    source_line()


def _choose_pair(
    page: str, view: ComparisonParameters, pairs: object, name: str
) -> tuple[str, str]:
    """Render the choice of two editions and return their ids.

    Pairs whose priorities are both recorded come first.
    """
    is_readable = (pairs[["nb_priorites_avant", "nb_priorites_apres"]] > 0).all(axis=1)
    pairs = pairs.assign(readable=is_readable).sort_values(
        "readable", ascending=False, kind="stable"
    )
    titles = {
        (row.avant, row.apres): f"{_edition_title(row.titre_avant, row.annee_avant)} → "
        f"{_edition_title(row.titre_apres, row.annee_apres)}"
        for row in iterate_rows(pairs)
    }
    requested = tuple(view.doc[:2])
    widget = f"{page}:editions:{view.t[0]}"
    if widget not in st.session_state:
        st.session_state[widget] = requested if requested in titles else next(iter(titles))
    chosen = st.selectbox(f"Éditions de {name}", tuple(titles), format_func=titles.get, key=widget)
    update_parameters(page, view, doc=chosen)
    return chosen


def _edition_title(title: str, year: object) -> str:
    return (
        curly_apostrophes(title)
        if is_missing(year)
        else f"{curly_apostrophes(title)} ({int(year)})"
    )


def _show_documents(view: ComparisonParameters) -> None:
    documents = strategies.strategies_of(view.t)
    documents = documents[documents["strategie_id"].isin(view.doc)]
    narrow = viewport() == "narrow"
    figure = cached_figure(
        bars.timeline, documents, int(dataset_metadata()["annee"]), narrow, is_dark()
    )
    if figure is not None:
        alt_text = "Frise des deux éditions, colorées par état."
        show_chart(figure, "frise-editions", alt_text, ("frise-editions", view))


def show_levels(page: str, view: ComparisonParameters) -> None:
    """Render the themes of a territory and of the levels that contain it, side by side."""
    if not view.t:
        st.info(_CHOOSE, icon=":material/search:")
        return
    keys = theme_matrix.enclosing_chain(view.t[0])
    names = load_territories(keys)
    st.caption(
        "Du plus large au plus proche : " + escape_markdown(" › ".join(names["libelle"])) + "."
    )
    for note in theme_matrix.excluded_territories(view.t[0]):
        st.caption(escape_markdown(note))
    view = choose_named(page, view)
    themes = theme_matrix.theme_matrix(tuple(keys), view.nommes)
    for sentence in theme_matrix.describe_theme_matrix(themes):
        st.markdown(f"- {escape_markdown(sentence)}")
    table = theme_matrix.format_theme_matrix(themes, view.nommes)
    text_table(table.rename(index=lambda code: code_label("themes", code)))
    st.caption(
        "Rang du premier axe qui porte le thème, parmi ceux que le document nomme ; « oui » : un "
        "axe relevé par nous, sans rang ; « – » : pas dans les axes relevés ; « aucun axe "
        "nommé » : ceux qui sont relevés sont de nous ; « non renseigné » : aucun axe n’est relevé."
    )
    page_link("comparer", "Comparer ces échelons ligne à ligne", "compare_arrows", t=list(keys))
    download_buttons(f"echelons-{view.t[0]}", {"echelons": themes.reset_index()}, "Échelons", view)
    source_line()
