"""Remove invisible characters from texts, with a warning.

Some come from copies of PDF files; some reverse the rest of a line, hide a word from search or
control a terminal. Line ends become those of the format.
"""

import re
from collections.abc import Iterator

import pandas as pd

from comparisons.datapackage.problems import WARNING, Problem, quoted

# Controls (but tab and line feed), soft hyphen, spaces of no width, marks of direction,
# annotations, tags, halves of characters; the joiners of emojis and of some scripts are kept.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e"
    "\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff\U000e0000-\U000e007f]"
)
_LINE_END = re.compile("\r\n?|[\u2028\u2029]")


def strip_invisible(frame: pd.DataFrame, file: str) -> tuple[pd.DataFrame, list[Problem]]:
    """Return a table without hidden characters, and a warning for each cell that had some."""
    changed_columns: dict[str, pd.Series] = {}
    problems: list[Problem] = []
    for name in frame.columns:
        texts = frame[name]
        # most texts are printable, which is fast to check
        unprintable = [text for text in texts.unique() if not text.isprintable()]
        cleaned = {text: clean_text(text) for text in unprintable if clean_text(text) != text}
        if cleaned:
            changed_columns[name] = texts.replace(cleaned)
            problems += _invisible_warnings(file, name, texts[texts.isin(list(cleaned))])
    return (frame.assign(**changed_columns) if changed_columns else frame), problems


def clean_text(text: str) -> str:
    """Return a text without hidden characters."""
    return _INVISIBLE.sub("", _LINE_END.sub("\n", text)).strip()


def _invisible_warnings(file: str, column: str, texts: pd.Series) -> Iterator[Problem]:
    for line, text in texts[[bool(_INVISIBLE.search(text)) for text in texts]].items():
        codes = sorted({f"U+{ord(character):04X}" for character in _INVISIBLE.findall(text)})
        yield Problem(
            file,
            int(line),
            column,
            clean_text(text),
            "caracteres-invisibles",
            f"Cette cellule contenait des caractères qui ne se voient pas ({', '.join(codes[:5])})"
            f" : elle a été lue comme {quoted(clean_text(text))}.",
            "Rien à faire si c’est bien cela ; sinon, corrigez.",
            WARNING,
        )
