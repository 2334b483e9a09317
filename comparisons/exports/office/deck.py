"""PowerPoint file of a report: five slides, with real tables and the map."""

import io

from pptx import Presentation
from pptx.dml.color import RGBColor
from pptx.presentation import Presentation as PresentationType
from pptx.slide import Slide
from pptx.util import Cm, Pt

from comparisons.exports.office.report import Report, Table
from comparisons.exports.office.saving import dated, described
from comparisons.formatting import pluralize, shorten

_WIDTH, _HEIGHT, _EDGE = Cm(33.87), Cm(19.05), Cm(1.6)
_TITLE_ONLY = 5
_BLUE, _GREY = RGBColor(0x08, 0x51, 0x9C), RGBColor(0x52, 0x60, 0x6D)
_MAX_SENTENCES, _MAX_ROWS, _MAX_CELL, _MAX_SOURCES = 6, 8, 110, 8
_SLIDE_TABLES = 2


def to_pptx(report: Report) -> bytes:
    """Return a report as five slides; the same report gives the same bytes.

    They are its sentences, its map, its first two tables, and its sources.
    """
    deck = Presentation()
    deck.slide_width, deck.slide_height = _WIDTH, _HEIGHT
    _add_text(_add_slide(deck, report, report.title), report.subtitle, report.sentences)
    _add_map(_add_slide(deck, report, f"{report.title} : la carte"), report)
    tables = [table for table in report.tables if table.main][:_SLIDE_TABLES]
    for table in tables:
        _add_table(_add_slide(deck, report, table.title), table)
    for _ in range(_SLIDE_TABLES - len(tables)):
        unknown = ("Non renseigné : rien n’est relevé de plus.",)
        _add_text(_add_slide(deck, report, "Ce qui manque"), "", unknown)
    sources = [f"[{number}] {title}" for number, (title, _) in enumerate(report.sources, start=1)]
    others = len(sources) - _MAX_SOURCES
    more = [f"et {pluralize(others, 'autre', 'autres')}, dans la note et en ligne."] * (others > 0)
    last = _add_slide(deck, report, "Sources, et pour aller plus loin")
    _add_text(last, f"Page en ligne : {report.address}", [*sources[:_MAX_SOURCES], *more], 14)
    return dated(deck, report.title)


def _add_slide(deck: PresentationType, report: Report, title: str) -> Slide:
    """Add a slide with its title, and the citation at its foot."""
    slide = deck.slides.add_slide(deck.slide_layouts[_TITLE_ONLY])
    shape = slide.shapes.title
    shape.left, shape.top, shape.width, shape.height = _EDGE, Cm(0.8), _WIDTH - 2 * _EDGE, Cm(2)
    shape.text_frame.text = shorten(title, 90)
    _style(shape.text_frame, 30, _BLUE)
    foot = slide.shapes.add_textbox(_EDGE, _HEIGHT - Cm(1.3), _WIDTH - 2 * _EDGE, Cm(0.9))
    foot.text_frame.text = report.citation
    _style(foot.text_frame, 11, _GREY)
    return slide


def _style(frame: object, size: float, colour: RGBColor) -> None:
    for paragraph in frame.paragraphs:
        paragraph.alignment = 1
        for run in paragraph.runs:
            run.font.size, run.font.color.rgb = Pt(size), colour


def _add_text(slide: Slide, subtitle: str, sentences: object, size: float = 20) -> None:
    box = slide.shapes.add_textbox(_EDGE, Cm(3), _WIDTH - 2 * _EDGE, Cm(14))
    frame = box.text_frame
    frame.word_wrap = True
    frame.text = subtitle
    _style(frame, 16, _GREY)
    for sentence in list(sentences)[: max(_MAX_SENTENCES, _MAX_SOURCES + 1)]:
        paragraph = frame.add_paragraph()
        paragraph.text, paragraph.space_before = f"• {sentence}", Pt(8)
        paragraph.font.size = Pt(size)


def _add_map(slide: Slide, report: Report) -> None:
    picture = slide.shapes.add_picture(
        io.BytesIO(report.map.content), 0, Cm(2.7), height=_HEIGHT - Cm(4.2)
    )
    picture.left = (_WIDTH - picture.width) // 2
    described(picture._element.nvPicPr.cNvPr, report.map.alt)


def _add_table(slide: Slide, table: Table) -> None:
    rows = table.rows[:_MAX_ROWS]
    width, height = _WIDTH - 2 * _EDGE, Cm(1) * (len(rows) + 1)
    shape = slide.shapes.add_table(len(rows) + 1, len(table.columns), _EDGE, Cm(3.1), width, height)
    for grid_row, texts in zip(shape.table.rows, (table.columns, *rows), strict=True):
        for cell, text in zip(grid_row.cells, texts, strict=True):
            cell.text_frame.text = shorten(text, _MAX_CELL)
            for paragraph in cell.text_frame.paragraphs:
                paragraph.font.size = Pt(12)
    for column, share in zip(shape.table.columns, table.column_shares(), strict=True):
        column.width = int(share * width)
    others = len(table.rows) - len(rows)
    more = (
        f"Et {pluralize(others, 'autre ligne', 'autres lignes')}, dans la note. " if others else ""
    )
    box = slide.shapes.add_textbox(_EDGE, _HEIGHT - Cm(2.4), width, Cm(1))
    box.text_frame.word_wrap = True
    box.text_frame.text = shorten(f"{more}{table.note}", 200)
    _style(box.text_frame, 12, _GREY)
