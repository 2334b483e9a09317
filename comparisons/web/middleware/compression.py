"""Streamlit's own files, sent compressed.

Streamlit leaves that to a proxy: a first visit without one fetches eight megabytes of programs,
which are two when compressed. Their names change with their content, so each is compressed once.
"""

import gzip
import posixpath
import re

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_TEXTS = re.compile(r"text/|application/(?:javascript|json|wasm)|image/svg")
# level 9 takes three times as long for a hundredth less
_LEVEL = 6


class CompressedAssets:
    """ASGI middleware that keeps a compressed copy of each file under `/static/`, in memory."""

    def __init__(self, app: ASGIApp, base_path: str = "") -> None:
        """Wrap an application; `base_path` is the prefix under which it is served, if any."""
        self.app = app
        self.prefix = f"/{base_path.strip('/')}/static/".replace("//", "/")
        self.kept: dict[str, tuple[Message, bytes]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a whole file compressed to those who can read that; let all else through."""
        if not self._compressible(scope):
            await self.app(scope, receive, send)
            return
        path = scope["path"]
        if path not in self.kept:
            start, body = await self._whole(scope, receive)
            headers = Headers(raw=start["headers"])
            if start["status"] != 200 or not _TEXTS.match(headers.get("content-type", "")):
                await send(start)
                await send({"type": "http.response.body", "body": body})
                return
            content = await run_in_threadpool(gzip.compress, body, _LEVEL, mtime=0)
            self.kept[path] = (_compressed(start, len(content)), content)
        start, content = self.kept[path]
        await send(start)
        await send({"type": "http.response.body", "body": content})

    def _compressible(self, scope: Scope) -> bool:
        if scope["type"] != "http" or scope["method"] != "GET":
            return False
        headers = Headers(scope=scope)
        path = scope["path"]
        return (
            path.startswith(self.prefix)
            # one address for each file: what is kept cannot be made to grow
            and posixpath.normpath(path) == path
            and "gzip" in headers.get("accept-encoding", "")
            and not {"range", "if-none-match", "if-modified-since"} & set(headers.keys())
        )

    async def _whole(self, scope: Scope, receive: Receive) -> tuple[Message, bytes]:
        start: Message = {}
        body = bytearray()

        async def gather(message: Message) -> None:
            if message["type"] == "http.response.start":
                start.update(message)
            else:
                body.extend(message.get("body", b""))

        # without extensions: a server that offers to send files by itself would pass us by
        await self.app(scope | {"extensions": {}}, receive, gather)
        return start, bytes(body)


def _compressed(start: Message, size: int) -> Message:
    headers = MutableHeaders(raw=list(start["headers"]))
    headers["content-encoding"] = "gzip"
    headers["content-length"] = str(size)
    headers.add_vary_header("Accept-Encoding")
    if "etag" in headers:  # it names the bytes of the uncompressed file
        headers["etag"] = f"W/{headers['etag'].removeprefix('W/')}"
    return start | {"headers": headers.raw}
