"""Candidates to pool a service with: open organisations, and examples, each with reasons.

An organisation is proposed only when its recorded area and openness allow it (`openness`); the rest
are examples. No score: facts in columns, sentences made of these facts, and an order by a rule that
is stated (`matching_reasons.RANKING_NOTE`). No known organisation does not mean « not served ».
"""

from collections.abc import Collection, Iterable, Mapping

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
from comparisons.analysis.shared_services.openness import describe_openness, openness
from comparisons.analysis.shared_services.wording import count_by_certainty, sort_codes, unambiguous
from comparisons.database.cache import cached
from comparisons.database.connection import query
from comparisons.queries.competences import same_duty
from comparisons.queries.territories import load_territories
from comparisons.rows import iterate_rows
from comparisons.schema.model import vocabulary_codes
from comparisons.schema.registry import table_columns

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


@cached
def find_partners(key: str, service: str = "", theme: str = "") -> pd.DataFrame:
    """Find candidates with which a territory could pool a service or the services of a theme.

    What is the duty of another level is never proposed (`competences.same_duty`). Raises
    `ValueError` (in French) for an unknown territory, service or theme, or without a need.

    Returns one row per candidate, in the order of the rule (`ordre` from 1): `liste` (of `LISTS`),
    `sorte` (`organisme`; `servi` or `meme_besoin`, a territory), `cle` (of a territory) or
    `partenaire_id`, `nom`, `forme`, `ouvert_a` and `aire_couvre` (of an organisation), `raisons`
    (French sentences), then the facts: of an organisation, whether it is linked to the territory
    (`direct`), to one that contains it (`englobant`), to how many inside it, neighbours and peers
    (`interieurs`, `voisins`, `pairs`), and territories in all, those that a source states
    (`nb_cites`) and the others (`nb_deduits`); of a territory, whether it is a neighbour or peer
    (`voisins`, `pairs`: 0 or 1) and sets a theme of the need in a strategy that is not over
    (`theme_en_cours`); `frontiere_km` shared (in all, for an organisation) and `distance` of
    structure (of the nearest peer, for an organisation), missing where there is none; `certitude`
    of the links (stated when all are, missing without any), `roles`, `services`, `organismes`
    (ids), `source_ids`.
    """
    need = parse_need(service, theme)
    territory = load_territories((key,))
    if territory.empty:
        raise ValueError(f"« {key} » n’est pas un territoire connu.")
    territory = territory.iloc[0]
    nearby, links = nearby_territories(key), direct_links()
    links = same_duty(links[links["service"].isin(need.services)], key)
    territory_links = links_of(key)
    territory_links = territory_links[territory_links["service"].isin(need.services)]
    rows = [
        *_organisation_candidates(
            territory,
            nearby,
            member_territories(key),
            links,
            territory_links,
            openness(key),
        ),
        *_served_candidates(nearby, links),
        *_unserved_candidates(nearby, links, need),
    ]
    table = pd.DataFrame([{"ordre": rank, **row} for rank, row in enumerate(rows, 1)])
    return table.reindex(columns=list(COLUMNS))


@cached
def partners_by_service(key: str) -> pd.DataFrame:
    """Return who could welcome a territory, service by service, as `find_partners` finds them.

    Returns the columns of `accueil_par_besoin`: services for which an organisation is open first,
    then those for which one is linked, in the order of the vocabulary. Raises `ValueError` for a
    key that is not one.
    """
    status, links, own_links = openness(key), same_duty(direct_links(), key), links_of(key)
    open_ids = set(status.index[status["ouvert"]])
    rows = []
    for service in vocabulary_codes("services"):
        known = set(links.loc[links["service"] == service, "partenaire_id"])
        is_own = (own_links["service"] == service) & (own_links["lien"] == DIRECT)
        linked = set(own_links.loc[is_own, "partenaire_id"])
        welcoming = known & open_ids
        others = len(known - welcoming - linked)
        rows.append((service, sorted(welcoming), sorted(linked), others))
    rows.sort(key=lambda row: (not row[1], not row[2]))
    return pd.DataFrame(rows, columns=table_columns("accueil_par_besoin"))


def _organisation_candidates(
    territory: pd.Series,
    nearby: pd.DataFrame,
    inner_keys: Collection[str],
    links: pd.DataFrame,
    territory_links: pd.DataFrame,
    organisation_openness: pd.DataFrame,
) -> list[dict]:
    """Return rows of organisations open to the territory, or linked to it or to nearby ones."""
    neighbour_keys = nearby.index[nearby["voisin"]]
    peer_keys = nearby.index[nearby["pair"]]
    nearby_links = links[
        links["cle"].isin({territory["cle"], *inner_keys, *neighbour_keys, *peer_keys})
    ]
    open_ids = links.loc[
        links["partenaire_id"].isin(organisation_openness.index[organisation_openness["ouvert"]]),
        "partenaire_id",
    ]
    candidates = []
    for organisation_id in dict.fromkeys(
        [*territory_links["partenaire_id"], *nearby_links["partenaire_id"], *open_ids]
    ):
        links_by_kind = _links_by_kind(
            territory_links[territory_links["partenaire_id"] == organisation_id],
            nearby_links[nearby_links["partenaire_id"] == organisation_id],
            {"interieurs": inner_keys, "voisins": neighbour_keys, "pairs": peer_keys},
        )
        all_links = links[links["partenaire_id"] == organisation_id]
        close_links = pd.concat(links_by_kind.values())
        cited_links = (close_links if len(close_links) else all_links).drop_duplicates(
            ["cle", "service", "role", "source_id"]
        )
        stated, deduced = count_by_certainty(all_links)
        status = organisation_openness.loc[organisation_id]
        counts = {name: rows["cle"].nunique() for name, rows in links_by_kind.items()}
        neighbours = nearby.loc[sorted(set(links_by_kind["voisins"]["cle"]))]
        candidate = {
            "liste": _choose_list(status["ouvert"], counts["direct"] > 0),
            "sorte": ORGANISATION,
            "partenaire_id": organisation_id,
            "nom": status["nom"],
            "forme": status["forme"],
            "ouvert_a": status["ouvert_a"],
            "aire_couvre": bool(status["aire_couvre"]) if status["aire_connue"] else None,
            "raisons": [
                describe_openness(status, territory["nom_article"]),
                *matching_reasons.organisation_reasons(
                    territory, links_by_kind, nearby, stated, deduced
                ),
            ],
            **counts,
            "direct": counts["direct"] > 0,
            "englobant": counts["englobant"] > 0,
            "frontiere_km": _positive_or_missing(neighbours["frontiere_km"].sum()),
            "distance": nearby.loc[sorted(set(links_by_kind["pairs"]["cle"])), "distance"].min(),
            "nb_cites": stated,
            "nb_deduits": deduced,
            **_summarise_links(cited_links),
        }
        candidates.append(candidate)
    return sorted(candidates, key=_organisation_sort_key)


def _links_by_kind(
    territory_links: pd.DataFrame,
    nearby_links: pd.DataFrame,
    keys_by_kind: Mapping[str, Collection[str]],
) -> dict[str, pd.DataFrame]:
    """Return the links of an organisation by whom they are to."""
    is_direct = territory_links["lien"] == DIRECT
    return {
        "direct": territory_links[is_direct],
        "englobant": territory_links[~is_direct],
        **{
            kind: nearby_links[nearby_links["cle"].isin(keys)]
            for kind, keys in keys_by_kind.items()
        },
    }


def _choose_list(is_open: bool, is_linked: bool) -> str:
    """Return the list (of `LISTS`) in which an organisation is displayed."""
    if is_open:
        return HOSTS
    return LINKED if is_linked else EXAMPLES


def _organisation_sort_key(row: dict | pd.Series) -> tuple:
    """Return the sort key of an organisation: `matching_reasons.RANKING_NOTE`, term by term."""
    return (
        LISTS.index(row["liste"]),
        not row["direct"],
        not row["englobant"],
        -row["interieurs"],
        -row["voisins"],
        -row["pairs"],
        -_value_or_default(row["frontiere_km"], 0.0),
        _value_or_default(row["distance"], float("inf")),
        row["certitude"] != "explicite",
        -row["nb_cites"],
        row["nom"],
        row["partenaire_id"],
    )


def _served_candidates(nearby: pd.DataFrame, links: pd.DataFrame) -> list[dict]:
    """Return rows of the neighbours and peers linked to an organisation for the need."""
    candidates = []
    for row in iterate_rows(nearby[nearby.index.isin(links["cle"])]):
        territory_links = links[links["cle"] == row.Index]
        candidates.append(
            {
                **_territory_facts(row),
                "liste": EXAMPLES,
                "sorte": SERVED_PEER,
                **_summarise_links(territory_links),
                "raisons": matching_reasons.served_peer_reasons(row, territory_links),
            }
        )
    return sorted(candidates, key=_territory_sort_key)


def _unserved_candidates(nearby: pd.DataFrame, links: pd.DataFrame, need: Need) -> list[dict]:
    """Return rows of neighbours and peers without a known organisation that set the theme."""
    unlinked = nearby[~nearby.index.isin(links["cle"])]
    themes_by_key = _themes_by_key(unlinked.index, need.themes)
    candidates = []
    for row in iterate_rows(unlinked):
        themes = themes_by_key.get(row.Index, [])
        if not themes:
            continue
        candidates.append({**_territory_facts(row), "liste": TOGETHER, "sorte": UNSERVED_PEER,
                      "theme_en_cours": True,
                      "roles": [], "services": [], "organismes": [], "source_ids": [],
                      "raisons": matching_reasons.unserved_peer_reasons(row, themes)})  # fmt: skip
    return sorted(candidates, key=_territory_sort_key)


def _territory_sort_key(row: dict | pd.Series) -> tuple:
    """Return the sort key of a neighbour or peer: `RANKING_NOTE`, term by term."""
    return (
        -row["voisins"],
        not _value_or_default(row.get("theme_en_cours"), False),
        -_value_or_default(row["frontiere_km"], 0.0),
        _value_or_default(row["distance"], float("inf")),
        row["nom"],
        row["cle"],
    )


def _territory_facts(row: object) -> dict:
    return {
        "cle": row.Index,
        "nom": row.nom,
        "voisins": int(row.voisin),
        "pairs": int(row.pair),
        "frontiere_km": row.frontiere_km,
        "distance": row.distance,
    }


def _themes_by_key(keys: Iterable[str], themes: tuple[str, ...]) -> dict[str, list[str]]:
    """Return which of some themes each territory sets in a strategy that is not over."""
    rows = query(
        """
        SELECT cle(territoire_niveau, territoire_code) AS cle, list(theme) AS themes
        FROM priorites_par_theme
        WHERE presence_en_cours AND list_contains($themes, theme)
          AND list_contains($keys, cle(territoire_niveau, territoire_code))
        GROUP BY cle
        """,
        {"keys": list(keys), "themes": list(themes)},
    )
    return {row.cle: sort_codes("themes", row.themes) for row in iterate_rows(rows)}


def _summarise_links(links: pd.DataFrame) -> dict:
    """Return the summary of links: certainty, roles, services, organisations, sources."""
    return {
        "certitude": unambiguous(links["certitude"]),
        "roles": sort_codes("roles", links["role"]),
        "services": sort_codes("services", links["service"]),
        "organismes": sorted(set(links["partenaire_id"])),
        "source_ids": sorted(set(links["source_id"])),
    }


def _value_or_default(value: object, default: object) -> object:
    return default if value is None or pd.isna(value) else value


def _positive_or_missing(total: float) -> float:
    return float(total) if total > 0 else float("nan")
