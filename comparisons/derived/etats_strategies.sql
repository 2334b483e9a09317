-- The state of each strategy in the year of the dataset: what the source says, unless its period
-- is over or a later edition has been adopted in its place.
CREATE TABLE etats_strategies AS
WITH
annee AS (SELECT max(annee) AS annee FROM paquets),
successeurs AS (
    SELECT remplace AS strategie_id, min(strategie_id) AS remplacee_par
    FROM strategies
    -- an edition still being prepared does not end the one before it
    WHERE remplace IS NOT NULL AND statut IS DISTINCT FROM 'en_elaboration'
    GROUP BY remplace
),
datees AS (
    SELECT
        s.*,
        coalesce(try_cast(left(s.date_adoption, 4) AS INTEGER), s.annee_debut) AS annee_document,
        r.remplacee_par,
        CASE
            WHEN r.remplacee_par IS NOT NULL OR s.annee_fin < annee.annee THEN 'terminee'
            ELSE coalesce(s.statut, 'statut_inconnu')
        END AS etat
    FROM strategies s
    CROSS JOIN annee
    LEFT JOIN successeurs r USING (strategie_id)
)
SELECT
    strategie_id,
    territoire_niveau,
    territoire_code,
    type,
    etat,
    etat IS DISTINCT FROM coalesce(statut, 'statut_inconnu') AS etat_deduit,
    annee_document,
    remplacee_par,
    -- 1 = the document to show by default: in force first, then the most recent
    (row_number() OVER (
        PARTITION BY territoire_niveau, territoire_code
        ORDER BY
            CASE etat WHEN 'adoptee' THEN 1 WHEN 'en_revision' THEN 1 WHEN 'statut_inconnu' THEN 2
                      WHEN 'en_elaboration' THEN 3 ELSE 4 END,
            annee_document DESC NULLS LAST,
            strategie_id
    ))::INTEGER AS rang_document
FROM datees
ORDER BY territoire_niveau, territoire_code, rang_document;
