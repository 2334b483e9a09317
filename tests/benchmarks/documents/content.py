"""Parse the documents of trial: what they say, and what is true of them.

A document is a text of lines: `@key value`, `# title`, `## heading`, `- item`, `| cell |`, `---` (a
new page), paragraphs. What a reader should find is marked in them: `[[a|level|axis]]`,
`[[m|text|euros|stage|perimeter]]`, `[[o|name|partenaire_id]]`,
`[[i|text|value|nature|year]]`; an empty part is not judged. After `@raw`, the text is the source
of the document itself, typst or HTML, with its own layout.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

CORPUS = Path(__file__).parent / "corpus"
_MARK = re.compile(r"\[\[([amoi])\|([^\]]*)\]\]")


@dataclass(frozen=True)
class Fact:
    """One thing to find: its kind (a, m, o, i), its text as shown, its parts, its page."""

    kind: str
    shown: str
    parts: tuple[str, ...]
    page: int


@dataclass(frozen=True)
class Element:
    """One piece of a document: its kind (title, heading, item, text, table, page, toc)."""

    kind: str
    text: str = ""
    level: int = 0
    rows: tuple[tuple[str, ...], ...] = ()


@dataclass
class Trial:
    """A document of trial: its settings, elements and facts; `kept` ones were not tuned on."""

    name: str
    settings: dict[str, str] = field(default_factory=dict)
    elements: list[Element] = field(default_factory=list)
    source: str = ""
    facts: list[Fact] = field(default_factory=list)

    @property
    def is_kept(self) -> bool:
        """Return whether nothing was tuned on this document."""
        return self.settings.get("set") == "kept"

    @property
    def is_strategy(self) -> bool:
        """Return whether the document is a strategy."""
        return "none" not in self.settings

    @property
    def format(self) -> str:
        """Return how the document is made: typst, docx, docx-pdf, html …"""
        return self.settings["format"]


def load_trials() -> list[Trial]:
    """Read all the documents of the corpus."""
    return [
        parse_trial(path.stem, path.read_text("utf-8")) for path in sorted(CORPUS.glob("*.txt"))
    ]


def parse_trial(name: str, text: str) -> Trial:
    """Parse one document."""
    text, _, source = text.partition("@raw\n")
    trial, page, rows = Trial(name, source=_MARK.sub(_shown, source)), 1, []
    for line in [*text.splitlines(), ""]:
        if rows and not line.startswith("|"):
            trial.elements.append(Element("table", rows=tuple(rows)))
            rows = []
        setting = re.match(r"@(\w+) ?(.*)", line)
        if setting and setting[1] not in ("toc", "caption"):
            trial.settings[setting[1]] = setting[2]
            continue
        if line == "---":
            page += 1
        trial.facts += _facts(line, page)
        shown = _MARK.sub(_shown, line)
        if line.startswith("|"):
            rows.append(tuple(cell.strip() for cell in shown.strip("| ").split("|")))
        elif shown:
            trial.elements.append(_element(shown))
    # other files than PDF, of a source, have one page; those of a PDF are looked up
    trial.facts += _facts(source, 1 if not trial.format.endswith(("pdf", "typst")) else 0)
    return trial


def _shown(mark: re.Match) -> str:
    parts = mark[2].split("|")
    return parts[1] if mark[1] == "a" else parts[0]


def _facts(line: str, page: int) -> Iterator[Fact]:
    for mark in _MARK.finditer(line):
        parts = mark[2].split("|")
        yield Fact(mark[1], _shown(mark), tuple(parts), page)


def _element(line: str) -> Element:
    if line == "---":
        return Element("page")
    if line == "@toc":
        return Element("toc")
    if line.startswith("@caption "):
        return Element("text", line.removeprefix("@caption "))
    if heading := re.match(r"(#+) (.*)", line):
        level = len(heading[1]) - 1
        return Element("heading" if level else "title", heading[2], level)
    if line.startswith("- "):
        return Element("item", line[2:])
    return Element("text", line)
