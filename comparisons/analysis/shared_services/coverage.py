"""Coverage of each service: territories and people with an organisation named by a source.

Only links stated of the territory itself make a share. Those that are deduced, those of
organisations that act in a part of the territory only, and the territories that only lie in the
area of an organisation, are counted apart and never make one: nobody says that they are served.
"""

import pandas as pd

from comparisons.analysis.competences import describe_owner
from comparisons.analysis.map_layers import IN_PART_NOTE
from comparisons.analysis.shared_services.links import LINKS_SQL, NO_KNOWN_ORGANISATION
from comparisons.analysis.shared_services.wording import format_share
from comparisons.database.cache import cached
from comparisons.database.connection import query
from comparisons.formatting import MISSING, curly_apostrophes, is_missing, join_words, pluralize
from comparisons.schema.model import code_label
from comparisons.schema.territory import LEVEL_NOUNS

COVERAGE_NOTE = (
    "Part des territoires, et des habitants, dont une source cite l’organisme : c’est un minimum, "
    f"car un lien peut exister sans qu’une source du corpus le dise. {IN_PART_NOTE} Ces "
    "territoires sont comptés à part, et seuls leurs habitants de cette partie entrent dans la "
    f"part des habitants ; quand l’aire est {MISSING}e, aucun de leurs habitants n’y entre. Les "
    "liens déduits et les territoires qui sont seulement dans l’aire d’un organisme sont comptés à "
    "part, sans part : on ne sait pas s’ils en bénéficient. Chaque habitant est compté une fois, "
    "par sa commune."
)
_MAX_LISTED = 3

# `connus`: one row per territory × service, its own links before those of wider ones, and the
# share of it (`part`) in the area of its organisations: a commune is never cut.
_COUNTS_SQL = """
    connus AS (
        SELECT l.service, l.territoire_niveau, l.territoire_code, bool_or(distance = 0) AS direct,
               bool_or(distance = 0 AND l.certitude = 'explicite') AS cite,
               CASE WHEN $level = 'commune' THEN 1 ELSE any_value(s.part_population_aire) END
                   AS part,
               coalesce(part < 1, false) AS en_partie
        FROM liens l
        LEFT JOIN services_par_territoire s USING (territoire_niveau, territoire_code, service)
        GROUP BY l.service, l.territoire_niveau, l.territoire_code
    ),
    comptes AS (
        SELECT service, count(*) FILTER (cite AND NOT en_partie) AS nb_cites,
               count(*) FILTER (cite AND en_partie) AS nb_cites_partie,
               count(*) FILTER (cite AND part IS NULL) AS nb_cites_aire_inconnue,
               count(*) FILTER (direct AND NOT cite AND NOT en_partie) AS nb_deduits,
               count(*) FILTER (direct AND NOT cite AND en_partie) AS nb_deduits_partie,
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
    )
"""
# People by commune, each once; of a territory served in part, the communes in the area only.
_PEOPLE_SQL = """
    habitants AS (  -- communes of each territory of the level
        SELECT territoire_code AS dans_code, territoire_code, population
        FROM territoires WHERE $level = 'commune' AND territoire_niveau = 'commune'
        UNION ALL
        SELECT a.dans_code, a.territoire_code, t.population
        FROM appartenances a JOIN territoires t USING (territoire_niveau, territoire_code)
        WHERE a.territoire_niveau = 'commune' AND a.dans_niveau = $level
    ),
    lieux AS (  -- what each commune lies in, itself included
        SELECT territoire_code, dans_niveau AS niveau, dans_code AS code
        FROM appartenances WHERE territoire_niveau = 'commune'
        UNION ALL
        SELECT territoire_code, territoire_niveau, territoire_code
        FROM territoires WHERE territoire_niveau = 'commune'
    ),
    servies AS (
        SELECT c.service, h.territoire_code, h.population
        FROM connus c JOIN habitants h ON h.dans_code = c.territoire_code
        WHERE c.cite AND c.part = 1
        UNION
        SELECT l.service, h.territoire_code, h.population
        FROM connus c
        JOIN liens l USING (service, territoire_niveau, territoire_code)
        JOIN partenaires p USING (partenaire_id)
        JOIN habitants h ON h.dans_code = c.territoire_code
        JOIN lieux i ON i.territoire_code = h.territoire_code AND i.niveau = p.aire_niveau
                    AND list_contains(p.aire_code, i.code)
        WHERE c.cite AND c.en_partie AND l.distance = 0 AND l.certitude = 'explicite'
    ),
    peuples AS (
        SELECT service, sum(population) AS population FROM servies GROUP BY service
    ),
    concernes AS (  -- services that some territory of the level must or may offer
        SELECT DISTINCT objet_code AS service FROM competences
        WHERE objet_type = 'service' AND territoire_niveau = $level AND competence <> 'sans_objet'
    ),
    total AS (
        SELECT (SELECT count(*) FROM territoires WHERE territoire_niveau = $level) AS nb,
               (SELECT sum(population) FROM (
                   SELECT DISTINCT territoire_code, population FROM habitants)) AS population
    )
"""


@cached
def service_coverage(level: str) -> pd.DataFrame:
    """Count, by service, the territories of a level and inhabitants with a named organisation.

    The counts of territories never overlap (`nb_dans_aire`: see `links.INHERITANCE_SQL`). People
    are counted by commune, each once (those of an EPT are also of the Métropole du Grand Paris),
    where the area of the organisations is known.

    Returns one row per service, in their order, with the columns of `couverture_services`, all
    missing (the list: empty) rather than 0 when nothing is known. Raises `KeyError` for an unknown
    level.
    """
    if level not in LEVEL_NOUNS:
        raise KeyError(level)
    rows = query(
        f"""
        WITH {LINKS_SQL}, {_COUNTS_SQL}, {_PEOPLE_SQL}
        SELECT v.code AS service,
               CASE WHEN k.service IS NULL THEN 0 ELSE t.nb END::INTEGER AS nb_territoires,
               nullif(c.nb_cites, 0) AS nb_cites,
               nullif(c.nb_cites_aire_inconnue, 0) AS nb_cites_aire_inconnue,
               nullif(c.nb_cites, 0) / nullif(nb_territoires, 0) AS part_cites,
               nullif(c.nb_cites_partie, 0) AS nb_cites_partie,
               CASE WHEN nb_territoires > 0 THEN p.population / t.population END
                   AS part_population_cites,
               nullif(c.nb_deduits, 0) AS nb_deduits,
               nullif(c.nb_deduits_partie, 0) AS nb_deduits_partie,
               nullif(c.nb_dans_aire, 0) AS nb_dans_aire,
               coalesce(n.organismes_aire, []) AS organismes_aire,
               o.nb_organismes
        FROM vocabulaires v CROSS JOIN total t
        LEFT JOIN concernes k ON k.service = v.code
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


def describe_service_coverage(row: object, level: str) -> str:
    """Return a French sentence on a row of `service_coverage`.

    Stated, deduced and « in the area of » counts are never added.
    """
    name, noun = code_label("services", row.service), LEVEL_NOUNS[level]
    if row.nb_territoires == 0:
        return f"{name} : {describe_owner(row.service)}."
    parts = []
    if stated := _describe_links(row.nb_cites, row.nb_cites_partie, noun, parts):
        parts.append(f"{stated.format(' cité par une source')} ({_describe_people(row, noun)})")
    if deduced := _describe_links(row.nb_deduits, row.nb_deduits_partie, noun, parts):
        parts.append(deduced.format(" par déduction seulement"))
    if not is_missing(row.nb_dans_aire):
        verb = "est" if row.nb_dans_aire == 1 else "sont"
        parts.append(
            f"{_format_count(row.nb_dans_aire, noun, parts)} {verb} dans l’aire d’un organisme "
            f"({format_area_organisations(row.organismes_aire)}), sans qu’on sache "
            f"{_format_uncertainty(level, row.nb_dans_aire)}"
        )
    return f"{name} : {' ; '.join(parts) or NO_KNOWN_ORGANISATION}."


def _describe_links(whole: object, in_part: object, noun: str, previous_parts: list) -> str:
    """Describe the territories linked as a whole, then in part; `{}` holds how it is known."""
    counts = []
    for count, ending in ((whole, ""), (in_part, "sur une partie du territoire")):
        if is_missing(count):
            continue
        subject = _format_count(count, noun, [*previous_parts, *counts])
        if counts:
            counts.append(f"{subject} {ending}")
            continue
        link = (
            f"en {_format_have(count)} un"
            if previous_parts
            else f"{_format_have(count)} un organisme"
        )
        counts.append(f"{subject} {link}{{}}{ending and f', {ending}'}")
    return ", ".join(counts)


def _describe_people(row: object, noun: str) -> str:
    """Describe the share of the people in the area, and how many areas are unknown."""
    if is_missing(row.part_population_cites):
        return f"habitants non comptés : aire {MISSING}e"
    share = f"{format_share(row.part_population_cites)} des habitants"
    if is_missing(row.nb_cites_aire_inconnue):
        return share
    return f"{share}, hors {pluralize(row.nb_cites_aire_inconnue, noun)} à l’aire {MISSING}e"


def _format_have(count: int) -> str:
    return "a" if count == 1 else "ont"


def _format_count(count: int, noun: str, previous_parts: list) -> str:
    """Describe `71 départements`, or `71 autres` once the noun has been said."""
    return pluralize(count, "autre" if previous_parts else noun)


def _format_uncertainty(level: str, count: int) -> str:
    masculine = level == "departement"
    if count == 1:
        return f"{'s’il' if masculine else 'si elle'} en bénéficie"
    return f"{'s’ils' if masculine else 'si elles'} en bénéficient"


def format_area_organisations(names: list[str]) -> str:
    """List the organisations of an area, a few and the count of the rest."""
    remaining_count = len(names) - _MAX_LISTED
    if remaining_count <= 0:
        return join_words(names)
    return join_words(
        [*names[:_MAX_LISTED], pluralize(remaining_count, "autre organisme", "autres organismes")]
    )
