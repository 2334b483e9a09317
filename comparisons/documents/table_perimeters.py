"""Tell what the amounts of the rows of a table are for: the whole, an axis, an action."""

import re
from collections.abc import Sequence

from comparisons.documents.amount_words import perimeter_of
from comparisons.documents.axis_lists import Axis
from comparisons.documents.headings import clean_title, read_mark, words_of_levels
from comparisons.documents.proposals import LEVELS
from comparisons.documents.vocabulary import words
from comparisons.formatting import fold

TOTAL_ROW = re.compile(
    r"(?:sous[- ]?)?(?:total|totaux|ensemble|cumul|somme|montant total|co[uû]t total)\b"
)


def is_total(label: str) -> bool:
    """Return whether the label of a row is that of a total."""
    return TOTAL_ROW.match(fold(label)) is not None


def names_funders(head: str) -> bool:
    """Return whether a column holds who pays: « Financeur », « Recettes »."""
    return re.match(rf"(?:{fold(words('colonnes')['par_financeur'])})\b", fold(head)) is not None


def kind_of_rows(heads: Sequence[str], labels: Sequence[str], axes: Sequence[Axis]) -> str:
    """Return what all rows of a table are, by the heads above their labels, or one for each axis.

    « axe », « action », « part » of a whole by funder or by year, or "": each row tells.
    """
    firsts = [re.match(r"\W*(?:les )?(\w+?)s?\b", head.lower()) for head in heads]
    names = [first[1] if first else "" for first in firsts] or [""]
    levels = [words_of_levels().get(name, "") for name in names]
    if "action" in levels:
        return "action"
    if len(heads) == 1 and (names_funders(heads[0]) or names[0] in ("année", "exercice")):
        return "part"
    labels = [label for label in labels if not is_total(label)]
    top = min((axis.level for axis in axes), key=LEVELS.index, default="action")
    highest = [axis for axis in axes if axis.level == top]
    if top == "action" or len(labels) != len(highest) or len(labels) < 2:
        return ""
    numbers = [mark.number if (mark := read_mark(f"{label} X")) else "" for label in labels]
    is_numbered = all(numbers) and numbers == [axis.number for axis in highest]
    is_called = names[-1] == "axe" or names[-1] in {axis.label for axis in highest}
    is_weak = names[-1] in words("niveaux_faibles")
    shared = sum(
        _shares_word(fold(label), axis.title) for label, axis in zip(labels, highest, strict=True)
    )
    is_each = (
        (is_numbered and levels[-1] in (top, "") and not re.match("tranche|phase|lot", names[-1]))
        or (is_called and not is_weak)
        or 2 * shared > len(labels)
    )
    return "axe" if is_each else ""


def perimeter_of_row(label: str, section: str, kind: str, axes: Sequence[Axis]) -> tuple[str, str]:
    """Return the perimeter of the amounts of a row; `section` is the label of those it is among.

    `kind` is what all of the rows are, see `kind_of_rows`.
    """
    total = TOTAL_ROW.match(fold(label))
    if total and total[0].startswith("sous") and _names_axis(section, axes):
        return "priorite", "sous-total d’un axe"
    name = label[total.end() :] if total else label
    if kind == "axe" and not total:
        return "priorite", "une ligne par axe"
    if (total or kind != "action") and _names_axis(name, axes):
        return "priorite", "la ligne porte le nom d’un axe"
    if total:
        return "strategie", "ligne de total"
    if kind == "part":
        return "strategie", "part du total, par financeur ou par année"
    perimeter, why = perimeter_of((label,))
    return (
        (perimeter, why) if perimeter == "infrastructures" else ("action", "une ligne du tableau")
    )


def _names_axis(label: str, axes: Sequence[Axis]) -> bool:
    """Return whether a label is that of an axis of the highest level: its number, or its title."""
    label = re.sub(r"^\W*(?:de |du |d['’])?", "", label)
    mark = read_mark(label)
    if mark and mark.word and mark.level == "axe":
        return True
    names = fold(clean_title(mark.title if mark else label))
    for axis in axes:
        is_numbered = (
            mark
            and mark.number == axis.number != ""
            and (
                mark.word == axis.label != "" or (not mark.word and _shares_word(names, axis.title))
            )
        )
        is_named = names and _is_same(names, fold(axis.title))
        if axis.level in (axes[0].level, "axe") and (is_numbered or is_named):
            return True
    return False


def _shares_word(name: str, title: str) -> bool:
    """Return whether a name, « Cybersécurité », has a word of a title in it."""
    return bool(set(re.findall(r"\w{4,}", name)) & set(re.findall(r"\w{4,}", fold(title))))


def _is_same(name: str, title: str) -> bool:
    return name == title or (len(name) > 8 and (name in title or title in name))
