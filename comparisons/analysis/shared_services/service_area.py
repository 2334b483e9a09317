"""Map layer of the territories linked to an organisation, directly or by inheritance."""

from comparisons.analysis.map_layers import LegendClass, MapLayer
from comparisons.analysis.shared_services.links import DIRECT
from comparisons.analysis.shared_services.organisation import service_area
from comparisons.analysis.shared_services.organisations import list_organisations
from comparisons.database.connection import query
from comparisons.formatting import curly_apostrophes, is_missing
from comparisons.schema.model import code_label

_LEGEND_CLASSES = (
    LegendClass("cite", "Cité par une source", "#08519c"),
    LegendClass("deduit", "Lien déduit", "#6baed6"),
    LegendClass("herite", "Par un territoire plus large qui le contient", "#c6dbef"),
    LegendClass("aucun", "Aucun lien connu", "#e6e6e6", missing=True),
)


def _choose_class(path: object, is_stated: bool) -> str:
    if is_missing(path):
        return "aucun"
    if path != DIRECT:
        return "herite"
    return "cite" if is_stated else "deduit"


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
    data["classe"] = list(map(_choose_class, paths, is_stated))
    data["valeur"] = data["classe"].map(
        {legend_class.code: legend_class.label for legend_class in _LEGEND_CLASSES}
    )
    roles = data["territoire_code"].map(links["role"])
    data["detail"] = [code_label("roles", code) if isinstance(code, str) else "" for code in roles]
    rows = list_organisations()
    name = rows.loc[rows["partenaire_id"] == partenaire_id, "nom"].iloc[0]
    return MapLayer(
        title=f"Qui {curly_apostrophes(name)} sert-il ?",
        note="Un lien dit d’une région, un département ou une intercommunalité est montré, à "
        "part, pour les territoires qu’il contient.",
        level=level,
        classes=_LEGEND_CLASSES,
        data=data,
    )
