"""Files of a comparison: CSV, JSON, XLSX, a zip of tables, PDF, all of the cells of the page.

`comparaison.json`, `colonnes.json` and `complements.json` beside this module describe the columns.
"""

import json

import pandas as pd

from comparisons import tabular_files
from comparisons.analysis.comparison.comparison import Comparison
from comparisons.database.connection import metadata
from comparisons.exports import tables as exports
from comparisons.exports.comparison_notes import About, notes
from comparisons.exports.comparison_workbook import to_workbook
from comparisons.exports.pdf.compiler import comparison_pdf
from comparisons.queries.sources import sources as cited_sources
from comparisons.schema.registry import comparison_tables

MEDIA_TYPES = exports.MEDIA_TYPES | {"pdf": "application/pdf"}
ALL = About()
# Facts that cells come from, in the order of files.
_FACTS = (
    "strategies",
    "priorites",
    "budgets",
    "budgets_comparables",
    "mutualisations",
    "indicateurs",
)


def cells(comparison: Comparison, about: About = ALL) -> pd.DataFrame:
    """Give the long table (columns of `comparaison.json`), as far as a file shows it."""
    names = list(comparison_tables()["comparaison"].columns)
    parts = [comparison.section(name, about.which) for name in about.sections]
    parts = [part for part in parts if len(part)] or [comparison.cells.head(0)]
    return pd.concat(parts, ignore_index=True)[names]


def columns(comparison: Comparison) -> pd.DataFrame:
    """Give what is compared, one row per column (columns of `colonnes.json`)."""
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
    return rows[list(comparison_tables()["colonnes"].columns)]


def tables(comparison: Comparison, about: About = ALL) -> dict[str, pd.DataFrame]:
    """Give the tables of a file by name: cells, columns, the facts behind them, sources, words."""
    facts = {name: comparison.facts[name] for name in _FACTS}
    shown = cells(comparison, about)
    cited = [source for ids in shown["source_ids"] for source in ids]
    for rows in facts.values():
        cited += list(rows["source_id"].dropna()) if "source_id" in rows else []
    sources = cited_sources(list(dict.fromkeys(cited)))
    facts = {"colonnes": columns(comparison), **facts, "sources": sources}
    found = {"cellules": shown}
    found |= {name: exports.with_labels(rows) for name, rows in facts.items()}
    return {**found, "dictionnaire": exports.dictionary(found)}


def workbook(comparison: Comparison, about: About = ALL) -> bytes:
    """Write a workbook: notes, a sheet per section that has rows, then the tables."""
    return to_workbook(comparison, tables(comparison, about), about)


def archive(comparison: Comparison, about: About = ALL) -> bytes:
    """Write a zip of the tables as CSV, with a note in French; byte for byte per dataset."""
    return exports.archive(tables(comparison, about), notes(comparison, about))


def to_json(comparison: Comparison, about: About = ALL) -> bytes:
    """Write version, citation, columns, cells and summary as JSON; null for what is unknown."""
    said = {
        "version": str(metadata()["version"]),
        "citation": exports.citation(),
        "licence": exports.LICENCE,
        "adresse": about.address or None,
        "colonnes": exports.records(columns(comparison)),
        "cellules": exports.records(cells(comparison, about)),
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


def encoded(comparison: Comparison, extension: str, about: About = ALL) -> bytes:
    """Write a comparison in one of `MEDIA_TYPES` (`KeyError` for another)."""
    writers = {
        "csv": lambda: tabular_files.to_csv(cells(comparison, about)),
        "json": lambda: to_json(comparison, about),
        "xlsx": lambda: workbook(comparison, about),
        "zip": lambda: archive(comparison, about),
        "pdf": lambda: comparison_pdf(comparison, about.which, about.address, about.sections),
    }
    return writers[extension]()
