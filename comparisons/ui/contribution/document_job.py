"""Read a document in the background: its progress, its end, its stop."""

import tempfile
import threading
from contextlib import suppress
from pathlib import Path

from comparisons.concurrency import Interruption, interrupted_by
from comparisons.documents.isolated_read import IsolatedDocument
from comparisons.documents.model import UnreadableDocumentError
from comparisons.documents.reading import Reading
from comparisons.errors import InterruptedRequestError


class ReadingJob:
    """One reading, in a thread that waits for its process; closing it ends both."""

    def __init__(self, content: bytes, name: str) -> None:
        """Start to read."""
        self.reading: Reading | None = None
        self.error = ""
        self._interruption = Interruption()
        self._folder = tempfile.TemporaryDirectory(prefix="stratoscope-lecture-")
        self._progress_file = Path(self._folder.name) / "progres"
        self.document = IsolatedDocument(content, name, self._progress_file)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            with interrupted_by(self._interruption):
                self.reading = self.document.read()
        except InterruptedRequestError:
            self.error = "Lecture arrêtée."
        except UnreadableDocumentError as error:
            self.error = str(error)
        finally:
            self._folder.cleanup()

    @property
    def is_done(self) -> bool:
        """Return whether the reading is over, well or not."""
        return not self._thread.is_alive()

    @property
    def progress(self) -> tuple[int, int]:
        """Return the page that is read and how many there are, zeros before the first."""
        with suppress(OSError, ValueError):
            page, count = self._progress_file.read_text("utf-8").split("/")
            return int(page), int(count)
        return 0, 0

    def wait(self, seconds: float) -> bool:
        """Wait for the end, at most some seconds; return whether it has come."""
        self._thread.join(seconds)
        return self.is_done

    def close(self) -> None:
        """End the process of the reading, if it still runs."""
        self._interruption.request()
