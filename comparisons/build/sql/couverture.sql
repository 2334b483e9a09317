-- The coverage board: each territory × type of strategy, with its state, or why there is none.
-- A strategy of a wider territory never counts as one's own: it is named apart (englobante_*).
CREATE TABLE couverture AS
WITH
types AS (SELECT code AS type_strategie FROM vocabulaires WHERE vocabulaire = 'types_strategie'),
documents AS (
    SELECT *,
           CASE etat WHEN 'adoptee' THEN 1 WHEN 'en_revision' THEN 1 WHEN 'suite_inconnue' THEN 2
                     WHEN 'statut_inconnu' THEN 3 WHEN 'en_elaboration' THEN 4 ELSE 5 END
               AS ordre_etat
    FROM etats_strategies
),
propres AS (
    SELECT t.territoire_niveau, t.territoire_code, d.type, count(*)::INTEGER AS nb_strategies,
           -- as `family_subjects.speaks_first` says
           first(struct_pack(strategie_id, lien, etat := CASE
                     WHEN d.portee IS NOT DISTINCT FROM 'article' THEN 'description'
                     WHEN NOT t.dans_aire THEN 'partie_du_territoire' ELSE etat END)
                 ORDER BY NOT t.dans_aire, d.portee IS NOT DISTINCT FROM 'article',
                 d.portee IS DISTINCT FROM 'ensemble', d.ordre_etat,
                 d.annee_document DESC NULLS LAST, strategie_id) AS retenue
    FROM territoires_couverts t
    JOIN documents d USING (strategie_id)
    WHERE t.lien <> 'aire'
    GROUP BY t.territoire_niveau, t.territoire_code, d.type
),
englobantes AS (
    SELECT g.territoire_niveau, g.territoire_code, c.type,
           first(struct_pack(strategie_id, niveau) ORDER BY c.ordre_etat,
                 list_position(['epci', 'departement', 'region'], g.niveau),
                 c.annee_document DESC NULLS LAST, strategie_id) AS retenue
    FROM strategies_englobantes g
    JOIN documents c USING (strategie_id)
    GROUP BY g.territoire_niveau, g.territoire_code, c.type
),
recherches_du_type AS (
    SELECT territoire_niveau, territoire_code, type, max(consulte_le) AS consulte_le
    FROM recherches WHERE type IS NOT NULL GROUP BY territoire_niveau, territoire_code, type
)
SELECT
    t.territoire_niveau,
    t.territoire_code,
    y.type_strategie AS type,
    coalesce(
        p.retenue.etat,
        -- nobody looked for a type in particular, unless a search says so
        CASE WHEN x.type IS NOT NULL THEN 'non_trouvee'
             WHEN r.etat <> 'non_cherchee' THEN 'aucune_de_ce_type' ELSE r.etat END
    ) AS etat,
    p.retenue.lien AS lien,
    p.retenue.strategie_id AS strategie_id,
    coalesce(p.nb_strategies, 0) AS nb_strategies,
    e.retenue.strategie_id AS englobante_strategie_id,
    e.retenue.niveau AS englobante_niveau,
    coalesce(x.consulte_le, r.consulte_le) AS consulte_le
FROM territoires t
CROSS JOIN types y
LEFT JOIN propres p
  ON p.territoire_niveau = t.territoire_niveau AND p.territoire_code = t.territoire_code
 AND p.type = y.type_strategie
LEFT JOIN englobantes e
  ON e.territoire_niveau = t.territoire_niveau AND e.territoire_code = t.territoire_code
 AND e.type = y.type_strategie
JOIN dernieres_recherches r
  ON r.territoire_niveau = t.territoire_niveau AND r.territoire_code = t.territoire_code
LEFT JOIN recherches_du_type x
  ON x.territoire_niveau = t.territoire_niveau AND x.territoire_code = t.territoire_code
 AND x.type = y.type_strategie
ORDER BY CASE t.territoire_niveau WHEN 'region' THEN 1 WHEN 'departement' THEN 2 WHEN 'epci' THEN 3
         ELSE 4 END, t.territoire_code, y.type_strategie;
