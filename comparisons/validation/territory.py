"""Each territory named must exist today."""

from collections.abc import Iterable

from comparisons.format import codes, label
from comparisons.packages import Package
from comparisons.problems import Problem, quote
from comparisons.validation.context import Context
from comparisons.validation.territory_data import KnownTerritories, load_known_territories

__all__ = ["KnownTerritories", "check_territories", "load_known_territories"]

_LENGTHS = {"region": 2, "departement": 2, "commune": 5, "epci": 9}


def check_territories(package: Package, context: Context) -> Iterable[Problem]:
    """Look up every territory (and the département of a partner's seat)."""
    levels = set(codes("niveaux"))
    for table, frame in context.tables():
        if "territoire_code" in table.columns:
            named = frame[frame["territoire_niveau"].isin(levels)]
            pairs = zip(named["territoire_niveau"], named["territoire_code"], strict=True)
            yield from _unknown(context, table.name, "territoire_code", named.index, pairs)
        if "siege_departement" in table.columns:
            seats = frame["siege_departement"]
            pairs = (("departement", code) for code in seats)
            yield from _unknown(context, table.name, "siege_departement", seats.index, pairs)


def _unknown(
    context: Context,
    table: str,
    column: str,
    lines: Iterable,
    pairs: Iterable[tuple[str, str]],
) -> Iterable[Problem]:
    for line, (level, code) in zip(lines, pairs, strict=True):
        # An empty code is told as a mandatory cell left empty.
        if code and (level, code) not in context.territories.codes:
            rule, message, remedy = _explain(context.territories, level, code)
            yield context.problem(table, line, column, code, rule, message, remedy)


def _explain(known: KnownTerritories, level: str, code: str) -> tuple[str, str, str]:
    """Say why a territory is unknown: merged since, zero lost, wrong level, or never seen."""
    if level == "commune" and code in known.former_communes:
        today = known.former_communes[code]
        name = known.names.get(("commune", today), "")
        return (
            "commune-ancienne",
            f"{quote(code)} est le code d’une ancienne commune\u00a0; son territoire relève "
            f"aujourd’hui de {f'{name} ({today})' if name else today}.",
            f"Écrivez {quote(today)}.",
        )
    message = f"{quote(code)} n’est le code d’aucun territoire du niveau {_level(level)}."
    return "territoire-inconnu", message, _remedy(known, level, code)


def _remedy(known: KnownTerritories, level: str, code: str) -> str:
    padded = code.upper().zfill(_LENGTHS.get(level, 2))
    if (level, padded) in known.codes:
        return f"Écrivez {quote(padded)} ({known.names.get((level, padded), 'code complet')})."
    compact = "".join(code.split())
    if (level, compact) in known.codes:
        return f"Écrivez {quote(compact)}, sans espace."
    others = [other for other in codes("niveaux") if (other, code) in known.codes]
    if others:
        name = known.names.get((others[0], code), code)
        return (
            f"{quote(code)} est un code du niveau {_level(others[0])} ({name})\u00a0: "
            "corrigez le niveau ou le code."
        )
    if level == "epci":
        return (
            "Vérifiez le code Siren de l’intercommunalité (neuf chiffres)\u00a0; "
            "elle a pu fusionner."
        )
    return "Vérifiez le code officiel géographique de l’Insee\u00a0; ce n’est pas le code postal."


def _level(level: str) -> str:
    return f"«\u00a0{label('niveaux', level).lower()}\u00a0»"
