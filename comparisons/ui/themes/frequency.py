"""Render the frequency of themes in documents of one family, by period and by level."""

import streamlit as st

from comparisons.analysis.completeness.reliability import describe_axes
from comparisons.analysis.themes import frequency
from comparisons.charts.themes import frequency_figure
from comparisons.formatting import pluralize
from comparisons.page_parameters import ThemesParameters
from comparisons.schema.model import code_label, vocabulary_codes
from comparisons.schema.territory import LEVEL_NAMES
from comparisons.ui.controls import choose_named, choose_one
from comparisons.ui.figures import cached_figure, show_chart
from comparisons.ui.glossary import glossary_help
from comparisons.ui.state import is_dark, update_parameters, viewport, widget_key
from comparisons.ui.tables import download_buttons, source_line


def show_frequency(page: str, view: ThemesParameters) -> None:
    """Render two grids of frequencies: theme × period and theme × level."""
    look = viewport() == "narrow", is_dark()
    view = _choose_family(page, view)
    view = choose_named(page, view)
    by_level = frequency.frequency_by_level(view.famille, view.nommes)
    if by_level.empty:
        st.markdown("Aucun axe n’est relevé dans les documents de cette famille.")
        return
    st.header("Par période", anchor="periode", divider="gray")
    levels = {"": "Tous les niveaux", **LEVEL_NAMES}
    view = choose_one(page, view, "echelon", "Niveau", levels)
    by_period = frequency.frequency(view.famille, view.echelon or None, view.nommes)
    figure = cached_figure(frequency_figure, by_period, *look)
    if figure is None:
        st.markdown("Aucun axe n’est relevé à ce niveau dans les documents de cette famille.")
    else:
        latest_statement = frequency.latest(by_period)
        if latest_statement is not None:
            st.markdown(latest_statement.texte)
        alt_text = frequency.describe_frequency(by_period)
        show_chart(figure, f"{page}-periodes", alt_text, ("themes-periodes", view))
    st.header("Par niveau", anchor="niveau", divider="gray")
    alt_text = frequency.describe_frequency(by_level)
    figure = cached_figure(frequency_figure, by_level, *look)
    show_chart(figure, f"{page}-niveaux", alt_text, ("themes-niveaux", view))
    st.caption(f"{frequency.NOTE} {describe_axes()}")
    title = f"Fréquence des thèmes : {code_label('familles_strategie', view.famille)}"
    sheets = {"periodes": by_period, "niveaux": by_level}
    download_buttons(f"frequence-themes-{view.famille}", sheets, title, view)
    source_line()


def _choose_family(page: str, view: ThemesParameters) -> ThemesParameters:
    """Render the choice of a family with its count of documents; return the updated view."""
    read_counts = frequency.read_by_family(view.nommes)
    chosen = st.selectbox(
        "Documents",
        vocabulary_codes("familles_strategie"),
        format_func=lambda code: (
            f"{code_label('familles_strategie', code)} "
            f"({pluralize(read_counts[code], 'document lu', 'documents lus')})"
        ),
        key=widget_key(page, view, "famille"),
        help=glossary_help("Famille de documents", "Document d’ensemble"),
    )
    return update_parameters(page, view, famille=chosen)
