"""Find the files of a package, and read its descriptor (datapackage.json)."""

import json
from collections.abc import Mapping
from pathlib import PurePosixPath

from comparisons.datapackage.archive import (
    FileContents,
    canonical_path,
    is_safe_path,
    readable_files,
)
from comparisons.datapackage.problems import Problem, file_problem, quoted
from comparisons.datapackage.short_form.table import SHEET
from comparisons.schema.model import load_format

DESCRIPTOR = "datapackage.json"
SHORT_FORM_FILE = f"{SHEET}.csv"


def root_folder(files: FileContents) -> str:
    """Find the folder of the tables: an archive often wraps them in one more folder."""
    paths_by_depth = sorted(files, key=lambda path: (path.count("/"), path))
    for file_name in (
        DESCRIPTOR,
        SHORT_FORM_FILE,
        *(f"{table}.csv" for table in load_format().tables),
    ):
        for path in paths_by_depth:
            if PurePosixPath(path).name == file_name:
                return path.removesuffix(file_name)
    tables = [path for path in paths_by_depth if path in readable_files(files)]
    return tables[0].removesuffix(PurePosixPath(tables[0]).name) if tables else ""


def known_files() -> set[str]:
    """Return the names that the files of a package have in the format."""
    return {f"{table}.csv" for table in load_format().tables} | {SHORT_FORM_FILE, DESCRIPTOR}


def read_descriptor(files: FileContents, root: str, problems: list[Problem]) -> dict:
    """Return the descriptor of a package, empty if it has none that can be read."""
    if root + DESCRIPTOR not in files:
        return {}
    try:
        descriptor = json.loads(files[root + DESCRIPTOR]().decode("utf-8-sig"))
        if isinstance(descriptor, dict):
            return descriptor
    except (ValueError, RecursionError):
        pass
    problems.append(
        file_problem(
            DESCRIPTOR,
            "descripteur-illisible",
            "Le descripteur n’est pas un objet JSON lisible.",
            "Corrigez-le (un validateur JSON montre la ligne), ou retirez-le : "
            "les tables suffisent.",
        )
    )
    return {}


def resource_paths(descriptor: Mapping, problems: list[Problem]) -> dict[str, str]:
    """Return the path of each table in the descriptor; unsafe ones are told."""
    paths = {}
    resources = descriptor.get("resources")
    for resource in resources if isinstance(resources, list) else []:
        if not isinstance(resource, dict):
            continue
        table, path = resource.get("name"), resource.get("path")
        if table not in load_format().tables or not isinstance(path, str):
            continue
        if is_safe_path(path):
            paths[table] = canonical_path(PurePosixPath(path).as_posix(), known_files())
        else:
            problems.append(
                file_problem(
                    DESCRIPTOR,
                    "chemin-dangereux",
                    f"Le chemin {quoted(path)} sort du paquet : il n’a pas été suivi.",
                    "Donnez un chemin relatif, à l’intérieur du paquet.",
                    value=path,
                )
            )
    return paths
