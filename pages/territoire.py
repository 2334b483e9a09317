"""Territoire: all that is known of one territory."""

import streamlit as st

from comparisons.analysis import alignment, profile
from comparisons.charts import bars
from comparisons.database.cache import cached
from comparisons.database.connection import metadata
from comparisons.formatting import markdown_escaped, plural
from comparisons.parameters import TerritoryView
from comparisons.schema.model import label
from comparisons.ui.controls import choose_named
from comparisons.ui.figures import chart
from comparisons.ui.selectors import choose_order, known_choice
from comparisons.ui.state import is_dark, open_view, window_kind
from comparisons.ui.tables import downloads, facts, paper_button, source_line, words_table
from comparisons.ui.territory_parts import (
    document_sheet,
    invitation,
    metrics,
    neighbours_strategies,
    territory_links,
    wider_strategies,
)

PAGE = "territoire"
UNKNOWN = "Aucune priorité relevée : non renseigné."


def show() -> None:
    """Show the page."""
    view = known_choice(PAGE, open_view(PAGE, TerritoryView))
    if not view.t:
        invitation()
        return
    known = cached(profile.profile)(view.t)
    narrow = window_kind() == "narrow"

    st.title(markdown_escaped(known.name), anchor=False)
    st.markdown(markdown_escaped(profile.identity_sentence(known)))
    for sentence in known.twins:
        st.caption(sentence)
    metrics(profile.headline(known))
    st.caption(profile.identity_sources(known))
    territory_links(known)
    paper_button(known.key)

    st.header("Stratégies", anchor="strategies", divider="gray")
    if known.documents.empty:
        st.info(profile.absence(known), icon=":material/search_off:")
    else:
        year = int(metadata()["annee"])
        figure = cached(bars.timeline)(known.documents, year, narrow, is_dark())
        if figure is not None:
            chart(
                figure,
                f"frise-{view.t}",
                f"Frise des stratégies : {plural(len(known.documents), 'document')}. "
                "Le détail est donné dans les fiches ci-dessous.",
            )
            st.caption(
                "Un losange marque un document dont la fin n’est pas renseignée ; un trait gris "
                "mène d’une édition à celle qui la remplace."
            )
        for document in known.documents.itertuples():
            document_sheet(document)
    wider_strategies(known)

    st.header("Priorités", anchor="priorites", divider="gray")
    if known.priorities.empty:
        st.markdown(UNKNOWN)
    else:
        view = choose_order(PAGE, view)
        by_theme = view.par == "theme"
        ordered = profile.priorities_by_theme if by_theme else profile.priorities_table
        words_table(ordered(known), ("Source",))

    st.header("Au-dessus, ici, au-dessous", anchor="alignement", divider="gray")
    view = choose_named(PAGE, view)
    themes = cached(alignment.alignment_table)(view.t, view.nommes)
    if themes.empty:
        st.markdown(UNKNOWN)
    else:
        for sentence in cached(alignment.alignment_sentences)(view.t, view.nommes):
            st.markdown(f"- {markdown_escaped(sentence)}")
        words_table(themes.rename(index=lambda code: label("themes", code)))
        st.caption(
            "Rang du premier axe qui porte le thème, parmi ceux que le document nomme ; « oui » : "
            "un axe relevé par nous, sans rang ; « – » : pas dans les axes relevés. "
            "Au-dessous : combien posent le thème, parmi ceux dont les axes sont relevés."
        )

    st.header("Budgets", anchor="budgets", divider="gray")
    money = cached(bars.money_bars)(known.budgets, narrow, is_dark())
    if money is not None:
        chart(
            money,
            f"budgets-{view.t}",
            "Montants connus, un par barre, découpés par financeur. Le tableau dessous les donne.",
        )
    facts(profile.budgets_table(known), "Aucun montant relevé : non renseigné.", ("Source",))
    if not known.budgets.empty:
        st.caption(
            "Une ligne décalée (↳) est une partie du montant au-dessus : elle ne s’y ajoute pas. "
            "Un montant estimé, voté, dépensé fait trois lignes, qu’on n’additionne jamais. "
            "Les euros par habitant sont rapportés à la population que couvre la stratégie."
        )

    st.header("Partenaires et services", anchor="partenaires", divider="gray")
    facts(profile.links_table(known), "Aucun organisme de mutualisation connu.", ("Source",))

    st.header("Indicateurs", anchor="indicateurs", divider="gray")
    facts(profile.indicators_table(known), "Aucun indicateur relevé.", ("Source",))

    st.header("Voisins", anchor="voisins", divider="gray")
    neighbours_strategies(known)

    st.header("Sources et recherches", anchor="sources", divider="gray")
    facts(profile.sources_table(known), "Aucun document ne parle de ce territoire.", ("Source",))
    st.markdown(markdown_escaped(profile.search_sentence(known)))

    st.header("Télécharger", anchor="telecharger", divider="gray")
    downloads(view.t, known.sheets(), f"Fiche du territoire : {known.name}", view)
    source_line()


show()
