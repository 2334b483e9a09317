"""The copy of the lake that this process serves: its own database, built from the last snapshot.

It goes on serving the database that it has while the lake is away, and says for how long.
"""

import hashlib
import json
import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow as pa
from pyarrow import csv

from comparisons.build.build import BuildReport, build, computing_files, hash_files
from comparisons.build.history import dataset_fingerprint, rows_checksum
from comparisons.build.packages import LoadedPackages, describe_package
from comparisons.build.start_up import load_site
from comparisons.database.connection import (
    DatabaseMissingError,
    dataset_metadata,
    verify_checksums,
)
from comparisons.lake import tables
from comparisons.lake.connection import ALIAS, Lake, LakeError, open_lake
from comparisons.schema.model import load_format
from comparisons.settings import PROJECT_DIR, replica_dir

# How often a newer snapshot is looked for.
LOOK_SECONDS = 30
# What checks compare new packages with, beside the database.
_COMPARED_TABLES = ("strategies", "priorites", "partenaires", "sources")
# so that pages are not kept waiting by the copy of a large lake
_BUILD_NICENESS = 10
_log = logging.getLogger(__name__)


@dataclass
class ReplicaState:
    """What the last look at the lake gave: its time, and in French why there was none."""

    seen_at: float | None = None
    message: str = ""

    def to_dict(self) -> dict[str, object]:
        """Return the state for `/healthz`: `age_secondes` since the lake was last reached."""
        age = None if self.seen_at is None else round(time.monotonic() - self.seen_at)
        return {"joignable": not self.message, "age_secondes": age, "message": self.message}


STATE = ReplicaState()
_one_look = threading.Lock()


def refresh(progress: Callable[[str], object] = lambda line: None) -> bool:
    """Build the database if it is missing, damaged or older than the lake; return whether it was.

    Raises `LakeError`, or `BuildError`.
    """
    version = newest_version()
    try:
        if dataset_metadata()["version"] == version:
            verify_checksums()
            return False
    except DatabaseMissingError as error:
        progress(str(error))
    build_from_lake(progress=progress)
    return True


def build_from_lake(
    database: Path | None = None, progress: Callable[[str], object] = lambda line: None
) -> BuildReport:
    """Build the database of the last snapshot, whatever is there; return the report.

    Raises `LakeError`, or `BuildError`.
    """
    progress("Lecture du lac…")
    with open_lake() as lake:
        lake.execute("BEGIN")  # all tables of one snapshot
        version = _version(lake)
        loaded = _load(lake)
    _require_whole(loaded)
    report = build(database, progress, load=lambda _: loaded, version=version)
    _write_compared_tables(loaded)
    return report


def newest_version() -> str:
    """Return the version of the dataset that the last snapshot of the lake makes.

    Raises `LakeError`; `STATE` tells how that went.
    """
    try:
        with open_lake() as lake:
            version = _version(lake)
    except LakeError as error:
        STATE.message = str(error)
        raise
    STATE.seen_at, STATE.message = time.monotonic(), ""
    return version


def follow() -> None:
    """Look at the lake once; if it has something newer, build it in a process of its own.

    Never raises: what goes wrong is logged, and said at `/healthz`.
    """
    with _one_look:
        try:
            if newest_version() == _served_version():
                return
            _build_apart()
            _log.info("%s", load_site())
        except LakeError as error:
            STATE.message = str(error)
            _log.warning("La base servie reste celle d’avant. %s", error)
        except Exception:
            STATE.message = "La copie du lac a échoué : voyez le journal du site."
            _log.exception("La base servie reste celle d’avant.")


def _build_apart() -> None:
    """Build the database of the last snapshot in a process of its own, which gives way to pages."""
    command = (sys.executable, "-m", "comparisons", "build")
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, cwd=PROJECT_DIR
    ) as process:
        if hasattr(os, "setpriority"):
            os.setpriority(os.PRIO_PROCESS, process.pid, _BUILD_NICENESS)
        _, error = process.communicate()
    if process.returncode:
        raise LakeError(error.strip() or "La copie du lac s’est arrêtée.")


def _served_version() -> str:
    try:
        return str(dataset_metadata()["version"])
    except DatabaseMissingError:
        return ""


def _version(lake: Lake) -> str:
    """Return the version of a dataset: the fingerprint of its facts, a hash of what computes it."""
    if tables.is_empty(lake):
        raise LakeError(
            "Le lac est vide. Publiez-y un paquet : « python -m comparisons publish PAQUET », ou "
            "ceux de data/strategies/ : « python -m comparisons publish --from-files »."
        )
    edition = tables.last_edition(lake)
    packages = lake.execute(f"SELECT paquet, empreinte FROM {ALIAS}.paquets ORDER BY paquet")
    digest = hashlib.sha256(f"{hash_files(computing_files())} {packages}".encode())
    return f"{edition['empreinte']}-{digest.hexdigest()[:6]}"


def _load(lake: Lake) -> LoadedPackages:
    """Return what a build needs of the last snapshot; its packages were checked when published."""
    editions, changes = tables.read_editions(lake)
    packages = lake.execute(
        "SELECT paquet, descripteur, count(strategie_id), any_value(nb_avertissements) "
        f"FROM {ALIAS}.paquets LEFT JOIN {ALIAS}.strategies USING (paquet) "
        "GROUP BY ALL ORDER BY any_value(cree_le), paquet"
    )
    return LoadedPackages(
        tables={
            name: tables.merged_rows(lake, table) for name, table in load_format().tables.items()
        },
        described=pd.DataFrame(
            describe_package(name, json.loads(descriptor), strategies, warnings)
            for name, descriptor, strategies, warnings in packages
        ),
        editions=editions,
        changes=changes,
    )


def _require_whole(loaded: LoadedPackages) -> None:
    """Raise `LakeError` if the rows are not those whose fingerprint the last edition has."""
    total = sum(rows_checksum(rows, name) for name, rows in loaded.tables.items())
    if dataset_fingerprint(total) != loaded.editions["empreinte"].iloc[-1]:
        raise LakeError(
            "Le lac est abîmé : ses lignes ne sont pas celles qui ont été publiées. Rétablissez "
            "ses fichiers d’après une sauvegarde."
        )


def _write_compared_tables(loaded: LoadedPackages) -> None:
    folder = replica_dir() / "lac"
    folder.mkdir(parents=True, exist_ok=True)
    for name in _COMPARED_TABLES:
        temporary = folder / f".{name}.{os.getpid()}"
        # ten times as fast as pandas
        csv.write_csv(pa.Table.from_pandas(loaded.tables[name], preserve_index=False), temporary)
        os.replace(temporary, folder / f"{name}.csv")
