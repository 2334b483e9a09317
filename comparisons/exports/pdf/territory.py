"""Content of the PDF of a territory, as the template reads it."""

from collections.abc import Mapping

import pandas as pd

from comparisons.analysis import alignment, profile
from comparisons.analysis.map_layers import MapLayer, describe_legend
from comparisons.analysis.profile import Profile
from comparisons.analysis.replies import describe_contested
from comparisons.database.connection import dataset_metadata
from comparisons.exports import table_writers
from comparisons.exports.pdf import blocks
from comparisons.exports.pdf.map_drawing import MapDrawing
from comparisons.exports.pdf.map_sheet import map_words
from comparisons.formatting import (
    curly_apostrophes,
    describe_absence,
    pluralize,
)
from comparisons.rows import iterate_rows

# Relative share of rows that each block of a page receives until the page is full.
_BLOCK_WEIGHTS = (
    {"strategies": 100, "wider": 2, "neighbours": 2, "peers": 0.01},
    {"priorities": 6, "themes": 4, "budgets": 5, "partners": 3, "indicators": 2, "sources": 4},
)
# Rows of each block above which the map and the text of the first page are not reduced further.
_SUFFICIENT_ROWS = {"wider": 5, "neighbours": 6, "peers": 0}
# Contested facts that the first page names.
_MAX_CONTESTED = 3


def territory_content(
    territory_profile: Profile, layer: MapLayer, drawing: MapDrawing, address: str
) -> dict:
    """Return the texts of the PDF, and the order in which its blocks receive rows."""
    year = int(dataset_metadata()["annee"])
    priorities, borrowed = blocks.displayed_axes(territory_profile)
    sources = blocks.source_rows(territory_profile, priorities)
    themes = alignment.format_alignment_table(territory_profile.key)
    rows = _block_rows(territory_profile, priorities, themes, sources)
    counts = {name: len(block) for name, block in rows.items()}
    cited = max((row["source"] or 0 for row in rows["strategies"]), default=0)
    return {
        "name": territory_profile.name,
        "identity": profile.describe_identity(territory_profile),
        "twins": [curly_apostrophes(sentence) for sentence in territory_profile.twins],
        "replies": _replies(territory_profile),
        "figures": _figures(territory_profile),
        "map": _map(territory_profile, layer, drawing),
        "axis": blocks.timeline_axis(territory_profile.documents, year),
        "summary": _summary(territory_profile),
        "absence": describe_absence(territory_profile.searches),
        "search": ""
        if territory_profile.searches.empty
        else profile.describe_lookup(territory_profile),
        "neighbours_sentence": profile.describe_neighbours(territory_profile.neighbours),
        "borrowed": borrowed,
        "alignment": [
            blocks.shorten_line(text, 420)
            for text in alignment.describe_alignment(territory_profile.key)
        ],
        "theme_columns": [blocks.shorten_line(name, 45) for name in themes.columns],
        "identity_sources": profile.identity_sources(territory_profile),
        **table_writers.origin_words(),
        "address": address,
        "blocks": rows,
        # the first page cites the sources of its strategies: they are listed, whatever is cut
        "cited": cited,
        "grants": [
            allocate_rows(counts, _BLOCK_WEIGHTS[0]),
            ["sources"] * cited
            + allocate_rows(counts | {"sources": counts["sources"] - cited}, _BLOCK_WEIGHTS[1]),
        ],
        "needed": {
            name: min(count, _SUFFICIENT_ROWS.get(name, count)) for name, count in counts.items()
        },
    }


def _replies(territory_profile: Profile) -> list[str]:
    """Return what the territory said of its facts, and the first ones that it contests."""
    contested = describe_contested(territory_profile.replies)
    sentences = [territory_profile.replies_sentence, *contested[:_MAX_CONTESTED]]
    if len(contested) > _MAX_CONTESTED:
        more = len(contested) - _MAX_CONTESTED
        sentences.append(f"et {pluralize(more, 'autre fait contesté', 'autres faits contestés')}.")
    return [blocks.shorten_line(sentence, 240) for sentence in filter(None, sentences)]


def _block_rows(
    territory_profile: Profile, priorities: pd.DataFrame, themes: pd.DataFrame, sources: list[dict]
) -> dict[str, list[dict]]:
    """Return the rows of each block; `sources` are numbered in their order."""
    references = {row["source_id"]: number for number, row in enumerate(sources, 1)}
    return {
        "strategies": blocks.strategy_rows(territory_profile, references),
        "wider": [
            blocks.other_strategy_row(row)
            for row in iterate_rows(blocks.current_documents(territory_profile.enclosing_documents))
        ],
        "neighbours": [
            blocks.other_strategy_row(row) for row in iterate_rows(territory_profile.neighbours)
        ],
        "peers": [
            blocks.other_strategy_row(row)
            for row in iterate_rows(blocks.peer_documents(territory_profile.key))
        ],
        "priorities": blocks.priority_rows(territory_profile, priorities, references),
        "themes": blocks.theme_rows(themes),
        "budgets": blocks.budget_rows(territory_profile, references),
        "partners": blocks.partner_rows(territory_profile, references),
        "indicators": blocks.indicator_rows(territory_profile, references),
        "sources": sources,
    }


def allocate_rows(rows: Mapping[str, int], weights: Mapping[str, int]) -> list[str]:
    """Return the names of the blocks in the order in which they receive their rows.

    Each block appears as many times as it has rows, evenly spread by weight.
    """
    ranked_rows = [
        (number / weights[name], index, name)
        for index, name in enumerate(weights)
        for number in range(1, rows[name] + 1)
    ]
    return [name for *_, name in sorted(ranked_rows)]


def _figures(territory_profile: Profile) -> list[list[str]]:
    """Return the key figures of the page, without the number of communes of a commune."""
    figures = [list(figure) for figure in profile.key_figures(territory_profile)]
    if territory_profile.documents.empty:
        figures = [
            [title, value, "" if "trat" in title else text] for title, value, text in figures
        ]
    is_commune = territory_profile.territory["territoire_niveau"] == "commune"
    return [figure for figure in figures if not (is_commune and figure[0] == "Communes")]


def _map(territory_profile: Profile, layer: MapLayer, drawing: MapDrawing) -> dict:
    """Return the texts beside the map: title, legend with counts, class of the territory."""
    code = territory_profile.territory["territoire_code"]
    return map_words(layer, code) | {
        "drawn": drawing.drawn,
        "group": drawing.group_drawn,
        "alt": f"Carte : {layer.subtitle}. {describe_legend(layer)} "
        f"{territory_profile.name} y est entouré.",
    }


def _summary(territory_profile: Profile) -> str:
    """Return the abstract of the default strategy, shortened."""
    texts = territory_profile.documents["resume"].dropna()
    return blocks.shorten_line(texts.iloc[0], 300) if len(texts) else ""
