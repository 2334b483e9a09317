-- What answers « oui » to the questions of data/reference/questions.csv: a row per question,
-- territory and fact that proves it, whose criterion says the same in French. A document proves of
-- every territory that it is one *of*, twins included, but not of those that only lie in its area;
-- an organisation, of those that found, run or join it, and of the EPCI and communes that use it.
CREATE TABLE preuves AS
WITH
documents AS (
    SELECT t.territoire_niveau, t.territoire_code, t.lien,
           s.* EXCLUDE (territoire_niveau, territoire_code)
    FROM territoires_couverts t JOIN strategies s USING (strategie_id)
    WHERE t.lien <> 'aire'
),
axes_nommes AS (
    SELECT d.territoire_niveau, d.territoire_code, d.lien, p.*,
           p.theme || '|' || coalesce(array_to_string(p.themes_secondaires, '|'), '') AS themes,
           lower(p.intitule || ' ' || coalesce(p.description, '')) AS mots
    FROM priorites p JOIN documents d USING (strategie_id)
    WHERE p.certitude = 'explicite'
),
montants AS (
    SELECT d.territoire_niveau, d.territoire_code, d.lien, d.type,
           b.* EXCLUDE (territoire_niveau, territoire_code)
    FROM budgets b JOIN documents d USING (strategie_id)
),
montants_cites AS (FROM montants WHERE certitude = 'explicite'),
mesures AS (FROM indicateurs WHERE certitude = 'explicite' AND indicateur <> 'autre'),
en_service AS (
    SELECT *, concat_ws(' / ', partenaire_id, territoire_niveau, territoire_code, service, role)
           AS cle
    FROM mutualisations
    WHERE certitude = 'explicite' AND role <> 'partenaire'
      AND NOT coalesce(regexp_matches(solution, '\((en projet|expérimentation)\)\s*$'), false)
),
liens AS (
    SELECT territoire_niveau, territoire_code, 'propre' AS lien,
           * EXCLUDE (territoire_niveau, territoire_code)
    FROM en_service
    UNION ALL
    SELECT j.jumeau_niveau, j.jumeau_code, 'jumeau',
           m.* EXCLUDE (territoire_niveau, territoire_code)
    FROM en_service m JOIN jumeaux j USING (territoire_niveau, territoire_code)
    WHERE j.relation = 'vaut_pour' AND (j.depuis IS NULL OR m.annee_debut >= j.depuis)
),
-- a syndicat that serves a whole département proves nothing about the département itself
partages AS (
    FROM liens WHERE role <> 'beneficiaire' OR territoire_niveau IN ('epci', 'commune')
),
faits_documents AS (
    SELECT c.question, d.*
    FROM (VALUES ('pilotage_dgs', 'dgs'), ('pilotage_elu', 'elu'),
                 ('pilotage_direction_numerique', 'direction_numerique'),
                 ('pilotage_structure_commune', 'syndicat')) c(question, pilotage)
    JOIN documents d USING (pilotage)
    UNION ALL BY NAME SELECT 'instance_pilotage' AS question, * FROM documents
    -- the format has no code for a committee: its name is looked for in the text
    WHERE regexp_matches(
        regexp_replace(lower(gouvernance), 'comité (syndical|de direction)', '', 'g'),
        'comité|commission|conseil (départemental|régional|métropolitain|communautaire|municipal) '
        || 'du numérique|conseil stratégique|instance de gouvernance')
    UNION ALL BY NAME SELECT 'concertation_chiffree' AS question, * FROM documents
    WHERE coalesce(concertation_participants, concertation_ateliers, concertation_contributions)
          IS NOT NULL
    UNION ALL BY NAME SELECT 'deuxieme_generation' AS question, * FROM documents
    WHERE remplace IS NOT NULL
    UNION ALL BY NAME SELECT 'numerique_responsable' AS question, * FROM documents
    WHERE type = 'numerique_responsable'
    UNION ALL BY NAME SELECT 'ia_dans_strategie' AS question, * FROM documents
    -- a document on several subjects has one type: its title names the others
    WHERE type = 'intelligence_artificielle'
       OR regexp_matches(lower(titre), 'intelligences? artificielles?|\bia\b')
),
faits_axes AS (
    SELECT 'ia_dans_strategie' AS question, * FROM axes_nommes
    WHERE list_contains(string_split(themes, '|'), 'intelligence_artificielle')
    UNION ALL SELECT 'numerique_responsable', * FROM axes_nommes
    WHERE theme = 'numerique_responsable'
    -- one theme codes the skills of agents and of élus: the words of the axis tell which
    UNION ALL SELECT 'agents_formes', * FROM axes_nommes
    WHERE list_contains(string_split(themes, '|'), 'competences_agents_elus')
      AND regexp_matches(mots, '(^|[^a-zà-ÿ])agents?([^a-zà-ÿ]|$)')
    UNION ALL SELECT 'elus_formes', * FROM axes_nommes
    WHERE regexp_matches(mots, '(^|[^a-zà-ÿ])élus?([^a-zà-ÿ]|$)')
      AND regexp_matches(mots, 'form|sensibilis|accultur|compétence|accompagn|saisir')
),
faits_montants AS (
    SELECT 'budget_par_axe' AS question, * FROM montants_cites WHERE priorite_rang IS NOT NULL
    UNION ALL SELECT 'budget_usages', * FROM montants_cites
    WHERE perimetre = 'usages'
       OR (perimetre = 'strategie' AND type NOT IN ('sdtan', 'scoran'))
    UNION ALL SELECT 'centre_donnees', * FROM montants_cites
    -- the format has no code for what an amount buys
    WHERE etape IN ('engage', 'realise')
      AND regexp_matches(lower(libelle), 'data ?center|centre de données|centre de calcul')
    UNION ALL SELECT 'financement_partage', * FROM (
        FROM montants_cites
        WHERE perimetre <> 'infrastructures' AND type NOT IN ('sdtan', 'scoran')
          AND financeur_type IS NOT NULL
        WINDOW strategie AS (PARTITION BY territoire_niveau, territoire_code, strategie_id)
        QUALIFY min(financeur_type) OVER strategie <> max(financeur_type) OVER strategie)
    UNION ALL SELECT 'usages_face_aux_reseaux', * FROM (
        FROM montants
        WHERE inclus_dans IS NULL AND perimetre IN ('usages', 'infrastructures')
        WINDOW meme_etape AS (PARTITION BY territoire_niveau, territoire_code, etape)
        QUALIFY min(perimetre) OVER meme_etape <> max(perimetre) OVER meme_etape)
),
faits_mesures AS (
    SELECT c.question, m.*
    FROM (VALUES ('agents_formes', 'agents_formes'), ('elus_formes', 'elus_formes'),
                 ('mediation_comptee', 'lieux_mediation'),
                 ('mediation_comptee', 'conseillers_numeriques')) c(question, indicateur)
    JOIN mesures m USING (indicateur)
    WHERE m.nature = 'realise'
    UNION ALL BY NAME SELECT unnest(CASE
               WHEN indicateur IN ('prises_ftth', 'taux_ftth') THEN ['cible_et_resultat']
               ELSE ['cible_et_resultat', 'cible_et_resultat_usages'] END) AS question, *
    FROM (FROM mesures
          WINDOW meme_mesure AS (PARTITION BY territoire_niveau, territoire_code, indicateur)
          QUALIFY min(nature) OVER meme_mesure <> max(nature) OVER meme_mesure)
),
faits_partages AS (
    SELECT c.question, p.*
    FROM (VALUES ('cybersecurite_partagee', 'cybersecurite'), ('dpo_partage', 'dpo_rgpd'),
                 ('donnees_ouvertes_partagees', 'open_data'), ('ent_partage', 'ent'),
                 ('relation_usagers_partagee', 'grc'), ('centre_donnees', 'hebergement_cloud'),
                 ('objets_connectes_partages', 'reseau_iot'),
                 ('videoprotection_partagee', 'videoprotection')) c(question, service)
    JOIN partages p USING (service)
    UNION ALL BY NAME SELECT 'logiciel_libre_partage' AS question, * FROM partages
    WHERE licence = 'libre'
    UNION ALL BY NAME SELECT 'service_porte' AS question, * FROM partages WHERE role = 'porteur'
    UNION ALL BY NAME SELECT 'achats_groupes' AS question, * FROM partages
    WHERE service = 'achats_groupes' OR partenaire_id IN (
        SELECT partenaire_id FROM partenaires WHERE forme = 'groupement_de_commandes')
    UNION ALL BY NAME SELECT 'archivage_propose' AS question, * FROM liens
    WHERE service = 'archivage_electronique' AND territoire_niveau IN ('region', 'departement')
),
faits AS (
    SELECT question, territoire_niveau, territoire_code, lien, 'strategies' AS table_nom,
           strategie_id AS cle, titre AS libelle, certitude, source_id, localisation
    FROM faits_documents
    UNION ALL SELECT question, territoire_niveau, territoire_code, lien, 'priorites',
           concat_ws(' / ', strategie_id, rang), intitule, certitude, source_id, localisation
    FROM faits_axes
    UNION ALL SELECT question, territoire_niveau, territoire_code, lien, 'budgets',
           budget_id, libelle, certitude, source_id, localisation
    FROM faits_montants
    UNION ALL SELECT question, territoire_niveau, territoire_code, 'propre', 'indicateurs',
           concat_ws(' / ', territoire_niveau, territoire_code, indicateur,
                     coalesce(annee::VARCHAR, ''), libelle),
           libelle, certitude, source_id, localisation
    FROM faits_mesures
    UNION ALL SELECT f.question, f.territoire_niveau, f.territoire_code, f.lien, 'mutualisations',
           f.cle, concat_ws(' : ', p.nom, f.solution), f.certitude, f.source_id, f.localisation
    FROM faits_partages f JOIN partenaires p USING (partenaire_id)
)
SELECT DISTINCT f.* FROM faits f
JOIN questions q ON q.code = f.question AND list_contains(q.niveaux, f.territoire_niveau)
ORDER BY ALL;
