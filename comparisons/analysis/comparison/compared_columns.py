"""What sentences on a comparison need to know of its columns, beside their cells."""

from collections.abc import Collection
from dataclasses import dataclass

import pandas as pd

from comparisons.formatting import curly_apostrophes, describe_absence, is_missing, join_words
from comparisons.queries import strategies
from comparisons.queries.axes import has_complete_axes
from comparisons.queries.family_subjects import subject
from comparisons.rows import iterate_rows
from comparisons.schema.model import code_label

# Why a column has no document: never searched, searched without result, only of other families.
NOT_SEARCHED, NOT_FOUND, OTHER_FAMILY = "non_cherchee", "non_trouvee", "autre_famille"
# With a name before: « Le Mans : pas encore cherché. »
_ABSENCES = {
    NOT_SEARCHED: "pas encore cherché",
    NOT_FOUND: "aucun document n’a été trouvé",
    OTHER_FAMILY: "aucun document de cette sorte n’est relevé",
}


@dataclass(frozen=True)
class ComparedColumn:
    """A column: its name, the key of its territory, and its document, "" without one.

    `axis_count` are the axes recorded of the document, `compared_axis_count` those compared (that
    it names, unless the reader asks for all); `is_whole` is whether it is known that its list is
    complete. `other_themes` are what the territory's other documents set, or are about. `absence`
    is why there is no document.
    """

    name: str
    key: str
    document: str = ""
    title: str = ""
    year: int | None = None
    axis_count: int = 0
    compared_axis_count: int = 0
    is_whole: bool = False
    other_themes: frozenset[str] = frozenset()
    absence: str = ""
    name_with_article: str = ""

    def dated_name(self) -> str:
        """Write the column with the year of its document: `Creuse (2020)`."""
        return f"{self.name} ({self.year or 'sans date'})"


def describe_columns(
    columns: pd.DataFrame, documents: pd.DataFrame, names: dict[str, str], named_only: bool
) -> dict[str, ComparedColumn]:
    """Describe the columns of a comparison, by their keys.

    `columns` and `documents` are what `columns.build_columns` gives.
    """
    whole_ids = set(documents.loc[has_complete_axes(documents, named_only=True), "strategie_id"])
    # only where all lists are whole can one be said not to set a theme
    all_whole = columns["strategie_id"].isin(whole_ids).all()
    by_key = documents.set_index(["cle", "strategie_id"])
    absences = missing_documents(columns, documents)
    described = {}
    for column in iterate_rows(columns):
        name = names[column.colonne]
        if is_missing(column.strategie_id):
            described[column.colonne] = ComparedColumn(
                name, column.cle, absence=absences[column.cle]
            )
            continue
        document = by_key.loc[(column.cle, column.strategie_id)]
        year = document["annee_document"]
        named_count = int(document["nb_priorites_nommees"])
        described[column.colonne] = ComparedColumn(
            name,
            column.cle,
            column.strategie_id,
            document["titre"],
            None if is_missing(year) else int(year),
            int(document["nb_priorites"]),
            named_count if named_only else int(document["nb_priorites"]),
            column.strategie_id in whole_ids,
            _other_themes(documents, column.cle, column.strategie_id) if all_whole else frozenset(),
            name_with_article=curly_apostrophes(column.nom_article)
            if name == curly_apostrophes(column.nom)
            else name,
        )
    return described


def _other_themes(documents: pd.DataFrame, key: str, strategy_id: str) -> frozenset[str]:
    """Return the themes that a territory's other documents set, and the subjects of all."""
    territory_documents = documents[documents["cle"] == key]
    subjects = set(map(subject, territory_documents["famille"])) - {""}
    other_ids = [id_ for id_ in territory_documents["strategie_id"] if id_ != strategy_id]
    axes = strategies.priorities_by_theme(strategies.priorities(other_ids))
    return frozenset(subjects | set(axes["theme"]))


def missing_documents(columns: pd.DataFrame, documents: pd.DataFrame) -> dict[str, str]:
    """Return why each territory whose column has no document has none, by key."""
    keys = list(columns.loc[columns["strategie_id"].isna(), "cle"])
    searched = set(strategies.last_lookups(keys)["cle"]) if keys else set()
    with_documents = set(documents["cle"])
    return {
        key: OTHER_FAMILY
        if key in with_documents
        else (NOT_FOUND if key in searched else NOT_SEARCHED)
        for key in keys
    }


def describe_missing_documents(columns: pd.DataFrame, documents: pd.DataFrame) -> dict[str, str]:
    """Describe why each territory whose column has no document has none, by key."""
    absences = missing_documents(columns, documents)
    lookups = strategies.last_lookups(list(absences)) if absences else None
    descriptions = {}
    for key, absence in absences.items():
        families = documents.loc[documents["cle"] == key, "famille"].unique()
        labels = join_words(code_label("familles_strategie", code).lower() for code in families)
        descriptions[key] = (
            f"Aucun document de cette sorte n’est relevé ; ce qui l’est : {labels}."
            if absence == OTHER_FAMILY
            else describe_absence(lookups[lookups["cle"] == key])
        )
    return descriptions


def absence_sentence(absence: str, names: Collection[str]) -> str:
    """Write for whom there is no document, and why: « Le Mans : pas encore cherché. »"""
    return f"{join_words(names)} : {_ABSENCES[absence]}."
