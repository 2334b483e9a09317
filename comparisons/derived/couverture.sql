-- The coverage board: each territory × type of strategy, with its state, or why there is none.
-- A strategy of a wider territory never counts as one's own: it is named apart (englobante_*).
CREATE TABLE couverture AS
WITH
types AS (SELECT code AS type_strategie FROM vocabulaires WHERE vocabulaire = 'types_strategie'),
candidates AS (
    SELECT t.territoire_niveau, t.territoire_code, e.type, e.strategie_id, e.etat, t.lien,
           CASE e.etat WHEN 'adoptee' THEN 1 WHEN 'en_revision' THEN 1 WHEN 'statut_inconnu' THEN 2
                       WHEN 'en_elaboration' THEN 3 ELSE 4 END AS ordre_etat,
           e.annee_document
    FROM territoires_couverts t JOIN etats_strategies e USING (strategie_id)
),
propres AS (
    SELECT territoire_niveau, territoire_code, type, count(*)::INTEGER AS nb_strategies,
           first(struct_pack(strategie_id, etat, lien) ORDER BY ordre_etat,
                 annee_document DESC NULLS LAST, strategie_id) AS retenue
    FROM candidates
    WHERE lien <> 'aire'
    GROUP BY territoire_niveau, territoire_code, type
),
-- where a wider territory does not act: the Département du Rhône in the Métropole de Lyon
hors AS (
    SELECT jumeau_niveau AS territoire_niveau, jumeau_code AS territoire_code,
           territoire_niveau AS dans_niveau, territoire_code AS dans_code, depuis
    FROM jumeaux WHERE relation = 'hors'
    UNION ALL
    SELECT a.territoire_niveau, a.territoire_code, j.territoire_niveau, j.territoire_code, j.depuis
    FROM jumeaux j
    JOIN appartenances a ON a.dans_niveau = j.jumeau_niveau AND a.dans_code = j.jumeau_code
    WHERE j.relation = 'hors'
),
au_dessus AS (
    SELECT a.territoire_niveau, a.territoire_code, c.type, c.strategie_id, c.ordre_etat,
           c.annee_document,
           CASE c.lien WHEN 'aire' THEN 'region' ELSE a.dans_niveau END AS niveau
    FROM appartenances a
    JOIN territoires_couverts t
      ON t.territoire_niveau = a.dans_niveau AND t.territoire_code = a.dans_code AND t.dans_aire
    JOIN candidates c
      ON c.strategie_id = t.strategie_id AND c.territoire_niveau = t.territoire_niveau
     AND c.territoire_code = t.territoire_code
    LEFT JOIN hors h
      ON h.territoire_niveau = a.territoire_niveau AND h.territoire_code = a.territoire_code
     AND h.dans_niveau = a.dans_niveau AND h.dans_code = a.dans_code
     AND coalesce(c.annee_document >= h.depuis, true)
     -- its own strategies only: another's that names it covers it whole
     AND c.lien = 'propre'
    -- what counts as one's own (named in it, or a twin's) is not a wider territory's
    ANTI JOIN territoires_couverts o
      ON o.strategie_id = c.strategie_id AND o.territoire_niveau = a.territoire_niveau
     AND o.territoire_code = a.territoire_code AND o.lien <> 'aire'
    WHERE a.part_population >= 0.5 AND h.dans_code IS NULL
    UNION ALL
    SELECT territoire_niveau, territoire_code, type, strategie_id, ordre_etat, annee_document,
           'region'
    FROM candidates WHERE lien = 'aire'
),
englobantes AS (
    SELECT territoire_niveau, territoire_code, type,
           first(struct_pack(strategie_id, niveau) ORDER BY ordre_etat,
                 list_position(['epci', 'departement', 'region'], niveau),
                 annee_document DESC NULLS LAST, strategie_id) AS retenue
    FROM au_dessus
    GROUP BY territoire_niveau, territoire_code, type
),
derniere_recherche AS (
    SELECT territoire_niveau, territoire_code, arg_max(resultat, consulte_le) AS resultat,
           max(consulte_le) AS consulte_le
    FROM recherches GROUP BY territoire_niveau, territoire_code
)
SELECT
    t.territoire_niveau,
    t.territoire_code,
    y.type_strategie AS type,
    coalesce(
        p.retenue.etat,
        CASE r.resultat WHEN 'partiel' THEN 'partielle' WHEN 'trouve' THEN 'non_trouvee'
                        WHEN 'non_trouve' THEN 'non_trouvee' ELSE 'non_cherchee' END
    ) AS etat,
    p.retenue.lien AS lien,
    p.retenue.strategie_id AS strategie_id,
    coalesce(p.nb_strategies, 0) AS nb_strategies,
    e.retenue.strategie_id AS englobante_strategie_id,
    e.retenue.niveau AS englobante_niveau,
    r.consulte_le
FROM territoires t
CROSS JOIN types y
LEFT JOIN propres p
  ON p.territoire_niveau = t.territoire_niveau AND p.territoire_code = t.territoire_code
 AND p.type = y.type_strategie
LEFT JOIN englobantes e
  ON e.territoire_niveau = t.territoire_niveau AND e.territoire_code = t.territoire_code
 AND e.type = y.type_strategie
LEFT JOIN derniere_recherche r
  ON r.territoire_niveau = t.territoire_niveau AND r.territoire_code = t.territoire_code
ORDER BY CASE t.territoire_niveau WHEN 'region' THEN 1 WHEN 'departement' THEN 2 WHEN 'epci' THEN 3
         ELSE 4 END, t.territoire_code, y.type_strategie;
