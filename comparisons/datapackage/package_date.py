"""Read the date of a package (« created » in its descriptor), which decides what it replaces.

One rule for every door: uploads, `validate`, imports and builds.
"""

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta

from comparisons.schema.model import load_format

_DAY = re.compile(r"[12]\d{3}-\d\d-\d\d")
_DAY_OR_TIME = re.compile(rf"{_DAY.pattern}([T ].+)?")
# A day begins earlier elsewhere.
_TIME_ZONES = timedelta(days=1)
# By how much a clock that is known to be wrong may be late.
_MAX_CLOCK_DELAY = timedelta(days=366)


def creation_text(descriptor: Mapping) -> str:
    """Return the date of a package as its descriptor has it, "" if it has none."""
    return str(descriptor.get("created") or "")


def creation_day(created: str) -> date | None:
    """Return the day of the calendar that a date or a date and time names, else None."""
    if not _DAY_OR_TIME.fullmatch(created):
        return None
    try:
        return datetime.fromisoformat(created).date()
    except ValueError:
        return None


def this_day() -> date:
    """Return today: no clock is right that shows a day before the publication of the format."""
    return max(date.today(), load_format().created)


def latest_day() -> date:
    """Return the last day that a package may bear: later ones are in the future."""
    is_clock_late = date.today() < load_format().created
    return this_day() + (_MAX_CLOCK_DELAY if is_clock_late else _TIME_ZONES)


def to_datetime(created: str) -> str:
    """Return a date with a time, midnight if it has none, as the standard requires."""
    return f"{created}T00:00:00Z" if _DAY.fullmatch(created) else created
