"""Partnerships of territories and organisations: direct, or inherited.

A link is `direct` when a source states it of the territory, or of its twin (the twins' table says
which). It is inherited (`par_epci`, `par_departement`, `par_region`) when it is only stated of a
wider territory where at least half of its people live, which founds the organisation, is a member
of it, runs the service or benefits from it: the territory is in the area of the organisation, but
no source states that it is served itself. Mere cooperation (`partenaire`) is not inherited, nor is
a link of a territory without authority there (the Département du Rhône in the Métropole de Lyon),
nor one outside the part of the wider territory where the organisation acts, nor that of a school
service of other schools (a région's lycées are no commune's écoles). Of one organisation and
one service, only the nearest link counts.

A link whose solution is a project or an experiment is not counted.
"""

from collections.abc import Sequence

import pandas as pd

from comparisons.database.connection import query
from comparisons.formatting import curly_apostrophes
from comparisons.queries.partners import IN_USE

DIRECT = "direct"
LINK_PATHS = {
    DIRECT: "Lien direct",
    "par_epci": "Hérité de l’intercommunalité",
    "par_departement": "Hérité du département",
    "par_region": "Hérité de la région",
}
NO_KNOWN_ORGANISATION = "aucun organisme connu"
INHERITANCE_SQL = (
    "Un lien est direct quand une source le dit du territoire lui-même, ou de son jumeau (Paris, "
    "Corse, Alsace…). Il est hérité quand il n’est dit que d’un territoire plus large "
    "(intercommunalité, département, région) où vivent au moins la moitié de ses habitants, et qui "
    "est fondateur, membre, porteur ou bénéficiaire de l’organisme : le territoire est alors dans "
    "l’aire de cet organisme, sans qu’une source dise qu’il en reçoit lui-même le service. Une "
    "simple coopération (« partenaire ») ne s’hérite pas ; si l’aire de l’organisme, selon ses "
    "statuts, n’est qu’une partie du territoire plus large, le lien ne s’hérite que dans cette "
    "partie ; et un service scolaire ne s’hérite pas d’un niveau dont les établissements sont "
    "autres (lycées, collèges, écoles). Pour un même organisme et un même "
    "service, seul le lien le plus proche est retenu. Un lien « en projet » ou en "
    "« expérimentation » n’est jamais compté."
)
_ENCLOSING_LEVEL_NOUNS = {
    "par_epci": "l’intercommunalité",
    "par_departement": "le département",
    "par_region": "la région",
}

# Common table expressions: links stated of a territory or of its twin (`propres`), and the
# enclosing territories without authority in one (`hors`).
OWN_LINKS_SQL = f"""
    propres AS (
        SELECT territoire_niveau, territoire_code, territoire_niveau AS dit_niveau,
               territoire_code AS dit_code, m.* EXCLUDE (territoire_niveau, territoire_code)
        FROM mutualisations m WHERE {IN_USE}
        UNION ALL
        SELECT j.jumeau_niveau, j.jumeau_code, m.territoire_niveau, m.territoire_code,
               m.* EXCLUDE (territoire_niveau, territoire_code)
        FROM mutualisations m
        JOIN jumeaux j USING (territoire_niveau, territoire_code)
        WHERE j.relation = 'vaut_pour' AND (j.depuis IS NULL OR m.annee_debut >= j.depuis)
          AND {IN_USE}
    ),
    hors AS (
        SELECT jumeau_niveau AS territoire_niveau, jumeau_code AS territoire_code,
               territoire_niveau AS dans_niveau, territoire_code AS dans_code
        FROM jumeaux WHERE relation = 'hors'
        UNION ALL
        SELECT a.territoire_niveau, a.territoire_code, j.territoire_niveau, j.territoire_code
        FROM jumeaux j
        JOIN appartenances a ON a.dans_niveau = j.jumeau_niveau AND a.dans_code = j.jumeau_code
        WHERE j.relation = 'hors'
    )
"""

# After these, `liens` has one row per territory (of level $level, or of any with '') ×
# organisation × service × role, with its path (`lien`) and its origin (`via`). $heritage selects
# inherited links too.
LINKS_SQL = f"""
    {OWN_LINKS_SQL},
    interieurs AS (
        SELECT a.territoire_niveau, a.territoire_code, a.dans_niveau, a.dans_code
        FROM appartenances a
        ANTI JOIN hors h
          ON h.territoire_niveau = a.territoire_niveau AND h.territoire_code = a.territoire_code
         AND h.dans_niveau = a.dans_niveau AND h.dans_code = a.dans_code
        WHERE $heritage AND a.part_population >= 0.5
          AND ($level = '' OR a.territoire_niveau = $level)
    ),
    doubles AS (
        SELECT i.*, j.territoire_niveau AS dit_niveau, j.territoire_code AS dit_code
        FROM interieurs i
        JOIN jumeaux j
          ON j.jumeau_niveau = i.dans_niveau AND j.jumeau_code = i.dans_code
         AND j.relation = 'vaut_pour'
        JOIN interieurs d
          ON d.territoire_niveau = i.territoire_niveau AND d.territoire_code = i.territoire_code
         AND d.dans_niveau = j.territoire_niveau AND d.dans_code = j.territoire_code
    ),
    aires_connues AS (
        SELECT partenaire_id, aire_niveau AS niveau, unnest(aire_code) AS code
        FROM partenaires WHERE $heritage AND aire_niveau IS NOT NULL
    ),
    en_partie AS (  -- organisations whose area is a part of a territory that they are linked to
        SELECT p.partenaire_id, b.dans_niveau, b.dans_code
        FROM (SELECT DISTINCT partenaire_id, territoire_niveau, territoire_code FROM propres) p
        JOIN (SELECT DISTINCT partenaire_id, niveau FROM aires_connues) o
          ON o.partenaire_id = p.partenaire_id
        JOIN appartenances b
          ON b.dans_niveau = p.territoire_niveau AND b.dans_code = p.territoire_code
         AND b.territoire_niveau = o.niveau AND b.part_population >= 0.5
        LEFT JOIN aires_connues a
          ON a.partenaire_id = p.partenaire_id AND a.code = b.territoire_code
        GROUP BY p.partenaire_id, b.dans_niveau, b.dans_code
        HAVING count(a.code) > 0 AND count(a.code) < count(*)
    ),
    dans_aire AS (
        SELECT partenaire_id, niveau AS territoire_niveau, code AS territoire_code
        FROM aires_connues SEMI JOIN en_partie USING (partenaire_id)
        UNION ALL
        SELECT a.partenaire_id, h.territoire_niveau, h.territoire_code
        FROM aires_connues a
        SEMI JOIN en_partie USING (partenaire_id)
        JOIN appartenances h ON h.dans_niveau = a.niveau AND h.dans_code = a.code
        WHERE h.part_population >= 0.5
    ),
    hors_aire AS (
        SELECT e.partenaire_id, i.*
        FROM en_partie e
        JOIN interieurs i USING (dans_niveau, dans_code)
        ANTI JOIN dans_aire d
          ON d.partenaire_id = e.partenaire_id AND d.territoire_niveau = i.territoire_niveau
         AND d.territoire_code = i.territoire_code
    ),
    ressorts AS (
        SELECT objet_code AS service, territoire_niveau,
               list(coalesce(degre, '')) FILTER (competence <> 'sans_objet') AS degres,
               coalesce(list(coalesce(degre, '')) FILTER (competence = 'obligatoire'), degres)
                   AS degres_connus
        FROM competences WHERE objet_type = 'service' GROUP BY ALL
    ),
    autres_degres AS (  -- a région's ENT is that of lycées: it serves no commune
        SELECT x.service, x.territoire_niveau, y.territoire_niveau AS dans_niveau
        FROM ressorts x JOIN ressorts y USING (service)
        WHERE NOT list_has_any(coalesce(x.degres, []), coalesce(y.degres_connus, []))
    ),
    tous AS (
        SELECT territoire_niveau, territoire_code, 'direct' AS lien, 0 AS distance,
               dit_niveau AS via_niveau, dit_code AS via_code,
               p.* EXCLUDE (territoire_niveau, territoire_code, dit_niveau, dit_code)
        FROM propres p
        WHERE $level = '' OR territoire_niveau = $level
        UNION ALL
        SELECT i.territoire_niveau, i.territoire_code, 'par_' || i.dans_niveau,
               list_position(['epci', 'departement', 'region'], i.dans_niveau),
               i.dans_niveau, i.dans_code,
               p.* EXCLUDE (territoire_niveau, territoire_code, dit_niveau, dit_code)
        FROM propres p
        JOIN interieurs i
          ON i.dans_niveau = p.territoire_niveau AND i.dans_code = p.territoire_code
        -- of twins that both contain it, the one of which it is said (Corse rather than 2A)
        ANTI JOIN doubles d
          ON d.territoire_niveau = i.territoire_niveau AND d.territoire_code = i.territoire_code
         AND d.dans_niveau = i.dans_niveau AND d.dans_code = i.dans_code
         AND d.dit_niveau = p.dit_niveau AND d.dit_code = p.dit_code
        ANTI JOIN hors_aire h
          ON h.partenaire_id = p.partenaire_id
         AND h.territoire_niveau = i.territoire_niveau AND h.territoire_code = i.territoire_code
         AND h.dans_niveau = i.dans_niveau AND h.dans_code = i.dans_code
        ANTI JOIN autres_degres g
          ON g.service = p.service AND g.territoire_niveau = i.territoire_niveau
         AND g.dans_niveau = i.dans_niveau
        WHERE p.role <> 'partenaire'
    ),
    liens AS (
        SELECT t.*, v.nom AS via_nom
        FROM tous t
        JOIN territoires v
          ON v.territoire_niveau = t.via_niveau AND v.territoire_code = t.via_code
        QUALIFY rank() OVER (
            PARTITION BY t.territoire_niveau, t.territoire_code, t.partenaire_id, t.service
            -- of two that contain it at one level, the smaller (EPT, Métropole du Grand Paris)
            ORDER BY distance, CASE WHEN distance > 0 THEN v.population END,
                     CASE WHEN distance > 0 THEN via_code END) = 1
    )
"""


def effective_links(
    level: str = "", keys: Sequence[str] | None = None, inherited: bool = True
) -> pd.DataFrame:
    """Return links of some territories (all with None), direct and inherited, with their source.

    Returns one row per territory × organisation × service × role: `cle`, `nom`, `libelle_de`
    (with its article), `population`, `partenaire_id`, `organisme` (short name), `partenaire_nom`,
    `forme`, `service`, `role`, `solution`, `licence`, `annee_debut`, `certitude` (of the link as
    stated), `lien` (a code of `LINK_PATHS`), `via` (key of the territory of which it is stated,
    or of the wider one that contains this one), `via_nom`, `source_id`, `source_titre`,
    `source_url`; in the order of keys, then of services, the nearest first.
    """
    return query(
        f"""
        WITH {LINKS_SQL}
        SELECT cle(l.territoire_niveau, l.territoire_code) AS cle, t.nom,
               t.nom_de AS libelle_de, t.population, l.partenaire_id,
               coalesce(p.sigle, p.nom) AS organisme, p.nom AS partenaire_nom, p.forme, l.service,
               l.role, l.solution, l.licence, l.annee_debut, l.certitude, l.lien,
               cle(l.via_niveau, l.via_code) AS via, l.via_nom, l.source_id,
               source_titre, source_url
        FROM liens l
        JOIN territoires t USING (territoire_niveau, territoire_code)
        JOIN partenaires p USING (partenaire_id)
        JOIN sources_citees() r ON r.source_id = l.source_id
        JOIN vocabulaires v ON v.vocabulaire = 'services' AND v.code = l.service
        JOIN vocabulaires w ON w.vocabulaire = 'roles' AND w.code = l.role
        WHERE ($all OR list_contains($keys, cle))
        ORDER BY list_position($keys, cle), cle, v.ordre, l.distance, p.nom, l.partenaire_id,
                 w.ordre, via
        """,
        {
            "level": level,
            "keys": list(keys or []),
            "all": keys is None,
            "heritage": inherited,
        },
    )


def format_link_path(path: str, enclosing_name: object) -> str:
    """Format the path of a link in a few words: `direct`, `par le département (Mayenne)`."""
    if path == DIRECT:
        return DIRECT
    return f"par {_ENCLOSING_LEVEL_NOUNS[path]} ({curly_apostrophes(enclosing_name)})"


def describe_link_path(path: str, enclosing_name: object, organisation_name: object) -> str:
    """Return the sentence that states whether a link is direct or of an enclosing territory."""
    name = curly_apostrophes(organisation_name)
    if path == DIRECT:
        return f"Le lien avec {name} est connu pour ce territoire lui-même."
    return (
        f"Le lien avec {name} est connu pour {_ENCLOSING_LEVEL_NOUNS[path]}"
        f" ({curly_apostrophes(enclosing_name)}), où se trouve "
        "ce territoire ; aucune source ne dit qu’il reçoit lui-même le service."
    )
