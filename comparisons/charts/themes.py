"""Heatmap of the frequency of themes, by period or by level."""

from textwrap import wrap

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from comparisons.analysis.map_layers import UNKNOWN
from comparisons.analysis.themes.frequency import column_label
from comparisons.charts.style import (
    cell_texts,
    hyphenated_level,
    layout,
    share_scale,
    themed_colour,
)
from comparisons.formatting import format_percent, pluralize
from comparisons.rows import iterate_rows
from comparisons.schema.model import code_label

_ROW_HEIGHT, _ROW_HEIGHT_NARROW = 27, 36
_WRAPPED_AT = 17


def frequency_figure(
    rows: pd.DataFrame, narrow: bool = False, dark: bool = False
) -> go.Figure | None:
    """Return a table of frequencies as a heatmap; None without any row.

    `rows` is the result of `frequency.frequency` or `frequency_by_level`. Colours go from 0 to 100
    % in all heatmaps. Every cell is labelled with its share, and n of N on hover; where documents
    are too few for a share, it is grey and labelled n of N. Themes are in the order of the
    vocabulary.
    """
    if rows.empty:
        return None
    column = "periode" if "periode" in rows else "territoire_niveau"
    themes = list(rows["theme"].unique())
    totals = rows.groupby(column, sort=False)["nb_connues"].first()

    def grid(values: object) -> np.ndarray:
        return np.array(values).reshape(len(themes), len(totals))

    column_names = [_format_column(column_label(rows, code), total, narrow)
                    for code, total in totals.items()]  # fmt: skip
    theme_names = [_wrap_theme(code_label("themes", code), narrow) for code in themes]
    grid_style = {
        "x": column_names,
        "y": theme_names,
        "zmin": 0,
        "zmax": 1,
        "xgap": 2,
        "ygap": 2,
        "showscale": False,
    }
    grey = themed_colour(dark, UNKNOWN)
    figure = go.Figure(
        [
            # background, visible where there is no share
            go.Heatmap(z=grid(np.zeros(len(rows))), colorscale=[grey, grey], hoverinfo="skip",
                       **grid_style),
            go.Heatmap(
                z=grid(rows["part"].to_numpy(float)),
                colorscale=share_scale(dark),
                hovertext=grid([_hover_text(rows, row, column) for row in iterate_rows(rows)]),
                hoverinfo="text",
                hoverongaps=True,
                **grid_style,
            ),
            cell_texts(
                column_names,
                theme_names,
                grid([_cell_text(row) for row in iterate_rows(rows)]),
                grid(rows["part"]),
                dark,
            ),
        ]
    )  # fmt: skip
    font_style = {"tickfont": {"size": 11}} if narrow else {}
    axis_style = {"showgrid": False, "fixedrange": True, **font_style}
    figure.update_layout(
        layout(
            90 + (_ROW_HEIGHT_NARROW if narrow else _ROW_HEIGHT) * len(themes),
            xaxis={"side": "top", "type": "category", "tickangle": 0, **axis_style},
            yaxis={"range": [len(theme_names) - 0.5, -0.5], "automargin": True, **axis_style},
        )
    )
    return figure


def _wrap_theme(name: str, narrow: bool) -> str:
    return "<br>".join(wrap(name, _WRAPPED_AT)) if narrow else name


def _format_column(name: str, total: int, narrow: bool) -> str:
    if not narrow:
        return f"{name}<br>{pluralize(total, 'document')}"
    hyphenated = hyphenated_level(name)
    if hyphenated == name:
        hyphenated = name.replace("-", "-<br>").replace(" ", "<br>")
    return f"{hyphenated}<br>({total})"


def _cell_text(row: object) -> str:
    return f"{row.nb}/{row.nb_connues}" if pd.isna(row.part) else format_percent(row.part)


def _hover_text(rows: pd.DataFrame, row: object, column: str) -> str:
    share = "trop peu de documents pour une part" if pd.isna(row.part) else format_percent(row.part)
    return (
        f"<b>{code_label('themes', row.theme)}</b><br>{column_label(rows, getattr(row, column))} : "
        f"{row.nb} sur {pluralize(row.nb_connues, 'document')}<br>{share}"
    )
