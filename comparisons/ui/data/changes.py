"""Render the dataset versions, the changes between two of them, and the citation."""

import pandas as pd
import streamlit as st

from comparisons.analysis import dataset_changes, dataset_row_labels
from comparisons.database.connection import dataset_metadata
from comparisons.formatting import (
    curly_apostrophes,
    escape_markdown,
    format_number,
    format_partial_date,
    is_missing,
    pluralize,
)
from comparisons.page_parameters import DataParameters
from comparisons.queries.breaks import breaks_between
from comparisons.queries.territories import TERRITORY_DATES
from comparisons.rows import iterate_rows
from comparisons.schema import change_kinds
from comparisons.schema.model import Table, code_label, load_format
from comparisons.ui.controls import choose_one
from comparisons.ui.data.citations import show_citations
from comparisons.ui.state import base_url, update_parameters, widget_key
from comparisons.ui.tables import LIST_ROWS, choose_page, download_buttons, source_line, text_table

_BROKEN, _NO_BREAK = "ne se comparent pas", "–"


def show_changes(page: str, view: DataParameters) -> None:
    """Render the dataset versions and the changes between two of them."""
    data = dataset_metadata()
    st.markdown(
        f"**Version {data['version']}**, données du {format_partial_date(data['date'])}, format "
        f"{data['format_version']}. La version est une empreinte de tout ce dont ces pages sont "
        "faites : faits, territoires, règles de calcul. Une édition est l’état des faits après un "
        "paquet de plus, ou un paquet publié à nouveau ; son empreinte ne dépend que des faits."
    )
    editions = dataset_changes.list_versions()
    text_table(
        {
            "Édition": [format_number(rank) for rank in editions["rang"]],
            "Paquet": [
                f"{curly_apostrophes(row.titre)} ({row.version})" for row in iterate_rows(editions)
            ],
            "Date": [format_partial_date(date) for date in editions["date"]],
            "Lignes": [format_number(count) for count in editions["nb_lignes"]],
            "Ajoutées": [_format_count(value) for value in editions["nb_lignes_ajoutees"]],
            "Corrigées": [_format_count(value) for value in editions["nb_lignes_modifiees"]],
            "Complétées": [_format_count(value) for value in editions["nb_lignes_completees"]],
            "Retirées": [_format_count(value) for value in editions["nb_lignes_retirees"]],
            "Empreinte": [f"`{digest}`" for digest in editions["empreinte"]],
        },
        ("Empreinte",),
    )
    st.header("Ce qui a changé", anchor="changements", divider="gray")
    if len(editions) < 2:
        st.markdown("Il n’y a qu’une édition : rien n’a encore changé.")
    else:
        _show_changes(page, view, editions)
    st.header("Citer le jeu de données", anchor="citer", divider="gray")
    show_citations(page, f"{base_url()}donnees", "Jeu de données")
    st.link_button(
        "Paquet entier (zip)",
        f"{base_url()}api/v1/package.zip",
        icon=":material/folder_zip:",
    )
    source_line()


def _format_count(value: object) -> str:
    return "–" if is_missing(value) else format_number(value)


def _show_changes(page: str, view: DataParameters, editions: pd.DataFrame) -> None:
    ranks = [str(rank) for rank in editions["rang"]]
    titles = {
        str(row.rang): f"{row.rang} : {row.paquet} {row.version} ({format_partial_date(row.date)})"
        for row in iterate_rows(editions)
    }
    old_column, new_column = st.columns(2)
    for column, name, title, default in (
        (old_column, "de", "De l’édition", str(dataset_changes.before_the_last(editions))),
        (new_column, "a", "À l’édition", ranks[-1]),
    ):
        key = widget_key(page, view, name, default)
        if st.session_state[key] not in ranks:
            st.session_state[key] = default
        with column:
            chosen = st.selectbox(title, ranks, format_func=titles.get, key=key)
        view = update_parameters(page, view, **{name: chosen})
    first_rank, last_rank = int(view.de), int(view.a)
    for row in iterate_rows(editions[editions["rang"].between(first_rank + 1, last_rank)]):
        if not is_missing(row.description):
            st.caption(f"**{escape_markdown(row.titre)}.** {escape_markdown(row.description)}")
    breaks = breaks_between(first_rank, last_rank)
    _show_breaks(breaks)
    changes = dataset_changes.changes_between(first_rank, last_rank)
    if changes.empty:
        st.markdown("Rien ne diffère entre ces deux éditions.")
        return
    _show_counts(dataset_changes.summarise_changes(changes), breaks)
    _show_rows(page, view, changes, breaks)
    sheets = {
        "changements": changes,
        "ruptures": breaks.drop(columns=["edition", "date", "phrase"]),
    }
    download_buttons(f"changements-{first_rank}-{last_rank}", sheets, "Changements", view)


def _show_breaks(breaks: pd.DataFrame) -> None:
    """Render what is recorded in another way since, which says nothing of the territories."""
    if breaks.empty:
        return
    tables = load_format().tables
    with st.expander(
        f"{pluralize(len(breaks), 'rupture déclarée', 'ruptures déclarées')} : ce qui diffère "
        "parce que le relevé a changé",
        icon=":material/call_split:",
    ):
        text_table(
            {
                "Quoi": [_name_broken(tables[row.table_nom], row) for row in iterate_rows(breaks)],
                "Ce qui a changé": breaks["changement"],
                "Comparable": ["oui" if same else "non" for same in breaks["comparable"]],
                "Pourquoi": breaks["pourquoi"],
            }
        )
        st.caption(TERRITORY_DATES)


def _name_broken(table: Table, row: object) -> str:
    """Name the table, the column and the code that a break is about."""
    if is_missing(row.colonne):
        return table.title
    field = table.field(row.colonne)
    code = ""
    if not is_missing(row.code):
        code = f" (« {code_label(field.vocabulary, row.code).lower()} »)"
    return f"{table.title} : {field.title}{code}"


def _show_counts(change_counts: pd.DataFrame, breaks: pd.DataFrame) -> None:
    """Render the number of rows corrected, completed, added and removed per table.

    What a break explains is not counted as if territories had changed: the table says so.
    """
    rows = change_counts.pivot_table("nb_lignes", "table_titre", "nature", "sum", fill_value=0)
    rows = rows.reindex(
        index=change_counts["table_titre"].unique(),
        columns=list(change_kinds.CHANGE_KINDS),
        fill_value=0,
    )
    whole = breaks[breaks["colonne"].isna() & ~breaks["comparable"]]
    broken = set(whole["table_nom"])
    by_title = {table.title: table.name for table in load_format().tables.values()}
    names = [by_title[title] for title in rows.index]
    text_table(
        {"Table": rows.index}
        | {
            f"{title}s": [format_number(count) for count in rows[nature]]
            for nature, title in change_kinds.CHANGE_KINDS.items()
        }
        | {"Avant et après": [_BROKEN if name in broken else _NO_BREAK for name in names]}
    )
    st.caption(
        "Corrigées : une valeur au moins a changé. Complétées : une cellule vide a été remplie, "
        "rien d’autre n’a changé. Une correction porte sur notre relevé : elle ne dit pas que le "
        "territoire a changé d’avis."
    )


def _show_rows(
    page: str, view: DataParameters, changes: pd.DataFrame, breaks: pd.DataFrame
) -> None:
    """Render the changes of one kind in one table, and which of them follow a break."""
    view = choose_one(
        page,
        view,
        "nature",
        "Changements",
        {code: f"{title}s" for code, title in change_kinds.CHANGE_KINDS.items()},
    )
    changes = changes[changes["nature"] == view.nature]
    if changes.empty:
        st.markdown("Aucun changement de cette sorte entre ces deux éditions.")
        return
    tables = load_format().tables
    names = list(changes["table_nom"].unique())
    key = widget_key(page, view, "table", names[0])
    if st.session_state[key] not in names:
        st.session_state[key] = names[0]
    table = st.selectbox("Table", names, format_func=lambda name: tables[name].title, key=key)
    update_parameters(page, view, table=table)
    rows = changes[changes["table_nom"] == table]
    is_whole_row = view.nature in ("ajoute", "retire")
    rows = choose_page(rows.drop_duplicates("cle") if is_whole_row else rows, LIST_ROWS)
    columns = {
        "Ligne": [
            curly_apostrophes(row.cle if is_missing(row.libelle) else row.libelle)
            for row in iterate_rows(rows)
        ]
    }
    if not is_whole_row:
        columns |= {
            "Colonne": [tables[table].field(name).title for name in rows["colonne"]],
            "Avant": [
                dataset_row_labels.format_cell(table, r.colonne, r.avant)
                for r in iterate_rows(rows)
            ],
            "Après": [
                dataset_row_labels.format_cell(table, r.colonne, r.apres)
                for r in iterate_rows(rows)
            ],
        }
        if notes := [_break_note(breaks, table, row) for row in iterate_rows(rows)]:
            columns |= {"Rupture": notes} if set(notes) != {_NO_BREAK} else {}
    text_table(columns)


def _break_note(breaks: pd.DataFrame, table: str, change: object) -> str:
    """Return what a change of rule says of a changed cell; a dash where no rule has changed."""
    notes = [
        row.phrase
        for row in iterate_rows(breaks[(breaks["table_nom"] == table) & ~breaks["comparable"]])
        if row.colonne == change.colonne
        and (is_missing(row.code) or row.code in (change.avant, change.apres))
    ]
    return " ".join(notes) or _NO_BREAK
