"""Who is competent for what: the services and themes that each level must, may or need not do."""

from collections.abc import Sequence

import pandas as pd

from comparisons.database.cache import cached
from comparisons.database.connection import query
from comparisons.rows import iterate_rows
from comparisons.schema.territory import LEVELS, parse_key

# School levels, in the order of pupils' ages from the oldest: one service is several bodies' duty.
DEGREES = {"lycees": "lycées", "colleges": "collèges", "ecoles": "écoles"}
DUTY, NOT_CONCERNED = "obligatoire", "sans_objet"


@cached(reference_only=True)
def competences() -> pd.DataFrame:
    """Return the table `competences`, whose `degre` is empty where a service is no school's."""
    rows = query(
        "SELECT * FROM competences ORDER BY list_position($levels, territoire_niveau)",
        {"levels": list(LEVELS)},
    )
    return rows.assign(degre=rows["degre"].fillna(""))


@cached(reference_only=True)
def _twin_levels() -> dict[str, frozenset[str]]:
    """Return the levels whose powers a territory has beside its own, by key.

    Twins have each other's (Corse, Paris …); the Métropole de Lyon has those of the département
    that has no authority there.
    """
    rows = query(
        """
        SELECT cle, list(DISTINCT niveau) AS niveaux FROM (
            SELECT cle(territoire_niveau, territoire_code) AS cle, jumeau_niveau AS niveau
            FROM jumeaux WHERE relation = 'vaut_pour'
            UNION ALL
            SELECT cle(jumeau_niveau, jumeau_code), territoire_niveau
            FROM jumeaux WHERE relation IN ('vaut_pour', 'hors')
        ) GROUP BY cle
        """
    )
    return {row.cle: frozenset(row.niveaux) for row in iterate_rows(rows)}


def levels_of_powers(key: str) -> tuple[str, ...]:
    """Return the levels whose powers a territory has: its own, then that of its twin."""
    own = parse_key(key).niveau
    return (own, *sorted(_twin_levels().get(key, frozenset()) - {own}))


def _service_rows(service: str) -> pd.DataFrame:
    rows = competences()
    is_service = (rows["objet_type"] == "service") & (rows["objet_code"] == service)
    return rows[is_service & (rows["competence"] != NOT_CONCERNED)]


def _duties_first(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows that are a duty; where none is, those that are possible."""
    duties = rows[rows["competence"] == DUTY]
    return duties if len(duties) else rows


@cached(reference_only=True)
def _degrees(service: str, levels: Sequence[str]) -> tuple[frozenset[str], frozenset[str]]:
    rows = _service_rows(service)
    rows = rows[rows["territoire_niveau"].isin(levels)]
    return frozenset(rows["degre"]), frozenset(_duties_first(rows)["degre"])


def degrees_of(service: str, key: str) -> frozenset[str]:
    """Return the school levels for which a territory must or may offer a service.

    {""} of a service that is no school's; nothing where the territory is not concerned.
    """
    return _degrees(service, levels_of_powers(key))[0]


def known_degrees(service: str, key: str) -> frozenset[str]:
    """Return the school levels that a known link of a territory is about: those of its duty.

    A département that may help écoles shares a service for its collèges, unless a source says more.
    """
    return _degrees(service, levels_of_powers(key))[1]


def same_duty(links: pd.DataFrame, key: str) -> pd.DataFrame:
    """Return the links (`service`, `cle`) that are about what a territory must or may do.

    A région's ENT, that of lycées, is no example for a commune, whose schools are écoles.
    """
    own_levels = levels_of_powers(key)
    levels = {other: levels_of_powers(other) for other in links["cle"].unique()}
    pairs = [
        (service, levels[other])
        for service, other in zip(links["service"], links["cle"], strict=True)
    ]
    is_same = {
        (service, theirs): bool(_degrees(service, own_levels)[0] & _degrees(service, theirs)[1])
        for service, theirs in set(pairs)
    }
    return links[pd.Series([is_same[pair] for pair in pairs], links.index, dtype=bool)]


def responsible_rows(service: str, degree: str) -> pd.DataFrame:
    """Return the rows of the levels whose duty a service is; where it is nobody's, who may."""
    rows = _service_rows(service)
    return _duties_first(rows[rows["degre"] == degree])
