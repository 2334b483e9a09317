"""Read a document from the command line: proposals in a CSV file, and a package of them."""

import io
import json
import re
import zipfile
from pathlib import Path

import pandas as pd

from comparisons.datapackage.merge import MergeError, tables_before
from comparisons.datapackage.validation.report import Report
from comparisons.documents.isolated_read import IsolatedDocument
from comparisons.documents.model import UnreadableDocumentError
from comparisons.documents.package import (
    build_package,
    build_tables,
    check_package,
    describe_left_out,
    describe_missing,
)
from comparisons.documents.proposals import COLUMNS, to_records
from comparisons.documents.reader import MAX_BYTES
from comparisons.documents.reading import Reading
from comparisons.errors import BadRequestError
from comparisons.formatting import pluralize
from comparisons.schema.model import load_format
from comparisons.tabular_files import to_csv

FOUND, NOTHING, UNUSABLE = 0, 1, 2
PROPOSALS_FILE = "propositions.csv"
_MAX_MISSING = 12


def read_document(
    path: Path, territory: str, folder: Path | None, address: str = "", as_json: bool = False
) -> tuple[int, str]:
    """Read a document, write its proposals and a package in a folder; return a code and a text.

    The code is 0 if something is proposed, 1 if nothing is, 2 for an unusable document or folder.
    """
    try:
        reading = IsolatedDocument(_read_file(path), path.name).read(territory)
        records = [dict(record) for record in to_records(reading.rows)]
        report = _write(reading, folder, address)
    except (UnreadableDocumentError, BadRequestError, MergeError) as error:
        return UNUSABLE, str(error)
    except OSError as error:
        return UNUSABLE, f"Impossible d’écrire dans {folder} : {error.strerror}."
    if as_json:
        text = json.dumps(_to_json(reading, records, report), ensure_ascii=False, indent=2)
    else:
        text = _to_text(reading, report, folder)
    return (FOUND if records else NOTHING), text


def _read_file(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_BYTES:
            megabytes = MAX_BYTES // 2**20
            raise UnreadableDocumentError(
                f"{path.name} pèse plus de {megabytes} Mo : réduisez ses images (Fichier › "
                "Exporter), ou n’en gardez que les pages de la stratégie."
            )
        return path.read_bytes()
    except OSError as error:
        raise UnreadableDocumentError(
            f"{path.name or path} n’existe pas, ou ne peut pas être ouvert : vérifiez le chemin et "
            "les droits de lecture."
        ) from error


def _write(reading: Reading, folder: Path | None, address: str) -> Report | None:
    """Write the proposals and their package; return the report on the package, if there is one."""
    tables = build_tables(reading.rows, address=address)
    content = build_package(tables, reading.rows[0].get("titre")) if tables else b""
    report = check_package(content, tables_before(Path(reading.name))) if tables else None
    if folder is None:
        return report
    folder.mkdir(parents=True, exist_ok=True)
    if (folder / PROPOSALS_FILE).exists():
        # tables of an earlier reading would be taken for those of this one
        for name in load_format().tables:
            (folder / f"{name}.csv").unlink(missing_ok=True)
    if content:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            archive.extractall(folder)
    records = pd.DataFrame(to_records(reading.rows), columns=list(COLUMNS))
    (folder / PROPOSALS_FILE).write_bytes(to_csv(records))
    return report


def _to_text(reading: Reading, report: Report | None, folder: Path | None) -> str:
    if not reading.rows:
        return f"{reading.name} : rien n’y ressemble à une stratégie numérique, rien n’est proposé."
    counts: dict[str, int] = {}
    for row in reading.rows:
        counts[row.table] = counts.get(row.table, 0) + 1
    tables = ", ".join(
        f"{pluralize(count, 'ligne')} dans « {name} »" for name, count in counts.items()
    )
    pages = pluralize(reading.page_count, "page")
    lines = [f"{reading.name}, {pages} : {tables}.", f"Propositions : {folder / PROPOSALS_FILE}."]
    if reading.is_scanned:
        lines.append("Pages numérisées, lues par Tesseract : vérifiez chaque chiffre.")
    if left_out := describe_left_out(reading.rows):
        lines.append(f"{left_out} Tout est dans {PROPOSALS_FILE}.")
    missing = [*describe_missing(reading.rows, {}), *missing_facts(report)]
    if missing:
        lines.append("Pour que le paquet soit valide, il reste à remplir :")
        lines += [f"- {text}" for text in missing]
    else:
        lines.append(
            "Le paquet est valide ; chaque fait y est « déduit » tant que nul ne l’a relu."
        )
    return "\n".join(lines)


def missing_facts(report: Report | None) -> list[str]:
    """Return the sentences of the errors of a package, the first ones."""
    errors = report.errors if report else ()
    texts = [f"{error.file}, {error.column} : {error.message}" for error in errors]
    return list(dict.fromkeys(re.sub(r"\s+", " ", text) for text in texts))[:_MAX_MISSING]


def _to_json(reading: Reading, records: list[dict], report: Report | None) -> dict:
    return {
        "document": reading.name,
        "pages": reading.page_count,
        "numerise": reading.is_scanned,
        "propositions": records,
        "paquet": report.to_dict() if report else None,
    }
