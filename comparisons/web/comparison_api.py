"""Comparisons for programs: `/api/v1/comparaison.csv?t=departement-35,departement-29`."""

from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from comparisons.analysis.comparison.request import read
from comparisons.exports import comparison_files, tables
from comparisons.exports.comparison_notes import ExportOptions
from comparisons.parameters import Query
from comparisons.web.responses import file_endpoint


async def get_comparison(request: Request) -> Response:
    """Serve a comparison in a format, or say in French what is wrong with what was asked."""
    return await file_endpoint(request, comparison_files.MEDIA_TYPES, _made)


def _made(query: Query, extension: str, site: str) -> tuple[bytes, str]:
    asked = read(query)
    address = f"{site}comparer?{urlencode(asked.view.to_query(), doseq=True)}"
    about = ExportOptions(asked.view.montrer, asked.sections, address)
    content = comparison_files.encode(asked.compared(), extension, about)
    return content, tables.file_name(asked.stem, extension)
