"""Files of a comparison: CSV, JSON, XLSX, a zip of tables, PDF, all of the cells of the page.

`comparaison.json`, `colonnes.json` and `complements.json` beside this module describe the columns.
"""

import io
import json
import zipfile
from collections.abc import Iterable
from datetime import date

import pandas as pd

from comparisons import exports, strategies
from comparisons.comparison import Comparison
from comparisons.comparison.notes import About, notes
from comparisons.comparison.workbook import to_workbook
from comparisons.derived import comparison_tables
from comparisons.report import comparison_pdf
from comparisons.text import is_missing
from comparisons.warehouse import metadata

MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "zip": "application/zip",
    "pdf": "application/pdf",
}
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
_README = "README.txt"


def cells(comparison: Comparison, about: About = ALL) -> pd.DataFrame:
    """Give the long table (columns of `comparaison.json`), as far as a file shows it."""
    names = list(comparison_tables()["comparaison"].columns)
    parts = [comparison.section(name, about.which) for name in about.sections]
    parts = [part for part in parts if len(part)] or [comparison.cells.head(0)]
    return pd.concat(parts, ignore_index=True)[names]


def columns(comparison: Comparison) -> pd.DataFrame:
    """Give what is compared, one row per column (columns of `colonnes.json`)."""
    documents = comparison.facts["strategies"]
    shown = documents.drop(columns=["territoire_niveau", "territoire_code"])
    titles = documents.drop_duplicates("strategie_id").set_index("strategie_id")["titre"]
    rows = comparison.columns.drop(columns=["type"]).merge(
        shown.drop(columns=["population"]), on=["cle", "strategie_id"], how="left"
    )
    rows["strategie_lue_titre"] = rows["strategie_lue"].map(titles)
    return rows[list(comparison_tables()["colonnes"].columns)]


def tables(comparison: Comparison, about: About = ALL) -> dict[str, pd.DataFrame]:
    """Give the tables of a file by name: cells, columns, the facts behind them, sources, words."""
    facts = {name: comparison.facts[name] for name in _FACTS}
    shown = cells(comparison, about)
    cited = [source for ids in shown["source_ids"] for source in ids]
    for rows in facts.values():
        cited += list(rows["source_id"].dropna()) if "source_id" in rows else []
    sources = strategies.sources(list(dict.fromkeys(cited)))
    facts = {"colonnes": columns(comparison), **facts, "sources": sources}
    found = {"cellules": shown}
    found |= {name: exports.with_labels(rows) for name, rows in facts.items()}
    return {**found, "dictionnaire": exports.dictionary(found)}


def workbook(comparison: Comparison, about: About = ALL) -> bytes:
    """Write a workbook: notes, a sheet per section that has rows, then the tables."""
    return to_workbook(comparison, tables(comparison, about), about)


def archive(comparison: Comparison, about: About = ALL) -> bytes:
    """Write a zip of the tables as CSV, with a note in French; byte for byte per dataset."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as folder:
        folder.writestr(_member(_README), readme(notes(comparison, about)))
        for name, rows in tables(comparison, about).items():
            folder.writestr(_member(f"{name}.csv"), exports.to_csv(rows))
    return buffer.getvalue()


def _member(name: str) -> zipfile.ZipInfo:
    """Date a file as the data are."""
    day = date.fromisoformat(str(metadata()["date"]))
    info = zipfile.ZipInfo(name, (day.year, day.month, day.day, 0, 0, 0))
    info.compress_type, info.create_system, info.external_attr = (
        zipfile.ZIP_DEFLATED,
        3,
        0o644 << 16,
    )
    return info


def readme(lines: Iterable[tuple[str, str]]) -> str:
    """Write notes as a plain text."""
    return "".join(f"{heading} : {text}\n\n" if heading else "" for heading, text in lines)


def to_json(comparison: Comparison, about: About = ALL) -> bytes:
    """Write version, citation, columns, cells and summary as JSON; null for what is unknown."""
    said = {
        "version": str(metadata()["version"]),
        "citation": exports.citation(),
        "licence": exports.LICENCE,
        "adresse": about.address or None,
        "colonnes": _records(columns(comparison)),
        "cellules": _records(cells(comparison, about)),
        "resume": [
            {"texte": each.texte, "rubrique": each.rubrique, "lignes": list(each.lignes)}
            for each in comparison.statements
            if each.rubrique in about.sections
        ],
    }
    return json.dumps(said, ensure_ascii=False, allow_nan=False).encode("utf-8")


def _records(rows: pd.DataFrame) -> list[dict]:
    return [
        {str(name): _plain(value) for name, value in row.items()}
        for row in rows.astype(object).to_dict("records")
    ]


def _plain(value: object) -> object:
    """Give a value as JSON knows it."""
    if hasattr(value, "__len__") and not isinstance(value, str):
        return list(value)
    return None if is_missing(value) else getattr(value, "item", lambda: value)()


def encoded(comparison: Comparison, extension: str, about: About = ALL) -> bytes:
    """Write a comparison in one of `MEDIA_TYPES` (`KeyError` for another)."""
    writers = {
        "csv": lambda: exports.to_csv(cells(comparison, about)),
        "json": lambda: to_json(comparison, about),
        "xlsx": lambda: workbook(comparison, about),
        "zip": lambda: archive(comparison, about),
        "pdf": lambda: comparison_pdf(comparison, about.which, about.address, about.sections),
    }
    return writers[extension]()
