"""What a reader does, in a real browser: look, click, compare, download, share."""

import io
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import duckdb
import httpx
import numpy as np
import openpyxl
import pandas as pd
import pypdf
import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from comparisons.format import PROJECT_DIR
from comparisons.layers import STATE_COLOURS, layer
from comparisons.text import typographic
from comparisons.validation import validate
from comparisons.view import MapView
from comparisons.warehouse import query

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

DESKTOP, PHONE = (1366, 768), (390, 844)
CONTENT = (
    "/?t=departement-35",
    "/territoire?t=region-53",
    "/comparer?t=departement-35&t=departement-22&t=region-53",
    "/pairs?t=departement-53",
    "/mutualisation?organisme=megalis-bretagne",
    "/themes?texte=archivage",
    "/themes?partie=fiche&fiche=donnees",
)
MARKUP = "<img src=x onerror=alert(1)> **gras** [lien](https://exemple.test) :red[rouge]"


def parameters(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


def name_of(key: str) -> str:
    level, code = key.split("-", 1)
    rows = query(
        "SELECT nom FROM territoires WHERE territoire_niveau = ? AND territoire_code = ?",
        [level, code],
    )
    return typographic(rows["nom"].iloc[0])


def size_of(level: str) -> int:
    rows = query("SELECT count(*) AS n FROM territoires WHERE territoire_niveau = ?", [level])
    return int(rows["n"].iloc[0])


def canvas(page: Page) -> Locator:
    return page.locator(".maplibregl-canvas")


def picture(page: Page) -> np.ndarray:
    """Take a picture of the map: height × width × (red, green, blue)."""
    taken = Image.open(io.BytesIO(canvas(page).screenshot()))
    return np.asarray(taken.convert("RGB")).astype(int)


def painted(pixels: np.ndarray, colour: str) -> np.ndarray:
    """Tell which pixels have a colour."""
    wanted = [int(colour[start : start + 2], 16) for start in (1, 3, 5)]
    return (abs(pixels - wanted) <= 3).all(axis=2)


def wait_for_colours(page: Page, colours: list[str], at_least: int) -> np.ndarray:
    """Look at the map until it has some of these colours; give the picture."""
    for _ in range(60):
        pixels = picture(page)
        seen = [colour for colour in colours if painted(pixels, colour).sum() > 200]
        if len(seen) >= at_least:
            return pixels
        page.wait_for_timeout(250)
    raise AssertionError(f"The map shows only {seen} of {colours}.")


def middle_of_an_area(mask: np.ndarray, around: int = 7) -> tuple[int, int]:
    """Find a point (x, y) of a mask that is far from its edges."""
    total = np.pad(mask, ((1, 0), (1, 0))).astype(int).cumsum(axis=0).cumsum(axis=1)
    side = 2 * around + 1
    full = (
        total[side:, side:] - total[:-side, side:] - total[side:, :-side] + total[:-side, :-side]
    ) == side * side
    rows, columns = np.nonzero(full)
    assert len(rows), "no area of that colour is large enough to be clicked"
    return int(columns[0]) + around, int(rows[0]) + around


def legend(page: Page) -> dict[str, int]:
    """Read the legend of the map."""
    found = {}
    for line in page.locator(".legendtext").all_text_contents():
        text, count = re.fullmatch(r"(.*) \(([\d\s]+)\)", line).groups()
        found[text] = int(re.sub(r"\s", "", count))
    return found


def choose(page: Page, answer: str) -> None:
    page.get_by_role("radio", name=answer).click()


# --- the whole journey ---------------------------------------------------------------------------


def test_from_the_map_to_a_file(reader, settle):
    page = reader.open("/")

    # the map is painted
    pixels = wait_for_colours(page, list(STATE_COLOURS.values()), at_least=3)

    # a click on it opens the card of what is there
    state, colour = "terminee", STATE_COLOURS["terminee"]
    mask = painted(pixels, colour)
    mask[:, mask.shape[1] // 2 :] = False  # the legend is at the right
    x, y = middle_of_an_area(mask)
    box = canvas(page).bounding_box()
    page.mouse.click(box["x"] + x, box["y"] + y)
    page.wait_for_url(re.compile(r"[?&]t=departement-"))
    key = parameters(page)["t"][0]
    classes = layer(MapView()).data.set_index("territoire_code")["classe"]
    assert classes[key.removeprefix("departement-")] == state
    expect(page.get_by_role("heading", name=name_of(key), exact=True)).to_be_visible()

    # from the card to the territory's page
    page.get_by_role("link", name="Voir la page du territoire").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name_of(key))
    settle(page)
    assert urlsplit(page.url).path == "/territoire"
    assert parameters(page) == {"t": [key]}

    # from there to its neighbours, side by side
    page.get_by_role("link", name="Comparer avec ses voisins").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Comparer")
    expect(page.get_by_role("columnheader", name=name_of(key)).first).to_be_visible()
    settle(page)
    compared = parameters(page)["t"]
    assert compared[0] == key
    assert 2 <= len(compared) <= 4
    identity = page.get_by_role("table").first
    assert identity.get_by_role("columnheader").count() == len(compared) + 1

    # what is compared is downloaded
    codes = [key.removeprefix("departement-") for key in compared]
    people = query(
        """SELECT population FROM territoires
           WHERE territoire_niveau = 'departement' AND list_contains($codes, territoire_code)
           ORDER BY list_position($codes, territoire_code)""",
        {"codes": codes},
    )["population"]
    with zipfile.ZipFile(download(page, "Tables CSV (zip)")) as archive:
        cells = pd.read_csv(archive.open("cellules.csv"))
    assert list(cells.loc[cells["ligne"] == "population", "valeur"]) == list(people)

    workbook = openpyxl.load_workbook(download(page, "Classeur Excel"))
    assert workbook.sheetnames[0] == "Lisez-moi"
    rows = {row[0]: row[1:] for row in workbook["Identité et taille"].iter_rows(values_only=True)}
    assert list(rows["Population"][: len(codes)]) == list(people)

    paper = pypdf.PdfReader(download(page, "Document à imprimer (PDF)"))
    assert paper.pages[0].mediabox.width > paper.pages[0].mediabox.height
    assert name_of(key) in paper.pages[0].extract_text()
    own = """list_contains(?, territoire_code) AND territoire_niveau = 'departement'"""
    for sheet, columns in {
        "strategies": ["strategie_id", "titre", "annee_debut"],
        "budgets_comparables": ["strategie_id", "perimetre", "montant", "population"],
        "mutualisations": ["partenaire_id", "service", "role", "annee_debut"],
    }.items():
        heading, *lines = workbook[sheet].iter_rows(values_only=True)
        positions = [heading.index(column) for column in columns]
        written = {tuple(line[position] for position in positions) for line in lines}
        names = ", ".join(columns)
        known = query(f"SELECT {names} FROM {sheet}").astype(object)
        theirs = query(f"SELECT {names} FROM {sheet} WHERE {own}", [codes]).astype(object)
        assert written <= set(known.where(known.notna(), None).itertuples(index=False, name=None))
        assert written >= set(theirs.where(theirs.notna(), None).itertuples(index=False, name=None))

    # the map again, then back: the comparison is still there
    page.get_by_role("link", name="Carte").click()
    expect(canvas(page)).to_be_visible()
    settle(page)
    assert parameters(page)["t"] == [key]
    page.get_by_role("link", name="Comparer", exact=True).click()
    expect(page.get_by_role("columnheader", name=name_of(key)).first).to_be_visible()
    settle(page)
    assert parameters(page)["t"] == compared


def download(page: Page, name: str) -> Path:
    """Take a file of the dataset: its name says which edition it is of."""
    path = fetched(page, name)
    assert re.fullmatch(r"stratoscope_[a-z0-9-]+_[0-9a-f]{12}\.(csv|xlsx|pdf|zip)", path.name)
    return path


def fetched(page: Page, name: str) -> Path:
    with page.expect_download() as waiting:
        page.get_by_role("button", name=name).click()
    downloaded = waiting.value
    assert downloaded.failure() is None
    target = downloaded.path().with_name(_file(downloaded))
    downloaded.save_as(target)
    return target


def _file(downloaded) -> str:
    return downloaded.suggested_filename


# --- the map -------------------------------------------------------------------------------------


def test_question_and_level_write_the_address_and_outlines_come_once(reader, settle):
    page = reader.open("/")
    outlines = []
    page.on("request", lambda r: outlines.append(r.url) if "/api/v1/geo/" in r.url else None)
    steps = [
        ("Qui en fait une priorité ?", {"question": ["theme"]}, "departement"),
        ("Régions", {"question": ["theme"], "niveau": ["region"]}, "region"),
        ("Combien d’argent ?", {"question": ["budget"], "niveau": ["region"]}, "region"),
        ("Départements", {"question": ["budget"]}, "departement"),
        ("Qui a une stratégie ?", {}, "departement"),
    ]
    for answer, expected, level in steps:
        before = page.locator(".legendtext").all_text_contents()
        choose(page, answer)
        expect(page.locator(".legendtext")).not_to_have_text(before)
        settle(page)
        assert parameters(page) == expected
        assert sum(legend(page).values()) == size_of(level)
    # each level's once, whatever the going back and forth
    levels = [re.sub(r".*/(\w+)-[0-9a-f]{10}\.geojson", r"\1", url) for url in outlines]
    assert "region" in levels
    assert len(levels) == len(set(levels))


def test_outlines_are_compressed_and_kept_for_ever(server):
    geometries = httpx.get(f"{server.url}/api/v1/").json()["geometries"]
    for level in ("region", "departement", "epci"):
        assert re.fullmatch(rf"/api/v1/geo/{level}-[0-9a-f]{{10}}\.geojson", geometries[level])
        answer = httpx.get(server.url + geometries[level], headers={"Accept-Encoding": "gzip"})
        assert answer.status_code == 200
        assert answer.headers["content-encoding"] == "gzip"
        assert "immutable" in answer.headers["cache-control"]
        features = answer.json()["features"]
        assert len(features) == size_of(level)


def test_an_address_shows_the_same_to_someone_else(reader, settle):
    page = reader.open("/")
    choose(page, "Qui en fait une priorité ?")
    page.wait_for_url(re.compile("question=theme"))
    settle(page)
    choose(page, "Régions")
    page.wait_for_url(re.compile("niveau=region"))
    settle(page)
    search = page.get_by_role("combobox", name="Chercher un territoire")
    search.fill("Bretagne")
    search.press("Enter")
    page.wait_for_url(re.compile("t=region-53"))
    expect(page.get_by_role("link", name="Voir la page du territoire")).to_be_visible()
    settle(page)
    page.get_by_text("Voir le tableau et le télécharger").click()
    page.get_by_role("button", name="Partager").click()
    address = page.get_by_test_id("stPopoverBody").locator("code").inner_text().strip()
    shared, seen = urlsplit(address), urlsplit(page.url)
    assert (shared.netloc, shared.query) == (seen.netloc, seen.query)

    context = reader.new_context()
    other = reader.open_in(context, address.removeprefix(reader.site))
    expect(other.locator(".legendtext").first).to_be_attached()
    for part in ("h3", ".legendtext", "h4"):
        assert other.locator(part).all_text_contents() == page.locator(part).all_text_contents()
    assert other.get_by_role("radio", checked=True).all_inner_texts() == [
        "Qui en fait une priorité ?",
        "Régions",
    ]
    context.close()


# --- the search ----------------------------------------------------------------------------------


def search(page: Page, text: str) -> Locator:
    field = page.get_by_role("combobox", name="Chercher un territoire")
    field.fill(text)
    return field


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
def test_a_territory_is_found_from_any_page(reader, settle, size):
    page = reader.open("/methode", size=size)
    field = search(page, "cc broceliande")
    options = page.get_by_role("option")
    expect(options).to_have_count(2)
    expect(field).to_have_attribute("aria-expanded", "true")
    field.press("ArrowDown")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    name = options.nth(1).locator("strong").inner_text()
    field.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    settle(page)
    assert urlsplit(page.url).path == "/territoire"
    search(page, "strabourg")
    page.get_by_role("option", name="Strasbourg commune, Bas-Rhin (67)").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Strasbourg")


def test_nothing_found_says_what_to_try_and_is_read_aloud(reader):
    page = reader.open("/")
    field = search(page, "<img src=x onerror=alert(1)> zzz")
    told = page.get_by_role("status").filter(has_text="Essayez")
    expect(told).to_be_visible()
    expect(page.get_by_role("option")).to_have_count(0)
    field.press("Escape")
    expect(told).to_have_count(0)
    expect(field).to_have_value("")


def test_the_last_words_typed_are_the_ones_answered(reader, settle):
    page = reader.open("/")
    field = search(page, "bret")
    expect(page.get_by_role("option").first).to_be_visible()
    field.fill("mayenne")
    field.press("Enter")  # before the answer has come
    expect(page.get_by_role("heading", name="Mayenne", exact=True)).to_be_visible()
    settle(page)
    assert parameters(page)["t"] == ["departement-53"]


def test_a_comparison_is_made_by_search_and_kept_in_the_address(reader, settle):
    page = reader.open("/comparer?t=departement-35")
    field = page.get_by_role("combobox", name="Ajouter un territoire à la comparaison")
    field.fill("22")
    field.press("Enter")
    expect(
        page.get_by_role("columnheader", name="Côtes-d’Armor (département 22)").first
    ).to_be_visible()
    settle(page)
    assert parameters(page)["t"] == ["departement-35", "departement-22"]
    choose(page, "Seulement ce qui est commun")
    page.wait_for_url(re.compile("montrer=commun"))
    settle(page)
    expect(page.get_by_role("cell", name="Mégalis Bretagne").first).to_be_visible()
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Image SVG").first.click()
    assert waiting.value.suggested_filename.endswith(".svg")
    assert waiting.value.path().read_text(encoding="utf-8").startswith("<svg")
    address = page.url.removeprefix(reader.site)
    other = reader.open(address)
    expect(other.get_by_role("radio", checked=True)).to_have_count(2)
    assert other.get_by_role("columnheader").all_inner_texts() == (
        page.get_by_role("columnheader").all_inner_texts()
    )


# --- a DGS's journey -----------------------------------------------------------------------------


def test_from_my_peers_to_what_they_do_and_to_a_workbook(reader, settle):
    page = reader.open("/pairs")
    search(page, "mayenne").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Les pairs de la Mayenne")
    settle(page)
    assert parameters(page) == {"t": ["departement-53"]}
    choose(page, "Hors de ma région")
    page.wait_for_url(re.compile("region=hors"))
    settle(page)
    table = page.get_by_role("table").first
    names = [name.inner_text() for name in table.get_by_role("link").all()]
    assert len(names) == 10 and "Sarthe" not in names
    page.get_by_role("radio", name="Médiation numérique", exact=True).click()
    evidence = page.get_by_role("table").filter(has=page.get_by_text("Organisme"))
    expect(evidence.get_by_role("link").first).to_have_attribute("href", re.compile("^https?://"))
    workbook = openpyxl.load_workbook(download(page, "Classeur Excel"))
    assert workbook["pairs"].max_row == 11
    page.get_by_role("link", name="Comparer avec les 5 premiers").click()
    expect(page.get_by_role("columnheader", name=names[0]).first).to_be_visible()
    settle(page)
    assert len(parameters(page)["t"]) == 6


# --- a researcher's journey -----------------------------------------------------------------------


def test_from_words_to_a_table_to_the_same_rows_by_an_address(reader, settle):
    page = reader.open("/themes")
    field = page.get_by_role("textbox", name=re.compile("^Chercher dans les priorités"))
    field.fill("médiation numérique")
    field.press("Enter")
    page.wait_for_url(re.compile("texte="))
    settle(page)
    expect(page.get_by_text(re.compile("^Cherché.*médiation"))).to_be_visible()
    page.get_by_role("button", name=re.compile("^Départements · ")).click()
    page.wait_for_url(re.compile("niveau=departement"))
    page.get_by_role("link", name="Données").click()
    page.wait_for_url(re.compile("/donnees"))
    settle(page)
    menu = page.get_by_role("combobox", name=re.compile("Table"))
    menu.fill("budgets ·")
    menu.press("Enter")
    page.wait_for_url(re.compile("table=budgets"))
    settle(page)
    page.get_by_role("button", name="Ajouter un filtre").click()
    column = page.get_by_role("combobox", name=re.compile("Colonne"))
    column.fill("montant : Montant")
    column.press("Enter")
    settle(page)
    value = page.get_by_role("textbox", name="Valeur")
    expect(value).to_have_attribute("placeholder", re.compile(r"^ex\. : \d"))
    value.fill("100 000 000")
    value.press("Enter")
    settle(page)
    page.get_by_role("button", name="Ajouter", exact=True).click()
    page.wait_for_url(re.compile("filtre=montant"))
    settle(page)
    asked = page.get_by_role("link", name="CSV", exact=True).get_attribute("href")
    rows = pd.read_csv(io.StringIO(httpx.get(asked).text))
    expected = query("SELECT budget_id FROM budgets WHERE montant = 100000000")
    assert set(rows["budget_id"]) == set(expected["budget_id"]) and len(rows) > 0
    shown = page.get_by_text(re.compile(r"^\d+\slignes? sur 584$"))
    expect(shown).to_have_text(re.compile(rf"^{len(rows)}\sligne"))


def test_the_script_of_the_documentation_finds_the_same_euros_per_inhabitant(server):
    script = PROJECT_DIR / "docs" / "reproduire_une_comparaison.py"
    ran = subprocess.run(
        [sys.executable, str(script), server.url], capture_output=True, text=True, check=True
    )
    rows = [line.split() for line in ran.stdout.splitlines() if " infrastructures " in line]
    assert len(rows) > 1
    for *_, shown, computed in rows:
        assert float(shown) == pytest.approx(float(computed))


def test_a_query_of_ones_own_is_run(reader, settle):
    page = reader.open("/donnees?partie=requetes")
    text = page.get_by_role("textbox", name="Requête")
    text.fill("SELECT territoire_niveau, count(*) AS n FROM strategies GROUP BY ALL ORDER BY n")
    page.get_by_role("button", name="Exécuter").click()
    page.wait_for_url(re.compile("requete="))
    settle(page)
    expect(page.get_by_text(re.compile(r"^4\slignes"))).to_be_visible()
    expect(page.get_by_test_id("stPlotlyChart")).to_be_visible()
    text.fill("DROP TABLE strategies")
    page.get_by_role("button", name="Exécuter").click()
    expect(page.get_by_role("alert")).to_be_visible()


def test_on_a_phone_controls_show_what_the_address_says(reader):
    page = reader.open("/?question=theme&theme=donnees&niveau=region", size=PHONE)
    expect(page.get_by_role("combobox", name=re.compile("Thème"))).to_have_value("Données")
    page = reader.open("/donnees?table=budgets", size=PHONE)
    expect(page.get_by_role("combobox", name=re.compile("Table"))).to_have_value(
        re.compile("^Budgets")
    )


# --- a contributor's journey ----------------------------------------------------------------------


def test_from_a_template_with_a_mistake_to_a_preview_and_a_package(reader, settle, tmp_path):
    page = reader.open("/contribuer")
    example = fetched(page, "Exemple rempli")
    book = openpyxl.load_workbook(example)
    sheet = book["strategies"]
    column = next(c.column for c in sheet[1] if c.value == "type")
    right = sheet.cell(2, column).value
    sheet.cell(2, column).value = "sdunn"
    wrong = tmp_path / "ma-strategie.xlsx"
    book.save(wrong)
    page.locator("input[type=file]").set_input_files(wrong)
    expect(page.get_by_text(re.compile("^Paquet à corriger"))).to_be_visible()
    expect(page.get_by_role("cell", name=right, exact=True)).to_be_visible()
    marked = openpyxl.load_workbook(fetched(page, "Mon fichier, cellules à corriger marquées"))
    assert marked["strategies"].cell(2, column).comment is not None
    page.get_by_role("button", name=re.compile("Remove|Retirer|Delete")).first.click()
    page.locator("input[type=file]").set_input_files(example)
    expect(page.get_by_text(re.compile("^Paquet valide"))).to_be_visible()
    package = tmp_path / "paquet.zip"
    package.write_bytes(Path(fetched(page, "Paquet à publier (zip)")).read_bytes())
    assert validate(package).valid
    page.get_by_role("button", name="Ouvrir l’aperçu").click()
    expect(page.get_by_text("Aperçu ouvert")).to_be_visible()
    page.get_by_role("link", name=re.compile("Mayenne.*sa fiche")).first.click()
    page.wait_for_url(re.compile("/territoire"))
    settle(page)
    expect(page.get_by_text("Exemple : stratégie départementale").first).to_be_visible()
    other = reader.open("/territoire?t=departement-53")
    expect(other.get_by_text("Exemple : stratégie départementale")).to_have_count(0)


def test_from_a_need_to_a_body_and_a_note(reader, settle):
    page = reader.open("/mutualisation")
    search(page, "mayenne").press("Enter")
    page.wait_for_url(re.compile("partie=avec_qui"))
    settle(page)
    expect(page.get_by_role("heading", name="Organismes à contacter")).to_be_visible()
    note = pypdf.PdfReader(download(page, "Note d’une page (PDF)"))
    assert len(note.pages) == 1 and "Mayenne" in note.pages[0].extract_text()
    choose(page, "Organismes")
    page.wait_for_url(lambda url: "partie" not in url)
    settle(page)
    field = page.get_by_role("textbox", name="Nom, sigle, service, solution")
    field.fill("megalis")
    field.press("Enter")
    expect(page.get_by_role("link", name="Mégalis Bretagne")).to_be_visible()
    settle(page)
    other = reader.open(page.get_by_role("link", name="Mégalis Bretagne").get_attribute("href"))
    expect(other.get_by_role("heading", level=2, name="Mégalis Bretagne")).to_be_visible()
    expect(other.locator(".legendtext").first).to_be_attached()


# --- the basket ----------------------------------------------------------------------------------


def test_territories_are_gathered_in_the_basket_and_compared(reader, settle):
    page = reader.open("/territoire?t=departement-35")
    page.get_by_role("button", name="Ajouter au panier").click()
    expect(page.get_by_role("button", name="Panier (1)")).to_be_visible()
    search(page, "morbihan").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Morbihan")
    settle(page)
    page.get_by_role("button", name="Ajouter au panier").click()
    expect(page.get_by_role("button", name="Panier (2)")).to_be_visible()
    page.wait_for_url(re.compile("panier=departement-35&panier=departement-56"))
    page.get_by_role("button", name="Panier (2)").click()
    page.get_by_role("link", name="Comparer ces territoires").click()
    expect(page.get_by_role("columnheader", name="Morbihan").first).to_be_visible()
    settle(page)
    assert parameters(page)["t"] == ["departement-35", "departement-56"]


# --- the address and what is shown ---------------------------------------------------------------


def test_the_back_button_goes_back_one_choice(reader, settle):
    page = reader.open("/")
    choose(page, "Qui en fait une priorité ?")
    page.wait_for_url(re.compile(r"question=theme"))
    settle(page)
    page.go_back()
    expect(page.get_by_role("heading", level=3)).to_contain_text("Qui a une stratégie numérique ?")
    expect(page.get_by_role("radio", name="Qui a une stratégie ?")).to_be_checked()
    assert parameters(page) == {}


def test_two_quick_choices_are_both_kept(reader, settle):
    page = reader.context().new_page()
    slow, held = [], []

    def listen(client) -> None:
        server = client.connect_to_server()
        server.on_message(lambda m: held.append((client, m)) if slow else client.send(m))

    page.route_web_socket(re.compile("_stcore/stream"), listen)
    page.goto("/")
    settle(page)
    # the second choice is made when the first is answered, but before the browser hears of it
    slow.append(True)
    choose(page, "Qui en fait une priorité ?")
    while not any(ForwardMsg.FromString(m).HasField("script_finished") for _, m in held):
        page.wait_for_timeout(20)
    choose(page, "Régions")
    slow.clear()
    for client, message in held:
        client.send(message)
    expect(page.locator(".legendtext").first).to_contain_text("Priorité")
    expect(page).to_have_url(re.compile(r"niveau=region&question=theme"))
    page.close()


def test_menus_of_a_phone_show_what_the_address_says(reader):
    context = reader.new_context(PHONE)
    page = reader.open_in(context, "/comparer?t=departement-35&t=departement-22")
    expect(page.get_by_role("button", name="Ille-et-Vilaine (département 35)")).to_be_visible()
    context.close()


# --- data that bites -----------------------------------------------------------------------------


def test_markup_in_the_data_is_read_not_obeyed(new_reader, serving, database, tmp_path):
    path = tmp_path / "hostile.duckdb"
    path.write_bytes(database.read_bytes())
    with duckdb.connect(str(path)) as connection:
        for table, column in (
            ("strategies", "titre"),
            ("strategies", "resume"),
            ("priorites", "intitule"),
            ("partenaires", "nom"),
            ("sources", "editeur"),
            ("territoires", "nom"),
        ):
            connection.execute(f"UPDATE {table} SET {column} = {column} || ?", [f" {MARKUP}"])
    with serving(path, tmp_path / "hostile.log") as site, new_reader(site) as reader:
        # the others are looked at without a browser
        for where in CONTENT[1:3] + CONTENT[-1:]:
            page = reader.open(where)
            expect(page.get_by_text("onerror").first).to_be_attached()
            obeyed = page.locator("img[src=x], strong, a, span")
            expect(obeyed.filter(has_text=re.compile("^(gras|lien|rouge)$"))).to_have_count(0)
            expect(page.locator("img[src=x]")).to_have_count(0)
            page.close()
        assert reader.watch.faults == []
        assert site.errors == []
