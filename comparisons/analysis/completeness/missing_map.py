"""Map layer of the completeness of each territory."""

import pandas as pd

from comparisons.analysis.map_layers import (
    PRESENT,
    STATE_COLOURS,
    UNKNOWN,
    LegendClass,
    MapLayer,
    classified_layer,
)
from comparisons.database.cache import cached
from comparisons.database.connection import query
from comparisons.formatting import MISSING, format_partial_date, pluralize
from comparisons.page_parameters import COMPARABLE_PERIMETERS
from comparisons.queries.family_subjects import is_description
from comparisons.rows import iterate_rows
from comparisons.schema.model import code_label
from comparisons.schema.territory import LEVEL_NAMES

# From best known to never looked up, in the colours of the map of coverage, which are distinct
# with any colour vision.
_DOCUMENT, _PAGE, _PART, _SEARCH = "document", "page", "document d’une partie", "recherche"
CLASSES = (
    LegendClass("axes_et_montant", "Stratégie, axes et montant", PRESENT, about=(_DOCUMENT,)),
    LegendClass(
        "axes_ou_montant",
        "Stratégie, axes ou montant",
        STATE_COLOURS["en_revision"],
        about=(_DOCUMENT,),
    ),
    LegendClass(
        "strategie_seule",
        "Stratégie, ni axes ni montant",
        STATE_COLOURS["statut_inconnu"],
        about=(_DOCUMENT,),
    ),
    LegendClass(
        "partielle",
        "Des faits seulement",
        STATE_COLOURS["partielle"],
        about=(_PAGE, _PART, _SEARCH),
    ),
    LegendClass(
        "non_trouvee",
        "Cherché, rien trouvé",
        STATE_COLOURS["non_trouvee"],
        missing=True,
        about=(_SEARCH,),
    ),
    LegendClass("non_cherchee", "Jamais cherché", UNKNOWN, missing=True),
)
_LABELS = {c.code: c.label for c in CLASSES}

# How far each territory is known, by its best document.
_COMPLETENESS_SQL = f"""
    WITH documents AS (
        SELECT c.*, s.territoire_niveau AS porteur_niveau, {is_description("e")} AS page
        FROM territoires_couverts c
        JOIN strategies s USING (strategie_id)
        JOIN etats_strategies e USING (strategie_id)
        WHERE c.territoire_niveau = $level AND c.lien <> 'aire'
    ),
    propres AS (
        SELECT c.territoire_code, count(*)::INTEGER AS nb_strategies,
               sum((SELECT count(*) FROM priorites p WHERE p.strategie_id = c.strategie_id))
                   ::INTEGER AS nb_axes,
               -- as on the map of money: amounts of a strategy led at this level
               bool_or((c.porteur_niveau = $level OR c.lien = 'jumeau')
                       AND EXISTS (FROM budgets_comparables b
                                   WHERE b.strategie_id = c.strategie_id
                                     AND list_contains($perimeters, b.perimetre)))
                   AS montant_comparable
        FROM documents c WHERE NOT page AND dans_aire
        GROUP BY c.territoire_code
    ),
    autres AS (
        SELECT territoire_code, bool_and(page) AS page FROM documents GROUP BY territoire_code
    ),
    sans AS (
        SELECT territoire_code, etat, consulte_le
        FROM dernieres_recherches WHERE territoire_niveau = $level
    )
    SELECT t.territoire_niveau, t.territoire_code, t.nom,
           CASE WHEN p.territoire_code IS NULL AND a.territoire_code IS NOT NULL
                    THEN 'partielle'
                WHEN p.territoire_code IS NULL THEN s.etat
                WHEN p.nb_axes > 0 AND p.montant_comparable THEN 'axes_et_montant'
                WHEN p.nb_axes > 0 OR p.montant_comparable THEN 'axes_ou_montant'
                ELSE 'strategie_seule' END AS classe,
           p.nb_strategies, p.nb_axes, p.montant_comparable, s.consulte_le,
           CASE WHEN p.territoire_code IS NOT NULL THEN $document
                WHEN a.page THEN $page
                WHEN a.territoire_code IS NOT NULL THEN $part
                WHEN s.consulte_le IS NOT NULL THEN $search ELSE '' END AS objet
    FROM territoires t
    JOIN sans s USING (territoire_code)
    LEFT JOIN propres p USING (territoire_code)
    LEFT JOIN autres a USING (territoire_code)
    WHERE t.territoire_niveau = $level
    ORDER BY t.territoire_code
"""


@cached
def completeness_layer(level: str) -> MapLayer:
    """Describe how far each territory of a level is known, for `maps.choropleth` to paint.

    `data` has the columns of `representativite_territoires`; `classe` is a code of `CLASSES`.
    """
    data = query(
        _COMPLETENESS_SQL,
        {
            "level": level,
            "perimeters": list(COMPARABLE_PERIMETERS),
            "document": _DOCUMENT,
            "page": _PAGE,
            "part": _PART,
            "search": _SEARCH,
        },
    ).astype({"nb_strategies": "Int64", "nb_axes": "Int64", "montant_comparable": "boolean"})
    position = data.columns.get_loc("classe") + 1
    data.insert(position, "valeur", data["classe"].map(_LABELS))
    data.insert(position + 1, "detail", [_format_detail(row) for row in iterate_rows(data)])
    return classified_layer(
        data,
        CLASSES,
        title="Que sait-on de chaque territoire ?",
        note="Stratégies dont le territoire est l’auteur, ou qui le nomment, toutes éditions : "
        "celles de territoires plus larges ne comptent pas. Une page sans document nommé, le "
        "document d’une ancienne région sont « des faits seulement ». Axes : au moins un relevé, "
        "la liste peut être partielle. Montant : au moins un, additif, pour les réseaux, les "
        "usages ou toute la stratégie.",
        level=level,
        subtitle=f"{LEVEL_NAMES[level]} de France",
    )


def _format_detail(row: object) -> str:
    if row.objet in (_PAGE, _PART):
        state = "description" if row.objet == _PAGE else "partie_du_territoire"
        return code_label("etats_couverture", state)
    if pd.isna(row.nb_strategies):
        return (
            ""
            if pd.isna(row.consulte_le)
            else f"Recherche du {format_partial_date(row.consulte_le)}"
        )
    axes = pluralize(row.nb_axes, "axe") if row.nb_axes else f"axes : {MISSING}"
    amount = "montant connu" if row.montant_comparable else f"montant : {MISSING}"
    return f"{pluralize(row.nb_strategies, 'stratégie')}, {axes}, {amount}"
