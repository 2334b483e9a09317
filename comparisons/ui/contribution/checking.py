"""A file that is sent: read in this session, and what is to be mended in it."""

import json
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from comparisons.concurrency import release_slot
from comparisons.database.cache import cached
from comparisons.datapackage import isolated_check
from comparisons.datapackage.merge import merge_packages, published_packages
from comparisons.datapackage.problems import ERROR
from comparisons.datapackage.validation.annotated_workbook import annotated_workbook
from comparisons.datapackage.validation.problem_groups import ProblemGroup
from comparisons.datapackage.validation.report import Report
from comparisons.formatting import NBSP, escape_markdown, pluralize
from comparisons.ui.tables import text_table

TYPES = ("xlsx", "csv", "tsv", "txt", "zip")
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_PLACES_SHOWN = 6
_SENT = "contribution"


@dataclass(frozen=True)
class Upload:
    """A file of the reader's, and what was found in it."""

    identifier: str
    name: str
    report: Report


def upload(page: str) -> Upload | None:
    """Render what lets the reader send a file; give it once it is checked, or nothing."""
    file = st.file_uploader(
        "Déposez votre fichier : classeur .xlsx, table .csv ou archive .zip",
        type=list(TYPES),
        key=f"{page}:fichier",
        max_upload_size=st.get_option("server.maxUploadSize"),
    )
    if file is None:
        st.session_state.pop(_SENT, None)
        return None
    kept: Upload | None = st.session_state.get(_SENT)
    if kept is None or kept.identifier != file.file_id:
        with st.spinner("Lecture et vérification…"), release_slot():
            report = isolated_check.validate_in_subprocess(
                file.getvalue(), file.name, published_tables()
            )
        kept = Upload(file.file_id, file.name, report)
        st.session_state[_SENT] = kept
    return kept


def published_tables() -> dict:
    """Return the tables of all that is published: what a contribution may refer to."""
    return cached(_published)()


def _published() -> dict:
    return merge_packages(published_packages())[0]


def show_report(page: str, sent: Upload) -> None:
    """Describe what is to be mended, cause by cause."""
    report = sent.report
    verdict = escape_markdown(report.verdict)
    if report.valid:
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
    for place, cause in enumerate(groups):
        _show_cause(cause, expanded=place == 0 and cause.severity == ERROR)
    if not groups:
        return
    with st.container(horizontal=True):
        st.download_button(
            "Mon fichier, cellules à corriger marquées (Excel)",
            data=lambda: annotated_workbook(report),
            file_name=f"{_stem(sent.name)}_a-corriger.xlsx",
            mime=_XLSX,
            key=f"{page}:marque",
            on_click="ignore",
            icon=":material/download:",
        )
        st.download_button(
            "Rapport (JSON)",
            data=lambda: json.dumps(report.to_dict(), ensure_ascii=False, indent=2),
            file_name=f"{_stem(sent.name)}_rapport.json",
            mime="application/json",
            key=f"{page}:rapport",
            on_click="ignore",
            icon=":material/data_object:",
        )


def _stem(name: str) -> str:
    return name.rpartition(".")[0] or name


def _show_cause(cause: ProblemGroup, expanded: bool) -> None:
    icon = ":material/error:" if cause.severity == ERROR else ":material/warning:"
    with st.expander(escape_markdown(cause.title), icon=icon, expanded=expanded):
        for place in cause.places[:_PLACES_SHOWN]:
            st.markdown(f"- {escape_markdown(place)}")
        if len(cause.places) > _PLACES_SHOWN:
            st.markdown(f"- et {pluralize(len(cause.places) - _PLACES_SHOWN, 'autre endroit')}")
        st.markdown(f"**À faire{NBSP}:** {escape_markdown(cause.remedy)}")
        text_table(_examples(cause))


def _examples(cause: ProblemGroup) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Ligne": ["–" if p.line is None else str(p.line) for p in cause.examples],
            "Ce qui ne va pas": [p.message for p in cause.examples],
            "Mettez plutôt": [p.suggestion or "–" for p in cause.examples],
        }
    )
