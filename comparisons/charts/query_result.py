"""Figure of the result of a query, when its columns are simple enough."""

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
# More bars are illegible, more points indistinguishable.
_MAX_BARS, _MAX_POINTS = 60, 2000
_DECIMALS = 2
_COLOURS = tuple(colour for colour, _ in SERIES_MARKERS)
_YEARS = range(1900, 2101)
_GREY = "#697586"
# decimal notation: 2 000 000, not 2e+6
_TICKS = ",.6~r"


@dataclass(frozen=True)
class Plot:
    """Chart of a result: its kind, the column of names, the columns of measures."""

    kind: str
    names: str
    measures: tuple[str, ...]


def plot(rows: pd.DataFrame) -> Plot | None:
    """Return the chart of a result; None when it is not simple enough.

    A year and one or two numbers make a line; a name and one or two numbers, bars; two numbers,
    named or not, points. Other results are displayed as a table only.
    """
    measures = [name for name in rows.columns if _is_numeric(rows[name])]
    names = [name for name in rows.columns if name not in measures]
    years = [name for name in measures if _is_year(rows[name], name)]
    value_columns = [name for name in measures if name not in years]
    if len(rows) < 2 or len(names) > 1 or any(_has_infinite(rows[name]) for name in measures):
        return None
    if any(rows[name].isna().all() for name in measures):
        return None
    if len(years) == 1 and not names and 1 <= len(value_columns) <= 2:
        unique = rows[years[0]].is_unique and rows[years[0]].notna().all()
        return Plot(LINE, years[0], tuple(value_columns)) if unique else None
    if years or not 1 <= len(value_columns) <= 2 or (names and not _holds_names(rows[names[0]])):
        return None
    if names and len(rows) <= _MAX_BARS:
        return Plot(BARS, names[0], tuple(value_columns))
    if len(value_columns) == 2 and len(rows) <= _MAX_POINTS:
        return Plot(POINTS, names[0] if names else "", tuple(value_columns))
    return None


def figure(rows: pd.DataFrame, narrow: bool = False, dark: bool = False) -> go.Figure | None:
    """Return the figure of a simple result (see `plot`); None for any other.

    Two measures never share an axis, since their units may differ. An unknown value is a gap in a
    line, a text in place of a bar, and no point.
    """
    chart = plot(rows)
    if chart is None:
        return None
    draw = {BARS: _bars, LINE: _line, POINTS: _points}[chart.kind]
    result = draw(rows, chart, narrow, dark)
    result.update_layout(
        margin={"l": 0, "r": 10, "t": 10, "b": 0}, showlegend=False, separators=",\u202f"
    )
    return result


def describe(rows: pd.DataFrame) -> str:
    """Return the alternative text of the figure, in French; empty without a figure."""
    chart = plot(rows)
    if chart is None:
        return ""
    measures_text = " et ".join(f"« {_title(name, rows)} »" for name in chart.measures)
    names_text = f" selon « {_title(chart.names, rows)} »" if chart.names else ""
    shape = {BARS: "Barres", LINE: "Courbe", POINTS: "Nuage de points"}[chart.kind]
    sentences = [f"{shape} : {measures_text}{names_text}, {pluralize(len(rows), 'ligne')}."]
    for measure in chart.measures:
        values = rows[measure].astype("Float64")
        known_values = values.dropna()
        low, high = known_values.idxmin(), known_values.idxmax()
        unknown_count = len(values) - len(known_values)
        missing_text = (
            f" ; {pluralize(unknown_count, 'valeur non renseignée', 'valeurs non renseignées')}"
        )
        sentences.append(
            f"{_title(measure, rows)} : de {format_number(values[low], _DECIMALS)}"
            f"{_format_row_name(rows, chart.names, low)} à {format_number(values[high], _DECIMALS)}"
            f"{_format_row_name(rows, chart.names, high)}{missing_text if unknown_count else ''}."
        )
    return " ".join(sentences)


def _title(column: str, rows: pd.DataFrame) -> str:
    """Return the title of a column in the dictionary, with its unit, else its name."""
    described = find_field(column, rows.columns)
    if described is None:
        return column
    return f"{described.title} ({described.unit})" if described.unit else described.title


# --- kinds of columns -----------------------------------------------------------------------------


def _is_numeric(values: pd.Series) -> bool:
    kind = values.dtype
    return pd.api.types.is_numeric_dtype(kind) and not pd.api.types.is_bool_dtype(kind)


def _holds_names(values: pd.Series) -> bool:
    """Return whether a column holds texts, dates or booleans, which can name a bar."""
    return all(not hasattr(value, "__len__") or isinstance(value, str) for value in values)


def _is_year(values: pd.Series, name: str) -> bool:
    has_year_name = "annee" in name.casefold().replace("é", "e")
    return has_year_name and all(value in _YEARS for value in values.dropna())


def _has_infinite(values: pd.Series) -> bool:
    return any(math.isinf(value) for value in values.dropna())


# --- figures --------------------------------------------------------------------------------------


def _bars(rows: pd.DataFrame, chart: Plot, narrow: bool, dark: bool) -> go.Figure:
    """Return a bar per row, in the order of the result, a panel per measure."""
    count = len(chart.measures)
    panels = {"rows": count, "cols": 1} if narrow else {"rows": 1, "cols": count}
    result = make_subplots(**panels, shared_yaxes=not narrow, horizontal_spacing=0.06)
    positions = list(range(len(rows)))[::-1]
    for panel, measure in enumerate(chart.measures):
        values = [None if is_missing(value) else float(value) for value in rows[measure]]
        panel_cell = {"row": panel + 1, "col": 1} if narrow else {"row": 1, "col": panel + 1}
        texts = [format_number(value, _DECIMALS) for value in values]
        result.add_trace(
            go.Bar(
                x=values,
                y=positions,
                orientation="h",
                marker={"color": themed_colour(dark, _COLOURS[panel])},
                text=texts,
                textposition="auto",
                hovertext=_hover_texts(rows, chart, texts, measure),
                hoverinfo="text",
            ),
            **panel_cell,
        )
        for position, value in zip(positions, values, strict=True):
            if value is None:
                result.add_annotation(
                    x=0, y=position, text=f"<i>{MISSING}</i>", showarrow=False, xanchor="left",
                    font={"color": themed_colour(dark, _GREY), "size": 11}, **panel_cell,
                )  # fmt: skip
        result.update_xaxes(title=escape(_title(measure, rows)), tickformat=_TICKS, **panel_cell)
    max_length = MAX_TITLE_NARROW if narrow else MAX_TITLE // count
    labels = [_shorten(value, max_length) for value in rows[chart.names]]
    result.update_xaxes(rangemode="tozero")
    result.update_yaxes(
        tickvals=positions, ticktext=labels, range=[-0.6, len(rows) - 0.4], showgrid=False,
        automargin=True,
    )  # fmt: skip
    result.update_layout(height=(70 + ROW_HEIGHT * len(rows)) * (count if narrow else 1))
    return result


def _line(rows: pd.DataFrame, chart: Plot, narrow: bool, dark: bool) -> go.Figure:
    """Return a line over years, a panel per measure; a year without a value is a gap."""
    years = rows[chart.names].astype(int)
    all_years = range(min(years), max(years) + 1)
    result = make_subplots(
        rows=len(chart.measures), cols=1, shared_xaxes=True, vertical_spacing=0.08
    )
    for panel, measure in enumerate(chart.measures, start=1):
        value_by_year = dict(zip(years, rows[measure], strict=True))
        values = [
            None if is_missing(v := value_by_year.get(year)) else float(v) for year in all_years
        ]
        texts = [format_number(value, _DECIMALS) for value in values]
        result.add_trace(
            go.Scatter(
                x=list(all_years),
                y=values,
                mode="lines+markers",
                connectgaps=False,
                line={"color": themed_colour(dark, _COLOURS[panel - 1])},
                marker={"size": 8},
                hovertext=[f"<b>{year}</b><br>{text}" for year, text in zip(all_years, texts,
                                                                            strict=True)],
                hoverinfo="text",
            ),
            row=panel,
            col=1,
        )  # fmt: skip
        result.update_yaxes(
            title=escape(_title(measure, rows)), rangemode="tozero", tickformat=_TICKS, row=panel,
            col=1,
        )  # fmt: skip
    result.update_xaxes(tickformat="d", showgrid=True)
    result.update_layout(height=(260 if narrow else 320) * len(chart.measures))
    return result


def _points(rows: pd.DataFrame, chart: Plot, narrow: bool, dark: bool) -> go.Figure:
    """Return a point per row of which both measures are known."""
    horizontal, vertical = chart.measures
    known_rows = rows.dropna(subset=[horizontal, vertical])
    texts = [
        f"{_title(horizontal, rows)} : {format_number(x, _DECIMALS)}<br>{_title(vertical, rows)} : "
        f"{format_number(y, _DECIMALS)}"
        for x, y in zip(known_rows[horizontal], known_rows[vertical], strict=True)
    ]
    if chart.names:
        texts = [
            f"<b>{_shorten(name, MAX_TITLE)}</b><br>{text}"
            for name, text in zip(known_rows[chart.names], texts, strict=True)
        ]
    result = go.Figure(
        go.Scatter(
            x=known_rows[horizontal].astype(float),
            y=known_rows[vertical].astype(float),
            mode="markers",
            marker={"color": themed_colour(dark, _COLOURS[0]), "size": 9, "opacity": 0.7},
            hovertext=texts,
            hoverinfo="text",
        )
    )
    result.update_xaxes(title=escape(_title(horizontal, rows)), tickformat=_TICKS)
    result.update_yaxes(title=escape(_title(vertical, rows)), tickformat=_TICKS, automargin=True)
    result.update_layout(height=360 if narrow else 460)
    return result


def _hover_texts(rows: pd.DataFrame, chart: Plot, texts: list[str], measure: str) -> list[str]:
    heading = escape(_title(measure, rows))
    return [
        f"<b>{_shorten(name, MAX_TITLE)}</b><br>{heading} : {text}"
        for name, text in zip(rows[chart.names], texts, strict=True)
    ]


def _shorten(value: object, max_length: int) -> str:
    """Return the name of a row, on one line, escaped and shortened."""
    text = _format_value(value)
    return escape(
        text if len(text) <= max_length else f"{text[: max_length - 1].rstrip()}…", quote=False
    )


def _format_value(value: object) -> str:
    if value is True or value is False:
        return "oui" if value else "non"
    return " ".join(curly_apostrophes(value).split())


def _format_row_name(rows: pd.DataFrame, names: str, index: object) -> str:
    return f" ({_format_value(rows.loc[index, names])})" if names else ""
