"""Figures other than maps. Pure: a DataFrame in, a Plotly figure out."""

import pandas as pd
import plotly.graph_objects as go

from comparisons.format import label
from comparisons.layers import STATE_COLOURS
from comparisons.text import is_missing, period, typographic

ROW_HEIGHT = 34
MAX_TITLE, MAX_TITLE_NARROW = 60, 20


def timeline(documents: pd.DataFrame, current_year: int, narrow: bool = False) -> go.Figure | None:
    """Draw strategies as bars on one axis of years, coloured by state.

    `documents` has `titre`, `etat`, `annee_document`, `annee_debut`, `annee_fin` and, when several
    territories are shown, `nom`. A document whose end is unknown is a diamond at its start: no
    length is invented. Documents without any year are left out (the table has them); returns None
    when nothing is left.
    """
    dated = documents.dropna(subset=["annee_document", "annee_debut"], how="all")
    if dated.empty:
        return None
    longest = MAX_TITLE_NARROW if narrow else MAX_TITLE
    figure = go.Figure()
    shown: set[str] = set()
    rows = list(dated.iloc[::-1].itertuples())
    for position, row in enumerate(rows):
        start = row.annee_debut if not is_missing(row.annee_debut) else row.annee_document
        first = row.etat not in shown
        shown.add(row.etat)
        common = {
            "name": label("etats_couverture", row.etat),
            "legendgroup": row.etat,
            "showlegend": first,
            "hovertext": f"<b>{_escaped(row.titre)}</b><br>{label('etats_couverture', row.etat)}"
            f"<br>{period(row.annee_debut, row.annee_fin)}",
            "hoverinfo": "text",
        }
        colour = STATE_COLOURS[row.etat]
        if is_missing(row.annee_fin):
            figure.add_trace(
                go.Scatter(
                    x=[int(start)],
                    y=[position],
                    mode="markers",
                    marker={"symbol": "diamond", "size": 13, "color": colour},
                    **common,
                )
            )
        else:
            figure.add_trace(
                go.Bar(
                    base=[int(start)],
                    x=[max(int(row.annee_fin) - int(start) + 1, 1)],
                    y=[position],
                    orientation="h",
                    marker={"color": colour},
                    width=0.55,
                    **common,
                )
            )
    figure.add_vline(x=current_year, line={"dash": "dot", "width": 1, "color": "#697586"})
    figure.update_layout(
        height=70 + ROW_HEIGHT * len(dated) + 40,
        margin={"l": 0, "r": 10, "t": 10, "b": 0},
        barmode="overlay",
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
        xaxis={"tickformat": "d", "dtick": 5 if _span(dated) > 12 else 2, "showgrid": True},
        yaxis={
            "automargin": True,
            "tickvals": list(range(len(rows))),
            "ticktext": [_row_name(row, longest) for row in rows],
            "range": [-0.6, len(rows) - 0.4],
            "showgrid": False,
        },
    )
    return figure


def _row_name(row: object, longest: int) -> str:
    title = typographic(row.titre)
    if len(title) > longest:
        title = f"{title[: longest - 2].rstrip()}…"
    owner = getattr(row, "nom", "")
    return f"{_escaped(owner)} – {_escaped(title)}" if owner else _escaped(title)


def _escaped(text: str) -> str:
    return typographic(text).replace("&", "&amp;").replace("<", "&lt;")


def _span(documents: pd.DataFrame) -> int:
    years = pd.concat([documents[c] for c in ("annee_document", "annee_debut", "annee_fin")])
    years = years.dropna()
    return int(years.max() - years.min())
