"""The format as the repository that schema.data.gouv.fr harvests, and the check of that repository.

It takes a Data Package at the root, with a README, a change log, a licence, and a folder per Table
Schema that stands on its own: `schema.json`, `exemple-valide.csv`. The Git tag of a version is
`v` and this version, which every file states.
"""

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from comparisons.schema.model import load_format
from comparisons.settings import FORMAT_DIR

_SEMANTIC_VERSION = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)")
# What each schema states besides its columns.
_METADATA = ("name", "title", "description", "version", "created", "lastModified", "homepage",
             "contributors", "licenses", "resources")  # fmt: skip
_FIRST_PUBLISHED = "2026-11-23"  # version 1.0.0
_TEXTS = ("README.md", "CHANGELOG.md", "LICENSE.md")
_SCHEMA, _EXAMPLE, _DESCRIPTOR = "schema.json", "exemple-valide.csv", "datapackage.json"
_LICENCE = (
    "# Licence\n\nCe schéma est publié sous [Licence Ouverte 2.0]"
    "(https://www.etalab.gouv.fr/licence-ouverte-open-licence).\n"
)


def write_repository(folder: Path, homepage: str) -> None:
    """Write the repository of the format in a new folder; `homepage` is its address on the web.

    Raises `FileExistsError` if the folder holds something.
    """
    if folder.exists() and any(folder.iterdir()):
        raise FileExistsError(f"« {folder} » n’est pas vide : donnez un dossier nouveau.")
    draft = folder.with_name(f".{folder.name}.brouillon")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    _write_files(draft, homepage.rstrip("/"))
    if folder.exists():
        folder.rmdir()
    draft.rename(folder)


def _write_files(folder: Path, homepage: str) -> None:
    descriptor = json.loads((FORMAT_DIR / _DESCRIPTOR).read_text(encoding="utf-8"))
    for name in ("README.md", "CHANGELOG.md"):
        shutil.copy(FORMAT_DIR / name, folder / name)
    (folder / "LICENSE.md").write_text(_LICENCE, encoding="utf-8")
    shutil.copytree(FORMAT_DIR / "vocabulaires", folder / "vocabulaires")
    shutil.copytree(FORMAT_DIR / "exemples", folder / "exemples")
    descriptor |= {"homepage": homepage, "version": load_format().version}
    for resource in descriptor["resources"]:
        name = resource["name"]
        place = folder / "schemas" / name
        place.mkdir(parents=True)
        source = json.loads((FORMAT_DIR / resource["schema"]).read_text(encoding="utf-8"))
        schema = _complete_schema(source, descriptor, homepage)
        _write_json(place / _SCHEMA, schema)
        shutil.copy(FORMAT_DIR / "exemples" / "valide" / f"{name}.csv", place / _EXAMPLE)
        resource |= {
            "path": f"schemas/{name}/{_EXAMPLE}",
            "schema": f"schemas/{name}/{_SCHEMA}",
        }
    # a time, for the standard
    _write_json(
        folder / _DESCRIPTOR, descriptor | {"created": f"{descriptor['created']}T00:00:00Z"}
    )


def _complete_schema(schema: dict, descriptor: dict, homepage: str) -> dict:
    """Return a schema with what the catalogue shows of it, before its columns."""
    tagged = f"{homepage}/raw/v{descriptor['version']}/schemas/{schema['name']}"
    stated = {
        "$schema": schema["$schema"],
        "name": schema["name"],
        "title": schema["title"],
        "description": schema["description"],
        "version": descriptor["version"],
        "created": _FIRST_PUBLISHED,
        "lastModified": descriptor["created"],
        "homepage": homepage,
        "path": f"{tagged}/{_SCHEMA}",
        "contributors": descriptor["contributors"],
        "licenses": descriptor["licenses"],
        "keywords": descriptor["keywords"],
        "resources": [
            {"title": "Exemple valide", "name": "exemple-valide", "path": f"{tagged}/{_EXAMPLE}"}
        ],
    }
    return stated | {key: value for key, value in schema.items() if key not in stated}


def _write_json(path: Path, content: dict) -> None:
    text = json.dumps(content, ensure_ascii=False, indent=2)
    path.write_text(f"{text}\n", encoding="utf-8")


def check_repository(folder: Path) -> list[str]:
    """Return what the harvester would refuse in a repository, in French; empty if nothing."""
    missing = [name for name in (_DESCRIPTOR, *_TEXTS) if not (folder / name).is_file()]
    if missing:
        return [f"{name} : le fichier manque à la racine." for name in missing]
    descriptor = json.loads((folder / _DESCRIPTOR).read_text(encoding="utf-8"))
    return [
        *_check_version(folder, descriptor),
        *(problem for resource in descriptor["resources"]
          for problem in _check_schema(folder, resource, descriptor)),
        *_check_examples(folder),
    ]  # fmt: skip


def _check_version(folder: Path, descriptor: dict) -> Iterator[str]:
    version = str(descriptor.get("version", ""))
    if not _SEMANTIC_VERSION.fullmatch(version):
        yield f"{_DESCRIPTOR} : « {version} » n’est pas une version sémantique, comme 1.2.0."
    latest = re.search(r"^## (\S+)", (folder / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    if latest is None or latest[1] != version:
        told = latest[1] if latest else "aucune version"
        yield f"CHANGELOG.md : commence par {told}, alors que la version est {version}."
    if not str(descriptor.get("homepage", "")).startswith("http"):
        yield f"{_DESCRIPTOR} : « homepage » n’est pas une adresse complète (--depot)."


def _check_schema(folder: Path, resource: dict, descriptor: dict) -> Iterator[str]:
    import frictionless  # slow to import

    path = folder / resource["schema"]
    if not path.is_file():
        yield f"{resource['schema']} : le fichier manque."
        return
    schema = json.loads(path.read_text(encoding="utf-8"))
    for key in _METADATA:
        if not schema.get(key):
            yield f"{resource['schema']} : « {key} » manque."
    if schema.get("version") != descriptor.get("version"):
        yield f"{resource['schema']} : sa version n’est pas celle de {_DESCRIPTOR}."
    try:
        frictionless.Schema.from_descriptor(schema)
    except frictionless.FrictionlessException as error:
        yield f"{resource['schema']} : n’est pas un Table Schema ({error.error.note})."


def _check_examples(folder: Path) -> Iterator[str]:
    """Yield what the examples of the package break, foreign keys included."""
    import frictionless

    try:
        report = frictionless.Package(str(folder / _DESCRIPTOR)).validate()
    except frictionless.FrictionlessException as error:
        for reason in error.reasons or [error.error]:
            yield f"{_DESCRIPTOR} : {reason.message}"
        return
    for error in report.errors:
        yield f"{_DESCRIPTOR} : {error.message}"
    for task in report.tasks:
        for error in task.errors:
            yield f"{task.place} : {error.message}"
