"""What was recorded: a line per request in `recorded.json`; whole texts, kept locally."""

import difflib
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

from tests.golden.asking import Answer

RECORDED = Path(__file__).with_name("recorded.json")
TEXTS = Path(__file__).with_name(".texts")
_MAX_LINE = 600


def entry(told: Answer) -> dict[str, object]:
    """Return what is recorded of an answer."""
    mark = hashlib.sha256(told.text.encode("utf-8")).hexdigest()[:20]
    return {"status": told.status, "headers": dict(sorted(told.headers.items())), "content": mark}


def read() -> dict[str, dict]:
    """Read what was recorded, by request."""
    return json.loads(RECORDED.read_text("utf-8")) if RECORDED.exists() else {}


def write(entries: dict[str, dict]) -> None:
    """Write what is recorded: one line per request, sorted."""
    lines = [
        f"{json.dumps(line, ensure_ascii=False)}: {json.dumps(entries[line], ensure_ascii=False)}"
        for line in sorted(entries)
    ]
    RECORDED.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


def write_text(line: str, text: str, kind: str = "recorded") -> None:
    """Write the whole text of an answer, for this machine alone."""
    TEXTS.mkdir(exist_ok=True)
    _place(line, kind).write_text(f"{line}\n{text}", encoding="utf-8", newline="")


def differences(line: str, before: dict, told: Answer) -> Iterator[str]:
    """Return what differs between what was recorded and an answer, in lines to read."""
    after = entry(told)
    if before["status"] != after["status"]:
        yield f"status: {before['status']} → {after['status']}"
    for name in sorted({*before["headers"], *after["headers"]}):
        was, now = before["headers"].get(name), after["headers"].get(name)
        if was != now:
            yield f"{name}: {was} → {now}"
    if before["content"] != after["content"]:
        yield "content differs"
        yield from _text_differences(line, before, told.text)


def _text_differences(line: str, before: dict, text: str) -> Iterator[str]:
    """Return a unified diff, if the text that was recorded is still here."""
    write_text(line, text, "found")
    path = _place(line, "recorded")
    old = path.read_bytes().decode("utf-8").partition("\n")[2] if path.exists() else ""
    if entry(Answer("", {}, old))["content"] != before["content"]:
        yield f"(no text of that record here; the one found is {_place(line, 'found')})"
        return
    lines = old.split("\n"), text.split("\n")
    for each in difflib.unified_diff(*lines, "recorded", "found", n=1):
        yield each.rstrip("\n")[:_MAX_LINE]


def _place(line: str, kind: str) -> Path:
    return TEXTS / f"{hashlib.sha256(line.encode('utf-8')).hexdigest()[:16]}.{kind}.txt"
