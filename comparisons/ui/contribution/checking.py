"""Render the upload of a file and the report of its validation."""

import json
from dataclasses import dataclass

import streamlit as st

from comparisons.build import preview
from comparisons.concurrency import release_page_slot
from comparisons.database.cache import cached
from comparisons.datapackage import isolated_check
from comparisons.datapackage.problems import ERROR
from comparisons.datapackage.validation.annotated_workbook import annotated_workbook
from comparisons.datapackage.validation.problem_groups import ProblemGroup
from comparisons.datapackage.validation.report import Report
from comparisons.formatting import NBSP, escape_markdown, pluralize
from comparisons.ui.tables import TextColumns, download, text_table

_TYPES = ("xlsx", "ods", "xls", "csv", "tsv", "txt", "zip")
_MAX_PLACES = 6
_STATE_KEY = "contribution"


@dataclass(frozen=True)
class Upload:
    """File sent by the reader, and its validation report."""

    identifier: str
    name: str
    report: Report


def upload(page: str) -> Upload | None:
    """Render the upload field; return the validated file, or None."""
    file = st.file_uploader(
        "Déposez votre fichier : classeur .xlsx, .ods ou .xls, table .csv ou archive .zip",
        type=list(_TYPES),
        key=f"{page}:fichier",
        max_upload_size=st.get_option("server.maxUploadSize"),
    )
    if file is None:
        st.session_state.pop(_STATE_KEY, None)
        return None
    uploaded: Upload | None = st.session_state.get(_STATE_KEY)
    if uploaded is None or uploaded.identifier != file.file_id:
        with st.spinner("Lecture et vérification…"), release_page_slot():
            report = isolated_check.validate_in_subprocess(
                file.getvalue(), file.name, published_tables()
            )
        uploaded = Upload(file.file_id, file.name, report)
        st.session_state[_STATE_KEY] = uploaded
    return uploaded


@cached(reference_only=True)
def published_tables() -> dict:
    """Return the published tables by name, to which a contribution may refer."""
    return preview.published_tables()


def show_report(page: str, uploaded: Upload) -> None:
    """Render the validation report: verdict, problems by cause, downloads."""
    report = uploaded.report
    verdict = escape_markdown(report.verdict)
    if report.is_valid:
        st.success(verdict, icon=":material/check_circle:")
    else:
        st.error(verdict, icon=":material/error:")
    counts = [
        pluralize(len(rows), "ligne") + f" dans « {name} »"
        for name, rows in report.package.tables.items()
        if len(rows)
    ]
    if counts:
        st.caption(f"Lu : {', '.join(counts)}.")
    groups = report.groups()
    for index, cause in enumerate(groups):
        _show_cause(cause, expanded=index == 0 and cause.severity == ERROR)
    if not groups:
        return
    with st.container(horizontal=True):
        stem = uploaded.name.rpartition(".")[0] or uploaded.name
        download(
            "Mon fichier, cellules à corriger marquées (Excel)",
            f"{stem}_a-corriger.xlsx",
            annotated_workbook,
            report,
            key=f"{page}:marque",
        )
        download(
            "Rapport (JSON)",
            f"{stem}_rapport.json",
            lambda: json.dumps(report.to_dict(), ensure_ascii=False, indent=2),
            key=f"{page}:rapport",
            icon=":material/data_object:",
        )


def _show_cause(cause: ProblemGroup, expanded: bool) -> None:
    icon = ":material/error:" if cause.severity == ERROR else ":material/warning:"
    with st.expander(escape_markdown(cause.title), icon=icon, expanded=expanded):
        for location in cause.locations[:_MAX_PLACES]:
            st.markdown(f"- {escape_markdown(location)}")
        if len(cause.locations) > _MAX_PLACES:
            st.markdown(f"- et {pluralize(len(cause.locations) - _MAX_PLACES, 'autre endroit')}")
        st.markdown(f"**À faire{NBSP}:** {escape_markdown(cause.remedy)}")
        text_table(_examples(cause))


def _examples(cause: ProblemGroup) -> TextColumns:
    return {
        "Ligne": ["–" if problem.line is None else str(problem.line) for problem in cause.examples],
        "Ce qui ne va pas": [problem.message for problem in cause.examples],
        "Mettez plutôt": [problem.suggestion or "–" for problem in cause.examples],
    }
