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

NO_WORD = "un projet précis, à défaut d’autre mot : à vérifier"


@dataclass(frozen=True)
class Place:
    """Where a sentence stands: its block, the words before it there, the axes above, nearest first.

    `is_of_means` tells that its heading is no axis and announces the means: « Le budget »; `above`
    is the paragraph just above.
    """

    block: Block
    before: str = ""
    axes: Sequence[Axis] = ()
    is_of_means: bool = False
    above: str = ""


def perimeter_of_sentence(
    sentence: str, money: Money, texts: Sequence[str], place: Place
) -> tuple[str, str]:
    """Return the perimeter of an amount that a sentence states, and why.

    `texts` are the words around the amount, the nearest first.
    """
    clause = clause_around(sentence, money)
    is_for_thing = has_purpose(clause[clause.find(money.shown) + len(money.shown) :])
    for text in texts:
        for code in ("strategie", "priorite", "infrastructures", "usages"):
            match = pattern("perimetres", code).search(text)
            # « la stratégie prévoit 200 000 € pour un bus »: the amount is that of the bus
            if match and not (code == "strategie" and is_for_thing):
                return code, f"« {match[0]} »"
    level = place.axes[0].level if place.axes else ""
    codes = {"": "strategie", "axe": "priorite"}
    whole = pattern("perimetres", "global").search(texts[-1])
    # « un marché d’un montant total de » is not all of the axis
    is_of_other = level and whole and len(objects_of(texts[-1][: whole.start()])) > 1
    if whole and not is_of_other and not is_for_thing:
        return codes.get(level, "action"), f"« {whole[0]} »"
    expression = pattern("perimetres", "infrastructures")
    titles = (expression.search(each.title) for each in place.axes if each.level != "action")
    if match := next(filter(None, titles), None):
        return "infrastructures", f"« {match[0]} », dans le titre de l’axe"
    # « Cet axe compte le plus. Il mobilise 7 M€ »
    subject = pattern("perimetres", "priorite").match(split_sentences(place.before.strip())[-1])
    if subject and re.match(r"(?:il|elle) ", sentence, re.IGNORECASE):
        return "priorite", f"« {subject[0]} », à la phrase d’avant"
    is_of_means = place.is_of_means and _is_of_means(sentence, money)
    if level in codes and (is_of_means or _is_alone(sentence, money, place, is_for_thing)):
        where = "sous le titre d’un axe" if level else "hors de tout axe"
        return codes[level], f"montant sans autre objet, {where}"
    return "action", NO_WORD


def _is_alone(sentence: str, money: Money, place: Place, is_for_thing: bool) -> bool:
    """Return whether a sentence names nothing that its amount may pay but what it stands under."""
    before = sentence[: money.start]
    # « 40 000 € en 2021 » is not all of the axis
    is_of_year = place.axes and re.search(r"\ben 20\d\d\b(?!\s?[-–à])", sentence)
    if pattern("parts").search(before) or is_of_year:
        return False
    # « Budget : 2 M€ sur la durée du contrat »
    if place.axes and not place.block.is_item and pattern("champs_budget").match(before):
        return True
    # « Un appel à projets est lancé. Sa dotation : 3 M€ »
    is_of_other = place.before and re.match(rf"(?:{words('renvois')})", sentence, re.IGNORECASE)
    tells_whole = pattern("perimetres", "strategie").search(place.before) or (
        pattern("noms_strategie_surs").search(split_sentences(place.before.strip())[-1])
    )
    of_thing = pattern("couts_de").search(before)
    if (is_of_other and not tells_whole) or (of_thing and objects_of(of_thing["thing"])):
        return False
    # « Budget : 6,8 M€, dont 2,1 M€ attendus du Fonds vert »
    ends = pattern("parts").pattern + ("" if place.axes else "| ; ")
    said = sentence[: money.end] + re.split(ends, sentence[money.end :])[0]
    names_nothing = len(objects_of(said)) < (1 if place.axes or money.is_yearly else 2)
    # « Enjeu 1 : un port. Les crédits s’élèvent à 2 M€. »
    is_whole_block = len(place.block.text) < len(sentence) + 3 or not place.axes
    is_of_axis = is_whole_block or place.axes[0].block == place.block
    return names_nothing and not is_for_thing and is_of_axis


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


def is_total(label: str) -> bool:
    """Return whether the label of a row is that of a total."""
    return pattern("lignes_total").match(fold(label)) is not None


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
    # « Axe | Coût »: the rows are numbered, or fewer than the axes, some of which cost nothing
    is_numbered = all(numbers) and len(set(numbers)) == len(numbers)
    is_weak = names[-1] in words("niveaux_faibles")
    if is_called and (is_numbered or (not is_weak and len(labels) <= len(highest))):
        return "axe"
    if len(labels) != len(highest):
        return ""
    pairs = zip(labels, highest, strict=True)
    shared = sum(_shares_word(fold(label), axis.title) for label, axis in pairs)
    is_phase = levels[-1] not in (top, "") or re.match("tranche|phase|lot", names[-1])
    is_numbered = numbers == [axis.number for axis in highest] and all(numbers)
    return "axe" if (is_numbered and not is_phase) or 2 * shared > len(labels) else ""


def perimeter_of_row(label: str, section: str, kind: str, axes: Sequence[Axis]) -> tuple[str, str]:
    """Return the perimeter of the amounts of a row; `section` is the label of those it is among.

    `kind` is what all of the rows are, see `kind_of_rows`.
    """
    total = pattern("lignes_total").match(fold(label))
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
    networks = pattern("perimetres", "infrastructures").search(label)
    return (
        ("infrastructures", f"« {networks[0]} »")
        if networks
        else ("action", "une ligne du tableau")
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
