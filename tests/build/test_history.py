"""Editions of the data: what each package changed, between any two of them; how to cite one."""

import csv
import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import duckdb
import pandas as pd
import pytest
import yaml
from effort import tries
from hypothesis import given, settings
from hypothesis import strategies as st

from comparisons.analysis.dataset_changes import (
    before_the_last,
    changes_between,
    list_versions,
    summarise_changes,
)
from comparisons.build import build
from comparisons.build.history import VersionHistory, rows_checksum
from comparisons.database import connection as warehouse
from comparisons.database.answer_cache import AnswerCache
from comparisons.database.connection import dataset_metadata, query
from comparisons.datapackage.merge import empty_dataset, merge_package
from comparisons.datapackage.reader import Package
from comparisons.datapackage.validation.validator import validate
from comparisons.exports.citation import FORMATS, citations
from comparisons.schema.change_kinds import CHANGE_KINDS
from comparisons.schema.model import load_format
from comparisons.settings import EDITIONS_DIR, STRATEGIES_DIR

TABLES = load_format().tables
CORPUS, CORRECTIONS = STRATEGIES_DIR / "corpus-2026", STRATEGIES_DIR / "corrections-2026-11"
Edition = dict[tuple[str, str], dict[str, str]]


def csv_rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def state(tables: dict[str, pd.DataFrame]) -> Edition:
    """All rows of an edition by table and key, without their empty cells."""
    return {
        (name, " / ".join(row[column] for column in TABLES[name].primary_key)): {
            column: cell for column, cell in row.items() if cell
        }
        for name, rows in tables.items()
        for row in rows.to_dict("records")
    }


def expected(old: Edition, new: Edition) -> set[tuple]:
    """What changed from one state to another, compared cell by cell."""
    changes = {(*key, "ajoute", None, None, None) for key in new.keys() - old.keys()}
    for key in old.keys() - new.keys():
        changes |= {(*key, "retire", column, cell, None) for column, cell in old[key].items()}
    for key in old.keys() & new.keys():
        for column in old[key].keys() | new[key].keys():
            before, after = old[key].get(column), new[key].get(column)
            if before != after:
                changes.add((*key, "modifie" if before else "complete", column, before, after))
    return changes


def change_set(change_table: pd.DataFrame) -> set[tuple]:
    columns = ["table_nom", "cle", "nature", "colonne", "avant", "apres"]
    cells = change_table[columns].astype(object).where(change_table[columns].notna(), None)
    rows = list(cells.itertuples(index=False, name=None))
    assert len(rows) == len(set(rows))
    return set(rows)


# --- the real data --------------------------------------------------------------------------------


def rows_of(folder: Path) -> Edition:
    """The rows of a package by table and key, without their empty cells, in plain Python."""
    return {
        (name, " / ".join(row.get(column, "") for column in table.primary_key)): {
            column: cell for column, cell in row.items() if cell
        }
        for name, table in TABLES.items()
        if (folder / f"{name}.csv").exists()
        for row in csv_rows(folder / f"{name}.csv")
    }


PAST = EDITIONS_DIR / "corpus-2026-1.0.0"
FIRST = rows_of(PAST)
SECOND = FIRST | rows_of(EDITIONS_DIR / "corrections-2026-11-1.0.0")
THIRD = rows_of(CORPUS) | rows_of(CORRECTIONS)


@pytest.mark.usefixtures("database")
def test_what_changed_between_the_editions_of_the_corpus_is_that_of_their_files():
    assert change_set(changes_between(1, 2)) == expected(FIRST, SECOND)
    assert change_set(changes_between(2, 3)) == expected(SECOND, THIRD)
    assert change_set(changes_between(1, 3)) == expected(FIRST, THIRD)
    assert changes_between(2, 2).empty
    added = changes_between(1, 2)
    assert len(added) == len(csv_rows(CORRECTIONS / "couvertures.csv")) == 38
    label_by_key = dict(zip(added["cle"], added["libelle"], strict=True))
    assert label_by_key["region-32-sdusn-2015 / departement / 59"].startswith(
        "Nord (département 59) · "
    )
    turned = changes_between(2, 1)
    assert set(turned["nature"]) == {"retire"} and set(turned["cle"]) == set(added["cle"])


@pytest.mark.usefixtures("database")
def test_the_list_of_editions_counts_the_rows_of_the_packages():
    listed = list_versions().set_index("rang")
    assert listed["paquet"].tolist() == ["corpus-2026", "corrections-2026-11", "corpus-2026"]
    assert listed["version"].tolist() == ["1.0.0", "1.0.0", "2.0.0"]
    assert listed["nb_lignes"].tolist() == [len(FIRST), len(SECOND), len(THIRD)]
    counts = listed.filter(regex="nb_lignes_")
    assert counts.loc[1].isna().all()  # nothing before it
    assert counts.loc[2].tolist() == [38, 0, 0, 0]
    both = SECOND.keys() & THIRD.keys()
    natures = {key: {n for *k, n, _, _, _ in expected({key: SECOND[key]}, {key: THIRD[key]})}
               for key in both}  # fmt: skip
    corrected = sum("modifie" in row_natures for row_natures in natures.values())
    completed = sum(row_natures == {"complete"} for row_natures in natures.values())
    removed_count, new = len(SECOND.keys() - THIRD.keys()), len(THIRD.keys() - SECOND.keys())
    assert counts.loc[3].tolist() == [new, corrected, completed, removed_count]
    assert listed["empreinte"].str.fullmatch("[0-9a-f]{12}").all() and listed["empreinte"].is_unique


def fingerprint(edition: Edition) -> str:
    """Return the fingerprint of an edition: a sum of the hashes of its rows."""
    total = 0
    for (table, _), row in edition.items():
        cells = sorted(f"{column}\x1f{cell}" for column, cell in row.items())
        digest = hashlib.sha256("\x1e".join([table, *cells]).encode()).digest()
        total += int.from_bytes(digest[:16])
    return hashlib.sha256((total % 2**128).to_bytes(16)).hexdigest()[:12]


@pytest.mark.usefixtures("database")
def test_past_editions_keep_the_fingerprints_under_which_they_were_cited():
    listed = list_versions()["empreinte"].tolist()
    assert listed[:2] == ["6a775836a65d", "9c3b53a07960"]
    assert listed == [fingerprint(edition) for edition in (FIRST, SECOND, THIRD)]


@pytest.mark.usefixtures("database")
def test_what_the_last_edition_changed_is_counted_by_table():
    counts: dict[tuple[str, str], Counter] = {}
    for table, key, nature, column, _, _ in expected(SECOND, THIRD):
        counts.setdefault((table, key), Counter())[nature] += bool(column)
    rows, cells = Counter(), Counter()
    for (table, _), natures in counts.items():
        # a row that is both corrected and completed counts as corrected
        nature = "modifie" if "modifie" in natures else next(iter(natures))
        rows[table, nature] += 1
        cells[table, nature] += natures.total()
    counts_by_nature = summarise_changes(changes_between(2, 3)).set_index(["table_nom", "nature"])
    assert counts_by_nature["nb_lignes"].to_dict() == rows
    assert counts_by_nature["nb_cellules"].fillna(0).to_dict() == cells
    assert rows["relectures", "ajoute"] == len(csv_rows(CORPUS / "relectures.csv"))


@pytest.mark.usefixtures("database")
def test_the_last_edition_is_compared_with_the_last_of_an_earlier_day():
    versions = list_versions()
    assert before_the_last(versions) == 2
    assert before_the_last(versions.head(2)) == 1  # both are of one day: from the first


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("pair", [(0, 2), (1, 4), (2, 99)])
def test_an_edition_that_does_not_exist_is_refused_in_french(pair):
    with pytest.raises(ValueError, match=r"Il n’y a pas d’édition .* 1, 2 et 3\."):
        changes_between(*pair)


def test_the_packages_of_past_editions_are_still_valid():
    assert validate(PAST).errors == ()


# --- invented editions, folded --------------------------------------------------------------------


def invented(name: str, tables: dict[str, list[dict[str, str]]]) -> Package:
    frames = {
        table: pd.DataFrame(rows, dtype="str").reindex(columns=TABLES[table].columns).fillna("")
        for table, rows in tables.items()
    }
    return Package(name, frames, {"created": "2026-01-01", "title": name})


def published(packages: Sequence[Package]) -> tuple[list[Edition], duckdb.DuckDBPyConnection]:
    """The state of each edition, and a database of the last with the history of all."""
    tables, history, states = empty_dataset(), VersionHistory(), []
    for source_package in packages:
        tables, _, _ = merge_package(tables, source_package)
        history.add(source_package)
        states.append(state(tables))
    connection = duckdb.connect()
    extra = {"editions": history.editions(), "changements": history.changes()}
    territories_table = pd.DataFrame(columns=["territoire_niveau", "territoire_code", "nom",
                                              "departement_code"], dtype="str")  # fmt: skip
    for name, rows in {**tables, **extra, "territoires": territories_table}.items():
        build._create_table_by_name(connection, name, rows)
    return states, connection


# a strategy with up to two axes and an amount, a source and an organisation, in few wordings
WORDS = st.sampled_from(["", "un", "deux"])
STRATEGY = st.fixed_dictionaries({"titre": WORDS, "axes": st.dictionaries(st.sampled_from("12"),
    WORDS, max_size=2), "montant": st.sampled_from(["", "5", "7"])})  # fmt: skip
PACKAGES = st.lists(
    st.fixed_dictionaries(
        {
            "strategies": st.dictionaries(st.sampled_from("ab"), STRATEGY, max_size=2),
            "partenaires": st.dictionaries(st.sampled_from("pq"), WORDS, max_size=1),
        }
    ),
    min_size=1,
    max_size=4,
)


def as_package(rank: int, tables_drawn: dict) -> Package:
    strategies = tables_drawn["strategies"]
    tables = {
        "strategies": [{"strategie_id": k, "titre": v["titre"]} for k, v in strategies.items()],
        "priorites": [
            {"strategie_id": k, "rang": rang, "intitule": words}
            for k, v in strategies.items()
            for rang, words in v["axes"].items()
        ],
        "budgets": [
            {"budget_id": f"b{k}", "strategie_id": k, "montant": v["montant"]}
            for k, v in strategies.items()
            if v["montant"]
        ],
        "partenaires": [
            {"partenaire_id": k, "nom": v} for k, v in tables_drawn["partenaires"].items()
        ],
    }
    return invented(f"p{rank}", {name: rows for name, rows in tables.items() if rows})


@given(PACKAGES)
@settings(max_examples=tries(12), deadline=None)
def test_changes_between_any_two_editions_are_those_of_their_states(packages_drawn):
    states, connection = published(
        [as_package(i, drawn_package) for i, drawn_package in enumerate(packages_drawn)]
    )
    published_state = SimpleNamespace(
        cursor=lambda: connection,
        description={"version": "inventée"},
        cache=AnswerCache(2**20),
    )
    with warehouse.use_preview(published_state):
        listed = list_versions()
        change_tables = {(i, j): changes_between(i + 1, j + 1) for i, _ in enumerate(states)
                         for j in range(i + 1, len(states))}  # fmt: skip
        if len(states) > 1:  # the other way round: what came is what goes
            back, forward = (
                summarise_changes(changes_between(len(states), 1)),
                summarise_changes(change_tables[0, len(states) - 1]),
            )
            assert by_way(back, {}) == by_way(forward, {"ajoute": "retire", "retire": "ajoute"})
    for (i, j), rows in change_tables.items():
        assert change_set(rows) == expected(states[i], states[j]), (i, j)
    assert listed["nb_lignes"].tolist() == [len(drawn_package) for drawn_package in states]
    # the fingerprint changes if and only if a fact does
    for i, drawn_package in enumerate(states):
        for j, other_state in enumerate(states):
            assert (listed["empreinte"][i] == listed["empreinte"][j]) == (
                drawn_package == other_state
            )


def by_way(counted: pd.DataFrame, turned: dict[str, str]) -> dict:
    """Rows by table, that came, went or stayed otherwise: a cell filled one way is emptied back."""
    natures = counted["nature"].replace(turned | {"complete": "modifie"})
    return counted.groupby(["table_nom", natures])["nb_lignes"].sum().to_dict()


def partners(name: str, day: str, **names: str) -> Package:
    rows = [{"partenaire_id": key, "nom": words} for key, words in names.items()]
    return replace(invented(name, {"partenaires": rows}), descriptor={"created": day})


def test_a_package_published_again_replaces_its_earlier_state():
    history = VersionHistory()
    for package in (
        partners("socle", "2026-01-01", a="un", b="deux"),
        partners("suite", "2026-01-02", b="autre", c="trois"),
        partners("suite", "2026-01-03", c="trois", d="quatre"),  # leaves b to the first again
        partners("suite", "2026-01-03", d="quatre", c="trois"),  # as it was: no edition
    ):
        history.add(package)
    assert history.editions()["nb_lignes"].tolist() == [2, 3, 4]
    assert change_set(history.changes().query("edition == 3")) == {
        ("partenaires", "d", "ajoute", None, None, None),
        ("partenaires", "b", "modifie", "nom", "autre", "deux"),
    }


def test_a_fingerprint_does_not_depend_on_the_order_nor_on_empty_columns():
    rows = invented("p", {"priorites": [{"strategie_id": "a", "rang": "1", "intitule": "un"},
                                        {"strategie_id": "a", "rang": "2"}]})  # fmt: skip
    rows = rows.tables["priorites"]
    shuffled = rows.iloc[::-1, ::-1].assign(nouvelle_colonne="")
    assert rows_checksum(rows, "priorites") == rows_checksum(shuffled, "priorites")
    moved = rows.rename(columns={"intitule": "description", "description": "intitule"})
    assert rows_checksum(rows, "priorites") != rows_checksum(moved, "priorites")
    assert rows_checksum(rows, "priorites") != rows_checksum(rows, "budgets")


# --- a published history, built -------------------------------------------------------------------


ID = "departement-53-sdusn-2021"


@pytest.fixture
def three_editions(package, tmp_path, monkeypatch) -> Callable[[int, int], pd.DataFrame]:
    """The valid example, then a correction that drops an axis, then one that takes it back."""
    strategies = csv_rows(package / "strategies.csv")
    corrected = [
        row | {"titre": "Titre corrigé"} for row in strategies if row["strategie_id"] == ID
    ]
    axes = [row for row in csv_rows(package / "priorites.csv") if row["strategie_id"] == ID]
    partner = csv_rows(package / "partenaires.csv")[0] | {"effectif": "", "nom": "Autre nom"}
    later = {
        "suite-1": {"strategies": corrected, "priorites": axes[:1], "partenaires": [partner]},
        "suite-2": {"strategies": corrected, "priorites": axes},
    }
    descriptor = json.loads((package / "datapackage.json").read_text("utf-8"))
    for day, (name, tables) in enumerate(later.items(), start=24):
        folder = package.parent / name
        folder.mkdir()
        for table, rows in tables.items():
            pd.DataFrame(rows).to_csv(folder / f"{table}.csv", index=False)
        metadata = {"name": name, "title": name, "created": f"2026-11-{day}T00:00:00Z"}
        resources = [r for r in descriptor["resources"] if r["name"] in tables]
        text = json.dumps(descriptor | metadata | {"resources": resources})
        (folder / "datapackage.json").write_text(text, encoding="utf-8")
    monkeypatch.setenv("STRATOSCOPE_DATABASE", str(tmp_path / "base.duckdb"))
    build.build(tmp_path / "base.duckdb")
    return changes_between


def test_changes_of_a_published_history(three_editions):
    changes = three_editions(1, 2).set_index(["table_nom", "cle", "colonne"])
    assert changes.loc[("strategies", ID, "titre"), ["nature", "apres", "libelle"]].tolist() == [
        "modifie", "Titre corrigé", "Titre corrigé"]  # fmt: skip
    partner = changes.loc["partenaires"].loc["exemple-numerique"]
    assert partner.loc["effectif", "avant"] == "18.5"
    assert pd.isna(partner.loc["effectif", "apres"])
    axis = changes.loc["priorites"].loc[f"{ID} / 2"]
    assert set(axis["nature"]) == {"retire"} and set(axis["libelle"]) == {"Axe 2 · Titre corrigé"}
    # a strategy is replaced whole: the amounts that the correction leaves out are gone
    budgets = changes.loc["budgets"]
    assert set(budgets["nature"]) == {"retire"}
    assert "Exemple : part du Département" in set(budgets["libelle"])
    counts = summarise_changes(three_editions(1, 2)).set_index(["table_nom", "nature"])
    assert counts.loc[("partenaires", "modifie"), ["nb_lignes", "nb_cellules"]].tolist() == [1, 2]
    assert counts.loc[("budgets", "retire"), "nb_lignes"] == 4
    assert set(counts["nature_libelle"]) <= set(CHANGE_KINDS.values())

    # what was dropped and taken back is no change; alone, it comes back cell by cell
    assert "priorites" not in set(three_editions(1, 3)["table_nom"])
    assert change_set(three_editions(2, 3)) == {
        ("priorites", f"{ID} / 2", "ajoute", None, None, None)
    }
    cells = query("SELECT colonne, apres FROM changements WHERE edition = 3")
    assert dict(cells.itertuples(index=False))["intitule"].endswith(
        "partager les outils des communes"
    )


# --- citations ------------------------------------------------------------------------------------


ADDRESS = "https://exemple.fr/donnees?table=budgets&territoire_niveau=region"
HOSTILE = 'A {b} \\ & 100 % d\'aide_1 $x #1 ^ ~ "q": - [c]\nà « suivre »'
SAFE = HOSTILE.replace("'", "’").replace("\n", " ")


def bibtex_fields(text: str) -> dict[str, str]:
    head, *lines, foot = text.strip().split("\n")
    assert re.fullmatch(r"@misc\{[\w-]+,", head) and foot == "}"
    bare = re.sub(r"\\[{}]", "", text)
    assert bare.count("{") == bare.count("}")
    return dict(re.fullmatch(r"  (\w+) = \{(.*)\},?", line).groups() for line in lines)


def unescaped(text: str) -> str:
    text = text.replace(r"\textasciicircum{}", "^").replace(r"\textasciitilde{}", "\0")
    text = text.replace(r"\textbackslash{}", "\1").replace("~", "\N{NO-BREAK SPACE}")
    return re.sub(r"\\([{}$&#%_])", r"\1", text).replace("\0", "~").replace("\1", "\\")


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("title", ["Budgets comparables", HOSTILE])
def test_citations_can_be_read_back(title):
    citation_texts = citations(ADDRESS, title, "régions : 100 % de « Bretagne »", date(2026, 12, 1))
    safe_title = SAFE if title == HOSTILE else title
    assert set(citation_texts) == set(FORMATS)
    day, version = str(dataset_metadata()["date"]), dataset_metadata()["version"]
    edition = f"édition 3 (empreinte {list_versions()['empreinte'].iloc[-1]})"

    cff = yaml.safe_load(citation_texts["cff"])
    required = {"cff-version": "1.2.0", "type": "dataset", "title": safe_title, "url": ADDRESS,
                "license": "etalab-2.0", "date-released": day, "version": version,
                "authors": [{"name": "Contributeurs de Stratoscope"}]}  # fmt: skip
    assert required.items() <= cff.items() and cff["message"]

    bibtex = bibtex_fields(citation_texts["bibtex"])
    assert unescaped(bibtex["title"][1:-1]) == safe_title
    assert (bibtex["url"], bibtex["urldate"], bibtex["year"]) == (ADDRESS, "2026-12-01", day[:4])

    apa = citation_texts["apa"].replace("\N{NO-BREAK SPACE}", " ")
    assert apa.startswith(
        f"Contributeurs de Stratoscope. ({day[:4]}). {safe_title} (version {version}"
    )
    assert apa.endswith(f"Consulté le 1er décembre 2026, à l’adresse {ADDRESS}")
    for text in (apa, cff["abstract"], unescaped(bibtex["note"])):
        assert edition in text and "régions : 100 % de « Bretagne »" in text


@pytest.mark.usefixtures("database")
def test_what_is_not_known_is_left_out_of_a_citation():
    citation_texts = citations(ADDRESS, "Budgets")
    assert "urldate" not in citation_texts["bibtex"]
    for name, text in citation_texts.items():
        assert "Sélection" not in text and "Consulté" not in text and "None" not in text, name
