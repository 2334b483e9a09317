"""Read the files of a package, from a folder or from an archive in memory.

Nothing is written to disk, and no archive is decompressed beyond fixed limits: the sizes that it
declares are checked before reading, and enforced while reading.
"""

import io
import stat
import unicodedata
import zipfile
from collections.abc import Callable, Collection, Mapping
from pathlib import Path, PurePosixPath

from comparisons.datapackage.column_names import name_key
from comparisons.datapackage.problems import Problem, file_problem
from comparisons.formatting import format_number, pluralize

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
WORKBOOK_SUFFIXES = frozenset({".xlsx", ".xlsm", ".ods", ".xls"})
_READ_SUFFIXES = WORKBOOK_SUFFIXES | _TEXT_SUFFIXES | {".zip"}
_ZIP_SIGNATURE = b"PK\x03\x04"
_WORKBOOK_PARTS = frozenset({"xl/workbook.xml", "content.xml"})
_DOCUMENT_PARTS = frozenset({"word/document.xml", "ppt/presentation.xml"})
# An old workbook (.xls), or one that a password protects.
_OLE_SIGNATURE = bytes.fromhex("d0cf11e0a1b11ae1")
_OLD_XML = b"urn:schemas-microsoft-com:office:spreadsheet"
_ENCRYPTED_PART = "EncryptedPackage".encode("utf-16-le")
_AS_XLSX = "au format .xlsx (Fichier › Enregistrer sous)"
_WORD = (
    "un texte",
    "Lisez-le sous « Partir d’un document », ou recopiez ses tableaux dans le modèle à remplir.",
)
# What other programs write, and how to have it read.
_OTHER_PROGRAMS = {
    ".numbers": (
        "un classeur de Numbers",
        "Dans Numbers : Fichier › Exporter vers › Excel (.xlsx).",
    ),
    ".xlsb": ("un classeur binaire", f"Dans Excel, enregistrez-le {_AS_XLSX}."),
    ".gsheet": (
        "un raccourci de Google Sheets",
        "Dans Google Sheets : Fichier › Télécharger › Microsoft Excel (.xlsx).",
    ),
    ".pdf": ("un PDF", _WORD[1]),
    **dict.fromkeys((".doc", ".docx", ".odt", ".rtf"), _WORD),
    **dict.fromkeys(
        (".fods", ".slk", ".dif", ".sxc", ".dbf"),
        ("ce format de classeur", f"Dans votre tableur, enregistrez-le {_AS_XLSX}."),
    ),
    **dict.fromkeys(
        (".json", ".parquet", ".geojson", ".gpkg", ".duckdb"),
        (
            "ce format de données",
            "Donnez la table au format .csv ou .xlsx : le site l’offre aussi.",
        ),
    ),
    **dict.fromkeys(
        (".7z", ".rar", ".gz", ".tar"),
        ("cette archive", "Faites-en une archive .zip, ou envoyez les tables une à une."),
    ),
}

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
        # PowerShell writes the separators of Windows
        info.filename.replace("\\", "/"): lambda info=info: _read_table_member(archive, info, name)
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
        raise UnreadableFileError(
            unsafe_archive(name, f"elle contient {pluralize(len(members), 'fichier')}")
        )
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


def canonical_path(path: str, known_files: Collection[str]) -> str:
    """Return a path with the known name of its file: « Budgets.CSV » is `budgets.csv`."""
    pure_path = PurePosixPath(path)
    name = f"{name_key(pure_path.stem)}{pure_path.suffix.lower()}"
    return (pure_path.parent / name).as_posix() if name in known_files else path


def readable_files(files: FileContents) -> list[str]:
    """List the files that are read alone: workbooks and tables; not the lists of codes."""
    suffixes = (*WORKBOOK_SUFFIXES, ".csv")
    return [
        path
        for path in files
        if path.lower().endswith(suffixes) and PurePosixPath(path).parent.name != "vocabulaires"
    ]


def is_safe_path(path: str) -> bool:
    """Return whether a path stays inside its package."""
    parts = PurePosixPath(path.replace("\\", "/")).parts
    return (
        bool(parts) and not path.startswith(("/", "\\")) and ".." not in parts and ":" not in path
    )


def kind_of_file(content: bytes, name: str) -> str:
    """Return what a file is read as, by its content, else by its name: "zip", "workbook", "text".

    "" if it is not read.
    """
    suffix = PurePosixPath(name).suffix.lower()
    if suffix not in _READ_SUFFIXES:
        return ""
    if content.startswith(_OLE_SIGNATURE):
        return "workbook"
    if parts := _archived_parts(content, name):
        return "workbook" if parts & _WORKBOOK_PARTS else "" if parts & _DOCUMENT_PARTS else "zip"
    if is_web_page(content) or _OLD_XML in content[:1000]:
        return ""
    if suffix in _TEXT_SUFFIXES:
        return "text"
    is_text = b"\x00" not in content[:4096] and b"\n" in content
    return "text" if is_text else "zip" if suffix == ".zip" else "workbook"


def _archived_parts(content: bytes, name: str) -> set[str]:
    """Return the paths of an archive, none if it is no archive or cannot be read."""
    if not content.startswith(_ZIP_SIGNATURE):
        return set()
    try:
        return set(open_zip(content, name, MAX_WORKBOOK_MEMBERS).namelist())
    except UnreadableFileError:
        return set()


def is_web_page(content: bytes) -> bool:
    """Return whether a content begins as a page of the web."""
    beginning = content.lstrip()[:9].lower()
    return beginning.startswith((b"<html", b"<!doctype", b"<table"))


def unreadable_file(name: str, content: bytes = b"\x00") -> Problem:
    """Return the problem of a file that is empty, damaged, protected or of another program."""
    reason, remedy = _unreadable_reason(name, content)
    return file_problem(
        name, "fichier-illisible", f"Ce fichier n’a pas pu être lu : {reason}.", remedy
    )


def _unreadable_reason(name: str, content: bytes) -> tuple[str, str]:
    suffix = PurePosixPath(name).suffix.lower()
    in_spreadsheet = f"Ouvrez-le dans un tableur, et enregistrez-le {_AS_XLSX}."
    if not content:
        return "il est vide", "Enregistrez-le de nouveau, ou copiez-le encore une fois."
    if PurePosixPath(name).name.startswith(("~$", ".~lock.")):
        real_name = PurePosixPath(name).name.removeprefix("~$").removeprefix(".~lock.").rstrip("#")
        reason = "c’est la marque que laisse un tableur ouvert, pas le classeur"
        return reason, f"Fermez le tableur, et envoyez « {real_name} »."
    if content.startswith(_OLE_SIGNATURE) and _ENCRYPTED_PART in content:
        return "il est protégé par un mot de passe", "Enregistrez-en une copie sans mot de passe."
    if suffix in _OTHER_PROGRAMS:
        kind, remedy = _OTHER_PROGRAMS[suffix]
        return f"{kind} ne se lit pas ici", remedy
    if is_web_page(content):
        return "c’est une page web, sous un autre nom", in_spreadsheet
    if _OLD_XML in content[:1000]:
        return "c’est un classeur au format XML de 2003", in_spreadsheet
    if _archived_parts(content, name) & _DOCUMENT_PARTS:
        return "c’est un texte ou un diaporama, sous un autre nom", _WORD[1]
    if suffix in _READ_SUFFIXES:
        return (
            "il est abîmé, ou son contenu ne répond pas à son nom",
            f"Ouvrez-le dans le programme qui l’a fait, et enregistrez-le {_AS_XLSX}.",
        )
    return (
        f"son type ({suffix or 'sans extension'}) n’est pas de ceux qui se lisent ici",
        "Fournissez un dossier, une archive .zip, un classeur .xlsx, .xlsm, .ods ou .xls, ou "
        "une table .csv.",
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
