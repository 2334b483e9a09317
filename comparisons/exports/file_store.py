"""Files on disk that are made once, for all that ask for them."""

import tempfile
from collections.abc import Callable
from functools import cached_property
from operator import itemgetter
from pathlib import Path
from threading import Condition
from typing import BinaryIO

import cachetools


class _Files(cachetools.LRUCache):
    """Paths and sizes of files by key; the least used are deleted."""

    def popitem(self) -> tuple[str, tuple[Path, int]]:
        key, (path, size) = super().popitem()
        path.unlink(missing_ok=True)
        return key, (path, size)


class FileStore:
    """The last files that were made, up to a size in bytes, in a folder that ends with them."""

    def __init__(self, max_bytes: int) -> None:
        """Build an empty store."""
        self._files = _Files(max_bytes, getsizeof=itemgetter(1))
        self._make_once = cachetools.cached(
            self._files, key=lambda key, write: key, condition=Condition()
        )(self._make)

    def __contains__(self, key: str) -> bool:
        """Return whether a file is there already."""
        return key in self._files

    def file(self, key: str, write: Callable[[BinaryIO], None]) -> Path:
        """Return the file of a key, a name; `write` writes it if it is not there.

        Threads that ask for a file that is being written wait for it. What `write` raises is raised
        here, and no file is left.
        """
        path, _ = self._make_once(key, write)
        return path

    @cached_property
    def _folder(self) -> tempfile.TemporaryDirectory:
        return tempfile.TemporaryDirectory(prefix="stratoscope-")

    def _make(self, key: str, write: Callable[[BinaryIO], None]) -> tuple[Path, int]:
        path = Path(self._folder.name) / key
        try:
            with path.open("w+b") as file:
                write(file)
            return path, path.stat().st_size
        except BaseException:
            path.unlink(missing_ok=True)
            raise
