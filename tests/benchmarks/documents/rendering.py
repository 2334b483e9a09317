"""Make the files of the documents of trial, each in its own way."""

import html
import io
import re
import subprocess
from pathlib import Path

import docx
import pptx
import pypdfium2
import typst
from docx.enum.text import WD_BREAK
from docx.shared import Pt as DocxPt
from pptx.util import Inches

from tests.benchmarks.documents.content import Element, Trial

SUFFIXES = {
    "typst": ".pdf", "docx": ".docx", "docx-pdf": ".pdf", "odt": ".odt", "odt-pdf": ".pdf",
    "html": ".html", "html-pdf": ".pdf", "pptx": ".pptx", "txt": ".txt", "md": ".md",
    "scan": ".pdf", "html-docx": ".docx", "html-odt": ".odt", "html-odt-pdf": ".pdf",
}  # fmt: skip
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def render(trial: Trial, folder: Path) -> Path:
    """Make the file of a document in a folder."""
    path = folder / f"{trial.name}{SUFFIXES[trial.format]}"
    kind, _, printed = trial.format.partition("-")
    if kind == "html" and printed and printed != "pdf":
        _convert_page(trial, path)
        return path
    match kind:
        case "typst" | "scan":
            content = typst.compile(_to_typst(trial).encode())
            path.write_bytes(_to_scan(content) if kind == "scan" else content)
        case "txt" | "md":
            path.write_text(_to_text(trial), "utf-8")
        case "pptx":
            path.write_bytes(_to_pptx(trial))
        case "html":
            page = path.with_suffix(".html")
            page.write_text(_to_html(trial), "utf-8")
            if printed:
                _print_by_browser(page, path)
        case _:
            word = path.with_suffix(".docx")
            word.write_bytes(_to_docx(trial))
            if kind == "odt":
                convert_by_office(word, "odt")
                word = path.with_suffix(".odt")
            if printed:
                convert_by_office(word, "pdf")
    return path


def _convert_page(trial: Trial, path: Path) -> None:
    """Make an .odt of a page by Writer, then from it a .docx or a PDF."""
    page, text = path.with_suffix(".html"), path.with_suffix(".odt")
    page.write_text(_to_html(trial), "utf-8")
    convert_by_office(page, "odt")
    if path != text:
        convert_by_office(text, path.suffix.lstrip("."))


def convert_by_office(path: Path, kind: str) -> None:
    """Write another kind of a file beside it, by LibreOffice."""
    profile = path.parent / "office-profile"
    # without it a page is opened by another program, which makes no .odt
    opened = ["--infilter=HTML (StarWriter)"] if path.suffix == ".html" else []
    command = ["soffice", f"-env:UserInstallation=file://{profile}", "--headless", *opened,
               "--convert-to", kind, "--outdir", str(path.parent), str(path)]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True, timeout=180)


def _print_by_browser(page: Path, path: Path) -> None:
    for browser in _BROWSERS:
        command = [browser, "--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer",
                   f"--print-to-pdf={path}", str(page)]  # fmt: skip
        try:
            subprocess.run(command, check=True, capture_output=True, timeout=120)
            return
        except FileNotFoundError:
            continue
    raise FileNotFoundError("no Chromium")


def _to_scan(content: bytes) -> bytes:
    """Return the PDF of the pictures of the pages, grey and slightly turned."""
    pages = [
        page.render(scale=200 / 72, grayscale=True).to_pil().rotate(0.3, fillcolor=255)
        for page in pypdfium2.PdfDocument(content)
    ]
    buffer = io.BytesIO()
    pages[0].save(buffer, "PDF", save_all=True, append_images=pages[1:], resolution=200)
    return buffer.getvalue()


def _to_typst(trial: Trial) -> str:
    if trial.source:
        return trial.source

    def escaped(text: str) -> str:
        return re.sub(r"([\\#$*_@<>`~\[\]=/+-])", r"\\\1", text)

    is_fake = trial.settings.get("style") == "fake"
    lines = [
        '#set text(lang: "fr", size: 10.5pt, hyphenate: true, font: "Libertinus Serif")',
        "#set par(justify: true)",
        f'#set page(paper: "a4", columns: {trial.settings.get("columns", "1")}, '
        f"header: [#text(8pt)[{escaped(trial.settings.get('running', ''))}]], "
        'numbering: "1")',
    ]
    if numbering := trial.settings.get("numbering"):
        lines.append(f'#set heading(numbering: "{numbering}")')
    for element in trial.elements:
        match element.kind:
            case "title":
                lines.append(f'#text(22pt, weight: "bold")[{escaped(element.text)}]\n')
            case "heading" if is_fake:
                size = 15 - 1.5 * element.level
                lines.append(f'#text({size}pt, weight: "bold")[{escaped(element.text)}]\n')
            case "heading":
                lines.append(f"{'=' * element.level} {escaped(element.text)}\n")
            case "item":
                lines.append(f"- {escaped(element.text)}")
            case "page":
                lines.append("#pagebreak()")
            case "toc":
                lines.append("#outline(title: [Sommaire])\n")
            case "table":
                cells = ", ".join(f"[{escaped(cell)}]" for row in element.rows for cell in row)
                lines.append(f"#table(columns: {len(element.rows[0])}, {cells})\n")
            case _:
                lines.append(f"{escaped(element.text)}\n")
    return "\n".join(lines)


def _to_html(trial: Trial) -> str:
    if trial.source:
        return trial.source
    columns = trial.settings.get("columns", "1")
    parts = [
        "<!doctype html><html lang=fr><head><meta charset=utf-8><title>Document</title><style>"
        "body{font-family:sans-serif;font-size:11pt}table{border-collapse:collapse}"
        "td,th{padding:4px 10px;border-bottom:1px solid #999}.page{break-before:page}"
        f".text{{columns:{columns}}}</style></head><body>"
        "<nav><ul><li><a href=#>Accueil</a></li><li><a href=#>Axe de transport</a></li></ul></nav>"
        "<main class=text>"
    ]
    is_open = False
    for element in trial.elements:
        if is_open and element.kind != "item":
            parts.append("</ul>")
            is_open = False
        text = html.escape(element.text)
        match element.kind:
            case "title":
                parts.append(f"<h1>{text}</h1>")
            case "heading":
                parts.append(f"<h{element.level + 1}>{text}</h{element.level + 1}>")
            case "item":
                parts.append(f"{'' if is_open else '<ul>'}<li>{text}</li>")
                is_open = True
            case "page":
                parts.append("<div class=page></div>")
            case "table":
                rows = (
                    "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>"
                    for row in element.rows
                )
                parts.append(f"<table>{''.join(rows)}</table>")
            case "text":
                parts.append(f"<p>{text}</p>")
    running = html.escape(trial.settings.get("running", ""))
    parts.append(f"</main><footer>{running}</footer></body></html>")
    return "\n".join(parts)


def _to_docx(trial: Trial) -> bytes:
    document = docx.Document()
    is_fake = trial.settings.get("style") == "fake"
    document.sections[0].header.paragraphs[0].text = trial.settings.get("running", "")
    breaks = False
    for element in trial.elements:
        if element.kind == "page":
            breaks = True
            continue
        paragraph = _add_to_docx(document, element, is_fake)
        if breaks and paragraph is not None:
            paragraph.paragraph_format.page_break_before = True
        elif breaks:
            document.paragraphs[-1].add_run().add_break(WD_BREAK.PAGE)
        breaks = False
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def _add_to_docx(document: object, element: Element, is_fake: bool) -> object | None:
    if element.kind == "table":
        table = document.add_table(rows=0, cols=len(element.rows[0]), style="Table Grid")
        for row in element.rows:
            for cell, text in zip(table.add_row().cells, row, strict=True):
                cell.text = text
        return None
    if element.kind in ("title", "heading"):
        if not is_fake:
            return document.add_heading(element.text, element.level)
        paragraph = document.add_paragraph()
        run = paragraph.add_run(element.text)
        run.bold, run.font.size = True, DocxPt(18 - 2 * element.level)
        return paragraph
    style = "List Bullet" if element.kind == "item" else None
    return document.add_paragraph(element.text, style=style)


def _to_pptx(trial: Trial) -> bytes:
    presentation = pptx.Presentation()
    slide = None
    for element in trial.elements:
        if element.kind == "page":
            slide = None
            continue
        if slide is None:
            slide = presentation.slides.add_slide(presentation.slide_layouts[1])
            body = slide.placeholders[1].text_frame
            is_first = True
        if element.kind == "title":
            slide.shapes.title.text = element.text
        elif element.kind == "table":
            rows, columns = len(element.rows), len(element.rows[0])
            size = Inches(1), Inches(3), Inches(8), Inches(0.4 * rows)
            table = slide.shapes.add_table(rows, columns, *size).table
            for i, row in enumerate(element.rows):
                for j, text in enumerate(row):
                    table.cell(i, j).text = text
        else:
            paragraph = body.paragraphs[0] if is_first else body.add_paragraph()
            paragraph.text, is_first = element.text, False
    buffer = io.BytesIO()
    presentation.save(buffer)
    return buffer.getvalue()


def _to_text(trial: Trial) -> str:
    if trial.source:
        return trial.source
    lines = []
    for element in trial.elements:
        match element.kind:
            case "heading" | "title" if trial.format == "md":
                lines.append(f"{'#' * (element.level + 1)} {element.text}\n")
            case "item":
                lines.append(f"- {element.text}")
            case "page":
                lines.append("\f")
            case "table":
                lines += [" | ".join(row) for row in element.rows]
            case _:
                lines.append(f"{element.text}\n")
    return "\n".join(lines)
