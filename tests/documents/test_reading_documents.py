"""Documents of each kind are read as a person reads them; their facts are those of the page."""

import io

import docx
import numpy as np
import pypdfium2
import pytest
import typst
from docx.oxml import parse_xml
from effort import tries
from hypothesis import given, settings
from hypothesis import strategies as st
from made_documents import OBJECTS, STAGES, VERBS, Amount, make_trial

from comparisons.documents.reader import read_document
from comparisons.documents.readers import ocr
from comparisons.documents.readers.scan_picture import find_bullet, find_lines, stroke_width
from comparisons.documents.reading import read_proposals
from comparisons.formatting import fold
from tests.benchmarks.documents.content import load_trials, parse_trial
from tests.benchmarks.documents.rendering import render

TRIALS = {trial.name.split("-")[0]: trial for trial in load_trials()}


def texts(content: bytes, name: str) -> list[str]:
    return [block.text for block in read_document(content, name).blocks]


def typeset(text: str, settings: str = "") -> bytes:
    return typst.compile(
        f'#set page(height: 20cm)\n#set text(lang: "fr")\n{settings}\n{text}'.encode()
    )


def test_two_columns_are_read_one_after_the_other_and_words_are_whole():
    words = "Les infrastructures de mutualisation accompagnent les collectivités. " * 12
    pdf = typeset(f"= Premier\n{words}\n#colbreak()\n= Second\n{words}", "#set page(columns: 2)")
    first, paragraph, second, again = texts(pdf, "a.pdf")
    assert (first, second) == ("Premier", "Second")
    assert paragraph == again == words.strip()


def test_headers_and_numbers_of_pages_are_set_aside():
    pdf = typeset("Un.\n#pagebreak()\nDeux.\n#pagebreak()\nTrois.",
                  '#set page(header: [Conseil départemental], numbering: "1 / 1")')  # fmt: skip
    document = read_document(pdf, "a.pdf")
    assert [(block.page, block.text) for block in document.blocks] == [
        (1, "Un."), (2, "Deux."), (3, "Trois."),
    ]  # fmt: skip
    assert document.running == ("Conseil départemental",)


def test_a_table_over_two_pages_is_one_table_with_the_page_of_each_row():
    cells = "".join(f"[Action {n}], [{n} 000], " for n in range(1, 60))
    pdf = typeset(f"#table(columns: 2, table.header([Nom], [Coût]), {cells})")
    (table,) = read_document(pdf, "a.pdf").blocks
    assert len(table.rows) == 60 and {row.page for row in table.rows} == {1, 2, 3}
    assert table.rows[59].cells == ("Action 59", "59 000")


def test_the_pages_of_a_word_document_are_those_of_its_breaks():
    document = docx.Document()
    document.add_heading("Un", 1)
    document.add_page_break()
    document.add_heading("Deux", 1)
    buffer = io.BytesIO()
    document.save(buffer)
    blocks = read_document(buffer.getvalue(), "a.docx").blocks
    assert [(block.page, block.level) for block in blocks] == [(1, 1), (2, 1)]


@pytest.mark.skipif(not ocr.is_installed(), reason="needs Tesseract with its French data")
def test_a_scan_is_read(tmp_path):
    path = render(TRIALS["11"], tmp_path)
    reading = read_proposals(path.read_bytes(), path.name)
    assert reading.is_scanned
    assert {row.get("montant") for row in reading.rows if row.table == "budgets"} == {
        "280000", "40000",
    }  # fmt: skip


def test_lines_bullets_and_bold_letters_of_a_picture_are_measured():
    dark = np.zeros((400, 500), dtype=bool)
    # two lines that cross, a dark box, a bullet before a word, thin and thick letters
    dark[100:103, 50:450] = dark[50:350, 200:203] = dark[250:300, 300:480] = True
    dark[370:376, 60:66] = dark[360:380, 90:160] = True
    assert find_lines(dark) == [(101.0, 50.0, 450.0)]
    assert find_lines(dark.T) == [(201.0, 50.0, 350.0)]
    assert find_bullet(dark, 90, 360, 380) == 65.0
    assert not find_bullet(dark, 450, 95, 115)
    thin, thick = np.zeros((20, 20), dtype=bool), np.zeros((20, 20), dtype=bool)
    thin[5:15, 5:7] = thick[5:15, 5:10] = True
    assert stroke_width(thick) > 1.2 * stroke_width(thin)


def test_digits_deeper_than_others_have_lost_a_comma():
    heights = {"48": 22, "12": 18, "4,8": 22, "2024": 22}
    lost = [text for text, height in heights.items()
            if ocr.has_lost_comma({"text": text, "height": str(height)}, 18)]  # fmt: skip
    assert lost == ["48"]


@pytest.mark.skipif(not ocr.is_installed(), reason="needs Tesseract with its French data")
def test_a_scanned_table_list_and_bold_title_are_read_as_others(tmp_path):
    source = "*Une partie*\n\nUn texte.\n\n- Ouvrir un port\n- Relier un quai\n\n" + (
        "#table(columns: 2, [Action], [Coût], [Bus], [20 000 €], [Car], [30 000 €])"
    )
    trial = parse_trial("scan", f"@format scan\n@raw\n{source}")
    blocks = read_document(render(trial, tmp_path).read_bytes(), "a.pdf").blocks
    assert [block.text for block in blocks if block.bold] == ["Une partie"]
    assert [block.text for block in blocks if block.is_item] == ["Ouvrir un port", "Relier un quai"]
    (rows,) = (block.rows for block in blocks if block.rows)
    assert [row.cells for row in rows][1] == ("Bus", "20 000 €")


@pytest.mark.parametrize("number", ["31", "32", "34", "35"])
def test_nothing_is_proposed_of_what_is_no_strategy(number, tmp_path):
    trial = TRIALS[number]
    kinds = {"docx-pdf": "docx", "html-pdf": "html"}
    trial.settings["format"] = kinds.get(trial.format, trial.format)
    path = render(trial, tmp_path)
    assert read_proposals(path.read_bytes(), path.name).rows == []


@pytest.mark.parametrize(
    ("text", "axes"),
    [
        ("## Verbe 1 : Prévenir\n\n## Verbe 2 : Guérir", ["axe Prévenir", "axe Guérir"]),
        ("## A. Relier\n\n### A1. Les ports\n\n## B. Former",
         ["axe Relier", "orientation Les ports", "axe Former"]),
        ("## Programme P1 – Bâtir\n\nP1.1 Relier (3 k€)\n\n## Programme P2 – Unir",
         ["axe Bâtir", "orientation Relier", "axe Unir"]),
        ("Elle repose sur deux piliers :\n\n- Repérer : un test ;\n- Équiper : un prêt.",
         ["axe Repérer", "axe Équiper"]),
        ("Elle vise trois objectifs : mieux dire, mieux lire et mieux agir.",
         ["objectif mieux dire", "objectif mieux lire", "objectif mieux agir"]),
        ("| Axe | Mesure | Coût |\n| Ville sobre | Poser des sondes | 2 k€ |",
         ["axe Ville sobre", "action Poser des sondes"]),
        ("## Orientation 1 : Relier\n\n### 1.1 Les ports\n\n## Orientation 2 : Unir",
         ["orientation Relier", "objectif Les ports", "orientation Unir"]),
    ],
)  # fmt: skip
def test_axes_are_found_whatever_labels_them(text, axes):
    document = f"# Stratégie numérique de la Ville de Brest\n\n{text}\n".encode()
    rows = [row for row in read_proposals(document, "a.md").rows if row.table == "priorites"]
    assert [f"{row.get('niveau')} {row.get('intitule')}" for row in rows] == axes


def test_boxes_are_read_one_after_the_other_and_a_figure_with_its_caption():
    card = "#block(fill: luma(230), inset: 6pt)[#text(20pt)[{}] \\ {}]"
    figures = (
        ("900 000 €", "de budget"), ("12", "directions associées"), ("3", "défis à relever"),
    )  # fmt: skip
    cards = ", ".join(f"[{card.format(*each)}]" for each in figures)
    pdf = typeset(f"#grid(columns: (2.4cm, 1fr, 1fr), {cards})")
    assert " ".join(texts(pdf, "a.pdf")) == " ".join(" ".join(each) for each in figures)


def test_rows_over_several_columns_are_whole_and_numbered_heads_stay():
    cells = "table.cell(colspan: 3)[Axe 1 – Simplifier les démarches], [1.1], [Un guichet], [40 k€]"
    pdf = typeset(f"Fiche action n° 1\n\n#table(columns: 3, [N°], [Action], [Coût], {cells})"
                  "\n#pagebreak()\nFiche action n° 2\n\nTexte.")  # fmt: skip
    head, table, second, _ = read_document(pdf, "a.pdf").blocks
    assert (head.text, second.text) == ("Fiche action n° 1", "Fiche action n° 2")
    assert [row.cells[0] for row in table.rows] == ["N°", "Axe 1 – Simplifier les démarches", "1.1"]


def test_a_box_of_text_in_a_word_document_is_read_once_after_its_paragraph():
    document = docx.Document()
    paragraph = document.add_paragraph("Texte.")
    names = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    box = "<w:txbxContent><w:p><w:r><w:t>2 M€</w:t></w:r></w:p></w:txbxContent>"
    run = f'<w:r xmlns:w="{names}" xmlns:m="urn:m">{box}<m:Fallback>{box}</m:Fallback></w:r>'
    paragraph._p.append(parse_xml(run))
    buffer = io.BytesIO()
    document.save(buffer)
    assert texts(buffer.getvalue(), "a.docx") == ["Texte.", "2 M€"]


def test_cells_over_several_rows_leave_the_others_in_their_columns():
    page = b"<table><tr><td rowspan=2>Axe</td><td>2024</td></tr><tr><td>10</td></tr></table>"
    (table,) = read_document(b"<html>" + page, "a.html").blocks
    assert [row.cells for row in table.rows] == [("Axe", "2024"), ("", "10")]


def test_a_figure_of_a_later_year_is_aimed_at_unless_another_is():
    text = """# Stratégie numérique de la Ville de Brest 2021-2027

60 communes accompagnées en 2026.

600 lycéens sensibilisés en 2023, et 900 lycéens sensibilisés visés en 2027.
"""
    rows = [r for r in read_proposals(text.encode(), "a.md").rows if r.table == "indicateurs"]
    assert [(row.get("valeur"), row.get("nature")) for row in rows] == [
        ("60", "cible"), ("600", "realise"), ("900", "cible"),
    ]  # fmt: skip


TITLES = st.lists(
    st.tuples(st.sampled_from(VERBS), st.sampled_from(OBJECTS)).map(" ".join),
    min_size=6, max_size=16, unique=True,
)  # fmt: skip
AMOUNTS = st.lists(
    st.builds(
        Amount, st.integers(1, 99_000), st.sampled_from(list(STAGES)), *(st.integers(0, 5),) * 3
    ),
    max_size=6,
)  # fmt: skip


@settings(max_examples=tries(14), deadline=None)
@given(TITLES, AMOUNTS, st.integers(0, 11), st.sampled_from(["html", "docx", "txt", "md", "typst"]),
       st.integers(0, 2))  # fmt: skip
def test_axes_and_amounts_come_back_whatever_the_kind(
    tmp_path_factory, titles, amounts, way, kind, table_unit
):
    top, below = titles[:3], [titles[3:5], titles[5:7], titles[7:]]
    trial = make_trial(top, below, amounts, way, kind, table_unit)
    path = render(trial, tmp_path_factory.mktemp("made"))
    rows = read_proposals(path.read_bytes(), path.name).rows
    expected = [
        line
        for title, inner in zip(top, below, strict=True)
        for line in (("axe", title), *(("orientation", each) for each in inner))
    ]
    found = [(r.get("niveau"), r.get("intitule")) for r in rows if r.table == "priorites"]
    assert [(level, fold(text)) for level, text in found] == [
        (level, fold(text)) for level, text in expected
    ]
    stages = {
        (str(amount.thousands * 1000), "prevu" if table_unit else amount.stage)
        for amount in amounts
    }
    assert {(r.get("montant"), r.get("etape")) for r in rows if r.table == "budgets"} == stages


def test_a_passage_is_short_and_shows_the_value(tmp_path):
    path = render(TRIALS["01"], tmp_path)
    rows = read_proposals(path.read_bytes(), path.name).rows
    for row in rows:
        assert row.get("localisation").startswith("p. ") or row.table == "sources"
        assert all(len(value.passage) <= 300 for value in row.values.values())
    pages = [page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(path)]
    for row in rows:
        if row.table == "priorites":
            assert row.get("intitule") in pages[row.page - 1].replace("\r\n", " ")
