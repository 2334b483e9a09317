"""All themes at a glance: what each is, and how many territories set it."""

import pandas as pd

from comparisons.axes import SELECTED
from comparisons.warehouse import query


def overview(named_only: bool = False) -> pd.DataFrame:
    """List the themes in the order of the vocabulary; with `named_only`, by axes documents name.

    Returns `theme`, `libelle`, `definition`, `famille`, `nb_regions`, `nb_departements`, `nb_epci`,
    `nb_communes` (that set it in a strategy, in force or not, among those whose priorities are
    recorded: see `known`), `nb_strategies` and `nb_intitules` (priorities that bear it, as their
    main theme or not).
    """
    return query(
        f"""
        WITH territoires_par_theme AS (
            SELECT theme, territoire_niveau, count(*) AS nb
            FROM priorites_par_theme
            WHERE presence AND (presence_nommee OR NOT $nommes) GROUP BY theme, territoire_niveau
        ),
        lus AS (
            SELECT strategie_id, unnest(list_distinct(
                list_concat([theme], coalesce(themes_secondaires, [])))) AS theme
            FROM {SELECTED}
        ),
        axes_par_theme AS (
            SELECT theme, count(DISTINCT strategie_id) AS nb_strategies, count(*) AS nb_intitules
            FROM lus GROUP BY theme
        )
        SELECT v.code AS theme, v.libelle, v.definition, v.famille,
               coalesce(sum(t.nb) FILTER (territoire_niveau = 'region'), 0)::INTEGER
                   AS nb_regions,
               coalesce(sum(t.nb) FILTER (territoire_niveau = 'departement'), 0)::INTEGER
                   AS nb_departements,
               coalesce(sum(t.nb) FILTER (territoire_niveau = 'epci'), 0)::INTEGER AS nb_epci,
               coalesce(sum(t.nb) FILTER (territoire_niveau = 'commune'), 0)::INTEGER
                   AS nb_communes,
               coalesce(any_value(a.nb_strategies), 0)::INTEGER AS nb_strategies,
               coalesce(any_value(a.nb_intitules), 0)::INTEGER AS nb_intitules
        FROM vocabulaires v
        LEFT JOIN territoires_par_theme t ON t.theme = v.code
        LEFT JOIN axes_par_theme a ON a.theme = v.code
        WHERE v.vocabulaire = 'themes'
        GROUP BY v.code, v.libelle, v.definition, v.famille, v.ordre
        ORDER BY v.ordre
        """,
        {"nommes": named_only},
    )


def known(named_only: bool = False) -> pd.DataFrame:
    """Count the territories of each level, and those whose priorities are recorded.

    Returns `territoire_niveau` (the widest first), `nb_connus`, `nb_territoires`.
    """
    return query(
        """
        WITH connus AS (
            SELECT DISTINCT territoire_niveau, territoire_code FROM priorites_par_theme
            WHERE nb_priorites_nommees > 0 OR NOT $nommes
        )
        SELECT territoire_niveau, count(c.territoire_code)::INTEGER AS nb_connus,
               count(*)::INTEGER AS nb_territoires
        FROM territoires t LEFT JOIN connus c USING (territoire_niveau, territoire_code)
        GROUP BY territoire_niveau
        ORDER BY list_position(['region', 'departement', 'epci', 'commune'], territoire_niveau)
        """,
        {"nommes": named_only},
    )
