"""Charts of completeness and reliability, and their alternative texts."""

from textwrap import wrap

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from comparisons.analysis.completeness.fields import FACTS
from comparisons.analysis.completeness.levels import STATES
from comparisons.analysis.completeness.shares import format_bounded_share
from comparisons.analysis.completeness.sources import UNDATED
from comparisons.analysis.map_layers import PRESENT, STATE_COLOURS, UNKNOWN
from comparisons.charts.style import (
    cell_texts,
    hyphenated_level,
    layout,
    legend,
    rows_axis,
    share_scale,
    themed_colour,
)
from comparisons.database.cache import cached
from comparisons.formatting import format_number, format_percent
from comparisons.rows import iterate_rows
from comparisons.schema.model import code_label
from comparisons.schema.territory import LEVEL_NAMES

_STATES = {
    "avec_strategie": ("Stratégie connue", PRESENT),
    "partielle": ("Des faits seulement", STATE_COLOURS["partielle"]),
    "non_trouvee": ("Cherché, rien trouvé", STATE_COLOURS["non_trouvee"]),
    "non_cherchee": ("Jamais cherché", UNKNOWN),
}
# Prefix of the columns and noun of each measure.
MEASURES = {
    "territoires": ("part_", "territoires"),
    "population": ("part_population_", "habitants"),
}
_READINGS = {
    "confirmes": ("Confirmé", PRESENT),
    "corriges": ("Corrigé", STATE_COLOURS["partielle"]),
    "retires": ("Retiré", STATE_COLOURS["terminee"]),
    "non_visibles": ("Non visible", UNKNOWN),
}
_ROW_HEIGHT = 34
_HEADING_WIDTH = 14  # characters per line of a column heading
# on a phone: rows hold two lines; characters per line of the name of a fact
_ROW_HEIGHT_NARROW, _NAME_WIDTH = 40, 17


@cached
def completeness_bars(
    levels: pd.DataFrame, measure: str = "territoires", dark: bool = False
) -> go.Figure:
    """Return the share of territories in each state of knowledge, a bar per row.

    `levels` is the result of `completeness_by_level` or `completeness_by_level_and_type`; `measure`
    is a key of `MEASURES`: shares of territories, or of their population.
    """
    prefix, noun = MEASURES[measure]
    rows = levels.iloc[::-1]
    names, totals = [_row_name(row) for row in iterate_rows(rows)], rows["nb_territoires"]
    bars = []
    for state in STATES:
        title, colour = _STATES[state]
        shares, counts = rows[f"{prefix}{state}"].astype(float), rows[f"nb_{state}"]
        hover_texts = [
            f"<b>{name}</b><br>{title} : {format_bounded_share(share)} des {noun}"
            f"<br>{format_number(count)} sur {format_number(total)} territoires"
            for name, share, count, total in zip(names, shares, counts, totals, strict=True)
        ]
        bars.append((title, themed_colour(dark, colour), shares, hover_texts))
    return _stacked_shares(names, bars, f"Part des {noun} (%)")


def _stacked_shares(names: list[str], bars: list[tuple], axis_title: str) -> go.Figure:
    """Return the shares of named rows as stacked bars: title, colour, shares, hover texts."""
    rows = list(range(len(names)))
    common = {"y": rows, "orientation": "h", "hoverinfo": "text"}
    return go.Figure(
        [
            go.Bar(x=100 * shares, name=title, marker={"color": colour}, hovertext=texts, **common)
            for title, colour, shares, texts in bars
        ],
        layout(
            100 + _ROW_HEIGHT * len(rows),
            barmode="stack",
            bargap=0.3,
            legend=legend(traceorder="normal"),
            xaxis={"title": axis_title, "range": [0, 100], "tickformat": "d"},
            yaxis=rows_axis(names),
        ),
    )


@cached
def fact_heatmap(facts: pd.DataFrame, dark: bool = False, narrow: bool = False) -> go.Figure:
    """Return the share of strategies of which each fact is known, as a heatmap.

    `facts` is the result of `completeness_by_fact_and_level`, or the rows of one level of
    `completeness_by_fact` (then a column per type). Each cell is labelled `n / N`; a cell without
    strategies is empty. When `narrow`, cells are labelled with their share and there is no colour
    bar.
    """
    column = "type" if "type" in facts.columns else "territoire_niveau"
    shares = facts.pivot(index="fait", columns=column, values="part")
    order = [code for code in FACTS if code in shares.index][::-1]
    columns = list(facts[column].unique())
    shares = shares.loc[order, columns]
    known = facts.set_index(["fait", column])
    counts = [
        [
            f"{format_number(known.loc[(fact, code), 'nb_renseignes'])} / "
            f"{format_number(known.loc[(fact, code), 'nb_strategies'])}"
            if (fact, code) in known.index
            else ""
            for code in columns
        ]
        for fact in order
    ]
    percents = [
        ["" if pd.isna(share) else format_percent(share) for share in row] for row in shares.values
    ]
    headings = [_format_heading(_heading(column, code), narrow) for code in columns]
    names = [_wrap_lines(FACTS[code], _NAME_WIDTH) if narrow else FACTS[code] for code in order]
    texts, known_shares = np.array(percents if narrow else counts), shares.to_numpy(float)
    axis_style = {"fixedrange": True, "tickfont": {"size": 11}} if narrow else {}
    figure = go.Figure(
        go.Heatmap(
            z=100 * known_shares,
            x=headings,
            y=names,
            customdata=counts,
            hovertemplate="<b>%{y}</b><br>%{x}<br>%{customdata} stratégies (%{z:.0f} %)"
            "<extra></extra>",
            zmin=0,
            zmax=100,
            xgap=2,
            ygap=2,
            colorscale=share_scale(dark),
            showscale=not narrow,
            colorbar={"title": {"text": "%"}, "thickness": 12},
        )
    )
    figure.add_trace(cell_texts(headings, names, texts, known_shares, dark))
    figure.update_layout(
        layout(
            120 + (_ROW_HEIGHT_NARROW if narrow else 30) * len(order),
            xaxis={
                "side": "top",
                "automargin": True,
                "tickangle": 0,
                "showgrid": False,
                **axis_style,
            },
            yaxis={"automargin": True, "showgrid": False, **axis_style},
        )
    )
    return figure


@cached
def reliability_bars(reliability: pd.DataFrame, names: str, dark: bool = False) -> go.Figure:
    """Return the outcome of the second reading of facts, as stacked bars.

    `reliability` is the result of `reliability_by_table` or `reliability_by_level`; `names` is the
    column with the names of rows. Facts that could not be seen are grey.
    """
    rows = reliability[reliability["nb_vus"] + reliability["nb_non_visibles"] > 0].iloc[::-1]
    judged = rows[[f"nb_{code}" for code in _READINGS]].sum(axis=1)
    bars = []
    for code, (title, colour) in _READINGS.items():
        counts = rows[f"nb_{code}"]
        shares = counts / judged
        hover_texts = [
            f"<b>{name}</b><br>{title} : {format_bounded_share(share)}"
            f"<br>{format_number(count)} faits sur {format_number(total)}"
            for name, share, count, total in zip(rows[names], shares, counts, judged, strict=True)
        ]
        bars.append((title, themed_colour(dark, colour), shares, hover_texts))
    return _stacked_shares(list(rows[names]), bars, "Part des faits relus (%)")


@cached
def age_bars(ages: pd.DataFrame, dark: bool = False) -> go.Figure:
    """Return the number of sources of each age, as bars.

    `ages` is the result of `sources_by_age`; undated sources are grey.
    """
    rows = ages.iloc[::-1]
    dated_colour, undated_colour = (
        themed_colour(dark, colour) for colour in (PRESENT, STATE_COLOURS["non_trouvee"])
    )
    figure = go.Figure(
        go.Bar(
            x=rows["nb_sources"],
            y=list(range(len(rows))),
            orientation="h",
            marker={
                "color": [
                    undated_colour if code == UNDATED else dated_colour for code in rows["tranche"]
                ]
            },
            text=[format_bounded_share(share) for share in rows["part_sources"].astype(float)],
            textposition="auto",
            hoverinfo="skip",
            showlegend=False,
        )
    )
    figure.update_layout(
        layout(
            100 + _ROW_HEIGHT * len(rows),
            xaxis={"title": "Nombre de sources", "rangemode": "tozero", "tickformat": ",d"},
            yaxis=rows_axis(list(rows["tranche_titre"])),
        )
    )
    return figure


def _row_name(row: object) -> str:
    if hasattr(row, "type"):
        return _heading("type", row.type)
    return LEVEL_NAMES[row.territoire_niveau]


def _format_heading(name: str, narrow: bool) -> str:
    """Return the heading of a column, hyphenated at known places when `narrow`."""
    hyphenated = hyphenated_level(name) if narrow else name
    return hyphenated if hyphenated != name else _wrap_lines(name, _HEADING_WIDTH)


def _wrap_lines(name: str, width: int) -> str:
    return "<br>".join(wrap(name, width, break_long_words=False))


def _heading(column: str, code: str) -> str:
    return code_label("types_strategie", code) if column == "type" else LEVEL_NAMES[code]


# --- alternative texts ----------------------------------------------------------------------------


def completeness_alt_text(levels: pd.DataFrame, measure: str = "territoires") -> str:
    """Return the alternative text of `completeness_bars`.

    It gives, for each row, the shares with a known strategy and never searched.
    """
    prefix, noun = MEASURES[measure]
    texts = " ; ".join(
        f"{_row_name(row)}, {format_bounded_share(getattr(row, f'{prefix}avec_strategie'))} avec "
        "une stratégie "
        f"connue, {format_bounded_share(getattr(row, f'{prefix}non_cherchee'))} jamais cherchés"
        for row in iterate_rows(levels)
    )
    return f"Barres : ce qu’on sait, en part des {noun}. {texts}."


def facts_alt_text(facts: pd.DataFrame) -> str:
    """Return the alternative text of `fact_heatmap`, all columns together."""
    counts = facts.groupby("fait_titre", sort=False)[["nb_renseignes", "nb_strategies"]].sum()
    shares = (counts["nb_renseignes"] / counts["nb_strategies"]).sort_values(ascending=False)
    texts = ", ".join(f"{title} {format_bounded_share(share)}" for title, share in shares.items())
    return f"Grille : part des stratégies dont chaque fait est connu. {texts}."


def reliability_alt_text(reliability: pd.DataFrame, names: str) -> str:
    """Return the alternative text of `reliability_bars`: the rate of agreement of each row."""
    rows = reliability[reliability["nb_vus"] > 0]
    texts = " ; ".join(
        f"{name}, {format_bounded_share(rate)} confirmés sur {format_number(count)} vus"
        for name, rate, count in zip(rows[names], rows["taux_accord"], rows["nb_vus"], strict=True)
    )
    return f"Barres : ce que la seconde lecture a donné. {texts}."


def ages_alt_text(ages: pd.DataFrame) -> str:
    """Return the alternative text of `age_bars`: the count of each age."""
    texts = ", ".join(
        f"{row.tranche_titre} {format_number(row.nb_sources)}" for row in iterate_rows(ages)
    )
    return f"Barres : nombre de sources. {texts}."
