"""Files of a chart: the drawing with its title, source and date, as png, svg or pdf."""

from dataclasses import dataclass
from html import escape

from comparisons.database.connection import dataset_metadata
from comparisons.exports import table_writers
from comparisons.exports.images.chart import draw_chart
from comparisons.exports.pdf.typesetting import Job, typeset
from comparisons.formatting import curly_apostrophes

MEDIA_TYPES = {"png": "image/png", "svg": "image/svg+xml", "pdf": "application/pdf"}


@dataclass(frozen=True)
class Chart:
    """A figure of the pages, with the words of its image."""

    figure: object
    title: str
    subtitle: str
    alt: str
    note: str = ""


def chart_file(chart: Chart, extension: str = "png", address: str = "") -> bytes:
    """Build the image of a chart; `address` is that of the page that shows it.

    The same dataset version gives the same bytes.
    """
    drawing = draw_chart(chart.figure)
    words = {
        "title": curly_apostrophes(chart.title),
        "subtitle": curly_apostrophes(chart.subtitle),
        "alt": curly_apostrophes(chart.alt),
        "note": curly_apostrophes(chart.note),
        "citation": table_writers.citation_sentence(),
        "address": address,
        "date": [int(part) for part in dataset_metadata()["date"].split("-")],
        "width": drawing.width,
        "height": drawing.height,
        "texts": drawing.texts,
    }
    job = Job("graphique.typ", words, {"chart": drawing.svg}, extension=extension)
    return with_title(typeset(job), chart.title, chart.alt) if extension == "svg" else typeset(job)


def with_title(image: bytes, title: str, alt: str) -> bytes:
    """Return an SVG image, whose letters are shapes, with its title and description as texts."""
    start, end, rest = image.partition(b">")
    words = f"<title>{escape(title)}</title><desc>{escape(alt)}</desc>"
    return start + b' role="img"' + end + words.encode() + rest
