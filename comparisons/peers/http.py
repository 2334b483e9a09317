"""Peers for programs: `/api/v1/pairs.json?t=departement-53`."""

from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from comparisons import exports
from comparisons.answers import made_answer
from comparisons.asked import Query
from comparisons.peers import files
from comparisons.peers.request import read


async def pairs(request: Request) -> Response:
    """Serve the peers of a territory in a format, or say in French what is wrong."""
    return await made_answer(request, files.MEDIA_TYPES, _made)


def _made(query: Query, extension: str, site: str) -> tuple[bytes, str]:
    asked = read(query)
    view = asked.view
    address = f"{site}pairs?{urlencode(view.to_query(), doseq=True)}"
    content = files.encoded(view.t, view.choice, extension, address, view.nommes)
    return content, exports.file_name(asked.stem, extension)
