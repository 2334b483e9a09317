-- The people a strategy covers: the communes of all its territories, each counted once.
CREATE TABLE populations_strategies AS
WITH
communes_de AS (
    SELECT dans_niveau AS territoire_niveau, dans_code AS territoire_code,
           territoire_code AS commune_code
    FROM appartenances WHERE territoire_niveau = 'commune'
    UNION ALL
    SELECT 'commune', territoire_code, territoire_code
    FROM territoires WHERE territoire_niveau = 'commune'
),
aires AS (
    SELECT DISTINCT t.strategie_id, c.commune_code
    FROM territoires_couverts t
    JOIN communes_de c USING (territoire_niveau, territoire_code)
    WHERE t.dans_aire
),
-- Rhône: the Département does not act in the Métropole de Lyon, unless the strategy names it.
exclues AS (
    SELECT DISTINCT t.strategie_id, c.commune_code
    FROM territoires_couverts t
    JOIN etats_strategies e USING (strategie_id)
    JOIN jumeaux j
      ON j.territoire_niveau = t.territoire_niveau AND j.territoire_code = t.territoire_code
     AND j.relation = 'hors'
    JOIN communes_de c
      ON c.territoire_niveau = j.jumeau_niveau AND c.territoire_code = j.jumeau_code
    WHERE t.lien = 'propre'
      AND coalesce(e.annee_document >= j.depuis, true)
      AND NOT EXISTS (
          SELECT 1 FROM territoires_couverts n
          WHERE n.strategie_id = t.strategie_id
            AND n.territoire_niveau = j.jumeau_niveau AND n.territoire_code = j.jumeau_code)
)
SELECT
    a.strategie_id,
    sum(c.population)::INTEGER AS population,
    count(*)::INTEGER AS nb_communes
FROM (SELECT * FROM aires EXCEPT SELECT * FROM exclues) a
JOIN territoires c ON c.territoire_niveau = 'commune' AND c.territoire_code = a.commune_code
GROUP BY a.strategie_id
ORDER BY a.strategie_id;
