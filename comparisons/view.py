"""The address is the state: each page's choices as a frozen view, to and from query parameters.

Defaults are left out of an address. A wrong value is ignored, with a sentence that says so.
Parameter names are short, French and stable: addresses are shared and printed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Self

from comparisons.format import codes
from comparisons.territories import parse_key
from comparisons.text import enumeration

MAX_COMPARED = 6
MAP_LEVELS = ("region", "departement", "epci")
MAP_QUESTIONS = ("couverture", "theme", "budget", "mutualisation")
ALL_TYPES = "toutes"
COMPARABLE_PERIMETERS = ("infrastructures", "usages", "strategie")
MEASURES = ("total", "par_an")

Query = Mapping[str, Sequence[str]]


def _choice(default: str, allowed: Sequence[str] | str) -> str:
    """Declare a parameter with one value of a list, or of a vocabulary named by a string."""
    return field(default=default, metadata={"allowed": allowed})


def _territory() -> str:
    return field(default="", metadata={"territory": True})


def _territories() -> tuple[str, ...]:
    return field(default=(), metadata={"territory": True, "many": MAX_COMPARED})


def _free() -> str:
    return field(default="", metadata={})


def _many(limit: int) -> tuple[str, ...]:
    return field(default=(), metadata={"many": limit})


@dataclass(frozen=True)
class View:
    """What a page shows, whole: equal views show the same thing."""

    @classmethod
    def from_query(cls, query: Query) -> tuple[Self, list[str]]:
        """Read an address; give the view and one French sentence per value that was ignored."""
        values, notices = {}, []
        for parameter in fields(cls):
            raw = [value for value in query.get(parameter.name, ()) if value]
            if parameter.metadata.get("territory"):  # repeated, or separated by commas
                raw = [key.strip() for value in raw for key in value.split(",") if key.strip()]
            accepted = []
            for value in raw:
                problem = _problem(parameter.name, value, parameter.metadata)
                if problem:
                    notices.append(problem)
                elif value not in accepted:
                    accepted.append(value)
            limit = parameter.metadata.get("many")
            if limit:
                if len(accepted) > limit:
                    kept = "territoires" if parameter.metadata.get("territory") else "documents"
                    notices.append(f"Seuls les {limit} premiers {kept} sont gardés.")
                values[parameter.name] = tuple(accepted[:limit])
            elif accepted:
                values[parameter.name] = accepted[0]
        return cls(**values), notices

    def to_query(self) -> dict[str, list[str]]:
        """Write the address of this view, without its defaults."""
        query = {}
        for parameter in fields(self):
            value = getattr(self, parameter.name)
            if value != parameter.default:
                query[parameter.name] = list(value) if isinstance(value, tuple) else [value]
        return query


def _problem(name: str, value: str, rules: Mapping) -> str:
    """Say in French why a value cannot be taken, or nothing."""
    if rules.get("territory"):
        try:
            parse_key(value)
        except ValueError as error:
            return str(error)
        return ""
    allowed = rules.get("allowed")
    if allowed is None:
        return ""
    choices = codes(allowed) if isinstance(allowed, str) else allowed
    if value in choices:
        return ""
    return (
        f"« {value} » n’est pas une valeur de « {name} » et a été ignoré ; "
        f"valeurs possibles : {enumeration(choices, 'ou')}."
    )


@dataclass(frozen=True)
class MapView(View):
    """Carte: one question asked of all the territories of a level."""

    niveau: str = _choice("departement", MAP_LEVELS)
    question: str = _choice("couverture", MAP_QUESTIONS)
    type: str = _choice(ALL_TYPES, (ALL_TYPES, *codes("types_strategie")))
    theme: str = _choice("inclusion_mediation", "themes")
    perimetre: str = _choice("infrastructures", COMPARABLE_PERIMETERS)
    etape: str = _choice("prevu", "etapes")
    mesure: str = _choice("total", MEASURES)
    service: str = _choice("infrastructures_thd", "services")
    partenaire: str = _free()
    t: str = _territory()


@dataclass(frozen=True)
class TerritoryView(View):
    """Territoire: one territory."""

    t: str = _territory()


@dataclass(frozen=True)
class ComparisonView(View):
    """Comparer: two to six territories, and the document chosen for some of them.

    `doc` holds `strategie_id`s; a territory without one shows its document in force.
    """

    t: tuple[str, ...] = _territories()
    doc: tuple[str, ...] = _many(2 * MAX_COMPARED)
