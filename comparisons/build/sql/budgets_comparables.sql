-- Additive amounts (no part of a larger one), each with its object: what part of the programme, who
-- pays, for how long, for which area. Two amounts stand side by side when their objects are equal;
-- `comparable` says whether the object of a row is known well enough for that, `motif` why not.
CREATE TABLE budgets_comparables AS
WITH
jeu AS (SELECT max(annee) AS annee FROM paquets),
lignes AS (
    SELECT
        b.*,
        -- the area of the amount, when it is narrower than the strategy's
        coalesce(b.territoire_niveau, s.territoire_niveau) AS niveau,
        coalesce(b.territoire_code, s.territoire_code) AS code,
        CASE WHEN b.territoire_code IS NOT NULL THEN t.population
             WHEN b.etendue = 'partie' THEN NULL ELSE p.population END AS habitants,
        CASE WHEN b.financeur_type = 'multiple' THEN 'tous'
             WHEN b.financeur_type = s.territoire_niveau THEN 'porteur'
             WHEN b.financeur_type IS NOT NULL THEN 'un_autre' END AS payeur,
        coalesce(b.duree_annees, b.annee_fin - b.annee_debut + 1) AS annees,
        e.annee_document
    FROM budgets b
    JOIN strategies s USING (strategie_id)
    JOIN etats_strategies e USING (strategie_id)
    JOIN populations_strategies p USING (strategie_id)
    LEFT JOIN territoires t
      ON t.territoire_niveau = b.territoire_niveau AND t.territoire_code = b.territoire_code
    WHERE b.inclus_dans IS NULL
),
objets AS (
    SELECT
        *,
        CASE WHEN recurrence = 'annuel' THEN 'par_an' WHEN annees <= 7 THEN 'jusqu_a_7_ans'
             WHEN annees <= 15 THEN 'de_8_a_15_ans' WHEN annees > 15 THEN 'plus_de_15_ans' END
            AS duree,
        CASE WHEN abandonne THEN 'abandonne'
             WHEN etendue IS NULL THEN 'etendue_inconnue'
             WHEN etendue NOT IN ('ensemble', 'zone_publique') THEN 'partiel'
             WHEN payeur IS NULL THEN 'payeur_inconnu'
             WHEN payeur = 'un_autre' THEN 'un_seul_financeur'
             WHEN annees IS NULL AND recurrence IS NULL THEN 'duree_inconnue'
             WHEN coalesce(annee_document, 0) < jeu.annee - 10 THEN 'ancien' END AS motif
    FROM lignes CROSS JOIN jeu
)
SELECT
    strategie_id,
    niveau AS territoire_niveau,
    code AS territoire_code,
    perimetre,
    etape,
    nature,
    recurrence,
    annee_debut,
    annee_fin,
    etendue,
    payeur,
    duree,
    motif IS NULL AS comparable,
    motif,
    sum(montant) AS montant,
    habitants AS population,
    round(sum(montant) / habitants, 2) AS euros_par_habitant,
    -- per year only from a yearly amount, or from a total whose two years are known
    round(CASE
        WHEN recurrence = 'annuel' THEN sum(montant) / habitants
        WHEN annee_debut IS NOT NULL AND annee_fin IS NOT NULL
            THEN sum(montant) / habitants / (annee_fin - annee_debut + 1)
    END, 2) AS euros_par_habitant_par_an,
    coalesce(bool_or(approximatif), false) AS approximatif,
    CASE WHEN bool_and(certitude = 'explicite') THEN 'explicite' ELSE 'deduit' END AS certitude,
    list(libelle ORDER BY budget_id) AS libelles,
    list_sort(list(DISTINCT source_id)) AS source_ids
FROM objets
GROUP BY strategie_id, niveau, code, perimetre, etape, nature, recurrence, annee_debut, annee_fin,
         etendue, payeur, duree, motif, habitants
ORDER BY ALL;
