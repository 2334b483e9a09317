"""Limit the number of threads that compute at the same time.

Python runs one thread at a time: a hundred pages rendered at once switch thousands of times and
all end late; rendered in turn, each ends as soon as possible.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

_thread = threading.local()


class ConcurrencyLimiter:
    """A number of slots for threads; the others wait, first come first served."""

    def __init__(self, at_once: int) -> None:
        """Build a limiter of that many slots."""
        self._semaphore = threading.BoundedSemaphore(at_once)

    @contextmanager
    def slot(self) -> Iterator[None]:
        """Wait for a slot, and hold it until the end of the block; a thread never holds two."""
        if getattr(_thread, "places", None) is not None:
            yield
            return
        with self._semaphore:
            _thread.places = self._semaphore
            try:
                yield
            finally:
                _thread.places = None


# More than one: the database and the PDF engine compute without holding the Python interpreter.
PAGE_LIMITER = ConcurrencyLimiter(2)
# Separate, so that a large file does not delay pages.
FILE_LIMITER = ConcurrencyLimiter(2)


@contextmanager
def release_slot() -> Iterator[None]:
    """Release the slot of this thread while another process computes, then take one again.

    Not for a cached function: threads that wait for its answer would hold their slots.
    """
    semaphore = getattr(_thread, "places", None)
    if semaphore is None:
        yield
        return
    semaphore.release()
    _thread.places = None
    try:
        yield
    finally:
        semaphore.acquire()
        _thread.places = semaphore
