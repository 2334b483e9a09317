"""Comparisons for programs: `/api/v1/comparaison.csv?t=departement-35,departement-29`."""

from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from comparisons.analysis.comparison.request import read
from comparisons.exports import comparison_files, tables
from comparisons.exports.comparison_notes import About
from comparisons.parameters import Query
from comparisons.web.responses import made_answer


async def comparison(request: Request) -> Response:
    """Serve a comparison in a format, or say in French what is wrong with what was asked."""
    return await made_answer(request, comparison_files.MEDIA_TYPES, _made)


def _made(query: Query, extension: str, site: str) -> tuple[bytes, str]:
    asked = read(query)
    address = f"{site}comparer?{urlencode(asked.view.to_query(), doseq=True)}"
    about = About(asked.view.montrer, asked.sections, address)
    content = comparison_files.encoded(asked.compared(), extension, about)
    return content, tables.file_name(asked.stem, extension)
