"""Close the connection of a client that sends or reads too slowly.

Without a deadline, half a request or an answer that nobody reads holds a connection, and what waits
to be sent, for ever.
"""

import asyncio

from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Between two parts of a request, and for all of it: a file of 20 MB on a slow line.
RECEIVE_SECONDS = 20.0
REQUEST_SECONDS = 300.0
# To read a part of an answer.
SEND_SECONDS = 30.0
# Parts in which an answer is sent, in bytes.
PART_BYTES = 64 * 1024


class DeadlinesMiddleware:
    """ASGI middleware that gives each part of a request and of an answer a time.

    ASGI cannot close a connection whose client does not read: the transport is reached through the
    `receive` of uvicorn. With another server, only the answer ends.
    """

    def __init__(self, app: ASGIApp) -> None:
        """Wrap an application; this must be the outermost middleware."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request through, within its deadlines."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        connection = _Connection(receive, send)
        receive_in_time = connection.receive_body if scope["type"] == "http" else receive
        try:
            await self.app(scope, receive_in_time, connection.send_parts)
        except Exception:
            if not connection.is_closed:
                raise
        if connection.is_closed:  # uvicorn learns it before it misses the end of the answer
            await asyncio.sleep(0)


class _Connection:
    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive, self._send = receive, send
        self._transport = getattr(getattr(receive, "__self__", None), "transport", None)
        self._is_whole = False
        self.is_closed = False
        self._deadline = asyncio.get_running_loop().time() + REQUEST_SECONDS

    async def receive_body(self) -> Message:
        """Receive a part of the request; once it is whole, wait for the client to leave."""
        if self._is_whole:
            return await self._receive()
        now = asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout_at(min(now + RECEIVE_SECONDS, self._deadline)):
                message = await self._receive()
        except TimeoutError:
            self._close()
            return {"type": "http.disconnect"}
        self._is_whole = not message.get("more_body", False)
        return message

    async def send_parts(self, message: Message) -> None:
        """Send a message, a large body in parts; raise `OSError` if the client does not read it."""
        body = message.get("body", b"")
        if message["type"] != "http.response.body" or len(body) <= PART_BYTES:
            await self._send_in_time(message)
            return
        view = memoryview(body)
        for start in range(0, len(body), PART_BYTES):
            is_last = start + PART_BYTES >= len(body)
            part = {
                "type": "http.response.body",
                "body": bytes(view[start : start + PART_BYTES]),
                "more_body": message.get("more_body", False) or not is_last,
            }
            await self._send_in_time(part)

    async def _send_in_time(self, message: Message) -> None:
        # while nothing waits to be read, sending takes no time: no deadline for each of the hundred
        # messages of a page
        if self._transport is not None and not self._transport.get_write_buffer_size():
            await self._send(message)
            return
        try:
            async with asyncio.timeout(SEND_SECONDS):
                await self._send(message)
        except TimeoutError as error:
            self._close()
            raise OSError("the client does not read") from error

    def _close(self) -> None:
        self.is_closed = True
        if self._transport is not None:
            self._transport.abort()
