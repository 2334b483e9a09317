"""Why a body, a neighbour or a peer is a candidate: sentences made of the facts in the columns."""

from collections.abc import Mapping

import pandas as pd

from comparisons.analysis.shared_services.openness import to
from comparisons.analysis.shared_services.wording import (
    STATED,
    code_labels,
    doubt,
    sort_codes,
    told_apart,
    told_words,
)
from comparisons.formatting import (
    NBSP,
    capitalize_first,
    curly_apostrophes,
    format_number,
    join_words,
    pluralize,
)
from comparisons.schema.model import code_label

ORDER_RULE = (
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
MAX_NAMED = 3


def organisation_reasons(
    own: pd.Series,
    ties: Mapping[str, pd.DataFrame],
    around: pd.DataFrame,
    stated: int,
    deduced: int,
) -> list[str]:
    """Describe how a body is linked to the territory and around it, the strongest link first."""
    whom = curly_apostrophes(own["nom_article"])
    said = []
    if len(ties["direct"]):
        said.append(f"Déjà en lien avec {whom} : {_link(ties['direct'])}.")
    for via, part in ties["englobant"].groupby("via_nom", sort=False):
        said.append(
            f"En lien avec un territoire qui contient {whom}, {curly_apostrophes(via)} : "
            f"{_link(part)} ; "
            "aucune source ne dit s’il est desservi lui-même."
        )
    if len(ties["interieurs"]):
        inside = ties["interieurs"].drop_duplicates("cle").sort_values(
            ["population", "cle"], ascending=[False, True]
        )  # fmt: skip
        said.append(
            f"En lien avec {pluralize(len(inside), 'territoire')} à l’intérieur"
            f"{_deduced(ties['interieurs'])} : {_named(inside['nom'])}."
        )
    near = around[around["voisin"]]
    linked = near[near.index.isin(ties["voisins"]["cle"])].sort_values(
        ["frontiere_km", "nom"], ascending=[False, True]
    )
    if len(linked):
        named = [f"{curly_apostrophes(row.nom)} ({_border(row.frontiere_km)})"
                 for row in linked.itertuples()]  # fmt: skip
        said.append(f"En lien avec {_of(linked, near, 'voisin')}{_deduced(ties['voisins'])} : "
                    f"{_named(named)}.")  # fmt: skip
    alike = around[around["pair"]]
    linked = alike[alike.index.isin(ties["pairs"]["cle"])].sort_values(["distance", "nom"])
    if len(linked):
        named = [f"{curly_apostrophes(row.nom)} (à {_deviation(row.distance)})"
                 for row in linked.itertuples()]  # fmt: skip
        said.append(f"En lien avec {_of(linked, alike, 'pair')}{_deduced(ties['pairs'])} : "
                    f"{_named(named)}.")  # fmt: skip
    certainties = pd.concat([rows["certitude"] for rows in ties.values()])
    if len(certainties) and STATED not in set(certainties):
        said.append("Liens déduits : aucune source ne les énonce en toutes lettres.")
    said.append(f"En tout, pour ce besoin : {told_words(stated, deduced)}.")
    return said


def served_peer_reasons(row: object, ties: pd.DataFrame) -> list[str]:
    """Describe how a neighbour or peer is near, and with whom it already pools."""
    return [
        *_nearness(row),
        *(f"Déjà en lien avec {curly_apostrophes(body)} : {_link(part)}."
          for body, part in ties.groupby("organisme", sort=False)),
    ]  # fmt: skip


def unserved_peer_reasons(row: object, themes: list[str]) -> list[str]:
    """Describe how a neighbour or peer without a known body is near, and what shows its need."""
    listed = join_words(f"« {code_label('themes', code)} »" for code in themes)
    shown = (
        f"Pose {'le thème' if len(themes) == 1 else 'les thèmes'} {listed} dans une stratégie "
        "qui n’est pas terminée."
    )
    return [*_nearness(row), shown, "Aucun organisme connu pour ce besoin."]


def _nearness(row: object) -> list[str]:
    said = []
    if row.voisin:
        said.append(f"Voisin : {_border(row.frontiere_km)} en commun.")
    if row.pair:
        said.append(f"Pair par la structure : à {_deviation(row.distance)} en moyenne.")
    return said


def _deduced(ties: pd.DataFrame) -> str:
    """Describe how many of some linked territories are only deduced: `, dont 16 déduits`."""
    stated, deduced = told_apart(ties)
    if not deduced:
        return ""
    return f", dont {pluralize(deduced, 'déduit')}" if stated + deduced > 1 else " (déduit)"


def _link(ties: pd.DataFrame) -> str:
    """Describe some links: `membre et bénéficiaire (Cybersécurité), depuis 2012, lien déduit`."""
    roles = join_words(
        code_label("roles", code).lower() for code in sort_codes("roles", ties["role"])
    )
    services = ", ".join(code_labels("services", ties["service"]))
    since = ties["annee_debut"].min()
    when = "" if pd.isna(since) else f", depuis {int(since)}"
    unsure = doubt(ties["certitude"])
    return f"{roles} ({services}){when}{f', {unsure}' if unsure else ''}"


def _named(names: object) -> str:
    """Join a few names and count the rest."""
    names = [curly_apostrophes(name) for name in names]
    rest = len(names) - MAX_NAMED
    if rest <= 0:
        return join_words(names)
    return join_words([*names[:MAX_NAMED], f"{format_number(rest)} autre{'s' if rest > 1 else ''}"])


def _of(linked: pd.DataFrame, all_: pd.DataFrame, noun: str) -> str:
    """Describe `un voisin sur 6`, `3 voisins sur 6`, `son seul voisin`."""
    if len(all_) == 1:
        return f"son seul {noun}"
    return f"{pluralize(len(linked), noun)} sur {format_number(len(all_))}"


def _border(length: float) -> str:
    written = format_number(length, 1 if length < 10 else 0)
    return f"frontière de {written if length >= 0.05 else 'moins de 0,1'}{NBSP}km"


def _deviation(distance: float) -> str:
    return f"{format_number(distance, 2 if distance < 0.1 else 1)}{NBSP}écart-type"


def nobody_open(own: pd.Series, examples: bool) -> str:
    """Describe that no body is known to be open to the territory, and what follows."""
    said = f"Aucun organisme ouvert {to(own['nom_article'])} n’est connu"
    if examples:
        return f"{said} ; voici qui l’a fait ailleurs, à titre d’exemple."
    return f"{said}, et aucun exemple autour non plus."


def describe_question(own: pd.Series, need_words: str) -> str:
    """Describe the question, « Avec qui mutualiser … ? », without a gender of the territory."""
    return capitalize_first(
        f"{curly_apostrophes(own['nom_article'])} : avec qui mutualiser {need_words} ?"
    )
