"""What the addresses with an English version look up in the catalogue, and the catalogue itself.

`python -m tests.translations` adds the texts that it lacks, to be translated, and drops the others;
a text that has changed keeps its translation, marked « fuzzy » until somebody has read it again.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from unittest.mock import patch

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po
from starlette.applications import Starlette
from starlette.testclient import TestClient

from comparisons import translation
from comparisons.analysis import replies
from comparisons.exports import method
from comparisons.exports.citation import FORMATS, citations
from comparisons.schema.registry import tables
from comparisons.translation import CATALOGUES, ENGLISH
from comparisons.web.api import routes

PATH = CATALOGUES / f"{ENGLISH}.po"
ADDRESSES = (
    "",
    "docs",
    "openapi.json",
    "methode.md",
    "package.zip",
    *(f"citation.{extension}" for _, extension, _ in FORMATS.values()),
    *(f"schemas/{name}.json" for name in tables()),
)


def read_catalogue() -> Catalog:
    with PATH.open("rb") as file:
        return read_po(file, ENGLISH)


class _Recorder(dict[str, str]):
    """A catalogue without texts, which keeps those looked up in it."""

    def get(self, text: str, default: str = "") -> str:
        self[text] = default
        return default


@contextmanager
def _recording() -> Iterator[_Recorder]:
    recorder = _Recorder()
    # made anew: a cached method would look nothing up, and one made here must not be kept
    sections = method.method_sections.__wrapped__
    with (
        patch.object(translation, "_catalogue", lambda language: recorder),
        patch.object(method, "method_sections", sections),
    ):
        yield recorder


def looked_up_texts() -> list[str]:
    """The French texts of all answers that have an English version, in their order."""
    client = TestClient(Starlette(routes=routes()))
    with _recording() as recorder:
        for address in ADDRESSES:
            # files are made once: not from those of other tests
            with patch("comparisons.web.responses.__version__", "recorded"):
                answer = client.get(f"/api/v1/{address}", params={"lang": ENGLISH})
            assert answer.status_code == 200, answer.text
        # while no territory has replied, no answer says it
        translation.translate(replies.RATES, ENGLISH)
        # of a page, should one be in English
        citations("", filters_sentence="x", accessed=date.today(), language=ENGLISH)
    return list(recorder)


def update_catalogue() -> None:
    """Write the catalogue with the texts of today; one that changed is fuzzy until read again."""
    texts, catalogue = Catalog(), read_catalogue()
    for text in looked_up_texts():
        texts.add(text)
    catalogue.update(texts)
    with PATH.open("wb") as file:
        write_po(file, catalogue, width=100, ignore_obsolete=True)


if __name__ == "__main__":
    update_catalogue()
