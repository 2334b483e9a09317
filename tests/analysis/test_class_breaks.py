"""Where one colour ends and the next begins: by hand on tiny series."""

import itertools
import math

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comparisons.analysis.class_breaks import class_breaks, classify, parse_breaks
from comparisons.page_parameters import MAX_CLASSES, METHODS

AUTOMATIC = [method for method in METHODS if method != "propres"]
pytestmark = [
    pytest.mark.filterwarnings("ignore:Not enough unique values"),
    pytest.mark.filterwarnings("ignore:Numba not installed"),
]


def series(*values: float | None) -> pd.Series:
    return pd.Series(values, dtype=float)


@pytest.mark.parametrize(
    ("method", "count", "bounds"),
    [
        # 1 to 10: the fifths end at 1 + 9 k / 5, two values in each
        ("quantiles", 5, [2.8, 4.6, 6.4, 8.2, 10]),
        ("quantiles", 4, [3.25, 5.5, 7.75, 10]),
        ("egales", 3, [4, 7, 10]),
        # as many classes as values: each alone
        ("naturelles", 10, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]),
    ],
)
def test_ten_whole_numbers(method, count, bounds):
    values = series(*range(1, 11))
    assert class_breaks(values, method, count) == pytest.approx(bounds)


def test_natural_breaks_fall_in_the_gaps():
    values = series(1, 2, 3, 50, 51, 52, 200, 201)
    assert class_breaks(values, "naturelles", 3) == [3, 52, 201]


@pytest.mark.parametrize("count", [3, 4])
def test_natural_breaks_have_the_least_variance_of_all(count):
    values = sorted([0.4, 1.7, 2.1, 5.5, 5.6, 9.3, 9.9, 14.2, 30.0])

    def variance(ends: tuple[int, ...]) -> float:
        starts = (0, *ends[:-1])
        groups = [values[a:b] for a, b in zip(starts, ends, strict=True)]
        return sum((v - sum(g) / len(g)) ** 2 for g in groups for v in g)

    cuts = itertools.combinations(range(1, len(values)), count - 1)
    best = min(((*cut, len(values)) for cut in cuts), key=variance)
    assert class_breaks(series(*values), "naturelles", count) == [values[e - 1] for e in best]


def test_quantiles_put_as_many_in_each_class():
    values = series(*(1.5**i for i in range(20)))
    positions = classify(values, class_breaks(values, "quantiles", 5))
    assert positions.value_counts().to_dict() == dict.fromkeys(range(5), 4)


def test_ties_leave_no_class_empty():
    # the two lower thirds end at 1 and at 2.33: nothing lies between
    values = series(1, 1, 1, 1, 5, 9)
    assert class_breaks(values, "quantiles", 3) == [1, 9]
    assert classify(values, [1, 9]).tolist() == [0, 0, 0, 0, 1, 1]


@pytest.mark.parametrize(
    ("values", "bounds"),
    [
        ((), []),
        ((None, None), []),
        ((5,), [5]),
        ((5, 5, None, 5), [5]),
        ((0, 0), [0]),
        ((7, None, 3), [3, 7]),
        ((3, 7, 7, 7, 3), [3, 7]),
    ],
)
def test_nothing_one_value_two_values(values, bounds):
    for method, count in itertools.product(AUTOMATIC, range(3, MAX_CLASSES + 1)):
        assert class_breaks(series(*values), method, count) == bounds, (method, count)


@pytest.mark.parametrize(
    ("typed", "bounds"),
    [
        ("10 ; 50 ; 100", [10, 50, 100]),
        ("10 50 100", [10, 50, 100]),
        ("100;10;10", [10, 100]),
        ("2,5 ; 7.25", [2.5, 7.25]),
        ("500 ; 1 000 ; 12 500,5", [500, 1000, 12500.5]),
        ("1 000 000;2", [2, 1_000_000]),
        ("0 ; 5", [5]),
        ("; ,", []),
        ("", []),
        ("1;2;3;4;5;6;7;8", [1, 2, 3, 4, 5, 6]),
    ],
)
def test_own_bounds_are_read_as_the_french_write_them(typed, bounds):
    assert parse_breaks(typed) == bounds


@pytest.mark.parametrize(
    ("typed", "bounds"),
    [
        ("10 ; 50", [10, 50, 90]),
        ("20 ; 90", [20, 90]),  # the highest value ends the last class anyhow
        ("1 ; 10", [10, 90]),  # below all
        ("5", [5, 90]),  # the lowest value alone in its class
        ("100 ; 200", [90]),
        ("1 ; 2,5", [90]),
        ("6;7;8;9;10;11", [6, 7, 8, 9, 10, 11, 90]),
    ],
)
def test_own_bounds_out_of_range_are_left_out(typed, bounds):
    assert class_breaks(series(5, 20, None, 90), "propres", typed_breaks=typed) == bounds


def test_unwritten_bounds_fall_back_on_quantiles():
    values = series(*range(1, 11))
    assert class_breaks(values, "propres", 4, "") == class_breaks(values, "quantiles", 4)


def test_a_value_on_a_bound_belongs_to_the_class_that_ends_there():
    positions = classify(series(5, 10, 10.01, None, 50, 90), [10, 50, 90])
    assert positions.tolist() == [0, 0, 1, pd.NA, 1, 2]
    assert positions.isna().sum() == 1


def test_without_bounds_everything_is_unknown():
    assert classify(series(1, None), []).isna().all()


@settings(deadline=None)
@given(
    st.lists(st.none() | st.integers(0, 90_000).map(lambda cents: cents / 100), max_size=40),
    st.sampled_from(METHODS),
    st.integers(3, MAX_CLASSES),
    st.sampled_from(["", "10 ; 50", "0,5;800;1 000", "1;2;3;4;5;6"]),
)
def test_every_known_value_has_one_class_and_no_unknown_has(values, method, count, has_class):
    known_values = [value for value in values if value is not None]
    bounds = class_breaks(series(*values), method, count, has_class)
    assert bounds == sorted(set(bounds)) and len(bounds) <= MAX_CLASSES
    assert (bounds[-1:] == [max(known_values)]) if known_values else not bounds
    for value, position in zip(values, classify(series(*values), bounds), strict=True):
        if value is None:
            assert position is pd.NA
        else:
            lower = bounds[position - 1] if position else -math.inf
            assert lower < value <= bounds[position]
