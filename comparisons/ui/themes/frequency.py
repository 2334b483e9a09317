"""How often strategies hold each theme: by period of the documents, and by level."""

from functools import partial

import streamlit as st

from comparisons.representativeness.reliability import axes_sentence
from comparisons.territories import LEVEL_NAMES
from comparisons.themes import frequency
from comparisons.themes.figures import frequency_figure
from comparisons.themes.overview import overview
from comparisons.ui.cache import cached
from comparisons.ui.controls import choose_named, choose_one
from comparisons.ui.figures import chart
from comparisons.ui.state import is_dark, window_kind
from comparisons.ui.tables import downloads, source_line
from comparisons.view import ThemesView


def show_frequency(page: str, view: ThemesView) -> None:
    """Show two grids: theme × period (of one level, or all), theme × level."""
    draw = partial(frequency_figure, narrow=window_kind() == "narrow", dark=is_dark())
    st.header("Par période", anchor="periode", divider="gray")
    levels = {"": "Tous les niveaux", **LEVEL_NAMES}
    view = choose_one(page, view, "echelon", "Niveau", levels)
    view = choose_named(page, view)
    by_period = cached(frequency.frequency)(view.echelon or None, view.nommes)
    figure = draw(by_period)
    if figure is None:
        st.markdown("Aucune priorité n’est relevée à ce niveau.")
    else:
        chart(figure, f"{page}-periodes", frequency.frequency_words(by_period), theme="streamlit")
    st.header("Par niveau", anchor="niveau", divider="gray")
    by_level = cached(frequency.frequency_by_level)(view.nommes)
    chart(draw(by_level), f"{page}-niveaux", frequency.frequency_words(by_level))
    st.caption(f"{frequency.NOTE} {cached(axes_sentence)()}")
    sheets = {"periodes": by_period, "niveaux": by_level, "themes": cached(overview)(view.nommes)}
    downloads("frequence-themes", sheets, "Fréquence des thèmes", view)
    source_line()
