"""The description of the addresses for programs is true: what it allows is answered, and only that.

Schemathesis makes requests, right and wrong, from the description itself.
"""

import re
from contextlib import suppress

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode, checks
from starlette.applications import Starlette
from starlette.testclient import TestClient

from comparisons.schema.registry import tables
from comparisons.web.api import routes
from comparisons.web.middleware.security_headers import SecurityHeadersMiddleware

pytestmark = pytest.mark.usefixtures("database")

# one with amounts, one with lists
TABLES = "budgets|priorites_par_theme"


# what a request of a right form may still be refused for: a territory that does not exist …
CHECKS = {"excluded_checks": [checks.positive_data_acceptance]}
FEW = settings(
    max_examples=2,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def client() -> TestClient:
    return TestClient(SecurityHeadersMiddleware(Starlette(routes=routes())))


@pytest.fixture(scope="module")
def paths(client) -> dict:
    return client.get("/api/v1/openapi.json").json()["paths"]


@pytest.mark.parametrize("mode", GenerationMode)
def test_what_is_described_is_answered_so(mode):
    schema = schemathesis.openapi.from_asgi("/api/v1/openapi.json", Starlette(routes=routes()))
    # too long a query is refused as too large
    schema.config.checks.negative_data_rejection.expected_statuses = ["4xx", "5xx"]
    chosen = schema.exclude(path_regex=rf"/(tables|schemas)/(?!({TABLES})\.)")
    tried = set()
    for described in chosen.get_all_operations():
        operation = described.ok()

        @FEW
        @given(case=operation.as_strategy(generation_mode=mode))
        def check_response(case):
            assume("\n" not in case.formatted_path)  # which no route takes
            tried.add(case.path)
            case.call_and_validate(**CHECKS)

        with suppress(Unsatisfiable):  # there is nothing to get wrong in an address without choices
            check_response()
    assert len(tried) >= 12


def test_every_table_has_its_addresses(paths):
    for name in tables():
        assert f"/api/v1/tables/{name}.{{extension}}" in paths
        assert f"/api/v1/schemas/{name}.json" in paths
    assert not any("{table}" in path for path in paths)


def test_a_parameter_is_described_as_its_model_declares_it(paths):
    def parameters(path: str) -> dict[str, dict]:
        return {each["name"]: each for each in paths[path]["get"]["parameters"]}

    budgets = parameters("/api/v1/tables/budgets.{extension}")
    assert "usages" in budgets["perimetre"]["schema"]["items"]["enum"]
    assert budgets["montant__gte"]["schema"]["type"] == "number"
    assert "montant__contains" not in budgets
    assert budgets["approximatif"]["schema"]["items"]["enum"] == ["oui", "true", "non", "false"]
    assert budgets["_limite"]["schema"]["minimum"] == 1
    peers = parameters("/api/v1/pairs.{extension}")
    assert peers["t"]["required"] and peers["maniere"]["description"].startswith("façon")
    assert "rubrique" not in peers  # of the page alone


def test_the_page_of_addresses_comes_from_here_and_may_run(client):
    page = client.get("/api/v1/docs")
    policy = page.headers["content-security-policy"]
    assert page.status_code == 200 and "connect-src 'self'" in policy and "'sha256-" in policy
    assert "//" not in "".join(re.findall(r'(?:src|href)="(.*?)"', page.text))
    for name in re.findall(r'(?:src|href)="(docs/.*?)"', page.text):
        assert client.get(f"/api/v1/{name}").status_code == 200
    assert client.get("/api/v1/docs/rien.js").json()["erreur"]
