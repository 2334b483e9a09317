-- The state of each strategy in the year of the dataset: what the source says, unless its period
-- is over or a later edition has been adopted in its place. An adoption is one that a source states
-- and dates; one of more than ten years ago, without an end, says nothing of today.
CREATE TABLE etats_strategies AS
WITH
annee AS (SELECT max(annee) AS annee FROM paquets),
familles AS (
    SELECT code AS type, famille, ordre FROM vocabulaires WHERE vocabulaire = 'types_strategie'
),
-- A région's document that names some of its own départements tells thereby its area: that of a
-- former région, or of a part of today's.
departements_nommes AS (
    SELECT c.strategie_id, s.territoire_code AS region_code, count(*) AS nb
    FROM couvertures c
    JOIN strategies s USING (strategie_id)
    JOIN appartenances a
      ON a.territoire_niveau = c.territoire_niveau AND a.territoire_code = c.territoire_code
     AND a.dans_niveau = 'region' AND a.dans_code = s.territoire_code
    WHERE s.territoire_niveau = 'region' AND c.territoire_niveau = 'departement'
    GROUP BY c.strategie_id, s.territoire_code
),
limitees AS (
    SELECT strategie_id FROM departements_nommes d
    WHERE nb < (SELECT count(*) FROM territoires t
                WHERE t.territoire_niveau = 'departement' AND t.region_code = d.region_code)
),
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
        f.famille,
        -- the families follow one another in the order of their types
        min(f.ordre) OVER (PARTITION BY f.famille) AS ordre_famille,
        coalesce(try_cast(left(s.date_adoption, 4) AS INTEGER), s.annee_debut) AS annee_document,
        r.remplacee_par,
        s.strategie_id NOT IN (SELECT strategie_id FROM limitees) AS dans_aire,
        CASE
            WHEN r.remplacee_par IS NOT NULL OR s.annee_fin < annee.annee THEN 'terminee'
            -- what a page says of an action is the state of no document
            WHEN s.portee = 'article' AND s.statut IS DISTINCT FROM 'terminee' THEN 'description'
            WHEN s.statut = 'adoptee' AND (
                s.date_adoption IS NULL OR s.certitude <> 'explicite'
                OR (s.annee_fin IS NULL
                    AND try_cast(left(s.date_adoption, 4) AS INTEGER) < annee.annee - 10)
            ) THEN 'suite_inconnue'
            ELSE coalesce(s.statut, 'statut_inconnu')
        END AS etat
    FROM strategies s
    CROSS JOIN annee
    JOIN familles f USING (type)
    LEFT JOIN successeurs r USING (strategie_id)
)
SELECT
    strategie_id,
    territoire_niveau,
    territoire_code,
    type,
    famille,
    portee,
    etat,
    etat NOT IN (coalesce(statut, 'statut_inconnu'), 'suite_inconnue', 'description')
        AS etat_deduit,
    annee_document,
    remplacee_par,
    -- as `family_subjects.speaks_first_of_all` says
    (row_number() OVER (
        PARTITION BY territoire_niveau, territoire_code
        ORDER BY
            NOT dans_aire,
            portee IS NOT DISTINCT FROM 'article',
            ordre_famille,
            portee IS DISTINCT FROM 'ensemble',
            list_position(['adoptee', 'en_revision', 'suite_inconnue', 'statut_inconnu',
                           'en_elaboration', 'terminee', 'description'], etat),
            annee_document DESC NULLS LAST,
            strategie_id
    ))::INTEGER AS rang_document,
    ordre_famille::INTEGER AS ordre_famille,
    dans_aire
FROM datees
ORDER BY territoire_niveau, territoire_code, rang_document;
