"""Render the cost simulator of a shared service, from the figures of the reader."""

import pandas as pd
import streamlit as st

from comparisons.analysis.shared_services import cost_formula, simulator
from comparisons.analysis.shared_services.simulation_request import parse_number, simulate
from comparisons.charts import simulator as simulator_figures
from comparisons.formatting import (
    NBSP,
    curly_apostrophes,
    escape_markdown,
    format_number,
    format_percent,
)
from comparisons.page_parameters import SharedServicesParameters
from comparisons.ui.controls import choose_one
from comparisons.ui.figures import show_chart
from comparisons.ui.shared_services.selected_territories import show_selected_territories
from comparisons.ui.state import is_dark, update_parameters, viewport, widget_key
from comparisons.ui.tables import download_buttons, text_table

_KEYS = {
    "population": "À la population",
    "egal": "À parts égales",
    "mixte": "Une part égale, le reste à la population",
}


def show_simulator(page: str, view: SharedServicesParameters) -> None:
    """Render the cost of each member alone and together, the break-even and the formula."""
    st.info(f"{cost_formula.CAUTION} {cost_formula.LEFT_OUT}", icon=":material/calculate:")
    view = show_selected_territories(page, view, "Ajoutez les membres par la recherche ci-dessus.")
    if not view.t:
        return
    view = _choose_figures(page, view)
    if not view.fixe:
        st.markdown("Saisissez au moins le coût fixe commun.")
        return
    try:
        simulation = simulate(view)
        formula = cost_formula.describe_costs(simulation.members, simulation.parameters)
    except ValueError as error:
        st.warning(escape_markdown(error))
        return
    costs, break_even = simulation.costs, simulation.break_even
    st.header(simulation.title, anchor="couts", divider="gray")
    if simulation.parameters.alone_fixed is None:
        st.warning(simulator.ALONE_NEEDED)
    narrow, dark = viewport() == "narrow", is_dark()
    bars = simulator_figures.cost_bars(costs, narrow, dark)
    if bars is not None:
        alt_text = simulator_figures.cost_bars_alt_text(costs)
        show_chart(bars, "simulation", alt_text, ("couts", view), theme=None)
    text_table(_costs_table(costs))
    if break_even is not None:
        st.markdown(escape_markdown(break_even.phrase))
        curve = simulator_figures.cost_curve(break_even, dark)
        if curve is not None:
            alt_text = f"Coût par membre. {break_even.phrase}"
            show_chart(curve, "simulation-seuil", alt_text, ("seuil", view), theme=None)
            st.caption(escape_markdown(simulator_figures.describe_curve(break_even)))
    with st.expander("La formule", expanded=True):
        st.text(formula)
    _show_time(page, view)
    download_buttons(
        "simulation", {"simulation": costs}, f"Simulation. {cost_formula.CAUTION}", view
    )


def _choose_figures(page: str, view: SharedServicesParameters) -> SharedServicesParameters:
    """Render the fields of the figures; return the updated view, without invalid numbers."""
    fields = {
        "fixe": "Coût fixe commun, par an (€)",
        "par_habitant": "Coût par habitant, par an (€)",
        "par_usager": "Coût par usager, par an (€)",
        "usagers": "Usagers pour 1 000 habitants",
        "seul": "Coût fixe si l’on est seul (€)",
    }
    with st.grid(len(fields), min_column_width=170):
        for name, title in fields.items():
            view = _number_input(page, view, name, title)
    key_column, share_column, margin_column = st.columns(3, vertical_alignment="bottom")
    with margin_column:
        tolerance = st.select_slider(
            "Marge d’incertitude de vos chiffres (± %)",
            ("0", "10", "20", "30", "50"),
            key=widget_key(page, view, "tolerance"),
        )
        view = update_parameters(page, view, tolerance=tolerance)
    with key_column:
        view = choose_one(page, view, "cle", "Clé de répartition", _KEYS, titled=True)
    if view.cle == "mixte":
        with share_column:
            equal_share = st.select_slider(
                "Part partagée également (%)",
                tuple(map(str, range(0, 101, 5))),
                key=widget_key(page, view, "part_egale"),
            )
            view = update_parameters(page, view, part_egale=equal_share)
    return view


def _number_input(
    page: str, view: SharedServicesParameters, name: str, title: str
) -> SharedServicesParameters:
    text = st.text_input(title, key=widget_key(page, view, name, ""))
    number = text.strip().replace(" ", "").replace(NBSP, "").replace("\u202f", "")
    _, problems = SharedServicesParameters.from_query({name: [number]})
    if problems:
        st.warning(f"« {escape_markdown(text)} » n’est pas un nombre.")
        number = ""
    return update_parameters(page, view, **{name: number})


def _costs_table(costs: pd.DataFrame) -> pd.DataFrame:
    columns = {"Membre": [curly_apostrophes(name) for name in costs["nom"]]}
    cost_columns = {"ensemble": "Ensemble (€)"}
    if costs["seul"].notna().any():
        cost_columns = {"seul": "Seul (€)", "ensemble": "Ensemble (€)", "gain": "Gain (€)"}
    for name, title in cost_columns.items():
        columns[title] = [
            format_number(low)
            if round(low) == round(high)
            else f"{format_number(low)} à {format_number(high)}"
            for low, high in zip(costs[f"{name}_bas"], costs[f"{name}_haut"], strict=True)
        ]
    columns["Part du total"] = [format_percent(value, 1) for value in costs["part"]]
    return pd.DataFrame(columns).reset_index(drop=True)


def _show_time(page: str, view: SharedServicesParameters) -> None:
    """Render the value of the time saved by dematerialisation, which is not a payment."""
    st.header("Le temps gagné par la dématérialisation", anchor="temps", divider="gray")
    volume_column, gain_column = st.columns(2)
    with volume_column:
        view = _number_input(page, view, "actes", "Actes dématérialisés par an, ensemble")
    with gain_column:
        view = _number_input(page, view, "gain", "Gain par acte (€)")
    if not (view.actes and view.gain):
        st.caption("Saisissez un volume et un gain unitaire.")
        return
    try:
        sentence = cost_formula.describe_time_saved(
            parse_number(view.actes), parse_number(view.gain), int(view.tolerance) / 100
        )
    except ValueError as error:
        st.warning(escape_markdown(error))
        return
    st.markdown(escape_markdown(sentence))
