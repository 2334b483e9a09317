"""API of what other sites read: the catalogue of the tables for portals, the map of the site."""

from functools import partial

from fastapi import APIRouter, Request, Response

from comparisons.errors import NotFoundError
from comparisons.exports import dcat, site_index, table_writers
from comparisons.parameters import Parameters
from comparisons.web.addresses import site_of
from comparisons.web.openapi import file_responses
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
