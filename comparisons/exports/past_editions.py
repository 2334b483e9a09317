"""Replaced editions: the edition of a dataset version, its facts as a package."""

from collections.abc import Mapping

import pandas as pd

from comparisons.analysis.dataset_changes import list_versions
from comparisons.database.connection import query
from comparisons.datapackage.merge import (
    creation_date,
    merge_packages,
    past_packages,
    published_packages,
)
from comparisons.datapackage.reader import Package
from comparisons.datapackage.writer import PackageMetadata, to_standard_zip
from comparisons.formatting import format_partial_date
from comparisons.lake.snapshots import edition_tables
from comparisons.settings import lake_address


def edition_of(version: str) -> Mapping[str, object] | None:
    """Return the replaced edition that was served under a dataset version, or None.

    The versions of a lake begin with the fingerprint of their edition.
    """
    rows = query(
        "FROM editions WHERE list_contains(versions_servies, $version) "
        "OR (starts_with($version, empreinte || '-') AND rang < (SELECT max(rang) FROM editions)) "
        "ORDER BY rang",
        {"version": version},
    )
    return None if rows.empty else rows.iloc[-1].to_dict()


def edition_package(rank: int) -> bytes:
    """Return the facts of an edition as one standard package (zip)."""
    editions = list_versions()
    tables = edition_tables(rank) if lake_address() else _merge_packages_of(editions, rank)
    edition = editions.set_index("rang").loc[rank]
    metadata = PackageMetadata(
        title=f"Stratoscope, édition {rank} du {format_partial_date(edition['date'])}",
        name=f"stratoscope-edition-{rank}",
        description=f"Édition remplacée depuis. Empreinte de ses faits : {edition['empreinte']}.",
        contributor="Contributeurs de Stratoscope",
        created=str(edition["date"]),
        version=f"{rank}.0.0",
        # once imported, it would override the facts that replaced it
        to_publish=False,
    )
    return to_standard_zip(Package(metadata.name, tables), metadata)


def _merge_packages_of(editions: pd.DataFrame, rank: int) -> dict[str, pd.DataFrame]:
    edition_packages = editions[editions["rang"] <= rank].drop_duplicates("paquet", keep="last")
    return merge_packages(_read_packages(edition_packages))[0]


def _read_packages(package_versions: pd.DataFrame) -> list[Package]:
    """Return the packages of an edition, each in its version of that time, oldest first."""
    states = set(zip(package_versions["paquet"], package_versions["version"], strict=True))
    packages = [*past_packages(set(package_versions["paquet"])), *published_packages()]
    return sorted(
        (
            package
            for package in packages
            if (package.name, str(package.descriptor.get("version", ""))) in states
        ),
        key=creation_date,
    )
