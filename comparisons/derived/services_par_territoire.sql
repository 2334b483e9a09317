-- Digital services that a territory shares, and with whom; a twin's partners are its own. What is
-- only a project or an experiment (said after the name of its solution) is not shared yet.
CREATE TABLE services_par_territoire AS
WITH
en_service AS (
    FROM mutualisations
    WHERE NOT coalesce(
        regexp_matches(solution, '\((en projet|expérimentation)\)\s*$'), false)
),
liens AS (
    SELECT territoire_niveau, territoire_code, service, partenaire_id, role, solution,
           annee_debut, certitude
    FROM en_service
    UNION ALL
    SELECT j.jumeau_niveau, j.jumeau_code, m.service, m.partenaire_id, m.role, m.solution,
           m.annee_debut, m.certitude
    FROM en_service m
    JOIN jumeaux j USING (territoire_niveau, territoire_code)
    WHERE j.relation = 'vaut_pour' AND (j.depuis IS NULL OR m.annee_debut >= j.depuis)
)
SELECT
    territoire_niveau,
    territoire_code,
    service,
    count(DISTINCT partenaire_id)::INTEGER AS nb_partenaires,
    count(DISTINCT partenaire_id) FILTER (certitude = 'explicite')::INTEGER
        AS nb_partenaires_cites,
    (count(DISTINCT partenaire_id)
     - count(DISTINCT partenaire_id) FILTER (certitude = 'explicite'))::INTEGER
        AS nb_partenaires_deduits,
    list_sort(list(DISTINCT partenaire_id)) AS partenaire_ids,
    list_sort(list(DISTINCT role)) AS roles,
    list_sort(list(DISTINCT solution) FILTER (solution IS NOT NULL)) AS solutions,
    min(annee_debut) AS annee_debut,
    -- stated only when every link is
    CASE WHEN bool_and(certitude = 'explicite') THEN 'explicite' ELSE 'deduit' END AS certitude
FROM liens
GROUP BY territoire_niveau, territoire_code, service
ORDER BY ALL;
