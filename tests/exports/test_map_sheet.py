"""The sheet of a map: what it answers, its legend, its source; of few communes, discs."""

import re

import pytest
from pdf_contents import compact, open_pdf, pdf_text

from comparisons.database.connection import query
from comparisons.exports.pdf.map_sheet import sheet_file, sheet_of
from comparisons.page_parameters import MapParameters

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture(scope="module")
def gironde() -> bytes:
    return sheet_file(
        sheet_of(MapParameters(t="departement-33")), address="https://a.fr/?t=departement-33"
    )


def test_a_sheet_is_one_landscape_page_with_answer_source_and_address(gironde):
    (page,) = open_pdf(gironde).pages
    assert [round(float(side)) for side in page.mediabox[2:]] == [842, 595]
    text = pdf_text(gironde)
    count = query("SELECT count(*) AS n FROM territoires WHERE territoire_niveau = 'departement'")
    assert "Qui a une stratégie numérique" in text and f"sur {count['n'][0]}" in text
    assert "Gironde :" in text
    assert "Licence Ouverte" in text and "IGN" in text
    assert compact("a.fr/?t=departement-33") in compact(text)


def test_the_counts_of_a_legend_are_those_of_all_territories(gironde):
    text = pdf_text(gironde)
    legend = text.split("un document connu.")[1].split("Gironde :")[0]
    counts = [int(number) for number in re.findall(r"(?<!\S)\d+(?!\S)", legend)]
    assert sum(counts) == 101


def test_few_known_communes_are_discs_on_one_ground():
    image = sheet_file(sheet_of(MapParameters(niveau="commune")), "svg").decode()
    assert image.startswith("<svg") and len(image) < 2_000_000


def test_one_version_gives_one_file(gironde):
    again = sheet_file(
        sheet_of(MapParameters(t="departement-33")), address="https://a.fr/?t=departement-33"
    )
    assert again == gironde
