"""Page Territoire: the full profile of one territory."""

import streamlit as st

from comparisons.analysis import alignment, profile, profile_tables
from comparisons.charts import bars
from comparisons.database.cache import cached
from comparisons.database.connection import dataset_metadata
from comparisons.formatting import describe_absence, escape_markdown, pluralize
from comparisons.page_parameters import TerritoryParameters
from comparisons.schema.model import code_label
from comparisons.ui.controls import choose_named
from comparisons.ui.figures import show_chart
from comparisons.ui.selectors import choose_order, drop_unknown_territories
from comparisons.ui.state import is_dark, load_parameters, viewport
from comparisons.ui.tables import (
    download_buttons,
    pdf_button,
    source_line,
    table_or_message,
    text_table,
)
from comparisons.ui.territory_parts import (
    empty_state,
    enclosing_strategies,
    metric_row,
    neighbour_strategies,
    strategy_card,
    territory_links,
)

PAGE = "territoire"
UNKNOWN = "Aucune priorité relevée : non renseigné."


def show() -> None:
    """Render the page."""
    view = drop_unknown_territories(PAGE, load_parameters(PAGE, TerritoryParameters))
    if not view.t:
        empty_state()
        return
    territory_profile = cached(profile.load_profile)(view.t)
    narrow = viewport() == "narrow"

    st.title(escape_markdown(territory_profile.name), anchor=False)
    st.markdown(escape_markdown(profile.describe_identity(territory_profile)))
    for sentence in territory_profile.twins:
        st.caption(sentence)
    metric_row(profile.key_figures(territory_profile))
    st.caption(profile.identity_sources(territory_profile))
    territory_links(territory_profile)
    pdf_button(territory_profile.key)

    st.header("Stratégies", anchor="strategies", divider="gray")
    if territory_profile.documents.empty:
        st.info(describe_absence(territory_profile.searches), icon=":material/search_off:")
    else:
        year = int(dataset_metadata()["annee"])
        figure = cached(bars.timeline)(territory_profile.documents, year, narrow, is_dark())
        if figure is not None:
            show_chart(
                figure,
                f"frise-{view.t}",
                "Frise des stratégies : "
                f"{pluralize(len(territory_profile.documents), 'document')}. "
                "Le détail est donné dans les fiches ci-dessous.",
            )
            st.caption(
                "Un losange marque un document dont la fin n’est pas renseignée ; un trait gris "
                "mène d’une édition à celle qui la remplace."
            )
        for document in territory_profile.documents.itertuples():
            strategy_card(document)
    enclosing_strategies(territory_profile)

    st.header("Priorités", anchor="priorites", divider="gray")
    if territory_profile.priorities.empty:
        st.markdown(UNKNOWN)
    else:
        view = choose_order(PAGE, view)
        by_theme = view.par == "theme"
        make_table = (
            profile_tables.priorities_by_theme if by_theme else profile_tables.priorities_table
        )
        text_table(make_table(territory_profile), ("Source",))

    st.header("Au-dessus, ici, au-dessous", anchor="alignement", divider="gray")
    view = choose_named(PAGE, view)
    themes = cached(alignment.format_alignment_table)(view.t, view.nommes)
    if themes.empty:
        st.markdown(UNKNOWN)
    else:
        for sentence in cached(alignment.describe_alignment)(view.t, view.nommes):
            st.markdown(f"- {escape_markdown(sentence)}")
        text_table(themes.rename(index=lambda code: code_label("themes", code)))
        st.caption(
            "Rang du premier axe qui porte le thème, parmi ceux que le document nomme ; « oui » : "
            "un axe relevé par nous, sans rang ; « – » : pas dans les axes relevés. "
            "Au-dessous : combien posent le thème, parmi ceux dont les axes sont relevés."
        )

    st.header("Budgets", anchor="budgets", divider="gray")
    budget_figure = cached(bars.budget_bars)(territory_profile.budgets, narrow, is_dark())
    if budget_figure is not None:
        show_chart(
            budget_figure,
            f"budgets-{view.t}",
            "Montants connus, un par barre, découpés par financeur. Le tableau dessous les donne.",
        )
    table_or_message(
        profile_tables.budgets_table(territory_profile),
        "Aucun montant relevé : non renseigné.",
        ("Source",),
    )
    if not territory_profile.budgets.empty:
        st.caption(
            "Une ligne décalée (↳) est une partie du montant au-dessus : elle ne s’y ajoute pas. "
            "Un montant estimé, voté, dépensé fait trois lignes, qu’on n’additionne jamais. "
            "Les euros par habitant sont rapportés à la population que couvre la stratégie."
        )

    st.header("Partenaires et services", anchor="partenaires", divider="gray")
    table_or_message(
        profile_tables.links_table(territory_profile),
        "Aucun organisme de mutualisation connu.",
        ("Source",),
    )

    st.header("Indicateurs", anchor="indicateurs", divider="gray")
    table_or_message(
        profile_tables.indicators_table(territory_profile), "Aucun indicateur relevé.", ("Source",)
    )

    st.header("Voisins", anchor="voisins", divider="gray")
    neighbour_strategies(territory_profile)

    st.header("Sources et recherches", anchor="sources", divider="gray")
    table_or_message(
        profile_tables.sources_table(territory_profile),
        "Aucun document ne parle de ce territoire.",
        ("Source",),
    )
    st.markdown(escape_markdown(profile.describe_lookup(territory_profile)))

    st.header("Télécharger", anchor="telecharger", divider="gray")
    download_buttons(
        view.t, territory_profile.tables(), f"Fiche du territoire : {territory_profile.name}", view
    )
    source_line()


show()
