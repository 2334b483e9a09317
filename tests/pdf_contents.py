"""Read PDF files: words whatever their line breaks, tags, alternative texts."""

import io
import re
from collections.abc import Iterator

import pypdf
from file_contents import plain

# what would be markup in the source of a PDF
HOSTILE = '#import "x": * *gras* _it_ $x^2$ `code` <a> @b \\ // [c] ~ -- = https://exemple.fr'
LITERAL_KEYS = ("colour", "date", "address", "letter", "url", "tone", "code", "notes", "grants",
                "needed")  # fmt: skip


def open_pdf(content: bytes) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(content))


def pdf_text(content: bytes) -> str:
    """The words of a PDF on one line, with plain spaces and whole words."""
    return unbroken(" ".join(page.extract_text() for page in open_pdf(content).pages))


def unbroken(text: str) -> str:
    return plain(re.sub(r"-\n|[\u00ad\u200b]", "", text))


def compact(text: str) -> str:
    """Without any space or hyphen: where a line was broken does not matter."""
    return re.sub(r"[\s\u00ad\u200b-]+", "", text)


def hostile(value: object, words: str = HOSTILE, kept: tuple[str, ...] = ()) -> object:
    """The same content, each text replaced by one that would be markup, but for the codes kept."""
    if isinstance(value, dict):
        return {
            key: inner if key in LITERAL_KEYS else hostile(inner, words, kept)
            for key, inner in value.items()
        }
    if isinstance(value, list):
        return [hostile(inner, words, kept) for inner in value]
    return words if isinstance(value, str) and value and value not in kept else value


def tags(element: object, depth: int = 0) -> Iterator[dict]:
    """Yield the tags of a PDF, from the root of its structure."""
    element = element.get_object() if hasattr(element, "get_object") else element
    if isinstance(element, list):
        for inner in element:
            yield from tags(inner, depth + 1)
    elif isinstance(element, dict) and depth <= 40:
        yield element
        yield from tags(element.get("/K", []), depth + 1)
