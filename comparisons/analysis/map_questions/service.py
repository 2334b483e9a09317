"""Map of who shares a service, or is linked to an organisation."""

from comparisons.analysis.map_layers import (
    IN_PART,
    PARTIAL,
    PRESENT,
    UNKNOWN,
    LegendClass,
    MapLayer,
    classified_layer,
)
from comparisons.formatting import curly_apostrophes
from comparisons.queries.partners import partnerships_by_territory
from comparisons.schema.model import code_label, vocabulary_codes

# A service whose organisations act in the whole territory, or in nobody knows how much of it.
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
    no_link_class = LegendClass("aucun", "Aucun organisme connu", UNKNOWN, missing=True)
    if partner:
        classes = tuple(
            LegendClass(role, code_label("roles", role), ROLE_COLOURS[role], about=("lien",))
            for role in vocabulary_codes("roles")
            if (data["classe"] == role).any()
        )
        no_link_class = LegendClass("aucun", "Aucun lien connu", UNKNOWN, missing=True)
        name = data.attrs["partenaire_nom"]
        title = f"Qui mutualise avec {curly_apostrophes(name)} ?"
    else:
        classes = (
            *_SHARED,
            *(
                legend_class
                for legend_class in IN_PART
                if (data["classe"] == legend_class.code).any()
            ),
        )
        title = f"Qui partage le service « {code_label('services', service)} » ?"
    labels = {legend_class.code: legend_class.label for legend_class in (*classes, no_link_class)}
    data["valeur"] = data["classe"].map(labels)
    return classified_layer(
        data,
        (*classes, no_link_class),
        title=title,
        note="Liens connus entre un territoire et un organisme de mutualisation. Un territoire "
        "peut être servi sans qu’une source du corpus le dise."
        + (
            " « Sur une partie » : l’aire de l’organisme, selon ses statuts, n’est qu’une partie "
            "du territoire."
            if any((data["classe"] == legend_class.code).any() for legend_class in IN_PART)
            else ""
        ),
        level=level,
    )
