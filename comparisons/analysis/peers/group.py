"""A peer group: a territory and its peers, with their current themes.

`observations` and `gaps` both start from it. Peers are keys `niveau-code` of the same
level, found elsewhere; the order in which they are given changes nothing.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from comparisons.formatting import curly_apostrophes
from comparisons.queries import strategies
from comparisons.queries.axes import filter_named, has_complete_axes
from comparisons.queries.family_subjects import OVERALL, subject
from comparisons.queries.strategies import priorities_by_theme
from comparisons.queries.territories import load_territories
from comparisons.schema.territory import parse_key

YES, NO, UNKNOWN = "oui", "non", "inconnu"
# A document is about the theme, whatever was read of it: it does not choose its subject.
BY_SUBJECT = "oui_par_objet"
# A link that no source states: never counted with those that one does.
BY_DEDUCTION = "oui_par_deduction"
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
    territory = parse_key(key)
    others = sorted({parse_key(peer) for peer in peers} - {territory})
    other_level = next((other for other in others if other.niveau != territory.niveau), None)
    if other_level:
        raise ValueError(f"« {other_level.key} » n’est pas du même niveau que « {territory.key} ».")
    rows = load_territories([territory.key, *(other.key for other in others)])
    if territory.key not in set(rows["cle"]):
        raise KeyError(territory.key)
    is_unique = ~rows["nom"].duplicated(keep=False)
    names = rows["nom"].where(is_unique, rows["libelle"]).map(curly_apostrophes)
    rows = rows.assign(nom=names, moi=rows["cle"] == territory.key)
    rows = rows.sort_values(["moi", "nom", "cle"], ascending=[False, True, True])
    return rows[["cle", "nom", "population", "moi"]].reset_index(drop=True)


def peer_keys(members: pd.DataFrame) -> list[str]:
    """Return the keys of the peers of a group (result of `peer_group`), in its order."""
    return list(members.loc[~members["moi"], "cle"])


def current_priorities(keys: Sequence[str], named_only: bool = False) -> pd.DataFrame:
    """Return priorities of some territories in strategies not over, once per theme they bear.

    With `named_only`, only those that their document names. Returns `cle`, `theme`, `principal`,
    `rang`, `nomme`, `rang_nomme`, `nb_axes`, `nb_axes_nommes`, `intitule`, `certitude`,
    `strategie_id`, `titre`, `famille`, `annee_document`, `etat`, `source_id`, `source_titre`,
    `source_url`; main themes first. A territory without a row has no such priority recorded:
    nothing can be said of its themes.
    """
    return _axes_by_theme(_current_documents(keys), named_only)


def _current_documents(keys: Sequence[str]) -> pd.DataFrame:
    documents = strategies.strategies_of(keys)
    return documents[documents["etat"] != "terminee"]


def _axes_by_theme(documents: pd.DataFrame, named_only: bool) -> pd.DataFrame:
    read_axes = strategies.priorities(list(documents["strategie_id"].unique()))
    axes = priorities_by_theme(filter_named(read_axes, named_only))
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
    """Themes recorded for some territories, in documents that are not over.

    `axes` is what `current_priorities` gives, `documents` are those of which they may be (with
    `cle`, `strategie_id`, `titre`, `famille`, `annee_document`, `nb_priorites`, `source_id`),
    `entire` the overall strategy of each territory whose list of axes is complete.
    """

    axes: pd.DataFrame
    documents: pd.DataFrame
    entire: pd.DataFrame

    @cached_property
    def recorded(self) -> dict[str, pd.DataFrame]:
        """Return the axes by territory key; territories without recorded axes are absent."""
        return dict(iter(self.axes.groupby("cle")))

    @cached_property
    def set_by(self) -> dict[tuple[str, str], pd.DataFrame]:
        """Return the axes that set each theme (theme, territory), but for a document's own subject.

        (« Autre » names nothing that two territories would share.)
        """
        is_own_subject = self.axes["famille"].map(subject) == self.axes["theme"]
        return dict(
            iter(
                self.axes[~is_own_subject & (self.axes["theme"] != OTHER)].groupby(["theme", "cle"])
            )
        )

    @cached_property
    def about(self) -> dict[tuple[str, str], pd.DataFrame]:
        """Return the documents that are about each theme (theme, territory), read or not."""
        documents = self.documents.assign(theme=self.documents["famille"].map(subject))
        return dict(iter(documents[documents["theme"] != ""].groupby(["theme", "cle"])))

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
        strategy_id = self.read_whole[key]["strategie_id"]
        return rows is not None and bool((rows["strategie_id"] == strategy_id).any())


def current_themes(keys: Sequence[str], named_only: bool = False) -> Themes:
    """Return the recorded themes of some territories; see `Themes`."""
    documents = _current_documents(keys)
    overall = documents[(documents["famille"] == OVERALL) & (documents["portee"] == OVERALL)]
    main_overall = overall[overall["rang_famille"] == 1]
    return Themes(
        _axes_by_theme(documents, named_only),
        documents,
        main_overall[has_complete_axes(main_overall, named_only)],
    )


def collapse_whitespace(text: object) -> str:
    """Return a text on one line, without repeated spaces."""
    return re.sub(r"\s*[\r\n\t ]\s*", " ", curly_apostrophes(text)).strip()
