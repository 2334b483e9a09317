"""Publish a package in the lake: validated, then committed whole as one snapshot, or not at all."""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd

from comparisons.build.history import (
    VersionHistory,
    differing_rows,
    index_by_key,
    rows_checksum,
)
from comparisons.build.import_package import read_dated_package
from comparisons.datapackage.merge import (
    MergeError,
    TableChange,
    creation_date,
    find_packages,
    merge_packages,
    past_packages,
    published_packages,
)
from comparisons.datapackage.problems import quoted
from comparisons.datapackage.reader import Package
from comparisons.datapackage.validation.report import Report
from comparisons.datapackage.validation.validator import validate
from comparisons.datapackage.writer import read_metadata
from comparisons.formatting import pluralize
from comparisons.lake import tables
from comparisons.lake.connection import ALIAS, Lake, open_lake
from comparisons.schema.change_kinds import KEY_SEPARATOR
from comparisons.schema.model import load_format

DONE, UNCHANGED, REFUSED, UNUSABLE = "fait", "inchange", "refuse", "inutilisable"


@dataclass(frozen=True)
class Publication:
    """Outcome of a publication, explained by `message` in French; its edition if there is one."""

    outcome: str
    message: str
    edition: int | None = None


class _RefusedError(Exception):
    """A valid package that the lake cannot take; the message says why in French."""


def publish(
    path: str | Path,
    name: str = "",
    author: str = "",
    message: str = "",
    may_replace: bool = False,
    today: date | None = None,
) -> Publication:
    """Publish the package at a path, under a name (by default its own).

    It is checked against the packages before it in the lake. `may_replace`: a package of that name
    is replaced by this one. A package without a date gets that of `today`. Never raises on a bad
    package; raises `LakeError` without a lake.
    """
    package, metadata = read_dated_package(path, name, today)
    if not package.tables:
        return Publication(UNUSABLE, validate(package).to_text())
    with open_lake(for_writing=True) as lake:
        return _publish(
            lake,
            package,
            author or metadata.contributor,
            message or metadata.title or metadata.name,
            may_replace,
        )


def publish_folders(author: str, progress: Callable[[str], object]) -> Publication:
    """Publish every package of `data/strategies/`, after its past states of `data/editions/`.

    Oldest first, each as an edition, as a build would see them; those that the lake has are left.
    Stops at the first that is refused.
    """
    packages = published_packages(find_packages())
    past_states = past_packages([package.name for package in packages])
    with open_lake(for_writing=True) as lake:
        for package in sorted([*past_states, *packages], key=creation_date):
            if creation_date(package) <= _published_state(lake, package.name)[0]:
                progress(f"{package.name} {creation_date(package)[:10]} : déjà dans le lac.")
                continue
            metadata = read_metadata(package)
            publication = _publish(
                lake,
                package,
                author or metadata.contributor,
                f"{metadata.title or package.name}, version {metadata.version}",
                may_replace=True,
                # what was valid when it was published may break a rule that is younger
                is_checked=any(package is state for state in past_states),
            )
            progress(publication.message)
            if publication.outcome not in (DONE, UNCHANGED):
                return publication
    return Publication(DONE, "Le lac a tous les paquets de data/strategies/.")


def _publish(
    lake: Lake,
    package: Package,
    author: str,
    message: str,
    may_replace: bool,
    is_checked: bool = False,
) -> Publication:
    while True:
        seen = _last_rank(lake)
        report = Report((), package, package)
        if not is_checked:
            report = validate(package, published=_tables_before(lake, package))
        if not report.is_valid:
            return Publication(REFUSED, report.to_text())
        if not any(len(rows) for rows in report.package.tables.values()):
            return Publication(REFUSED, "Ce paquet n’a aucune ligne : il n’y a rien à publier.")
        try:
            with lake.only_publisher(), lake.transaction():
                tables.create_tables(lake)
                if _has_retired_rows_since(lake, seen):
                    continue  # what the package refers to may be gone: it is checked again
                return _commit(lake, report, (author, message), may_replace)
        except (MergeError, _RefusedError) as error:
            return Publication(REFUSED, str(error))


def _commit(
    lake: Lake, report: Report, signature: tuple[str, str], may_replace: bool
) -> Publication:
    """Write a valid package and its edition in the open transaction."""
    package = report.package
    digest = _digest(package)
    created, published_digest = _published_state(lake, package.name)
    if published_digest == digest:
        return Publication(UNCHANGED, f"{package.name} : le lac a déjà ce paquet, à l’identique.")
    if created and not may_replace:
        raise _RefusedError(
            f"Le lac a déjà un paquet {quoted(package.name)}. Choisissez un autre nom avec --nom "
            "ou, si c’est son nouvel état, ajoutez --remplacer."
        )
    if creation_date(package) < created:
        raise _RefusedError(
            f"Ce paquet est du {creation_date(package)[:10]}, celui qu’il remplacerait du "
            f"{created[:10]}. Corrigez « created » dans datapackage.json."
        )
    touching = tables.rows_touching(lake, package, bool(created))
    others = [other for other in touching if other.name != package.name]
    before, _ = merge_packages(touching)
    after, replacements = merge_packages(
        sorted([*others, package], key=lambda each: (creation_date(each), each.name))
    )
    changes = {name: differing_rows(before[name], after[name]) for name in after}
    changed = {name: rows for name, rows in changes.items() if len(rows.removed) or len(rows.added)}
    tables.write_package(lake, package, len(report.warnings), digest)
    if changed or not created:
        _write_edition(lake, package, changed)
    rank = int(tables.last_edition(lake)["rang"])
    _require_references(lake, before, after)
    details = json.dumps({"edition": rank, "paquet": package.name}, ensure_ascii=False)
    lake.execute(f"CALL {ALIAS}.set_commit_message(?, ?, extra_info => ?)", [*signature, details])
    replaced = sum(replacement.package == package.name for replacement in replacements)
    row_count = sum(map(len, package.tables.values()))
    return Publication(
        DONE,
        f"{package.name} est publié : édition {rank}, {pluralize(row_count, 'ligne')}, dont "
        f"{replaced} à la place de celles d’un paquet précédent ; "
        f"{pluralize(len(report.warnings), 'avertissement')}.",
        rank,
    )


def _write_edition(lake: Lake, package: Package, changed: Mapping[str, TableChange]) -> None:
    """Write the edition that a package makes by changing these rows."""
    last = tables.last_edition(lake)
    all_tables = load_format().tables
    added = {
        name: set(index_by_key(rows.added, all_tables[name]).index)
        for name, rows in changed.items()
    }
    history = VersionHistory(
        int(last.get("rang", 0)),
        int(last.get("somme", 0)),
        int(last.get("nb_lignes", 0)),
        tables.removed_keys(lake, added) if last else {},
    )
    history.record(package, changed)
    tables.write_edition(lake, history.editions(), history.changes(), history.content)


def _require_references(
    lake: Lake, before: Mapping[str, pd.DataFrame], after: Mapping[str, pd.DataFrame]
) -> None:
    """Raise `_RefusedError` if a row in force names one that the package takes away."""
    for table in load_format().tables.values():
        for foreign_key in table.foreign_keys:
            column, target = foreign_key.fields[0], foreign_key.reference[0]
            gone = set(before[foreign_key.table][target]) - set(after[foreign_key.table][target])
            if not gone:
                continue
            with lake.registered("disparus", pd.DataFrame({"cle": sorted(gone)})):
                rows = tables.merged_rows(
                    lake, table, condition=f'"{column}" IN (SELECT cle FROM disparus)'
                )
            if len(rows):
                raise _RefusedError(
                    f"Ce paquet retire {quoted(rows[column].iloc[0])} de la table "
                    f"{foreign_key.table}, que la table {table.name} d’un autre paquet nomme "
                    f"({pluralize(len(rows), 'ligne')}). Gardez-le, ou corrigez d’abord l’autre."
                )


def _tables_before(lake: Lake, package: Package) -> dict[str, pd.DataFrame]:
    """Return what a package may refer to: rows in force of the packages before it, as texts."""
    before = (creation_date(package), package.name)
    if tables.is_empty(lake) or not lake.execute(
        f"FROM {ALIAS}.paquets WHERE (cree_le, paquet) < (?, ?) LIMIT 1", before
    ):
        return {}
    all_tables = load_format().tables
    referenced = {key.table for table in all_tables.values() for key in table.foreign_keys}
    published = {
        name: tables.merged_rows(lake, all_tables[name], before=before) for name in referenced
    }
    # by far the largest table: only those that an amount may finance, or a reply be about
    with lake.registered("citees", _strategies_named(package)):
        published["priorites"] = tables.merged_rows(
            lake,
            all_tables["priorites"],
            before=before,
            condition="strategie_id IN (SELECT strategie_id FROM citees)",
        )
    return published


def _strategies_named(package: Package) -> pd.DataFrame:
    """Return the identifiers (`strategie_id`) of strategies whose priorities a package names."""
    amounts = package.tables.get("budgets", pd.DataFrame({"strategie_id": []}))
    replies = package.tables.get("reponses", pd.DataFrame({"fait": []}))
    facts = replies["fait"].astype("str").str.split(KEY_SEPARATOR).str[0]
    named = pd.concat([amounts["strategie_id"].astype("str"), facts])
    return named.drop_duplicates().to_frame("strategie_id")


def _last_rank(lake: Lake) -> int:
    return 0 if tables.is_empty(lake) else int(tables.last_edition(lake)["rang"])


def _has_retired_rows_since(lake: Lake, rank: int) -> bool:
    return bool(
        lake.execute(
            f"FROM {ALIAS}.editions WHERE rang > ? AND nb_lignes_retirees > 0 LIMIT 1", [rank]
        )
    )


def _published_state(lake: Lake, name: str) -> tuple[str, str]:
    """Return the date and the digest of the package of a name in the lake, "" if it has none."""
    if tables.is_empty(lake):
        return "", ""
    rows = lake.execute(f"SELECT cree_le, empreinte FROM {ALIAS}.paquets WHERE paquet = ?", [name])
    return rows[0] if rows else ("", "")


def _digest(package: Package) -> str:
    """Return a hash of the descriptor and of the rows of a package, in any order."""
    sums: Iterable[int] = (rows_checksum(rows, name) for name, rows in package.tables.items())
    content = json.dumps([package.descriptor, sum(sums)], sort_keys=True, default=dict)
    return hashlib.sha256(content.encode()).hexdigest()
