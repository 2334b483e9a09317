"""Read the files of a package, from a folder or from an archive in memory.

Nothing is written to disk, and no archive is decompressed beyond fixed limits: the sizes that it
declares are checked before reading, and enforced while reading.
"""

import io
import stat
import unicodedata
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath

from comparisons.datapackage.problems import Problem, file_problem
from comparisons.formatting import format_number

_MAX_BYTES = 200 * 1024 * 1024
MAX_MEMBERS = 64
# A spreadsheet of nine sheets with help, lists and comments has some sixty inner files.
MAX_WORKBOOK_MEMBERS = 256
# A line of two bytes takes fifty times more room once read.
_MAX_LINES = 2_000_000
# Maximal number of entries, checked before the list of an archive is parsed.
_MAX_ENTRIES = 10_000
_ENTRY_SIGNATURE = b"PK\x01\x02"
_ENCRYPTED_FLAG = 0x1

_TEXT_SUFFIXES = frozenset({".csv", ".tsv", ".txt"})

FileContents = Mapping[str, Callable[[], bytes]]


class UnreadableFileError(Exception):
    """A file that must not be read; carries the problem to show."""

    def __init__(self, problem: Problem):
        """Store the problem that explains the refusal."""
        super().__init__(problem.message)
        self.problem = problem


def read_file(path: Path) -> bytes:
    """Read a regular file of at most `_MAX_BYTES`.

    Raises `UnreadableFileError` for a larger file, and for a device or a pipe.
    """
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):
        raise UnreadableFileError(unreadable_file(path.name))
    if status.st_size > _MAX_BYTES:
        raise UnreadableFileError(_too_large_file(path.name))
    return path.read_bytes()


def require_limits(content: bytes, name: str) -> None:
    """Raise `UnreadableFileError` if a content is too large, or has too many lines for a table."""
    if len(content) > _MAX_BYTES:
        raise UnreadableFileError(_too_large_file(name))
    if PurePosixPath(name).suffix.lower() in _TEXT_SUFFIXES:
        _require_few_lines(content, name)


def list_folder(folder: Path) -> FileContents:
    """List the CSV and JSON files of a folder and its subfolders (path → function that reads it).

    Raises `UnreadableFileError` for a link to outside the folder, and above the size limit.
    """
    root = folder.resolve()
    files = {}
    total = 0
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() not in {".csv", ".json"} or not path.is_file():
            continue
        if not path.resolve().is_relative_to(root):
            raise UnreadableFileError(unsafe_archive(path.name, "un lien mène hors du dossier"))
        total += path.stat().st_size
        if total > _MAX_BYTES:
            raise UnreadableFileError(_too_large_file(folder.name))
        files[path.relative_to(folder).as_posix()] = lambda path=path: _read_checked(path)
    return files


def list_zip(content: bytes, name: str) -> FileContents:
    """List the files of a zip archive (path → function that reads it), without system files.

    Raises `UnreadableFileError` if a name or a size is unsafe.
    """
    archive = open_zip(content, name, MAX_MEMBERS)
    return {
        info.filename: lambda info=info: _read_table_member(archive, info, name)
        for info in archive.infolist()
        if not info.is_dir() and not _is_system_file(info.filename)
    }


def open_zip(content: bytes, name: str, max_members: int) -> zipfile.ZipFile:
    """Open an archive (or a spreadsheet, which is one) after checking the sizes it declares.

    Raises `UnreadableFileError` if it is damaged, protected or out of bounds.
    """
    if content.count(_ENTRY_SIGNATURE) > _MAX_ENTRIES:
        raise UnreadableFileError(unsafe_archive(name, "elle contient trop de fichiers"))
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
        members = archive.infolist()
    except Exception as error:  # zipfile raises many types of error on damaged lists
        raise UnreadableFileError(unreadable_file(name)) from error
    if len(members) > max_members:
        raise UnreadableFileError(unsafe_archive(name, f"elle contient {len(members)} fichiers"))
    if sum(info.file_size for info in members) > _MAX_BYTES:
        raise UnreadableFileError(_too_large_file(name))
    if len({info.filename for info in members}) < len(members):
        raise UnreadableFileError(unsafe_archive(name, "deux de ses fichiers portent le même nom"))
    for info in members:
        if reason := _unsafe_reason(info):
            raise UnreadableFileError(unsafe_archive(name, reason))
    if _has_overlap(members):
        raise UnreadableFileError(
            unsafe_archive(name, "plusieurs de ses fichiers occupent la même place")
        )
    return archive


def read_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str) -> bytes:
    """Read a member, up to the size that was checked. Raises `UnreadableFileError` if damaged."""
    try:
        with archive.open(info) as member:
            # without a size, zipfile decompresses all the data before cutting it
            return member.read(info.file_size) if info.file_size else b""
    except Exception as error:  # each compression raises its own errors on damaged data
        raise UnreadableFileError(unreadable_file(f"{name} › {info.filename}")) from error


def replace_members(content: bytes, name: str, members: Mapping[str, bytes]) -> bytes:
    """Return an archive whose members of these paths have other contents, the rest unchanged."""
    archive = open_zip(content, name, MAX_WORKBOOK_MEMBERS)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as changed:
        for info in archive.infolist():
            data = members.get(info.filename)
            changed.writestr(info, read_member(archive, info, name) if data is None else data)
    return buffer.getvalue()


def is_safe_path(path: str) -> bool:
    """Return whether a path stays inside its package."""
    parts = PurePosixPath(path.replace("\\", "/")).parts
    return (
        bool(parts) and not path.startswith(("/", "\\")) and ".." not in parts and ":" not in path
    )


def unreadable_file(name: str) -> Problem:
    """Return the problem of a file that is damaged or of another type than its name."""
    return file_problem(
        name,
        "fichier-illisible",
        "Ce fichier n’a pas pu être lu : il est abîmé, protégé par un mot de passe, ou son contenu "
        "ne répond pas à son nom.",
        "Fournissez un dossier, une archive .zip, un classeur .xlsx, .ods ou .xls, ou une table "
        ".csv.",
    )


def _read_checked(path: Path) -> bytes:
    content = read_file(path)
    require_limits(content, path.name)
    return content


def _read_table_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str) -> bytes:
    content = read_member(archive, info, name)
    require_limits(content, info.filename)
    return content


def _unsafe_reason(info: zipfile.ZipInfo) -> str:
    """Return in French why a member must not be read; "" if it may."""
    if not is_safe_path(info.filename):
        return "un chemin sort de l’archive"
    if any(unicodedata.category(character).startswith("C") for character in info.filename):
        return "le nom d’un fichier contient des caractères invisibles"
    if info.flag_bits & _ENCRYPTED_FLAG:
        return "elle est protégée par un mot de passe"
    # the other compressions decompress without a limit, or are not supported
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return "sa compression n’est pas celle d’un zip ordinaire"
    if stat.S_ISLNK(info.external_attr >> 16):
        return "elle contient un lien vers un autre fichier"
    return ""


def _has_overlap(members: list[zipfile.ZipInfo]) -> bool:
    """Return whether members share bytes: one small block would be decompressed many times."""
    end = 0
    for info in sorted(members, key=lambda info: info.header_offset):
        if info.header_offset < end:
            return True
        # thirty bytes and a name come before the content
        end = info.header_offset + 30 + len(info.orig_filename) + info.compress_size
    return False


def _require_few_lines(content: bytes, name: str) -> None:
    if max(content.count(b"\n"), content.count(b"\r")) > _MAX_LINES:
        raise UnreadableFileError(
            unsafe_archive(name, f"plus de {format_number(_MAX_LINES)} lignes")
        )


def _is_system_file(path: str) -> bool:
    return path.startswith("__MACOSX/") or PurePosixPath(path).name.startswith(".")


def _too_large_file(name: str) -> Problem:
    return unsafe_archive(name, f"le contenu dépasse {_MAX_BYTES // 1024**2}\u00a0Mo")


def unsafe_archive(name: str, reason: str) -> Problem:
    """Return the problem of a file that was not opened, for a reason in French."""
    return file_problem(
        name,
        "archive-dangereuse",
        f"Ce fichier n’a pas été ouvert : {reason}.",
        "Ne mettez dans l’archive que les tables du format, sans chemin absolu ni mot de passe.",
    )
