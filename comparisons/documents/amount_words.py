"""Tell what the words around an amount say: stage, perimeter, nature, years, funder."""

import re
from collections.abc import Iterable, Iterator, Sequence

from comparisons.documents.money import Money, find_money
from comparisons.documents.proposals import ProposedRow, Value
from comparisons.documents.vocabulary import coded_patterns, pattern, words

_DEFAULT_STAGE = "prevu"
_YEARS = re.compile(
    r"(?:entre\s+|de\s+|sur\s+(?:la période\s+)?|pour\s+(?:la période\s+)?|période\s+)?"
    r"(?<!\d)(?<!20\d\d, )(20[0-4]\d)\s*(?:-|–|/|à|et)\s*(20[0-4]\d)(?!\d)"
)
_YEAR = re.compile(
    r"\b(?:en|pour|exercice|d.ici|BP|"
    r"(?<!depuis le )budget(?: primitif| supplémentaire| d.investissement)?)\s+"
    r"(?:l.année\s+)?(20[0-4]\d)(?!\d)",
    re.IGNORECASE,
)
# « pour 2024, 2025 et 2026, respectivement »
_LISTED_YEARS = re.compile(r"20[0-4]\d(?:(?:, | et )20[0-4]\d)+")
_DURATION = re.compile(r"\b(?:sur|pour|en|pendant|durant)\s+(\w+)\s+(?:ans|années|exercices)\b")


def stage_of(text: str) -> tuple[str, str]:
    """Return the stage that a text states last, and the word that says it; "" if none does."""
    found: list[tuple[int, str, str]] = []
    for code, expression in coded_patterns("etapes"):
        for match in expression.finditer(text):
            if _is_of_another(text, match):
                continue
            is_denied = re.search(
                rf"(?:{words('etapes_niees')})$", text[: match.start()], re.IGNORECASE
            )
            is_future = pattern("etapes_futures").search(
                text[max(0, match.start() - 30) : match.start()]
            )
            if code not in ("prevu", "estime") and is_future:
                found.append((match.start(), _DEFAULT_STAGE, is_future[0] + match[0]))
            elif code == "prevu" or not is_denied or not is_denied[0]:
                found.append((match.start(), code, match[0]))
            else:
                found.append((match.start(), _DEFAULT_STAGE, is_denied[0] + match[0]))
    if not found:
        return "", ""
    codes = {code for _, code, _ in found}
    # « crédits votés et inscrits »: the more decided stage
    for code in ("realise", "engage", "vote", "estime", "prevu"):
        if code in codes:
            return code, next(word for _, each, word in found if each == code)
    return "", ""


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
        r"[;:(]\s|,\s|\s(?:dont|puis|tandis que|alors que|contre)\s|"
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
    if match := _DURATION.search(sentence):
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
        funding = list(pattern("financement").finditer(text))
        if not funding:
            continue
        found = [
            (match.start(), code, match)
            for code, expression in _funders()
            for match in expression.finditer(text)
        ]
        near = [
            (abs(position - word.start()), code, match, word)
            for position, code, match in found
            for word in funding
            if abs(position - word.start()) < 60
        ]
        if near:
            _, code, match, word = min(near, key=lambda each: each[0])
            name = re.sub(r"^[Ll]['’]", "", match[0])
            return code, name, f"« {word[0]} », « {match[0]} »"
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
