"""Why a body, a neighbour or a peer is a candidate: sentences made of the facts in the columns."""

from collections.abc import Mapping

import pandas as pd

from comparisons.format import label
from comparisons.pooling.words import in_order, labels, sure
from comparisons.text import (
    NBSP,
    capitalised,
    enumeration,
    number,
    plural,
    typographic,
)

ORDER_RULE = (
    "Ordre des organismes : d’abord ceux qui ont déjà un lien avec le territoire, puis avec un "
    "territoire qui le contient ; puis selon le nombre de territoires reliés, d’abord à "
    "l’intérieur, puis parmi les voisins, puis parmi les pairs ; à égalité, la plus longue "
    "frontière commune avec les voisins reliés, le pair le plus proche, un lien énoncé avant un "
    "lien déduit, le plus de territoires reliés en tout, puis le nom. Les territoires viennent "
    "après : voisins avant pairs, ceux qui posent le thème d’abord, la plus longue frontière, le "
    "pair le plus proche, puis le nom. Aucune note, aucun calcul caché."
)
UNKNOWN_IS_NOT_NO = (
    "« Aucun organisme connu » veut dire que le corpus n’en cite pas, non que le territoire n’est "
    "pas servi : le demander est le premier pas."
)
MAX_NAMED = 3


def body_reasons(
    own: pd.Series, ties: Mapping[str, pd.DataFrame], around: pd.DataFrame, everybody: int
) -> list[str]:
    """Say why a body is a candidate, the strongest reason first."""
    whom = typographic(own["nom_article"])
    said = []
    if len(ties["direct"]):
        said.append(f"Déjà en lien avec {whom} : {_link(ties['direct'])}.")
    for via, part in ties["englobant"].groupby("via_nom", sort=False):
        said.append(
            f"En lien avec un territoire qui contient {whom}, {typographic(via)} : {_link(part)} ; "
            "aucune source ne dit s’il est desservi lui-même."
        )
    if len(ties["interieurs"]):
        inside = ties["interieurs"].drop_duplicates("cle").sort_values(
            ["population", "cle"], ascending=[False, True]
        )  # fmt: skip
        said.append(
            f"En lien avec {plural(len(inside), 'territoire')} à l’intérieur : "
            f"{_named(inside['nom'])}."
        )
    near = around[around["voisin"]]
    linked = near[near.index.isin(ties["voisins"]["cle"])].sort_values(
        ["frontiere_km", "nom"], ascending=[False, True]
    )
    if len(linked):
        named = [f"{typographic(row.nom)} ({_border(row.frontiere_km)})"
                 for row in linked.itertuples()]  # fmt: skip
        said.append(f"En lien avec {_of(linked, near, 'voisin')} : {_named(named)}.")
    alike = around[around["pair"]]
    linked = alike[alike.index.isin(ties["pairs"]["cle"])].sort_values(["distance", "nom"])
    if len(linked):
        named = [f"{typographic(row.nom)} (à {_deviation(row.distance)})"
                 for row in linked.itertuples()]  # fmt: skip
        said.append(f"En lien avec {_of(linked, alike, 'pair')} : {_named(named)}.")
    certainties = pd.concat([rows["certitude"] for rows in ties.values()])
    if sure(certainties) == "deduit":
        said.append("Liens déduits : aucune source ne les énonce en toutes lettres.")
    said.append(f"En tout, {plural(everybody, 'territoire relié', 'territoires reliés')} connu"
                f"{'s' if everybody > 1 else ''} pour ce besoin.")  # fmt: skip
    return said


def served_reasons(row: object, ties: pd.DataFrame) -> list[str]:
    """Say how a neighbour or peer is near, and with whom it already pools."""
    return [
        *_nearness(row),
        *(f"Déjà en lien avec {typographic(body)} : {_link(part)}."
          for body, part in ties.groupby("organisme", sort=False)),
    ]  # fmt: skip


def alike_reasons(row: object, themes: list[str]) -> list[str]:
    """Say how a neighbour or peer without a known body is near, and whether it has the need."""
    if themes:
        listed = enumeration(f"« {label('themes', code)} »" for code in themes)
        shown = (
            f"Pose {'le thème' if len(themes) == 1 else 'les thèmes'} {listed} dans une stratégie "
            "qui n’est pas terminée."
        )
    else:
        shown = "Rien ne dit s’il a ce besoin : à demander."
    return [*_nearness(row), shown, "Aucun organisme connu pour ce besoin."]


def _nearness(row: object) -> list[str]:
    said = []
    if row.voisin:
        said.append(f"Voisin : {_border(row.frontiere_km)} en commun.")
    if row.pair:
        said.append(f"Pair par la structure : à {_deviation(row.distance)} en moyenne.")
    return said


def _link(ties: pd.DataFrame) -> str:
    """Say some links: `membre et bénéficiaire (Cybersécurité), depuis 2012, lien déduit`."""
    roles = enumeration(label("roles", code).lower() for code in in_order("roles", ties["role"]))
    services = ", ".join(labels("services", ties["service"]))
    since = ties["annee_debut"].min()
    when = "" if pd.isna(since) else f", depuis {int(since)}"
    unsure = ", lien déduit" if sure(ties["certitude"]) == "deduit" else ""
    return f"{roles} ({services}){when}{unsure}"


def _named(names: object) -> str:
    """Name a few and count the rest."""
    names = [typographic(name) for name in names]
    rest = len(names) - MAX_NAMED
    if rest <= 0:
        return enumeration(names)
    return enumeration([*names[:MAX_NAMED], f"{number(rest)} autre{'s' if rest > 1 else ''}"])


def _of(linked: pd.DataFrame, all_: pd.DataFrame, noun: str) -> str:
    """Say `un voisin sur 6`, `3 voisins sur 6`, `son seul voisin`."""
    if len(all_) == 1:
        return f"son seul {noun}"
    return f"{plural(len(linked), noun)} sur {number(len(all_))}"


def _border(length: float) -> str:
    written = number(length, 1 if length < 10 else 0)
    return f"frontière de {written if length >= 0.05 else 'moins de 0,1'}{NBSP}km"


def _deviation(distance: float) -> str:
    return f"{number(distance, 2 if distance < 0.1 else 1)}{NBSP}écart-type"


def heading(own: pd.Series, need_words: str) -> str:
    """Say the question: « Avec qui l’Ille-et-Vilaine peut-elle mutualiser … ? » without gender."""
    return capitalised(f"{typographic(own['nom_article'])} : avec qui mutualiser {need_words} ?")
