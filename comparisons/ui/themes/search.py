"""Search in the texts: what is typed, what narrows it, what is found, territory by territory."""

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
from comparisons.parameters import ThemesParameters
from comparisons.queries.sources import source_link
from comparisons.schema.model import code_label, load_format
from comparisons.search import search
from comparisons.search.facets import FacetFilters
from comparisons.search.search import SearchResults
from comparisons.search.snippets import highlight_markdown
from comparisons.ui.state import update_parameters, viewport, widget_key
from comparisons.ui.tables import download_buttons, source_line

MAX_TERRITORIES = 12
MAX_TEXTS_EACH = 3
# values of a facet in sight, before one asks for the others
MAX_FACET_VALUES = 6
_FACETS = {
    "niveau": "Niveau",
    "table": "Nature du texte",
    "theme": "Thème",
    "type": "Type de stratégie",
    "etat": "État",
    "periode": "Période du document",
    "region": "Région",
}
# buttons of a list stand close together, their words at the left
_COMPACT = (
    "<style>.st-key-{key} button {{ min-height: 1.5rem; padding: 0; text-align: left; "
    "justify-content: flex-start }} .st-key-{key} button p {{ text-align: left }}</style>"
)
_EXAMPLES = ("inclusion numérique", "archivage", "« territoire connecté »", "fibre -collège")


def show_search(page: str, view: ThemesParameters) -> None:
    """Render the search and what it finds."""
    text = st.text_input(
        "Chercher dans les priorités, les stratégies, les budgets et les organismes",
        key=widget_key(page, view, "texte", ""),
        placeholder=f"Par exemple : {', '.join(_EXAMPLES)}",
        help="Les accents, les majuscules et les terminaisons ne comptent pas. Des guillemets "
        "gardent les mots ensemble ; un tiret devant un mot l’exclut.",
    )
    view = _known_codes(page, update_parameters(page, view, texte=text))
    filters = FacetFilters(**{name: getattr(view, name) for name in _FACETS})
    found: SearchResults = cached(search.search_texts)(view.texte, filters)
    st.caption(escape_markdown(found.comprises))
    if viewport() == "narrow":
        count = sum(len(chosen) for chosen in filters.active.values())
        with st.popover(f"Filtrer ({count})" if count else "Filtrer", icon=":material/filter_alt:"):
            _show_facets(page, view, found)
        _show_results(page, view, found)
        return
    beside, main = st.columns([1, 3], gap="large")
    with beside:
        _show_facets(page, view, found)
    with main:
        _show_results(page, view, found)


def _known_codes(page: str, view: ThemesParameters) -> ThemesParameters:
    """Leave aside codes of the address that no facet has, and say so."""
    known = cached(search.facet_options)()
    kept = {name: tuple(c for c in getattr(view, name) if c in known[name]) for name in _FACETS}
    wrong = [
        f"« {escape_markdown(code)} » n’est pas une valeur de « {title} » et a été ignoré."
        for name, title in _FACETS.items()
        for code in getattr(view, name)
        if code not in kept[name]
    ]
    if not wrong:
        return view
    st.warning(" ".join(wrong))
    return update_parameters(page, view, **kept)


def _show_facets(page: str, view: ThemesParameters, found: SearchResults) -> None:
    """Render how many texts each value would leave; a click keeps it, or lets it go."""
    with st.container(key=f"{page}-facettes", gap="small"):
        st.html(_COMPACT.format(key=f"{page}-facettes"))
        if any(getattr(view, name) for name in _FACETS):
            st.button(
                "Retirer les filtres",
                icon=":material/filter_alt_off:",
                type="tertiary",
                key=f"{page}:facettes:retirer",
                on_click=_keep_facets,
                args=(page, view, dict.fromkeys(_FACETS, ())),
            )
        _facets(page, view, found)


def _facets(page: str, view: ThemesParameters, found: SearchResults) -> None:
    rows = list(found.facettes.itertuples())
    for facet, title in _FACETS.items():
        chosen = getattr(view, facet)
        own = [row for row in rows if row.facette == facet]
        if not own:
            continue
        own.sort(key=lambda row: (row.code not in chosen, -row.nombre))
        st.markdown(f"**{title}**")
        _values(page, view, facet, own[:MAX_FACET_VALUES])
        others = own[MAX_FACET_VALUES:]
        if others:
            with st.expander(f"{len(others)} de plus"):
                _values(page, view, facet, others)


def _values(page: str, view: ThemesParameters, facet: str, rows: Sequence) -> None:
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
    kept = tuple(c for c in chosen if c != code) if code in chosen else (*chosen, code)
    _keep_facets(page, view, {facet: kept})


def _keep_facets(page: str, view: ThemesParameters, chosen: dict[str, tuple[str, ...]]) -> None:
    update_parameters(page, view, **chosen)
    st.session_state.pop(f"{page}:combien", None)


def _show_results(page: str, view: ThemesParameters, found: SearchResults) -> None:
    st.markdown(
        f"**{pluralize(found.nombre, 'texte')}** de "
        + pluralize(len(found.territoires), "territoire ou organisme", "territoires ou organismes")
    )
    if not found.nombre:
        return
    shown = st.session_state.get(f"{page}:combien", MAX_TERRITORIES)
    in_sight = found.territoires.head(shown)
    hits = defaultdict(list)
    for hit in found.hits[found.hits["cle"].isin(in_sight["cle"])].itertuples():
        hits[hit.cle].append(hit)
    for row in in_sight.itertuples():
        if row.cle in hits:
            _show_group(row, hits[row.cle])
    if len(found.territoires) > shown:
        st.button(
            "Montrer la suite",
            icon=":material/expand_more:",
            key=f"{page}:suite",
            on_click=_more,
            args=(page, shown),
        )
    st.caption(search.RANKING_NOTE)
    told = view.texte or "tous les textes"
    download_buttons(
        f"textes-{told[:40]}", {"textes": search.results_table(found.hits)}, told, view
    )
    if found.nombre > len(found.hits):
        st.caption(
            f"Les fichiers ont les {format_number(len(found.hits))} premiers textes ; tous les "
            "textes "
            "sont dans les tables, partie Données."
        )
    source_line()


def _more(page: str, shown: int) -> None:
    st.session_state[f"{page}:combien"] = shown + MAX_TERRITORIES


def _show_group(territory: object, hits: Sequence) -> None:
    """Render what one territory (or body) says."""
    name = escape_markdown(territory.nom)
    if is_missing(territory.territoire_niveau):
        address = f"/mutualisation?organisme={territory.partenaire_id}"
        kind = "organisme"
    else:
        address = f"/territoire?t={territory.cle}"
        kind = code_label("niveaux", territory.territoire_niveau).lower()
    with st.container(border=True):
        st.markdown(f"**[{name}]({address})** · {kind} · {pluralize(territory.nb, 'texte')}")
        for hit in hits[:MAX_TEXTS_EACH]:
            _show_hit(hit)
        others = hits[MAX_TEXTS_EACH:]
        if others:
            with st.expander(pluralize(len(others), "autre texte", "autres textes")):
                for hit in others:
                    _show_hit(hit)


def _show_hit(hit: object) -> None:
    st.markdown(f"{highlight_markdown(hit.extrait, hit.trouves)}  \n:small[{_origin(hit)}]")


def _comparable_ids() -> frozenset[str]:
    return frozenset(searchable_strategies()["strategie_id"])


def _origin(hit: object) -> str:
    """Describe where a text is from, and where to read it."""
    said = [load_format().tables[hit.table].field(hit.champ).title]
    if hit.trouve_par != hit.champ:
        said.append("trouvé par son service" if hit.trouve_par == "service" else
                    "trouvé par son thème")  # fmt: skip
    if not is_missing(hit.strategie_titre) and hit.strategie_titre != hit.texte:
        year = "" if is_missing(hit.annee_document) else f", {int(hit.annee_document)}"
        said.append(f"{escape_markdown(curly_apostrophes(hit.strategie_titre))}{year}")
    if not is_missing(hit.etat):
        said.append(code_label("etats_couverture", hit.etat))
    if not is_missing(hit.theme):
        sheet = f"/themes?partie=fiche&fiche={hit.theme}"
        said.append(f"thème : [{code_label('themes', hit.theme)}]({sheet})")
    if not is_missing(hit.aussi):
        also = hit.aussi if isinstance(hit.aussi, str) else ", ".join(hit.aussi)
        said.append(f"aussi : {escape_markdown(also)}")
    said.append(
        code_label("certitudes", hit.certitude).lower() if not is_missing(hit.certitude) else ""
    )
    if not is_missing(hit.source_url):
        where = "" if is_missing(hit.localisation) else f", {hit.localisation}"
        said.append(source_link(f"source{where}", hit.source_url))
    if hit.strategie_id in cached(_comparable_ids)():
        close = f"/themes?partie=proches&strategie={hit.strategie_id}"
        said.append(f"[stratégies proches]({close})")
    return " · ".join(filter(None, said))
