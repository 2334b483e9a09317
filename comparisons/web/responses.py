"""Answers to programs: a file under its name, an error in French."""

import hashlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import TypeVar

from anyio import CapacityLimiter, to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from comparisons.database.connection import DatabaseMissingError, use_preview
from comparisons.errors import BadRequestError, NotFoundError
from comparisons.parameters import Query

_log = logging.getLogger(__name__)
Endpoint = Callable[[Request], Awaitable[Response]]
IMMUTABLE = "public, max-age=31536000, immutable"
MUST_REVALIDATE = "public, max-age=0, must-revalidate"
# What is made of a long answer before it leaves, in bytes.
_BEGINNING = 64_000
# When a program may ask again, without a database.
_AGAIN_SECONDS = {"Retry-After": "60"}
# Files made at once: they take Python in turn, and pages need it too.
_FILES = CapacityLimiter(2)
T = TypeVar("T")


async def file_endpoint(
    request: Request,
    media_types: Mapping[str, str],
    make: Callable[[Query, str, str], tuple[bytes, str]],
) -> Response:
    """Answer with a file made from what is asked, or say in French what is wrong with it.

    `make` is given the parameters, the format (one of `media_types`) and the site's address; it
    gives the file and its name, or raises `BadRequestError`.
    """
    extension = request.path_params["extension"]
    if extension not in media_types:
        known = ", ".join(media_types)
        raise NotFoundError(f"Format inconnu : « {extension} ». Formats : {known}.")
    query = query_params(request)
    content, name = await run_in_worker(make, query, extension, str(request.base_url))
    return file_response(request, content, media_types[extension], name)


async def run_in_worker(make: Callable[..., T], *arguments: object) -> T:
    """Build a file in a thread; a few at once, without keeping others from theirs."""
    return await to_thread.run_sync(make, *arguments, limiter=_FILES)


def query_params(request: Request) -> Query:
    """Return the parameters of an address, each with all its values."""
    return {name: request.query_params.getlist(name) for name in request.query_params}


def file_response(request: Request, content: bytes, media_type: str, name: str) -> Response:
    """Answer with a file under its name, or say that the client has this edition already."""
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
    """Return whether the client has this edition already (a proxy that compresses says `W/`)."""
    held = request.headers.get("if-none-match", "").split(",")
    return etag in [tag.strip().removeprefix("W/") for tag in held]


def handle_errors(endpoint: Endpoint) -> Endpoint:
    """Answer plainly, rather than fail, when there is no database, or when it is refused.

    The whole answer is of one edition of the database.
    """

    async def answer(request: Request) -> Response:
        try:
            with use_preview(None):  # a preview is for the pages of one reader, never for programs
                response = await endpoint(request)
                if isinstance(response, StreamingResponse):
                    await _begin(response)
                return response
        except BadRequestError as error:
            return error_response(error.status, str(error))
        except DatabaseMissingError as error:
            _log.warning("%s", error)
            return error_response(503, f"{error} Réessayez dans un instant.", _AGAIN_SECONDS)
        except Exception:
            _log.exception("%s", request.url)
            return error_response(500, "Erreur inattendue de ce site : elle est notée. Réessayez.")

    return answer


async def _begin(response: StreamingResponse) -> None:
    """Build the beginning of a long answer, as long as what goes wrong can still be said."""
    rest = aiter(response.body_iterator)
    beginning, size = [], 0
    async for piece in rest:
        beginning.append(piece)
        size += len(piece)
        if size >= _BEGINNING:
            break

    async def pieces() -> AsyncIterator[bytes]:
        for piece in beginning:
            yield piece
        async for piece in rest:
            yield piece

    response.body_iterator = pieces()


def error_response(
    status: int, message: str, headers: Mapping[str, str] = MappingProxyType({})
) -> JSONResponse:
    """Describe in French why there is no answer."""
    allowed = {"Access-Control-Allow-Origin": "*"}
    return JSONResponse({"erreur": message}, status, headers={**allowed, **headers})
