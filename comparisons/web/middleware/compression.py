"""Compress the static files of Streamlit, and those of the page on the API.

Streamlit leaves this to a proxy: without one, a first visit downloads eight megabytes of scripts,
two once compressed. File names change with their content, so each is compressed once. It would
compress files to download each time, while all readers wait: here they decide themselves.
"""

import gzip
import posixpath
import re

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_TEXTS = re.compile(r"text/|application/(?:javascript|json|wasm)|image/svg")
# level 9 takes three times as long and gains one percent
_LEVEL = 6


class CompressedAssets:
    """ASGI middleware that keeps a compressed copy of each static file in memory."""

    def __init__(self, app: ASGIApp, base_path: str = "") -> None:
        """Wrap an application; `base_path` is the prefix under which it is served, if any."""
        self.app = app
        root = f"/{base_path.strip('/')}/".replace("//", "/")
        self.own_prefixes = (f"{root}api/", f"{root}media/")
        self.prefixes = (f"{root}static/", f"{root}api/v1/docs/")
        self.cached: dict[str, tuple[Message, bytes]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send static files compressed to clients that accept gzip; pass other requests through."""
        if not self._compressible(scope):
            await self.app(self._with_own_encoding(scope), receive, send)
            return
        path = scope["path"]
        if path not in self.cached:
            start, body = await self._fetch_whole(scope, receive)
            headers = Headers(raw=start["headers"])
            if start["status"] != 200 or not _TEXTS.match(headers.get("content-type", "")):
                await send(start)
                await send({"type": "http.response.body", "body": body})
                return
            content = await run_in_threadpool(gzip.compress, body, _LEVEL, mtime=0)
            self.cached[path] = (_compressed_start(start, len(content)), content)
        start, content = self.cached[path]
        await send(start)
        await send({"type": "http.response.body", "body": content})

    def _with_own_encoding(self, scope: Scope) -> Scope:
        """Return the scope of a file to download without what makes Streamlit compress it."""
        if scope["type"] != "http" or not scope["path"].startswith(self.own_prefixes):
            return scope
        headers = [pair for pair in scope["headers"] if pair[0] != b"accept-encoding"]
        accepts_gzip = "gzip" in Headers(scope=scope).get("accept-encoding", "")
        return scope | {"headers": headers, "accepts_gzip": accepts_gzip}

    def _compressible(self, scope: Scope) -> bool:
        if scope["type"] != "http" or scope["method"] != "GET":
            return False
        headers = Headers(scope=scope)
        path = scope["path"]
        return (
            path.startswith(self.prefixes)
            # one address per file, so that the size of the cache is bounded
            and posixpath.normpath(path) == path
            and "gzip" in headers.get("accept-encoding", "")
            and not {"range", "if-none-match", "if-modified-since"} & set(headers.keys())
        )

    async def _fetch_whole(self, scope: Scope, receive: Receive) -> tuple[Message, bytes]:
        start: Message = {}
        body = bytearray()

        async def gather(message: Message) -> None:
            if message["type"] == "http.response.start":
                start.update(message)
            else:
                body.extend(message.get("body", b""))

        # without extensions: a server that sends files by itself would bypass this middleware
        await self.app(self._with_own_encoding(scope) | {"extensions": {}}, receive, gather)
        return start, bytes(body)


def _compressed_start(start: Message, size: int) -> Message:
    headers = MutableHeaders(raw=list(start["headers"]))
    headers["content-encoding"] = "gzip"
    headers["content-length"] = str(size)
    headers.add_vary_header("Accept-Encoding")
    if "etag" in headers:  # the ETag identifies the uncompressed bytes
        headers["etag"] = f"W/{headers['etag'].removeprefix('W/')}"
    return start | {"headers": headers.raw}
