"""Render the organisations and territories that could be joined for a need."""

from collections.abc import Iterable

import pandas as pd
import streamlit as st

from comparisons.analysis.shared_services import matching, matching_reasons, needs
from comparisons.analysis.shared_services.organisations import list_organisations
from comparisons.exports import table_writers
from comparisons.exports.pdf import partners_note
from comparisons.formatting import (
    curly_apostrophes,
    escape_markdown,
    format_number,
    is_missing,
    join_words,
    pluralize,
    to_place,
)
from comparisons.page_parameters import SharedServicesParameters
from comparisons.queries.territories import load_territories
from comparisons.rows import iterate_rows
from comparisons.schema.model import code_label, vocabulary_codes
from comparisons.ui.controls import removable_chips
from comparisons.ui.glossary import glossary_help
from comparisons.ui.shared_services.directory import contact_link, has_contact, organisation_link
from comparisons.ui.state import permalink, update_parameters
from comparisons.ui.tables import (
    TextColumns,
    choose_page,
    download,
    download_buttons,
    source_line,
    text_table,
)

_PAGE_ROWS = 12


def show_partners(page: str, view: SharedServicesParameters) -> None:
    """Render with whom a territory could pool: need by need, or for one, with the reasons."""
    if not view.t:
        st.markdown(
            "Indiquez votre territoire dans la recherche ci-dessus : commune, intercommunalité, "
            "département ou région. Vous verrez, besoin par besoin, qui peut l’accueillir."
        )
        _show_organisation_counts()
        return
    territory = load_territories(view.t[:1])
    with st.container(horizontal=True, vertical_alignment="bottom"):
        removable_chips(page, territory, lambda _: update_parameters(page, view, t=view.t[1:]))
        view = _choose_need(page, view)
    if view.service or view.theme:
        _show_need(page, view)
    else:
        _show_every_need(territory.iloc[0], view)


def _show_hosts_header() -> None:
    help_text = glossary_help("Organisme", "Mutualisation")
    st.header(matching.HOSTS, anchor="accueil", divider="gray", help=help_text)


def _show_every_need(territory: pd.Series, view: SharedServicesParameters) -> None:
    """Render who could welcome the territory for each need, which leads to the reasons."""
    key = territory["cle"]
    rows = matching.partners_by_service(key)
    open_count = int(rows["accueillent"].map(len).gt(0).sum())
    _show_hosts_header()
    st.markdown(
        f"Un organisme ouvert {escape_markdown(to_place(territory['nom_article']))} est connu pour "
        f"**{pluralize(open_count, 'besoin')} sur {len(rows)}**. Choisissez un besoin pour les "
        "raisons, les exemples et la note à imprimer."
    )
    is_linked = rows["accueillent"].astype(bool) | rows["en_lien"].astype(bool)
    known, others = rows[is_linked], rows[~is_linked]
    query = f"partie=avec_qui&t={key}&"
    columns = {
        "Besoin": _need_links(known["service"], query),
        matching.HOSTS: _organisation_links(known["accueillent"]),
        matching.LINKED: _organisation_links(known["en_lien"]),
    }
    if not known["en_lien"].map(len).any():
        del columns[matching.LINKED]
    if len(known):
        text_table(columns, list(columns))
        _show_contacts(known["accueillent"])
    with st.expander(f"Les autres besoins ({len(others)})", expanded=len(others) == len(rows)):
        text_table(
            {
                "Besoin": _need_links(others["service"], query),
                "Organismes connus ailleurs": map(format_number, others["ailleurs"]),
            },
            ("Besoin",),
        )
    st.caption(matching_reasons.UNKNOWN_NOTE)
    download_buttons(
        f"mutualiser-{territory['cle']}",
        {"accueil_par_besoin": rows},
        "Avec qui mutualiser ?",
        view,
    )
    source_line()


def _show_contacts(lists: pd.Series) -> None:
    """Render how to reach the organisations of these lists, of those for which it is known."""
    organisations = list_organisations().set_index("partenaire_id", drop=False)
    rows = organisations.loc[list(lists.explode().dropna().unique())]
    contacts = [
        f"{organisation_link(row)} ({contact_link(row)})"
        for row in iterate_rows(rows)
        if has_contact(row)
    ]
    if contacts:
        st.markdown(f"Pour les contacter : {join_words(contacts)}.")


def _show_organisation_counts() -> None:
    """Render how many organisations are known for each need, and where to find them."""
    st.header("Ou partez d’un besoin", anchor="besoins", divider="gray")
    counts = list_organisations()["services"].explode().value_counts()
    codes = [code for code in vocabulary_codes("services") if code in counts]
    text_table(
        {
            "Besoin": _need_links(codes),
            "Organismes connus en France": [format_number(counts[code]) for code in codes],
        },
        ("Besoin",),
    )
    source_line()


def _need_links(codes: Iterable[str], query: str = "") -> list[str]:
    return [
        f"[{escape_markdown(code_label('services', code))}](/mutualisation?{query}service={code})"
        for code in codes
    ]


def _organisation_links(lists: pd.Series) -> list[str]:
    organisations = list_organisations().set_index("partenaire_id", drop=False)
    return [", ".join(organisation_link(organisations.loc[name]) for name in ids) or "–"
            for ids in lists]  # fmt: skip


def _show_need(page: str, view: SharedServicesParameters) -> None:
    """Render the organisations open to a territory for a need, then examples elsewhere."""
    if view.theme:
        st.caption(escape_markdown(needs.parse_need(theme=view.theme).explanation))
    candidates = matching.find_partners(view.t[0], view.service, view.theme)
    lists = {name: candidates[candidates["liste"] == name] for name in matching.LISTS}
    hosts, examples = lists[matching.HOSTS], lists[matching.EXAMPLES]
    _show_hosts_header()
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
    if len(rows):
        rows = choose_page(rows, _PAGE_ROWS)
        text_table(_candidates_table(rows), ("Qui", "Contact"))


def _choose_need(page: str, view: SharedServicesParameters) -> SharedServicesParameters:
    """Render the choice of a service, a theme or neither, and return the updated view."""
    labels = {
        ("service", code): code_label("services", code) for code in vocabulary_codes("services")
    }
    labels |= {
        ("theme", code): f"Thème : {code_label('themes', code)}"
        for code in vocabulary_codes("themes")
    }
    selected = ("theme", view.theme) if view.theme else ("service", view.service)
    # the key contains the need of the address, which prevails over the previous choice
    chosen = st.selectbox(
        "Votre besoin",
        tuple(labels),
        index=list(labels).index(selected) if selected in labels else None,
        format_func=labels.get,
        key=f"{page}:besoin:{':'.join(selected)}",
        placeholder="Tous les besoins",
    )
    kind, code = chosen or ("", "")
    need = {"service": "", "theme": ""} | ({kind: code} if kind else {})
    return update_parameters(page, view, **need)


def _candidates_table(rows: pd.DataFrame) -> TextColumns:
    organisations = list_organisations().set_index("partenaire_id", drop=False)
    columns = {
        "Qui": [_candidate_link(row) for row in iterate_rows(rows)],
        "Raisons": [
            " ".join(curly_apostrophes(reason) for reason in row.raisons)
            for row in iterate_rows(rows)
        ],
        "Contact": [
            "–" if is_missing(name) else contact_link(organisations.loc[name])
            for name in rows["partenaire_id"]
        ],
        "Certitude": [
            "–" if is_missing(code) else code_label("certitudes", code)
            for code in rows["certitude"]
        ],
    }
    if rows["partenaire_id"].isna().all():
        del columns["Contact"]
    return columns


def _candidate_link(row: object) -> str:
    if is_missing(row.partenaire_id):
        return f"[{escape_markdown(row.nom)}](/territoire?t={row.cle})"
    return organisation_link(row)
