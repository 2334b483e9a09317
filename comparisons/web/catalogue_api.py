"""API of what other sites read: the catalogue of the tables for portals, the map of the site."""

from functools import partial

from fastapi import APIRouter, Request, Response

from comparisons.errors import BadRequestError, NotFoundError
from comparisons.exports import dcat, feeds, site_index, table_writers
from comparisons.page_parameters import FeedParameters
from comparisons.parameters import Parameters
from comparisons.search.resolution import require_territories
from comparisons.web.addresses import address_of, site_of
from comparisons.web.openapi import file_responses, query_parameters
from comparisons.web.responses import ApiRoute, file_format, file_response, query_params, writer_of

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
    Parameters.read_strictly(query_params(request))
    write = writer_of(partial(dcat.catalogue, site_of(request), extension))
    name = table_writers.file_name("catalogue", extension)
    return await file_response(request, dcat.MEDIA_TYPES[extension], lambda: (name, write))


@router.get(
    "/api/v1/nouveautes.{extension}",
    summary="Fil de ce qui change (Atom), fins de stratégies (iCalendar)",
    response_class=Response,
    responses=file_responses(feeds.MEDIA_TYPES.values()),
    openapi_extra=query_parameters(FeedParameters),
)
async def get_feed(request: Request, extension: file_format(feeds.MEDIA_TYPES)) -> Response:
    """Return a feed as Atom, or a calendar; raises `BadRequestError` for an unknown territory."""
    view = FeedParameters.read_strictly(query_params(request))
    if view.t:
        require_territories([view.t])
    elif view.avec:
        raise BadRequestError("« avec » demande un territoire, comme t=departement-35.")
    site, address = site_of(request), address_of(request)
    write = writer_of(partial(feeds.feed, view, extension, site, address))
    name = table_writers.file_name(f"nouveautes-{view.t}", extension)
    return await file_response(request, feeds.MEDIA_TYPES[extension], lambda: (name, write))


@router.get("/sitemap.xml", include_in_schema=False)
async def get_sitemap(request: Request) -> Response:
    """Return the map of the site for search engines; raises `NotFoundError` if nobody named it."""
    site = site_of(request)
    if not site.startswith("http"):
        raise NotFoundError(
            "Ce site ne connaît pas son adresse (STRATOSCOPE_ADDRESS), qu’un plan de site écrit."
        )
    write = writer_of(partial(site_index.sitemap, site))
    return await file_response(request, _SITEMAP_TYPE, lambda: ("sitemap.xml", write))


@router.get("/robots.txt", include_in_schema=False)
def get_robots(request: Request) -> Response:
    """Return what robots may read."""
    return Response(site_index.robots(site_of(request)), media_type="text/plain; charset=utf-8")
