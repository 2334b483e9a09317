-- The state of each dated strategy, year by year, from its document to the year of the dataset.
-- In the last year it is the state of etats_strategies, for undated strategies too; in the years
-- before, only what dates prove: an end that nothing dates leaves the state unknown.
CREATE TABLE etats_annuels AS
WITH
jeu AS (SELECT max(annee) AS annee FROM paquets),
datees AS (
    SELECT s.strategie_id, s.statut, s.portee, s.annee_fin, s.certitude, s.date_adoption,
           e.annee_document,
           n.annee_document AS remplacee_en, e.remplacee_par IS NOT NULL AS remplacee
    FROM strategies s
    JOIN etats_strategies e USING (strategie_id)
    LEFT JOIN etats_strategies n ON n.strategie_id = e.remplacee_par
    WHERE e.annee_document IS NOT NULL
),
passees AS (
    SELECT strategie_id, unnest(range(annee_document, jeu.annee))::INTEGER AS annee,
           annee_document, statut, portee, annee_fin, certitude, date_adoption, remplacee_en,
           remplacee
    FROM datees CROSS JOIN jeu
)
SELECT
    strategie_id,
    annee,
    CASE
        WHEN remplacee_en <= annee OR annee_fin < annee THEN 'terminee'
        WHEN portee = 'article' AND statut IS DISTINCT FROM 'terminee' THEN 'description'
        -- it is over today, and nothing says since when
        WHEN (statut = 'terminee' OR remplacee) AND coalesce(annee_fin, remplacee_en) IS NULL
            THEN 'statut_inconnu'
        -- it was in force before it was revised, replaced or over
        -- without an end, an adoption says nothing of what came ten years later
        WHEN statut IN ('adoptee', 'en_revision', 'terminee')
            THEN CASE WHEN certitude <> 'explicite' OR date_adoption IS NULL
                        OR (annee_fin IS NULL AND annee > annee_document + 10)
                      THEN 'suite_inconnue' ELSE 'adoptee' END
        WHEN statut = 'en_elaboration' THEN 'en_elaboration'
        ELSE 'statut_inconnu'
    END AS etat
FROM passees
UNION ALL
SELECT strategie_id, jeu.annee, etat FROM etats_strategies CROSS JOIN jeu
ORDER BY strategie_id, annee;
