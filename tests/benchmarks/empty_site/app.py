"""Serve the least that Streamlit can do, as the site is served: pages are multiples of it."""

import sys
from pathlib import Path

import streamlit as st

from comparisons.web.server import serve

app = st.App(Path(__file__).with_name("page.py"))

if __name__ == "__main__":
    serve(app, "", int(sys.argv[sys.argv.index("--port") + 1]), max_message_bytes=1_000_000)
