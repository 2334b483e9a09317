"""Options of the search for peers: method, number, regions and weights."""

from collections.abc import Mapping
from dataclasses import dataclass

from comparisons.formatting import join_words
from comparisons.schema.peer_variables import BY_CODE, DEFAULT_PEER_COUNT, peer_variables

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
    """Options of the search for peers; raises `ValueError` (in French) on an invalid value.

    `poids` holds the weights that are not 1, from 0 (left out) to 3; `liste` the keys of the user's
    own peers (`maniere` = `liste`), to which neither `nombre` nor `region` applies.
    """

    maniere: str = "structure"
    nombre: int = DEFAULT_PEER_COUNT
    region: str = "toutes"
    poids: tuple[tuple[str, float], ...] = ()
    liste: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Raise `ValueError` if a value is invalid."""
        for name, allowed in (("maniere", WEIGHTING_METHODS), ("region", REGION_CHOICES)):
            if getattr(self, name) not in allowed:
                raise ValueError(
                    f"« {getattr(self, name)} » n’est pas une valeur de « {name} » ; "
                    f"valeurs possibles : {join_words(allowed, 'ou')}."
                )
        if not 1 <= self.nombre <= MAX_PEERS:
            raise ValueError(f"Le nombre de pairs va de 1 à {MAX_PEERS}.")
        for code, weight in self.poids:
            if code not in BY_CODE:
                raise ValueError(
                    f"« {code} » n’est pas une variable de structure ; "
                    f"variables possibles : {join_words(BY_CODE, 'ou')}."
                )
            if not 0 <= weight <= MAX_WEIGHT:
                raise ValueError(f"Un poids va de 0 (écartée) à {MAX_WEIGHT}.")

    def weights(self, level: str) -> dict[str, float]:
        """Return the weight of each variable that has a meaning at a level, without the dropped."""
        weight_by_code = dict(self.poids)
        weights = {code: float(weight_by_code.get(code, 1)) for code in peer_variables(level)}
        return {code: weight for code, weight in weights.items() if weight}
