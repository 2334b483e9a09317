"""Render tables, download buttons and source lines."""

import hashlib
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from mimetypes import guess_type
from urllib.parse import urlencode

import pandas as pd
import pyarrow as pa
import streamlit as st

from comparisons.analysis.map_layers import MapLayer
from comparisons.analysis.shared_services.links import NO_KNOWN_ORGANISATION
from comparisons.concurrency import FILE_LIMITER, PREVIEW_LIMITER
from comparisons.database.connection import bind_preview, current_preview, dataset_metadata
from comparisons.exports import table_writers
from comparisons.exports.comparison_files import MEDIA_TYPES
from comparisons.formatting import (
    MISSING,
    escape_markdown,
    format_partial_date,
    pluralize,
)
from comparisons.parameters import Parameters
from comparisons.queries.sources import REREAD_LEGEND
from comparisons.schema.registry import find_table
from comparisons.text_similarity import tokenize
from comparisons.ui.state import permalink, viewport

# The cells of a table by the titles of its columns.
TextColumns = Mapping[str, Iterable[str]]
# Rows of a table that are shown at once: more are not read, and take seconds to draw.
MAX_SHOWN_ROWS = 200
# The same of a list whose rows are several lines high.
LIST_ROWS = 40
# Rows from which a list can be put in another order.
_MIN_SORTED_ROWS = 10
# Columns by which rows are sorted, by the title of that order: with « - » before it, a column whose
# greatest values come first; none keeps the order of the rows.
Orders = Mapping[str, Sequence[str]]
# A file about a preview, which waits for no public file and delays none.
_MAX_PREVIEW_SECONDS = 60
# What a reader is told of a table for which the name of its sheet is short.
_SHEET_TITLES = {
    "carte_1": "Première carte",
    "carte_2": "Seconde carte",
    "intitules": "Intitulés",
    "noeuds": "Organismes et territoires",
    "periodes": "Par période",
    "niveaux": "Par niveau",
    "ages": "Sources par âge",
    "faits_niveaux": "Faits par niveau",
    "relectures_niveaux": "Relectures par niveau",
}
# texts of unknown values, written in grey
_MUTED_COLOUR = (MISSING, NO_KNOWN_ORGANISATION)


def text_table(rows: pd.DataFrame | TextColumns, raw: Sequence[str] = ()) -> None:
    """Render a small table of texts; cells are escaped except in the columns `raw` (links).

    The index of a table is its first column, unless it only numbers the rows. On a phone each row
    becomes a card, since a table of several columns would not fit. A long table has pages.
    """
    rows = choose_page(_to_frame(rows))
    cells = {
        escape_markdown(column): list(values) if column in raw else list(map(_format_cell, values))
        for column, values in rows.items()
    }
    is_numbered = isinstance(rows.index, pd.RangeIndex)
    titles = None if is_numbered else [escape_markdown(value) for value in rows.index]
    if viewport() == "narrow":
        _show_cards(cells, titles)
    elif titles is None:
        # Arrow from the beginning: through pandas, it takes twenty times as long
        columns = (pa.array(texts, pa.string(), from_pandas=True) for texts in cells.values())
        st.table(pa.table(list(columns), list(cells)), border="horizontal", hide_index=True)
    else:
        st.table(pd.DataFrame(cells, index=titles), border="horizontal", hide_index=False)


def choose_page(
    rows: pd.DataFrame,
    page_rows: int = MAX_SHOWN_ROWS,
    orders: Orders | None = None,
    noun: str = "ligne",
) -> pd.DataFrame:
    """Render the choice of an order and of a page of a long table; return the rows of that page.

    All rows are sorted, by their values rather than by the texts shown; missing ones come last.
    `noun` is what a row is.
    """
    page_count = math.ceil(len(rows) / page_rows)
    if page_count <= 1 and not (orders and len(rows) >= _MIN_SORTED_ROWS):
        return rows
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if orders and len(rows) >= _MIN_SORTED_ROWS:
            chosen = st.selectbox("Trier par", tuple(orders), width=300)
            rows = _sort(rows, orders[chosen])
        if page_count <= 1:
            return rows
        content = repr((len(rows), list(rows.columns), list(rows.index[:1]), list(rows.iloc[0])))
        digest = hashlib.sha256(content.encode()).hexdigest()[:12]
        page = st.pagination(page_count, width=320, key=f"page:{digest}")
        st.caption(
            f"{pluralize(len(rows), noun)}, en {pluralize(page_count, 'page')}.", width="content"
        )
    return rows.iloc[(page - 1) * page_rows : page * page_rows]


def _sort(rows: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    if not columns:
        return rows
    return rows.sort_values(
        [column.removeprefix("-") for column in columns],
        ascending=[not column.startswith("-") for column in columns],
        key=_fold_texts,
        kind="stable",
    )


def _fold_texts(values: pd.Series) -> pd.Series:
    """Return texts without accents nor capitals, to sort them; other values as they are."""
    if pd.api.types.is_numeric_dtype(values):
        return values
    return values.map(lambda text: " ".join(tokenize(text)), na_action="ignore")


def _to_frame(rows: pd.DataFrame | TextColumns) -> pd.DataFrame:
    if isinstance(rows, pd.DataFrame):
        return rows
    return pd.DataFrame({title: list(cells) for title, cells in rows.items()}, dtype=object)


def _format_cell(value: str) -> str:
    return f":gray[{value}]" if value in _MUTED_COLOUR else escape_markdown(value)


def _show_cards(cells: Mapping[str, Sequence[str]], titles: Sequence[str] | None) -> None:
    """Render each row as a title (without `titles`, the first column) and a line per column."""
    if titles is None:
        titles, cells = next(iter(cells.values()), ()), dict(list(cells.items())[1:])
    for title, *texts in zip(titles, *cells.values(), strict=True):
        lines = (f"{column} : {text}" for column, text in zip(cells, texts, strict=True))
        st.markdown("  \n".join([f"**{title}**", *lines]))


def download_buttons(
    key: str, sheets: Mapping[str, pd.DataFrame], about: str, view: Parameters | None = None
) -> None:
    """Render the buttons that download tables as CSV and XLSX, and the address of the view.

    File names contain a digest of the view, so that two choices give two files. `sheets` may be
    lazy: its tables are read only when a file is requested.
    """
    key = f"{key}-{view_digest(view)}" if view is not None and view.to_query() else key
    with st.container(horizontal=True, vertical_alignment="center"):
        for name in sheets:
            label = "CSV" if len(sheets) == 1 else f"{_sheet_title(name)} (CSV)"
            file_name = table_writers.file_name(f"{key}-{name}", "csv")
            download(label, file_name, _labelled_csv, sheets, name, key=f"{key}:{name}:csv")
        file_name = table_writers.file_name(key, "xlsx")
        make = table_writers.to_labelled_xlsx
        download("Classeur Excel", file_name, make, sheets, about, key=f"{key}:xlsx")
        if view is not None:
            link_button(view)


def _sheet_title(name: str) -> str:
    if name in _SHEET_TITLES:
        return _SHEET_TITLES[name]
    table = find_table(name)
    return table.title if table else name.replace("_", " ").capitalize()


def link_button(view: Parameters, key: str | None = None) -> None:
    """Render the button that shows the address of a view."""
    with st.popover("Lien", icon=":material/link:", key=key):
        show_link(view)


def show_link(view: Parameters) -> None:
    """Render the address of a view, to be copied."""
    st.caption("Cette adresse rouvre la page telle que vous la voyez.")
    st.code(permalink(view), language=None, wrap_lines=True)


def _labelled_csv(sheets: Mapping[str, pd.DataFrame], name: str) -> bytes:
    return table_writers.to_labelled_csv(sheets[name])


def view_digest(view: Parameters) -> str:
    """Return the digest of a view that its files have in their names."""
    return hashlib.sha256(urlencode(view.to_query(), doseq=True).encode()).hexdigest()[:8]


def download(
    label: str,
    file_name: str,
    make: Callable[..., bytes | str],
    *arguments: object,
    key: str,
    icon: str = ":material/download:",
    **options: object,
) -> None:
    """Render the button of a file that `make` builds once requested.

    It is built from the data read now (preview or not). `options` are those of
    `st.download_button`; the type of the file follows from its name unless `mime` gives it.
    """
    bound_function = bind_preview(make)
    preview = current_preview()

    def build_file() -> bytes | str:
        if preview is None:
            with FILE_LIMITER.slot():
                return bound_function(*arguments)
        with PREVIEW_LIMITER.slot(), preview.time_limit(_MAX_PREVIEW_SECONDS):
            return bound_function(*arguments)

    media_type = MEDIA_TYPES.get(file_name.rpartition(".")[2]) or guess_type(file_name)[0]
    options = {"mime": media_type, **options}
    st.download_button(
        label, build_file, file_name, key=key, icon=icon, on_click="ignore", **options
    )


def source_line() -> None:
    """Render the source, licence and version of the data, below a figure or a table."""
    data = dataset_metadata()
    st.caption(
        f"Source : corpus Stratoscope du {format_partial_date(data['date'])}, "
        f"Licence Ouverte 2.0 ; version {data['version']}. {REREAD_LEGEND} "
        "Populations : Insee. Contours : IGN."
    )


def map_tables(page: str, view: Parameters, layers: Sequence[MapLayer]) -> None:
    """Render the data of maps as tables and files, built only once opened."""
    with st.expander(
        "Voir le tableau et le télécharger",
        icon=":material/table:",
        key=f"{page}:tableau",
        on_change="rerun",
    ) as expander:
        if not expander.open:
            return
        for layer in layers:
            if len(layers) > 1:
                st.markdown(f"**{escape_markdown(layer.title)}** ({layer.subtitle})")
            _map_table(layer)
        names = ("carte",) if len(layers) == 1 else ("carte_1", "carte_2")
        sheets = {name: layer.data for name, layer in zip(names, layers, strict=True)}
        download_buttons(f"{page}-{view.question}-{view.niveau}", sheets, layers[0].title, view)


def _map_table(layer: MapLayer) -> None:
    """Render the data of a map layer as a table."""
    labels = {legend_class.code: legend_class.label for legend_class in layer.classes}
    rows = layer.data.assign(etat=layer.data["classe"].map(labels))
    columns = {
        "territoire_code": "Code",
        "nom": "Territoire",
        "etat": "Classe",
        "valeur": st.column_config.NumberColumn("Valeur (€/hab.)", format="localized"),
        "detail": st.column_config.TextColumn("Détail", width="large"),
    }
    if not pd.api.types.is_numeric_dtype(rows["valeur"]):
        columns.pop("valeur")
    st.dataframe(
        rows[list(columns)],
        column_config=columns,
        hide_index=True,
        height=320,
        # the 34,900 communes are loaded while scrolling
        lazy=len(rows) > 2000,
        placeholder=MISSING,
        alt=f"Tableau : {layer.title}",
    )


def table_or_message(rows: pd.DataFrame | TextColumns, empty: str, raw: Sequence[str] = ()) -> None:
    """Render a table, or the message `empty` if it has no rows."""
    rows = _to_frame(rows)
    if rows.empty:
        st.markdown(empty)
    else:
        text_table(rows, raw)
