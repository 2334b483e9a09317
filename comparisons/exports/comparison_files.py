"""Files of a comparison: CSV, JSON, XLSX, a zip of tables, PDF, all of the cells of the page.

`comparaison.json`, `colonnes.json` and `complements.json` beside this module describe the columns.
"""

import json

import pandas as pd

from comparisons import tabular_files
from comparisons.analysis.comparison.comparison import Comparison
from comparisons.database.connection import dataset_metadata
from comparisons.exports import tables as exports
from comparisons.exports.comparison_notes import ExportOptions, notes_lines
from comparisons.exports.comparison_workbook import to_workbook
from comparisons.exports.pdf.compiler import comparison_pdf
from comparisons.queries.sources import sources as cited_sources
from comparisons.schema.registry import described_tables

MEDIA_TYPES = exports.MEDIA_TYPES | {"pdf": "application/pdf"}
ALL = ExportOptions()
# Facts that cells come from, in the order of files.
_FACTS = (
    "strategies",
    "priorites",
    "budgets",
    "budgets_comparables",
    "mutualisations",
    "indicateurs",
)


def long_table(comparison: Comparison, about: ExportOptions = ALL) -> pd.DataFrame:
    """Return the long table (columns of `comparaison.json`), as far as a file shows it."""
    names = list(described_tables()["comparaison"].columns)
    parts = [comparison.section(name, about.which) for name in about.sections]
    parts = [part for part in parts if len(part)] or [comparison.cells.head(0)]
    return pd.concat(parts, ignore_index=True)[names]


def columns(comparison: Comparison) -> pd.DataFrame:
    """Return what is compared, one row per column (columns of `colonnes.json`)."""
    documents = comparison.facts["strategies"]
    shown = documents.drop(columns=["territoire_niveau", "territoire_code", "famille"])
    titles = documents.drop_duplicates("strategie_id").set_index("strategie_id")["titre"]
    rows = comparison.columns.drop(columns=["type"]).merge(
        shown.drop(columns=["population"]), on=["cle", "strategie_id"], how="left"
    )
    rows["strategie_lue_titre"] = rows["strategie_lue"].map(titles)
    # of the document whose axes are read
    lists = documents.drop_duplicates("strategie_id").set_index("strategie_id")["liste_axes"]
    rows["liste_axes"] = rows["strategie_lue"].map(lists)
    return rows[list(described_tables()["colonnes"].columns)]


def tables(comparison: Comparison, about: ExportOptions = ALL) -> dict[str, pd.DataFrame]:
    """Return the tables of a file by name.

    Cells, columns, the facts behind them, sources, words.
    """
    facts = {name: comparison.facts[name] for name in _FACTS}
    shown = long_table(comparison, about)
    cited = [source for ids in shown["source_ids"] for source in ids]
    for rows in facts.values():
        cited += list(rows["source_id"].dropna()) if "source_id" in rows else []
    sources = cited_sources(list(dict.fromkeys(cited)))
    facts = {"colonnes": columns(comparison), **facts, "sources": sources}
    found = {"cellules": shown}
    found |= {name: exports.add_labels(rows) for name, rows in facts.items()}
    return {**found, "dictionnaire": exports.data_dictionary(found)}


def comparison_workbook(comparison: Comparison, about: ExportOptions = ALL) -> bytes:
    """Write a workbook: notes, a sheet per section that has rows, then the tables."""
    return to_workbook(comparison, tables(comparison, about), about)


def to_zip(comparison: Comparison, about: ExportOptions = ALL) -> bytes:
    """Write a zip of the tables as CSV, with a note in French; byte for byte per dataset."""
    return exports.to_zip(tables(comparison, about), notes_lines(comparison, about))


def to_json(comparison: Comparison, about: ExportOptions = ALL) -> bytes:
    """Write version, citation, columns, cells and summary as JSON; null for what is unknown."""
    said = {
        "version": str(dataset_metadata()["version"]),
        "citation": exports.citation_sentence(),
        "licence": exports.LICENCE,
        "adresse": about.address or None,
        "colonnes": exports.to_records(columns(comparison)),
        "cellules": exports.to_records(long_table(comparison, about)),
        "resume": [
            {
                "texte": each.texte,
                "rubrique": each.rubrique,
                "lignes": list(each.lignes),
                "portee": each.portee or None,
                "reserves": list(each.reserves),
            }
            for each in comparison.statements
            if each.rubrique in about.sections
        ],
    }
    return json.dumps(said, ensure_ascii=False, allow_nan=False).encode("utf-8")


def encode(comparison: Comparison, extension: str, about: ExportOptions = ALL) -> bytes:
    """Write a comparison in one of `MEDIA_TYPES` (`KeyError` for another)."""
    writers = {
        "csv": lambda: tabular_files.to_csv(long_table(comparison, about)),
        "json": lambda: to_json(comparison, about),
        "xlsx": lambda: comparison_workbook(comparison, about),
        "zip": lambda: to_zip(comparison, about),
        "pdf": lambda: comparison_pdf(comparison, about.which, about.address, about.sections),
    }
    return writers[extension]()
