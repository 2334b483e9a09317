"""What a session, and all of them, may leave in memory."""

import asyncio

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from comparisons.web.middleware import upload_quota
from comparisons.web.middleware.upload_quota import UploadQuotaMiddleware

HELD: dict[str, int] = {}


@pytest.fixture
def client(monkeypatch) -> TestClient:
    HELD.clear()
    monkeypatch.setattr(upload_quota, "SESSION_BYTES", 100)
    monkeypatch.setattr(upload_quota, "ALL_BYTES", 250)

    async def accept(request):
        HELD[request.path_params["session"]] = HELD.get(request.path_params["session"], 0) + len(
            await request.body()
        )
        return PlainTextResponse("")

    route = Route("/_stcore/upload_file/{session}/{file}", accept, methods=["PUT"])
    return TestClient(UploadQuotaMiddleware(Starlette(routes=[route]), lambda: HELD))


def put(client: TestClient, session: str, file: str, content: object = b"x" * 60) -> int:
    return client.put(f"/_stcore/upload_file/{session}/{file}", content=content).status_code


def test_a_session_and_all_have_a_quota(client):
    assert [put(client, "a", "1"), put(client, "a", "2")] == [200, 413]
    assert [put(client, name, "1") for name in "bcde"] == [200, 200, 200, 503]
    HELD.clear()  # the sessions have ended
    assert put(client, "a", "2") == 200


def test_a_file_of_unknown_size_is_refused(client):
    assert put(client, "a", "1", iter([b"x" * 60])) == 411


def test_files_on_their_way_count(client):
    async def send_two() -> list[int]:
        arrived, statuses = asyncio.Event(), []

        async def slow(scope, receive, send):
            await arrived.wait()
            await PlainTextResponse("")(scope, receive, send)

        middleware = UploadQuotaMiddleware(slow, lambda: {})

        async def send(message):
            if message["type"] == "http.response.start":
                statuses.append(message["status"])

        scope = {"type": "http", "method": "PUT", "path": "/_stcore/upload_file/a/1",
                 "headers": [(b"content-length", b"60")]}  # fmt: skip
        first = asyncio.create_task(middleware(scope, None, send))
        await asyncio.sleep(0)
        await middleware(scope, None, send)
        arrived.set()
        await first
        return statuses

    assert asyncio.run(send_two()) == [413, 200]
