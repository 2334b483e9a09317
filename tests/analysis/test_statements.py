"""Sentences compare equal objects only: checked on all that may be compared.

The objects are read again from the CSV files (`recounted`): kinds of documents, lists of axes,
parts of programmes, payers, years. The tables that all comparisons read are read once.
"""

import itertools
import random
import re
from collections import Counter
from dataclasses import replace

import pandas as pd
import pytest
from effort import tries
from recounted import (
    AXES,
    OWN,
    SEARCHED,
    STRATEGIES,
    SUBJECTS,
    TERRITORIES,
    YEAR,
    axes_read,
    borne,
    coverage_class,
    covered,
    document_year,
    facts,
    family,
    service_class,
    shared_services,
    theme_class,
)

from comparisons.analysis.comparison import amounts, comparison
from comparisons.analysis.comparison import facts as cells_of
from comparisons.analysis.comparison.comparison import compare
from comparisons.analysis.map_layers import MapLayer
from comparisons.analysis.map_questions.coverage import coverage_layer
from comparisons.analysis.map_questions.service import service_layer
from comparisons.analysis.map_questions.theme import theme_layer
from comparisons.analysis.peers import group as members
from comparisons.analysis.peers import observation, observations, observed_indicators, position
from comparisons.analysis.statements import (
    Statement,
    ThemeList,
    UnequalObjects,
    Value,
    check_classes,
    common_object,
    extremes,
    proportion,
    quartiles,
    set_by_one_alone,
)
from comparisons.analysis.themes import frequency
from comparisons.database import connection
from comparisons.database.connection import query
from comparisons.page_parameters import MAP_LEVELS
from comparisons.queries import budgets, partners, strategies, thresholds
from comparisons.schema.model import vocabulary_codes
from comparisons.schema.territory import Territory

pytestmark = pytest.mark.usefixtures("database", "texts_quick_to_slice")

WHOLE = ("ensemble", "zone_publique")
BUDGETS = facts("budgets")
INDICATORS = facts("indicateurs")


@pytest.fixture(scope="module")
def texts_quick_to_slice(database):
    """Have tables hold texts as Python does: thousands of small slices take half the time."""
    with pd.option_context("mode.string_storage", "python"):
        yield
    connection._open_edition.cache_clear()  # others read as the application does


def test_unequal_or_unknown_objects_are_refused():
    first_value = Value("A", 1, "1 €", "réseau", origin="a")
    second_value = Value("B", 2, "2 €", "réseau", origin="b")
    for changes in ({"about": "tranche"}, {"about": ""}, {"origin": "a"}, {"origin": ""}):
        with pytest.raises(UnequalObjects):
            extremes([first_value, replace(second_value, **changes)])
    for values in ([first_value], []):
        with pytest.raises(UnequalObjects):
            extremes(values)
    assert extremes([first_value, second_value]) == "de 1 € (A) à 2 € (B)"
    with pytest.raises(UnequalObjects):
        Statement("3 services partagés.", "services", (), "")
    with pytest.raises(UnequalObjects):
        common_object(["ensemble", "reseaux"])


def test_an_absence_needs_whole_lists_of_one_family():
    setters = {"donnees": ["a"], "inclusion_mediation": ["a", "b"]}
    lists = {code: ThemeList(code, "ensemble", True) for code in "ab"}
    assert set_by_one_alone(setters, lists) == {"a": ["donnees"]}
    for changes in ({"is_whole": False}, {"family": "reseaux"}, {"document": "a"}):
        with pytest.raises(UnequalObjects):
            set_by_one_alone(setters, lists | {"b": replace(lists["b"], **changes)})
    # what another document of the same territory sets is not lacking there
    elsewhere = {"b": replace(lists["b"], other_themes={"donnees"})}
    assert set_by_one_alone(setters, lists | elsewhere) == {}


def test_quartiles_are_of_one_object_one_time_and_most_of_the_group():
    values = [Value(name, n, "", "prises", 2020 + n % 2) for n, name in enumerate("ABCD")]
    assert quartiles(values, 7).mediane == 1.5
    late, other_object = Value("E", 9, "", "prises", 2025), Value("E", 9, "", "lignes", 2021)
    undated = Value("E", 9, "", "prises")
    for wrong_value in (late, other_object, undated):
        with pytest.raises(UnequalObjects):
            quartiles([*values, wrong_value], 5)
        with pytest.raises(UnequalObjects):
            quartiles(values, 4, placed=wrong_value)
    for values_known, total in ((values[:3], 3), (values, 8)):
        with pytest.raises(UnequalObjects):
            quartiles(values_known, total)


def test_a_proportion_is_of_answers_read_in_one_kind_of_list():
    assert proportion({"a": True, "b": False}, {"a": "ensemble", "b": "ensemble"}) == (1, 2)
    for other_family in ("", "reseaux"):
        with pytest.raises(UnequalObjects):
            proportion({"a": True, "b": False}, {"a": "ensemble", "b": other_family})


def test_a_class_of_a_map_holds_what_its_words_are_about():
    about = {"absente": ("listes entières",), "inconnue": ("",)}
    check_classes(["absente", "inconnue"], ["listes entières", ""], about)
    for code, reading in (("absente", "listes partielles"), ("absente", ""), ("inconnue", None),
                       ("inconnue", "listes entières"), ("autre", "")):  # fmt: skip
        with pytest.raises(UnequalObjects):
            check_classes(["absente", code], ["listes entières", reading], about)


# --- Comparer -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def read_once(database):
    """Have comparisons read the tables of a level once, and leave out what no statement is from."""
    patch, rows_by_key = pytest.MonkeyPatch(), {}
    connection._open_edition.cache_clear()

    def read_level_once(module, name: str, column: str):
        real = getattr(module, name)

        def sliced(requested_keys):
            keys = list(dict.fromkeys(requested_keys))
            if name not in rows_by_key:
                rows_by_key[name] = dict(iter(real(every[column]).groupby(column, sort=False)))
                rows_by_key[name, "none"] = real([])
            parts = [rows_by_key[name][key] for key in keys if key in rows_by_key[name]]
            return pd.concat(parts, ignore_index=True) if parts else rows_by_key[name, "none"]

        patch.setattr(module, name, sliced)

    every = {"cle": ["-".join(key) for key in TERRITORIES if OWN[key] or key[0] == "departement"],
             "strategie_id": list(STRATEGIES)}  # fmt: skip
    for name, column in (("strategies_of", "cle"), ("indicators", "cle"), ("last_lookups", "cle"),
                         ("priorities", "strategie_id")):  # fmt: skip
        read_level_once(strategies, name, column)
    read_level_once(partners, "partnerships", "cle")
    for name in ("budget_totals", "budget_lines"):
        read_level_once(budgets, name, "strategie_id")
    patch.setattr(budgets, "comparable_budgets", lambda ids: pd.DataFrame())
    patch.setattr(budgets, "funder_shares", lambda details: pd.DataFrame())
    patch.setattr(comparison, "cited_sources", lambda ids: pd.DataFrame())
    for module, name in ((cells_of, "identity_cells"), (cells_of, "service_cells"),
                         (amounts, "funder_cells"), (amounts, "excluded_amounts")):  # fmt: skip
        patch.setattr(module, name, lambda *tables: iter(()))
    # an indicator without a definition is quoted, and never in a statement
    real = strategies.indicators
    patch.setattr(strategies, "indicators", lambda keys: real(keys).dropna(subset=["definition"]))
    yield
    patch.undo()
    connection._open_edition.cache_clear()


def known_territories(level: str) -> list[tuple]:
    return sorted(key for key in OWN if key[0] == level and OWN[key] and key in TERRITORIES)


def all_groups() -> dict[str, list[tuple]]:
    """Groups of régions, of départements and of EPCI of which something is known.

    Two départements that have a document in common stand alone too: with a third one, there would
    be two documents.
    """
    chance = random.Random(25)

    def in_threes(keys: list[tuple]) -> list[tuple]:
        shuffled = chance.sample(keys, len(keys))
        return [tuple(shuffled[i : i + 3]) for i in range(0, len(keys) - 1, 3)]

    regions, departements, groupings = map(known_territories, ("region", "departement", "epci"))
    sharing = {
        tuple(sorted(key for key in covered(strategy) if key[0] == "departement")[:2])
        for strategy in STRATEGIES.values()
    }
    return {
        # each three times, among others
        "region": [group for _ in range(tries(3)) for group in in_threes(regions)],
        "departement": [
            *(tuple(departements[i : i + 3]) for i in range(0, len(departements) - 1, 3)),
            *sorted(pair for pair in sharing if len(pair) == 2),
        ],
        # their lists are seldom whole: of three or of four, no absence is stated
        "epci": [tuple(chance.sample(groupings, 4)) for _ in range(tries(20))],
    }


GROUPS = all_groups()


def test_what_is_read_once_is_what_a_comparison_reads(request):
    pair = [Territory("region", "53"), Territory("region", "52")]
    expected = [
        statement for statement in compare(pair).statements if statement.rubrique != "services"
    ]
    request.getfixturevalue("read_once")
    assert compare(pair).statements == expected


@pytest.mark.parametrize("level", GROUPS)
def test_no_statement_is_made_of_unequal_things(level, read_once):
    """The guard: no violation, whatever is put side by side."""
    violation_counts: Counter = Counter()
    statement_count = 0
    for group in GROUPS[level]:
        side = compare([Territory(*key) for key in group])
        strategy_ids = [id_ for id_ in side.columns["strategie_id"] if isinstance(id_, str)]
        # unlike kinds stand side by side by the reader's choice only
        assert len({family(id_) for id_ in strategy_ids}) <= 1
        statement_count += len(side.statements)
        violation_counts.update(violations_of_columns(side))
        for statement in side.statements:
            violation_counts.update(violations(statement, side))
    assert statement_count > 50
    assert not violation_counts


def violations(statement, side) -> list[str]:
    messages = []
    cells = side.cells[
        (side.cells["rubrique"] == statement.rubrique)
        & side.cells["ligne"].isin(statement.lignes)
        & side.cells["valeur"].notna()
    ]
    if statement.portee == "":
        messages.append(f"says not of what: {statement.texte}")
    said_of_all = "toutes les colonnes" in statement.texte or "Même" in statement.texte
    if said_of_all and side.columns["strategie_id"].nunique() < 2:
        messages.append(f"one document told twice: {statement.texte}")
    if "seulement" in statement.texte:
        messages += denied_themes(statement, side)
        strategy_ids = [id_ for id_ in side.columns["strategie_id"] if isinstance(id_, str)]
        if any(STRATEGIES[id_]["liste_axes"] != "complete" for id_ in strategy_ids):
            messages.append(f"an absence in a partial list: {statement.texte}")
        if len({family(id_) for id_ in strategy_ids}) > 1:
            messages.append(f"an absence across kinds: {statement.texte}")
    if " : d" in statement.texte and statement.rubrique == "budgets":
        ids = set(cells["strategie_id"])
        if len(ids) < 2:
            messages.append(f"a range of one document: {statement.texte}")
        whole = statement.lignes[0].startswith("strategie.")
        if whole and len(set(map(family, ids))) > 1:
            messages.append(f"whole plans of several kinds: {statement.texte}")
        if not any(text.startswith("lu dans : ") for text in statement.reserves):
            messages.append(f"amounts of unnamed documents: {statement.texte}")
        objects = {objects_of(cell) for cell in cells.itertuples()}
        if len(objects) > 1 or not all(objects):
            messages.append(f"amounts of unequal objects: {statement.texte}")
    if " : d" in statement.texte and statement.rubrique == "indicateurs":
        messages += unequal_indicators(statement, cells)
    return messages


def violations_of_columns(side) -> list[str]:
    """Return messages on columns read in another document, or wrongly « not named »."""
    messages = []
    strategy_ids = side.columns.set_index("colonne")["strategie_id"].dropna()
    rows = side.cells[side.cells["rubrique"].isin(["calendrier", "elaboration", "priorites"])]
    for cell in rows.dropna(subset=["strategie_id"]).itertuples():
        if cell.strategie_id != strategy_ids[cell.colonne]:
            messages.append(f"read in another document: {cell.colonne} {cell.rubrique}")
    ours = {side.short_names[code] for code, id_ in strategy_ids.items()
            if AXES[id_] and not axes_read(id_, named=True)}  # fmt: skip
    texts = [*(statement.texte for statement in side.statements), side.empty_section("priorites")]
    for text in texts:
        unrecorded = re.findall(r"Aucun axe relevé : ([^.]*)", text)
        is_wrong = "Aucune priorité" in text and any(AXES[id_] for id_ in strategy_ids)
        if is_wrong or set(re.split(", | et ", "".join(unrecorded))) & ours:
            messages.append(f"not recorded, for not named: {text}")
    if ours and len(set(strategy_ids)) and not any("Aucun axe nommé" in text for text in texts):
        if side.family:
            messages.append(f"an unnamed list is not told: {sorted(ours)}")
    return messages


def denied_themes(statement, side) -> list[str]:
    """Return messages on themes denied to a territory that has them in another document."""
    name = re.match("Priorité pour (?:l’|l[ae] |les )?(.*) seulement", statement.texte)[1]
    messages = []
    for column in side.columns.itertuples():
        if side.short_names[column.colonne] == name:
            continue
        ids = OWN[tuple(column.cle.split("-"))]
        stated_themes = {theme for id_ in ids for axis in AXES[id_] for theme in borne(axis)}
        stated_themes |= {SUBJECTS.get(family(id_)) for id_ in ids}
        if stated_themes & set(statement.lignes):
            messages.append(f"denied to {column.cle}: {statement.texte}")
    return messages


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


# --- Pairs ----------------------------------------------------------------------------------------


def groups_of_peers(level: str) -> dict[str, list[str]]:
    """The nearest ten of each territory of a level, as the page finds them."""
    rows = query(
        """
        SELECT territoire_niveau || '-' || territoire_code AS cle,
               territoire_niveau || '-' || pair_code AS pair
        FROM pairs WHERE territoire_niveau = ? ORDER BY cle, rang
        """,
        [level],
    )
    return {key: list(part["pair"]) for key, part in rows.groupby("cle")}


SERIES = ["indicateur", "unite", "nature", "definition"]


@pytest.mark.parametrize("level", ["region", "departement"])
def test_no_position_is_made_of_unequal_things(level, database, monkeypatch):
    """Quartiles of one object each.

    Even where fewer values would do: the objects alone are to refuse, not the numbers.
    """
    monkeypatch.setattr(thresholds, "MIN_SAMPLE", 2)
    monkeypatch.setattr(thresholds, "MAJORITY_SHARE", 0)
    violation_counts: Counter = Counter()
    groups = groups_of_peers(level)
    every = members.peer_group(*next((key, list(groups)) for key in groups))
    # what does not depend on who the peers are is read once
    alike = observations.observations(every, ("couverture", "budgets"))
    measures = strategies.indicators(every["cle"])
    quartiles_given = Counter()
    for key, peers in groups.items():
        group_keys = [key, *peers]
        group = every[every["cle"].isin(group_keys)].assign(moi=every["cle"] == key)
        measured = measures[measures["cle"].isin(group_keys)]
        # one value alone has no quartiles, whatever it is of
        shared = measured.groupby(SERIES, dropna=False)["cle"].transform("nunique") > 1
        summary = observation.to_table(
            observed_indicators.indicator_observations(group, measured[shared])
        )
        part = alike[alike["cle"].isin(group_keys)].assign(moi=alike["cle"] == key)
        for frame in (part, summary):
            by_quantity = dict(iter(frame.groupby("quantite")))
            for row in position.position_summary.__wrapped__(frame).itertuples():
                quartiles_given[row.rubrique] += pd.notna(row.mediane)
                violation_counts.update(violations_of_position(row, by_quantity[row.quantite]))
    assert sum(quartiles_given.values()) > 10, quartiles_given
    assert not violation_counts


def violations_of_position(row, frame: pd.DataFrame) -> list[str]:
    messages = []
    if row.forme == "valeur" and row.dessinable:
        valued = frame.dropna(subset=["valeur"])
        objects = {object_of_point(point) for point in valued.itertuples()}
        if len(objects) != 1 or None in objects:
            messages.append(f"quartiles of unequal objects: {row.quantite} {objects}")
        years = [year for year in valued["annee"] if pd.notna(year)]
        if years and max(years) - min(years) > 2:
            messages.append(f"quartiles of different times: {row.quantite}")
        if not row.portee:
            messages.append(f"quartiles of no object: {row.quantite}")
    elif row.forme == "valeur" and pd.notna(row.mediane):
        messages.append(f"a median that is not drawn: {row.quantite}")
    return messages


def object_of_point(point) -> tuple | None:
    """What the rows behind a value are about; nothing when one may not compare."""
    if point.rubrique == "couverture":
        strategy = STRATEGIES[point.strategie_id]
        return family(point.strategie_id), strategy["portee"]
    if point.rubrique == "indicateurs":
        *_, definition = point.quantite.split(".")
        rows = [
            row
            for row in INDICATORS
            if (row["territoire_niveau"], row["territoire_code"]) == tuple(point.cle.split("-"))
            and row["definition"] == definition
            and row["source_id"] in point.source_ids
            and row["annee"][:4] == str(point.annee)
        ]
        extents = {row["etendue"] for row in rows}
        return (definition, "ensemble") if extents == {"ensemble"} else None
    perimeter, stage, _ = point.quantite.split(".")
    rows = [
        row
        for row in BUDGETS
        if (row["strategie_id"], row["perimetre"], row["etape"])
        == (point.strategie_id, perimeter, stage)
        and not row["inclus_dans"]
        and row["etendue"] in WHOLE
        and row["abandonne"] != "oui"
        and row["source_id"] in point.source_ids
    ]
    if not rows or document_year(STRATEGIES[point.strategie_id]) < YEAR - 10:
        return None
    amount_objects = {(row["etendue"], payer(row), length(row)) for row in rows}
    return amount_objects.pop() if len(amount_objects) == 1 else None


def payer(row: dict) -> str:
    owner_level = STRATEGIES[row["strategie_id"]]["territoire_niveau"]
    return {"multiple": "tous", owner_level: "porteur"}.get(row["financeur_type"], "autre")


def length(row: dict) -> str:
    if row["recurrence"]:
        return "par an"
    years = int(row["duree_annees"] or int(row["annee_fin"]) - int(row["annee_debut"]) + 1)
    return "court" if years <= 7 else "moyen" if years <= 15 else "long"


# --- maps -----------------------------------------------------------------------------------------

CODES = {level: sorted(code for each, code in TERRITORIES if each == level) for level in MAP_LEVELS}


def misplaced(layer: MapLayer, expected: dict[str, str], otherwise: str) -> list[tuple]:
    """The territories of another class than the facts give them; the legend's counts follow."""
    codes = CODES[layer.level]
    classes = [expected.get(code, otherwise) for code in codes]
    assert layer.data["territoire_code"].tolist() == codes
    counts = {code: number for code, number in layer.counts.items() if number}
    layer_classes = layer.data["classe"].tolist()
    misplaced_rows = [
        row for row in zip(codes, layer_classes, classes, strict=True) if row[1] != row[2]
    ]
    return (
        misplaced_rows
        if counts == dict(Counter(classes))
        else [*misplaced_rows, (layer.title, counts)]
    )


@pytest.mark.parametrize("level", MAP_LEVELS)
def test_no_class_of_a_theme_holds_what_was_not_read_so(level):
    misplaced_rows = []
    known_codes = [code for code in CODES[level] if OWN.get((level, code))]
    # one query reads all levels: the axes that documents name are read apart on one of them
    readings = (False, True) if level == "departement" else (False,)
    for theme, named in itertools.product(vocabulary_codes("themes"), readings):
        classes = {code: theme_class((level, code), theme, named) for code in known_codes}
        misplaced_rows += misplaced(theme_layer(level, theme, None, named), classes, "inconnue")
    assert not misplaced_rows


@pytest.mark.parametrize("level", MAP_LEVELS)
def test_no_class_of_coverage_holds_documents_of_another_kind(level):
    misplaced_rows = []
    known_codes = [
        code for code in CODES[level] if OWN.get((level, code)) or (level, code) in SEARCHED
    ]
    for kind in ("", *vocabulary_codes("familles_strategie")):
        classes = {code: coverage_class((level, code), YEAR, kind)[0] for code in known_codes}
        misplaced_rows += misplaced(coverage_layer(level, kind), classes, "non_cherchee")
    assert not misplaced_rows


@pytest.mark.parametrize("level", MAP_LEVELS)
def test_no_class_of_a_service_holds_a_part_for_the_whole(level):
    misplaced_rows = []
    classes_by_service: dict[str, dict[str, str]] = {
        # a service of no commune is « aucun » for all 34 875: one such map is enough
        service: {} for service in vocabulary_codes("services") if level != "commune"
    } or {"e_sante": {}}  # fmt: skip
    for (key, service), organisations in shared_services().items():
        if key[0] == level:
            classes = classes_by_service.setdefault(service, {})
            classes[key[1]] = service_class(key, organisations)
    for service, classes in classes_by_service.items():
        misplaced_rows += misplaced(service_layer(level, service), classes, "aucun")
    assert not misplaced_rows


# --- Thèmes ---------------------------------------------------------------------------------------


def test_no_count_of_themes_is_made_of_unlike_documents(database):
    for kind in vocabulary_codes("familles_strategie"):
        for rows in (frequency.frequency(kind), frequency.frequency_by_level(kind)):
            entire_strategies = [
                id_
                for id_ in STRATEGIES
                if family(id_) == kind and axes_read(id_) and STRATEGIES[id_]["portee"] != "article"
            ]
            assert rows.empty == (not entire_strategies)
            if len(rows):
                assert rows["portee"].ne("").all() and (rows["nb"] <= rows["nb_connues"]).all()
                assert rows["nb_connues"].groupby(rows["theme"]).sum().max() <= len(
                    entire_strategies
                )
            assert rows.loc[rows["part"].notna(), "nb_connues"].ge(20).all()
