"""API of SQL queries: `/api/v1/sql?q=SELECT…&format=json`, GET or POST (form, JSON or plain)."""

import json
from collections.abc import Iterator
from typing import BinaryIO
from urllib.parse import parse_qs

from fastapi import APIRouter, Request, Response
from pydantic import Field
from starlette.responses import StreamingResponse

from comparisons.database.sandbox.limits import MAX_CHARACTERS
from comparisons.errors import BadRequestError, PayloadTooLargeError
from comparisons.exports import sql_files, table_writers
from comparisons.parameters import Parameters, Query, one_of
from comparisons.web.openapi import file_responses, query_parameters, request_body
from comparisons.web.responses import (
    MUST_REVALIDATE,
    ApiRoute,
    accepts_gzip,
    matches_etag,
    query_params,
    run_in_worker,
)

router = APIRouter(route_class=ApiRoute)
# A percent-encoded or escaped character takes twelve bytes at most.
_MAX_BODY = 12 * MAX_CHARACTERS
_TEXT_FORMATS = ("csv", "json")
_CHUNK_BYTES = 64 * 1024
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
    operation_id="post_query",
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
    gzipped = extension in _TEXT_FORMATS and accepts_gzip(request)
    client = request.client.host if request.client else None
    file = await run_in_worker(
        request, sql_files.open_query_file, parameters.q, extension, gzipped, client
    )
    headers = {
        "Access-Control-Expose-Headers": _EXPOSED_HEADERS,
        "Server-Timing": f"sql;dur={1000 * file.seconds:.1f}",
        "X-Content-Type-Options": "nosniff",
        "X-Tronque": "oui" if file.truncated else "non",
        "X-Version": file.version,
    }
    name = table_writers.file_name("requete", extension)
    headers |= {
        "Access-Control-Allow-Origin": "*",
        "Cache-Control": MUST_REVALIDATE,
        "Content-Disposition": f'inline; filename="{name}"',
        "ETag": f'"{file.etag}"',
        "Vary": "Accept-Encoding",
    }
    if matches_etag(request, headers["ETag"]):
        file.content.close()
        return Response(status_code=304, headers=headers)
    headers["Content-Length"] = str(file.size)
    if gzipped:
        headers["Content-Encoding"] = "gzip"
    media_type = sql_files.MEDIA_TYPES[extension]
    return StreamingResponse(_read_chunks(file.content), media_type=media_type, headers=headers)


def _read_chunks(file: BinaryIO) -> Iterator[bytes]:
    with file:
        while chunk := file.read(_CHUNK_BYTES):
            yield chunk


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
