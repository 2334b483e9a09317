"""Cited sources, with the dates of their first and second readings."""

from collections.abc import Sequence

import pandas as pd

from comparisons.database.cache import cached
from comparisons.database.connection import current_source_type, query, use_source_type
from comparisons.formatting import (
    NBSP,
    format_number,
    format_partial_date,
    is_missing,
    join_words,
    markdown_link,
    pluralize,
)
from comparisons.rows import iterate_rows
from comparisons.schema.model import code_label, vocabulary_codes

# Mark of a source checked by a second reader; `REREAD_LEGEND` explains it.
REREAD_MARK = "↻"
REREAD_LEGEND = f"{REREAD_MARK}{NBSP}: source relue par un second lecteur."
# Beside the facts that only the press states.
PRESS = "presse"
# Tables of facts, and what one of their rows is.
FACTS = {
    "strategies": "document",
    "priorites": "axe",
    "budgets": "montant",
    "mutualisations": "lien",
    "indicateurs": "indicateur",
}
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


def describe_official(facts: Sequence[str] = tuple(FACTS)) -> str:
    """Say how many facts of some tables are left of all, where official sources alone are read."""
    if not current_source_type():
        return ""
    counts = {name: f"SELECT count(*) FROM {name}" for name in facts}
    sql = "SELECT " + ", ".join(f"({count}) AS {name}" for name, count in counts.items())
    kept = query(sql).iloc[0]
    with use_source_type(""):
        everything = query(sql).iloc[0]
    texts = [
        f"{pluralize(kept[name], FACTS[name])} sur {format_number(everything[name])}"
        for name in facts
    ]
    return f"Sources officielles seulement{NBSP}: {join_words(texts)}."


def reread_on(url: object) -> str:
    """Return the date on which a source was read again, by its address; "" if it was not."""
    return _marks_by_url().get(url, {}).get("relu_le", "")


@cached
def _marks_by_url() -> dict[object, dict[str, str]]:
    """Return by address when the source was read again, and what became of its page."""
    rows = query(
        f"""
        SELECT url, coalesce(min(relu_le), '') AS relu_le,
               coalesce(min(url_archive), '') AS archive,
               coalesce(min(lien_verifie_le) FILTER (lien_etat = 'mort'), '') AS mort_le
        FROM sources LEFT JOIN ({_REREAD_SQL}) USING (source_id)
        GROUP BY url HAVING min(relu_le) IS NOT NULL OR count(*) FILTER (lien_etat = 'mort') > 0
        """
    )
    return rows.set_index("url").to_dict("index")


def source_link(title: str, url: object) -> str:
    """Write a Markdown link to a source, marked if it was read again (the tooltip says when).

    What comes from the press says so after it, and a page that is gone, with its archived copy.
    """
    marks = _marks_by_url().get(url, {})
    if day := marks.get("relu_le"):
        title = f"{title}{NBSP}{REREAD_MARK}"
        tooltip = f"Relu {_format_date(day)} par un second lecteur"
    else:
        tooltip = ""
    press = f" :small[:gray[({PRESS})]]" if url in _press_urls() else ""
    if not marks.get("mort_le"):
        return f"{markdown_link(title, url, tooltip)}{press}"
    gone = f"lien mort, vérifié {_format_date(marks['mort_le'])}"
    if not marks["archive"]:
        return f"{markdown_link(title, url, tooltip)} ({gone}){press}"
    copy = markdown_link(title, marks["archive"], tooltip)
    return f"{copy} (copie archivée ; {gone}){press}"


def name_publisher(source: object) -> str:
    """Return the publisher of a row of `sources`; of the press, it says so."""
    return f"{source.editeur} ({PRESS})" if source.type == PRESS else source.editeur


@cached
def _press_urls() -> frozenset[str]:
    rows = query(
        "SELECT url FROM sources GROUP BY url HAVING bool_and(type = $press)", {"press": PRESS}
    )
    return frozenset(rows["url"])


@cached
def links_by_state() -> pd.DataFrame:
    """Count the addresses of sources by the state of their link.

    Returns the columns of `representativite_liens`, in the order of the vocabulary, then those
    never checked (`lien_etat` missing).
    """
    return query(
        """
        SELECT lien_etat, count(*)::INTEGER AS nb_sources,
               count(url_archive)::INTEGER AS nb_archivees,
               max(lien_verifie_le) AS derniere_verification
        FROM sources GROUP BY lien_etat
        ORDER BY list_position($states, lien_etat) NULLS LAST
        """,
        {"states": list(vocabulary_codes("etats_lien"))},
    )


def describe_links() -> str:
    """Describe in French how many links were checked, and what they have become."""
    rows = links_by_state()
    checked = rows.dropna(subset="lien_etat")
    never = int(rows.loc[rows["lien_etat"].isna(), "nb_sources"].sum())
    if checked.empty:
        return "Aucun lien n’a encore été vérifié par la machine."
    counts = [
        f"{code_label('etats_lien', row.lien_etat).lower()} : {format_number(row.nb_sources)}"
        + (f" (dont {row.nb_archivees} avec copie archivée)" if row.lien_etat == "mort" else "")
        for row in iterate_rows(checked)
    ]
    if never:
        counts.append(f"jamais vérifié : {format_number(never)}")
    last = _format_date(checked["derniere_verification"].max())
    return f"Liens vérifiés, la dernière fois {last} ; {', '.join(counts)}."


def describe_readings(consulted: str, reread: object) -> str:
    """Describe when a source was read (a date) and, if it was, read again (a date, or missing)."""
    second_reading = "" if is_missing(reread) else f", relu {_format_date(reread)}"
    return f"consulté {_format_date(consulted)}{second_reading}"


def _format_date(date: str) -> str:
    return f"{'le' if len(date) == 10 else 'en'} {format_partial_date(date)}"
