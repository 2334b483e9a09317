"""Check that the territories of a package exist."""

from collections.abc import Iterable
from itertools import repeat

import pandas as pd

from comparisons.datapackage.cells import split_codes
from comparisons.datapackage.known_territories import EPCI_DATE
from comparisons.datapackage.problems import WARNING, Problem, quoted
from comparisons.datapackage.reader import Package
from comparisons.datapackage.validation.context import ValidationContext
from comparisons.datapackage.validation.territory_advice import WrittenTerritory, advise
from comparisons.formatting import format_partial_date
from comparisons.rows import iterate_rows
from comparisons.schema.model import vocabulary_codes

# The area of an organisation that works for the whole country: it has no code.
_COUNTRY_LEVEL = "pays"


def check_territories(package: Package, context: ValidationContext) -> Iterable[Problem]:
    """Check every territory (and the département of the seat of a partner)."""
    for table, frame in context.tables():
        if "territoire_code" in table.columns:
            located_rows = frame[frame["territoire_niveau"].isin(vocabulary_codes("niveaux"))]
            pairs = zip(
                located_rows["territoire_niveau"], located_rows["territoire_code"], strict=True
            )
            yield from _unknown_territories(
                context, table.name, "territoire_code", located_rows, pairs
            )
        if "siege_departement" in table.columns:
            pairs = (("departement", code) for code in frame["siege_departement"])
            yield from _unknown_territories(context, table.name, "siege_departement", frame, pairs)
        if "aire_code" in table.columns:
            areas = frame[["aire_niveau", "aire_code"]].assign(
                code=frame["aire_code"].map(split_codes)
            )
            areas = (
                areas[areas["aire_niveau"].isin(vocabulary_codes("niveaux"))]
                .explode("code")
                .fillna("")
            )
            pairs = zip(areas["aire_niveau"], areas["code"], strict=True)
            yield from _unknown_territories(context, table.name, "aire_code", areas, pairs)


def check_incomplete_territories(package: Package, context: ValidationContext) -> Iterable[Problem]:
    """Check for an optional territory of which only the level, or only the code, is given."""
    for table, frame in context.tables():
        for level, code in (("territoire_niveau", "territoire_code"), ("aire_niveau", "aire_code")):
            if level not in table.columns or table.field(level).required:
                continue
            incomplete_rows = frame[(frame[level] == "") != (frame[code] == "")]
            for row in iterate_rows(incomplete_rows[incomplete_rows[level] != _COUNTRY_LEVEL]):
                empty_column = level if getattr(row, level) == "" else code
                value = getattr(row, code if empty_column == level else level)
                yield context.problem(
                    table.name,
                    row.Index,
                    empty_column,
                    "",
                    "territoire-incomplet",
                    f"{quoted(value)} est seul : il faut à la fois le niveau et le code.",
                    f"Remplissez {quoted(empty_column)}, ou videz les deux cellules.",
                )


def check_merged_epci(package: Package, context: ValidationContext) -> Iterable[Problem]:
    """Warn of the intercommunalités that are part of a younger one; a search was of its day."""
    merged = context.territories.merged_epci
    for table, frame in context.tables():
        if "territoire_code" not in table.columns or table.name == "recherches":
            continue
        is_merged = (frame["territoire_niveau"] == "epci") & frame["territoire_code"].isin(merged)
        for line, code in frame["territoire_code"][is_merged].items():
            new_code, new = merged[code]
            yield context.problem(
                table.name,
                line,
                "territoire_code",
                code,
                "epci-fusionnee",
                f"{quoted(code)} ({context.territories.names[('epci', code)]}) est, depuis le "
                f"{format_partial_date(new.since)}, dans {new.name} ({new_code}).",
                "Rien à faire : le tableau de bord décrit les intercommunalités du "
                f"{format_partial_date(EPCI_DATE)}, et garde la ligne sous ce code.",
                WARNING,
            )


def _unknown_territories(
    context: ValidationContext,
    table: str,
    column: str,
    frame: pd.DataFrame,
    pairs: Iterable[tuple[str, str]],
) -> Iterable[Problem]:
    leads = frame["porteur_nom"] if "porteur_nom" in frame else repeat("")
    for line, (level, code), lead in zip(frame.index, pairs, leads, strict=False):
        # An empty code is reported by the check of mandatory cells.
        if code and (level, code) not in context.territories.codes:
            advice = advise(context.territories, WrittenTerritory(level, code, lead))
            yield context.problem(
                table,
                line,
                column,
                code,
                advice.rule,
                advice.message,
                advice.remedy,
                suggestion=advice.suggestion,
                is_certain=advice.is_certain,
            )
