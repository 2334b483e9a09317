"""Collect garbage between readers: a full collection stops all pages for a second or two."""

import asyncio
import gc
import time

from comparisons.concurrency import PAGE_LIMITER

# Python's own, 700 and 10, take a tenth of the time of pages; the last one leaves full collections,
# which it would start in the middle of a page, to this module.
_THRESHOLDS = 10_000, 10, 1_000_000
_LOOK_SECONDS = 2
# Nobody has asked for a page for that long; or somebody always has, for that long.
_QUIET_SECONDS, _MOST_SECONDS = 5, 900


def keep_what_is_loaded() -> None:
    """Leave the objects that are there, which live as long as the process, out of collections."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_THRESHOLDS)


async def collect_between_readers() -> None:
    """Collect garbage, again and again, when nobody reads."""
    collected = time.monotonic()
    while True:
        await asyncio.sleep(_LOOK_SECONDS)
        if is_due(time.monotonic(), PAGE_LIMITER.last_used, collected):
            gc.collect()
            collected = time.monotonic()


def is_due(now: float, last_page: float, last_collection: float) -> bool:
    """Return whether to collect at a moment: pages were made since the last time, but not now."""
    is_quiet = now - last_page > _QUIET_SECONDS
    return last_page > last_collection and (is_quiet or now - last_collection > _MOST_SECONDS)
