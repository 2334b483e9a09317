"""Parts of the comparison page: choice of columns, sections, files."""

from collections import Counter
from collections.abc import Sequence
from functools import partial

import streamlit as st

from comparisons.analysis.comparison import columns
from comparisons.analysis.comparison.cells import SECTIONS, UNKNOWN
from comparisons.analysis.comparison.comparison import Comparison
from comparisons.charts import bars
from comparisons.database.connection import dataset_metadata
from comparisons.exports import comparison_files, table_writers
from comparisons.exports.comparison_notes import ExportOptions
from comparisons.exports.pdf.comparison import split_in_two
from comparisons.formatting import (
    capitalize_first,
    curly_apostrophes,
    escape_markdown,
    pluralize,
)
from comparisons.page_parameters import MAX_COMPARED, ComparisonParameters
from comparisons.queries.axes import format_axis
from comparisons.queries.sources import describe_readings, source_link
from comparisons.queries.territories import load_territories, neighbours
from comparisons.rows import iterate_rows
from comparisons.schema.model import code_label
from comparisons.ui.basket import basket_keys
from comparisons.ui.comparison_grid import section_anchor
from comparisons.ui.comparison_map import choose_on_map
from comparisons.ui.controls import (
    choose_named,
    choose_one,
    choose_sources,
    page_link,
    removable_chips,
)
from comparisons.ui.figures import cached_figure, show_chart, show_embed
from comparisons.ui.selectors import choose_documents, choose_family
from comparisons.ui.state import is_dark, permalink, update_parameters, viewport, widget_key
from comparisons.ui.tables import download

_MODES = {
    "territoires": "Des territoires",
    "editions": "Deux éditions d’un territoire",
    "echelons": "Les échelons d’un territoire",
}
_ROW_FILTERS = {
    "tout": "Tout",
    "differences": "Différences",
    "commun": "En commun",
}
_PRESETS = {
    "voisins": "Ses voisins",
    "region": "Sa région",
    "pairs": "Ses pairs (même structure)",
    "echelons": "Les échelons qui le contiennent",
    "panier": "Mon panier",
}

# What is known of these lets one see what a comparison is.
EXAMPLES = {
    "Les quatre départements bretons": [f"departement-{code}" for code in (22, 29, 35, 56)],
    "Trois régions de l’Ouest": ["region-53", "region-52", "region-28"],
    "Deux métropoles, Rennes et Nantes": ["epci-243500139", "epci-244400404"],
}


def choose_compared(page: str, view: ComparisonParameters) -> ComparisonParameters:
    """Render the mode, the documents and the territories compared; return the updated view."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.title("Comparer", anchor=False, width="content")
        view = choose_one(page, view, "mode", "Comparer", _MODES)
        if len(view.t) > 1:
            with st.popover("Groupes", icon=":material/group_work:", width="content"):
                show_presets(page, view)
            if view.mode == "territoires":
                _choose_on_map_on_demand(page, view)
                view = _refine(page, view)

    def set_territories(keys: Sequence[str]) -> None:
        update_parameters(page, view, t=tuple(keys))

    territories = load_territories(view.t)
    if view.t:
        with st.container(horizontal=True, key=f"{page}:colonnes"):
            removable_chips(page, territories, set_territories)
    if note := columns.describe_neighbours_left_out(view.t):
        st.caption(escape_markdown(note))
    if view.mode != "territoires" and len(view.t) > 1:
        st.caption(f"Territoire affiché : {escape_markdown(territories['libelle'].iloc[0])}.")
    return view


def _refine(page: str, view: ComparisonParameters) -> ComparisonParameters:
    """Render the choice of the documents compared and of their axes; return the updated view."""
    with st.popover("Affiner", icon=":material/tune:", width="content"):
        view = choose_documents(page, choose_family(page, choose_sources(page, view)))
        return choose_named(page, view)


def _choose_on_map_on_demand(page: str, view: ComparisonParameters) -> None:
    popover = st.popover(
        "Carte", icon=":material/map:", width="content", key=f"{page}:carte", on_change="rerun"
    )
    if popover.open:
        with popover:
            st.caption("Un clic ajoute un territoire, ou le retire.")
            choose_on_map(page, view, is_small=True)


def show_presets(page: str, view: ComparisonParameters) -> None:
    """Render groups to compare with the first territory, as buttons; which neighbours they hold."""
    first_key = view.t[0] if view.t else basket_keys()[0]
    groups = columns.column_presets(first_key, basket_keys())
    name = load_territories((first_key,))["nom_article"].iloc[0]
    st.caption(f"Avec {escape_markdown(curly_apostrophes(name))} :")

    def set_territories(keys: Sequence[str]) -> None:
        update_parameters(page, view, t=tuple(keys))

    with st.container(gap="xsmall"):
        for group, keys in groups.items():
            count = str(len(keys) - (group != "panier"))
            if group == "voisins" and (total := len(neighbours(first_key))) >= len(keys):
                count = f"les {count} aux frontières les plus longues, sur {total}"
            st.button(
                f"{_PRESETS[group]} ({count})",
                key=f"{page}:groupe:{group}",
                on_click=set_territories,
                args=(keys,),
                type="tertiary",
            )


def show_start(page: str, view: ComparisonParameters) -> None:
    """Render how to choose what is compared: a map, groups around a territory, or examples."""
    st.markdown(
        f"**Choisissez de deux à {MAX_COMPARED} territoires, de tous niveaux** : d’un clic sur la "
        "carte, ou par leur nom dans la recherche ci-dessus."
    )
    map_column, side_column = st.columns([2, 1])
    with side_column:
        if view.t or basket_keys():
            show_presets(page, view)
        else:
            st.caption("Ou voyez un exemple :")
            for title, keys in EXAMPLES.items():
                page_link("comparer", title, "compare_arrows", t=keys)
    with map_column:
        choose_on_map(page, view)


def show_summary(comparison: Comparison) -> None:
    """Render the summary: a sentence per similarity or difference, with a link to its section.

    What most sentences hold of is written once, above them.
    """
    scopes = Counter(statement.qualification() for statement in comparison.statements)
    common_scope = scopes.most_common(1)[0][0] if scopes else ""
    with st.container(border=True, gap="small"):
        note = f" Sauf mention, de ces documents : {common_scope}." if common_scope else ""
        st.markdown(f"**En bref.** :small[:gray[{escape_markdown(note)}]]")
        lines = []
        for statement in comparison.statements:
            link = f"[{SECTIONS[statement.rubrique]}](#{section_anchor(statement.rubrique)})"
            scope = statement.qualification()
            note = "" if scope == common_scope else escape_markdown(f"{capitalize_first(scope)}.")
            line = f"- :small[{escape_markdown(statement.texte)} {link} :gray[{note}]]"
            lines.append({"texte": line})
        for column, part in zip(st.columns(2), split_in_two(lines), strict=False):
            column.markdown("\n".join(line["texte"] for line in part))


def show_figures(comparison: Comparison, view: ComparisonParameters) -> None:
    """Render the timeline of the documents and the comparable amounts, side by side."""
    year, narrow = int(dataset_metadata()["annee"]), viewport() == "narrow"
    timeline = cached_figure(bars.timeline, comparison.displayed_documents, year, narrow, is_dark())
    amounts = cached_figure(
        bars.per_inhabitant_dots, comparison.section("budgets"), comparison.short_names
    )
    figures = {
        "frise-comparaison": (
            timeline,
            "Frise des documents comparés, colorés par état.",
            "Un losange marque un document dont la fin n’est pas renseignée.",
        ),
        "euros-par-habitant": (
            amounts,
            "Euros par habitant de chaque colonne, par périmètre et par étape ; grille ci-dessus.",
            "Les périodes peuvent différer.",
        ),
    }
    drawn = {key: parts for key, parts in figures.items() if parts[0] is not None}
    if not drawn:
        return
    st.header("En image", anchor="en-image", divider="gray")
    for column, (key, (figure, alt, note)) in zip(
        st.columns(len(drawn)), drawn.items(), strict=True
    ):
        with column:
            show_chart(figure, key, alt, (key, view))
            st.caption(note)


def show_wordings(comparison: Comparison, page: str, view: ComparisonParameters) -> None:
    """Render the wordings of one theme side by side, each with its source."""
    themes = list(comparison.section("priorites")["ligne"].unique())
    if not themes:
        return
    with st.expander(
        "Leurs mots : les intitulés d’un thème, côte à côte",
        icon=":material/format_quote:",
        expanded=bool(view.theme),
    ):
        _choose_wordings(comparison, page, view, themes)


def _choose_wordings(
    comparison: Comparison, page: str, view: ComparisonParameters, themes: Sequence[str]
) -> None:
    name = widget_key(page, view, "theme")
    if st.session_state[name] not in themes:
        st.session_state[name] = None
    chosen = st.pills(
        "Thème",
        themes,
        format_func=partial(code_label, "themes"),
        key=name,
    )
    update_parameters(page, view, theme=chosen or "")
    if not chosen:
        return
    rows = comparison.theme_wordings(chosen)
    for container, (column, title) in zip(
        st.columns(len(comparison.names)), comparison.short_names.items(), strict=True
    ):
        with container:
            st.markdown(f"**{escape_markdown(title)}**")
            column_rows = rows[rows["colonne"] == column]
            for row in iterate_rows(column_rows):
                kind = "" if row.principal else ", thème secondaire"
                st.markdown(
                    f"{capitalize_first(format_axis(row))}{kind} : "
                    f"« {escape_markdown(row.intitule)} »  \n"
                    f"{source_link(row.source_editeur or row.source_titre, row.source_url)}"
                )
            if column_rows.empty:
                st.markdown(_missing_wording_reason(comparison, column))


def _missing_wording_reason(comparison: Comparison, column: str) -> str:
    cells = comparison.section("priorites")
    column_cells = cells[cells["colonne"] == column]
    if set(column_cells["etat"]) != {UNKNOWN}:
        return "Pas dans les axes relevés"
    return capitalize_first(column_cells["texte"].iloc[0])


def show_sources(comparison: Comparison) -> None:
    """Render the list of the sources of a comparison."""
    rows = comparison.facts["sources"]
    with st.expander(f"Sources : {pluralize(len(rows), 'document')}", icon=":material/menu_book:"):
        lines = [
            f"- {source_link(row.titre, row.url)} ({escape_markdown(row.editeur)}, "
            f"{describe_readings(row.consulte_le, row.relu_le)})"
            for row in iterate_rows(rows)
        ]
        st.markdown("\n".join(lines) or "Aucun document.")


def choose_rows(
    page: str, comparison: Comparison, view: ComparisonParameters
) -> ComparisonParameters:
    """Render the choice of rows (all, different, common), and the files; return the new view."""
    with st.container(horizontal=True, vertical_alignment="center"):
        view = choose_one(page, view, "montrer", "Lignes", _ROW_FILTERS)
        _comparison_downloads(comparison, view)
    return view


def _comparison_downloads(comparison: Comparison, view: ComparisonParameters) -> None:
    """Render the buttons of the files of a comparison, its address, the code of its frame."""
    address = permalink(view)
    options = ExportOptions(row_filter=view.montrer, address=address)

    def offer(title: str, extension: str, icon: str) -> None:
        download(
            title,
            table_writers.file_name("comparaison", extension),
            comparison_files.encode,
            *(comparison, extension, options),
            key=f"comparaison:{extension}",
            icon=f":material/{icon}:",
        )

    with st.container(horizontal=True, width="content"):
        offer("Document à imprimer (PDF)", "pdf", "print")
        with st.popover("À modifier", icon=":material/edit_document:"):
            offer("Note (Word)", "docx", "description")
            offer("Diaporama (PowerPoint)", "pptx", "slideshow")
        offer("Classeur Excel", "xlsx", "download")
        offer("Tables CSV (zip)", "zip", "folder_zip")
        with st.popover("Lien", icon=":material/link:"):
            st.caption("Cette adresse rouvre la page telle que vous la voyez.")
            st.code(address, language=None, wrap_lines=True)
            api = view.replace(mode="territoires", theme="").to_query()
            query_string = "&".join(
                f"{name}={value}" for name, values in api.items() for value in values
            )
            st.caption("Les mêmes chiffres pour un programme :")
            st.code(f"/api/v1/comparaison.json?{query_string}", language=None, wrap_lines=True)
            show_embed("comparaison", view)
