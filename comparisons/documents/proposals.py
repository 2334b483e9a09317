"""What a reading proposes: rows of the tables of the format, each value with its passage."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from comparisons.documents.model import Block, Box
from comparisons.formatting import shorten

COLUMNS = ("table", "ligne", "colonne", "valeur", "page", "passage", "indice")
# Longer passages would copy the document rather than show where to read.
MAX_PASSAGE = 300
# Of `priorites`, beside the columns of the format: axe, orientation, objectif or action.
LEVEL_COLUMN = "niveau"
LEVELS = ("axe", "orientation", "objectif", "action")


@dataclass(frozen=True)
class Value:
    """A proposed value, the page that shows it, the words there, and why it was understood so.

    `alternatives` are the other values that the words may mean.
    """

    text: str
    page: int
    passage: str
    reason: str
    alternatives: tuple[str, ...] = ()
    box: Box | None = None


def value_of(
    block: Block,
    text: str,
    reason: str,
    place: tuple[int, int] | None = None,
    alternatives: tuple[str, ...] = (),
) -> Value:
    """Return a value that a block shows, at a place of its text."""
    return Value(text, block.page, to_passage(block.text, place), reason, alternatives, block.box)


@dataclass
class ProposedRow:
    """A row of a table: its values by column. `key` names it for the rows that refer to it."""

    table: str
    values: dict[str, Value] = field(default_factory=dict)
    key: str = ""

    def get(self, column: str) -> str:
        """Return the text of a column, "" if nothing is proposed."""
        value = self.values.get(column)
        return value.text if value else ""

    @property
    def page(self) -> int:
        """Return the page of the first value."""
        return next(iter(self.values.values())).page

    def add(self, column: str, text: object, reason: str, like: Value, **changes: object) -> None:
        """Add a value that the passage of another one shows, unless it is empty."""
        if text not in (None, ""):
            place = {"page": like.page, "passage": like.passage, "box": like.box} | changes
            self.values[column] = Value(str(text), reason=reason, **place)

    def locate(self) -> None:
        """Fill in `localisation`, from the page of the first value."""
        first = next(iter(self.values.values()))
        self.add("localisation", f"p. {first.page}", "page du document", first)


def to_passage(text: str, around: tuple[int, int] | None = None) -> str:
    """Return at most `MAX_PASSAGE` characters of a text, those `around` a place of it."""
    text = " ".join(text.split())
    if around is None or len(text) <= MAX_PASSAGE:
        return shorten(text, MAX_PASSAGE)
    start = max(0, min(around[0] - MAX_PASSAGE // 2, len(text) - MAX_PASSAGE + 2))
    start = start if start == 0 else text.find(" ", start) + 1
    return ("…" if start else "") + shorten(text[start:], MAX_PASSAGE - 1)


def to_records(rows: list[ProposedRow]) -> Iterator[Mapping[str, object]]:
    """Iterate over the values of all rows, with the columns `COLUMNS`; rows count by table."""
    counts: dict[str, int] = {}
    for row in rows:
        counts[row.table] = number = counts.get(row.table, 0) + 1
        for column, value in row.values.items():
            reason = value.reason
            if value.alternatives:
                reason += f" ; sinon : {', '.join(value.alternatives)}"
            yield dict(
                zip(
                    COLUMNS,
                    (row.table, number, column, value.text, value.page, value.passage, reason),
                    strict=True,
                )
            )
