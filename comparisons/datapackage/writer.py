"""Write a package in its standard form; the same facts always give the same bytes.

Tables are written as the exports of the site, in the order of the rows read: a standard package
that is loaded and exported again is identical.
"""

import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from comparisons import tabular_files
from comparisons.datapackage import package_readme
from comparisons.datapackage.cells import to_typed_frame
from comparisons.datapackage.descriptor import DESCRIPTOR
from comparisons.datapackage.package_date import creation_day, to_datetime
from comparisons.datapackage.reader import Package
from comparisons.datapackage.validation.report import Report
from comparisons.schema.model import load_format
from comparisons.settings import FORMAT_DIR

_DEFAULT_TITLE = "Stratégie numérique territoriale"
_PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
_MAX_NAME_LENGTH = 60
# First and last dates of files in a zip archive.
_ZIP_DATES = (date(1980, 1, 1), date(2107, 12, 31))


class NotPublishableError(Exception):
    """Error of a package with errors or without rows; the message explains it in French."""


@dataclass(frozen=True)
class PackageMetadata:
    """Metadata of a package by its contributor; empty fields are left out, or have a default.

    `created` is the date of the facts (AAAA-MM-JJ, or with a time): the later package wins.
    `contacts` are generic addresses, never a person's.
    `licences` are objects of the Data Package standard; by default, that of the format.
    `to_publish`: the README says how to publish and load the package.
    """

    title: str = ""
    name: str = ""
    description: str = ""
    contributor: str = ""
    contacts: tuple[str, ...] = ()
    created: str = ""
    version: str = "1.0.0"
    licences: tuple[Mapping, ...] = field(default=())
    to_publish: bool = True


def read_metadata(package: Package) -> PackageMetadata:
    """Read the metadata of a package from its descriptor; the default `name` is its own."""
    fields = package.descriptor
    contributors = _list_dicts(fields.get("contributors"))
    contacts = [person for person in contributors if person.get("roles") == ["contact"]]
    authors = [person for person in contributors if person not in contacts]
    return PackageMetadata(
        title=_to_text(fields.get("title")),
        name=_to_text(fields.get("name")) or package.name,
        description=_to_text(fields.get("description")),
        contributor=", ".join(filter(None, (_to_text(person.get("title")) for person in authors))),
        contacts=tuple(filter(None, (_to_text(person.get("email")) for person in contacts))),
        created=_to_text(fields.get("created")),
        version=_to_text(fields.get("version")) or "1.0.0",
        licences=tuple(_list_dicts(fields.get("licenses"))),
    )


def to_standard_zip(source: Report | Package, metadata: PackageMetadata | None = None) -> bytes:
    """Build the standard zip of a package, with its schemas, a README and its licence.

    `metadata` defaults to that of its descriptor. Raises `NotPublishableError` for a report with
    errors, or for a package without rows.
    """
    if isinstance(source, Report):
        if not source.is_valid:
            raise NotPublishableError(
                "Ce paquet contient des erreurs\u00a0: corrigez-les avant de le publier."
            )
        source = source.package
    metadata = metadata or read_metadata(source)
    schemas = {
        f"schemas/{name}.json": (FORMAT_DIR / "schemas" / f"{name}.json").read_bytes()
        for name in _non_empty_tables(source)
    }
    return _write_zip(package_files(source, metadata, "schemas/") | schemas, metadata.created)


def package_files(package: Package, metadata: PackageMetadata, schemas: str) -> dict[str, bytes]:
    """Return the files of a package; `schemas` is the path of the schemas in its descriptor."""
    tables = _non_empty_tables(package)
    if not tables:
        raise NotPublishableError("Ce paquet n’a aucune ligne\u00a0: il n’y a rien à publier.")
    package_descriptor = _build_descriptor(metadata, tables, schemas)
    counts = {name: len(package.tables[name]) for name in tables}
    return {
        DESCRIPTOR: (json.dumps(package_descriptor, ensure_ascii=False, indent=2) + "\n").encode(
            "utf-8"
        ),
        "README.md": package_readme.render_readme(
            package_descriptor, counts, metadata.to_publish
        ).encode("utf-8"),
        "LICENCE.md": package_readme.render_licence(package_descriptor).encode("utf-8"),
        **{f"{name}.csv": to_csv(package, name) for name in tables},
    }


def _non_empty_tables(package: Package) -> list[str]:
    """List the tables that hold at least one row, in the order of the format."""
    return [name for name in load_format().tables if len(package.tables.get(name, ()))]


def to_csv(package: Package, name: str) -> bytes:
    """Build the CSV of a table, as the exports of the site do, in the order of its rows."""
    return tabular_files.to_csv(to_typed_frame(package.tables[name], load_format().tables[name]))


def _build_descriptor(metadata: PackageMetadata, tables: list[str], schemas: str) -> dict:
    """Build the descriptor of a package (Data Package v2)."""
    standard = json.loads((FORMAT_DIR / DESCRIPTOR).read_text(encoding="utf-8"))
    resources = [
        {key: item[key] for key in ("name", "title", "path", "type", "format", "mediatype")}
        | {"encoding": "utf-8", "schema": f"{schemas}{item['name']}.json"}
        for item in standard["resources"]
        if item["name"] in tables
    ]
    title = _to_text(metadata.title) or _DEFAULT_TITLE
    contributor = _to_text(metadata.contributor)
    contributors = [{"title": contributor, "roles": ["creator"]}] if contributor else []
    contributors += [
        {"title": contact, "email": contact, "roles": ["contact"]}
        for contact in map(_to_text, metadata.contacts)
    ]
    return {
        "$schema": _PROFILE,
        "name": safe_name(metadata.name or title),
        "title": title,
        **({"description": _to_text(metadata.description)} if metadata.description else {}),
        "version": _to_text(metadata.version) or "1.0.0",
        **({"created": to_datetime(metadata.created)} if metadata.created else {}),
        "language": "fr",
        "conformeA": f"strategie-numerique-territoriale@{load_format().version}",
        "licenses": [dict(item) for item in metadata.licences] or standard["licenses"],
        **({"contributors": contributors} if contributors else {}),
        "resources": resources,
    }


def safe_name(text: str) -> str:
    """Return a name that is valid for a folder, a file and an identifier: `departement-35`."""
    ascii_text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    name = re.sub(r"[^a-z0-9]+", "-", ascii_text).strip("-")[:_MAX_NAME_LENGTH].strip("-")
    return name or "paquet"


def _list_dicts(value: object) -> list[dict]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _to_text(value: object) -> str:
    """Return a text on one line, without invisible characters; "" for another type."""
    if not isinstance(value, str):
        return ""
    return " ".join(
        "".join(character if character.isprintable() else " " for character in value).split()
    )


def _write_zip(files: Mapping[str, bytes], created: str) -> bytes:
    """Write a zip dated at the creation of the package."""
    day = creation_day(created) or _ZIP_DATES[0]
    day = min(max(day, _ZIP_DATES[0]), _ZIP_DATES[1])
    return tabular_files.zip_bytes(files, day)
