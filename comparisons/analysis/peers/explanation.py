"""What was done to find peers, in French sentences."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from comparisons.analysis.peers.population_bands import format_band, population_band
from comparisons.formatting import curly_apostrophes, format_number, join_words, pluralize
from comparisons.schema.peer_options import Choice
from comparisons.schema.peer_variables import BY_CODE

NOUNS = {
    "region": ("région", "régions"),
    "departement": ("département", "départements"),
    "epci": ("intercommunalité", "intercommunalités"),
    "commune": ("commune", "communes"),
}
TYPE_NOUNS = {
    "CC": ("communauté de communes", "communautés de communes"),
    "CA": ("communauté d’agglomération", "communautés d’agglomération"),
    "CU": ("communauté urbaine", "communautés urbaines"),
    "METRO": ("métropole", "métropoles"),
    "MET69": ("métropole", "métropoles"),
    "EPT": ("établissement public territorial", "établissements publics territoriaux"),
}
MASCULINE = ("département", "établissement")
_CEILING = "au-delà d’un écart-type en moyenne, personne n’est un pair"


@dataclass(frozen=True)
class NearestExcluded:
    """The nearest of those beyond the ceiling: its name, its distance, what sets it apart most."""

    nom: str
    distance: float
    variable: str


def unit(level: str) -> str:
    """Describe what distances are counted in."""
    whose = "des régions de métropole sans la Corse" if level == "region" else "du niveau"
    return f"écarts-types {whose}"


def format_deviations(distance: float) -> str:
    """Describe `1,1 écart-type`, `3,3 écarts-types`."""
    return f"{format_number(distance, 1)} {'écart-type' if distance < 2 else 'écarts-types'}"


def is_masculine(noun: str) -> bool:
    """Return the gender of a noun of territory."""
    return noun.startswith(MASCULINE)


def nouns(row: pd.Series, by_type: bool = False) -> tuple[str, str]:
    """Return the noun of a territory, one and many; of its type of intercommunalité if asked."""
    if by_type and row["territoire_niveau"] == "epci":
        return TYPE_NOUNS.get(row["type"], NOUNS["epci"])
    return NOUNS[row["territoire_niveau"]]


def count_of(count: int, nouns: tuple[str, str]) -> str:
    """Describe `Le département`, `Les 3 départements`."""
    one, many = nouns
    if count == 1:
        return f"{'Le' if is_masculine(one) else 'La'} {one}"
    return f"Les {format_number(count)} {many}"


def none_of(nouns: tuple[str, str]) -> str:
    """Describe `Aucun autre département`, `Aucune autre région`."""
    return f"{'Aucun' if is_masculine(nouns[0]) else 'Aucune'} autre {nouns[0]}"


def describe_regions(own: pd.Series, choice: Choice) -> str:
    """Describe the regions in which peers were looked for, after « parmi 100 ».

    Nothing if in all.
    """
    if choice.region == "toutes" or choice.maniere == "liste":
        return ""
    if own["territoire_niveau"] == "region":
        return " dans sa propre région" if choice.region == "seule" else ""
    region = curly_apostrophes(own["region_nom"])
    return f" hors {region}" if choice.region == "hors" else f" dans la même région ({region})"


def describe_weights(choice: Choice, level: str) -> str:
    """Describe which variables were dropped or weighed, or nothing."""
    dropped, weighed = [], []
    for code, weight in choice.poids:
        if level not in BY_CODE[code].niveaux or weight == 1:
            continue
        name = BY_CODE[code].court
        if weight:
            weighed.append(f"{name} (poids {format_number(weight, 1)})")
        else:
            dropped.append(name)
    parts = [f"sans {join_words(dropped)}"] if dropped else []
    parts += [f"en pesant autrement {join_words(weighed)}"] if weighed else []
    return f"Calcul fait {' et '.join(parts)}." if parts else ""


def describe_same_body(own: pd.Series, names: Sequence[str]) -> str:
    """Describe that territories (as one says them) run by the same body are not peers.

    Or nothing.
    """
    if not names:
        return ""
    return (
        f"On ne retient pas {join_words(map(curly_apostrophes, names))} : c’est la même "
        "collectivité "
        f"que pour {curly_apostrophes(own['nom_article'])}, et l’on ne se compare pas à soi-même."
    )


def describe_other_level(key: str, own: pd.Series) -> str:
    """Describe that a member of an own list is of another level."""
    one, many = nouns(own)
    return (
        f"« {key} » n’est pas {'un' if is_masculine(one) else 'une'} {one} : "
        f"on ne compare que des {many} entre {'eux' if is_masculine(one) else 'elles'}."
    )


def describe_search(
    own: pd.Series,
    choice: Choice,
    table: pd.DataFrame,
    candidates: int,
    left_out: int = 0,
    missing: Sequence[str] = (),
    beyond: NearestExcluded | None = None,
    excluded: Sequence[str] = (),
) -> str:
    """Describe what was done to find peers and, where there is none, why and what to do instead."""
    say = {
        "structure": _by_structure,
        "voisins": _by_border,
        "taille": _by_size,
        "liste": _by_list,
    }[choice.maniere]
    sentences = [say(own, choice, table, candidates, left_out, missing, beyond)]
    if choice.maniere == "structure":
        sentences.append(describe_weights(choice, own["territoire_niveau"]))
    if choice.maniere != "liste":
        sentences.append(describe_same_body(own, excluded))
    sentences.append(_one_body(table))
    return " ".join(sentence for sentence in sentences if sentence)


def _one_body(table: pd.DataFrame) -> str:
    """Describe that two of the peers are run by one body (Alsace, Corse), or nothing."""
    shared = table[table["corps"].duplicated(keep=False)]
    if shared.empty:
        return ""
    groups = [
        join_words(map(curly_apostrophes, rows["nom"])) for _, rows in shared.groupby("corps")
    ]
    return " ".join(
        f"{group} sont deux territoires d’une même collectivité : une même stratégie peut y compter"
        " deux fois."
        for group in groups
    )


def _by_structure(own, choice, table, candidates, left_out, missing, beyond) -> str:
    names = nouns(own)
    level = own["territoire_niveau"]
    whose = f"celle {curly_apostrophes(own['nom_de'])}"
    if missing:
        what = join_words(BY_CODE[code].court for code in missing)
        return (
            f"Pas de pairs par la structure pour {curly_apostrophes(own['nom'])} : {what} "
            f"{'manquent' if len(missing) > 1 else 'manque'} dans les données de référence. "
            "Écartez ce qui manque, ou choisissez les voisins, la même taille ou votre propre "
            "liste."
        )
    if not choice.weights(level):
        return (
            "Toutes les variables sont écartées : gardez-en au moins une pour chercher des pairs."
        )
    if not candidates:
        elsewhere = (
            "Cherchez dans toute la France"
            if choice.region != "toutes"
            else ("Choisissez votre propre liste")
        )
        return f"{none_of(names)} à comparer{describe_regions(own, choice)}. {elsewhere}."
    if table.empty:
        return (
            f"{none_of(names)}{describe_regions(own, choice)} n’a une structure assez proche de "
            f"{whose} : "
            f"le cas le plus proche, {curly_apostrophes(beyond.nom)}, est à "
            f"{format_deviations(beyond.distance)} en moyenne, surtout par "
            f"{BY_CODE[beyond.variable].court} ; {_CEILING}. Plutôt que de mauvais pairs : "
            "écartez ou pesez moins cette variable, choisissez les voisins, la même taille ou "
            "votre propre liste."
        )
    what = (
        f"{count_of(len(table), names)} dont la structure ressemble le plus à {whose}, parmi "
        f"{format_number(candidates)}{describe_regions(own, choice)}"
    )
    if left_out:
        feminine = "" if is_masculine(names[0]) else "e"
        return (
            f"{what}. Sur {format_number(choice.nombre)} demandé{feminine}s, "
            f"{pluralize(left_out, f'est écarté{feminine}', f'sont écarté{feminine}s')} "
            f"(le cas suivant serait {curly_apostrophes(beyond.nom)}) : {_CEILING}."
        )
    return f"{what} ; {_CEILING}."


def _by_border(own, choice, table, candidates, left_out, missing, beyond) -> str:
    names = nouns(own)
    whom = curly_apostrophes(own["nom_article"])
    if table.empty:
        return (
            f"{none_of(names)}{describe_regions(own, choice)} n’a de frontière terrestre avec "
            f"{whom}. "
            "Choisissez la structure la plus proche ou votre propre liste."
        )
    among = f", parmi {format_number(candidates)}" if candidates > len(table) else ""
    return (
        f"{count_of(len(table), names)}{describe_regions(own, choice)} qui "
        f"{'ont' if len(table) > 1 else 'a'} une frontière commune avec {whom}, la plus longue "
        f"d’abord{among}. La structure n’a pas servi à choisir."
    )


def _by_size(own, choice, table, candidates, left_out, missing, beyond) -> str:
    names = nouns(own, by_type=True)
    band = format_band(population_band(own["population"], own["territoire_niveau"]))
    if table.empty:
        return (
            f"{none_of(names)} {band}{describe_regions(own, choice)}. "
            "Choisissez la structure la plus proche, les voisins ou votre propre liste."
        )
    return (
        f"{count_of(len(table), names)} {band} dont la population est la plus proche de "
        f"{'celle ' + curly_apostrophes(own['nom_de'])}, parmi "
        f"{format_number(candidates)}{describe_regions(own, choice)}. "
        "Seuls le type et la population ont servi à choisir."
    )


def _by_list(own, choice, table, candidates, left_out, missing, beyond) -> str:
    names = nouns(own)
    if table.empty:
        return f"Votre liste ne compte encore personne à comparer : ajoutez-y des {names[1]}."
    order = ", dans son ordre" if len(table) > 1 else ""
    return f"{count_of(len(table), names)} de votre liste{order}."
