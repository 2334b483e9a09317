"""Find the axes that a sentence, or a paragraph, enumerates."""

import re

from comparisons.documents.axis_lists import FEWEST, Axis, announced_word
from comparisons.documents.headings import clean_title, level_of
from comparisons.documents.model import Document
from comparisons.documents.title_forms import DETERMINED, form_of, is_infinitive
from comparisons.documents.vocabulary import pattern, words

_QUOTED = re.compile(r"«\s*([^«»]{4,160}?)\s*»")
_INLINE_LABEL = re.compile(r"\s*;\s*(?:et\s+)?|,\s+(?:et\s+)?(?=(?:la|le|les|l['’]|un|une)\s)")
# « d’abord simplifier … ; elle veut ensuite donner … et, enfin, réduire … »
_FIRST = re.compile(r"\b(?:d['’]abord|en premier lieu|premièrement)\b", re.IGNORECASE)
_LAST = re.compile(r"\b(?:enfin|en dernier lieu|pour finir)\b", re.IGNORECASE)
_CLAUSE_END = re.compile(r"\s*[;.]\s+|,?\s+et,?\s+(?=enfin)")
_ORDERED = re.compile(
    r"\b(?:d['’]abord|en (?:premier|deuxième|second|troisième|dernier) lieu|premièrement|"
    r"\w+ièmement|ensuite|puis|aussi|également|enfin|pour finir)\b,?\s+(?P<title>.+)",
    re.IGNORECASE | re.DOTALL,
)
_PREPOSITION = re.compile(r"(?:à|de|d['’])\s?(?=\w+(?:er|ir|re)\b)", re.IGNORECASE)
# « cette stratégie s’articule autour de l’inclusion, de la donnée et de la sécurité. »
_ARTICULATED = re.compile(
    r"\b(?:stratégie|feuille de route|schéma|plan|politique|démarche|elle|il)\b[^.:;]{0,60}?"
    r"\b(?:s.articule|s.organise|se structure|repose|est bâtie?|est construite?|s.appuie)\s+"
    r"(?:autour\s+|sur\s+)(?P<list>[^.:;]+)",
    re.IGNORECASE,
)
_NEXT_OBJECT = re.compile(
    r",?\s+et\s+(?=(?:de|d['’]|sur|l['’]|la|le|les|un|une)\b)|,\s+", re.IGNORECASE
)


def announced_words(document: Document) -> list[Axis]:
    """List the axes that one sentence enumerates: « quatre priorités : « … », « … » »."""
    announce = re.compile(
        rf"\b(?:{words('mots_annonce')})\b[^.:«]{{0,80}}(?::|(?=«))\s*(?P<list>[^.]*(?:«[^»]*»[^.]*)*)",
        re.IGNORECASE,
    )
    for index, block in enumerate(document.blocks):
        if block.rows:
            continue
        for match in announce.finditer(block.text):
            if not pattern("annonces").search(block.text[: match.start("list")]):
                continue
            titles = _QUOTED.findall(match["list"])
            if len(titles) < FEWEST:
                titles = _split_words(match["list"], block.text[: match.start("list")])
                if any(not 6 <= len(title) <= 140 for title in titles):
                    continue
            if len(titles) >= FEWEST:
                reason = "énumérés dans une phrase"
                level = level_of(announced_word(block))
                return [Axis(level, clean_title(title), index, block, reason) for title in titles]
    return []


def _split_words(text: str, before: str) -> list[str]:
    """Split « l’inclusion, la donnée et la sobriété », by the number that is announced before."""
    titles = [
        re.sub(r"^(?:et|puis|enfin)\s+|^\(?\d\s?[.)°]\s*", "", part.strip())
        for part in _INLINE_LABEL.split(text.strip())
    ]
    numbers = "|".join(words("nombres"))
    count = re.findall(rf"\b(?:({numbers})|([2-9]))\s+(?:grande?s? )?\w+", before, re.IGNORECASE)
    name, digit = count[-1] if count else ("", "")
    announced = int(digit) if digit else words("nombres").get(name.lower(), 0)
    if announced > 2 and announced != len(titles):
        simple = re.split(r",\s+(?:et\s+)?|\s+et\s+", text.strip())
        return simple if len(simple) == announced else titles
    if announced == len(titles) + 1:
        titles[-1:] = re.split(r",?\s+et\s+", titles[-1], maxsplit=1)
    return titles


def ordered_clauses(document: Document) -> list[Axis]:
    """List what one paragraph puts in order: « elle veut d’abord …, ensuite …, enfin … »."""
    for index, block in enumerate(document.blocks):
        if block.rows or not _FIRST.search(block.text) or not _LAST.search(block.text):
            continue
        clauses = _CLAUSE_END.split(block.text[_FIRST.search(block.text).start() :])
        ordered = [match["title"] for clause in clauses if (match := _ORDERED.search(clause))]
        titles = [_PREPOSITION.sub("", title.strip(" ,:")) for title in ordered]
        titles = [each for each in titles if is_infinitive(each) and 6 <= len(each) <= 140]
        if len(titles) >= 3:
            reason = "énumérés dans l’ordre d’un paragraphe"
            return [Axis("axe", clean_title(title), index, block, reason) for title in titles]
    return []


def ordinal_sentences(document: Document) -> list[Axis]:
    """List what sentences say of each: « Le premier axe porte sur …, le dernier traite de … »."""
    names = "|".join(name for group in words("niveaux").values() for name in group)
    ordinals = "|".join(map(re.escape, [*words("ordinaux"), "dernier", "dernière"]))
    verbs, sure_verbs = words("verbes_objet"), words("verbes_objet_surs")
    after_word = rf"(?P<word>{names})\b[^.:;]{{0,30}}?(?:\s*:\s+|,\s+(?!est)|\s+(?:{verbs}))"
    # « La première vise … », where the word is in the sentence before
    sentence = re.compile(
        rf"\b(?:{ordinals})\s+(?:{after_word}|(?:{sure_verbs}))(?P<title>[^.,;:(]{{4,140}})",
        re.IGNORECASE,
    )
    found = [
        (match, index, block)
        for index, block in enumerate(document.blocks)
        if not block.rows
        for match in sentence.finditer(block.text)
    ]
    if len(found) < FEWEST or found[-1][1] - found[0][1] > 2 * len(found):
        return []
    reason = "énumérés par rang dans un paragraphe"
    level = level_of(found[0][0]["word"] or "")
    return [Axis(level, clean_title(each["title"]), *place, reason) for each, *place in found]


def articulated_words(document: Document) -> list[Axis]:
    """List what a strategy is said to be built on, three things at least, each with its article."""
    for index, block in enumerate(document.blocks):
        match = None if block.rows else _ARTICULATED.search(block.text)
        parts = _NEXT_OBJECT.split(match["list"].strip()) if match else []
        titles = [re.sub(r"^(?:et\s+)?(?:de\s|d['’]|sur\s)", "", part) for part in parts]
        if len(titles) > FEWEST and all(form_of(title) == DETERMINED for title in titles):
            reason = "énumérés dans une phrase sur la stratégie"
            return [Axis("axe", clean_title(title), index, block, reason) for title in titles]
    return []
