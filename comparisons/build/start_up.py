"""Load what the site keeps in memory from its start."""

from comparisons.analysis import site_search
from comparisons.database.connection import dataset_metadata
from comparisons.formatting import format_partial_date
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
