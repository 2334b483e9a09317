"""Remove unsafe parts from a workbook before it is read.

A workbook is an archive of XML. Only XML is kept, within limits and well formed: no entity, no
endless row, no comment; macros, images and links to other files are removed. The archive returned
declares its true sizes.
"""

import io
import re
import zipfile
from collections.abc import Mapping
from xml.parsers import expat

from comparisons.datapackage.archive import (
    MAX_WORKBOOK_MEMBERS,
    UnreadableFileError,
    open_zip,
    read_member,
    unreadable_file,
    unsafe_archive,
)
from comparisons.datapackage.problems import WARNING, Problem, file_problem

_MAX_XML_BYTES = 100 * 1024 * 1024
# Two or three elements per cell: above a million cells, a table must be sent as CSV.
_MAX_ELEMENTS = 4_000_000
_MAX_SHEETS = 100
_MAX_DEPTH = 32
_MAX_CELLS_OF_ROW = 16_384  # that of spreadsheets
# Parts that hold cells; the others hold settings and styles, slower to read.
_CELL_PARTS = ("xl/worksheets/", "xl/sharedStrings")
_MAX_SETTING_ELEMENTS = 200_000
# An incremental parser restarts such a tag at each piece.
_MAX_TAG_LENGTH = 65_536
_LINKS_FOLDER = "xl/externalLinks/"
_MACROS_FILE = "vbaProject.bin"
_COMMENTS = re.compile(rb"<!--.*?-->|<\?(?!xml\s).*?\?>", re.DOTALL)


class _OutOfBoundsError(Exception):
    """XML that exceeds a limit."""


class _DeclarationError(Exception):
    """XML with declarations, which no spreadsheet needs and which allow entity bombs."""


def sanitize_workbook(content: bytes, name: str) -> tuple[bytes, list[Problem]]:
    """Return a workbook that is safe to read, and a warning for each removed part.

    Raises `UnreadableFileError` if it is damaged, out of bounds, or declares entities.
    """
    archive = open_zip(content, name, MAX_WORKBOOK_MEMBERS)
    members = [info for info in archive.infolist() if _is_needed(info.filename)]
    if sum(info.file_size for info in members) > _MAX_XML_BYTES:
        raise UnreadableFileError(
            unsafe_archive(name, f"le contenu dépasse {_MAX_XML_BYTES // 1024**2}\u00a0Mo")
        )
    files: dict[str, bytes] = {}
    elements = 0
    for info in members:
        data = read_member(archive, info, name)
        try:
            has_cells = info.filename.startswith(_CELL_PARTS)
            max_elements = _MAX_ELEMENTS - elements if has_cells else _MAX_SETTING_ELEMENTS
            elements += _count_elements(data, max_elements)
        except _OutOfBoundsError as error:
            raise UnreadableFileError(unsafe_archive(name, str(error))) from error
        except _DeclarationError as error:
            raise UnreadableFileError(_declarations_problem(name)) from error
        except (expat.ExpatError, ValueError, LookupError) as error:
            raise UnreadableFileError(unreadable_file(f"{name} › {info.filename}")) from error
        files[info.filename] = _COMMENTS.sub(b"", data)
    if files.get("xl/workbook.xml", b"").count(b"sheetId=") > _MAX_SHEETS:
        raise UnreadableFileError(unsafe_archive(name, f"il a plus de {_MAX_SHEETS} feuilles"))
    return _write_archive(files), _removed_part_problems(archive, name)


def _is_needed(path: str) -> bool:
    return path.endswith((".xml", ".rels")) and not path.startswith(_LINKS_FOLDER)


def _count_elements(data: bytes, max_elements: int) -> int:
    """Check XML by streaming; return the number of its elements."""
    parser = expat.ParserCreate()
    depth = elements = cells = 0

    def refuse(*_: object) -> None:
        raise _DeclarationError

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal depth, elements, cells
        if attributes and len("".join((*attributes, *attributes.values()))) > _MAX_TAG_LENGTH:
            raise _OutOfBoundsError("son XML a des balises sans fin")
        depth += 1
        elements += 1
        if depth > _MAX_DEPTH:
            raise _OutOfBoundsError("son XML est trop profond")
        if elements > max_elements:
            raise _OutOfBoundsError("il a trop de cellules (enregistrez les tables au format CSV)")
        if tag.endswith("row"):
            cells = 0
        elif tag[-1] == "c":
            cells += 1
            if cells > _MAX_CELLS_OF_ROW:
                raise _OutOfBoundsError("une ligne a plus de cellules qu’un tableur n’en admet")

    def end(_: str) -> None:
        nonlocal depth
        depth -= 1

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = refuse
    parser.StartCdataSectionHandler = refuse
    parser.Parse(data, True)
    return elements


def _write_archive(files: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for path, data in files.items():
            # always dated 1980: zip accepts no year before it or after 2107
            archive.writestr(zipfile.ZipInfo(path), data)
    return buffer.getvalue()


def _declarations_problem(name: str) -> Problem:
    return file_problem(
        name,
        "fichier-illisible",
        "Ce classeur contient des déclarations XML qu’aucun tableur n’écrit\u00a0: il n’a pas été "
        "lu.",
        "Ouvrez-le dans un tableur et enregistrez-en une copie au format .xlsx.",
    )


def _removed_part_problems(archive: zipfile.ZipFile, name: str) -> list[Problem]:
    """Return a warning for macros, and for links to other files."""
    paths = archive.namelist()
    sentences = []
    if any(path.endswith(_MACROS_FILE) for path in paths):
        sentences.append(
            ("Ce classeur contient des macros", "elles n’ont été ni lues ni exécutées")
        )
    if any(path.startswith(_LINKS_FOLDER) for path in paths):
        sentences.append(
            ("Ce classeur tire des valeurs d’autres fichiers", "ils n’ont pas été ouverts")
        )
    return [
        file_problem(
            name,
            "fichier-ignore",
            f"{part}\u00a0: {consequence}.",
            "Enregistrez une copie au format .xlsx, qui ne garde que les valeurs.",
            WARNING,
        )
        for part, consequence in sentences
    ]
