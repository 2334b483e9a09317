"""A figure of a simple result, when an honest one can be drawn. Pure: rows in, a figure out."""

import math
from dataclasses import dataclass
from html import escape

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from comparisons.charts.bars import (
    MAX_TITLE,
    MAX_TITLE_NARROW,
    ROW_HEIGHT,
    SERIES_MARKERS,
    themed_colour,
)
from comparisons.formatting import MISSING, curly_apostrophes, format_number, is_missing, pluralize
from comparisons.schema.registry import find_field

BARS, LINE, POINTS = "barres", "courbe", "points"
# More bars are not read, more points are not told apart.
MAX_BARS, MAX_POINTS = 60, 2000
DECIMALS = 2
_COLOURS = tuple(colour for colour, _ in SERIES_MARKERS)
_YEARS = range(1900, 2101)
_GREY = "#697586"
# decimal notation: 2 000 000, not 2e+6
_TICKS = ",.6~r"


@dataclass(frozen=True)
class Plot:
    """What can be drawn of a result: how, the column that names, those that measure."""

    kind: str
    names: str
    measures: tuple[str, ...]


def plot(rows: pd.DataFrame) -> Plot | None:
    """Return what can be drawn of a result; None when it is not simple enough.

    A year and one or two numbers make a line; a name and one or two numbers, bars; two numbers,
    named or not, points. Columns of anything else, or more of them, are left to the table.
    """
    measures = [name for name in rows.columns if _measures(rows[name])]
    names = [name for name in rows.columns if name not in measures]
    years = [name for name in measures if _is_year(rows[name], name)]
    known = [name for name in measures if name not in years]
    if len(rows) < 2 or len(names) > 1 or any(_endless(rows[name]) for name in measures):
        return None
    if any(rows[name].isna().all() for name in measures):
        return None
    if len(years) == 1 and not names and 1 <= len(known) <= 2:
        unique = rows[years[0]].is_unique and rows[years[0]].notna().all()
        return Plot(LINE, years[0], tuple(known)) if unique else None
    if years or not 1 <= len(known) <= 2 or (names and not _names(rows[names[0]])):
        return None
    if names and len(rows) <= MAX_BARS:
        return Plot(BARS, names[0], tuple(known))
    if len(known) == 2 and len(rows) <= MAX_POINTS:
        return Plot(POINTS, names[0] if names else "", tuple(known))
    return None


def figure(rows: pd.DataFrame, narrow: bool = False, dark: bool = False) -> go.Figure | None:
    """Draw a simple result (`plot`); None when it is not one.

    Two measures never share an axis: their units may differ. An unknown value is a gap in a line,
    words in place of a bar, and no point.
    """
    drawn = plot(rows)
    if drawn is None:
        return None
    draw = {BARS: _bars, LINE: _line, POINTS: _points}[drawn.kind]
    result = draw(rows, drawn, narrow, dark)
    result.update_layout(
        margin={"l": 0, "r": 10, "t": 10, "b": 0}, showlegend=False, separators=",\u202f"
    )
    return result


def describe(rows: pd.DataFrame) -> str:
    """Describe in French what the figure shows, for those who do not see it.

    Nothing without one.
    """
    drawn = plot(rows)
    if drawn is None:
        return ""
    what = " et ".join(f"« {title(name, rows)} »" for name in drawn.measures)
    by = f" selon « {title(drawn.names, rows)} »" if drawn.names else ""
    shape = {BARS: "Barres", LINE: "Courbe", POINTS: "Nuage de points"}[drawn.kind]
    said = [f"{shape} : {what}{by}, {pluralize(len(rows), 'ligne')}."]
    for measure in drawn.measures:
        values = rows[measure].astype("Float64")
        known = values.dropna()
        low, high = known.idxmin(), known.idxmax()
        unknown = len(values) - len(known)
        missing = f" ; {pluralize(unknown, 'valeur non renseignée', 'valeurs non renseignées')}"
        said.append(
            f"{title(measure, rows)} : de {format_number(values[low], DECIMALS)}"
            f"{_named(rows, drawn.names, low)} à {format_number(values[high], DECIMALS)}"
            f"{_named(rows, drawn.names, high)}{missing if unknown else ''}."
        )
    return " ".join(said)


def title(column: str, rows: pd.DataFrame) -> str:
    """Return the name of a column as the dictionary does, with its unit.

    Else as the query writes it.
    """
    described = find_field(column, rows.columns)
    if described is None:
        return column
    return f"{described.title} ({described.unit})" if described.unit else described.title


# --- what columns are -----------------------------------------------------------------------------


def _measures(values: pd.Series) -> bool:
    kind = values.dtype
    return pd.api.types.is_numeric_dtype(kind) and not pd.api.types.is_bool_dtype(kind)


def _names(values: pd.Series) -> bool:
    """Return whether a column holds texts, dates or yes and no: what can name a bar."""
    return all(not hasattr(value, "__len__") or isinstance(value, str) for value in values)


def _is_year(values: pd.Series, name: str) -> bool:
    named = "annee" in name.casefold().replace("é", "e")
    return named and all(value in _YEARS for value in values.dropna())


def _endless(values: pd.Series) -> bool:
    return any(math.isinf(value) for value in values.dropna())


# --- how they are drawn ---------------------------------------------------------------------------


def _bars(rows: pd.DataFrame, drawn: Plot, narrow: bool, dark: bool) -> go.Figure:
    """Draw a bar per row, in the order of the result, a panel per measure."""
    count = len(drawn.measures)
    panels = {"rows": count, "cols": 1} if narrow else {"rows": 1, "cols": count}
    result = make_subplots(**panels, shared_yaxes=not narrow, horizontal_spacing=0.06)
    places = list(range(len(rows)))[::-1]
    for panel, measure in enumerate(drawn.measures):
        values = [None if is_missing(value) else float(value) for value in rows[measure]]
        at = {"row": panel + 1, "col": 1} if narrow else {"row": 1, "col": panel + 1}
        said = [format_number(value, DECIMALS) for value in values]
        result.add_trace(
            go.Bar(
                x=values,
                y=places,
                orientation="h",
                marker={"color": themed_colour(dark, _COLOURS[panel])},
                text=said,
                textposition="auto",
                hovertext=_hover(rows, drawn, said, measure),
                hoverinfo="text",
            ),
            **at,
        )
        for place, value in zip(places, values, strict=True):
            if value is None:
                result.add_annotation(
                    x=0, y=place, text=f"<i>{MISSING}</i>", showarrow=False, xanchor="left",
                    font={"color": themed_colour(dark, _GREY), "size": 11}, **at,
                )  # fmt: skip
        result.update_xaxes(title=escape(title(measure, rows)), tickformat=_TICKS, **at)
    longest = MAX_TITLE_NARROW if narrow else MAX_TITLE // count
    labels = [_short(value, longest) for value in rows[drawn.names]]
    result.update_xaxes(rangemode="tozero")
    result.update_yaxes(
        tickvals=places, ticktext=labels, range=[-0.6, len(rows) - 0.4], showgrid=False,
        automargin=True,
    )  # fmt: skip
    result.update_layout(height=(70 + ROW_HEIGHT * len(rows)) * (count if narrow else 1))
    return result


def _line(rows: pd.DataFrame, drawn: Plot, narrow: bool, dark: bool) -> go.Figure:
    """Draw a line over years, a panel per measure; a year without a value breaks it."""
    years = rows[drawn.names].astype(int)
    every = range(min(years), max(years) + 1)
    result = make_subplots(
        rows=len(drawn.measures), cols=1, shared_xaxes=True, vertical_spacing=0.08
    )
    for panel, measure in enumerate(drawn.measures, start=1):
        known = dict(zip(years, rows[measure], strict=True))
        values = [None if is_missing(v := known.get(year)) else float(v) for year in every]
        said = [format_number(value, DECIMALS) for value in values]
        result.add_trace(
            go.Scatter(
                x=list(every),
                y=values,
                mode="lines+markers",
                connectgaps=False,
                line={"color": themed_colour(dark, _COLOURS[panel - 1])},
                marker={"size": 8},
                hovertext=[f"<b>{year}</b><br>{text}" for year, text in zip(every, said,
                                                                            strict=True)],
                hoverinfo="text",
            ),
            row=panel,
            col=1,
        )  # fmt: skip
        result.update_yaxes(
            title=escape(title(measure, rows)), rangemode="tozero", tickformat=_TICKS, row=panel,
            col=1,
        )  # fmt: skip
    result.update_xaxes(tickformat="d", showgrid=True)
    result.update_layout(height=(260 if narrow else 320) * len(drawn.measures))
    return result


def _points(rows: pd.DataFrame, drawn: Plot, narrow: bool, dark: bool) -> go.Figure:
    """Draw a point per row of which both measures are known."""
    across, up = drawn.measures
    known = rows.dropna(subset=[across, up])
    said = [
        f"{title(across, rows)} : {format_number(x, DECIMALS)}<br>{title(up, rows)} : "
        f"{format_number(y, DECIMALS)}"
        for x, y in zip(known[across], known[up], strict=True)
    ]
    if drawn.names:
        said = [
            f"<b>{_short(name, MAX_TITLE)}</b><br>{text}"
            for name, text in zip(known[drawn.names], said, strict=True)
        ]
    result = go.Figure(
        go.Scatter(
            x=known[across].astype(float),
            y=known[up].astype(float),
            mode="markers",
            marker={"color": themed_colour(dark, _COLOURS[0]), "size": 9, "opacity": 0.7},
            hovertext=said,
            hoverinfo="text",
        )
    )
    result.update_xaxes(title=escape(title(across, rows)), tickformat=_TICKS)
    result.update_yaxes(title=escape(title(up, rows)), tickformat=_TICKS, automargin=True)
    result.update_layout(height=360 if narrow else 460)
    return result


def _hover(rows: pd.DataFrame, drawn: Plot, said: list[str], measure: str) -> list[str]:
    heading = escape(title(measure, rows))
    return [
        f"<b>{_short(name, MAX_TITLE)}</b><br>{heading} : {text}"
        for name, text in zip(rows[drawn.names], said, strict=True)
    ]


def _short(value: object, longest: int) -> str:
    """Write what names a row, on one line and harmless."""
    text = _word(value)
    return escape(text if len(text) <= longest else f"{text[: longest - 1].rstrip()}…", quote=False)


def _word(value: object) -> str:
    if value is True or value is False:
        return "oui" if value else "non"
    return " ".join(curly_apostrophes(value).split())


def _named(rows: pd.DataFrame, names: str, place: object) -> str:
    return f" ({_word(rows.loc[place, names])})" if names else ""
