"""What is computed is said of equal things only: a walk over all that may be compared.

The objects are read again from the CSV files (`recounted`): kinds of documents, lists of axes,
parts of programmes, payers, years.
"""

import random
from collections import Counter

import pytest
from recounted import OWN, STRATEGIES, TERRITORIES, YEAR, document_year, facts, family

from comparisons.comparison import compare
from comparisons.statements import (
    UnequalObjects,
    Value,
    common_object,
    extremes,
    set_by_one_alone,
)
from comparisons.territories import Territory

pytestmark = pytest.mark.usefixtures("database")

WHOLE = ("ensemble", "zone_publique")
BUDGETS = facts("budgets")
INDICATORS = facts("indicateurs")


def test_unequal_or_unknown_objects_are_refused():
    one, other = Value("A", 1, "1 €", "réseau"), Value("B", 2, "2 €", "tranche")
    for values in ([one, other], [one, Value("B", 2, "2 €", "")], []):
        with pytest.raises(UnequalObjects):
            extremes(values)
    assert extremes([one, Value("B", 2, "2 €", "réseau")]) == "de 1 € (A) à 2 € (B)"
    with pytest.raises(UnequalObjects):
        common_object(["ensemble", "reseaux"])


def test_an_absence_needs_whole_lists_of_one_family():
    setters = {"donnees": ["a"], "inclusion_mediation": ["a", "b"]}
    families = {"a": "ensemble", "b": "ensemble"}
    assert set_by_one_alone(setters, families, {"a", "b"}) == {"a": ["donnees"]}
    for kinds, whole in ((families, {"a"}), (families | {"b": "reseaux"}, {"a", "b"})):
        with pytest.raises(UnequalObjects):
            set_by_one_alone(setters, kinds, whole)


def groups_of(level: str, size: int, count: int) -> list[list[tuple]]:
    """Groups of territories of a level that have documents, each of them at least once."""
    known = sorted(key for key in OWN if key[0] == level and OWN[key] and key in TERRITORIES)
    chance = random.Random(25)
    groups: list[list[tuple]] = []
    while len(groups) < count:
        chance.shuffle(known)
        groups += [known[start : start + size] for start in range(0, len(known) - size + 1, size)]
    return groups


# all régions two by two in turn, all départements, and the EPCI that have documents
GROUPS = {"region": (2, 45), "departement": (3, 34), "epci": (6, 34)}


@pytest.mark.parametrize("level", GROUPS)
def test_no_statement_is_made_of_unequal_things(level):
    """The guard: no violation, whatever is put side by side."""
    wrong: Counter = Counter()
    said = 0
    for group in groups_of(level, *GROUPS[level]):
        side = compare([Territory(*key) for key in group])
        shown = [id_ for id_ in side.columns["strategie_id"] if isinstance(id_, str)]
        # unlike kinds stand side by side by the reader's choice only
        assert len({family(id_) for id_ in shown}) <= 1
        said += len(side.statements)
        for statement in side.statements:
            wrong.update(violations(statement, side))
    assert said > 50
    assert not wrong


def violations(statement, side) -> list[str]:
    found = []
    cells = side.cells[
        (side.cells["rubrique"] == statement.rubrique)
        & side.cells["ligne"].isin(statement.lignes)
        & side.cells["valeur"].notna()
    ]
    if statement.rubrique in ("calendrier", "priorites") and statement.portee == "":
        found.append(f"says not of which documents: {statement.texte}")
    if "seulement" in statement.texte:
        read = [id_ for id_ in side.columns["strategie_lue"] if isinstance(id_, str)]
        if any(STRATEGIES[id_]["liste_axes"] != "complete" for id_ in read):
            found.append(f"an absence in a partial list: {statement.texte}")
        if len({family(id_) for id_ in read}) > 1:
            found.append(f"an absence across kinds: {statement.texte}")
    if " : d" in statement.texte and statement.rubrique == "budgets":
        objects = {objects_of(cell) for cell in cells.itertuples()}
        if len(objects) > 1 or not all(objects):
            found.append(f"amounts of unequal objects: {statement.texte}")
    if " : d" in statement.texte and statement.rubrique == "indicateurs":
        found += unequal_indicators(statement, cells)
    return found


def objects_of(cell) -> tuple:
    """What the rows behind an amount pay for, who pays: empty when one of them may not compare."""
    perimeter, stage, *_ = cell.ligne.split(".")
    rows = [
        row
        for row in BUDGETS
        if (row["strategie_id"], row["perimetre"], row["etape"])
        == (cell.strategie_id, perimeter, stage)
        and not row["inclus_dans"]
        and row["etendue"] in WHOLE
        and row["abandonne"] != "oui"
        and row["source_id"] in cell.source_ids
    ]
    old = document_year(STRATEGIES[cell.strategie_id]) < YEAR - 10
    if not rows or old:
        return ()
    return tuple(sorted({(row["etendue"], row["financeur_type"]) for row in rows}))


def unequal_indicators(statement, cells) -> list[str]:
    measured = [
        row
        for cell in cells.itertuples()
        for row in INDICATORS
        if f"{row['territoire_niveau']}-{row['territoire_code']}" == cell.cle
        and row["source_id"] in cell.source_ids
        and cell.ligne.endswith(row["definition"])
        and row["definition"]
        and float(row["valeur"]) == cell.valeur
    ]
    years = [int(row["annee"][:4]) for row in measured if row["annee"]]
    extents = {row["etendue"] for row in measured}
    equal = extents == {"ensemble"} and len(years) == len(measured) > 1
    equal = equal and max(years) - min(years) <= 2
    return [] if equal else [f"indicators of unequal objects: {statement.texte}"]
