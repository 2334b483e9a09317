"""The structural variables by which territories are compared."""

from collections.abc import Mapping
from dataclasses import dataclass

DEFAULT_PEER_COUNT = 10
_ALL_LEVELS = ("region", "departement", "epci", "commune")
_GROUPING_LEVELS = ("region", "departement", "epci")


@dataclass(frozen=True)
class PeerVariable:
    """One structural variable; `code` is its column in the table `territoires`.

    `court` names it inside a sentence, with its article. A `logged` one is compared as a ratio:
    twice as large is as far as half as large.
    """

    code: str
    titre: str
    court: str
    explication: str
    unite: str
    logged: bool
    niveaux: tuple[str, ...]


VARIABLES = (
    PeerVariable(
        "population",
        "Population",
        "la population",
        "Nombre d’habitants (population municipale). Deux fois plus compte autant que deux fois "
        "moins.",
        "habitants",
        True,
        _ALL_LEVELS,
    ),
    PeerVariable(
        "densite",
        "Densité",
        "la densité",
        "Habitants par km² : ville dense ou habitat dispersé. Comparée en rapport, comme la "
        "population.",
        "hab./km²",
        True,
        _ALL_LEVELS,
    ),
    PeerVariable(
        "superficie_km2",
        "Superficie",
        "la superficie",
        "Étendue à desservir, calculée sur les contours de l’IGN. Comparée en rapport.",
        "km²",
        True,
        _ALL_LEVELS,
    ),
    PeerVariable(
        "nb_communes",
        "Nombre de communes",
        "le nombre de communes",
        "Combien de communes il faut réunir pour agir ensemble. Comparé en rapport. Sans objet pour"
        " une commune.",
        "communes",
        True,
        _GROUPING_LEVELS,
    ),
    PeerVariable(
        "part_population_rurale",
        "Part des petites communes",
        "la part rurale",
        "Part des habitants qui vivent dans une commune de moins de 2 000 habitants. Sans objet "
        "pour une commune.",
        "%",
        False,
        _GROUPING_LEVELS,
    ),
    PeerVariable(
        "poids_commune_principale",
        "Poids de la ville principale",
        "le poids de la ville principale",
        "Part des habitants qui vivent dans la commune la plus peuplée : territoire centré sur une "
        "ville, ou partagé entre plusieurs. Sans objet pour une commune.",
        "%",
        False,
        _GROUPING_LEVELS,
    ),
    PeerVariable(
        "type",
        "Degré d’intégration",
        "le degré d’intégration",
        "Du moins intégré au plus intégré, comme la loi les ordonne par leurs compétences "
        "obligatoires : communauté de communes (0), communauté d’agglomération ou établissement "
        "public territorial (1), communauté urbaine (2), métropole (3).",
        "degré de 0 à 3",
        False,
        ("epci",),
    ),
    PeerVariable(
        "outre_mer",
        "Outre-mer",
        "l’outre-mer",
        "Oui ou non. Là où l’outre-mer est rare (départements, intercommunalités, communes), cet "
        "écart seul dépasse le plafond : l’outre-mer n’y a de pairs qu’outre-mer, sauf à écarter "
        "cette variable.",
        "oui ou non",
        False,
        _ALL_LEVELS,
    ),
)  # fmt: skip
BY_CODE: Mapping[str, PeerVariable] = {variable.code: variable for variable in VARIABLES}
# These describe the communes of a territory: they have no value for a single commune.
NOT_FOR_COMMUNES = tuple(v.code for v in VARIABLES if v.niveaux == _GROUPING_LEVELS)


def peer_variables(level: str) -> tuple[str, ...]:
    """Return the codes of the structural variables used at a level."""
    return tuple(variable.code for variable in VARIABLES if level in variable.niveaux)
