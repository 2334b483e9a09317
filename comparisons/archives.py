"""The files of a package, wherever they come from: a folder or an archive held in memory.

Nothing is ever written to disk, and no archive may unfold beyond fixed bounds.
"""

import io
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath

from comparisons.problems import Problem, file_problem

MAX_BYTES = 200 * 1024 * 1024
MAX_MEMBERS = 64
# A spreadsheet of nine sheets with help, lists and comments has some sixty inner files.
MAX_WORKBOOK_MEMBERS = 256

Files = Mapping[str, Callable[[], bytes]]


class Refused(Exception):
    """A file that must not be read; carries the problem to show."""

    def __init__(self, problem: Problem):
        """Keep the problem that explains the refusal."""
        super().__init__(problem.message)
        self.problem = problem


def read_bounded(path: Path) -> bytes:
    """Read a file of reasonable size."""
    if path.stat().st_size > MAX_BYTES:
        raise Refused(_too_big(path.name))
    return path.read_bytes()


def check_size(content: bytes, name: str) -> None:
    """Refuse what was sent if it is too big."""
    if len(content) > MAX_BYTES:
        raise Refused(_too_big(name))


def folder_files(folder: Path) -> Files:
    """List the readable files of a folder and its subfolders, none of them outside it."""
    root = folder.resolve()
    files = {}
    total = 0
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() not in {".csv", ".json"} or not path.is_file():
            continue
        if not path.resolve().is_relative_to(root):
            raise Refused(_dangerous(path.name, "un lien mène hors du dossier"))
        total += path.stat().st_size
        if total > MAX_BYTES:
            raise Refused(_too_big(folder.name))
        files[path.relative_to(folder).as_posix()] = path.read_bytes
    return files


def zip_files(content: bytes, name: str) -> Files:
    """List the files of a zip archive, once its names and sizes have been found safe."""
    archive = open_zip(content, name, MAX_MEMBERS)
    return {
        info.filename: lambda info=info: _member(archive, info, name)
        for info in archive.infolist()
        if not info.is_dir() and not _is_system_file(info.filename)
    }


def open_zip(content: bytes, name: str, max_members: int) -> zipfile.ZipFile:
    """Open an archive (or a spreadsheet, which is one) after checking what it claims to hold."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
        members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise Refused(unreadable(name)) from error
    if len(members) > max_members:
        raise Refused(_dangerous(name, f"elle contient {len(members)} fichiers"))
    if sum(info.file_size for info in members) > MAX_BYTES:
        raise Refused(_too_big(name))
    for info in members:
        if not is_safe(info.filename):
            raise Refused(_dangerous(name, "un chemin sort de l’archive"))
        if info.flag_bits & 0x1:
            raise Refused(_dangerous(name, "elle est protégée par un mot de passe"))
    return archive


def is_safe(path: str) -> bool:
    """Tell whether a path stays inside its package."""
    parts = PurePosixPath(path.replace("\\", "/")).parts
    return (
        bool(parts) and not path.startswith(("/", "\\")) and ".." not in parts and ":" not in path
    )


def unreadable(name: str) -> Problem:
    """Say that a file is not what it claims to be."""
    return file_problem(
        name,
        "fichier-illisible",
        "Ce fichier n’a pas pu être lu : il est abîmé, ou son contenu ne répond pas à son nom.",
        "Fournissez un dossier, une archive .zip, un classeur .xlsx ou une table .csv.",
    )


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str) -> bytes:
    """Read a member; zipfile gives no more bytes than the size that was checked."""
    try:
        return archive.read(info)
    except Exception as error:  # damaged data fail in as many ways as there are compressions
        raise Refused(unreadable(f"{name} › {info.filename}")) from error


def _is_system_file(path: str) -> bool:
    return path.startswith("__MACOSX/") or PurePosixPath(path).name.startswith(".")


def _too_big(name: str) -> Problem:
    return _dangerous(name, f"le contenu dépasse {MAX_BYTES // 1024**2}\u00a0Mo")


def _dangerous(name: str, reason: str) -> Problem:
    return file_problem(
        name,
        "archive-dangereuse",
        f"Ce fichier n’a pas été ouvert\u00a0: {reason}.",
        "Ne mettez dans l’archive que les tables du format, sans chemin absolu ni mot de passe.",
    )
