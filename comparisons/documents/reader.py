"""Read a document by its kind, which its first bytes tell, within fixed limits."""

import io
import zipfile
from collections.abc import Callable
from pathlib import PurePosixPath

from comparisons.documents.model import Document, UnreadableDocumentError
from comparisons.formatting import format_number

MAX_BYTES = 100 * 2**20
# Of what a .docx, an .odt or a .pptx holds once decompressed: of one part, of its texts.
_MAX_PARTS, _MAX_PART_BYTES, _MAX_XML_BYTES = 5_000, 300 * 2**20, 60 * 2**20
_MAX_BLOCKS = 60_000
SUFFIXES = (
    "pdf", "docx", "docm", "odt", "pptx", "html", "htm", "mhtml", "mht", "txt", "md",
)  # fmt: skip
_KINDS = "un PDF, un .docx, un .odt, un .pptx, une page .html ou un texte .txt"
_OLE_SIGNATURE = bytes.fromhex("d0cf11e0a1b11ae1")


def read_document(
    content: bytes, name: str, progress: Callable[[int, int], None] = lambda page, count: None
) -> Document:
    """Read a document; raises `UnreadableDocumentError` for one that cannot be.

    `progress` is told the page that is read and how many there are, where pages take time.
    """
    if len(content) > MAX_BYTES:
        megabytes = format_number(MAX_BYTES / 2**20)
        raise UnreadableDocumentError(
            f"Ce document pèse plus de {megabytes} Mo : réduisez ses images (Fichier › Exporter), "
            "ou n’en gardez que les pages de la stratégie."
        )
    try:
        document = _read(content, name, progress)
    except UnreadableDocumentError:
        raise
    except MemoryError as error:
        raise UnreadableDocumentError(
            "Ce document demande trop de mémoire : enregistrez-en une copie plus légère."
        ) from error
    except Exception as error:
        raise UnreadableDocumentError(
            "Ce document est endommagé, ou d’un autre format que son nom ne le dit : ouvrez-le et "
            "enregistrez-le de nouveau."
        ) from error
    if not any(block.text.strip() for block in document.blocks):
        raise UnreadableDocumentError("Ce document ne contient aucun texte : vérifiez le fichier.")
    if len(document.blocks) > _MAX_BLOCKS:
        raise UnreadableDocumentError(
            "Ce document est trop long : n’en gardez que les pages de la stratégie."
        )
    return document


def _read(content: bytes, name: str, progress: Callable[[int, int], None]) -> Document:
    # each kind loads its own library: a text needs none
    suffix = PurePosixPath(name).suffix.lower().lstrip(".")
    if b"%PDF-" in content[:1024]:
        from comparisons.documents.readers.pdf import read_pdf

        return read_pdf(content, name, progress)
    if content.startswith(b"PK\x03\x04"):
        return _read_archive(content, name)
    if content.startswith(_OLE_SIGNATURE):
        raise UnreadableDocumentError(
            "Ce document est protégé par un mot de passe, ou d’un ancien format (.doc, .ppt) : "
            "enregistrez-le au format .docx, .pptx ou PDF, sans mot de passe."
        )
    if suffix == "pdf":
        raise UnreadableDocumentError(
            "Ce PDF est endommagé ou n’en est pas un : ouvrez-le, puis enregistrez-le de nouveau."
        )
    if not content.strip():
        raise UnreadableDocumentError("Ce document est vide : vérifiez le fichier.")
    head = content[:2000].lstrip().lower()
    if suffix in ("html", "htm", "mhtml", "mht") or head.startswith((b"<!doctype html", b"<html")):
        from comparisons.documents.readers.html import read_html

        return read_html(content, name)
    if b"\x00" in content[:4096] and not content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise UnreadableDocumentError(
            f"Ce fichier n’est pas un document lisible : il faut {_KINDS}."
        )
    if suffix not in SUFFIXES:
        kind = f"Les fichiers .{suffix}" if suffix else "Les fichiers sans extension"
        raise UnreadableDocumentError(f"{kind} ne sont pas lus : il faut {_KINDS}.")
    from comparisons.documents.readers.plain_text import read_text

    return read_text(content, name)


def _read_archive(content: bytes, name: str) -> Document:
    members = _members(content)
    if "word/document.xml" in members:
        from comparisons.documents.readers.word import read_docx

        return read_docx(content, name)
    if "ppt/presentation.xml" in members:
        from comparisons.documents.readers.slides import read_pptx

        return read_pptx(content, name)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        kind = archive.read("mimetype")[:80] if "mimetype" in members else b""
    if kind == b"application/vnd.oasis.opendocument.text" and "content.xml" in members:
        from comparisons.documents.readers.opendocument import read_odt

        return read_odt(content, name)
    raise UnreadableDocumentError(
        f"Cette archive n’est pas un document : il faut {_KINDS} (un tableur se dépose sous « Avec "
        "un tableur »)."
    )


def _members(content: bytes) -> set[str]:
    """Return the names of the parts of an archive; raises for one that would grow too large."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError) as error:
        raise UnreadableDocumentError(
            "Ce document est endommagé : ouvrez-le et enregistrez-le de nouveau."
        ) from error
    xml = sum(part.file_size for part in parts if part.filename.endswith((".xml", ".rels")))
    whole = sum(part.file_size for part in parts)
    if len(parts) > _MAX_PARTS or xml > _MAX_XML_BYTES or whole > _MAX_PART_BYTES:
        raise UnreadableDocumentError(
            "Ce document se décompresse en un contenu démesuré : il n’est pas lu ; enregistrez-en "
            "une copie plus légère."
        )
    return {part.filename for part in parts}
