"""Rewrite the HTML document of the pages before it is sent.

The document of Streamlit declares English, is titled « Streamlit » whatever the page, and makes the
browser look for the server under the address of each page first, which fails twice. It also points
programs to an interface of Streamlit that is disabled; this site has its own.
"""

import re

from anyio import to_thread
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from comparisons.formatting import curly_apostrophes
from comparisons.web.middleware.security_headers import BASE_CSP, content_security_policy
from comparisons.web.page_head import page_head

NOSCRIPT = curly_apostrophes(
    "<noscript><p>Ce site a besoin de JavaScript. Ses données se lisent aussi sans lui : "
    '<a href="./api/v1/">interface pour les programmes</a>.</p></noscript>'
)
_NOSCRIPT = re.compile("<noscript>.*?</noscript>", re.DOTALL)
_API_PATHS = ("/api/", "/healthz", "/robots.txt", "/sitemap.xml", "/integrer/")
_STREAMLIT_PATHS = ("/_stcore", "/static", "/media", "/component")


class HtmlDocumentMiddleware:
    """ASGI middleware that rewrites the HTML document of the pages."""

    def __init__(self, app: ASGIApp, base_path: str = "") -> None:
        """Wrap an application; `base_path` is the prefix under which it is served, if any."""
        self.app = app
        root = f"/{base_path.strip('/')}/".replace("//", "/")
        script = f'window.__streamlit={{BACKEND_BASE_URL:location.origin+"{root}"}}'
        self.script = f"<script>{script}</script>"
        self.replacements = (
            ('<html lang="en">', '<html lang="fr">'),
            ('href="./_stcore/agent/openapi.json"', 'href="./api/v1/openapi.json"'),
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Rewrite the HTML document; pass every other response through unchanged."""
        if scope["type"] != "http" or scope["path"].startswith((*_API_PATHS, *_STREAMLIT_PATHS)):
            await self.app(scope, receive, send)
            return
        # the document is rewritten: it must be uncompressed and whole, even for a HEAD request
        request_headers = [
            (name, value)
            for name, value in scope["headers"]
            if name not in (b"accept-encoding", b"if-none-match", b"if-modified-since", b"range")
        ]
        start: Message = {}
        body = bytearray()

        async def rewrite(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start":
                start = message
                return
            if not Headers(raw=start["headers"]).get("content-type", "").startswith("text/html"):
                if start.get("sent") is None:
                    await send(start)
                    start["sent"] = True
                await send(message)
                return
            body.extend(message.get("body", b""))
            if not message.get("more_body"):
                head = await to_thread.run_sync(page_head, Request(scope))
                await self._send_document(start, bytes(body), head, send)

        method = "GET" if scope["method"] == "HEAD" else scope["method"]
        await self.app(scope | {"headers": request_headers, "method": method}, receive, rewrite)

    async def _send_document(self, start: Message, body: bytes, head: str, send: Send) -> None:
        document = _NOSCRIPT.sub(NOSCRIPT, body.decode("utf-8"), count=1)
        document = document.replace("<title>Streamlit</title>", f"{head}{self.script}", 1)
        for old, new in self.replacements:
            document = document.replace(old, new, 1)
        content = document.encode("utf-8")
        headers = MutableHeaders(raw=list(start["headers"]))
        headers["content-length"] = str(len(content))
        headers[BASE_CSP] = content_security_policy(document)
        for outdated in ("etag", "last-modified"):
            if outdated in headers:
                del headers[outdated]
        await send(start | {"headers": headers.raw})
        await send({"type": "http.response.body", "body": content})
