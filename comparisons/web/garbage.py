"""Collect garbage between readers: a full collection stops all pages for a second or two."""

import asyncio
import gc
import time

from comparisons.concurrency import PAGE_LIMITER

# With Python's own thresholds, 700, 10 and 10, collections take a tenth of the time of pages. The
# last one is never reached: Python would start full collections in the middle of a page.
_THRESHOLDS = 10_000, 10, 1_000_000
_LOOK_SECONDS = 2
# Seconds without a page after which nobody is waiting for one: more than it takes to read one.
_QUIET_SECONDS = 30
# The longest that garbage is kept, whoever reads.
_MOST_SECONDS = 900


def keep_what_is_loaded() -> None:
    """Leave the objects that are there, which live as long as the process, out of collections."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_THRESHOLDS)


async def collect_between_readers() -> None:
    """Collect garbage, again and again, each time that readers have left."""
    collected = time.monotonic()
    while True:
        await asyncio.sleep(_LOOK_SECONDS)
        if is_due(time.monotonic(), PAGE_LIMITER.last_used, collected):
            gc.collect()
            collected = time.monotonic()


def is_due(now: float, last_page: float, last_collection: float) -> bool:
    """Return whether to collect now: readers have just left, or the last time is long ago.

    Answers of the API leave garbage without any page.
    """
    has_readers_who_left = last_page > last_collection and now - last_page > _QUIET_SECONDS
    return has_readers_who_left or now - last_collection > _MOST_SECONDS
