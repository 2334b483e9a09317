-- Digital services that a territory shares, and with whom; a twin's partners are its own.
CREATE TABLE services_par_territoire AS
WITH
liens AS (
    SELECT territoire_niveau, territoire_code, service, partenaire_id, role, solution,
           annee_debut, certitude
    FROM mutualisations
    UNION ALL
    SELECT j.jumeau_niveau, j.jumeau_code, m.service, m.partenaire_id, m.role, m.solution,
           m.annee_debut, m.certitude
    FROM mutualisations m
    JOIN jumeaux j USING (territoire_niveau, territoire_code)
    WHERE j.relation = 'vaut_pour' AND (j.depuis IS NULL OR m.annee_debut >= j.depuis)
)
SELECT
    territoire_niveau,
    territoire_code,
    service,
    count(DISTINCT partenaire_id)::INTEGER AS nb_partenaires,
    list_sort(list(DISTINCT partenaire_id)) AS partenaire_ids,
    list_sort(list(DISTINCT role)) AS roles,
    list_sort(list(DISTINCT solution) FILTER (solution IS NOT NULL)) AS solutions,
    min(annee_debut) AS annee_debut,
    -- one explicit statement is enough to be sure of the service
    CASE WHEN bool_or(certitude = 'explicite') THEN 'explicite' ELSE 'deduit' END AS certitude
FROM liens
GROUP BY territoire_niveau, territoire_code, service
ORDER BY ALL;
