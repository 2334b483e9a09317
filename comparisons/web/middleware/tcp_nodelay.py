"""What is ready is sent at once.

The system holds the second of two small messages back until the browser has acknowledged the first
(Nagle's algorithm, RFC 896), which a browser puts off by 40 ms: no view would take less. Python
turns this off, but not on connections to a socket that was made without naming TCP, as Streamlit's.
"""

import asyncio
import socket

from starlette.types import ASGIApp, Receive, Scope, Send


class TcpNoDelayMiddleware:
    """ASGI middleware that lets small messages leave one after the other.

    ASGI has no word for it. With another server than uvicorn, whose `receive` belongs to what holds
    the connection, everything works as it would without.
    """

    def __init__(self, app: ASGIApp) -> None:
        """Wrap an application; nothing but a server may wrap this one."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Set up the connection, and let everything through untouched."""
        transport = getattr(getattr(receive, "__self__", None), "transport", None)
        if isinstance(transport, asyncio.Transport):
            connection = transport.get_extra_info("socket")
            if connection is not None and connection.family in (socket.AF_INET, socket.AF_INET6):
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        await self.app(scope, receive, send)
