"""What computes takes turns.

Python computes one thing at a time. A hundred pages begun at once hand it to one another thousands
of times, and all of them are late; begun in turn, each is whole as soon as it can be.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

_thread = threading.local()


class ConcurrencyLimiter:
    """Places for some threads at once; the others wait, first come first served."""

    def __init__(self, at_once: int) -> None:
        """Build a limiter of that many slots."""
        self._places = threading.BoundedSemaphore(at_once)

    @contextmanager
    def take(self) -> Iterator[None]:
        """Wait for a place, and hold it until the end of the block; who holds one keeps it."""
        if getattr(_thread, "places", None) is not None:
            yield
            return
        with self._places:
            _thread.places = self._places
            try:
                yield
            finally:
                _thread.places = None


# More than one: the database, and what sets papers, compute while Python does something else.
PAGE_LIMITER = ConcurrencyLimiter(2)
# Apart: a large file is not to keep pages waiting.
FILE_LIMITER = ConcurrencyLimiter(2)


@contextmanager
def release_slot() -> Iterator[None]:
    """Release the slot to others while another process computes.

    Not inside of an answer that is kept for all: who waits for it would hold the places.
    """
    places = getattr(_thread, "places", None)
    if places is None:
        yield
        return
    places.release()
    _thread.places = None
    try:
        yield
    finally:
        places.acquire()
        _thread.places = places
