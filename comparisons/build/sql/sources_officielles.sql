-- The facts that official sources state, without those that cite another kind of source (vocabulary
-- `types_source`). These tables are made in a schema of their own, which is searched before that of
-- all facts: each reads the table of its name there. Derived tables follow, by their own SQL.
CREATE TABLE sources AS
FROM sources WHERE type IN (
    SELECT code FROM vocabulaires WHERE vocabulaire = 'types_source' AND famille = 'officielle'
);
CREATE TABLE relectures AS FROM relectures SEMI JOIN sources USING (source_id);
CREATE TABLE priorites AS FROM priorites SEMI JOIN sources USING (source_id);
CREATE TABLE budgets AS FROM budgets SEMI JOIN sources USING (source_id);
CREATE TABLE indicateurs AS FROM indicateurs SEMI JOIN sources USING (source_id);
CREATE TABLE mutualisations AS FROM mutualisations SEMI JOIN sources USING (source_id);
-- An axis keeps its rank, and the number of axes, in its document.
CREATE TABLE axes AS FROM axes SEMI JOIN sources USING (source_id);
-- A document whose own row cites another kind of source stays if one of its facts is official: with
-- its name and the source of that fact, but without what only the other source says of it. A list
-- of axes some of which are taken away is complete no more.
CREATE TABLE strategies AS
WITH appuis AS (
    SELECT strategie_id, min(source_id) AS source_id
    FROM (SELECT strategie_id, source_id FROM priorites
          UNION ALL SELECT strategie_id, source_id FROM budgets
          UNION ALL SELECT strategie_id, source_id FROM indicateurs)
    GROUP BY strategie_id
),
incompletes AS (SELECT DISTINCT strategie_id FROM main.axes ANTI JOIN sources USING (source_id))
SELECT s.* REPLACE (CASE WHEN i.strategie_id IS NULL THEN s.liste_axes ELSE 'partielle' END
                    AS liste_axes)
FROM strategies s SEMI JOIN sources USING (source_id)
LEFT JOIN incompletes i USING (strategie_id)
UNION ALL BY NAME
SELECT s.strategie_id, s.territoire_niveau, s.territoire_code, s.titre, s.type,
       'deduit' AS certitude, a.source_id
FROM strategies s ANTI JOIN sources USING (source_id)
JOIN appuis a USING (strategie_id);
CREATE TABLE couvertures AS FROM couvertures SEMI JOIN strategies USING (strategie_id);
-- What a search found, where no official source tells it, is not a document that was not found.
CREATE TABLE recherches AS
WITH trouves AS (
    SELECT territoire_niveau, territoire_code FROM strategies
    UNION SELECT territoire_niveau, territoire_code FROM couvertures
)
SELECT r.* REPLACE (CASE WHEN resultat = 'trouve' AND t.territoire_code IS NULL THEN 'partiel'
                    ELSE resultat END AS resultat)
FROM recherches r LEFT JOIN trouves t USING (territoire_niveau, territoire_code);
-- An organisation that an official source links to a territory stays, too.
CREATE TABLE partenaires AS
WITH appuis AS (
    SELECT partenaire_id, min(source_id) AS source_id FROM mutualisations GROUP BY partenaire_id
)
FROM partenaires SEMI JOIN sources USING (source_id)
UNION ALL BY NAME
SELECT p.partenaire_id, p.nom, p.sigle, p.forme, p.siren, p.url, a.source_id
FROM partenaires p ANTI JOIN sources USING (source_id)
JOIN appuis a USING (partenaire_id);
