"""Disable the Nagle algorithm on WebSocket connections.

The system delays the second of two small messages until the browser acknowledges the first (RFC
896), which a browser postpones by 40 ms. Python disables this, except on sockets created without
naming TCP, as those of Streamlit.
"""

import asyncio
import socket

from starlette.types import ASGIApp, Receive, Scope, Send


class TcpNoDelayMiddleware:
    """ASGI middleware that sets `TCP_NODELAY` on the connection.

    ASGI has no API for it: the socket is reached through the `receive` of uvicorn. With another
    server the middleware does nothing.
    """

    def __init__(self, app: ASGIApp) -> None:
        """Wrap an application; this must be the outermost middleware."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Set the option of the connection and pass the request through unchanged."""
        transport = getattr(getattr(receive, "__self__", None), "transport", None)
        if isinstance(transport, asyncio.Transport):
            connection = transport.get_extra_info("socket")
            if connection is not None and connection.family in (socket.AF_INET, socket.AF_INET6):
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        await self.app(scope, receive, send)
