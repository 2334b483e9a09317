"""Bound the files that are on their way at the same time.

Once here they are weighed (`comparisons.ui.contribution.holdings`); until then nobody counts them.
"""

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

MAX_ON_THE_WAY = 10
_PATH = "/_stcore/upload_file/"
_BUSY = "Trop de fichiers arrivent à la fois : réessayez dans une minute."


class UploadLimitMiddleware:
    """ASGI middleware that refuses a file while as many as it allows are on their way."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap an application."""
        self.app = app
        self._on_the_way = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request through, or refuse the file that it sends."""
        if scope.get("method") != "PUT" or _PATH not in scope["path"]:
            await self.app(scope, receive, send)
        elif self._on_the_way >= MAX_ON_THE_WAY:
            refusal = PlainTextResponse(_BUSY, 503, {"Retry-After": "60"})
            await refusal(scope, receive, send)
        else:
            self._on_the_way += 1
            try:
                await self.app(scope, receive, send)
            finally:
                self._on_the_way -= 1
