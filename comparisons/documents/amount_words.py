"""Tell what the words around an amount say: stage, perimeter, nature, years, funder."""

import re
from collections.abc import Iterable, Iterator, Sequence

from comparisons.documents.axis_lists import Axis
from comparisons.documents.headings import clean_title, read_mark, words_of_levels
from comparisons.documents.money import Money, find_money
from comparisons.documents.proposals import LEVELS, ProposedRow, Value
from comparisons.documents.vocabulary import coded_patterns, pattern, words
from comparisons.formatting import fold

_DEFAULT_STAGE = "prevu"
TOTAL_ROW = re.compile(
    r"(?:sous[- ]?)?(?:total|totaux|ensemble|cumul|somme|montant total|co[uû]t total)\b"
)
_YEARS = re.compile(
    r"(?:entre\s+|de\s+|sur\s+(?:la période\s+)?|pour\s+(?:la période\s+)?|période\s+)?"
    r"(?<!\d)(?<!20\d\d, )(20[0-4]\d)\s*(?:-|–|/|à|et)\s*(20[0-4]\d)(?!\d)"
)
_YEAR = re.compile(
    r"\b(?:en|pour|exercice|au titre de|d.ici|BP|"
    r"(?<!depuis le )budget(?: primitif| supplémentaire| d.investissement)?)\s+"
    r"(?:l.année\s+)?(20[0-4]\d)(?!\d)",
    re.IGNORECASE,
)
# « pour 2024, 2025 et 2026, respectivement »
_LISTED_YEARS = re.compile(r"20[0-4]\d(?:(?:, | et )20[0-4]\d)+")
# « 70 k€ par an à partir de 2026 »
_FROM_YEAR = re.compile(r"\b(?:à partir de|à compter de|dès|depuis) (20[0-4]\d)(?!\d)")
# « 60 lieux de médiation en 2027 »
_COUNTED = re.compile(
    r"\b\d+ (?!millions?|milliers?|milliards?|euros?)[a-zà-ÿ][\w’'-]{2,}"
    r"(?: [^\W\d][\w’'-]*){0,4} (?:en|d.ici|fin) 20\d\d"
)
_DURATION = re.compile(r"\b(?:sur|pour|en|pendant|durant)\s+(\w+)\s+(?:ans|années|exercices)\b")


def stage_of(text: str) -> tuple[str, str]:
    """Return the most decided stage that a text states, and its word; "" if it states none."""
    found: dict[str, str] = {}
    for code, expression in coded_patterns("etapes"):
        for match in expression.finditer(text):
            before = text[: match.start()]
            # « n’est pas inscrite » states nothing, « pas encore inscrite » is planned
            is_denied = code == "prevu" and re.search(r"\b(?:pas|plus|non) $", before)
            if is_denied or _is_of_another(text, match):
                continue
            undone = None
            if code not in ("prevu", "estime"):
                undone = pattern("etapes_futures").search(before[-30:])
            if code != "prevu" and not undone:
                undone = re.search(rf"(?:{words('etapes_niees')})$", before, re.IGNORECASE)
            word = (undone[0] if undone else "") + match[0]
            found.setdefault(_DEFAULT_STAGE if undone else code, word)
    # the vocabulary goes from the most decided stage to the least
    stated = (code for code, _ in coded_patterns("etapes") if code in found)
    code = next(stated, "")
    return code, found.get(code, "")


def _is_of_another(text: str, match: re.Match) -> bool:
    """Return whether a participle tells of a noun that is no money: « une étude réalisée »."""
    is_participle = pattern("participes").fullmatch(match[0])
    nouns = r"\b(?:tranche|phase|part|crédits|pluriannuel|budget)\b[^,;.]{0,40},"
    before = rf"(?:^|[€|:;(]|€,|euros,|{nouns}|\b(?:{words('avant_participes')}))\s*$"
    return bool(is_participle and not re.search(before, text[: match.start()], re.IGNORECASE))


def add_stage(row: ProposedRow, shown: Value, texts: Iterable[str], where: str = "") -> None:
    """Add the stage that the first of some texts states, `where` it is, else the least decided."""
    for code, word in map(stage_of, texts):
        if code:
            row.add("etape", code, f"« {word.strip()} »{where}", shown)
            return
    reason = "aucun mot ne dit l’étape : montant annoncé, à vérifier"
    row.values["etape"] = Value(
        _DEFAULT_STAGE, shown.page, shown.passage, reason, ("estime", "vote"), shown.box
    )


def clause_around(sentence: str, money: Money) -> str:
    """Return the part of a sentence that tells of one amount, between commas and « dont »."""
    cuts = _cuts(sentence)
    start = max(cut for cut in cuts if cut <= money.start)
    return sentence[start : clause_end(sentence, money)]


def clause_end(sentence: str, money: Money) -> int:
    """Return where the part of a sentence that tells of one amount ends."""
    return min(cut for cut in _cuts(sentence) if cut >= money.end)


def _cuts(sentence: str) -> list[int]:
    cuts = [0]
    # « les crédits, soit 61 500 €, sont inscrits »: the verb tells of this amount
    in_apposition = (
        r", ((?:soit|arrêtée?s?|fixée?s?|estimée?s?) [^;.]{3,25}?(?:€|euros)[^;.,]{0,25}),"
    )
    sentence = re.sub(in_apposition, r"  \1 ", sentence)
    for match in re.finditer(
        # « sur 2 M€ de la Banque, accordés en mai »: what is granted is the amount
        r"[;:(]\s|,\s(?!\w{3,}ée?s?\b)|\s(?:dont|puis|tandis que|alors que|contre)\s|"
        r"(?<=€)\set\s(?=l)|(?<=euros)\set\s(?=l)|"
        r"\set\s(?=(?!20[0-4]\d\b(?! ?\d))\d|une?\s|cel(?:ui|les?)\s|ceux\s)",
        sentence,
    ):
        cuts.append(match.end() if match[0].strip() in (",", ";", ":", "(") else match.start())
    return [*cuts, len(sentence)]


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


def find_nature(text: str) -> tuple[str, str]:
    """Return the nature of an expense, and the word that says it."""
    found = {
        code: match[0]
        for code, expression in coded_patterns("natures")
        if (match := expression.search(text))
    }
    if len(found) == 2:
        return "mixte", " et ".join(f"« {word} »" for word in found.values())
    return next(((code, f"« {word} »") for code, word in found.items()), ("", ""))


def find_years(clause: str, sentence: str, money: Money) -> Iterator[tuple[str, str, str]]:
    """Iterate over the columns of years that the words around an amount fill, each with why."""
    listed = _LISTED_YEARS.search(sentence) if "respectivement" in sentence else None
    amounts = list(find_money(sentence))
    # « 2 M€ ; la décision sera prise en 2026 », « 2 M€ 60 lieux en 2027 » date something else
    after = _COUNTED.sub("…", sentence[money.end :].split(" ; ")[0])
    befores = sentence[: money.end].split(" ; ")
    is_first = all(each.end >= money.end for each in amounts)
    sentence = (befores[-1] if not is_first else sentence[: money.end]) + after
    if listed and len(each := re.findall(r"\d{4}", listed[0])) == len(amounts):
        clause = f"en {each[amounts.index(money)]}"
    for text in (clause, sentence):
        if match := _YEARS.search(text):
            if int(match[1]) < int(match[2]):
                yield "annee_debut", match[1], f"« {match[0]} »"
                yield "annee_fin", match[2], f"« {match[0]} »"
                return
        # « adoptée en 2021 » dates the act, not the amount
        dated = rf"\b(?:{words('actes_dates')}) en 20\d\d"
        years = list(_YEAR.finditer(re.sub(dated, "…", text)))
        if len(years) == 1:
            if not years[0][0].lower().startswith("d"):
                yield "annee_debut", years[0][1], f"« {years[0][0]} »"
            yield "annee_fin", years[0][1], f"« {years[0][0]} »"
            return
    if money.is_yearly and (match := _FROM_YEAR.search(sentence)):
        yield "annee_debut", match[1], f"« {match[0]} »"
    if match := _DURATION.search(sentence if is_first else clause):
        count = words("nombres").get(match[1].lower(), match[1])
        if str(count).isdigit() and 0 < int(count) < 40:
            yield "duree_annees", str(count), f"« {match[0]} »"


def find_funder(sentence: str, place: tuple[int, int]) -> tuple[str, str, str] | None:
    """Return the funder of an amount, its type and why, where words of funding tie them."""
    start, end = place
    # « 8 M€ du FEDER »
    for code, expression in _funders():
        name = re.compile(
            rf"\s*(?:HT |TTC )?(?:de la |de |du |des |d['’])?(?={expression.pattern})"
        )
        if (follows := name.match(sentence, end)) and sentence[end : follows.end()].strip():
            match = expression.match(sentence, follows.end())
            return (
                code,
                re.sub(r"^[Ll]['’]", "", match[0]),
                f"« {sentence[end : match.end()].strip()} »",
            )
    after = re.split(r"[;.)]|\d", sentence[end:], maxsplit=1)[0][:90]
    before = re.split(r"[;.]|\d", sentence[:start])[-1][-90:]
    # « Région (200 000 €) », « Région : 200 000 € »
    if sentence[:start].rstrip().endswith(("(", ":")):
        for code, expression in _funders():
            matches = list(expression.finditer(before))
            if matches and len(before) - matches[-1].end() < 4:
                return code, matches[-1][0], f"« {matches[-1][0]} (…) »"
    for text in (after, before):
        near = [
            (abs(match.start() - word.start()), code, match[0], word[0])
            for code, expression in _funders()
            for match in expression.finditer(text)
            for word in pattern("financement").finditer(text)
            if abs(match.start() - word.start()) < 60
        ]
        if near:
            _, code, name, word = min(near, key=lambda each: each[0])
            return code, re.sub(r"^[Ll]['’]", "", name), f"« {word} », « {name} »"
    return None


def _funders() -> Iterator[tuple[str, re.Pattern]]:
    # capitals count: « l’état » of something is not the State
    for code, _, text in words("financeurs"):
        yield code, re.compile(text)


def funder_of_head(text: str) -> tuple[str, str] | None:
    """Return the type and the name of the funder that the head of a column names."""
    for code, expression in _funders():
        if (match := expression.search(text)) and len(text) < 60:
            return code, re.sub(r"^[Ll]['’]", "", match[0])
    return None
