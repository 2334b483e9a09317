"""With whom to pool: who can be joined, and apart, who did it elsewhere, each with its reasons.

A body is proposed only when its recorded area and openness say so (`openness`); the rest are
examples. No score: facts in columns, sentences made of these facts, and an order by a rule that is
stated (`matching_reasons.ORDER_RULE`). « No body known » is never « not served ».
"""

from collections.abc import Collection, Iterable

import pandas as pd

from comparisons.analysis.shared_services import matching_reasons
from comparisons.analysis.shared_services.links import DIRECT
from comparisons.analysis.shared_services.nearby import (
    direct_links,
    links_of,
    member_territories,
    nearby_territories,
)
from comparisons.analysis.shared_services.needs import Need, parse_need
from comparisons.analysis.shared_services.openness import openness, openness_words
from comparisons.analysis.shared_services.wording import sort_codes, told_apart, unambiguous
from comparisons.database.connection import dataset_metadata, query
from comparisons.queries.territories import load_territories
from comparisons.schema.territory import parse_key

ORGANISATION, SERVED_PEER, UNSERVED_PEER = "organisme", "servi", "meme_besoin"
HOSTS = "Peut vous accueillir"
LINKED = "Déjà en lien avec vous"
EXAMPLES = "Exemples ailleurs"
TOGETHER = "Même besoin, pour un groupement de commandes"
LISTS = (HOSTS, LINKED, EXAMPLES, TOGETHER)
COLUMNS = (
    "ordre", "liste", "sorte", "cle", "partenaire_id", "nom", "forme", "ouvert_a", "aire_couvre",
    "raisons", "direct", "englobant", "interieurs", "voisins", "pairs", "frontiere_km", "distance",
    "nb_cites", "nb_deduits", "certitude", "theme_en_cours", "roles", "services", "organismes",
    "source_ids",
)  # fmt: skip


def find_partners(key: str, service: str = "", theme: str = "") -> pd.DataFrame:
    """Find with whom a territory could pool a service, or the services of a theme.

    Raises `ValueError` (in French) for an unknown territory, service or theme, or without a need.

    Returns one row per candidate, in the order of the rule (`ordre` from 1): `liste` (of `LISTS`),
    `sorte` (`organisme`; `servi` or `meme_besoin`, a territory), `cle` (of a territory) or
    `partenaire_id`, `nom`, `forme`, `ouvert_a` and `aire_couvre` (of a body), `raisons` (French
    sentences), then the facts: of a body, whether it is linked to the territory (`direct`), to one
    that contains it (`englobant`), to how many inside it, neighbours and peers (`interieurs`,
    `voisins`, `pairs`), and territories in all, those that a source states (`nb_cites`) and the
    others (`nb_deduits`); of a territory, whether it is a neighbour or peer (`voisins`, `pairs`: 0
    or 1) and sets a theme of the need in a strategy that is not over (`theme_en_cours`);
    `frontiere_km` shared (in all, for a body) and `distance` of structure (of the nearest peer, for
    a body), missing where there is none; `certitude` of the links (stated when all are, missing
    without any), `roles`, `services`, `organismes` (ids), `source_ids`.
    """
    wanted = parse_need(service, theme)
    own = load_territories([parse_key(key)])
    if own.empty:
        raise ValueError(f"« {key} » n’est pas un territoire connu.")
    own = own.iloc[0]
    version = str(dataset_metadata()["version"])
    near, links = nearby_territories(version, key), direct_links(version)
    links = links[links["service"].isin(wanted.services)]
    mine = links_of(version, key)
    mine = mine[mine["service"].isin(wanted.services)]
    rows = [
        *_bodies(own, near, member_territories(version, key), links, mine, openness(version, key)),
        *_served(near, links),
        *_alike(near, links, wanted),
    ]
    table = pd.DataFrame([{"ordre": place, **row} for place, row in enumerate(rows, 1)])
    return table.reindex(columns=list(COLUMNS))


def _bodies(
    own: pd.Series,
    around: pd.DataFrame,
    inside: Collection[str],
    links: pd.DataFrame,
    mine: pd.DataFrame,
    opened: pd.DataFrame,
) -> list[dict]:
    """Return the bodies open to the territory, then those linked to it or to what is around it."""
    near = around.index[around["voisin"]]
    alike = around.index[around["pair"]]
    relevant = links[links["cle"].isin({own["cle"], *inside, *near, *alike})]
    hosts = links.loc[links["partenaire_id"].isin(opened.index[opened["ouvert"]]), "partenaire_id"]
    found = []
    for body in dict.fromkeys([*mine["partenaire_id"], *relevant["partenaire_id"], *hosts]):
        part = relevant[relevant["partenaire_id"] == body]
        wider = mine[(mine["partenaire_id"] == body) & (mine["lien"] != DIRECT)]
        ties = {
            "direct": mine[(mine["partenaire_id"] == body) & (mine["lien"] == DIRECT)],
            "englobant": wider,
            "interieurs": part[part["cle"].isin(inside)],
            "voisins": part[part["cle"].isin(near)],
            "pairs": part[part["cle"].isin(alike)],
        }
        every = links[links["partenaire_id"] == body]
        near_ties = pd.concat(ties.values())
        said = (near_ties if len(near_ties) else every).drop_duplicates(
            ["cle", "service", "role", "source_id"]
        )
        stated, deduced = told_apart(every)
        status = opened.loc[body]
        counts = {name: rows["cle"].nunique() for name, rows in ties.items()}
        neighbours = around.loc[sorted(set(ties["voisins"]["cle"]))]
        row = {
            "liste": _list_of(status["ouvert"], counts["direct"] > 0),
            "sorte": ORGANISATION,
            "partenaire_id": body,
            "nom": status["nom"],
            "forme": status["forme"],
            "ouvert_a": status["ouvert_a"],
            "aire_couvre": bool(status["aire_couvre"]) if status["aire_connue"] else None,
            "raisons": [
                openness_words(status, own["nom_article"]),
                *matching_reasons.organisation_reasons(own, ties, around, stated, deduced),
            ],
            **counts,
            "direct": counts["direct"] > 0,
            "englobant": counts["englobant"] > 0,
            "frontiere_km": _or_missing(neighbours["frontiere_km"].sum()),
            "distance": around.loc[sorted(set(ties["pairs"]["cle"])), "distance"].min(),
            "nb_cites": stated,
            "nb_deduits": deduced,
            **_lists(said),
        }
        found.append(row)
    return sorted(found, key=organisation_sort_key)


def _list_of(opened: bool, linked: bool) -> str:
    """Return the list of a body: it can be joined, one is already in it, or it is an example."""
    if opened:
        return HOSTS
    return LINKED if linked else EXAMPLES


def organisation_sort_key(row: dict | pd.Series) -> tuple:
    """Return the place of a body: `matching_reasons.ORDER_RULE`, term by term."""
    return (
        LISTS.index(row["liste"]),
        not row["direct"],
        not row["englobant"],
        -row["interieurs"],
        -row["voisins"],
        -row["pairs"],
        -_known(row["frontiere_km"], 0.0),
        _known(row["distance"], float("inf")),
        row["certitude"] != "explicite",
        -row["nb_cites"],
        row["nom"],
        row["partenaire_id"],
    )


def _served(around: pd.DataFrame, links: pd.DataFrame) -> list[dict]:
    """Return the neighbours and peers that are linked to a body, and to which."""
    found = []
    for row in around[around.index.isin(links["cle"])].itertuples():
        ties = links[links["cle"] == row.Index]
        found.append({**_territory(row), "liste": EXAMPLES, "sorte": SERVED_PEER, **_lists(ties),
                      "raisons": matching_reasons.served_peer_reasons(row, ties)})  # fmt: skip
    return sorted(found, key=territory_sort_key)


def _alike(around: pd.DataFrame, links: pd.DataFrame, wanted: Need) -> list[dict]:
    """Return the neighbours and peers without a known body whose strategy shows the need."""
    others = around[~around.index.isin(links["cle"])]
    setting = _setting(others.index, wanted.themes)
    found = []
    for row in others.itertuples():
        themes = setting.get(row.Index, [])
        if not themes:
            continue
        found.append({**_territory(row), "liste": TOGETHER, "sorte": UNSERVED_PEER,
                      "theme_en_cours": True,
                      "roles": [], "services": [], "organismes": [], "source_ids": [],
                      "raisons": matching_reasons.unserved_peer_reasons(row, themes)})  # fmt: skip
    return sorted(found, key=territory_sort_key)


def territory_sort_key(row: dict | pd.Series) -> tuple:
    """Return the place of a neighbour or peer: `matching_reasons.ORDER_RULE`, term by term."""
    return (
        -row["voisins"],
        not _known(row.get("theme_en_cours"), False),
        -_known(row["frontiere_km"], 0.0),
        _known(row["distance"], float("inf")),
        row["nom"],
        row["cle"],
    )


def _territory(row: object) -> dict:
    return {
        "cle": row.Index,
        "nom": row.nom,
        "voisins": int(row.voisin),
        "pairs": int(row.pair),
        "frontiere_km": row.frontiere_km,
        "distance": row.distance,
    }


def _setting(keys: Iterable[str], themes: tuple[str, ...]) -> dict[str, list[str]]:
    """Return which of some themes each territory sets in a strategy that is not over."""
    rows = query(
        """
        SELECT territoire_niveau || '-' || territoire_code AS cle, list(theme) AS themes
        FROM priorites_par_theme
        WHERE presence_en_cours AND list_contains($themes, theme)
          AND list_contains($keys, territoire_niveau || '-' || territoire_code)
        GROUP BY cle
        """,
        {"keys": list(keys), "themes": list(themes)},
    )
    return {row.cle: sort_codes("themes", row.themes) for row in rows.itertuples()}


def _lists(ties: pd.DataFrame) -> dict:
    """Sum up some links: how sure, which roles, services, bodies, sources."""
    return {
        "certitude": unambiguous(ties["certitude"]),
        "roles": sort_codes("roles", ties["role"]),
        "services": sort_codes("services", ties["service"]),
        "organismes": sorted(set(ties["partenaire_id"])),
        "source_ids": sorted(set(ties["source_id"])),
    }


def _known(value: object, otherwise: object) -> object:
    return otherwise if value is None or pd.isna(value) else value


def _or_missing(total: float) -> float:
    return float(total) if total > 0 else float("nan")
