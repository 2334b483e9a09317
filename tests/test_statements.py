"""What is computed is said of equal things only: a walk over all that may be compared.

The objects are read again from the CSV files (`recounted`): kinds of documents, lists of axes,
parts of programmes, payers, years.
"""

import itertools
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
from comparisons.warehouse import query

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


def pairs_of_regions() -> list[tuple]:
    return list(itertools.combinations([key for key in TERRITORIES if key[0] == "region"], 2))


def neighbouring_departements() -> list[tuple]:
    rows = query("SELECT * FROM voisins WHERE territoire_niveau = 'departement'")
    pairs = zip(rows["territoire_code"], rows["voisin_code"], strict=True)
    return [(("departement", a), ("departement", b)) for a, b in pairs if a < b]


def pairs_of_epci() -> list[tuple]:
    known = sorted(key for key in OWN if key[0] == "epci" and OWN[key])
    return random.Random(25).sample(list(itertools.combinations(known, 2)), 200)


GROUPS = {
    "regions": pairs_of_regions,
    "departements": neighbouring_departements,
    "epci": pairs_of_epci,
}


@pytest.mark.parametrize("group", GROUPS)
def test_no_statement_is_made_of_unequal_things(group):
    """The guard: 0 violations, over all régions, neighbouring départements, 200 pairs of EPCI."""
    wrong: Counter = Counter()
    unlike = 0
    pairs = GROUPS[group]()
    for pair in pairs:
        side = compare([Territory(*key) for key in pair])
        shown = [id_ for id_ in side.columns["strategie_id"] if isinstance(id_, str)]
        unlike += len({family(id_) for id_ in shown}) > 1
        for statement in side.statements:
            wrong.update(violations(statement, side))
    assert not wrong
    assert unlike == 0  # unlike kinds stand side by side by the reader's choice only
    assert len(pairs) > 150


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
