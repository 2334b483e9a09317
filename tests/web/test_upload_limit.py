"""Files on their way at the same time."""

import asyncio

from starlette.responses import PlainTextResponse

from comparisons.web.middleware import upload_limit
from comparisons.web.middleware.upload_limit import UploadLimitMiddleware


def test_only_so_many_files_are_on_their_way(monkeypatch):
    monkeypatch.setattr(upload_limit, "MAX_ON_THE_WAY", 2)

    async def send_some() -> list[int]:
        has_arrived, statuses = asyncio.Event(), []

        async def slow(scope, receive, send):
            await has_arrived.wait()
            await PlainTextResponse("")(scope, receive, send)

        async def send(message):
            if message["type"] == "http.response.start":
                statuses.append(message["status"])

        middleware = UploadLimitMiddleware(slow)
        scope = {"type": "http", "method": "PUT", "path": "/_stcore/upload_file/a/1"}
        first = [asyncio.create_task(middleware(scope, None, send)) for _ in range(2)]
        await asyncio.sleep(0)
        await middleware(scope, None, send)
        has_arrived.set()
        await asyncio.gather(*first)
        await middleware(scope, None, send)
        return statuses

    assert asyncio.run(send_some()) == [503, 200, 200, 200]
