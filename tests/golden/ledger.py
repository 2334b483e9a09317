"""Recorded answers: a line per request in `recorded.json`; whole texts in a local folder."""

import difflib
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

from tests.golden.asking import Answer

RECORDED = Path(__file__).with_name("recorded.json")
TEXTS = Path(__file__).with_name(".texts")
_MAX_LINE = 600


def entry(response: Answer) -> dict[str, object]:
    """Return the record of an answer: status, headers, hash of its text."""
    content_hash = hashlib.sha256(response.text.encode("utf-8")).hexdigest()[:20]
    return {
        "status": response.status,
        "headers": dict(sorted(response.headers.items())),
        "content": content_hash,
    }


def load_entries() -> dict[str, dict]:
    """Read the recorded answers, by request."""
    return json.loads(RECORDED.read_text("utf-8")) if RECORDED.exists() else {}


def write(entries: dict[str, dict]) -> None:
    """Write the recorded answers: one line per request, sorted."""
    lines = [
        f"{json.dumps(line, ensure_ascii=False)}: {json.dumps(entries[line], ensure_ascii=False)}"
        for line in sorted(entries)
    ]
    RECORDED.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


def write_text(line: str, text: str, kind: str = "recorded") -> None:
    """Write the whole text of an answer to the local folder."""
    TEXTS.mkdir(exist_ok=True)
    _text_path(line, kind).write_text(f"{line}\n{text}", encoding="utf-8", newline="")


def differences(line: str, before: dict, response: Answer) -> Iterator[str]:
    """Yield the differences between a record and an answer, in lines."""
    after = entry(response)
    if before["status"] != after["status"]:
        yield f"status: {before['status']} → {after['status']}"
    for name in sorted({*before["headers"], *after["headers"]}):
        was, now = before["headers"].get(name), after["headers"].get(name)
        if was != now:
            yield f"{name}: {was} → {now}"
    if before["content"] != after["content"]:
        yield "content differs"
        yield from _text_differences(line, before, response.text)


def _text_differences(line: str, before: dict, text: str) -> Iterator[str]:
    """Yield a unified diff, if the recorded text is in the local folder."""
    write_text(line, text, "found")
    path = _text_path(line, "recorded")
    old = path.read_bytes().decode("utf-8").partition("\n")[2] if path.exists() else ""
    if entry(Answer("", {}, old))["content"] != before["content"]:
        yield f"(no text of that record here; the one found is {_text_path(line, 'found')})"
        return
    lines = old.split("\n"), text.split("\n")
    for diff_line in difflib.unified_diff(*lines, "recorded", "found", n=1):
        yield diff_line.rstrip("\n")[:_MAX_LINE]


def _text_path(line: str, kind: str) -> Path:
    return TEXTS / f"{hashlib.sha256(line.encode('utf-8')).hexdigest()[:16]}.{kind}.txt"
