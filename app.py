"""Stratoscope application: start with `python app.py`.

The database is built first if it is missing or older than the files that it is made from.
"""

import argparse
import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import streamlit as st
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.runtime import get_instance
from streamlit.runtime.uploaded_file_manager import UploadedFileManager

from comparisons.build.build import BuildError, build_if_stale
from comparisons.build.start_up import load_site
from comparisons.database.connection import DatabaseMissingError, dataset_metadata
from comparisons.lake import replica
from comparisons.lake.connection import LakeError
from comparisons.settings import computes_ahead, lake_address
from comparisons.ui.contribution.holdings import HOLDINGS, weigh_uploads
from comparisons.web.api import routes
from comparisons.web.first_answers import keep_first_answers
from comparisons.web.garbage import collect_between_readers, keep_what_is_loaded
from comparisons.web.middleware.compression import CompressedAssets
from comparisons.web.middleware.deadlines import DeadlinesMiddleware
from comparisons.web.middleware.html_document import HtmlDocumentMiddleware
from comparisons.web.middleware.security_headers import SecurityHeadersMiddleware
from comparisons.web.middleware.upload_limit import UploadLimitMiddleware
from comparisons.web.middleware.websocket_guard import WebSocketGuardMiddleware
from comparisons.web.server import serve

_log = logging.getLogger(__name__)
# A tab that is closed keeps nothing after twice this time.
FREEING_SECONDS = 10


def print_progress(line: str) -> None:
    """Print one progress line of a build in the terminal."""
    print(line, flush=True)


def prepare() -> None:
    """Build the database if it is stale and load the search index.

    Errors are printed or logged, never raised: the site starts without data if need be.
    """
    try:
        if lake_address():
            replica.refresh(progress=print_progress)
        else:
            build_if_stale(progress=print_progress)
    except (BuildError, LakeError) as error:
        print_progress(f"La base n’a pas été reconstruite.\n{error}")
    except Exception:
        _log.exception("La base n’a pas été reconstruite : erreur inattendue.")
    try:
        print_progress(load_site())
    except DatabaseMissingError as error:
        print_progress(f"{error}\nLe site ouvre sans données, et le dit à ses lecteurs.")
        print_progress(
            "La cause levée, « python -m comparisons build » suffira : nul besoin de redémarrer."
        )
    except Exception:
        _log.exception("Le site ouvre, mais ses données se lisent mal : erreur inattendue.")


async def free_closed_tabs(uploads: UploadedFileManager) -> None:
    """Free, again and again, what is held for tabs that were closed: files, reports, previews."""
    while True:
        await asyncio.sleep(FREEING_SECONDS)
        for session in await run_in_threadpool(
            HOLDINGS.free_left, get_instance().is_active_session
        ):
            uploads.remove_session_files(session)


async def compute_first_answers() -> None:
    """Have what pages show first computed by another process, whenever the data are new."""
    version = None
    while True:
        try:
            if (served := dataset_metadata()["version"]) != version:
                version = served
                await keep_first_answers()
        except DatabaseMissingError:
            pass
        except Exception:
            _log.exception("Les premières réponses n’ont pas pu être préparées.")
        await asyncio.sleep(replica.LOOK_SECONDS)


async def follow_lake() -> None:
    """Look for a newer snapshot of the lake again and again, if there is a lake."""
    while lake_address():
        await asyncio.sleep(replica.LOOK_SECONDS)
        await run_in_threadpool(replica.follow)


@asynccontextmanager
async def lifespan(application: st.App) -> AsyncIterator[dict]:
    """Build the database before serving; if the build fails, keep the previous database."""
    uploads = get_instance().uploaded_file_mgr
    weigh_uploads(uploads)
    freeing = asyncio.create_task(free_closed_tabs(uploads))
    await run_in_threadpool(prepare)
    keep_what_is_loaded()
    background = [freeing, *map(asyncio.create_task, (follow_lake(), collect_between_readers()))]
    if computes_ahead():
        background.append(asyncio.create_task(compute_first_answers()))
    try:
        yield {}
    finally:
        for task in background:
            task.cancel()


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
        Middleware(UploadLimitMiddleware),
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
