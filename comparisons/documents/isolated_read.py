"""Read a document, or draw a page of it, in a process with limited time and memory.

A hostile document can neither slow nor stop the site: see `datapackage.isolated_check`.
"""

import pickle
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from comparisons.concurrency import ConcurrencyLimiter
from comparisons.documents.model import Box, UnreadableDocumentError
from comparisons.errors import TooBusyError
from comparisons.processes import SITE_PROCESSES, set_process_limits

# Seconds of processor; of a scan, those of Tesseract are counted apart.
_MAX_SECONDS, _MAX_DRAWING_SECONDS = 90, 15
_MAX_WAITING_SECONDS = 420
_MAX_MEGABYTES = 1_800
_MAX_ANSWER_BYTES = 24 * 2**20
_NICENESS = 8
READING_LIMITER = ConcurrencyLimiter(1, queued=6)
DRAWING_LIMITER = ConcurrencyLimiter(2, queued=20)
_STOPPED = (
    "La lecture de ce document demandait trop de temps ou de mémoire, elle a été arrêtée : n’en "
    "gardez que les pages de la stratégie."
)
_BUSY = "Trop de documents sont en cours de lecture : réessayez dans quelques minutes."


@dataclass(frozen=True)
class IsolatedDocument:
    """A document that processes with limits read; `progress_file` receives « page/pages »."""

    content: bytes
    name: str
    progress_file: Path | None = None

    def read(self, territory_key: str = "") -> object:
        """Return the `Reading` of the document; raises `UnreadableDocumentError`."""
        limits = (_MAX_SECONDS, _MAX_WAITING_SECONDS)
        from comparisons.documents.axes import add_themes

        reading = pickle.loads(self._ask("read", READING_LIMITER, limits, territory_key))
        add_themes(reading.rows)
        return reading

    def draw_page(self, page: int, box: Box | None) -> bytes:
        """Return the picture (PNG) of a page of a PDF, a place of it marked."""
        limits = (_MAX_DRAWING_SECONDS, 3 * _MAX_DRAWING_SECONDS)
        return pickle.loads(self._ask("draw", DRAWING_LIMITER, limits, page, box))

    def _ask(
        self, action: str, limiter: ConcurrencyLimiter, limits: tuple[int, int], *arguments: object
    ) -> bytes:
        request = pickle.dumps((action, self.content, self.name, arguments))
        options = [str(limits[0]), str(self.progress_file or "")]
        try:
            with limiter.slot(limits[1]), tempfile.TemporaryFile() as output:
                result = SITE_PROCESSES.run(__name__, options, request, output, limits[1])
                answer = b"" if result.code else output.read()
        except TooBusyError as error:
            raise UnreadableDocumentError(_BUSY) from error
        if not answer:
            raise UnreadableDocumentError(_STOPPED)
        message, content = pickle.loads(answer)
        if message:
            raise UnreadableDocumentError(message)
        return content


def _answer(action: str, content: bytes, name: str, progress_file: str, arguments: tuple) -> object:
    from comparisons.documents.readers.drawing import draw_page

    if action == "draw":
        return draw_page(content, *arguments)
    from comparisons.documents.reading import read_proposals

    def progress(page: int, count: int) -> None:
        if progress_file and (page % 5 == 1 or page == count):
            Path(progress_file).write_text(f"{page}/{count}", encoding="utf-8")

    reading = read_proposals(content, name, *arguments, progress=progress)
    if reading.rows and not reading.texts:
        # what is looked at first: another process would take a second to start
        first = next(iter(reading.rows[0].values.values()))
        reading.picture = draw_page(content, first.page, first.box)
    return reading


def prepare() -> None:
    """Load what every reading needs: the engine of PDF files, the words and the territories."""
    from comparisons.documents.readers import pdf  # noqa: F401
    from comparisons.documents.reading import read_proposals

    read_proposals("Stratégie numérique\n\nAxe 1 : Inclusion, 2 M€".encode(), "a.txt")


def main(seconds: str, progress_file: str) -> None:
    """Answer the request of the standard input on the standard output, within limits."""
    action, content, name, arguments = pickle.load(sys.stdin.buffer)
    output, sys.stdout = sys.stdout.buffer, sys.stderr
    set_process_limits(int(seconds), _MAX_MEGABYTES * 2**20, _MAX_ANSWER_BYTES, niceness=_NICENESS)
    message, answer = "", b""
    try:
        answer = pickle.dumps(_answer(action, content, name, progress_file, arguments))
    except UnreadableDocumentError as error:
        message = str(error)
    output.write(pickle.dumps((message, answer)))
    output.flush()
