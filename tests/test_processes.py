"""Processes with limits: what they are given and answer, how they end, what they cannot see."""

import json
import os
import signal
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest

from comparisons import processes
from comparisons.concurrency import Interruption, interrupted_by
from comparisons.errors import InterruptedRequestError
from comparisons.processes import ProcessResult, ProcessRunner

linux = pytest.mark.skipif(sys.platform != "linux", reason="forks are made on Linux only")
MODULE = """
import json, os, sys, time
calls = []
def main(action="", *arguments):
    calls.append(action)
    if action == "wait":
        time.sleep(60)
    if action == "abort":
        os.abort()
    if action == "exit":
        sys.exit(int(arguments[0]))
    if action == "fail":
        raise ValueError
    said = {
        "content": sys.stdin.read(), "arguments": arguments, "calls": calls,
        "variable": os.environ.get("VARIABLE"), "files": os.listdir("/dev/fd"),
    }
    print(json.dumps(said))
"""


@pytest.fixture(params=[pytest.param(True, marks=linux), False], ids=["forked", "started"])
def runner(request, monkeypatch, tmp_path) -> ProcessRunner:
    (tmp_path / "answering.py").write_text(MODULE)
    monkeypatch.setattr(processes, "_CAN_FORK", request.param)
    return ProcessRunner(lambda: {**os.environ, "PYTHONPATH": str(tmp_path)})


def run(
    runner: ProcessRunner, *arguments: str, content: bytes = b"", seconds: float = 60
) -> tuple[ProcessResult, bytes]:
    with tempfile.TemporaryFile() as output:
        result = runner.run("answering", arguments, content, output, seconds)
        return result, output.read()


def test_a_process_reads_its_content_and_answers_in_a_file(runner, monkeypatch):
    for text in ("été", "x" * 3_000_000):
        monkeypatch.setenv("VARIABLE", text[:10])
        result, answer = run(runner, "say", "un", "deux", content=text.encode())
        said = json.loads(answer)
        assert result == ProcessResult(0, False)
        assert said["content"] == text and said["arguments"] == ["un", "deux"]
        assert said["variable"] == text[:10]  # as it is now, not as it was at the start
        assert said["calls"] == ["say"]  # nothing of the one before


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(("exit", "0"), 0), (("exit", "3"), 3), (("fail",), 1), (("abort",), -signal.SIGABRT)],
)
def test_the_exit_code_says_how_a_process_ended(runner, arguments, code):
    assert run(runner, *arguments)[0] == ProcessResult(code, False)


def test_a_process_is_ended_after_its_time_or_with_its_request(runner):
    start = time.monotonic()
    result, _ = run(runner, "wait", seconds=0.3)
    assert result.stopped and result.code
    interruption = Interruption()
    threading.Timer(0.3, interruption.request).start()
    with interrupted_by(interruption):
        result, _ = run(runner, "wait")
    assert not result.stopped and result.code
    assert time.monotonic() - start < 30


def test_a_module_that_is_not_there_fails_alone(runner):
    with tempfile.TemporaryFile() as output:
        assert runner.run("comparisons.nothing", (), b"", output, 60).code == 1
    assert run(runner)[0].code == 0


@linux
def test_a_process_holds_no_file_of_the_others(runner):
    files = json.loads(run(runner)[1])["files"]
    # input, output, errors, and the folder that is listed
    assert len(files) == 4


def test_many_run_at_once(runner):
    def say(number: int) -> bytes:
        return json.loads(run(runner, "say", content=str(number).encode())[1])["content"]

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(say, range(16))) == [str(number) for number in range(16)]


@linux
def test_a_server_of_forks_that_was_ended_is_started_again(runner):
    run(runner)
    if runner._server:
        runner._server._process.kill()
        runner._server._process.wait()
    assert run(runner)[0].code == 0


@linux
def test_no_process_goes_on_for_a_request_that_was_interrupted_before(runner):
    interruption = Interruption()
    interruption.request()
    with pytest.raises(InterruptedRequestError), interrupted_by(interruption):
        run(runner, "wait")
    run(runner)
    deadline = time.monotonic() + 10
    forks = runner._server and psutil.Process(runner._server._process.pid)
    while forks and forks.children() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not forks or not forks.children()
