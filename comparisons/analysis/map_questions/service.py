"""Map of who shares a service, or is linked to an organisation."""

import pandas as pd

from comparisons.analysis.map_layers import (
    IN_PART,
    PARTIAL,
    PRESENT,
    ROLE_IN_PART,
    UNKNOWN,
    LegendClass,
    MapLayer,
    classified_layer,
    in_part_note,
)
from comparisons.formatting import curly_apostrophes
from comparisons.queries.partners import partnerships_by_territory
from comparisons.schema.model import code_label, vocabulary_codes

# Organisations that act in the whole territory, or in nobody knows how much of it.
_AREAS = ("territoire entier", "aire inconnue")
_SHARED = (
    LegendClass("explicite", "Service partagé (énoncé par une source)", PRESENT, about=_AREAS),
    LegendClass("deduit", "Service partagé (déduit)", PARTIAL, about=_AREAS),
)
ROLE_COLOURS = dict(
    zip(
        vocabulary_codes("roles"),
        ("#08306b", "#2171b5", "#f0a830", "#6baed6", "#92567f"),
        strict=True,
    )
)


def service_layer(level: str, service: str, partner: str = "") -> MapLayer:
    """Build the layer of territories that share a service or are linked to an organisation."""
    data = partnerships_by_territory(level, service=service, partner=partner)
    if partner:
        data = _with_roles(data)
        always: tuple[LegendClass, ...] = ()
        if_present = (
            *(
                LegendClass(role, code_label("roles", role), ROLE_COLOURS[role], about=_AREAS)
                for role in vocabulary_codes("roles")
            ),
            ROLE_IN_PART,
        )
        no_link_class = LegendClass("aucun", "Aucun lien connu", UNKNOWN, missing=True)
        title = f"Qui mutualise avec {curly_apostrophes(data.attrs['partenaire_nom'])} ?"
    else:
        always, if_present = _SHARED, IN_PART
        no_link_class = LegendClass("aucun", "Aucun organisme connu", UNKNOWN, missing=True)
        title = f"Qui partage le service « {code_label('services', service)} » ?"
    present = set(data["classe"])
    classes = (
        *always,
        *(legend_class for legend_class in if_present if legend_class.code in present),
        no_link_class,
    )
    data["valeur"] = data["classe"].map({line.code: line.label for line in classes})
    return classified_layer(
        data,
        classes,
        title=title,
        note="Liens connus entre un territoire et un organisme de mutualisation. Un territoire "
        "peut être servi sans qu’une source du corpus le dise." + in_part_note(data["classe"]),
        level=level,
    )


def _with_roles(data: pd.DataFrame) -> pd.DataFrame:
    """Put the territories served in part in a class of their own, with their role in words."""
    in_part = (data["part"] < 1) & (data["classe"] != "aucun")
    roles = [code_label("roles", code) for code in data.loc[in_part, "classe"]]
    data.loc[in_part, "detail"] = [
        f"{role} : {detail}"
        for role, detail in zip(roles, data.loc[in_part, "detail"], strict=True)
    ]
    data.loc[in_part, "classe"] = ROLE_IN_PART.code
    return data
