"""Tell what the words around an amount say: stage, nature, years, funder."""

import re
from collections.abc import Iterator, Sequence

from comparisons.documents.money import Money, find_money
from comparisons.documents.proposals import ProposedRow, Value
from comparisons.documents.vocabulary import coded_patterns, pattern, words

_DEFAULT_STAGE = "prevu"
_OTHERS = ("estime", "vote")
_YEARS = re.compile(
    r"(?:entre\s+|de\s+|sur\s+(?:la période\s+)?|pour\s+(?:la période\s+)?|période\s+)?"
    r"(?<!\d)(?<!20\d\d, )(20[0-4]\d)\s*(?:-|–|/|à|et)\s*(20[0-4]\d)(?!\d)"
)
_YEAR = re.compile(
    r"\b(?:en|pour|exercice|au titre de|d.ici|BP|"
    r"(?<!depuis le )budget(?: primitif| principal| supplémentaire| d.investissement)?|"
    r"(?:crédits(?: de paiement)?|dépenses)(?: de)?|compte administratif|"
    r"décision modificative(?: n° ?\d+)?(?: de)?)\s+"
    r"(?:(?:de )?(?:l.|la seule )année\s+)?(20[0-4]\d)(?!\d)",
    re.IGNORECASE,
)
# « pour 2024, 2025 et 2026, respectivement »
_LISTED_YEARS = re.compile(r"20[0-4]\d(?:(?:, | et )20[0-4]\d)+")
# « 1,5 M€ en 2024 et 1,9 M€ en 2025 »
_YEAR_BESIDE = re.compile(r"(?: HT| TTC)? en (20[0-4]\d)\b(?! ?(?:[-–]|à|et) ?20)")
# « 2024 : 20 k€ ; 2025 : 35 k€ »
_YEAR_BEFORE = re.compile(r"(?:^|; |, )(20[0-4]\d) ?: $")
_DURATION = re.compile(
    r"\b(?:sur|pour|en|pendant|durant)\s+(\w+)\s+(?:ans|années|exercices)\b", re.IGNORECASE
)


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
    nouns = rf"\b(?:{words('noms_argent')})\b[^,;.]{{0,40}},"
    # « Crédits 2023 votés »
    after_noun = rf"\b(?:{words('avant_participes')})(?: (?:de |pour |en )?20\d\d)?"
    before = rf"(?:^|[€|:;(]|€,|euros,|{nouns}|{after_noun})\s*$"
    return bool(is_participle and not re.search(before, text[: match.start()], re.IGNORECASE))


def add_stage(row: ProposedRow, shown: Value, texts: Sequence[str], where: str = "") -> None:
    """Add the stage that the first of some texts states, `where` it is, else the least decided.

    What they tell as past was no plan: without a word for its stage, it is left empty.
    """
    for code, word in map(stage_of, texts):
        if code:
            row.add("etape", code, f"« {word.strip()} »{where}", shown)
            return
    past = None if where else next(filter(None, map(pattern("passe").search, texts)), None)
    default, others = ("", ("realise", "engage", "vote")) if past else (_DEFAULT_STAGE, _OTHERS)
    reason = "aucun mot ne dit l’étape : montant annoncé, à vérifier"
    if past:
        reason = f"« {past[0]} » le dit passé ou décidé, aucun mot ne dit l’étape : à choisir"
    row.values["etape"] = Value(default, shown.page, shown.passage, reason, others, shown.box)


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
        # « 3,2 M€ consommés sur 3,9 M€ ouverts »
        r"\ssur\s(?=(?:les\s|un total de\s)?\d[\d ,]*\s?(?:[kM]?€|(?:millions? d.)?euros)\s\w+s\b)|"
        r"\set\s(?=(?!20[0-4]\d\b(?! ?\d))\d|une?\s|cel(?:ui|les?)\s|ceux\s)",
        sentence,
    ):
        cuts.append(match.end() if match[0].strip() in (",", ";", ":", "(") else match.start())
    return [*cuts, len(sentence)]


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
    is_first = all(each.end >= money.end for each in amounts)
    before = sentence[: money.end]
    after = pattern("comptes_dates").sub("…", sentence[money.end :].split(" ; ")[0])
    own = before.split(" ; ")[-1] + after
    sentence = before + after if is_first else own
    first, shown, last = clause.partition(money.shown)
    clause = first + shown + pattern("comptes_dates").sub("…", last)
    if listed and len(each := re.findall(r"\d{4}", listed[0])) == len(amounts):
        clause = f"en {each[amounts.index(money)]}"
    if match := _YEAR_BESIDE.match(after) or _YEAR_BEFORE.search(before[: -len(money.shown)]):
        why = f"« {match[0].strip(' ,;:')} »"
        yield from ((name, match[1], why) for name in ("annee_debut", "annee_fin"))
        return
    for text in (clause, own, sentence):
        if match := _YEARS.search(text):
            if int(match[1]) < int(match[2]):
                yield "annee_debut", match[1], f"« {match[0]} »"
                yield "annee_fin", match[2], f"« {match[0]} »"
                return
        # « adoptée en 2021 » dates the act, not the amount
        dated = rf"\b(?:{words('actes_dates')}) en 20\d\d"
        years = list(_YEAR.finditer(re.sub(dated, "…", text)))
        if len(years) == 1:
            if not re.match("d.ici", years[0][0], re.IGNORECASE):
                yield "annee_debut", years[0][1], f"« {years[0][0]} »"
            yield "annee_fin", years[0][1], f"« {years[0][0]} »"
            return
    if money.is_yearly and (match := pattern("debuts_annuels").search(sentence)):
        yield "annee_debut", match[1], f"« {match[0]} »"
    if match := _DURATION.search(sentence if is_first else clause):
        count = words("nombres").get(match[1].lower(), match[1])
        if str(count).isdigit() and 0 < int(count) < 40:
            yield "duree_annees", str(count), f"« {match[0]} »"


def add_years(row: ProposedRow, years: Sequence[str], why: str) -> None:
    """Add the first and the last year of an amount, unless one is told already."""
    if not (row.get("annee_debut") or row.get("annee_fin")):
        for column, year in zip(("annee_debut", "annee_fin"), years, strict=True):
            row.add(column, year, why, row.values["montant"])


def find_funder(sentence: str, place: tuple[int, int]) -> tuple[str, str, str] | None:
    """Return the funder of an amount, its type and why, where words of funding tie them."""
    start, end = place
    # « 8 M€ du FEDER »
    for code, expression in funders():
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
        for code, expression in funders():
            matches = list(expression.finditer(before))
            if matches and len(before) - matches[-1].end() < 4:
                return code, matches[-1][0], f"« {matches[-1][0]} (…) »"
    for text in (after, before):
        near = [
            (abs(match.start() - word.start()), code, match[0], word[0])
            for code, expression in funders()
            for match in expression.finditer(text)
            for word in pattern("financement").finditer(text)
            if abs(match.start() - word.start()) < 60
        ]
        if near:
            _, code, name, word = min(near, key=lambda each: each[0])
            return code, re.sub(r"^[Ll]['’]", "", name), f"« {word} », « {name} »"
    return None


def funders() -> Iterator[tuple[str, re.Pattern]]:
    """Iterate over the types of funders, each with the expression that finds its names."""
    # capitals count: « l’état » of something is not the State
    for code, _, text in words("financeurs"):
        yield code, re.compile(text)


def funder_of_head(text: str) -> tuple[str, str] | None:
    """Return the type and the name of the funder that the head of a column names."""
    for code, expression in funders():
        if (match := expression.search(text)) and len(text) < 60:
            return code, re.sub(r"^[Ll]['’]", "", match[0])
    return None
