"""Check that a later package replaces the rows of an earlier one, and that each is reported."""

import dataclasses

import pandas as pd
import pytest

from comparisons.datapackage.merge import MergeError, merge_packages
from comparisons.datapackage.reader import Package, read_package
from comparisons.schema.model import load_format
from comparisons.settings import FORMAT_DIR

FIRST = read_package(FORMAT_DIR / "exemples" / "valide")
NEW_EDITION = "departement-53-sdusn-2021"


def package(name: str, **tables: list[dict]) -> Package:
    """Build a package of a few rows; absent columns are empty, as when read."""
    formats = load_format().tables
    frames = {
        table: pd.DataFrame(rows).reindex(columns=list(formats[table].columns)).fillna("")
        for table, rows in tables.items()
    }
    return Package(name, frames)


def rows_of(tables: dict[str, pd.DataFrame], name: str) -> list[tuple]:
    return sorted(map(tuple, tables[name].to_numpy()))


def test_one_package_is_returned_unchanged():
    tables, replacements = merge_packages([FIRST])
    assert replacements == []
    for name, table in FIRST.tables.items():
        assert rows_of(tables, name) == sorted(map(tuple, table.to_numpy()))


def test_a_strategy_is_replaced_whole_and_listed():
    later = package(
        "suite",
        strategies=[{"strategie_id": NEW_EDITION, "titre": "Corrigée"}],
        priorites=[{"strategie_id": NEW_EDITION, "rang": "1", "intitule": "Seul axe"}],
    )
    tables, replacements = merge_packages([FIRST, later])
    strategies = tables["strategies"].set_index("strategie_id")
    assert len(strategies) == 3
    assert strategies.loc[NEW_EDITION, "titre"] == "Corrigée"
    assert strategies.loc[NEW_EDITION, "annee_fin"] == ""  # no cell of the old row remains
    axes = tables["priorites"]
    assert axes[axes["strategie_id"] == NEW_EDITION]["intitule"].tolist() == ["Seul axe"]
    for name in ("budgets", "couvertures", "indicateurs"):
        assert NEW_EDITION not in set(tables[name]["strategie_id"])
    assert [str(r) for r in replacements] == [f"Remplacé par suite : strategies « {NEW_EDITION} »"]


def test_other_strategies_keep_all_their_rows():
    later = package("suite", strategies=[{"strategie_id": NEW_EDITION, "titre": "Corrigée"}])
    tables, _ = merge_packages([FIRST, later])
    for name, table in FIRST.tables.items():
        if "strategie_id" in table.columns and name != "strategies":
            remaining = table[table["strategie_id"] != NEW_EDITION]
            assert rows_of(tables, name) == sorted(map(tuple, remaining.to_numpy()))
        elif name != "strategies":
            assert len(tables[name]) == len(table)


def test_a_row_is_replaced_by_one_with_the_same_key_and_listed():
    old, *other_rows = FIRST.tables["partenaires"].to_dict("records")
    later = package(
        "suite",
        partenaires=[
            {"partenaire_id": old["partenaire_id"], "nom": "Nom nouveau"},
            {"partenaire_id": "autre", "nom": "Autre organisme"},
        ],
    )
    tables, replacements = merge_packages([FIRST, later])
    names = ["Autre organisme", "Nom nouveau", *(row["nom"] for row in other_rows)]
    assert sorted(tables["partenaires"]["nom"]) == sorted(names)
    assert [(r.table, r.key, r.package) for r in replacements] == [
        ("partenaires", old["partenaire_id"], "suite")
    ]


def test_a_package_without_strategies_replaces_no_strategy():
    later = package(
        "suite",
        couvertures=[
            {"strategie_id": NEW_EDITION, "territoire_niveau": "commune"}
            | {"territoire_code": "53147"}
        ],
    )
    tables, replacements = merge_packages([FIRST, later])
    assert replacements == []
    for name, table in FIRST.tables.items():
        assert len(tables[name]) == len(table) + (name == "couvertures")


def test_every_row_is_kept_or_reported_as_replaced():
    """Test a package merged with its own copy: each row is replaced by itself."""
    again = dataclasses.replace(FIRST, name="encore")
    tables, replacements = merge_packages([FIRST, again])
    ids = set(FIRST.tables["strategies"]["strategie_id"])
    reported = {(r.table, r.key) for r in replacements}
    for name, table in FIRST.tables.items():
        assert rows_of(tables, name) == sorted(map(tuple, table.to_numpy()))
        key = list(load_format().tables[name].primary_key)
        for row in table.to_dict("records"):
            is_in_replaced_strategy = row.get("strategie_id") in ids
            filled = " / ".join(row[column] for column in key if row[column])
            assert is_in_replaced_strategy or (name, filled) in reported
    assert {("strategies", id_) for id_ in ids} <= reported


def test_the_last_of_three_wins():
    def corrected(name: str) -> Package:
        return package(name, strategies=[{"strategie_id": NEW_EDITION, "titre": name}])

    tables, replacements = merge_packages([FIRST, corrected("deux"), corrected("trois")])
    titles = tables["strategies"].set_index("strategie_id")["titre"]
    assert titles[NEW_EDITION] == "trois"
    assert [r.package for r in replacements] == ["deux", "trois"]


@pytest.mark.parametrize(
    ("table", "row"),
    [
        ("sources", {"source_id": "s1", "url": "https://autre.fr"}),
        ("budgets", {"budget_id": "b1", "strategie_id": "epci-200055887-strategie_numerique-2023"}),
    ],
)
def test_an_identifier_of_another_item_is_refused(table, row):
    with pytest.raises(MergeError, match=r"suite.*désigne déjà autre chose"):
        merge_packages([FIRST, package("suite", **{table: [row]})])
