-- Digital services that a territory shares, and with whom; a twin's partners are its own. What is
-- only a project or an experiment (said after the name of its solution) is not shared yet. How much
-- of the territory lies in the statutory area of the organisations that a source states (of the
-- others where none is): all of it, some of the territories in it, or nobody knows.
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
),
cites AS (
    SELECT territoire_niveau, territoire_code, service, partenaire_id,
           bool_or(certitude = 'explicite') AS cite
    FROM liens GROUP BY ALL
),
organismes AS (
    SELECT *, count(*) OVER (PARTITION BY territoire_niveau, territoire_code, service) AS nb
    FROM (FROM cites QUALIFY cite OR NOT bool_or(cite) OVER (
              PARTITION BY territoire_niveau, territoire_code, service))
),
aires AS (
    SELECT partenaire_id, aire_niveau AS niveau, unnest(aire_code) AS code
    FROM partenaires WHERE aire_niveau IS NOT NULL
),
-- in the area lies the territory itself, what contains it (it is whole in it), or what it contains
dedans AS (
    SELECT o.*, a.niveau, a.code, b.territoire_code IS NULL AS entier
    FROM organismes o
    JOIN aires a USING (partenaire_id)
    LEFT JOIN appartenances h
      ON h.territoire_niveau = o.territoire_niveau AND h.territoire_code = o.territoire_code
     AND h.dans_niveau = a.niveau AND h.dans_code = a.code AND h.part_population >= 0.5
    LEFT JOIN appartenances b
      ON b.territoire_niveau = a.niveau AND b.territoire_code = a.code
     AND b.dans_niveau = o.territoire_niveau AND b.dans_code = o.territoire_code
     AND b.part_population >= 0.5
    WHERE a.niveau = 'pays' OR h.dans_code IS NOT NULL OR b.territoire_code IS NOT NULL
       OR (a.niveau = o.territoire_niveau AND a.code = o.territoire_code)
),
-- what it contains in all these areas, each once; unknown if one of them is
morceaux AS (
    SELECT d.territoire_niveau, d.territoire_code, d.service, d.niveau, count(*) AS nb,
           sum(t.population) AS population
    FROM (SELECT DISTINCT territoire_niveau, territoire_code, service, niveau, code
          FROM dedans WHERE NOT entier) d
    JOIN territoires t ON t.territoire_niveau = d.niveau AND t.territoire_code = d.code
    GROUP BY d.territoire_niveau, d.territoire_code, d.service, d.niveau
),
contenus AS (
    SELECT dans_niveau, dans_code, territoire_niveau AS niveau, count(*) AS nb
    FROM appartenances WHERE part_population >= 0.5 GROUP BY ALL
),
parts AS (
    SELECT d.territoire_niveau, d.territoire_code, d.service,
           CASE WHEN bool_or(d.entier) OR any_value(m.nb = c.nb) THEN 1
                WHEN count(DISTINCT d.partenaire_id) = any_value(d.nb)
                     AND count(DISTINCT d.niveau) = 1
                THEN any_value(m.population) / any_value(t.population) END AS part,
           any_value(m.niveau) AS niveau, any_value(m.nb) AS nb, any_value(c.nb) AS sur
    FROM dedans d
    JOIN territoires t USING (territoire_niveau, territoire_code)
    LEFT JOIN morceaux m
      ON m.territoire_niveau = d.territoire_niveau AND m.territoire_code = d.territoire_code
     AND m.service = d.service AND m.niveau = d.niveau
    LEFT JOIN contenus c
      ON c.dans_niveau = d.territoire_niveau AND c.dans_code = d.territoire_code
     AND c.niveau = d.niveau
    GROUP BY d.territoire_niveau, d.territoire_code, d.service
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
    CASE WHEN bool_and(certitude = 'explicite') THEN 'explicite' ELSE 'deduit' END AS certitude,
    any_value(part) AS part_population_aire,
    any_value(niveau) FILTER (part < 1) AS aire_niveau,
    (any_value(nb) FILTER (part < 1))::INTEGER AS nb_dans_aire,
    (any_value(sur) FILTER (part < 1))::INTEGER AS nb_de_ce_niveau
FROM liens
LEFT JOIN parts USING (territoire_niveau, territoire_code, service)
GROUP BY territoire_niveau, territoire_code, service
ORDER BY ALL;
