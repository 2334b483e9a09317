-- Themes that a territory's strategies set as priorities. Only territories whose priorities are
-- recorded appear: for all others the answer is unknown, not « no ».
CREATE TABLE priorites_par_theme AS
WITH
axes AS (
    SELECT t.territoire_niveau, t.territoire_code, p.strategie_id, p.rang, p.intitule, p.theme,
           p.themes_secondaires, e.etat <> 'terminee' AS en_cours
    FROM territoires_couverts t
    JOIN priorites p USING (strategie_id)
    JOIN etats_strategies e USING (strategie_id)
    WHERE t.lien <> 'aire'
),
axes_par_theme AS (
    SELECT territoire_niveau, territoire_code, strategie_id, rang, intitule, theme,
           true AS principal, en_cours
    FROM axes
    UNION ALL
    SELECT territoire_niveau, territoire_code, strategie_id, rang, intitule,
           unnest(themes_secondaires), false, en_cours
    FROM axes
),
territoires_connus AS (
    SELECT territoire_niveau, territoire_code, count(*)::INTEGER AS nb_priorites,
           count(DISTINCT strategie_id)::INTEGER AS nb_strategies
    FROM axes GROUP BY territoire_niveau, territoire_code
),
themes AS (SELECT code AS theme, ordre FROM vocabulaires WHERE vocabulaire = 'themes')
SELECT
    c.territoire_niveau,
    c.territoire_code,
    h.theme,
    count(a.theme) > 0 AS presence,
    coalesce(bool_or(a.en_cours), false) AS presence_en_cours,
    coalesce(bool_or(a.principal), false) AS theme_principal,
    min(a.rang) AS meilleur_rang,
    min(a.rang) FILTER (a.en_cours) AS meilleur_rang_en_cours,
    c.nb_priorites,
    c.nb_strategies,
    list(a.intitule ORDER BY a.principal DESC, a.rang, a.strategie_id)
        FILTER (a.theme IS NOT NULL) AS intitules,
    list_sort(list(DISTINCT a.strategie_id) FILTER (a.theme IS NOT NULL)) AS strategie_ids
FROM territoires_connus c
CROSS JOIN themes h
LEFT JOIN axes_par_theme a USING (territoire_niveau, territoire_code, theme)
GROUP BY c.territoire_niveau, c.territoire_code, h.theme, h.ordre, c.nb_priorites, c.nb_strategies
ORDER BY c.territoire_niveau, c.territoire_code, h.ordre;
