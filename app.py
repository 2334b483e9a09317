"""Stratoscope: start with `streamlit run app.py`.

The database is built first if it is missing or if the files it is made from have changed.
"""

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import streamlit as st
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from streamlit.proto.BackMsg_pb2 import BackMsg

from comparisons import fulltext, search
from comparisons.build import BuildError, ensure_built
from comparisons.guard import Guard
from comparisons.headers import SecurityHeaders
from comparisons.routes import routes
from comparisons.shell import FrenchShell
from comparisons.warehouse import DatabaseMissingError


def say(line: str) -> None:
    """Show the progress of a build in the terminal, line by line."""
    print(line, flush=True)


@asynccontextmanager
async def lifespan(application: st.App) -> AsyncIterator[dict]:
    """Bring the database up to date; on errors in the data, keep serving the one before."""
    try:
        await run_in_threadpool(ensure_built, progress=say)
    except BuildError as error:
        say(f"La base n’a pas été reconstruite.\n{error}")
    with suppress(DatabaseMissingError):  # the pages say so
        await run_in_threadpool(search.warm_up)
        await run_in_threadpool(fulltext.warm_up)
    # Streamlit collects garbage after each run of a page: what stays for good need not be looked at
    gc.collect()
    gc.freeze()
    yield {}


def tell_failed(error: Exception) -> bool:
    """Tell a reader that a page failed, and no more: the terminal has the rest."""
    st.error(
        "Cette page a rencontré une erreur inattendue, qui est notée : rechargez-la dans un "
        "instant.",
        icon=":material/error:",
    )
    return True


def kind_of(message: bytes) -> str | None:
    """Say what a browser asks for in a message to Streamlit."""
    return BackMsg.FromString(message).WhichOneof("type")


app = st.App(
    Path(__file__).parent / "pages" / "navigation.py",
    routes=routes(),
    middleware=[
        Middleware(SecurityHeaders),
        Middleware(Guard, kind_of=kind_of, origins=st.get_option("server.corsAllowedOrigins")),
        Middleware(FrenchShell, base_path=st.get_option("server.baseUrlPath") or ""),
    ],
    lifespan=lifespan,
    on_script_error=tell_failed,
)
