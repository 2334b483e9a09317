"""Answers to programs: a file under its name, an error in French."""

import hashlib
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from comparisons.warehouse import DatabaseMissingError

Endpoint = Callable[[Request], Awaitable[Response]]
REVALIDATE = "public, max-age=0, must-revalidate"


def file_answer(request: Request, content: bytes, media_type: str, name: str) -> Response:
    """Answer with a file under its name, or say that the client has this edition already."""
    etag = f'"{hashlib.sha256(content).hexdigest()[:16]}"'
    headers = {
        "ETag": etag,
        "Cache-Control": REVALIDATE,
        "Access-Control-Allow-Origin": "*",
        "Content-Disposition": f'inline; filename="{name}"',
    }
    if has_already(request, etag):
        return Response(status_code=304, headers=headers)
    return Response(content, media_type=media_type, headers=headers)


def has_already(request: Request, etag: str) -> bool:
    """Tell whether the client has this edition already (a proxy that compresses says `W/`)."""
    held = request.headers.get("if-none-match", "").split(",")
    return etag in [tag.strip().removeprefix("W/") for tag in held]


def with_database(endpoint: Endpoint) -> Endpoint:
    """Answer plainly, rather than fail, when there is no database to read."""

    async def answer(request: Request) -> Response:
        try:
            return await endpoint(request)
        except DatabaseMissingError as error:
            return refusal(503, f"{error} Réessayez dans un instant.")

    return answer


def refusal(status: int, message: str) -> JSONResponse:
    """Say in French why there is no answer."""
    return JSONResponse({"erreur": message}, status, headers={"Access-Control-Allow-Origin": "*"})
