-- The last search of each territory that named no type, and what an absence of strategy then means.
CREATE TABLE dernieres_recherches AS
SELECT t.territoire_niveau, t.territoire_code,
       CASE arg_max(r.resultat, r.consulte_le)
           WHEN 'partiel' THEN 'partielle' WHEN 'trouve' THEN 'non_trouvee'
           WHEN 'non_trouve' THEN 'non_trouvee' ELSE 'non_cherchee' END AS etat,
       max(r.consulte_le) AS consulte_le
FROM territoires t
LEFT JOIN recherches r
  ON r.territoire_niveau = t.territoire_niveau AND r.territoire_code = t.territoire_code
 AND r.type IS NULL
GROUP BY t.territoire_niveau, t.territoire_code
ORDER BY ALL;
