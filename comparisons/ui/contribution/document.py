"""Render « Partir d’un document »: the upload, the reading, then a package of what is kept."""

import hashlib
from collections.abc import Iterable

import streamlit as st

from comparisons.datapackage.isolated_check import IsolatedFile
from comparisons.documents.package import (
    build_package,
    build_tables,
    describe_left_out,
    describe_missing,
)
from comparisons.documents.reader import SUFFIXES
from comparisons.formatting import escape_markdown, pluralize
from comparisons.ui.contribution.checking import Upload, holder, published_tables
from comparisons.ui.contribution.document_job import ReadingJob
from comparisons.ui.contribution.document_review import Review, show_review
from comparisons.ui.contribution.holdings import HOLDINGS, REFUSED_TYPE, QuotaError

# What a reading takes in memory beside its document, at least.
_LEAST_BYTES = 100_000
# Most documents are read within this time, without a bar of progress.
_QUICK_SECONDS = 2.5
_MAX_MISSING = 10
# « explicite » : the reader has seen the passage that states the fact
_CONFIRMED = "explicite"


def show_document(page: str) -> Upload | None:
    """Render the reading of a document and its proposals; return the valid file, or None."""
    file = st.file_uploader(
        "Déposez la stratégie : PDF, .docx, .odt, .pptx, page .html ou texte",
        type=list(SUFFIXES),
        key=f"{page}:document",
        max_upload_size=st.get_option("server.maxUploadSize"),
    )
    session, token = holder()
    name = f"{token}:lecture"
    if file is None:
        HOLDINGS.release(session, name)
        st.caption(
            "Le document est lu sur ce serveur, sans passer par un autre service : chaque valeur "
            "est proposée avec la page et le passage qui la montrent, et vous décidez. Rien n’est "
            "gardé après cette session."
        )
        return None
    try:
        review = _review(page, file, session, name)
    except QuotaError as error:
        st.error(escape_markdown(error), icon=":material/block:")
        return None
    return _finish(page, review) if review else None


def _review(page: str, file: object, session: str, name: str) -> Review | None:
    """Return the proposals of a document once it is read; render its progress before."""
    if file.type == REFUSED_TYPE:
        raise QuotaError(
            "Ce document n’a pas été gardé : vous en avez envoyé trop, ou trop de lecteurs en "
            "lisent de grands en ce moment. Réessayez dans quelques minutes."
        )
    held = HOLDINGS.get(session, name)
    if held is None or held[0] != file.file_id:
        HOLDINGS.release(session, name)
        job = ReadingJob(file.getvalue(), file.name)
        held = file.file_id, job, Review()
        HOLDINGS.hold(session, name, _Held(held), _LEAST_BYTES + len(file.getvalue()))
        with st.spinner("Lecture du document…"):
            job.wait(_QUICK_SECONDS)
    _, job, review = held
    if not job.is_done:
        _show_progress(page, session, name)
        return None
    if job.error:
        st.error(escape_markdown(job.error), icon=":material/error:")
        return None
    if not job.reading.rows:
        st.info(
            "Rien dans ce document ne ressemble à une stratégie numérique : rien n’est proposé.",
            icon=":material/search_off:",
        )
        return None
    if not review.tables:
        review.start(job.reading, job.document)
    return review


class _Held(tuple):
    """The identifier of a document, its reading and its review, held for a session."""

    def close(self) -> None:
        """End the reading, if it still runs."""
        self[1].close()


@st.fragment(run_every=1.0)
def _show_progress(page: str, session: str, name: str) -> None:
    held = HOLDINGS.get(session, name)
    if held is None or held[1].is_done:
        st.rerun()
    done, count = held[1].progress
    st.progress(done / count if count else 0.0, text=_describe_progress(done, count))
    st.button(
        "Arrêter la lecture", key=f"{page}:document:arreter", icon=":material/stop:",
        on_click=held[1].close,
    )  # fmt: skip


def _describe_progress(done: int, count: int) -> str:
    if not count:
        return "Lecture du document"
    if done < count:
        return f"Lecture de la page {done} sur {count}"
    return (
        f"{pluralize(count, 'page lue', 'pages lues')} ; recherche des axes, des montants et des "
        "organismes"
    )


def _finish(page: str, review: Review) -> Upload | None:
    """Render the proposals, and what is missing; return the file once it is valid, or None."""
    show_review(page, review)
    rows = review.kept_rows()
    tables = build_tables(rows, _CONFIRMED)
    if "strategies" not in tables:
        st.info(
            "Retenez d’abord la ligne de la stratégie, puis ses axes et ses montants.",
            icon=":material/edit:",
        )
        return None
    # what a look tells needs no check: that takes seconds
    if missing := describe_missing(rows, tables):
        _show_missing(missing)
        return None
    content = build_package(tables, tables["strategies"]["titre"].iloc[0])
    identifier = f"document:{hashlib.sha256(content).hexdigest()[:16]}"
    if review.upload is None or review.upload.identifier != identifier:
        file = IsolatedFile(content, "strategie-d-un-document.zip", published_tables())
        with st.spinner("Vérification…"):
            review.upload = Upload(identifier, file, file.check())
    report = review.upload.report
    if report.is_valid:
        count = pluralize(sum(map(len, tables.values())), "ligne")
        st.success(
            f"Paquet valide : {count}. {describe_left_out(rows)}", icon=":material/check_circle:"
        )
        return review.upload
    _show_missing(
        f"{error.file.removesuffix('.csv')}, {error.column or ''} : {error.message}"
        for error in report.errors
    )
    return None


def _show_missing(texts: Iterable[str]) -> None:
    st.warning("Il manque, pour un paquet valide :", icon=":material/edit:")
    lines = [f"- {escape_markdown(text)}" for text in dict.fromkeys(texts)]
    st.markdown("\n".join(lines[:_MAX_MISSING]))
