"""Sentences of what changed in the dataset, by day and territory, each with its source."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

import pandas as pd

from comparisons.analysis.dataset_news import (
    PARTICIPLES,
    TOLD_TABLES,
    describe_counts,
    main_kinds,
    publication_days,
    told_changes,
)
from comparisons.analysis.dataset_row_labels import format_cell
from comparisons.database.cache import cached
from comparisons.database.connection import query
from comparisons.formatting import (
    capitalize_first,
    curly_apostrophes,
    fold,
    is_missing,
    shorten,
)
from comparisons.queries.questions import proving_facts
from comparisons.queries.sources import sources
from comparisons.queries.territories import contained_codes, load_territories
from comparisons.rows import iterate_rows
from comparisons.schema.change_kinds import ADDED, CHANGED, COMPLETED, KEY_SEPARATOR, REMOVED
from comparisons.schema.model import load_format
from comparisons.schema.territory import LEVELS, parse_key

_MAX_CELL = 120
# Columns that say where a fact comes from rather than the fact.
_ABOUT_SOURCES = ("source_id", "certitude")


@dataclass(frozen=True)
class ChangeSentence:
    """What changed in one row, in French, with the title and address of its source, if known."""

    text: str
    source_title: str = ""
    source_url: str = ""


@dataclass(frozen=True)
class TerritoryNews:
    """What one day changed about a territory: its key and label, a summary, a sentence per row."""

    day: str
    key: str
    label: str
    summary: str
    sentences: tuple[ChangeSentence, ...]


def territory_news(
    keys: Collection[str] | None = None, theme: str = "", limit: int = 100, question: str = ""
) -> list[TerritoryNews]:
    """Tell what changed about some territories (all if None), the last day first.

    With a `theme`, only the axes that bear it, first or second, are told; with a `question`, only
    the facts that prove that somebody did what it asks.
    """
    proofs = proving_facts(question) if question else None
    news: list[TerritoryNews] = []
    for day, old, new in publication_days():
        changes = told_changes(old, new)
        if keys is not None:
            changes = changes[changes["territoire"].isin(set(keys))]
        if theme:
            changes = changes[_bears_theme(changes, theme)]
        if proofs is not None:
            facts = pd.MultiIndex.from_frame(changes[["table_nom", "cle"]])
            changes = changes[facts.isin(pd.MultiIndex.from_frame(proofs))]
        news += _news_of_day(day, changes, limit - len(news))
        if len(news) >= limit:
            break
    return news


def contained_keys(key: str) -> list[str]:
    """Return the key of a territory, and those of all the territories that it contains."""
    level = LEVELS.index(parse_key(key).niveau)
    return [
        key,
        *(
            f"{lower}-{code}"
            for lower in LEVELS[level + 1 :]
            for code in contained_codes(lower, key)
        ),
    ]


def _bears_theme(changes: pd.DataFrame, theme: str) -> pd.Series:
    rows = query(
        "SELECT strategie_id, rang FROM priorites "
        "WHERE theme = $theme OR list_contains(themes_secondaires, $theme)",
        {"theme": theme},
    )
    keys = rows["strategie_id"] + KEY_SEPARATOR + rows["rang"].astype(str)
    removed = changes[(changes["colonne"] == "theme") & (changes["avant"] == theme)]
    return (changes["table_nom"] == "priorites") & changes["cle"].isin({*keys, *removed["cle"]})


def _news_of_day(day: str, changes: pd.DataFrame, limit: int) -> list[TerritoryNews]:
    """Tell the news of a day, territories with most documents and rows added first."""
    added = changes[changes["nature"] == ADDED]
    counts = {
        "documents": added[added["table_nom"] == "strategies"].groupby("territoire").size(),
        "rows": added.groupby("territoire").size(),
    }
    keys = changes["territoire"].unique()
    order = pd.DataFrame({name: rows.reindex(keys, fill_value=0) for name, rows in counts.items()})
    territories = load_territories(tuple(order.index))
    labels = dict(zip(territories["cle"], territories["libelle"], strict=True))
    order = order.assign(label=[fold(labels.get(key, key)) for key in order.index])
    order = order.sort_values(["documents", "rows", "label"], ascending=[False, False, True])
    told = changes[changes["territoire"].isin(order.index[:limit])]
    source_of, by_territory = _sources_of(told), dict(list(told.groupby("territoire")))
    news = []
    for key in order.index[:limit]:
        rows = main_kinds(by_territory[key])
        label = curly_apostrophes(labels.get(key, key))
        summary = describe_counts(rows.drop_duplicates(["table_nom", "cle"]))
        news.append(TerritoryNews(day, key, label, summary, tuple(_sentences(rows, source_of))))
    return news


def _sentences(
    changes: pd.DataFrame, source_of: dict[tuple[str, str], tuple[str, str]]
) -> Iterator[ChangeSentence]:
    """Yield a sentence per row that changed, the kind that names it first."""
    cells: dict[tuple[str, str], list] = {}
    for row in iterate_rows(changes):
        cells.setdefault((row.table_nom, row.cle), []).append(row)
    for (table, key), rows in cells.items():
        kind = rows[0].nature
        noun = capitalize_first(TOLD_TABLES[table][0])
        text = f"{noun} {PARTICIPLES[kind]} : {_label(table, key, rows[0].libelle)}"
        if kind in (CHANGED, COMPLETED):
            told = [_describe_cell(table, row) for row in rows if row.colonne not in _ABOUT_SOURCES]
            text += f" ({' ; '.join(told)})" if told else " (sa source)"
        title, url = source_of.get((table, key), ("", ""))
        yield ChangeSentence(f"{text}.", title, url)


def _label(table: str, key: str, label: str) -> str:
    """Return what names a row: of an axis, its wording and its document."""
    wording = _wordings().get(key) if table == "priorites" else None
    if wording is None:
        return shorten(curly_apostrophes(label or key), _MAX_CELL)
    document = label.partition(" · ")[2]
    return curly_apostrophes(f"« {shorten(wording, _MAX_CELL)} », {shorten(document, _MAX_CELL)}")


@cached
def _wordings() -> dict[str, str]:
    """Return the wording of each axis by its key, as the change log writes it."""
    rows = query(
        "SELECT strategie_id || $separator || rang AS cle, intitule FROM priorites",
        {"separator": KEY_SEPARATOR},
    )
    return dict(zip(rows["cle"], rows["intitule"], strict=True))


def _describe_cell(table: str, row: object) -> str:
    """Describe what a cell became: `Montant : 12 → 15`, `Date d’adoption : 2021`."""
    title = load_format().tables[table].field(row.colonne).title
    before, after = (shorten(format_cell(table, row.colonne, value), _MAX_CELL)
                     for value in (row.avant, row.apres))  # fmt: skip
    return f"{title} : {after}" if row.nature == COMPLETED else f"{title} : {before} → {after}"


def _sources_of(changes: pd.DataFrame) -> dict[tuple[str, str], tuple[str, str]]:
    """Return the title and the address of the source of each changed row, by table and key."""
    source_ids: dict[tuple[str, str], str] = {}
    for table, rows in changes.groupby("table_nom"):
        current = _source_by_key(table)
        removed = rows[(rows["nature"] == REMOVED) & (rows["colonne"] == "source_id")]
        former = dict(zip(removed["cle"], removed["avant"], strict=True))
        for key in rows["cle"].unique():
            source_ids[table, key] = current.get(key, former.get(key, ""))
    rows = sources(list(dict.fromkeys(filter(None, source_ids.values()))))
    known = {
        row.source_id: (
            curly_apostrophes(
                ", ".join(text for text in (row.titre, row.editeur) if not is_missing(text))
            ),
            row.url,
        )
        for row in iterate_rows(rows)
    }
    return {row: known[source] for row, source in source_ids.items() if source in known}


@cached
def _source_by_key(table: str) -> dict[str, str]:
    """Return the source of each row of a table by its key, as the change log writes it."""
    columns = ", ".join(
        f"coalesce({name}::VARCHAR, '')" for name in load_format().tables[table].primary_key
    )
    rows = query(
        f"SELECT array_to_string([{columns}], $separator) AS cle, source_id FROM {table}",
        {"separator": KEY_SEPARATOR},
    )
    return dict(zip(rows["cle"], rows["source_id"], strict=True))
