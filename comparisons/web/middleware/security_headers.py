"""What a browser may do with an answer of this site: the headers of security.

A proxy that speaks HTTPS adds `Strict-Transport-Security`: this server does not know whether one
is there.
"""

import base64
import hashlib
import re

from starlette.datastructures import MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

BASE_CSP = "Content-Security-Policy"
# Nothing to run, nothing to fetch, nothing that another site may frame: files, data, errors.
DENY_ALL_CSP = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
SANDBOX_CSP = f"{DENY_ALL_CSP}; sandbox"
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    # an address tells what a reader looks for: other sites need not know
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    # the clipboard stays open: addresses are copied there
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), "
    "payment=(), usb=(), serial=(), bluetooth=(), hid=(), midi=()",
}
UNEXPECTED_ERROR = "Erreur inattendue de ce site : elle est notée. Réessayez dans un instant."
_INLINE_SCRIPT = re.compile(r"<script(?![^>]*\ssrc\s*=)[^>]*>(.*?)</script>", re.DOTALL)


class SecurityHeadersMiddleware:
    """ASGI middleware that puts the headers on every answer, its own failures included.

    An answer that has no policy of its own is sealed. Nothing is kept back: streams pass through.
    """

    def __init__(self, app: ASGIApp) -> None:
        """Wrap an application."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with what the application answers, under the headers."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = False

        async def send_guarded(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                message = message | {"headers": _guarded(message.get("headers", ()))}
            await send(message)

        try:
            await self.app(scope, receive, send_guarded)
        except Exception:
            # Starlette would answer this itself, in English and without headers; it still logs it
            if not started:
                await PlainTextResponse(UNEXPECTED_ERROR, 500)(scope, receive, send_guarded)
            raise


def content_security_policy(document: str) -> str:
    """Return the policy of a page: what Streamlit, Plotly and this site's scripts need, no more.

    `document` is the HTML as it is sent: of the scripts that stand in it, these alone may run.
    """
    inline = [f"'sha256-{_digest(script)}'" for script in _INLINE_SCRIPT.findall(document)]
    rules = {
        "default-src": ["'none'"],
        # no other host, whatever a page is made to ask for
        "connect-src": ["'self'"],
        "script-src": [
            "'self'",
            *inline,
            # the search field: Streamlit loads the script of a component from memory
            "blob:",
            # 64-bit numbers of its messages; gives nothing that a script does not have
            "'wasm-unsafe-eval'",
        ],
        # maps are cut into tiles by workers that MapLibre makes in memory
        "worker-src": ["blob:"],
        # Streamlit, Plotly and the data grid write their styles as they go, and take no nonce
        "style-src": ["'self'", "'unsafe-inline'"],
        # data: logos, icons of the page; blob: figures on their way to a PNG
        "img-src": ["'self'", "data:", "blob:"],
        # data: one of the fonts for formulas stands in Streamlit's own style sheet
        "font-src": ["'self'", "data:"],
        "base-uri": ["'none'"],
        "form-action": ["'none'"],
        "frame-ancestors": ["'self'"],
    }
    return "; ".join(f"{name} {' '.join(sources)}" for name, sources in rules.items())


def _digest(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii")


def _guarded(raw: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    headers = MutableHeaders(raw=list(raw))
    headers.update(HEADERS)
    # not every browser shows a PDF in a sandbox
    is_pdf = headers.get("content-type", "").startswith("application/pdf")
    headers.setdefault(BASE_CSP, DENY_ALL_CSP if is_pdf else SANDBOX_CSP)
    return headers.raw
