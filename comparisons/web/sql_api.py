"""API of SQL queries: `/api/v1/sql?q=SELECT…&format=json`, GET or POST (form, JSON or plain)."""

import json
from urllib.parse import parse_qs

from fastapi import APIRouter, Request, Response
from pydantic import Field
from starlette.concurrency import run_in_threadpool

from comparisons.database.sandbox.limits import MAX_CHARACTERS
from comparisons.database.sandbox.runner import QueryResult, run_query
from comparisons.errors import BadRequestError, PayloadTooLargeError
from comparisons.exports import sql_files, table_writers
from comparisons.parameters import Parameters, Query, one_of
from comparisons.web.openapi import file_responses, query_parameters, request_body
from comparisons.web.responses import ApiRoute, file_response, query_params

router = APIRouter(route_class=ApiRoute)
# A percent-encoded or escaped character takes twelve bytes at most.
_MAX_BODY = 12 * MAX_CHARACTERS
_EXPOSED_HEADERS = "ETag, Retry-After, Server-Timing, X-Tronque, X-Version"
_PREFLIGHT_HEADERS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, POST, OPTIONS",
    "Access-Control-Allow-Headers": "Content-Type",
}


class SqlParameters(Parameters):
    """A query, and the format of its result."""

    q: str = Field(
        "",
        description="requête",
        json_schema_extra={"minLength": 1, "maxLength": MAX_CHARACTERS},
    )
    format: one_of(sql_files.MEDIA_TYPES) = Field("json", description="format")


@router.api_route("/api/v1/sql", methods=["OPTIONS"], include_in_schema=False)
@router.post(
    "/api/v1/sql",
    summary="La même, pour une longue requête",
    response_class=Response,
    responses=file_responses(sql_files.MEDIA_TYPES.values()),
    openapi_extra=request_body(SqlParameters, "q", ("text/plain", "application/sql")),
)
@router.get(
    "/api/v1/sql",
    summary="Poser une question en SQL, en lecture seule",
    response_class=Response,
    responses=file_responses(sql_files.MEDIA_TYPES.values()),
    openapi_extra=query_parameters(SqlParameters, required=("q",)),
)
async def answer_query(request: Request) -> Response:
    """Return the result of a query in the requested format; raise `BadRequestError` if invalid.

    The header `X-Tronque` is `oui` for a truncated result; `Server-Timing` gives the duration.
    """
    if request.method == "OPTIONS":
        return Response(status_code=204, headers=_PREFLIGHT_HEADERS)
    parameters = SqlParameters.read_strictly(await _read_parameters(request))
    if not parameters.q:
        raise BadRequestError("Il manque la requête : ?q=SELECT * FROM strategies LIMIT 10")
    extension = parameters.format
    result, content = await run_in_threadpool(_run_and_encode, parameters.q, extension)
    name = table_writers.file_name("requete", extension)
    response = file_response(request, content, sql_files.MEDIA_TYPES[extension], name)
    response.headers.update(
        {
            "Access-Control-Expose-Headers": _EXPOSED_HEADERS,
            "Server-Timing": f"sql;dur={1000 * result.seconds:.1f}",
            "X-Content-Type-Options": "nosniff",
            "X-Tronque": "oui" if result.truncated else "non",
            "X-Version": result.version,
        }
    )
    return response


def _run_and_encode(query: str, extension: str) -> tuple[QueryResult, bytes]:
    result = run_query(query)
    return result, sql_files.encode(result, query, extension)


async def _read_parameters(request: Request) -> Query:
    """Return the parameters of the address and of the body, lists of values by name."""
    parameters = dict(query_params(request))
    if request.method != "POST":
        return parameters
    for name, values in _parse_body(request, await _read_body(request)).items():
        parameters[name] = [*parameters.get(name, []), *values]
    return parameters


def _parse_body(request: Request, body: str) -> Query:
    """Return the parameters of a body: form, JSON object, or plain query."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    match media_type:
        case "application/json":
            try:
                data = json.loads(body)
            except (ValueError, RecursionError):
                data = None
            if not isinstance(data, dict) or not all(isinstance(v, str) for v in data.values()):
                raise BadRequestError(
                    'Le corps n’est pas du JSON comme {"q": "SELECT…", "format": "csv"}.'
                )
            return {name: [value] for name, value in data.items()}
        case "application/x-www-form-urlencoded":
            return parse_qs(body, keep_blank_values=True)
        case "text/plain" | "application/sql":
            return {"q": [body]}
        case _:
            raise BadRequestError(
                "Envoyez la requête en JSON (application/json), en formulaire "
                "(application/x-www-form-urlencoded) ou telle quelle (text/plain)."
            )


async def _read_body(request: Request) -> str:
    """Return the body as text; raise `PayloadTooLargeError` beyond `_MAX_BODY`."""
    received = bytearray()
    async for chunk in request.stream():
        received += chunk
        if len(received) > _MAX_BODY:
            raise PayloadTooLargeError(f"Ce qui est envoyé dépasse {_MAX_BODY // 1000} ko.")
    try:
        return received.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadRequestError("Ce qui est envoyé n’est pas du texte en UTF-8.") from error
