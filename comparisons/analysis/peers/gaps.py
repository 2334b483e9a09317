"""Gaps between a territory and its peers (themes, services, documents), with the evidence.

Only what is recorded is compared: a territory whose priorities are not recorded has no gap, a
service without a known organisation is not one that is not shared. `group.peer_group` says how the
territory and its peers are read, and what is raised for wrong ones.
"""

from collections.abc import Iterable

import pandas as pd

from comparisons.analysis.peers.gap_documents import describe_newer, newer_strategies
from comparisons.analysis.peers.gap_services import describe_service_gaps, service_gaps
from comparisons.analysis.peers.gap_themes import (
    compare_themes,
    describe_axes_read,
    describe_theme_gaps,
)
from comparisons.analysis.peers.group import current_themes, peer_group, peer_keys
from comparisons.analysis.peers.wording import GapStatement
from comparisons.analysis.statements import Statement
from comparisons.database.cache import cached


@cached
def describe_gaps(key: str, peers: Iterable[str], named_only: bool = False) -> pd.DataFrame:
    """Describe the gaps in French, a line each: counts and names, nothing that the data do not say.

    Returns `rubrique` (`theme_gaps`, `service_gaps`, `documents`), `code` (of the theme, service or
    type; empty for a remark on all), `sens` (that of `theme_gaps`; empty elsewhere), `phrase`,
    `portee` (the documents it holds of), `reserves` (list).
    """
    members = peer_group(key, peers)
    own_key = members["cle"].iloc[0]
    names_by_key = dict(zip(members["cle"], members["nom"], strict=True))
    if len(members) < 2:
        statement = Statement(
            "Le groupe ne compte aucun pair : aucun écart n’est calculé.",
            "themes",
            (),
            "groupe de pairs",
        )
        return _statements_table([(statement, "")])
    themes = current_themes(members["cle"], named_only)
    compared = compare_themes(themes, own_key, peer_keys(members))
    return _statements_table(
        [
            *describe_axes_read(themes.axes),
            *describe_theme_gaps(compared, names_by_key, own_recorded=own_key in themes.recorded),
            *describe_service_gaps(
                service_gaps(own_key, peer_keys(members)), names_by_key, own_key
            ),
            *describe_newer(newer_strategies(own_key, peer_keys(members))),
        ]
    )


def _statements_table(statements: Iterable[GapStatement]) -> pd.DataFrame:
    rows = [
        (
            statement.rubrique,
            "".join(statement.lignes),
            direction,
            statement.texte,
            statement.portee,
            list(statement.reserves),
        )
        for statement, direction in statements
    ]
    columns = ["rubrique", "code", "sens", "phrase", "portee", "reserves"]
    return pd.DataFrame(rows, columns=columns)
