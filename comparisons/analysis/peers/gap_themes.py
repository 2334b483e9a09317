"""Gaps of themes between a territory and its peers, with the evidence."""

from collections.abc import Iterable, Mapping, Sequence

import pandas as pd

from comparisons.analysis.peers.group import (
    BY_SUBJECT,
    NO,
    UNKNOWN,
    WHOLE_OVERALL,
    YES,
    Themes,
    current_priorities,
    current_themes,
    peer_group,
    peer_keys,
)
from comparisons.analysis.peers.position import describe_read_documents
from comparisons.analysis.peers.wording import GapStatement, join_first_names
from comparisons.analysis.statements import Statement, proportion
from comparisons.formatting import pluralize
from comparisons.queries import thresholds
from comparisons.queries.axes import format_axis_counts
from comparisons.rows import iterate_rows
from comparisons.schema.model import code_label, vocabulary_codes

_PEERS_ONLY, _OWN_ONLY, _SHARED = "eux_pas_moi", "moi_pas_eux", "tous_deux"
_THEME_COLUMNS = ["theme", "ici", "sens", "nb_pairs", "pairs", "nb_par_objet", "pairs_par_objet",
                 "nb_complets", "nb_complets_oui", "part", "portee", "reserves"]  # fmt: skip
_THEME_CAVEAT = "un thème non relevé n’est pas un thème absent, sauf d’une liste complète"
_ALL_FAMILIES_SCOPE = "documents de toutes familles, non terminés"


def theme_gaps(key: str, peers: Iterable[str], named_only: bool = False) -> pd.DataFrame:
    """Compare the themes set as priorities in documents that are not over.

    See `compare_themes`; `theme_wordings` gives the words and sources of each line.
    """
    members = peer_group(key, peers)
    themes = current_themes(members["cle"], named_only)
    return compare_themes(themes, members["cle"].iloc[0], peer_keys(members))


def compare_themes(themes: Themes, key: str, peers: Sequence[str]) -> pd.DataFrame:
    """Compare themes: one row per theme of the territory or a peer (« autre » left out).

    `themes` is what `group.current_themes` gives. Returns `theme`, `ici` (`oui`, `oui_par_objet`,
    `non`, `inconnu`), `nb_pairs` and `pairs` (of which an axis is known to set it: keys, sorted),
    `nb_par_objet` and `pairs_par_objet` (others, that have a document about it), `nb_complets`
    (whose overall strategy is read entirely), `nb_complets_oui` (of these, where it sets the
    theme), `part` (the latter over the former; missing of too few), `portee`, `reserves`; the most
    widely set first.

    `sens` compares overall strategies that are read entirely, and nothing else: `eux_pas_moi` (and
    no document here is about it), `moi_pas_eux` (all peers' are read, and none of them has anything
    else about it), `tous_deux`; else `inconnu`.
    """
    rows = []
    for theme in vocabulary_codes("themes"):
        answers = {peer: themes.answer(peer, theme) for peer in peers}
        own_answer = themes.answer(key, theme)
        setters = sorted(peer for peer, answer in answers.items() if answer == YES)
        by_subject = sorted(peer for peer, answer in answers.items() if answer == BY_SUBJECT)
        if not (setters or by_subject or own_answer in (YES, BY_SUBJECT)):
            continue
        in_entire = {peer: themes.in_entire(peer, theme) for peer in peers}
        in_entire = {
            peer: sets_theme for peer, sets_theme in in_entire.items() if sets_theme is not None
        }
        setter_count, read_count = (
            proportion(in_entire, dict.fromkeys(in_entire, WHOLE_OVERALL)) if in_entire else (0, 0)
        )
        set_by_no_peer = read_count == len(peers) and not (setters or by_subject)
        direction = _gap_direction(
            own_answer, themes.in_entire(key, theme), setter_count, set_by_no_peer
        )
        scope = WHOLE_OVERALL if direction != UNKNOWN else _ALL_FAMILIES_SCOPE
        rows.append(
            (
                theme,
                own_answer,
                direction,
                len(setters),
                setters,
                len(by_subject),
                by_subject,
                read_count,
                setter_count,
                thresholds.bounded_share(setter_count, read_count),
                scope,
                [_THEME_CAVEAT],
            )
        )
    table = pd.DataFrame(rows, columns=_THEME_COLUMNS)
    counts = ["nb_pairs", "nb_par_objet", "nb_complets", "nb_complets_oui"]
    table = table.astype(dict.fromkeys(counts, int) | {"part": float})
    # themes are in the order of the vocabulary
    return table.sort_values("nb_pairs", ascending=False, kind="stable", ignore_index=True)


def _gap_direction(
    own_answer: str, in_own_entire: bool | None, setter_count: int, set_by_no_peer: bool
) -> str:
    """Return the direction of a gap between overall strategies read entirely on both sides.

    `setter_count` peers set it in theirs; `set_by_no_peer` of them all does, in any document.
    """
    if setter_count and own_answer == NO:
        return _PEERS_ONLY
    if setter_count and in_own_entire:
        return _SHARED
    return _OWN_ONLY if set_by_no_peer and in_own_entire else UNKNOWN


def theme_wordings(theme: str, keys: Sequence[str], named_only: bool = False) -> pd.DataFrame:
    """Return the axes that bear a theme (strategies not over), their wordings and source.

    Returns the columns of `group.current_priorities`, territories as asked, main themes first.
    """
    rows = current_priorities(keys, named_only)
    rows = rows[rows["theme"] == theme]
    index = rows["cle"].map({key: index for index, key in enumerate(keys)})
    return rows.iloc[index.argsort(kind="stable")].reset_index(drop=True)


def describe_axes_read(axes: pd.DataFrame) -> list[GapStatement]:
    """Return a statement that counts the axes read in the group and those a document names."""
    if axes.empty:
        return []
    unique_axes = axes.drop_duplicates(["strategie_id", "rang"])
    count_text = format_axis_counts(len(unique_axes), int(unique_axes["nomme"].sum()))
    text = f"Lus dans ce groupe : {count_text}."
    return [(Statement(text, "themes", (), _ALL_FAMILIES_SCOPE), "")]


def describe_theme_gaps(
    compared: pd.DataFrame, names_by_key: Mapping[str, str], own_recorded: bool
) -> list[GapStatement]:
    """Describe each theme of `compare_themes`; what is not recorded is never called absent."""
    statements: list[GapStatement] = []
    if not own_recorded:
        text = (
            "Nous n’avons pas encore lu vos priorités (documents non terminés) : nous ne pouvons "
            "pas dire ce qui vous distingue."
        )
        statements.append((Statement(text, "themes", (), _ALL_FAMILIES_SCOPE), UNKNOWN))
    for row in iterate_rows(compared):
        parts = [_describe_setters(row, names_by_key)]
        if thresholds.is_enough(row.nb_complets):
            parts.append(describe_read_documents(row.nb_complets_oui, row.nb_complets))
        parts += _describe_own_answer(row.ici, own_recorded)
        text = f"Thème « {code_label('themes', row.theme)} » : {' ; '.join(parts)}."
        statement = Statement(text, "themes", (row.theme,), row.portee, tuple(row.reserves))
        statements.append((statement, row.sens))
    return statements


def _describe_setters(row: object, names_by_key: Mapping[str, str]) -> str:
    """Describe of which peers a theme is recorded, and which have a document about it."""
    text = "relevé chez aucun pair"
    if row.nb_pairs:
        names = join_first_names([names_by_key[key] for key in row.pairs])
        text = f"relevé chez {pluralize(row.nb_pairs, 'pair')} ({names})"
    if row.nb_par_objet:
        names = join_first_names([names_by_key[key] for key in row.pairs_par_objet])
        text += f" ; sujet d’un document de {pluralize(row.nb_par_objet, 'pair')} ({names})"
    return text


def _describe_own_answer(answer: str, own_recorded: bool) -> list[str]:
    """Return the text about the territory's own answer on a theme (empty list when unknown)."""
    match answer:
        case "oui":
            return ["relevé chez vous"]
        case "oui_par_objet":
            return ["l’un de vos documents porte sur ce sujet"]
        case "non":
            return ["votre stratégie d’ensemble, lue en entier, ne le pose pas"]
        case _:
            return ["non relevé chez vous, ce qui ne dit pas qu’il soit absent"] * own_recorded
