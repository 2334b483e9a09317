"""Compute ahead, in a process of its own, what the first readers of the site ask for.

`python -m comparisons.web.first_answers` is that process: it hands its answers over as it has them,
and ends. They are then written beside the database: who starts again on it reads them there.
"""

import asyncio
import logging
import pickle
import struct
import sys
from collections.abc import AsyncIterator, Callable, Hashable, Iterator
from contextlib import suppress
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import BinaryIO

from starlette.concurrency import run_in_threadpool

from comparisons.analysis import profile
from comparisons.analysis.completeness import conclusions, reliability
from comparisons.analysis.completeness.fields import completeness_by_column
from comparisons.analysis.completeness.missing_map import completeness_layer
from comparisons.analysis.map_questions.views import known_by_level
from comparisons.analysis.peers.gaps import describe_gaps
from comparisons.analysis.peers.position import peer_observations
from comparisons.analysis.peers.search import find_peers
from comparisons.analysis.questions import territory_answers
from comparisons.analysis.shared_services.matching import partners_by_service
from comparisons.analysis.themes.frequency import frequency_by_level
from comparisons.build.build import hash_files
from comparisons.build.file_replacement import atomic_replace
from comparisons.charts.maps import map_figures
from comparisons.database.connection import current_cache, dataset_metadata, query, use_preview
from comparisons.page_parameters import (
    MAP_QUESTIONS,
    DataParameters,
    MapParameters,
    PeersParameters,
    ThemesParameters,
)
from comparisons.processes import set_process_limits, site_environment
from comparisons.queries.known_facts import count_known_facts
from comparisons.schema.peer_options import REGION_CHOICES, PeerOptions
from comparisons.schema.territory import LEVELS
from comparisons.settings import PROJECT_DIR, database_path

# What is handed over: the length of some pickled answers, then these.
_LENGTH = struct.Struct("!I")
_CPU_SECONDS, _MEMORY = 1200, 6 * 2**30
_log = logging.getLogger(__name__)


async def keep_first_answers() -> None:
    """Keep the first answers about the current database: those on disk, or computed by a process.

    Raises `DatabaseMissingError` if there is no database, `OSError` if no process starts.
    """
    with use_preview(None):
        cache, description = current_cache(), dataset_metadata()
    path = answers_file(database_path())
    origin = await run_in_threadpool(_origin, description)
    entries = await run_in_threadpool(_read, path, origin)
    if entries:
        for key, answer in entries:
            cache.keep_pickled(key, answer)
        return
    async for key, answer in _computed_answers(description):
        cache.keep_pickled(key, answer)
        entries.append((key, answer))
    if entries:
        await run_in_threadpool(_write, path, origin, entries)


def answers_file(database: Path) -> Path:
    """Return where the first answers about a database are kept."""
    return database.with_name(f"{database.name}.reponses")


def _origin(description: dict[str, object]) -> dict[str, object]:
    """Return what answers depend on: the data, the code, the versions of libraries."""
    files = (each for each in (PROJECT_DIR / "comparisons").rglob("*.*") if each.suffix != ".pyc")
    code = hash_files(sorted(files))
    libraries = sorted((each.name, each.version) for each in metadata.distributions())
    return description | {"code": code, "python": sys.version, "bibliotheques": libraries}


def _read(path: Path, origin: dict[str, object]) -> list[tuple[Hashable, bytes]]:
    """Return the answers of a file, none if it is of another origin, damaged or not there."""
    # What is damaged may raise anything. Pickles run code: who writes in that folder could as well
    # replace the database.
    with suppress(Exception), path.open("rb") as file:
        if pickle.load(file) == origin:
            return pickle.load(file)
    return []


def _write(path: Path, origin: dict[str, object], entries: list[tuple[Hashable, bytes]]) -> None:
    """Write answers to a file; a folder that cannot be written to is logged."""
    try:
        with atomic_replace(path) as new_file, new_file.open("wb") as file:
            pickle.dump(origin, file)
            pickle.dump(entries, file, pickle.HIGHEST_PROTOCOL)
    except OSError as error:
        _log.info("Les premières réponses ne sont pas gardées sur le disque : %s", error)


async def _computed_answers(
    description: dict[str, object],
) -> AsyncIterator[tuple[Hashable, bytes]]:
    """Iterate over the answers that another process computes, as it hands them over.

    Raises `RuntimeError` if it ends before it has computed all of them.
    """
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "comparisons.web.first_answers"),
        stdout=asyncio.subprocess.PIPE,
        env=site_environment(),
        cwd=PROJECT_DIR,
        # the interruption of a terminal is for the site
        start_new_session=True,
    )
    try:
        with suppress(asyncio.IncompleteReadError):  # the end
            # it may have opened a newer database
            if pickle.loads(await _receive(process.stdout)) != description:
                return
            while True:
                for entry in pickle.loads(await _receive(process.stdout)):
                    yield entry
        if await process.wait():
            raise RuntimeError(f"{__name__} : arrêté avant la fin ({process.returncode}).")
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def _receive(stream: asyncio.StreamReader) -> bytes:
    """Return what is handed over next; raises `IncompleteReadError` if nothing more is."""
    (length,) = _LENGTH.unpack(await stream.readexactly(_LENGTH.size))
    return await stream.readexactly(length)


# --- the process that computes --------------------------------------------------------------------


def first_answers() -> Iterator[Callable[[], object]]:
    """Return what to compute ahead of the first readers: a function for each part of a page.

    Of territories, régions and départements only: those that most readers look at, and few enough.
    """
    for question in MAP_QUESTIONS[:2]:
        yield partial(known_by_level, MapParameters(question=question))
    for level in LEVELS:
        yield partial(map_figures, (MapParameters(niveau=level),))
    yield from (
        *(conclusions.current_conclusions, conclusions.headline),
        *(reliability.reliability_by_table, reliability.reliability_by_level),
        completeness_by_column,
    )
    yield partial(completeness_layer, DataParameters().niveau)
    yield partial(frequency_by_level, ThemesParameters().famille, ThemesParameters().nommes)
    keys = query(
        "SELECT cle(territoire_niveau, territoire_code) AS cle FROM territoires "
        "WHERE territoire_niveau IN ('region', 'departement') ORDER BY population DESC"
    )
    for key in keys["cle"]:
        yield partial(profile.load_profile, key)
        yield partial(territory_answers, key)
        yield partial(_describe_group, key, PeerOptions())
        yield partial(partners_by_service, key)
    # then the other choices of the page of peers
    for region in REGION_CHOICES:
        if region != PeerOptions.region:
            yield from (
                partial(_describe_group, key, PeerOptions(region=region)) for key in keys["cle"]
            )


def _describe_group(key: str, options: PeerOptions) -> None:
    """Compute the peers of a territory, its position among them and the gaps with them."""
    peers = tuple(find_peers(key, options).table["cle"])
    count_known_facts(peers)
    describe_gaps(key, peers)
    peer_observations(key, peers, (PeersParameters().rubrique,))


def main(output: BinaryIO) -> None:
    """Write the description of the database, then the answers of each function."""
    set_process_limits(_CPU_SECONDS, _MEMORY, file_bytes=0, niceness=19)
    _send(output, dataset_metadata())
    sent: set[Hashable] = set()
    for compute in first_answers():
        compute()
        entries = [each for each in current_cache().recent() if each[0] not in sent]
        sent.update(key for key, _ in entries)
        _send(output, list(_pickled(entries)))


def _pickled(entries: list[tuple[Hashable, object]]) -> Iterator[tuple[Hashable, bytes]]:
    """Iterate over answers, each pickled by itself, but for those that cannot be."""
    for key, answer in entries:
        # what holds a function without a name in its module
        with suppress(pickle.PicklingError, AttributeError, TypeError):
            pickle.dumps(key)
            yield key, pickle.dumps(answer, pickle.HIGHEST_PROTOCOL)


def _send(output: BinaryIO, content: object) -> None:
    pickled = pickle.dumps(content, pickle.HIGHEST_PROTOCOL)
    output.write(_LENGTH.pack(len(pickled)) + pickled)
    output.flush()


if __name__ == "__main__":
    main(sys.stdout.buffer)
