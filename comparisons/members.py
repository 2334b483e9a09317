"""A territory and its peers: who they are, and the priorities that are theirs today.

What `points` (positions) and `gaps` both start from. Peers are keys `niveau-code` of the same
level, found elsewhere; the order in which they are given changes nothing.
"""

import re
from collections.abc import Iterable, Sequence

import pandas as pd

from comparisons import strategies
from comparisons.axes import kept
from comparisons.comparison.facts import by_theme
from comparisons.territories import described, parse_key
from comparisons.text import typographic

YES, NO, UNSURE = "oui", "non", "inconnu"
# « Autre » (theme, service, type, indicator) names nothing that two territories would share.
OTHER = "autre"


def group(key: str, peers: Iterable[str]) -> pd.DataFrame:
    """Describe a territory and its peers: `cle`, `nom`, `population`, `moi` (true for itself).

    The territory first, then its peers by name, each once; itself and unknown territories are
    left out of the peers. Raises `ValueError` (in French) for a key that is not `niveau-code` or
    a peer of another level, `KeyError` for an unknown territory.
    """
    own = parse_key(key)
    others = sorted({parse_key(peer) for peer in peers} - {own})
    stray = next((other for other in others if other.niveau != own.niveau), None)
    if stray:
        raise ValueError(f"« {stray.key} » n’est pas du même niveau que « {own.key} ».")
    rows = described([own, *others])
    if own.key not in set(rows["cle"]):
        raise KeyError(own.key)
    alone = ~rows["nom"].duplicated(keep=False)
    names = rows["nom"].where(alone, rows["libelle"]).map(typographic)
    rows = rows.assign(nom=names, moi=rows["cle"] == own.key)
    rows = rows.sort_values(["moi", "nom", "cle"], ascending=[False, True, True])
    return rows[["cle", "nom", "population", "moi"]].reset_index(drop=True)


def current_axes(keys: Sequence[str], named_only: bool = False) -> pd.DataFrame:
    """Priorities of some territories in strategies that are not over, once per theme they bear.

    With `named_only`, only those that their document names. Returns `cle`, `theme`, `principal`,
    `rang`, `nomme`, `rang_nomme`, `nb_axes`, `nb_axes_nommes`, `intitule`, `certitude`,
    `strategie_id`, `titre`, `annee_document`, `etat`, `source_id`, `source_titre`, `source_url`;
    main themes first. A territory without a row has no such priority recorded: nothing can be
    said of its themes.
    """
    documents = strategies.documents(keys)
    documents = documents[documents["etat"] != "terminee"]
    read = strategies.priorities(list(documents["strategie_id"].unique()))
    axes = by_theme(kept(read, named_only))
    rows = documents[["cle", "strategie_id", "annee_document", "etat"]].merge(
        axes, on="strategie_id"
    )
    rows = rows.sort_values(
        ["cle", "nomme", "principal", "rang", "strategie_id"],
        ascending=[True, False, False, True, True],
    ).drop_duplicates(["cle", "theme", "strategie_id", "rang"])
    return rows[
        ["cle", "theme", "principal", "rang", "nomme", "rang_nomme", "nb_axes", "nb_axes_nommes",
         "intitule", "certitude", "strategie_id",
         "titre", "annee_document", "etat", "source_id", "source_titre", "source_url"]
    ].reset_index(drop=True)  # fmt: skip


def one_line(text: object) -> str:
    """Write words of the data on one line, without doubled spaces."""
    return re.sub(r"\s*[\r\n\t ]\s*", " ", typographic(text)).strip()
