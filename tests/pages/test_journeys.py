"""One journey for each reader: an official, a DGS, a researcher, a contributor.

Each does it by what is seen, to the end; the figures are counted again from the tables.
"""

import io
import re
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import numpy as np
import openpyxl
import pandas as pd
import pypdf
import pytest
from browsing import (
    DESKTOP,
    PHONE,
    box_of,
    check_unfolded,
    choose,
    download,
    fetched,
    legend,
    parameters,
    reach,
    search,
    settle,
)
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from comparisons.analysis.map_questions.coverage import OVERVIEW
from comparisons.build.import_package import import_package
from comparisons.database.connection import query
from comparisons.datapackage.reader import read_package
from comparisons.datapackage.validation.validator import validate
from comparisons.formatting import curly_apostrophes, format_number

pytestmark = pytest.mark.browser


def plain(text: str) -> str:
    """Read a text with plain spaces, without breaks of lines and words."""
    return re.sub(r"\s+", " ", re.sub("\u00ad|-\n", "", text))


# --- an official: from the map to a paper ---------------------------------------------------------


def canvas(page: Page) -> Locator:
    return page.locator(".maplibregl-canvas")


def painted(page: Page, colour: str) -> np.ndarray:
    """Return which pixels (height × width) of a screenshot of the map have a colour."""
    screenshot = Image.open(io.BytesIO(canvas(page).screenshot())).convert("RGB")
    rgb = [int(colour[start : start + 2], 16) for start in (1, 3, 5)]
    return (abs(np.asarray(screenshot).astype(int) - rgb) <= 3).all(axis=2)


def click_an_area(page: Page, colour: str, around: int = 4) -> None:
    """Click the map where it has a colour, far from its edges; the legend is at the right."""
    side = 2 * around + 1
    for _ in range(120):
        mask = painted(page, colour)
        mask[:, mask.shape[1] // 2 :] = False
        total = np.pad(mask, ((1, 0), (1, 0))).astype(int).cumsum(axis=0).cumsum(axis=1)
        is_full = (
            total[side:, side:]
            - total[:-side, side:]
            - total[side:, :-side]
            + total[:-side, :-side]
        ) == side * side
        rows, columns = np.nonzero(is_full)
        # a map that is being drawn shows some areas of its own, and others later
        if mask.sum() > 200 and len(rows):
            break
        page.wait_for_timeout(250)
    assert len(rows), "no area of that colour is large enough to be clicked"
    box = box_of(canvas(page))
    page.mouse.click(
        box["x"] + int(columns[0]) + around + 0.5, box["y"] + int(rows[0]) + around + 0.5
    )


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_an_official_finds_a_territory_on_the_map_and_prints_its_sheet(reader, size):
    page = reader.open("/", size=size)

    # one click on the map: the card of the territory, which agrees with its colour
    click_an_area(page, OVERVIEW["reseaux"][1])
    page.wait_for_url(re.compile(r"[?&]t=departement-"))
    key = parameters(page)["t"][0]
    code = key.removeprefix("departement-")
    types = query(
        "SELECT type FROM couverture WHERE territoire_niveau = 'departement' AND "
        "territoire_code = ? AND strategie_id IS NOT NULL",
        [code],
    )["type"]
    assert {"sdtan"} <= set(types) <= {"sdtan", "scoran", "autre"}
    expected = query(
        "SELECT nom, population, nb_communes FROM territoires "
        "WHERE territoire_niveau = 'departement' AND territoire_code = ?",
        [code],
    ).iloc[0]
    name, people, communes = (
        curly_apostrophes(expected["nom"]),
        expected["population"],
        expected["nb_communes"],
    )
    card = page.get_by_role("heading", name=name, exact=True)
    expect(card).to_be_visible()
    settle(page)

    # another: its page, with the figures of the tables
    page.get_by_role("link", name="Voir la page du territoire").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    settle(page)
    assert urlsplit(page.url).path == "/territoire" and parameters(page) == {"t": [key]}
    # those it leads and those another département shares with it, not those of the région
    titles = query(
        """SELECT DISTINCT titre FROM strategies s LEFT JOIN couvertures c USING (strategie_id)
           WHERE s.territoire_niveau = 'departement' AND (s.territoire_code = $code
           OR c.territoire_niveau = 'departement' AND c.territoire_code = $code)""",
        {"code": code},
    )["titre"]
    for words in (f"{format_number(people)} habitants", f"{format_number(communes)} communes"):
        expect(page.get_by_text(words).first).to_be_visible()
    expect(page.get_by_text(f"{len(titles)} document").first).to_be_visible()

    # the paper: two pages that say the same
    pdf = pypdf.PdfReader(download(page, "Fiche à imprimer (PDF)"))
    assert [[round(float(side)) for side in pdf_page.mediabox[2:]] for pdf_page in pdf.pages] == [
        [595, 842]
    ] * 2
    first = plain(pdf.pages[0].extract_text())
    assert name in first
    for value in (people, communes, *titles):
        words = value if isinstance(value, str) else format_number(value)
        # a line may end at a hyphen of the title
        assert plain(curly_apostrophes(words)).replace("-", "") in first.replace("-", "")


# --- a DGS: from peers to a workbook --------------------------------------------------------------

LINE = "Population"


def test_a_dgs_finds_peers_compares_and_takes_the_workbook(reader):
    page = reader.open("/pairs")
    search(page, "mayenne").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Les pairs de la Mayenne")
    reach(page, re.compile("t=departement-53"))

    # who is like us, elsewhere; with what they do that we do not, and the source
    page.get_by_role("button", name="Affiner").click()
    choose(page, "Hors de ma région")
    page.keyboard.press("Escape")
    reach(page, re.compile("region=hors"))
    links = page.get_by_role("table").first.get_by_role("link")
    peers = [link.get_attribute("href").partition("t=")[2] for link in links.all()]
    regions = query(
        """SELECT territoire_niveau || '-' || territoire_code AS cle, region_code
           FROM territoires WHERE territoire_niveau = 'departement'"""
    ).set_index("cle")["region_code"]
    assert len(set(peers)) == 10
    assert regions["departement-53"] not in set(regions[peers])
    choose(page, "Médiation numérique")
    evidence = page.get_by_role("table").filter(has=page.get_by_text("Organisme"))
    expect(evidence.get_by_role("link").first).to_have_attribute("href", re.compile("^https?://"))
    settle(page)
    workbook = openpyxl.load_workbook(download(page, "Classeur Excel"), read_only=True)
    heading, *rows = workbook["pairs"].iter_rows(values_only=True)
    assert [row[heading.index("cle")] for row in rows] == peers

    # side by side with the first ones
    page.get_by_role("link", name="Comparer avec les 5 premiers").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Comparer")
    reach(page, re.compile("/comparer"))
    keys = parameters(page)["t"]
    assert keys == ["departement-53", *peers[:5]]

    # people: those of the page, of the workbook, and of the tables
    page.get_by_text("Identité et taille").click()
    line = page.get_by_role("row").filter(
        has=page.get_by_role("rowheader", name=re.compile(rf"^{LINE}( \(diffère\))?$"))
    )
    populations = [plain(text) for text in line.get_by_role("cell").all_inner_texts()]
    people = query(
        """SELECT territoire_niveau || '-' || territoire_code AS cle, population
           FROM territoires WHERE territoire_niveau = 'departement'"""
    ).set_index("cle")["population"]
    assert populations == [plain(format_number(people[key])) for key in keys]
    workbook = openpyxl.load_workbook(download(page, "Classeur Excel"), read_only=True)
    assert workbook.sheetnames[0] == "Lisez-moi"
    row_cells = {row[0]: row[1:] for row in workbook["Identité et taille"].values}[LINE]
    assert list(row_cells[: len(keys)]) == [people[key] for key in keys]
    # amounts of unlike objects stand in no row together
    money = workbook["Budgets comparables"]
    for row in list(money.values)[1:]:
        assert row[0] is None or "tout" in row[0] or "non renseigné" in row


def test_a_mayor_chooses_on_a_map_what_is_compared(reader):
    page = reader.open("/comparer")
    for count, kind in ((1, "reseaux"), (2, "autres_documents")):
        click_an_area(page, OVERVIEW[kind][1])
        reach(page, lambda url, count=count: url.count("t=departement-") == count)
    for key in parameters(page)["t"]:
        code = key.partition("-")[2]
        expect(page.get_by_role("columnheader", name=f"département {code})").first).to_be_attached()


# --- a researcher: from words to rows -------------------------------------------------------------


def test_a_researcher_reads_the_same_rows_on_the_page_in_a_file_and_by_an_address(reader):
    page = reader.open("/themes")
    field = page.get_by_role("textbox", name=re.compile("^Chercher dans les priorités"))
    field.fill("médiation numérique")
    field.press("Enter")
    reach(page, re.compile("texte="))
    expect(page.get_by_text(re.compile("^Cherché.*médiation"))).to_be_visible()
    page.get_by_role("button", name=re.compile("^Départements · ")).click()
    reach(page, re.compile("niveau=departement"))

    # a table, narrowed
    page.get_by_role("link", name="Données").click()
    reach(page, re.compile("/donnees"))
    menu = page.get_by_role("combobox", name=re.compile("Table"))
    menu.fill("budgets ·")
    menu.press("Enter")
    reach(page, re.compile("table=budgets"))
    page.get_by_role("button", name="Ajouter un filtre").click()
    column = page.get_by_role("combobox", name=re.compile("Colonne"))
    column.fill("montant : Montant")
    column.press("Enter")
    value = page.get_by_role("textbox", name="Valeur")
    expect(value).to_have_attribute("placeholder", re.compile(r"^ex\. : \d"))
    value.fill("100 000 000")
    value.press("Enter")
    settle(page)
    page.get_by_role("button", name="Ajouter", exact=True).click()
    reach(page, re.compile("filtre=montant"))

    # its rows: as the tables have them, as shown, by the address that is given, as a file
    expected = query("SELECT budget_id, montant FROM budgets WHERE montant = 100000000")
    total = query("SELECT count(*) FROM budgets").iloc[0, 0]
    counted = page.get_by_text(re.compile(rf"^\d+\slignes? sur {total}$"))
    expect(counted).to_have_text(re.compile(rf"^{len(expected)}\slignes?"))
    grid = page.get_by_test_id("stDataFrame").locator("[role=grid]")
    expect(grid).to_have_attribute("aria-rowcount", str(len(expected) + 1))
    index = grid.locator("[role=columnheader]").all_inner_texts().index("budget_id")
    cells = [row.locator("[role=gridcell]").all_inner_texts()
             for row in grid.locator("[role=row]").all()[1:]]  # fmt: skip
    ids_shown = [row[index] for row in cells if row]
    address = page.get_by_text(re.compile(r"/tables/budgets\.csv\?montant=")).first.inner_text()
    csv_rows = pd.read_csv(io.StringIO(httpx.get(address.strip()).text))
    filed = pd.read_csv(fetched(page, "CSV", role="link"))
    assert len(ids_shown) > 3 and set(ids_shown) <= set(expected["budget_id"])
    assert set(csv_rows["budget_id"]) == set(expected["budget_id"])
    assert list(ids_shown) == list(csv_rows["budget_id"])[: len(ids_shown)]
    pd.testing.assert_frame_equal(filed[csv_rows.columns], csv_rows)


# --- a contributor: from the template to a package ------------------------------------------------

TITLE = "Haute-Loire numérique 2026-2030"
SHEETS = {
    "sources": {
        "source_id": "s1",
        "url": "https://exemple.fr/numerique.pdf",
        "titre": "Délibération du 12 mars 2026",
        "editeur": "Département de la Haute-Loire",
        "type": "institutionnel",
        "date_publication": "2026-03-12",
        "consulte_le": "2026-11-20",
    },
    "strategies": {
        "strategie_id": "departement-43-sdusn-2026",
        "territoire_niveau": "departement",
        "territoire_code": "43",
        "titre": TITLE,
        "type": "sdusn",
        "statut": "adoptee",
        "date_adoption": "2026-03-12",
        "annee_debut": 2026,
        "annee_fin": 2030,
        "certitude": "explicite",
        "source_id": "s1",
    },
    "priorites": {
        "strategie_id": "departement-43-sdusn-2026",
        "rang": 1,
        "intitule": "Un lieu de médiation par canton",
        "theme": "inclusion_mediation",
        "certitude": "explicite",
        "source_id": "s1",
    },
}
MISTAKES = {"type": "sdunn", "date_adoption": "31/02/2026"}


def filled(template: Path, saved: Path, **mistakes: str) -> Path:
    """Fill the template in, one line a sheet; `mistakes` go in the line of the strategy."""
    book = openpyxl.load_workbook(template)
    for sheet, cells in SHEETS.items():
        columns = {cell.value: cell.column for cell in book[sheet][2]}
        for name, value in {**cells, **(mistakes if sheet == "strategies" else {})}.items():
            book[sheet].cell(3, columns[name]).value = value
    book.save(saved)
    return saved


def send(page: Page, path: Path) -> None:
    """Choose a file where the page asks for one."""
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name=re.compile("Choisir un fichier|Upload|Déposez")).click()
    chooser.value.set_files(path)


def cells(path: Path) -> dict[tuple[str, str], object]:
    """Return the cells of a workbook that hold something, by sheet and reference."""
    return {
        (sheet.title, cell.coordinate): cell.value
        for sheet in openpyxl.load_workbook(path)
        for row in sheet.iter_rows()
        for cell in row
        if cell.value is not None
    }


def test_what_has_one_meaning_is_corrected_at_a_click_in_the_file_sent(reader, tmp_path):
    page = reader.open("/contribuer")
    page.get_by_role("tab", name="Avec un tableur").click()
    mistakes = {"type": "sdunn", "date_adoption": "12/05/2026"}
    sent = filled(fetched(page, "Modèle à remplir"), tmp_path / "ma-strategie.xlsx", **mistakes)
    send(page, sent)
    page.get_by_role("button", name=re.compile("sdunn.*→.*sdusn")).click()
    expect(page.get_by_text(re.compile("^Fichier valide"))).to_be_visible()
    expect(page.get_by_text(re.compile(r"^1\scellule changée"))).to_be_visible()
    settle(page)
    page.get_by_role("button", name=re.compile("Appliquer.*2026-05-12")).click()
    expect(page.get_by_text(re.compile(r"^2\scellules changées"))).to_be_visible()
    settle(page)
    check_unfolded(page)
    path = fetched(page, "Fichier corrigé")
    assert path.name == "ma-strategie_corrige.xlsx"
    before, after = cells(sent), cells(path)
    assert before.keys() == after.keys()
    changed = {(before[cell], after[cell]) for cell in before if before[cell] != after[cell]}
    assert changed == {("sdunn", "sdusn"), ("12/05/2026", "2026-05-12")}


def test_a_contributor_mends_a_file_sees_it_alone_and_takes_the_package(reader, tmp_path):
    before = legend(reader.open("/"))
    page = reader.open("/contribuer")
    page.get_by_role("tab", name="Avec un tableur").click()
    template = fetched(page, "Modèle à remplir")

    # mistakes: where they are, what is wrong, what to put instead
    send(page, filled(template, tmp_path / "ma-strategie.xlsx", **MISTAKES))
    expect(page.get_by_text(re.compile(r"^Fichier à corriger\s: 2\serreurs"))).to_be_visible()
    settle(page)
    code, date = page.get_by_role("group").all()[:2]
    row = code.get_by_role("row").nth(1)
    expect(row).to_have_text(re.compile("strategies.*3.*type.*sdunn.*n’est pas un code.*sdusn"))
    date.get_by_text("date mal écrite").click()
    row = date.get_by_role("row").nth(1)
    expect(row).to_have_text(re.compile("strategies.*3.*date_adoption.*exemple.*2021-06-24"))
    marked = openpyxl.load_workbook(
        fetched(page, "Mon fichier, cellules à corriger marquées (Excel)")
    )
    columns = [cell.value for cell in marked["strategies"][2]]
    commented_columns = {
        columns[cell.column - 1] for cell in marked["strategies"][3] if cell.comment
    }
    assert commented_columns == set(MISTAKES)
    expect(page.get_by_role("button", name="Ouvrir l’aperçu")).to_have_count(0)
    check_unfolded(page)

    # mended
    page.get_by_role("button", name=re.compile("Remove|Retirer|Delete")).first.click()
    send(page, filled(template, tmp_path / "corrigee.xlsx"))
    expect(page.get_by_text(re.compile("^Fichier valide"))).to_be_visible()
    settle(page)

    # seen on the pages, by its sender alone
    page.get_by_role("button", name="Ouvrir l’aperçu").click()
    expect(page.get_by_text("Aperçu ouvert")).to_be_visible()
    settle(page)
    package = fetched(page, "Fichier à envoyer (zip)")
    check_unfolded(page)
    page.get_by_role("link", name="sur la carte").click()
    reach(page, re.compile("t=departement-43"))
    expect(page.get_by_text(TITLE).first).to_be_visible()
    after = legend(page)
    changed = {name: after[name] - count for name, count in before.items() if after[name] != count}
    assert sorted(changed.values()) == [-1, 1]
    page.get_by_role("link", name="Voir la page du territoire").click()
    expect(page.get_by_text(TITLE).first).to_be_visible()
    settle(page)
    page.get_by_role("link", name="Qui lui ressemble ?").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Les pairs de la Haute-Loire")
    settle(page)
    other_page = reader.open("/territoire?t=departement-43")
    expect(other_page.get_by_text(TITLE)).to_have_count(0)

    # the package is valid, and is imported with all that was written
    report = validate(package)
    assert report.is_valid and not report.warnings
    (tmp_path / "strategies").mkdir()
    result = import_package(package, parent_folder=tmp_path / "strategies", confirm=lambda _: True)
    assert result.outcome == "fait", result.message
    tables = read_package(result.folder).tables
    for sheet, cells in SHEETS.items():
        assert {name: str(value) for name, value in cells.items()}.items() <= dict(
            tables[sheet].astype(str).iloc[0]
        ).items()
