"""The description of the addresses for programs is true: what it allows is answered, and only that.

Schemathesis makes requests, right and wrong, from the description itself.
"""

from contextlib import suppress

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode, checks
from starlette.applications import Starlette
from starlette.routing import Match

from comparisons.schema.registry import tables
from comparisons.web.api import routes
from comparisons.web.openapi import document

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


@pytest.mark.parametrize("mode", GenerationMode)
def test_what_is_described_is_answered_so(mode):
    schema = schemathesis.openapi.from_asgi("/api/v1/openapi.json", Starlette(routes=routes()))
    chosen = schema.exclude(path_regex=rf"/(tables|schemas)/(?!({TABLES})\.)")
    tried = set()
    for described in chosen.get_all_operations():
        operation = described.ok()

        @FEW
        @given(case=operation.as_strategy(generation_mode=mode))
        def check_response(case):
            tried.add(case.path)
            case.call_and_validate(**CHECKS)

        with suppress(Unsatisfiable):  # there is nothing to get wrong in an address without choices
            check_response()
    assert len(tried) >= 12


def test_every_table_and_every_address_is_described():
    paths = document("http://site/")["paths"]
    for name in tables():
        assert f"/api/v1/tables/{name}.{{format}}" in paths
        assert f"/api/v1/schemas/{name}.json" in paths
    described = {path.replace("{format}", "x") for path in paths}
    mounted = [route for route in routes() if "{path:path}" not in route.path]
    for route in mounted:
        matched = [
            path
            for path in described
            if route.matches({"type": "http", "method": "GET", "path": path})[0] is Match.FULL
        ]
        is_text = any(route.path.endswith(f"{{table}}.{text}") for text in ("csv", "json"))
        assert matched or is_text or "geojson" in route.path, route.path


def test_a_filter_is_described_with_its_values():
    parameters = {
        parameter["name"]: parameter
        for parameter in document("http://site/")["paths"]["/api/v1/tables/budgets.{format}"][
            "get"
        ]["parameters"]
    }
    assert "usages" in parameters["perimetre"]["schema"]["items"]["enum"]
    assert parameters["montant__gte"]["schema"]["type"] == "number"
    assert "montant__contains" not in parameters
    assert parameters["approximatif"]["schema"]["items"]["enum"] == [
        "oui",
        "true",
        "non",
        "false",
    ]
