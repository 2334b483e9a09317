"""Several territories side by side: columns, switches, groups, and a summary that is true."""

import random
import re
from collections import defaultdict
from dataclasses import replace
from functools import cache

import pandas as pd
import pytest
from effort import THOROUGH, some
from recounted import (
    FAMILIES,
    OWN,
    SEARCHED,
    STRATEGIES,
    TERRITORIES,
    area,
    axes_read,
    document_year,
    facts,
    family,
    lead,
    people,
    population,
    rank,
    rank_in_family,
)

from comparisons.analysis.comparison.cells import (
    ABSENT,
    KNOWN,
    NOT_APPLICABLE,
    SECTIONS,
    UNKNOWN,
    Cell,
    empty_cell,
    known_cell,
    to_table,
)
from comparisons.analysis.comparison.columns import build_columns as chosen_columns
from comparisons.analysis.comparison.columns import column_presets
from comparisons.analysis.comparison.compared_columns import ComparedColumn
from comparisons.analysis.comparison.comparison import Comparison, compare
from comparisons.analysis.comparison.matrix import compare_rows, filter_rows
from comparisons.analysis.comparison.summary import summarise
from comparisons.database.connection import query
from comparisons.formatting import format_number
from comparisons.page_parameters import ANY_FAMILY, MAX_COMPARED
from comparisons.queries import family_subjects
from comparisons.schema.model import code_label
from comparisons.schema.territory import parse_key

pytestmark = pytest.mark.usefixtures("database")


@cache
def compared(*keys: str, doc: tuple[str, ...] = ()) -> Comparison:
    return compare([parse_key(key) for key in keys], doc)


# --- switches -------------------------------------------------------------------------------------


def hand_made() -> pd.DataFrame:
    """Build a line per case: the cells of three columns, as (state, hashes compared)."""
    lines = {
        "all alike": [(KNOWN, "a"), (KNOWN, "a"), (KNOWN, "a")],
        "one differs": [(KNOWN, "a"), (KNOWN, "a"), (KNOWN, "b")],
        "one unknown, alike": [(KNOWN, "a"), (KNOWN, "a"), (UNKNOWN, "")],
        "one unknown, different": [(KNOWN, "a"), (KNOWN, "b"), (UNKNOWN, "")],
        "one lacks it": [(KNOWN, "oui"), (KNOWN, "oui"), (ABSENT, "")],
        "all lack it": [(ABSENT, ""), (ABSENT, ""), (ABSENT, "")],
        "nothing": [(UNKNOWN, ""), (UNKNOWN, ""), (NOT_APPLICABLE, "")],
        "alone": [(KNOWN, "a"), (UNKNOWN, ""), (NOT_APPLICABLE, "")],
        "one body in common": [(KNOWN, "a|b"), (KNOWN, "a"), (KNOWN, "a|c")],
        "bodies two by two": [(KNOWN, "a|b"), (KNOWN, "b|c"), (KNOWN, "c|a")],
        "not to be compared": [(KNOWN, ""), (KNOWN, ""), (ABSENT, "")],
    }
    return to_table(
        Cell(
            "services",
            line,
            line,
            column,
            "x",
            etat=state,
            empreinte=value_hash.split("|") * bool(value_hash),
        )
        for line, cells in lines.items()
        for column, (state, value_hash) in zip("ABC", cells, strict=True)
    )


EXPECTED = {
    "all alike": (True, False),
    "one differs": (False, True),
    "one unknown, alike": (False, False),
    "one unknown, different": (False, True),
    "one lacks it": (False, True),
    "all lack it": (False, False),
    "nothing": (False, False),
    "alone": (False, False),
    "one body in common": (True, True),
    "bodies two by two": (False, True),
    "not to be compared": (False, False),
}


def test_the_measures_of_one_amount_stand_in_one_row():
    side = compare([parse_key("region-84"), parse_key("region-93")])
    cells = side.section("budgets")
    table = side.grouped_matrix("budgets")
    known = cells[cells["etat"] == KNOWN]
    assert len(table) == known["objet"].nunique() < known["ligne"].nunique()
    for cell in known.itertuples():
        assert any(cell.texte in text for text in table[cell.colonne])


def test_rows_are_common_or_different_by_what_is_known():
    compared_rows = compare_rows(hand_made(), 3).set_index("ligne")
    assert {line: (row.commun, row.different) for line, row in compared_rows.iterrows()} == EXPECTED


@pytest.mark.parametrize(("which", "index"), [("commun", 0), ("differences", 1)])
def test_switches_keep_whole_rows_in_their_order(which, index):
    cells = hand_made()
    filtered_rows = filter_rows(cells, 3, which)
    expected_lines = [line for line, verdict in EXPECTED.items() if verdict[index]]
    assert list(dict.fromkeys(filtered_rows["ligne"])) == expected_lines
    assert len(filtered_rows) == 3 * len(expected_lines)
    assert filter_rows(cells, 3, "tout") is cells and filter_rows(cells.head(0), 3, which).empty


def test_an_unknown_cell_makes_no_difference_whatever_it_is_beside():
    cells = hand_made()
    unknown = cells["etat"].isin([UNKNOWN, NOT_APPLICABLE])
    before = compare_rows(cells, 3).set_index("ligne")["different"]
    after = compare_rows(cells[~unknown], 3).set_index("ligne")["different"]
    assert after.to_dict() == {line: before[line] for line in after.index}


# --- columns --------------------------------------------------------------------------------------


NAMED_AXES, ALL_AXES = (
    {id_: len(axes_read(id_, named)) for id_ in STRATEGIES} for named in (True, False)
)


def place_of(key: str) -> tuple[str, str]:
    return tuple(key.split("-", 1))


def usual_family(keys: list[str], axes: dict[str, int]) -> str:
    """The family that most of some territories have with axes, else that most of them have."""

    def counts(name: str) -> tuple:
        strategy_ids = [[id_ for id_ in OWN[place_of(key)] if family(id_) == name] for key in keys]
        read_count, known_count = (
            sum(any(axes[i] for i in ids) for ids in strategy_ids),
            sum(map(bool, strategy_ids)),
        )
        return (
            (read_count if read_count > 1 else 0),
            (known_count if known_count > 1 else 0),
            read_count,
        )

    return max(FAMILIES, key=lambda name: (counts(name), -FAMILIES.index(name)))


@pytest.mark.parametrize("named", [False, True], ids=["all", "named"])
@pytest.mark.parametrize("level", ["region", "departement"])
def test_all_columns_show_documents_of_one_family_and_read_one_with_priorities(level, named):
    keys = [f"{level}-{code}" for at, code in TERRITORIES if at == level]
    axes = NAMED_AXES if named else ALL_AXES
    fallbacks = silent = 0
    for start in range(0, len(keys), 6):
        group = keys[start : start + 6]
        columns = chosen_columns([parse_key(key) for key in group], named_only=named)[0]
        assert columns["famille"].dropna().nunique() <= 1
        columns, expected_family = columns.set_index("cle"), usual_family(group, axes)
        for key in group:
            strategy_ids = sorted(
                (id_ for id_ in OWN[place_of(key)] if family(id_) == expected_family),
                key=lambda id_: rank_in_family(id_, key=place_of(key)),
            )
            column = columns.loc[key]
            assert column["colonne"] == key and not column["choisie"]
            if not strategy_ids:  # it says so, rather than show a document of another kind
                assert pd.isna(column["strategie_id"]) and pd.isna(column["strategie_lue"])
                silent += 1
                continue
            strategy_read = next((id_ for id_ in strategy_ids if axes[id_]), strategy_ids[0])
            assert (column["strategie_id"], column["strategie_lue"]) == (
                strategy_read,
                strategy_read,
            )
            fallbacks += strategy_ids[0] != strategy_read
    assert fallbacks > 0 and silent > 0


def test_nothing_is_set_by_one_alone_while_a_column_was_not_read():
    """« seulement » denies the theme to the others: not allowed for a list that was not read."""
    names = {"a": "Aval", "b": "Bourg", "c": "Combe"}

    def summary(third: str, elsewhere: tuple = ()) -> str:
        line = ("donnees", "Données")
        cells = [known_cell("priorites", line, "a", "axe 1"),
                 empty_cell("priorites", line, "b", ABSENT),
                 empty_cell("priorites", line, "c", third)]  # fmt: skip
        table = to_table(cells)
        columns = {code: ComparedColumn(name, code, f"{code}-1", name, 2020, 3, 3, True)
                   for code, name in names.items()}  # fmt: skip
        columns["b"] = replace(columns["b"], other_themes=frozenset(elsewhere))
        if third == UNKNOWN:
            columns["c"] = replace(columns["c"], axis_count=0, compared_axis_count=0)
        return " ".join(s.texte for s in summarise(table, columns, "ensemble"))

    assert "Priorité pour Aval seulement : données." in summary(ABSENT)
    assert "seulement" not in summary(UNKNOWN) and "Aucun axe relevé : Combe." in summary(UNKNOWN)
    # another document of one of the others sets it
    assert "seulement" not in summary(ABSENT, ("donnees",))


def test_the_reader_s_choice_of_all_kinds_leaves_no_summary_of_themes():
    keys = ["region-53", "region-24"]
    comparison = compare([parse_key(key) for key in keys], family=ANY_FAMILY)
    by_hand = [family(min(OWN[place_of(key)], key=rank)) for key in keys]
    assert list(comparison.columns["famille"]) == by_hand
    mixed = compare([parse_key("departement-72"), parse_key("departement-13")],
                    ("departement-13-autre-2017",), family="ensemble")  # fmt: skip
    assert set(mixed.columns["famille"]) == {"ensemble", family("departement-13-autre-2017")}
    assert not any(s.rubrique == "priorites" for s in mixed.statements)


def test_two_editions_stand_in_two_columns_in_order_of_date():
    key = "region-44"
    years = {id_: document_year(STRATEGIES[id_]) for id_ in OWN[place_of(key)]}
    early, *_, late = sorted((id_ for id_ in years if years[id_]), key=years.get)
    columns = compared(key, "region-53", doc=(late, early)).columns
    assert list(columns["strategie_id"])[:2] == [early, late]
    assert list(columns["colonne"])[:2] == [f"{key}@{early}", f"{key}@{late}"]
    assert columns["titre_colonne"].is_unique
    for id_, title in zip((early, late), columns["titre_colonne"], strict=False):
        assert title.endswith(str(years[id_]))
    assert list(columns["choisie"]) == [True, True, False] and columns["cle"].iloc[2] == "region-53"


def test_a_chosen_document_gives_its_own_facts_only():
    key = "region-44"
    for chosen in OWN[place_of(key)]:
        cells = compared(key, doc=(chosen,)).cells
        chosen_cells = cells[
            cells["rubrique"].isin(["calendrier", "elaboration", "priorites", "budgets"])
        ]
        assert set(chosen_cells["strategie_id"].dropna()) <= {chosen}


def test_six_columns_at_most_and_unknown_territories_are_left_out():
    keys = [f"departement-{code}" for code in range(21, 30)]
    assert len(compared(*keys).columns) == MAX_COMPARED
    docs = tuple(OWN["region", "44"])
    assert len(docs) > MAX_COMPARED
    assert len(compared("region-44", doc=docs).columns) == MAX_COMPARED
    columns = compared("departement-35", "departement-999", doc=("rien",)).columns
    assert list(columns["colonne"]) == ["departement-35"]


def test_nothing_chosen_is_an_empty_comparison():
    nothing = compared()
    assert nothing.columns.empty and nothing.cells.empty


# --- groups ready to be compared ------------------------------------------------------------------

GROUPS = {
    "voisins": """SELECT voisin_code FROM voisins
        WHERE territoire_niveau || '-' || territoire_code = $key ORDER BY longueur_km DESC""",
    "pairs": """SELECT pair_code FROM pairs
        WHERE territoire_niveau || '-' || territoire_code = $key ORDER BY rang""",
    "region": """SELECT t.territoire_code FROM territoires t, territoires i
        WHERE i.territoire_niveau || '-' || i.territoire_code = $key
          AND i.territoire_niveau <> 'region' AND t.territoire_niveau = i.territoire_niveau
          AND t.region_code = i.region_code AND t.territoire_code <> i.territoire_code""",
}


@pytest.mark.parametrize(
    "key", ["departement-35", "epci-243500139", "commune-35238", "region-53", "departement-2A",
            "departement-976", "region-11", "commune-97502"],
)  # fmt: skip
def test_groups_are_those_of_the_database(key):
    level = key.split("-")[0]
    presets = column_presets(key)
    for name, sql in GROUPS.items():
        codes = [f"{level}-{code}" for code in query(sql, {"key": key}).iloc[:, 0]]
        if not codes:
            assert name not in presets
            continue
        first, *other_keys = presets[name]
        assert first == key and len(other_keys) == min(5, len(codes))
        if name == "region":
            bordering = query(GROUPS["voisins"], {"key": key}).iloc[:, 0]
            near = [f"{level}-{code}" for code in bordering if f"{level}-{code}" in codes]
            assert set(other_keys) <= set(codes) and other_keys[: len(near)] == near[:5]
        else:
            assert other_keys == codes[:5]
    wider = query(
        """SELECT dans_niveau || '-' || dans_code AS cle FROM appartenances
        WHERE territoire_niveau || '-' || territoire_code = ? AND part_population >= 0.5""",
        [key],
    )
    assert set(presets.get("echelons", [key])) == {key, *wider["cle"]}


def test_the_basket_is_offered_when_it_makes_a_comparison():
    assert column_presets("region-53", ["region-52", "region-28"])["panier"] == [
        "region-52",
        "region-28",
    ]
    assert "panier" not in column_presets("region-53", ["region-52"])


# --- the summary is true --------------------------------------------------------------------------


def territories_at_random(count: int) -> list[str]:
    """Territories of all levels; half of them have a strategy."""
    sql = """SELECT t.territoire_niveau || '-' || t.territoire_code AS cle, EXISTS (
            FROM strategies s WHERE s.territoire_niveau = t.territoire_niveau
             AND s.territoire_code = t.territoire_code) AS connu
        FROM territoires t ORDER BY cle"""
    rows = query(sql)
    draw = random.Random(20)
    keys = []
    for is_known in (True, False):
        part = rows[rows["connu"] == is_known]["cle"]
        for level in ("region", "departement", "epci", "commune"):
            level_keys = [key for key in part if key.startswith(level)]
            keys += draw.sample(level_keys, min(len(level_keys), count // 8))
    return draw.sample(keys, len(keys))


def groups_at_random() -> list[list[str]]:
    """Some tens of territories in groups of two to six, and three of one kind."""
    keys = territories_at_random(72 if THOROUGH else 24)
    draw = random.Random(4)
    groups = [
        ["departement-35", "departement-29", "departement-22", "departement-56"],
        ["region-53", "region-52", "region-28"],
        ["departement-53", "departement-72"],
    ]
    while len(keys) > 1:
        size = draw.choice([2, 4, 6, 6, 6])
        groups.append(keys[:size])
        keys = keys[size:]
    return groups


def test_any_group_can_be_laid_out_and_every_statement_is_true():
    statement_types = set()
    for group in groups_at_random():
        comparison = compared(*group)
        check_layout(comparison)
        for statement in comparison.statements:
            statement_types.add(check(statement.texte, comparison.cells, comparison.short_names))
            section_cells = comparison.cells[comparison.cells["rubrique"] == statement.rubrique]
            assert set(statement.lignes) <= set(section_cells["ligne"]), statement
    # the groups drawn make nearly all kinds of statements
    assert len(statement_types) >= 10, statement_types


def check_layout(comparison: Comparison) -> None:
    """Each row has one cell per column; what is unknown has no number and is like nothing."""
    assert not comparison.cells.duplicated(["rubrique", "ligne", "colonne"]).any()
    whole = comparison.cells.groupby(["rubrique", "ligne"])["colonne"].nunique()
    assert (whole == len(comparison.columns)).all()
    assert (comparison.cells["texte"].str.strip() != "").all()
    unknown = comparison.cells["etat"] != KNOWN
    assert comparison.cells.loc[unknown, "valeur"].isna().all()
    assert not comparison.cells.loc[unknown, "empreinte"].map(len).any()
    for name in SECTIONS:
        matrix = comparison.text_matrix(name)
        assert list(matrix.columns) == list(comparison.names.values())
        assert not matrix.isna().any(axis=None)
        assert set(comparison.unknown_rows[name]).isdisjoint(matrix.index)


def of(cells: pd.DataFrame, section: str, line: str = "") -> pd.DataFrame:
    rows = cells[cells["rubrique"] == section]
    return rows[rows["ligne"] == line] if line else rows


def listed(text: str, known_words: list[str]) -> list[str]:
    """Read an enumeration back: the words of `known` that make it up, and nothing else."""
    words, rest = [], text
    for word in sorted(set(known_words), key=len, reverse=True):
        if word in rest:
            words.append(word)
            rest = rest.replace(word, "#", 1)
    rest = re.sub(r" et \d+\xa0autres?$", "", rest)
    assert re.fullmatch(r"#(, #)*( et #)?|#( ; #)*", rest), (text, rest)
    return words


def check(text: str, cells: pd.DataFrame, names: dict[str, str]) -> str:
    """Compute a sentence again from the cells; fail if it is not true. Gives its kind."""
    every = set(names.values())
    state = of(cells, "calendrier", "etat")
    named_rows = state.assign(nom=state["colonne"].map(names))
    known_cells = named_rows[named_rows["etat"] == KNOWN]
    axes = of(cells, "priorites")
    silent = {names[c] for c in names} - {
        names[c] for c in axes.loc[axes["etat"].isin([KNOWN, ABSENT]), "colonne"]
    }
    setters = axes[axes["etat"] == KNOWN].groupby("ligne")["colonne"].agg(
        lambda columns: {names[c] for c in columns}
    )  # fmt: skip
    themes = {code_label("themes", code).lower(): code for code in setters.index}

    if text.startswith("État des documents :") and text.endswith("dans toutes les colonnes."):
        assert len(known_cells) == len(names) and known_cells["texte"].nunique() == 1
        assert known_cells["texte"].iloc[0].lower() in text
        return "one state"
    if text.startswith("État des documents :"):
        parts = text.removeprefix("État des documents : ").removesuffix(".").split(" ; ")
        states = known_cells.groupby(known_cells["texte"].str.lower())["nom"].agg(set).to_dict()
        assert len(parts) == len(states)
        for part in parts:
            state_text = next(
                s for s in sorted(states, key=len, reverse=True) if part.startswith(f"{s} (")
            )
            assert set(listed(part[len(state_text) + 2 : -1], list(every))) == states[state_text]
        return "states"
    if text.startswith("Ces documents ne sont pas de même sorte"):
        assert of(cells, "calendrier", "type")["texte"].nunique() > 1
        return "kinds"
    if match := re.fullmatch(
        r"(.*) : (pas encore cherché|aucun document n’a été trouvé"
        r"|aucun document de cette sorte n’est relevé)\.",
        text,
    ):
        without = named_rows[named_rows["etat"] != KNOWN]
        keys = without["cle"].map(place_of)
        reasons = ["aucun document de cette sorte n’est relevé" if OWN.get(key) else
                   "aucun document n’a été trouvé" if key in SEARCHED else "pas encore cherché"
                   for key in keys]  # fmt: skip
        assert set(listed(match[1], list(every))) == set(
            without["nom"][[reason == match[2] for reason in reasons]]
        )
        return match[2]
    if match := re.fullmatch(r"(.*) ont le même document : « .* »\.", text):
        holders = known_cells.groupby("strategie_id")["nom"].agg(set)
        assert set(listed(match[1], list(every))) in list(holders)
        return "one document"
    if text.startswith("Même pilotage :"):
        row = of(cells, "elaboration", "pilotage")
        assert (row["etat"] == KNOWN).all() and row["texte"].nunique() == 1
        assert row["texte"].iloc[0].lower() in text
        return "steering"
    if text.startswith("Les périodes"):
        check_periods(text, cells, names)
        return "periods"
    if text.startswith("Aucune priorité n’est relevée dans ce"):
        assert not any(ALL_AXES[id_] for id_ in known_cells["strategie_id"])
        return "no priority"
    if match := re.fullmatch(
        r"(\d+)\xa0thèmes? relevés? "
        r"(dans toutes les colonnes|dans les (\d+) colonnes dont les axes sont lus) : (.*)\.",
        text,
    ):
        speaking = every - silent
        assert (match[2] == "dans toutes les colonnes") == (not silent)
        assert match[3] is None or int(match[3]) == len(speaking)
        shared = {code for code, columns in setters.items() if columns == speaking}
        # what the documents of a family are about is no priority of theirs
        families = {family(id_) for id_ in known_cells["strategie_id"]}
        shared -= {"autre", family_subjects.subject(families.pop()) if len(families) == 1 else ""}
        assert int(match[1]) == len(shared)
        named_themes = {themes[word] for word in listed(match[4], list(themes))}
        assert named_themes <= shared and len(named_themes) == min(6, len(shared))
        return "shared themes"
    if match := re.match(r"Liste d’axes partielle.* entière : (.*)\. Un thème", text):
        partial = set(listed(match[1], list(every)))
        read_axes = axes[(axes["etat"] == KNOWN)]
        lists = dict(zip(read_axes["colonne"].map(names), read_axes["strategie_id"], strict=True))
        whole = {n for n, id_ in lists.items() if STRATEGIES[id_]["liste_axes"] == "complete"}
        named_all = {n for n, id_ in lists.items() if NAMED_AXES[id_] == ALL_AXES[id_]}
        assert partial == (every - silent) - (whole & named_all)
        return "partial lists"
    if match := re.fullmatch(r"Priorité pour (?:l’|l[ae] |les )?(.*) seulement : (.*)\.", text):
        alone = {code for code, columns in setters.items() if columns == {match[1]}}
        named_themes = {themes[word] for word in listed(match[2], list(themes))}
        # less what another document of the others sets (see test_statements)
        assert named_themes and named_themes <= alone - {"autre"}
        return "alone"
    axes_by_name = {row.nom: (ALL_AXES[row.strategie_id], NAMED_AXES[row.strategie_id])
                    for row in known_cells.itertuples()}  # fmt: skip
    if text.startswith("Aucun axe relevé :"):
        unrecorded = {name for name, (count, _) in axes_by_name.items() if not count}
        assert set(listed(text.split(" : ")[1][:-1], list(every))) == unrecorded
        return "silent"
    if text.startswith("Aucun axe nommé par le document :"):
        unnamed = [f"{name} ({count}\xa0relevé{'s' * (count > 1)} par nous)"
                   for name, (count, named_count) in axes_by_name.items()
                   if count and not named_count]  # fmt: skip
        assert sorted(listed(text.split(" : ")[1][:-1], unnamed)) == sorted(unnamed)
        return "unnamed"
    if text.startswith("Aucun montant de même objet"):
        amounts = of(cells, "budgets")
        known_by_line = amounts.dropna(subset=["valeur"]).groupby("ligne")["strategie_id"].nunique()
        assert not (known_by_line > 1).any(), amounts
        return "no amount"
    if match := re.fullmatch(
        r"(\d+)\xa0services? relevés? dans toutes les colonnes : (.*)\.", text
    ):
        rows = of(cells, "services")
        stated_rows = rows[(rows["certitude"] == "explicite") & (rows["ligne"] != "autre")]
        whole = stated_rows.groupby("libelle")["cle"].nunique() == cells["cle"].nunique()
        assert cells["cle"].nunique() > 1
        services = [title.lower() for title in whole.index[whole]]
        assert int(match[1]) == len(services)
        assert sorted(listed(match[2], services)) == sorted(services)
        return "services"
    for section in ("budgets", "indicateurs"):
        for _, row in of(cells, section).groupby("ligne"):
            title = row["libelle"].iloc[0]
            if text.startswith((f"{title} : d", f"{title[:1].upper()}{title[1:]} : d")):
                check_extremes(text[len(title) + 3 :], row, names, section == "indicateurs")
                return section
    raise AssertionError(f"nobody can tell whether this is true: {text}")


def check_extremes(
    text: str, row: pd.DataFrame, names: dict[str, str], numbers: bool = False
) -> None:
    """« de X (A) à Y (B) »: A has the least, B the most, and that is how they are written."""
    known_cells = row[row["valeur"].notna()]
    for extreme_value, pattern in ((known_cells["valeur"].min(), r"d(?:e |’){} \({}\) à"),
                            (known_cells["valeur"].max(), r" à {} \({}\)")):  # fmt: skip
        ties = known_cells[known_cells["valeur"] == extreme_value]
        patterns = (
            (format_number(cell.valeur, 1) if numbers else cell.texte, names[cell.colonne])
            for cell in ties.itertuples()
        )
        assert any(re.search(pattern.format(*map(re.escape, ends)), text) for ends in patterns), (
            text
        )
    few = re.search(r"(\d+) colonnes renseignées sur (\d+)", text)
    assert bool(few) == (len(known_cells) < len(names))
    assert not few or (int(few[1]), int(few[2])) == (len(known_cells), len(names))


def check_periods(text: str, cells: pd.DataFrame, names: dict[str, str]) -> None:
    starts = of(cells, "calendrier", "annee_debut").set_index("colonne")["valeur"].dropna()
    ends = of(cells, "calendrier", "annee_fin").set_index("colonne")["valeur"].dropna()
    dated = [set(range(int(starts[c]), int(ends[c]) + 1)) for c in starts.index if c in ends]
    assert len(dated) > 1
    common = sorted(set.intersection(*dated))
    assert (f"({len(dated)} documents datés sur {len(names)})" in text) == (len(dated) < len(names))
    if not common:
        assert "aucune année en commun" in text
    elif len(common) == 1:
        assert f"en commun que {common[0]}" in text
    else:
        assert f"de {common[0]} à {common[-1]}" in text


def amount(line: str, unit: str, column: str, value: float | None) -> Cell:
    text = "non renseigné" if value is None else f"{format_number(value, 2)} {unit}"
    state = UNKNOWN if value is None else KNOWN
    about = "" if value is None else "Réseaux, prévu, tout le programme"
    return Cell("budgets", line, "Réseaux, prévu", column, text, value, unit, state, column,
                objet=about)  # fmt: skip


@pytest.mark.parametrize(
    ("line", "unit", "sentence"),
    [
        ("infrastructures.prevu.euros_par_habitant", "€/hab.", True),
        ("infrastructures.prevu.annuel.euros_par_habitant_par_an", "€/hab./an", True),
    ],
)
def test_amounts_known_twice_are_said_and_once_are_not(line, unit, sentence):
    columns = {code: ComparedColumn(code, code, code) for code in "ABC"}
    for values, shows_range in (((1.0, 3.0, None), sentence), ((1.0, None, None), False)):
        cells = to_table(amount(line, unit, c, v) for c, v in zip("ABC", values, strict=True))
        money = [s.texte for s in summarise(cells, columns) if s.rubrique == "budgets"]
        assert len(money) == 1
        assert money[0].startswith("Aucun montant") != shows_range
        assert ("2 colonnes renseignées sur 3" in money[0]) == shows_range


@cache
def budget_cells(strategy_id: str) -> pd.DataFrame:
    """Return the amounts of a document chosen alone."""
    key = "-".join(lead(STRATEGIES[strategy_id]))
    return of(compared(key, doc=(strategy_id,)).cells, "budgets")


def test_every_row_of_amounts_is_named_by_its_perimeter_and_its_stage():
    # of the two départements, one says what its whole programme costs, the other the public zone
    cells = of(compared("departement-48", "departement-86").cells, "budgets")
    names = dict(zip(cells["ligne"], cells["libelle"], strict=True))
    assert {code.split(".")[2] for code in names} == {"ensemble", "zone_publique"}
    for code, name in names.items():
        perimeter, stage = code.split(".")[:2]
        group = f"{code_label('perimetres', perimeter)}, {code_label('etapes', stage).lower()}, "
        assert name.startswith(group), code


def test_an_approximate_amount_says_so():
    approximate_count = 0
    approximate = [
        row
        for row in facts("budgets")
        if row["approximatif"] == "oui" and not row["inclus_dans"] and row["perimetre"] != "action"
    ]
    for row in some(approximate, 3):
        cells = budget_cells(row["strategie_id"])
        mine = cells[
            pd.Series(
                [row["source_id"] in ids for ids in cells["source_ids"]], cells.index, dtype=bool
            )
        ]
        line = f"{row['perimetre']}.{row['etape']}."
        texts = [cell.texte for cell in mine.itertuples() if cell.ligne.startswith(line)]
        assert not texts or any(text.startswith("environ ") for text in texts), row
        approximate_count += bool(texts)
    assert approximate_count > 0


# --- one number everywhere ------------------------------------------------------------------------


def test_euros_per_inhabitant_are_of_the_people_of_their_own_area():
    checked_count = 0
    territories_of = defaultdict(set)
    for row in facts("budgets"):
        if row["territoire_code"]:
            territories_of[row["strategie_id"]].add(
                (row["territoire_niveau"], row["territoire_code"])
            )
    # all are counted again in the tables that comparisons read
    shown = query(
        "SELECT DISTINCT strategie_id FROM budgets_comparables WHERE comparable ORDER BY 1"
    )
    for id_ in some(shown["strategie_id"], 3):
        cells = budget_cells(id_)
        totals = cells[cells["ligne"].str.endswith(".montant")].set_index("ligne")["valeur"]
        whole = {people(area(STRATEGIES[id_]))}
        for cell in cells[cells["unite"] == "€/hab."].dropna(subset=["valeur"]).itertuples():
            amount_ = totals[cell.ligne.removesuffix("euros_par_habitant") + "montant"]
            heads = {population(*territory) for territory in territories_of[id_]} | whole
            assert any(cell.valeur == pytest.approx(amount_ / n, abs=0.01) for n in heads), cell
            checked_count += 1
    assert checked_count > 3
