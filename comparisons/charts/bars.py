"""Bar charts, timeline and position charts.

Each function takes a DataFrame and returns a Plotly figure, without reading the database.
"""

from collections.abc import Mapping

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from comparisons.analysis.map_layers import STATE_COLOURS
from comparisons.charts.base_map import LEGEND_LINE
from comparisons.charts.style import (
    GRID,
    HIGHLIGHT,
    layout,
    legend,
    plain_text,
    rows_axis,
    themed_colour,
)
from comparisons.database.cache import cached
from comparisons.formatting import (
    capitalize_first,
    curly_apostrophes,
    format_euros,
    format_period,
    is_missing,
)
from comparisons.queries.budgets import funder_shares
from comparisons.rows import iterate_rows
from comparisons.schema.model import code_label, vocabulary_codes

_ROW_HEIGHT = 34
_MAX_TITLE, _MAX_TITLE_NARROW = 60, 20
_LINE_COLOUR = "#697586"
# Colour-blind safe (after Okabe and Ito); amounts without details are grey.
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


@cached
def timeline(
    documents: pd.DataFrame, current_year: int, narrow: bool = False, dark: bool = False
) -> go.Figure | None:
    """Return strategies as bars on one axis of years, coloured by state.

    `documents` has `strategie_id`, `titre`, `etat`, `annee_document`, `annee_debut`, `annee_fin`,
    `remplacee_par` and, when several territories are shown, `nom`. A grey line leads from an
    edition to the one that replaces it. A document whose end is unknown is a diamond at its start.
    Documents without any year are left out; returns None when none is left.
    """
    dated = documents.dropna(subset=["annee_document", "annee_debut"], how="all")
    if dated.empty:
        return None
    figure = go.Figure()
    drawn_states: set[str] = set()
    rows = list(iterate_rows(dated.iloc[::-1]))
    for position, row in enumerate(rows):
        colour = themed_colour(dark, STATE_COLOURS[row.etat])
        _draw_document(figure, position, row, colour, row.etat not in drawn_states)
        drawn_states.add(row.etat)
    _draw_generations(figure, rows)
    figure.add_vline(x=current_year, line={"dash": "dot", "width": 1, "color": _LINE_COLOUR})
    max_length = _MAX_TITLE_NARROW if narrow else _MAX_TITLE
    figure.update_layout(
        layout(
            110 + _ROW_HEIGHT * len(rows),
            barmode="overlay",
            xaxis={"tickformat": "d", "dtick": 5 if _year_span(dated) > 12 else 2,
                   "showgrid": True},
            yaxis=rows_axis([_row_name(row, max_length) for row in rows]),
        )
    )  # fmt: skip
    return figure


def _draw_document(
    figure: go.Figure, position: int, row: object, colour: str, is_first: bool
) -> None:
    """Add a document: a bar over its period, a diamond at its start when its end is unknown."""
    start, state = _first_year(row), code_label("etats_couverture", row.etat)
    common = {
        "y": [position],
        "name": state,
        "legendgroup": row.etat,
        "showlegend": is_first,
        "hovertext": f"<b>{plain_text(row.titre)}</b><br>{state}"
        f"<br>{format_period(row.annee_debut, row.annee_fin)}",
        "hoverinfo": "text",
    }
    if is_missing(row.annee_fin):
        marker = {"symbol": "diamond", "size": 13, "color": colour}
        figure.add_trace(go.Scatter(x=[start], mode="markers", marker=marker, **common))
    else:
        length = max(int(row.annee_fin) - start + 1, 1)
        bar = {"orientation": "h", "marker": {"color": colour}, "width": 0.55}
        figure.add_trace(go.Bar(base=[start], x=[length], **bar, **common))


def _first_year(row: object) -> int:
    return int(row.annee_document if is_missing(row.annee_debut) else row.annee_debut)


def _draw_generations(figure: go.Figure, rows: list) -> None:
    """Add a line from each edition to the one that replaces it."""
    positions = {row.strategie_id: position for position, row in enumerate(rows)}
    for row in rows:
        successor = positions.get(row.remplacee_par)
        if successor is None:
            continue
        figure.add_trace(
            go.Scatter(
                x=[_first_year(row), _first_year(rows[successor])],
                y=[positions[row.strategie_id], successor],
                mode="lines",
                line={"color": _LINE_COLOUR, "width": 1.5, "shape": "vh"},
                name="remplacée par",
                legendgroup="remplacee",
                showlegend=not any(trace.legendgroup == "remplacee" for trace in figure.data),
                hoverinfo="skip",
            )
        )


def _row_name(row: object, max_length: int) -> str:
    title, territory = plain_text(row.titre, max_length), getattr(row, "nom", "")
    return f"{plain_text(territory)} – {title}" if territory else title


def _year_span(documents: pd.DataFrame) -> int:
    years = pd.concat(
        [documents[column] for column in ("annee_document", "annee_debut", "annee_fin")]
    )
    years = years.dropna()
    return int(years.max() - years.min())


# Of `budgets.budget_lines`, those of which bars are made.
AMOUNT_COLUMNS = [
    "budget_id",
    "inclus_dans",
    "profondeur",
    "perimetre",
    "etape",
    "annee_debut",
    "annee_fin",
    "montant",
    "recurrence",
    "libelle",
    "financeur_nom",
    "financeur_type",
    "source_id",
]


@cached
def budget_bars(
    amounts: pd.DataFrame, narrow: bool = False, dark: bool = False
) -> go.Figure | None:
    """Return each additive amount as a bar, divided by funder where the sources allow it.

    `amounts` has `AMOUNT_COLUMNS`. Bars are never added up: the name of each has its perimeter,
    stage and period. The part without details is grey. Returns None without any amount.
    """
    totals = amounts[(amounts["profondeur"] == 0) & (amounts["montant"] > 0)]
    if totals.empty:
        return None
    figure = go.Figure()
    names, drawn_funders = [], set()
    shares = funder_shares(amounts)
    for position, total in enumerate(list(iterate_rows(totals))[::-1]):
        funder_amounts = shares[shares["budget_id"] == total.budget_id]
        for funder_amount in iterate_rows(funder_amounts):
            funder, amount = funder_amount.financeur_type, funder_amount.montant
            is_remainder = is_missing(funder) and len(funder_amounts) > 1
            text = "Non détaillé" if is_remainder else _format_funder(funder_amount)
            is_known = not is_missing(funder)
            group = funder if is_known else ""
            figure.add_trace(
                go.Bar(
                    x=[amount / 1e6],
                    y=[position],
                    orientation="h",
                    name=code_label("financeurs", funder) if is_known else "Non détaillé",
                    legendgroup=group,
                    showlegend=group not in drawn_funders,
                    marker={"color": themed_colour(dark, FUNDER_COLOURS.get(funder, NOT_DETAILED))
                            if is_known else NOT_DETAILED},
                    hovertext=f"<b>{plain_text(text)}</b><br>{format_euros(amount)}",
                    hoverinfo="text",
                )
            )  # fmt: skip
            drawn_funders.add(group)
        names.append(_format_amount_name(total, narrow))
    # a line for each funder on a phone, all shown; elsewhere they take half of the figure at most
    legend_height = LEGEND_LINE * len(drawn_funders) if narrow else 0
    max_height = legend_height + 60 if narrow else 0.5
    figure.update_layout(
        layout(
            110 + 46 * len(names) + legend_height,
            barmode="stack",
            bargap=0.35,
            legend=legend(traceorder="normal", maxheight=max_height),
            xaxis={"title": "Millions d’euros", "tickformat": ",~g", "rangemode": "tozero"},
            yaxis=rows_axis(names),
        )
    )
    return figure


def _format_funder(row: object) -> str:
    name = row.financeur_nom if not is_missing(row.financeur_nom) else row.libelle
    return capitalize_first(curly_apostrophes(name))


def _format_amount_name(row: object, narrow: bool) -> str:
    subject = (
        f"{code_label('perimetres', row.perimetre)}, {code_label('etapes', row.etape).lower()}"
    )
    period = format_period(row.annee_debut, row.annee_fin) + (
        "" if is_missing(row.recurrence) else ", /an"
    )
    return (
        f"{subject}<br>{period}"
        if narrow
        else f"{subject} ({period})<br>{format_euros(row.montant)}"
    )


# One colour and one shape per column, for colour-blind readers (after Okabe and Ito).
SERIES_MARKERS = (
    ("#0072b2", "circle"),
    ("#d55e00", "square"),
    ("#009e73", "diamond"),
    ("#cc79a7", "triangle-up"),
    ("#b8860b", "cross"),
    ("#555555", "star"),
)


def per_inhabitant_dots(cells: pd.DataFrame, names: Mapping[str, str]) -> go.Figure | None:
    """Return the euros per inhabitant of each column, a line per perimeter and stage.

    `cells` are those of the section `budgets` of a comparison. Only lines where at least two
    columns are known are drawn; returns None when there is none.
    """
    rows = cells[(cells["unite"] == "€/hab.") & cells["valeur"].notna()]
    column_counts = rows.groupby("libelle", sort=False)["colonne"].nunique()
    lines = list(column_counts.index[column_counts > 1])[::-1]
    if not lines:
        return None
    figure = go.Figure()
    for (column, name), (colour, symbol) in zip(names.items(), SERIES_MARKERS, strict=False):
        column_rows = rows[(rows["colonne"] == column) & rows["libelle"].isin(lines)]
        figure.add_trace(
            go.Scatter(
                x=column_rows["valeur"].astype(float),
                y=[lines.index(title) for title in column_rows["libelle"]],
                mode="markers",
                name=plain_text(name),
                marker={"color": colour, "symbol": symbol, "size": 13},
                hovertext=[
                    f"<b>{plain_text(name)}</b><br>{plain_text(text)}"
                    for text in column_rows["texte"]
                ],
                hoverinfo="text",
            )
        )
    figure.update_layout(
        layout(
            120 + 44 * len(lines),
            legend=legend(y=1.05),
            xaxis={"title": "Euros par habitant", "rangemode": "tozero", "tickformat": ",~g"},
            yaxis=rows_axis(
                [title.removesuffix(" : par habitant") for title in lines],
                showgrid=True,
                gridcolor=GRID,
            ),
        )
    )
    return figure


_PEER_COLOUR, _QUARTILE_COLOUR = "#7b8794", "#cfe0f1"


@cached
def position_boxes(summary: pd.DataFrame, points: pd.DataFrame, name: str) -> go.Figure | None:
    """Return the position of a territory among its peers, one axis per quantity.

    `summary` is the result of `position.position_summary` for numbers, `points` that of
    `position.peer_observations`. A box spans the first to the third quartile of the peers, with a
    line at their median; a dot is a peer, the diamond the territory. Returns None when nothing can
    be drawn.
    """
    quantities = summary[summary["dessinable"] & (summary["forme"] == "valeur")]
    if quantities.empty:
        return None
    figure = make_subplots(
        rows=len(quantities), cols=1, vertical_spacing=0.5 / (len(quantities) + 1)
    )
    for row_number, quantity in enumerate(iterate_rows(quantities), start=1):
        quantity_points = points[
            (points["quantite"] == quantity.quantite) & points["valeur"].notna()
        ]
        _draw_position(figure, row_number, quantity, quantity_points, name)
        axis = figure.layout[f"xaxis{row_number if row_number > 1 else ''}"]
        axis.title = {"text": plain_text(f"{quantity.titre} ({quantity.unite})"), "standoff": 4}
        numbers = {"tickformat": ",~g", "rangemode": "tozero"}
        axis.update({"tickformat": "d"} if quantity.unite == "année" else numbers)
    figure.update_yaxes(visible=False, range=[-1, 1])
    figure.update_layout(
        layout(
            60 + 105 * len(quantities),
            margin={"l": 10, "r": 20, "t": 30, "b": 10},
            legend=legend(y=1),
        )
    )
    return figure


def _draw_position(
    figure: go.Figure, row: int, quantity: object, points: pd.DataFrame, name: str
) -> None:
    is_first = row == 1
    cell = {"row": row, "col": 1}
    box = {"x0": quantity.q1, "x1": quantity.q3, "y0": -0.55, "y1": 0.55}
    figure.add_shape(**box, fillcolor=_QUARTILE_COLOUR, line={"width": 0}, layer="below", **cell)
    median_line = {"x0": quantity.mediane, "x1": quantity.mediane, "y0": -0.55, "y1": 0.55}
    figure.add_shape(**median_line, line={"color": "#08519c", "width": 3}, **cell)
    for is_own, series_name, marker_style in (
        (False, "Un pair", {"color": _PEER_COLOUR, "size": 10, "opacity": 0.85}),
        (True, name, {"color": HIGHLIGHT, "size": 15, "symbol": "diamond"}),
    ):
        dots = points[points["moi"] == is_own]
        figure.add_trace(
            go.Scatter(
                x=dots["valeur"].astype(float),
                y=[0] * len(dots),
                mode="markers",
                name=plain_text(series_name),
                legendgroup=series_name,
                showlegend=is_first,
                marker=marker_style,
                hovertext=[f"<b>{plain_text(dot.nom)}</b><br>{plain_text(dot.texte)}"
                           for dot in iterate_rows(dots)],
                hoverinfo="text",
            ),
            **cell,
        )  # fmt: skip
