"""Word file of a report: headings, sentences, real tables, the map, numbered sources."""

import io
from collections.abc import Sequence

from docx import Document
from docx.document import Document as DocumentType
from docx.enum.section import WD_ORIENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

from comparisons.analysis.document_request import Letter
from comparisons.exports.office.report import Report, Table
from comparisons.exports.office.saving import dated, described

_BLUE = RGBColor(0x08, 0x51, 0x9C)
_FONT = "Calibri"
_TABLE_STYLE = "Light Grid Accent 1"


def to_docx(report: Report) -> bytes:
    """Return a report as a Word file; the same report gives the same bytes."""
    document = Document()
    _set_styles(document)
    document.add_heading(report.title, level=0)
    document.add_paragraph(report.subtitle)
    for sentence in report.sentences:
        document.add_paragraph(sentence, style="List Bullet")
    document.add_picture(io.BytesIO(report.map.content), width=_text_width(document))
    described(document.element.body.xpath(".//wp:docPr")[-1], report.map.alt)
    for table in report.tables:
        _add_table(document, table)
    document.add_heading("Sources", level=1)
    for number, (title, url) in enumerate(report.sources, start=1):
        paragraph = document.add_paragraph(f"[{number}] {title} ")
        paragraph.paragraph_format.space_after = Pt(2)
        _add_link(document, paragraph, url)
    document.add_heading("Pour citer", level=1)
    document.add_paragraph(f"{report.citation} {report.address}")
    document.sections[0].footer.paragraphs[0].text = report.citation
    return dated(document, report.title)


def letter_to_docx(letter: Letter, tables: Sequence[Table] = ()) -> bytes:
    """Return a letter as a Word file, to complete and to send, with the tables that go with it."""
    document = Document()
    _set_styles(document)
    document.add_paragraph("\n".join(letter.heading))
    document.add_paragraph().add_run(f"Objet : {letter.subject}").bold = True
    for paragraph in letter.paragraphs:
        document.add_paragraph(paragraph)
    for table in tables:
        _add_table(document, table)
    return dated(document, letter.subject)


def _set_styles(document: DocumentType) -> None:
    section = document.sections[0]
    section.orientation = WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2)
    section.top_margin = section.bottom_margin = Cm(2)
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = _FONT, Pt(10.5)
    language = OxmlElement("w:lang")
    language.set(qn("w:val"), "fr-FR")
    normal.element.get_or_add_rPr().append(language)
    for name in ("Title", "Heading 1"):
        style = document.styles[name]
        style.font.name, style.font.color.rgb = _FONT, _BLUE
        fonts = style.element.rPr.rFonts
        for of_theme in ("w:asciiTheme", "w:hAnsiTheme"):
            fonts.attrib.pop(qn(of_theme), None)


def _text_width(document: DocumentType) -> int:
    section = document.sections[0]
    return section.page_width - section.left_margin - section.right_margin


def _add_table(document: DocumentType, table: Table) -> None:
    document.add_heading(table.title, level=1)
    grid = document.add_table(rows=1, cols=len(table.columns), style=_TABLE_STYLE)
    for cell, title in zip(grid.rows[0].cells, table.columns, strict=True):
        cell.text = title
    # the titles are read again at the top of each page
    repeated = OxmlElement("w:tblHeader")
    grid.rows[0]._tr.get_or_add_trPr().append(repeated)
    for row in table.rows:
        for cell, text in zip(grid.add_row().cells, row, strict=True):
            cell.text = text
    grid.autofit = False
    widths = [int(share * _text_width(document)) for share in table.column_shares()]
    for column, width in zip(grid.columns, widths, strict=True):
        column.width = width
    for row in grid.rows:
        for cell, width in zip(row.cells, widths, strict=True):
            cell.width = width
            for run in cell.paragraphs[0].runs:
                run.font.size = Pt(9)
    if table.note:
        document.add_paragraph().add_run(table.note).italic = True


def _add_link(document: DocumentType, paragraph: object, url: str) -> None:
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/hyperlink"
    link = OxmlElement("w:hyperlink")
    link.set(qn("r:id"), document.part.relate_to(url, kind, is_external=True))
    run = paragraph.add_run(url)
    run.font.color.rgb, run.font.underline = _BLUE, True
    link.append(run._r)
    paragraph._p.append(link)
