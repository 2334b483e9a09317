"""What the paper says of a territory: words only, as the template sets them."""

from collections.abc import Mapping

from comparisons.analysis import alignment, profile
from comparisons.analysis.profile import Profile
from comparisons.database.connection import dataset_metadata
from comparisons.exports import tables
from comparisons.exports.pdf import blocks
from comparisons.exports.pdf.locator_map import LocatorMap
from comparisons.formatting import curly_apostrophes, format_partial_date

# How fast each block of a page is given its rows, until the page is full.
BLOCK_WEIGHTS = (
    {"strategies": 100, "wider": 2, "neighbours": 2, "peers": 0.01},
    {"priorities": 6, "themes": 4, "budgets": 5, "partners": 3, "indicators": 2, "sources": 4},
)
# Rows of some blocks of the first page for which map and text need not shrink further.
SUFFICIENT_ROWS = {"wider": 5, "neighbours": 6, "peers": 0}


def content(known: Profile, located: LocatorMap, address: str) -> dict:
    """Return all the words of the paper, and the order in which rows are given to its blocks."""
    data = dataset_metadata()
    priorities, borrowed = blocks.axes(known)
    sources = blocks.source_rows(known, priorities)
    themes = alignment.format_alignment_table(known.key)
    references = {row["source_id"]: place for place, row in enumerate(sources, 1)}
    rows = {
        "strategies": blocks.strategy_rows(known, references),
        "wider": [
            blocks.other_strategy_row(row)
            for row in blocks.current_documents(known.wider).itertuples()
        ],
        "neighbours": [blocks.other_strategy_row(row) for row in known.neighbours.itertuples()],
        "peers": [
            blocks.other_strategy_row(row) for row in blocks.peer_documents(known.key).itertuples()
        ],
        "priorities": blocks.priority_rows(known, priorities, references),
        "themes": blocks.theme_rows(themes),
        "budgets": blocks.budget_rows(known, references),
        "partners": blocks.partner_rows(known, references),
        "indicators": blocks.indicator_rows(known, references),
        "sources": sources,
    }
    counts = {name: len(block) for name, block in rows.items()}
    cited = max((row["source"] or 0 for row in rows["strategies"]), default=0)
    return {
        "name": known.name,
        "identity": profile.describe_identity(known),
        "twins": [curly_apostrophes(sentence) for sentence in known.twins],
        "figures": _figures(known),
        "date": [int(part) for part in data["date"].split("-")],
        "dated": format_partial_date(data["date"]),
        "map": _map(known, located),
        "axis": blocks.timeline_axis(known.documents, int(data["annee"])),
        "summary": _summary(known),
        "absence": profile.absence(known),
        "search": "" if known.searches.empty else profile.describe_lookup(known),
        "neighbours_sentence": profile.neighbours_sentence(known.neighbours),
        "borrowed": borrowed,
        "alignment": [
            blocks.shorten(text, 420) for text in alignment.describe_alignment(known.key)
        ],
        "theme_columns": [blocks.shorten(name, 45) for name in themes.columns],
        "identity_sources": profile.identity_sources(known),
        "citation": tables.citation_sentence(),
        "address": address,
        "blocks": rows,
        # the first page cites the sources of its strategies: they are listed, whatever is cut
        "cited": cited,
        "grants": [
            allocate_rows(counts, BLOCK_WEIGHTS[0]),
            ["sources"] * cited
            + allocate_rows(counts | {"sources": counts["sources"] - cited}, BLOCK_WEIGHTS[1]),
        ],
        "needed": {
            name: min(count, SUFFICIENT_ROWS.get(name, count)) for name, count in counts.items()
        },
    }


def allocate_rows(rows: Mapping[str, int], weights: Mapping[str, int]) -> list[str]:
    """Return the name of the block that gets a row, turn by turn.

    Until every row of every block is given.
    """
    turns = [
        (turn / weights[name], place, name)
        for place, name in enumerate(weights)
        for turn in range(1, rows[name] + 1)
    ]
    return [name for *_, name in sorted(turns)]


def _figures(known: Profile) -> list[list[str]]:
    """Return the figures of the page; a commune is not told that it is one commune."""
    figures = [list(figure) for figure in profile.key_figures(known)]
    if known.documents.empty:
        figures = [
            [title, value, "" if "trat" in title else text] for title, value, text in figures
        ]
    is_commune = known.territory["territoire_niveau"] == "commune"
    return [figure for figure in figures if not (is_commune and figure[0] == "Communes")]


def _map(known: Profile, located: LocatorMap) -> dict:
    """Return the words beside the map: what it shows, its legend with counts, this territory."""
    shown = located.layer
    counts = shown.counts()
    legend = [
        {"label": c.label, "colour": c.colour, "count": counts[c.code]}
        for c in shown.classes
        if counts[c.code]
    ]
    own = shown.data.set_index("territoire_code")["classe"].get(known.territory["territoire_code"])
    words = {c.code: c.label for c in shown.classes}
    counted = " ; ".join(f"{line['label']} : {line['count']}" for line in legend)
    return {
        "title": shown.title,
        "subtitle": shown.subtitle,
        "legend": legend,
        "own": words.get(own, ""),
        "drawn": located.drawn,
        "group": located.group_drawn,
        "alt": f"Carte : {shown.subtitle}. {shown.title} {counted}. {known.name} y est entouré.",
    }


def _summary(known: Profile) -> str:
    """Return what the strategy to show by default says, in a few words."""
    texts = known.documents["resume"].dropna()
    return blocks.shorten(texts.iloc[0], 300) if len(texts) else ""
