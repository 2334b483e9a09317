"""Example queries of the SQL console."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Example:
    """An example: its title, a sentence on its result, its SQL."""

    title: str
    sentence: str
    sql: str


EXAMPLES = (
    Example(
        "État des SCoRAN",
        "Combien de régions, et quelle part, selon l’état de leur stratégie de cohérence "
        "régionale pour l’aménagement numérique.",
        """\
SELECT e.libelle AS "état", count(*) AS "régions",
       round(100.0 * count(*) / sum(count(*)) OVER (), 1) AS "part en %"
FROM couverture AS c
JOIN vocabulaires AS e ON e.vocabulaire = 'etats_couverture' AND e.code = c.etat
WHERE c.territoire_niveau = 'region' AND c.type = 'scoran'
GROUP BY ALL
ORDER BY "régions" DESC""",
    ),
    Example(
        "Euros par habitant pour les réseaux",
        "Investissement prévu par les régions pour leurs infrastructures, rapporté aux habitants "
        "couverts. Une seule étape à la fois : un montant prévu ne s’ajoute pas à un montant voté.",
        """\
SELECT t.nom || ', ' || s.titre AS "stratégie", b.euros_par_habitant, b.montant
FROM budgets_comparables AS b
JOIN strategies AS s USING (strategie_id)
JOIN territoires AS t
  ON t.territoire_niveau = b.territoire_niveau AND t.territoire_code = b.territoire_code
WHERE b.territoire_niveau = 'region' AND b.perimetre = 'infrastructures'
  AND b.etape = 'prevu' AND b.nature = 'investissement' AND b.recurrence IS NULL
ORDER BY b.euros_par_habitant DESC NULLS LAST""",
    ),
    Example(
        "Thèmes les plus fréquents par niveau",
        "Les cinq thèmes relevés dans le plus de territoires. Ce sont des minimums : les listes "
        "d’axes sont souvent partielles, et un thème qui n’y est pas n’est pas absent.",
        """\
SELECT p.territoire_niveau AS niveau, v.libelle AS "thème",
       count(*) FILTER (WHERE p.presence) AS territoires,
       count(*) FILTER (WHERE NOT p.presence) AS "absent de listes complètes"
FROM priorites_par_theme AS p
JOIN vocabulaires AS v ON v.vocabulaire = 'themes' AND v.code = p.theme
GROUP BY p.territoire_niveau, v.libelle
QUALIFY 5 >= row_number()
             OVER (PARTITION BY p.territoire_niveau ORDER BY territoires DESC, v.libelle)
ORDER BY niveau, territoires DESC""",
    ),
    Example(
        "Les mots d’un thème",
        "Comment chacun formule une priorité d’inclusion et de médiation numériques, avec la "
        "page où elle est écrite.",
        """\
SELECT t.nom AS territoire, s.annee_debut, p.rang, p.intitule, o.url AS source
FROM priorites AS p
JOIN strategies AS s USING (strategie_id)
JOIN territoires AS t USING (territoire_niveau, territoire_code)
LEFT JOIN sources AS o ON o.source_id = p.source_id
WHERE p.theme = 'inclusion_mediation'
   OR list_contains(p.themes_secondaires, 'inclusion_mediation')
ORDER BY s.annee_debut DESC NULLS LAST, territoire, p.rang""",
    ),
    Example(
        "Organismes qui réunissent le plus de territoires",
        "Pour chaque service, les trois organismes auxquels le plus de territoires sont liés.",
        """\
SELECT v.libelle AS service, o.nom AS organisme,
       count(DISTINCT (m.territoire_niveau, m.territoire_code)) AS territoires
FROM mutualisations AS m
JOIN partenaires AS o USING (partenaire_id)
JOIN vocabulaires AS v ON v.vocabulaire = 'services' AND v.code = m.service
GROUP BY v.libelle, o.nom
QUALIFY 3 >= row_number()
             OVER (PARTITION BY v.libelle ORDER BY territoires DESC, o.nom)
ORDER BY service, territoires DESC, organisme""",
    ),
    Example(
        "Stratégies sans aucun montant",
        "Combien de stratégies de chaque type n’ont pas de montant renseigné : ce qui manque au "
        "jeu de données avant toute comparaison de moyens.",
        """\
SELECT v.libelle AS type, count(*) FILTER (WHERE b.strategie_id IS NULL) AS "sans montant",
       count(*) AS "stratégies"
FROM strategies AS s
JOIN vocabulaires AS v ON v.vocabulaire = 'types_strategie' AND v.code = s.type
LEFT JOIN (SELECT DISTINCT strategie_id FROM budgets WHERE montant IS NOT NULL) AS b
  USING (strategie_id)
GROUP BY ALL
ORDER BY "sans montant" DESC""",
    ),
    Example(
        "Âge des sources",
        "De quand datent les documents cités, à l’année du jeu de données. La plupart ne disent "
        "pas leur date : ce n’est pas un âge nul.",
        """\
SELECT CASE WHEN age IS NULL THEN 'date non renseignée'
            WHEN age < 2 THEN 'moins de 2 ans'
            WHEN age < 5 THEN 'de 2 à 4 ans'
            WHEN age < 10 THEN 'de 5 à 9 ans'
            ELSE '10 ans et plus' END AS "ancienneté",
       count(*) AS sources
FROM (SELECT j.annee - CAST(left(s.date_publication, 4) AS INTEGER) AS age
      FROM sources AS s CROSS JOIN jeu_de_donnees AS j)
GROUP BY ALL
ORDER BY min(age) NULLS LAST""",
    ),
    Example(
        "Montants d’un département et leurs sources",
        "Chaque montant de l’Ille-et-Vilaine (35), le montant plus large dont il fait partie, et "
        "la page qui le dit.",
        """\
SELECT b.budget_id, b.inclus_dans, b.libelle, b.perimetre, b.etape, b.montant,
       b.financeur_nom, o.titre AS source, o.url
FROM budgets AS b
JOIN strategies AS s USING (strategie_id)
LEFT JOIN sources AS o ON o.source_id = b.source_id
WHERE s.territoire_niveau = 'departement' AND s.territoire_code = '35'
ORDER BY b.inclus_dans NULLS FIRST, b.montant DESC""",
    ),
    Example(
        "Stratégies d’une année à l’autre",
        "Combien de stratégies, de tous les types, commencent chaque année, parmi celles dont le "
        "début est connu.",
        """\
SELECT annee_debut AS "année", count(*) AS "stratégies"
FROM strategies
WHERE annee_debut IS NOT NULL
GROUP BY ALL
ORDER BY annee_debut""",
    ),
)
