"""Options of the search for peers: method, number, regions and weights."""

from collections.abc import Mapping
from dataclasses import dataclass

from comparisons.schema.peer_variables import DEFAULT_PEER_COUNT, peer_variables

MAX_PEERS = 30
MAX_WEIGHT = 3
# code → French label in a menu
WEIGHTING_METHODS: Mapping[str, str] = {
    "structure": "Structure la plus proche",
    "voisins": "Voisins par la frontière",
    "taille": "Même type, même taille",
    "liste": "Ma propre liste",
}
REGION_CHOICES: Mapping[str, str] = {
    "toutes": "Toute la France",
    "hors": "Hors de ma région",
    "seule": "Ma région seulement",
}


@dataclass(frozen=True)
class PeerOptions:
    """Options of the search for peers, as `PeerSearchParameters` checks them.

    `poids` holds the weights that are not 1, from 0 (left out) to 3; `liste` the keys of the user's
    own peers (`maniere` = `liste`), to which neither `nombre` nor `region` applies.
    """

    maniere: str = "structure"
    nombre: int = DEFAULT_PEER_COUNT
    region: str = "toutes"
    poids: tuple[tuple[str, float], ...] = ()
    liste: tuple[str, ...] = ()

    def weights(self, level: str) -> dict[str, float]:
        """Return the weight of each variable that has a meaning at a level, without the dropped."""
        weight_by_code = dict(self.poids)
        weights = {code: float(weight_by_code.get(code, 1)) for code in peer_variables(level)}
        return {code: weight for code, weight in weights.items() if weight}
