"""Image of the map of links."""

from comparisons.analysis.shared_services import network
from comparisons.charts import links_map
from comparisons.charts.flat_map import flatten
from comparisons.charts.map_positions import POSITION_NOTE, map_links
from comparisons.exports.images.chart import WIDTH
from comparisons.exports.images.chart_file import Chart
from comparisons.page_parameters import SharedServicesParameters


def links_on_map(request: SharedServicesParameters, narrow: bool = False) -> Chart:
    """Return the map of the links of a view of Mutualisation."""
    nodes, edges = map_links(request.service, request.zone, request.organisme)
    figure = links_map.links_map(nodes, edges, "narrow" if narrow else "wide")
    return Chart(
        figure and flatten(figure, WIDTH),
        "Carte des liens",
        network.describe_network(nodes, edges),
        links_map.map_alternative_text(nodes, edges),
        f"{POSITION_NOTE} {network.SIZE_NOTE}",
    )
