"""API of peers: `/api/v1/pairs.json?t=departement-53`."""

from collections.abc import Callable
from functools import partial
from typing import BinaryIO
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response

from comparisons.analysis.peers.request import PeersRequest, parse_request
from comparisons.exports import peers_files, table_writers
from comparisons.exports.table_writers import MEDIA_TYPES
from comparisons.parameters import Query
from comparisons.web.addresses import site_of
from comparisons.web.openapi import file_responses, query_parameters
from comparisons.web.responses import ApiRoute, file_format, file_response, query_params, writer_of

router = APIRouter(route_class=ApiRoute)


@router.get(
    "/api/v1/pairs.{extension}",
    summary="Pairs d’un territoire",
    response_class=Response,
    responses=file_responses(MEDIA_TYPES.values()),
    openapi_extra=query_parameters(PeersRequest, required=("t",)),
)
async def get_peers(request: Request, extension: file_format(MEDIA_TYPES)) -> Response:
    """Return the peers of a territory in the requested format, or a JSON error in French."""
    site = site_of(request)
    prepare = partial(_prepare_file, query_params(request), extension, site)
    return await file_response(request, MEDIA_TYPES[extension], prepare)


def _prepare_file(
    query: Query, extension: str, site: str
) -> tuple[str, Callable[[BinaryIO, bool], None]]:
    request = parse_request(query)
    address = f"{site}pairs?{urlencode(request.to_query(), doseq=True)}"
    write = writer_of(
        lambda: peers_files.encode(request.t, request.choice, extension, address, request.nommes)
    )
    return table_writers.file_name(request.file_stem, extension), write
