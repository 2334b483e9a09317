"""Charts of the pages about the whole dataset: themes, shared services, completeness."""

from comparisons.analysis.completeness import fields, levels, reliability, sources
from comparisons.analysis.shared_services import cost_formula, network, simulation_request
from comparisons.analysis.themes import frequency
from comparisons.charts import completeness, simulator
from comparisons.charts.network import network_figure
from comparisons.charts.themes import frequency_figure
from comparisons.exports.images.chart_file import Chart
from comparisons.formatting import format_percent
from comparisons.page_parameters import SharedServicesParameters, ThemesParameters
from comparisons.parameters import Parameters
from comparisons.schema.model import code_label
from comparisons.schema.territory import LEVEL_NAMES


def themes_by_period(request: ThemesParameters, narrow: bool = False) -> Chart:
    """Return the frequency of themes by period."""
    rows = frequency.frequency(request.famille, request.echelon or None, request.nommes)
    level = LEVEL_NAMES.get(request.echelon, "tous les niveaux").lower()
    return _frequency_chart(request, rows, f"par période, {level}", narrow)


def themes_by_level(request: ThemesParameters, narrow: bool = False) -> Chart:
    """Return the frequency of themes by level."""
    rows = frequency.frequency_by_level(request.famille, request.nommes)
    return _frequency_chart(request, rows, "par niveau", narrow)


def _frequency_chart(request: ThemesParameters, rows: object, by: str, narrow: bool) -> Chart:
    return Chart(
        frequency_figure(rows, narrow),
        f"Fréquence des thèmes, {by}",
        f"Documents : {code_label('familles_strategie', request.famille)}",
        "" if rows.empty else frequency.describe_frequency(rows),
        frequency.NOTE,
    )


def links(request: SharedServicesParameters, narrow: bool = False) -> Chart:
    """Return the network of territories and organisations."""
    nodes, edges = network.load_network(request.service, request.zone, request.organisme)
    return Chart(
        network_figure(nodes, edges, "narrow" if narrow else "wide", selected=request.organisme),
        "Réseau de mutualisation",
        network.describe_network(nodes, edges),
        network.network_alt_text(nodes, edges),
        network.SIZE_NOTE,
    )


def simulated_costs(request: SharedServicesParameters, narrow: bool = False) -> Chart:
    """Return the cost of each member of a simulation, alone and together."""
    simulation = simulation_request.simulate(request)
    return Chart(
        simulator.cost_bars(simulation.costs, narrow),
        simulation.title,
        f"Simulation, vos chiffres à {format_percent(float(simulation.parameters.tolerance))} près",
        simulator.cost_bars_alt_text(simulation.costs),
        cost_formula.CAUTION,
    )


def break_even(request: SharedServicesParameters, _: bool = False) -> Chart:
    """Return the mean cost of a member by number of members."""
    result = simulation_request.simulate(request).break_even
    sentence = result.phrase if result else ""
    return Chart(
        simulator.cost_curve(result) if result else None,
        "Coût par membre selon leur nombre",
        sentence,
        f"Coût par membre. {sentence}",
        simulator.describe_curve(result) if result else "",
    )


def known_by_level(_: Parameters, measure: str, __: bool = False) -> Chart:
    """Return the share of territories, or of their people, in each state of knowledge."""
    return _completeness_chart(levels.completeness_by_level(), measure, "par niveau")


def known_by_type(_: Parameters, level: str, measure: str, __: bool = False) -> Chart:
    """Return the same of one level, by type of document."""
    rows = levels.completeness_by_level_and_type()
    rows = rows[rows["territoire_niveau"] == level]
    return _completeness_chart(rows, measure, f"par type de stratégie, {LEVEL_NAMES[level]}")


def _completeness_chart(rows: object, measure: str, by: str) -> Chart:
    noun = completeness.MEASURES[measure][1]
    return Chart(
        completeness.completeness_bars(rows, measure),
        f"Ce qu’on sait, {by}",
        f"Part des {noun}",
        completeness.completeness_alt_text(rows, measure),
    )


def known_facts(_: Parameters, narrow: bool = False) -> Chart:
    """Return the share of strategies of which each fact is known."""
    rows = fields.completeness_by_fact_and_level(fields.completeness_by_fact())
    return Chart(
        completeness.fact_heatmap(rows, narrow=narrow),
        "Faits renseignés",
        "Part des stratégies connues dont chaque fait est renseigné, par niveau",
        completeness.facts_alt_text(rows),
    )


def read_again(_: Parameters, __: bool = False) -> Chart:
    """Return the outcome of the second reading of facts, by table."""
    rows = reliability.reliability_by_table()
    return Chart(
        completeness.reliability_bars(rows, "table_titre"),
        "Fiabilité",
        "Ce que la seconde lecture des sources a donné, par table",
        completeness.reliability_alt_text(rows, "table_titre"),
        "Les faits faux sont déjà corrigés dans les données.",
    )


def source_ages(_: Parameters, __: bool = False) -> Chart:
    """Return the number of sources of each age."""
    rows = sources.sources_by_age()
    return Chart(
        completeness.age_bars(rows),
        "Âge des sources",
        "En années, jusqu’à celle du jeu de données",
        completeness.ages_alt_text(rows),
    )
