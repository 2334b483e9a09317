"""Tell what an amount is of: the whole strategy, an axis, an action, networks, uses."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from comparisons.documents.amount_words import clause_around, clause_end, funders
from comparisons.documents.axis_lists import Axis
from comparisons.documents.headings import clean_title, read_mark, words_of_levels
from comparisons.documents.model import Block, split_sentences
from comparisons.documents.money import Money, find_money
from comparisons.documents.proposals import LEVELS
from comparisons.documents.vocabulary import pattern, words
from comparisons.formatting import fold

TOTAL_ROW = re.compile(
    r"(?:sous[- ]?)?(?:total|totaux|ensemble|cumul|somme|montant total|co[uû]t total)\b"
)
_FIELD = re.compile(r"\W*(?:budget|enveloppe)(?: \w+)?\s*:\s*$", re.IGNORECASE)
# « Le coût de cette campagne »
_COST_OF = re.compile(
    r"\bcoûts? (?:du|de l['’]|des|de (?:la|cette|cet|ces|ce)) ?(?P<thing>\w+)", re.IGNORECASE
)
PART = re.compile(r"\bdont\b|\by compris\b|\bparmi lesquels?\b", re.IGNORECASE)


@dataclass(frozen=True)
class Place:
    """Where a sentence stands: its block, the words before it there, the axes above, nearest first.

    `is_of_means` tells that its heading is no axis and announces the means: « Le budget ».
    """

    block: Block
    before: str = ""
    axes: Sequence[Axis] = ()
    is_of_means: bool = False


def perimeter_of_sentence(
    sentence: str, money: Money, texts: Sequence[str], place: Place
) -> tuple[str, str]:
    """Return the perimeter of an amount that a sentence states, and why; see `perimeter_of`."""
    clause = clause_around(sentence, money)
    after = clause[clause.find(money.shown) + len(money.shown) :]
    is_part = bool(PART.search(sentence[: money.start]))
    # « 40 000 € en 2021 » is not all of the axis
    is_of_year = place.axes and re.search(r"\ben 20\d\d\b(?!\s?[-–à])", sentence)
    # « Budget : 2 M€ sur la durée du contrat »
    is_field = place.axes and not place.block.is_item and _FIELD.match(sentence[: money.start])
    # « Enjeu 1 : un port. Les crédits s’élèvent à 2 M€. »
    is_of_axis = bool(place.axes) and place.axes[0].block == place.block
    is_whole_block = len(place.block.text) < len(sentence) + 3 or is_of_axis
    names_nothing = not has_purpose(after) and _names_nothing(sentence, money, place)
    is_alone = not (is_part or is_of_year) and bool(
        is_field or (names_nothing and (is_whole_block or not place.axes))
    )
    titles = [(axis.title, axis.level) for axis in place.axes]
    # « Cet axe compte le plus. Il mobilise 7 M€ »
    last = split_sentences(place.before.strip())[-1]
    if re.match(r"(?:il|elle) ", sentence, re.IGNORECASE) and (
        subject := pattern("perimetres", "priorite").match(last)
    ):
        return "priorite", f"« {subject[0]} », à la phrase d’avant"
    is_alone = is_alone or (place.is_of_means and _is_of_means(sentence, money))
    return perimeter_of(texts, after, titles, is_alone)


def _names_nothing(sentence: str, money: Money, place: Place) -> bool:
    """Return whether a sentence names nothing that its amount may pay."""
    # « Un appel à projets est lancé. Sa dotation : 3 M€ »
    before = place.before
    is_of_other = before and re.match(rf"(?:{words('renvois')})", sentence, re.IGNORECASE)
    tells_whole = pattern("perimetres", "strategie").search(before) or (
        before and pattern("noms_strategie_surs").search(split_sentences(before.strip())[-1])
    )
    of_thing = _COST_OF.search(sentence[: money.start])
    if (is_of_other and not tells_whole) or (of_thing and objects_of(of_thing["thing"])):
        return False
    # « Budget : 6,8 M€, dont 2,1 M€ attendus du Fonds vert »
    said = sentence[: money.end] + re.split(rf" ; |{PART.pattern}", sentence[money.end :])[0]
    return len(objects_of(said)) < (1 if place.axes or money.is_yearly else 2)


def _is_of_means(sentence: str, money: Money) -> bool:
    """Return whether a sentence about the means names only money and who pays it, no purpose."""
    amounts = [each.start for each in find_money(sentence) if each.start > money.start]
    after = sentence[money.end : min(amounts, default=len(sentence))]
    # « principalement pour la salle » is of more than this
    if has_purpose(pattern("destinations_partielles").sub("", after)):
        return False
    said = without_money(sentence[: clause_end(sentence, money)])
    for _, expression in funders():
        said = re.sub(rf"(?:{expression.pattern})(?: (?:d[eu]s? )?[A-Z][\w’-]*)*", "", said)
    return len(purposes_of(said)) < 2


def without_money(text: str) -> str:
    """Return a text without its amounts."""
    for money in sorted(find_money(text), key=lambda each: -each.start):
        text = text[: money.start] + text[money.end :]
    return text


def perimeter_of(
    texts: Sequence[str],
    after: str = "",
    axes: Sequence[tuple[str, str]] = (),
    is_alone: bool = False,
) -> tuple[str, str]:
    """Return the perimeter of an amount, and why.

    `texts` are the words around it, the nearest first, `after` those that follow it; `axes` are the
    (title, level) of the axes under whose headings it stands, nearest first; `is_alone` tells that
    nothing else is named beside it.
    """
    axis_level = axes[0][1] if axes else ""
    for text in texts:
        for code in ("strategie", "priorite", "infrastructures", "usages"):
            match = pattern("perimetres", code).search(text)
            # « la stratégie prévoit 200 000 € pour un bus »: the amount is that of the bus
            if match and not (code == "strategie" and has_purpose(after)):
                return code, f"« {match[0]} »"
    whole = pattern("perimetres", "global").search(texts[-1])
    # « un marché d’un montant total de » is not all of the axis
    is_of_other = axis_level and whole and len(objects_of(texts[-1][: whole.start()])) > 1
    if whole and not is_of_other and not has_purpose(after):
        code = {"": "strategie", "axe": "priorite"}.get(axis_level, "action")
        return code, f"« {whole[0]} »"
    expression = pattern("perimetres", "infrastructures")
    if match := next(
        filter(None, (expression.search(title) for title, level in axes if level != "action")), None
    ):
        return "infrastructures", f"« {match[0]} », dans le titre de l’axe"
    if is_alone:
        if axis_level == "axe":
            return "priorite", "montant sans autre objet, sous le titre d’un axe"
        if not axis_level:
            return "strategie", "montant sans autre objet, hors de tout axe"
    return "action", "un projet précis, à défaut d’autre mot"


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
    if top == "action" or len(labels) < 2:
        return ""
    numbers = [mark.number if (mark := read_mark(f"{label} X")) else "" for label in labels]
    is_called = names[-1] != "" and names[-1] in {"axe", *(axis.label for axis in highest)}
    is_weak = names[-1] in words("niveaux_faibles")
    # « Axe | Coût »: 1, 2, 3, even where not all of them were found
    if is_called and (
        numbers in _counts(len(labels)) or (not is_weak and len(labels) < len(highest))
    ):
        return "axe"
    if len(labels) != len(highest):
        return ""
    is_numbered = all(numbers) and numbers == [axis.number for axis in highest]
    shared = sum(
        _shares_word(fold(label), axis.title) for label, axis in zip(labels, highest, strict=True)
    )
    is_each = (
        (is_numbered and levels[-1] in (top, "") and not re.match("tranche|phase|lot", names[-1]))
        or (is_called and not is_weak)
        or 2 * shared > len(labels)
    )
    return "axe" if is_each else ""


def _counts(length: int) -> list[list[str]]:
    """Return the first numbers in digits, in Roman digits, in letters."""
    roman = "I II III IV V VI VII VIII IX X".split()
    digits = [str(number) for number in range(1, length + 1)]
    return [digits, roman[:length], list("ABCDEFGHIJ"[:length])]


def perimeter_of_row(label: str, section: str, kind: str, axes: Sequence[Axis]) -> tuple[str, str]:
    """Return the perimeter of the amounts of a row; `section` is the label of those it is among.

    `kind` is what all of the rows are, see `kind_of_rows`.
    """
    total = TOTAL_ROW.match(fold(label))
    if total and total[0].startswith("sous") and names_axis(section, axes):
        return "priorite", "sous-total d’un axe"
    name = label[total.end() :] if total else label
    if kind == "axe" and not total:
        return "priorite", "une ligne par axe"
    if (total or kind != "action") and names_axis(name, axes):
        return "priorite", "la ligne porte le nom d’un axe"
    if total:
        return "strategie", "ligne de total"
    if kind == "part":
        return "strategie", "part du total, par financeur ou par année"
    perimeter, why = perimeter_of((label,))
    return (
        (perimeter, why) if perimeter == "infrastructures" else ("action", "une ligne du tableau")
    )


def names_axis(label: str, axes: Sequence[Axis]) -> bool:
    """Return whether a label is that of an axis of the highest level: its number, or its title."""
    label = re.sub(r"^\W*(?:de |du |d['’])?", "", label)
    mark = read_mark(label)
    if mark and mark.word and mark.level == "axe":
        return True
    name = fold(clean_title(mark.title if mark else label))
    for axis in axes:
        title = fold(axis.title)
        is_numbered = mark and mark.number == axis.number != ""
        is_called = mark and (
            mark.word == axis.label != "" or (not mark.word and _shares_word(name, title))
        )
        is_within = len(name) > 8 and (name in title or title in name)
        is_named = (is_numbered and is_called) or (name and name == title) or is_within
        if axis.level in (axes[0].level, "axe") and is_named:
            return True
    return False


def _shares_word(name: str, title: str) -> bool:
    """Return whether a name, « Cybersécurité », has a word of a title in it."""
    return bool(set(re.findall(r"\w{4,}", name)) & set(re.findall(r"\w{4,}", fold(title))))


def has_purpose(after: str) -> bool:
    """Return whether the words after an amount say what it pays: « pour former les agents »."""
    # « 2 M€ pour cinq ans » says no purpose
    after = re.sub(
        r"\bpour (?:la période|20\d\d\b|\w+ (?:ans|années|exercices)\b(?: scolaires)?)", "", after
    )
    match = pattern("destinations").search(after)
    return match is not None and bool(objects_of(after[match.end() :]))


def objects_of(text: str) -> list[str]:
    """Return the words of a text that may name what an amount pays."""
    common = re.compile(rf"(?:{words('mots_budget')})", re.IGNORECASE)
    found = re.findall(r"[^\W\d]{5,}", text)
    return [word for word in found if not common.fullmatch(word)]


def purposes_of(text: str) -> list[str]:
    """Return the words that may name what an amount pays, but those of its funding."""
    return [word for word in objects_of(text) if not pattern("mots_financement").fullmatch(word)]
