"""API of comparisons: `/api/v1/comparaison.csv?t=departement-35,departement-29`."""

from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from comparisons.analysis.comparison.request import parse_request
from comparisons.exports import comparison_files, table_writers
from comparisons.exports.comparison_notes import ExportOptions
from comparisons.parameters import Query
from comparisons.web.responses import file_endpoint


async def get_comparison(request: Request) -> Response:
    """Return a comparison in the requested format, or a JSON error in French."""
    return await file_endpoint(request, comparison_files.MEDIA_TYPES, _make_file)


def _make_file(query: Query, extension: str, site: str) -> tuple[bytes, str]:
    comparison_request = parse_request(query)
    address = f"{site}comparer?{urlencode(comparison_request.view.to_query(), doseq=True)}"
    options = ExportOptions(comparison_request.view.montrer, comparison_request.sections, address)
    content = comparison_files.encode(comparison_request.build_comparison(), extension, options)
    return content, table_writers.file_name(comparison_request.file_stem, extension)
