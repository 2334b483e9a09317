"""Build small packages: workbooks, archives, databases of invented strategies."""

import csv
import datetime as dt
import io
import zipfile
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from xml.sax.saxutils import escape

import openpyxl
import pandas as pd
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from comparisons.analysis.peers import distances
from comparisons.build import build
from comparisons.datapackage import merge
from comparisons.datapackage.known_territories import FormerCommune, TerritoryReference
from comparisons.datapackage.validation import plausibility

TERRITORIES = TerritoryReference(
    codes=frozenset(
        {
            ("departement", "01"),
            ("departement", "53"),
            ("region", "52"),
            ("epci", "200055887"),
            ("commune", "53130"),
            ("commune", "53147"),
            ("commune", "01033"),
        }
    ),
    names={
        ("commune", "01033"): "Valserhône",
        ("commune", "53130"): "Laval",
        ("departement", "01"): "Ain",
        ("departement", "53"): "Mayenne",
    },
    former_communes={"01018": FormerCommune("01033")},
    communes_by_postal_code={"53000": ["53130"]},
)


def build_workbook(
    sheets: Mapping[str, Sequence[Sequence[object]]],
    change: Callable[[Worksheet], object] | None = None,
) -> bytes:
    """Build a workbook of these sheets (title → rows), once `change` is applied to each."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
        if change:
            change(sheet)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def build_zip(members: Mapping[str, bytes | str], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Build an archive of these members (path → content)."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


_ODS = """<office:document-content office:version="1.3" {}><office:automatic-styles>
<style:style style:name="h" style:family="table"><style:table-properties table:display="false"/>
</style:style></office:automatic-styles><office:body><office:spreadsheet>{}</office:spreadsheet>
</office:body></office:document-content>"""
_NAMESPACES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for name in ("office", "table", "text", "style", "manifest", "calcext")
)
_ODS_TYPE = "application/vnd.oasis.opendocument.spreadsheet"
_ODS_MANIFEST = (
    f"<manifest:manifest {_NAMESPACES}><manifest:file-entry manifest:full-path='/' "
    f"manifest:media-type='{_ODS_TYPE}'/></manifest:manifest>"
)


def build_ods(
    sheets: Mapping[str, Sequence[Sequence[object]]], hidden: Sequence[str] = ()
) -> bytes:
    """Build a workbook of these sheets (title → rows) as LibreOffice writes it."""
    tables = ""
    for title, rows in sheets.items():
        style = "h" if title in hidden else "v"
        tables += f'<table:table table:name="{title}" table:style-name="{style}">'
        for row in rows:
            tables += f"<table:table-row>{''.join(map(_ods_cell, row))}</table:table-row>"
        tables += '<table:table-row table:number-rows-repeated="1048000"><table:table-cell '
        tables += 'table:number-columns-repeated="16384"/></table:table-row></table:table>'
    content = _ODS.format(_NAMESPACES, tables)
    return build_zip(
        {"mimetype": _ODS_TYPE, "content.xml": content, "META-INF/manifest.xml": _ODS_MANIFEST}
    )


def _ods_cell(value: object) -> str:
    text = "" if value is None else escape(str(value))
    match value:
        case None:
            return "<table:table-cell/>"
        case bool():
            typed = f'"boolean" office:boolean-value="{text.lower()}"'
        case int() | float():
            typed = f'"float" office:value="{text}"'
        case dt.date():
            typed = f'"date" office:date-value="{value.isoformat()}"'
        case str() if value.startswith("#"):
            typed = '"string" office:string-value="" calcext:value-type="error"'
        case _:
            typed = '"string"'
    return f"<table:table-cell office:value-type={typed}><text:p>{text}</text:p></table:table-cell>"


# --- databases of invented strategies -------------------------------------------------------------


def source_row(source_id: str = "s1", **cells: object) -> dict:
    row = {"source_id": source_id, "url": f"https://exemple.fr/{source_id}"}
    row |= {"titre": f"Titre {source_id}", "editeur": "Un éditeur", "type": "institutionnel"}
    return row | {"date_publication": "2026", "consulte_le": "2026-11-01"} | cells


def strategy_row(strategie_id: str, territory: str, type_: str = "sdusn", **cells: object) -> dict:
    """A strategy of a territory: its key, or the code of a département."""
    level, _, code = territory.rpartition("-")
    level = level or "departement"
    row = {"strategie_id": strategie_id, "territoire_niveau": level, "territoire_code": code}
    row |= {"type": type_, "titre": strategie_id, "certitude": "explicite", "source_id": "s1"}
    return row | cells


def amount_row(budget_id: str, strategie_id: str, montant: float, **cells: object) -> dict:
    row = {"budget_id": budget_id, "strategie_id": strategie_id, "montant": montant}
    row |= {"perimetre": "usages", "etape": "vote", "libelle": budget_id}
    return row | {"certitude": "explicite", "source_id": "s1"} | cells


def csv_table(rows: Sequence[Mapping[str, object]]) -> str:
    """Write rows as CSV, with the columns of any of them."""
    text = io.StringIO()
    columns = list(dict.fromkeys(column for row in rows for column in row))
    writer = csv.DictWriter(text, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def build_database(
    path: Path, tables: Mapping[str, Sequence[Mapping[str, object]]], created: str = "2026-11-01"
) -> None:
    """Build the database of one package of these rows, of that day.

    It has no table of peers, and no site is started with it: all else is of the whole country.
    """
    package = path.with_suffix("") / "inventions"
    package.mkdir(parents=True, exist_ok=True)
    (package / "datapackage.json").write_text(f'{{"created": "{created}"}}')
    for name, rows in tables.items():
        (package / f"{name}.csv").write_text(csv_table(rows), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(merge, "STRATEGIES_DIR", package.parent)
        # data of another year than that of the clock
        patch.setattr(plausibility, "latest_day", lambda: date.max)
        patch.setattr(distances, "nearest_peers", lambda rows, level: pd.DataFrame())
        patch.setattr(build, "load_site", str)
        build.build(path)
