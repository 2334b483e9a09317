"""For each service: how many territories and people have a known organisation, several, or none.

What is known is not all there is: the data tell who is linked to whom, never who is not. So « no
known organisation » is said, and shares of what is known are a floor.
"""

import pandas as pd

from comparisons.format import codes, label
from comparisons.members import OTHER
from comparisons.pooling.links import LINKS, NOBODY
from comparisons.pooling.words import in_order, share_words
from comparisons.territories import LEVEL_NOUNS, inside, parse_key
from comparisons.territories import label as territory_label
from comparisons.text import enumeration, is_missing, number, plural, typographic
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


def overlaps(level: str, zone: str = "", inherited: bool = False) -> pd.DataFrame:
    """Territories for which several organisations are known for one service: a fact, no reproach.

    By default only direct links count; with `inherited`, also those of the wider territories it
    lies in. « Autre » is left out: it is no one service. `zone` keeps the territories in it.

    Returns one row per service × territory: `service`, `cle`, `libelle`, `population`,
    `nb_organismes`, `organismes` (short names), `partenaire_ids`, `liens` (codes of `links.WAYS`,
    one per organisation), `roles` (all), `certitude` (`explicite` when all are), in the order of
    services, then of territories.
    """
    rows = query(
        f"""
        WITH {LINKS},
        organismes AS (
            SELECT territoire_niveau, territoire_code, service, l.partenaire_id,
                   any_value(lien) AS lien, min(distance) AS distance,
                   any_value(coalesce(p.sigle, p.nom)) AS organisme, list(DISTINCT role) AS roles,
                   bool_or(certitude = 'explicite') AS explicite
            FROM liens l JOIN partenaires p USING (partenaire_id)
            WHERE service <> $other
            GROUP BY territoire_niveau, territoire_code, service, l.partenaire_id
        )
        SELECT o.service, territoire_niveau, territoire_code,
               any_value(t.nom) AS nom, any_value(t.departement_code) AS departement_code,
               any_value(t.population) AS population, count(*)::INTEGER AS nb_organismes,
               list(o.organisme ORDER BY distance, organisme, partenaire_id) AS organismes,
               list(o.partenaire_id ORDER BY distance, organisme, partenaire_id) AS partenaire_ids,
               list(o.lien ORDER BY distance, organisme, partenaire_id) AS liens,
               flatten(list(o.roles)) AS roles,
               CASE WHEN bool_and(explicite) THEN 'explicite' ELSE 'deduit' END AS certitude
        FROM organismes o
        JOIN territoires t USING (territoire_niveau, territoire_code)
        JOIN vocabulaires v ON v.vocabulaire = 'services' AND v.code = o.service
        WHERE NOT $zoned OR list_contains($codes, territoire_code)
        GROUP BY o.service, territoire_niveau, territoire_code, v.ordre
        HAVING count(*) > 1
        ORDER BY v.ordre, strip_accents(any_value(t.nom)), territoire_code
        """,
        {"level": level, "heritage": inherited, "other": OTHER, **_within(level, zone)},
    )
    rows["cle"] = rows["territoire_niveau"] + "-" + rows["territoire_code"]
    rows["libelle"] = [territory_label(row) for row in rows.itertuples()]
    rows["organismes"] = [[typographic(name) for name in names] for names in rows["organismes"]]
    rows["roles"] = [in_order("roles", found) for found in rows["roles"]]
    return rows[["service", "cle", "libelle", "population", "nb_organismes", "organismes",
                 "partenaire_ids", "liens", "roles", "certitude"]]  # fmt: skip


def overlap_sentence(row: object) -> str:
    """Say a row of `overlaps` as a plain fact."""
    service = label("services", row.service).lower()
    return f"{row.libelle} : {service} avec {enumeration(row.organismes)}."


def gaps(level: str, service: str, zone: str = "", inherited: bool = True) -> pd.DataFrame:
    """Territories for which no organisation is known for a service: that is all it says.

    By default what is inherited counts as known; without it, territories that only lie in the
    area of an organisation are listed too, with it. `zone` keeps the territories in it. Raises
    `KeyError` for an unknown service.

    Returns `cle`, `libelle`, `population`, `lien` (missing, or a code of `links.WAYS`),
    `organismes` (of the wider territories; empty list), `constat` (in words), most people first.
    """
    if service not in codes("services"):
        raise KeyError(service)
    rows = query(
        f"""
        WITH {LINKS},
        connus AS (
            SELECT territoire_niveau, territoire_code, min(distance) AS distance,
                   arg_min(lien, distance) AS lien,
                   list_sort(list(DISTINCT coalesce(p.sigle, p.nom))) AS organismes
            FROM liens JOIN partenaires p USING (partenaire_id)
            WHERE service = $service GROUP BY territoire_niveau, territoire_code
        )
        SELECT t.territoire_niveau, t.territoire_code, t.nom, t.departement_code, t.population,
               c.lien, c.organismes
        FROM territoires t LEFT JOIN connus c USING (territoire_niveau, territoire_code)
        WHERE t.territoire_niveau = $level
          AND (c.lien IS NULL OR (NOT $inherited AND c.distance > 0))
          AND (NOT $zoned OR list_contains($codes, t.territoire_code))
        ORDER BY t.population DESC, t.territoire_code
        """,
        {
            "level": level,
            "service": service,
            "heritage": True,
            "inherited": inherited,
            **_within(level, zone),
        },
    )
    rows["cle"] = rows["territoire_niveau"] + "-" + rows["territoire_code"]
    rows["libelle"] = [territory_label(row) for row in rows.itertuples()]
    none = rows["lien"].isna()
    rows["lien"] = rows["lien"].astype(object).where(~none, None)
    rows["organismes"] = [
        [] if unknown else [typographic(name) for name in names]
        for unknown, names in zip(none, rows["organismes"], strict=True)
    ]
    rows["constat"] = [
        NOBODY if unknown else f"aucun lien direct connu ; dans l’aire de {enumeration(names)}"
        for unknown, names in zip(none, rows["organismes"], strict=True)
    ]
    return rows[["cle", "libelle", "population", "lien", "organismes", "constat"]]


def _within(level: str, zone: str) -> dict[str, object]:
    """Parameters that keep the territories of a level in a zone (or, if it is of it, itself)."""
    if not zone:
        return {"zoned": False, "codes": []}
    place = parse_key(zone)
    own = [place.code] if place.niveau == level else []
    return {"zoned": True, "codes": [*own, *inside(level, zone)]}
