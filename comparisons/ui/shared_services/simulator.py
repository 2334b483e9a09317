"""Simulator of a pooled cost: the reader's own figures, the formula in sight."""

import pandas as pd
import streamlit as st

from comparisons.analysis.shared_services import cost_formula, simulator
from comparisons.charts import simulator as simulator_figures
from comparisons.database.cache import cached
from comparisons.formatting import (
    NBSP,
    curly_apostrophes,
    escape_markdown,
    format_number,
    format_percent,
)
from comparisons.parameters import SharedServicesParameters
from comparisons.queries.territories import load_territories
from comparisons.schema.territory import parse_key
from comparisons.ui.controls import choose_one
from comparisons.ui.figures import show_chart
from comparisons.ui.shared_services.selected_territories import chosen_territories
from comparisons.ui.state import is_dark, update_parameters, viewport, widget_key
from comparisons.ui.tables import download_buttons, text_table

_KEYS = {
    "population": "À la population",
    "egal": "À parts égales",
    "mixte": "Une part égale, le reste à la population",
}


def show_simulator(page: str, view: SharedServicesParameters) -> None:
    """Render what a pooled service would cost each, from the reader's figures."""
    st.info(f"{cost_formula.CAUTION} {cost_formula.LEFT_OUT}", icon=":material/calculate:")
    view = chosen_territories(page, view, "Ajoutez les membres par la recherche ci-dessus.")
    if not view.t:
        return
    view = _ask(page, view)
    if not view.fixe:
        st.markdown("Saisissez au moins le coût fixe commun.")
        return
    members = cached(load_territories)(tuple(map(parse_key, view.t)))[["cle", "nom", "population"]]
    members = members.assign(usagers=_users(view, members))
    figures = {
        "fixed": _read(view.fixe),
        "per_inhabitant": _read(view.par_habitant) or 0,
        "per_user": _read(view.par_usager) or 0,
        "key": view.cle,
        "share_equal": int(view.part_egale) / 100,
        "alone_fixed": _read(view.seul),
        "tolerance": int(view.tolerance) / 100,
    }
    try:
        costs = simulator.cost_table(members, **figures)
        told = len(members) > 1 and figures["alone_fixed"] is not None
        turning = simulator.break_even(members, **figures) if told else None
        written = cost_formula.describe_costs(members, **figures)
    except ValueError as error:
        st.warning(escape_markdown(error))
        return
    alone = figures["alone_fixed"] is not None
    title = "Coût de chacun, seul et ensemble" if alone else "Coût de chacun, ensemble"
    st.header(title, anchor="couts", divider="gray")
    if not alone:
        st.warning(simulator.ALONE_NEEDED)
    narrow, dark = viewport() == "narrow", is_dark()
    bars = simulator_figures.cost_bars(costs, narrow, dark)
    if bars is not None:
        words = simulator_figures.cost_bars_alt_text(costs)
        show_chart(bars, "simulation", words, theme=None)
    text_table(_costs_table(costs))
    if turning is not None:
        st.markdown(escape_markdown(turning.phrase))
        curve = simulator_figures.cost_curve(turning, dark)
        if curve is not None:
            show_chart(curve, "simulation-seuil", f"Coût par membre. {turning.phrase}", theme=None)
            st.caption(escape_markdown(simulator_figures.curve_words(turning)))
    with st.expander("La formule", expanded=True):
        st.text(written)
    _show_time(page, view)
    download_buttons(
        "simulation", {"simulation": costs}, f"Simulation. {cost_formula.CAUTION}", view
    )


def _ask(page: str, view: SharedServicesParameters) -> SharedServicesParameters:
    """Ask for the figures; what is not a number is said, and not kept."""
    fields = {
        "fixe": "Coût fixe commun, par an (€)",
        "par_habitant": "Coût par habitant, par an (€)",
        "par_usager": "Coût par usager, par an (€)",
        "usagers": "Usagers pour 1 000 habitants",
        "seul": "Coût fixe si l’on est seul (€)",
    }
    with st.grid(len(fields), min_column_width=170):
        for name, title in fields.items():
            view = _ask_number(page, view, name, title)
    key, share, margin = st.columns(3, vertical_alignment="bottom")
    with margin:
        chosen = st.select_slider(
            "Marge d’incertitude de vos chiffres (± %)",
            ("0", "10", "20", "30", "50"),
            key=widget_key(page, view, "tolerance"),
        )
        view = update_parameters(page, view, tolerance=chosen)
    with key:
        view = choose_one(page, view, "cle", "Clé de répartition", _KEYS, titled=True)
    if view.cle == "mixte":
        with share:
            equal = st.select_slider(
                "Part partagée également (%)",
                tuple(map(str, range(0, 101, 5))),
                key=widget_key(page, view, "part_egale"),
            )
            view = update_parameters(page, view, part_egale=equal)
    return view


def _ask_number(
    page: str, view: SharedServicesParameters, name: str, title: str
) -> SharedServicesParameters:
    text = st.text_input(title, key=widget_key(page, view, name, ""))
    kept = text.strip().replace(" ", "").replace(NBSP, "").replace("\u202f", "")
    _, problems = SharedServicesParameters.from_query({name: [kept]})
    if problems:
        st.warning(f"« {escape_markdown(text)} » n’est pas un nombre.")
        kept = ""
    return update_parameters(page, view, **{name: kept})


def _read(text: str) -> float | None:
    return float(text.replace(",", ".")) if text else None


def _users(view: SharedServicesParameters, members: pd.DataFrame) -> pd.Series:
    rate = _read(view.usagers)
    if rate is None:
        return pd.Series(pd.NA, index=members.index, dtype="Int64")
    return (members["population"] * rate / 1000).round().astype("Int64")


def _costs_table(costs: pd.DataFrame) -> pd.DataFrame:
    columns = {"Membre": [curly_apostrophes(name) for name in costs["nom"]]}
    shown = {"ensemble": "Ensemble (€)"}
    if costs["seul"].notna().any():
        shown = {"seul": "Seul (€)", "ensemble": "Ensemble (€)", "gain": "Gain (€)"}
    for name, title in shown.items():
        columns[title] = [
            format_number(low)
            if round(low) == round(high)
            else f"{format_number(low)} à {format_number(high)}"
            for low, high in zip(costs[f"{name}_bas"], costs[f"{name}_haut"], strict=True)
        ]
    columns["Part du total"] = [format_percent(value, 1) for value in costs["part"]]
    return pd.DataFrame(columns).reset_index(drop=True)


def _show_time(page: str, view: SharedServicesParameters) -> None:
    """Render the time that dematerialisation spares: valued, never paid out."""
    st.header("Le temps gagné par la dématérialisation", anchor="temps", divider="gray")
    volume, gain = st.columns(2)
    with volume:
        view = _ask_number(page, view, "actes", "Actes dématérialisés par an, ensemble")
    with gain:
        view = _ask_number(page, view, "gain", "Gain par acte (€)")
    if not (view.actes and view.gain):
        st.caption("Saisissez un volume et un gain unitaire.")
        return
    try:
        said = cost_formula.time_sentence(
            _read(view.actes), _read(view.gain), int(view.tolerance) / 100
        )
    except ValueError as error:
        st.warning(escape_markdown(error))
        return
    st.markdown(escape_markdown(said))
