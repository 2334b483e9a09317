"""Refuse files beyond what one session, and all of them, may leave in memory.

Streamlit bounds the size of a file, not how many a session sends: it holds each until the session
ends, or its page takes another.
"""

import re
from collections import Counter
from collections.abc import Callable, Mapping

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

# Bytes: a file, the one that replaces it, and what surrounds them; then those of twenty readers.
SESSION_BYTES = 45_000_000
ALL_BYTES = 450_000_000
_PATH = re.compile(r"/_stcore/upload_file/([^/]+)/[^/]+$")
_NO_SIZE = "La taille du fichier n’est pas dite : envoyez-le depuis la page Contribuer."
_SESSION_FULL = "Vous avez envoyé plusieurs fichiers de suite : rechargez la page et réessayez."
_ALL_FULL = "Trop de fichiers sont en cours de vérification : réessayez dans quelques minutes."


class UploadQuotaMiddleware:
    """ASGI middleware that counts the files that are held, and those that are on their way."""

    def __init__(self, app: ASGIApp, held_bytes: Callable[[], Mapping[str, int]]) -> None:
        """Wrap an application; `held_bytes` returns the bytes that each session holds."""
        self.app, self.held_bytes = app, held_bytes
        self._on_the_way: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request through, or refuse the file that it sends."""
        match = _PATH.search(scope.get("path", "")) if scope.get("method") == "PUT" else None
        if match is None:
            await self.app(scope, receive, send)
            return
        session, length = match[1], Headers(scope=scope).get("content-length", "")
        if not length.isdecimal():
            await PlainTextResponse(_NO_SIZE, 411)(scope, receive, send)
            return
        size, held = int(length), Counter(self.held_bytes()) + self._on_the_way
        if held[session] + size > SESSION_BYTES:
            await PlainTextResponse(_SESSION_FULL, 413)(scope, receive, send)
        elif held.total() + size > ALL_BYTES:
            await PlainTextResponse(_ALL_FULL, 503)(scope, receive, send)
        else:
            self._on_the_way[session] += size
            try:
                await self.app(scope, receive, send)
            finally:
                self._on_the_way[session] -= size
                if not self._on_the_way[session]:
                    del self._on_the_way[session]
