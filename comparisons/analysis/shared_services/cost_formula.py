"""The formula of the simulator, in French, with the user's figures put in."""

import pandas as pd
from babel.numbers import format_decimal

from comparisons.analysis.shared_services.simulator import (
    TOLERANCE,
    SimulationParameters,
    costs,
)
from comparisons.analysis.shared_services.simulator_inputs import checked_members, checked_number
from comparisons.formatting import (
    LOCALE,
    NBSP,
    format_euros,
    format_number,
    format_percent,
    pluralize,
)

CAUTION = (
    "Simulation : tous les montants viennent des chiffres que vous avez saisis. Aucun n’est un "
    "fait constaté, ni une offre d’un organisme."
)
LEFT_OUT = (
    "Ne sont pas comptés : le passage d’un système à l’autre (reprise des données, formation), le "
    "temps de coordination entre membres, ni la hausse du coût commun quand leur nombre augmente."
)


def describe_costs(members: pd.DataFrame, parameters: SimulationParameters) -> str:
    """Describe how costs are computed: the whole, together, alone (if told), and the margin.

    Arguments and errors are those of `simulator.cost_table`.
    """
    rows = checked_members(members, needs_users=parameters.per_user > 0)
    together, _ = costs(rows, parameters)
    total_population, count = int(rows["population"].sum()), len(rows)
    terms, member_terms = [f"{_format_amount(parameters.fixed)} (coût fixe)"], []
    if parameters.per_inhabitant:
        terms.append(
            f"{_format_amount(parameters.per_inhabitant)}"
            f" × {pluralize(total_population, 'habitant')}"
        )
        member_terms.append(f"{_format_amount(parameters.per_inhabitant)} × ses habitants")
    if parameters.per_user:
        users = int(rows["usagers"].sum())
        terms.append(f"{_format_amount(parameters.per_user)} × {pluralize(users, 'usager')}")
        member_terms.append(f"{_format_amount(parameters.per_user)} × ses usagers")
    equal_division = f"÷ {pluralize(count, 'membre')}"
    population_share = f"× sa population ÷ {pluralize(total_population, 'habitant')}"
    if parameters.key == "egal":
        fixed_part = f"{_format_amount(parameters.fixed)} {equal_division}"
    elif parameters.key == "population":
        fixed_part = f"{_format_amount(parameters.fixed)} {population_share}"
    else:
        fixed_part = (
            f"{_format_amount(parameters.fixed)} × "
            f"{format_percent(float(parameters.share_equal), 1)} {equal_division} + "
            f"{_format_amount(parameters.fixed)} × "
            f"{format_percent(float(1 - parameters.share_equal), 1)} {population_share}"
        )
    lines = [
        f"Coût commun = {' + '.join(terms)} = {_format_amount(sum(together))}",
        f"Ensemble, chacun paie = {' + '.join([*member_terms, fixed_part])}",
    ]
    if parameters.alone_fixed is not None:
        alone = " + ".join([*member_terms, f"{_format_amount(parameters.alone_fixed)} (coût fixe)"])
        lines.append(f"Seul, chacun paierait = {alone}")
    lines.append(
        f"Chaque montant est donné à "
        f"{format_percent(float(parameters.tolerance))} près, en plus ou moins"
    )
    return "\n".join(lines)


def describe_time_saved(volume: float, unit: float, tolerance: float = TOLERANCE) -> str:
    """Describe what acts done without paper spare, as time: no money, and not shared out."""
    count = checked_number(volume, "Le nombre d’actes", most=10**10)
    unit_gain = checked_number(unit, "Le gain par acte", most=100_000)
    low, high = (float(count * unit_gain) * (1 + sign * tolerance) for sign in (-1, 1))
    return (
        f"{format_number(float(count))} actes × "
        f"{_format_amount(unit_gain)} : un temps d’agents évité que l’on "
        f"valoriserait entre {format_euros(low)} et {format_euros(high)} par an. Ce n’est pas de "
        "l’argent "
        "versé : il ne se répartit pas entre les membres et n’entre dans aucun des coûts ci-dessus."
    )


def _format_amount(amount: object) -> str:
    """Write an amount whole, or with its cents (and up to four decimals) when it has some."""
    amount = float(amount)
    pattern = "#,##0" if amount == round(amount) else "#,##0.00##" if amount < 1 else "#,##0.00"
    return f"{format_decimal(amount, format=pattern, locale=LOCALE)}{NBSP}€"
