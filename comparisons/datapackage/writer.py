"""A package in its standard form: the same facts always give the same bytes.

Tables are written as the site itself writes them, in the order of the rows read: what was loaded
from a standard package and is exported again is that package.
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
from comparisons.datapackage.reader import DESCRIPTOR, Package
from comparisons.datapackage.validation.report import Report
from comparisons.schema.model import load_format
from comparisons.settings import FORMAT_DIR

DEFAULT_TITLE = "Stratégie numérique territoriale"
_PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
_LONGEST_NAME = 60
# The days that an archive can write.
_ZIP_YEARS = (date(1980, 1, 1), date(2107, 12, 31))
_DAY = re.compile(r"[12]\d{3}-\d\d-\d\d")


class NotPublishableError(Exception):
    """A package with errors has no standard form; the message says so in French."""


@dataclass(frozen=True)
class PackageMetadata:
    """What the contributor says of a package; what is left empty is left out, or has a default.

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
    """Read what the descriptor of a package says of it; its name is the default title."""
    said = package.descriptor
    everyone = _listed(said.get("contributors"))
    contacts = [each for each in everyone if each.get("roles") == ["contact"]]
    people = [each for each in everyone if each not in contacts]
    return PackageMetadata(
        title=_text(said.get("title")),
        name=_text(said.get("name")) or package.name,
        description=_text(said.get("description")),
        contributor=", ".join(filter(None, (_text(each.get("title")) for each in people))),
        contacts=tuple(filter(None, (_text(each.get("email")) for each in contacts))),
        created=_text(said.get("created")),
        version=_text(said.get("version")) or "1.0.0",
        licences=tuple(_listed(said.get("licenses"))),
    )


def to_standard_zip(found: Report | Package, about: PackageMetadata | None = None) -> bytes:
    """Write a package as the standard zip, with its schemas, a README and its licence.

    `about` defaults to what its descriptor says. Raises `NotPublishableError` for a report with
    errors, or for a package in which nothing could be read.
    """
    if isinstance(found, Report):
        if not found.valid:
            raise NotPublishableError(
                "Ce paquet contient des erreurs\u00a0: corrigez-les avant de le publier."
            )
        found = found.package
    about = about or read_metadata(found)
    schemas = {
        f"schemas/{name}.json": (FORMAT_DIR / "schemas" / f"{name}.json").read_bytes()
        for name in non_empty_tables(found)
    }
    return _zipped(package_files(found, about, "schemas/") | schemas, about.created)


def package_files(package: Package, about: PackageMetadata, schemas: str) -> dict[str, bytes]:
    """Write the files of a package; `schemas` is where its descriptor finds those of the format."""
    tables = non_empty_tables(package)
    if not tables:
        raise NotPublishableError("Ce paquet n’a aucune ligne\u00a0: il n’y a rien à publier.")
    described = descriptor(about, tables, schemas)
    counts = {name: len(package.tables[name]) for name in tables}
    return {
        DESCRIPTOR: (json.dumps(described, ensure_ascii=False, indent=2) + "\n").encode("utf-8"),
        "README.md": package_readme.render_readme(described, counts, about.to_publish).encode(
            "utf-8"
        ),
        "LICENCE.md": package_readme.render_licence(described).encode("utf-8"),
        **{f"{name}.csv": to_csv(package, name) for name in tables},
    }


def non_empty_tables(package: Package) -> list[str]:
    """List the tables that hold at least one row, in the order of the format."""
    return [name for name in load_format().tables if len(package.tables.get(name, ()))]


def to_csv(package: Package, name: str) -> bytes:
    """Write a table as the exports of the site do, in the order of its rows."""
    return tabular_files.to_csv(to_typed_frame(package.tables[name], load_format().tables[name]))


def descriptor(about: PackageMetadata, tables: list[str], schemas: str) -> dict:
    """Describe a package (Data Package v2)."""
    standard = json.loads((FORMAT_DIR / DESCRIPTOR).read_text(encoding="utf-8"))
    resources = [
        {key: each[key] for key in ("name", "title", "path", "type", "format", "mediatype")}
        | {"encoding": "utf-8", "schema": f"{schemas}{each['name']}.json"}
        for each in standard["resources"]
        if each["name"] in tables
    ]
    title = _text(about.title) or DEFAULT_TITLE
    contributor = _text(about.contributor)
    people = [{"title": contributor, "roles": ["creator"]}] if contributor else []
    people += [{"title": c, "email": c, "roles": ["contact"]} for c in map(_text, about.contacts)]
    return {
        "$schema": _PROFILE,
        "name": safe_name(about.name or title),
        "title": title,
        **({"description": _text(about.description)} if about.description else {}),
        "version": _text(about.version) or "1.0.0",
        **({"created": to_datetime(about.created)} if about.created else {}),
        "language": "fr",
        "conformeA": f"strategie-numerique-territoriale@{load_format().version}",
        "licenses": [dict(each) for each in about.licences] or standard["licenses"],
        **({"contributors": people} if people else {}),
        "resources": resources,
    }


def safe_name(text: str) -> str:
    """Build a name that is safe as a folder, a file and an identifier: `departement-35`."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    name = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:_LONGEST_NAME].strip("-")
    return name or "paquet"


def to_datetime(created: str) -> str:
    """Write a date as the standard wants it: with a time, midnight if it has none."""
    return f"{created}T00:00:00Z" if _DAY.fullmatch(created) else created


def is_dated(created: str) -> bool:
    """Return whether a text begins with a day of the calendar."""
    try:
        return bool(_DAY.match(created) and date.fromisoformat(created[:10]))
    except ValueError:
        return False


def _listed(value: object) -> list[dict]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _text(value: object) -> str:
    """Return a text on one line, without characters that do not show."""
    if not isinstance(value, str):
        return ""
    return " ".join("".join(c if c.isprintable() else " " for c in value).split())


def _zipped(files: Mapping[str, bytes], created: str) -> bytes:
    """Write a zip dated as its facts are."""
    day = date.fromisoformat(created[:10]) if is_dated(created) else _ZIP_YEARS[0]
    day = min(max(day, _ZIP_YEARS[0]), _ZIP_YEARS[1])
    return tabular_files.zip_bytes(files, day)
