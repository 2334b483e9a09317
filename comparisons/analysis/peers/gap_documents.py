"""Documents of the peers of a territory that are more recent than its own."""

from collections.abc import Iterable, Mapping

import pandas as pd

from comparisons.analysis.peers.group import OTHER, collapse_whitespace, peer_group
from comparisons.analysis.peers.wording import GapStatement, join_first_names
from comparisons.analysis.statements import Statement
from comparisons.database.cache import cached
from comparisons.database.connection import dataset_metadata
from comparisons.formatting import is_missing, join_words, pluralize
from comparisons.queries import strategies
from comparisons.rows import iterate_rows
from comparisons.schema.model import code_label, vocabulary_codes

_MORE_RECENT, _TYPE_UNKNOWN_HERE = "plus_recente", "type_inconnu_ici"
# Age above which a document is not listed as newer, in force or not.
_RECENT_YEARS = 10
_NEWER_COLUMNS = ["famille", "type", "cle", "nom", "strategie_id", "titre", "etat",
                 "annee_document", "relation", "mienne", "mienne_titre", "mienne_annee",
                 "source_id", "source_url"]  # fmt: skip
_COMPARED_COLUMNS = ["famille", "type", "cle", "strategie_id", "titre", "etat", "annee_document",
                     "source_id", "source_url"]  # fmt: skip


@cached
def newer_strategies(key: str, peers: Iterable[str]) -> pd.DataFrame:
    """List the peers' strategies that are more recent, or of a type unknown here.

    See `compare_documents`.
    """
    members = peer_group(key, peers)
    documents = strategies.strategies_of(members["cle"])
    names_by_key = dict(zip(members["cle"], members["nom"], strict=True))
    return compare_documents(documents, members["cle"].iloc[0], names_by_key)


def compare_documents(
    documents: pd.DataFrame, key: str, names_by_key: Mapping[str, str]
) -> pd.DataFrame:
    """Compare documents: peers' strategies in force, more recent than the territory's own.

    `documents` is what `strategies.strategies_of` gives, `names_by_key` the names of the
    territories by key.
    Only documents of `_RECENT_YEARS` at most count: an old plan is not news. A document counts
    against the most recent one of its family here, over or not: one that bears no year, or faces
    one that bears none, cannot be called more recent (nor can a document that is also the
    territory's). « Autres documents » is no family in common.

    Returns `famille`, `type`, `cle`, `nom`, `strategie_id`, `titre`, `etat`, `annee_document`,
    `relation` (`plus_recente`; `type_inconnu_ici`: no document of that type is known here, which
    does not prove that there is none), `mienne` (its `strategie_id`), `mienne_titre`,
    `mienne_annee` (missing if none), `source_id`, `source_url`; types in the order of the
    vocabulary, the most recent first.
    """
    documents = documents.loc[documents["famille"] != OTHER, _COMPARED_COLUMNS]
    own_documents = documents[documents["cle"] == key]
    peer_documents = documents[
        (documents["cle"] != key)
        & documents["cle"].isin(list(names_by_key))
        & documents["etat"].isin(["adoptee", "en_revision"])
        & (documents["annee_document"] >= int(dataset_metadata()["annee"]) - _RECENT_YEARS)
    ]
    latest_by_family = own_documents.sort_values(
        ["annee_document", "strategie_id"], ascending=[False, True]
    )
    latest_by_family = {
        document.famille: document
        for document in iterate_rows(latest_by_family.drop_duplicates("famille"))
    }
    undated_families = set(own_documents.loc[own_documents["annee_document"].isna(), "famille"])
    rows = []
    for document in iterate_rows(peer_documents):
        own_document = latest_by_family.get(document.famille)
        year = document.annee_document
        if own_document is not None and (
            document.famille in undated_families
            or is_missing(year)
            or year <= own_document.annee_document
        ):
            continue
        rows.append(_newer_row(document, own_document, names_by_key[document.cle]))
    table = pd.DataFrame(rows, columns=_NEWER_COLUMNS)
    table = table.astype({"annee_document": "Int64", "mienne_annee": "Int64"})
    order = {family: index for index, family in enumerate(vocabulary_codes("familles_strategie"))}
    table = table.assign(family_order=table["famille"].map(order))
    table = table.sort_values(
        ["family_order", "annee_document", "nom", "strategie_id"],
        ascending=[True, False, True, True],
    )
    return table.drop(columns="family_order").reset_index(drop=True)


def _newer_row(document: object, own_document: object | None, name: str) -> tuple:
    """Return a peer's document and the territory's own, as a row of `_NEWER_COLUMNS`."""
    own_cells = (
        (None, None, None)
        if own_document is None
        else (
            own_document.strategie_id,
            collapse_whitespace(own_document.titre),
            own_document.annee_document,
        )
    )
    return (
        document.famille,
        document.type,
        document.cle,
        name,
        document.strategie_id,
        collapse_whitespace(document.titre),
        document.etat,
        document.annee_document,
        _TYPE_UNKNOWN_HERE if own_document is None else _MORE_RECENT,
        *own_cells,
        document.source_id,
        document.source_url,
    )


def describe_newer(newer: pd.DataFrame) -> list[GapStatement]:
    """Describe, for each family of `newer_strategies`.

    Which peers have a more recent document in force.
    """
    statements: list[GapStatement] = []
    for family, rows in newer.groupby("famille", sort=False):
        first_document = rows.iloc[0]
        years = rows.groupby("nom", sort=False)["annee_document"].agg(list)
        dated_names = join_first_names(
            [
                f"{name} ({join_words(map(_format_year, name_years))})"
                for name, name_years in years.items()
            ]
        )
        title = f"« {code_label('familles_strategie', family)} »"
        count = rows["cle"].nunique()
        peer_count, verb = pluralize(count, "pair"), "a" if count == 1 else "ont"
        text = (
            f"{title} : {peer_count} {verb}"
            f" un document plus récent que le vôtre ({first_document['mienne_annee']})"
            if first_document["relation"] == _MORE_RECENT
            else f"{title} : aucun document de cette sorte n’est relevé pour vous ; "
            f"{peer_count} en {verb} un"
        )
        scope = f"documents en vigueur de cette famille, de {_RECENT_YEARS} ans au plus"
        caveats = ("d’autres documents peuvent exister",)
        statements.append(
            (Statement(f"{text} : {dated_names}.", "documents", (family,), scope, caveats), "")
        )
    return statements


def _format_year(year: object) -> str:
    return "sans date" if is_missing(year) else str(int(year))
