"""Addresses that responses print: of the site as its owner named it, else relative to the server.

The `Host` of a request is never among them: a stranger writes it, and others would read it in a
file, a message or a cache.
"""

from urllib.parse import quote, urlencode

from starlette.requests import Request

from comparisons.settings import site_address


def site_of(request: Request) -> str:
    """Return the address of the site with a final slash, or the path under which it is served."""
    return site_address() or f"{_prefix(request)}/"


def address_of(request: Request, **changed: object) -> str:
    """Return the address of a request, with some parameters replaced."""
    path = quote(request.scope["path"].removeprefix(_prefix(request)).lstrip("/"))
    kept = [
        (name, value) for name, value in request.query_params.multi_items() if name not in changed
    ]
    query = urlencode([*kept, *changed.items()], safe=",")
    return f"{site_of(request)}{path}{'?' * bool(query)}{query}"


def _prefix(request: Request) -> str:
    """Return the path under which the whole application is mounted, without a final slash."""
    return request.scope.get("app_root_path", request.scope.get("root_path", "")).rstrip("/")
