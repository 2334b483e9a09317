"""A package seen before it is published: by its reader alone, and as a build would make it."""

import gc
import threading
import time
import weakref
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from starlette.testclient import TestClient

from comparisons.analysis import missing_facts
from comparisons.analysis.comparison import comparison
from comparisons.analysis.map_questions.coverage import coverage_layer
from comparisons.analysis.missing_facts import rank_missing_facts
from comparisons.analysis.peers import distances, gap_themes, search
from comparisons.analysis.profile import load_profile
from comparisons.build import build, packages
from comparisons.build import preview as build_preview
from comparisons.build.preview import Preview, PreviewError
from comparisons.database import connection
from comparisons.database.cache import cached
from comparisons.database.connection import (
    bind_preview,
    current_preview,
    dataset_metadata,
    query,
    use_preview,
)
from comparisons.datapackage.merge import published_packages
from comparisons.datapackage.reader import Package, read_package
from comparisons.datapackage.validation.validator import validate
from comparisons.schema.territory import parse_key
from comparisons.search import search as search_search
from comparisons.settings import FORMAT_DIR

pytestmark = pytest.mark.usefixtures("database")

EXAMPLE = FORMAT_DIR / "exemples" / "valide"
LEAD = "departement-53"
NEW = "departement-53-sdusn-2021"


@pytest.fixture(scope="module")
def package() -> Package:
    """Read the example, which also gives a published strategy of the Mayenne again."""
    return read_package(EXAMPLE)


@pytest.fixture(scope="module")
def preview(package: Package, database: Path) -> Preview:
    """Preview the example."""
    return Preview.from_package(validate(package))


def replaced_package(package: Package) -> tuple[Package, str]:
    """Make a package that gives a published strategy with axes again, with one axis only."""
    known_strategy = query(
        "SELECT strategie_id, territoire_niveau, territoire_code FROM strategies "
        "JOIN (SELECT strategie_id FROM priorites GROUP BY ALL HAVING count(*) > 2) "
        "USING (strategie_id) WHERE territoire_niveau = 'departement' ORDER BY ALL LIMIT 1"
    ).iloc[0]
    tables = {name: package.tables[name] for name in ("strategies", "priorites", "sources")}
    strategies = tables["strategies"].iloc[[1]].assign(**known_strategy.to_dict(), remplace="")
    axes = tables["priorites"].iloc[[0]].assign(strategie_id=known_strategy["strategie_id"])
    tables |= {"strategies": strategies, "priorites": axes}
    return replace(package, tables=tables, headers={}), str(known_strategy["strategie_id"])


# --- what is seen ---------------------------------------------------------------------------------


def test_the_whole_site_shows_the_package_and_only_under_the_preview(preview: Preview):
    def visible_state() -> tuple:
        documents = set(load_profile(LEAD).documents["strategie_id"])
        side_by_side = comparison.compare([parse_key(LEAD), parse_key("departement-35")])
        board = coverage_layer("departement", "ensemble").data.set_index("territoire_code")
        themes = gap_themes.theme_gaps(LEAD, ["departement-35", "departement-61"]).set_index(
            "theme"
        )
        return (
            NEW in documents,
            NEW in set(side_by_side.cells["strategie_id"]),
            board.loc["53", "classe"],
            themes["ici"].get("inclusion_mediation"),
            search_search.search_texts("accompagner tous les habitants", limit=None)
            .hits["strategie_id"].eq(NEW).any(),
        )  # fmt: skip

    before = visible_state()
    with use_preview(preview):
        assert visible_state() == (True, True, "adoptee", "oui", True)
    assert before == visible_state()
    assert before[:2] == (False, False)
    assert not before[4]
    assert before[3] != "oui"


def test_the_description_says_that_it_is_a_preview_of_the_same_dataset(preview: Preview):
    published = dataset_metadata()
    with use_preview(preview):
        metadata = dataset_metadata()
        database_row = query("SELECT * FROM jeu_de_donnees").iloc[0].to_dict()
    assert metadata == database_row == published | {"version": metadata["version"]}
    assert metadata["version"].startswith("apercu-")
    assert preview.territories[:2] == (LEAD, "epci-200055887")
    assert set(preview.territories) >= {"commune-53130", "commune-53147"}
    assert preview.strategies[1] == NEW


def test_a_replaced_strategy_is_replaced_whole_and_the_others_stay(package: Package):
    changed, strategy = replaced_package(package)
    preview = Preview.from_package(validate(changed))
    axes = "SELECT strategie_id, rang, intitule FROM priorites ORDER BY ALL"
    before = query(axes)
    with use_preview(preview):
        after = query(axes)
    preview.close()
    assert preview.replaced == (strategy,)
    assert list(after.loc[after["strategie_id"] == strategy, "rang"]) == [1]
    assert (before["strategie_id"] == strategy).sum() > 2
    pd.testing.assert_frame_equal(
        before[before["strategie_id"] != strategy].reset_index(drop=True),
        after[after["strategie_id"] != strategy].reset_index(drop=True),
    )


def test_every_table_is_that_of_a_build_of_the_same_packages(
    preview: Preview, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    # the nearest peers depend on territories only; they and a start of the site take half a build
    monkeypatch.setattr(distances, "nearest_peers", lambda rows, level: pd.DataFrame())
    monkeypatch.setattr(build, "load_site", str)
    monkeypatch.setattr(
        packages,
        "published_packages",
        lambda folders: [*published_packages(folders), read_package(EXAMPLE)],
    )
    path = tmp_path / "construite.duckdb"
    build.build(path)
    # what stays as published: history, and what is long to compute
    own_history = {"paquets", "editions", "changements", "jeu_de_donnees"}
    own_history |= {"pairs", "positions_reseau"}
    with duckdb.connect(str(path), read_only=True) as built, use_preview(preview):
        names = {name for (name,) in built.execute("SHOW TABLES").fetchall()} - own_history
        assert names > set(build.DERIVED_TABLES)
        fingerprint = "SELECT count(*), bit_xor(hash(t)), sum(hash(t)::HUGEINT) FROM {} t"
        for name in sorted(names):
            expected = built.execute(fingerprint.format(name)).fetchone()
            assert connection.cursor().execute(fingerprint.format(name)).fetchone() == expected, (
                name
            )


# --- to whom --------------------------------------------------------------------------------------


def count() -> int:
    """Count the strategies that the code sees."""
    return int(query("SELECT count(*) AS n FROM strategies")["n"].iloc[0])


def test_two_contexts_at_once_see_each_their_own(preview: Preview):
    published, both = count(), threading.Barrier(2)

    def counts_in(which: Preview | None) -> list[int]:
        with use_preview(which):
            counts_read = []
            for _ in range(20):
                both.wait(10)
                counts_read.append(count())
            return counts_read

    with ThreadPoolExecutor(2) as pool:
        mine, theirs = pool.map(counts_in, [preview, None])
    assert set(theirs) == {published}
    assert set(mine) == {published + 3}


def test_nothing_is_left_behind_after_an_error(preview: Preview):
    with pytest.raises(duckdb.Error), use_preview(preview):
        query("SELECT * FROM nulle_part")
    assert current_preview() is None


def test_a_file_made_later_elsewhere_is_that_of_the_preview(preview: Preview):
    published = count()
    with use_preview(preview):
        later = bind_preview(count)
        everywhere = []
        thread = threading.Thread(target=lambda: everywhere.append(count()))
        thread.start()
        thread.join()
    assert everywhere == [published]
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(later).result() == published + 3
    with use_preview(None):
        later = bind_preview(count)
    with use_preview(preview):
        assert later() == published


def test_the_api_never_answers_from_a_preview(preview: Preview, client: TestClient):
    def get_table_and_version() -> tuple[str, str]:
        table = client.get("/api/v1/tables/strategies.json", params={"strategie_id": NEW})
        return table.text, client.get("/api/v1/").json()["version"]

    # as the server does, while a page is being run for the reader
    with use_preview(preview), ThreadPoolExecutor(1) as server:
        table, version = server.submit(get_table_and_version).result()
    assert NEW not in table
    assert version == dataset_metadata()["version"]


# --- what is kept ---------------------------------------------------------------------------------


def test_answers_about_a_preview_are_kept_by_it_and_drive_no_other_away(preview: Preview):
    calls = []

    def count_calls() -> int:
        calls.append(current_preview())
        return count()

    recent, pinned = cached(count_calls), cached(pinned=True)(count_calls)
    public = recent(), pinned()
    with use_preview(preview):
        private = [(recent(), pinned()) for _ in range(3)]
    assert public == (recent(), pinned())
    assert private == [(public[0] + 3, public[1] + 3)] * 3
    # twice the published answer, twice that of the preview: each computed once
    assert calls == [None, None, preview, preview]


def test_what_no_package_changes_is_not_computed_again(preview: Preview):
    published = search.load_level("region")
    with use_preview(preview):
        assert search.load_level("region") is published


def test_all_goes_with_the_preview_and_nothing_is_written(
    package: Package, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    changed, _ = replaced_package(package)
    preview = Preview.from_package(validate(changed))
    with use_preview(preview):
        search_search.search_texts("habitants")
        corpus = weakref.ref(search_search._load_corpus())
        memory_bytes = query("SELECT sum(memory_usage_bytes) AS b FROM duckdb_memory()")["b"].iloc[
            0
        ]
        with pytest.raises(duckdb.Error):
            query("COPY strategies TO 'copie.csv'")
        with pytest.raises(duckdb.Error):
            query("SET memory_limit = '8GB'")
    assert memory_bytes < 40e6
    assert corpus() is not None
    later, alive = bind_preview(count), weakref.ref(preview)
    preview.close()
    gc.collect()
    assert corpus() is None
    with pytest.raises(PreviewError, match="terminé"), use_preview(preview):
        count()
    del preview
    gc.collect()
    assert alive() is None
    assert later() == count()
    assert list(tmp_path.iterdir()) == []


def test_what_a_page_asks_of_a_preview_ends_in_time(preview: Preview):
    long_query = "SELECT sum(hash(a.range + b.range)) FROM range(1000000) a, range(100000) b"
    started = time.monotonic()
    with pytest.raises(PreviewError, match="trop de calcul"):
        with use_preview(preview), preview.time_limit(0.3):
            query(long_query)
    with pytest.raises(PreviewError, match="trop de calcul"):
        with use_preview(preview), preview.time_limit(0):
            count()
    assert time.monotonic() - started < 20
    with use_preview(preview), preview.time_limit(60):
        assert count() > 0


# --- refusals -------------------------------------------------------------------------------------


def test_what_could_not_be_published_is_refused_in_french(package: Package, monkeypatch):
    wrong_rows = package.tables["strategies"].assign(territoire_code="999")
    with pytest.raises(PreviewError, match="corrigez"):
        Preview.from_package(
            validate(replace(package, tables={**package.tables, "strategies": wrong_rows}))
        )
    with pytest.raises(PreviewError, match="n’a pu être lue"):
        Preview.from_package(validate(read_package("nulle-part.csv")))
    taken_id = query("SELECT source_id FROM sources ORDER BY ALL LIMIT 1")["source_id"].iloc[0]
    clashing = {name: rows.replace("s1", taken_id) for name, rows in package.tables.items()}
    with pytest.raises(PreviewError, match="désigne déjà"):
        Preview.from_package(validate(replace(package, tables=clashing)))
    alone = replace(package, tables={"priorites": package.tables["priorites"]}, is_complete=False)
    assert validate(alone).is_valid
    with pytest.raises(PreviewError, match="corrigez"):
        Preview.from_package(validate(alone))
    monkeypatch.setitem(build_preview._CONNECTION_SETTINGS, "memory_limit", "20MB")
    with pytest.raises(PreviewError, match="trop grand"):
        Preview.from_package(validate(package))


# --- what is missing ------------------------------------------------------------------------------


def test_what_is_missing_is_counted_among_the_others_of_the_level(preview: Preview):
    with use_preview(preview):
        rows = missing_facts.missing_facts([NEW]).set_index("manque")
    published = query(
        "SELECT DISTINCT s.territoire_code, etape FROM budgets_comparables "
        "JOIN strategies s USING (strategie_id) "
        "WHERE s.territoire_niveau = 'departement' AND perimetre = 'infrastructures' "
        "AND s.territoire_code <> '53'"
    )
    networks = rows.loc["Montant : Réseaux"]
    assert networks["combien"] == published["etape"].value_counts().max()
    assert networks["ou"].startswith("budgets :")
    assert f"{networks['combien']}\u00a0départements en donnent un" in networks["pourquoi"]
    # what it gives is not asked for: its axes, its amount for uses, its pilot, its period
    assert not {"Montant : Usages et services", "Pilotage", "Période"} & set(rows.index)
    assert not rows.index.str.startswith("Axes").any()
    assert list(rows["ordre"]) == list(range(1, len(rows) + 1))
    assert rows["combien"].is_monotonic_decreasing


def test_the_most_widely_known_comes_first_then_what_peers_tell():
    known_facts = pd.DataFrame(
        [
            ("departement-1", "a", "sdusn", "pilotage", "", ""),
            ("departement-2", "b", "sdusn", "date_adoption", "", ""),
            ("departement-1", "a", "sdusn", "statut", "", ""),
            ("departement-2", "b", "sdusn", "statut", "", ""),
            ("departement-9", "mine", "sdusn", "axes", "", ""),
            ("departement-2", "b", "sdusn", "axes", "", ""),
            ("departement-2", "n", "sdtan", "montant", "infrastructures", "prevu"),
            ("departement-2", "b", "sdusn", "montant", "usages", "vote"),
        ],
        columns=["cle", "strategie_id", "type", "fait", "precision", "etape"],
    )
    searches = pd.DataFrame(
        [("mine", "departement-9", "departement", "sdusn")],
        columns=["strategie_id", "cle", "niveau", "type"],
    )
    rows = rank_missing_facts(known_facts, searches, {"departement-9": ["departement-1"]})
    # networks are what plans of another type give; axes are known here
    assert list(rows["manque"]) == [
        "Statut", "Pilotage", "Date d’adoption", "Montant : Usages et services",
    ]  # fmt: skip
    assert list(rows["nb_pairs"]) == [1, 1, 0, 0]
    assert rows["pourquoi"].iloc[1] == (
        "Dites qui pilote\u00a0: 1\u00a0département le dit, dont 1 de vos pairs."
    )
