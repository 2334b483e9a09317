"""Render what stands beside the map: its title, its answer in a sentence, and its territories."""

import streamlit as st

from comparisons.analysis.map_layers import MapLayer
from comparisons.analysis.map_questions.views import can_contain, headline, known_by_level
from comparisons.formatting import (
    curly_apostrophes,
    escape_markdown,
    format_number,
    join_words,
    pluralize,
)
from comparisons.page_parameters import MapParameters
from comparisons.queries.territories import load_territories
from comparisons.schema.model import code_label
from comparisons.schema.territory import LEVEL_NAMES, LEVEL_NOUNS, Territory
from comparisons.ui.controls import page_link
from comparisons.ui.state import set_title, viewport
from comparisons.ui.territory_parts import territory_card

_PRESENTATION = (
    "Comparez les stratégies numériques des régions, départements, intercommunalités et communes."
)
_LIST_HEIGHTS = {"narrow": 300, "large": 500}


def show_heading(layer: MapLayer) -> None:
    """Render the title of the page, which is that of its map."""
    set_title(f"{layer.title} {layer.subtitle}")
    st.title(
        f"{escape_markdown(layer.title)} :small[{escape_markdown(layer.subtitle)}]", anchor=False
    )


def show_answer(page: str, view: MapParameters, layer: MapLayer, window: str) -> str:
    """Render the answer of the map and the list of its territories; return the one just chosen.

    The key of the territory is empty if none was chosen in this run.
    """
    st.markdown(f"**{headline(view, layer)}**")
    if not layer.known:
        _link_to_best_known_level(view.replace(zone="", t=""))
    counts = [
        pluralize(known, LEVEL_NOUNS[level])
        for level, known in known_by_level(view).items()
        if known and (not view.zone or can_contain(view.zone, level))
    ]
    answered = f" Nous savons répondre pour {join_words(counts)}." if counts else ""
    st.caption(f"{_PRESENTATION} Cliquez sur un territoire, ici ou sur la carte.{answered}")
    return show_territory_list(page, layer, window)


def show_territory_list(page: str, layer: MapLayer, window: str) -> str:
    """Render the territories about which something is known; return the key of the one chosen.

    It is empty if none was chosen in this run.
    """
    rows = layer.ranked_territories
    rows = rows.assign(nom=rows["nom"].map(curly_apostrophes))
    if rows.empty:
        return ""
    level = code_label("niveaux", layer.level)
    event = st.dataframe(
        rows,
        hide_index=True,
        height=_LIST_HEIGHTS.get(window, 212),
        column_order=("nom", "valeur") if rows["valeur"].notna().any() else ("nom", "reponse"),
        column_config={
            "nom": st.column_config.TextColumn(level),
            "reponse": "Réponse",
            "valeur": st.column_config.NumberColumn("€ par habitant", format="%.0f"),
        },
        key=f"{page}:liste",
        on_select="rerun",
        selection_mode="single-cell",
        row_height=30,
        alt=f"Tableau : {layer.title} {layer.subtitle}",
    )
    cells = event.selection.cells
    code = rows["territoire_code"].iloc[cells[0][0]] if cells else ""
    return Territory(layer.level, code).key if code else ""


def _link_to_best_known_level(view: MapParameters) -> None:
    counts = known_by_level(view)
    level = max(counts, key=counts.get)
    if counts[level]:
        page_link(
            "carte",
            f"Voyez les {LEVEL_NAMES[level].lower()} ({format_number(counts[level])})",
            "arrow_forward",
            **view.replace(niveau=level).to_query(),
        )


def show_card(page: str, key: str) -> None:
    """Render the card of the chosen territory; on a phone, the one just tapped comes as a sheet."""
    just_clicked = st.session_state.pop(f"{page}:fiche", "") == key
    if not (just_clicked and viewport() == "narrow"):
        territory_card(key)
        return
    name = curly_apostrophes(load_territories([key])["nom"].iloc[0])
    # at the bottom of the screen, over the map, which stays in sight
    st.html("<style>[data-testid=stDialog] { align-items: flex-end }</style>")
    st.dialog(escape_markdown(name))(territory_card)(key, is_titled=False)
