"""What the sessions of readers hold on the server: files sent, reports, previews.

All is weighed in one place, bounded for a session and in all, and freed soon after a tab is closed.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.uploaded_file_manager import UploadedFileRec

_SESSION_BYTES = 96 * 2**20
_TOTAL_BYTES = 256 * 2**20
# Media type of a file that was not kept; its content is empty.
REFUSED_TYPE = "application/x-not-kept"


class QuotaError(Exception):
    """There is no room for what a session sends; the message says so in French."""


@dataclass(frozen=True)
class _Held:
    value: Any
    weight: int


class Holdings:
    """Values held for sessions, by name, each with its weight in bytes."""

    def __init__(self, session_bytes: int = _SESSION_BYTES, total_bytes: int = _TOTAL_BYTES):
        """Build an empty store with a quota for each session, and one for all together."""
        self._session_bytes, self._total_bytes = session_bytes, total_bytes
        self._held: dict[str, dict[str, _Held]] = {}
        self._left: set[str] = set()
        self._lock = threading.Lock()

    def hold(self, session: str, name: str, value: Any, weight: int) -> None:
        """Hold a value instead of that of the same name; raises `QuotaError` if it is too heavy."""
        self.release(session, name)
        with self._lock:
            if self._weigh(session) + weight > self._session_bytes:
                raise QuotaError(
                    "Vous avez envoyé trop de fichiers à la fois\u00a0: retirez-en, ou rechargez "
                    "la page, puis envoyez celui-ci de nouveau."
                )
            if sum(map(self._weigh, self._held)) + weight > self._total_bytes:
                raise QuotaError(
                    "Trop de lecteurs vérifient de grands fichiers en ce moment\u00a0: le vôtre "
                    "n’a pas été gardé. Réessayez dans quelques minutes."
                )
            self._held.setdefault(session, {})[name] = _Held(value, weight)

    def get(self, session: str, name: str) -> Any:
        """Return what a session holds under a name, or None."""
        held = self._held.get(session, {}).get(name)
        return None if held is None else held.value

    def release(self, session: str, name: str | None = None) -> None:
        """Free what a session holds, all of it without a name; previews are closed."""
        with self._lock:
            held = self._held.get(session, {})
            freed = [held.pop(key) for key in list(held) if name in (None, key)]
            if not held:
                self._held.pop(session, None)
        for item in freed:
            if hasattr(item.value, "close"):
                item.value.close()

    @contextmanager
    def one_at_a_time(self, session: str, name: str) -> Iterator[None]:
        """Hold a mark until the end of the block; raises `QuotaError` if the session has it."""
        with self._lock:
            held = self._held.setdefault(session, {})
            if name in held:
                raise QuotaError(
                    "Un de vos fichiers est en cours de vérification\u00a0: attendez sa fin, puis "
                    "envoyez celui-ci de nouveau."
                )
            held[name] = _Held(None, 0)
        try:
            yield
        finally:
            self.release(session, name)

    def free_left(self, is_active: Callable[[str], bool]) -> list[str]:
        """Free what is held by sessions that were not active the last time either; return them.

        A connection that breaks is often back within seconds.
        """
        left = {session for session in list(self._held) if not is_active(session)}
        gone = left & self._left
        self._left = left - gone
        for session in gone:
            self.release(session)
        return sorted(gone)

    @property
    def weight(self) -> int:
        """Return the bytes held in all."""
        with self._lock:
            return sum(map(self._weigh, self._held))

    def _weigh(self, session: str) -> int:
        return sum(item.weight for item in self._held.get(session, {}).values())


HOLDINGS = Holdings()


def weigh_uploads(manager: MemoryUploadedFileManager, holdings: Holdings = HOLDINGS) -> None:
    """Have Streamlit's files weighed: one beyond the quota is kept empty, as `REFUSED_TYPE`."""
    add_file, remove_file = manager.add_file, manager.remove_file
    remove_session_files = manager.remove_session_files

    def add(session_id: str, file: UploadedFileRec) -> None:
        try:
            holdings.hold(session_id, file.file_id, None, len(file.data))
        except QuotaError:
            file = file._replace(data=b"", type=REFUSED_TYPE)
        add_file(session_id, file)

    def remove(session_id: str, file_id: str) -> None:
        holdings.release(session_id, file_id)
        remove_file(session_id, file_id)

    def remove_all(session_id: str) -> None:
        holdings.release(session_id)
        remove_session_files(session_id)

    manager.add_file, manager.remove_file = add, remove
    manager.remove_session_files = remove_all
