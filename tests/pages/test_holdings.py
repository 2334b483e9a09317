"""What sessions hold is weighed in one place, bounded for each and in all, and freed."""

import pytest
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.uploaded_file_manager import UploadedFileRec

from comparisons.ui.contribution.holdings import (
    REFUSED_TYPE,
    Holdings,
    QuotaError,
    weigh_uploads,
)


class Closable:
    closed = False

    def close(self) -> None:
        self.closed = True


def test_a_session_has_a_quota_and_all_have_one_together():
    holdings = Holdings(session_bytes=100, total_bytes=250)
    holdings.hold("a", "one", "value", 90)
    with pytest.raises(QuotaError, match="trop de fichiers à la fois"):
        holdings.hold("a", "two", "value", 20)
    holdings.hold("a", "one", "instead", 100)
    holdings.hold("b", "one", "value", 100)
    with pytest.raises(QuotaError, match="Trop de lecteurs"):
        holdings.hold("c", "one", "value", 60)
    assert (holdings.get("a", "one"), holdings.get("c", "one"), holdings.weight) == (
        "instead", None, 200,
    )  # fmt: skip
    holdings.release("a")
    holdings.hold("c", "one", "value", 60)
    assert holdings.weight == 160


def test_a_closed_tab_frees_what_it_holds_unless_it_comes_back_at_once():
    holdings, active, preview = Holdings(), {"b"}, Closable()
    holdings.hold("a", "preview", preview, 10)
    holdings.hold("b", "preview", Closable(), 10)
    assert holdings.free_left(active.__contains__) == []
    active.add("a")
    assert holdings.free_left(active.__contains__) == [] and not preview.closed
    active.remove("a")
    holdings.free_left(active.__contains__)
    assert holdings.free_left(active.__contains__) == ["a"]
    assert preview.closed and holdings.get("a", "preview") is None and holdings.weight == 10


def test_a_session_checks_one_file_at_a_time():
    holdings = Holdings()
    with holdings.one_at_a_time("a", "check"), holdings.one_at_a_time("b", "check"):
        with pytest.raises(QuotaError, match="en cours de vérification"):
            with holdings.one_at_a_time("a", "check"):
                pass
    with holdings.one_at_a_time("a", "check"):
        pass


def test_files_beyond_a_quota_are_not_kept():
    manager, holdings = MemoryUploadedFileManager("/upload"), Holdings(session_bytes=50)
    weigh_uploads(manager, holdings)
    for name in ("1", "2", "3"):
        manager.add_file("a", UploadedFileRec(name, name, "text/csv", b"x" * 20))
    first, _, third = manager.get_files("a", ["1", "2", "3"])
    assert len(first.data) == 20 and (third.data, third.type) == (b"", REFUSED_TYPE)
    manager.remove_file("a", "1")
    manager.add_file("a", UploadedFileRec("4", "4", "text/csv", b"x" * 20))
    assert manager.get_files("a", ["4"])[0].type == "text/csv"
    manager.remove_session_files("a")
    assert holdings.weight == 0 and manager.get_files("a", ["2"]) == []
