"""Territoire: all that is known of one territory."""

import streamlit as st

from comparisons import charts, profile, ui
from comparisons.text import markdown_escaped, plural
from comparisons.view import TerritoryView
from comparisons.warehouse import metadata

PAGE = "territoire"


def show() -> None:
    """Show the page."""
    view = ui.open_view(PAGE, TerritoryView)
    key = ui.choose_territory(PAGE, view)
    if not key:
        st.info(
            "Choisissez un territoire ci-dessus, ou cliquez sur la carte.", icon=":material/search:"
        )
        st.page_link("carte.py", label="Aller à la carte", icon=":material/map:")
        return
    view = ui.keep_view(PAGE, view, t=key)
    known = ui.cached(profile.profile)(key)

    st.title(markdown_escaped(known.name), anchor=False)
    st.markdown(markdown_escaped(profile.identity_sentence(known)))
    for sentence in known.twins:
        st.caption(sentence)
    ui.metrics(profile.headline(known))
    ui.territory_links(known)

    st.header("Stratégies", anchor="strategies", divider="gray")
    if known.documents.empty:
        st.info(profile.absence(known), icon=":material/search_off:")
    else:
        figure = charts.timeline(
            known.documents, int(metadata()["annee"]), narrow=ui.window_kind() == "narrow"
        )
        if figure is not None:
            st.plotly_chart(
                figure,
                key=f"frise-{key}",
                config={"displayModeBar": False, "locale": "fr"},
                alt=f"Frise des stratégies : {plural(len(known.documents), 'document')}. "
                "Le détail est donné dans les fiches ci-dessous.",
            )
            st.caption("Un losange marque un document dont la fin n’est pas renseignée.")
        for document in known.documents.itertuples():
            ui.document_sheet(document)
    ui.wider_strategies(known)

    st.header("Priorités", anchor="priorites", divider="gray")
    ui.facts(
        profile.priorities_table(known), "Aucune priorité relevée : non renseigné.", ("Source",)
    )

    st.header("Budgets", anchor="budgets", divider="gray")
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

    st.header("Télécharger", anchor="telecharger", divider="gray")
    ui.downloads(key, known.sheets(), f"Fiche du territoire : {known.name}", view)
    ui.source_line()


show()
