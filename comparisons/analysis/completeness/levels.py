"""Completeness by level and type of strategy: territories and people.

Territories are all those of the reference, whether anybody looked for them or not. Being covered
by a wider territory's strategy is counted apart: it is not a strategy of one's own.
"""

import pandas as pd

from comparisons.database.cache import cached
from comparisons.database.connection import query
from comparisons.schema.model import vocabulary_codes
from comparisons.schema.territory import LEVELS

# States of knowledge of a territory, from most to least known.
STATES = ("avec_strategie", "partielle", "non_trouvee", "non_cherchee")
_COMPLETENESS_SQL = """
    WITH liens AS (
        -- how a territory has its strategies: the strongest link, whichever document is retained
        SELECT territoire_niveau, territoire_code, CASE WHEN $by_type THEN s.type END AS type,
               min(list_position(['propre', 'partagee', 'jumeau'], c.lien)) AS lien
        FROM territoires_couverts c JOIN (SELECT strategie_id, type FROM strategies) s
          USING (strategie_id)
        WHERE c.lien <> 'aire' GROUP BY ALL
    ),
    etats AS (
        -- a search that names no type says nothing of one in particular
        SELECT c.territoire_niveau, c.territoire_code, CASE WHEN $by_type THEN c.type END AS type,
               min(CASE WHEN c.etat IN ('description', 'partie_du_territoire') THEN 2
                        WHEN c.strategie_id IS NOT NULL THEN 1
                        WHEN c.etat = 'non_trouvee' THEN 3 WHEN $by_type THEN 4
                        WHEN r.etat = 'partielle' THEN 2 WHEN r.etat = 'non_trouvee' THEN 3
                        ELSE 4 END) AS rang,
               bool_or(c.englobante_strategie_id IS NOT NULL) AS englobe,
               bool_or(CASE WHEN $by_type THEN x.type IS NOT NULL
                            ELSE r.consulte_le IS NOT NULL END) AS cherche
        FROM couverture c JOIN dernieres_recherches r USING (territoire_niveau, territoire_code)
        LEFT JOIN (SELECT DISTINCT territoire_niveau, territoire_code, type FROM recherches) x
          ON x.territoire_niveau = c.territoire_niveau AND x.territoire_code = c.territoire_code
         AND x.type = c.type
        GROUP BY ALL
    ),
    territoires_comptes AS (
        SELECT e.territoire_niveau, e.type,
               count(*)::INTEGER AS nb_territoires,
               count(*) FILTER (rang = 1)::INTEGER AS nb_avec_strategie,
               count(*) FILTER (lien = 1)::INTEGER AS nb_propre,
               count(*) FILTER (lien = 2)::INTEGER AS nb_partagee,
               count(*) FILTER (lien = 3)::INTEGER AS nb_jumeau,
               count(*) FILTER (rang = 2)::INTEGER AS nb_partielle,
               count(*) FILTER (rang = 3)::INTEGER AS nb_non_trouvee,
               count(*) FILTER (rang = 4)::INTEGER AS nb_non_cherchee,
               count(*) FILTER (cherche)::INTEGER AS nb_cherches,
               count(*) FILTER (rang > 1 AND englobe)::INTEGER AS nb_couverts_par_plus_large
        FROM etats e LEFT JOIN liens l
          ON l.territoire_niveau = e.territoire_niveau AND l.territoire_code = e.territoire_code
         AND l.type IS NOT DISTINCT FROM e.type
        GROUP BY e.territoire_niveau, e.type
    ),
    -- people are counted by commune, once each: who lives in two territories of a level (Grand
    -- Paris) is counted with the one of which most is known
    communes AS (
        SELECT territoire_code AS commune, population FROM territoires
        WHERE territoire_niveau = 'commune'
    ),
    lieux AS (
        SELECT commune, population, 'commune' AS territoire_niveau, commune AS territoire_code
        FROM communes
        UNION ALL
        SELECT c.commune, c.population, a.dans_niveau, a.dans_code
        FROM communes c JOIN appartenances a
          ON a.territoire_niveau = 'commune' AND a.territoire_code = c.commune
    ),
    habitants AS (
        SELECT territoire_niveau, type, commune, any_value(population) AS population,
               min(rang) AS rang, bool_or(cherche) AS cherche
        FROM lieux JOIN etats USING (territoire_niveau, territoire_code)
        GROUP BY territoire_niveau, type, commune
    ),
    habitants_comptes AS (
        SELECT territoire_niveau, type, sum(population)::INTEGER AS population,
               sum(population * (rang = 1)::INT) / sum(population)
                   AS part_population_avec_strategie,
               sum(population * (rang = 2)::INT) / sum(population) AS part_population_partielle,
               sum(population * (rang = 3)::INT) / sum(population) AS part_population_non_trouvee,
               sum(population * (rang = 4)::INT) / sum(population) AS part_population_non_cherchee,
               sum(population * cherche::INT) / sum(population) AS part_population_cherches
        FROM habitants GROUP BY ALL
    ),
    dates AS (
        SELECT territoire_niveau, min(consulte_le) AS premiere_recherche,
               max(consulte_le) AS derniere_recherche
        FROM recherches GROUP BY territoire_niveau
    )
    SELECT t.*,
           nb_avec_strategie / nb_territoires AS part_avec_strategie,
           nb_partielle / nb_territoires AS part_partielle,
           nb_non_trouvee / nb_territoires AS part_non_trouvee,
           nb_non_cherchee / nb_territoires AS part_non_cherchee,
           nb_cherches / nb_territoires AS part_cherches,
           h.population,
           h.part_population_avec_strategie,
           h.part_population_partielle,
           h.part_population_non_trouvee,
           h.part_population_non_cherchee,
           h.part_population_cherches,
           d.premiere_recherche, d.derniere_recherche
    FROM territoires_comptes t
    JOIN habitants_comptes h
      ON h.territoire_niveau = t.territoire_niveau AND h.type IS NOT DISTINCT FROM t.type
    LEFT JOIN dates d ON d.territoire_niveau = t.territoire_niveau
    ORDER BY list_position($levels, t.territoire_niveau), list_position($types, t.type)
"""


@cached
def completeness_by_level() -> pd.DataFrame:
    """Count what is known of the territories of each level, whatever the type of strategy.

    Returns one row per level, with the columns of `representativite_niveaux`; the counts of
    `STATES` add up to all, people are counted once each.
    """
    return _load_completeness(by_type=False).drop(columns="type")


@cached
def completeness_by_level_and_type() -> pd.DataFrame:
    """Count the same for each type of strategy: as `completeness_by_level`, with `type` (a code).

    Only the searches that name the type count: the others say nothing of it in particular.
    """
    return _load_completeness(by_type=True)


def _load_completeness(by_type: bool) -> pd.DataFrame:
    parameters = {
        "by_type": by_type,
        "levels": list(LEVELS),
        "types": list(vocabulary_codes("types_strategie")),
    }
    return query(_COMPLETENESS_SQL, parameters)
