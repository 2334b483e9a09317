"""Build a package of the format from proposals, `certitude` deduced until a person confirms."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

import pandas as pd

from comparisons.datapackage.package_date import creation_day
from comparisons.datapackage.reader import Package, read_upload
from comparisons.datapackage.validation.report import Report
from comparisons.datapackage.validation.validator import validate
from comparisons.datapackage.writer import PackageMetadata, safe_name, to_standard_zip
from comparisons.documents.proposals import LEVEL_COLUMN, LEVELS, ProposedRow
from comparisons.formatting import pluralize
from comparisons.schema.model import Table, load_format

DEDUCED = "deduit"
# A row without one of these is a proposal still, and no row of a package.
_NEEDED = {
    "mutualisations": ("partenaire_id", "territoire_code", "role", "service"),
    "indicateurs": ("territoire_code", "indicateur", "libelle", "unite", "nature", "valeur"),
    "budgets": ("montant", "perimetre", "etape", "libelle"),
    "priorites": ("intitule",),
}
_MAX_ID = 80


def build_tables(
    rows: Sequence[ProposedRow], certainty: str = DEDUCED, address: str = ""
) -> dict[str, pd.DataFrame]:
    """Build the tables of the format, as texts, from proposed rows.

    Axes of a lower level than the first are left out: the format holds one list of priorities.
    """
    strategies = [_texts(row) for row in rows if row.table == "strategies"][:1]
    if not strategies:
        return {}
    identifier = _strategy_id(strategies[0])
    source_id = f"{identifier}-document"
    fact = {"certitude": certainty, "source_id": source_id, "strategie_id": identifier}
    source = next((_texts(row) for row in rows if row.table == "sources"), {})
    tables: dict[str, list[dict[str, str]]] = {
        "strategies": [strategies[0] | fact],
        "priorites": [
            axis | fact | {"rang": str(rank)} for rank, axis in enumerate(_top_axes(rows), start=1)
        ],
        "budgets": [row | fact for row in _amounts(rows, identifier)],
        "mutualisations": [row | fact for row in _distinct(rows, "mutualisations")],
        "indicateurs": [row | fact for row in _distinct(rows, "indicateurs")],
        "sources": [
            {"type": "institutionnel", "consulte_le": date.today().isoformat()}
            | source
            | {"source_id": source_id}
            | ({"url": address} if address else {})
        ],
    }
    formats = load_format().tables
    return {name: _to_frame(formats[name], each) for name, each in tables.items() if each}


def describe_missing(rows: Sequence[ProposedRow], tables: Mapping[str, pd.DataFrame]) -> list[str]:
    """List what rows, or the tables made of them, lack to be whole, in French sentences."""
    counts: Counter[tuple[str, str]] = Counter()
    for row in rows:
        counts.update((row.table, name) for name in _NEEDED.get(row.table, ()) if not row.get(name))
    formats = load_format().tables
    for table, frame in tables.items():
        for name in formats[table].required_columns:
            counts[table, name] += int((frame[name] == "").sum())
    titles = {(name, each.name): each.title for name in formats for each in formats[name].fields}
    return [
        f"{formats[table].title} : {pluralize(count, 'ligne')} sans « {titles[table, name]} »"
        for (table, name), count in counts.items()
        if count
    ]


def build_package(tables: Mapping[str, pd.DataFrame], title: str) -> bytes:
    """Build the zip of a package from its tables."""
    identifier = tables["strategies"]["strategie_id"].iloc[0]
    metadata = PackageMetadata(
        title=title, name=safe_name(identifier), created=date.today().isoformat(), to_publish=False
    )
    assert creation_day(metadata.created)
    return to_standard_zip(Package(identifier, dict(tables)), metadata)


def check_package(content: bytes, published: Mapping[str, pd.DataFrame]) -> Report:
    """Validate the zip of a package; its errors are what is missing for it to be valid."""
    return validate(read_upload(content, "paquet.zip"), published=published)


def _strategy_id(strategy: Mapping[str, str]) -> str:
    year = (strategy.get("date_adoption") or strategy.get("annee_debut") or "")[:4]
    parts = ("territoire_niveau", "territoire_code", "type")
    return (
        "-".join(filter(None, [*(strategy.get(part, "") for part in parts), year])) or "strategie"
    )


def _texts(row: ProposedRow) -> dict[str, str]:
    return {column: value.text for column, value in row.values.items()}


def _top_axes(rows: Iterable[ProposedRow]) -> list[dict[str, str]]:
    axes = [row for row in rows if row.table == "priorites" and row.get("intitule")]
    top = top_level(axes)
    return [_texts(row) for row in axes if row.get(LEVEL_COLUMN) == top]


def top_level(rows: Iterable[ProposedRow]) -> str:
    """Return the highest level of the axes among some rows, "" if there is none."""
    present = {row.get(LEVEL_COLUMN) for row in rows if row.table == "priorites"}
    return next((level for level in LEVELS if level in present), "")


def describe_left_out(rows: Iterable[ProposedRow]) -> str:
    """Return the sentence about the axes that no package holds, "" if it holds all of them."""
    rows = [row for row in rows if row.table == "priorites"]
    top = top_level(rows)
    count = sum(row.get(LEVEL_COLUMN) != top for row in rows)
    if not count:
        return ""
    each = pluralize(count, "ligne d’un niveau inférieur", "lignes de niveaux inférieurs")
    return f"Le format ne tient qu’un niveau de priorités ({top}) ; hors du paquet : {each}."


def _amounts(rows: Iterable[ProposedRow], identifier: str) -> list[dict[str, str]]:
    amounts = [row for row in rows if row.table == "budgets" and _is_whole(row)]
    ids = {row.key: f"{identifier[:_MAX_ID]}-b{rank}" for rank, row in enumerate(amounts, start=1)}
    return [
        _texts(row)
        | {"budget_id": ids[row.key], "inclus_dans": ids.get(row.get("inclus_dans"), "")}
        for row in amounts
    ]


def _distinct(rows: Iterable[ProposedRow], table: str) -> list[dict[str, str]]:
    """Return the whole rows of a table, one for each key of the format."""
    keys = load_format().tables[table].primary_key
    found: dict[tuple, dict[str, str]] = {}
    for row in rows:
        if row.table == table and _is_whole(row):
            texts = _texts(row)
            found.setdefault(tuple(texts.get(key, "") for key in keys), texts)
    return list(found.values())


def _is_whole(row: ProposedRow) -> bool:
    return all(row.get(column) for column in _NEEDED.get(row.table, ()))


def _to_frame(table: Table, rows: Sequence[Mapping[str, str]]) -> pd.DataFrame:
    # an index like that of rows read from a file, whose first line is the head
    frame = pd.DataFrame(rows, dtype="str").reindex(columns=list(table.columns)).fillna("")
    return frame.set_axis(range(2, len(frame) + 2), axis=0)
