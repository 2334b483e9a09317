"""Read the published partners, which a line of the short form may name."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pandas as pd

from comparisons.settings import published_dir

PartnerRow = Mapping[str, str]


@dataclass(frozen=True)
class PartnerIndex:
    """Rows of `partenaires`, by identifier and by SIREN, and the `sources` that they cite."""

    by_id: Mapping[str, PartnerRow]
    by_siren: Mapping[str, PartnerRow]
    sources: Mapping[str, PartnerRow]

    def find(self, name: str) -> PartnerRow | None:
        """Return a partner by its SIREN (spaces are ignored) or its identifier, or None."""
        digits = re.sub(r"\s", "", name)
        return self.by_siren.get(digits) or self.by_id.get(name)


def build_partner_index(published: Mapping[str, pd.DataFrame]) -> PartnerIndex:
    """Build the index from published tables (`partenaires`, `sources`; texts)."""
    partners = _records(published, "partenaires")
    return PartnerIndex(
        by_id={row["partenaire_id"]: row for row in partners},
        by_siren={row["siren"]: row for row in partners if row.get("siren")},
        sources={row["source_id"]: row for row in _records(published, "sources")},
    )


def load_partner_index() -> PartnerIndex:
    """Read the partners of the published packages (cached until the files change)."""
    folder = published_dir()
    files = sorted([*folder.glob("*/partenaires.csv"), *folder.glob("*/sources.csv")])
    return _load(tuple((file, file.stat().st_mtime_ns) for file in files))


@lru_cache(maxsize=2)
def _load(files: tuple[tuple[Path, int], ...]) -> PartnerIndex:
    # The modification times are part of the cache key: a changed file is read again.
    tables: dict[str, list[pd.DataFrame]] = {}
    for file, _ in files:
        rows = pd.read_csv(file, dtype="str", keep_default_na=False, encoding="utf-8-sig")
        tables.setdefault(file.stem, []).append(rows)
    return build_partner_index({name: pd.concat(parts) for name, parts in tables.items()})


def _records(published: Mapping[str, pd.DataFrame], table: str) -> list[dict[str, str]]:
    if table not in published:
        return []
    rows = published[table]
    return rows.astype("object").where(rows.notna(), "").to_dict("records")
