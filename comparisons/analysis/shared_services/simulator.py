"""Cost of a pooled service for each member, computed from the user's figures only.

The model has one idea: some costs are fixed (a platform, a team), whatever the number of members;
the others follow each one's inhabitants and users, alone or together. Pooling shares the fixed
cost. Alone, each pays a fixed cost (`alone_fixed`: unless it is told, nothing is said of it, and
there is no verdict) and its own inhabitants and users. Together, each pays its own inhabitants and
users, and a part of the fixed cost: by population, in equal parts, or both (`share_equal` of it in
equal parts, the rest by population).

The figures typed are estimates: every amount has a low and a high bound (`tolerance`), and a
verdict holds only if it holds at the worst of both.

Amounts are exact fractions until they are rounded to the cent; the cents that rounding leaves go to
the largest remainders (Hamilton's method), so that parts add up to the total, in any order of rows.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

import pandas as pd

from comparisons.analysis.shared_services.simulator_inputs import (
    KEYS,
    checked_members,
    checked_number,
)
from comparisons.formatting import format_percent, pluralize
from comparisons.rows import iterate_rows

TOLERANCE = 0.2  # relative margin of every figure, by default
ALONE_NEEDED = (
    "Indiquez ce que chacun paierait seul : sans ce chiffre, la simulation ne peut que donner "
    "raison à la mutualisation."
)
_MAX_AVERAGE_MEMBERS = 500  # largest number of average members computed


@dataclass(frozen=True)
class BreakEven:
    """Number of members from which pooling costs each less than alone (`nombre`; None = never).

    `courbe` has one row per number of members: `nombre`, `ensemble` and `seul` (mean cost of a
    member, in €), `plus_cher` (how many pay no less than alone); each amount is known within
    `tolerance`. `moyenne` tells whether members are of average size. `phrase` says it in French.
    """

    nombre: int | None
    courbe: pd.DataFrame
    moyenne: bool
    phrase: str
    tolerance: float


@dataclass(frozen=True)
class SimulationParameters:
    """The user's figures, checked by `parse_parameters`; in €, as exact fractions."""

    fixed: Fraction
    per_inhabitant: Fraction
    per_user: Fraction
    key: str
    share_equal: Fraction
    alone_fixed: Fraction | None
    tolerance: Fraction


def parse_parameters(
    fixed: float,
    per_inhabitant: float = 0,
    per_user: float = 0,
    key: str = "population",
    share_equal: float = 0.5,
    alone_fixed: float | None = None,
    tolerance: float = TOLERANCE,
) -> SimulationParameters:
    """Check the figures of a simulation.

    Raises `ValueError` (in French) on a figure that cannot be: negative, missing, without end,
    absurdly large.
    """
    if key not in KEYS:
        raise ValueError(f"« {key} » n’est pas une clé de répartition : {', '.join(KEYS)}.")
    total = checked_number(fixed, "Le coût fixe commun")
    return SimulationParameters(
        total,
        checked_number(per_inhabitant, "Le coût par habitant", most=100_000),
        checked_number(per_user, "Le coût par usager", most=10_000_000),
        key,
        checked_number(share_equal, "La part répartie également", most=1),
        None if alone_fixed is None else checked_number(alone_fixed, "Le coût fixe de chacun seul"),
        checked_number(tolerance, "La marge d’incertitude", most=1),
    )


def cost_table(members: pd.DataFrame, parameters: SimulationParameters) -> pd.DataFrame:
    """Return what each member would pay with and without pooling, from the user's figures.

    `members` has `cle`, `nom`, `population` and, where a cost per user is given, `usagers`. Raises
    `ValueError` (in French) for a member without inhabitants, or nobody.

    Returns one row per member, in the order given: `cle`, `nom`, `population`, `usagers`, `seul`
    and `ensemble` (€, to the cent), `gain` (€, negative = pays more), `part` (of the common total,
    0 to 1), `seul_par_habitant`, `ensemble_par_habitant`, `gain_par_habitant` (€), and the bounds
    of the first three (`seul_bas`, `seul_haut`…: a gain is lowest when it costs most together and
    least alone). Without `alone_fixed`, costs alone and gains are missing.
    `attrs["total"]` is the common cost, to which `ensemble` adds up; `attrs["total_seul"]` the sum
    of `seul` (or None); `attrs["tolerance"]`.
    """
    rows = checked_members(members, needs_users=parameters.per_user > 0)
    together, alone = costs(rows, parameters)
    names = list(rows["cle"])
    together_by_key = round_to_total(dict(zip(names, together, strict=True)))
    alone_by_key = None if alone is None else round_to_total(dict(zip(names, alone, strict=True)))
    missing_values = [float("nan")] * len(names)
    total, population = sum(together_by_key.values()), rows["population"].to_numpy()
    table = rows.assign(
        seul=missing_values
        if alone_by_key is None
        else [float(alone_by_key[name]) for name in names],
        ensemble=[float(together_by_key[name]) for name in names],
        gain=missing_values
        if alone_by_key is None
        else [float(alone_by_key[name] - together_by_key[name]) for name in names],
        part=[float(together_by_key[name] / total) if total else float("nan") for name in names],
    )
    for column in ("seul", "ensemble", "gain"):
        table[f"{column}_par_habitant"] = table[column] / population
    low_factor, high_factor = 1 - float(parameters.tolerance), 1 + float(parameters.tolerance)
    for column in ("seul", "ensemble"):
        table[f"{column}_bas"] = (table[column] * low_factor).round(2)
        table[f"{column}_haut"] = (table[column] * high_factor).round(2)
    table["gain_bas"] = table["seul_bas"] - table["ensemble_haut"]
    table["gain_haut"] = table["seul_haut"] - table["ensemble_bas"]
    table.attrs |= {
        "total": float(total),
        "total_seul": None if alone_by_key is None else float(sum(alone_by_key.values())),
        "tolerance": float(parameters.tolerance),
    }
    return table


def costs(
    rows: pd.DataFrame, parameters: SimulationParameters
) -> tuple[list[Fraction], list[Fraction] | None]:
    """Return each member's cost together and alone (None if not given), not rounded.

    `rows` is what `checked_members` gives.
    """
    populations = [Fraction(int(count)) for count in rows["population"]]
    users = [Fraction(int(count)) if pd.notna(count) else Fraction(0) for count in rows["usagers"]]
    total_population = sum(populations)
    equal_share = {"population": Fraction(0), "egal": Fraction(1), "mixte": parameters.share_equal}[
        parameters.key
    ]
    variable_costs = [
        parameters.per_inhabitant * population + parameters.per_user * user_count
        for population, user_count in zip(populations, users, strict=True)
    ]
    shares = [
        equal_share / len(populations) + (1 - equal_share) * population / total_population
        for population in populations
    ]
    together = [
        cost + parameters.fixed * share for cost, share in zip(variable_costs, shares, strict=True)
    ]
    if parameters.alone_fixed is None:
        return together, None
    return together, [cost + parameters.alone_fixed for cost in variable_costs]


def round_to_total(amounts: Mapping[str, Fraction]) -> dict[str, Fraction]:
    """Round amounts to the cent so that they add up to their total, itself rounded.

    What rounding down leaves goes, cent by cent, to the largest remainders; between equals, in the
    order of the keys.
    """
    cents = {name: amount * 100 for name, amount in amounts.items()}
    floors = {name: cost.numerator // cost.denominator for name, cost in cents.items()}
    remaining_cents = round(sum(cents.values())) - sum(floors.values())
    by_remainder = sorted(cents, key=lambda name: (floors[name] - cents[name], name))
    for name in by_remainder[:remaining_cents]:
        floors[name] += 1
    return {name: Fraction(count, 100) for name, count in floors.items()}


def break_even(
    members: pd.DataFrame, parameters: SimulationParameters, average: bool = False
) -> BreakEven:
    """Return from how many members pooling surely costs each of them less than alone.

    Members join in the order given; the answer is the smallest number, of at least two, from which
    on nobody pays as much as alone, even if all costs more together and less alone than was typed,
    up to all of them. With `average`, members are all of the mean
    size of those given, and as many as it takes (500 at most) are tried. Errors are those of
    `cost_table`; without `alone_fixed` there is no answer, and `ValueError` says so.
    """
    if parameters.alone_fixed is None:
        raise ValueError(ALONE_NEEDED)
    rows = checked_members(members, needs_users=parameters.per_user > 0)
    curve = _average_curve(rows, parameters) if average else _curve_of_members(rows, parameters)
    member_count = None
    for row in iterate_rows(curve[::-1]):
        if row.nombre < 2 or row.plus_cher:
            break
        member_count = row.nombre
    margin = float(parameters.tolerance)
    return BreakEven(
        member_count, curve, average, _format_verdict(member_count, curve, average, margin), margin
    )


def _curve_of_members(rows: pd.DataFrame, parameters: SimulationParameters) -> pd.DataFrame:
    rows_by_count = []
    for count in range(1, len(rows) + 1):
        together, alone = costs(rows.head(count), parameters)
        rows_by_count.append(
            (
                count,
                float(sum(together) / count),
                float(sum(alone) / count),
                sum(
                    _is_not_cheaper(together_cost, alone_cost, parameters)
                    for together_cost, alone_cost in zip(together, alone, strict=True)
                ),
            )
        )
    return pd.DataFrame(rows_by_count, columns=["nombre", "ensemble", "seul", "plus_cher"])


def _is_not_cheaper(together: Fraction, alone: Fraction, parameters: SimulationParameters) -> bool:
    """Return whether, at the worst of both bounds, one does not pay less together."""
    return together * (1 + parameters.tolerance) >= alone * (1 - parameters.tolerance)


def _average_curve(rows: pd.DataFrame, parameters: SimulationParameters) -> pd.DataFrame:
    """Build the cost curve for members of average size, by number of members.

    Every allocation key gives the same part: the fixed cost divided by the number of members.
    """
    mean_population = Fraction(int(rows["population"].sum()), len(rows))
    mean_users = Fraction(int(rows["usagers"].sum()), len(rows))
    variable_cost = parameters.per_inhabitant * mean_population + parameters.per_user * mean_users
    break_even_count = (
        int(parameters.fixed / parameters.alone_fixed) + 1 if parameters.alone_fixed else 0
    )
    maximum_count = max(len(rows), 10, min(break_even_count + 3, _MAX_AVERAGE_MEMBERS))
    curve = [
        (
            count,
            float(variable_cost + parameters.fixed / count),
            float(variable_cost + parameters.alone_fixed),
            count
            * _is_not_cheaper(
                variable_cost + parameters.fixed / count,
                variable_cost + parameters.alone_fixed,
                parameters,
            ),
        )
        for count in range(1, maximum_count + 1)
    ]
    return pd.DataFrame(curve, columns=["nombre", "ensemble", "seul", "plus_cher"])


def _format_verdict(
    member_count: int | None, curve: pd.DataFrame, average: bool, tolerance: float
) -> str:
    introduction = f"Avec ces chiffres, à {format_percent(tolerance)} près"
    member_description = "de taille moyenne" if average else "dans l’ordre choisi"
    if member_count is not None:
        return (
            f"{introduction}, mutualiser coûterait moins cher à chacun à partir de "
            f"{member_count} membres "
            f"({member_description}), hors ce que la simulation ne compte pas."
        )
    last_row = curve.iloc[-1]
    tried_text = pluralize(int(last_row["nombre"]), "membre")
    loser_count = int(last_row["plus_cher"])
    if average or loser_count == last_row["nombre"]:
        return (
            f"{introduction}"
            f", rien n’assure que mutualiser coûte moins cher à quelqu’un, jusqu’à {tried_text}."
        )
    if not loser_count:
        return "Il faut au moins deux membres pour mutualiser."
    return (
        f"{introduction}, rien n’assure que "
        f"{pluralize(loser_count, 'membre')} sur {int(last_row['nombre'])} "
        f"{'paie' if loser_count == 1 else 'paient'} moins que seul"
        f"{'' if loser_count == 1 else 's'}"
        f" : une autre clé ou d’autres membres changeraient la réponse."
    )
