"""API of comparisons: `/api/v1/comparaison.csv?t=departement-35,departement-29`."""

from collections.abc import Callable
from functools import partial
from typing import BinaryIO
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response

from comparisons.analysis.comparison.request import ComparisonRequest, parse_request
from comparisons.exports import table_writers
from comparisons.exports.comparison_files import MEDIA_TYPES, encode
from comparisons.exports.comparison_notes import ExportOptions
from comparisons.parameters import Query
from comparisons.web.addresses import site_of
from comparisons.web.openapi import file_responses, query_parameters
from comparisons.web.responses import ApiRoute, file_format, file_response, query_params, writer_of

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
    site = site_of(request)
    prepare = partial(_prepare_file, query_params(request), extension, site)
    return await file_response(request, MEDIA_TYPES[extension], prepare)


def _prepare_file(
    query: Query, extension: str, site: str
) -> tuple[str, Callable[[BinaryIO, bool], None]]:
    request = parse_request(query)
    address = f"{site}comparer?{urlencode(request.page_query, doseq=True)}"
    options = ExportOptions(request.montrer, request.sections, address)
    write = writer_of(lambda: encode(request.build_comparison(), extension, options))
    return table_writers.file_name(request.file_stem, extension), write
