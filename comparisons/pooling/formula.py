"""The formula of the simulator, in French, with the user's figures put in."""

import pandas as pd
from babel.numbers import format_decimal

from comparisons.pooling.inputs import checked_members
from comparisons.pooling.simulator import exact_costs, parameters
from comparisons.text import LOCALE, NBSP, number, percent, plural

CAUTION = (
    "Simulation : tous les montants viennent des chiffres que vous avez saisis. Aucun n’est un "
    "fait constaté, ni une offre d’un organisme."
)


def formula(
    members: pd.DataFrame,
    fixed: float,
    per_inhabitant: float = 0,
    per_user: float = 0,
    key: str = "population",
    share_equal: float = 0.5,
    alone_fixed: float | None = None,
) -> str:
    """Write how costs are computed, one line for the whole, one together, one alone.

    Figures and errors are those of `simulator.pooled_cost`.
    """
    p = parameters(fixed, per_inhabitant, per_user, key, share_equal, alone_fixed)
    rows = checked_members(members, needs_users=p.per_user > 0)
    together, _ = exact_costs(rows, p)
    people, count = int(rows["population"].sum()), len(rows)
    terms, own = [f"{_money(p.fixed)} (coût fixe)"], []
    if p.per_inhabitant:
        terms.append(f"{_money(p.per_inhabitant)} × {plural(people, 'habitant')}")
        own.append(f"{_money(p.per_inhabitant)} × ses habitants")
    if p.per_user:
        users = int(rows["usagers"].sum())
        terms.append(f"{_money(p.per_user)} × {plural(users, 'usager')}")
        own.append(f"{_money(p.per_user)} × ses usagers")
    equal = f"÷ {plural(count, 'membre')}"
    by_people = f"× sa population ÷ {plural(people, 'habitant')}"
    if p.key == "egal":
        shared = f"{_money(p.fixed)} {equal}"
    elif p.key == "population":
        shared = f"{_money(p.fixed)} {by_people}"
    else:
        shared = (
            f"{_money(p.fixed)} × {percent(float(p.share_equal), 1)} {equal} + "
            f"{_money(p.fixed)} × {percent(float(1 - p.share_equal), 1)} {by_people}"
        )
    return "\n".join(
        [
            f"Coût commun = {' + '.join(terms)} = {_money(sum(together))}",
            f"Ensemble, chacun paie = {' + '.join([*own, shared])}",
            f"Seul, chacun paierait = {' + '.join([*own, f'{_money(p.alone_fixed)} (coût fixe)'])}",
        ]
    )


def gains_formula(table: pd.DataFrame) -> str:
    """Write how `simulator.shared_gains` computed a fund and shared it."""
    terms = [
        f"{number(volume)} × {_money(unit)} ({kind})"
        for kind, volume, unit, _ in table.attrs["detail"]
    ]
    people = plural(int(table["population"].sum()), "habitant")
    return (
        f"Fonds = {' + '.join(terms)} = {_money(table.attrs['total'])} par an\n"
        f"Part de chacun = {_money(table.attrs['total'])} × sa population ÷ {people}"
    )


def _money(amount: object) -> str:
    """Write an amount whole, or with its cents (and up to four decimals) when it has some."""
    amount = float(amount)
    pattern = "#,##0" if amount == round(amount) else "#,##0.00##" if amount < 1 else "#,##0.00"
    return f"{format_decimal(amount, format=pattern, locale=LOCALE)}{NBSP}€"
