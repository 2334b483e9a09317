"""Positions of the network: one per end of a link in use, the same at each build."""

import duckdb
import pytest

from comparisons.build import build
from comparisons.build import network_positions as network_positions_module
from comparisons.build.network_positions import network_positions
from comparisons.database.connection import query

STAR = [("commune", f"{number:05}", "hub", None) for number in range(12)]
PAIR = [("region", "53", "autre", "Élan")]


def positions(*links: tuple) -> dict[str, tuple[float, float]]:
    with duckdb.connect() as connection:
        key_macro, _ = (build.SQL_DIR / "macros.sql").read_text(encoding="utf-8").split(";", 1)
        connection.execute(key_macro)
        connection.execute(
            "CREATE TABLE mutualisations (territoire_niveau VARCHAR, territoire_code VARCHAR, "
            "partenaire_id VARCHAR, solution VARCHAR)"
        )
        if links:
            connection.executemany("INSERT INTO mutualisations VALUES (?, ?, ?, ?)", links)
        rows = network_positions(connection)
    return {row.noeud: (row.x, row.y) for row in rows.itertuples()}


def test_positions_are_the_same_whatever_the_order_of_rows():
    assert positions(*STAR, *PAIR) == positions(*PAIR, *STAR[::-1], *STAR)


def test_an_organisation_is_amid_its_territories():
    placed = positions(*STAR, *PAIR)
    territories = [placed[f"commune-{code}"] for _, code, *_ in STAR]
    for place, values in zip(placed["hub"], zip(*territories, strict=True), strict=True):
        assert min(values) < place < max(values)


def test_a_network_of_all_of_france_is_laid_out_around_its_organisations(monkeypatch):
    monkeypatch.setattr(network_positions_module, "_MAX_NODES", 10)
    placed = positions(*STAR, *PAIR, ("region", "53", "hub", None))
    assert placed == positions(*PAIR, *STAR[::-1], ("region", "53", "hub", None))
    assert len(placed) == 15 and len(set(placed.values())) == 15
    # the one territory of both organisations is between them
    assert min(placed["hub"][0], placed["autre"][0]) < placed["region-53"][0]
    assert placed["region-53"][0] < max(placed["hub"][0], placed["autre"][0])


def test_what_is_not_in_use_has_no_position():
    assert positions() == {}
    placed = positions(*PAIR, ("region", "52", "projet", "Élan (en projet)"))
    assert set(placed) == {"region-53", "autre"}


@pytest.mark.usefixtures("database")
def test_every_end_of_a_link_has_its_own_position():
    rows = query("FROM positions_reseau")
    expected = query(
        "SELECT DISTINCT unnest([partenaire_id, territoire_niveau || '-' || territoire_code]) "
        "AS noeud FROM mutualisations "
        "WHERE solution IS NULL OR (solution NOT LIKE '%(en projet)%' "
        "AND solution NOT LIKE '%(expérimentation)%')"
    )
    assert set(rows["noeud"]) == set(expected["noeud"])
    assert not rows[["x", "y"]].duplicated().any()
    assert rows[["x", "y"]].stack().between(0, 1).all()
