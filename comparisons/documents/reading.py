"""Read a document and propose its facts: the whole way from bytes to rows."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from comparisons.datapackage.known_territories import load_territory_reference
from comparisons.documents.amounts import propose_amounts
from comparisons.documents.axes import find_axes, propose_axes
from comparisons.documents.indicators import propose_indicators
from comparisons.documents.model import Block, Document
from comparisons.documents.organisations import propose_organisations
from comparisons.documents.proposals import ProposedRow, Value
from comparisons.documents.reader import read_document
from comparisons.documents.strategy import is_strategy, propose_strategy
from comparisons.documents.territories import FoundTerritory, find_territory

_MAX_PARAGRAPH = 3_000


@dataclass
class Reading:
    """What a document gave: its name, its pages, and the rows that it proposes, maybe none.

    `texts` are the paragraphs of each page of a document of which no picture can be drawn, and
    `picture` is the one of the page that the first proposal is on.
    """

    name: str
    page_count: int
    rows: list[ProposedRow] = field(default_factory=list)
    address: str = ""
    is_scanned: bool = False
    texts: dict[int, list[str]] = field(default_factory=dict)
    picture: bytes = b""


def read_proposals(
    content: bytes,
    name: str,
    territory_key: str = "",
    progress: Callable[[int, int], None] = lambda page, count: None,
) -> Reading:
    """Read a document and propose what it states.

    `territory_key` (`departement-35`) names its territory. Raises `UnreadableDocumentError`.
    """
    document = read_document(content, name, progress)
    reading = Reading(document.name, document.page_count, [], document.address, document.is_scanned)
    if b"%PDF-" not in content[:1024]:
        for block in document.blocks:
            reading.texts.setdefault(block.page, []).append(block.text[:_MAX_PARAGRAPH])
    if is_strategy(document):
        reading.rows = _propose(document, territory_key)
    return reading


def _propose(document: Document, territory_key: str) -> list[ProposedRow]:
    territory = _named_territory(document, territory_key) or find_territory(document)
    axes = find_axes(document)
    strategy = propose_strategy(document, territory, axes)
    years = strategy.get("annee_debut"), strategy.get("annee_fin")
    return [
        strategy,
        *propose_axes(document, axes),
        *propose_amounts(document, axes, years),
        *propose_organisations(document, territory),
        *propose_indicators(document, territory, strategy.get("annee_debut")),
        _propose_source(document, strategy),
    ]


def _propose_source(document: Document, strategy: ProposedRow) -> ProposedRow:
    """Build the row of `sources` that describes the document itself."""
    title = strategy.values["titre"]
    row = ProposedRow("sources", {"titre": replace(title, alternatives=())}, key="source")
    address = document.address
    row.add("url", address, "adresse que la page donne", Value(address, 1, address, ""))
    if bearer := strategy.values.get("porteur_nom"):
        row.add("editeur", bearer.text, "territoire du document", bearer)
    row.add("type", "institutionnel", "document d’une collectivité", title)
    if adoption := strategy.values.get("date_adoption"):
        row.add("date_publication", adoption.text, "date de son adoption", adoption)
    return row


def _named_territory(document: Document, key: str) -> FoundTerritory | None:
    """Return the territory that the reader named, shown by the first block of the document."""
    level, _, code = key.partition("-")
    name = load_territory_reference().names.get((level, code))
    if name is None:
        return None
    found = find_territory(document)
    if found and found.key == (level, code):
        return replace(found, others=())
    return FoundTerritory((level, code), name, next(document.paragraphs, Block("", 1)))
