"""What a reader does, in a real browser: look, search, choose, share, go back."""

import re
import subprocess
import sys
import zipfile
from urllib.parse import urlsplit

import pandas as pd
import pypdf
import pytest
from browsing import (
    BUT_CONTRAST,
    DESKTOP,
    PHONE,
    choose,
    download,
    legend,
    parameters,
    reach,
    search,
    settle,
    violations,
)
from playwright.sync_api import expect
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from comparisons.database.connection import query
from comparisons.settings import PROJECT_DIR

pytestmark = pytest.mark.browser


def test_the_watch_records_every_kind_of_fault(new_reader, server):
    with new_reader(server) as reader:
        page = reader.open("/methode")
        page.evaluate(
            """async () => {
                console.error("said");
                setTimeout(() => { throw new Error("thrown") });
                await fetch("/api/v1/absente");
                const told = new Promise(done => addEventListener("securitypolicyviolation", done));
                await fetch("https://exemple.test/").catch(() => {});
                await told;
            }"""
        )
        reported_faults = " ".join(reader.watch.faults)
        reader.watch.faults.clear()
    # the last is asked for and not found, or refused by the site's own policy
    for fault in (
        "console: said",
        "page error: thrown",
        "404: ",
        "policy: connect-src https://exem",
    ):
        assert fault in reported_faults


# --- the map -------------------------------------------------------------------------------------


def size_of(level: str) -> int:
    rows = query("SELECT count(*) AS n FROM territoires WHERE territoire_niveau = ?", [level])
    return int(rows["n"].iloc[0])


def test_question_and_level_write_the_address_and_outlines_come_once(reader):
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
    for label, expected, level in steps:
        before = page.locator(".legendtext").all_text_contents()
        choose(page, label)
        expect(page.locator(".legendtext")).not_to_have_text(before)
        settle(page)
        assert parameters(page) == expected
        assert sum(legend(page).values()) == size_of(level)
    # each level's once, whatever the going back and forth
    levels = [re.sub(r".*/(\w+)-[0-9a-f]{10}\.geojson", r"\1", url) for url in outlines]
    assert "region" in levels
    assert len(levels) == len(set(levels))


def test_an_address_shows_the_same_to_someone_else(reader):
    page = reader.open("/")
    choose(page, "Qui en fait une priorité ?")
    reach(page, re.compile("question=theme"))
    choose(page, "Régions")
    reach(page, re.compile("niveau=region"))
    search(page, "Bretagne").press("Enter")
    page.wait_for_url(re.compile("t=region-53"))
    expect(page.get_by_role("link", name="Voir la page du territoire")).to_be_visible()
    settle(page)
    page.get_by_text("Voir le tableau et le télécharger").click()
    # the folded part still moves while its table is drawn: a click then may miss the button
    expect(page.get_by_test_id("stDataFrame")).to_be_visible()
    settle(page)
    page.get_by_role("button", name="Lien").first.click()
    address = page.get_by_test_id("stPopoverBody").locator("code").inner_text().strip()
    shared, opened_url = urlsplit(address), urlsplit(page.url)
    assert (shared.netloc, shared.query) == (opened_url.netloc, opened_url.query)

    second_page = reader.open_in(reader.new_context(), address.removeprefix(reader.site))
    expect(second_page.locator(".legendtext").first).to_be_attached()
    for part in ("h3", ".legendtext", "h4"):
        assert (
            second_page.locator(part).all_text_contents() == page.locator(part).all_text_contents()
        )
    question, level = second_page.get_by_role("radio", checked=True).all_inner_texts()
    assert (question, level) == ("Qui en fait une priorité\u00a0?", "Régions")


# --- the search ----------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_territory_is_found_from_any_page(reader, size):
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


def test_all_that_a_word_names_is_found_in_groups_and_opened_by_keyboard(reader):
    page = reader.open("/territoire?t=departement-50")
    page.get_by_role("button", name="Ajouter au panier").click()
    expect(page.get_by_role("button", name="Panier (1)")).to_be_visible()
    settle(page)
    expect(page.get_by_test_id("stToast")).to_have_count(0)
    for typed, groups, keys, address in (
        ("inclusion", ["Thèmes", "Organismes", "Documents", "Textes"], [], "fiche=inclusion"),
        ("megalis", ["Organismes", "Textes"], [], "organisme=megalis-bretagne"),
        ("sdtan mayenne", ["Documents", "Textes"], [], r"/territoire\?t=departement-53"),
        ("cibersecurite", ["Thèmes", "Organismes", "Documents", "Textes"], ["ArrowUp"],
         "texte=cibersecurite"),
        ("collectivité de Corse", ["Territoires", "Documents", "Textes"], [], "t=region-94"),
    ):  # fmt: skip
        field = search(page, typed)
        shown = page.get_by_role("listbox", name="Résultats").get_by_role("group")
        expect(shown).to_have_count(len(groups))
        for group, name in zip(shown.all(), groups, strict=True):
            expect(group).to_have_accessible_name(name)
        if typed == "inclusion":
            assert violations(page, BUT_CONTRAST) == []
        for key in keys:
            field.press(key)
        field.press("Enter")
        reach(page, re.compile(address))
    expect(page.get_by_text("Rien pour « cibersecurite »")).to_have_count(0)
    expect(page.get_by_role("button", name="Panier (1)")).to_be_visible()
    assert len(page.context.pages) == 1


def test_nothing_found_says_what_to_try_and_is_read_aloud(reader):
    page = reader.open("/methode")
    field = search(page, "<img src=x onerror=alert(1)> zzz")
    status = page.get_by_role("status").filter(has_text="Essayez")
    expect(status).to_be_visible()
    expect(page.get_by_role("option")).to_have_count(0)
    field.press("Escape")
    expect(status).to_have_count(0)
    expect(field).to_have_value("")


def test_the_last_words_typed_are_the_ones_answered(reader):
    page = reader.open("/methode")
    field = search(page, "bret")
    expect(page.get_by_role("option").first).to_be_visible()
    field.fill("mayenne")
    field.press("Enter")  # before the answer has come
    expect(page.get_by_role("heading", name="Mayenne", exact=True)).to_be_visible()
    settle(page)
    assert parameters(page)["t"] == ["departement-53"]


# --- comparisons ---------------------------------------------------------------------------------


def test_a_comparison_is_made_by_search_and_kept_in_the_address(reader):
    page = reader.open("/comparer?t=departement-35")
    field = page.get_by_role("combobox", name="Ajouter un territoire à la comparaison")
    field.fill("22")
    field.press("Enter")
    expect(
        page.get_by_role("columnheader", name="Côtes-d’Armor (département 22)").first
    ).to_be_visible()
    settle(page)
    assert parameters(page)["t"] == ["departement-35", "departement-22"]
    choose(page, "En commun")
    reach(page, re.compile("montrer=commun"))
    expect(page.get_by_role("cell", name="Mégalis Bretagne").first).to_be_visible()
    address = page.url.removeprefix(reader.site)
    second_page = reader.open(address)
    # the mode, the rows shown
    expect(second_page.get_by_role("radio", checked=True)).to_have_count(2)
    assert second_page.get_by_role("columnheader").all_inner_texts() == (
        page.get_by_role("columnheader").all_inner_texts()
    )


def test_a_figure_of_a_comparison_is_taken_as_an_image(reader):
    page = reader.open("/comparer?t=departement-72&t=departement-53")
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Image SVG").first.click()
    assert waiting.value.suggested_filename.endswith(".svg")
    image = waiting.value.path().read_text(encoding="utf-8")
    assert image.startswith("<svg") and "<title>Sarthe et Mayenne</title>" in image


def test_a_map_is_printed_from_the_browser(reader):
    page = reader.open("/")
    page.locator(".maplibregl-canvas").wait_for()
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    picture = page.locator(".maplibregl-canvas + img")
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 300
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    expect(picture).to_have_count(0)


def test_a_map_is_taken_out_of_the_page(reader):
    page = reader.open("/?t=departement-33")
    for label, start in (
        ("Image", b"\x89PNG"),
        ("Image SVG", b"<svg"),
        ("PDF à imprimer", b"%PDF"),
    ):
        with page.expect_download() as waiting:
            page.get_by_role("button", name=label, exact=True).click()
        assert waiting.value.path().read_bytes().startswith(start)


def test_territories_are_gathered_in_the_basket_and_compared(reader):
    page = reader.open("/territoire?t=departement-35")
    page.get_by_role("button", name="Ajouter au panier").click()
    expect(page.get_by_role("button", name="Panier (1)")).to_be_visible()
    settle(page)
    search(page, "morbihan").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Morbihan")
    settle(page)
    page.get_by_role("button", name="Ajouter au panier").click()
    expect(page.get_by_role("button", name="Panier (2)")).to_be_visible()
    reach(page, re.compile("panier=departement-35&panier=departement-56"))
    page.get_by_role("button", name="Panier (2)").click()
    page.get_by_role("link", name="Comparer ces territoires").click()
    expect(page.get_by_role("columnheader", name="Morbihan").first).to_be_visible()
    settle(page)
    assert parameters(page)["t"] == ["departement-35", "departement-56"]

    # on paper, as tables
    pdf_page = pypdf.PdfReader(download(page, "Document à imprimer (PDF)")).pages[0]
    assert (
        pdf_page.mediabox.width > pdf_page.mediabox.height and "Morbihan" in pdf_page.extract_text()
    )
    with zipfile.ZipFile(download(page, "Tables CSV (zip)")) as archive:
        cells = pd.read_csv(archive.open("cellules.csv"))
    people = query(
        "SELECT population FROM territoires WHERE territoire_niveau = 'departement' "
        "AND territoire_code IN ('35', '56') ORDER BY territoire_code"
    )["population"]
    assert list(cells.loc[cells["ligne"] == "population", "valeur"]) == list(people)


# --- a need, a query, a script -------------------------------------------------------------------


def test_from_a_need_to_a_body_and_a_note(reader):
    page = reader.open("/territoire?t=departement-53")
    # two clicks: the page, and the need
    page.get_by_role("link", name="Mutualiser", exact=True).click()
    reach(page, re.compile(r"/mutualisation\?t=departement-53"))
    page.get_by_role("table").first.get_by_role("link", name="Espace numérique de travail").click()
    reach(page, re.compile("partie=avec_qui.*service=ent"))
    expect(page.get_by_role("heading", name="Peut vous accueillir")).to_be_visible()
    note = pypdf.PdfReader(download(page, "Note d’une page (PDF)"))
    assert len(note.pages) == 1 and "Mayenne" in note.pages[0].extract_text()
    choose(page, "Organismes")
    reach(page, re.compile("partie=organismes"))
    field = page.get_by_role("textbox", name="Nom, sigle, service, solution")
    field.fill("megalis")
    field.press("Enter")
    expect(page.get_by_role("link", name="Mégalis Bretagne")).to_be_visible()
    settle(page)
    organisation_page = reader.open(
        page.get_by_role("link", name="Mégalis Bretagne").get_attribute("href")
    )
    expect(
        organisation_page.get_by_role("heading", level=2, name="Mégalis Bretagne")
    ).to_be_visible()
    expect(organisation_page.locator(".legendtext").first).to_be_attached()


def test_a_query_of_ones_own_is_run(reader):
    page = reader.open("/donnees?partie=requetes")
    text = page.get_by_role("textbox", name="Requête")
    text.fill("SELECT territoire_niveau, count(*) AS n FROM strategies GROUP BY ALL ORDER BY n")
    page.get_by_role("button", name="Exécuter").click()
    reach(page, re.compile("requete="))
    expect(page.get_by_text(re.compile(r"^4\slignes"))).to_be_visible()
    expect(page.get_by_role("region", name="Tableau : réponse à la requête")).to_be_visible()
    text.fill("DROP TABLE strategies")
    page.get_by_role("button", name="Exécuter").click()
    expect(page.get_by_role("alert")).to_be_visible()


def test_the_script_of_the_documentation_finds_the_same_euros_per_inhabitant(server):
    script = PROJECT_DIR / "docs" / "reproduire_une_comparaison.py"
    ran = subprocess.run(
        [sys.executable, str(script), server.url], capture_output=True, text=True, check=True
    )
    rows = [line.split() for line in ran.stdout.splitlines() if " infrastructures " in line]
    assert len(rows) > 1
    for *_, displayed, computed in rows:
        assert float(displayed) == pytest.approx(float(computed))


# --- the address and what is shown ---------------------------------------------------------------


def test_the_back_button_goes_back_one_choice(reader):
    page = reader.open("/")
    choose(page, "Qui en fait une priorité ?")
    reach(page, re.compile(r"question=theme"))
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Qui a une stratégie numérique ?")
    expect(page.get_by_role("radio", name="Qui a une stratégie ?")).to_be_checked()
    assert parameters(page) == {}


def test_two_quick_choices_are_both_kept(reader):
    page = reader.new_context().new_page()
    slow, held_messages = [], []

    def listen(client) -> None:
        server = client.connect_to_server()
        server.on_message(lambda m: held_messages.append((client, m)) if slow else client.send(m))

    page.route_web_socket(re.compile("_stcore/stream"), listen)
    page.goto("/")
    settle(page)
    # the second choice is made when the first is answered, but before the browser hears of it
    slow.append(True)
    choose(page, "Combien d’argent ?")
    while not any(ForwardMsg.FromString(m).HasField("script_finished") for _, m in held_messages):
        page.wait_for_timeout(20)
    choose(page, "Régions")
    # what comes meanwhile waits its turn
    while held_messages:
        client, message = held_messages.pop(0)
        client.send(message)
    slow.clear()
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_contain_text(re.compile(r"Montants relevés.*Régions de France"))
    expect(page).to_have_url(re.compile(r"niveau=region&question=budget"))


def test_controls_of_a_phone_show_what_the_address_says(reader):
    context = reader.new_context(PHONE)
    page = reader.open_in(context, "/comparer?t=departement-35&t=departement-22")
    expect(page.get_by_role("button", name="Ille-et-Vilaine (département 35)")).to_be_visible()
    page = reader.open_in(context, "/?question=theme&theme=donnees&niveau=region")
    expect(page.get_by_role("combobox", name=re.compile("Thème"))).to_have_value("Données")
    page = reader.open_in(context, "/donnees?table=budgets")
    expect(page.get_by_role("combobox", name=re.compile("Table"))).to_have_value(
        re.compile("^Budgets")
    )
