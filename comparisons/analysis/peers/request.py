"""Parse requests for peers, from a URL query or from the command line."""

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
    parse_strictly,
    split_values,
)
from comparisons.schema.peer_options import MAX_PEERS, WEIGHTING_METHODS
from comparisons.schema.peer_variables import peer_variables
from comparisons.search.resolution import require_territories

_PARAMETERS = ("t", "maniere", "nombre", "region", "poids", "avec", "nommes")
# search methods in which a parameter has an effect
_METHODS_USING_PARAMETER: Mapping[str, tuple[str, ...]] = {
    "nombre": ("structure", "voisins", "taille"),
    "region": ("structure", "voisins", "taille"),
    "poids": ("structure",),
    "avec": ("liste",),
}


@dataclass(frozen=True)
class PeersRequest:
    """A valid request for peers: the view parameters of the page of peers."""

    view: PeersParameters

    @property
    def file_stem(self) -> str:
        """Return the stem of the names of exported files."""
        method_suffix = (
            "" if self.view.maniere == PeersParameters().maniere else f"-{self.view.maniere}"
        )
        return f"pairs-{self.view.t}{method_suffix}"


def parse_request(query: Query) -> PeersRequest:
    """Parse the parameters of the page (`_PARAMETERS`).

    Raises `BadRequestError` for a parameter that is unknown, empty, invalid, or without effect with
    the requested search method.
    """
    check_parameters(query, _PARAMETERS)
    check_single(query, ("maniere", "nombre", "region", "nommes"))
    key = _parse_territory(query.get("t", ()))
    listed_keys = split_values(query.get("avec", ()))
    if len(listed_keys) > MAX_PEERS:
        raise BadRequestError(
            f"{pluralize(len(listed_keys), 'territoire')} : une liste en compte {MAX_PEERS}."
        )
    require_territories(listed_keys)
    _check_count(query.get("nombre", ()))
    raw_values = {"t": [key], "avec": listed_keys} | {
        name: query[name] for name in ("maniere", "nombre", "region", "nommes") if name in query
    }
    view = parse_strictly(
        PeersParameters, raw_values | {"poids": _parse_weights(query.get("poids", ()), key)}
    )
    _check_effect(query, view)
    return PeersRequest(view)


def _parse_territory(raw: Sequence[str]) -> str:
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
    possible_counts = map(str, range(1, MAX_PEERS + 1))
    if raw and raw[0] not in possible_counts:
        raise BadRequestError(f"« {raw[0]} » : le nombre de pairs va de 1 à {MAX_PEERS}.")


def _parse_weights(raw: Sequence[str], key: str) -> list[str]:
    """Parse weights, repeated or separated by commas; a weight of 1 is the default, left out."""
    level = key.partition("-")[0]
    known_codes = peer_variables(level)
    weights = split_values(raw)
    codes = [weight.partition(":")[0] for weight in weights]
    for code in codes:
        if code not in known_codes:
            raise BadRequestError(
                f"« {code} » n’est pas une variable de structure des {NOUNS[level][1]}. "
                f"Variables : {', '.join(known_codes)}."
            )
        if codes.count(code) > 1:
            raise BadRequestError(f"« poids » donne deux poids à la variable « {code} ».")
    changed_weights = [w for code, w in zip(codes, weights, strict=True) if w != f"{code}:1"]
    if sum(weight.endswith(":0") for weight in changed_weights) == len(known_codes):
        raise BadRequestError("Toutes les variables sont écartées : gardez-en au moins une.")
    return changed_weights


def _check_effect(query: Query, view: PeersParameters) -> None:
    for name, methods in _METHODS_USING_PARAMETER.items():
        if query.get(name) and view.maniere not in methods:
            allowed = " ou ".join(f"maniere={method}" for method in methods)
            raise BadRequestError(f"« {name} » n’a d’effet qu’avec {allowed}.")
    if view.maniere == "liste":
        if not view.avec:
            raise BadRequestError(
                f"« {WEIGHTING_METHODS['liste']} » : donnez ses territoires avec « avec »."
            )
        refusals = find_peers(view.t, view.choice).refus
        if refusals:
            raise BadRequestError(" ".join(refusals))
