"""A territory and its peers: who they are, and the themes that are theirs today.

What `points` (positions) and `gaps` both start from. Peers are keys `niveau-code` of the same
level, found elsewhere; the order in which they are given changes nothing.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from comparisons.formatting import curly_apostrophes
from comparisons.queries import strategies
from comparisons.queries.axes import kept, whole
from comparisons.queries.family_subjects import OVERALL, subject
from comparisons.queries.strategies import priorities_by_theme
from comparisons.queries.territories import load_territories
from comparisons.schema.territory import parse_key

YES, NO, UNKNOWN = "oui", "non", "inconnu"
# A document is about the theme, whatever was read of it: it does not choose its subject.
BY_SUBJECT = "oui_par_objet"
# Where alone a theme may be absent, and peers counted: documents of one family, read entirely.
WHOLE_OVERALL = "stratégie d’ensemble dont la liste d’axes est complète"
# « Autre » (theme, service, type, indicator) names nothing that two territories would share.
OTHER = "autre"


def peer_group(key: str, peers: Iterable[str]) -> pd.DataFrame:
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
    rows = load_territories([own, *others])
    if own.key not in set(rows["cle"]):
        raise KeyError(own.key)
    alone = ~rows["nom"].duplicated(keep=False)
    names = rows["nom"].where(alone, rows["libelle"]).map(curly_apostrophes)
    rows = rows.assign(nom=names, moi=rows["cle"] == own.key)
    rows = rows.sort_values(["moi", "nom", "cle"], ascending=[False, True, True])
    return rows[["cle", "nom", "population", "moi"]].reset_index(drop=True)


def current_priorities(keys: Sequence[str], named_only: bool = False) -> pd.DataFrame:
    """Return priorities of some territories in strategies not over, once per theme they bear.

    With `named_only`, only those that their document names. Returns `cle`, `theme`, `principal`,
    `rang`, `nomme`, `rang_nomme`, `nb_axes`, `nb_axes_nommes`, `intitule`, `certitude`,
    `strategie_id`, `titre`, `famille`, `annee_document`, `etat`, `source_id`, `source_titre`,
    `source_url`; main themes first. A territory without a row has no such priority recorded:
    nothing can be said of its themes.
    """
    return _axes(_current(keys), named_only)


def _current(keys: Sequence[str]) -> pd.DataFrame:
    documents = strategies.strategies_of(keys)
    return documents[documents["etat"] != "terminee"]


def _axes(documents: pd.DataFrame, named_only: bool) -> pd.DataFrame:
    read = strategies.priorities(list(documents["strategie_id"].unique()))
    axes = priorities_by_theme(kept(read, named_only))
    rows = documents[["cle", "strategie_id", "famille", "annee_document", "etat"]].merge(
        axes, on="strategie_id"
    )
    rows = rows.sort_values(
        ["cle", "nomme", "principal", "rang", "strategie_id"],
        ascending=[True, False, False, True, True],
    ).drop_duplicates(["cle", "theme", "strategie_id", "rang"])
    return rows[
        ["cle", "theme", "principal", "rang", "nomme", "rang_nomme", "nb_axes", "nb_axes_nommes",
         "intitule", "certitude", "strategie_id",
         "titre", "famille", "annee_document", "etat", "source_id", "source_titre", "source_url"]
    ].reset_index(drop=True)  # fmt: skip


@dataclass(frozen=True)
class Themes:
    """What is recorded of the themes of some territories, in documents that are not over.

    `axes` is what `current_priorities` gives, `documents` are those of which they may be (with
    `cle`, `strategie_id`, `titre`, `famille`, `annee_document`, `nb_priorites`, `source_id`),
    `entire` the overall strategy of each territory whose list of axes is complete.
    """

    axes: pd.DataFrame
    documents: pd.DataFrame
    entire: pd.DataFrame

    @cached_property
    def recorded(self) -> dict[str, pd.DataFrame]:
        """Return the axes of each territory that has some; of the others nothing can be said."""
        return dict(iter(self.axes.groupby("cle")))

    @cached_property
    def set_by(self) -> dict[tuple[str, str], pd.DataFrame]:
        """Return the axes that set each theme (theme, territory), but for a document's own subject.

        (« Autre » names nothing that two territories would share.)
        """
        own = self.axes["famille"].map(subject) == self.axes["theme"]
        return dict(iter(self.axes[~own & (self.axes["theme"] != OTHER)].groupby(["theme", "cle"])))

    @cached_property
    def about(self) -> dict[tuple[str, str], pd.DataFrame]:
        """Return the documents that are about each theme (theme, territory), read or not."""
        told = self.documents.assign(theme=self.documents["famille"].map(subject))
        return dict(iter(told[told["theme"] != ""].groupby(["theme", "cle"])))

    @cached_property
    def read_whole(self) -> dict[str, dict]:
        """Return the overall strategy of each territory whose list of axes is complete."""
        return self.entire.set_index("cle", drop=False).to_dict("index")

    @cached_property
    def present(self) -> set[str]:
        """Return the themes that some territory sets, or has a document about."""
        return {theme for theme, _ in (*self.set_by, *self.about)}

    def answer(self, key: str, theme: str) -> str:
        """Return whether a territory sets a theme: `oui`, `oui_par_objet`, `non` or `inconnu`.

        `non` is said of an overall strategy alone, and only when its list of axes is complete.
        """
        if (theme, key) in self.set_by:
            return YES
        if (theme, key) in self.about:
            return BY_SUBJECT
        return NO if key in self.read_whole else UNKNOWN

    def in_entire(self, key: str, theme: str) -> bool | None:
        """Return whether the overall strategy read entirely sets a theme; nothing without one."""
        if key not in self.read_whole:
            return None
        rows = self.set_by.get((theme, key))
        read = self.read_whole[key]["strategie_id"]
        return rows is not None and bool((rows["strategie_id"] == read).any())


def current_themes(keys: Sequence[str], named_only: bool = False) -> Themes:
    """Gather what is recorded of the themes of some territories; see `Themes`."""
    documents = _current(keys)
    overall = documents[(documents["famille"] == OVERALL) & (documents["portee"] == OVERALL)]
    speaking = overall[overall["rang_famille"] == 1]
    return Themes(_axes(documents, named_only), documents, speaking[whole(speaking, named_only)])


def collapse_whitespace(text: object) -> str:
    """Write words of the data on one line, without doubled spaces."""
    return re.sub(r"\s*[\r\n\t ]\s*", " ", curly_apostrophes(text)).strip()
