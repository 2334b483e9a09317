"""Locator map of a territory among those of its level, as SVG."""

import pandas as pd

from comparisons.analysis.map_layers import MapLayer
from comparisons.analysis.map_questions.views import build_layer
from comparisons.exports.pdf.map_drawing import MapDrawing, draw_map
from comparisons.formatting import curly_apostrophes
from comparisons.page_parameters import MapParameters
from comparisons.queries.territories import contained_codes

# The région is drawn instead of a département with fewer communes, which gives little context.
_MIN_COMMUNES = 10


def render_locator(territory: pd.Series) -> tuple[MapLayer, MapDrawing]:
    """Draw the state of the strategies of a level around one territory, which is outlined.

    Régions and départements are drawn in France, an EPCI in its région, a commune in its
    département with the outline of its EPCI. Only what is known of each one's own documents is
    painted, not the strategies of the territories that contain it.
    """
    level = territory["territoire_niveau"]
    layer = build_layer(MapParameters(niveau=level, zone=_zone(territory)))
    group = territory["epci_code"] if level == "commune" else ""
    group = group if isinstance(group, str) else ""  # a few islands belong to no EPCI
    name = curly_apostrophes(territory["nom"])
    return layer, draw_map(layer, territory["territoire_code"], name, group)


def _zone(territory: pd.Series) -> str:
    """Return the key of the zone that the map shows; an empty text is the whole country."""
    match territory["territoire_niveau"]:
        case "epci":
            return f"region-{territory['region_code']}"
        case "commune":
            department = f"departement-{territory['departement_code']}"
            few = len(contained_codes("commune", department)) < _MIN_COMMUNES
            return f"region-{territory['region_code']}" if few else department
        case _:
            return ""
