"""Editions that were replaced: which one a version of the dataset was, its facts as a package."""

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


def edition_of(version: str) -> Mapping[str, object] | None:
    """Find the edition, replaced since, that was served under a version of the dataset."""
    rows = query(
        "FROM editions WHERE list_contains(versions_servies, $version)", {"version": version}
    )
    return None if rows.empty else rows.iloc[-1].to_dict()


def edition_package(rank: int) -> bytes:
    """Write the facts of an edition as one standard package (zip)."""
    known = list_versions()
    until = known[known["rang"] <= rank].drop_duplicates("paquet", keep="last")
    packages = _packages(until)
    tables, _ = merge_packages(packages)
    edition = known.set_index("rang").loc[rank]
    about = PackageMetadata(
        title=f"Stratoscope, édition {rank} du {format_partial_date(edition['date'])}",
        name=f"stratoscope-edition-{rank}",
        description=f"Édition remplacée depuis. Empreinte de ses faits : {edition['empreinte']}.",
        contributor="Contributeurs de Stratoscope",
        created=str(edition["date"]),
        version=f"{rank}.0.0",
        # loaded again, it would cover the facts that replaced it
        to_publish=False,
    )
    return to_standard_zip(Package(about.name, tables), about)


def _packages(wanted: pd.DataFrame) -> list[Package]:
    """Read the packages of an edition, each in the version that it had then, oldest first."""
    states = set(zip(wanted["paquet"], wanted["version"], strict=True))
    known = [*past_packages(set(wanted["paquet"])), *published_packages()]
    return sorted(
        (p for p in known if (p.name, str(p.descriptor.get("version", ""))) in states),
        key=creation_date,
    )
