"""What a document holds, whatever its kind: pages, blocks of text, tables.

Places are boxes (left, top, right, bottom) in shares of the page, from its top left corner.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

Box = tuple[float, float, float, float]
_SENTENCE_END = re.compile(r"(?<=[.!?;])\s+(?=[A-ZÀ-Ý«])|(?<=[a-zà-ÿ]{4}[.!?])\s+(?=\d)|\n")


class UnreadableDocumentError(Exception):
    """A document that is not read; the message says why and what to do, in one French sentence."""


@dataclass(frozen=True)
class Row:
    """One row of a table: its cells, its page (from 1) and its place on it.

    `paragraphs` are those of each cell, where the file tells them: a title and what explains it.
    """

    cells: tuple[str, ...]
    page: int
    box: Box | None = None
    paragraphs: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True)
class Block:
    """A paragraph, an item of a list, a heading, or a table (its text is then that of its cells).

    `level` is that of a heading where the file says so (1 is the highest), 0 elsewhere. `size` is
    the height of its letters in points, 0 if the file does not tell; `indent` how deep an item is
    within others, where the file says so; `lead` the bold words that begin it, if not all are.
    """

    text: str
    page: int
    level: int = 0
    size: float = 0.0
    bold: bool = False
    is_item: bool = False
    indent: int = 0
    box: Box | None = None
    rows: tuple[Row, ...] = ()
    lead: str = ""


@dataclass(frozen=True)
class Document:
    """A document that was read: its blocks in reading order.

    `running` holds the headers and footers that were set aside, each once; `outline` the titles of
    its bookmarks with their level; `address` where it was published, if the file tells.
    """

    name: str
    blocks: tuple[Block, ...]
    page_count: int
    title: str = ""
    address: str = ""
    running: tuple[str, ...] = ()
    outline: tuple[tuple[int, str], ...] = ()
    is_scanned: bool = False

    @property
    def paragraphs(self) -> Iterator[Block]:
        """Iterate over the blocks that are no tables."""
        return (block for block in self.blocks if not block.rows)

    @property
    def tables(self) -> Iterator[tuple[int, Block]]:
        """Iterate over the tables, each with its index among the blocks."""
        return ((index, block) for index, block in enumerate(self.blocks) if block.rows)


def split_sentences(text: str) -> list[str]:
    """Split a paragraph into sentences."""
    return _SENTENCE_END.split(text)


def table_block(rows: list[Row], box: Box | None = None) -> Block:
    """Build the block of a table; each row has as many cells as the longest."""
    width = max(len(row.cells) for row in rows)
    padded = tuple(replace(row, cells=row.cells + ("",) * (width - len(row.cells))) for row in rows)
    text = "\n".join(" | ".join(filter(None, row.cells)) for row in padded)
    return Block(text, rows[0].page, box=box, rows=padded)
