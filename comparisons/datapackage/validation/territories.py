"""Each territory named must exist today."""

import re
from collections.abc import Iterable
from itertools import repeat

import pandas as pd

from comparisons.datapackage.cells import split_codes
from comparisons.datapackage.known_territories import TerritoryReference, load_territory_reference
from comparisons.datapackage.problems import Problem, quoted
from comparisons.datapackage.reader import Package
from comparisons.datapackage.validation.context import ValidationContext
from comparisons.datapackage.validation.value_parser import fold
from comparisons.schema.model import code_label, vocabulary_codes

__all__ = [
    "TerritoryReference",
    "check_incomplete_territories",
    "check_territories",
    "load_territory_reference",
]

# The area of an organisation that works for the whole country: it has no code.
_COUNTRY = "pays"
_LENGTHS = {"region": 2, "departement": 2, "commune": 5, "epci": 9}


def check_territories(package: Package, context: ValidationContext) -> Iterable[Problem]:
    """Find every territory (and the département of a partner's seat)."""
    for table, frame in context.tables():
        if "territoire_code" in table.columns:
            levels = {text: _level_meant(text) for text in frame["territoire_niveau"].unique()}
            known = frame["territoire_niveau"].map(levels)
            named = frame[known != ""]
            pairs = zip(known[known != ""], named["territoire_code"], strict=True)
            yield from _unknown(context, table.name, "territoire_code", named, pairs)
        if "siege_departement" in table.columns:
            pairs = (("departement", code) for code in frame["siege_departement"])
            yield from _unknown(context, table.name, "siege_departement", frame, pairs)
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
            yield from _unknown(context, table.name, "aire_code", areas, pairs)


def check_incomplete_territories(package: Package, context: ValidationContext) -> Iterable[Problem]:
    """Check for an optional territory of which only the level, or only the code, is given."""
    for table, frame in context.tables():
        for level, code in (("territoire_niveau", "territoire_code"), ("aire_niveau", "aire_code")):
            if level not in table.columns or table.field(level).required:
                continue
            half = frame[(frame[level] == "") != (frame[code] == "")]
            for row in half[half[level] != _COUNTRY].itertuples():
                empty = level if getattr(row, level) == "" else code
                given = getattr(row, code if empty == level else level)
                yield context.problem(
                    table.name,
                    row.Index,
                    empty,
                    "",
                    "territoire-incomplet",
                    f"{quoted(given)} est seul\u00a0: il faut à la fois le niveau et le code.",
                    f"Remplissez {quoted(empty)}, ou videz les deux cellules.",
                )


def _level_meant(text: str) -> str:
    """Return the level of a text: its code, or what « Département » is for (told elsewhere)."""
    known = vocabulary_codes("niveaux")
    if text in known:
        return text
    return next((c for c in known if fold(text) in (c, fold(code_label("niveaux", c)))), "")


def _unknown(
    context: ValidationContext,
    table: str,
    column: str,
    frame: pd.DataFrame,
    pairs: Iterable[tuple[str, str]],
) -> Iterable[Problem]:
    bearers = frame["porteur_nom"] if "porteur_nom" in frame else repeat("")
    for line, (level, code), bearer in zip(frame.index, pairs, bearers, strict=False):
        # An empty code is told as a mandatory cell left empty.
        if code and (level, code) not in context.territories.codes:
            rule, message, remedy, suggestion = _explain(context.territories, level, code, bearer)
            yield context.problem(
                table, line, column, code, rule, message, remedy, suggestion=suggestion
            )


def _explain(
    known: TerritoryReference, level: str, code: str, bearer: str
) -> tuple[str, str, str, str]:
    """Describe why a territory is unknown: merged since, zero lost, wrong level, or never seen."""
    if level == "commune" and code in known.former_communes:
        today = known.former_communes[code]
        name = known.names.get(("commune", today), "")
        return (
            "commune-ancienne",
            f"{quoted(code)} est le code d’une ancienne commune\u00a0; son territoire relève "
            f"aujourd’hui de {f'{name} ({today})' if name else today}.",
            f"Écrivez {quoted(today)}.",
            today,
        )
    message = f"{quoted(code)} n’est le code d’aucun territoire du niveau {_level(level)}."
    meant = _code_meant(known, level, code)
    if meant:
        name = known.names.get((level, meant), "code complet")
        return "territoire-inconnu", message, f"Écrivez {quoted(meant)} ({name}).", meant
    return "territoire-inconnu", message, *_advice(known, level, code, bearer)


def _code_meant(known: TerritoryReference, level: str, text: str) -> str:
    """Find the code behind a zero lost, spaces, a Siret, or the name of the territory."""
    compact = "".join(text.upper().split())
    bare = compact.zfill(_LENGTHS.get(level, 2))
    for code in (compact, bare, compact[:9] if len(compact) == 14 else "", compact.lstrip("0")):
        if (level, code) in known.codes:
            return code
    named = known.by_name.get((level, fold(text)), [])
    # « Mayenne (53) », « 53 - Mayenne »
    inside = {c for c in re.findall(r"[0-9AB]{2,9}", text.upper()) if (level, c) in known.codes}
    return named[0] if len(named) == 1 else inside.pop() if len(inside) == 1 else ""


def _advice(known: TerritoryReference, level: str, code: str, bearer: str) -> tuple[str, str]:
    others = [other for other in vocabulary_codes("niveaux") if (other, code) in known.codes]
    if others:
        name = known.names.get((others[0], code), code)
        return (
            f"{quoted(code)} est un code du niveau {_level(others[0])} ({name})\u00a0: "
            "corrigez le niveau ou le code.",
            "",
        )
    named = known.by_name.get((level, fold(code)), [])
    if named:
        return f"Plusieurs territoires portent ce nom\u00a0: {', '.join(named[:5])}.", ""
    if level == "epci":
        return (
            "Vérifiez le code Siren de l’intercommunalité (neuf chiffres)\u00a0; "
            "elle a pu fusionner.",
            "",
        )
    insee = _insee_code(known, code, bearer) if level == "commune" else ""
    if insee:
        name = known.names["commune", insee]
        return f"Si {code} est le code postal de {name}, écrivez son code Insee, {insee}.", insee
    return (
        "Vérifiez le code officiel géographique de l’Insee\u00a0; ce n’est pas le code postal.",
        "",
    )


def _insee_code(known: TerritoryReference, postal: str, bearer: str) -> str:
    """Find the commune that bears a strategy, in the département of its postal code."""
    if not re.fullmatch(r"[0-9]{5}", postal):
        return ""
    name = re.sub(r"^(ville|commune|mairie) (de la |de l'|des |du |de |d'|le )?", "", fold(bearer))
    # The bearer may be « La Rochelle » or « Ville de La Rochelle ».
    wholes = (name, f"la {name}", f"le {name}", f"les {name}")
    found = [c for whole in wholes for c in known.by_name.get(("commune", whole), [])]
    here = [
        c for c in found if c[:2] == postal[:2] or (c[0:2] in {"2A", "2B"} and postal[:2] == "20")
    ]
    return here[0] if len(here) == 1 else ""


def _level(level: str) -> str:
    return f"«\u00a0{code_label('niveaux', level).lower()}\u00a0»"
