"""Images by name: which parameters each takes, and how it is made.

An image is that of one page, and takes the parameters of that page.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from urllib.parse import urlencode

from comparisons.analysis.comparison.request import parse_request
from comparisons.analysis.completeness.missing_map import completeness_layer
from comparisons.analysis.map_layers import MapLayer, describe_coverage
from comparisons.analysis.peers.peers_layer import peers_layer
from comparisons.analysis.peers.wording import SECTION_TITLES
from comparisons.analysis.shared_services.service_area import service_area_layer
from comparisons.charts.completeness import MEASURES
from comparisons.errors import BadRequestError, NotFoundError
from comparisons.exports.images import dataset_charts, territory_charts
from comparisons.exports.images.chart_file import Chart, chart_file
from comparisons.exports.images.links_map import links_on_map
from comparisons.exports.pdf.map_sheet import MapSheet, sheet_file, sheet_of
from comparisons.formatting import closest, suggest
from comparisons.page_parameters import (
    ComparedParameters,
    DataParameters,
    MapParameters,
    PeerSearchParameters,
    QuestionParameters,
    SharedServicesParameters,
    TerritoryParameters,
    ThemesParameters,
)
from comparisons.parameters import Parameters, Query
from comparisons.schema.model import vocabulary_codes
from comparisons.search.resolution import require_territories

_Check = Callable[[Parameters], None]
# Draws what an image shows, from its parameters: on a phone if the second argument is true.
_Draw = Callable[[Parameters, bool], Chart | MapSheet]


def _accept(_: Parameters) -> None:
    """Accept all parameters."""


@dataclass(frozen=True)
class Image:
    """An image: the page that shows it, its parameters, how it is made.

    `check` raises `BadRequestError` for parameters of nothing; `part` is the part of the page,
    where it has several. It is made of the view of its page, too.
    """

    page: str
    model: type[Parameters]
    draw: _Draw
    check: _Check = _accept
    part: str = ""

    def read(self, query: Query) -> Parameters:
        """Read an address; raises `BadRequestError` for what it does not take."""
        request = self.model.read_strictly(query)
        self.check(request)
        return request

    def query_of(self, view: Parameters) -> dict[str, list[str]]:
        """Return the parameters of the image that a view of its page shows."""
        fields = self.model.model_fields
        return {name: values for name, values in view.to_query().items() if name in fields}

    def content(self, view: Parameters, narrow: bool = False) -> Chart | MapSheet:
        """Return what an image shows; raises `NotFoundError` where nothing is known."""
        try:
            content = self.draw(view, narrow)
        except ValueError as error:  # figures of a simulation that cannot be
            raise BadRequestError(str(error)) from error
        if isinstance(content, Chart) and content.figure is None:
            raise NotFoundError(
                f"{content.title} : rien à dessiner, ce que l’image montre n’est pas renseigné."
            )
        return content

    def make(self, view: Parameters, extension: str, address: str) -> bytes:
        """Build a file of an image, png, svg or pdf; `address` is that of its page."""
        content = self.content(view)
        write = chart_file if isinstance(content, Chart) else sheet_file
        return write(content, extension, address)

    def page_address(self, request: Parameters) -> str:
        """Return the address of the page, after that of the site."""
        query = {"partie": self.part, **request.to_query()} if self.part else request.to_query()
        return f"{self.page}?{urlencode(query, doseq=True)}"


def _chart(build: Callable[..., Chart], *options: str) -> _Draw:
    """Return what draws a chart."""
    return lambda view, narrow: build(view, *options, narrow)


def _map(build: Callable[[Parameters], MapLayer]) -> _Draw:
    """Return what draws a map, the same in all windows."""

    def draw(view: Parameters, _: bool) -> MapSheet:
        layer = build(view)
        return MapSheet(layer, layer.sentence or describe_coverage(layer))

    return draw


def _check_territory(request: TerritoryParameters | PeerSearchParameters) -> None:
    if not request.t:
        raise BadRequestError("Aucun territoire : donnez-en un, comme t=departement-35.")
    require_territories([request.t, *getattr(request, "avec", ())])


def _check_comparison(request: ComparedParameters) -> None:
    parse_request(request.to_query())


def _check_editions(request: ComparedParameters) -> None:
    parse_request(request.to_query())
    if len(request.doc) != 2:
        raise BadRequestError("Deux documents, comme doc=…&doc=… : les éditions à comparer.")


def _check_organisation(request: SharedServicesParameters) -> None:
    try:
        _service_area(request)
    except KeyError:
        raise BadRequestError(
            f"Aucun organisme n’a l’identifiant « {request.organisme} » : donnez-en un, comme "
            "organisme=megalis-bretagne."
        ) from None


def _service_area(request: SharedServicesParameters) -> MapLayer:
    return service_area_layer(request.organisme, request.niveau)


_territory = partial(Image, "territoire", TerritoryParameters, check=_check_territory)
_comparison = partial(Image, "comparer", ComparedParameters, check=_check_comparison)
_peers = partial(Image, "pairs", PeerSearchParameters, check=_check_territory)
_themes = partial(Image, "themes", ThemesParameters, part="frequence")
_shared = partial(Image, "mutualisation", SharedServicesParameters)
_data = partial(Image, "donnees", DataParameters, part="representativite")

IMAGES: Mapping[str, Image] = {
    "carte": Image("carte", MapParameters, lambda view, _: sheet_of(view)),
    "questions": Image("questions", QuestionParameters, lambda view, _: sheet_of(view)),
    "frise": _territory(_chart(territory_charts.timeline)),
    **{
        f"montants-{code}": _territory(_chart(territory_charts.amounts, code))
        for code in vocabulary_codes("perimetres")
    },
    "frise-comparaison": _comparison(_chart(territory_charts.compared_timeline)),
    "euros-par-habitant": _comparison(_chart(territory_charts.compared_amounts)),
    "frise-editions": _comparison(
        _chart(territory_charts.editions_timeline), check=_check_editions
    ),
    **{
        f"position-{code}": _peers(_chart(territory_charts.peers_position, code))
        for code in SECTION_TITLES
    },
    "pairs": _peers(_map(lambda request: peers_layer(request.t, request.choice))),
    "themes-periodes": _themes(_chart(dataset_charts.themes_by_period)),
    "themes-niveaux": _themes(_chart(dataset_charts.themes_by_level)),
    "reseau": _shared(_chart(dataset_charts.links), part="reseau"),
    "reseau-carte": _shared(_chart(links_on_map), part="reseau"),
    "aire": _shared(_map(_service_area), check=_check_organisation),
    "couts": _shared(_chart(dataset_charts.simulated_costs), part="simulateur"),
    "seuil": _shared(_chart(dataset_charts.break_even), part="simulateur"),
    "manque": _data(_map(lambda request: completeness_layer(request.niveau))),
    **{
        f"connu-{measure}": _data(_chart(dataset_charts.known_by_level, measure))
        for measure in MEASURES
    },
    **{
        f"connu-{measure}-{level}": _data(_chart(dataset_charts.known_by_type, level, measure))
        for measure in MEASURES
        for level in ("region", "departement")
    },
    "faits": _data(_chart(dataset_charts.known_facts)),
    "fiabilite": _data(_chart(dataset_charts.read_again)),
    "ages": _data(_chart(dataset_charts.source_ages)),
}


def find_image(name: str) -> Image:
    """Return an image by its name; raises `NotFoundError` for an unknown one."""
    if name not in IMAGES:
        raise NotFoundError(
            f"Aucune image « {name} ».{suggest(closest(name, IMAGES))} "
            f"Images : {', '.join(IMAGES)}."
        )
    return IMAGES[name]
