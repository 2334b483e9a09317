"""Avec qui mutualiser ? Who can be joined for a need, and examples, with their reasons."""

import pandas as pd
import streamlit as st

from comparisons.analysis.shared_services import matching, matching_reasons, needs
from comparisons.database.cache import cached
from comparisons.exports import tables
from comparisons.exports.pdf import partners_note
from comparisons.formatting import is_missing, markdown_escaped, typographic
from comparisons.parameters import PoolingView
from comparisons.queries.territories import described
from comparisons.schema.model import codes, label
from comparisons.schema.territory import parse_key
from comparisons.ui.shared_services.selected_territories import chosen_territories
from comparisons.ui.state import keep_view, permalink
from comparisons.ui.tables import downloads, later, source_line, words_table

MAX_SHOWN = 12
_FIRST_SERVICE = "archivage_electronique"


def show_partners(page: str, view: PoolingView) -> None:
    """Show who can be joined for a need, and apart who did it elsewhere, each with its reasons."""
    view = chosen_territories(
        page, view, "Choisissez votre territoire par la recherche ci-dessus : le premier est lu."
    )
    if not view.t:
        return
    need = _choose_need(page, view)
    view = keep_view(page, view, service=need[0], theme=need[1])
    if view.theme:
        st.caption(markdown_escaped(needs.need(theme=view.theme).explanation))
    found = cached(matching.candidates)(view.t[0], view.service, view.theme)
    lists = {name: found[found["liste"] == name] for name in matching.LISTS}
    hosts, examples = lists[matching.HOSTS], lists[matching.EXAMPLES]
    st.header(matching.HOSTS, anchor="accueil", divider="gray")
    if hosts.empty:
        own = cached(described)((parse_key(view.t[0]),)).iloc[0]
        said = matching_reasons.nobody_open(own, not examples.empty)
        st.markdown(markdown_escaped(said))
    _show_list(hosts)
    if len(lists[matching.LINKED]):
        st.header(matching.LINKED, anchor="deja-lies", divider="gray")
        _show_list(lists[matching.LINKED])
    for name in (matching.EXAMPLES, matching.TOGETHER):
        if lists[name].empty:
            continue
        opened = hosts.empty and name == matching.EXAMPLES
        with st.expander(f"{name} ({len(lists[name])})", expanded=opened):
            _show_list(lists[name])
    st.caption(matching_reasons.ORDER_RULE)
    st.caption(matching_reasons.UNKNOWN_IS_NOT_NO)
    address = permalink(view)
    st.download_button(
        "Note d’une page (PDF)",
        data=later(partners_note.note_pdf, view.t[0], view.service, view.theme, address),
        file_name=tables.file_name(f"mutualiser-{view.t[0]}", "pdf"),
        mime="application/pdf",
        key=f"{page}:note",
        on_click="ignore",
        icon=":material/print:",
    )
    downloads(f"mutualiser-{view.t[0]}", {"candidats": found}, "Avec qui mutualiser ?", view)
    source_line()


def _show_list(rows: pd.DataFrame) -> None:
    if rows.empty:
        return
    words_table(_candidates_table(rows.head(MAX_SHOWN)), ("Qui",))
    if len(rows) > MAX_SHOWN:
        st.caption(f"Les {MAX_SHOWN} premiers sur {len(rows)} ; tous sont dans les fichiers.")


def _choose_need(page: str, view: PoolingView) -> tuple[str, str]:
    """Let the reader say the need, a service or a theme; give both, one of them empty."""
    offered = {("service", code): label("services", code) for code in codes("services")}
    offered |= {("theme", code): f"Thème : {label('themes', code)}" for code in codes("themes")}
    shown = ("theme", view.theme) if view.theme else ("service", view.service or _FIRST_SERVICE)
    # what the address says, whatever was chosen before
    widget = f"{page}:besoin:{':'.join(shown)}"
    kind, code = st.selectbox(
        "Votre besoin",
        tuple(offered),
        index=list(offered).index(shown),
        format_func=offered.get,
        key=widget,
    )
    return (code, "") if kind == "service" else ("", code)


def _candidates_table(rows: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Qui": [_linked(row) for row in rows.itertuples()],
            "Raisons": [" ".join(typographic(r) for r in row.raisons) for row in rows.itertuples()],
            "Certitude": [
                "–" if is_missing(code) else label("certitudes", code) for code in rows["certitude"]
            ],
        }
    ).reset_index(drop=True)


def _linked(row: object) -> str:
    name = markdown_escaped(row.nom)
    if is_missing(row.partenaire_id):
        return f"[{name}](/territoire?t={row.cle})"
    return f"[{name}](/mutualisation?organisme={row.partenaire_id})"
