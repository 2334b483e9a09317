"""Render what is new in the dataset, by territory."""

import streamlit as st

from comparisons.analysis.dataset_news import news_by_territory, publication_days
from comparisons.formatting import (
    escape_markdown,
    format_number,
    format_partial_date,
    join_words,
    pluralize,
    quote_title,
)
from comparisons.page_parameters import DataParameters, FeedParameters
from comparisons.rows import iterate_rows
from comparisons.ui.controls import page_link
from comparisons.ui.feeds import feed_button
from comparisons.ui.tables import choose_page, source_line, text_table

_PAGE_ROWS = 25


def show_news(_page: str, _view: DataParameters) -> None:
    """Render the news of each day of publication, the last first."""
    st.markdown(
        "Ce qui a été ajouté ou corrigé dans nos relevés, par territoire. Une correction "
        "porte sur ce que nous avons lu : elle ne dit pas que le territoire a changé d’avis."
    )
    days = publication_days()
    if not days:
        st.markdown("Il n’y a qu’une édition : rien n’a encore changé.")
    for day, old, new in days:
        _show_day(day, old, new)
    page_link("donnees", "Le détail, ligne par ligne", "difference", partie="versions")
    feed_button(("Tous les territoires", FeedParameters()))
    source_line()


def _show_day(day: str, old: int, new: int) -> None:
    st.header(f"Le {format_partial_date(day)}", anchor=f"le-{day}", divider="gray")
    news = news_by_territory(old, new)
    added = news[news["documents"].map(bool)]
    document_count = added["documents"].map(len).sum()
    st.markdown(
        f"**{pluralize(document_count, 'document ajouté', 'documents ajoutés')}**, pour "
        f"{pluralize(len(added), 'territoire')} ; des faits ajoutés, corrigés ou complétés pour "
        f"{format_number(len(news))}."
    )
    shown = choose_page(news, _PAGE_ROWS, noun="territoire")
    text_table(
        {
            "Territoire": [
                f"[{escape_markdown(row.libelle)}](territoire?t={row.cle})"
                for row in iterate_rows(shown)
            ],
            "Documents ajoutés": [
                join_words(map(quote_title, titles)) or "–" for titles in shown["documents"]
            ],
            "Ce qui a changé": list(shown["resume"]),
        },
        ("Territoire",),
    )
