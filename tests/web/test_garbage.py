"""When garbage is collected."""

import pytest

from comparisons.web.garbage import is_due


@pytest.mark.parametrize(
    ("last_page", "last_collection", "due"),
    [
        (960.0, 900.0, True),  # the last one has left
        (990.0, 900.0, False),  # somebody may be reading
        (998.0, 50.0, True),  # somebody always
        (0.0, 50.0, True),  # the API alone
        (800.0, 900.0, False),  # nobody since
        (0.0, 900.0, False),  # nobody ever
    ],
)
def test_garbage_is_collected_when_nobody_reads_or_after_long(last_page, last_collection, due):
    assert is_due(1000.0, last_page, last_collection) == due
