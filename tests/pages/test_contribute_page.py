"""Contribute as a DGS's assistant does: a file is checked, seen by its sender alone, packed."""

import io
import json
import zipfile

import pytest
from package_files import build_ods

from comparisons.datapackage.reader import read_upload
from comparisons.datapackage.template import templates
from comparisons.datapackage.validation.validator import validate
from comparisons.settings import FORMAT_DIR
from comparisons.ui.contribution import preview
from comparisons.ui.contribution.holdings import HOLDINGS, REFUSED_TYPE

VALID = FORMAT_DIR / "exemples" / "valide"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def zipped(**changes: str) -> bytes:
    """The valid example as a zip, some of its tables changed."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as folder:
        for path in sorted(VALID.glob("*.csv")):
            text = path.read_text(encoding="utf-8")
            folder.writestr(path.name, changes.get(path.stem, text))
    return buffer.getvalue()


@pytest.fixture
def send(visit):
    """Send a file on the page."""

    def sent(content: bytes, name: str, media: str = "application/zip"):
        visit.open("contribuer")
        visit.app.file_uploader(key="contribuer:fichier").set_value((name, content, media))
        return visit.run()

    return sent


def test_the_page_offers_three_ways_and_says_that_nothing_is_kept(visit):
    visit.open("contribuer")
    for words in ("Formulaire court", "Modèle à remplir", "Exemple rempli", "rien n’est gardé"):
        assert words in visit.text
    assert visit.leaks == []


def test_a_filled_template_is_valid_and_can_be_published(send):
    visit = send(templates.example_workbook(), "exemple.xlsx", XLSX)
    assert "Fichier valide : 0 erreur" in visit.text
    assert "Fichier à envoyer (zip)" in visit.text and "Ouvrir l’aperçu" in visit.text


@pytest.mark.parametrize("extension", ["ods", "xls"])
def test_other_spreadsheets_are_read(send, extension):
    header = ["territoire_niveau", "territoire_code", "consulte_le", "resultat"]
    content = build_ods({"recherches": [header, ["departement", 53, 2026, "trouve"]]})
    visit = send(content, f"recherches.{extension}", "application/octet-stream")
    assert "Fichier valide : 0 erreur" in visit.text


def test_mistakes_are_grouped_by_cause_with_their_remedy(send):
    strategies = (VALID / "strategies.csv").read_text(encoding="utf-8")
    visit = send(zipped(strategies=strategies.replace(",sdusn,", ",sdunn,")), "paquet.zip")
    assert "Fichier à corriger" in visit.text
    assert "code" in visit.text and "Fichier à envoyer" not in visit.text
    table = visit.table_with("À faire")
    assert any("sdusn" in remedy for remedy in table["À faire"])
    assert "Ouvrir l’aperçu" not in visit.text and "Fichier à envoyer" not in visit.text


def test_what_has_one_meaning_is_corrected_at_a_click_and_said(send):
    rows = ["Département,53,24/06/2026,trouvee", "departement,72,2026,trouvee"]
    header = "territoire_niveau,territoire_code,consulte_le,resultat"
    visit = send("\n".join([header, *rows]).encode(), "recherches.csv", "text/csv")
    assert "**4 cellules peuvent être corrigées ici**" in visit.text
    label = "Appliquer « trouvee » → « trouve »"
    button = next(b for b in visit.app.button if b.label.replace("\xa0", " ") == label)
    button.click()
    visit.run()
    assert "2 cellules changées dans ce fichier" in visit.text and "Fichier valide" in visit.text
    assert list(visit.table_with("Avant")["Après"]) == ["trouve", "trouve"]
    visit.app.button(key="contribuer:appliquer").click()
    visit.run()
    assert "4 cellules changées dans ce fichier" in visit.text and "Fichier corrigé" in visit.text
    assert "Appliquer" not in visit.text and "avertissement" in visit.text
    visit.app.button(key="contribuer:annuler").click()
    assert "2 erreurs" in visit.run().text


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"", "vide.csv"),
        (b"\x00\x01\x02" * 100, "binaire.csv"),
        (b"PK\x03\x04 tronqu", "tronque.xlsx"),
        (b"a,b\n1,2\n", "autre.csv"),
        (b"titre\n<script>alert(1)</script> **gras**\n", "<img src=x> **gras**.csv"),
    ],
)
def test_what_cannot_be_read_is_said_without_a_traceback(send, content, name):
    visit = send(content, name, "text/csv")
    assert visit.app.error and visit.raw_markup == []


def test_a_preview_is_for_its_reader_alone_until_it_is_left(send, new_visit):
    visit = send(zipped(), "mon-paquet.zip")
    visit.app.button(key="contribuer:ouvrir").click()
    visit.run()
    assert "**Aperçu ouvert** : 3 stratégies" in visit.text
    assert len(visit.table_with("À ajouter")) > 3
    visit.open("territoire", t="departement-53")
    assert "Exemple : stratégie départementale" in visit.text and "mon-paquet" in visit.text
    visit.open("pairs", t="departement-53")
    visit.open("comparer", t=["departement-53", "departement-72"])
    assert "Exemple : stratégie départementale" in visit.text
    assert visit.leaks == []
    other_visit = new_visit().open("territoire", t="departement-53")
    assert "Exemple : stratégie départementale" not in other_visit.text
    visit.app.button(key="apercu:quitter").click()
    visit.run()
    visit.open("territoire", t="departement-53")
    assert "Exemple : stratégie départementale" not in visit.text


def test_a_file_that_was_not_kept_is_refused_in_words(send):
    visit = send(b"", "paquet.zip", REFUSED_TYPE)
    assert "n’a pas été gardé" in visit.app.error[0].value


def test_after_a_restart_a_preview_says_that_it_is_gone(send, new_visit):
    visit = send(zipped(), "mon-paquet.zip")
    visit.app.button(key="contribuer:ouvrir").click()
    visit.run()
    visit.open("territoire", t="departement-53")
    address = dict(visit.address)
    assert address["apercu"] == "oui"
    # what the browser does: the same address, in a new session
    again = new_visit().open("territoire", **address)
    assert "L’aperçu n’est plus là" in again.text and "apercu" not in again.address
    again.open("territoire", t="departement-72")
    assert "L’aperçu n’est plus là" in again.text
    again.app.button(key="apercu:compris").click()
    assert "n’est plus là" not in again.run().text
    # left by its reader, it is not gone
    visit.app.button(key="apercu:quitter").click()
    visit.run()
    visit.open("territoire", **address)
    assert "n’est plus là" not in visit.text


def test_a_preview_freed_by_the_server_says_that_it_is_gone(send):
    visit = send(zipped(), "mon-paquet.zip")
    visit.app.button(key="contribuer:ouvrir").click()
    visit.run()
    for session in list(HOLDINGS._held):
        HOLDINGS.release(session)
    visit.open("territoire", t="departement-53")
    assert "L’aperçu n’est plus là" in visit.text


def test_a_page_that_takes_too_long_for_a_preview_says_so(send, monkeypatch):
    visit = send(zipped(), "mon-paquet.zip")
    visit.app.button(key="contribuer:ouvrir").click()
    visit.run()
    monkeypatch.setattr(preview, "_MAX_PAGE_SECONDS", 0)
    visit.open("territoire", t="departement-53")
    assert "demande trop de calcul" in visit.app.error[0].value


def test_the_report_is_that_of_the_command_line(send):
    content = zipped(sources="source_id,url\ns1,ftp://x\n")
    visit = send(content, "paquet.zip")
    report = validate(read_upload(content, "paquet.zip"))
    assert json.dumps(report.to_dict())
    for cause in report.groups():
        assert cause.title.replace("\xa0", " ") in visit.text


def test_every_fault_of_a_file_can_be_reached(send):
    rows = "".join(f"departement,{n:02},2026,trouvés\n" for n in range(10, 60))
    visit = send(
        f"territoire_niveau,territoire_code,consulte_le,resultat\n{rows}".encode(),
        "recherches.csv",
        "text/csv",
    )
    table = visit.table_with("À faire")
    assert len(table) == 20 and "50 lignes, en 3 pages." in visit.text


def test_a_strategy_described_online_is_checked_then_made_a_valid_file(visit):
    visit.open("contribuer")
    assert "Il reste à remplir : Nom du territoire, Titre" in visit.text

    def fill(name: str, value: str, kind: str = "text_input") -> None:
        getattr(visit.app, kind)(key=f"contribuer:saisie:{name}").set_value(value)
        visit.run()

    fill("recherche", "Mayenne")
    fill("territoire", "departement-53", "selectbox")
    fill("titre", "Essai | avec [crochets]")
    fill("type", "sdusn", "selectbox")
    fill("url", "exemple.fr/page")
    assert "Corrigez ce qui est écrit en rouge" in visit.text
    assert "« exemple.fr/page » ne convient pas" in visit.text
    fill("url", "https://exemple.fr/page")
    fill("montant_total", "12,5 M€")
    fill("montant_etape", "vote", "selectbox")
    fill("montant_perimetre", "usages", "selectbox")
    fill("priorite:0", "Former [tous] les agents")
    fill("priorite:0:theme", "competences_agents_elus", "selectbox")
    assert "Votre formulaire est complet et valide." in visit.text
    content = visit.app.session_state["contribuer:saisie-verifiee"][0]
    report = validate(read_upload(content, "strategie.csv"))
    assert report.is_valid
    assert list(report.package.tables["budgets"]["montant"]) == ["12500000"]
    assert list(report.package.tables["priorites"]["intitule"]) == ["Former (tous) les agents"]
    visit.app.button(key="contribuer:ouvrir").click()
    visit.run()
    assert "**Aperçu ouvert** : 1 stratégie" in visit.text
    assert "pull request" not in visit.text and "python -m" not in visit.text
