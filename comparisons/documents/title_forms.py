"""Tell the grammatical form of titles: those of one list are mostly alike."""

import re
from collections import Counter
from collections.abc import Sequence

from comparisons.documents.vocabulary import pattern

INFINITIVE, DETERMINED, OTHER = "infinitif", "déterminant", "autre"
# « Ouvrir », « Rendre », « Construire »: few of the words in « -re » are verbs
_INFINITIVE = re.compile(
    r"(?:(?:mieux|bien|ne (?:pas|plus|jamais)|ne)\s)?(?:s['’]|se |en )?"
    r"[a-zà-ÿœ]*(?:[a-zà-ÿœ](?:er|ir)|(?:[aeo]n|[eo]r|in|ou)dre|(?:[dlr]|cr|u|ff)ire|"
    r"(?:f|tr|pl)aire|(?:cr|b)oire|(?:m|b)[ae]ttre|[aê]ître|être|(?:su|v)ivre|[ou]mpre|"
    r"vaincre|clure)\b",
    re.IGNORECASE,
)
_DETERMINED = re.compile(
    r"(?:l['’]|(?:un|une|des|du|le|la|les|notre|nos|chaque|tous|toutes|deux|trois|quatre)\s)",
    re.IGNORECASE,
)
# « Sur le littoral », « Dans le marais », « Pour une école … »
_PREPOSITION = re.compile(r"(?:dans|sur|pour|vers|avec|chez|par|sous|en|à|aux?)\s", re.IGNORECASE)
# Fewest titles of one form that make the others look odd.
_FEWEST_ALIKE = 3


def is_infinitive(text: str) -> bool:
    """Return whether a text begins with a verb: « Former », not « Territoire »."""
    return bool(_INFINITIVE.match(text)) and not pattern("noms_en_er").match(text)


def form_of(title: str) -> str:
    """Return the form of a title: it begins with a verb, with an article, or else."""
    if is_infinitive(title):
        return INFINITIVE
    return DETERMINED if _DETERMINED.match(title) else OTHER


def common_form(titles: Sequence[str]) -> str:
    """Return the form that three titles in five have, three at least, or ""."""
    form, count = Counter(map(form_of, titles)).most_common(1)[0] if titles else ("", 0)
    return form if count >= _FEWEST_ALIKE and 5 * count >= 3 * len(titles) else ""


def common_beginning(titles: Sequence[str]) -> list[int]:
    """Return the places of titles, one after the other, that begin with the same words.

    « Pour une école … », « Pour une agriculture … »; « Un territoire qui … » with an article.
    """
    beginnings = [_beginning(title) for title in titles]
    beginning, count = (
        Counter(filter(None, beginnings)).most_common(1)[0] if any(beginnings) else ("", 0)
    )
    places = [place for place, each in enumerate(beginnings) if each == beginning]
    is_run = count >= _FEWEST_ALIKE and places[-1] - places[0] == count - 1
    return places if is_run else []


def _beginning(title: str) -> str:
    """Return how a title begins: its first word, two after an article, "" for a verb."""
    if is_infinitive(title):
        return ""
    if _PREPOSITION.match(title):
        return "préposition"
    first = title.lower().split()[: 2 if _DETERMINED.match(title) else 1]
    return " ".join(first) if len(title.split()) > len(first) else ""


def alike(titles: Sequence[str]) -> list[int]:
    """Return the places of titles without those that stand out by their form.

    Beside those that begin alike, all others; among verbs, whatever is none; among titles with
    an article, what begins or ends the list.
    """
    if same := common_beginning(titles):
        return same
    form = common_form(titles)
    places = list(range(len(titles)))
    if form not in (INFINITIVE, DETERMINED):
        return places
    same = [place for place in places if form_of(titles[place]) == form]
    return same if form == INFINITIVE else places[same[0] : same[-1] + 1]
