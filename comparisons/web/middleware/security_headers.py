"""Security headers of the responses of this site.

`Strict-Transport-Security` is left to the proxy that serves HTTPS: this server does not know
whether there is one.
"""

import base64
import hashlib
import re

from starlette.datastructures import MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

BASE_CSP = "Content-Security-Policy"
# Files, data and errors: no script, no request, no framing by another site.
DENY_ALL_CSP = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
SANDBOX_CSP = f"{DENY_ALL_CSP}; sandbox"
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    # addresses contain the searches of readers: do not send them to other sites
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    # the clipboard stays allowed: buttons copy addresses to it
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), "
    "payment=(), usb=(), serial=(), bluetooth=(), hid=(), midi=()",
}
_UNEXPECTED_ERROR = "Erreur inattendue de ce site : elle est notée. Réessayez dans un instant."
_INLINE_SCRIPT = re.compile(r"<script(?![^>]*\ssrc\s*=)[^>]*>(.*?)</script>", re.DOTALL)


class SecurityHeadersMiddleware:
    """ASGI middleware that sets security headers on every response, errors included.

    A response without a policy of its own gets the strictest one. Streams are not buffered.
    """

    def __init__(self, app: ASGIApp) -> None:
        """Wrap an application."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the response of the application with the security headers."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = False

        async def send_guarded(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                message = message | {"headers": _secure_headers(message.get("headers", ()))}
            await send(message)

        try:
            await self.app(scope, receive, send_guarded)
        except Exception:
            # Starlette would answer in English and without headers; it still logs the error
            if not started:
                await PlainTextResponse(_UNEXPECTED_ERROR, 500)(scope, receive, send_guarded)
            raise


def content_security_policy(document: str) -> str:
    """Return the Content-Security-Policy of a page, for Streamlit, Plotly and this site.

    `document` is the HTML as it is sent: only its inline scripts may run.
    """
    inline = [f"'sha256-{_digest(script)}'" for script in _INLINE_SCRIPT.findall(document)]
    rules = {
        "default-src": ["'none'"],
        # no other host, even if a page were made to call one
        # data: the images of the names of the insets, on maps
        "connect-src": ["'self'", "data:"],
        "script-src": [
            "'self'",
            *inline,
            # the search field: Streamlit loads the script of a component from memory
            "blob:",
            # 64-bit numbers in messages; gives no more rights than a script has
            "'wasm-unsafe-eval'",
        ],
        # maps are cut into tiles by workers that MapLibre makes in memory
        "worker-src": ["blob:"],
        # Streamlit, Plotly and the data grid insert styles at run time, without a nonce
        "style-src": ["'self'", "'unsafe-inline'"],
        # data: logos, icons of the page; blob: figures on their way to a PNG
        "img-src": ["'self'", "data:", "blob:"],
        # data: one of the fonts for formulas is embedded in the style sheet of Streamlit
        "font-src": ["'self'", "data:"],
        "base-uri": ["'none'"],
        "form-action": ["'none'"],
        "frame-ancestors": ["'self'"],
    }
    return "; ".join(f"{name} {' '.join(sources)}" for name, sources in rules.items())


def _digest(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii")


def _secure_headers(raw: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    headers = MutableHeaders(raw=list(raw))
    headers.update(_HEADERS)
    # some browsers do not display a PDF in a sandbox
    is_pdf = headers.get("content-type", "").startswith("application/pdf")
    headers.setdefault(BASE_CSP, DENY_ALL_CSP if is_pdf else SANDBOX_CSP)
    return headers.raw
