"""French sentences that explain how peers were selected."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from comparisons.analysis.peers.distances import MAX_DISTANCE
from comparisons.analysis.peers.population_bands import format_band, population_band
from comparisons.formatting import curly_apostrophes, format_number, join_words, pluralize
from comparisons.schema.peer_options import PeerOptions
from comparisons.schema.peer_variables import BY_CODE
from comparisons.schema.territory import EPCI_NOUNS

NOUNS = {
    "region": ("région", "régions"),
    "departement": ("département", "départements"),
    "epci": ("intercommunalité", "intercommunalités"),
    "commune": ("commune", "communes"),
}
_MASCULINE = ("département", "établissement")
_VERY_CLOSE = 0.2


@dataclass(frozen=True)
class NearestExcluded:
    """Nearest territory beyond the maximal distance: its name, its most different variable."""

    nom: str
    variable: str


def unit(level: str) -> str:
    """Return the unit of distances, in French."""
    reference_group = "des régions de métropole sans la Corse" if level == "region" else "du niveau"
    return f"écarts-types {reference_group}"


def describe_distance(distance: float) -> str:
    """Write a distance in words: `très proche`, `proche`, `trop différent pour être un pair`."""
    if distance > MAX_DISTANCE:
        return "trop différent pour être un pair"
    return "très proche" if distance <= _VERY_CLOSE else "proche"


def is_masculine(noun: str) -> bool:
    """Check whether a noun of territory is masculine."""
    return noun.startswith(_MASCULINE)


def nouns(territory: pd.Series, by_type: bool = False) -> tuple[str, str]:
    """Return the noun of a territory, one and many; of its type of intercommunalité if asked."""
    if by_type and territory["territoire_niveau"] == "epci":
        return EPCI_NOUNS.get(territory["type"], NOUNS["epci"])
    return NOUNS[territory["territoire_niveau"]]


def _count_of(count: int, nouns: tuple[str, str]) -> str:
    """Describe `Le département`, `Les 3 départements`."""
    singular, plural = nouns
    if count == 1:
        return f"{'Le' if is_masculine(singular) else 'La'} {singular}"
    return f"Les {format_number(count)} {plural}"


def _none_of(nouns: tuple[str, str]) -> str:
    """Describe `Aucun autre département`, `Aucune autre région`."""
    return f"{'Aucun' if is_masculine(nouns[0]) else 'Aucune'} autre {nouns[0]}"


def _describe_regions(territory: pd.Series, choice: PeerOptions) -> str:
    """Describe the regions in which peers were looked for, after « parmi 100 ».

    Nothing if in all.
    """
    if choice.region == "toutes" or choice.maniere == "liste":
        return ""
    if territory["territoire_niveau"] == "region":
        return " dans sa propre région" if choice.region == "seule" else ""
    region = curly_apostrophes(territory["region_nom"])
    return f" hors {region}" if choice.region == "hors" else f" dans la même région ({region})"


def _describe_weights(choice: PeerOptions, level: str) -> str:
    """Return a sentence on the variables left out or reweighted; "" when none are."""
    dropped, reweighted = [], []
    for code, weight in choice.poids:
        if level not in BY_CODE[code].niveaux or weight == 1:
            continue
        name = BY_CODE[code].court
        if weight:
            reweighted.append(f"{name} (poids {format_number(weight, 1)})")
        else:
            dropped.append(name)
    parts = [f"sans {join_words(dropped)}"] if dropped else []
    parts += [f"en pesant autrement {join_words(reweighted)}"] if reweighted else []
    return f"Calcul fait {' et '.join(parts)}." if parts else ""


def describe_same_body(territory: pd.Series, names: Sequence[str]) -> str:
    """Return a sentence on the territories excluded because one organisation runs them.

    `names` carry their article; "" when there is none.
    """
    if not names:
        return ""
    return (
        f"On ne retient pas {join_words(map(curly_apostrophes, names))} : c’est la même "
        "collectivité "
        f"que pour {curly_apostrophes(territory['nom_article'])}"
        f", et l’on ne se compare pas à soi-même."
    )


def describe_other_level(key: str, territory: pd.Series) -> str:
    """Describe that a member of an own list is of another level."""
    singular, plural = nouns(territory)
    return (
        f"« {key} » n’est pas {'un' if is_masculine(singular) else 'une'} {singular} : "
        f"on ne compare que des {plural} entre {'eux' if is_masculine(singular) else 'elles'}."
    )


def describe_search(
    territory: pd.Series,
    choice: PeerOptions,
    table: pd.DataFrame,
    candidate_count: int,
    excluded_count: int = 0,
    missing_codes: Sequence[str] = (),
    nearest_excluded: NearestExcluded | None = None,
    same_organisation_names: Sequence[str] = (),
) -> str:
    """Describe what was done to find peers and, where there is none, why and what to do instead."""
    describe = {
        "structure": _describe_structure_search,
        "voisins": _describe_neighbour_search,
        "taille": _describe_size_search,
        "liste": _describe_list_search,
    }[choice.maniere]
    sentences = [
        describe(
            territory,
            choice,
            table,
            candidate_count,
            excluded_count,
            missing_codes,
            nearest_excluded,
        )
    ]
    if choice.maniere == "structure":
        sentences.append(_describe_weights(choice, territory["territoire_niveau"]))
    if choice.maniere != "liste":
        sentences.append(describe_same_body(territory, same_organisation_names))
    sentences.append(_describe_shared_organisations(table))
    return " ".join(sentence for sentence in sentences if sentence)


def _describe_shared_organisations(table: pd.DataFrame) -> str:
    """Return a sentence on peers run by one organisation (Alsace, Corse); "" when none are."""
    shared_rows = table[table["corps"].duplicated(keep=False)]
    if shared_rows.empty:
        return ""
    groups = [
        join_words(map(curly_apostrophes, rows["nom"])) for _, rows in shared_rows.groupby("corps")
    ]
    return " ".join(
        f"{group} sont deux territoires d’une même collectivité : une même stratégie peut y compter"
        " deux fois."
        for group in groups
    )


def _describe_structure_search(
    territory, choice, table, candidate_count, excluded_count, missing_codes, nearest_excluded
) -> str:
    names = nouns(territory)
    level = territory["territoire_niveau"]
    compared_with = f"celle {curly_apostrophes(territory['nom_de'])}"
    if missing_codes:
        text = join_words(BY_CODE[code].court for code in missing_codes)
        return (
            f"Pas de pairs par la structure pour {curly_apostrophes(territory['nom'])} : {text} "
            f"{'manquent' if len(missing_codes) > 1 else 'manque'} dans les données de référence. "
            "Écartez ce qui manque, ou choisissez les voisins, la même taille ou votre propre "
            "liste."
        )
    if not choice.weights(level):
        return (
            "Toutes les variables sont écartées : gardez-en au moins une pour chercher des pairs."
        )
    if not candidate_count:
        suggestion = (
            "Cherchez dans toute la France"
            if choice.region != "toutes"
            else ("Choisissez votre propre liste")
        )
        return f"{_none_of(names)} à comparer{_describe_regions(territory, choice)}. {suggestion}."
    if table.empty:
        return (
            f"{_none_of(names)}{_describe_regions(territory, choice)}"
            f" n’a une structure assez proche de "
            f"{compared_with} : "
            f"le cas le plus proche, {curly_apostrophes(nearest_excluded.nom)}, est trop "
            f"différent, surtout par {BY_CODE[nearest_excluded.variable].court}. "
            "Plutôt que de mauvais pairs : "
            "écartez ou pesez moins cette variable, choisissez les voisins, la même taille ou "
            "votre propre liste."
        )
    text = (
        f"{_count_of(len(table), names)}"
        f" dont la structure ressemble le plus à {compared_with}, parmi "
        f"{format_number(candidate_count)}{_describe_regions(territory, choice)}"
    )
    if excluded_count:
        feminine = "" if is_masculine(names[0]) else "e"
        return (
            f"{text}. Sur {format_number(choice.nombre)} demandé{feminine}s, "
            f"{pluralize(excluded_count, f'est écarté{feminine}', f'sont écarté{feminine}s')}, "
            f"car trop différent{feminine}{'s' if excluded_count > 1 else ''} (le cas suivant "
            f"serait {curly_apostrophes(nearest_excluded.nom)})."
        )
    return f"{text}."


def _describe_neighbour_search(
    territory, choice, table, candidate_count, excluded_count, missing_codes, nearest_excluded
) -> str:
    names = nouns(territory)
    territory_name = curly_apostrophes(territory["nom_article"])
    if table.empty:
        return (
            f"{_none_of(names)}{_describe_regions(territory, choice)}"
            f" n’a de frontière terrestre avec "
            f"{territory_name}. "
            "Choisissez la structure la plus proche ou votre propre liste."
        )
    candidate_text = (
        f", parmi {format_number(candidate_count)}" if candidate_count > len(table) else ""
    )
    return (
        f"{_count_of(len(table), names)}{_describe_regions(territory, choice)} qui "
        f"{'ont' if len(table) > 1 else 'a'}"
        f" une frontière commune avec {territory_name}, la plus longue "
        f"d’abord{candidate_text}. La structure n’a pas servi à choisir."
    )


def _describe_size_search(
    territory, choice, table, candidate_count, excluded_count, missing_codes, nearest_excluded
) -> str:
    names = nouns(territory, by_type=True)
    band = format_band(population_band(territory["population"], territory["territoire_niveau"]))
    if table.empty:
        return (
            f"{_none_of(names)} {band}{_describe_regions(territory, choice)}. "
            "Choisissez la structure la plus proche, les voisins ou votre propre liste."
        )
    return (
        f"{_count_of(len(table), names)} {band} dont la population est la plus proche de "
        f"{'celle ' + curly_apostrophes(territory['nom_de'])}, parmi "
        f"{format_number(candidate_count)}{_describe_regions(territory, choice)}. "
        "Seuls le type et la population ont servi à choisir."
    )


def _describe_list_search(
    territory, choice, table, candidate_count, excluded_count, missing_codes, nearest_excluded
) -> str:
    names = nouns(territory)
    if table.empty:
        return f"Votre liste ne compte encore personne à comparer : ajoutez-y des {names[1]}."
    order = ", dans son ordre" if len(table) > 1 else ""
    return f"{_count_of(len(table), names)} de votre liste{order}."
