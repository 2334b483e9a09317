"""Avec qui mutualiser ? Who can be joined for a need, and examples, with their reasons."""

import pandas as pd
import streamlit as st

from comparisons.analysis.shared_services import matching, matching_reasons, needs
from comparisons.database.cache import cached
from comparisons.exports import tables
from comparisons.exports.pdf import partners_note
from comparisons.formatting import curly_apostrophes, escape_markdown, is_missing
from comparisons.parameters import SharedServicesParameters
from comparisons.queries.territories import load_territories
from comparisons.schema.model import code_label, vocabulary_codes
from comparisons.schema.territory import parse_key
from comparisons.ui.shared_services.selected_territories import chosen_territories
from comparisons.ui.state import permalink, update_parameters
from comparisons.ui.tables import download_buttons, lazy_file, source_line, text_table

MAX_SHOWN = 12
_FIRST_SERVICE = "archivage_electronique"


def show_partners(page: str, view: SharedServicesParameters) -> None:
    """Render who can be joined for a need, and apart who did it elsewhere.

    Each with its reasons.
    """
    view = chosen_territories(
        page, view, "Choisissez votre territoire par la recherche ci-dessus : le premier est lu."
    )
    if not view.t:
        return
    need = _choose_need(page, view)
    view = update_parameters(page, view, service=need[0], theme=need[1])
    if view.theme:
        st.caption(escape_markdown(needs.parse_need(theme=view.theme).explanation))
    found = cached(matching.find_partners)(view.t[0], view.service, view.theme)
    lists = {name: found[found["liste"] == name] for name in matching.LISTS}
    hosts, examples = lists[matching.HOSTS], lists[matching.EXAMPLES]
    st.header(matching.HOSTS, anchor="accueil", divider="gray")
    if hosts.empty:
        own = cached(load_territories)((parse_key(view.t[0]),)).iloc[0]
        said = matching_reasons.nobody_open(own, not examples.empty)
        st.markdown(escape_markdown(said))
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
    st.caption(matching_reasons.UNKNOWN_NOTE)
    address = permalink(view)
    st.download_button(
        "Note d’une page (PDF)",
        data=lazy_file(partners_note.partners_pdf, view.t[0], view.service, view.theme, address),
        file_name=tables.file_name(f"mutualiser-{view.t[0]}", "pdf"),
        mime="application/pdf",
        key=f"{page}:note",
        on_click="ignore",
        icon=":material/print:",
    )
    download_buttons(f"mutualiser-{view.t[0]}", {"candidats": found}, "Avec qui mutualiser ?", view)
    source_line()


def _show_list(rows: pd.DataFrame) -> None:
    if rows.empty:
        return
    text_table(_candidates_table(rows.head(MAX_SHOWN)), ("Qui",))
    if len(rows) > MAX_SHOWN:
        st.caption(f"Les {MAX_SHOWN} premiers sur {len(rows)} ; tous sont dans les fichiers.")


def _choose_need(page: str, view: SharedServicesParameters) -> tuple[str, str]:
    """Render what lets the reader say the need, a service or a theme.

    Give both, one of them empty.
    """
    offered = {
        ("service", code): code_label("services", code) for code in vocabulary_codes("services")
    }
    offered |= {
        ("theme", code): f"Thème : {code_label('themes', code)}"
        for code in vocabulary_codes("themes")
    }
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
            "Raisons": [
                " ".join(curly_apostrophes(r) for r in row.raisons) for row in rows.itertuples()
            ],
            "Certitude": [
                "–" if is_missing(code) else code_label("certitudes", code)
                for code in rows["certitude"]
            ],
        }
    ).reset_index(drop=True)


def _linked(row: object) -> str:
    name = escape_markdown(row.nom)
    if is_missing(row.partenaire_id):
        return f"[{name}](/territoire?t={row.cle})"
    return f"[{name}](/mutualisation?organisme={row.partenaire_id})"
