"""For each service: how many territories, and people, have a known organisation.

What is known is not all there is: the data tell who is linked to whom, never who is not. So « no
known organisation » is said, and shares of what is known are a floor.
"""

import pandas as pd

from comparisons.format import label
from comparisons.pooling.links import LINKS, NOBODY
from comparisons.pooling.words import share_words
from comparisons.territories import LEVEL_NOUNS
from comparisons.text import is_missing, number, plural
from comparisons.warehouse import query

COVERAGE_NOTE = (
    "Part des territoires, et des habitants, pour lesquels un organisme est connu : c’est un "
    "minimum, car un lien peut exister sans qu’une source du corpus le dise. Chaque habitant est "
    "compté une fois, par sa commune."
)


def coverage(level: str) -> pd.DataFrame:
    """Count, for every service, the territories of a level and their people with a known body.

    Two counts: `direct` (links said of the territory itself, or its twin) and `avec_heritage`
    (those, and links of the wider territories it lies in: see `links.INHERITANCE`). People are
    counted by commune, each once (those of an EPT are also of the Métropole du Grand Paris).

    Returns one row per service, in their order: `service`, `nb_territoires` (of the level),
    `nb_direct`, `nb_explicite`, `nb_deduit` (add up to it), `part_direct` (0 to 1),
    `part_population_direct`, `nb_avec_heritage`, `part_avec_heritage`,
    `part_population_avec_heritage`, `nb_organismes` (known directly), all missing rather than 0
    when nothing is known. Raises `KeyError` for an unknown level.
    """
    if level not in LEVEL_NOUNS:
        raise KeyError(level)
    rows = query(
        f"""
        WITH {LINKS},
        connus AS (
            SELECT service, territoire_niveau, territoire_code, bool_or(distance = 0) AS direct,
                   bool_or(distance = 0 AND certitude = 'explicite') AS explicite
            FROM liens GROUP BY service, territoire_niveau, territoire_code
        ),
        comptes AS (
            SELECT service, count(*) AS nb_avec_heritage,
                   count(*) FILTER (direct) AS nb_direct,
                   count(*) FILTER (explicite) AS nb_explicite
            FROM connus GROUP BY service
        ),
        organismes AS (
            SELECT service, count(DISTINCT partenaire_id) AS nb_organismes
            FROM liens WHERE distance = 0 GROUP BY service
        ),
        habitants AS (  -- communes of each territory of the level
            SELECT territoire_code AS dans_code, territoire_code, population
            FROM territoires WHERE $level = 'commune' AND territoire_niveau = 'commune'
            UNION ALL
            SELECT a.dans_code, a.territoire_code, t.population
            FROM appartenances a JOIN territoires t USING (territoire_niveau, territoire_code)
            WHERE a.territoire_niveau = 'commune' AND a.dans_niveau = $level
        ),
        communes AS (
            SELECT c.service, h.territoire_code, any_value(h.population) AS population,
                   bool_or(c.direct) AS direct
            FROM connus c JOIN habitants h ON h.dans_code = c.territoire_code
            GROUP BY c.service, h.territoire_code
        ),
        peuples AS (
            SELECT service, sum(population) AS avec_heritage,
                   sum(population) FILTER (direct) AS direct
            FROM communes GROUP BY service
        ),
        total AS (
            SELECT (SELECT count(*) FROM territoires WHERE territoire_niveau = $level) AS nb,
                   (SELECT sum(population) FROM (
                       SELECT DISTINCT territoire_code, population FROM habitants)) AS population
        )
        SELECT v.code AS service, t.nb::INTEGER AS nb_territoires,
               nullif(c.nb_direct, 0) AS nb_direct,
               nullif(c.nb_explicite, 0) AS nb_explicite,
               nullif(c.nb_direct - c.nb_explicite, 0) AS nb_deduit,
               nullif(c.nb_direct, 0) / t.nb AS part_direct,
               p.direct / t.population AS part_population_direct,
               c.nb_avec_heritage,
               c.nb_avec_heritage / t.nb AS part_avec_heritage,
               p.avec_heritage / t.population AS part_population_avec_heritage,
               o.nb_organismes
        FROM vocabulaires v CROSS JOIN total t
        LEFT JOIN comptes c ON c.service = v.code
        LEFT JOIN peuples p ON p.service = v.code
        LEFT JOIN organismes o ON o.service = v.code
        WHERE v.vocabulaire = 'services' ORDER BY v.ordre
        """,
        {"level": level, "heritage": True},
    )
    counts = [name for name in rows.columns if name.startswith("nb_")]
    return rows.astype(dict.fromkeys(counts, "Int64"))


def coverage_sentence(row: object, level: str) -> str:
    """Say a row of `coverage` in words, what is inherited apart."""
    name, noun = label("services", row.service), LEVEL_NOUNS[level]
    if is_missing(row.nb_avec_heritage):
        return f"{name} : {NOBODY}."
    if is_missing(row.nb_direct):
        return (
            f"{name} : aucun lien direct connu ; par un territoire plus large, un organisme est "
            f"connu pour {plural(row.nb_avec_heritage, noun)} "
            f"({share_words(row.part_population_avec_heritage)} des habitants)."
        )
    told = (
        f"{name} : un organisme est connu pour {plural(row.nb_direct, noun)} "
        f"({share_words(row.part_population_direct)} des habitants)"
    )
    if row.nb_avec_heritage == row.nb_direct:
        return f"{told}."
    return (
        f"{told} ; en comptant les territoires plus larges, pour {number(row.nb_avec_heritage)} "
        f"({share_words(row.part_population_avec_heritage)})."
    )
