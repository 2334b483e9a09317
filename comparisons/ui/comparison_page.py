"""Parts of the comparison page: choice of columns, sections, files."""

from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial

import streamlit as st

from comparisons.analysis.comparison import columns, facts
from comparisons.analysis.comparison.cells import SECTIONS, UNKNOWN
from comparisons.analysis.comparison.comparison import Comparison
from comparisons.charts import bars
from comparisons.database.connection import dataset_metadata
from comparisons.exports import comparison_files, table_writers
from comparisons.exports.comparison_notes import ExportOptions
from comparisons.formatting import (
    capitalize_first,
    curly_apostrophes,
    escape_markdown,
    join_words,
    pluralize,
)
from comparisons.page_parameters import MAX_COMPARED, ComparisonParameters
from comparisons.queries.axes import format_axis
from comparisons.queries.sources import describe_readings, source_link
from comparisons.queries.territories import load_territories
from comparisons.schema.model import code_label
from comparisons.ui.basket import basket_keys
from comparisons.ui.controls import choose_one, removable_chips
from comparisons.ui.figures import show_chart
from comparisons.ui.state import is_dark, permalink, update_parameters, viewport, widget_key
from comparisons.ui.tables import download, text_table

_MODES = {
    "territoires": "Des territoires",
    "editions": "Deux éditions d’un territoire",
    "echelons": "Les échelons d’un territoire",
}
_ROW_FILTERS = {
    "tout": "Tout",
    "differences": "Seulement les différences",
    "commun": "Seulement ce qui est commun",
}
_PRESETS = {
    "voisins": "Ses voisins",
    "region": "Sa région",
    "pairs": "Ses pairs (même structure)",
    "echelons": "Les échelons qui le contiennent",
    "panier": "Mon panier",
}
_SECTION_NOTES = {
    "calendrier": "Un losange marque un document dont la fin n’est pas renseignée.",
    "priorites": "Rang de l’axe qui porte le thème, parmi ceux que le document nomme ; « relevé "
    "par nous » : un objectif du texte, sans rang ; « – » : pas dans les axes relevés. Le nombre "
    "d’axes n’est pas une mesure : chacun découpe les siens à sa façon.",
    "budgets": "Un seul périmètre et une seule étape par ligne ; montants additifs du document le "
    "plus récent qui en donne (comme sur la carte), rapportés à la population qu’il couvre. Les "
    "périodes peuvent différer : elles suivent le montant.",
    "financeurs": "Part de chaque sorte de financeur dans les montants ci-dessus, quand une source "
    "la donne. Ce qui manque à 100 % n’est pas détaillé.",
    "services": f"{facts.SHARED_MARK}: organisme commun à plusieurs colonnes. Un service peut "
    "exister sans qu’une source le dise.",
    "indicateurs": "Dernière valeur connue ; ce qui est réalisé au-dessus de ce qui est visé.",
}


def choose_mode(page: str, view: ComparisonParameters) -> ComparisonParameters:
    """Render the choice of the comparison mode and return the updated view."""
    return choose_one(page, view, "mode", "Comparer", _MODES)


def choose_columns(page: str, view: ComparisonParameters) -> ComparisonParameters:
    """Render the compared territories, removable, and presets; return the updated view."""

    def set_territories(keys: Sequence[str]) -> None:
        update_parameters(page, view, t=tuple(keys))

    territories = load_territories(view.t)
    with st.container(horizontal=True, vertical_alignment="center", key=f"{page}:colonnes"):
        removable_chips(page, territories, set_territories)
        if view.t or basket_keys():
            _choose_preset(page, view, set_territories)
    if view.mode != "territoires" and len(view.t) > 1:
        st.caption(f"Territoire affiché : {escape_markdown(territories['libelle'].iloc[0])}.")
    elif len(view.t) < MAX_COMPARED:
        st.caption(
            f"Ajoutez un territoire par la recherche ci-dessus : de tous niveaux, {MAX_COMPARED} "
            "au plus."
        )
    return view


def _choose_preset(
    page: str, view: ComparisonParameters, set_territories: Callable[[Sequence[str]], None]
) -> None:
    first_key = view.t[0] if view.t else basket_keys()[0]
    groups = columns.column_presets(first_key, basket_keys())
    name = load_territories((first_key,))["nom"].iloc[0]
    with st.popover("Groupes tout prêts", icon=":material/group_work:"):
        st.caption(f"Autour de {escape_markdown(name)} :")
        for group, keys in groups.items():
            st.button(
                f"{_PRESETS[group]} ({len(keys)})",
                key=f"{page}:groupe:{group}",
                on_click=set_territories,
                args=(keys,),
                type="tertiary",
            )


def choose_row_filter(page: str, view: ComparisonParameters) -> ComparisonParameters:
    """Render the filter of rows (all, different, common) and return the updated view."""
    return choose_one(page, view, "montrer", "Lignes", _ROW_FILTERS)


def show_board(comparison: Comparison) -> None:
    """Render the number of documents of each family per territory, and the warnings on columns."""
    board = comparison.board
    if board.empty:
        return
    titles = comparison.columns.drop_duplicates("cle").set_index("cle")["libelle"]
    keys = [key for key in titles.index if key in board.columns]
    with st.expander("Ce qui est connu de chacun", icon=":material/grid_on:", expanded=True):
        text_table(
            {
                "Sorte de document": [
                    code_label("familles_strategie", family) for family in board["famille"]
                ]
            }
            | {titles[key]: [str(count) if count else "–" for count in board[key]] for key in keys}
        )
        st.caption(
            "Documents relevés, toutes éditions ; « – » : aucun de cette sorte n’est relevé."
        )
    for key, sentence in comparison.missing_documents.items():
        st.caption(escape_markdown(f"{titles[key]} : {sentence[:1].lower()}{sentence[1:]}"))
    if not comparison.family and comparison.columns["strategie_id"].notna().sum() > 1:
        st.warning(
            "Ces documents ne sont pas de même sorte : lisez-les l’un après l’autre, ils ne se "
            "comparent pas.",
            icon=":material/balance:",
        )


def show_summary(comparison: Comparison) -> None:
    """Render the summary: a sentence per similarity or difference, with a link to its section.

    What most sentences hold of is written once, above them.
    """
    scopes = Counter(statement.qualification() for statement in comparison.statements)
    common_scope = scopes.most_common(1)[0][0] if scopes else ""
    with st.container(border=True):
        st.markdown("**En bref**")
        if common_scope:
            st.caption(f"Sauf mention, de ces documents : {escape_markdown(common_scope)}.")
        lines = []
        for statement in comparison.statements:
            line = (
                f"- {escape_markdown(statement.texte)} "
                f"[{SECTIONS[statement.rubrique]}](#{_anchor(statement.rubrique)})"
            )
            if (scope := statement.qualification()) != common_scope:
                line += f"  \n:small[{escape_markdown(capitalize_first(scope))}]"
            lines.append(line)
        st.markdown("\n".join(lines))
        st.caption("Phrases calculées à partir des lignes ci-dessous : aucune n’est un jugement.")


def _anchor(section: str) -> str:
    return section.replace("_", "-")


def show_section(
    comparison: Comparison, section: str, page: str, view: ComparisonParameters
) -> None:
    """Render one section: heading, figure, foldable table of rows, notes."""
    table = comparison.text_matrix(section, view.montrer)
    silent = comparison.unknown_rows[section] if view.montrer == "tout" else []
    st.header(SECTIONS[section], anchor=_anchor(section), divider="gray")
    with st.expander(pluralize(len(table), "ligne"), expanded=True):
        if section in _FIGURES:
            _FIGURES[section](comparison)
        if len(table):
            text_table(table)
        elif view.montrer != "tout":
            st.markdown(
                "Aucune ligne ne diffère." if view.montrer == "differences" else
                "Aucun point commun connu."
            )  # fmt: skip
        if silent:
            names = join_words(curly_apostrophes(text).lower() for text in silent)
            st.caption(f"Non renseigné dans toutes les colonnes : {escape_markdown(names)}.")
        elif table.empty and view.montrer == "tout":
            st.markdown(escape_markdown(comparison.empty_section(section)))
        if section in _SECTION_NOTES:
            st.caption(_SECTION_NOTES[section])
        if section == "priorites":
            _show_wordings(comparison, page, view)


def _show_timeline(comparison: Comparison) -> None:
    year, narrow = int(dataset_metadata()["annee"]), viewport() == "narrow"
    figure = bars.timeline(comparison.displayed_documents, year, narrow, is_dark())
    if figure is not None:
        show_chart(figure, "frise", "Frise des documents comparés, colorés par état.")


def _show_amounts(comparison: Comparison) -> None:
    figure = bars.per_inhabitant_dots(comparison.section("budgets"), comparison.short_names)
    if figure is not None:
        alt = "Euros par habitant de chaque colonne, par périmètre et par étape ; table ci-dessous."
        show_chart(figure, "euros-par-habitant", alt)


_FIGURES: dict[str, Callable[[Comparison], None]] = {
    "calendrier": _show_timeline,
    "budgets": _show_amounts,
}


def _show_wordings(comparison: Comparison, page: str, view: ComparisonParameters) -> None:
    """Render the wordings of one theme side by side, each with its source."""
    for text in comparison.documents_read:
        st.caption(f"Lu dans {escape_markdown(text)}")
    themes = list(comparison.section("priorites")["ligne"].unique())
    if not themes:
        return
    name = widget_key(page, view, "theme")
    if st.session_state[name] not in themes:
        st.session_state[name] = None
    chosen = st.pills(
        "Lire les intitulés d’un thème, côte à côte",
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
            for row in column_rows.itertuples():
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
    st.header("Sources", anchor="sources", divider="gray")
    with st.expander(pluralize(len(rows), "document"), expanded=False):
        lines = [
            f"- {source_link(row.titre, row.url)} ({escape_markdown(row.editeur)}, "
            f"{describe_readings(row.consulte_le, row.relu_le)})"
            for row in rows.itertuples()
        ]
        st.markdown("\n".join(lines) or "Aucun document.")


def comparison_downloads(comparison: Comparison, view: ComparisonParameters) -> None:
    """Render the buttons of the files of a comparison (PDF, XLSX, zip), and its address."""
    address = permalink(view)
    options = ExportOptions(row_filter=view.montrer, address=address)
    with st.container(horizontal=True, vertical_alignment="center"):
        for title, extension, icon in (
            ("Document à imprimer (PDF)", "pdf", ":material/print:"),
            ("Classeur Excel", "xlsx", ":material/download:"),
            ("Tables CSV (zip)", "zip", ":material/folder_zip:"),
        ):
            download(
                title,
                table_writers.file_name("comparaison", extension),
                comparison_files.encode,
                *(comparison, extension, options),
                key=f"comparaison:{extension}",
                icon=icon,
            )
        with st.popover("Lien", icon=":material/link:"):
            st.caption("Cette adresse rouvre la page telle que vous la voyez.")
            st.code(address, language=None, wrap_lines=True)
            api = view.replace(mode="territoires", theme="").to_query()
            query_string = "&".join(
                f"{name}={value}" for name, values in api.items() for value in values
            )
            st.caption("Les mêmes chiffres pour un programme :")
            st.code(f"/api/v1/comparaison.json?{query_string}", language=None, wrap_lines=True)
