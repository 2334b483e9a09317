"""A simulation from the address of its page: its members, its figures, what each would pay."""

from dataclasses import dataclass

import pandas as pd

from comparisons.analysis.shared_services import simulator
from comparisons.page_parameters import SharedServicesParameters
from comparisons.queries.territories import load_territories


@dataclass(frozen=True)
class Simulation:
    """A simulation: members, checked figures, costs of each; the break-even where it is asked."""

    members: pd.DataFrame
    parameters: simulator.SimulationParameters
    costs: pd.DataFrame
    break_even: simulator.BreakEven | None

    @property
    def title(self) -> str:
        """Return what the costs are, in French."""
        has_alone_cost = self.parameters.alone_fixed is not None
        return f"Coût de chacun, {'seul et ensemble' if has_alone_cost else 'ensemble'}"


def simulate(view: SharedServicesParameters) -> Simulation:
    """Compute the simulation of a view; raises `ValueError` (in French) for figures that cannot be.

    With two members and the cost of one alone, it has a break-even.
    """
    if not view.fixe:
        raise ValueError("Le coût fixe commun n’est pas donné (« fixe »).")
    members = load_territories(view.t)[["cle", "nom", "population"]]
    members = members.assign(usagers=_estimate_users(view, members))
    alone_fixed = parse_number(view.seul)
    parameters = simulator.parse_parameters(
        parse_number(view.fixe),
        parse_number(view.par_habitant) or 0,
        parse_number(view.par_usager) or 0,
        view.cle,
        int(view.part_egale) / 100,
        alone_fixed,
        int(view.tolerance) / 100,
    )
    costs = simulator.cost_table(members, parameters)
    has_break_even = len(members) > 1 and alone_fixed is not None
    break_even = simulator.break_even(members, parameters) if has_break_even else None
    return Simulation(members, parameters, costs, break_even)


def parse_number(text: str) -> float | None:
    """Read a figure of an address; None if it is empty."""
    return float(text.replace(",", ".")) if text else None


def _estimate_users(view: SharedServicesParameters, members: pd.DataFrame) -> pd.Series:
    rate = parse_number(view.usagers)
    if rate is None:
        return pd.Series(pd.NA, index=members.index, dtype="Int64")
    return (members["population"] * rate / 1000).round().astype("Int64")
