"""Notes and decks to edit: real tables, the map, every source; read again by their libraries."""

import io

import pytest
from docx import Document
from file_contents import plain
from pptx import Presentation

from comparisons.analysis.comparison.request import parse_request
from comparisons.analysis.profile import load_profile, verdict
from comparisons.exports.comparison_files import encode
from comparisons.exports.comparison_notes import ExportOptions
from comparisons.exports.office.deck import to_pptx
from comparisons.exports.office.note import to_docx
from comparisons.exports.office.office_files import territory_file
from comparisons.exports.office.report import (
    Picture,
    Report,
    Table,
    comparison_report,
    territory_report,
)

pytestmark = pytest.mark.usefixtures("database")

ADDRESS = "https://a.fr/territoire?t=region-53"


@pytest.fixture(scope="module")
def note() -> Document:
    return Document(io.BytesIO(territory_file("region-53", "docx", ADDRESS)))


@pytest.fixture(scope="module")
def deck() -> Presentation:
    return Presentation(io.BytesIO(territory_file("region-53", "pptx", ADDRESS)))


def table_rows(table) -> list[list[str]]:
    return [[cell.text for cell in row.cells] for row in table.rows]


def test_a_note_has_the_verdict_the_map_and_real_tables(note):
    texts = [paragraph.text for paragraph in note.paragraphs]
    assert texts[0] == "Bretagne" and verdict(load_profile("region-53")) in texts
    assert len(note.inline_shapes) == 1
    (alt,) = note.element.body.xpath(".//wp:docPr/@descr")
    assert alt.startswith("Carte : Régions de France")
    head, *rows = table_rows(note.tables[0])
    assert head == ["Document", "Type", "État", "Période", "Source"]
    assert len(rows) == len(load_profile("region-53").documents)
    assert note.core_properties.language == "fr-FR"


def test_every_number_of_a_note_leads_to_a_source(note):
    texts = "\n".join(paragraph.text for paragraph in note.paragraphs)
    numbers = {row[-1] for table in note.tables for row in table_rows(table)[1:] if row[-1]}
    assert numbers and all(f"\n{number} " in texts for number in numbers)
    links = {each.target_ref for each in note.part.rels.values() if each.is_external}
    assert len(links) > 10 and all(link.startswith("http") for link in links)
    assert ADDRESS in texts


def test_a_deck_has_five_slides_with_the_map_and_tables(deck):
    assert len(deck.slides) == 5
    titles = [slide.shapes.title.text_frame.text for slide in deck.slides]
    assert titles[0] == "Bretagne" and {"Stratégies", "Priorités"} < set(titles)
    kinds = [shape.shape_type for slide in deck.slides for shape in slide.shapes]
    assert sum(shape.has_table for slide in deck.slides for shape in slide.shapes) == 2
    assert any("PICTURE" in str(kind) for kind in kinds)
    for slide in deck.slides:
        for shape in slide.shapes:
            assert shape.left >= 0 and shape.left + shape.width <= deck.slide_width


def test_a_territory_of_which_nothing_is_known_has_its_files_too():
    deck = Presentation(io.BytesIO(territory_file("commune-35352", "pptx")))
    assert len(deck.slides) == 5


def test_a_comparison_has_a_column_for_each_territory():
    comparison = parse_request({"t": ["region-53,region-52"]}).build_comparison()
    options = ExportOptions(address="https://a.fr/comparer")
    note = Document(io.BytesIO(encode(comparison, "docx", options)))
    names = [*comparison.names.values()]
    assert all(table_rows(table)[0][1:] == names for table in note.tables)
    known = {row[0] for table in note.tables for row in table_rows(table)[1:]}
    assert set(comparison.text_matrix("priorites").index) <= known
    report = comparison_report(comparison, ExportOptions(sections=("priorites",)))
    assert [table.title for table in report.tables] == ["Priorités par thème"]


def test_texts_are_never_markup():
    hostile = "<w:p/> & \x07 « a » ]]>"
    table = Table("Stratégies", ("A", "B"), ((hostile.replace("\x07", ""), "b"),), main=True)
    map_ = territory_report("region-53").map
    report = Report("T", "S", ("s",), Picture(map_.content, "<alt>"), (table,), (), "c", "a")
    note = Document(io.BytesIO(to_docx(report)))
    assert plain(table_rows(note.tables[0])[1][0]) == plain(hostile.replace("\x07", ""))
    assert len(Presentation(io.BytesIO(to_pptx(report))).slides) == 5
