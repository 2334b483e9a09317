"""Write a new database beside the current one, and replace it atomically.

Each build writes in its own folder, so that several may run at once: the last one wins.
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
# Time after which a folder without its file is considered abandoned.
_GRACE_SECONDS = 60
_REASON_BY_ERRNO = {
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
    """Yield the path where to write a database, which replaces the current one at the end.

    If the block fails, or the process dies, the current one is unchanged. Raises `OSError` if the
    new one cannot be written or moved to its place.
    """
    database.parent.mkdir(parents=True, exist_ok=True)
    _remove_abandoned(database)
    with TemporaryDirectory(
        prefix=database.name + TEMP_SUFFIX, dir=database.parent, ignore_cleanup_errors=True
    ) as folder:
        new_file = Path(folder) / database.name
        yield new_file
        os.replace(new_file, database)  # DuckDB has had it written to the disk when it was closed


def os_error_message(error: Exception) -> str:
    """Describe in French an error of reading or writing, raised by Python or DuckDB."""
    for code, reason in _REASON_BY_ERRNO.items():
        if os.strerror(code) in str(error):
            return reason
    return str(error)


def _remove_abandoned(database: Path) -> None:
    """Delete the files of killed builds, which may fill the disk."""
    for folder in database.parent.glob(f"{glob.escape(database.name)}{TEMP_SUFFIX}*"):
        with suppress(FileNotFoundError):  # another build deletes it too
            if not _is_running(folder / database.name):
                shutil.rmtree(folder, ignore_errors=True)


def _is_running(file: Path) -> bool:
    """Return whether a build is running: DuckDB locks its file for as long as the process lives.

    Process ids and dates would be less reliable: both can recur.
    """
    try:
        import fcntl
    except ImportError:  # Windows deletes no file that is open
        return False
    try:
        with file.open("r+b") as handle:
            fcntl.lockf(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return abs(time.time() - file.parent.stat().st_mtime) < _GRACE_SECONDS
    except OSError:
        return True
    return False
