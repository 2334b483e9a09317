"""Validate and merge every package that a build loads.

An error in a package of `data/strategies/` stops the build; an external package that is broken, or
that breaks another, is named and left out.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from comparisons.build.history import VersionHistory
from comparisons.datapackage import merge
from comparisons.datapackage.descriptor import DESCRIPTOR
from comparisons.datapackage.known_territories import load_territory_reference
from comparisons.datapackage.merge import (
    LeftOut,
    MergeError,
    PackageFolders,
    Replacement,
    creation_date,
    empty_dataset,
    find_packages,
    merge_package,
    past_packages,
    published_packages,
)
from comparisons.datapackage.reader import Package
from comparisons.datapackage.validation.report import Report
from comparisons.datapackage.validation.validator import validate
from comparisons.formatting import pluralize


class BuildError(Exception):
    """The database cannot be built; the message says why in French, and what to correct."""


class _PackageError(Exception):
    """A package cannot be loaded after those before it."""

    def __init__(self, package: str, message: str) -> None:
        super().__init__(message)
        self.package = package


@dataclass
class LoadedPackages:
    """All the packages merged, the changes of each, and the external ones that are left out.

    `described`, `editions` and `changes` are the tables `paquets`, `editions` and `changements`.
    """

    tables: dict[str, pd.DataFrame] = field(default_factory=empty_dataset)
    described: pd.DataFrame = field(default_factory=pd.DataFrame)
    editions: pd.DataFrame = field(default_factory=pd.DataFrame)
    changes: pd.DataFrame = field(default_factory=pd.DataFrame)
    reports: list[Report] = field(default_factory=list)
    replacements: list[Replacement] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)


def load_packages(progress: Callable[[str], object]) -> LoadedPackages:
    """Validate and merge every package, oldest first: a later one may refer to those before it.

    Raises `BuildError`, in French.
    """
    folders = find_packages()
    _require_descriptors(folders)
    packages = published_packages(folders)
    if not packages:
        raise BuildError(f"Aucun paquet de stratégies dans {merge.STRATEGIES_DIR.name}/.")
    external_names = {folder.name for folder in folders.external}
    left_out = list(folders.left_out)
    while True:
        try:
            loaded = _merge_in_order(packages, progress)
            break
        except _PackageError as error:
            culprit = _external_culprit(packages, error.package, external_names)
            if culprit is None:
                raise BuildError(f"{error}\nRien n’a été remplacé.") from error
            left_out.append(LeftOut(culprit.name, str(error)))
            packages = [package for package in packages if package is not culprit]
    loaded.left_out = left_out
    for external_package in left_out:
        progress(str(external_package))
    current_packages = [report.package for report in loaded.reports]
    past_states = past_packages([package.name for package in current_packages])
    history = VersionHistory()
    for package in sorted([*past_states, *current_packages], key=creation_date):
        history.add(package)
    loaded.editions, loaded.changes = history.editions(), history.changes()
    loaded.described = pd.DataFrame(
        describe_package(
            report.package.name,
            report.package.descriptor,
            len(report.package.tables.get("strategies", ())),
            len(report.warnings),
        )
        for report in loaded.reports
    )
    return loaded


def describe_package(
    name: str, descriptor: Mapping, strategies: int, warnings: int
) -> dict[str, object]:
    """Return the row of the table `paquets` of a package."""
    created = str(descriptor.get("created", ""))
    return {
        "paquet": name,
        "titre": descriptor.get("title", name),
        "version": descriptor.get("version", ""),
        "date": created[:10],
        "annee": int(created[:4] or 0),
        "nb_strategies": strategies,
        "nb_avertissements": warnings,
    }


def _merge_in_order(
    packages: Sequence[Package], progress: Callable[[str], object]
) -> LoadedPackages:
    territory_reference = load_territory_reference()
    loaded = LoadedPackages()
    for package in packages:
        progress(f"Validation de {package.name}…")
        # the first package cannot refer to any other
        report = validate(package, territory_reference, loaded.tables if loaded.reports else {})
        if not report.is_valid:
            raise _PackageError(
                package.name,
                f"Le paquet {package.name} contient des erreurs.\n{report.to_text()}",
            )
        if not creation_date(package):
            raise _PackageError(
                package.name,
                f"Le paquet {package.name} n’a pas de date : donnez « created » dans "
                "datapackage.json, par exemple 2026-11-23T00:00:00Z.",
            )
        progress(f"  valide, {pluralize(len(report.warnings), 'avertissement')}")
        try:
            loaded.tables, _, replaced = merge_package(loaded.tables, report.package)
        except MergeError as error:
            raise _PackageError(package.name, str(error)) from error
        loaded.reports.append(report)
        loaded.replacements += replaced
    return loaded


def _external_culprit(
    packages: Sequence[Package], failed: str, external_names: set[str]
) -> Package | None:
    """Return the external package that failed, else the last one before that which failed."""
    names = [package.name for package in packages]
    until_failed = packages[: names.index(failed) + 1]
    return next((p for p in reversed(until_failed) if p.name in external_names), None)


def _require_descriptors(folders: PackageFolders) -> None:
    """Raise `BuildError` for a package of `data/strategies/` without a descriptor."""
    for folder in folders.own:
        if not (folder / DESCRIPTOR).exists():
            raise BuildError(f"Le paquet {folder.name} n’a pas de datapackage.json : ajoutez-le.")
