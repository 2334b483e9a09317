"""Say in French what is wrong with the code of a territory, and which one to write."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from comparisons.datapackage.known_territories import EPCI_DATE, TerritoryReference
from comparisons.datapackage.problems import quoted
from comparisons.datapackage.territory_aliases import left_out_territory, territories_meant
from comparisons.datapackage.validation.value_parser import cut_digits_advice
from comparisons.formatting import fold, format_partial_date, join_words
from comparisons.schema.model import code_label, vocabulary_codes

_ARRONDISSEMENT = "arrondissement"


@dataclass(frozen=True)
class WrittenTerritory:
    """A code as written at a level, and the name of the body that leads the strategy ("" else)."""

    level: str
    code: str
    lead: str = ""


@dataclass(frozen=True)
class TerritoryAdvice:
    """What is told of an unknown code; an empty message is that of any unknown code.

    `is_certain` tells that what is written can mean nothing but `suggestion`.
    """

    remedy: str
    suggestion: str = ""
    message: str = ""
    rule: str = "territoire-inconnu"
    is_certain: bool = False


def advise(reference: TerritoryReference, written: WrittenTerritory) -> TerritoryAdvice:
    """Return what to tell of the code of no territory."""
    advice = next(filter(None, (find(reference, written) for find in _ADVISERS)), _NO_ADVICE)
    message = advice.message or (
        f"{quoted(written.code)} n’est le code d’aucun territoire du niveau "
        f"{_quote_level(written.level)}."
    )
    return replace(advice, message=message)


def _cut_digits(reference: TerritoryReference, written: WrittenTerritory) -> TerritoryAdvice | None:
    remedy = cut_digits_advice(written.code)
    return TerritoryAdvice(remedy) if remedy else None


def _former_commune(
    reference: TerritoryReference, written: WrittenTerritory
) -> TerritoryAdvice | None:
    former = reference.former_communes.get(written.code)
    if written.level != "commune" or former is None:
        return None
    code = former.commune_code
    name = reference.names.get(("commune", code), "")
    today = f"{name} ({code})" if name else code
    if former.kind == _ARRONDISSEMENT:
        message = f"{quoted(written.code)} est le code d’un arrondissement de {today}."
    else:
        message = (
            f"{quoted(written.code)} est le code d’une ancienne commune ; son territoire relève "
            f"aujourd’hui de {today}."
        )
    return TerritoryAdvice(f"Écrivez {quoted(code)}.", code, message, "commune-ancienne", True)


def _meant(reference: TerritoryReference, written: WrittenTerritory) -> TerritoryAdvice | None:
    keys = [key for key in territories_meant(written.code, written.level) if key in reference.codes]
    if not keys:
        return None
    names = [
        f"{quoted(code)} ({reference.names.get((level, code), code)}"
        f"{'' if level == written.level else f', niveau {quoted(level)}'})"
        for level, code in keys
    ]
    is_single = len(keys) == 1 and keys[0][0] == written.level
    code = keys[0][1] if is_single else ""
    return TerritoryAdvice(f"Écrivez {join_words(names, 'ou')}.", code, is_certain=is_single)


def _left_out(reference: TerritoryReference, written: WrittenTerritory) -> TerritoryAdvice | None:
    name = left_out_territory(written.code)
    if not name:
        return None
    return TerritoryAdvice(
        "Retirez la ligne : le format décrit les régions, départements, intercommunalités et "
        "communes, outre-mer compris, mais pas les collectivités d’outre-mer.",
        message=f"{quoted(written.code)} est dans une collectivité d’outre-mer ({name}), que le "
        "format ne décrit pas.",
    )


def _guessed_code(
    reference: TerritoryReference, written: WrittenTerritory
) -> TerritoryAdvice | None:
    code = _guess_code(reference, written.level, written.code)
    if not code:
        return None
    name = reference.names.get((written.level, code), "code complet")
    return TerritoryAdvice(f"Écrivez {quoted(code)} ({name}).", code, is_certain=True)


def _guess_code(reference: TerritoryReference, level: str, text: str) -> str:
    """Return the code of a Siren, a Siret, a name, or of « Mayenne (53) »; "" if unknown."""
    compact = "".join(text.split())
    if re.fullmatch(r"[0-9]{9}|[0-9]{14}", compact):
        siren = compact[:9]
        return (
            siren
            if (level, siren) in reference.codes
            else (reference.code_by_siren.get((level, siren), ""))
        )
    named_codes = reference.find_names(level, text)
    # only beside words: a part of other digits is not a code
    written_codes = re.findall(r"(?<![\w.,+])D?([0-9][0-9AB][0-9]{0,7})(?![\w.,])", text.upper())
    inner_codes = {code for code in written_codes if (level, code) in reference.codes}
    names_around = re.sub(r"[^a-z]", "", fold(text))
    return (
        named_codes[0]
        if len(named_codes) == 1
        else inner_codes.pop()
        if len(inner_codes) == 1 and names_around
        else ""
    )


def _other_level(
    reference: TerritoryReference, written: WrittenTerritory
) -> TerritoryAdvice | None:
    for level in vocabulary_codes("niveaux"):
        if (level, written.code) in reference.codes:
            name = reference.names.get((level, written.code), written.code)
            return TerritoryAdvice(
                f"{quoted(written.code)} est un code du niveau {_quote_level(level)} ({name}) : "
                "corrigez le niveau ou le code."
            )
    return None


def _homonyms(reference: TerritoryReference, written: WrittenTerritory) -> TerritoryAdvice | None:
    codes = reference.find_names(written.level, written.code)
    if not codes:
        return None
    return TerritoryAdvice(f"Plusieurs territoires portent ce nom : {', '.join(codes[:5])}.")


def _epci(reference: TerritoryReference, written: WrittenTerritory) -> TerritoryAdvice | None:
    if written.level != "epci":
        return None
    new = reference.new_epci.get("".join(written.code.split())[:9])
    if new is None:
        return TerritoryAdvice(
            "Vérifiez le code Siren de l’intercommunalité (neuf chiffres) : le tableau de bord "
            f"connaît celles du {format_partial_date(EPCI_DATE)} ; elle a pu fusionner avant, ou "
            "naître depuis."
        )
    codes = [
        f"{quoted(code)} ({reference.names.get(('epci', code), code)})" for code in new.former_codes
    ]
    return TerritoryAdvice(
        f"Écrivez {join_words(codes, 'ou')} : elle les réunit.",
        message=f"{quoted(written.code)} ({new.name}) existe depuis le "
        f"{format_partial_date(new.since)} ; le tableau de bord décrit les intercommunalités du "
        f"{format_partial_date(EPCI_DATE)}.",
    )


def _postal_code(
    reference: TerritoryReference, written: WrittenTerritory
) -> TerritoryAdvice | None:
    """Return the code of the only commune of a postal code, or of the one of them that leads."""
    codes = reference.communes_by_postal_code.get(written.code, [])
    if written.level != "commune" or not codes:
        return None
    name = re.sub(
        r"^(ville|commune|mairie) (de la |de l'|des |du |de |d'|le )?", "", fold(written.lead)
    )
    # The lead may be « La Rochelle » or « Ville de La Rochelle ».
    homonyms = {
        homonym
        for full_name in (name, f"la {name}", f"le {name}", f"les {name}")
        for homonym in reference.codes_by_name.get(("commune", full_name), [])
    }
    matches = [code for code in codes if code in homonyms] or codes
    names = [f"{quoted(code)} ({reference.names['commune', code]})" for code in matches[:5]]
    others = " ou une autre" if len(matches) > 5 else ""
    return TerritoryAdvice(
        f"{written.code} est un code postal : écrivez le code Insee de la commune, "
        f"{join_words(names, 'ou') if not others else ', '.join(names)}{others}.",
        matches[0] if len(matches) == 1 else "",
    )


_NO_ADVICE = TerritoryAdvice(
    "Vérifiez le code officiel géographique de l’Insee ; ce n’est pas le code postal."
)
# In this order: what a code is comes before what it looks like.
_ADVISERS: tuple[Callable[[TerritoryReference, WrittenTerritory], TerritoryAdvice | None], ...] = (
    _cut_digits,
    _former_commune,
    _meant,
    _left_out,
    _guessed_code,
    _other_level,
    _homonyms,
    _epci,
    _postal_code,
)


def _quote_level(level: str) -> str:
    return f"« {code_label('niveaux', level).lower()} »"
