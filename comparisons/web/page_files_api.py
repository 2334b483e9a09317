"""API of what pages show, as files: a comparison, the peers of a territory, answers to a question.

`/api/v1/comparaison.csv?t=departement-35,departement-29`, `/api/v1/pairs.json?t=departement-53`,
`/api/v1/questions.json?question=service_porte&niveau=region`.
"""

from collections.abc import Callable
from functools import partial
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response

from comparisons.analysis import questions as asked_questions
from comparisons.analysis.comparison import request as comparison_request
from comparisons.analysis.peers import request as peers_request
from comparisons.exports import comparison_files, peers_files, question_files, table_writers
from comparisons.exports.comparison_notes import ExportOptions
from comparisons.page_parameters import QuestionParameters
from comparisons.parameters import Query
from comparisons.web.openapi import file_responses, query_parameters
from comparisons.web.responses import ApiRoute, file_format, made_file

comparison_router, peers_router, questions_router = (
    APIRouter(route_class=ApiRoute) for _ in range(3)
)


@comparison_router.get(
    "/api/v1/comparaison.{extension}",
    summary="Territoires côte à côte",
    response_class=Response,
    responses=file_responses(comparison_files.MEDIA_TYPES.values()),
    openapi_extra=query_parameters(comparison_request.ComparisonRequest, required=("t",)),
)
async def get_comparison(
    request: Request, extension: file_format(comparison_files.MEDIA_TYPES)
) -> Response:
    """Return a comparison in the requested format, or a JSON error in French."""

    def prepare(query: Query, site: str) -> tuple[str, Callable[[], bytes]]:
        asked = comparison_request.parse_request(query)
        address = f"{site}comparer?{urlencode(asked.page_query, doseq=True)}"
        options = ExportOptions(asked.montrer, asked.sections, address)
        name = table_writers.file_name(asked.file_stem, extension)
        return name, lambda: comparison_files.encode(asked.build_comparison(), extension, options)

    return await made_file(request, comparison_files.MEDIA_TYPES[extension], prepare)


@peers_router.get(
    "/api/v1/pairs.{extension}",
    summary="Pairs d’un territoire",
    response_class=Response,
    responses=file_responses(table_writers.MEDIA_TYPES.values()),
    openapi_extra=query_parameters(peers_request.PeersRequest, required=("t",)),
)
async def get_peers(
    request: Request, extension: file_format(table_writers.MEDIA_TYPES)
) -> Response:
    """Return the peers of a territory in the requested format, or a JSON error in French."""

    def prepare(query: Query, site: str) -> tuple[str, Callable[[], bytes]]:
        asked = peers_request.parse_request(query)
        address = f"{site}pairs?{urlencode(asked.to_query(), doseq=True)}"
        make = partial(peers_files.encode, asked.t, asked.choice, extension, address, asked.nommes)
        return table_writers.file_name(asked.file_stem, extension), make

    return await made_file(request, table_writers.MEDIA_TYPES[extension], prepare)


@questions_router.get(
    "/api/v1/questions.{extension}",
    summary="Qui l’a fait ? Les réponses à une question, avec leurs preuves",
    response_class=Response,
    responses=file_responses(question_files.MEDIA_TYPES.values()),
    openapi_extra=query_parameters(QuestionParameters, required=("question",)),
)
async def get_answers(
    request: Request, extension: file_format(question_files.MEDIA_TYPES)
) -> Response:
    """Return the answers to a question in the requested format, or a JSON error in French."""

    def prepare(query: Query, site: str) -> tuple[str, Callable[[], bytes]]:
        view = asked_questions.parse_request(query)
        address = f"{site}questions?{urlencode(view.to_query(), doseq=True)}"
        name = table_writers.file_name(f"question-{view.question}-{view.niveau}", extension)
        return name, partial(question_files.encode, view, extension, address)

    return await made_file(request, question_files.MEDIA_TYPES[extension], prepare)
