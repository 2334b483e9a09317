"""Sources: when each was read, and read again; axes: which ones a document names."""

import re

import pandas as pd
import pytest
from recounted import facts

from comparisons.queries.axes import format_axis, format_axis_counts
from comparisons.queries.sources import (
    REREAD_LEGEND,
    REREAD_MARK,
    describe_readings,
    reread_on,
    source_link,
    sources,
)
from comparisons.schema.model import load_format

pytestmark = pytest.mark.usefixtures("database")

SOURCES = {row["source_id"]: row for row in facts("sources")}
AGAIN: dict[str, str] = {}
for row in facts("relectures"):
    if row["page_retrouvee"] == "oui":
        AGAIN[row["source_id"]] = max(row["relu_le"], AGAIN.get(row["source_id"], ""))


def test_each_source_says_when_it_was_read_again():
    source_ids = sorted(SOURCES, reverse=True)
    sources_table = sources(source_ids)
    assert list(sources_table["source_id"]) == source_ids  # in the order asked
    assert list(sources_table.columns) == [*load_format().tables["sources"].columns, "relu_le"]
    read_again_on = dict(zip(sources_table["source_id"], sources_table["relu_le"], strict=True))
    assert {key: day for key, day in read_again_on.items() if pd.notna(day)} == AGAIN
    assert 0 < len(AGAIN) < len(SOURCES)
    assert sources([]).empty and sources(["nulle-part"]).empty


def test_a_page_that_could_not_be_opened_again_was_not_read_again():
    lost = {row["source_id"] for row in facts("relectures") if row["page_retrouvee"] == "non"}
    only_lost = sorted(lost - AGAIN.keys())
    assert only_lost
    assert sources(only_lost)["relu_le"].isna().all()


def test_a_link_to_a_source_read_again_is_marked():
    addresses = {SOURCES[key]["url"] for key in AGAIN}
    for row in SOURCES.values():
        link = source_link("Titre [1]", row["url"])
        marked = row["url"] in addresses
        assert bool(reread_on(row["url"])) == marked == (REREAD_MARK in link)
        assert bool(re.search(r"Relu (le|en) .+ par un second lecteur", link)) == marked
    assert REREAD_MARK in REREAD_LEGEND and "second lecteur" in REREAD_LEGEND
    assert reread_on("https://exemple.fr/nulle-part") == ""


@pytest.mark.parametrize(
    ("readings", "again", "words"),
    [
        ("2026-11-23", "2026-11-28", "consulté le 23 novembre 2026, relu le 28 novembre 2026"),
        ("2026-11", "2026-12-01", "consulté en novembre 2026, relu le 1er décembre 2026"),
        ("2026", None, "consulté en 2026"),
        ("2026-11-23", pd.NA, "consulté le 23 novembre 2026"),
        ("2026-11-23", "", "consulté le 23 novembre 2026"),
    ],
)
def test_readings_in_words(readings, again, words):
    assert describe_readings(readings, again).replace("\xa0", " ") == words


@pytest.mark.parametrize(
    ("total", "named", "words"),
    [
        (0, 0, "aucun axe relevé"),
        (1, 0, "1 axe relevé, non nommé par le document"),
        (1, 1, "1 axe relevé, nommé par le document"),
        (5, 0, "5 axes relevés, aucun nommé par le document"),
        (5, 1, "5 axes relevés, dont 1 nommé par le document"),
        (5, 3, "5 axes relevés, dont 3 nommés par le document"),
        (5, 5, "5 axes relevés, tous nommés par le document"),
    ],
)
def test_axes_are_counted_with_those_that_documents_name(total, named, words):
    assert format_axis_counts(total, named).replace("\xa0", " ") == words


def test_an_axis_read_off_has_no_rank():
    rows = pd.DataFrame({"rang_nomme": [2, pd.NA], "nb_axes_nommes": [5, 5]}, dtype="Int64")
    named_axis, ours = map(format_axis, rows.itertuples())
    assert (named_axis, ours) == ("axe 2 sur 5", "axe relevé par nous")
