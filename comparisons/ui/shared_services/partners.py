"""Render the organisations and territories that could be joined for a need."""

import pandas as pd
import streamlit as st

from comparisons.analysis.shared_services import matching, matching_reasons, needs
from comparisons.exports import table_writers
from comparisons.exports.pdf import partners_note
from comparisons.formatting import curly_apostrophes, escape_markdown, is_missing
from comparisons.page_parameters import SharedServicesParameters
from comparisons.queries.territories import load_territories
from comparisons.schema.model import code_label, vocabulary_codes
from comparisons.ui.shared_services.selected_territories import show_selected_territories
from comparisons.ui.state import permalink, update_parameters
from comparisons.ui.tables import TextColumns, download, download_buttons, source_line, text_table

_MAX_SHOWN = 12
_DEFAULT_SERVICE = "archivage_electronique"


def show_partners(page: str, view: SharedServicesParameters) -> None:
    """Render the organisations open to a territory for a need, then examples elsewhere.

    Each comes with its reasons.
    """
    view = show_selected_territories(
        page, view, "Indiquez votre territoire par la recherche ci-dessus."
    )
    if not view.t:
        return
    need = _choose_need(page, view)
    view = update_parameters(page, view, service=need[0], theme=need[1])
    if view.theme:
        st.caption(escape_markdown(needs.parse_need(theme=view.theme).explanation))
    candidates = matching.find_partners(view.t[0], view.service, view.theme)
    lists = {name: candidates[candidates["liste"] == name] for name in matching.LISTS}
    hosts, examples = lists[matching.HOSTS], lists[matching.EXAMPLES]
    st.header(matching.HOSTS, anchor="accueil", divider="gray")
    if hosts.empty:
        territory = load_territories((view.t[0],)).iloc[0]
        reason = matching_reasons.nobody_open(territory, not examples.empty)
        st.markdown(escape_markdown(reason))
    _show_list(hosts)
    if len(lists[matching.LINKED]):
        st.header(matching.LINKED, anchor="deja-lies", divider="gray")
        _show_list(lists[matching.LINKED])
    for name in (matching.EXAMPLES, matching.TOGETHER):
        if lists[name].empty:
            continue
        is_expanded = hosts.empty and name == matching.EXAMPLES
        with st.expander(f"{name} ({len(lists[name])})", expanded=is_expanded):
            _show_list(lists[name])
    st.caption(matching_reasons.RANKING_NOTE)
    st.caption(matching_reasons.UNKNOWN_NOTE)
    download(
        "Note d’une page (PDF)",
        table_writers.file_name(f"mutualiser-{view.t[0]}", "pdf"),
        partners_note.partners_pdf,
        *(view.t[0], view.service, view.theme, permalink(view)),
        key=f"{page}:note",
        icon=":material/print:",
    )
    download_buttons(
        f"mutualiser-{view.t[0]}", {"candidats": candidates}, "Avec qui mutualiser ?", view
    )
    source_line()


def _show_list(rows: pd.DataFrame) -> None:
    if rows.empty:
        return
    text_table(_candidates_table(rows.head(_MAX_SHOWN)), ("Qui",))
    if len(rows) > _MAX_SHOWN:
        st.caption(f"Les {_MAX_SHOWN} premiers sur {len(rows)} ; tous sont dans les fichiers.")


def _choose_need(page: str, view: SharedServicesParameters) -> tuple[str, str]:
    """Render the choice of a service or a theme; return both codes, one of them empty."""
    labels = {
        ("service", code): code_label("services", code) for code in vocabulary_codes("services")
    }
    labels |= {
        ("theme", code): f"Thème : {code_label('themes', code)}"
        for code in vocabulary_codes("themes")
    }
    selected = (
        ("theme", view.theme) if view.theme else ("service", view.service or _DEFAULT_SERVICE)
    )
    # the key contains the need of the address, which prevails over the previous choice
    widget = f"{page}:besoin:{':'.join(selected)}"
    kind, code = st.selectbox(
        "Votre besoin",
        tuple(labels),
        index=list(labels).index(selected),
        format_func=labels.get,
        key=widget,
    )
    return (code, "") if kind == "service" else ("", code)


def _candidates_table(rows: pd.DataFrame) -> TextColumns:
    return {
        "Qui": [_candidate_link(row) for row in rows.itertuples()],
        "Raisons": [
            " ".join(curly_apostrophes(reason) for reason in row.raisons)
            for row in rows.itertuples()
        ],
        "Certitude": [
            "–" if is_missing(code) else code_label("certitudes", code)
            for code in rows["certitude"]
        ],
    }


def _candidate_link(row: object) -> str:
    name = escape_markdown(row.nom)
    if is_missing(row.partenaire_id):
        return f"[{name}](/territoire?t={row.cle})"
    return f"[{name}](/mutualisation?organisme={row.partenaire_id})"
