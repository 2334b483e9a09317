"""Peers for programs: `/api/v1/pairs.json?t=departement-53`."""

from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from comparisons.analysis.peers.request import read
from comparisons.exports import peers_files, tables
from comparisons.parameters import Query
from comparisons.web.responses import file_endpoint


async def get_peers(request: Request) -> Response:
    """Serve the peers of a territory in a format, or say in French what is wrong."""
    return await file_endpoint(request, tables.MEDIA_TYPES, _made)


def _made(query: Query, extension: str, site: str) -> tuple[bytes, str]:
    asked = read(query)
    view = asked.view
    address = f"{site}pairs?{urlencode(view.to_query(), doseq=True)}"
    content = peers_files.encode(view.t, view.choice, extension, address, view.nommes)
    return content, tables.file_name(asked.stem, extension)
