"""Cited sources, with the dates of their first and second readings."""

from collections.abc import Sequence

import pandas as pd

from comparisons.database.cache import cached
from comparisons.database.connection import query
from comparisons.formatting import NBSP, format_partial_date, is_missing, markdown_link

# Mark of a source checked by a second reader; `REREAD_LEGEND` explains it.
REREAD_MARK = "↻"
REREAD_LEGEND = f"{REREAD_MARK}{NBSP}: source relue par un second lecteur."
# A page that could not be opened again does not count as a second reading.
_REREAD_SQL = """
    SELECT source_id, max(relu_le) AS relu_le
    FROM relectures WHERE page_retrouvee GROUP BY source_id
"""


def sources(source_ids: Sequence[str]) -> pd.DataFrame:
    """Return rows of `sources` in the order asked, with `relu_le`.

    That is the date of the second reading; it is missing for a source read once.
    """
    return query(
        f"""
        SELECT s.*, r.relu_le
        FROM sources s LEFT JOIN ({_REREAD_SQL}) r USING (source_id)
        WHERE list_contains($ids, s.source_id)
        ORDER BY list_position($ids, s.source_id)
        """,
        {"ids": list(source_ids)},
    )


def reread_on(url: object) -> str:
    """Return the date on which a source was read again, by its address; "" if it was not."""
    return _second_reading_by_url().get(url, "")


@cached
def _second_reading_by_url() -> dict[object, str]:
    rows = query(
        f"""
        SELECT url, min(relu_le) AS relu_le FROM sources JOIN ({_REREAD_SQL}) USING (source_id)
        GROUP BY url
        """
    )
    return dict(zip(rows["url"], rows["relu_le"], strict=True))


def source_link(title: str, url: object) -> str:
    """Write a Markdown link to a source, marked if it was read again (the tooltip says when)."""
    day = reread_on(url)
    if not day:
        return markdown_link(title, url)
    return markdown_link(
        f"{title}{NBSP}{REREAD_MARK}", url, f"Relu {_format_date(day)} par un second lecteur"
    )


def describe_readings(consulted: str, reread: object) -> str:
    """Describe when a source was read (a date) and, if it was, read again (a date, or missing)."""
    second_reading = "" if is_missing(reread) else f", relu {_format_date(reread)}"
    return f"consulté {_format_date(consulted)}{second_reading}"


def _format_date(date: str) -> str:
    return f"{'le' if len(date) == 10 else 'en'} {format_partial_date(date)}"
