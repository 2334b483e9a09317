"""Frequencies drawn: themes × periods, or × levels. Pure: a DataFrame in, a figure out."""

from textwrap import wrap

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from comparisons.analysis.map_layers import SEQUENTIAL, UNKNOWN
from comparisons.analysis.themes.frequency import column_label
from comparisons.charts.bars import themed_colour
from comparisons.formatting import format_percent, pluralize
from comparisons.schema.model import code_label

ROW_HEIGHT, ROW_HEIGHT_NARROW = 27, 36
WRAPPED_AT = 17
BLACK, WHITE = "#000000", "#ffffff"
_HYPHENATED = {"Départements": "Départe-<br>ments", "Intercommunalités": "Intercom-<br>munalités"}


def frequency_figure(
    rows: pd.DataFrame, narrow: bool = False, dark: bool = False
) -> go.Figure | None:
    """Draw a table of frequencies as a grid: the darker (in the dark, the lighter), the commoner.

    `rows` is what `frequency.frequency` or `frequency_by_level` gives. Colours go from 0 to 100 %
    in all grids. Every cell says its share, and n of N under the pointer; where documents are too
    few for a share, it is grey and says n of N. Themes are in the order of the vocabulary. Returns
    None without any row.
    """
    if rows.empty:
        return None
    column = "periode" if "periode" in rows else "territoire_niveau"
    themes = list(rows["theme"].unique())
    totals = rows.groupby(column, sort=False)["nb_connues"].first()

    def grid(values: object) -> np.ndarray:
        return np.array(values).reshape(len(themes), len(totals))

    across = [_group(column_label(rows, code), total, narrow) for code, total in totals.items()]
    down = [_theme(code_label("themes", code), narrow) for code in themes]
    place = {
        "x": across,
        "y": down,
        "zmin": 0,
        "zmax": 1,
        "xgap": 2,
        "ygap": 2,
        "showscale": False,
    }
    grey = themed_colour(dark, UNKNOWN)
    blues = [themed_colour(dark, colour) for colour in SEQUENTIAL[5]]
    figure = go.Figure(
        [
            # behind: seen through where there is no share
            go.Heatmap(z=grid(np.zeros(len(rows))), colorscale=[grey, grey], hoverinfo="skip",
                       **place),
            go.Heatmap(
                z=grid(rows["part"].to_numpy(float)),
                colorscale=blues,
                hovertext=grid([_hover(rows, row, column) for row in rows.itertuples()]),
                hoverinfo="text",
                hoverongaps=True,
                **place,
            ),
            go.Scatter(
                x=across * len(down),
                y=np.repeat(down, len(across)),
                mode="text",
                text=[_inside(row) for row in rows.itertuples()],
                textfont={"color": [_ink(share, dark) for share in rows["part"]]},
                hoverinfo="skip",
                showlegend=False,
            ),
        ]
    )  # fmt: skip
    size = {"tickfont": {"size": 11}} if narrow else {}
    still = {"showgrid": False, "fixedrange": True, **size}
    figure.update_layout(
        height=90 + (ROW_HEIGHT_NARROW if narrow else ROW_HEIGHT) * len(themes),
        margin={"l": 0, "r": 0, "t": 10, "b": 0},
        xaxis={"side": "top", "type": "category", "tickangle": 0, **still},
        yaxis={"range": [len(down) - 0.5, -0.5], "automargin": True, **still},
    )
    return figure


def _ink(share: float, dark: bool) -> str:
    """Choose the ink that is read on a cell (a contrast of 4.5 at least)."""
    light_cell = share >= 0.45 if dark else not share > 0.78
    return BLACK if light_cell else WHITE


def _theme(name: str, narrow: bool) -> str:
    return "<br>".join(wrap(name, WRAPPED_AT)) if narrow else name


def _group(name: str, total: int, narrow: bool) -> str:
    if not narrow:
        return f"{name}<br>{pluralize(total, 'document')}"
    broken = _HYPHENATED.get(name, name.replace("-", "-<br>").replace(" ", "<br>"))
    return f"{broken}<br>({total})"


def _inside(row: object) -> str:
    return f"{row.nb}/{row.nb_connues}" if pd.isna(row.part) else format_percent(row.part)


def _hover(rows: pd.DataFrame, row: object, column: str) -> str:
    share = "trop peu de documents pour une part" if pd.isna(row.part) else format_percent(row.part)
    return (
        f"<b>{code_label('themes', row.theme)}</b><br>{column_label(rows, getattr(row, column))} : "
        f"{row.nb} sur {pluralize(row.nb_connues, 'document')}<br>{share}"
    )
