"""A territory and its peers, whole: who they are, where it stands among them, what they do."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pandas as pd

from comparisons.analysis.peers import gaps, position
from comparisons.analysis.peers.search import Peers, find
from comparisons.analysis.peers.stability import stability
from comparisons.analysis.peers.tables import contributions_table, peers_table
from comparisons.database.connection import metadata, per_version
from comparisons.queries.sources import sources as cited_sources
from comparisons.schema.peer_options import Choice

TABLES = (
    "pairs", "contributions", "position", "points", "ecarts_themes", "ecarts_services",
    "strategies_recentes", "sources",
)  # fmt: skip


@dataclass(frozen=True)
class Study:
    """What the page of peers tells.

    `tables` has those of `TABLES`, `phrases` what `gaps.sentences` gives, `partages` the
    sentences on documents that several of the group share.
    """

    found: Peers
    tables: Mapping[str, pd.DataFrame]
    phrases: pd.DataFrame
    partages: tuple[str, ...]


def study(key: str, choice: Choice, named_only: bool = False) -> Study:
    """Find the peers of a territory, and all that is said of them; raises as `find` does.

    With `named_only`, themes are read in the axes that documents name.

    The last ones are kept while the dataset is the same: their tables must not be changed.
    """
    return _study(str(metadata()["version"]), key, choice, named_only)


@per_version(size=16)
def _study(version: str, key: str, choice: Choice, named_only: bool) -> Study:
    found = find(key, choice)
    keys = list(found.table["cle"])
    points = position.values(key, keys, named_only=named_only)
    newer = gaps.newer(key, keys)
    cited = [source for ids in points["source_ids"] for source in ids]
    cited += list(newer["source_id"].dropna())
    return Study(
        found,
        {
            "pairs": peers_table(found, stability(key, choice)),
            "contributions": contributions_table(found),
            "position": position.summarised(points),
            "points": points,
            "ecarts_themes": gaps.themes(key, keys, named_only),
            "ecarts_services": gaps.services(key, keys),
            "strategies_recentes": newer,
            "sources": cited_sources(list(dict.fromkeys(cited))),
        },
        gaps.sentences(key, keys, named_only),
        tuple(position.shared_documents(points)),
    )


def tables(key: str, choice: Choice, named_only: bool = False) -> Mapping[str, pd.DataFrame]:
    """Give the tables of the page under the names that they have in files, made once one is read.

    Their columns are described by the Table Schemas beside this module, those of `sources` by the
    format. Reading one raises as `find` does.
    """
    return _Tables(key, choice, named_only)


@dataclass(frozen=True)
class _Tables(Mapping[str, pd.DataFrame]):
    key: str
    choice: Choice
    named_only: bool

    def __getitem__(self, name: str) -> pd.DataFrame:
        return study(self.key, self.choice, self.named_only).tables[name]

    def __iter__(self) -> Iterator[str]:
        return iter(TABLES)

    def __len__(self) -> int:
        return len(TABLES)
