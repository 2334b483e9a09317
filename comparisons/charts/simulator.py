"""Charts of the cost simulator: cost with and without pooling, break-even."""

import pandas as pd
import plotly.graph_objects as go

from comparisons.analysis.shared_services.cost_formula import LEFT_OUT
from comparisons.analysis.shared_services.simulator import BreakEven
from comparisons.charts.style import (
    GRID,
    layout,
    legend,
    page_colours,
    plain_text,
    rows_axis,
    themed_colour,
)
from comparisons.formatting import (
    format_euros,
    format_percent,
    is_missing,
    pluralize,
)
from comparisons.rows import iterate_rows

_ALONE_COLOUR, _POOLED_COLOUR = "#b4690e", "#2171b5"  # after Okabe and Ito
_MARGIN = {"l": 10, "r": 14, "t": 34, "b": 10}
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
    for column, title, colour, pattern in (
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
                marker={
                    "color": themed_colour(dark, colour),
                    "pattern": {"shape": pattern, "size": 6},
                },
                error_x={
                    "type": "percent",
                    "value": 100 * costs.attrs["tolerance"],
                    "color": page_colours(dark)[1],
                    "thickness": 1,
                },
                hovertext=[
                    f"<b>{plain_text(row.nom)}</b><br>{title} : "
                    + _format_range(getattr(row, f"{column}_bas"), getattr(row, f"{column}_haut"))
                    + f"<br>{format_gain(row.gain_bas, row.gain_haut)}"
                    for row in iterate_rows(rows)
                ],
                hoverinfo="text",
            )
        )
    names = [plain_text(name, max_length) for name in rows["nom"]]
    figure.update_layout(
        layout(
            110 + 52 * len(rows),
            dark,
            margin=_MARGIN,
            barmode="group",
            bargap=0.3,
            legend=legend(traceorder="reversed"),
            xaxis=_euros_axis("Euros", dark),
            yaxis=rows_axis(names, ticks="outside", ticklen=8, tickcolor="rgba(0,0,0,0)"),
        )
    )
    return figure


def _euros_axis(title: str, dark: bool) -> dict:
    return {
        "title": title,
        "rangemode": "tozero",
        "tickformat": ",~r",
        "automargin": True,
        "gridcolor": themed_colour(dark, GRID),
    }


def cost_curve(break_even: BreakEven, dark: bool = False) -> go.Figure | None:
    """Return the mean cost of a member by number of members, with the break-even.

    Each cost has a band for its margin of uncertainty. Returns None with fewer than two members.
    """
    curve, margin = break_even.courbe, break_even.tolerance
    if len(curve) < 2:
        return None
    figure = go.Figure()
    for column, title, colour, dash in (
        ("ensemble", "Ensemble, par membre", _POOLED_COLOUR, "solid"),
        ("seul", "Seul", _ALONE_COLOUR, "dash"),
    ):
        low, high = (1 - margin) * curve[column], (1 + margin) * curve[column]
        if margin:
            figure.add_trace(_band(curve["nombre"], low, high, title, themed_colour(dark, colour)))
        figure.add_trace(
            go.Scatter(
                x=curve["nombre"],
                y=curve[column],
                mode="lines+markers" if len(curve) <= 30 else "lines",
                name=title,
                line={"color": themed_colour(dark, colour), "dash": dash, "width": 2.5},
                hovertext=[
                    f"{pluralize(count, 'membre')}<br>{title} : {_format_range(*bounds)}"
                    for count, *bounds in zip(curve["nombre"], low, high, strict=True)
                ],
                hoverinfo="text",
            )
        )
    if break_even.nombre is not None:
        _draw_break_even(figure, break_even.nombre, curve["nombre"].max(), page_colours(dark)[1])
    figure.update_layout(
        layout(
            340,
            dark,
            margin=_MARGIN,
            xaxis={"title": "Nombre de membres", "tickformat": "d", "showgrid": False,
                   "automargin": True, "dtick": 1 if len(curve) <= 20 else None},
            yaxis=_euros_axis("Euros par membre", dark),
        )
    )  # fmt: skip
    return figure


def _draw_break_even(figure: go.Figure, count: int, max_count: int, ink: str) -> None:
    is_right = count > max_count / 2
    figure.add_vline(
        x=count,
        line={"dash": "dot", "width": 1.5, "color": ink},
        annotation={
            "text": f"Seuil : {count} membres",
            "font": {"color": ink, "size": 13},
            "xanchor": "right" if is_right else "left",
            "yanchor": "top",
            "xshift": -6 if is_right else 6,
        },
    )


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
        f"chacun des membres, la courbe pour leur moyenne. {LEFT_OUT}"
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
