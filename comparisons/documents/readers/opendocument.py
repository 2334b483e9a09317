"""Read an .odt document: paragraphs with the level of their style, lists, tables."""

import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lxml import etree

from comparisons.documents.model import Block, Document, Row, UnreadableDocumentError, table_block
from comparisons.documents.readers.wording import BULLET, clean, read_cells

_NAMES = {
    "text": "urn:oasis:names:tc:opendocument:xmlns:text:1.0",
    "style": "urn:oasis:names:tc:opendocument:xmlns:style:1.0",
    "fo": "urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0",
    "table": "urn:oasis:names:tc:opendocument:xmlns:table:1.0",
    "draw": "urn:oasis:names:tc:opendocument:xmlns:drawing:1.0",
    "office": "urn:oasis:names:tc:opendocument:xmlns:office:1.0",
}
_HEADING = re.compile(r"(?:heading|titre)(?:_20_(\d))?$|title$", re.IGNORECASE)
_MAX_REPEATED = 60


def _q(name: str) -> str:
    prefix, local = name.split(":")
    return f"{{{_NAMES[prefix]}}}{local}"


# not of the text of a paragraph: notes, comments, boxes of text
_BOXES = (_q("draw:text-box"), _q("draw:custom-shape"))
_APART = (_q("text:note"), _q("office:annotation"), _q("draw:frame"), *_BOXES, etree.Comment)


@dataclass
class _Style:
    parent: str = ""
    size: float = 0.0
    bold: bool | None = None
    breaks_before: bool = False
    breaks_after: bool = False


class _Reader:
    """The state of a reading: the styles, and the page where it is."""

    def __init__(self, styles: Mapping[str, _Style]) -> None:
        self._styles = styles
        self.page = 1
        self.blocks: list[Block] = []

    def read(self, element: etree._Element, indent: int = 0) -> None:
        """Read what an element holds, in its order."""
        for child in element.iterchildren():
            if child.tag in (_q("text:p"), _q("text:h")):
                self._read_paragraph(child, indent)
            elif child.tag == _q("text:soft-page-break"):
                self.page += 1
            elif child.tag == _q("table:table"):
                self._read_table(child)
            elif child.tag == _q("text:list"):
                self.read(child, indent + 1)
            elif child.tag in (_q("text:list-item"), _q("text:section"), _q("text:index-body"),
                               _q("text:table-of-content"), _q("text:list-header"),
                               _q("draw:frame"), *_BOXES):  # fmt: skip
                self.read(child, indent)

    def _read_paragraph(self, element: etree._Element, indent: int) -> None:
        name = element.get(_q("text:style-name"), "")
        chain = list(self._chain(name))
        style = chain[0] if chain else _Style()
        if style.breaks_before and self.blocks:
            self.page += 1
        text = clean(_text(element))
        inner_breaks = len(list(element.iter(_q("text:soft-page-break"))))
        if text:
            bullet = BULLET.match(text)
            size = next((each.size for each in chain if each.size), 0.0)
            bold = next((each.bold for each in chain if each.bold is not None), False)
            self.blocks.append(
                Block(
                    text[bullet.end() :] if bullet else text,
                    self.page,
                    level=self._level(element, name),
                    size=size,
                    bold=bold or self._is_bold_inside(element, text),
                    is_item=indent > 0 or bullet is not None,
                    indent=indent,
                    lead=self._lead(element, text),
                )
            )
        for box in element.iter(*_BOXES):
            self.read(box)
        self.page += inner_breaks + style.breaks_after

    def _lead(self, element: etree._Element, text: str) -> str:
        """Return the bold words that begin a paragraph, or ""."""
        words = ""
        for span in element.iterchildren():
            name = span.get(_q("text:style-name"), "")
            if not any(each.bold for each in self._chain(name)):
                break
            words += _text(span) + (span.tail or "")
            if (span.tail or "").strip():
                words = words.removesuffix(span.tail)
                break
        lead = clean(words)
        return lead if text.startswith(lead) and text != lead else ""

    def _is_bold_inside(self, element: etree._Element, text: str) -> bool:
        spans = [
            _text(span)
            for span in element.iter(_q("text:span"))
            if any(each.bold for each in self._chain(span.get(_q("text:style-name"), "")))
        ]
        return bool(text) and len(clean("".join(spans))) >= 0.95 * len(text)

    def _level(self, element: etree._Element, name: str) -> int:
        if element.tag == _q("text:h"):
            return int(element.get(_q("text:outline-level"), "1"))
        while name:
            if match := _HEADING.match(name):
                return int(match[1] or 1)
            name = self._styles[name].parent if name in self._styles else ""
        return 0

    def _chain(self, name: str) -> Iterator[_Style]:
        for _ in range(10):
            if name not in self._styles:
                return
            yield self._styles[name]
            name = self._styles[name].parent

    def _read_table(self, table: etree._Element) -> None:
        rows = []
        for element in table.iter(_q("table:table-row"), _q("text:soft-page-break")):
            if element.tag == _q("text:soft-page-break"):
                self.page += 1
                continue
            cells: list[str] = []
            for cell in element.iterchildren(
                _q("table:table-cell"), _q("table:covered-table-cell")
            ):
                repeated = int(cell.get(_q("table:number-columns-repeated"), "1"))
                paragraphs = cell.iter(_q("text:p"), _q("text:h"))
                text = "\n".join(_text(each, line_break="\n") for each in paragraphs)
                cells += [text] * min(repeated, _MAX_REPEATED)
            texts, parts = read_cells(cells)
            if any(texts):
                rows.append(Row(texts, self.page, paragraphs=parts))
        if rows:
            self.blocks.append(table_block(rows))


def read_odt(content: bytes, name: str) -> Document:
    """Read an .odt; its pages are those that its last layout, or an explicit break, marked."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if "META-INF/manifest.xml" in archive.namelist():
            manifest = archive.read("META-INF/manifest.xml")
            if b"encryption-data" in manifest:
                raise UnreadableDocumentError(
                    "Ce document est protégé par un mot de passe : enregistrez-en une copie sans "
                    "protection."
                )
        content_tree = _parse(archive.read("content.xml"))
        styles_tree = _parse(archive.read("styles.xml"))
    reader = _Reader(dict(_styles(styles_tree)) | dict(_styles(content_tree)))
    body = content_tree.find(f".//{_q('office:text')}")
    if body is not None:
        reader.read(body)
    running = [
        clean(_text(element))
        for kind in ("header", "footer")
        for part in styles_tree.iter(_q(f"style:{kind}"))
        for element in part.iter(_q("text:p"))
    ]
    return Document(
        name, tuple(reader.blocks), reader.page, running=tuple(filter(None, dict.fromkeys(running)))
    )


def _parse(content: bytes) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    return etree.fromstring(content, parser)


def _styles(tree: etree._Element) -> Iterator[tuple[str, _Style]]:
    for element in tree.iter(_q("style:style")):
        style = _Style(element.get(_q("style:parent-style-name"), ""))
        for properties in element.iterchildren():
            size = re.fullmatch(r"([\d.]+)pt", properties.get(_q("fo:font-size"), ""))
            if size:
                style.size = float(size[1])
            if weight := properties.get(_q("fo:font-weight")):
                style.bold = weight in ("bold", "600", "700", "800", "900")
            style.breaks_before |= properties.get(_q("fo:break-before")) == "page"
            style.breaks_after |= properties.get(_q("fo:break-after")) == "page"
        if master := element.get(_q("style:master-page-name")):
            style.breaks_before |= bool(master)
        yield element.get(_q("style:name"), ""), style


def _text(element: etree._Element, line_break: str = " ") -> str:
    """Return the text of an element, notes and boxes apart; tabulations are spaces."""
    parts = [element.text or ""]
    for child in element.iterchildren():
        if child.tag in (_q("text:s"), _q("text:tab"), _q("text:line-break")):
            parts.append(line_break if child.tag == _q("text:line-break") else " ")
        elif child.tag not in _APART:
            parts.append(_text(child, line_break))
        parts.append(child.tail or "")
    return "".join(parts)
