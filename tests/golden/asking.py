"""Run one line of `requests.txt` and return its answer.

page PAGE?QUERY | STEP …      phone, dark, find TERRITORY, set KEY, click KEY, upload FILE,
                              open PAGE?QUERY, files (what the page offers is made and read)
http METHOD ADDRESS | STEP …  header NAME: VALUE, json TEXT, form TEXT, text TEXT, filler BYTES,
                              again (asked a second time with the ETag of the first)
cli ARGUMENTS | STEP …        type WORDS, copy (in a copy of the checkout); {out} is a folder
"""

import shlex
import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import NamedTuple
from urllib.parse import parse_qs

from starlette.responses import Response
from streamlit.testing.v1 import AppTest

from tests.golden import access
from tests.golden.content import EXTENSIONS, text_of, text_of_folder
from tests.golden.elements import page_text

REQUESTS = Path(__file__).with_name("requests.txt")
# recorded in full; other headers that a reader may notice are in the text
_HEADERS = (
    *("content-type", "content-disposition", "content-encoding", "content-language"),
    *("cache-control", "link", "location", "retry-after", "allow", "vary"),
)
_SECURITY_HEADERS = (
    "content-security-policy",
    "cross-origin-",
    "referrer-policy",
    "permissions-policy",
)
_BODY_TYPES = {
    "json": "application/json",
    "form": "application/x-www-form-urlencoded",
    "text": "text/plain",
}


class Answer(NamedTuple):
    """Answer to a request: status or exit code, headers, and the rest as a text."""

    status: int | str
    headers: dict[str, str]
    text: str


def read_requests() -> list[str]:
    """Read the requests; raise `SystemExit` if one is repeated."""
    lines = [line.strip() for line in REQUESTS.read_text("utf-8").splitlines()]
    requests = [line for line in lines if line and not line.startswith("#")]
    twice = {line for line in requests if requests.count(line) > 1}
    if twice:
        raise SystemExit(f"Asked twice: {', '.join(sorted(twice))}")
    return requests


def run_request(line: str, folder: Path) -> Answer:
    """Return the answer to a request; a failure of the code is an answer too."""
    kind, _, rest = line.partition(" ")
    target, *steps = rest.split(" | ")
    steps = [(name, value) for name, _, value in (step.partition(" ") for step in steps)]
    try:
        result = {"page": _page, "http": _http, "cli": _command}[kind](target, steps)
    except Exception as error:
        result = Answer("failed", {}, f"{type(error).__name__}: {error}")
    names_by_path = {str(folder): "{temporary}", str(access.PROJECT): "{project}"}
    return result._replace(text=_hide_paths(result.text, names_by_path))


def _hide_paths(text: str, names_by_path: dict[str, str]) -> str:
    """Replace the folders of this run in a text by fixed names."""
    for path, name in names_by_path.items():
        text = text.replace(path, name)
    return text


Steps = list[tuple[str, str]]

# --- pages ---------------------------------------------------------------------------------------


def _page(target: str, steps: Steps) -> Answer:
    """Open a page, run the steps of its reader, and return the final text."""
    named_steps = dict(steps)
    session = access.open_session(
        "narrow" if "phone" in named_steps else "wide", "dark" if "dark" in named_steps else "light"
    )
    with access.offered_files() as offered:
        _open(session, target)
        for name, value in steps:
            offered.clear()
            _act(session, name, value)
        text = page_text(session)
        if "files" in named_steps:
            text += "".join(_files(offered))
    return Answer("exception" if session.exception else "shown", {}, text)


def _open(session: AppTest, target: str) -> None:
    page, _, query = target.partition("?")
    access.open_page(session, page, parse_qs(query, keep_blank_values=True))


def _act(session: AppTest, name: str, value: str) -> None:
    match name:
        case "open":
            _open(session, value)
        case "find":
            access.find_territory(session, value)
        case "set":
            session.session_state[value] = True
            session.run()
        case "click":
            session.button(key=value).click()
            session.run()
        case "upload":
            content = Path(value).read_bytes()
            session.file_uploader[0].set_value((Path(value).name, content, "text/csv"))
            session.run()
        case "files":
            session.run()
        case "phone" | "dark":
            session.run()
        case _:
            raise ValueError(f"Unknown step: {name}")


def _files(offered: dict[str, object]) -> Iterator[str]:
    """Yield the text of each file that the page offers."""
    for name, source in offered.items():
        content = source() if callable(source) else source
        content = content.encode("utf-8") if isinstance(content, str) else content
        yield f"\n=== {name}\n{text_of(content, Path(name).suffix[1:])}"


# --- addresses for programs ----------------------------------------------------------------------


def _http(target: str, steps: Steps) -> Answer:
    method, _, address = target.partition(" ")
    headers, body = {"accept-encoding": "identity"}, None
    for name, value in steps:
        if name == "header":
            field, _, value = value.partition(": ")
            headers[field.lower()] = value
        elif name in _BODY_TYPES:
            headers.setdefault("content-type", _BODY_TYPES[name])
            body = value.encode("utf-8")
        elif name == "filler":
            headers.setdefault("content-type", _BODY_TYPES["text"])
            body = b"x" * int(value)
    client = access.client()
    response = client.request(method, address, headers=headers, content=body)
    if ("again", "") in steps:
        headers["if-none-match"] = response.headers["etag"]
        response = client.request(method, address, headers=headers, content=body)
    return Answer(response.status_code, _recorded_headers(response), _response_text(response))


def _recorded_headers(response: Response) -> dict[str, str]:
    """Return the recorded headers; of an ETag only its presence: its value depends on the code."""
    headers = {
        name: value
        for name, value in response.headers.items()
        if name in _HEADERS or name.startswith(("x-", "access-control-"))
    }
    return headers | ({"etag": "…"} if "etag" in response.headers else {})


def _response_text(response: Response) -> str:
    security_headers = [
        f"{n}: {v}" for n, v in response.headers.items() if n.startswith(_SECURITY_HEADERS)
    ]
    media = response.headers.get("content-type", "").partition(";")[0]
    return "\n".join(
        [*sorted(security_headers), "", text_of(response.content, EXTENSIONS.get(media, ""))]
    )


# --- commands ------------------------------------------------------------------------------------


def _command(target: str, steps: Steps) -> Answer:
    named_steps = dict(steps)
    with tempfile.TemporaryDirectory(prefix="golden-out-") as folder:
        out = Path(folder)
        arguments = [argument.replace("{out}", folder) for argument in shlex.split(target)]
        output_folder = out
        if "copy" in named_steps:
            ran = access.run_command_in_copy(arguments, named_steps.get("type", ""), out / "copy")
            output_folder = out / "copy" / access.PUBLISHED
        else:
            ran = access.run_command(arguments, named_steps.get("type", ""))
        output = text_of(ran.output, "")
        text = f"{output}\n=== errors\n{ran.errors}\n{text_of_folder(output_folder)}"
        names_by_path = {str(out / "copy"): "{copy}", folder: "{out}"}
        if "copy" in named_steps:  # the clock of a copy is not stopped
            names_by_path[date.today().isoformat()] = "{today}"
        return Answer(ran.code, {}, _hide_paths(text, names_by_path))
