"""How often documents of one family hold each theme: by period, and by level."""

from functools import partial

import streamlit as st

from comparisons.analysis.completeness.reliability import axes_sentence
from comparisons.analysis.themes import frequency
from comparisons.charts.themes import frequency_figure
from comparisons.database.cache import cached
from comparisons.formatting import plural
from comparisons.parameters import ThemesView
from comparisons.schema.model import codes, label
from comparisons.schema.territory import LEVEL_NAMES
from comparisons.ui.controls import choose_named, choose_one
from comparisons.ui.figures import chart
from comparisons.ui.state import is_dark, keep_view, widget_key, window_kind
from comparisons.ui.tables import downloads, source_line


def show_frequency(page: str, view: ThemesView) -> None:
    """Show two grids of a family of documents: theme × period (of one level, or all) or × level."""
    draw = partial(frequency_figure, narrow=window_kind() == "narrow", dark=is_dark())
    view = _choose_family(page, view)
    view = choose_named(page, view)
    by_level = cached(frequency.frequency_by_level)(view.famille, view.nommes)
    if by_level.empty:
        st.markdown("Aucun axe n’est relevé dans les documents de cette famille.")
        return
    st.header("Par période", anchor="periode", divider="gray")
    levels = {"": "Tous les niveaux", **LEVEL_NAMES}
    view = choose_one(page, view, "echelon", "Niveau", levels)
    by_period = cached(frequency.frequency)(view.famille, view.echelon or None, view.nommes)
    figure = draw(by_period)
    if figure is None:
        st.markdown("Aucun axe n’est relevé à ce niveau dans les documents de cette famille.")
    else:
        few = frequency.latest(by_period)
        if few is not None:
            st.markdown(few.texte)
        chart(figure, f"{page}-periodes", frequency.frequency_words(by_period), theme="streamlit")
    st.header("Par niveau", anchor="niveau", divider="gray")
    chart(draw(by_level), f"{page}-niveaux", frequency.frequency_words(by_level))
    st.caption(f"{frequency.NOTE} {cached(axes_sentence)()}")
    told = f"Fréquence des thèmes : {label('familles_strategie', view.famille)}"
    sheets = {"periodes": by_period, "niveaux": by_level}
    downloads(f"frequence-themes-{view.famille}", sheets, told, view)
    source_line()


def _choose_family(page: str, view: ThemesView) -> ThemesView:
    """Let the reader choose which kind of documents is counted; how many were read is told."""
    read = cached(frequency.read_by_family)(view.nommes)
    chosen = st.selectbox(
        "Documents",
        codes("familles_strategie"),
        format_func=lambda code: (
            f"{label('familles_strategie', code)} "
            f"({plural(read[code], 'document lu', 'documents lus')})"
        ),
        key=widget_key(page, view, "famille"),
    )
    return keep_view(page, view, famille=chosen)
