"""Directory of the organisations that pool digital means, with filters.

Filters choose organisations; they never change what is said of one.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from comparisons.analysis.shared_services.links import OWN_LINKS_SQL
from comparisons.analysis.shared_services.wording import code_labels, sort_codes
from comparisons.database.cache import cached
from comparisons.database.connection import query
from comparisons.formatting import is_missing
from comparisons.queries.partners import IN_USE, communes_in_areas
from comparisons.queries.territories import communes_by_territory
from comparisons.rows import iterate_rows
from comparisons.schema.model import code_label
from comparisons.schema.territory import parse_key
from comparisons.search.names import NameIndex, build_names, named_words

# weights of the words of an organisation: its names, what it offers and is, where it is and serves
_WEIGHTS = {"nom": 1.0, "offre": 0.6, "lieu": 0.4}


@dataclass(frozen=True)
class OrganisationFilters:
    """Filters of the directory; an empty filter selects all organisations.

    `zone` is a territory's key: organisations linked to it, to a territory in it or to one that
    contains it, unless their known area leaves the zone out (for `service`, when both are given).
    `texte` is words as people type them.
    """

    service: str = ""
    forme: str = ""
    zone: str = ""
    texte: str = ""


@cached
def list_organisations(filters: OrganisationFilters | None = None) -> pd.DataFrame:
    """List the organisations that pass all filters, by name; those of a text, the best found first.

    Returns the columns of `organismes`. Raises `ValueError` (in French) for a zone that is not a
    key.
    """
    filters = filters or OrganisationFilters()
    rows = _load_all()
    if filters.forme:
        rows = rows[rows["forme"] == filters.forme]
    if filters.service or filters.zone:
        linked_pairs = _linked_services(filters.zone)
        selected_ids = {
            organisation_id
            for organisation_id, code in linked_pairs
            if filters.service in ("", code)
        }
        rows = rows[rows["partenaire_id"].isin(selected_ids)]
    if filters.texte.strip():
        rows = rows.loc[_name_index().rank(filters.texte, rows.index)]
    return rows.reset_index(drop=True)


@cached
def _load_all() -> pd.DataFrame:
    """Return all the organisations."""
    rows = query(
        f"""
        WITH liens AS (
            SELECT partenaire_id,
                   list(DISTINCT service) AS services,
                   list_sort(list(DISTINCT solution) FILTER (solution IS NOT NULL)) AS solutions,
                   list(DISTINCT role) AS roles,
                   count(DISTINCT (territoire_niveau, territoire_code))
                       FILTER (certitude = 'explicite') AS nb_cites,
                   count(DISTINCT (territoire_niveau, territoire_code)) AS nb_territoires,
                   CASE WHEN bool_and(certitude = 'explicite') THEN 'explicite' ELSE 'deduit' END
                       AS certitude
            FROM mutualisations WHERE {IN_USE} GROUP BY partenaire_id
        )
        SELECT p.partenaire_id, p.nom, p.sigle, p.forme, p.siren, p.siege_departement,
               d.nom AS siege_nom, p.annee_creation, p.nb_adherents, p.annee_nb_adherents,
               p.effectif, p.budget_annuel, p.annee_budget, p.url, l.services, l.solutions,
               l.roles, l.nb_cites, l.nb_territoires - l.nb_cites AS nb_deduits, l.certitude,
               p.source_id, source_titre, source_url
        FROM partenaires p
        JOIN sources_citees() r ON r.source_id = p.source_id
        LEFT JOIN liens l USING (partenaire_id)
        LEFT JOIN territoires d
          ON d.territoire_niveau = 'departement' AND d.territoire_code = p.siege_departement
        ORDER BY strip_accents(lower(p.nom)), p.partenaire_id
        """
    )
    counts = [name for name in rows.columns if name.startswith("nb_")]
    rows[counts] = rows[counts].astype("Int64")
    link_counts = [name for name in counts if name != "nb_adherents"]
    rows[link_counts] = rows[link_counts].mask(rows[link_counts] == 0)  # none known is not none
    rows["services"] = [sort_codes("services", values) for values in rows["services"]]
    rows["roles"] = [sort_codes("roles", values) for values in rows["roles"]]
    rows["solutions"] = [[] if is_missing(values) else list(values) for values in rows["solutions"]]
    return rows


@cached
def _linked_services(zone: str) -> frozenset[tuple[str, str]]:
    """Return organisations, and services, linked to what is in a zone or to what contains it."""
    territory = parse_key(zone) if zone else None
    rows = query(
        f"""
        WITH {OWN_LINKS_SQL},
        autour AS (
            SELECT $niveau AS territoire_niveau, $code AS territoire_code, false AS plus_large
            UNION
            SELECT territoire_niveau, territoire_code, false FROM appartenances
            WHERE dans_niveau = $niveau AND dans_code = $code
            UNION
            SELECT dans_niveau, dans_code, true FROM (
                SELECT territoire_niveau, territoire_code, dans_niveau, dans_code
                FROM appartenances EXCEPT FROM hors)
            WHERE territoire_niveau = $niveau AND territoire_code = $code
        )
        SELECT partenaire_id, service, coalesce(bool_and(plus_large), false) AS plus_large
        FROM propres p LEFT JOIN autour a USING (territoire_niveau, territoire_code)
        WHERE $niveau = '' OR a.territoire_code IS NOT NULL
        GROUP BY partenaire_id, service
        """,
        {
            "niveau": territory.niveau if territory else "",
            "code": territory.code if territory else "",
        },
    )
    if zone:
        communes = communes_by_territory(territory.niveau).get(zone, set())
        areas = communes_in_areas().items()
        elsewhere = {name for name, area in areas if communes.isdisjoint(area)}
        rows = rows[~(rows["plus_large"] & rows["partenaire_id"].isin(elsewhere))]
    return frozenset(zip(rows["partenaire_id"], rows["service"], strict=True))


@cached(pinned=True)
def _name_index() -> NameIndex:
    """Build the index of the organisations, in the order of `_load_all`."""
    served_names = query(
        """
        SELECT partenaire_id, list(DISTINCT t.nom) AS noms
        FROM mutualisations m JOIN territoires t USING (territoire_niveau, territoire_code)
        GROUP BY partenaire_id
        """
    )
    names_by_id = dict(zip(served_names["partenaire_id"], served_names["noms"], strict=True))

    def texts(row: object) -> Iterator[tuple[str, object]]:
        names = (row.nom, row.sigle, row.partenaire_id)
        offer = (*row.services, *code_labels("services", row.services), *row.solutions)
        kind = (row.forme, code_label("formes", row.forme))
        places = (row.siege_nom, *names_by_id.get(row.partenaire_id, []))
        yield from (("nom", text) for text in names)
        yield from (("offre", text) for text in (*offer, *kind))
        yield from (("lieu", text) for text in places)

    return build_names((named_words(texts(row)) for row in iterate_rows(_load_all())), _WEIGHTS)
