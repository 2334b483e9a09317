"""SQL for programs: `/api/v1/sql?q=SELECT…&format=json`, by GET or POST (form, JSON or plain)."""

import json
from urllib.parse import parse_qs

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from comparisons.database.sandbox.errors import QueryQueueFullError
from comparisons.database.sandbox.limits import MAX_CHARACTERS, QUEUE_TIMEOUT
from comparisons.database.sandbox.runner import QueryResult, run_query
from comparisons.errors import BadRequestError, PayloadTooLargeError
from comparisons.exports import sql_files, tables
from comparisons.parameters import Query, check_parameters, check_single
from comparisons.web.responses import error_response, file_response, query_params

METHODS = ["GET", "POST", "OPTIONS"]
PARAMETERS = ("q", "format")
# Percent signs or escapes make a character twelve bytes at most.
MAX_BODY = 12 * MAX_CHARACTERS
_EXPOSED = "ETag, Retry-After, Server-Timing, X-Tronque, X-Version"
_PREFLIGHT = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": ", ".join(METHODS),
    "Access-Control-Allow-Headers": "Content-Type",
}


async def post_query(request: Request) -> Response:
    """Answer a query in the format asked for; `BadRequestError` says what is wrong with it.

    A result that is cut has the header `X-Tronque: oui`; `Server-Timing` is what it took.
    """
    if request.method == "OPTIONS":
        return Response(status_code=204, headers=_PREFLIGHT)
    query, extension = _checked(await _asked(request))
    try:
        result, content = await run_in_threadpool(_made, query, extension)
    except QueryQueueFullError as error:
        answer = error_response(error.status, str(error))
        answer.headers["Retry-After"] = str(round(QUEUE_TIMEOUT))
        return answer
    name = tables.file_name("requete", extension)
    answer = file_response(request, content, sql_files.MEDIA_TYPES[extension], name)
    answer.headers.update(
        {
            "Access-Control-Expose-Headers": _EXPOSED,
            "Server-Timing": f"sql;dur={1000 * result.seconds:.1f}",
            "X-Content-Type-Options": "nosniff",
            "X-Tronque": "oui" if result.truncated else "non",
            "X-Version": result.version,
        }
    )
    return answer


def _made(query: str, extension: str) -> tuple[QueryResult, bytes]:
    result = run_query(query)
    return result, sql_files.encode(result, query, extension)


def _checked(asked: Query) -> tuple[str, str]:
    """Return the query and its format; raise `BadRequestError` for anything else, or for less."""
    check_parameters(asked, PARAMETERS)
    check_single(asked, PARAMETERS)
    if "q" not in asked:
        raise BadRequestError("Il manque la requête : ?q=SELECT * FROM strategies LIMIT 10")
    extension = asked.get("format", ["json"])[0]
    if extension not in sql_files.MEDIA_TYPES:
        known = ", ".join(sql_files.MEDIA_TYPES)
        raise BadRequestError(f"Format inconnu : « {extension} ». Formats : {known}.")
    return asked["q"][0], extension


async def _asked(request: Request) -> Query:
    """Read what is asked, from the address and from what is posted."""
    asked = dict(query_params(request))
    if request.method != "POST":
        return asked
    for name, values in _posted(request, await _body(request)).items():
        asked[name] = [*asked.get(name, []), *values]
    return asked


def _posted(request: Request, body: str) -> Query:
    """Read a form, a JSON object, or a query alone."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    match kind:
        case "application/json":
            try:
                told = json.loads(body)
            except (ValueError, RecursionError):
                told = None
            if not isinstance(told, dict) or not all(isinstance(v, str) for v in told.values()):
                raise BadRequestError(
                    'Le corps n’est pas du JSON comme {"q": "SELECT…", "format": "csv"}.'
                )
            return {name: [value] for name, value in told.items()}
        case "application/x-www-form-urlencoded":
            return parse_qs(body, keep_blank_values=True)
        case "text/plain" | "application/sql":
            return {"q": [body]}
        case _:
            raise BadRequestError(
                "Envoyez la requête en JSON (application/json), en formulaire "
                "(application/x-www-form-urlencoded) ou telle quelle (text/plain)."
            )


async def _body(request: Request) -> str:
    """Read what is posted, no further than it may go."""
    received = bytearray()
    async for chunk in request.stream():
        received += chunk
        if len(received) > MAX_BODY:
            raise PayloadTooLargeError(f"Ce qui est envoyé dépasse {MAX_BODY // 1000} ko.")
    try:
        return received.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadRequestError("Ce qui est envoyé n’est pas du texte en UTF-8.") from error
