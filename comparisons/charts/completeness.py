"""Figures of representativeness. Pure: a table in, a Plotly figure out; and its words."""

from textwrap import wrap

import pandas as pd
import plotly.graph_objects as go

from comparisons.analysis.completeness.fields import FACTS
from comparisons.analysis.completeness.levels import STATES
from comparisons.analysis.completeness.shares import format_bounded_share
from comparisons.analysis.completeness.sources import UNDATED
from comparisons.analysis.map_layers import PRESENT, SEQUENTIAL, STATE_COLOURS, UNKNOWN
from comparisons.charts.bars import themed_colour
from comparisons.formatting import format_number, format_percent
from comparisons.schema.model import code_label
from comparisons.schema.territory import LEVEL_NAMES

STATE_LABELS = {
    "avec_strategie": "Stratégie connue",
    "partielle": "Des faits seulement",
    "non_trouvee": "Cherché, rien trouvé",
    "non_cherchee": "Jamais cherché",
}
_COLOURS = {
    "avec_strategie": PRESENT,
    "partielle": STATE_COLOURS["partielle"],
    "non_trouvee": STATE_COLOURS["non_trouvee"],
    "non_cherchee": UNKNOWN,
}
# What a bar's length is a share of: prefix of the columns, and words.
MEASURES = {
    "territoires": ("part_", "territoires"),
    "population": ("part_population_", "habitants"),
}
READING_LABELS = {
    "confirmes": "Confirmé",
    "corriges": "Corrigé",
    "retires": "Retiré",
    "non_visibles": "Non visible",
}
_READING_COLOURS = {
    "confirmes": PRESENT,
    "corriges": STATE_COLOURS["partielle"],
    "retires": STATE_COLOURS["terminee"],
    "non_visibles": UNKNOWN,
}
ROW_HEIGHT = 34
HEADING_WIDTH = 14  # characters on a line above a column
# on a phone: rows hold two lines, names of facts are cut at so many characters
ROW_HEIGHT_NARROW, NAME_WIDTH = 40, 17
_HYPHENATED = {"Départements": "Départe-<br>ments", "Intercommunalités": "Intercom-<br>munalités"}


def completeness_bars(
    known: pd.DataFrame, measure: str = "territoires", dark: bool = False
) -> go.Figure:
    """Draw what is known of each level (or level and type) as a bar cut in four shares.

    `known` is what `known_by_level` or `known_by_level_and_type` gives; `measure` is a key of
    `MEASURES`: the bar is all the territories, or all the people.
    """
    prefix, noun = MEASURES[measure]
    rows = known.iloc[::-1]
    names = [_row_name(row) for row in rows.itertuples()]
    figure = go.Figure()
    for state in STATES:
        parts = rows[f"{prefix}{state}"].astype(float)
        figure.add_trace(
            go.Bar(
                x=100 * parts,
                y=list(range(len(rows))),
                orientation="h",
                name=STATE_LABELS[state],
                marker={"color": themed_colour(dark, _COLOURS[state])},
                hovertext=[
                    f"<b>{name}</b><br>{STATE_LABELS[state]} : {format_bounded_share(part)} des "
                    f"{noun}"
                    f"<br>{format_number(count)} sur {format_number(total)} territoires"
                    for name, part, count, total in zip(
                        names, parts, rows[f"nb_{state}"], rows["nb_territoires"], strict=True
                    )
                ],
                hoverinfo="text",
            )
        )
    figure.update_layout(
        barmode="stack",
        bargap=0.3,
        xaxis={"title": f"Part des {noun} (%)", "range": [0, 100], "tickformat": "d"},
        yaxis=_rows_axis(names),
        **_common(len(rows)),
    )
    return figure


def fact_heatmap(facts: pd.DataFrame, dark: bool = False, narrow: bool = False) -> go.Figure:
    """Draw the share of strategies of which each fact is known, a row per fact, a column per level.

    `facts` is what `facts_by_level` gives, or the rows of one level of `known_by_fact` (then a
    column per type). Each cell says `n / N`; one without a strategy stays empty. When `narrow`, it
    says its share (what its colour would), and there is no scale beside.
    """
    column = "type" if "type" in facts.columns else "territoire_niveau"
    shares = facts.pivot(index="fait", columns=column, values="part")
    order = [code for code in FACTS if code in shares.index][::-1]
    columns = list(facts[column].unique())
    shares = shares.loc[order, columns]
    said = {
        (
            row.fait,
            getattr(row, column),
        ): f"{format_number(row.nb_renseignes)} / {format_number(row.nb_strategies)}"
        for row in facts.itertuples()
    }
    counts = [[said.get((fact, code), "") for code in columns] for fact in order]
    percents = [
        ["" if pd.isna(part) else format_percent(part) for part in row] for row in shares.values
    ]
    still = {"fixedrange": True, "tickfont": {"size": 11}} if narrow else {}
    scale = [themed_colour(dark, colour) for colour in (UNKNOWN, *SEQUENTIAL[5])]
    figure = go.Figure(
        go.Heatmap(
            z=100 * shares.to_numpy(float),
            x=[_above(_heading(column, code), narrow) for code in columns],
            y=[_lines(FACTS[code], NAME_WIDTH) if narrow else FACTS[code] for code in order],
            text=percents if narrow else counts,
            texttemplate="%{text}",
            customdata=counts,
            hovertemplate="<b>%{y}</b><br>%{x}<br>%{customdata} stratégies (%{z:.0f} %)"
            "<extra></extra>",
            zmin=0,
            zmax=100,
            xgap=2,
            ygap=2,
            colorscale=[[i / (len(scale) - 1), colour] for i, colour in enumerate(scale)],
            showscale=not narrow,
            colorbar={"title": {"text": "%"}, "thickness": 12},
        )
    )
    figure.update_layout(
        height=120 + (ROW_HEIGHT_NARROW if narrow else 30) * len(order),
        margin={"l": 0, "r": 0 if narrow else 10, "t": 10, "b": 0},
        xaxis={"side": "top", "automargin": True, "tickangle": 0, **still},
        yaxis={"automargin": True, **still},
        separators=",\u202f",
    )
    return figure


def reliability_bars(reliability: pd.DataFrame, names: str, dark: bool = False) -> go.Figure:
    """Draw what became of the facts read again, as a bar cut in four shares.

    `reliability` is what `reliability_by_table` or `reliability_by_level` gives; `names` is the
    column that names a row. What could not be seen is grey.
    """
    rows = reliability[reliability["nb_vus"] + reliability["nb_non_visibles"] > 0].iloc[::-1]
    judged = rows[[f"nb_{code}" for code in READING_LABELS]].sum(axis=1)
    figure = go.Figure()
    for code, title in READING_LABELS.items():
        counts = rows[f"nb_{code}"]
        parts = counts / judged
        figure.add_trace(
            go.Bar(
                x=100 * parts,
                y=list(range(len(rows))),
                orientation="h",
                name=title,
                marker={"color": themed_colour(dark, _READING_COLOURS[code])},
                hovertext=[
                    f"<b>{name}</b><br>{title} : "
                    f"{format_bounded_share(part)}<br>{format_number(count)} faits sur "
                    f"{format_number(total)}"
                    for name, part, count, total in zip(
                        rows[names], parts, counts, judged, strict=True
                    )
                ],
                hoverinfo="text",
            )
        )
    figure.update_layout(
        barmode="stack",
        bargap=0.3,
        xaxis={"title": "Part des faits relus (%)", "range": [0, 100], "tickformat": "d"},
        yaxis=_rows_axis(list(rows[names])),
        **_common(len(rows)),
    )
    return figure


def age_bars(ages: pd.DataFrame, counted: str = "sources", dark: bool = False) -> go.Figure:
    """Draw how many sources (or `strategies`, by their source) each band of ages has.

    `ages` is what `sources_by_age` gives; what bears no date is grey.
    """
    rows = ages.iloc[::-1]
    known, unknown = themed_colour(dark, PRESENT), themed_colour(dark, STATE_COLOURS["non_trouvee"])
    figure = go.Figure(
        go.Bar(
            x=rows[f"nb_{counted}"],
            y=list(range(len(rows))),
            orientation="h",
            marker={"color": [unknown if code == UNDATED else known for code in rows["tranche"]]},
            text=[format_bounded_share(part) for part in rows[f"part_{counted}"].astype(float)],
            textposition="auto",
            hoverinfo="skip",
            showlegend=False,
        )
    )
    words = {"sources": "sources", "strategies": "stratégies"}[counted]
    figure.update_layout(
        xaxis={"title": f"Nombre de {words}", "rangemode": "tozero", "tickformat": ",d"},
        yaxis=_rows_axis(list(rows["tranche_titre"])),
        **_common(len(rows)),
    )
    return figure


def _common(rows: int) -> dict:
    return {
        "height": 100 + ROW_HEIGHT * rows,
        "margin": {"l": 0, "r": 10, "t": 10, "b": 0},
        "legend": {
            "orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "traceorder": "normal",
        },
        "separators": ",\u202f",
    }  # fmt: skip


def _rows_axis(names: list[str]) -> dict:
    return {
        "automargin": True,
        "tickvals": list(range(len(names))),
        "ticktext": names,
        "range": [-0.6, len(names) - 0.4],
        "showgrid": False,
    }


def _row_name(row: object) -> str:
    if hasattr(row, "type"):
        return _heading("type", row.type)
    return LEVEL_NAMES[row.territoire_niveau]


def _above(name: str, narrow: bool) -> str:
    """Write what stands above a column, a word cut only where it may be."""
    return (narrow and _HYPHENATED.get(name)) or _lines(name, HEADING_WIDTH)


def _lines(name: str, width: int) -> str:
    return "<br>".join(wrap(name, width, break_long_words=False))


def _heading(column: str, code: str) -> str:
    return code_label("types_strategie", code) if column == "type" else LEVEL_NAMES[code]


# --- for those who cannot see them ----------------------------------------------------------------


def completeness_alt_text(known: pd.DataFrame, measure: str = "territoires") -> str:
    """Describe `completeness_bars`.

    The share of each level with a known strategy, or never looked for.
    """
    prefix, noun = MEASURES[measure]
    parts = " ; ".join(
        f"{_row_name(row)}, {format_bounded_share(getattr(row, f'{prefix}avec_strategie'))} avec "
        "une stratégie "
        f"connue, {format_bounded_share(getattr(row, f'{prefix}non_cherchee'))} jamais cherchés"
        for row in known.itertuples()
    )
    return f"Barres : ce qu’on sait, en part des {noun}. {parts}."


def facts_alt_text(facts: pd.DataFrame) -> str:
    """Describe `fact_heatmap`: the best and the least known facts, all its columns together."""
    counts = facts.groupby("fait_titre", sort=False)[["nb_renseignes", "nb_strategies"]].sum()
    shares = (counts["nb_renseignes"] / counts["nb_strategies"]).sort_values(ascending=False)
    parts = ", ".join(f"{title} {format_bounded_share(part)}" for title, part in shares.items())
    return f"Grille : part des stratégies dont chaque fait est connu. {parts}."


def reliability_words(reliability: pd.DataFrame, names: str) -> str:
    """Describe `reliability_bars`: the rate of agreement of each row."""
    rows = reliability[reliability["nb_vus"] > 0]
    parts = " ; ".join(
        f"{name}, {format_bounded_share(rate)} confirmés sur {format_number(seen)} vus"
        for name, rate, seen in zip(rows[names], rows["taux_accord"], rows["nb_vus"], strict=True)
    )
    return f"Barres : ce que la seconde lecture a donné. {parts}."


def ages_alt_text(ages: pd.DataFrame, counted: str = "sources") -> str:
    """Describe `age_bars`: the count of each band."""
    parts = ", ".join(
        f"{row.tranche_titre} {format_number(getattr(row, f'nb_{counted}'))}"
        for row in ages.itertuples()
    )
    words = {"sources": "sources", "strategies": "stratégies, par l’âge de leur source"}[counted]
    return f"Barres : nombre de {words}. {parts}."
