"""The letter that asks for a document: whom it is proposed to, what it says, as text and Word."""

import io

import pytest
from docx import Document
from starlette.testclient import TestClient

from comparisons.analysis.document_request import is_to_be_asked, request_letter
from comparisons.analysis.profile import load_profile
from comparisons.database.connection import query
from comparisons.queries.territories import load_territories

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
    territory = load_territories(("departement-43",)).iloc[0]
    text = request_letter(territory).text
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
