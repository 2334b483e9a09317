-- Themes that a territory's strategies set as priorities. Only territories whose priorities are
-- recorded appear: for all others the answer is unknown, not « no ». Ranks are those of named axes.
CREATE TABLE priorites_par_theme AS
WITH
axes_territoires AS (
    SELECT t.territoire_niveau, t.territoire_code, p.strategie_id, p.rang, p.rang_nomme, p.nomme,
           p.intitule, p.theme, p.themes_secondaires, e.etat <> 'terminee' AS en_cours
    FROM territoires_couverts t
    JOIN axes p USING (strategie_id)
    JOIN etats_strategies e USING (strategie_id)
    WHERE t.lien <> 'aire'
),
axes_par_theme AS (
    SELECT * EXCLUDE (themes_secondaires), true AS principal FROM axes_territoires
    UNION ALL BY NAME
    SELECT * EXCLUDE (theme, themes_secondaires), unnest(themes_secondaires) AS theme,
           false AS principal
    FROM axes_territoires
),
territoires_connus AS (
    SELECT territoire_niveau, territoire_code, count(*)::INTEGER AS nb_priorites,
           count(*) FILTER (nomme)::INTEGER AS nb_priorites_nommees,
           count(DISTINCT strategie_id)::INTEGER AS nb_strategies
    FROM axes_territoires GROUP BY territoire_niveau, territoire_code
),
themes AS (SELECT code AS theme, ordre FROM vocabulaires WHERE vocabulaire = 'themes')
SELECT
    c.territoire_niveau,
    c.territoire_code,
    h.theme,
    count(a.theme) > 0 AS presence,
    coalesce(bool_or(a.en_cours), false) AS presence_en_cours,
    coalesce(bool_or(a.nomme), false) AS presence_nommee,
    coalesce(bool_or(a.nomme AND a.en_cours), false) AS presence_nommee_en_cours,
    coalesce(bool_or(a.principal), false) AS theme_principal,
    min(a.rang_nomme) AS meilleur_rang,
    min(a.rang_nomme) FILTER (a.en_cours) AS meilleur_rang_en_cours,
    c.nb_priorites,
    c.nb_priorites_nommees,
    c.nb_strategies,
    list(a.intitule ORDER BY a.nomme DESC, a.principal DESC, a.rang, a.strategie_id)
        FILTER (a.theme IS NOT NULL) AS intitules,
    list_sort(list(DISTINCT a.strategie_id) FILTER (a.theme IS NOT NULL)) AS strategie_ids
FROM territoires_connus c
CROSS JOIN themes h
LEFT JOIN axes_par_theme a USING (territoire_niveau, territoire_code, theme)
GROUP BY c.territoire_niveau, c.territoire_code, h.theme, h.ordre, c.nb_priorites,
         c.nb_priorites_nommees, c.nb_strategies
ORDER BY c.territoire_niveau, c.territoire_code, h.ordre;
