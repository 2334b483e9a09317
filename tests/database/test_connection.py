"""Query results are cached by all their parameters, and callers cannot modify the cached copy."""

import pytest

from comparisons.database.connection import query

pytestmark = pytest.mark.usefixtures("database")
ROWS = "SELECT nom FROM territoires WHERE list_contains($keys, territoire_code)"


def test_long_questions_that_differ_in_the_middle_have_their_own_answers():
    codes = query("SELECT DISTINCT territoire_code FROM territoires LIMIT 3000")
    keys = codes["territoire_code"].to_numpy(dtype=str)
    other_keys = keys.copy()
    other_keys[1500] = "nulle"  # an array writes its ends only
    assert repr(keys) == repr(other_keys)
    assert len(query(ROWS, {"keys": other_keys})) < len(query(ROWS, {"keys": keys}))


def test_what_one_reader_changes_in_an_answer_another_one_does_not_see():
    sql = "SELECT nom FROM territoires WHERE territoire_niveau = 'region' ORDER BY nom"
    rows = query(sql)
    before = rows["nom"].tolist()
    rows.loc[0, "nom"] = "changé"
    rows["autre"] = 1
    again = query(sql)
    assert again["nom"].tolist() == before and list(again.columns) == ["nom"]
