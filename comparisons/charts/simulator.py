"""Figures of the simulator: each one's cost with and without pooling, and when it breaks even."""

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
ALONE_COLOUR = {False: "#b4690e", True: "#f0b35c"}
POOLED_COLOUR = {False: "#08519c", True: "#7fb9e8"}
GRID = {False: "#dfe4ea", True: "#2a3742"}
MAX_NAME, MAX_NAME_NARROW = 38, 20


def cost_bars(costs: pd.DataFrame, narrow: bool = False, dark: bool = False) -> go.Figure | None:
    """Draw what each member pays alone and together, two bars by member.

    `costs` is what `simulator.cost_table` gives. Bars differ by pattern as by colour. Returns None
    without any member.
    """
    if costs.empty:
        return None
    longest = MAX_NAME_NARROW if narrow else MAX_NAME
    rows = costs.iloc[::-1]
    places = list(range(len(rows)))
    figure = go.Figure()
    for column, words, colours, pattern in (
        ("ensemble", "Ensemble", POOLED_COLOUR, ""),
        ("seul", "Seul", ALONE_COLOUR, "/"),
    ):
        if rows[column].isna().all():
            continue
        figure.add_trace(
            go.Bar(
                x=rows[column],
                y=places,
                orientation="h",
                name=words,
                marker={"color": colours[dark], "pattern": {"shape": pattern, "size": 6}},
                error_x={
                    "type": "percent",
                    "value": 100 * costs.attrs["tolerance"],
                    "color": (DARK if dark else LIGHT)[1],
                    "thickness": 1,
                },
                hovertext=[
                    f"<b>{_plain(row.nom)}</b><br>{words} : "
                    f"{range_words(getattr(row, f'{column}_bas'), getattr(row, f'{column}_haut'))}"
                    f"<br>{format_gain(row.gain_bas, row.gain_haut)}"
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
               "automargin": True, "gridcolor": GRID[dark]},
        yaxis={"tickvals": places, "ticktext": [_short(name, longest) for name in rows["nom"]],
               "automargin": True, "showgrid": False, "ticks": "outside", "ticklen": 8,
               "tickcolor": "rgba(0,0,0,0)"},
        legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom",
                "traceorder": "reversed"},
    )  # fmt: skip
    return figure


def cost_curve(found: BreakEven, dark: bool = False) -> go.Figure | None:
    """Draw the mean cost of a member by number of members, with the break-even marked.

    Each cost has its band: what is typed is known within a margin. Returns None with less than two
    members.
    """
    curve, margin = found.courbe, found.tolerance
    if len(curve) < 2:
        return None
    figure = go.Figure()
    for column, words, colours, dash in (
        ("ensemble", "Ensemble, par membre", POOLED_COLOUR, "solid"),
        ("seul", "Seul", ALONE_COLOUR, "dash"),
    ):
        low, high = (1 - margin) * curve[column], (1 + margin) * curve[column]
        if margin:
            figure.add_trace(_band(curve["nombre"], low, high, words, colours[dark]))
        figure.add_trace(
            go.Scatter(
                x=curve["nombre"],
                y=curve[column],
                mode="lines+markers" if len(curve) <= 30 else "lines",
                name=words,
                line={"color": colours[dark], "dash": dash, "width": 2.5},
                hovertext=[
                    f"{pluralize(count, 'membre')}<br>{words} : {range_words(*bounds)}"
                    for count, *bounds in zip(curve["nombre"], low, high, strict=True)
                ],
                hoverinfo="text",
            )
        )
    ink = (DARK if dark else LIGHT)[1]
    if found.nombre is not None:
        figure.add_vline(x=found.nombre, line={"dash": "dot", "width": 1.5, "color": ink})
        right = found.nombre > curve["nombre"].max() / 2
        figure.add_annotation(
            x=found.nombre,
            y=1,
            yref="paper",
            yanchor="top",
            xanchor="right" if right else "left",
            xshift=-6 if right else 6,
            showarrow=False,
            text=f"Seuil : {found.nombre} membres",
            font={"color": ink, "size": 13},
        )
    figure.update_layout(
        _frame(dark, height=340),
        xaxis={"title": "Nombre de membres", "tickformat": "d", "showgrid": False,
               "automargin": True, "dtick": 1 if len(curve) <= 20 else None},
        yaxis={"title": "Euros par membre", "rangemode": "tozero", "tickformat": ",~r",
               "automargin": True, "gridcolor": GRID[dark]},
        legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},
    )  # fmt: skip
    return figure


def _band(
    counts: pd.Series, low: pd.Series, high: pd.Series, words: str, colour: str
) -> go.Scatter:
    """Fill what lies between two bounds."""
    return go.Scatter(
        x=[*counts, *counts[::-1]],
        y=[*high, *low[::-1]],
        mode="lines",
        line={"width": 0, "color": colour},
        fill="toself",
        fillcolor=colour,
        opacity=0.18,
        name=f"{words}, marge",
        showlegend=False,
        hoverinfo="skip",
    )


def curve_words(found: BreakEven) -> str:
    """Describe what the bands of the curve are, or that there is none, and what they leave out."""
    if not found.tolerance:
        return (
            "Sans marge d’incertitude, la courbe tient vos chiffres pour exacts : choisissez-en "
            f"une. {LEFT_OUT}"
        )
    return (
        f"Bandes : vos chiffres à {format_percent(found.tolerance)} près. Le seuil vaut pour "
        "chacun des "
        f"membres, la courbe pour leur moyenne. {LEFT_OUT}"
    )


def range_words(low: float, high: float) -> str:
    """Describe an amount by its bounds, in euros."""
    return (
        format_euros(low)
        if round(low) == round(high)
        else f"{format_euros(low)} à {format_euros(high)}"
    )


def format_gain(low: float, high: float) -> str:
    """Describe what pooling saves a member, or costs it more, when both bounds agree."""
    if is_missing(low):
        return "gain inconnu : coût seul non renseigné"
    if low > 0:
        return f"gain de {range_words(low, high)}"
    if high < 0:
        return f"surcoût de {range_words(-high, -low)}"
    return "gain ou surcoût : les chiffres ne le disent pas"


def cost_bars_alt_text(costs: pd.DataFrame) -> str:
    """Describe the bars for those who cannot see them."""
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


def _plain(text: object) -> str:
    return escape(curly_apostrophes(text), quote=False)


def _short(name: str, longest: int) -> str:
    name = curly_apostrophes(name)
    return escape(name if len(name) <= longest else f"{name[: longest - 2].rstrip()}…", quote=False)
