"""The pages run in this process (AppTest): a session, and every text it shows."""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from html import unescape
from itertools import chain
from operator import itemgetter
from types import MappingProxyType
from typing import ClassVar
from xml.etree import ElementTree

import pandas as pd
from google.protobuf.message import Message
from streamlit.components.v2 import manifest_scanner
from streamlit.runtime.scriptrunner.script_cache import ScriptCache
from streamlit.testing.v1 import AppTest, local_script_runner

from comparisons.settings import PROJECT_DIR

# each run of AppTest would look through all that is installed for components; ours are not there
manifest_scanner.scan_component_manifests = cache(manifest_scanner.scan_component_manifests)
# nor is each page compiled anew for each run, as it is not by a server
local_script_runner.ScriptCache = cache(ScriptCache)

# What Python, pandas and JavaScript write for an unknown value; « 2023.0 » is a year gone wrong.
LEAKS = re.compile(r"\b(?:nan|NaN|None|NaT|null|undefined|(?:19|20)\d\d\.0)\b|<NA>|Timestamp\(")
# a text that must be shown as it is, wherever it comes from
MARKUP = "<img src=x onerror=alert(1)> **gras** [lien](https://exemple.test) :red[rouge] $x^2$"
_NOT_WORDS = {"id", "form_id", "url", "file_name", "mime", "query", "icon", "options"}


class Visit:
    """A reader's session: pages opened one after the other, and all that is shown."""

    _pages: ClassVar[Mapping[str, object]] = MappingProxyType({})

    def __init__(self, window: str = "wide", theme: str = "light") -> None:
        self.app = AppTest.from_file(PROJECT_DIR / "pages" / "navigation.py", default_timeout=30)
        self.app.context = {"url": "http://localhost:8501/", "theme": theme, "locale": "fr-FR"}
        self.app.session_state["fenetre_connue"] = window

    def open(self, page: str, **query: str | list[str]) -> "Visit":
        """Open an address.

        AppTest knows the pages of the navigation only once it has run: the first session of all
        opens the map before.
        """
        if not self.app._registered_pages:
            self.app._registered_pages = Visit._pages
        if not self.app._registered_pages:
            self.run()
        self.app.switch_page(f"{page}.py")
        self.app.query_params = query
        return self.run()

    def run(self) -> "Visit":
        self.app.run()
        Visit._pages = self.app._registered_pages
        assert not self.app.exception, [e.message for e in self.app.exception]
        return self

    def unfold(self, expander: str) -> "Visit":
        """Open what waits to be opened before it is made."""
        self.app.session_state[expander] = True
        return self.run()

    def find(self, key: str) -> "Visit":
        """Choose a territory in the search field (its component cannot be run in AppTest)."""
        self.app.session_state["recherche:trouve"] = key
        return self.run()

    @property
    def address(self) -> dict[str, str | list[str]]:
        return self.app.query_params

    @property
    def words(self) -> list[str]:
        """Return every text sent to the browser, but for the choices a menu offers."""
        texts = []
        for element in self.app.main:
            if element.type == "bidi_component":
                continue
            if element.type == "html":
                texts.append(unescape(element.proto.body))
            elif element.proto is not None:
                texts += _strings(element.proto)
            if element.type == "table":
                texts += _table_strings(element.value)
        return texts

    @property
    def text(self) -> str:
        """Return every text as it is read, in one string, without Markdown escapes."""
        return _displayed_text("\n".join(self.words))

    @property
    def leaks(self) -> list[str]:
        """Return the texts that show a program's word for nothing."""
        return [text for text in self.words if LEAKS.search(text)]

    @property
    def raw_markup(self) -> list[str]:
        """Return the texts in which Markdown, or Plotly's own markup, would be obeyed."""
        texts = []
        for element in self.app.main:
            if element.type == "plotly_chart":
                texts += [text for text in _figure_strings(element.proto.spec) if "<img" in text]
            elif element.type == "table":
                texts += filter(_RAW.search, _table_strings(element.value))
            elif element.type in _MARKDOWN_TYPES:
                texts += filter(_RAW.search, _strings(element.proto))
        return texts

    @property
    def title(self) -> str:
        """Return the heading of the map."""
        return _displayed_text(self.app.title[0].value)

    @property
    def warnings(self) -> list[str]:
        return [_displayed_text(warning.value) for warning in self.app.warning]

    @property
    def links(self) -> list[tuple[str, str]]:
        """Return the pages that the page leads to, each with its parameters."""
        protos = [e.proto for e in self.app.main if e.type == "page_link"]
        texts = [text.value for text in self.app.markdown]
        return [(proto.page, proto.query_string) for proto in protos] + [
            link for text in texts for link in re.findall(r"\]\(/(\w+)\?([^)#]*)", text)
        ]

    @property
    def charts(self) -> list[Message]:
        return [e.proto for e in self.app.main if e.type == "plotly_chart"]

    @property
    def figures(self) -> list[list[str]]:
        """Return the names of the traces of each figure."""
        return [
            [_displayed_text(trace.get("name", "")) for trace in json.loads(chart.spec)["data"]]
            for chart in self.charts
        ]

    def table_with(self, column: str) -> pd.DataFrame:
        return next(table for table in self.tables if column in table.columns)

    def table_with_row(self, row: str) -> pd.DataFrame:
        return next(table for table in self.tables if row in table.index)

    @property
    def tables(self) -> list[pd.DataFrame]:
        """Return every table as it is read, those of the grid of a comparison too."""
        return list(self._tables())

    def _tables(self) -> Iterator[pd.DataFrame]:
        grids = [_grid_tables(e.proto.body) for e in self.app.main if e.type == "html"]
        for table in (*(table.value for table in self.app.table), *chain.from_iterable(grids)):
            texts = table.map(_displayed_text)
            yield texts.rename(
                columns=_displayed_text, index=lambda label: _displayed_text(str(label))
            )

    @property
    def tables_text(self) -> set[str]:
        """Return every cell of every table, as it is read."""
        return {str(cell) for table in self.tables for cell in table.to_numpy().flat}


def _grid_tables(html: str) -> Iterator[pd.DataFrame]:
    """Read the tables of the grid of a comparison; « (diffère) » is left out of their rows."""
    for table in ElementTree.fromstring(html[html.index("<div") :]).iter("table"):
        columns = ["".join(name.itertext()) for name in table.find("thead").iter("th")]
        rows = {row.find("th").text: [cell.text for cell in row.iter("td")]
                for row in table.find("tbody")}  # fmt: skip
        yield pd.DataFrame.from_dict(rows, orient="index", columns=columns)


# elements whose texts are Markdown
_MARKDOWN_TYPES = {
    *("markdown", "caption", "title", "header", "subheader", "expander", "expandable"),
    *("page_link", "metric", "warning", "info", "alert", "popover", "button", "button_group"),
}
_GREY = re.compile(r":gray\[(.*?)\]")
_ESCAPED = re.compile(r"\\([^\w\s])")
_RAW = re.compile(r"(?<!\\)(?:<img|\*\*gras|\[lien\]|:red\[|\$x)")


def _displayed_text(text: str) -> str:
    """Read a text as it is displayed: no escapes, no grey, no kinds of spaces."""
    text = _GREY.sub(itemgetter(1), text)
    return _ESCAPED.sub(itemgetter(1), text).replace("\xa0", " ").replace("\u202f", " ")


def _table_strings(table: pd.DataFrame) -> list[str]:
    return [str(value) for value in (*table.columns, *table.index, *table.to_numpy().flat)]


def _strings(message: Message) -> list[str]:
    """Return every text in a message, however deep; the figures of Plotly by their own words."""
    texts = []
    for described, value in message.ListFields():
        if described.name in _NOT_WORDS:
            continue
        for item in value if described.is_repeated else [value]:
            if isinstance(item, Message):
                texts += _strings(item)
            elif isinstance(item, str):
                texts += _figure_strings(item) if described.name == "spec" else [item]
    return texts


def _figure_strings(spec: str) -> list[str]:
    figure = json.loads(spec)
    strings = []
    for trace in figure["data"]:
        strings.append(trace.get("name", ""))
        for texts in (trace.get("hovertext", ""), trace.get("text", "")):
            strings += _flat(texts)
    return [*strings, *figure["layout"].get("yaxis", {}).get("ticktext", ())]


def _flat(texts: str | list) -> list[str]:
    """Return the texts of a trace: one, a list, or a list for each row of a grid."""
    return (
        [texts] if isinstance(texts, str) else [t for text_list in texts for t in _flat(text_list)]
    )
