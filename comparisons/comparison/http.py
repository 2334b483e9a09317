"""Comparisons for programs: `/api/v1/comparaison.csv?t=departement-35,departement-29`."""

from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from comparisons import exports
from comparisons.answers import made_answer
from comparisons.asked import Query
from comparisons.comparison import files
from comparisons.comparison.notes import About
from comparisons.comparison.request import read


async def comparison(request: Request) -> Response:
    """Serve a comparison in a format, or say in French what is wrong with what was asked."""
    return await made_answer(request, files.MEDIA_TYPES, _made)


def _made(query: Query, extension: str, site: str) -> tuple[bytes, str]:
    asked = read(query)
    address = f"{site}comparer?{urlencode(asked.view.to_query(), doseq=True)}"
    about = About(asked.view.montrer, asked.sections, address)
    content = files.encoded(asked.compared(), extension, about)
    return content, exports.file_name(asked.stem, extension)
