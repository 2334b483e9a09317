"""When garbage is collected."""

import pytest

from comparisons.web.garbage import is_due


@pytest.mark.parametrize(
    ("last_page", "last_collection", "due"),
    [
        (990.0, 900.0, True),  # nobody for ten seconds
        (998.0, 900.0, False),  # somebody now
        (998.0, 50.0, True),  # somebody always
        (800.0, 900.0, False),  # nobody since
        (0.0, 900.0, False),  # nobody ever
    ],
)
def test_garbage_is_collected_when_nobody_reads_or_after_long(last_page, last_collection, due):
    assert is_due(1000.0, last_page, last_collection) == due
