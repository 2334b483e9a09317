"""Tell whether a document is a strategy, and propose its row: title, type, dates, bearer …"""

import re
from dataclasses import replace
from datetime import date
from functools import cache

from comparisons.documents.axis_lists import Axis
from comparisons.documents.headings import read_mark
from comparisons.documents.model import Block, Document, split_sentences
from comparisons.documents.money import find_money
from comparisons.documents.proposals import ProposedRow, to_passage, value_of
from comparisons.documents.strategy_actors import add_bearer, add_consultation, add_pilot
from comparisons.documents.territories import FoundTerritory
from comparisons.documents.vocabulary import coded_patterns, pattern, words
from comparisons.formatting import capitalize_first, fold

# Blocks at the beginning among which the title is.
_FIRST_BLOCKS = 12
_MAX_TITLE = 260
# How often a strategy names itself, where its title does not.
_LEAST_MENTIONS = 4
# Axes with a label and a number, of a document that its title names after a digital subject.
_LEAST_AXES = 2
_MONTHS = (
    "janvier", "fevrier", "mars", "avril", "mai", "juin", "juillet", "aout", "septembre",
    "octobre", "novembre", "decembre",
)  # fmt: skip
_ADOPTION = re.compile(
    r"(?:adopt\w+|approuv\w+|vot\w+|délibération|séance|réuni(?!on)\w*|conseil (?:municipal|"
    r"communautaire|métropolitain|départemental|régional|de la (?:métropole|communauté))|"
    r"assemblée)[^.;]{0,90}?(?:(?:des\s+\d{1,2}\s+et\s+|(?:du|le|en date du|au)\s+(?:\w+\s+)?)"
    r"(?:(?P<day>\d{1,2}|1er)\s+(?P<month>[a-zéûA-ZÉÛ]{3,9})\s+(?P<year>20[0-3]\d)|"
    r"(?P<day2>\d{1,2})[/.](?P<month2>\d{1,2})[/.](?P<year2>20[0-3]\d))|"
    r"en\s+(?P<month3>[a-zéû]{3,9})\s+(?P<year3>20[0-3]\d))",
    re.IGNORECASE,
)
_STRONG_ADOPTION = re.compile(r"adopt|approuv|vot|séance|conseil|assemblée", re.IGNORECASE)
# « une enveloppe votée par le conseil » dates no strategy
_MONEY_BEFORE = re.compile(
    r"(?i)\b(?:(?:enveloppe|crédit|budget|subvention)s?|pluriannuel[^.;]*),? $"
)
_OTHER_ACT = re.compile(r"\bvu\b|relative? (?:au|à la|aux)|modifi|convoqu|loi\b", re.IGNORECASE)
# « Objet : Plan numérique – approbation », the title of an act
_OBJECT = re.compile(r"objet\s?:", re.IGNORECASE)
_PERIOD = re.compile(
    # years of schools, « 2022-2023 à 2026-2027 », go from the first to the last
    r"(?<!\d)(20[0-4]\d)(?:-20[0-4]\d)?\s*(?:-|–|—|/|\||→|à|au|(?<=ntre 20\d\d )et|"
    r"jusqu.en|jusqu.à)\s*"
    r"(?:fin\s+|(?:à l.)?horizon\s+)?(?:20[0-4]\d-)?(20[0-4]\d)(?!\d)"
)
_UNTIL = re.compile(r"jusqu.(?:en|à fin) (20[0-4]\d)")


def is_strategy(document: Document) -> bool:
    """Return whether a document states a digital strategy."""
    title = _title_block(document)
    if title is None:
        return False
    head = _head(document)
    # what is called a budget, a manual or minutes is one, unless its title names a strategy
    firsts = [title, *head[:2]]
    if any(pattern("titres_exclus").search(block.text) for block in firsts):
        return False
    named = next((block for block in head[:3] if _names_strategy(block.text)), title)
    has_axes = _has_numbered_axes(document)
    if any(_is_about_strategy(block.text, has_axes) for block in (title, named)):
        return False
    others = [block for block in firsts if pattern("titres_autres").match(block.text.strip())]
    if others:
        # a chapter of another document is no title
        if 0 < others[0].level < title.level:
            return False
        # in its title, not in a point of its agenda or a paragraph
        marks = [read_mark(block.text) for block in head[:3]]
        names = [
            block
            for block, mark in zip(head, marks, strict=False)
            if _is_line(block)
            and not (mark and mark.number)
            and (block == title or block.level <= title.level)
        ]
        return any(_names_strategy(block.text, is_title=False) for block in names)
    # a title may be cut into several blocks
    titles = [block.text for block in head[:4] if _is_line(block)]
    first = " ".join(text for text in titles if len(text) < _MAX_TITLE)
    if _names_strategy(title.text) or _names_strategy(first):
        return True
    plain = [block for block in head if not block.is_item]
    if any(_names_strategy(text, is_title=False) for block in plain for text in _own_parts(block)):
        return True
    subject = re.compile(rf"(?<!\w)(?:{words('sujets')})(?!\w)", re.IGNORECASE)
    # « Objet : Plan numérique – approbation » is the title of an act
    acts = [block.text for block in head if _OBJECT.match(block.text)]
    names = [title.text, *(text for text in acts if not _is_about_strategy(text, has_axes))]
    if has_axes and any(map(subject.search, names)):
        # « Côtes d’Armor numérique 2030 », with its ambitions 1 and 2
        return True
    mentions = sum(len(_strategy_names(False).findall(block.text)) for block in document.blocks)
    return mentions >= _LEAST_MENTIONS


def _has_numbered_axes(document: Document) -> bool:
    marks = (read_mark(block.text) for block in document.paragraphs)
    numbers = {mark.number for mark in marks if mark and mark.word and mark.level == "axe"}
    return len(numbers - {""}) >= _LEAST_AXES


def is_of_networks(document: Document) -> bool:
    """Return whether the title of a document is that of a scheme of networks, a SDTAN."""
    title = _title_block(document)
    expression = dict(coded_patterns("types"))["sdtan"]
    return title is not None and bool(expression.search(title.text))


@cache
def _strategy_names(is_title: bool) -> re.Pattern:
    """Return the pattern of what names a digital strategy: « plan » does so in titles only."""
    # « numérique : le programme de l’automne » names none
    sure = words("noms_strategie_surs")
    nouns = words("noms_strategie") if is_title else sure
    subjects, between = words("sujets"), 6 if is_title else 3
    # « Stratégie départementale de développement des usages et services numériques »
    further = between + 2 if is_title else between
    # « La ville et l’intelligence artificielle », « Programme de travail, 2025-2027 »
    dated = (
        rf"|(?:{subjects})(?:\W+[\w’']+){{0,6}}?\W+(?:{nouns})\b[^.;]{{0,40}}20\d\d ?[-–] ?20\d\d"
    )
    return re.compile(
        rf"\b(?:{nouns})\b(?:\W+[\w’']+){{0,{between}}}?\W+(?:{subjects})(?!\w)|"
        rf"\b(?:schémas?|stratégies?)\b(?:\W+[\w’']+){{0,{further}}}?\W+(?:{subjects})(?!\w)|"
        rf"(?:{subjects})(?:\W+[\w’']+){{0,{between}}}?\W+(?:{sure})\b|"
        r"\b(?:sdtan|sdusn|scoran|sdsi)\b|\bschéma directeur (?:de l['’])?informatique"
        + (dated if is_title else ""),
        re.IGNORECASE,
    )


def _names_strategy(text: str, is_title: bool = True) -> bool:
    # a title, or the sentence of a first page: a long text may name any strategy
    return len(text) <= 700 and bool(_strategy_names(is_title).search(text))


def _is_about_strategy(title: str, has_axes: bool) -> bool:
    """Return whether a title is that of another document, « Bilan de la stratégie », « Avis »."""
    if re.search(r"\b(?:adopt|appro[bu])", title, re.IGNORECASE):
        return False
    first, *others = re.split(r"\s?:\s|\s[–—|-]\s", title)
    if has_axes and _names_strategy(first):
        # « Stratégie numérique – bilan d’étape et suites » states its axes again
        others = [part for part in others if not pattern("titres_revision").match(part)]
    return any(pattern("documents_sur_strategie").match(part) for part in (first, *others))


def _is_line(block: Block) -> bool:
    """Return whether a block is a line, a title for one, rather than a paragraph."""
    return not block.text.endswith(".") and len(split_sentences(block.text)) == 1


def _own_parts(block: Block) -> list[str]:
    """Return a line, or the sentences of a paragraph that present a strategy of their own.

    « La Ville adopte sa stratégie » does, « dans le cadre de la stratégie » does not.
    """
    refers, presents = pattern("renvois_strategie"), pattern("presentations_strategie")
    sentences = split_sentences(block.text)
    if _is_line(block):
        return [] if refers.search(block.text) else sentences
    return [text for text in sentences if presents.search(text) and not refers.search(text)]


def _head(document: Document) -> list[Block]:
    """Return the first blocks: of the first page, or of two where the first is a cover."""
    blocks = [block for block in document.paragraphs if block.text][:_FIRST_BLOCKS]
    title = [Block(document.title, 1)] if len(document.title) > 8 else []
    running = [Block(text, 1) for text in document.running]
    return blocks + title + running


def _title_block(document: Document) -> Block | None:
    blocks = [
        block for block in _head(document) if block.page <= 2 and 3 < len(block.text) <= _MAX_TITLE
    ]
    if not blocks:
        return None
    size = max(block.size for block in blocks)

    def score(block: Block) -> tuple:
        is_large = size > 0 and block.size >= 0.85 * size
        is_other = bool(pattern("titres_autres").match(block.text))
        weight = (3 * is_large) + (2 * (block.level == 1)) + 2 * _names_strategy(block.text)
        return weight + bool(block.bold) - 2 * is_other - 3 * block.is_item

    return max(blocks, key=score)


def _block_of_title(document: Document) -> Block:
    """Return the title, or the line that names the strategy where a letterhead looks like one."""
    title = _title_block(document)
    is_letterhead = pattern("en_tetes").match(title.text) and not _names_strategy(title.text)
    named = _lines_that_name(_head(document))
    objects = [block for block in named if _OBJECT.match(block.text)]
    if objects and not _names_strategy(title.text):
        return objects[0]
    return named[0] if named and (is_letterhead or not _is_line(title)) else title


def _lines_that_name(blocks: list[Block]) -> list[Block]:
    lines = filter(_is_line, blocks)
    return [block for block in lines if any(map(_names_strategy, _own_parts(block)))]


def propose_strategy(
    document: Document, territory: FoundTerritory | None, axes: list[Axis]
) -> ProposedRow:
    """Build the row of `strategies`; what no page shows is left out."""
    block = _block_of_title(document)
    title, alternatives = _wording(block.text)
    shown = value_of(block, title, "titre du document", alternatives=alternatives)
    row = ProposedRow("strategies", {"titre": shown}, key="strategie")
    _add_territory(row, territory)
    _add_type(row, document, block)
    _add_period(row, document, block)
    adoption = _add_adoption(row, document)
    add_bearer(row, territory)
    _add_nature(row, document, adoption)
    if axes and axes[0].reason.startswith("liste annoncée"):
        row.add("liste_axes", "complete", "liste annoncée et close par le document", shown)
    add_pilot(row, document)
    add_consultation(row, document)
    row.locate()
    return row


def _wording(text: str) -> tuple[str, tuple[str, ...]]:
    """Return the title of a strategy in that of its document; the whole one if they differ."""
    text = re.sub(r"\s*[–—(-]*\s*\(?document d.essai[^)]*\)?\s*$", "", text, flags=re.IGNORECASE)
    text = re.sub(r"^(?i:(?:délibération\s+)?n\s?[°º]\s?[\w./-]+\s*[:–-]|objet\s?:)\s+", "", text)
    match = pattern("titres_acte").match(text)
    if match and _names_strategy(match["title"]):
        return capitalize_first(match["title"].strip(" .")), (text,)
    # not that of « Numérique responsable : adoption de la stratégie »
    end = r"\s+[:–-]\s+(?:approbation|adoption|vote|présentation)\b(?!.*(?:stratég|schéma))[^:–]*$"
    text = re.sub(end, "", text, flags=re.IGNORECASE)
    return text.strip(" ."), ()


def _add_territory(row: ProposedRow, territory: FoundTerritory | None) -> None:
    if territory is None:
        return
    level, code = territory.key
    reason = f"« {territory.name} » dans le référentiel des territoires"
    row.values["territoire_niveau"] = shown = value_of(territory.block, level, reason)
    row.values["territoire_code"] = replace(shown, text=code, alternatives=territory.others)


def _add_type(row: ProposedRow, document: Document, title: Block) -> None:
    head = _head(document)
    *specific, general = coded_patterns("types")
    # « Pour un numérique sobre », then « Stratégie numérique responsable »
    named = [(block, specific) for block in [title, *_lines_that_name(head[:4])]]
    others = [(block, [*specific, general]) for block in [title, *head]]
    for block, types in [*named, *others]:
        for code, expression in types:
            if match := expression.search(block.text):
                others, why = _other_types(block.text, code), f"« {match[0]} »"
                row.values["type"] = value_of(block, code, why, match.span(), others)
                return


def _other_types(text: str, chosen: str) -> tuple[str, ...]:
    return tuple(
        code
        for code, expression in coded_patterns("types")
        if code not in (chosen, "strategie_numerique") and expression.search(text)
    )[:2]


def _add_period(row: ProposedRow, document: Document, title: Block) -> None:
    """Add the years that the title, or the first blocks, give."""
    for block in [title, *_head(document)]:
        match = _PERIOD.search(block.text)
        if match and block is not title and not _is_of_whole(block, match):
            continue
        if match and int(match[1]) < int(match[2]) <= int(match[1]) + 25:
            shown = value_of(block, match[1], f"« {match[0]} »", match.span())
            row.values |= {"annee_debut": shown, "annee_fin": replace(shown, text=match[2])}
            return
    for block in document.paragraphs:
        # « adopte la stratégie numérique 2023-2025 », « la stratégie … jusqu’en 2027 »
        for text in filter(_names_strategy, _own_parts(block)):
            if match := _PERIOD.search(text) or _UNTIL.search(text):
                shown = value_of(block, match[1], f"« {match[0]} »")
                if match.re is _PERIOD:
                    row.values["annee_debut"] = shown
                row.values["annee_fin"] = replace(shown, text=match.groups()[-1])
                return


def _is_of_whole(block: Block, match: re.Match) -> bool:
    """Return whether years are those of the strategy rather than those of an amount."""
    sentences = (each for each in split_sentences(block.text) if match[0] in each)
    return any(_names_strategy(each) or not any(find_money(each)) for each in sentences)


def _add_adoption(row: ProposedRow, document: Document) -> bool:
    """Add the date of the vote; return whether the document says that it was adopted."""
    best: tuple[int, str, Block, re.Match] | None = None
    for index, block in enumerate(document.paragraphs):
        for match in _ADOPTION.finditer(block.text):
            text = _partial_date(match)
            is_planned = pattern("etapes_futures").search(block.text[: match.start()])
            if _MONEY_BEFORE.search(block.text[: match.start()]):
                continue
            if not text or is_planned or _OTHER_ACT.search(block.text[: match.end()][-160:]):
                continue
            if index >= _FIRST_BLOCKS and not _tells_of_whole(block.text, match):
                continue
            sentence = _sentence_of(block.text, match)
            says = _names_strategy(sentence) + bool(_STRONG_ADOPTION.search(match[0]))
            weight = 2 * says - index / 50
            if best is None or weight > best[0]:
                best = weight, text, block, match
    if best is None:
        return False
    _, text, block, match = best
    shown = value_of(block, text, f"« {to_passage(match[0])} »", match.span())
    row.values["date_adoption"] = shown
    row.add("statut", "adoptee", "le document date son adoption", shown)
    return True


def _tells_of_whole(text: str, match: re.Match) -> bool:
    """Return whether the sentence of a date is about the strategy: a part may be voted too."""
    sentence = _sentence_of(text, match)
    return _names_strategy(sentence, is_title=False) or bool(
        pattern("perimetres", "strategie").search(sentence)
    )


def _sentence_of(text: str, match: re.Match) -> str:
    return next((each for each in split_sentences(text) if match[0] in each), text)


def _partial_date(match: re.Match) -> str:
    groups = match.groupdict()
    if groups.get("year2"):
        day, month, year = int(groups["day2"]), int(groups["month2"]), int(groups["year2"])
    else:
        name = fold(groups["month"] or groups["month3"])
        if name not in _MONTHS:
            return ""
        month = _MONTHS.index(name) + 1
        if groups["year3"]:
            # « adoptée en mai 2023 », not « vote en mai 2023 »
            is_done = re.match(r"(?:adopt|approuv|vot)ée?s?\b", match[0], re.IGNORECASE)
            return f"{groups['year3']}-{month:02}" if is_done else ""
        day, year = int(groups["day"].replace("er", "")), int(groups["year"])
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return ""


def _add_nature(row: ProposedRow, document: Document, adopted: bool) -> None:
    head = _head(document)[:8]
    for code, expression in (
        ("communique_presse", r"communiqué de presse|dossier de presse"),
        ("convention_contrat", r"^(?:convention|contrat|protocole)\b"),
        (
            "document_de_travail",
            r"document de travail|version provisoire|projet de (?:strat|feuille)",
        ),
    ):
        for block in head:
            if match := re.search(expression, block.text, re.IGNORECASE):
                row.values["nature_document"] = value_of(block, code, f"« {match[0]} »")
                return
    if adopted:
        row.add(
            "nature_document", "strategie_votee", "le document date son adoption",
            row.values["date_adoption"],
        )  # fmt: skip
