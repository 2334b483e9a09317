"""A workbook without what it should not hold, before anything else reads it.

A workbook is an archive of XML. Only XML is kept, read within bounds and found well formed: no
entity, no endless row, nothing hidden between elements; macros, images and links to other files are
left behind. What is given back says its true sizes.
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

MAX_XML_BYTES = 100 * 1024 * 1024
# Two or three to a cell: above a million cells, a table is better sent as CSV.
MAX_ELEMENTS = 4_000_000
MAX_SHEETS = 100
_MAX_DEPTH = 32
_MAX_CELLS_OF_ROW = 16_384  # that of spreadsheets
# Cells are in these; the other parts hold settings and styles, slower to read.
_FILLED = ("xl/worksheets/", "xl/sharedStrings")
_MAX_SETTINGS = 200_000
# A reader that is fed by pieces begins such a tag again at each piece.
_LONGEST_TAG = 65_536
_LINKS = "xl/externalLinks/"
_MACROS = "vbaProject.bin"
_COMMENTS = re.compile(rb"<!--.*?-->|<\?(?!xml\s).*?\?>", re.DOTALL)


class _OutOfBoundsError(Exception):
    """XML that holds more than it should."""


class _DeclarationError(Exception):
    """XML that declares something: no spreadsheet needs it, bombs are made of it."""


def defused(content: bytes, name: str) -> tuple[bytes, list[Problem]]:
    """Return a workbook that is safe to read, and what was left out of it.

    Raises `UnreadableFileError` if it is damaged, out of bounds, or declares entities.
    """
    archive = open_zip(content, name, MAX_WORKBOOK_MEMBERS)
    parts = [info for info in archive.infolist() if _is_kept(info.filename)]
    if sum(info.file_size for info in parts) > MAX_XML_BYTES:
        raise UnreadableFileError(
            unsafe_archive(name, f"le contenu dépasse {MAX_XML_BYTES // 1024**2}\u00a0Mo")
        )
    files: dict[str, bytes] = {}
    elements = 0
    for info in parts:
        data = read_member(archive, info, name)
        try:
            filled = info.filename.startswith(_FILLED)
            most = MAX_ELEMENTS - elements if filled else _MAX_SETTINGS
            elements += _checked(data, most)
        except _OutOfBoundsError as error:
            raise UnreadableFileError(unsafe_archive(name, str(error))) from error
        except _DeclarationError as error:
            raise UnreadableFileError(_declares(name)) from error
        except (expat.ExpatError, ValueError, LookupError) as error:
            raise UnreadableFileError(unreadable_file(f"{name} › {info.filename}")) from error
        files[info.filename] = _COMMENTS.sub(b"", data)
    if files.get("xl/workbook.xml", b"").count(b"sheetId=") > MAX_SHEETS:
        raise UnreadableFileError(unsafe_archive(name, f"il a plus de {MAX_SHEETS} feuilles"))
    return _stored(files), _left_out(archive, name)


def _is_kept(path: str) -> bool:
    return path.endswith((".xml", ".rels")) and not path.startswith(_LINKS)


def _checked(data: bytes, allowed: int) -> int:
    """Iterate over XML without keeping anything of it; count its elements."""
    parser = expat.ParserCreate()
    depth = elements = cells = 0

    def refuse(*_: object) -> None:
        raise _DeclarationError

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal depth, elements, cells
        if attributes and len("".join((*attributes, *attributes.values()))) > _LONGEST_TAG:
            raise _OutOfBoundsError("son XML a des balises sans fin")
        depth += 1
        elements += 1
        if depth > _MAX_DEPTH:
            raise _OutOfBoundsError("son XML est trop profond")
        if elements > allowed:
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


def _stored(files: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for path, data in files.items():
            # dated 1980, whatever the clock says: zip knows no year before it or after 2107
            archive.writestr(zipfile.ZipInfo(path), data)
    return buffer.getvalue()


def _declares(name: str) -> Problem:
    return file_problem(
        name,
        "fichier-illisible",
        "Ce classeur contient des déclarations XML qu’aucun tableur n’écrit\u00a0: il n’a pas été "
        "lu.",
        "Ouvrez-le dans un tableur et enregistrez-en une copie au format .xlsx.",
    )


def _left_out(archive: zipfile.ZipFile, name: str) -> list[Problem]:
    """Describe which active parts of a workbook were not read."""
    paths = archive.namelist()
    found = []
    if any(path.endswith(_MACROS) for path in paths):
        found.append(("Ce classeur contient des macros", "elles n’ont été ni lues ni exécutées"))
    if any(path.startswith(_LINKS) for path in paths):
        found.append(
            ("Ce classeur tire des valeurs d’autres fichiers", "ils n’ont pas été ouverts")
        )
    return [
        file_problem(
            name,
            "fichier-ignore",
            f"{what}\u00a0: {then}.",
            "Enregistrez une copie au format .xlsx, qui ne garde que les valeurs.",
            WARNING,
        )
        for what, then in found
    ]
