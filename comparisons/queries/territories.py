"""Territories: rows, labels, neighbours and enclosing levels."""

from collections.abc import Sequence

import pandas as pd

from comparisons.database.cache import cached
from comparisons.database.connection import KEYS_RELATION, query
from comparisons.formatting import NBSP, curly_apostrophes, join_words
from comparisons.queries.large_territories import read_together
from comparisons.rows import iterate_rows
from comparisons.schema.territory import parse_key

# The reference has no dates of birth and death of territories.
TERRITORY_DATES = (
    "Les territoires sont ceux d’aujourd’hui, pour toutes les années : le référentiel ne dit pas "
    "quand chacun est né, ni lesquels ont disparu. Un territoire né depuis, ou disparu, n’a rien "
    "de relevé avant ou après : c’est une absence, jamais un zéro."
)


@cached(reference_only=True)
def zone_labels() -> dict[str, str]:
    """Return the label of each région, then of each département, by key."""
    rows = query(
        """
        SELECT territoire_niveau, territoire_code, nom,
               cle(territoire_niveau, territoire_code) AS cle
        FROM territoires WHERE territoire_niveau IN ('region', 'departement')
        ORDER BY territoire_niveau DESC, strip_accents(nom), territoire_code
        """
    )
    return {row.cle: territory_label(row) for row in iterate_rows(rows)}


def territory_label(row: object) -> str:
    """Return a unique French label of a territory: `Mayenne (département 53)`."""
    name = curly_apostrophes(row.nom)
    match row.territoire_niveau:
        case "region":
            return f"{name} (région)"
        case "departement":
            return f"{name} (département {row.territoire_code})"
        case "epci":
            return f"{name} (intercommunalité, {row.departement_code})"
        case _:
            return f"{name} (commune, {row.territoire_code})"


@cached
def load_territories(keys: Sequence[str]) -> pd.DataFrame:
    """Return the rows of `territoires` in the order asked, with their `cle` and `libelle`.

    Unknown territories are left out. Raises `ValueError` for a key that is not `niveau-code`.
    """
    return _territory_rows([parse_key(key).key for key in keys])


@read_together("cle")
def _territory_rows(keys: Sequence[str]) -> pd.DataFrame:
    rows = query(
        f"""
        SELECT t.*, a.cle,
               r.nom AS region_nom, r.nom_de AS region_nom_de, d.nom AS departement_nom
        FROM {KEYS_RELATION} a JOIN territoires t USING (territoire_niveau, territoire_code)
        LEFT JOIN territoires r
          ON r.territoire_niveau = 'region' AND r.territoire_code = t.region_code
        LEFT JOIN territoires d
          ON d.territoire_niveau = 'departement' AND d.territoire_code = t.departement_code
        ORDER BY a.ordre
        """,
        {"keys": keys},
    )
    rows["libelle"] = [territory_label(row) for row in iterate_rows(rows)]
    return rows


def neighbours(key: str) -> list[str]:
    """Return keys of the territories of the same level that share a border, the longest first."""
    territory = parse_key(key)
    rows = query(
        """
        SELECT cle(territoire_niveau, voisin_code) AS cle FROM voisins
        WHERE territoire_niveau = ? AND territoire_code = ?
        ORDER BY longueur_km DESC, voisin_code
        """,
        [territory.niveau, territory.code],
    )
    return list(rows["cle"])


def successor_commune(code: str) -> tuple[str, str] | None:
    """Return the current commune (code, name) of a former code, or None."""
    rows = query(
        """
        SELECT t.territoire_code, t.nom FROM anciennes_communes a
        JOIN territoires t ON t.territoire_niveau = 'commune' AND t.territoire_code = a.commune_code
        WHERE a.ancien_code = ? LIMIT 1
        """,
        [code],
    )
    return tuple(rows.iloc[0]) if len(rows) else None


def enclosing(key: str) -> pd.DataFrame:
    """List the territories in which one lies, the nearest level first.

    Returns `cle`, `nom`, `nom_de`, `territoire_niveau`, `part_population`.
    """
    territory = parse_key(key)
    return query(
        """
        SELECT cle(a.dans_niveau, a.dans_code) AS cle, t.nom, t.nom_de, t.territoire_niveau,
               a.part_population
        FROM appartenances a
        JOIN territoires t
          ON t.territoire_niveau = a.dans_niveau AND t.territoire_code = a.dans_code
        WHERE a.territoire_niveau = ? AND a.territoire_code = ?
        ORDER BY CASE a.dans_niveau WHEN 'epci' THEN 1 WHEN 'departement' THEN 2 ELSE 3 END,
                 a.part_population DESC
        """,
        [territory.niveau, territory.code],
    )


# The rows of `acting_areas` for $level.
ACTING_AREAS_SQL = """
    WITH parties AS (
        SELECT t.territoire_niveau, t.territoire_code, d.territoire_niveau AS dans_niveau,
               d.territoire_code AS dans_code, d.nom_de AS sans,
               t.population - d.population AS population,
               t.superficie_km2 - d.superficie_km2 AS superficie_km2,
               t.nb_communes - d.nb_communes AS nb_communes,
               t.part_population_rurale * t.population
               - d.part_population_rurale * d.population AS rurale
        FROM jumeaux j
        JOIN territoires t USING (territoire_niveau, territoire_code)
        JOIN territoires d
          ON d.territoire_niveau = j.jumeau_niveau AND d.territoire_code = j.jumeau_code
        WHERE j.relation = 'hors' AND t.territoire_niveau = $level
    ),
    communes AS (
        SELECT p.territoire_code, arg_max(c.territoire_code, c.population) AS code,
               max(c.population) AS population
        FROM parties p
        JOIN appartenances a
          ON a.dans_niveau = p.territoire_niveau AND a.dans_code = p.territoire_code
         AND a.territoire_niveau = 'commune'
        JOIN territoires c
          ON c.territoire_niveau = 'commune' AND c.territoire_code = a.territoire_code
        ANTI JOIN (SELECT territoire_code, dans_niveau, dans_code FROM appartenances
                   WHERE territoire_niveau = 'commune') b
          ON b.territoire_code = c.territoire_code AND b.dans_niveau = p.dans_niveau
         AND b.dans_code = p.dans_code
        GROUP BY p.territoire_code
    )
    SELECT p.territoire_code, p.population, p.superficie_km2,
           p.population / p.superficie_km2 AS densite, p.nb_communes,
           p.rurale / p.population AS part_population_rurale, c.code AS commune_principale,
           c.population / p.population AS poids_commune_principale, p.sans
    FROM parties p JOIN communes c USING (territoire_code)
"""


@cached(reference_only=True)
def acting_areas(level: str) -> pd.DataFrame:
    """Return the size of the territories of a level that have no authority in a part of them.

    (The Département du Rhône has none in the Métropole de Lyon.) Columns, of the rest, by
    `territoire_code`: `population`, `superficie_km2`, `densite`, `nb_communes`,
    `part_population_rurale`, `commune_principale`, `poids_commune_principale`, and `sans`, the name
    of the part with its article.
    """
    return query(ACTING_AREAS_SQL, {"level": level}).set_index("territoire_code")


def contained_codes(level: str, key: str) -> list[str]:
    """Return codes of the territories of a level that lie, whole or in part, in a wider one."""
    territory = parse_key(key)
    rows = query(
        """
        SELECT territoire_code FROM appartenances
        WHERE territoire_niveau = ? AND dans_niveau = ? AND dans_code = ?
        ORDER BY territoire_code
        """,
        [level, territory.niveau, territory.code],
    )
    return list(rows["territoire_code"])


@cached
def communes_by_territory(level: str) -> dict[str, set[str]]:
    """Return the codes of the communes of each territory of a level, by key: of one, itself."""
    rows = query(
        """
        SELECT cle(dans_niveau, dans_code) AS cle, list(territoire_code) AS communes
        FROM appartenances WHERE territoire_niveau = 'commune' AND dans_niveau = $level GROUP BY cle
        UNION ALL
        SELECT cle(territoire_niveau, territoire_code), [territoire_code]
        FROM territoires WHERE territoire_niveau = 'commune' AND $level = 'commune'
        """,
        {"level": level},
    )
    return dict(zip(rows["cle"], map(set, rows["communes"]), strict=True))


def twin_explanations(key: str = "") -> list[str]:
    """Return sentences on what a territory (or any, without a key) shares with its twins."""
    niveau, code = (parse_key(key).niveau, parse_key(key).code) if key else ("", "")
    rows = query(
        """
        SELECT DISTINCT explication FROM jumeaux
        WHERE $niveau = ''
           OR (territoire_niveau = $niveau AND territoire_code = $code)
           OR (jumeau_niveau = $niveau AND jumeau_code = $code)
        ORDER BY explication
        """,
        {"niveau": niveau, "code": code},
    )
    return list(rows["explication"])


def population_year_note() -> str:
    """Return in French the year of populations, and the départements of another year."""
    rows = query(
        """
        SELECT population_annee AS annee, list(DISTINCT nom ORDER BY nom) AS noms
        FROM territoires WHERE territoire_niveau = 'departement'
        GROUP BY population_annee ORDER BY count(*) DESC
        """
    )
    main_year, *other_years = iterate_rows(rows)
    exceptions = (f"{join_words(row.noms)} {row.annee}" for row in other_years)
    return f"{NBSP}; ".join([str(main_year.annee), *exceptions])
