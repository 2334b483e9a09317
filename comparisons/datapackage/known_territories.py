"""The territories that a package may name."""

from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path

import pandas as pd

from comparisons.datapackage.validation.value_parser import fold
from comparisons.settings import REFERENCE_DIR


@dataclass(frozen=True)
class TerritoryReference:
    """Codes of today, their names, and the communes of yesterday with today's code."""

    codes: frozenset[tuple[str, str]]
    names: dict[tuple[str, str], str] = field(default_factory=dict)
    former_communes: dict[str, str] = field(default_factory=dict)

    @cached_property
    def by_name(self) -> dict[tuple[str, str], list[str]]:
        """Return the codes that bear a name at a level; the name is folded."""
        found: dict[tuple[str, str], list[str]] = {}
        for (level, code), name in self.names.items():
            found.setdefault((level, fold(name)), []).append(code)
        return found


def load_territory_reference(reference_dir: Path = REFERENCE_DIR) -> TerritoryReference:
    """Read the territories from the reference data (kept for as long as the files stay)."""
    files = (reference_dir / "territoires.csv", reference_dir / "anciennes_communes.csv")
    stamps = tuple(file.stat().st_mtime_ns if file.exists() else 0 for file in files)
    return _load(*files, stamps)


@lru_cache(maxsize=2)
def _load(territories: Path, former: Path, stamps: tuple[int, ...]) -> TerritoryReference:
    # The stamps are there for the cache: a rebuilt file is read again.
    del stamps
    today = _read(territories, ["territoire_niveau", "territoire_code", "nom"])
    keys = list(zip(today["territoire_niveau"], today["territoire_code"], strict=True))
    yesterday = {}
    if former.exists():
        communes = _read(former, ["ancien_code", "commune_code"])
        yesterday = dict(zip(communes["ancien_code"], communes["commune_code"], strict=True))
    return TerritoryReference(
        codes=frozenset(keys),
        names=dict(zip(keys, today["nom"], strict=True)),
        former_communes=yesterday,
    )


def _read(path: Path, columns: list[str]) -> pd.DataFrame:
    return pd.read_csv(path, dtype="str", usecols=columns, keep_default_na=False)
