"""French reasons why an organisation, a neighbour or a peer is a candidate."""

from collections.abc import Mapping

import pandas as pd

from comparisons.analysis.shared_services.wording import (
    STATED,
    code_labels,
    count_by_certainty,
    format_certainty_counts,
    format_doubt,
    sort_codes,
)
from comparisons.formatting import (
    NBSP,
    capitalize_first,
    curly_apostrophes,
    first_few,
    format_number,
    join_words,
    pluralize,
    to_place,
)
from comparisons.rows import iterate_rows
from comparisons.schema.model import code_label

RANKING_NOTE = (
    "Un organisme « peut vous accueillir » quand ses statuts sont relevés : son aire couvre le "
    "territoire et il est ouvert aux collectivités de cette aire, ou il est ouvert à toutes. Une "
    "entreprise, un groupement fermé, le service d’une collectivité n’y sont pas, sauf ouverture "
    "relevée. Tout le reste est un exemple : on ne sait pas s’il peut être rejoint. Dans une "
    "liste, d’abord ceux qui ont déjà un lien avec le territoire, puis avec un "
    "territoire qui le contient ; puis selon le nombre de territoires reliés, d’abord à "
    "l’intérieur, puis parmi les voisins, puis parmi les pairs ; à égalité, la plus longue "
    "frontière commune avec les voisins reliés, le pair le plus proche, des liens énoncés avant "
    "des liens déduits, le plus de territoires cités par une source, puis le nom. Les territoires "
    "viennent après : voisins avant pairs, la plus longue frontière, le pair le plus proche, puis "
    "le nom. Pour un groupement de commandes, seuls ceux qui posent le thème. Aucune note, aucun "
    "calcul caché."
)
UNKNOWN_NOTE = (
    "« Aucun organisme connu » veut dire que le corpus n’en cite pas, non que le territoire n’est "
    "pas servi : le demander est le premier pas."
)
_MAX_NAMED = 3


def organisation_reasons(
    territory: pd.Series,
    links_by_kind: Mapping[str, pd.DataFrame],
    nearby: pd.DataFrame,
    stated: int,
    deduced: int,
) -> list[str]:
    """List how an organisation is linked to the territory and nearby, strongest link first."""
    territory_name = curly_apostrophes(territory["nom_article"])
    reasons = []
    if len(links_by_kind["direct"]):
        reasons.append(
            f"Déjà en lien avec {territory_name} : {_describe_links(links_by_kind['direct'])}."
        )
    for enclosing_name, enclosing_links in links_by_kind["englobant"].groupby(
        "via_nom", sort=False
    ):
        reasons.append(
            f"En lien avec un territoire qui contient "
            f"{territory_name}, {curly_apostrophes(enclosing_name)} : "
            f"{_describe_links(enclosing_links)} ; "
            "aucune source ne dit s’il est desservi lui-même."
        )
    if len(links_by_kind["interieurs"]):
        inner_territories = (
            links_by_kind["interieurs"]
            .drop_duplicates("cle")
            .sort_values(["population", "cle"], ascending=[False, True])
        )
        reasons.append(
            f"En lien avec {pluralize(len(inner_territories), 'territoire')} à l’intérieur"
            f"{_describe_deduced(links_by_kind['interieurs'])}"
            f" : {_format_names(inner_territories['nom'])}."
        )
    for column, links, order, format_distance in (
        ("voisin", "voisins", ["frontiere_km", "nom"],
         lambda row: _format_border(row.frontiere_km)),
        ("pair", "pairs", ["distance", "nom"],
         lambda row: f"à {_format_deviation(row.distance)}"),
    ):  # fmt: skip
        group = nearby[nearby[column]]
        linked = group[group.index.isin(links_by_kind[links]["cle"])]
        # the longest border first, the nearest peer first
        linked = linked.sort_values(order, ascending=[column == "pair", True])
        if len(linked):
            names = [
                f"{curly_apostrophes(row.nom)} ({format_distance(row)})"
                for row in iterate_rows(linked)
            ]
            reasons.append(
                f"En lien avec {_describe_count(linked, group, column)}"
                f"{_describe_deduced(links_by_kind[links])} : {_format_names(names)}."
            )
    certainties = pd.concat([rows["certitude"] for rows in links_by_kind.values()])
    if len(certainties) and STATED not in set(certainties):
        reasons.append("Liens déduits : aucune source ne les énonce en toutes lettres.")
    reasons.append(f"En tout, pour ce besoin : {format_certainty_counts(stated, deduced)}.")
    return reasons


def served_peer_reasons(row: object, links: pd.DataFrame) -> list[str]:
    """List how a neighbour or peer is near, and the organisations it is linked to."""
    return [
        *_describe_nearness(row),
        *(
            f"Déjà en lien avec {curly_apostrophes(organisation_name)}"
            f" : {_describe_links(organisation_links)}."
            for organisation_name, organisation_links in links.groupby("organisme", sort=False)
        ),
    ]


def unserved_peer_reasons(row: object, themes: list[str]) -> list[str]:
    """List how a neighbour or peer without a known organisation is near, and its themes."""
    theme_names = join_words(f"« {code_label('themes', code)} »" for code in themes)
    theme_sentence = (
        f"Pose {'le thème' if len(themes) == 1 else 'les thèmes'} {theme_names} dans une stratégie "
        "qui n’est pas terminée."
    )
    return [*_describe_nearness(row), theme_sentence, "Aucun organisme connu pour ce besoin."]


def _describe_nearness(row: object) -> list[str]:
    reasons = []
    if row.voisin:
        reasons.append(f"Voisin : {_format_border(row.frontiere_km)} en commun.")
    if row.pair:
        reasons.append(f"Pair par la structure : à {_format_deviation(row.distance)} en moyenne.")
    return reasons


def _describe_deduced(links: pd.DataFrame) -> str:
    """Describe how many of some linked territories are only deduced: `, dont 16 déduits`."""
    stated, deduced = count_by_certainty(links)
    if not deduced:
        return ""
    return f", dont {pluralize(deduced, 'déduit')}" if stated + deduced > 1 else " (déduit)"


def _describe_links(links: pd.DataFrame) -> str:
    """Describe some links: `membre et bénéficiaire (Cybersécurité), depuis 2012, lien déduit`."""
    roles = join_words(
        code_label("roles", code).lower() for code in sort_codes("roles", links["role"])
    )
    services = ", ".join(code_labels("services", links["service"]))
    first_year = links["annee_debut"].min()
    year_text = "" if pd.isna(first_year) else f", depuis {int(first_year)}"
    doubt_text = format_doubt(links["certitude"])
    return f"{roles} ({services}){year_text}{f', {doubt_text}' if doubt_text else ''}"


def _format_names(names: object) -> str:
    """Join a few names and count the rest."""
    return first_few([curly_apostrophes(name) for name in names], _MAX_NAMED)


def _describe_count(linked: pd.DataFrame, all_territories: pd.DataFrame, noun: str) -> str:
    """Describe `un voisin sur 6`, `3 voisins sur 6`, `son seul voisin`."""
    if len(all_territories) == 1:
        return f"son seul {noun}"
    return f"{pluralize(len(linked), noun)} sur {format_number(len(all_territories))}"


def _format_border(length: float) -> str:
    length_text = format_number(length, 1 if length < 10 else 0)
    return f"frontière de {length_text if length >= 0.05 else 'moins de 0,1'}{NBSP}km"


def _format_deviation(distance: float) -> str:
    return f"{format_number(distance, 2 if distance < 0.1 else 1)}{NBSP}écart-type"


def nobody_open(territory: pd.Series, examples: bool) -> str:
    """Return the sentence used when no organisation is known to be open to the territory."""
    text = f"Aucun organisme ouvert {to_place(territory['nom_article'])} n’est connu"
    if examples:
        return f"{text} ; voici qui l’a fait ailleurs, à titre d’exemple."
    return f"{text}, et aucun exemple autour non plus."


def describe_question(territory: pd.Series, need_words: str) -> str:
    """Describe the question, « Avec qui mutualiser … ? », without a gender of the territory."""
    return capitalize_first(
        f"{curly_apostrophes(territory['nom_article'])} : avec qui mutualiser {need_words} ?"
    )
