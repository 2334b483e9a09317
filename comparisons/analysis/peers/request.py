"""What is asked of peers, read the same way from an address and from the command line."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from comparisons.analysis.peers.explanation import NOUNS
from comparisons.analysis.peers.search import find_peers
from comparisons.errors import BadRequestError
from comparisons.formatting import pluralize
from comparisons.parameters import (
    PeersParameters,
    Query,
    check_parameters,
    check_single,
    split_values,
    viewed,
)
from comparisons.schema.peer_options import MAX_PEERS, WEIGHTING_METHODS
from comparisons.schema.peer_variables import variables
from comparisons.search.resolution import require_territories

PARAMETERS = ("t", "maniere", "nombre", "region", "poids", "avec", "nommes")
# ways of finding peers in which a parameter counts
_SERVES: Mapping[str, tuple[str, ...]] = {
    "nombre": ("structure", "voisins", "taille"),
    "region": ("structure", "voisins", "taille"),
    "poids": ("structure",),
    "avec": ("liste",),
}


@dataclass(frozen=True)
class Asked:
    """Peers that can be looked for: the view of the page that shows them."""

    view: PeersParameters

    @property
    def stem(self) -> str:
        """List the files."""
        way = "" if self.view.maniere == PeersParameters().maniere else f"-{self.view.maniere}"
        return f"pairs-{self.view.t}{way}"


def read(query: Query) -> Asked:
    """Read the parameters of the page (`PARAMETERS`); nothing in them is left aside.

    Raises `BadRequestError` for whatever is unknown, empty, without effect in the way asked, or
    cannot be.
    """
    check_parameters(query, PARAMETERS)
    check_single(query, ("maniere", "nombre", "region", "nommes"))
    key = _territory(query.get("t", ()))
    listed = split_values(query.get("avec", ()))
    if len(listed) > MAX_PEERS:
        raise BadRequestError(
            f"{pluralize(len(listed), 'territoire')} : une liste en compte {MAX_PEERS}."
        )
    require_territories(listed)
    _check_count(query.get("nombre", ()))
    read_so = {"t": [key], "avec": listed} | {
        name: query[name] for name in ("maniere", "nombre", "region", "nommes") if name in query
    }
    view = viewed(PeersParameters, read_so | {"poids": _weights(query.get("poids", ()), key)})
    _check_effect(query, view)
    return Asked(view)


def _territory(raw: Sequence[str]) -> str:
    keys = split_values(raw)
    if not keys:
        raise BadRequestError("Aucun territoire : donnez-en un, comme t=departement-53.")
    if len(keys) > 1:
        raise BadRequestError(
            f"{pluralize(len(keys), 'territoire')} : on cherche les pairs d’un seul à la fois ; "
            "votre "
            "propre liste se donne avec « avec »."
        )
    require_territories(keys)
    return keys[0]


def _check_count(raw: Sequence[str]) -> None:
    possible = map(str, range(1, MAX_PEERS + 1))
    if raw and raw[0] not in possible:
        raise BadRequestError(f"« {raw[0]} » : le nombre de pairs va de 1 à {MAX_PEERS}.")


def _weights(raw: Sequence[str], key: str) -> list[str]:
    """Read weights, repeated or separated by commas; a weight of 1 is that of no choice."""
    level = key.partition("-")[0]
    known = variables(level)
    weights = split_values(raw)
    codes = [weight.partition(":")[0] for weight in weights]
    for code in codes:
        if code not in known:
            raise BadRequestError(
                f"« {code} » n’est pas une variable de structure des {NOUNS[level][1]}. "
                f"Variables : {', '.join(known)}."
            )
        if codes.count(code) > 1:
            raise BadRequestError(f"« poids » donne deux poids à la variable « {code} ».")
    kept = [w for code, w in zip(codes, weights, strict=True) if w != f"{code}:1"]
    if sum(weight.endswith(":0") for weight in kept) == len(known):
        raise BadRequestError("Toutes les variables sont écartées : gardez-en au moins une.")
    return kept


def _check_effect(query: Query, view: PeersParameters) -> None:
    for name, ways in _SERVES.items():
        if query.get(name) and view.maniere not in ways:
            allowed = " ou ".join(f"maniere={way}" for way in ways)
            raise BadRequestError(f"« {name} » n’a d’effet qu’avec {allowed}.")
    if view.maniere == "liste":
        if not view.avec:
            raise BadRequestError(
                f"« {WEIGHTING_METHODS['liste']} » : donnez ses territoires avec « avec »."
            )
        refused = find_peers(view.t, view.choice).refus
        if refused:
            raise BadRequestError(" ".join(refused))
