"""Files of a question: the same answers in CSV, JSON, workbook and PDF, with their sources."""

import csv
import io
import json

import openpyxl
import pytest
from pdf_contents import compact, pdf_text

from comparisons.exports.question_files import MEDIA_TYPES, encode
from comparisons.page_parameters import QuestionParameters

pytestmark = pytest.mark.usefixtures("database")

VIEW = QuestionParameters(question="service_porte", niveau="region", t="region-53")


@pytest.fixture(scope="module")
def files(database) -> dict[str, bytes]:
    return {extension: encode(VIEW, extension, "https://a.fr/q") for extension in MEDIA_TYPES}


def test_every_format_has_the_same_answers_and_sources(files):
    rows = list(csv.DictReader(io.StringIO(files["csv"].decode("utf-8-sig"))))
    payload = json.loads(files["json"])
    sheet = openpyxl.load_workbook(io.BytesIO(files["xlsx"]))["reponses_question"]
    names, *lines = sheet.iter_rows(values_only=True)
    by_xlsx = [dict(zip(names, line, strict=True)) for line in lines]
    keys = ("territoire_code", "reponse", "preuve", "source_url")
    expected = [tuple(row[key] for key in keys) for row in rows]
    for records in (payload["reponses"], by_xlsx):
        assert [tuple(row[key] or "" for key in keys) for row in records] == expected
    assert len({row["territoire_code"] for row in rows}) == 18
    # what is not known has no proof, rather than an empty « no »
    assert all(bool(row["preuve"]) == (row["reponse"] == "oui") for row in rows)
    assert payload["question"]["critere"] and "n’est pas « non »" in payload["note"].replace(
        "\u00a0", " "
    )
    text = compact(pdf_text(files["pdf"]))
    for row in rows:
        assert (compact(row["nom"]) in text) or row["reponse"] != "oui"
    assert compact(payload["resume"]) in text and compact("a.fr/q") in text


def test_the_api_gives_the_files(client):
    for extension, media_type in MEDIA_TYPES.items():
        answer = client.get(f"/api/v1/questions.{extension}?question=ent_partage&zone=region-27")
        assert answer.status_code == 200 and answer.headers["content-type"] == media_type
    described = client.get("/api/v1/").json()["questions"]
    assert client.get(described["adresse"]).json()["question"]["code"] == "service_porte"
    assert set(described["colonnes"]) == set(client.get(described["adresse"]).json()["reponses"][0])
