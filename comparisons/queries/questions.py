"""Questions of the page « Qui l’a fait ? »: what is asked, who did it, and what proves it."""

import pandas as pd

from comparisons.database.cache import cached
from comparisons.database.connection import query
from comparisons.schema.territory import LEVELS, parse_key

# Codes of the answers, in the order of a legend. None of them means « no ».
ANSWERS = {
    "oui": "Oui, avec sa preuve",
    "pas_releve": "Pas dans ce qui est relevé",
    "non_cherche": "Non cherché",
    "sans_objet": "Sans objet à ce niveau",
}
# Territories that did it, from which a question has enough cases to learn from.
MIN_CASES = 10


@cached
def questions() -> pd.DataFrame:
    """Return the questions by `code`, in the order of their file.

    Columns: those of the table `questions`, `cas` (territories with a fact of their own that proves
    it, twins not counted again), `a_completer` (fewer than `MIN_CASES`).
    """
    rows = query(
        """
        SELECT q.*, count(DISTINCT cle(p.territoire_niveau, p.territoire_code))
                    FILTER (p.lien = 'propre')::INTEGER AS cas
        FROM (SELECT *, row_number() OVER () AS ordre FROM questions) q
        LEFT JOIN preuves p ON p.question = q.code
        GROUP BY ALL ORDER BY q.ordre
        """
    ).set_index("code", drop=False)
    return rows.drop(columns="ordre").assign(a_completer=rows["cas"] < MIN_CASES)


# What could have told is known of a territory: a document or a search for one, a shared service, a
# measured value. Where nothing is, nobody looked.
_ANSWERS_SQL = """
    WITH lieux AS (
        SELECT territoire_niveau, territoire_code, nom, population FROM territoires
        WHERE territoire_niveau = $level AND ($code = '' OR territoire_code = $code)
    ),
    demandees AS (
        SELECT row_number() OVER () AS ordre, * FROM questions
    ),
    releves AS (
        SELECT territoire_code, ['strategies', 'priorites', 'budgets', 'indicateurs'] AS tables
        FROM territoires_couverts WHERE territoire_niveau = $level AND lien <> 'aire'
        UNION ALL
        SELECT territoire_code, ['strategies', 'priorites', 'budgets', 'indicateurs']
        FROM dernieres_recherches WHERE territoire_niveau = $level AND etat <> 'non_cherchee'
        UNION ALL
        SELECT territoire_code, ['mutualisations']
        FROM services_par_territoire WHERE territoire_niveau = $level
        UNION ALL
        SELECT territoire_code, ['indicateurs'] FROM indicateurs WHERE territoire_niveau = $level
    ),
    lus AS (
        SELECT territoire_code, list_distinct(flatten(list(tables))) AS tables
        FROM releves GROUP BY territoire_code
    )
    SELECT q.code AS question, l.*,
           CASE WHEN NOT list_contains(q.niveaux, $level) THEN 'sans_objet'
                WHEN p.nb > 0 THEN 'oui'
                WHEN list_has_any(q.tables, lus.tables) THEN 'pas_releve'
                ELSE 'non_cherche' END AS reponse
    FROM demandees q
    CROSS JOIN lieux l
    LEFT JOIN lus USING (territoire_code)
    LEFT JOIN (SELECT question, territoire_code, count(*) AS nb FROM preuves
               WHERE territoire_niveau = $level GROUP BY ALL) p
      ON p.question = q.code AND p.territoire_code = l.territoire_code
    WHERE $question = '' OR q.code = $question
    ORDER BY q.ordre, l.territoire_code
"""


@cached
def answers_of_level(question: str, level: str) -> pd.DataFrame:
    """Return the answer of each territory of a level to a question.

    Columns: `question`, `territoire_niveau`, `territoire_code`, `nom`, `population`, `reponse` (a
    code of `ANSWERS`).
    """
    return query(_ANSWERS_SQL, {"question": question, "level": level, "code": ""})


def answers_of_territory(key: str) -> pd.DataFrame:
    """Return the answers of a territory to all questions (columns of `answers_of_level`)."""
    territory = parse_key(key)
    return query(_ANSWERS_SQL, {"question": "", "level": territory.niveau, "code": territory.code})


@cached
def proofs(level: str, question: str = "", code: str = "") -> pd.DataFrame:
    """Return the facts that prove the answers « oui » at a level, stated ones first.

    Of one question or all, of one territory or all: `question`, `territoire_code`, `lien`,
    `preuve`, `certitude`, `table_nom`, `cle`, `localisation`, `source_id`, and the columns of
    `sources_citees`.
    """
    return query(
        """
        SELECT p.question, p.territoire_code, p.lien, p.libelle AS preuve, p.certitude,
               p.table_nom, p.cle, p.localisation, s.*
        FROM preuves p JOIN sources_citees() s USING (source_id)
        WHERE p.territoire_niveau = $level AND ($question = '' OR p.question = $question)
          AND ($code = '' OR p.territoire_code = $code)
        ORDER BY p.question, p.territoire_code, p.certitude = 'deduit',
                 p.lien <> 'propre', s.source_date DESC NULLS LAST, p.table_nom, p.cle
        """,
        {"level": level, "question": question, "code": code},
    )


def proving_facts(question: str) -> pd.DataFrame:
    """Return the facts that prove an answer « oui » to a question: `table_nom`, `cle`."""
    return query("SELECT DISTINCT table_nom, cle FROM preuves WHERE question = ?", [question])


@cached
def cases_by_level(question: str) -> dict[str, int]:
    """Return how many territories of each level did what a question asks."""
    rows = query(
        """
        SELECT territoire_niveau AS niveau, count(DISTINCT territoire_code) AS nb
        FROM preuves WHERE question = ? GROUP BY ALL
        """,
        [question],
    )
    counts = dict(zip(rows["niveau"], rows["nb"], strict=True))
    return {level: int(counts.get(level, 0)) for level in LEVELS}
