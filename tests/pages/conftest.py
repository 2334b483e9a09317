"""The pages as a reader meets them: run in this process (AppTest), or in a real browser."""

import json
import re
from pathlib import Path

import pytest
from google.protobuf.message import Message
from streamlit.testing.v1 import AppTest

from comparisons.format import PROJECT_DIR

# --- pages run in this process -------------------------------------------------------------------

# What Python, pandas and JavaScript write for an unknown value; « 2023.0 » is a year gone wrong.
LEAKS = re.compile(r"\b(?:nan|NaN|None|NaT|null|undefined|(?:19|20)\d\d\.0)\b|<NA>|Timestamp\(")
_NOT_WORDS = {"id", "form_id", "url", "file_name", "mime", "query", "icon", "options"}


class Visit:
    """A reader's session: pages opened one after the other, and all that is shown."""

    def __init__(self) -> None:
        self.app = AppTest.from_file(PROJECT_DIR / "pages" / "navigation.py", default_timeout=30)
        self.app.context = {"url": "http://localhost:8501/", "theme": "light", "locale": "fr-FR"}

    def open(self, page: str, **query: str | list[str]) -> "Visit":
        """Go to an address; the first page of a session is always the map (a limit of AppTest)."""
        if "page_ouverte" not in self.app.session_state:
            self.run()
        self.app.switch_page(f"{page}.py")
        self.app.query_params = query
        return self.run()

    def run(self) -> "Visit":
        self.app.run()
        assert not self.app.exception, [e.message for e in self.app.exception]
        return self

    @property
    def address(self) -> dict[str, str | list[str]]:
        return self.app.query_params

    @property
    def words(self) -> list[str]:
        """Every text sent to the browser, but for the choices a menu offers."""
        found = []
        for element in self.app.main:
            if element.type == "bidi_component":
                continue
            if element.proto is not None:
                found += _strings(element.proto)
            if element.type == "table":
                frame = element.value
                found += [str(v) for v in (*frame.columns, *frame.index, *frame.to_numpy().flat)]
        return found

    @property
    def text(self) -> str:
        """Every text as it is read: one string, without Markdown's escapes."""
        return re.sub(r"\\([^\w\s])", r"\1", "\n".join(self.words))

    @property
    def leaks(self) -> list[str]:
        """Texts that show a program's word for nothing."""
        return [text for text in self.words if LEAKS.search(text)]

    @property
    def warnings(self) -> list[str]:
        return [warning.value for warning in self.app.warning]

    @property
    def charts(self) -> list[Message]:
        return [e.proto for e in self.app.main if e.type == "plotly_chart"]


def _strings(message: Message) -> list[str]:
    """Every text in a message, however deep; the figures of Plotly by their own words."""
    found = []
    for described, value in message.ListFields():
        if described.name in _NOT_WORDS:
            continue
        for item in value if described.is_repeated else [value]:
            if isinstance(item, Message):
                found += _strings(item)
            elif isinstance(item, str):
                found += _figure_strings(item) if described.name == "spec" else [item]
    return found


def _figure_strings(spec: str) -> list[str]:
    figure = json.loads(spec)
    shown = []
    for trace in figure["data"]:
        shown += [trace.get("name", ""), *trace.get("text", ()), trace.get("hovertext", "")]
    return [*shown, *figure["layout"].get("yaxis", {}).get("ticktext", ())]


@pytest.fixture
def visit(database: Path) -> Visit:
    """Open a new session."""
    return Visit()
