"""Check that the territories of a package exist."""

import re
from collections.abc import Iterable
from itertools import repeat

import pandas as pd

from comparisons.datapackage.cells import split_codes
from comparisons.datapackage.known_territories import TerritoryReference, load_territory_reference
from comparisons.datapackage.problems import Problem, quoted
from comparisons.datapackage.reader import Package
from comparisons.datapackage.validation.context import ValidationContext
from comparisons.datapackage.validation.messages import Fix
from comparisons.formatting import fold
from comparisons.schema.model import code_label, vocabulary_codes

__all__ = [
    "TerritoryReference",
    "check_incomplete_territories",
    "check_territories",
    "load_territory_reference",
]

# The area of an organisation that works for the whole country: it has no code.
_COUNTRY_LEVEL = "pays"
_CODE_LENGTHS = {"region": 2, "departement": 2, "commune": 5, "epci": 9}


def check_territories(package: Package, context: ValidationContext) -> Iterable[Problem]:
    """Check every territory (and the département of the seat of a partner)."""
    for table, frame in context.tables():
        if "territoire_code" in table.columns:
            levels = {text: _parse_level(text) for text in frame["territoire_niveau"].unique()}
            row_levels = frame["territoire_niveau"].map(levels)
            located_rows = frame[row_levels != ""]
            pairs = zip(row_levels[row_levels != ""], located_rows["territoire_code"], strict=True)
            yield from _unknown_territories(
                context, table.name, "territoire_code", located_rows, pairs
            )
        if "siege_departement" in table.columns:
            pairs = (("departement", code) for code in frame["siege_departement"])
            yield from _unknown_territories(context, table.name, "siege_departement", frame, pairs)
        if "aire_code" in table.columns:
            areas = frame[["aire_niveau", "aire_code"]].assign(
                code=frame["aire_code"].map(split_codes)
            )
            areas = (
                areas[areas["aire_niveau"].isin(vocabulary_codes("niveaux"))]
                .explode("code")
                .fillna("")
            )
            pairs = zip(areas["aire_niveau"], areas["code"], strict=True)
            yield from _unknown_territories(context, table.name, "aire_code", areas, pairs)


def check_incomplete_territories(package: Package, context: ValidationContext) -> Iterable[Problem]:
    """Check for an optional territory of which only the level, or only the code, is given."""
    for table, frame in context.tables():
        for level, code in (("territoire_niveau", "territoire_code"), ("aire_niveau", "aire_code")):
            if level not in table.columns or table.field(level).required:
                continue
            incomplete_rows = frame[(frame[level] == "") != (frame[code] == "")]
            for row in incomplete_rows[incomplete_rows[level] != _COUNTRY_LEVEL].itertuples():
                empty_column = level if getattr(row, level) == "" else code
                value = getattr(row, code if empty_column == level else level)
                yield context.problem(
                    table.name,
                    row.Index,
                    empty_column,
                    "",
                    "territoire-incomplet",
                    f"{quoted(value)} est seul : il faut à la fois le niveau et le code.",
                    f"Remplissez {quoted(empty_column)}, ou videz les deux cellules.",
                )


def _parse_level(text: str) -> str:
    """Return the level of a text, a code or a label such as « Département »; "" if unknown."""
    level_codes = vocabulary_codes("niveaux")
    if text in level_codes:
        return text
    return next(
        (
            level_code
            for level_code in level_codes
            if fold(text) in (level_code, fold(code_label("niveaux", level_code)))
        ),
        "",
    )


def _unknown_territories(
    context: ValidationContext,
    table: str,
    column: str,
    frame: pd.DataFrame,
    pairs: Iterable[tuple[str, str]],
) -> Iterable[Problem]:
    leads = frame["porteur_nom"] if "porteur_nom" in frame else repeat("")
    for line, (level, code), lead in zip(frame.index, pairs, leads, strict=False):
        # An empty code is reported by the check of mandatory cells.
        if code and (level, code) not in context.territories.codes:
            rule, message, fix = _describe_unknown(context.territories, level, code, lead)
            yield context.problem(
                table,
                line,
                column,
                code,
                rule,
                message,
                fix.remedy,
                suggestion=fix.value,
                is_certain=fix.is_certain,
            )


def _describe_unknown(
    reference: TerritoryReference, level: str, code: str, lead: str
) -> tuple[str, str, Fix]:
    """Return (rule, message, how to mend) for an unknown territory."""
    if level == "commune" and code in reference.former_communes:
        current_code = reference.former_communes[code]
        name = reference.names.get(("commune", current_code), "")
        return (
            "commune-ancienne",
            f"{quoted(code)} est le code d’une ancienne commune ; son territoire relève "
            f"aujourd’hui de {f'{name} ({current_code})' if name else current_code}.",
            Fix(f"Écrivez {quoted(current_code)}.", current_code, True),
        )
    message = f"{quoted(code)} n’est le code d’aucun territoire du niveau {_quote_level(level)}."
    suggestion = _guess_code(reference, level, code)
    if suggestion:
        name = reference.names.get((level, suggestion), "code complet")
        fix = Fix(f"Écrivez {quoted(suggestion)} ({name}).", suggestion, True)
        return "territoire-inconnu", message, fix
    return "territoire-inconnu", message, _describe_fix(reference, level, code, lead)


def _guess_code(reference: TerritoryReference, level: str, text: str) -> str:
    """Return the code for a text with a lost zero, spaces, a Siret or a name; "" if unknown."""
    compact = "".join(text.upper().split())
    padded = compact.zfill(_CODE_LENGTHS.get(level, 2))
    for code in (compact, padded, compact[:9] if len(compact) == 14 else "", compact.lstrip("0")):
        if (level, code) in reference.codes:
            return code
    codes_by_name = reference.codes_by_name.get((level, fold(text)), [])
    # « Mayenne (53) », « 53 - Mayenne »
    inner_codes = {
        inner_code
        for inner_code in re.findall(r"[0-9AB]{2,9}", text.upper())
        if (level, inner_code) in reference.codes
    }
    return (
        codes_by_name[0]
        if len(codes_by_name) == 1
        else inner_codes.pop()
        if len(inner_codes) == 1
        else ""
    )


def _describe_fix(reference: TerritoryReference, level: str, code: str, lead: str) -> Fix:
    other_levels = [
        other_level
        for other_level in vocabulary_codes("niveaux")
        if (other_level, code) in reference.codes
    ]
    if other_levels:
        name = reference.names.get((other_levels[0], code), code)
        return Fix(
            f"{quoted(code)} est un code du niveau {_quote_level(other_levels[0])} ({name}) : "
            "corrigez le niveau ou le code."
        )
    homonyms = reference.codes_by_name.get((level, fold(code)), [])
    if homonyms:
        return Fix(f"Plusieurs territoires portent ce nom : {', '.join(homonyms[:5])}.")
    if level == "epci":
        return Fix(
            "Vérifiez le code Siren de l’intercommunalité (neuf chiffres) ; elle a pu fusionner."
        )
    insee_code = _insee_code(reference, code, lead) if level == "commune" else ""
    if insee_code:
        name = reference.names["commune", insee_code]
        return Fix(
            f"Si {code} est le code postal de {name}, écrivez son code Insee, {insee_code}.",
            insee_code,
        )
    return Fix("Vérifiez le code officiel géographique de l’Insee ; ce n’est pas le code postal.")


def _insee_code(reference: TerritoryReference, postal_code: str, lead: str) -> str:
    """Return the code of the commune of a lead, in the département of a postal code, or ""."""
    if not re.fullmatch(r"[0-9]{5}", postal_code):
        return ""
    name = re.sub(r"^(ville|commune|mairie) (de la |de l'|des |du |de |d'|le )?", "", fold(lead))
    # The lead may be « La Rochelle » or « Ville de La Rochelle ».
    full_names = (name, f"la {name}", f"le {name}", f"les {name}")
    homonyms = [
        homonym
        for full_name in full_names
        for homonym in reference.codes_by_name.get(("commune", full_name), [])
    ]
    local_codes = [
        homonym
        for homonym in homonyms
        if homonym[:2] == postal_code[:2]
        or (homonym[0:2] in {"2A", "2B"} and postal_code[:2] == "20")
    ]
    return local_codes[0] if len(local_codes) == 1 else ""


def _quote_level(level: str) -> str:
    return f"« {code_label('niveaux', level).lower()} »"
