"""Sections of the page of a territory: documents, priorities, levels around, amounts."""

import streamlit as st

from comparisons.analysis import alignment, profile, profile_tables
from comparisons.charts import bars
from comparisons.database.connection import dataset_metadata
from comparisons.formatting import describe_absence, escape_markdown, pluralize
from comparisons.page_parameters import TerritoryParameters
from comparisons.schema.model import code_label
from comparisons.ui.controls import choose_named
from comparisons.ui.figures import show_chart
from comparisons.ui.selectors import choose_order
from comparisons.ui.state import is_dark, viewport
from comparisons.ui.tables import choose_page, table_or_message, text_table
from comparisons.ui.territory_parts import strategy_card

# Documents that have a card on one page.
_MAX_CARDS = 30
_UNKNOWN = "Aucune priorité relevée : non renseigné."


def show_strategies(territory_profile: profile.Profile) -> None:
    """Render the documents of a territory: timeline, then one card each."""
    st.header("Stratégies", anchor="strategies", divider="gray")
    if territory_profile.documents.empty:
        st.info(describe_absence(territory_profile.searches), icon=":material/search_off:")
    else:
        year = int(dataset_metadata()["annee"])
        documents = choose_page(territory_profile.documents, _MAX_CARDS)
        figure = bars.timeline(documents, year, viewport() == "narrow", is_dark())
        if figure is not None:
            show_chart(
                figure,
                f"frise-{territory_profile.key}",
                "Frise des stratégies : "
                f"{pluralize(len(documents), 'document')}. "
                "Le détail est donné dans les fiches ci-dessous.",
            )
            st.caption(
                "Un losange marque un document dont la fin n’est pas renseignée ; un trait gris "
                "mène d’une édition à celle qui la remplace."
            )
        for document in documents.itertuples():
            strategy_card(document)


def show_priorities(
    page: str, view: TerritoryParameters, territory_profile: profile.Profile
) -> TerritoryParameters:
    """Render the priorities by theme or document, and return the choice."""
    st.header("Priorités", anchor="priorites", divider="gray")
    if territory_profile.priorities.empty:
        st.markdown(_UNKNOWN)
    else:
        view = choose_order(page, view)
        by_theme = view.par == "theme"
        make_table = (
            profile_tables.priorities_by_theme if by_theme else profile_tables.priorities_table
        )
        text_table(make_table(territory_profile.priorities), ("Source",))
    return view


def show_alignment(page: str, view: TerritoryParameters) -> TerritoryParameters:
    """Render the themes of the levels above and below, and return the choice."""
    st.header(
        "Région, département, intercommunalités : les mêmes priorités ?",
        anchor="alignement",
        divider="gray",
    )
    view = choose_named(page, view)
    themes = alignment.format_alignment_table(view.t, view.nommes)
    if themes.empty:
        st.markdown(_UNKNOWN)
    else:
        for sentence in alignment.describe_alignment(view.t, view.nommes):
            st.markdown(f"- {escape_markdown(sentence)}")
        text_table(themes.rename(index=lambda code: code_label("themes", code)))
        st.caption(
            "Rang du premier axe qui porte le thème, parmi ceux que le document nomme ; « oui » : "
            "un axe relevé par nous, sans rang ; « – » : pas dans les axes relevés. "
            "Au-dessous : combien posent le thème, parmi ceux dont les axes sont relevés."
        )
    return view


def show_budgets(territory_profile: profile.Profile) -> None:
    """Render the amounts of a territory: bars, then a table."""
    st.header("Budgets", anchor="budgets", divider="gray")
    budgets = choose_page(territory_profile.budgets)
    budget_figure = bars.budget_bars(budgets, viewport() == "narrow", is_dark())
    if budget_figure is not None:
        show_chart(
            budget_figure,
            f"budgets-{territory_profile.key}",
            "Montants connus, un par barre, découpés par financeur. Le tableau dessous les donne.",
        )
    table_or_message(
        profile_tables.budgets_table(budgets),
        "Aucun montant relevé : non renseigné.",
        ("Source",),
    )
    if not budgets.empty:
        st.caption(
            "Une ligne décalée (↳) est une partie du montant au-dessus : elle ne s’y ajoute pas. "
            "Un montant estimé, voté, dépensé fait trois lignes, qu’on n’additionne jamais. "
            "Les euros par habitant sont rapportés à la population que couvre la stratégie."
        )
