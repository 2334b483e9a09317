-- Every territory that a strategy is a strategy *of*: its own (lead), those it names, and the twins
-- for which it counts as their own (data/reference/jumeaux.csv); and those that only tell its area.
CREATE TABLE territoires_couverts AS
WITH
-- A région's strategy that names départements of its own thereby tells its area (it is that of a
-- former région, or of a part of today's): it is not made a strategy of theirs.
delimitations AS (
    SELECT c.strategie_id, c.territoire_niveau, c.territoire_code
    FROM couvertures c
    JOIN strategies s USING (strategie_id)
    JOIN appartenances a
      ON a.territoire_niveau = c.territoire_niveau AND a.territoire_code = c.territoire_code
     AND a.dans_niveau = 'region' AND a.dans_code = s.territoire_code
    WHERE s.territoire_niveau = 'region' AND c.territoire_niveau = 'departement'
),
nommes AS (
    SELECT strategie_id, territoire_niveau, territoire_code, 'propre' AS lien, dans_aire
    FROM etats_strategies
    UNION ALL
    SELECT c.strategie_id, c.territoire_niveau, c.territoire_code,
           CASE WHEN d.strategie_id IS NULL THEN 'partagee' ELSE 'aire' END, true
    FROM couvertures c
    LEFT JOIN delimitations d USING (strategie_id, territoire_niveau, territoire_code)
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
    arg_min(lien, list_position(['propre', 'partagee', 'jumeau', 'aire'], lien)) AS lien,
    bool_or(dans_aire) AS dans_aire
FROM (SELECT * FROM nommes UNION ALL SELECT * FROM jumeaux_concernes)
GROUP BY strategie_id, territoire_niveau, territoire_code
ORDER BY ALL;
