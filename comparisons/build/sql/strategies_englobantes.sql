-- The strategies of wider territories in whose area a territory lies, and which are not its own.
CREATE TABLE strategies_englobantes AS
WITH
-- where a wider territory does not act: the Département du Rhône in the Métropole de Lyon
hors AS (
    SELECT jumeau_niveau AS territoire_niveau, jumeau_code AS territoire_code,
           territoire_niveau AS dans_niveau, territoire_code AS dans_code, depuis
    FROM jumeaux WHERE relation = 'hors'
    UNION ALL
    SELECT a.territoire_niveau, a.territoire_code, j.territoire_niveau, j.territoire_code, j.depuis
    FROM jumeaux j
    JOIN appartenances a ON a.dans_niveau = j.jumeau_niveau AND a.dans_code = j.jumeau_code
    WHERE j.relation = 'hors'
),
au_dessus AS (
    SELECT t.strategie_id, a.territoire_niveau, a.territoire_code,
           CASE t.lien WHEN 'aire' THEN 'region' ELSE a.dans_niveau END AS niveau
    FROM appartenances a
    JOIN territoires_couverts t
      ON t.territoire_niveau = a.dans_niveau AND t.territoire_code = a.dans_code AND t.dans_aire
    JOIN etats_strategies e USING (strategie_id)
    LEFT JOIN hors h
      ON h.territoire_niveau = a.territoire_niveau AND h.territoire_code = a.territoire_code
     AND h.dans_niveau = a.dans_niveau AND h.dans_code = a.dans_code
     AND coalesce(e.annee_document >= h.depuis, true)
     -- its own strategies only: another's that names it covers it whole
     AND t.lien = 'propre'
    WHERE a.part_population >= 0.5 AND h.dans_code IS NULL
    UNION ALL
    SELECT strategie_id, territoire_niveau, territoire_code, 'region'
    FROM territoires_couverts WHERE lien = 'aire'
)
SELECT
    w.strategie_id,
    w.territoire_niveau,
    w.territoire_code,
    -- the nearest of the wider territories that it covers
    arg_min(w.niveau, list_position(['epci', 'departement', 'region'], w.niveau)) AS niveau
FROM au_dessus w
-- what counts as one's own (named in it, or a twin's) is not a wider territory's
ANTI JOIN territoires_couverts o
  ON o.strategie_id = w.strategie_id AND o.territoire_niveau = w.territoire_niveau
 AND o.territoire_code = w.territoire_code AND o.lien <> 'aire'
GROUP BY w.strategie_id, w.territoire_niveau, w.territoire_code
ORDER BY ALL;
