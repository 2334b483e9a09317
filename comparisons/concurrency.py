"""Limit what computes at the same time: threads by slots, processes by time and memory.

Python runs one thread at a time: a hundred pages rendered at once switch thousands of times and
all end late; rendered in turn, each ends as soon as possible.
"""

import os
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from comparisons.errors import TooBusyError


class ConcurrencyLimiter:
    """A number of slots for threads; the others wait, first come first served."""

    def __init__(self, at_once: int, queued: int | None = None) -> None:
        """Build a limiter of `at_once` slots for which `queued` threads may wait (None: any)."""
        self._slots = threading.BoundedSemaphore(at_once)
        self._admitted = None if queued is None else threading.BoundedSemaphore(at_once + queued)
        self._thread = threading.local()

    @contextmanager
    def slot(self, timeout: float | None = None) -> Iterator[None]:
        """Wait for a slot, and hold it until the end of the block; a thread never holds two.

        Raises `TooBusyError` if the queue is full, or after `timeout` seconds.
        """
        if getattr(self._thread, "has_slot", False):
            yield
            return
        if self._admitted and not self._admitted.acquire(blocking=False):
            raise TooBusyError
        try:
            if not self._slots.acquire(timeout=timeout):
                raise TooBusyError
            self._thread.has_slot = True
            try:
                yield
            finally:
                self._thread.has_slot = False
                self._slots.release()
        finally:
            if self._admitted:
                self._admitted.release()

    @contextmanager
    def released(self) -> Iterator[None]:
        """Release the slot of this thread, if it holds one, until the end of the block.

        For a page while a process computes its answer. Not inside of a cached function: threads
        that wait for the same answer would hold their slots.
        """
        if not getattr(self._thread, "has_slot", False):
            yield
            return
        self._thread.has_slot = False
        self._slots.release()
        try:
            yield
        finally:
            self._slots.acquire()
            self._thread.has_slot = True


# More than one: the database and the PDF engine compute without holding the Python interpreter.
PAGE_LIMITER = ConcurrencyLimiter(2)
# Previews of what strangers send, apart: however long they take, the pages of others do not wait.
PREVIEW_LIMITER = ConcurrencyLimiter(1)
# Separate, so that a large file does not delay pages.
FILE_LIMITER = ConcurrencyLimiter(2)


@contextmanager
def release_page_slot() -> Iterator[None]:
    """Release the slot that this page holds, of either kind, until the end of the block."""
    with PAGE_LIMITER.released(), PREVIEW_LIMITER.released():
        yield


@dataclass(frozen=True)
class ProcessResult:
    """Outcome of a process: its output, its exit code, and whether it was stopped for its time."""

    output: bytes
    code: int
    stopped: bool


def run_bounded(
    command: Sequence[str],
    content: bytes,
    seconds: float,
    max_bytes: int,
    environment: Mapping[str, str],
    folder: Path | None = None,
) -> ProcessResult:
    """Run a command in `folder` on `content`, its standard input; return its standard output.

    It is ended after `seconds`, or beyond `max_bytes` of output; what it may use of memory and
    processor, it sets itself (`set_process_limits`).
    """
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
        cwd=folder,
    )
    stopped = threading.Event()

    def stop() -> None:
        stopped.set()
        process.kill()

    clock = threading.Timer(seconds, stop)
    clock.start()
    try:
        with process:
            # a process that ended before it read gives its reason in its exit code
            with suppress(BrokenPipeError):
                process.stdin.write(content)
                process.stdin.close()
            output = process.stdout.read(max_bytes)
            if len(output) == max_bytes:
                process.kill()
            process.wait()
    finally:
        clock.cancel()
        process.kill()
    return ProcessResult(output, process.returncode, stopped.is_set())


def set_process_limits(cpu_seconds: int, memory: int, open_files: int | None = None) -> None:
    """Set the limits at which the system ends this process, as far as the system can.

    `memory` is the size of the address space in bytes; without `open_files`, their number stays
    as it is. The process writes no file, and comes after the pages.
    """
    if hasattr(os, "nice"):
        os.nice(10)
    try:
        import resource
    except ImportError:  # Windows has none of these limits
        return
    limits = {
        "RLIMIT_CPU": cpu_seconds,
        "RLIMIT_AS": memory,
        "RLIMIT_FSIZE": 0,
        "RLIMIT_CORE": 0,
        "RLIMIT_NOFILE": open_files,
    }
    for name, limit in limits.items():
        if limit is not None and hasattr(resource, name):
            # a system that has the name but not the limit
            with suppress(OSError, ValueError):
                resource.setrlimit(getattr(resource, name), (limit, limit))
