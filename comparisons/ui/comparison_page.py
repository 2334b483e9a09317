"""Parts of the comparison page: who is compared, the sections, the files."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import pandas as pd
import streamlit as st

from comparisons.analysis.comparison import columns, facts
from comparisons.analysis.comparison.cells import SECTIONS
from comparisons.analysis.comparison.comparison import Comparison
from comparisons.charts import bars
from comparisons.database.cache import cached
from comparisons.database.connection import dataset_metadata
from comparisons.exports import comparison_files, tables
from comparisons.exports.comparison_notes import ExportOptions
from comparisons.exports.pdf import compiler
from comparisons.formatting import (
    capitalize_first,
    curly_apostrophes,
    escape_markdown,
    join_words,
    pluralize,
)
from comparisons.parameters import MAX_COMPARED, ComparisonParameters
from comparisons.queries.axes import axis_words
from comparisons.queries.sources import reading_words, source_link
from comparisons.queries.territories import load_territories
from comparisons.schema.model import code_label
from comparisons.schema.territory import parse_key
from comparisons.ui.basket import basket_keys
from comparisons.ui.controls import choose_one, removable_chips
from comparisons.ui.figures import show_chart
from comparisons.ui.state import is_dark, permalink, update_parameters, viewport, widget_key
from comparisons.ui.tables import lazy_file, text_table

_MODES = {
    "territoires": "Des territoires",
    "editions": "Deux éditions d’un territoire",
    "echelons": "Les échelons d’un territoire",
}
_SHOWN = {
    "tout": "Tout",
    "differences": "Seulement les différences",
    "commun": "Seulement ce qui est commun",
}
_MIME = {"pdf": "application/pdf", **comparison_files.MEDIA_TYPES}
_PRESETS = {
    "voisins": "Ses voisins",
    "region": "Sa région",
    "pairs": "Ses pairs (même structure)",
    "echelons": "Les échelons qui le contiennent",
    "panier": "Mon panier",
}
_NOTES = {
    "calendrier": "Par défaut : le document en vigueur, à défaut le plus récent. Un losange marque "
    "un document dont la fin n’est pas renseignée.",
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
    """Render the choice of what is put side by side."""
    return choose_one(page, view, "mode", "Comparer", _MODES)


def choose_columns(page: str, view: ComparisonParameters) -> ComparisonParameters:
    """Render who is compared, each with a way out; offer groups ready to be compared."""

    def put(keys: Sequence[str]) -> None:
        update_parameters(page, view, t=tuple(keys))

    known = cached(load_territories)(tuple(map(parse_key, view.t)))
    with st.container(horizontal=True, vertical_alignment="center", key=f"{page}:colonnes"):
        removable_chips(page, known, put)
        if view.t or basket_keys():
            _choose_preset(page, view, put)
    if view.mode != "territoires" and len(view.t) > 1:
        st.caption(f"Lu ici : le premier, {escape_markdown(known['libelle'].iloc[0])}.")
    elif len(view.t) < MAX_COMPARED:
        st.caption(
            f"Ajoutez un territoire par la recherche ci-dessus : de tous niveaux, {MAX_COMPARED} "
            "au plus."
        )
    return view


def _choose_preset(
    page: str, view: ComparisonParameters, put: Callable[[Sequence[str]], None]
) -> None:
    first = view.t[0] if view.t else basket_keys()[0]
    groups = cached(columns.column_presets)(first, basket_keys())
    name = cached(load_territories)((parse_key(first),))["nom"].iloc[0]
    with st.popover("Groupes tout prêts", icon=":material/group_work:"):
        st.caption(f"Autour de {escape_markdown(name)} :")
        for group, keys in groups.items():
            st.button(
                f"{_PRESETS[group]} ({len(keys)})",
                key=f"{page}:groupe:{group}",
                on_click=put,
                args=(keys,),
                type="tertiary",
            )


def choose_row_filter(page: str, view: ComparisonParameters) -> ComparisonParameters:
    """Render what lets the reader keep only what differs, or only what is common."""
    return choose_one(page, view, "montrer", "Lignes", _SHOWN)


def show_board(side: Comparison) -> None:
    """Render what is known of whom, by kind of document; and what the columns stand on."""
    board = side.board
    if board.empty:
        return
    titles = side.columns.drop_duplicates("cle").set_index("cle")["libelle"]
    keys = [key for key in titles.index if key in board.columns]
    with st.expander("Ce qui est connu de chacun", icon=":material/grid_on:", expanded=True):
        text_table(
            pd.DataFrame(
                {
                    "Sorte de document": [
                        code_label("familles_strategie", f) for f in board["famille"]
                    ]
                }
                | {
                    titles[key]: [str(count) if count else "–" for count in board[key]]
                    for key in keys
                }
            )
        )
        st.caption(
            "Documents relevés, toutes éditions ; « – » : aucun de cette sorte n’est relevé."
        )
    for column in side.columns[side.columns["strategie_id"].isna()].itertuples():
        own = board[board[column.cle] > 0] if column.cle in board.columns else board.head(0)
        kinds = join_words(code_label("familles_strategie", f).lower() for f in own["famille"])
        nearest = f" ; ce qui l’est : {kinds}" if kinds else ""
        st.caption(
            f"{escape_markdown(column.titre_colonne)} : aucun document de cette sorte n’est "
            f"relevé{nearest}."
        )
    if not side.family and side.columns["strategie_id"].notna().sum() > 1:
        st.warning(
            "Ces documents ne sont pas de même sorte : lisez-les l’un après l’autre, ils ne se "
            "comparent pas.",
            icon=":material/balance:",
        )


def show_summary(side: Comparison) -> None:
    """Describe in plain French what is shared and where it parts.

    Each sentence with its section.
    """
    with st.container(border=True):
        st.markdown("**En bref**")
        lines = [
            f"- {escape_markdown(s.texte)} [{SECTIONS[s.rubrique]}](#{_anchor(s.rubrique)})"
            for s in side.statements
        ]
        st.markdown("\n".join(lines))
        st.caption("Phrases calculées à partir des lignes ci-dessous : aucune n’est un jugement.")


def _anchor(section: str) -> str:
    return section.replace("_", "-")


def show_section(side: Comparison, section: str, page: str, view: ComparisonParameters) -> None:
    """Render one section: its heading, then its rows, which can be folded."""
    table = side.matrix(section, view.montrer)
    silent = side.silent[section] if view.montrer == "tout" else []
    st.header(SECTIONS[section], anchor=_anchor(section), divider="gray")
    with st.expander(pluralize(len(table), "ligne"), expanded=True):
        if section in _FIGURES:
            _FIGURES[section](side)
        if len(table):
            text_table(table)
        elif view.montrer != "tout":
            st.markdown(
                "Aucune ligne ne diffère." if view.montrer == "differences" else
                "Rien n’est connu pour être commun à toutes les colonnes."
            )  # fmt: skip
        if silent:
            names = join_words(curly_apostrophes(text).lower() for text in silent)
            st.caption(f"Non renseigné dans toutes les colonnes : {escape_markdown(names)}.")
        elif table.empty and view.montrer == "tout":
            st.markdown("Rien n’est connu : non renseigné.")
        if section in _NOTES:
            st.caption(_NOTES[section])
        if section == "priorites":
            _show_wordings(side, page, view)


def _timeline(side: Comparison) -> None:
    year, narrow = int(dataset_metadata()["annee"]), viewport() == "narrow"
    figure = cached(bars.timeline)(side.shown_documents, year, narrow, is_dark())
    if figure is not None:
        show_chart(figure, "frise", "Frise des documents comparés, colorés par état.")


def _money(side: Comparison) -> None:
    figure = bars.per_inhabitant_dots(side.section("budgets"), side.short_names)
    if figure is not None:
        alt = "Euros par habitant de chaque colonne, par périmètre et par étape ; table ci-dessous."
        show_chart(figure, "euros-par-habitant", alt)


_FIGURES: dict[str, Callable[[Comparison], None]] = {"calendrier": _timeline, "budgets": _money}


def _show_wordings(side: Comparison, page: str, view: ComparisonParameters) -> None:
    """Render the wordings of one theme side by side, each with its source."""
    for text in side.documents_read:
        st.caption(f"Lu dans {escape_markdown(text)}")
    found = list(side.section("priorites")["ligne"].unique())
    if not found:
        return
    name = widget_key(page, view, "theme")
    if st.session_state[name] not in found:
        st.session_state[name] = None
    chosen = st.pills(
        "Lire les intitulés d’un thème, côte à côte",
        found,
        format_func=partial(code_label, "themes"),
        key=name,
    )
    update_parameters(page, view, theme=chosen or "")
    if not chosen:
        return
    rows = side.wordings(chosen)
    for place, (column, title) in zip(
        st.columns(len(side.names)), side.short_names.items(), strict=True
    ):
        with place:
            st.markdown(f"**{escape_markdown(title)}**")
            own = rows[rows["colonne"] == column]
            for row in own.itertuples():
                kind = "" if row.principal else ", thème secondaire"
                st.markdown(
                    f"{capitalize_first(axis_words(row))}{kind} : "
                    f"« {escape_markdown(row.intitule)} »  \n"
                    f"{source_link(row.source_editeur or row.source_titre, row.source_url)}"
                )
            if own.empty:
                st.markdown(_why_no_wording(side, column))


def _why_no_wording(side: Comparison, column: str) -> str:
    cells = side.section("priorites")
    states = set(cells.loc[cells["colonne"] == column, "etat"])
    return "Non renseigné" if states == {"non_renseigne"} else "Pas dans les axes relevés"


def show_sources(side: Comparison) -> None:
    """List the documents that state what is compared."""
    rows = side.facts["sources"]
    st.header("Sources", anchor="sources", divider="gray")
    with st.expander(pluralize(len(rows), "document"), expanded=False):
        lines = [
            f"- {source_link(row.titre, row.url)} ({escape_markdown(row.editeur)}, "
            f"{reading_words(row.consulte_le, row.relu_le)})"
            for row in rows.itertuples()
        ]
        st.markdown("\n".join(lines) or "Aucun document.")


def comparison_downloads(side: Comparison, view: ComparisonParameters) -> None:
    """Offer the comparison as a workbook, an archive, a document to hand out, an address."""
    address = permalink(view)
    about = ExportOptions(which=view.montrer, address=address)
    pdf = lazy_file(compiler.comparison_pdf, side, view.montrer, address)
    made = (
        ("Document à imprimer (PDF)", "pdf", ":material/print:", pdf),
        (
            "Classeur Excel",
            "xlsx",
            ":material/download:",
            lazy_file(comparison_files.comparison_workbook, side, about),
        ),
        (
            "Tables CSV (zip)",
            "zip",
            ":material/folder_zip:",
            lazy_file(comparison_files.to_zip, side, about),
        ),
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        for title, extension, icon, make in made:
            st.download_button(
                title,
                data=make,
                file_name=tables.file_name("comparaison", extension),
                mime=_MIME[extension],
                key=f"comparaison:{extension}",
                on_click="ignore",
                icon=icon,
            )
        with st.popover("Partager", icon=":material/link:"):
            st.caption("Cette adresse rouvre la page telle que vous la voyez.")
            st.code(address, language=None, wrap_lines=True)
            api = replace(view, mode="territoires", theme="").to_query()
            pairs = "&".join(f"{name}={value}" for name, values in api.items() for value in values)
            st.caption("Les mêmes chiffres pour un programme :")
            st.code(f"/api/v1/comparaison.json?{pairs}", language=None, wrap_lines=True)
