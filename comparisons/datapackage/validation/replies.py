"""Check what territories reply about the facts: complete, and about a fact that exists."""

from collections.abc import Iterable

import pandas as pd

from comparisons.datapackage.problems import WARNING, Problem, quoted
from comparisons.datapackage.reader import Package
from comparisons.datapackage.validation.context import ValidationContext
from comparisons.schema.change_kinds import join_key
from comparisons.schema.model import load_format

# Columns that are filled if there is a reply, and only then.
_REPLY_COLUMNS = ("avis", "repondu_le", "fonction")
_NAMES = {"avis": "l’avis", "repondu_le": "la date de la réponse", "fonction": "la fonction"}
_WITH_CORRECTION = ("inexact", "complete")


def check_incomplete_replies(package: Package, context: ValidationContext) -> Iterable[Problem]:
    """Check that a reply has its opinion, its date and the function of who replies."""
    replies = context.table("reponses")
    is_reply = (replies[[*_REPLY_COLUMNS, "correction"]] != "").any(axis=1)
    for column in _REPLY_COLUMNS:
        yield from context.row_problems(
            replies[is_reply & (replies[column] == "")],
            "reponses",
            column,
            "reponse-incomplete",
            lambda row, column=column: (
                f"Cette ligne porte une réponse au fait {quoted(row.fait)}, sans {_NAMES[column]}."
            ),
            f"Remplissez « {column} », ou videz toute la réponse si personne n’a répondu.",
        )


def check_missing_corrections(package: Package, context: ValidationContext) -> Iterable[Problem]:
    """Warn of facts said to be wrong, or completed, without what would be right."""
    replies = context.table("reponses")
    return context.row_problems(
        replies[replies["avis"].isin(_WITH_CORRECTION) & (replies["correction"] == "")],
        "reponses",
        "correction",
        "correction-absente",
        lambda row: f"Le fait {quoted(row.fait)} est dit {quoted(row.avis)}, sans correction.",
        "Écrivez ce qui serait juste, ou ce qui manque : les deux valeurs sont montrées.",
        WARNING,
    )


def check_functions(package: Package, context: ValidationContext) -> Iterable[Problem]:
    """Check that a function is no address nor number, which would be those of a person."""
    replies = context.table("reponses")
    return context.row_problems(
        replies[replies["fonction"].str.contains(r"@|(?:\d\D?){8}", regex=True)],
        "reponses",
        "fonction",
        "valeur-mal-formee",
        lambda row: f"{quoted(row.fonction)} ressemble à une adresse ou à un numéro.",
        "Écrivez une fonction, comme « Direction du numérique », sans nom ni adresse.",
    )


def check_known_facts(package: Package, context: ValidationContext) -> Iterable[Problem]:
    """Warn of replies about a fact that is neither in the package nor published."""
    for table, replies in context.table("reponses").groupby("table"):
        if table not in package.tables and table not in context.published:
            continue
        known = _keys(context.table(table), table)
        if table in context.published:
            known |= _keys(context.published[table], table)
        yield from context.row_problems(
            replies[~replies["fait"].isin(known)],
            "reponses",
            "fait",
            "fait-absent",
            lambda row: f"Le fait {quoted(row.fait)} n’est pas dans la table {quoted(row.table)}.",
            "Gardez l’identifiant de la fiche ; s’il y était, le fait a été retiré depuis.",
            WARNING,
        )


def _keys(rows: pd.DataFrame, table: str) -> set[str]:
    """Return the keys of the rows of a table, their columns joined."""
    if table not in load_format().tables:
        return set()
    columns = rows[list(load_format().tables[table].primary_key)]
    return {join_key(key) for key in columns.itertuples(index=False)}
