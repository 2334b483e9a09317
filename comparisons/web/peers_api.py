"""API of peers: `/api/v1/pairs.json?t=departement-53`."""

from collections.abc import Callable
from functools import partial
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response

from comparisons.analysis.peers.request import PeersRequest, parse_request
from comparisons.exports import peers_files, table_writers
from comparisons.exports.table_writers import MEDIA_TYPES
from comparisons.parameters import Query
from comparisons.web.openapi import file_responses, query_parameters
from comparisons.web.responses import ApiRoute, file_format, made_file

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
    return await made_file(request, MEDIA_TYPES[extension], partial(_prepare_file, extension))


def _prepare_file(extension: str, query: Query, site: str) -> tuple[str, Callable[[], bytes]]:
    request = parse_request(query)
    address = f"{site}pairs?{urlencode(request.to_query(), doseq=True)}"
    name = table_writers.file_name(request.file_stem, extension)
    make = partial(
        peers_files.encode, request.t, request.choice, extension, address, request.nommes
    )
    return name, make
