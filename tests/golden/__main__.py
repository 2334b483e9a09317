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
from tests.golden.asking import Answer, read_requests, run_request

# lines printed of each difference
_MAX_PRINTED_LINES = 40
_SLOW_SECONDS = 4


def main() -> int:
    """Run the command; return exit code 1 when an answer differs or fails."""
    parser = argparse.ArgumentParser(prog="python -m tests.golden", description=__doc__)
    parser.add_argument("action", choices=("record", "check"))
    parser.add_argument("words", nargs="*", help="only the requests that contain one of them")
    options = parser.parse_args()
    lines = [line for line in read_requests() if _is_wanted(line, options.words)]
    started = time.monotonic()
    wrong_count = (_record if options.action == "record" else _check)(
        lines, whole=not options.words
    )
    print(f"{len(lines)} requests in {time.monotonic() - started:.0f} s, {wrong_count} wrong.")
    return 1 if wrong_count else 0


def _is_wanted(line: str, words: Sequence[str]) -> bool:
    return not words or any(word in line for word in words)


def _record(lines: Sequence[str], whole: bool) -> int:
    """Record the answers; return the number of failures of the code."""
    entries = {} if whole else ledger.load_entries()
    failed = 0
    for line, response in _run_requests(lines):
        entries[line] = ledger.entry(response)
        ledger.write_text(line, response.text)
        if response.status in ("failed", "exception", 500):
            failed += 1
            print(f"FAILED {line}\n    {response.text[:400]}", flush=True)
    ledger.write(entries)
    return failed


def _check(lines: Sequence[str], whole: bool) -> int:
    """Print the differences from the record; return the number of requests that differ."""
    recorded = ledger.load_entries()
    wrong_count = 0
    for line, response in _run_requests(lines):
        differences = (
            ledger.differences(line, recorded[line], response)
            if line in recorded
            else iter(["not recorded"])
        )
        printed_lines = list(islice(differences, _MAX_PRINTED_LINES))
        if printed_lines:
            wrong_count += 1
            print("\n    ".join([f"DIFFERS {line}", *printed_lines]), flush=True)
    missing = sorted(set(recorded) - set(lines)) if whole else []
    for line in missing:
        print(f"NO LONGER ASKED {line}")
    return wrong_count + len(missing)


def _run_requests(lines: Sequence[str]) -> Iterator[tuple[str, Answer]]:
    """Yield the answer of each request on a database built for them, pages first."""
    with tempfile.TemporaryDirectory(prefix="golden-") as folder:
        access.prepare(Path(folder))
        for line in sorted(lines, key=lambda line: ("page", "http", "cli").index(line.split()[0])):
            started = time.monotonic()
            yield line, run_request(line, Path(folder))
            spent = time.monotonic() - started
            if spent > _SLOW_SECONDS:
                print(f"({spent:.0f} s: {line})", flush=True)


if __name__ == "__main__":
    sys.exit(main())
