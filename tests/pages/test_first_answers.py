"""What another process computes ahead of the first readers of a site."""

import asyncio
import pickle
import shutil
from collections.abc import AsyncIterator, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from comparisons.analysis import profile
from comparisons.analysis.completeness import conclusions
from comparisons.analysis.map_questions import views
from comparisons.analysis.peers import gaps
from comparisons.analysis.shared_services import matching
from comparisons.database.connection import DatabaseMissingError, current_cache, dataset_metadata
from comparisons.web import first_answers

_KEY = "region-84"  # second by its population; the first has no peers
_PAGES = (
    ("carte", {}),
    ("donnees", {"partie": "representativite"}),
    ("territoire", {"t": _KEY}),
    ("pairs", {"t": _KEY}),
    ("mutualisation", {"partie": "avec_qui", "t": _KEY}),
)


_ANSWERS = [(f"key {number}", pickle.dumps(number)) for number in range(3)]


async def three_answers(_: object) -> AsyncIterator:
    """What a process would compute."""
    for each in _ANSWERS:
        yield each


def run_apart(coroutine: Coroutine) -> None:
    """Run a coroutine in a thread of its own: a browser may hold the loop of this one."""
    with ThreadPoolExecutor(1) as executor:
        executor.submit(asyncio.run, coroutine).result()


def children() -> list[psutil.Process]:
    """The processes that compute ahead for this one."""
    processes = psutil.Process().children()
    return [each for each in processes if first_answers.__name__ in each.cmdline()]


async def keep_until_computed() -> None:
    """Keep first answers until those about the territory have come, as a site that is stopped."""
    task = asyncio.create_task(first_answers.keep_first_answers())
    # the last that is computed for it
    while matching_key() not in current_cache()._pickled:
        assert not task.done(), task
        await asyncio.sleep(0.1)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


def matching_key() -> object:
    """The key of the partners of the territory, which are computed last."""
    return matching.partners_by_service, (_KEY, str)


def test_pages_show_what_was_computed_ahead(database, new_visit, monkeypatch):
    run_apart(keep_until_computed())
    assert children() == []

    def fail(*_: object) -> None:
        raise AssertionError("This was computed ahead, for nothing.")

    for module, name in ((profile, "themes_by_level"), (gaps, "current_themes"),
                         (matching, "openness"), (conclusions, "load_evidence"),
                         (views, "_layer_of_view")):  # fmt: skip
        monkeypatch.setattr(module, name, fail)
    for page, query in _PAGES:
        new_visit().open(page, **query)


def test_who_starts_again_reads_what_was_written(database, tmp_path, monkeypatch):
    copy = tmp_path / "copie.duckdb"
    shutil.copy(database, copy)
    monkeypatch.setenv("STRATOSCOPE_DATABASE", str(copy))
    monkeypatch.setattr(first_answers, "_computed_answers", three_answers)
    run_apart(first_answers.keep_first_answers())
    assert [each.name for each in tmp_path.iterdir() if each != copy] == ["copie.duckdb.reponses"]

    monkeypatch.setattr(first_answers, "_computed_answers", None)
    current_cache()._pickled.clear()
    run_apart(first_answers.keep_first_answers())
    assert dict(current_cache()._pickled) == dict(_ANSWERS)


@pytest.mark.parametrize("change", ["data", "code", "damage"])
def test_what_was_written_before_a_change_is_computed_again(
    database, tmp_path, monkeypatch, change
):
    path, origin = tmp_path / "copie.duckdb.reponses", first_answers._origin(dataset_metadata())
    first_answers._write(path, origin, _ANSWERS)
    assert first_answers._read(path, origin) == _ANSWERS
    if change == "damage":
        path.write_bytes(path.read_bytes()[:-10])
    elif change == "data":
        origin |= {"version": "une autre"}
    else:
        monkeypatch.setattr(first_answers, "hash_files", lambda _: "another")
        origin = first_answers._origin(dataset_metadata())
    assert first_answers._read(path, origin) == []


def test_a_folder_that_cannot_be_written_to_is_no_failure(tmp_path, caplog):
    (tmp_path / "file").touch()
    with caplog.at_level("INFO"):
        first_answers._write(tmp_path / "file" / "copie.reponses", {}, _ANSWERS)
    assert "ne sont pas gardées" in caplog.text


def test_what_ends_early_is_not_written(database, tmp_path, monkeypatch):
    monkeypatch.setattr(first_answers.sys, "executable", "/bin/false")
    with pytest.raises(RuntimeError, match="arrêté avant la fin"):
        run_apart(first_answers.keep_first_answers())
    assert not first_answers.answers_file(Path(database)).exists()


def test_answers_about_another_database_are_not_kept(database, monkeypatch):
    newer = dict(dataset_metadata()) | {"version": "une autre"}
    monkeypatch.setattr(first_answers, "dataset_metadata", lambda: newer)
    known = len(current_cache()._pickled)
    run_apart(first_answers.keep_first_answers())
    assert len(current_cache()._pickled) == known
    assert children() == []


def test_without_a_database_nothing_starts(tmp_path, monkeypatch):
    monkeypatch.setenv("STRATOSCOPE_DATABASE", str(tmp_path / "aucune.duckdb"))
    with pytest.raises(DatabaseMissingError):
        run_apart(first_answers.keep_first_answers())
