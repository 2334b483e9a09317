"""API of what other sites read: the catalogue of the tables for portals, the map of the site."""

from collections.abc import Callable
from functools import partial

from fastapi import APIRouter, Request, Response

from comparisons.errors import BadRequestError, NotFoundError
from comparisons.exports import dcat, feeds, site_index, table_writers
from comparisons.page_parameters import FeedParameters
from comparisons.parameters import Parameters, Query
from comparisons.search.resolution import require_territories
from comparisons.web.addresses import address_of, site_of
from comparisons.web.openapi import file_responses, query_parameters
from comparisons.web.responses import ApiRoute, file_format, made_file

router = APIRouter(route_class=ApiRoute)
_SITEMAP_TYPE = "application/xml"


@router.get(
    "/api/v1/catalogue.{extension}",
    summary="Catalogue pour les portails (DCAT-AP 3)",
    response_class=Response,
    responses=file_responses(dcat.MEDIA_TYPES.values()),
)
async def get_catalogue(request: Request, extension: file_format(dcat.MEDIA_TYPES)) -> Response:
    """Return the catalogue of the tables as JSON-LD or Turtle."""

    def prepare(query: Query, site: str) -> tuple[str, Callable[[], bytes]]:
        Parameters.read_strictly(query)
        name = table_writers.file_name("catalogue", extension)
        return name, partial(dcat.catalogue, site, extension)

    return await made_file(request, dcat.MEDIA_TYPES[extension], prepare)


@router.get(
    "/api/v1/nouveautes.{extension}",
    summary="Fil de ce qui change (Atom), fins de stratégies (iCalendar)",
    response_class=Response,
    responses=file_responses(feeds.MEDIA_TYPES.values()),
    openapi_extra=query_parameters(FeedParameters),
)
async def get_feed(request: Request, extension: file_format(feeds.MEDIA_TYPES)) -> Response:
    """Return a feed as Atom, or a calendar; raises `BadRequestError` for an unknown territory."""
    address = address_of(request)

    def prepare(query: Query, site: str) -> tuple[str, Callable[[], bytes]]:
        view = FeedParameters.read_strictly(query)
        if view.t:
            require_territories([view.t])
        elif view.avec:
            raise BadRequestError("« avec » demande un territoire, comme t=departement-35.")
        if view.question and extension == "ics":
            raise BadRequestError("« question » ne vaut que pour le fil (nouveautes.atom).")
        name = table_writers.file_name(f"nouveautes-{view.t}", extension)
        return name, partial(feeds.feed, view, extension, site, address)

    return await made_file(request, feeds.MEDIA_TYPES[extension], prepare)


@router.get("/sitemap.xml", include_in_schema=False)
async def get_sitemap(request: Request) -> Response:
    """Return the map of the site for search engines; raises `NotFoundError` if nobody named it."""

    def prepare(_: Query, site: str) -> tuple[str, Callable[[], bytes]]:
        if not site.startswith("http"):
            raise NotFoundError(
                "Ce site ne connaît pas son adresse (STRATOSCOPE_ADDRESS), qu’un plan de site "
                "écrit."
            )
        return "sitemap.xml", partial(site_index.sitemap, site)

    return await made_file(request, _SITEMAP_TYPE, prepare)


@router.get("/robots.txt", include_in_schema=False)
def get_robots(request: Request) -> Response:
    """Return what robots may read."""
    return Response(site_index.robots(site_of(request)), media_type="text/plain; charset=utf-8")
