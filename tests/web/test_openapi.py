"""The description of the addresses for programs is true: what it allows is answered, and only that.

Schemathesis makes requests, right and wrong, from the description itself.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from urllib.parse import parse_qs, urlsplit

import pytest
import schemathesis
from api_description import ApiDescription
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode, checks
from starlette.applications import Starlette
from starlette.testclient import TestClient

from comparisons.database.connection import dataset_metadata
from comparisons.exports import sql_files, table_files
from comparisons.schema.registry import tables
from comparisons.web.api import routes
from comparisons.web.middleware.security_headers import SecurityHeadersMiddleware

pytestmark = pytest.mark.usefixtures("database")

MAX_BYTES = 150_000
TABLES = {
    # one with amounts, one with dates and lists
    GenerationMode.POSITIVE: "budgets|strategies",
    # from a large one, it takes seconds to make a wrong request
    GenerationMode.NEGATIVE: "couvertures",
}
# what no schema can say: a territory or a document that does not exist, SQL that is not, the
# parameters of one image
SENSE = tuple(
    f"/api/v1/{name}"
    for name in ("comparaison", "images/", "nouveautes", "pairs", "questions", "sql", "textes")
)
# the same of a table: an order both ways, a map without territories or too large, too many filters
TABLE_SENSE = re.compile("nomme deux fois|territoires à dessiner|contours|au plus")
# judged here, as on the wire: « 5 » is a text, too
CHECKS = {"excluded_checks": [checks.positive_data_acceptance, checks.negative_data_rejection]}
FEW = settings(
    max_examples=2,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
# an address of each path, that is answered
EXAMPLES = {
    "/healthz": "/healthz",
    "/api/v1/": "/api/v1/",
    "/api/v1/openapi.json": "/api/v1/openapi.json",
    "/api/v1/package.zip": "/api/v1/package.zip",
    "/api/v1/methode.md": "/api/v1/methode.md",
    "/api/v1/citation.{extension}": "/api/v1/citation.bib",
    "/api/v1/recherche": "/api/v1/recherche?q=mayenne",
    "/api/v1/textes": "/api/v1/textes?limite=1",
    "/api/v1/sql": "/api/v1/sql?q=SELECT 1",
    "/api/v1/geo/{niveau}.geojson": "/api/v1/geo/region.geojson",
    "/api/v1/fiches/{cle}.{extension}": "/api/v1/fiches/departement-53.pdf",
    "/api/v1/demandes/{cle}.{extension}": "/api/v1/demandes/departement-53.txt",
    "/api/v1/schemas/{table}.json": "/api/v1/schemas/budgets.json",
    "/api/v1/catalogue.{extension}": "/api/v1/catalogue.jsonld",
    "/api/v1/comparaison.{extension}": "/api/v1/comparaison.csv?t=region-53,region-52",
    "/api/v1/images/{nom}.{extension}": "/api/v1/images/ages.svg",
    "/api/v1/nouveautes.{extension}": "/api/v1/nouveautes.atom?t=departement-35",
    "/api/v1/pairs.{extension}": "/api/v1/pairs.csv?t=departement-53",
    "/api/v1/questions.{extension}": "/api/v1/questions.csv?question=service_porte&niveau=region",
    "/api/v1/tables/budgets.{extension}": "/api/v1/tables/budgets.csv?_limite=1",
    "/api/v1/tables/strategies.{extension}": "/api/v1/tables/strategies.csv?_limite=1",
}
every_path = pytest.mark.parametrize(("path", "address"), EXAMPLES.items())


@pytest.fixture(scope="module")
def client() -> TestClient:
    return TestClient(SecurityHeadersMiddleware(Starlette(routes=routes())))


@pytest.fixture(scope="module")
def described(client) -> ApiDescription:
    return ApiDescription(client.get("/api/v1/openapi.json").json())


# --- any request ----------------------------------------------------------------------------------


def operations(mode: GenerationMode) -> Iterator:
    schema = schemathesis.openapi.from_asgi("/api/v1/openapi.json", Starlette(routes=routes()))
    chosen = schema.exclude(path_regex=rf"/tables/(?!({TABLES[mode]})\.)")
    return (result.ok() for result in chosen.get_all_operations())


@pytest.mark.parametrize("mode", GenerationMode)
def test_what_is_described_is_answered_so(described, mode):
    tried = set()
    for operation in operations(mode):

        @FEW
        @given(case=operation.as_strategy(generation_mode=mode))
        def check_response(case):
            response = case.call(timeout=60)
            tried.add((case.method, case.path))
            if mode is GenerationMode.POSITIVE:
                check_allowed(described, case, response)
            else:
                check_forbidden(described, case, response)
            case.validate_response(response, **CHECKS)

        with suppress(Unsatisfiable):  # there is nothing to get wrong in an address without choices
            check_response()
    assert len(tried) >= 11


def is_allowed(described: ApiDescription, case: Case, response: schemathesis.Response) -> bool:
    query = parse_qs(urlsplit(response.request.url).query, keep_blank_values=True)
    return described.allows(case.path, query, **(case.path_parameters or {}))


def check_allowed(described: ApiDescription, case: Case, response: schemathesis.Response) -> None:
    if case.method == "POST":  # a query, which means nothing
        return
    assert is_allowed(described, case, response), response.request.url
    refused_for_sense = case.path.startswith(SENSE) or (
        response.status_code == 400 and TABLE_SENSE.search(response.text)
    )
    # a version, a territory that does not exist; a workbook that would be too large
    assert response.status_code in (200, 404, 413) or refused_for_sense, response.text


def check_forbidden(described: ApiDescription, case: Case, response: schemathesis.Response) -> None:
    if case.method == "POST" or not is_allowed(described, case, response):
        assert 400 <= response.status_code < 500, response.request.url
        assert response.json()["erreur"]


# --- filters, one by one --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "allowed"),
    [
        ("montant=12,5&montant=1 000 000,5", True),
        ("montant=12.5.1", False),
        ("montant__gte=1e3", True),
        ("montant__gte=1_000", False),
        ("montant__gte=9999999999999999", False),
        ("montant__gte=1&montant__gte=2", False),
        ("montant__contains=1", False),
        ("annee_debut=2018.0", True),
        ("annee_debut=2018.5", False),
        ("annee_debut__in=2018, 2019,", True),
        ("annee_debut__in=,", False),
        ("annee_debut__in=1e3", False),
        ("approximatif=OUI", True),
        ("approximatif=ouI", False),
        ("approximatif__isnull=peut-être", False),
        ("perimetre=usages&perimetre=infrastructures", True),
        ("perimetre=usages,infrastructures", False),
        ("perimetre__in=usages,infrastructures", True),
        ("perimetre__ne=rien", False),
        ("perimetre__startswith=us", True),
        ("libelle__contains=a&libelle__contains=b", True),
        ("libelle__contains=", False),
        ("libelle=", False),
        (f"libelle={'a' * 1001}", False),
        ("nature__ne=investissement", True),
        ("nature__gt=1", False),
        ("rien=1", False),
        ("montant__rien=1", False),
        ("__isnull=oui", False),
        ("colonne__operateur=1", False),
        ("_limite=1&_limite=2", False),
        ("_limite=0", False),
        ("_rien=1", False),
        ("_libelles=true", False),
        ("_tri=-montant,libelle", True),
        ("_tri=montant,montant", False),
        ("_tri=montant,", False),
        ("_tri=rien", False),
        ("_colonnes=montant,libelle", True),
        ("_colonnes=-montant", False),
        ("_version=", False),
        ("_version=rien", False),
        (f"_version={'0' * 12}", True),
    ],
)
def test_a_filter_is_answered_if_it_is_described(client, described, query, allowed):
    path = "/api/v1/tables/budgets.{extension}"
    assert described.allows(path, parse_qs(query, keep_blank_values=True), extension="csv") == (
        allowed
    )
    response = client.get(f"/api/v1/tables/budgets.csv?{query}")
    # a version may be unknown
    assert response.status_code in ((200, 404) if allowed else (400, 404)), response.text
    assert response.status_code == 200 or response.json()["erreur"]


@pytest.mark.parametrize(
    ("value", "allowed"),
    [("2021", True), ("2021-02", True), ("2024-02-29", True), ("2023-02-29", False),
     ("2021-13", False), ("0000", False), ("hier", False)],
)  # fmt: skip
def test_a_date_is_answered_if_it_is_one(client, described, value, allowed):
    path = "/api/v1/tables/recherches.{extension}"
    query = {"consulte_le__gte": [value]}
    assert described.allows(path, query, extension="csv") == allowed
    response = client.get("/api/v1/tables/recherches.csv", params=query)
    assert response.status_code == (200 if allowed else 400)


# --- each address ---------------------------------------------------------------------------------


@every_path
def test_an_address_is_described_and_answers_head_too(client, described, path, address):
    response = client.get(address)
    assert response.status_code == 200
    answers = described.paths[path]["get"]["responses"]
    media_types = described.resolve(answers["200"])["content"]
    assert response.headers["content-type"].split(";")[0] in media_types
    known = {"If-None-Match": response.headers.get("etag", '"none"')}
    assert (client.get(address, headers=known).status_code == 304) == ("304" in answers)
    head = client.head(address)
    assert head.status_code == 200
    assert head.headers["content-type"] == response.headers["content-type"]


def test_the_examples_are_of_every_path(described):
    known = {
        re.sub(r"tables/(?!strategies\.)\w+", "tables/budgets", path) for path in described.paths
    }
    assert known == set(EXAMPLES)


@every_path
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_an_address_is_only_read(client, described, path, address, method):
    response = client.request(method, address)
    if method.lower() in described.paths[path]:
        assert response.status_code in map(int, described.paths[path]["post"]["responses"])
        return
    assert response.status_code == 405 and response.headers["allow"]
    assert response.json()["erreur"].startswith("Ces adresses se lisent")


@every_path
@pytest.mark.parametrize("end", ["%0A", "/%0Arien", "%0D%0A", "%00"])
def test_an_address_with_a_line_break_is_said_not_to_be(client, path, address, end):
    if path == "/healthz" and end != "%0A":  # others are addresses of pages
        return
    response = client.get(address.partition("?")[0] + end)
    assert response.status_code in (400, 404) and response.json()["erreur"]


@every_path
@pytest.mark.parametrize("query", ["inconnu=1", "inconnu=", "=", "Q=1", "T=1"])
def test_a_parameter_that_is_not_described_is_refused(client, path, address, query):
    if path == "/healthz":  # whoever watches a site adds what is never the same
        return
    response = client.get(f"{address}{'&' if '?' in address else '?'}{query}")
    assert response.status_code == 400 and response.json()["erreur"]


@every_path
def test_a_parameter_is_not_given_empty_nor_twice(client, described, path, address):
    for name, parameter in described.parameters(path).items():
        schema = described.resolve(parameter["schema"])
        if parameter["in"] == "path" or "propertyNames" in parameter["schema"]:
            continue
        join = "&" if "?" in address else "?"
        empty = client.get(f"{address}{join}{name}=")
        if (path, name) != ("/api/v1/textes", "q"):  # which then lists all texts
            assert empty.status_code == 400 and empty.json()["erreur"], name
        if schema.get("type") != "array":
            twice = client.get(f"{address}{join}{name}=1&{name}=2")
            assert twice.status_code == 400 and twice.json()["erreur"], name


def test_formats_and_refusals_are_described(client, described):
    for extension, media_type in table_files.MEDIA_TYPES.items():
        response = client.get(f"/api/v1/tables/strategies.{extension}?_limite=1")
        answers = described.paths["/api/v1/tables/strategies.{extension}"]["get"]["responses"]
        assert response.headers["content-type"] == media_type
        assert media_type.split(";")[0] in described.resolve(answers["200"])["content"]
        assert {"200", "304", "4XX", "5XX"} == set(answers)
    for name in sql_files.MEDIA_TYPES:
        response = client.get(f"/api/v1/sql?q=SELECT 1 AS un&format={name}")
        content = described.paths["/api/v1/sql"]["get"]["responses"]["200"]["content"]
        assert response.headers["content-type"].split(";")[0] in content


# --- the document ---------------------------------------------------------------------------------


def test_the_document_is_small(client):
    response = client.get("/api/v1/openapi.json", headers={"Accept-Encoding": "identity"})
    assert len(response.content) < MAX_BYTES


def test_every_operation_has_a_name_of_its_own(described):
    names = [each["operationId"] for path in described.paths.values() for each in path.values()]
    assert len(names) == len(set(names))


def test_every_table_has_its_address(described):
    (name,) = (
        each
        for each in described.parameters("/api/v1/schemas/{table}.json").values()
        if each["in"] == "path"
    )
    assert name["schema"]["enum"] == list(tables())
    for name in tables():
        assert f"/api/v1/tables/{name}.{{extension}}" in described.paths
    assert not any("/tables/{table}" in path for path in described.paths)


def test_every_column_is_a_parameter(described):
    for name, table in tables().items():
        parameters = described.parameters(f"/api/v1/tables/{name}.{{extension}}")
        assert set(table.columns) < set(parameters)
        assert all(parameters[column]["description"] for column in table.columns)


def test_a_parameter_is_described_as_its_model_declares_it(described):
    budgets = described.parameters("/api/v1/tables/budgets.{extension}")

    def items(name: str) -> dict:
        schema = described.resolve(budgets[name]["schema"])
        return described.resolve(schema["items"])

    assert "usages" in items("perimetre")["enum"]
    assert items("montant")["type"] == ["number", "string"]
    assert {"oui", "true", "non", "false"} < set(items("approximatif")["enum"])
    assert budgets["_limite"]["schema"]["minimum"] == 1
    peers = described.parameters("/api/v1/pairs.{extension}")
    assert peers["t"]["required"] and peers["maniere"]["description"].startswith("façon")
    assert "rubrique" not in peers  # of the page alone


def test_versions_are_described(described):
    version = described.parameters("/api/v1/package.zip")["_version"]["schema"]
    assert described.is_valid(str(dataset_metadata()["version"]), version)


def test_the_page_of_addresses_comes_from_here_and_may_run(client):
    page = client.get("/api/v1/docs")
    policy = page.headers["content-security-policy"]
    assert page.status_code == 200 and "connect-src 'self'" in policy and "'sha256-" in policy
    assert "//" not in "".join(re.findall(r'(?:src|href)="(.*?)"', page.text))
    for name in re.findall(r'(?:src|href)="(docs/.*?)"', page.text):
        assert client.get(f"/api/v1/{name}").status_code == 200
    assert client.get("/api/v1/docs/rien.js").json()["erreur"]
