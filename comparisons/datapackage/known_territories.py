"""Read the reference of the territories that a package may name."""

from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path

import pandas as pd

from comparisons.formatting import fold
from comparisons.settings import REFERENCE_DIR


@dataclass(frozen=True)
class TerritoryReference:
    """Current territories (level, code), their names, and the current code of former communes."""

    codes: frozenset[tuple[str, str]]
    names: dict[tuple[str, str], str] = field(default_factory=dict)
    former_communes: dict[str, str] = field(default_factory=dict)

    @cached_property
    def codes_by_name(self) -> dict[tuple[str, str], list[str]]:
        """Return the codes of each (level, folded name)."""
        codes: dict[tuple[str, str], list[str]] = {}
        for (level, code), name in self.names.items():
            codes.setdefault((level, fold(name)), []).append(code)
        return codes


def load_territory_reference(reference_dir: Path = REFERENCE_DIR) -> TerritoryReference:
    """Read the territories from the reference data (cached until the files change)."""
    files = (reference_dir / "territoires.csv", reference_dir / "anciennes_communes.csv")
    stamps = tuple(file.stat().st_mtime_ns if file.exists() else 0 for file in files)
    return _load_files(*files, stamps)


@lru_cache(maxsize=2)
def _load_files(
    territories_file: Path, former_communes_file: Path, stamps: tuple[int, ...]
) -> TerritoryReference:
    # The stamps are part of the cache key: a rebuilt file is read again.
    del stamps
    current_rows = _read_columns(territories_file, ["territoire_niveau", "territoire_code", "nom"])
    keys = list(
        zip(current_rows["territoire_niveau"], current_rows["territoire_code"], strict=True)
    )
    current_by_former = {}
    if former_communes_file.exists():
        communes = _read_columns(former_communes_file, ["ancien_code", "commune_code"])
        current_by_former = dict(
            zip(communes["ancien_code"], communes["commune_code"], strict=True)
        )
    return TerritoryReference(
        codes=frozenset(keys),
        names=dict(zip(keys, current_rows["nom"], strict=True)),
        former_communes=current_by_former,
    )


def _read_columns(path: Path, columns: list[str]) -> pd.DataFrame:
    return pd.read_csv(path, dtype="str", usecols=columns, keep_default_na=False)
