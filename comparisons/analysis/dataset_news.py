"""What is new in the dataset, told by territory, in plain words."""

from itertools import pairwise

import pandas as pd

from comparisons.analysis.dataset_changes import changes_between, list_versions
from comparisons.analysis.dataset_row_labels import known_cells
from comparisons.database.cache import cached
from comparisons.formatting import fold, join_words, pluralize
from comparisons.queries.territories import load_territories
from comparisons.rows import iterate_rows
from comparisons.schema.change_kinds import ADDED, CHANGED, COMPLETED, KEY_SEPARATOR, REMOVED

# What a row of each table is for a reader. The other tables say how facts were found.
TOLD_TABLES = {
    "strategies": ("document", "documents"),
    "priorites": ("axe", "axes"),
    "budgets": ("montant", "montants"),
    "indicateurs": ("indicateur", "indicateurs"),
    "mutualisations": ("lien avec un organisme", "liens avec des organismes"),
}
PARTICIPLES = {ADDED: "ajouté", CHANGED: "corrigé", COMPLETED: "complété", REMOVED: "retiré"}


def publication_days() -> list[tuple[str, int, int]]:
    """List the days on which something was published after the first, the last first.

    Each comes with the ranks of the editions before and after it.
    """
    last_ranks = list_versions().groupby("date")["rang"].max()
    return [
        (day, int(before), int(rank)) for (_, before), (day, rank) in pairwise(last_ranks.items())
    ][::-1]


@cached
def news_by_territory(old: int, new: int) -> pd.DataFrame:
    """Return what changed between two editions, one row per territory.

    Returns `cle`, `libelle`, `documents` (titles of those added, a list), `nb_ajouts`, `resume` (a
    sentence without its full stop); those with most documents added first.
    """
    rows = main_kinds(told_changes(old, new)).drop_duplicates(["table_nom", "cle"])
    territories = load_territories(tuple(rows["territoire"].unique()))
    labels = dict(zip(territories["cle"], territories["libelle"], strict=True))
    news = []
    for key, own_rows in rows.groupby("territoire"):
        added = own_rows[own_rows["nature"] == ADDED]
        titles = list(added.loc[added["table_nom"] == "strategies", "libelle"])
        news.append((key, labels.get(key, key), titles, len(added), describe_counts(own_rows)))
    news.sort(key=lambda row: (-len(row[2]), -row[3], fold(row[1])))
    return pd.DataFrame(news, columns=["cle", "libelle", "documents", "nb_ajouts", "resume"])


@cached
def told_changes(old: int, new: int) -> pd.DataFrame:
    """Return the changes between two editions that readers are told, with their territory."""
    changes = changes_between(old, new)
    changes = changes[changes["table_nom"].isin(TOLD_TABLES)]
    return changes.assign(territoire=territory_keys(changes)).dropna(subset="territoire")


def main_kinds(rows: pd.DataFrame) -> pd.DataFrame:
    """Return changes, the kind that names each row first: a row corrected may be completed too."""
    order = list(PARTICIPLES)
    return rows.sort_values("nature", key=lambda kinds: kinds.map(order.index), kind="stable")


def describe_counts(rows: pd.DataFrame) -> str:
    """Say how many rows of each table (`table_nom`) were added, corrected… (`nature`)."""
    clauses = []
    for kind, participle in PARTICIPLES.items():
        tables = rows.loc[rows["nature"] == kind, "table_nom"].value_counts()
        nouns = [
            pluralize(tables[name], *TOLD_TABLES[name]) for name in TOLD_TABLES if name in tables
        ]
        if nouns:
            clauses.append(f"{join_words(nouns)} {participle}{'s' if tables.sum() > 1 else ''}")
    return " ; ".join(clauses)


def territory_keys(changes: pd.DataFrame) -> pd.Series:
    """Return the key of the territory that each change is about."""
    codes = known_cells(changes, "strategies", "territoire_code")
    levels = known_cells(changes, "strategies", "territoire_niveau")
    strategy_of_budget = known_cells(changes, "budgets", "strategie_id")

    def find_key(table: str, key: str) -> str | None:
        parts = key.split(KEY_SEPARATOR)
        if table == "indicateurs":
            return f"{parts[0]}-{parts[1]}"
        if table == "mutualisations":
            return f"{parts[1]}-{parts[2]}"
        strategy = strategy_of_budget.get(key, "") if table == "budgets" else parts[0]
        return f"{levels[strategy]}-{codes[strategy]}" if strategy in codes else None

    keys = [find_key(row.table_nom, row.cle) for row in iterate_rows(changes)]
    return pd.Series(keys, index=changes.index, dtype=object)
