"""Coverage of each service: territories and people with an organisation named by a source.

Only links stated of the territory itself make a share. Those that are deduced, and the territories
that only lie in the area of an organisation, are counted apart and never make one: nobody says that
they are served.
"""

import pandas as pd

from comparisons.analysis.shared_services.links import LINKS_SQL, NO_KNOWN_ORGANISATION
from comparisons.analysis.shared_services.wording import format_share
from comparisons.database.connection import query
from comparisons.formatting import curly_apostrophes, is_missing, join_words, pluralize
from comparisons.schema.model import code_label
from comparisons.schema.territory import LEVEL_NOUNS

COVERAGE_NOTE = (
    "Part des territoires, et des habitants, dont une source cite l’organisme : c’est un minimum, "
    "car un lien peut exister sans qu’une source du corpus le dise. Les liens déduits et les "
    "territoires qui sont seulement dans l’aire d’un organisme sont comptés à part, sans part : on "
    "ne sait pas s’ils en bénéficient. Chaque habitant est compté une fois, par sa commune."
)
MOST_NAMED = 3


def service_coverage(level: str) -> pd.DataFrame:
    """Count, by service, the territories of a level and inhabitants with a named organisation.

    Three counts that never overlap: territories of which a source states a link (`nb_cites`; of the
    territory itself, or its twin), those whose links are all deduced (`nb_deduits`), those that
    only lie in a wider territory that has one (`nb_dans_aire`: see `links.INHERITANCE_SQL`). People
    are counted by commune, each once (those of an EPT are also of the Métropole du Grand Paris).

    Returns one row per service, in their order: `service`, `nb_territoires` (of the level),
    `nb_cites`, `part_cites` (0 to 1), `part_population_cites`, `nb_deduits`, `nb_dans_aire`,
    `organismes_aire` (short names of those of the wider territories, the widest area first),
    `nb_organismes` (that a source states of one territory at least), all missing (the list: empty)
    rather than 0 when nothing is known. Raises `KeyError` for an unknown level.
    """
    if level not in LEVEL_NOUNS:
        raise KeyError(level)
    rows = query(
        f"""
        WITH {LINKS_SQL},
        connus AS (
            SELECT service, territoire_niveau, territoire_code, bool_or(distance = 0) AS direct,
                   bool_or(distance = 0 AND certitude = 'explicite') AS cite
            FROM liens GROUP BY service, territoire_niveau, territoire_code
        ),
        comptes AS (
            SELECT service, count(*) FILTER (cite) AS nb_cites,
                   count(*) FILTER (direct AND NOT cite) AS nb_deduits,
                   count(*) FILTER (NOT direct) AS nb_dans_aire
            FROM connus GROUP BY service
        ),
        organismes AS (
            SELECT service, count(DISTINCT partenaire_id) AS nb_organismes
            FROM liens WHERE distance = 0 AND certitude = 'explicite' GROUP BY service
        ),
        aires AS (
            SELECT l.service, coalesce(p.sigle, p.nom) AS organisme,
                   count(DISTINCT l.territoire_code) AS nb
            FROM liens l
            JOIN connus c USING (service, territoire_niveau, territoire_code)
            JOIN partenaires p USING (partenaire_id)
            WHERE NOT c.direct GROUP BY ALL
        ),
        nommes AS (
            SELECT service, list(organisme ORDER BY nb DESC, organisme) AS organismes_aire
            FROM aires GROUP BY service
        ),
        habitants AS (  -- communes of each territory of the level
            SELECT territoire_code AS dans_code, territoire_code, population
            FROM territoires WHERE $level = 'commune' AND territoire_niveau = 'commune'
            UNION ALL
            SELECT a.dans_code, a.territoire_code, t.population
            FROM appartenances a JOIN territoires t USING (territoire_niveau, territoire_code)
            WHERE a.territoire_niveau = 'commune' AND a.dans_niveau = $level
        ),
        peuples AS (
            SELECT service, sum(population) AS population FROM (
                SELECT DISTINCT c.service, h.territoire_code, h.population
                FROM connus c JOIN habitants h ON h.dans_code = c.territoire_code
                WHERE c.cite)
            GROUP BY service
        ),
        total AS (
            SELECT (SELECT count(*) FROM territoires WHERE territoire_niveau = $level) AS nb,
                   (SELECT sum(population) FROM (
                       SELECT DISTINCT territoire_code, population FROM habitants)) AS population
        )
        SELECT v.code AS service, t.nb::INTEGER AS nb_territoires,
               nullif(c.nb_cites, 0) AS nb_cites,
               nullif(c.nb_cites, 0) / t.nb AS part_cites,
               p.population / t.population AS part_population_cites,
               nullif(c.nb_deduits, 0) AS nb_deduits,
               nullif(c.nb_dans_aire, 0) AS nb_dans_aire,
               coalesce(n.organismes_aire, []) AS organismes_aire,
               o.nb_organismes
        FROM vocabulaires v CROSS JOIN total t
        LEFT JOIN comptes c ON c.service = v.code
        LEFT JOIN peuples p ON p.service = v.code
        LEFT JOIN nommes n ON n.service = v.code
        LEFT JOIN organismes o ON o.service = v.code
        WHERE v.vocabulaire = 'services' ORDER BY v.ordre
        """,
        {"level": level, "heritage": True},
    )
    rows["organismes_aire"] = [
        list(map(curly_apostrophes, names)) for names in rows["organismes_aire"]
    ]
    counts = [name for name in rows.columns if name.startswith("nb_")]
    return rows.astype(dict.fromkeys(counts, "Int64"))


def coverage_sentence(row: object, level: str) -> str:
    """Return a French sentence on a row of `service_coverage`.

    Stated, deduced and « in the area of » counts are never added.
    """
    name, noun = code_label("services", row.service), LEVEL_NOUNS[level]
    parts = []
    if not is_missing(row.nb_cites):
        verb = "a" if row.nb_cites == 1 else "ont"
        parts.append(
            f"{pluralize(row.nb_cites, noun)} {verb} un organisme cité par une source "
            f"({format_share(row.part_population_cites)} des habitants)"
        )
    if not is_missing(row.nb_deduits):
        is_single = row.nb_deduits == 1
        verb_phrase = (
            f"en {'a' if is_single else 'ont'} un"
            if parts
            else f"{'a' if is_single else 'ont'} un organisme"
        )
        parts.append(
            f"{_format_count(row.nb_deduits, noun, parts)} {verb_phrase} par déduction seulement"
        )
    if not is_missing(row.nb_dans_aire):
        verb = "est" if row.nb_dans_aire == 1 else "sont"
        parts.append(
            f"{_format_count(row.nb_dans_aire, noun, parts)} {verb} dans l’aire d’un organisme "
            f"({area_words(row.organismes_aire)}), sans qu’on sache "
            f"{_format_uncertainty(level, row.nb_dans_aire)}"
        )
    return f"{name} : {' ; '.join(parts) or NO_KNOWN_ORGANISATION}."


def _format_count(count: int, noun: str, previous_parts: list) -> str:
    """Describe `71 départements`, or `71 autres` once the noun has been said."""
    return pluralize(count, "autre" if previous_parts else noun)


def _format_uncertainty(level: str, count: int) -> str:
    masculine = level == "departement"
    if count == 1:
        return f"{'s’il' if masculine else 'si elle'} en bénéficie"
    return f"{'s’ils' if masculine else 'si elles'} en bénéficient"


def area_words(names: list[str]) -> str:
    """List the organisations of an area, a few and the count of the rest."""
    remaining_count = len(names) - MOST_NAMED
    if remaining_count <= 0:
        return join_words(names)
    return join_words(
        [*names[:MOST_NAMED], pluralize(remaining_count, "autre organisme", "autres organismes")]
    )
