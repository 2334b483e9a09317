"""Run a function of a module in a process of its own, limited in time, memory and processor.

Where the system can, the process is a fork of one that has imported the module: it starts within
milliseconds instead of a second. `python -m comparisons.processes` is the one that forks, or, with
the name of a module, the process itself.
"""

import gc
import importlib
import json
import os
import select
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import BinaryIO, NoReturn

from comparisons.concurrency import stop_on_interruption
from comparisons.settings import PROJECT_DIR, database_path

_MODULE = "comparisons.processes"
# What is sent: the length of a request, the exit code of a process.
_LENGTH, _CODE = struct.Struct("!I"), struct.Struct("!i")


@dataclass(frozen=True)
class ProcessResult:
    """Outcome of a process: its exit code, or minus the signal that ended it; its time was over."""

    code: int
    stopped: bool


def _can_fork() -> bool:
    """Return whether this system forks safely, and lets the end of a process be awaited."""
    if sys.platform != "linux":  # system libraries do not survive a fork, or there is none
        return False
    try:
        os.close(os.pidfd_open(os.getpid()))
    except OSError:
        return False
    return True


_CAN_FORK = _can_fork()


def site_environment() -> dict[str, str]:
    """Return the environment of this process, for one that computes in one thread."""
    return {
        **os.environ,
        "OMP_THREAD_LIMIT": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONIOENCODING": "utf-8",
        "STRATOSCOPE_DATABASE": str(database_path().resolve()),
    }


class ProcessRunner:
    """Runs modules in processes that have an environment of their own."""

    def __init__(self, environment: Callable[[], Mapping[str, str]]) -> None:
        """Build a runner; `environment` is asked for each process."""
        self._environment = environment
        self._server: _ForkServer | None = None
        self._lock = threading.Lock()

    def run(
        self,
        module: str,
        arguments: Sequence[str],
        content: bytes,
        output: BinaryIO,
        seconds: float,
    ) -> ProcessResult:
        """Run `main(*arguments)` of a module on `content`, its standard input; it writes to a file.

        It is ended after `seconds`, or when the request that waits for it is interrupted. How much
        it writes and uses of memory and processor, it bounds itself (`set_process_limits`).
        `output`, a file of the system, is left at its beginning.
        """
        with tempfile.TemporaryFile() as source:
            source.write(content)
            source.seek(0)
            process = self._start(module, arguments, source, output)
        stopped = threading.Event()

        def stop() -> None:
            stopped.set()
            process.kill()

        clock = threading.Timer(seconds, stop)
        clock.start()
        with process:
            try:
                stop_on_interruption(process.kill)
                code = process.wait()
            finally:
                clock.cancel()
                process.kill()
        output.seek(0)
        return ProcessResult(code, stopped.is_set())

    def _start(
        self, module: str, arguments: Sequence[str], source: BinaryIO, output: BinaryIO
    ) -> "subprocess.Popen | _ForkedProcess":
        environment = dict(self._environment())
        if not _CAN_FORK:
            return subprocess.Popen(
                (sys.executable, "-m", _MODULE, module, *arguments),
                stdin=source,
                stdout=output,
                stderr=subprocess.DEVNULL,
                env=environment,
                cwd=PROJECT_DIR,
            )
        request = json.dumps([module, arguments, environment]).encode()
        files = [source.fileno(), output.fileno()]
        with self._lock:
            if self._server is not None:
                # one that was ended, by the system or by whoever administers it
                with suppress(OSError):
                    return self._server.start(request, files)
            self._server = _ForkServer(environment)
            return self._server.start(request, files)


class _ForkServer:
    """A process that forks; it ends with this one."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._socket, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                (sys.executable, "-m", _MODULE),
                stdin=theirs,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=environment,
                cwd=PROJECT_DIR,
                # the interruption of a terminal is for the site, which ends this by ending
                start_new_session=True,
            )

    def start(self, request: bytes, files: list[int]) -> "_ForkedProcess":
        """Start a process on its input and its output; raises `OSError` if the server has ended."""
        status, theirs = socket.socketpair()
        with theirs:
            socket.send_fds(self._socket, [_LENGTH.pack(len(request))], [*files, theirs.fileno()])
            self._socket.sendall(request)
        return _ForkedProcess(status)


class _ForkedProcess:
    """A process that another one forked and watches.

    Its exit code comes from a socket; that this is closed on our side ends it.
    """

    def __init__(self, status: socket.socket) -> None:
        self._status = status

    def __enter__(self) -> "_ForkedProcess":
        return self

    def __exit__(self, *_: object) -> None:
        self._status.close()

    def kill(self) -> None:
        """End the process at once, or as soon as it begins."""
        with suppress(OSError):
            self._status.shutdown(socket.SHUT_WR)

    def wait(self) -> int:
        """Wait for the end of the process; return its exit code."""
        code = self._status.recv(_CODE.size, socket.MSG_WAITALL)
        # without a code, the one that watches it was ended
        return _CODE.unpack(code)[0] if code else -signal.SIGKILL


def set_process_limits(
    cpu_seconds: int,
    memory: int,
    file_bytes: int,
    open_files: int | None = None,
    niceness: int = 10,
) -> None:
    """Set the limits at which the system ends this process, as far as the system can.

    `memory` is the size of the address space and `file_bytes` that of a file that it writes, its
    output above all, both in bytes; without `open_files`, their number stays as it is. The process
    comes after the pages, and after others of less `niceness`.
    """
    if hasattr(os, "nice"):
        os.nice(niceness)
    try:
        import resource
    except ImportError:  # Windows has none of these limits
        return
    limits = {
        "RLIMIT_CPU": cpu_seconds,
        "RLIMIT_AS": memory,
        "RLIMIT_FSIZE": file_bytes,
        "RLIMIT_CORE": 0,
        "RLIMIT_NOFILE": open_files,
    }
    for name, limit in limits.items():
        if limit is not None and hasattr(resource, name):
            # a system that has the name but not the limit
            with suppress(OSError, ValueError):
                resource.setrlimit(getattr(resource, name), (limit, limit))


# --- the process that forks -----------------------------------------------------------------------


def _serve_forks(requests: socket.socket) -> None:
    """Fork a process for each request, until the other end of the socket is closed."""
    # those that watch leave no trace when they end
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        length, files, *_ = socket.recv_fds(requests, _LENGTH.size, 3)
        if not length:
            return
        module, arguments, environment = json.loads(
            requests.recv(*_LENGTH.unpack(length), socket.MSG_WAITALL)
        )
        # one that fails to load fails in its process, which says so
        with suppress(Exception):
            _prepare(module)
        gc.freeze()
        if os.fork() == 0:
            os.environ.clear()
            os.environ.update(environment)
            _watch(module, arguments, files)
        for file in files:
            os.close(file)


@cache
def _prepare(module: str) -> None:
    """Import a module and have it load, if it can `prepare`, what each of its processes reads."""
    prepare = getattr(importlib.import_module(module), "prepare", None)
    if prepare is not None:
        prepare()


def _watch(module: str, arguments: Sequence[str], files: Sequence[int]) -> NoReturn:
    """Fork a process, end it if nobody waits for it any longer, tell its exit code."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    *streams, status = files
    number = os.fork()
    if number == 0:
        os.close(status)
        _replace_streams(streams)
        _run(module, arguments)
    os.close(0)  # the socket of the server, which closes when the server ends
    is_over = os.pidfd_open(number)
    ready, _, _ = select.select([is_over, status], [], [])
    if is_over not in ready:
        os.kill(number, signal.SIGKILL)
    code = os.waitstatus_to_exitcode(os.waitpid(number, 0)[1])
    with suppress(OSError), socket.socket(fileno=status) as waiting:
        waiting.sendall(_CODE.pack(code))
    os._exit(0)


def _replace_streams(streams: Sequence[int]) -> None:
    """Make files the standard input and output; the socket of the server, the input, is closed."""
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)


def _run(module: str, arguments: Sequence[str]) -> NoReturn:
    """Run `main` of a module and end this process, without freeing its memory object by object."""
    code = 1
    try:
        importlib.import_module(module).main(*arguments)
        sys.stdout.flush()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    finally:
        os._exit(code)


SITE_PROCESSES = ProcessRunner(site_environment)


if __name__ == "__main__":
    if sys.argv[1:]:
        _run(sys.argv[1], sys.argv[2:])
    _serve_forks(socket.socket(fileno=0))
