"""Sheet of a map, to print or to show: the map with its answer, legend, source and date."""

from dataclasses import dataclass

from comparisons.analysis.map_layers import MapLayer, describe_legend
from comparisons.analysis.map_questions.views import build_layer, headline
from comparisons.exports import table_writers
from comparisons.exports.pdf.map_drawing import draw_map
from comparisons.exports.pdf.typesetting import Job, typeset
from comparisons.formatting import curly_apostrophes, format_number
from comparisons.page_parameters import MapParameters, QuestionParameters
from comparisons.queries.territories import load_territories


@dataclass(frozen=True)
class MapSheet:
    """A layer, the sentence that answers it, the code and name of the territory to outline."""

    layer: MapLayer
    sentence: str
    code: str = ""
    name: str = ""


def sheet_of(view: MapParameters | QuestionParameters) -> MapSheet:
    """Return what the sheet of a map shows; the chosen territory of the view is outlined."""
    layer = build_layer(view.unselected())
    chosen = load_territories([view.t] if view.t else [])
    chosen = chosen[chosen["territoire_niveau"] == layer.level]
    code, name = ("", "") if chosen.empty else chosen.iloc[0][["territoire_code", "nom"]]
    return MapSheet(layer, headline(view, layer), code, curly_apostrophes(name))


def sheet_file(sheet: MapSheet, extension: str = "pdf", address: str = "") -> bytes:
    """Build the A4 landscape sheet of a map, as pdf, png or svg.

    `address` is the full address of its page. The same dataset version gives the same bytes.
    """
    layer, code = sheet.layer, sheet.code
    drawing = draw_map(layer, code, sheet.name)
    content = map_words(layer, code) | {
        "name": sheet.name if drawing.drawn else "",
        "headline": sheet.sentence,
        "note": layer.note,
        "alt": f"Carte : {layer.subtitle}. {describe_legend(layer)}",
        **table_writers.origin_words(),
        "outlines": "Contours : ADMIN EXPRESS (IGN), simplifiés ; outre-mer à d’autres échelles.",
        "address": address,
    }
    return typeset(Job("carte.typ", content, {"map": drawing.svg}, extension=extension))


def map_words(layer: MapLayer, code: str) -> dict:
    """Return the texts of a map: title, legend with counts, class of the territory `code`."""
    labels = {legend_class.code: legend_class.label for legend_class in layer.classes}
    classes = layer.data.set_index("territoire_code")["classe"]
    counts = layer.counts
    return {
        "title": layer.title,
        "subtitle": layer.subtitle,
        "legend": [
            {
                "label": legend_class.label,
                "colour": legend_class.colour,
                "count": format_number(counts[legend_class.code]),
            }
            for legend_class in layer.classes
            if counts[legend_class.code]
        ],
        "own": labels.get(classes.get(code), ""),
    }
