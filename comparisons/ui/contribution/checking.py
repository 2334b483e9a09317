"""Render the upload of a file, the report of its validation, and its corrections."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from uuid import uuid4

import pandas as pd
import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from comparisons.build import preview
from comparisons.concurrency import release_page_slot
from comparisons.database.cache import cached
from comparisons.datapackage.corrections import Change, Correction
from comparisons.datapackage.isolated_check import CheckRefusedError, IsolatedFile, UploadCheck
from comparisons.datapackage.problems import ERROR, Problem
from comparisons.datapackage.validation.problem_groups import ProblemGroup
from comparisons.datapackage.validation.report import Report
from comparisons.formatting import escape_markdown, pluralize
from comparisons.ui.contribution.corrections import sheet_of, show_changes, show_corrections
from comparisons.ui.contribution.holdings import HOLDINGS, REFUSED_TYPE, QuotaError
from comparisons.ui.tables import choose_page, download, text_table

_TYPES = ("xlsx", "xlsm", "ods", "xls", "csv", "tsv", "txt", "zip")
_PAGE_ROWS = 20
# A report in memory, for each byte of it that was received; what was changed in one cell.
_REPORT_GROWTH = 3
_CHANGE_BYTES = 2_000


@dataclass(frozen=True)
class Upload:
    """File sent by the reader, or corrected since, and what is known of it.

    `changes` were made here to what was sent; `refused_count` is the number of those that the
    reader asked for last and that could not be written.
    """

    identifier: str
    file: IsolatedFile
    check: UploadCheck
    changes: tuple[Change, ...] = ()
    refused_count: int = 0

    @property
    def report(self) -> Report:
        """Return the report, without the rows of the tables."""
        return self.check.report


def holder() -> tuple[str, str]:
    """Return the session that holds the things of this reader, and the beginning of their names."""
    # the tests of pages run several readers in one session of Streamlit
    token = st.session_state.setdefault("contribution:jeton", uuid4().hex)
    return get_script_run_ctx().session_id, token


def upload(page: str) -> Upload | None:
    """Render the upload field; return the validated file, or None."""
    file = st.file_uploader(
        "Déposez votre fichier : classeur .xlsx, .ods ou .xls, table .csv ou archive .zip",
        type=list(_TYPES),
        key=f"{page}:fichier",
        max_upload_size=st.get_option("server.maxUploadSize"),
    )
    session, name = _report_place()
    if file is None:
        HOLDINGS.release(session, name)
        return None
    try:
        if file.type == REFUSED_TYPE:
            raise QuotaError(
                "Ce fichier n’a pas été gardé\u00a0: vous en avez envoyé trop, ou trop de lecteurs "
                "en vérifient de grands en ce moment. Retirez-le, puis envoyez-le de nouveau dans "
                "quelques minutes."
            )
        isolated_file = IsolatedFile(file.getvalue(), file.name, published_tables())
        uploaded = HOLDINGS.get(session, name)
        if uploaded is None or not uploaded.identifier.startswith(file.file_id):
            HOLDINGS.release(session, name)
            with _one_at_a_time():
                uploaded = Upload(file.file_id, isolated_file, isolated_file.check())
            HOLDINGS.hold(session, name, uploaded, _REPORT_GROWTH * uploaded.check.weight)
    except QuotaError as error:
        st.error(escape_markdown(error), icon=":material/block:")
        return None
    return uploaded


def _report_place() -> tuple[str, str]:
    """Return the session and the name under which the checked file of this reader is held."""
    session, token = holder()
    return session, f"{token}:rapport"


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Check or correct a file in the block, one at a time for each session."""
    session, token = holder()
    with (
        HOLDINGS.one_at_a_time(session, f"{token}:verification"),
        st.spinner("Lecture et vérification…"),
        release_page_slot(),
    ):
        yield


def _correct(uploaded: Upload, correction: Correction | None, asked: int) -> None:
    """Correct the file of the reader, check it anew and hold it instead.

    `asked` cells are to be changed. Raises `CheckRefusedError` or `QuotaError`, in French.
    """
    with _one_at_a_time():
        content, changes = uploaded.file.correct(correction)
        file = replace(uploaded.file, content=content)
        check = file.check()
    all_changes = uploaded.changes + changes
    file_id = uploaded.identifier.partition(":")[0]
    corrected = Upload(
        f"{file_id}:{len(all_changes)}", file, check, all_changes, asked - len(changes)
    )
    weight = len(content) + _CHANGE_BYTES * len(all_changes) + _REPORT_GROWTH * check.weight
    HOLDINGS.hold(*_report_place(), corrected, weight)


def _undo_corrections() -> None:
    HOLDINGS.release(*_report_place())


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
        pluralize(row_count, "ligne") + f" dans « {name} »"
        for name, row_count in uploaded.check.row_counts.items()
        if row_count
    ]
    if counts:
        st.caption(f"Lu : {', '.join(counts)}.")
    if uploaded.changes or uploaded.refused_count:
        show_changes(uploaded.changes, uploaded.refused_count)
        _offer_corrected_file(page, uploaded)
    chosen = show_corrections(page, uploaded.file.name, report.problems)
    if chosen:
        try:
            _correct(uploaded, *chosen)
        except (CheckRefusedError, QuotaError) as error:
            st.error(escape_markdown(error), icon=":material/error:")
            return
        st.rerun()
    groups = report.groups()
    for index, cause in enumerate(groups):
        problems = [
            problem
            for problem in report.problems
            if (problem.code, problem.severity) == (cause.code, cause.severity)
        ]
        is_first_error = index == 0 and cause.severity == ERROR
        _show_cause(cause, problems, uploaded.file.name, expanded=is_first_error)
    if not groups:
        return
    with st.container(horizontal=True):
        stem, _ = _split_name(uploaded)
        download(
            "Mon fichier, cellules à corriger marquées (Excel)",
            f"{stem}_a-corriger.xlsx",
            uploaded.file.annotate,
            key=f"{page}:marque",
        )
        download(
            "Rapport (JSON)",
            f"{stem}_rapport.json",
            lambda: json.dumps(report.to_dict(), ensure_ascii=False, indent=2),
            key=f"{page}:rapport",
            icon=":material/data_object:",
        )


def _offer_corrected_file(page: str, uploaded: Upload) -> None:
    stem, suffix = _split_name(uploaded)
    with st.container(horizontal=True):
        download(
            "Fichier corrigé",
            f"{stem}_corrige{suffix}",
            lambda: uploaded.file.content,
            key=f"{page}:corrige",
        )
        st.button(
            "Annuler les corrections",
            key=f"{page}:annuler",
            icon=":material/undo:",
            on_click=_undo_corrections,
        )


def _split_name(uploaded: Upload) -> tuple[str, str]:
    """Return the name of the file without its extension, and the extension with its point."""
    path = PurePosixPath(uploaded.file.name)
    return path.stem, path.suffix


def _show_cause(
    cause: ProblemGroup, problems: Sequence[Problem], file_name: str, expanded: bool
) -> None:
    icon = ":material/error:" if cause.severity == ERROR else ":material/warning:"
    with st.expander(escape_markdown(cause.title), icon=icon, expanded=expanded):
        rows = pd.DataFrame(
            {
                "Où": [sheet_of(each.file, file_name) for each in problems],
                "Ligne": ["–" if each.line is None else str(each.line) for each in problems],
                "Colonne": [each.column or "–" for each in problems],
                "Ce qui ne va pas": [each.message for each in problems],
                "À faire": [each.remedy for each in problems],
            }
        )
        text_table(choose_page(rows, _PAGE_ROWS).reset_index(drop=True))
