"""Editions of the data: which there are, what changed between two of them, how to cite this one."""

import pandas as pd
import streamlit as st

from comparisons import editions
from comparisons.text import (
    MISSING,
    is_missing,
    markdown_escaped,
    number,
    partial_date,
    plural,
    typographic,
)
from comparisons.ui.cache import cached
from comparisons.ui.data.citing import show_citations
from comparisons.ui.state import keep_view, site, widget_key
from comparisons.ui.tables import downloads, source_line, words_table
from comparisons.view import DataView
from comparisons.warehouse import metadata

SHOWN = 60


def show_versions(page: str, view: DataView) -> None:
    """Show the editions, and what changed."""
    data = metadata()
    st.markdown(
        f"**Version {data['version']}**, données du {partial_date(data['date'])}, format "
        f"{data['format_version']}. La version est une empreinte de tout ce dont ces pages sont "
        "faites : faits, territoires, règles de calcul. Une édition est l’état des faits après un "
        "paquet de plus ; son empreinte ne dépend que des faits."
    )
    known = cached(editions.editions)()
    words_table(
        pd.DataFrame(
            {
                "Édition": [number(rank) for rank in known["rang"]],
                "Paquet": [typographic(title) for title in known["titre"]],
                "Date": [partial_date(date) for date in known["date"]],
                "Lignes": [number(count) for count in known["nb_lignes"]],
                "Ajoutées": [_count(value) for value in known["nb_lignes_ajoutees"]],
                "Modifiées": [_count(value) for value in known["nb_lignes_modifiees"]],
                "Retirées": [_count(value) for value in known["nb_lignes_retirees"]],
                "Empreinte": [f"`{mark}`" for mark in known["empreinte"]],
            }
        ),
        ("Empreinte",),
    )
    st.header("Ce qui a changé", anchor="changements", divider="gray")
    if len(known) < 2:
        st.markdown("Il n’y a qu’une édition : rien n’a encore changé.")
    else:
        _show_changes(page, view, known)
    st.header("Citer le jeu de données", anchor="citer", divider="gray")
    show_citations(page, f"{site()}donnees", "Jeu de données")
    st.link_button(
        "Paquet entier (zip)",
        f"{site()}api/v1/package.zip",
        icon=":material/folder_zip:",
    )
    source_line()


def _count(value: object) -> str:
    return "–" if is_missing(value) else number(value)


def _show_changes(page: str, view: DataView, known: pd.DataFrame) -> None:
    ranks = [str(rank) for rank in known["rang"]]
    titles = dict(zip(ranks, known["paquet"], strict=True))
    old, new = st.columns(2)
    for place, name, title, default in (
        (old, "de", "De l’édition", ranks[0]),
        (new, "a", "À l’édition", ranks[-1]),
    ):
        key = widget_key(page, view, name, default)
        if st.session_state[key] not in ranks:
            st.session_state[key] = default
        with place:
            chosen = st.selectbox(
                title, ranks, format_func=lambda rank: f"{rank} : {titles[rank]}", key=key
            )
        view = keep_view(page, view, **{name: chosen})
    first, last = int(view.de), int(view.a)
    found = cached(editions.changes)(first, last)
    if found.empty:
        st.markdown("Rien ne diffère entre ces deux éditions.")
        return
    counted = editions.summary(found)
    st.markdown(
        "  \n".join(
            f"**{markdown_escaped(row.table_titre)}** : {plural(row.nb_lignes, 'ligne')} "
            f"{row.nature_libelle.lower()}{'s' if row.nb_lignes > 1 else ''}"
            for row in counted.itertuples()
        )
    )
    shown = found.head(SHOWN)
    words_table(
        pd.DataFrame(
            {
                "Table": [f"`{name}`" for name in shown["table_nom"]],
                "Ligne": [
                    typographic(row.cle if is_missing(row.libelle) else row.libelle)
                    for row in shown.itertuples()
                ],
                "Changement": [editions.NATURES[code] for code in shown["nature"]],
                "Colonne": ["–" if is_missing(c) else f"`{c}`" for c in shown["colonne"]],
                "Avant": [_cell(row, "avant") for row in shown.itertuples()],
                "Après": [_cell(row, "apres") for row in shown.itertuples()],
            }
        ).reset_index(drop=True),
        ("Table", "Colonne"),
    )
    if len(found) > SHOWN:
        st.caption(f"Les {SHOWN} premiers ; tous sont dans les fichiers.")
    downloads(f"changements-{first}-{last}", {"changements": found}, "Changements", view)


def _cell(row: object, column: str) -> str:
    """Give a value before or after; a row added or removed whole has none."""
    if is_missing(row.colonne):
        return "–"
    value = getattr(row, column)
    return MISSING if is_missing(value) else typographic(value)
