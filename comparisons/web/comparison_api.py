"""API of comparisons: `/api/v1/comparaison.csv?t=departement-35,departement-29`."""

from collections.abc import Callable
from functools import partial
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response

from comparisons.analysis.comparison.request import ComparisonRequest, parse_request
from comparisons.exports import table_writers
from comparisons.exports.comparison_files import MEDIA_TYPES, encode
from comparisons.exports.comparison_notes import ExportOptions
from comparisons.parameters import Query
from comparisons.web.openapi import file_responses, query_parameters
from comparisons.web.responses import ApiRoute, file_format, made_file

router = APIRouter(route_class=ApiRoute)


@router.get(
    "/api/v1/comparaison.{extension}",
    summary="Territoires côte à côte",
    response_class=Response,
    responses=file_responses(MEDIA_TYPES.values()),
    openapi_extra=query_parameters(ComparisonRequest, required=("t",)),
)
async def get_comparison(request: Request, extension: file_format(MEDIA_TYPES)) -> Response:
    """Return a comparison in the requested format, or a JSON error in French."""
    return await made_file(request, MEDIA_TYPES[extension], partial(_prepare_file, extension))


def _prepare_file(extension: str, query: Query, site: str) -> tuple[str, Callable[[], bytes]]:
    request = parse_request(query)
    address = f"{site}comparer?{urlencode(request.page_query, doseq=True)}"
    options = ExportOptions(request.montrer, request.sections, address)
    name = table_writers.file_name(request.file_stem, extension)
    return name, lambda: encode(request.build_comparison(), extension, options)
