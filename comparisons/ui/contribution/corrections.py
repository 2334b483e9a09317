"""Render the corrections that a report proposes, and what they changed."""

from collections.abc import Sequence
from pathlib import PurePosixPath

import pandas as pd
import streamlit as st

from comparisons.datapackage.corrections import (
    CORRECTED_SUFFIXES,
    Change,
    Correction,
    proposed_correction,
)
from comparisons.datapackage.problems import Problem, quoted
from comparisons.datapackage.validation.problem_groups import Location, format_line_ranges
from comparisons.formatting import escape_markdown, pluralize, shorten
from comparisons.rows import iterate_rows
from comparisons.ui.tables import choose_page, text_table

_PAGE_ROWS = 10
# More corrections are folded: most readers apply them all.
_MAX_UNFOLDED = 5
_MAX_LABEL_LENGTH = 40
_EMPTY = "cellule vide"


def show_corrections(
    page: str, file_name: str, problems: Sequence[Problem]
) -> tuple[Correction | None, int] | None:
    """Render what can be corrected here, with a button for each value and one for all.

    Returns the correction that was asked for (None: all of them) and its number of cells, or None
    if none was.
    """
    lines: dict[Correction, set[int]] = {}
    for problem in problems:
        if correction := proposed_correction(problem):
            lines.setdefault(correction, set()).add(problem.line)
    if not lines:
        return None
    count = len({(key.file, key.column, line) for key in lines for line in lines[key]})
    verb = "peut être corrigée" if count == 1 else "peuvent être corrigées"
    st.markdown(
        f"**{pluralize(count, 'cellule')} {verb} ici** : ce qui y est écrit n’a qu’un sens."
    )
    if PurePosixPath(file_name).suffix.lower() not in CORRECTED_SUFFIXES:
        st.caption("Pour cela, enregistrez le classeur au format .xlsx, puis déposez-le.")
        return None
    chosen = None
    if len(lines) > 1 and st.button(
        f"Appliquer les {pluralize(count, 'correction')}",
        key=f"{page}:appliquer",
        type="primary",
        icon=":material/done_all:",
    ):
        chosen = None, count
    rows = pd.DataFrame(
        {"correction": list(lines), "lignes": [sorted(set_) for set_ in lines.values()]}
    )
    is_folded = len(rows) > _MAX_UNFOLDED
    with st.expander("Une par une") if is_folded else st.container():
        for row in iterate_rows(choose_page(rows, _PAGE_ROWS, noun="correction")):
            key, file = f"{page}:appliquer:{row.Index}", sheet_of(row.correction.file, file_name)
            if _show_correction(key, row.correction, file, row.lignes):
                chosen = row.correction, len(row.lignes)
    return chosen


def sheet_of(file: str, file_name: str) -> str:
    """Return the name of a sheet without that of the workbook, which the reader knows."""
    return file.removeprefix(f"{file_name} › ")


def _show_correction(key: str, correction: Correction, file: str, lines: Sequence[int]) -> bool:
    """Render a correction, where it is made and its button; return whether it was pressed."""
    place = Location(file, correction.column, tuple(lines), format_line_ranges(lines))
    with st.container(horizontal=True, vertical_alignment="center"):
        change = f"{_name_value(correction.before)} → {_name_value(correction.after)}"
        is_pressed = st.button(
            f"Appliquer {escape_markdown(change)}", key=key, icon=":material/check:"
        )
        st.markdown(f":small[{escape_markdown(place)}]", width="content")
    return is_pressed


def _name_value(text: str) -> str:
    return quoted(shorten(text, _MAX_LABEL_LENGTH)) if text else _EMPTY


def show_changes(changes: Sequence[Change], refused_count: int) -> None:
    """Render what was changed in the file, and the number of cells that could not be."""
    if changes:
        title = f"{pluralize(len(changes), 'cellule changée', 'cellules changées')} dans ce fichier"
        with st.expander(title, icon=":material/edit_note:", expanded=True):
            rows = {
                "Où": [change.file for change in changes],
                "Ligne": [str(change.line) for change in changes],
                "Colonne": [change.column for change in changes],
                "Avant": [change.before for change in changes],
                "Après": [change.after or _EMPTY for change in changes],
            }
            text_table(choose_page(pd.DataFrame(rows), 2 * _PAGE_ROWS).reset_index(drop=True))
    if refused_count:
        verb = "n’a pas pu être changée" if refused_count == 1 else "n’ont pas pu être changées"
        st.warning(
            f"{pluralize(refused_count, 'cellule')} {verb} ici (le résultat d’une formule, par "
            "exemple) : corrigez dans votre tableur.",
            icon=":material/info:",
        )
