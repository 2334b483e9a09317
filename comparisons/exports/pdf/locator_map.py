"""Locator map of a territory among those of its level, as SVG."""

import pandas as pd

from comparisons.analysis.map_layers import MapLayer
from comparisons.analysis.map_questions.views import build_layer, zone_around
from comparisons.exports.pdf.map_drawing import MapDrawing, draw_map
from comparisons.formatting import curly_apostrophes
from comparisons.page_parameters import MapParameters


def render_locator(territory: pd.Series) -> tuple[MapLayer, MapDrawing]:
    """Draw the state of the strategies of a level around one territory, which is outlined.

    Régions and départements are drawn in France, an EPCI in its région, a commune in its
    département with the outline of its EPCI. Only what is known of each one's own documents is
    painted, not the strategies of the territories that contain it.
    """
    level = territory["territoire_niveau"]
    layer = build_layer(MapParameters(niveau=level, zone=zone_around(territory)))
    group = territory["epci_code"] if level == "commune" else ""
    group = group if isinstance(group, str) else ""  # a few islands belong to no EPCI
    name = curly_apostrophes(territory["nom"])
    return layer, draw_map(layer, territory["territoire_code"], name, group)
