-- Themes that a territory's strategies set as priorities. Only territories whose priorities are
-- recorded appear: for all others the answer is unknown, not « no ». Nor is a theme « no » where a
-- document was not read, or its list may be partial: only where all lists are complete, one of them
-- is that of an overall strategy (a plan of networks does not choose among themes), and none of the
-- documents is about the theme. Ranks are those of named axes.
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
-- what a family of documents is about (`subjects`)
sujets (famille, theme) AS (VALUES
    ('inclusion', 'inclusion_mediation'),
    ('donnees', 'donnees'),
    ('intelligence_artificielle', 'intelligence_artificielle'),
    ('cybersecurite', 'cybersecurite_confiance'),
    ('numerique_responsable', 'numerique_responsable'),
    ('numerique_educatif', 'education_formation'),
    ('territoire_intelligent', 'territoire_intelligent'),
    ('filiere_numerique', 'economie_innovation'),
    ('interne', 'modernisation_interne'),
    ('reseaux', 'infrastructures')
),
documents AS (
    SELECT t.territoire_niveau, t.territoire_code, e.famille, e.portee,
           s.liste_axes = 'complete' AND x.strategie_id IS NOT NULL AS lu_en_entier,
           x.strategie_id IS NOT NULL AS lu
    FROM territoires_couverts t
    JOIN etats_strategies e USING (strategie_id)
    JOIN strategies s USING (strategie_id)
    LEFT JOIN (SELECT DISTINCT strategie_id FROM axes) x USING (strategie_id)
    WHERE t.lien <> 'aire'
),
lectures AS (
    SELECT territoire_niveau, territoire_code,
           bool_and(coalesce(lu_en_entier, false)) AS entiere,
           entiere AND bool_or(famille = 'ensemble' AND portee IS NOT DISTINCT FROM 'ensemble')
               AS ensemble_entier,
           list_sort(list(DISTINCT famille) FILTER (lu)) AS familles
    FROM documents GROUP BY territoire_niveau, territoire_code
),
consacres AS (
    SELECT DISTINCT d.territoire_niveau, d.territoire_code, u.theme
    FROM documents d JOIN sujets u USING (famille)
),
themes AS (SELECT code AS theme, ordre FROM vocabulaires WHERE vocabulaire = 'themes'),
releves AS (
    SELECT territoire_niveau, territoire_code, theme,
           bool_or(en_cours) AS en_cours, bool_or(nomme) AS nomme,
           bool_or(nomme AND en_cours) AS nomme_en_cours, bool_or(principal) AS principal,
           min(rang_nomme) AS meilleur_rang,
           min(rang_nomme) FILTER (en_cours) AS meilleur_rang_en_cours,
           -- sorted as structures: an ordered aggregate takes twice as long
           list_transform(list_sort(list(struct_pack(
               autre := NOT nomme, secondaire := NOT principal, rang, strategie_id, intitule
           ))), axe -> axe.intitule) AS intitules,
           list_sort(list(DISTINCT strategie_id)) AS strategie_ids
    FROM axes_par_theme GROUP BY territoire_niveau, territoire_code, theme
)
SELECT
    c.territoire_niveau,
    c.territoire_code,
    h.theme,
    -- true where an axis says so; else false only of what was read entirely
    coalesce(nullif(a.theme IS NOT NULL, false), o.non) AS presence,
    coalesce(nullif(a.en_cours, false), o.non) AS presence_en_cours,
    coalesce(nullif(a.nomme, false), o.non) AS presence_nommee,
    coalesce(nullif(a.nomme_en_cours, false), o.non) AS presence_nommee_en_cours,
    coalesce(nullif(a.principal, false), o.non) AS theme_principal,
    a.meilleur_rang,
    a.meilleur_rang_en_cours,
    c.nb_priorites,
    c.nb_priorites_nommees,
    c.nb_strategies,
    a.intitules,
    a.strategie_ids,
    s.theme IS NOT NULL AS par_objet,
    CASE WHEN l.entiere THEN 'complete' ELSE 'partielle' END AS liste_axes,
    l.familles AS familles_lues,
    CASE WHEN l.entiere THEN 'tous les documents connus du territoire, lus en entier'
         ELSE 'axes relevés, dont la liste n’est pas connue comme complète' END AS portee,
    list_filter([
        CASE WHEN NOT l.ensemble_entier THEN 'un thème non relevé n’est pas un thème absent' END,
        CASE WHEN s.theme IS NOT NULL
             THEN 'un document porte sur ce sujet même : ce n’est pas un choix parmi d’autres' END
    ], reserve -> reserve IS NOT NULL) AS reserves
FROM territoires_connus c
JOIN lectures l USING (territoire_niveau, territoire_code)
CROSS JOIN themes h
LEFT JOIN consacres s
  ON s.territoire_niveau = c.territoire_niveau AND s.territoire_code = c.territoire_code
 AND s.theme = h.theme
CROSS JOIN LATERAL (SELECT CASE WHEN l.ensemble_entier AND s.theme IS NULL THEN false END AS non) o
LEFT JOIN releves a
  ON a.territoire_niveau = c.territoire_niveau AND a.territoire_code = c.territoire_code
 AND a.theme = h.theme
ORDER BY c.territoire_niveau, c.territoire_code, h.ordre;
