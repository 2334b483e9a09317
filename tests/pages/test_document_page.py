"""From the document on the desk to a valid package: read, shown, decided, by keyboard too."""

import time

import pytest
import typst
from browsing import settle

from comparisons.datapackage.isolated_check import IsolatedFile
from comparisons.datapackage.reader import read_upload
from comparisons.datapackage.validation.validator import validate
from comparisons.ui.contribution.document_job import ReadingJob
from comparisons.ui.contribution.holdings import HOLDINGS

KEY = "contribuer:document"
STRATEGY = """= Stratégie numérique de la Ville de Brest 2022-2027
== Axe 1 : Former les agents
Un crédit de 120 000 € a été voté.
== Axe 2 : Ouvrir les données
=== Action 2.1 : Publier un catalogue
"""
PDF = typst.compile(STRATEGY.encode())


@pytest.fixture
def send(visit):
    """Send a document on the page, and wait until it is read."""

    def sent(content: bytes, name: str):
        visit.open("contribuer")
        visit.app.file_uploader(key=KEY).set_value((name, content, "application/octet-stream"))
        visit.run()
        for _ in range(240):
            if not ("Lecture d" in visit.text or "recherche des axes" in visit.text):
                break
            time.sleep(0.5)
            visit.run()
        return visit

    return sent


def keep_all(visit, table: str) -> None:
    visit.app.segmented_control(key=f"{KEY}:table").set_value(table)
    visit.run()
    visit.app.button(key=f"{KEY}:{table}:rang:Retenir le groupe").click()
    visit.run()


def test_a_document_becomes_a_valid_package_of_what_is_kept(send):
    visit = send(PDF, "strategie.pdf")
    assert "Proposition 1 sur 1" in visit.text and "Retenez d’abord" in visit.text
    assert "Page 1 du document ; passage : Stratégie numérique" in visit.text
    for table in ("strategies", "priorites", "budgets"):
        keep_all(visit, table)
    assert "Il manque, pour un paquet valide" in visit.text
    assert "Adresse" in visit.text
    address = "https://exemple.fr/strategie.pdf"
    visit.app.text_input(key=f"{KEY}:adresse").set_value(address)
    visit.run()
    assert "Paquet valide" in visit.text and "Ouvrir l’aperçu" in visit.text
    held = [each for names in HOLDINGS._held.values() for each in names.values()]
    review = next(each.value[2] for each in held if type(each.value).__name__ == "_Held")
    report = validate(read_upload(review.upload.file.content, "paquet.zip"))
    tables = report.package.tables
    # actions are below the axes, and the reader has seen what he kept
    assert list(tables["priorites"]["intitule"]) == ["Former les agents", "Ouvrir les données"]
    assert list(tables["budgets"]["montant"]) == ["120000"]
    assert set(tables["budgets"]["certitude"]) == {"explicite"}
    # what is refused leaves the package
    visit.app.button(key=f"{KEY}:budgets:rang:Refuser").click()
    visit.run()
    assert "Budgets (0/1)" in visit.text


def test_an_amount_told_as_past_waits_for_its_stage(send):
    text = "# Stratégie numérique de la Ville de Brest\n\nLa Ville a bâti un réseau, pour 3 M€.\n"
    visit = send(text.encode(), "strategie.md")
    for table in ("strategies", "budgets"):
        keep_all(visit, table)
    assert "1 ligne sans « Étape »" in visit.text
    assert "**Étape** : non renseigné (" in visit.text
    assert "sinon : Réalisé, Engagé, Voté" in visit.text


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"%PDF-1.7 rien", "faux.pdf", "endommagé"),
        (b"Menu de la cantine", "menu.txt", "ne ressemble à une stratégie"),
    ],
)
def test_what_gives_nothing_says_so(send, content, name, words):
    assert words in send(content, name).text


def test_a_document_of_which_no_page_is_drawn_shows_its_text_and_escapes_it(send):
    markup = STRATEGY.replace("= ", "# ").replace("=", "#") + "\n<b>gras</b> **gras** :red[x]\n"
    visit = send(markup.encode(), "strategie.md")
    assert "Page 1" in visit.text and "<b>gras</b>" in visit.text
    assert visit.raw_markup == [] and visit.leaks == []


def test_a_long_reading_tells_its_page_and_can_be_stopped():
    pages = "#pagebreak()".join(["#lorem(400)"] * 250)
    job = ReadingJob(typst.compile(f"{STRATEGY}\n{pages}".encode()), "longue.pdf")
    deadline = time.monotonic() + 120
    while job.progress == (0, 0) and not job.is_done and time.monotonic() < deadline:
        time.sleep(0.05)
    page, count = job.progress
    assert 0 < page < count == 250
    job.close()
    assert job.wait(60) and job.error == "Lecture arrêtée." and job.reading is None


def test_what_a_kept_row_lacks_is_told_without_a_check(send, monkeypatch):
    monkeypatch.setattr(IsolatedFile, "check", lambda file: pytest.fail("checked"))
    visit = send(PDF, "strategie.pdf")
    keep_all(visit, "strategies")
    assert "Sources : 1 ligne sans « Adresse »" in visit.text.replace("\u00a0", " ")


@pytest.mark.browser
def test_a_document_is_read_and_decided_by_keyboard_alone(reader, tmp_path):
    (tmp_path / "strategie.pdf").write_bytes(PDF)
    page = reader.open("/contribuer")
    page.get_by_role("tab", name="Partir d’un document").press("Enter")
    field = page.locator(f".st-key-{KEY.replace(':', '-')} input[type=file]")
    field.set_input_files(tmp_path / "strategie.pdf")
    page.get_by_text("Proposition 1 sur 1").wait_for(timeout=60_000)
    # shortcuts are those of what is inside of the tab, once it is whole
    settle(page)
    page.keyboard.press("Tab")
    page.keyboard.press("Alt+Enter")
    page.get_by_text("Stratégies (1/1)").wait_for()
    page.locator("[data-testid=stButtonGroup] button", has_text="Priorités").press("Enter")
    page.get_by_text("Proposition 1 sur 3").wait_for()
    settle(page)
    page.keyboard.press("Tab")
    page.keyboard.press("Alt+Enter")
    page.get_by_text("Proposition 2 sur 3").wait_for()
    page.get_by_text("Il manque, pour un paquet valide").wait_for()
    address = page.get_by_label("Adresse où le document est publié")
    address.fill("https://exemple.fr/strategie.pdf")
    address.press("Enter")
    page.get_by_text("Paquet valide").wait_for()
