"""HTTP responses of the API: files with their names, JSON errors in French."""

import hashlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Annotated, TypeVar

from anyio import CapacityLimiter, to_thread
from fastapi import Path
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import AfterValidator
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from comparisons.concurrency import FILE_LIMITER
from comparisons.database.connection import DatabaseMissingError, use_preview
from comparisons.errors import BadRequestError, NotFoundError, TooBusyError
from comparisons.parameters import Query
from comparisons.web.addresses import address_of, site_of

_log = logging.getLogger(__name__)
Endpoint = Callable[[Request], Awaitable[Response]]
IMMUTABLE = "public, max-age=31536000, immutable"
MUST_REVALIDATE = "public, max-age=0, must-revalidate"
# Bytes of a streamed response that are built before the status is sent.
_BUFFERED_BYTES = 64_000
# Delay before a new request when there is no database.
_RETRY_HEADERS = {"Retry-After": "60"}
# The same when too many ask at once.
_BUSY_HEADERS = {"Retry-After": "3"}
# Threads of requests for a file, most of which wait for a slot of `FILE_LIMITER`.
_FILE_THREADS = CapacityLimiter(40)
_T = TypeVar("_T")


class ApiRoute(APIRoute):
    """A route whose errors are JSON in French."""

    def get_route_handler(self) -> Endpoint:
        """Return the handler of requests, with its errors turned into responses."""
        return handle_errors(super().get_route_handler())


def file_format(media_types: Mapping[str, str]) -> type:
    """Return the type of a file format in an address; another one is not found."""

    def check(extension: str) -> str:
        if extension not in media_types:
            formats = ", ".join(media_types)
            raise NotFoundError(f"Format inconnu : « {extension} ». Formats : {formats}.")
        return extension

    schema = {"enum": list(media_types)}
    return Annotated[
        str, AfterValidator(check), Path(description="format", json_schema_extra=schema)
    ]


async def file_endpoint(
    request: Request,
    extension: str,
    media_types: Mapping[str, str],
    make: Callable[[Query, str, str], tuple[bytes, str]],
) -> Response:
    """Return the file that `make` builds, as a response.

    `make` takes the parameters, the format (one of `media_types`) and the address of the site; it
    returns the bytes and the name of the file, or raises `BadRequestError`.
    """
    query = query_params(request)
    content, name = await run_in_worker(make, query, extension, site_of(request))
    return file_response(request, content, media_types[extension], name)


async def run_in_worker(make: Callable[..., _T], *arguments: object) -> _T:
    """Return the result of `make`, run in a thread that holds a slot of `FILE_LIMITER`."""

    def make_in_slot() -> _T:
        with FILE_LIMITER.slot():
            return make(*arguments)

    return await to_thread.run_sync(make_in_slot, limiter=_FILE_THREADS)


def query_params(request: Request) -> Query:
    """Return the query parameters of a request, lists of values by name."""
    return {name: request.query_params.getlist(name) for name in request.query_params}


def file_response(request: Request, content: bytes, media_type: str, name: str) -> Response:
    """Return a file with its name and ETag, or 304 if the client has the same content."""
    etag = f'"{hashlib.sha256(content).hexdigest()[:16]}"'
    headers = {
        "ETag": etag,
        "Cache-Control": MUST_REVALIDATE,
        "Access-Control-Allow-Origin": "*",
        "Content-Disposition": f'inline; filename="{name}"',
    }
    if matches_etag(request, etag):
        return Response(status_code=304, headers=headers)
    return Response(content, media_type=media_type, headers=headers)


def matches_etag(request: Request, etag: str) -> bool:
    """Return whether the client holds this ETag (a compressing proxy prefixes it with `W/`)."""
    etags = request.headers.get("if-none-match", "").split(",")
    return etag in [tag.strip().removeprefix("W/") for tag in etags]


def handle_errors(endpoint: Endpoint) -> Endpoint:
    """Return an endpoint that turns exceptions into JSON errors in French.

    The response is read from one edition of the database, never from a preview.
    """

    async def answer(request: Request) -> Response:
        try:
            # a preview is visible on the pages of one reader only, not in the API
            with use_preview(None):
                response = await endpoint(request)
                if isinstance(response, StreamingResponse):
                    await _start_stream(response)
                return response
        except RequestValidationError as error:
            # of a path, whose validators raise errors of this project
            (cause, *_) = (details["ctx"]["error"] for details in error.errors())
            return error_response(cause.status, str(cause))
        except TooBusyError as error:
            return error_response(error.status, str(error), _BUSY_HEADERS)
        except BadRequestError as error:
            return error_response(error.status, str(error))
        except DatabaseMissingError as error:
            _log.warning("%s", error)
            return error_response(503, f"{error} Réessayez dans un instant.", _RETRY_HEADERS)
        except Exception:
            _log.exception("%s", address_of(request))
            return error_response(500, "Erreur inattendue de ce site : elle est notée. Réessayez.")

    return answer


async def _start_stream(response: StreamingResponse) -> None:
    """Build the first chunks of a streamed response, so that their errors still set the status."""
    chunks = aiter(response.body_iterator)
    first_chunks, size = [], 0
    async for chunk in chunks:
        first_chunks.append(chunk)
        size += len(chunk)
        if size >= _BUFFERED_BYTES:
            break

    async def all_chunks() -> AsyncIterator[bytes]:
        for chunk in first_chunks:
            yield chunk
        async for chunk in chunks:
            yield chunk

    response.body_iterator = all_chunks()


def error_response(
    status: int, message: str, headers: Mapping[str, str] = MappingProxyType({})
) -> JSONResponse:
    """Return a JSON error with a message in French."""
    cors_headers = {"Access-Control-Allow-Origin": "*"}
    return JSONResponse({"erreur": message}, status, headers={**cors_headers, **headers})
