"""Record what the application answers, or check that it still does.

    python -m tests.golden record [WORDS …]
    python -m tests.golden check [WORDS …]

With words, only the requests that contain one of them.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from tests.golden import access, ledger
from tests.golden.asking import Answer, answer, read_requests

# lines of a difference that are printed
_SHOWN = 40
_SLOW_SECONDS = 4


def main() -> int:
    """Run what is asked; the exit code is 1 when something differs or failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.golden", description=__doc__)
    parser.add_argument("action", choices=("record", "check"))
    parser.add_argument("words", nargs="*", help="only the requests that contain one of them")
    options = parser.parse_args()
    lines = [line for line in read_requests() if _is_wanted(line, options.words)]
    started = time.monotonic()
    wrong = (_record if options.action == "record" else _check)(lines, whole=not options.words)
    print(f"{len(lines)} requests in {time.monotonic() - started:.0f} s, {wrong} wrong.")
    return 1 if wrong else 0


def _is_wanted(line: str, words: Sequence[str]) -> bool:
    return not words or any(word in line for word in words)


def _record(lines: Sequence[str], whole: bool) -> int:
    """Write down the answers; return how many are failures of the code."""
    entries = {} if whole else ledger.read()
    failed = 0
    for line, told in _answers(lines):
        entries[line] = ledger.entry(told)
        ledger.write_text(line, told.text)
        if told.status in ("failed", "exception", 500):
            failed += 1
            print(f"FAILED {line}\n    {told.text[:400]}", flush=True)
    ledger.write(entries)
    return failed


def _check(lines: Sequence[str], whole: bool) -> int:
    """Print what differs from what was recorded; return how many requests do."""
    recorded = ledger.read()
    wrong = 0
    for line, told in _answers(lines):
        found = (
            ledger.differences(line, recorded[line], told)
            if line in recorded
            else iter(["not recorded"])
        )
        shown = list(islice(found, _SHOWN))
        if shown:
            wrong += 1
            print("\n    ".join([f"DIFFERS {line}", *shown]), flush=True)
    gone = sorted(set(recorded) - set(lines)) if whole else []
    for line in gone:
        print(f"NO LONGER ASKED {line}")
    return wrong + len(gone)


def _answers(lines: Sequence[str]) -> Iterator[tuple[str, Answer]]:
    """Ask everything, one after the other, of a database built for it; pages first."""
    with tempfile.TemporaryDirectory(prefix="golden-") as folder:
        access.prepare(Path(folder))
        for line in sorted(lines, key=lambda line: ("page", "http", "cli").index(line.split()[0])):
            started = time.monotonic()
            yield line, answer(line, Path(folder))
            spent = time.monotonic() - started
            if spent > _SLOW_SECONDS:
                print(f"({spent:.0f} s: {line})", flush=True)


if __name__ == "__main__":
    sys.exit(main())
