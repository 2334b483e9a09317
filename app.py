"""Stratoscope application: start with `python app.py`.

The database is built first if it is missing or older than the files that it is made from.
"""

import argparse
import gc
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import streamlit as st
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.runtime import get_instance

from comparisons.build.build import BuildError, build_if_stale
from comparisons.database.connection import DatabaseMissingError, dataset_metadata
from comparisons.formatting import format_partial_date
from comparisons.search import search, territories
from comparisons.web.api import routes
from comparisons.web.middleware.compression import CompressedAssets
from comparisons.web.middleware.deadlines import DeadlinesMiddleware
from comparisons.web.middleware.html_document import HtmlDocumentMiddleware
from comparisons.web.middleware.security_headers import SecurityHeadersMiddleware
from comparisons.web.middleware.upload_quota import UploadQuotaMiddleware
from comparisons.web.middleware.websocket_guard import WebSocketGuardMiddleware
from comparisons.web.server import serve

_log = logging.getLogger(__name__)


def print_progress(line: str) -> None:
    """Print one progress line of a build in the terminal."""
    print(line, flush=True)


def prepare() -> None:
    """Build the database if it is stale and load the search index.

    Errors are printed or logged, never raised: the site starts without data if need be.
    """
    try:
        build_if_stale(progress=print_progress)
    except BuildError as error:
        print_progress(f"La base n’a pas été reconstruite.\n{error}")
    except Exception:
        _log.exception("La base n’a pas été reconstruite : erreur inattendue.")
    try:
        territories.preload()
        search.preload()
    except DatabaseMissingError as error:
        print_progress(f"{error}\nLe site ouvre sans données, et le dit à ses lecteurs.")
        print_progress(
            "La cause levée, « python -m comparisons build » suffira : nul besoin de redémarrer."
        )
    else:
        data = dataset_metadata()
        print_progress(
            f"Données servies : version {data['version']}, du {format_partial_date(data['date'])}."
        )


@asynccontextmanager
async def lifespan(application: st.App) -> AsyncIterator[dict]:
    """Build the database before serving; if the build fails, keep the previous database."""
    await run_in_threadpool(prepare)
    # objects that live as long as the process need not be scanned at each collection
    gc.collect()
    gc.freeze()
    yield {}


def show_failure(error: Exception) -> bool:
    """Display a message for a page that failed; the details are logged."""
    st.error(
        "Cette page a rencontré une erreur inattendue, qui est notée : rechargez-la dans un "
        "instant.",
        icon=":material/error:",
    )
    return True


def message_type(message: bytes) -> str | None:
    """Return the type of a WebSocket message sent by the browser to Streamlit."""
    return BackMsg.FromString(message).WhichOneof("type")


def uploaded_bytes() -> dict[str, int]:
    """Return the bytes of the files that each session holds."""
    files = get_instance().uploaded_file_mgr.file_storage
    return {
        session: sum(len(file.data) for file in list(session_files.values()))
        for session, session_files in list(files.items())
    }


app = st.App(
    Path(__file__).parent / "pages" / "navigation.py",
    routes=routes(),
    middleware=[
        Middleware(DeadlinesMiddleware),
        Middleware(SecurityHeadersMiddleware),
        Middleware(
            WebSocketGuardMiddleware,
            kind_of=message_type,
            origins=st.get_option("server.corsAllowedOrigins"),
        ),
        Middleware(UploadQuotaMiddleware, held_bytes=uploaded_bytes),
        Middleware(CompressedAssets, base_path=st.get_option("server.baseUrlPath") or ""),
        Middleware(HtmlDocumentMiddleware, base_path=st.get_option("server.baseUrlPath") or ""),
    ],
    lifespan=lifespan,
    on_script_error=show_failure,
)


def main() -> None:
    """Serve the site; other settings are those of Streamlit (`.streamlit/config.toml`)."""
    parser = argparse.ArgumentParser(description="Sert le site.")
    parser.add_argument("--port", type=int, default=st.get_option("server.port"))
    parser.add_argument(
        "--address", default=st.get_option("server.address") or "", help="toutes si absente"
    )
    options = parser.parse_args()
    max_message_bytes = st.get_option("server.maxMessageSize") * 1_000_000
    serve(app, options.address, options.port, max_message_bytes)


if __name__ == "__main__":
    main()
