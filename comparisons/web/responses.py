"""HTTP responses of the API: files with their names, JSON errors in French.

What takes time is made, hashed and compressed in threads that hold a slot, and is given up when the
client leaves or the time is over; a file is made once, and sent from the disk.
"""

import asyncio
import gzip
import hashlib
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Annotated, BinaryIO, TypeVar

from anyio import CapacityLimiter, to_thread
from fastapi import Path
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import AfterValidator
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response

from comparisons import __version__
from comparisons.concurrency import ANSWER_LIMITER, FILE_LIMITER, Interruption, interrupted_by
from comparisons.database.connection import (
    DatabaseMissingError,
    dataset_metadata,
    use_preview,
    use_source_type,
)
from comparisons.errors import BadRequestError, NotFoundError, TooBusyError
from comparisons.exports.file_store import FileStore
from comparisons.parameters import Query
from comparisons.queries.selection import SOURCE_TYPE
from comparisons.web.addresses import address_of, site_of

_log = logging.getLogger(__name__)
_T = TypeVar("_T")
Endpoint = Callable[[Request], Awaitable[Response]]
# Returns the name of a file, and a function that writes it, compressed or not.
Preparation = Callable[[], tuple[str, Callable[[BinaryIO, bool], None]]]
IMMUTABLE = "public, max-age=31536000, immutable"
MUST_REVALIDATE = "public, max-age=0, must-revalidate"
# Delay before a new request when there is no database.
_RETRY_HEADERS = {"Retry-After": "60"}
# The same when too many ask at once.
_BUSY_HEADERS = {"Retry-After": "3"}
# Threads of requests that take time, most of which wait for a slot.
_WORKERS = CapacityLimiter(40)
# Beyond, a request is given up.
_MAX_SECONDS = 60.0
# A reader who waits for a file would rather have it late than be told to come back.
QUEUE_SECONDS = 45.0
# How often it is asked whether the client is still there, in seconds.
_CLIENT_CHECK_SECONDS = 0.25
_FILES = FileStore(max_bytes=1_000_000_000)
_TEXT_MEDIA = (
    "text/",
    "application/json",
    "application/geo+json",
    "application/ld+json",
    "application/xml",
    "application/atom+xml",
    "image/svg+xml",
)
# DuckDB in a browser asks for the length of a file before it reads parts of it.
_READ_BY_PARTS = ("application/vnd.apache.parquet", "application/geopackage+sqlite3")
_MIN_COMPRESSED_BYTES = 1000
_GZIP_LEVEL = 5


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


async def run_in_worker(request: Request, make: Callable[..., _T], *arguments: object) -> _T:
    """Return the result of `make`, run in a thread.

    It is interrupted, and raises `InterruptedRequestError`, when its client leaves, or after
    `_MAX_SECONDS`.
    """
    interruption = Interruption()

    def make_interruptibly() -> _T:
        with interrupted_by(interruption):
            return make(*arguments)

    watcher = asyncio.create_task(_interrupt(request, interruption))
    try:
        return await to_thread.run_sync(make_interruptibly, limiter=_WORKERS)
    finally:
        watcher.cancel()


async def _interrupt(request: Request, interruption: Interruption) -> None:
    deadline = time.monotonic() + _MAX_SECONDS
    while time.monotonic() < deadline and not await request.is_disconnected():
        await asyncio.sleep(_CLIENT_CHECK_SECONDS)
    interruption.request()


async def run_in_slot(request: Request, make: Callable[..., _T], *arguments: object) -> _T:
    """Return the result of `make`, run as by `run_in_worker` in a slot for short answers."""

    def make_in_slot() -> _T:
        with ANSWER_LIMITER.slot(QUEUE_SECONDS):
            return make(*arguments)

    return await run_in_worker(request, make_in_slot)


async def file_response(
    request: Request,
    media_type: str,
    prepare: Preparation,
    headers: Mapping[str, str] = MappingProxyType({}),
    disposition: str = "inline",
) -> Response:
    """Return a file, made once per version of the data, or 304 if the client has it.

    `disposition` says whether a browser shows it, or saves it (`attachment`). `prepare` checks the
    request, and raises `BadRequestError`. Without a file that was made already, a HEAD request gets
    headers alone; of a file that browsers read by parts, its length.
    """
    headers = cache_headers(request) | headers
    if matches_etag(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    gzipped = media_type.startswith(_TEXT_MEDIA) and accepts_gzip(request)
    key = hashlib.sha256(f"{headers['ETag']} {gzipped}".encode()).hexdigest()

    def find() -> tuple[str, str | None]:
        name, write = prepare()
        if is_head(request) and key not in _FILES and media_type not in _READ_BY_PARTS:
            return name, None
        return name, str(_FILES.file(key, lambda output: write(output, gzipped)))

    name, path = await run_in_worker(request, find)
    headers["Vary"] = ", ".join(filter(None, (headers.get("Vary"), "Accept-Encoding")))
    headers.setdefault("Content-Disposition", f'{disposition}; filename="{name}"')
    if path is None:
        response = Response(media_type=media_type, headers=headers)
        del response.headers["Content-Length"]
        return response
    if gzipped:
        headers["Content-Encoding"] = "gzip"
    return FileResponse(path, media_type=media_type, headers=headers)


async def made_file(
    request: Request,
    media_type: str,
    prepare: Callable[[Query, str], tuple[str, Callable[[], bytes]]],
    headers: Mapping[str, str] = MappingProxyType({}),
) -> Response:
    """Return a file whose bytes are made at once, as `file_response` does.

    `prepare` gets the parameters and the address of the site, checks them, and returns the name of
    the file and what makes it.
    """
    query, site = query_params(request), site_of(request)

    def prepare_writing() -> tuple[str, Callable[[BinaryIO, bool], None]]:
        name, make = prepare(query, site)
        return name, _writer_of(make)

    return await file_response(request, media_type, prepare_writing, headers)


def _writer_of(make: Callable[[], bytes]) -> Callable[[BinaryIO, bool], None]:
    """Return a function that writes to a file, compressed or not, what `make` returns in a slot."""

    def write(output: BinaryIO, gzipped: bool) -> None:
        with FILE_LIMITER.slot(QUEUE_SECONDS):
            content = make()
            output.write(gzip.compress(content, _GZIP_LEVEL, mtime=0) if gzipped else content)

    return write


def cache_headers(
    request: Request, cache_control: str = MUST_REVALIDATE, language: str = ""
) -> dict[str, str]:
    """Return the headers of an answer that the data, the address and the code determine.

    `language` is that of an answer that the request has in several.
    """
    identity = f"{dataset_metadata()['version']} {__version__} {language} {address_of(request)}"
    return {
        **(language_headers(language) if language else {}),
        "ETag": f'"{hashlib.sha256(identity.encode()).hexdigest()[:16]}"',
        "Cache-Control": cache_control,
        "Access-Control-Allow-Origin": "*",
    }


def language_headers(language: str) -> dict[str, str]:
    """Return the headers of an answer that a request has in several languages."""
    return {"Content-Language": language, "Vary": "Accept-Language"}


def accepts_gzip(request: Request) -> bool:
    """Return whether an answer may be compressed; a part of a file is one of its plain bytes."""
    headers = request.headers
    accepted = request.scope.get("accepts_gzip", "gzip" in headers.get("accept-encoding", ""))
    return accepted and "range" not in headers


def is_head(request: Request) -> bool:
    """Return whether only the headers of an answer are asked for."""
    return bool(request.scope.get("is_head"))


def query_params(request: Request) -> Query:
    """Return the query parameters of a request, lists of values by name."""
    return {name: request.query_params.getlist(name) for name in request.query_params}


def matches_etag(request: Request, etag: str) -> bool:
    """Return whether the client holds this ETag (a compressing proxy prefixes it with `W/`)."""
    etags = request.headers.get("if-none-match", "").split(",")
    return etag in [tag.strip().removeprefix("W/") for tag in etags]


def handle_errors(endpoint: Endpoint) -> Endpoint:
    """Return an endpoint that turns exceptions into JSON errors in French.

    The response is read from one edition of the database, never from a preview. Endpoints check
    the kind of sources asked for, as their other parameters.
    """

    async def answer(request: Request) -> Response:
        try:
            # a preview is visible on the pages of one reader only, not in the API
            with use_preview(None), use_source_type(request.query_params.get(SOURCE_TYPE, "")):
                return await _compress(request, await endpoint(request))
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


async def _compress(request: Request, response: Response) -> Response:
    """Compress, in a thread, a text that is held in memory, for a client that accepts it."""
    body = getattr(response, "body", b"")
    is_text = (response.media_type or "").startswith(_TEXT_MEDIA)
    is_plain = "content-encoding" not in response.headers
    if not (is_text and is_plain and len(body) >= _MIN_COMPRESSED_BYTES):
        return response
    response.headers.add_vary_header("Accept-Encoding")
    if accepts_gzip(request):
        response.body = await to_thread.run_sync(gzip.compress, body, _GZIP_LEVEL)
        response.headers["Content-Encoding"] = "gzip"
        response.headers["Content-Length"] = str(len(response.body))
    return response


def error_response(
    status: int, message: str, headers: Mapping[str, str] = MappingProxyType({})
) -> JSONResponse:
    """Return a JSON error with a message in French."""
    cors_headers = {"Access-Control-Allow-Origin": "*"}
    return JSONResponse({"erreur": message}, status, headers={**cors_headers, **headers})
