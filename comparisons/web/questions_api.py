"""API of questions: `/api/v1/questions.json?question=service_porte&niveau=region`."""

from collections.abc import Callable
from functools import partial
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response

from comparisons.analysis.questions import parse_request
from comparisons.exports import table_writers
from comparisons.exports.question_files import MEDIA_TYPES, encode
from comparisons.page_parameters import QuestionParameters
from comparisons.parameters import Query
from comparisons.web.openapi import file_responses, query_parameters
from comparisons.web.responses import ApiRoute, file_format, made_file

router = APIRouter(route_class=ApiRoute)


@router.get(
    "/api/v1/questions.{extension}",
    summary="Qui l’a fait ? Les réponses à une question, avec leurs preuves",
    response_class=Response,
    responses=file_responses(MEDIA_TYPES.values()),
    openapi_extra=query_parameters(QuestionParameters, required=("question",)),
)
async def get_answers(request: Request, extension: file_format(MEDIA_TYPES)) -> Response:
    """Return the answers to a question in the requested format, or a JSON error in French."""
    return await made_file(request, MEDIA_TYPES[extension], partial(_prepare_file, extension))


def _prepare_file(extension: str, query: Query, site: str) -> tuple[str, Callable[[], bytes]]:
    view = parse_request(query)
    address = f"{site}questions?{urlencode(view.to_query(), doseq=True)}"
    name = table_writers.file_name(f"question-{view.question}-{view.niveau}", extension)
    return name, partial(encode, view, extension, address)
