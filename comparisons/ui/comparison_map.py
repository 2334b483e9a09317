"""Choice of the territories of a comparison by clicks on a map."""

import streamlit as st

from comparisons.analysis.map_questions.views import build_layer
from comparisons.charts import maps
from comparisons.page_parameters import MAX_COMPARED, ComparisonParameters, MapParameters
from comparisons.schema.territory import LEVEL_NAMES
from comparisons.ui.controls import choose_unsaved
from comparisons.ui.figures import show_map
from comparisons.ui.state import is_dark, update_parameters, viewport

# The 34,900 communes are points here: they are found by their names.
_LEVELS = {level: LEVEL_NAMES[level] for level in ("departement", "region", "epci")}


def choose_on_map(page: str, view: ComparisonParameters, is_small: bool = False) -> None:
    """Render a map of a level, where a click adds a territory, or takes it away."""
    first_level = view.t[0].partition("-")[0] if view.t else ""
    levels = dict(sorted(_LEVELS.items(), key=lambda level: level[0] != first_level))
    level = choose_unsaved("Niveau de la carte", levels, f"{page}:carte:niveau")
    name = f"{page}-carte-{level}"
    layer = build_layer(MapParameters(niveau=level))

    def toggle_territory() -> None:
        points = st.session_state[name].selection.points
        # a second click on a territory selects nothing
        previous = st.session_state.get(f"{name}:clic", "")
        key = maps.clicked_key(layer, points[0]) if points else previous
        st.session_state[f"{name}:clic"] = key
        if key.startswith(level):
            _toggle(page, view, key)

    window = "narrow" if is_small or viewport() == "narrow" else "medium"
    figure = maps.map_figures((MapParameters(niveau=level),), window, is_dark())[0]
    for key in view.t:
        if key.startswith(level):
            figure = maps.with_outline(figure, layer, key.removeprefix(f"{level}-"))
    show_map(
        figure,
        name,
        maps.alt_text(layer),
        f"{layer.title} Cliquez pour comparer.",
        on_select=toggle_territory,
        selection_mode="points",
    )


def _toggle(page: str, view: ComparisonParameters, key: str) -> None:
    """Add a territory to the comparison, or take it away if it is there."""
    if key not in view.t and len(view.t) >= MAX_COMPARED:
        st.toast(f"{MAX_COMPARED} territoires au plus : retirez-en un d’abord.")
        return
    others = tuple(other for other in view.t if other != key)
    update_parameters(page, view, t=others if key in view.t else (*view.t, key))
