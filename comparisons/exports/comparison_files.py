"""Files of a comparison: CSV, JSON, XLSX, zip of tables, PDF, Word, PowerPoint.

`comparaison.json`, `colonnes.json` and `complements.json` in this directory describe the columns.
"""

import pandas as pd

from comparisons import tabular_files
from comparisons.analysis.comparison.comparison import Comparison
from comparisons.exports import table_writers
from comparisons.exports.comparison_notes import ExportOptions, notes_lines
from comparisons.exports.comparison_workbook import to_workbook
from comparisons.exports.office import office_files
from comparisons.exports.office.office_files import report_file
from comparisons.exports.office.report import comparison_report
from comparisons.exports.pdf.compiler import comparison_pdf
from comparisons.queries.sources import sources as cited_sources
from comparisons.schema.registry import described_tables

MEDIA_TYPES = table_writers.MEDIA_TYPES | office_files.MEDIA_TYPES
_ALL = ExportOptions()
# Tables of facts behind the cells, in the order of files.
_FACTS = (
    "strategies",
    "priorites",
    "budgets",
    "budgets_comparables",
    "mutualisations",
    "indicateurs",
)


def long_table(comparison: Comparison, options: ExportOptions = _ALL) -> pd.DataFrame:
    """Return the cells of the selected sections and rows (columns of `comparaison.json`)."""
    names = list(described_tables("comparison")["comparaison"].columns)
    section_tables = [comparison.section(name, options.row_filter) for name in options.sections]
    section_tables = [rows for rows in section_tables if len(rows)] or [comparison.cells.head(0)]
    return pd.concat(section_tables, ignore_index=True)[names]


def columns_table(comparison: Comparison) -> pd.DataFrame:
    """Return one row per column of the comparison (columns of `colonnes.json`)."""
    documents = comparison.facts["strategies"]
    document_columns = documents.drop(columns=["territoire_niveau", "territoire_code", "famille"])
    titles = documents.drop_duplicates("strategie_id").set_index("strategie_id")["titre"]
    rows = comparison.columns.drop(columns=["type"]).merge(
        document_columns.drop(columns=["population"]), on=["cle", "strategie_id"], how="left"
    )
    rows["strategie_lue_titre"] = rows["strategie_lue"].map(titles)
    # of the document whose priorities are read
    axes_lists = documents.drop_duplicates("strategie_id").set_index("strategie_id")["liste_axes"]
    rows["liste_axes"] = rows["strategie_lue"].map(axes_lists)
    return rows[list(described_tables("comparison")["colonnes"].columns)]


def tables(comparison: Comparison, options: ExportOptions = _ALL) -> dict[str, pd.DataFrame]:
    """Return the tables of a file by name: cells, columns, facts, sources, dictionary."""
    facts = {name: comparison.facts[name] for name in _FACTS}
    cells = long_table(comparison, options)
    source_ids = [source for ids in cells["source_ids"] for source in ids]
    for rows in facts.values():
        source_ids += list(rows["source_id"].dropna()) if "source_id" in rows else []
    sources = cited_sources(list(dict.fromkeys(source_ids)))
    facts = {"colonnes": columns_table(comparison), **facts, "sources": sources}
    file_tables = {"cellules": cells}
    file_tables |= {name: table_writers.add_labels(rows) for name, rows in facts.items()}
    return {**file_tables, "dictionnaire": table_writers.data_dictionary(file_tables)}


def comparison_workbook(comparison: Comparison, options: ExportOptions = _ALL) -> bytes:
    """Return a workbook: notes, a sheet per section that has rows, then the tables."""
    return to_workbook(comparison, tables(comparison, options), options)


def to_zip(comparison: Comparison, options: ExportOptions = _ALL) -> bytes:
    """Return a zip of the tables as CSV and a note in French; same bytes for a same dataset."""
    return table_writers.to_zip(tables(comparison, options), notes_lines(comparison, options))


def to_json(comparison: Comparison, options: ExportOptions = _ALL) -> bytes:
    """Return version, citation, columns, cells and summary as JSON; unknown values are null."""
    content = {
        "colonnes": table_writers.to_records(columns_table(comparison)),
        "cellules": table_writers.to_records(long_table(comparison, options)),
        "resume": [
            {
                "texte": statement.texte,
                "rubrique": statement.rubrique,
                "lignes": list(statement.lignes),
                "portee": statement.portee,
                "reserves": list(statement.reserves),
            }
            for statement in comparison.statements
            if statement.rubrique in options.sections
        ],
    }
    return table_writers.to_json(content, options.address)


def encode(comparison: Comparison, extension: str, options: ExportOptions = _ALL) -> bytes:
    """Return a comparison in one of `MEDIA_TYPES`; raise `KeyError` for another."""
    writers = {
        "csv": lambda: tabular_files.to_csv(long_table(comparison, options)),
        "json": lambda: to_json(comparison, options),
        "xlsx": lambda: comparison_workbook(comparison, options),
        "zip": lambda: to_zip(comparison, options),
        "pdf": lambda: comparison_pdf(
            comparison, options.row_filter, options.address, options.sections
        ),
        **{
            office: lambda: report_file(comparison_report(comparison, options), extension)
            for office in ("docx", "pptx")
        },
    }
    return writers[extension]()
