"""API of peers: `/api/v1/pairs.json?t=departement-53`."""

from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from comparisons.analysis.peers.request import parse_request
from comparisons.exports import peers_files, table_writers
from comparisons.parameters import Query
from comparisons.web.responses import file_endpoint


async def get_peers(request: Request) -> Response:
    """Return the peers of a territory in the requested format, or a JSON error in French."""
    return await file_endpoint(request, table_writers.MEDIA_TYPES, _make_file)


def _make_file(query: Query, extension: str, site: str) -> tuple[bytes, str]:
    peers_request = parse_request(query)
    view = peers_request.view
    address = f"{site}pairs?{urlencode(view.to_query(), doseq=True)}"
    content = peers_files.encode(view.t, view.choice, extension, address, view.nommes)
    return content, table_writers.file_name(peers_request.file_stem, extension)
