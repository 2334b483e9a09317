"""Builds that fail, each in a process of its own, for `test_faults.py`; run as a program.

It reads as JSON what to build (`database`, `strategies`, `reference`) and, in `faults`, what
befalls the builds, one after the other: kind and measure. For each it writes the `ends` of its
processes (exit code, or the signal below zero; error), then what is left: a `hash` of the database,
and what is in its folder.
"""

import hashlib
import json
import os
import resource
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from comparisons.build import build
from comparisons.datapackage import merge

End = tuple[int, str]


def whole(_: int) -> list[End]:
    """Run a build without a fault."""
    return [ended(started())]


def killed(line: int) -> list[End]:
    """Kill a build when it writes the progress line of that number."""
    return [ended(started(at(line, lambda: os.kill(os.getpid(), signal.SIGKILL))))]


def full(size: int) -> list[End]:
    """Run a build with a limit on the size of files, in bytes."""
    limits = (size, resource.getrlimit(resource.RLIMIT_FSIZE)[1])
    return [ended(started(before=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, limits)))]


def overtaken(line: int) -> list[End]:
    """Suspend a build, at a progress line, until another one has run."""
    ready, finished = os.pipe(), os.pipe()
    first = started(at(line, lambda: (os.write(ready[1], b"."), os.read(finished[0], 1))))
    second = ended(started(before=lambda: os.read(ready[0], 1)))
    os.write(finished[1], b".")
    return [ended(first), second]


def at(line: int, act: Callable[[], object]) -> Callable[[str], object]:
    """Return a progress callback that acts at the line of that number."""
    numbers = iter(range(1000))
    return lambda _: next(numbers) == line and act()


def started(
    progress: Callable[[str], object] = lambda line: None,
    before: Callable[[], object] = lambda: None,
) -> tuple[int, int]:
    """Start a build; return its process id, and the pipe of its error."""
    reading, writing = os.pipe()
    process = os.fork()
    if process:
        os.close(writing)
        return process, reading
    code = 1
    try:
        before()
        build.build(database, progress)
        code = 0
    except build.BuildError as refused:
        os.write(writing, str(refused).encode())
    finally:
        os._exit(code)


def ended(child: tuple[int, int]) -> End:
    """Wait for the end of a build; return its exit code and its error."""
    process, reading = child
    code = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
    with os.fdopen(reading, "rb") as error:
        return code, error.read().decode()


if __name__ == "__main__":
    request = json.loads(sys.argv[1])
    database = Path(request["database"])
    merge.STRATEGIES_DIR = Path(request["strategies"])
    build.REFERENCE_DIR = Path(request["reference"])
    story = []
    for kind, measure in request["faults"]:
        happened = {"kind": kind, "ends": globals()[kind](measure)}
        happened["hash"] = hashlib.sha256(database.read_bytes()).hexdigest()
        happened["left"] = sorted(os.listdir(database.parent))
        story.append(happened)
    print(json.dumps(story))
