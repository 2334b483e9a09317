"""Report of a territory and its peers: the peers, its position among them, the gaps."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pandas as pd

from comparisons.analysis.peers import gap_documents, gap_services, gap_themes, gaps, position
from comparisons.analysis.peers.search import PeerSearchResult, find_peers
from comparisons.analysis.peers.stability import rank_stability
from comparisons.analysis.peers.tables import contributions_table, peers_table
from comparisons.database.cache import cached
from comparisons.queries.sources import sources as cited_sources
from comparisons.schema.peer_options import PeerOptions

_TABLES = (
    "pairs", "contributions", "position", "points", "ecarts_themes", "ecarts_services",
    "strategies_recentes", "sources",
)  # fmt: skip


@dataclass(frozen=True)
class PeersReport:
    """Tables and sentences of the page of peers.

    `tables` has those of `_TABLES`, `phrases` what `gaps.describe_gaps` gives, `partages` the
    sentences on documents that several of the group share.
    """

    search_result: PeerSearchResult
    tables: Mapping[str, pd.DataFrame]
    phrases: pd.DataFrame
    partages: tuple[str, ...]


@cached
def load_report(key: str, choice: PeerOptions, named_only: bool = False) -> PeersReport:
    """Build the report of a territory and its peers; raises the errors of `find_peers`.

    With `named_only`, themes are read in the axes that documents name.
    """
    search_result = find_peers(key, choice)
    # as the page asks, so that both find the same answers in the cache
    keys = tuple(search_result.table["cle"])
    points = position.peer_observations(key, keys, named_only=named_only)
    newer_strategies = gap_documents.newer_strategies(key, keys)
    source_ids = [
        source_id for point_source_ids in points["source_ids"] for source_id in point_source_ids
    ]
    source_ids += list(newer_strategies["source_id"].dropna())
    return PeersReport(
        search_result,
        {
            "pairs": peers_table(search_result, rank_stability(key, choice)),
            "contributions": contributions_table(search_result),
            "position": position.position_summary(points),
            "points": points,
            "ecarts_themes": gap_themes.theme_gaps(key, keys, named_only),
            "ecarts_services": gap_services.service_gaps(key, keys),
            "strategies_recentes": newer_strategies,
            "sources": cited_sources(list(dict.fromkeys(source_ids))),
        },
        gaps.describe_gaps(key, keys, named_only),
        tuple(position.shared_strategies(points)),
    )


def tables(key: str, choice: PeerOptions, named_only: bool = False) -> Mapping[str, pd.DataFrame]:
    """Return the tables of the page under the names that they have in files, made once one is read.

    Their columns are described by the Table Schemas beside this module, those of `sources` by the
    format. Reading one raises as `find_peers` does.
    """
    return _ReportTables(key, choice, named_only)


@dataclass(frozen=True)
class _ReportTables(Mapping[str, pd.DataFrame]):
    key: str
    choice: PeerOptions
    named_only: bool

    def __getitem__(self, name: str) -> pd.DataFrame:
        return load_report(self.key, self.choice, self.named_only).tables[name]

    def __iter__(self) -> Iterator[str]:
        return iter(_TABLES)

    def __len__(self) -> int:
        return len(_TABLES)
