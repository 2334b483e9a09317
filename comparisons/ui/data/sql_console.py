"""Render the SQL console: query, result, files."""

from urllib.parse import urlencode

import pandas as pd
import streamlit as st

from comparisons.concurrency import PAGE_LIMITER
from comparisons.database.cache import cached
from comparisons.database.connection import use_preview
from comparisons.database.sandbox import examples, runner
from comparisons.database.sandbox import limits as sandbox_limits
from comparisons.errors import BadRequestError
from comparisons.exports.sql_files import MEDIA_TYPES, truncation_notice
from comparisons.formatting import MISSING, escape_markdown, format_number, pluralize
from comparisons.page_parameters import DataParameters
from comparisons.queries import column_catalog
from comparisons.ui.data.citations import show_citations
from comparisons.ui.state import (
    base_url,
    permalink,
    reader_id,
    update_parameters,
    widget_key,
)
from comparisons.ui.tables import source_line

_TITLES = {"csv": "CSV", "xlsx": "Excel", "parquet": "Parquet", "json": "JSON"}
_EXAMPLE = "Partir d’un exemple"


def show_sql_console(page: str, view: DataParameters) -> None:
    """Render the query field and the result of the query."""
    limits = sandbox_limits.Limits()
    st.markdown(
        "Posez votre propre question aux tables, en SQL (celui de DuckDB). Une requête ne fait que "
        f"lire : elle a {format_number(limits.seconds)} secondes et rend "
        f"{format_number(limits.rows)} lignes au plus."
    )
    _choose_example(page)
    with st.expander("Tables et colonnes", icon=":material/schema:"):
        _show_schema(page)
    text = st.text_area(
        "Requête",
        key=widget_key(page, view, "requete", ""),
        height=230,
        placeholder="SELECT type, count(*) FROM strategies GROUP BY ALL",
        max_chars=sandbox_limits.MAX_CHARACTERS,
    )
    view = update_parameters(page, view, requete=text)
    st.button("Exécuter", type="primary", icon=":material/play_arrow:", key=f"{page}:executer")
    if not text.strip():
        return
    try:
        with st.spinner("La requête s’exécute…"), PAGE_LIMITER.released():
            with use_preview(None):
                result = _run(text)
    except BadRequestError as error:
        st.error(escape_markdown(error), icon=":material/error:")
        return
    _show_result(page, view, result)


@cached
def _run(text: str) -> runner.QueryResult:
    """Return the result of a query of this reader."""
    return runner.run_query(text, client=reader_id())


def _choose_example(page: str) -> None:
    titles = {example.title: example for example in examples.EXAMPLES}

    def apply_example() -> None:
        chosen = st.session_state[f"{page}:exemple"]
        # set to None rather than deleted: the browser would send it again at each run
        st.session_state[f"{page}:exemple"] = None
        if chosen:
            st.session_state[f"{page}:requete"] = titles[chosen].sql
            st.session_state[f"{page}:phrase"] = titles[chosen].sentence

    st.selectbox(
        _EXAMPLE,
        tuple(titles),
        index=None,
        placeholder="Choisir une question",
        key=f"{page}:exemple",
        on_change=apply_example,
    )
    if f"{page}:phrase" in st.session_state:
        st.caption(escape_markdown(st.session_state[f"{page}:phrase"]))


def _show_schema(page: str) -> None:
    columns = column_catalog.column_catalog()
    tables = tuple(dict.fromkeys(columns["table"]))
    chosen = st.selectbox("Table", tables, key=f"{page}:schema")
    columns = columns[columns["table"] == chosen]
    st.dataframe(
        columns,
        hide_index=True,
        column_config={
            "table": None,
            "colonne": "Colonne",
            "type": "Type",
            "titre": st.column_config.TextColumn("Titre", width="large"),
        },
        alt=f"Tableau : les colonnes de la table {chosen}",
    )


def _show_result(page: str, view: DataParameters, result: runner.QueryResult) -> None:
    rows: pd.DataFrame = result.rows
    st.markdown(
        f"**{pluralize(len(rows), 'ligne')}** en {format_number(max(result.seconds, 0.01), 2)} s"
    )
    if result.truncated:
        st.warning(truncation_notice(result), icon=":material/content_cut:")
    if rows.empty:
        return
    st.dataframe(
        rows,
        hide_index=True,
        height=min(420, 38 + 35 * len(rows)),
        placeholder=MISSING,
        lazy=len(rows) > 2000,
        alt="Tableau : réponse à la requête",
    )
    with st.container(horizontal=True):
        for extension in MEDIA_TYPES:
            query_string = urlencode({"q": view.requete, "format": extension})
            st.link_button(
                _TITLES[extension],
                f"{base_url()}api/v1/sql?{query_string}",
                icon=":material/download:",
            )
    with st.expander("Citer cette réponse", icon=":material/format_quote:"):
        show_citations(page, permalink(view), "Réponse à une requête", view.requete)
    source_line()
