"""Load what the site keeps in memory from its start, and what its first readers ask for."""

from collections.abc import Callable, Iterator
from functools import partial

from comparisons.analysis import profile, site_search
from comparisons.analysis.completeness.conclusions import current_conclusions
from comparisons.analysis.peers.gaps import describe_gaps
from comparisons.analysis.peers.search import find_peers
from comparisons.analysis.shared_services.matching import partners_by_service
from comparisons.database.connection import dataset_metadata, query
from comparisons.formatting import format_partial_date
from comparisons.schema.peer_options import PeerOptions
from comparisons.search import search, territories


def load_site() -> str:
    """Build the search indexes from the current database; return the French line on what is served.

    A build asks it of its new database before it replaces the other, the site when it starts.
    Raises whatever the database causes.
    """
    territories.preload()
    search.preload()
    site_search.preload()
    data = dataset_metadata()
    return f"Données servies : version {data['version']}, du {format_partial_date(data['date'])}."


def first_answers() -> Iterator[Callable[[], object]]:
    """Return what to compute ahead of the first readers: a function for each part of a page.

    Régions and départements only: those that most readers look at, and few enough.
    """
    yield current_conclusions
    keys = query(
        "SELECT cle(territoire_niveau, territoire_code) AS cle FROM territoires "
        "WHERE territoire_niveau IN ('region', 'departement') ORDER BY population DESC"
    )
    for key in keys["cle"]:
        yield partial(profile.load_profile, key)
        yield partial(_describe_default_group, key)
        yield partial(partners_by_service, key)


def _describe_default_group(key: str) -> None:
    """Compute the peers that a territory has by default, and the gaps with them."""
    peers = find_peers(key, PeerOptions()).table["cle"]
    describe_gaps(key, tuple(peers))
