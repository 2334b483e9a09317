"""What a site computes ahead of its first readers."""

from itertools import islice

import pytest
from visits import Visit

from comparisons.analysis import profile
from comparisons.analysis.peers import gaps
from comparisons.analysis.shared_services import matching
from comparisons.build.start_up import first_answers

_KEY = "region-84"  # second by its population; the first has no peers
_PAGES = {
    "territoire": {"t": _KEY},
    "pairs": {"t": _KEY},
    "mutualisation": {"partie": "avec_qui", "t": _KEY},
}


def test_first_answers_are_those_that_pages_ask_for(
    new_visit: type[Visit], monkeypatch: pytest.MonkeyPatch
) -> None:
    for answer in islice(first_answers(), 7):
        answer()

    def fail(*_: object) -> None:
        raise AssertionError("This was computed ahead, for nothing.")

    for module, name in ((profile, "themes_by_level"), (gaps, "current_themes"),
                         (matching, "openness")):  # fmt: skip
        monkeypatch.setattr(module, name, fail)
    for page, query in _PAGES.items():
        new_visit().open(page, **query)
