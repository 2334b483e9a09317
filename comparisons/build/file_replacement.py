"""A database written beside the one before, which it replaces at the very end.

Each build writes in a folder of its own, so that several may work at once: the last one wins.
"""

import errno
import glob
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

TEMP_SUFFIX = ".construction-"
# A folder may be seen before its file is in it.
_STARTING_SECONDS = 60
_REASONS = {
    errno.ENOSPC: "il n’y a plus de place sur le disque",
    errno.EFBIG: "le système n’accepte pas de fichier aussi gros",
    errno.EROFS: "le disque est en lecture seule",
    errno.EACCES: "le droit d’accès manque, ou un autre programme tient le fichier",
    errno.EISDIR: "un dossier porte ce nom",
    errno.ENOTDIR: "un fichier porte le nom du dossier",
    errno.EEXIST: "un fichier porte le nom du dossier",
    errno.ENOENT: "un fichier ou un dossier manque",
}


@contextmanager
def atomic_replace(database: Path) -> Iterator[Path]:
    """Return the address at which to write a database; it replaces the one before at the end.

    If the block fails, or the process dies, the one before stays as it is. Raises `OSError` if the
    new one cannot be written or put in its place.
    """
    database.parent.mkdir(parents=True, exist_ok=True)
    _remove_abandoned(database)
    with TemporaryDirectory(
        prefix=database.name + TEMP_SUFFIX, dir=database.parent, ignore_cleanup_errors=True
    ) as folder:
        new = Path(folder) / database.name
        yield new
        os.replace(new, database)  # DuckDB has had it written to the disk when it was closed


def os_error_message(error: Exception) -> str:
    """Describe in French why a file cannot be read or written.

    Whether Python or DuckDB tells it.
    """
    for code, words in _REASONS.items():
        if os.strerror(code) in str(error):
            return words
    return str(error)


def _remove_abandoned(database: Path) -> None:
    """Delete what killed builds have left, at once: they may be why the disk is full."""
    for folder in database.parent.glob(f"{glob.escape(database.name)}{TEMP_SUFFIX}*"):
        with suppress(FileNotFoundError):  # another build deletes it too
            if not _at_work(folder / database.name):
                shutil.rmtree(folder, ignore_errors=True)


def _at_work(file: Path) -> bool:
    """Return whether a build goes on: DuckDB locks its file for as long as the process lives.

    Numbers of processes and dates would tell less: both come again.
    """
    try:
        import fcntl
    except ImportError:  # Windows deletes no file that is open
        return False
    try:
        with file.open("r+b") as opened:
            fcntl.lockf(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return abs(time.time() - file.parent.stat().st_mtime) < _STARTING_SECONDS
    except OSError:
        return True
    return False
