"""Charts of the cost simulator: cost with and without pooling, break-even."""

from html import escape

import pandas as pd
import plotly.graph_objects as go

from comparisons.analysis.shared_services.cost_formula import LEFT_OUT
from comparisons.analysis.shared_services.simulator import BreakEven
from comparisons.charts.maps import DARK, FONT, LIGHT
from comparisons.formatting import (
    curly_apostrophes,
    format_euros,
    format_percent,
    is_missing,
    pluralize,
)

# After Okabe and Ito; on a dark background, paler.
_ALONE_COLOUR = {False: "#b4690e", True: "#f0b35c"}
_POOLED_COLOUR = {False: "#08519c", True: "#7fb9e8"}
_GRID = {False: "#dfe4ea", True: "#2a3742"}
_MAX_NAME, _MAX_NAME_NARROW = 38, 20


def cost_bars(costs: pd.DataFrame, narrow: bool = False, dark: bool = False) -> go.Figure | None:
    """Return the cost of each member alone and together, two bars per member.

    `costs` is the result of `simulator.cost_table`. Bars differ by pattern and colour. Returns None
    without any member.
    """
    if costs.empty:
        return None
    max_length = _MAX_NAME_NARROW if narrow else _MAX_NAME
    rows = costs.iloc[::-1]
    positions = list(range(len(rows)))
    figure = go.Figure()
    for column, title, colours, pattern in (
        ("ensemble", "Ensemble", _POOLED_COLOUR, ""),
        ("seul", "Seul", _ALONE_COLOUR, "/"),
    ):
        if rows[column].isna().all():
            continue
        figure.add_trace(
            go.Bar(
                x=rows[column],
                y=positions,
                orientation="h",
                name=title,
                marker={"color": colours[dark], "pattern": {"shape": pattern, "size": 6}},
                error_x={
                    "type": "percent",
                    "value": 100 * costs.attrs["tolerance"],
                    "color": (DARK if dark else LIGHT)[1],
                    "thickness": 1,
                },
                hovertext=[
                    f"<b>{_escape(row.nom)}</b><br>{title} : "
                    + _format_range(getattr(row, f"{column}_bas"), getattr(row, f"{column}_haut"))
                    + f"<br>{format_gain(row.gain_bas, row.gain_haut)}"
                    for row in rows.itertuples()
                ],
                hoverinfo="text",
            )
        )
    figure.update_layout(
        _frame(dark, height=110 + 52 * len(rows)),
        barmode="group",
        bargap=0.3,
        xaxis={"title": "Euros", "rangemode": "tozero", "tickformat": ",~r",
               "automargin": True, "gridcolor": _GRID[dark]},
        yaxis={"tickvals": positions,
               "ticktext": [_shorten(name, max_length) for name in rows["nom"]],
               "automargin": True, "showgrid": False, "ticks": "outside", "ticklen": 8,
               "tickcolor": "rgba(0,0,0,0)"},
        legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom",
                "traceorder": "reversed"},
    )  # fmt: skip
    return figure


def cost_curve(break_even: BreakEven, dark: bool = False) -> go.Figure | None:
    """Return the mean cost of a member by number of members, with the break-even.

    Each cost has a band for its margin of uncertainty. Returns None with fewer than two members.
    """
    curve, margin = break_even.courbe, break_even.tolerance
    if len(curve) < 2:
        return None
    figure = go.Figure()
    for column, title, colours, dash in (
        ("ensemble", "Ensemble, par membre", _POOLED_COLOUR, "solid"),
        ("seul", "Seul", _ALONE_COLOUR, "dash"),
    ):
        low, high = (1 - margin) * curve[column], (1 + margin) * curve[column]
        if margin:
            figure.add_trace(_band(curve["nombre"], low, high, title, colours[dark]))
        figure.add_trace(
            go.Scatter(
                x=curve["nombre"],
                y=curve[column],
                mode="lines+markers" if len(curve) <= 30 else "lines",
                name=title,
                line={"color": colours[dark], "dash": dash, "width": 2.5},
                hovertext=[
                    f"{pluralize(count, 'membre')}<br>{title} : {_format_range(*bounds)}"
                    for count, *bounds in zip(curve["nombre"], low, high, strict=True)
                ],
                hoverinfo="text",
            )
        )
    ink = (DARK if dark else LIGHT)[1]
    if break_even.nombre is not None:
        figure.add_vline(x=break_even.nombre, line={"dash": "dot", "width": 1.5, "color": ink})
        is_right = break_even.nombre > curve["nombre"].max() / 2
        figure.add_annotation(
            x=break_even.nombre,
            y=1,
            yref="paper",
            yanchor="top",
            xanchor="right" if is_right else "left",
            xshift=-6 if is_right else 6,
            showarrow=False,
            text=f"Seuil : {break_even.nombre} membres",
            font={"color": ink, "size": 13},
        )
    figure.update_layout(
        _frame(dark, height=340),
        xaxis={"title": "Nombre de membres", "tickformat": "d", "showgrid": False,
               "automargin": True, "dtick": 1 if len(curve) <= 20 else None},
        yaxis={"title": "Euros par membre", "rangemode": "tozero", "tickformat": ",~r",
               "automargin": True, "gridcolor": _GRID[dark]},
        legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},
    )  # fmt: skip
    return figure


def _band(
    counts: pd.Series, low: pd.Series, high: pd.Series, title: str, colour: str
) -> go.Scatter:
    """Return the filled area between two bounds."""
    return go.Scatter(
        x=[*counts, *counts[::-1]],
        y=[*high, *low[::-1]],
        mode="lines",
        line={"width": 0, "color": colour},
        fill="toself",
        fillcolor=colour,
        opacity=0.18,
        name=f"{title}, marge",
        showlegend=False,
        hoverinfo="skip",
    )


def describe_curve(break_even: BreakEven) -> str:
    """Return a French sentence on the bands of the curve, or on their absence."""
    if not break_even.tolerance:
        return (
            "Sans marge d’incertitude, la courbe tient vos chiffres pour exacts : choisissez-en "
            f"une. {LEFT_OUT}"
        )
    return (
        f"Bandes : vos chiffres à {format_percent(break_even.tolerance)} près. Le seuil vaut pour "
        "chacun des "
        f"membres, la courbe pour leur moyenne. {LEFT_OUT}"
    )


def _format_range(low: float, high: float) -> str:
    """Return an amount as text, from its bounds in euros."""
    return (
        format_euros(low)
        if round(low) == round(high)
        else f"{format_euros(low)} à {format_euros(high)}"
    )


def format_gain(low: float, high: float) -> str:
    """Return the gain or extra cost of a member as text, when both bounds agree."""
    if is_missing(low):
        return "gain inconnu : coût seul non renseigné"
    if low > 0:
        return f"gain de {_format_range(low, high)}"
    if high < 0:
        return f"surcoût de {_format_range(-high, -low)}"
    return "gain ou surcoût : les chiffres ne le disent pas"


def cost_bars_alt_text(costs: pd.DataFrame) -> str:
    """Return the alternative text of `cost_bars`."""
    margin = f"à {format_percent(costs.attrs['tolerance'])} près"
    together = f"Total ensemble : {format_euros(costs.attrs['total'])}"
    if costs.attrs["total_seul"] is None:
        return f"Coût de chacun ensemble, {margin}. {together}."
    winners = int((costs["gain_bas"] > 0).sum())
    return (
        f"Coût de chacun, seul et ensemble, {margin} : {pluralize(winners, 'membre')} sur "
        f"{len(costs)} {'paierait' if winners < 2 else 'paieraient'} moins ensemble. {together} ; "
        f"seuls : {format_euros(costs.attrs['total_seul'])}."
    )


def _frame(dark: bool, height: int) -> dict:
    background, ink = DARK if dark else LIGHT
    return {
        "height": height,
        "margin": {"l": 10, "r": 14, "t": 34, "b": 10},
        "paper_bgcolor": background,
        "plot_bgcolor": background,
        "font": {"color": ink, "family": FONT},
        "separators": ",\u202f",
        "hoverlabel": {"align": "left"},
        "template": go.layout.Template(),
    }


def _escape(text: object) -> str:
    return escape(curly_apostrophes(text), quote=False)


def _shorten(name: str, max_length: int) -> str:
    name = curly_apostrophes(name)
    return escape(
        name if len(name) <= max_length else f"{name[: max_length - 2].rstrip()}…", quote=False
    )
