"""Render the full-text search: query, facets, results by territory."""

from collections import defaultdict
from collections.abc import Sequence

import streamlit as st

from comparisons.analysis.themes.similar_strategies import searchable_strategies
from comparisons.database.cache import cached
from comparisons.formatting import (
    curly_apostrophes,
    escape_markdown,
    format_number,
    is_missing,
    pluralize,
)
from comparisons.page_parameters import ThemesParameters
from comparisons.queries.sources import source_link
from comparisons.queries.territories import load_territories
from comparisons.rows import iterate_rows
from comparisons.schema.model import code_label, load_format
from comparisons.search import search
from comparisons.search.facets import FacetFilters
from comparisons.search.search import SearchResults
from comparisons.search.snippets import highlight_markdown
from comparisons.ui.controls import removable_chips
from comparisons.ui.reports import report_error_link
from comparisons.ui.selectors import drop_unknown_territories
from comparisons.ui.shared_services.directory import organisation_link
from comparisons.ui.state import update_parameters, viewport, widget_key
from comparisons.ui.tables import choose_page, download_buttons, source_line

_MAX_TERRITORIES = 12
_MAX_TEXTS_EACH = 3
# values of a facet displayed before the others are unfolded
_MAX_FACET_VALUES = 6
_FACETS = {
    "niveau": "Niveau",
    "table": "Nature du texte",
    "theme": "Thème",
    "type": "Type de stratégie",
    "etat": "État",
    "periode": "Période du document",
    "region": "Région",
}
# compact lists of buttons, aligned left
_COMPACT = (
    "<style>.st-key-{key} button {{ min-height: 1.5rem; padding: 0; text-align: left; "
    "justify-content: flex-start }} .st-key-{key} button p {{ text-align: left }}</style>"
)
_EXAMPLES = ("inclusion numérique", "archivage", "« territoire connecté »", "fibre -collège")


def show_search(page: str, view: ThemesParameters) -> None:
    """Render the query, the facets and the results."""
    text = st.text_input(
        "Chercher dans les priorités, les stratégies, les budgets et les organismes",
        key=widget_key(page, view, "texte", ""),
        placeholder=f"Par exemple : {', '.join(_EXAMPLES)}",
        help="Les accents, les majuscules et les terminaisons ne comptent pas. Des guillemets "
        "gardent les mots ensemble ; un tiret devant un mot l’exclut.",
    )
    view = _drop_unknown_codes(page, update_parameters(page, view, texte=text))
    filters = FacetFilters(**{name: getattr(view, name) for name in _FACETS})
    view = _show_territories(page, view)
    results: SearchResults = search.search_texts(
        view.texte, filters, limit=None, exact=view.exact, within=view.chez
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(escape_markdown(results.comprises), width="content")
        if results.including or (view.exact and view.texte):
            st.button(
                "Avec les mots de même sens" if view.exact else "Ces mots exacts seulement",
                type="tertiary",
                key=f"{page}:exact",
                on_click=update_parameters,
                args=(page, view),
                kwargs={"exact": not view.exact},
            )
    if viewport() == "narrow":
        count = sum(len(chosen) for chosen in filters.active.values())
        with st.popover(f"Filtrer ({count})" if count else "Filtrer", icon=":material/filter_alt:"):
            _show_facets(page, view, results)
        _show_results(page, view, results)
        return
    facets_column, results_column = st.columns([1, 3], gap="large")
    with facets_column:
        _show_facets(page, view, results)
    with results_column:
        _show_results(page, view, results)


def _show_territories(page: str, view: ThemesParameters) -> ThemesParameters:
    """Render the territories that the search keeps to, each removable; return the view."""
    view = drop_unknown_territories(page, view)
    if view.chez:

        def keep(keys: Sequence[str]) -> None:
            update_parameters(page, view, chez=tuple(keys))

        with st.container(horizontal=True, vertical_alignment="center", key=f"{page}:chez"):
            st.markdown("Seulement chez :", width="content")
            removable_chips(page, load_territories(view.chez), keep)
            if len(view.chez) > 1:
                st.button("Chez tous", type="tertiary", key=f"{page}:partout", on_click=keep,
                          args=((),))  # fmt: skip
    return view


def _drop_unknown_codes(page: str, view: ThemesParameters) -> ThemesParameters:
    """Return the view without unknown codes of facets, and warn about them."""
    codes_by_facet = search.facet_options()
    valid_codes = {
        name: tuple(c for c in getattr(view, name) if c in codes_by_facet[name]) for name in _FACETS
    }
    warnings = [
        f"« {escape_markdown(code)} » n’est pas une valeur de « {title} » et a été ignoré."
        for name, title in _FACETS.items()
        for code in getattr(view, name)
        if code not in valid_codes[name]
    ]
    if not warnings:
        return view
    st.warning(" ".join(warnings))
    return update_parameters(page, view, **valid_codes)


def _show_facets(page: str, view: ThemesParameters, results: SearchResults) -> None:
    """Render the count of texts of each value of facets; a click adds or removes the filter."""
    with st.container(key=f"{page}-facettes", gap="small"):
        st.html(_COMPACT.format(key=f"{page}-facettes"))
        if any(getattr(view, name) for name in _FACETS):
            st.button(
                "Retirer les filtres",
                icon=":material/filter_alt_off:",
                type="tertiary",
                key=f"{page}:facettes:retirer",
                on_click=update_parameters,
                args=(page, view),
                kwargs=dict.fromkeys(_FACETS, ()),
            )
        _show_facet_lists(page, view, results)


def _show_facet_lists(page: str, view: ThemesParameters, results: SearchResults) -> None:
    rows = list(iterate_rows(results.facettes))
    for facet, title in _FACETS.items():
        chosen = getattr(view, facet)
        facet_rows = [row for row in rows if row.facette == facet]
        if not facet_rows:
            continue
        facet_rows.sort(key=lambda row: (row.code not in chosen, -row.nombre))
        st.markdown(f"**{title}**")
        _show_values(page, view, facet, facet_rows[:_MAX_FACET_VALUES])
        hidden_rows = facet_rows[_MAX_FACET_VALUES:]
        if hidden_rows:
            with st.expander(f"{len(hidden_rows)} de plus"):
                _show_values(page, view, facet, hidden_rows)


def _show_values(page: str, view: ThemesParameters, facet: str, rows: Sequence) -> None:
    chosen = getattr(view, facet)
    with st.container(gap="xxsmall"):
        for row in rows:
            st.button(
                f"{escape_markdown(row.libelle)} · {format_number(row.nombre)}",
                icon=":material/check_box:"
                if row.code in chosen
                else ":material/check_box_outline_blank:",
                type="tertiary",
                key=f"{page}:facette:{facet}:{row.code}",
                on_click=_toggle,
                args=(page, view, facet, row.code),
            )


def _toggle(page: str, view: ThemesParameters, facet: str, code: str) -> None:
    chosen = getattr(view, facet)
    codes = (
        tuple(selected for selected in chosen if selected != code)
        if code in chosen
        else (*chosen, code)
    )
    update_parameters(page, view, **{facet: codes})


def _show_results(page: str, view: ThemesParameters, results: SearchResults) -> None:
    if not results.nombre:
        st.markdown("**Aucun résultat**")
        return
    st.markdown(
        f"**{pluralize(results.nombre, 'texte')}** de "
        + pluralize(
            len(results.territoires), "territoire ou organisme", "territoires ou organismes"
        )
    )
    territories = choose_page(results.territoires, _MAX_TERRITORIES, noun="résultat")
    hits = defaultdict(list)
    for hit in iterate_rows(results.hits[results.hits["cle"].isin(territories["cle"])]):
        hits[hit.cle].append(hit)
    for row in iterate_rows(territories):
        _show_group(row, hits[row.cle])
    st.caption(search.RANKING_NOTE)
    query = view.texte or "tous les textes"
    download_buttons(
        f"textes-{query[:40]}", {"textes": search.results_table(results.hits)}, query, view
    )
    source_line()


def _show_group(territory: object, hits: Sequence) -> None:
    """Render the texts of one territory or organisation."""
    if is_missing(territory.territoire_niveau):
        link = organisation_link(territory)
        kind = "organisme"
    else:
        link = f"[{escape_markdown(territory.nom)}](/territoire?t={territory.cle})"
        kind = code_label("niveaux", territory.territoire_niveau).lower()
    with st.container(border=True):
        st.markdown(f"**{link}** · {kind} · {pluralize(territory.nb, 'texte')}")
        for hit in hits[:_MAX_TEXTS_EACH]:
            _show_hit(hit)
        hidden_hits = hits[_MAX_TEXTS_EACH:]
        if hidden_hits:
            with st.expander(pluralize(len(hidden_hits), "autre texte", "autres textes")):
                for hit in hidden_hits:
                    _show_hit(hit)


def _show_hit(hit: object) -> None:
    st.markdown(
        f"{highlight_markdown(hit.extrait, hit.trouves)}  \n:small[{_describe_origin(hit)}]"
    )


@cached
def _comparable_ids() -> frozenset[str]:
    return frozenset(searchable_strategies()["strategie_id"])


def _describe_origin(hit: object) -> str:
    """Return the field, document, theme, certainty and source of a text, as Markdown."""
    parts = [load_format().tables[hit.table].field(hit.champ).title]
    if hit.trouve_par != hit.champ:
        parts.append("trouvé par son service" if hit.trouve_par == "service" else
                    "trouvé par son thème")  # fmt: skip
    if not is_missing(hit.strategie_titre) and hit.strategie_titre != hit.texte:
        year = "" if is_missing(hit.annee_document) else f", {int(hit.annee_document)}"
        parts.append(f"{escape_markdown(curly_apostrophes(hit.strategie_titre))}{year}")
    if not is_missing(hit.etat):
        parts.append(code_label("etats_couverture", hit.etat))
    if not is_missing(hit.theme):
        sheet = f"/themes?partie=fiche&fiche={hit.theme}"
        parts.append(f"thème : [{code_label('themes', hit.theme)}]({sheet})")
    if not is_missing(hit.aussi):
        other_texts = hit.aussi if isinstance(hit.aussi, str) else ", ".join(hit.aussi)
        parts.append(f"aussi : {escape_markdown(other_texts)}")
    parts.append(
        code_label("certitudes", hit.certitude).lower() if not is_missing(hit.certitude) else ""
    )
    if not is_missing(hit.source_url):
        location = "" if is_missing(hit.localisation) else f", {hit.localisation}"
        parts.append(source_link(f"source{location}", hit.source_url))
    if hit.strategie_id in _comparable_ids():
        address = f"/themes?partie=proches&strategie={hit.strategie_id}"
        parts.append(f"[stratégies proches]({address})")
    if not is_missing(hit.strategie_id):
        parts.append(report_error_link("strategies", hit.strategie_id, "signaler une erreur"))
    return " · ".join(filter(None, parts))
