"""Comparisons for programs: `/api/v1/comparaison.csv?t=departement-35,departement-29`."""

from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from comparisons import exports
from comparisons.answers import file_answer, refusal
from comparisons.comparison import files
from comparisons.comparison.notes import About
from comparisons.comparison.request import Refused, read


async def comparison(request: Request) -> Response:
    """Serve a comparison in a format, or say in French what is wrong with what was asked."""
    extension = request.path_params["extension"]
    if extension not in files.MEDIA_TYPES:
        known = ", ".join(files.MEDIA_TYPES)
        return refusal(404, f"Format inconnu : « {extension} ». Formats : {known}.")
    parameters = request.query_params
    query = {name: parameters.getlist(name) for name in parameters}
    try:
        content, name = await run_in_threadpool(_made, query, extension, str(request.base_url))
    except Refused as error:
        return refusal(400, str(error))
    return file_answer(request, content, files.MEDIA_TYPES[extension], name)


def _made(query: dict[str, list[str]], extension: str, site: str) -> tuple[bytes, str]:
    asked = read(query)
    address = f"{site}comparer?{urlencode(asked.view.to_query(), doseq=True)}"
    about = About(asked.view.montrer, asked.sections, address)
    content = files.encoded(asked.compared(), extension, about)
    return content, exports.file_name(asked.stem, extension)
