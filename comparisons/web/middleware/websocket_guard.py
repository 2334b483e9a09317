"""Reject WebSocket connections of other sites and the developer messages of Streamlit.

Streamlit rejects other sites too, but first asks an external service for the address of this
machine, while all readers wait. It also runs developer commands for any reader, though no page
shows their menu.
"""

import logging
from collections.abc import Callable, Iterable
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_log = logging.getLogger(__name__)
# These clear the caches of all readers, or reveal the state of the repository.
_DEVELOPER_MESSAGES = ("clear_cache", "load_git_info", "set_run_on_save")
_METRICS = "/_stcore/metrics"
_THIS_MACHINE = ("127.0.0.1", "::1", "::ffff:127.0.0.1")


class WebSocketGuardMiddleware:
    """ASGI middleware that rejects these requests and passes all others through."""

    def __init__(
        self,
        app: ASGIApp,
        kind_of: Callable[[bytes], str | None],
        origins: Iterable[str] = (),
    ) -> None:
        """Wrap an application.

        `kind_of` returns the type of a message of the browser, or raises if it cannot be decoded;
        `origins` are the other sites (`https://…`) whose pages may connect.
        """
        self.app, self.kind_of, self.origins = app, kind_of, frozenset(origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Reject the request, or pass it through."""
        if scope["type"] == "websocket" and self._is_foreign(scope):
            await send({"type": "websocket.close", "code": 1008})  # before it opens: a 403
        elif scope["type"] == "websocket":
            await self.app(scope, self._without_developers(receive), send)
        elif scope["type"] == "http" and _is_remote_metrics_request(scope):
            await PlainTextResponse("Pour cette machine seulement.", 403)(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    def _is_foreign(self, scope: Scope) -> bool:
        """Return whether the connection comes from a page of another site.

        Programs send no `Origin` and are accepted.
        """
        headers = Headers(scope=scope)
        origin = headers.get("origin")
        if origin is None or origin in self.origins:
            return False
        if urlsplit(origin).netloc.lower() == headers.get("host", "").lower():
            return False
        _log.warning(
            "Connexion refusée : la page est de %.200r, le serveur répond pour une autre adresse. "
            "Si c’est le même site, son serveur mandataire doit transmettre l’en-tête Host, ou "
            "server.corsAllowedOrigins nommer l’adresse du site.",
            origin,
        )
        return True

    def _without_developers(self, receive: Receive) -> Receive:
        async def receive_allowed() -> Message:
            while True:
                message = await receive()
                if not (message.get("bytes") and self._is_for_developers(message["bytes"])):
                    return message

        return receive_allowed

    def _is_for_developers(self, message: bytes) -> bool:
        try:
            return self.kind_of(message) in _DEVELOPER_MESSAGES
        except Exception:  # undecodable message: Streamlit closes the connection
            return False


def _is_remote_metrics_request(scope: Scope) -> bool:
    """Return whether metrics are requested from another machine, directly or by a proxy."""
    if not scope["path"].endswith(_METRICS):
        return False
    client = scope.get("client")
    headers = Headers(scope=scope)
    forwarded = "x-forwarded-for" in headers or "forwarded" in headers
    return forwarded or not client or client[0] not in _THIS_MACHINE
