"""Serve the least that Streamlit can do: what a page costs is a multiple of it.

Its messages leave at once, as the site's; otherwise it takes 3 ms or 45, by chance (see
`tcp_nodelay`).
"""

import streamlit as st
from starlette.middleware import Middleware

from comparisons.web.middleware.tcp_nodelay import TcpNoDelayMiddleware

app = st.App("page.py", middleware=[Middleware(TcpNoDelayMiddleware)])
