"""Limit how many threads compute at the same time, and end those whose client has left.

Python runs one thread at a time: a hundred pages rendered at once switch thousands of times and
all end late; rendered in turn, each ends as soon as possible.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from comparisons.errors import InterruptedRequestError, TooBusyError


class _FairSemaphore:
    """A semaphore whose threads are served in the order in which they came.

    One of `threading` wakes the first that waits, but another that comes before it runs takes its
    turn, and it waits again behind all others.
    """

    def __init__(self, count: int) -> None:
        self._free = count
        self._lock = threading.Lock()
        self._waiting: deque[threading.Lock] = deque()

    def acquire(self, timeout: float | None = None) -> bool:
        with self._lock:
            if self._free:
                self._free -= 1
                return True
            turn = threading.Lock()
            turn.acquire()
            self._waiting.append(turn)
        if turn.acquire(timeout=-1 if timeout is None else timeout):
            return True
        with self._lock:
            if turn in self._waiting:
                self._waiting.remove(turn)
                return False
        return True  # its turn came meanwhile

    def release(self) -> None:
        with self._lock:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._free += 1


class ConcurrencyLimiter:
    """A number of slots for threads; the others wait, first come first served.

    `last_used` is when one was left (`time.monotonic`; 0 at first).
    """

    def __init__(self, at_once: int, queued: int | None = None) -> None:
        """Build a limiter of `at_once` slots for which `queued` threads may wait (None: any)."""
        self._slots = _FairSemaphore(at_once)
        self._admitted = None if queued is None else threading.BoundedSemaphore(at_once + queued)
        self._thread = threading.local()
        self.last_used = 0.0

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
                self.last_used = time.monotonic()
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


class OneAtATime:
    """What each owner, a client or a session, does once at a time."""

    def __init__(self) -> None:
        """Build one without owners."""
        self._owners: set[Hashable] = set()
        self._lock = threading.Lock()

    @contextmanager
    def turn(self, owner: Hashable) -> Iterator[None]:
        """Take the turn of an owner (None: nobody in particular) until the end of the block.

        Raises `TooBusyError` if this owner has it already.
        """
        if owner is None:
            yield
            return
        with self._lock:
            if owner in self._owners:
                raise TooBusyError("Votre demande précédente est en cours : une à la fois.")
            self._owners.add(owner)
        try:
            yield
        finally:
            with self._lock:
                self._owners.discard(owner)


# More than one: the database and the PDF engine compute without holding the Python interpreter.
PAGE_LIMITER = ConcurrencyLimiter(2)
# Previews of what strangers send, apart: however long they take, the pages of others do not wait.
PREVIEW_LIMITER = ConcurrencyLimiter(1)
# Separate, so that a large file does not delay pages. Beyond the queue, who asks is told to come
# back: a longer one would be left before it is served.
FILE_LIMITER = ConcurrencyLimiter(2, queued=36)
# What takes milliseconds, a count or a search, does not wait behind files that take seconds.
ANSWER_LIMITER = ConcurrencyLimiter(2, queued=36)


class Interruption:
    """What ends the work of one request in the middle: its client has left, or its time is over."""

    def __init__(self) -> None:
        """Build one that is not requested yet."""
        self.is_requested = False
        self._stops: list[Callable[[], None]] = []
        self._lock = threading.Lock()

    def request(self) -> None:
        """Stop what is running; what would start later is refused."""
        with self._lock:
            self.is_requested = True
            stops = tuple(self._stops)
        for stop in stops:
            stop()

    def add(self, stop: Callable[[], None]) -> None:
        """Have `stop` called, by another thread, when the interruption is requested.

        Raises `InterruptedRequestError` if it already was.
        """
        with self._lock:
            if self.is_requested:
                raise InterruptedRequestError
            self._stops.append(stop)


_interruption: ContextVar[Interruption | None] = ContextVar("interruption", default=None)


@contextmanager
def interrupted_by(interruption: Interruption) -> Iterator[None]:
    """Let an interruption end what runs in this context.

    Whatever is raised once it is requested becomes an `InterruptedRequestError`.
    """
    token = _interruption.set(interruption)
    try:
        yield
    except Exception as error:
        if interruption.is_requested:
            raise InterruptedRequestError from error
        raise
    finally:
        _interruption.reset(token)


def stop_on_interruption(stop: Callable[[], None]) -> None:
    """Have `stop` called if the current request is interrupted.

    It must do no harm once what it stops is over. Raises `InterruptedRequestError` if the request
    already is interrupted.
    """
    if interruption := _interruption.get():
        interruption.add(stop)


def raise_if_interrupted() -> None:
    """Raise `InterruptedRequestError` if the current request is interrupted."""
    interruption = _interruption.get()
    if interruption is not None and interruption.is_requested:
        raise InterruptedRequestError


@contextmanager
def release_page_slot() -> Iterator[None]:
    """Release the slot that this page holds, of either kind, until the end of the block."""
    with PAGE_LIMITER.released(), PREVIEW_LIMITER.released():
        yield
