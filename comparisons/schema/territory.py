"""A territory by its level and code, as addresses and files write it."""

import re
from dataclasses import dataclass

LEVELS = ("region", "departement", "epci", "commune")
# Those of which there are few: a hundred départements, eighteen régions.
LARGE_LEVELS = ("region", "departement")
LEVEL_NAMES = {
    "region": "Régions",
    "departement": "Départements",
    "epci": "Intercommunalités",
    "commune": "Communes",
}
LEVEL_NOUNS = {
    "region": "région",
    "departement": "département",
    "epci": "intercommunalité",
    "commune": "commune",
}
# Of each type of EPCI, one and several.
EPCI_NOUNS = {
    "CC": ("communauté de communes", "communautés de communes"),
    "CA": ("communauté d’agglomération", "communautés d’agglomération"),
    "CU": ("communauté urbaine", "communautés urbaines"),
    "METRO": ("métropole", "métropoles"),
    "MET69": ("métropole", "métropoles"),
    "EPT": ("établissement public territorial", "établissements publics territoriaux"),
}
KEY_PATTERN = re.compile(r"(region|departement|epci|commune)-([0-9AB]{2,9})")


@dataclass(frozen=True, order=True)
class Territory:
    """A territory by its level and code; written `niveau-code` in addresses and files."""

    niveau: str
    code: str

    @property
    def key(self) -> str:
        """Write it as in an address: `departement-35`."""
        return f"{self.niveau}-{self.code}"


def parse_key(key: str) -> Territory:
    """Read `departement-35`; raises `ValueError` (in French) when it is not of that form."""
    match = KEY_PATTERN.fullmatch(key.strip())
    if not match:
        raise ValueError(
            f"« {key} » n’est pas un territoire : on attend niveau-code, "
            "par exemple departement-35, epci-243500139 ou commune-35238."
        )
    return Territory(*match.groups())
