"""Map layer of the territories linked to an organisation, directly or by inheritance."""

from comparisons.analysis.map_layers import (
    IN_PART,
    LegendClass,
    MapLayer,
    classified_layer,
    in_part_note,
)
from comparisons.analysis.shared_services.links import DIRECT
from comparisons.analysis.shared_services.organisation import service_area
from comparisons.analysis.shared_services.organisations import list_organisations
from comparisons.database.cache import cached
from comparisons.database.connection import query
from comparisons.formatting import curly_apostrophes, is_missing
from comparisons.schema.model import code_label

_DIRECT, _WIDER, _PART = "territoire", "territoire plus large", IN_PART[0].about[0]
_LEGEND_CLASSES = (
    LegendClass("cite", "Cité par une source", "#08519c", about=(_DIRECT,)),
    LegendClass("deduit", "Lien déduit", "#6baed6", about=(_DIRECT,)),
    *IN_PART,
    LegendClass(
        "herite", "Par un territoire plus large qui le contient", "#c6dbef", about=(_WIDER,)
    ),
    LegendClass("aucun", "Aucun lien connu", "#e6e6e6", missing=True),
)


_STATED_IN_PART, _DEDUCED_IN_PART = (legend_class.code for legend_class in IN_PART)


def _choose_object(path: object, share: float) -> str:
    if is_missing(path):
        return ""
    if path != DIRECT:
        return _WIDER
    return _PART if share < 1 else _DIRECT


def _choose_class(path: object, is_stated: bool, share: float) -> str:
    if is_missing(path):
        return "aucun"
    if path != DIRECT:
        return "herite"
    if share < 1:
        return _STATED_IN_PART if is_stated else _DEDUCED_IN_PART
    return "cite" if is_stated else "deduit"


@cached
def service_area_layer(partenaire_id: str, level: str) -> MapLayer:
    """Describe of each territory of a level how it is linked to an organisation.

    Raises `KeyError` for an unknown organisation.
    """
    links = service_area(partenaire_id, level).set_index("territoire_code")
    data = query(
        """
        SELECT territoire_code, nom FROM territoires WHERE territoire_niveau = ?
        ORDER BY territoire_code
        """,
        [level],
    )
    paths = data["territoire_code"].map(links["lien"])
    is_stated = data["territoire_code"].map(links["nb_cites"]) > 0
    shares = data["territoire_code"].map(links["part_population_aire"])
    data["classe"] = list(map(_choose_class, paths, is_stated, shares))
    data["objet"] = list(map(_choose_object, paths, shares))
    data["valeur"] = data["classe"].map(
        {legend_class.code: legend_class.label for legend_class in _LEGEND_CLASSES}
    )
    roles = data["territoire_code"].map(links["role"])
    areas = data["territoire_code"].map(links["aire"])
    data["detail"] = [
        f"{code_label('roles', role)}{area and f' ({area})'}" if isinstance(role, str) else ""
        for role, area in zip(roles, areas, strict=True)
    ]
    rows = list_organisations()
    name = rows.loc[rows["partenaire_id"] == partenaire_id, "nom"].iloc[0]
    present = set(data["classe"])
    return classified_layer(
        data,
        [
            legend_class
            for legend_class in _LEGEND_CLASSES
            if legend_class not in IN_PART or legend_class.code in present
        ],
        title=f"Qui {curly_apostrophes(name)} sert-il ?",
        note="Un lien dit d’une région, un département ou une intercommunalité est montré, à "
        "part, pour les territoires qu’il contient." + in_part_note(data["classe"]),
        level=level,
    )
