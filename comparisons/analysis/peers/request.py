"""Parse requests for peers, from a URL query or from the command line."""

from collections.abc import Mapping, Sequence

from comparisons.analysis.peers.explanation import NOUNS
from comparisons.analysis.peers.search import find_peers
from comparisons.errors import BadRequestError
from comparisons.formatting import pluralize
from comparisons.page_parameters import PeerSearchParameters
from comparisons.parameters import Query, split_values
from comparisons.schema.peer_options import MAX_PEERS, WEIGHTING_METHODS
from comparisons.schema.peer_variables import peer_variables
from comparisons.search.resolution import require_territories

# search methods in which a parameter has an effect
_METHODS_USING_PARAMETER: Mapping[str, tuple[str, ...]] = {
    "nombre": ("structure", "voisins", "taille"),
    "region": ("structure", "voisins", "taille"),
    "poids": ("structure",),
    "avec": ("liste",),
}


class PeersRequest(PeerSearchParameters):
    """A valid request for peers."""

    @property
    def file_stem(self) -> str:
        """Return the stem of the names of exported files."""
        is_default = self.maniere == next(iter(WEIGHTING_METHODS))
        return f"pairs-{self.t}" if is_default else f"pairs-{self.t}-{self.maniere}"


def parse_request(query: Query) -> PeersRequest:
    """Parse the parameters of a search for peers.

    Raises `BadRequestError` for a parameter that is unknown, empty, invalid, or without effect with
    the requested search method.
    """
    keys = split_values(query.get("t", ()))
    if len(keys) > 1:
        raise BadRequestError(
            f"{pluralize(len(keys), 'territoire')} : on cherche les pairs d’un seul à la fois ; "
            "votre propre liste se donne avec « avec »."
        )
    listed_keys = split_values(query.get("avec", ()))
    require_territories([*keys, *listed_keys[:MAX_PEERS]])
    weights = split_values(query.get("poids", ()))
    if keys and weights:
        # a weight of 1 is the default, left out
        query = {**query, "poids": _changed_weights(weights, keys[0])}
    request = PeersRequest.read_strictly(query)
    if not request.t:
        raise BadRequestError("Aucun territoire : donnez-en un, comme t=departement-53.")
    _check_effect(query, request)
    return request


def _changed_weights(weights: Sequence[str], key: str) -> list[str]:
    """Return the weights that are not 1; raise `BadRequestError` for an unknown variable."""
    level = key.partition("-")[0]
    known_codes = peer_variables(level)
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


def _check_effect(query: Query, request: PeersRequest) -> None:
    for name, methods in _METHODS_USING_PARAMETER.items():
        if query.get(name) and request.maniere not in methods:
            allowed = " ou ".join(f"maniere={method}" for method in methods)
            raise BadRequestError(f"« {name} » n’a d’effet qu’avec {allowed}.")
    if request.maniere == "liste":
        if not request.avec:
            raise BadRequestError(
                f"« {WEIGHTING_METHODS['liste']} » : donnez ses territoires avec « avec »."
            )
        refusals = find_peers(request.t, request.choice).refus
        if refusals:
            raise BadRequestError(" ".join(refusals))
