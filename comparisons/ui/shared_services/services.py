"""Render services per territory, their coverage, overlaps and gaps."""

import pandas as pd
import streamlit as st

from comparisons.analysis.shared_services import coverage, matrix, overlaps
from comparisons.analysis.shared_services.links import INHERITANCE_SQL
from comparisons.formatting import (
    MISSING,
    NBSP,
    curly_apostrophes,
    escape_markdown,
    format_number,
    format_percent,
    is_missing,
    pluralize,
)
from comparisons.page_parameters import SharedServicesParameters
from comparisons.rows import iterate_rows
from comparisons.schema.model import code_label
from comparisons.schema.territory import LEVEL_NAMES, LEVEL_NOUNS
from comparisons.ui.shared_services.selected_territories import show_selected_territories
from comparisons.ui.shared_services.selectors import choose_level, choose_service, choose_zone
from comparisons.ui.state import update_parameters
from comparisons.ui.tables import (
    LIST_ROWS,
    TextColumns,
    choose_page,
    download_buttons,
    source_line,
    table_or_message,
    text_table,
)

_MAX_COLUMNS = 8


def show_matrix(page: str, view: SharedServicesParameters) -> None:
    """Render which organisation serves each territory, per service."""
    view = show_selected_territories(
        page, view, "Ajoutez des territoires par la recherche ci-dessus, ou choisissez un lieu."
    )
    keys = list(view.t)
    if not keys:
        zone_column, level_column = st.columns(2, vertical_alignment="bottom")
        with zone_column:
            if not view.zone:
                view = update_parameters(page, view, zone="region-53")
            view = choose_zone(page, view)
        with level_column:
            view = choose_level(page, view)
        keys = matrix.keys_in_zone(view.niveau, view.zone) if view.zone else []
    if not keys:
        st.info(
            f"Aucun territoire de ce niveau dans ce lieu{NBSP}: choisissez un niveau plus fin."
            if view.zone
            else "Choisissez une région ou un département.",
            icon=":material/place:",
        )
        return
    cells = matrix.service_matrix(tuple(keys))
    if sentence := matrix.describe_matrix(cells, keys):
        st.markdown(escape_markdown(sentence))
    shown_keys = list(choose_page(pd.DataFrame({"cle": keys}), 3 * _MAX_COLUMNS)["cle"])
    for start in range(0, len(shown_keys), _MAX_COLUMNS):
        column_keys = shown_keys[start : start + _MAX_COLUMNS]
        table = matrix.matrix_table(cells[cells["cle"].isin(column_keys)], column_keys)
        if len(table):
            text_table(table.rename(index=lambda code: code_label("services", code)))
    st.caption(INHERITANCE_SQL)
    download_buttons("services-territoires", {"matrice": cells}, "Services et territoires", view)
    source_line()


def show_coverage(page: str, view: SharedServicesParameters) -> None:
    """Render the coverage of services, overlapping organisations, and unserved territories."""
    view = choose_level(page, view)
    rows = coverage.service_coverage(view.niveau)
    text_table(_coverage_table(rows))
    st.caption(coverage.COVERAGE_NOTE)
    st.caption(INHERITANCE_SQL)
    service_column, zone_column = st.columns(2, vertical_alignment="bottom")
    with service_column:
        view = choose_service(page, view)
    with zone_column:
        view = choose_zone(page, view)
    coverage_row = next(row for row in iterate_rows(rows) if row.service == view.service)
    st.markdown(escape_markdown(coverage.describe_service_coverage(coverage_row, view.niveau)))
    st.header(
        "Plusieurs organismes connus pour un même service", anchor="recouvrements", divider="gray"
    )
    all_overlaps = overlaps.overlapping_organisations(view.niveau, view.zone)
    overlap_rows = all_overlaps[all_overlaps["service"] == view.service]
    st.caption(
        "Un fait, pas un reproche : deux organismes peuvent se compléter. Le propriétaire, "
        "l’exploitant et le groupement d’une même chaîne n’y sont pas : c’est un seul service. "
        "Deux organismes dont les aires connues n’ont aucune commune en partage n’y sont pas non "
        "plus."
    )
    table_or_message(
        _overlaps_table(choose_page(overlap_rows, LIST_ROWS)),
        "Aucun territoire de ce niveau, dans ce qui est connu.",
    )
    st.header("Aucun organisme connu", anchor="manques", divider="gray")
    unserved = overlaps.unserved_territories(view.niveau, view.service, view.zone)
    noun = LEVEL_NOUNS[view.niveau]
    st.markdown(
        f"{pluralize(len(unserved), noun)} sans organisme connu pour "
        f"« {code_label('services', view.service)} » : cela ne veut pas dire sans service."
    )
    if len(unserved):
        with st.expander(f"Lesquels ({LEVEL_NAMES[view.niveau].lower()})"):
            unserved = choose_page(unserved, LIST_ROWS)
            text_table({"Territoire": map(curly_apostrophes, unserved["libelle"])})
    download_buttons(
        f"couverture-{view.niveau}",
        {"couverture": rows, "recouvrements": all_overlaps, "sans_organisme_connu": unserved},
        "Couverture des services",
        view,
    )
    source_line()


def _coverage_table(rows: pd.DataFrame) -> TextColumns:
    return {
        "Service": [code_label("services", code) for code in rows["service"]],
        "Cités par une source": [
            format_number(r.nb_cites)
            if is_missing(r.nb_cites_aire_inconnue)
            else f"{format_number(r.nb_cites)} (aire {MISSING}e : "
            f"{format_number(r.nb_cites_aire_inconnue)})"
            for r in iterate_rows(rows)
        ],
        "Part citée, au moins": [
            _format_shares(r.part_cites, r.part_population_cites) for r in iterate_rows(rows)
        ],
        "Cités, sur une partie": [format_number(count) for count in rows["nb_cites_partie"]],
        "Déduits": [format_number(count) for count in rows["nb_deduits"]],
        "Déduits, sur une partie": [format_number(count) for count in rows["nb_deduits_partie"]],
        "Autres, dans l’aire de": [
            MISSING
            if is_missing(r.nb_dans_aire)
            else f"{format_number(r.nb_dans_aire)} : "
            + coverage.format_area_organisations(r.organismes_aire)
            for r in iterate_rows(rows)
        ],
    }


def _format_shares(territories: object, people: object) -> str:
    """Format the share of the territories, then that of the people; either may be unknown."""
    people_text = f"{format_percent(people, 1)} des habitants"
    if is_missing(territories):
        return MISSING if is_missing(people) else people_text
    text = format_percent(territories, 1)
    return text if is_missing(people) else f"{text} ({people_text})"


def _overlaps_table(rows: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Territoire": [curly_apostrophes(name) for name in rows["libelle"]],
            "Organismes": [
                ", ".join(map(curly_apostrophes, names)) for names in rows["organismes"]
            ],
        }
    ).reset_index(drop=True)
