"""Who is not let in, and what is not asked of the server behind the pages (Streamlit's).

Streamlit refuses the pages of other sites too, but asks the Internet first which address this
machine has, and everyone waits meanwhile. It does for any reader what its menu for developers
offers, though no page shows that menu.
"""

import logging
from collections.abc import Callable, Iterable
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_log = logging.getLogger(__name__)
# These empty the caches of all readers, or tell about the checkout.
DEVELOPER_MESSAGES = ("clear_cache", "load_git_info", "set_run_on_save")
_METRICS = "/_stcore/metrics"
_THIS_MACHINE = ("127.0.0.1", "::1", "::ffff:127.0.0.1")


class WebSocketGuardMiddleware:
    """ASGI middleware that refuses these, and lets everything else through untouched."""

    def __init__(
        self,
        app: ASGIApp,
        kind_of: Callable[[bytes], str | None],
        origins: Iterable[str] = (),
    ) -> None:
        """Wrap an application.

        `kind_of` reads what a message of a browser asks for, or raises if it is none; `origins` are
        the sites (`https://…`) whose pages are let in besides this one's.
        """
        self.app, self.kind_of, self.origins = app, kind_of, frozenset(origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse, or let through."""
        if scope["type"] == "websocket" and self._is_foreign(scope):
            await send({"type": "websocket.close", "code": 1008})  # before it opens: a 403
        elif scope["type"] == "websocket":
            await self.app(scope, self._without_developers(receive), send)
        elif scope["type"] == "http" and _asks_metrics(scope):
            await PlainTextResponse("Pour cette machine seulement.", 403)(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    def _is_foreign(self, scope: Scope) -> bool:
        """Return whether a page of another site opens the connection (a program names none)."""
        headers = Headers(scope=scope)
        origin = headers.get("origin")
        if origin is None or origin in self.origins:
            return False
        if urlsplit(origin).netloc.lower() == headers.get("host", "").lower():
            return False
        _log.warning(
            "Connexion refusée : la page est de %.200r, le serveur répond pour %.200r. Si c’est le "
            "même site, son serveur mandataire doit transmettre l’en-tête Host, ou "
            "server.corsAllowedOrigins nommer l’adresse du site.",
            origin,
            headers.get("host"),
        )
        return True

    def _without_developers(self, receive: Receive) -> Receive:
        async def wanted() -> Message:
            while True:
                message = await receive()
                if not (message.get("bytes") and self._is_for_developers(message["bytes"])):
                    return message

        return wanted

    def _is_for_developers(self, message: bytes) -> bool:
        try:
            return self.kind_of(message) in DEVELOPER_MESSAGES
        except Exception:  # no message at all: Streamlit closes the connection
            return False


def _asks_metrics(scope: Scope) -> bool:
    """Return whether someone elsewhere asks, be it through a proxy on this machine."""
    if not scope["path"].endswith(_METRICS):
        return False
    client = scope.get("client")
    headers = Headers(scope=scope)
    forwarded = "x-forwarded-for" in headers or "forwarded" in headers
    return forwarded or not client or client[0] not in _THIS_MACHINE
