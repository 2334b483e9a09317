"""Read the reference of the territories that a package may name, and the codes people write."""

import re
from collections.abc import Iterable, Set
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path

import pandas as pd

from comparisons.datapackage.territory_aliases import bare_name
from comparisons.formatting import fold
from comparisons.rows import iterate_rows
from comparisons.settings import REFERENCE_DIR

# The intercommunalités of the reference are those of that day.
EPCI_DATE = "2025-01-01"
_CODE_LENGTHS = {"region": 2, "departement": 2, "commune": 5, "epci": 9}


@dataclass(frozen=True)
class FormerCommune:
    """What a code was (`ancien_code`, `arrondissement`, `associee` or `deleguee`); today's code."""

    commune_code: str
    kind: str = "ancien_code"


@dataclass(frozen=True)
class NewEpci:
    """An intercommunalité that is younger than the reference: its name, the codes it unites."""

    name: str
    former_codes: tuple[str, ...]
    since: str


@dataclass(frozen=True)
class TerritoryReference:
    """Current territories (level, code), their names and Siren; former and newer codes.

    The communes of a postal code go from the most populous.
    """

    codes: frozenset[tuple[str, str]]
    names: dict[tuple[str, str], str] = field(default_factory=dict)
    former_communes: dict[str, FormerCommune] = field(default_factory=dict)
    code_by_siren: dict[tuple[str, str], str] = field(default_factory=dict)
    new_epci: dict[str, NewEpci] = field(default_factory=dict)
    communes_by_postal_code: dict[str, list[str]] = field(default_factory=dict)

    @cached_property
    def merged_epci(self) -> dict[str, tuple[str, NewEpci]]:
        """Return the code and the description of the younger one that each EPCI is now part of."""
        return {
            former_code: (code, new)
            for code, new in self.new_epci.items()
            for former_code in new.former_codes
        }

    @cached_property
    def codes_by_name(self) -> dict[tuple[str, str], list[str]]:
        """Return the codes of each (level, name without capitals, accents nor kind)."""
        codes: dict[tuple[str, str], list[str]] = {}
        for (level, code), name in self.names.items():
            for text in {fold(name), bare_name(name)}:
                codes.setdefault((level, text), []).append(code)
        return codes

    def find_names(self, level: str, text: str) -> list[str]:
        """Return the codes of the territories of a level that have a name, as people write it."""
        codes = self.codes_by_name
        return codes.get((level, fold(text))) or codes.get((level, bare_name(text)), [])


def read_code(codes: Set[tuple[str, str]], level: str, text: str) -> str:
    """Return the code that a text can only be: « 1 », « 1004.0 », « 2a », « 200 055 887 »; "" else.

    A spreadsheet takes the first zeros of a code, and adds decimals or spaces to it.
    """
    compact = re.sub(r"[.,]0+$", "", "".join(text.upper().split()))
    for code in (compact, compact.zfill(_CODE_LENGTHS.get(level, 2)), compact.lstrip("0")):
        if (level, code) in codes:
            return code
    return ""


def load_territory_reference(reference_dir: Path = REFERENCE_DIR) -> TerritoryReference:
    """Read the territories from the reference data (cached until the files change)."""
    names = ("territoires.csv", "anciennes_communes.csv", "epci_recents.csv", "codes_postaux.csv")
    files = tuple(reference_dir / name for name in names)
    stamps = tuple(file.stat().st_mtime_ns if file.exists() else 0 for file in files)
    return _load_files(*files, stamps)


@lru_cache(maxsize=2)
def _load_files(
    territories_file: Path,
    former_file: Path,
    new_epci_file: Path,
    postal_file: Path,
    stamps: tuple[int, ...],
) -> TerritoryReference:
    # The stamps are part of the cache key: a rebuilt file is read again.
    del stamps
    columns = ["territoire_niveau", "territoire_code", "nom", "siren"]
    # objects: texts are taken one by one
    current = pd.read_csv(territories_file, dtype=object, usecols=columns, keep_default_na=False)
    keys = list(zip(current["territoire_niveau"], current["territoire_code"], strict=True))
    return TerritoryReference(
        codes=frozenset(keys),
        names=dict(zip(keys, current["nom"], strict=True)),
        former_communes={
            row.ancien_code: FormerCommune(row.commune_code, row.nature)
            for row in _read_rows(former_file)
        },
        code_by_siren={
            (level, siren): code
            for (level, code), siren in zip(keys, current["siren"], strict=True)
            if siren
        },
        new_epci=_group_new_epci(_read_rows(new_epci_file)),
        communes_by_postal_code=_group_communes(_read_rows(postal_file)),
    )


def _read_rows(path: Path) -> list:
    if not path.exists():
        return []
    return list(iterate_rows(pd.read_csv(path, dtype=object, keep_default_na=False)))


def _group_communes(rows: Iterable) -> dict[str, list[str]]:
    communes: dict[str, list[str]] = {}
    for row in rows:
        communes.setdefault(row.code_postal, []).append(row.commune_code)
    return communes


def _group_new_epci(rows: Iterable) -> dict[str, NewEpci]:
    epci: dict[str, NewEpci] = {}
    for row in rows:
        former_codes = epci[row.nouveau_code].former_codes if row.nouveau_code in epci else ()
        epci[row.nouveau_code] = NewEpci(
            row.nouveau_nom, (*former_codes, row.ancien_code), row.depuis
        )
    return epci
