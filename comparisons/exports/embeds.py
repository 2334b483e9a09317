"""Pages that other sites show in a frame: one figure, with its title, source, date and link.

They are whole in one light file: no script, nothing to fetch, drawn for a wide and a narrow frame.
"""

import base64
import hashlib
from collections.abc import Callable, Iterable, Mapping
from html import escape
from pathlib import Path

from comparisons.analysis.comparison.cells import SECTIONS
from comparisons.analysis.comparison.comparison import compare
from comparisons.analysis.map_layers import MapLayer, describe_legend
from comparisons.analysis.profile import describe_identity, key_figures, load_profile, verdict
from comparisons.database.connection import dataset_metadata
from comparisons.exports.images.catalogue import Image, find_image
from comparisons.exports.images.chart import ChartDrawing, draw_chart
from comparisons.exports.images.chart_file import Chart
from comparisons.exports.images.texts import text_width
from comparisons.exports.pdf.map_drawing import draw_map
from comparisons.exports.pdf.map_sheet import MapSheet, map_words
from comparisons.exports.table_writers import LICENCE
from comparisons.formatting import curly_apostrophes, format_partial_date, join_words
from comparisons.page_parameters import ComparedParameters, TerritoryParameters
from comparisons.parameters import Parameters
from comparisons.queries.sources import describe_official
from comparisons.schema.territory import parse_key

MEDIA_TYPE = "text/html; charset=utf-8"
_STYLE = Path(__file__).with_name("embed.css").read_text(encoding="utf-8")
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
# Others may frame these pages, and these only; they run and fetch nothing.
CSP = (
    f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors *"
)
_NARROW_WIDTH = 400
# Of the 2,100 units of a map: less than two pixels in the widest frame.
_MAP_STEP = 4
_COMPARED_SECTIONS = ("calendrier", "priorites", "budgets")
_MAX_STATEMENTS = 5


def embed(name: str, view: Parameters, site: str) -> bytes:
    """Return the page of an image of the catalogue, of a card (`fiche`) or a comparison."""
    if name in _TEXTS:
        title, body = _TEXTS[name](view)
    else:
        content = find_image(name).content(view)
        title, body = (
            _chart(find_image(name), view, content) if isinstance(content, Chart) else _map(content)
        )
    address = escape(f"{site}{embedded(name).page_address(view)}")
    day = format_partial_date(dataset_metadata()["date"])
    return (
        f'<!doctype html><html lang="fr"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta name="robots" content="noindex"><style>{_STYLE}</style></head><body><main>{body}'
        f"<footer>Source : Stratoscope, données du {day}, {LICENCE}. {describe_official()} "
        f'<a href="{address}" target="_blank" rel="noopener">Voir sur Stratoscope</a></footer>'
        "</main></body></html>"
    ).encode()


def embedded(name: str) -> Image:
    """Return what a page in a frame is about; raises `NotFoundError` for an unknown name."""
    return find_image({"fiche": "frise", "comparaison": "frise-comparaison"}.get(name, name))


def _heading(title: str, subtitle: str = "") -> str:
    below = f'<p class="sous-titre">{escape(subtitle)}</p>' if subtitle else ""
    return f"<h1>{escape(title)}</h1>{below}"


def _note(text: str) -> str:
    return f'<p class="note">{escape(text)}</p>' if text else ""


# --- figures --------------------------------------------------------------------------------------


def _chart(image: Image, view: Parameters, chart: Chart) -> tuple[str, str]:
    chart_title = curly_apostrophes(chart.title)
    narrow_chart = image.content(view, narrow=True)
    drawings = (
        _inline(draw_chart(chart.figure), "large", chart.alt),
        _inline(draw_chart(narrow_chart.figure, _NARROW_WIDTH), "etroit", chart.alt),
    )
    body = _heading(chart_title, chart.subtitle) + "".join(drawings) + _note(chart.note)
    return chart_title, body


def _inline(drawing: ChartDrawing, name: str, alt: str) -> str:
    """Return a drawing with its texts as SVG; patterns have names of their own in each."""
    texts = "".join(map(_text, drawing.texts))
    label = f'class="{name}" role="img" aria-label="{escape(alt)}"'
    svg = drawing.svg.replace('id="', f'id="{name}-').replace("url(#", f"url(#{name}-")
    return svg.replace("<svg", f"<svg {label}", 1).replace("</svg>", f"{texts}</svg>")


def _text(text: Mapping) -> str:
    x, y = f"{text['x']:.1f}", f"{text['y']:.1f}"
    # readers have other fonts than that by which places were measured
    length = f"{text_width(text['text'], text['size']):.1f}"
    turn = f' transform="rotate(-90 {x} {y})"' if text["turned"] else ""
    return (
        f'<text x="{x}" y="{y}" text-anchor="{text["anchor"]}" font-size="{text["size"]}" '
        f'textLength="{length}" lengthAdjust="spacingAndGlyphs" fill="{text["colour"]}"{turn}>'
        f"{escape(text['text'])}</text>"
    )


def _map(sheet: MapSheet) -> tuple[str, str]:
    layer = sheet.layer
    svg = draw_map(layer, sheet.code, sheet.name, step=_MAP_STEP).svg
    alt = f"Carte : {layer.subtitle}. {describe_legend(layer)}"
    drawing = svg.replace("<svg", f'<svg role="img" aria-label="{escape(alt)}"', 1)
    words = f"<p>{escape(sheet.sentence)}</p>{_legend(layer, sheet)}{_note(layer.note)}"
    body = f'<div class="carte"><div>{drawing}</div><div>{words}</div></div>'
    return layer.title, _heading(layer.title, layer.subtitle) + body


def _legend(layer: MapLayer, sheet: MapSheet) -> str:
    words = map_words(layer, sheet.code)
    lines = "".join(
        f'<li><svg viewBox="0 0 1 1" aria-hidden="true"><rect width="1" height="1" '
        f'fill="{row["colour"]}"/></svg>{escape(row["label"])}<b>{row["count"]}</b></li>'
        for row in words["legend"]
    )
    own = f"<p><strong>{escape(sheet.name)}</strong> : {escape(words['own'])}</p>"
    return f'<ul class="legende">{lines}</ul>{own if sheet.name else ""}'


# --- texts ----------------------------------------------------------------------------------------


def _card(view: TerritoryParameters) -> tuple[str, str]:
    """Return what a territory is and what is known of it."""
    profile = load_profile(view.t)
    figures = "".join(
        f"<div><dt>{escape(title)}</dt><dd>{escape(value)}</dd></div>"
        for title, value, _ in key_figures(profile)
    )
    body = f"<p>{escape(verdict(profile))}</p><dl>{figures}</dl>"
    return profile.name, _heading(profile.name, describe_identity(profile)) + body


def _comparison(view: ComparedParameters) -> tuple[str, str]:
    """Return what several territories share and where they part, then their main rows."""
    comparison = compare(tuple(map(parse_key, view.t)), view.doc, view.nommes, view.famille)
    sentences = (statement.texte for statement in comparison.statements[:_MAX_STATEMENTS])
    said = "".join(f"<li>{escape(sentence)}</li>" for sentence in sentences)
    tables = (
        _table(SECTIONS[name], comparison.text_matrix(name, view.montrer))
        for name in _COMPARED_SECTIONS
    )
    title = join_words(comparison.short_names.values())
    body = _heading(title, "Leurs stratégies numériques côte à côte") + f"<ul>{said}</ul>"
    return title, body + "".join(tables)


def _table(title: str, rows: object) -> str:
    if rows.empty:
        return ""
    head = _cells("", rows.columns, "th")
    named_rows = zip(rows.index, rows.values, strict=True)
    lines = "".join(_cells(name, row, "td") for name, row in named_rows)
    table = f"<table><caption>{escape(title)}</caption>{head}{lines}</table>"
    return f'<div class="tableau">{table}</div>'


def _cells(name: object, values: Iterable[object], tag: str) -> str:
    scope = ' scope="col"' if tag == "th" else ""
    cells = "".join(f"<{tag}{scope}>{escape(str(value))}</{tag}>" for value in values)
    return f'<tr><th scope="row">{escape(str(name))}</th>{cells}</tr>'


_TEXTS: Mapping[str, Callable[[Parameters], tuple[str, str]]] = {
    "fiche": _card,
    "comparaison": _comparison,
}
