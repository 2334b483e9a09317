"""Sections of the page of a territory: documents, priorities, levels around, amounts."""

import pandas as pd
import streamlit as st

from comparisons.analysis import alignment, profile, profile_tables
from comparisons.analysis.competences import duties_note, duties_table, duties_title
from comparisons.analysis.document_request import is_to_be_asked, request_letter
from comparisons.analysis.replies import REPLY_COLUMN
from comparisons.analysis.shared_services.nearby import links_of
from comparisons.charts import bars
from comparisons.database.connection import dataset_metadata
from comparisons.exports import table_writers
from comparisons.exports.office import office_files
from comparisons.formatting import escape_markdown, join_words, pluralize
from comparisons.page_parameters import TerritoryParameters
from comparisons.rows import iterate_rows
from comparisons.schema.model import code_label
from comparisons.ui.controls import choose_named, page_link
from comparisons.ui.figures import cached_figure, show_chart
from comparisons.ui.glossary import glossary_help
from comparisons.ui.reports import report_error_link
from comparisons.ui.selectors import choose_order
from comparisons.ui.state import is_dark, viewport
from comparisons.ui.tables import choose_page, download, table_or_message, text_table
from comparisons.ui.territory_parts import (
    neighbour_strategies,
    show_territory_links,
    strategy_card,
)

# Documents that have a card on one page.
_MAX_CARDS = 30
_SECTIONS = {
    "strategies": "Stratégies",
    "priorites": "Priorités",
    "alignement": "Aux autres niveaux",
    "budgets": "Budgets",
    "partenaires": "Partenaires et services",
    "indicateurs": "Indicateurs",
    "voisins": "Voisins",
    "sources": "Sources et recherches",
    "telecharger": "Télécharger",
}
# Columns of the tables of facts that hold links.
_LINKED = ("Source", REPLY_COLUMN)
_UNKNOWN = "Aucune priorité relevée : non renseigné."


def known_sections(territory_profile: profile.Profile) -> dict[str, str]:
    """Return the titles of the sections that have something to show, by their anchors."""
    known = {anchor: not rows.empty for anchor, rows in _section_rows(territory_profile).items()}
    return {anchor: title for anchor, title in _SECTIONS.items() if known.get(anchor, True)}


def describe_unknown(territory_profile: profile.Profile) -> str:
    """Return in a sentence what is not known of a territory; empty if all is."""
    unknown = [
        _SECTIONS[anchor].lower()
        for anchor, rows in _section_rows(territory_profile).items()
        if rows.empty and anchor != "alignement"
    ]
    return f"Non renseigné : {join_words(unknown)}." if unknown else ""


def _section_rows(territory_profile: profile.Profile) -> dict[str, pd.DataFrame]:
    return {
        "strategies": territory_profile.documents,
        "priorites": territory_profile.priorities,
        "alignement": territory_profile.alignment,
        "budgets": territory_profile.budgets,
        "partenaires": territory_profile.links,
        "indicateurs": territory_profile.indicators,
    }


def _header(anchor: str, title: str = "", terms: tuple[str, ...] = ()) -> None:
    """Render the heading of a section, with words that it is the first to use, defined."""
    help_text = glossary_help(*terms) or None
    st.header(title or _SECTIONS[anchor], anchor=anchor, divider="gray", help=help_text)


def show_strategies(territory_profile: profile.Profile) -> None:
    """Render the documents of a territory: timeline, then one card each."""
    _header("strategies", terms=("SDTAN", "SDUSN", "SCoRAN", "Document d’ensemble"))
    year = int(dataset_metadata()["annee"])
    documents = choose_page(territory_profile.documents, _MAX_CARDS)
    figure = cached_figure(bars.timeline, documents, year, viewport() == "narrow", is_dark())
    if figure is not None:
        show_chart(
            figure,
            f"frise-{territory_profile.key}",
            f"Frise des stratégies : {pluralize(len(documents), 'document')}. "
            "Le détail est donné dans les fiches ci-dessous.",
            ("frise", TerritoryParameters(t=territory_profile.key)),
        )
        st.caption(
            "Un losange marque un document dont la fin n’est pas renseignée ; un trait gris "
            "mène d’une édition à celle qui la remplace."
        )
    for document in iterate_rows(documents):
        strategy_card(document)


def show_coverage(territory_profile: profile.Profile) -> None:
    """Render, for a territory of which nothing is known, who covers it, who is near, what to do."""
    _header("couverture", "Qui couvre ce territoire")
    current = choose_page(territory_profile.current_enclosing_documents(), _MAX_CARDS)
    if current.empty:
        st.markdown("Aucun document connu n’a une aire plus large qui le comprenne.")
    else:
        st.markdown("Des documents plus larges, dont l’aire le comprend :")
        show_territory_links(current)
    organisations = profile_tables.organisations_around_table(links_of(territory_profile.key))
    if not organisations.empty:
        st.markdown(
            "Des organismes de mutualisation, par les territoires plus larges qui leur sont liés "
            "(aucune source ne dit qu’il en reçoit lui-même le service) :"
        )
        text_table(organisations)

    _header("pres_d_ici", "Les plus proches dont un document est connu")
    show_territory_links(profile.nearest_documents(territory_profile))

    _header("et_maintenant", "Et maintenant ?")
    with st.container(horizontal=True):
        page_link("contribuer", "Décrire notre stratégie", "upload_file")
        page_link("pairs", "Qui lui ressemble ?", "groups", t=territory_profile.key)
        page_link(
            "mutualisation",
            "Avec qui mutualiser ?",
            "hub",
            partie="avec_qui",
            t=territory_profile.key,
        )


def show_priorities(
    page: str, view: TerritoryParameters, territory_profile: profile.Profile
) -> TerritoryParameters:
    """Render the priorities by theme or document, and return the choice."""
    _header("priorites", terms=("Axe", "Thème", "Explicite", "Déduit"))
    view = choose_order(page, view)
    by_theme = view.par == "theme"
    make_table = profile_tables.priorities_by_theme if by_theme else profile_tables.priorities_table
    text_table(make_table(territory_profile.priorities), _LINKED)
    return view


def show_alignment(page: str, view: TerritoryParameters) -> TerritoryParameters:
    """Render the themes of the levels above and below, and return the choice."""
    _header("alignement", "Région, département, intercommunalités : les mêmes priorités ?")
    view = choose_named(page, view)
    themes = alignment.format_alignment_table(view.t, view.nommes)
    if themes.empty:
        st.markdown(_UNKNOWN)
    else:
        for sentence in alignment.describe_alignment(view.t, view.nommes):
            st.markdown(f"- {escape_markdown(sentence)}")
        text_table(themes.rename(index=lambda code: code_label("themes", code)))
        st.caption(
            "Rang du premier axe qui porte le thème, parmi ceux que le document nomme ; « oui » : "
            "un axe relevé par nous, sans rang ; « – » : pas dans les axes relevés. "
            "Au-dessous : combien posent le thème, parmi ceux dont les axes sont relevés."
        )
    return view


def show_budgets(territory_profile: profile.Profile) -> None:
    """Render the amounts of a territory: bars, then a table."""
    terms = ("Périmètre d’un montant", "Étape d’un montant", "€ par habitant")
    _header("budgets", terms=terms)
    budgets = choose_page(territory_profile.budgets)
    # amounts of one object have an axis; another's may be a thousand times as large
    for perimeter, amounts in budgets[bars.AMOUNT_COLUMNS].groupby("perimetre", sort=False):
        figure = cached_figure(bars.budget_bars, amounts, viewport() == "narrow", is_dark())
        if figure is None or (amounts["profondeur"] == 0).sum() < 2:
            continue
        title = code_label("perimetres", perimeter)
        st.subheader(title, anchor=False)
        show_chart(
            figure,
            f"budgets-{territory_profile.key}-{perimeter.replace('_', '-')}",
            f"Montants connus, {title.lower()} : un par barre, découpés par financeur. Le tableau "
            "dessous les donne.",
            (f"montants-{perimeter}", TerritoryParameters(t=territory_profile.key)),
        )
    text_table(profile_tables.budgets_table(budgets), _LINKED)
    st.caption(
        "Une ligne décalée (↳) est une partie du montant au-dessus : elle ne s’y ajoute pas. "
        "Un montant estimé, voté, dépensé fait trois lignes, qu’on n’additionne jamais. "
        "Les euros par habitant sont rapportés à la population que couvre la stratégie."
        + (
            " Un montant que la collectivité conteste garde ici, et dans toutes les sommes, la "
            "valeur que donne sa source."
            if "avis" in budgets
            else ""
        )
    )


def show_partners(territory_profile: profile.Profile) -> None:
    """Render the organisations and services of a territory."""
    _header("partenaires", terms=("Mutualisation", "Organisme"))
    text_table(profile_tables.links_table(territory_profile.links), _LINKED)


def show_indicators(territory_profile: profile.Profile) -> None:
    """Render measured values and targets."""
    _header("indicateurs")
    text_table(profile_tables.indicators_table(territory_profile.indicators), _LINKED)


def show_duties(key: str) -> None:
    """Render, folded, what a territory of this level must and may do, with the rules."""
    with st.expander(duties_title(key), icon=":material/gavel:"):
        st.caption(duties_note(key))
        text_table(duties_table(key), ("Référence",))


def show_neighbours(territory_profile: profile.Profile) -> None:
    """Render what is known of the neighbours."""
    _header("voisins")
    neighbour_strategies(territory_profile)


def show_sources(territory_profile: profile.Profile) -> None:
    """Render what is not known, the documents that state the rest, and what was looked for."""
    _header("sources")
    sources = profile_tables.sources_table(territory_profile.sources)
    sources["Signaler"] = [
        report_error_link("sources", source, "une erreur")
        for source in territory_profile.sources["source_id"]
    ]
    table_or_message(sources, "Aucun document ne parle de ce territoire.", ("Source", "Signaler"))
    st.markdown(escape_markdown(profile.describe_lookup(territory_profile)))
    if is_to_be_asked(territory_profile):
        _show_letter(territory_profile)
    if unknown := describe_unknown(territory_profile):
        st.markdown(unknown)
    st.caption(profile.identity_sources(territory_profile))


def _show_letter(territory_profile: profile.Profile) -> None:
    """Render the letter that asks the territory for its strategy, to copy or to complete."""
    key = territory_profile.key
    with st.expander("Demander le document à la collectivité", icon=":material/mail:"):
        st.caption(
            "Toute personne peut demander un document administratif, sans dire pourquoi. Complétez "
            "ce qui est entre crochets et envoyez la lettre vous-même : ce site n’envoie rien et "
            "n’en garde rien."
        )
        st.code(request_letter(territory_profile).text, language=None, wrap_lines=True)
        with st.container(horizontal=True, vertical_alignment="center"):
            download(
                "Lettre (Word)",
                table_writers.file_name(f"demande-{key}", "docx"),
                office_files.letter_file,
                *(key, "docx"),
                key=f"{key}:demande",
            )
            page_link("contribuer", "J’ai reçu le document", "upload_file")
        st.caption(
            "Un document reçu ainsi se cite comme une source de type "
            f"« {code_label('types_source', 'document_communique').lower()} », à l’adresse où vous "
            "le déposez."
        )
