"""Figures other than maps. Pure: a DataFrame in, a Plotly figure out."""

from collections.abc import Mapping

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from comparisons.analysis.map_layers import STATE_COLOURS
from comparisons.charts.maps import DARK_PALETTE
from comparisons.formatting import (
    capitalize_first,
    curly_apostrophes,
    format_euros,
    format_period,
    is_missing,
)
from comparisons.queries.budgets import funder_shares
from comparisons.schema.model import code_label, vocabulary_codes

ROW_HEIGHT = 34
MAX_TITLE, MAX_TITLE_NARROW = 60, 20
# Colour-blind safe (after Okabe and Ito); what nobody details is grey.
FUNDER_COLOURS = dict(
    zip(
        vocabulary_codes("financeurs"),
        (
            "#56b4e9", "#0072b2", "#08306b", "#009e73", "#d55e00", "#f0e442", "#cc79a7", "#882255",
            "#7f5f3f", "#a8a8a8",
        ),
        strict=True,
    )
)  # fmt: skip
NOT_DETAILED = "#d0d4d9"


def themed_colour(dark: bool, colour: str) -> str:
    """Return the colour that stands for another on a dark background."""
    return DARK_PALETTE.get(colour, colour) if dark else colour


def timeline(
    documents: pd.DataFrame, current_year: int, narrow: bool = False, dark: bool = False
) -> go.Figure | None:
    """Draw strategies as bars on one axis of years, coloured by state.

    `documents` has `strategie_id`, `titre`, `etat`, `annee_document`, `annee_debut`, `annee_fin`,
    `remplacee_par` and, when several territories are shown, `nom`. A grey line leads from an
    edition to the one that replaces it. A document whose end is unknown is a diamond at its
    start: no length is invented. Documents without any year are left out (the table has them);
    returns None when nothing is left.
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
            "name": code_label("etats_couverture", row.etat),
            "legendgroup": row.etat,
            "showlegend": first,
            "hovertext": f"<b>{_escaped(row.titre)}</b>"
            f"<br>{code_label('etats_couverture', row.etat)}"
            f"<br>{format_period(row.annee_debut, row.annee_fin)}",
            "hoverinfo": "text",
        }
        colour = themed_colour(dark, STATE_COLOURS[row.etat])
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
    _draw_generations(figure, rows)
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


def _draw_generations(figure: go.Figure, rows: list) -> None:
    """Lead from each edition to the one that replaces it."""
    positions = {row.strategie_id: position for position, row in enumerate(rows)}
    for row in rows:
        later = positions.get(row.remplacee_par)
        if later is None:
            continue
        start, end = (
            int(r.annee_debut if not is_missing(r.annee_debut) else r.annee_document)
            for r in (row, rows[later])
        )
        figure.add_trace(
            go.Scatter(
                x=[start, end],
                y=[positions[row.strategie_id], later],
                mode="lines",
                line={"color": "#697586", "width": 1.5, "shape": "vh"},
                name="remplacée par",
                legendgroup="remplacee",
                showlegend=not any(t.legendgroup == "remplacee" for t in figure.data),
                hoverinfo="skip",
            )
        )


def _row_name(row: object, longest: int) -> str:
    title = curly_apostrophes(row.titre)
    if len(title) > longest:
        title = f"{title[: longest - 2].rstrip()}…"
    owner = getattr(row, "nom", "")
    return f"{_escaped(owner)} – {_escaped(title)}" if owner else _escaped(title)


def _escaped(text: str) -> str:
    return curly_apostrophes(text).replace("&", "&amp;").replace("<", "&lt;")


def _span(documents: pd.DataFrame) -> int:
    years = pd.concat([documents[c] for c in ("annee_document", "annee_debut", "annee_fin")])
    years = years.dropna()
    return int(years.max() - years.min())


def budget_bars(
    amounts: pd.DataFrame, narrow: bool = False, dark: bool = False
) -> go.Figure | None:
    """Draw each additive amount as a bar, cut by funder where the sources say so.

    `amounts` is what `budgets.budget_lines` gives. Bars are never added: each has its perimeter,
    stage and period in its name. What no part details stays grey. Returns None without any amount.
    """
    wholes = amounts[(amounts["profondeur"] == 0) & (amounts["montant"] > 0)]
    if wholes.empty:
        return None
    figure = go.Figure()
    names, shown = [], set()
    shares = funder_shares(amounts)
    for position, whole in enumerate(list(wholes.itertuples())[::-1]):
        parts = shares[shares["budget_id"] == whole.budget_id]
        for part in parts.itertuples():
            funder, amount = part.financeur_type, part.montant
            rest = is_missing(funder) and len(parts) > 1
            what = "Non détaillé" if rest else _named(part)
            known = not is_missing(funder)
            group = funder if known else ""
            figure.add_trace(
                go.Bar(
                    x=[amount / 1e6],
                    y=[position],
                    orientation="h",
                    name=code_label("financeurs", funder) if known else "Non détaillé",
                    legendgroup=group,
                    showlegend=group not in shown,
                    marker={"color": themed_colour(dark, FUNDER_COLOURS.get(funder, NOT_DETAILED))
                            if known else NOT_DETAILED},
                    hovertext=f"<b>{_escaped(what)}</b><br>{format_euros(amount)}",
                    hoverinfo="text",
                )
            )  # fmt: skip
            shown.add(group)
        names.append(_amount_name(whole, narrow))
    figure.update_layout(
        height=110 + 46 * len(names),
        barmode="stack",
        bargap=0.35,
        margin={"l": 0, "r": 10, "t": 10, "b": 0},
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "traceorder": "normal"},
        xaxis={"title": "Millions d’euros", "tickformat": ",~g", "rangemode": "tozero"},
        yaxis={
            "automargin": True,
            "tickvals": list(range(len(names))),
            "ticktext": names,
            "showgrid": False,
        },
        separators=",\u202f",
    )
    return figure


def _named(row: object) -> str:
    who = row.financeur_nom if not is_missing(row.financeur_nom) else row.libelle
    return capitalize_first(curly_apostrophes(who))


def _amount_name(row: object, narrow: bool) -> str:
    what = f"{code_label('perimetres', row.perimetre)}, {code_label('etapes', row.etape).lower()}"
    when = format_period(row.annee_debut, row.annee_fin) + (
        "" if is_missing(row.recurrence) else ", /an"
    )
    return f"{what}<br>{when}" if narrow else f"{what} ({when})<br>{format_euros(row.montant)}"


# One colour and one shape per column, told apart without colours too (after Okabe and Ito).
SERIES_MARKERS = (
    ("#0072b2", "circle"),
    ("#d55e00", "square"),
    ("#009e73", "diamond"),
    ("#cc79a7", "triangle-up"),
    ("#b8860b", "cross"),
    ("#555555", "star"),
)


def per_inhabitant_dots(cells: pd.DataFrame, names: Mapping[str, str]) -> go.Figure | None:
    """Draw the euros per inhabitant of each column, a line per perimeter and stage.

    `cells` are those of the section `budgets` of a comparison. Only lines where at least two
    columns are known are drawn, each on one scale; returns None when there is none.
    """
    rows = cells[(cells["unite"] == "€/hab.") & cells["valeur"].notna()]
    known = rows.groupby("libelle", sort=False)["colonne"].nunique()
    lines = list(known.index[known > 1])[::-1]
    if not lines:
        return None
    figure = go.Figure()
    for (column, name), (colour, symbol) in zip(names.items(), SERIES_MARKERS, strict=False):
        own = rows[(rows["colonne"] == column) & rows["libelle"].isin(lines)]
        figure.add_trace(
            go.Scatter(
                x=own["valeur"].astype(float),
                y=[lines.index(title) for title in own["libelle"]],
                mode="markers",
                name=_escaped(name),
                marker={"color": colour, "symbol": symbol, "size": 13},
                hovertext=[f"<b>{_escaped(name)}</b><br>{_escaped(text)}" for text in own["texte"]],
                hoverinfo="text",
            )
        )
    figure.update_layout(
        height=120 + 44 * len(lines),
        margin={"l": 0, "r": 10, "t": 10, "b": 0},
        legend={"orientation": "h", "y": 1.05, "yanchor": "bottom", "x": 0},
        xaxis={"title": "Euros par habitant", "rangemode": "tozero", "tickformat": ",~g"},
        yaxis={
            "automargin": True,
            "tickvals": list(range(len(lines))),
            "ticktext": [title.removesuffix(" : par habitant") for title in lines],
            "range": [-0.6, len(lines) - 0.4],
            "gridcolor": "#dfe4ea",
        },
        separators=",\u202f",
    )
    return figure


PEER_COLOUR, OWN_COLOUR, QUARTILE_COLOUR = "#7b8794", "#d6336c", "#cfe0f1"


def position_boxes(summary: pd.DataFrame, points: pd.DataFrame, name: str) -> go.Figure | None:
    """Draw where a territory stands among its peers, each quantity on an axis of its own.

    `summary` is what `position.position_summary` gives for numbers, `points` what
    `position.peer_observations` gives. A box goes from the first to the third quartile of the
    peers, its line is their median; a dot is a peer, the diamond the territory. Returns None when
    nothing can be drawn.
    """
    drawn = summary[summary["dessinable"] & (summary["forme"] == "valeur")]
    if drawn.empty:
        return None
    figure = make_subplots(rows=len(drawn), cols=1, vertical_spacing=0.5 / (len(drawn) + 1))
    for row_number, quantity in enumerate(drawn.itertuples(), start=1):
        own = points[(points["quantite"] == quantity.quantite) & points["valeur"].notna()]
        _draw_position(figure, row_number, quantity, own, name)
        axis = figure.layout[f"xaxis{row_number if row_number > 1 else ''}"]
        axis.title = {"text": _escaped(f"{quantity.titre} ({quantity.unite})"), "standoff": 4}
    figure.update_yaxes(visible=False, range=[-1, 1])
    figure.update_xaxes(tickformat=",~g", rangemode="tozero")
    figure.update_layout(
        height=60 + 105 * len(drawn),
        margin={"l": 10, "r": 20, "t": 30, "b": 10},
        legend={"orientation": "h", "y": 1, "yanchor": "bottom", "x": 0},
        separators=",\u202f",
    )
    return figure


def _draw_position(
    figure: go.Figure, row: int, quantity: object, points: pd.DataFrame, name: str
) -> None:
    first = row == 1
    place = {"row": row, "col": 1}
    box = {"x0": quantity.q1, "x1": quantity.q3, "y0": -0.55, "y1": 0.55}
    figure.add_shape(**box, fillcolor=QUARTILE_COLOUR, line={"width": 0}, layer="below", **place)
    middle = {"x0": quantity.mediane, "x1": quantity.mediane, "y0": -0.55, "y1": 0.55}
    figure.add_shape(**middle, line={"color": "#08519c", "width": 3}, **place)
    for mine, label_, mark in (
        (False, "Un pair", {"color": PEER_COLOUR, "size": 10, "opacity": 0.85}),
        (True, name, {"color": OWN_COLOUR, "size": 15, "symbol": "diamond"}),
    ):
        part = points[points["moi"] == mine]
        figure.add_trace(
            go.Scatter(
                x=part["valeur"].astype(float),
                y=[0] * len(part),
                mode="markers",
                name=_escaped(label_),
                legendgroup=label_,
                showlegend=first,
                marker=mark,
                hovertext=[f"<b>{_escaped(p.nom)}</b><br>{_escaped(p.texte)}"
                           for p in part.itertuples()],
                hoverinfo="text",
            ),
            **place,
        )  # fmt: skip
