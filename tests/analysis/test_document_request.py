"""The letter that asks for a document: whom it is proposed to, what it says, as text and Word."""

import io
from dataclasses import replace

import pytest
from docx import Document
from starlette.testclient import TestClient

from comparisons.analysis.document_request import is_to_be_asked, request_letter
from comparisons.analysis.profile import load_profile
from comparisons.database.connection import query

pytestmark = pytest.mark.usefixtures("database")


def test_only_territories_looked_for_without_a_document_found_are_to_be_asked():
    rows = query(
        """SELECT resultat, c.strategie_id IS NOT NULL AS a_un_document,
                  min(cle(territoire_niveau, territoire_code)) AS cle
           FROM recherches LEFT JOIN territoires_couverts c
             USING (territoire_niveau, territoire_code)
           WHERE coalesce(c.lien, '') <> 'aire' GROUP BY ALL"""
    )
    assert {"partiel", "non_trouve"} <= set(rows.loc[~rows["a_un_document"], "resultat"])
    for row in rows.itertuples():
        assert is_to_be_asked(load_profile(row.cle)) != row.a_un_document, row
    assert not is_to_be_asked(load_profile("commune-01001"))  # never looked for: we do not know


def test_the_letter_names_the_territory_and_the_rules(client: TestClient):
    text = request_letter(load_profile("departement-43")).text
    for said in (
        "feuille de route numérique de la Haute-Loire",
        "articles L. 311-1 et suivants du Code des relations entre le public et l’administration",
        "Un mois sans réponse vaut refus",
        "CADA",
    ):
        assert said in text.replace("\xa0", " "), said
    answer = client.get("/api/v1/demandes/departement-43.txt")
    assert answer.text == text
    word = client.get("/api/v1/demandes/departement-43.docx").content
    written = "\n".join(paragraph.text for paragraph in Document(io.BytesIO(word)).paragraphs)
    assert [line for line in written.split("\n") if line] == [
        line for line in text.split("\n") if line
    ]
    assert client.get("/api/v1/demandes/departement-999.txt").status_code == 404


def test_a_page_that_is_gone_without_a_copy_is_asked_for():
    profile = load_profile("region-53")
    assert not is_to_be_asked(profile)
    first = profile.sources.index[0]
    gone = profile.sources.copy()
    gone.loc[first, "lien_etat"] = "mort"
    lost = replace(profile, sources=gone)
    assert is_to_be_asked(lost) and gone.loc[first, "url"] in request_letter(lost).text
    archived = gone.assign(url_archive="https://archive.example/p")
    assert not is_to_be_asked(replace(profile, sources=archived))
