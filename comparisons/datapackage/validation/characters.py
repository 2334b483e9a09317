"""Characters that do not show: taken out of every text, and told.

Some come along with a copy from a PDF; some turn the rest of a line around, hide a word from a
search or speak to a terminal. None means anything in a fact. Line ends become those of the format.
"""

import re
from collections.abc import Iterator

import pandas as pd

from comparisons.datapackage.problems import WARNING, Problem, quoted

# Controls (but tab and line feed), soft hyphen, spaces of no width, marks of direction,
# annotations, tags, halves of characters; the joiners of emojis and of some scripts are kept.
_HIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e"
    "\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff\U000e0000-\U000e007f]"
)
_LINE_END = re.compile("\r\n?|[\u2028\u2029]")


def strip_invisible(frame: pd.DataFrame, file: str) -> tuple[pd.DataFrame, list[Problem]]:
    """Return a table without hidden characters, and a warning for each cell that had some."""
    changed: dict[str, pd.Series] = {}
    problems: list[Problem] = []
    for name in frame.columns:
        texts = frame[name]
        # what all shows, in most texts, is told apart at once
        suspect = [text for text in texts.unique() if not text.isprintable()]
        shown = {text: _shown(text) for text in suspect if _shown(text) != text}
        if shown:
            changed[name] = texts.replace(shown)
            problems += _told(file, name, texts[texts.isin(list(shown))])
    return (frame.assign(**changed) if changed else frame), problems


def _shown(text: str) -> str:
    return _HIDDEN.sub("", _LINE_END.sub("\n", text)).strip()


def _told(file: str, column: str, texts: pd.Series) -> Iterator[Problem]:
    for line, text in texts[[bool(_HIDDEN.search(text)) for text in texts]].items():
        codes = sorted({f"U+{ord(character):04X}" for character in _HIDDEN.findall(text)})
        yield Problem(
            file,
            int(line),
            column,
            _shown(text),
            "caracteres-invisibles",
            f"Cette cellule contenait des caractères qui ne se voient pas ({', '.join(codes[:5])})"
            f"\u00a0: elle a été lue comme {quoted(_shown(text))}.",
            "Rien à faire si c’est bien cela\u00a0; sinon, corrigez la cellule.",
            WARNING,
        )
