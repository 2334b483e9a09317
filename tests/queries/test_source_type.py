"""Official sources alone: what is left of each table, and sums, counted again in plain Python."""

from collections import Counter, defaultdict

import pytest
from recounted import DATA, STRATEGIES, facts, read_csv
from starlette.testclient import TestClient

from comparisons.database.connection import (
    OFFICIAL_SOURCES,
    official_tables,
    query,
    use_source_type,
)
from comparisons.queries.budgets import budget_lines
from comparisons.queries.sources import FACTS, PRESS, describe_official, name_publisher, source_link
from comparisons.queries.sources import sources as cited_sources

pytestmark = pytest.mark.usefixtures("database")

OFFICIAL_TYPES = {
    row["code"]
    for row in read_csv(DATA / "format" / "vocabulaires" / "types_source.csv")
    if row["famille"] == OFFICIAL_SOURCES
}
TYPES = {row["source_id"]: row["type"] for row in facts("sources")}


def is_official(row: dict) -> bool:
    return TYPES[row["source_id"]] in OFFICIAL_TYPES


def kept(table: str) -> list[dict]:
    """The rows of a table of facts that official sources state, or a document they tell of."""
    if table != "strategies":
        return [row for row in facts(table) if is_official(row)]
    told = {
        row["strategie_id"]
        for name in ("priorites", "budgets", "indicateurs")
        for row in kept(name)
    }
    return [row for key, row in STRATEGIES.items() if is_official(row) or key in told]


def additive_sums(rows: list[dict]) -> dict[tuple[str, str], float]:
    sums: dict[tuple[str, str], float] = defaultdict(float)
    for row in rows:
        if not row["inclus_dans"]:
            sums[row["perimetre"], row["etape"]] += float(row["montant"])
    return dict(sums)


@pytest.mark.parametrize(
    ("source_type", "rows"), [("", facts("budgets")), (OFFICIAL_SOURCES, kept("budgets"))]
)
def test_sums_with_and_without_the_switch(source_type: str, rows: list[dict]):
    with use_source_type(source_type):
        sums = query(
            "SELECT perimetre, etape, sum(montant) AS montant FROM budgets_comparables GROUP BY ALL"
        )
    found = {(row.perimetre, row.etape): row.montant for row in sums.itertuples()}
    assert found == pytest.approx(additive_sums(rows))
    assert additive_sums(kept("budgets")) != additive_sums(facts("budgets"))


def test_nothing_cites_another_source_and_the_caption_counts_what_is_left():
    everything = {name: len(facts(name)) for name in FACTS}
    cited: set[str] = set()
    with use_source_type(OFFICIAL_SOURCES):
        for name in official_tables():
            if "source_id" in query(f"SELECT * FROM {name} LIMIT 0").columns:
                cited |= set(query(f"SELECT DISTINCT source_id FROM {name}")["source_id"])
        counts = {name: query(f"SELECT count(*) FROM {name}").iat[0, 0] for name in FACTS}
        sentence = describe_official(("budgets",)).replace("\xa0", " ")
    assert cited and {TYPES[key] for key in cited} <= OFFICIAL_TYPES
    assert counts == {name: len(kept(name)) for name in FACTS}
    assert f": {counts['budgets']} montants sur {everything['budgets']}." in sentence
    assert describe_official() == ""


def test_what_another_source_alone_says_is_not_known_and_no_theme_becomes_absent():
    axes, left = (
        Counter(row["strategie_id"] for row in rows)
        for rows in (facts("priorites"), kept("priorites"))
    )
    with use_source_type(OFFICIAL_SOURCES):
        documents = query("SELECT * FROM strategies").set_index("strategie_id")
        lines = budget_lines(list(documents.index))
    for key, row in documents.iterrows():
        assert row["liste_axes"] != "complete" or left[key] == axes[key]
        if not is_official(STRATEGIES[key]):
            assert row[["statut", "date_adoption", "annee_fin", "porteur_nom"]].isna().all()
    # a part whose whole the press alone gives is told, and never added up
    parts = {row["budget_id"] for row in kept("budgets") if row["inclus_dans"]}
    assert set(lines["budget_id"]) == {row["budget_id"] for row in kept("budgets")}
    assert set(lines.loc[lines["profondeur"] > 0, "budget_id"]) == parts


def test_a_fact_of_the_press_says_so():
    for row in cited_sources(list(TYPES)).itertuples():
        of_press = {kind for key, kind in TYPES.items() if key == row.source_id} == {PRESS}
        assert (f"({PRESS})" in name_publisher(row)) == of_press
        assert f"({PRESS})" not in source_link("T", row.url) or of_press


def test_the_api_filters_and_refuses_what_it_does_not_know(client: TestClient):
    def rows(address: str) -> list[dict]:
        answer = client.get(f"/api/v1/tables/{address}")
        assert answer.status_code == 200
        return answer.json()

    ids = {row["budget_id"] for row in rows("budgets.json?source_type=officielle")}
    assert ids == {row["budget_id"] for row in kept("budgets")}
    assert len(rows("budgets.json")) == len(facts("budgets"))
    for address in (
        "tables/budgets.json?source_type=presse",
        "tables/territoires.json?source_type=officielle",  # cites no source: nothing to filter
        "comparaison.json?t=region-53,region-52&source_type=officielles",
        "recherche?q=rennes&source_type=officielle",
    ):
        assert client.get(f"/api/v1/{address}").status_code == 400, address
    compared = client.get(
        "/api/v1/comparaison.json?t=region-53,region-52&source_type=officielle"
    ).json()
    assert "Sources officielles seulement" in compared["citation"]
    press = {key for key, kind in TYPES.items() if kind == PRESS}
    cited = {key for cell in compared["cellules"] for key in cell["source_ids"] or ()}
    assert cited and not cited & press
