"""What a stranger sends costs what it should: the site stays near to quiet beside it."""

import asyncio
import io
import json
import os
import resource
import statistics
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from package_files import amount_row, build_workbook, build_zip, csv_table, source_row, strategy_row
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Common_pb2 import UploadedFileInfo
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from comparisons import processes
from comparisons.datapackage.isolated_check import IsolatedFile
from comparisons.schema.model import vocabulary_codes
from comparisons.settings import FORMAT_DIR, PROJECT_DIR
from tests.benchmarks.serving import Session, Site, serve_site

LEAD = "departement-53"


def zip_of(folder: Path) -> bytes:
    return build_zip({path.name: path.read_bytes() for path in folder.glob("*.*")})


def many_strategies(count: int) -> bytes:
    """A valid package of strategies of one département, each with axes and an amount."""
    themes = vocabulary_codes("themes")
    ids = [f"x{number}" for number in range(count)]
    axes = [
        {"strategie_id": key, "rang": rank, "intitule": f"Axe {rank} de {key} " + "mot " * 20,
         "theme": themes[(number + rank) % len(themes)], "certitude": "explicite",
         "source_id": "s-a1"}
        for number, key in enumerate(ids) for rank in (1, 2, 3)
    ]  # fmt: skip
    tables = {
        "strategies": [strategy_row(key, LEAD, source_id="s-a1") for key in ids],
        "priorites": axes,
        "budgets": [amount_row(f"b{key}", key, 1000, source_id="s-a1") for key in ids],
        "sources": [source_row("s-a1")],
    }
    return build_zip({f"{name}.csv": csv_table(rows) for name, rows in tables.items()})


# --- the process that checks ----------------------------------------------------------------------


def children_seconds(act: Callable[[], object]) -> float:
    """Return the processor time of the processes that an act starts."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    act()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def test_number_formats_cost_no_more_than_the_workbook_without_them(monkeypatch):
    monkeypatch.setattr(processes, "_CAN_FORK", False)  # the system counts children, not theirs
    plain = build_workbook({"recherches": [["territoire_niveau"], ["departement"]]})
    members = {
        name: content for name, content in _members(plain).items() if name != "xl/styles.xml"
    }
    styles = (
        '<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><numFmts>'
        f'<numFmt numFmtId="164" formatCode="{"0" * 1_000_000}"/></numFmts><cellXfs>'
        + '<xf numFmtId="164"/>' * 20_000
        + "</cellXfs></styleSheet>"
    )
    hostile = build_zip(members | {"xl/styles.xml": styles})
    assert len(hostile) < 12_000
    quiet = children_seconds(IsolatedFile(plain, "a.xlsx").check)
    assert children_seconds(IsolatedFile(hostile, "a.xlsx").check) < 2 * quiet + 0.5


def _members(archive: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


# --- what a report leaves in memory ---------------------------------------------------------------

_MEASURE = """
import json, re, sys
from comparisons.datapackage.isolated_check import IsolatedFile

def megabytes():
    with open("/proc/self/status") as file:
        status = file.read()
    kilobytes = (re.search(rf"{name}:\\s+(\\d+)", status)[1] for name in ("VmRSS", "VmHWM"))
    return [int(size) / 2**10 for size in kilobytes]

kept, sizes = [], []
for path in sys.argv[1:]:
    with open(path, "rb") as file:
        kept.append(IsolatedFile(file.read(), "paquet.zip").check())
    sizes.append(megabytes())
print(json.dumps(sizes))
"""


@pytest.mark.skipif(not os.path.exists("/proc/self/status"), reason="reads the memory of Linux")
def test_the_report_of_an_invalid_package_weighs_some_megabytes(tmp_path):
    columns = "territoire_niveau,territoire_code,consulte_le,resultat,note\n"
    rows = "".join(f"departement,53,2026-11-01,{'x' * 5000}{i % 50},\n" for i in range(12_000))
    hostile = build_zip({"recherches.csv": columns + rows})
    assert len(hostile) < 500_000
    (tmp_path / "quiet.zip").write_bytes(zip_of(FORMAT_DIR / "exemples/invalides/code-inconnu"))
    (tmp_path / "hostile.zip").write_bytes(hostile)
    measured = subprocess.run(
        [sys.executable, "-c", _MEASURE, tmp_path / "quiet.zip", tmp_path / "hostile.zip"],
        cwd=PROJECT_DIR, capture_output=True, text=True, check=True,
    )  # fmt: skip
    (quiet, quiet_peak), (resident, peak) = json.loads(measured.stdout)
    print(f"resident {quiet:.0f} -> {resident:.0f} MB, peak {quiet_peak:.0f} -> {peak:.0f} MB")
    assert resident < quiet + 20 and peak < quiet_peak + 40


# --- a site, its readers and a preview ------------------------------------------------------------


class Tab(Session):
    """A tab of a browser that sends a file and presses buttons."""

    sent: UploadedFileInfo | None = None

    async def ask(self, page: str, query: str = "", button: str = "", seconds: float = 120):
        """Ask for a page, with its file, pressing a button; return the seconds and the texts."""
        request = BackMsg()
        widgets = request.rerun_script.widget_states.widgets
        if self.sent is not None:
            state = widgets.add(id=self._uploader)
            state.file_uploader_state_value.uploaded_file_info.append(self.sent)
        if button:
            widgets.add(id=self.buttons[button], trigger_value=True)
        request.rerun_script.query_string = query
        request.rerun_script.page_name = page
        request.rerun_script.context_info.url = f"{self.url}/{page}"
        start, texts, self.buttons = time.perf_counter(), [], {}
        await self.connection.send(request.SerializeToString())
        async with asyncio.timeout(seconds):
            while True:
                message = ForwardMsg.FromString(await self.connection.recv())
                if message.HasField("new_session"):
                    self._identifier = message.new_session.initialize.session_id
                element = message.delta.new_element
                if "zip" in "".join(element.file_uploader.type):
                    self._uploader = element.file_uploader.id
                self.buttons[element.button.label] = element.button.id
                texts += filter(None, [element.alert.body, element.markdown.body])
                is_over = message.HasField("script_finished")
                if is_over and message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY:
                    return time.perf_counter() - start, "\n".join(texts)

    async def send(self, content: bytes) -> str:
        """Send a file on the page Contribuer; return what it says of it."""
        async with httpx.AsyncClient(base_url=self.url, timeout=60) as client:
            await self.ask("contribuer")
            self.sent = await self.send_file(client, "paquet.zip", content)
        return (await self.ask("contribuer"))[1]


async def median_page(tab: Tab, departements: list[str]) -> float:
    """Return the median time of the pages of some départements, in seconds."""
    return statistics.median(
        [(await tab.ask("territoire", f"t=departement-{d}"))[0] for d in departements]
    )


async def _visit_beside_previews(site: Site, content: bytes) -> dict[str, float]:
    reader = await Tab.open(site)
    await reader.ask("territoire", "t=departement-01")
    quiet = await median_page(reader, [f"{number:02}" for number in range(2, 12)])
    before = site.megabytes
    tabs = [await Tab.open(site) for _ in range(2)]
    for tab in tabs:
        assert "valide" in await tab.send(content)
        assert "Aperçu ouvert" in (await tab.ask("contribuer", button="Ouvrir l’aperçu"))[1]
    stop = asyncio.Event()

    async def look_at_previews(tab: Tab) -> int:
        count = 0
        while not stop.is_set():
            for page in ("territoire", "comparer", "pairs"):
                await tab.ask(page, f"t={LEAD}&t=departement-72")
                count += 1
        return count

    looking = [asyncio.create_task(look_at_previews(tab)) for tab in tabs]
    await asyncio.sleep(1)
    beside = await median_page(reader, [f"{number:02}" for number in range(21, 36) if number != 20])
    stop.set()
    pages = sum(await asyncio.gather(*looking))
    held = site.megabytes
    for tab in tabs:
        await tab.close()
    await asyncio.sleep(35)
    figures = {"quiet": quiet, "beside": beside, "pages": pages}
    return figures | {"before": before, "held": held, "after": site.megabytes}


def test_two_previews_of_3000_strategies_leave_the_pages_of_others_near_to_quiet(database):
    content = many_strategies(3_000)
    with serve_site(PROJECT_DIR / "app.py", database) as site:
        figures = asyncio.run(_visit_beside_previews(site, content))
    print({name: round(figure, 2) for name, figure in figures.items()})
    assert figures["beside"] < 3 * figures["quiet"] + 0.3
    assert figures["held"] < figures["before"] + 250
