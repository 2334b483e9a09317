-- The axes of each strategy, those that its document names told apart from those that were read off
-- its text. The rank of a named axis is among the named ones: our own order is no rank.
CREATE TABLE axes AS
SELECT
    strategie_id,
    rang,
    intitule,
    theme,
    themes_secondaires,
    description,
    certitude = 'explicite' AS nomme,
    CASE WHEN certitude = 'explicite'
         THEN (count(*) FILTER (certitude = 'explicite')
               OVER (PARTITION BY strategie_id ORDER BY rang))::INTEGER END AS rang_nomme,
    (count(*) OVER (PARTITION BY strategie_id))::INTEGER AS nb_axes,
    (count(*) FILTER (certitude = 'explicite') OVER (PARTITION BY strategie_id))::INTEGER
        AS nb_axes_nommes,
    certitude,
    source_id,
    localisation
FROM priorites
ORDER BY strategie_id, rang;
