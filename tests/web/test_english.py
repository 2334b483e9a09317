"""What describes the data is in English too, whole, and only for whom asks for it."""

import csv
import io
import json
import re
import zipfile
from collections import Counter

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from translations import looked_up_texts, read_catalogue

from comparisons.datapackage.reader import read_package
from comparisons.translation import CATALOGUES
from comparisons.web.api import routes

pytestmark = pytest.mark.usefixtures("database")

ENGLISH = {"Accept-Language": "en-GB,en;q=0.9,fr;q=0.8"}
FRENCH_WORDS = re.compile(r"\b(les|des|une|dans|par|avec|sont|qui|ne|est|aux)\b", re.IGNORECASE)
# French names, quoted or as codes
QUOTED = re.compile(r"“[^”]*”|`[^`]*`|\*[^*]*\*|\[.*?\]|\w+_\w+|(?:Stratégie|Délégation) de .*?,")


@pytest.fixture(scope="module")
def client() -> TestClient:
    return TestClient(Starlette(routes=routes()))


def get(client: TestClient, address: str, **headers: str):
    answer = client.get(f"/api/v1/{address}", headers=headers)
    assert answer.status_code == 200, answer.text
    return answer


# --- the catalogue --------------------------------------------------------------------------------


def test_the_catalogue_has_all_texts_and_no_other():
    catalogue = {message.id: message for message in read_catalogue() if message.id}
    assert set(looked_up_texts()) == set(catalogue), "run: python -m tests.translations"
    untranslated = [text for text, message in catalogue.items() if not message.string]
    assert untranslated == []
    assert [text for text, message in catalogue.items() if message.fuzzy] == []


@pytest.mark.parametrize("held", [r"\{\w*\}", r"`[^`]*`", r"https?://\S+", r"\]\(.*?\)", r"^#+ "])
def test_a_translation_holds_the_same_placeholders_codes_and_links(held):
    for message in read_catalogue():
        if message.id:
            # addresses in the translation may name its language
            french, english = (
                Counter(re.findall(held, re.sub(r"\?lang=\w+", "", text)))
                for text in (message.id, message.string)
            )
            assert french == english if held.startswith(r"\{") else french <= english, message.id


def test_a_term_has_one_translation():
    with (CATALOGUES / "terms.csv").open(encoding="utf-8", newline="") as file:
        terms = {row["francais"]: row["english"] for row in csv.DictReader(file)}
    for message in read_catalogue():
        if not message.id:
            continue
        text = re.sub(r"`[^`]*`|\{\w*\}", "", message.id)
        for french, english in terms.items():
            # or the French word itself: a code, the name of a table
            either = rf"\b({english}|{french}|{french.replace('é', 'e')})"
            if re.search(rf"\b{french}[sx]?(?![\w-])", text, re.IGNORECASE):
                assert re.search(either, message.string, re.IGNORECASE), (french, message.string)


# --- who gets it ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", "fr"), ("en", "en"), ("en-US,en;q=0.9", "en"), ("de,en;q=0.5", "en"), ("de", "fr"),
        ("*", "fr"), ("fr-FR,fr;q=0.9,en-US;q=0.8", "fr"), ("en;q=0.8, FR", "fr"),
        ("en,fr", "fr"), ("en;q=0", "fr"), ("en;q=rien", "fr"), (";;,q=1", "fr"),
    ],
)  # fmt: skip
def test_only_a_client_that_prefers_english_gets_it(client, accepted, language):
    answer = get(client, "schemas/budgets.json", **{"Accept-Language": accepted})
    assert answer.headers["content-language"] == language
    assert "Accept-Language" in answer.headers["vary"]
    title = {"fr": "Identifiant du montant", "en": "Identifier of the amount"}[language]
    assert answer.json()["colonnes"][0]["titre"] == title


ADDRESSES = ("", "docs", "openapi.json", "methode.md", "citation.bib", "package.zip")


@pytest.mark.parametrize("address", [*ADDRESSES, "schemas/axes.json"])
def test_the_parameter_wins_and_caches_keep_languages_apart(client, address):
    french, english = (get(client, f"{address}?lang={code}", **ENGLISH) for code in ("fr", "en"))
    assert [each.headers["content-language"] for each in (french, english)] == ["fr", "en"]
    assert french.content != english.content
    assert get(client, address).headers["content-language"] == "fr"
    preferred = get(client, address, **ENGLISH)
    assert preferred.headers["content-language"] == "en"
    if etag := preferred.headers.get("etag"):
        known = {"If-None-Match": etag}
        again = client.get(f"/api/v1/{address}", headers=ENGLISH | known)
        assert again.status_code == 304 and "Accept-Language" in again.headers["vary"]
        assert get(client, address, **known).headers["content-language"] == "fr"
    for query in ("lang=de", "lang=", "lang=en&lang=fr"):
        refused = client.get(f"/api/v1/{address}?{query}")
        assert refused.status_code == 400 and "lang" in refused.json()["erreur"]


# --- what it holds --------------------------------------------------------------------------------


def texts_of(value: object, keys: tuple[str, ...]) -> list[str]:
    if isinstance(value, dict):
        own = [text for key, text in value.items() if key in keys and isinstance(text, str)]
        return own + [text for inner in value.values() for text in texts_of(inner, keys)]
    if isinstance(value, list):
        return [text for inner in value for text in texts_of(inner, keys)]
    return []


def french_left(texts: list[str]) -> list[str]:
    return [text for text in texts if FRENCH_WORDS.search(QUOTED.sub("", text))]


def test_nothing_is_left_in_french(client):
    content = get(client, "openapi.json?lang=en").json()
    texts = texts_of(content, ("title", "summary", "description"))
    assert len(texts) > 300 and french_left(texts) == []
    content = get(client, "schemas/territoires.json?lang=en").json()
    texts = texts_of(content, ("titre", "description", "unite", "libelle", "definition"))
    assert len(texts) > 40 and french_left(texts) == []
    assert content["codes"]["niveaux"][0] == {
        "code": "region",
        "libelle": "Region",
        "definition": "Region or authority that exercises the powers of a region; Insee code of a "
        "region.",
    }
    method = get(client, "methode.md?lang=en").text
    assert method.startswith("# Stratoscope – Method\n") and "{" not in method
    assert french_left(re.split(r"\n\n|(?<=[.:]) ", method)) == []


def test_the_citation_is_english(client):
    apa = get(client, "citation.txt?lang=en").text
    assert apa.startswith("Stratoscope contributors. (") and "[Dataset]" in apa
    assert re.search(r"data of \d+ [A-Z]\w+ \d{4}\)", apa)
    bibtex = get(client, "citation.bib?lang=en").text
    assert "{{Stratoscope contributors}}" in bibtex and "Open Licence 2.0" in bibtex


def test_the_package_describes_itself_in_english_and_can_be_loaded(client, tmp_path):
    content = get(client, "package.zip?lang=en").content
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        readme = archive.read("README.md").decode()
        descriptor = json.loads(archive.read("datapackage.json"))
        schema = json.loads(archive.read("schemas/budgets.json"))
        stages = archive.read("vocabulaires/etapes.csv").decode()
    assert french_left(readme.split("\n")[:-2]) == []
    assert re.search(
        r"\| `strategies\.csv` \| \d+ \| A strategy document of a lead territory", readme
    )
    texts = texts_of([descriptor, schema], ("title", "description", "unite", "videSignifie"))
    assert len(texts) > 50 and french_left(texts) == []
    assert "\nengage,Committed," in stages
    path = tmp_path / "package.zip"
    path.write_bytes(content)
    assert len(read_package(path).tables["strategies"]) > 400
