"""What must not be read is refused in one French sentence, whatever it holds."""

import io
import zipfile

import pypdf
import pytest
import typst
from PIL import Image

from comparisons.documents import isolated_read
from comparisons.documents.isolated_read import IsolatedDocument
from comparisons.documents.model import UnreadableDocumentError
from comparisons.documents.reader import MAX_BYTES, read_document
from comparisons.documents.readers import ocr
from comparisons.documents.readers.pdf import MAX_PAGES

ODT = b"application/vnd.oasis.opendocument.text"


def encrypted() -> bytes:
    writer = pypdf.PdfWriter()
    writer.add_blank_page(200, 200)
    writer.encrypt("secret")
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


def blank(pages: int) -> bytes:
    writer = pypdf.PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(200, 200)
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


def archive(**parts: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in parts.items():
            file.writestr(name.replace("__", "/").replace("_xml", ".xml"), content)
    return buffer.getvalue()


BOMB = archive(word__document_xml=b"<w>" + b" " * (70 * 2**20))
ENTITIES = (
    b'<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9))
    + b"]><a>&j;</a>"
)


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (encrypted(), "a.pdf", "mot de passe"),
        (b"%PDF-1.7 tronqu", "a.pdf", "endommagé"),
        (b"bonjour", "a.pdf", "endommagé"),
        (blank(MAX_PAGES + 1), "a.pdf", "pages au plus"),
        (blank(2), "a.pdf", "aucun texte"),
        (b"", "a.txt", "vide"),
        (b"x" * (MAX_BYTES + 1), "a.txt", "Mo"),
        (b"\x00\x01" * 50, "a.txt", "document lisible"),
        (b"MZ program", "a.exe", ".exe"),
        (BOMB, "a.docx", "démesuré"),
        (archive(word__document_xml=ENTITIES), "a.docx", "endommagé"),
        (archive(mimetype=ODT, content_xml=ENTITIES, styles_xml=b"<a/>"), "a.odt", "endommagé"),
        (archive(nothing=b"x"), "a.docx", "archive"),
        (bytes.fromhex("d0cf11e0a1b11ae1") + b"x" * 900, "a.doc", "ancien format"),
        (b"<html></html>", "a.html", "texte|vide"),
        (b"<div>" * 100_000, "a.html", "texte|vide|endommagé"),
    ],
)  # fmt: skip
def test_a_hostile_document_is_refused_in_one_sentence(content, name, words):
    with pytest.raises(UnreadableDocumentError, match=words) as refusal:
        read_document(content, name)
    assert "\n" not in str(refusal.value) and str(refusal.value).endswith(".")


def test_a_scan_without_tesseract_says_what_to_do(monkeypatch):
    monkeypatch.setattr(ocr.shutil, "which", lambda name: None)
    picture = typst.compile(b"Bonjour", format="png")
    buffer = io.BytesIO()
    Image.open(io.BytesIO(picture)).convert("L").save(buffer, "PDF")
    with pytest.raises(UnreadableDocumentError, match="tesseract-ocr-fra"):
        read_document(buffer.getvalue(), "a.pdf")


def test_a_reading_that_takes_too_long_is_stopped_and_said(monkeypatch):
    monkeypatch.setattr(isolated_read, "_MAX_WAITING_SECONDS", 0.2)
    with pytest.raises(UnreadableDocumentError, match="arrêtée"):
        IsolatedDocument(b"Bonjour tout le monde", "a.txt").read()


def test_scripts_of_a_page_are_neither_run_nor_read():
    page = b"<html><script>document.write('Axe 9 : Rien')</script><p>Axe 1 : Tout</p></html>"
    assert [block.text for block in read_document(page, "a.html").blocks] == ["Axe 1 : Tout"]
