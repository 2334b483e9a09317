"""Check a package: each fault with its place, what was expected and how to mend it."""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from comparisons.packages import Package, read_package
from comparisons.problems import Problem, capped
from comparisons.validation import cell_checks, links, money, plausibility, structure, territory
from comparisons.validation.context import Context
from comparisons.validation.report import Report
from comparisons.validation.territory import KnownTerritories, load_known_territories

__all__ = ["KnownTerritories", "Problem", "Report", "load_known_territories", "validate"]

# In the order in which a person mends a file: its shape, its cells, its links, its sense.
CHECKS = (
    structure.check_columns,
    structure.check_empty_tables,
    cell_checks.check_cells,
    cell_checks.check_lists,
    cell_checks.check_sirens,
    territory.check_territories,
    links.check_keys,
    links.check_references,
    links.check_budget_priorities,
    links.check_loops,
    money.check_parent_strategies,
    money.check_parts,
    money.check_funders_shares,
    plausibility.check_inverted_years,
    plausibility.check_adoption_dates,
    plausibility.check_far_years,
    plausibility.check_source_dates,
    plausibility.check_repeated_wordings,
    plausibility.check_repeated_themes,
    plausibility.check_own_coverage,
)


def validate(
    package: str | Path | Package,
    territories: KnownTerritories | None = None,
    published: Mapping[str, pd.DataFrame] | None = None,
) -> Report:
    """Check a package (or the one at that path) against the format.

    `territories` defaults to the reference data. `published` gives tables already known,
    which the package may refer to: a new edition names the one that it replaces.
    """
    if not isinstance(package, Package):
        package = read_package(package)
    context = Context(
        package=package,
        territories=territories or load_known_territories(),
        published=published or {},
    )
    found = (problem for check in CHECKS for problem in check(package, context))
    return Report(tuple(capped([*package.problems, *found])), package)
