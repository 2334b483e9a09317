"""Validate a package: run all checks and return a report."""

from collections.abc import Mapping
from itertools import chain
from pathlib import Path

import pandas as pd

from comparisons.datapackage.known_territories import TerritoryReference, load_territory_reference
from comparisons.datapackage.problems import limit_problems
from comparisons.datapackage.reader import Package, read_package
from comparisons.datapackage.validation import (
    amounts,
    cells,
    plausibility,
    references,
    replies,
    structure,
)
from comparisons.datapackage.validation import territories as territory
from comparisons.datapackage.validation.context import ValidationContext
from comparisons.datapackage.validation.normalisation import normalise
from comparisons.datapackage.validation.report import Report
from comparisons.datapackage.validation.theme_suggestions import add_theme_suggestions

# In the order of correction: structure, cells, links, plausibility.
_CHECKS = (
    structure.check_columns,
    structure.check_empty_tables,
    cells.check_cells,
    cells.check_formulas,
    cells.check_lists,
    cells.check_siren_checksums,
    territory.check_territories,
    territory.check_incomplete_territories,
    territory.check_merged_epci,
    references.check_keys,
    references.check_references,
    references.check_chains,
    references.check_budget_priorities,
    references.check_cycles,
    amounts.check_parent_strategies,
    amounts.check_parts_within_whole,
    amounts.check_funders_shares,
    replies.check_incomplete_replies,
    replies.check_missing_corrections,
    replies.check_functions,
    replies.check_known_facts,
    plausibility.check_inverted_years,
    plausibility.check_adoption_dates,
    plausibility.check_future_dates,
    plausibility.check_creation_date,
    plausibility.check_package_date,
    plausibility.check_year_range,
    plausibility.check_tiny_amounts,
    plausibility.check_source_dates,
    plausibility.check_repeated_wordings,
    plausibility.check_repeated_themes,
    plausibility.check_self_coverage,
)


def validate(
    package: str | Path | Package,
    territories: TerritoryReference | None = None,
    published: Mapping[str, pd.DataFrame] | None = None,
) -> Report:
    """Check a package (or the one at that path) against the format.

    `territories` defaults to the reference data. `published` gives tables already known,
    which the package may refer to: a new edition names the one that it replaces. The report's
    package holds the normalised cells: it is the one to load.
    """
    sent = package if isinstance(package, Package) else read_package(package)
    reference = territories or load_territory_reference()
    package, reading_problems = normalise(sent, reference)
    context = ValidationContext(package, reference, published or {})
    check_problems = (problem for check in _CHECKS for problem in check(package, context))
    limited = limit_problems(chain(sent.problems, reading_problems, check_problems))
    # located in the uploaded file, which may be a short form
    return Report(
        tuple(sent.in_source_coordinates(add_theme_suggestions(limited, package))),
        package,
        sent.source_tables(),
    )
