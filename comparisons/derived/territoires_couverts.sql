-- Every territory that a strategy is a strategy *of*: its own (lead), those it names, and the twins
-- for which it counts as their own (data/reference/jumeaux.csv).
CREATE TABLE territoires_couverts AS
WITH
-- A région's strategy that names some of its départements covers these and not the whole région:
-- it is the strategy of a former région, or of a part of today's.
limitees AS (
    SELECT DISTINCT c.strategie_id
    FROM couvertures c
    JOIN strategies s USING (strategie_id)
    JOIN appartenances a
      ON a.territoire_niveau = c.territoire_niveau AND a.territoire_code = c.territoire_code
     AND a.dans_niveau = 'region' AND a.dans_code = s.territoire_code
    WHERE s.territoire_niveau = 'region' AND c.territoire_niveau = 'departement'
),
nommes AS (
    SELECT s.strategie_id, s.territoire_niveau, s.territoire_code, 'propre' AS lien,
           s.strategie_id NOT IN (SELECT strategie_id FROM limitees) AS dans_aire
    FROM strategies s
    UNION ALL
    SELECT strategie_id, territoire_niveau, territoire_code, 'partagee', true FROM couvertures
),
jumeaux_concernes AS (
    SELECT n.strategie_id, j.jumeau_niveau, j.jumeau_code, 'jumeau', true
    FROM nommes n
    JOIN etats_strategies e USING (strategie_id)
    JOIN jumeaux j
      ON j.territoire_niveau = n.territoire_niveau AND j.territoire_code = n.territoire_code
     AND j.relation = 'vaut_pour'
    WHERE n.lien = 'propre' AND (j.depuis IS NULL OR e.annee_document >= j.depuis)
)
SELECT
    strategie_id,
    territoire_niveau,
    territoire_code,
    arg_min(lien, CASE lien WHEN 'propre' THEN 1 WHEN 'partagee' THEN 2 ELSE 3 END) AS lien,
    bool_or(dans_aire) AS dans_aire
FROM (SELECT * FROM nommes UNION ALL SELECT * FROM jumeaux_concernes)
GROUP BY strategie_id, territoire_niveau, territoire_code
ORDER BY ALL;
