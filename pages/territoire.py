"""Territoire: all that is known of one territory."""

import streamlit as st

from comparisons import alignment, charts, profile, ui
from comparisons.format import label
from comparisons.text import markdown_escaped, plural
from comparisons.view import TerritoryView
from comparisons.warehouse import metadata

PAGE = "territoire"
UNKNOWN = "Aucune priorité relevée : non renseigné."


def show() -> None:
    """Show the page."""
    view = ui.known_choice(PAGE, ui.open_view(PAGE, TerritoryView))
    if not view.t:
        ui.invitation()
        return
    known = ui.cached(profile.profile)(view.t)
    narrow = ui.window_kind() == "narrow"

    st.title(markdown_escaped(known.name), anchor=False)
    st.markdown(markdown_escaped(profile.identity_sentence(known)))
    for sentence in known.twins:
        st.caption(sentence)
    ui.metrics(profile.headline(known))
    st.caption(profile.identity_sources(known))
    ui.territory_links(known)
    ui.paper_button(known.key)

    st.header("Stratégies", anchor="strategies", divider="gray")
    if known.documents.empty:
        st.info(profile.absence(known), icon=":material/search_off:")
    else:
        year = int(metadata()["annee"])
        figure = ui.cached(charts.timeline)(known.documents, year, narrow, ui.is_dark())
        if figure is not None:
            ui.chart(
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
            ui.document_sheet(document)
    ui.wider_strategies(known)

    st.header("Priorités", anchor="priorites", divider="gray")
    if known.priorities.empty:
        st.markdown(UNKNOWN)
    else:
        view = ui.choose_order(PAGE, view)
        by_theme = view.par == "theme"
        ordered = profile.priorities_by_theme if by_theme else profile.priorities_table
        ui.words_table(ordered(known), ("Source",))

    st.header("Au-dessus, ici, au-dessous", anchor="alignement", divider="gray")
    view = ui.choose_named(PAGE, view)
    themes = ui.cached(alignment.alignment_table)(view.t, view.nommes)
    if themes.empty:
        st.markdown(UNKNOWN)
    else:
        for sentence in ui.cached(alignment.alignment_sentences)(view.t, view.nommes):
            st.markdown(f"- {markdown_escaped(sentence)}")
        ui.words_table(themes.rename(index=lambda code: label("themes", code)))
        st.caption(
            "Rang du premier axe qui porte le thème, parmi ceux que le document nomme ; « oui » : "
            "un axe relevé par nous, sans rang ; « – » : pas dans les axes relevés. "
            "Au-dessous : combien posent le thème, parmi ceux dont les axes sont relevés."
        )

    st.header("Budgets", anchor="budgets", divider="gray")
    money = ui.cached(charts.money_bars)(known.budgets, narrow, ui.is_dark())
    if money is not None:
        ui.chart(
            money,
            f"budgets-{view.t}",
            "Montants connus, un par barre, découpés par financeur. Le tableau dessous les donne.",
        )
    ui.facts(profile.budgets_table(known), "Aucun montant relevé : non renseigné.", ("Source",))
    if not known.budgets.empty:
        st.caption(
            "Une ligne décalée (↳) est une partie du montant au-dessus : elle ne s’y ajoute pas. "
            "Un montant estimé, voté, dépensé fait trois lignes, qu’on n’additionne jamais. "
            "Les euros par habitant sont rapportés à la population que couvre la stratégie."
        )

    st.header("Partenaires et services", anchor="partenaires", divider="gray")
    ui.facts(profile.links_table(known), "Aucun organisme de mutualisation connu.", ("Source",))

    st.header("Indicateurs", anchor="indicateurs", divider="gray")
    ui.facts(profile.indicators_table(known), "Aucun indicateur relevé.", ("Source",))

    st.header("Voisins", anchor="voisins", divider="gray")
    ui.neighbours_strategies(known)

    st.header("Sources et recherches", anchor="sources", divider="gray")
    ui.facts(profile.sources_table(known), "Aucun document ne parle de ce territoire.", ("Source",))
    st.markdown(markdown_escaped(profile.search_sentence(known)))

    st.header("Télécharger", anchor="telecharger", divider="gray")
    ui.downloads(view.t, known.sheets(), f"Fiche du territoire : {known.name}", view)
    ui.source_line()


show()
