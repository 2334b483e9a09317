"""Map of amounts per inhabitant: those of one object in classes, the others listed."""

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from comparisons.analysis.class_breaks import class_breaks, classify
from comparisons.analysis.map_layers import SEQUENTIAL, UNKNOWN, LegendClass, MapLayer
from comparisons.analysis.statements import Value, object_of
from comparisons.formatting import (
    MISSING,
    NBSP,
    curly_apostrophes,
    format_euros,
    format_euros_per_inhabitant,
    format_number,
    format_period,
)
from comparisons.page_parameters import MapParameters
from comparisons.queries import thresholds
from comparisons.queries.budgets import amounts_per_inhabitant, compared_object, format_object
from comparisons.rows import iterate_rows
from comparisons.schema.model import code_label

# Amounts that are known and compared with none, by what keeps them from it (`budgets._REASONS`).
LISTED = {
    "autre_objet": ("Cité : objet rare", "#a1d99b", ("autre_objet",)),
    "ancien": ("Cité : plus de dix ans", "#8c8070", ("ancien",)),
    "partie": (
        "Cité : une part seulement",
        "#f0a830",
        ("partiel", "un_seul_financeur"),
    ),
    "objet_inconnu": (
        "Cité : objet mal connu",
        "#d8cfc0",
        ("etendue_inconnue", "payeur_inconnu", "duree_inconnue"),
    ),
    "abandonne": ("Cité : projet abandonné", "#92567f", ("abandonne",)),
}
_CLASS_BY_REASON = {motive: code for code, (*_, motives) in LISTED.items() for motive in motives}


def classified_amounts(layers: Sequence[MapLayer], view: MapParameters) -> tuple[MapLayer, ...]:
    """Return layers of amounts with their classes: amounts of one object, and those listed.

    The classes are cut, as the view asks, in the values of all the maps.
    """
    for layer in layers:
        _check_one_object(layer.data)
    values = pd.concat([layer.data["valeur"] for layer in layers], ignore_index=True)
    bounds = class_breaks(values, view.methode, int(view.classes), view.bornes)
    *coloured, unknown_class = amount_classes(values, bounds, yearly=view.mesure == "par_an")
    listed_classes = [
        LegendClass(code, label, colour)
        for code, (label, colour, motives) in LISTED.items()
        if any(layer.data["motif"].isin(motives).any() for layer in layers)
    ]
    classes = (*coloured, *listed_classes, unknown_class)
    return tuple(
        replace(
            layer,
            classes=classes,
            data=layer.data.assign(classe=_class_codes(layer.data, coloured)),
        )
        for layer in layers
    )


def _check_one_object(data: pd.DataFrame) -> None:
    """Raise `UnequalObjects` when the compared amounts are not of one object."""
    compared = data[data["valeur"].notna()]
    if len(compared):
        object_of(
            [
                Value(row.nom, row.valeur, row.detail, compared_object(row))
                for row in iterate_rows(compared)
            ]
        )


def amount_layer(view: MapParameters) -> MapLayer:
    """Build the layer of amounts, their classes not yet cut (`classified_amounts`)."""
    year = int(view.annee) if view.annee else None
    data = amounts_per_inhabitant(view.niveau, view.perimetre, view.etape, view.mesure, year)
    titled = data["titre"].notna()
    data["detail"] = ""
    data.loc[titled, "detail"] = [_format_amount(row) for row in iterate_rows(data[titled])]
    compared = data[data["valeur"].notna()]
    unit = "Euros par habitant et par an" if view.mesure == "par_an" else "Euros par habitant"
    amount_kind = f"{code_label('perimetres', view.perimetre).lower()}, montant " + (
        code_label("etapes", view.etape).lower()
    )
    note = (
        f"Coloriés : montants de même objet seulement ({format_object(compared.iloc[0])}), d’un "
        "document de dix ans au plus, rapportés à la population de leur territoire. "
        if len(compared)
        else f"Moins de {thresholds.MIN_SAMPLE} territoires ont un montant de même objet (même "
        "part du programme, même payeur, durée semblable, dix ans au plus) : aucun n’est comparé. "
    )
    return MapLayer(
        title=f"{unit} : {amount_kind}" if len(compared) else f"Montants relevés : {amount_kind}",
        note=note + "Les autres montants sont cités et se lisent un par un, dans le tableau : leur "
        "objet (part du programme, payeur, durée) n’est pas connu, n’est celui que de quelques "
        "territoires, n’est qu’une tranche, une partie ou la part d’un seul financeur, ou vient "
        "d’un document de plus de dix ans.",
        level=view.niveau,
        classes=(),
        data=data,
    )


def _format_amount(row: object) -> str:
    """Format an amount with its object, its document and its period."""
    object_description = format_object(row)
    return (
        f"{format_euros(row.montant)}{f' ({object_description})' if object_description else ''} : "
        f"{curly_apostrophes(row.titre)} "
        f"({format_period(row.annee_debut, row.annee_fin)})"
    )


def amount_classes(
    values: pd.Series, bounds: Sequence[float], yearly: bool = False
) -> tuple[LegendClass, ...]:
    """Return the lines of the legend, lowest class first, then the unknown."""
    unknown_class = LegendClass("inconnu", MISSING.capitalize(), UNKNOWN, missing=True)
    if not bounds:
        return (unknown_class,)
    ends = [values.min(), *bounds]
    texts = [format_euros_per_inhabitant(end, yearly) for end in ends]
    if len(set(texts)) < len(set(ends)):  # rounded, two bounds would read the same
        unit = format_euros_per_inhabitant(1, yearly).split(NBSP)[1]
        texts = [f"{format_number(end, 2)}{NBSP}{unit}" for end in ends]
    classes = []
    for index, upper in enumerate(bounds):
        prefix = "de" if index == 0 else "plus de"
        interval = f"{prefix} {texts[index].split(NBSP)[0]} à {texts[index + 1]}"
        label = texts[index + 1] if ends[index] == upper else interval
        classes.append(LegendClass(f"c{index}", label, SEQUENTIAL[len(bounds)][index], upper=upper))
    return (*classes, unknown_class)


def _class_codes(data: pd.DataFrame, classes: Sequence[LegendClass]) -> list[str]:
    positions = classify(
        data["valeur"],
        [legend_class.upper for legend_class in classes if legend_class.upper is not None],
    )
    return [
        f"c{position}" if not pd.isna(position) else _CLASS_BY_REASON.get(motive, "inconnu")
        for position, motive in zip(positions, data["motif"].to_list(), strict=True)
    ]
