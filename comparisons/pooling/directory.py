"""Directory of the organisations that pool digital means, and how to find one.

Filters choose organisations; they never change what is said of one.
"""

from dataclasses import dataclass

import pandas as pd

from comparisons.format import label
from comparisons.pooling.words import in_order, labels, qualities, weighed
from comparisons.territories import parse_key
from comparisons.text import is_missing
from comparisons.warehouse import query


@dataclass(frozen=True)
class Filters:
    """What a reader looks for; an empty filter lets all through.

    `zone` is a territory's key: organisations linked to it, to a territory in it or to one that
    contains it (for `service`, when both are given). `texte` is words as people type them.
    """

    service: str = ""
    forme: str = ""
    zone: str = ""
    texte: str = ""


def bodies(filters: Filters | None = None) -> pd.DataFrame:
    """List the organisations that pass all filters: the most linked first, or the best found.

    Returns `partenaire_id`, `nom`, `sigle`, `forme`, `siren`, `siege_departement`, `siege_nom`,
    `annee_creation`, `nb_adherents`, `annee_nb_adherents`, `effectif`, `budget_annuel` (€),
    `annee_budget`, `url`, `services`, `solutions`, `roles` (lists, of the territories linked to
    it), `nb_territoires`, `nb_regions`, `nb_departements`, `nb_epci`, `nb_communes` (with a known
    direct link; missing when none is known), `certitude` (`explicite` when one link at least is),
    `source_id`, `source_titre`, `source_url`. Raises `ValueError` (in French) for a zone that is
    not a key.
    """
    filters = filters or Filters()
    rows = query(
        """
        WITH liens AS (
            SELECT partenaire_id,
                   list(DISTINCT service) AS services,
                   list_sort(list(DISTINCT solution) FILTER (solution IS NOT NULL)) AS solutions,
                   list(DISTINCT role) AS roles,
                   count(DISTINCT (territoire_niveau, territoire_code)) AS nb_territoires,
                   count(DISTINCT territoire_code) FILTER (territoire_niveau = 'region')
                       AS nb_regions,
                   count(DISTINCT territoire_code) FILTER (territoire_niveau = 'departement')
                       AS nb_departements,
                   count(DISTINCT territoire_code) FILTER (territoire_niveau = 'epci') AS nb_epci,
                   count(DISTINCT territoire_code) FILTER (territoire_niveau = 'commune')
                       AS nb_communes,
                   CASE WHEN bool_or(certitude = 'explicite') THEN 'explicite' ELSE 'deduit' END
                       AS certitude
            FROM mutualisations GROUP BY partenaire_id
        )
        SELECT p.partenaire_id, p.nom, p.sigle, p.forme, p.siren, p.siege_departement,
               d.nom AS siege_nom, p.annee_creation, p.nb_adherents, p.annee_nb_adherents,
               p.effectif, p.budget_annuel, p.annee_budget, p.url, l.services, l.solutions,
               l.roles, l.nb_territoires, l.nb_regions, l.nb_departements, l.nb_epci,
               l.nb_communes, l.certitude, p.source_id, r.titre AS source_titre,
               r.url AS source_url
        FROM partenaires p
        JOIN sources r ON r.source_id = p.source_id
        LEFT JOIN liens l USING (partenaire_id)
        LEFT JOIN territoires d
          ON d.territoire_niveau = 'departement' AND d.territoire_code = p.siege_departement
        WHERE $forme = '' OR p.forme = $forme
        ORDER BY l.nb_territoires DESC NULLS LAST, p.nom, p.partenaire_id
        """,
        {"forme": filters.forme},
    )
    counts = [name for name in rows.columns if name.startswith("nb_")]
    rows[counts] = rows[counts].astype("Int64")
    linked = [name for name in counts if name != "nb_adherents"]
    rows[linked] = rows[linked].mask(rows[linked] == 0)  # none known is not none
    rows["services"] = [in_order("services", found) for found in rows["services"]]
    rows["roles"] = [in_order("roles", found) for found in rows["roles"]]
    rows["solutions"] = [[] if is_missing(found) else list(found) for found in rows["solutions"]]
    if filters.service or filters.zone:
        rows = rows[rows["partenaire_id"].isin(_linked(filters.service, filters.zone))]
    return _found(rows, filters.texte).reset_index(drop=True)


def _linked(service: str, zone: str) -> set[str]:
    """Organisations linked, for a service, to a zone, to what is in it or to what contains it."""
    place = parse_key(zone) if zone else None
    rows = query(
        """
        WITH autour AS (
            SELECT $niveau AS territoire_niveau, $code AS territoire_code
            UNION
            SELECT territoire_niveau, territoire_code FROM appartenances
            WHERE dans_niveau = $niveau AND dans_code = $code
            UNION
            SELECT a.dans_niveau, a.dans_code FROM appartenances a
            ANTI JOIN jumeaux j
              ON j.relation = 'hors' AND j.territoire_niveau = a.dans_niveau
             AND j.territoire_code = a.dans_code AND j.jumeau_niveau = $niveau
             AND j.jumeau_code = $code
            WHERE a.territoire_niveau = $niveau AND a.territoire_code = $code
        ),
        liens AS (
            SELECT partenaire_id, service, territoire_niveau, territoire_code FROM mutualisations
            UNION ALL  -- what a twin is linked to
            SELECT m.partenaire_id, m.service, j.jumeau_niveau, j.jumeau_code
            FROM mutualisations m JOIN jumeaux j USING (territoire_niveau, territoire_code)
            WHERE j.relation = 'vaut_pour' AND (j.depuis IS NULL OR m.annee_debut >= j.depuis)
        )
        SELECT DISTINCT partenaire_id FROM liens l
        WHERE ($service = '' OR service = $service)
          AND ($niveau = '' OR EXISTS (FROM autour a
               WHERE a.territoire_niveau = l.territoire_niveau
                 AND a.territoire_code = l.territoire_code))
        """,
        {
            "service": service,
            "niveau": place.niveau if place else "",
            "code": place.code if place else "",
        },
    )
    return set(rows["partenaire_id"])


def _found(rows: pd.DataFrame, text: str) -> pd.DataFrame:
    """Keep the organisations that a text names, the likeliest first."""
    if not text.strip():
        return rows
    places = query(
        """
        SELECT partenaire_id, list(DISTINCT t.nom) AS noms
        FROM mutualisations m JOIN territoires t USING (territoire_niveau, territoire_code)
        GROUP BY partenaire_id
        """
    )
    names = dict(zip(places["partenaire_id"], places["noms"], strict=True))
    entries = [
        weighed(
            (1.0, [t for t in (row.nom, row.sigle, row.partenaire_id) if not is_missing(t)]),
            (0.6, [*row.services, *labels("services", row.services), *row.solutions]),
            (0.6, [label("formes", row.forme)]),
            (0.4, [*names.get(row.partenaire_id, []), *([] if is_missing(row.siege_nom) else
                                                         [row.siege_nom])]),
        )
        for row in rows.itertuples()
    ]  # fmt: skip
    quality = pd.Series(qualities(entries, text), index=rows.index, dtype=float)
    order = quality[quality > 0].sort_values(ascending=False, kind="stable").index
    return rows.loc[order]
