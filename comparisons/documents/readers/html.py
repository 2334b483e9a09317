"""Read an HTML page saved from a browser: its headings, texts, lists and tables."""

import email
import email.policy
import re
from collections.abc import Iterator

import lxml.html
from lxml import etree

from comparisons.documents.model import Block, Document, Row, UnreadableDocumentError, table_block
from comparisons.documents.readers.wording import BULLET, clean, read_cells

_LEFT_OUT = frozenset(
    "script style nav footer aside noscript template form button svg iframe select head".split()
)
_BLOCKS = frozenset(
    "p h1 h2 h3 h4 h5 h6 li dt dd blockquote figcaption caption pre summary td th".split()
)
_LINES = _BLOCKS | {"br", "div", "ul", "ol", "section"}
_BOLD = frozenset(("strong", "b"))
# of what a click opens, of a definition
_TITLES = frozenset(("summary", "dt"))
_ROLES = frozenset(("navigation", "banner", "contentinfo", "search", "complementary"))
_MENU = re.compile(r"(?:menu|nav|navbar|breadcrumbs?|sidebar|footer|cookies?)\b", re.IGNORECASE)
_SAVED_FROM = re.compile(rb"saved from url=\(\d+\)(https?://[^\s>]+)")
_MAX_DEPTH = 200


def read_html(content: bytes, name: str) -> Document:
    """Read an .html or .mhtml page; all of it is page 1."""
    if name.lower().endswith((".mhtml", ".mht")):
        content = _inner_page(content)
    tree = _parse(content)
    body = tree.find(".//body")
    root = _main_part(body if body is not None else tree)
    blocks = [block for block in _blocks(root, 0) if block.text]
    title = tree.findtext(".//title") or ""
    return Document(name, tuple(blocks), 1, clean(title), address=_address(tree, content))


def _parse(content: bytes) -> etree._Element:
    encoding = None
    try:
        content.decode("utf-8")
        encoding = "utf-8"
    except UnicodeDecodeError:
        pass
    try:
        parser = lxml.html.HTMLParser(encoding=encoding, no_network=True)
        return lxml.html.document_fromstring(content, parser=parser)
    except (etree.ParserError, ValueError) as error:
        raise UnreadableDocumentError(
            "Cette page est vide ou abîmée : enregistrez-la de nouveau depuis le navigateur."
        ) from error


def _inner_page(content: bytes) -> bytes:
    message = email.message_from_bytes(content, policy=email.policy.default)
    for part in message.walk():
        if part.get_content_type() == "text/html":
            return part.get_payload(decode=True) or b""
    return content


def _main_part(body: etree._Element) -> etree._Element:
    """Return the element that holds the text of the page, menus aside."""
    whole = len(body.text_content())
    for path in (".//main", ".//article", ".//*[@role='main']"):
        found = body.findall(path)
        if len(found) == 1 and len(found[0].text_content()) > 0.3 * whole:
            return found[0]
    return body


def _address(tree: etree._Element, content: bytes) -> str:
    link = tree.find(".//link[@rel='canonical']")
    meta = tree.find(".//meta[@property='og:url']")
    for address in (
        link.get("href", "") if link is not None else "",
        meta.get("content", "") if meta is not None else "",
    ):
        if address.startswith(("http://", "https://")):
            return address
    saved = _SAVED_FROM.search(content[:4000])
    return saved[1].decode("ascii", "ignore") if saved else ""


def _is_left_out(element: etree._Element) -> bool:
    if not isinstance(element.tag, str) or element.tag in _LEFT_OUT:
        return True
    if _MENU.match(element.get("id", "")) or _MENU.match(element.get("class", "")):
        return True
    style = element.get("style", "").replace(" ", "")
    is_hidden = element.get("hidden") is not None or "display:none" in style
    return is_hidden or element.get("role", "") in _ROLES


def _blocks(element: etree._Element, depth: int) -> Iterator[Block]:
    """Iterate over the blocks of an element; text beside elements is a paragraph of its own."""
    if depth > _MAX_DEPTH:
        return
    pending = [element.text or ""]
    for child in element.iterchildren():
        if not _is_left_out(child):
            if _is_title_line(child, "".join(pending)):
                yield from _paragraphs(pending, element)
                yield Block(clean(child.text_content()), 1, bold=True)
                pending = []
            elif _is_inline(child):
                pending.append("\n" if child.tag == "br" else child.text_content())
            else:
                yield from _paragraphs(pending, element)
                pending = []
                yield from _child_blocks(child, depth + 1)
        pending.append(child.tail or "")
    yield from _paragraphs(pending, element)


def _is_title_line(child: etree._Element, before: str) -> bool:
    """Return whether bold words, not of an item, fill a line that a break ends."""
    following = child.getnext()
    is_line = following is not None and following.tag == "br" and not (child.tail or "").strip()
    is_begun = before.strip() == "" or before.rstrip(" ").endswith("\n")
    is_bold = child.tag in _BOLD and clean(child.text_content()) != ""
    return is_bold and is_line and is_begun and child.getparent().tag != "li"


def _child_blocks(child: etree._Element, depth: int) -> Iterator[Block]:
    if child.tag == "table":
        yield from _table(child, depth)
    else:
        yield from _blocks(child, depth)


def _is_inline(element: etree._Element) -> bool:
    inline = {"a", "span", "strong", "b", "em", "i", "u", "sup", "sub", "small", "abbr", "br",
              "mark", "font", "time", "cite", "q", "label", "img", "code", "wbr", "s"}  # fmt: skip
    return element.tag in inline and not any(
        isinstance(each.tag, str) and each.tag in _BLOCKS | {"div", "table", "ul"}
        for each in element.iterdescendants()
    )


def _paragraphs(parts: list[str], element: etree._Element) -> Iterator[Block]:
    for line in re.split(r"\n\s*\n", "".join(parts)):
        text = clean(line)
        if not text:
            continue
        bullet = BULLET.match(text)
        heading = re.fullmatch(r"h([1-6])", element.tag)
        strong = "".join(
            each.text_content() for each in element.iterchildren() if each.tag in _BOLD
        )
        lead = _lead(element)
        yield Block(
            text[bullet.end() :] if bullet else text,
            1,
            level=int(heading[1]) if heading else 0,
            bold=element.tag in _TITLES or len(clean(strong)) >= 0.95 * len(text),
            is_item=element.tag == "li" or bullet is not None,
            indent=sum(1 for _ in element.iterancestors("ul", "ol")),
            lead=lead if text.startswith(lead) and text != lead else "",
        )


def _lead(element: etree._Element) -> str:
    """Return the bold words that begin an element, or ""."""
    first = next(element.iterchildren(), None)
    is_first = first is not None and first.tag in _BOLD and not (element.text or "").strip()
    return clean(first.text_content()) if is_first else ""


def _table(table: etree._Element, depth: int) -> Iterator[Block]:
    """Iterate over a table's caption and rows; one that only lays out a page is no table."""
    caption = table.find("caption")
    if caption is not None and (text := clean(caption.text_content())):
        yield Block(text, 1)
    if table.find(".//table") is not None or table.find(".//h2") is not None:
        yield from _blocks(table, depth)
        return
    rows = []
    # the columns that cells of rows above fill, and for how many rows more
    filled: dict[int, int] = {}
    for line in table.iter("tr"):
        cells: list[str] = []
        for cell in line.iterchildren("td", "th"):
            _skip_filled(cells, filled)
            start = len(cells)
            cells += [_cell_text(cell)] + [""] * (_span(cell, "colspan") - 1)
            filled |= dict.fromkeys(range(start, len(cells)), _span(cell, "rowspan"))
        _skip_filled(cells, filled)
        filled = {column: count - 1 for column, count in filled.items() if count > 1}
        texts, paragraphs = read_cells(cells)
        if any(texts):
            rows.append(Row(texts, 1, paragraphs=paragraphs))
    if rows:
        yield table_block(rows)


def _cell_text(element: etree._Element) -> str:
    """Return the text of a cell, each of its paragraphs, items and broken lines on a line."""
    parts = [element.text or ""]
    for child in element.iterchildren():
        text = _cell_text(child) if isinstance(child.tag, str) else ""
        parts += ["\v", text, "\v"] if child.tag in _LINES else [text]
        parts.append(child.tail or "")
    return "".join(parts).replace("\n", " ")


def _span(cell: etree._Element, name: str) -> int:
    value = cell.get(name, "1")
    return min(max(int(value), 1), 40) if value.isdigit() else 1


def _skip_filled(cells: list[str], filled: dict[int, int]) -> None:
    while len(cells) in filled:
        cells.append("")
