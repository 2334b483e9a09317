"""Pages for everyone: any window, any theme, without a mouse, read aloud."""

import re
import shutil
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

import pytest
from browsing import DESKTOP, PHONE, check_unfolded, reach, serious, settle, sticking_out
from playwright.sync_api import Page, expect

from comparisons import page_parameters
from comparisons.settings import FORMAT_DIR

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

CONTENT = {
    "carte": "/?t=departement-35",
    "territoire": "/territoire?t=region-53",
    "comparer": "/comparer?t=departement-35&t=departement-22&t=region-53",
    "pairs": "/pairs?t=departement-53",
    "mutualisation": "/mutualisation?partie=reseau&zone=region-53",
    "themes": "/themes?texte=inclusion",
    "frequence": "/themes?partie=frequence",
    "donnees": "/donnees?table=budgets&filtre=perimetre:usages",
    "representativite": "/donnees?partie=representativite",
    "contribuer": "/contribuer",
    "methode": "/methode",
}
# the other parts of these pages, and what they show without a choice
OTHERS = (
    "/?question=theme&niveau=region",
    "/?question=mutualisation&niveau=epci",
    "/?question=budget&deux=oui&etape_2=vote",
    "/territoire",
    "/territoire?t=departement-43",  # no strategy
    "/territoire?t=epci-243500139",
    "/territoire?t=commune-75056&par=document",
    "/comparer",
    "/comparer?mode=editions&t=departement-76",
    "/comparer?mode=echelons&t=commune-35238",
    "/pairs",
    "/pairs?t=departement-53&rubrique=themes&maniere=liste&avec=departement-72",
    "/mutualisation",
    "/mutualisation?organisme=megalis-bretagne",
    "/mutualisation?partie=services&t=departement-35&t=departement-22",
    "/mutualisation?partie=solutions",
    "/mutualisation?partie=couverture&service=archivage_electronique",
    "/mutualisation?partie=avec_qui&t=departement-53",
    "/mutualisation?partie=simulateur&t=departement-53&t=departement-72&fixe=100000&seul=90000",
    "/mutualisation?partie=public_prive",
    "/themes",
    "/themes?partie=fiche&fiche=donnees",
    "/themes?partie=proches&strategie=departement-53-sdtan-2017",
    "/donnees?partie=requetes&requete=SELECT type, count(*) AS n FROM strategies GROUP BY ALL",
    "/donnees?partie=versions",
    "/donnees?partie=programmes",
)
WITHOUT_FIGURE = ("themes", "donnees", "contribuer", "methode", "pairs")
SEARCH = re.compile("Chercher un territoire|Ajouter un territoire à la comparaison")
WINDOWS = {
    "desktop-light": (DESKTOP, False),
    # what the dark theme changes does not depend on the window
    "desktop-dark": (DESKTOP, True),
    "phone-light": (PHONE, False),
}
# Tab never goes further than this to reach a control
MOST_TABS = 25


@dataclass
class Shown:
    """One page in one window."""

    page: Page
    where: str
    size: tuple[int, int]
    dark: bool
    faults: list[str]


@pytest.fixture(scope="module")
def eyes(new_reader, server):
    with new_reader(server) as reader:
        yield reader


@pytest.fixture(scope="module", params=CONTENT)
def opened(request, eyes):
    """Ask for a page in every window at once."""
    where = CONTENT[request.param]
    yield request.param, {name: eyes.start(where, *window) for name, window in WINDOWS.items()}
    eyes.next_test()


@pytest.fixture(params=WINDOWS)
def page_shown(request, opened, eyes):
    where, pages = opened
    settle(pages[request.param])
    return Shown(pages[request.param], where, *WINDOWS[request.param], eyes.watch.faults)


def test_no_part_of_a_page_is_left_out():
    addresses = [*CONTENT.values(), *OTHERS]
    for page, parts in (
        ("/mutualisation", page_parameters.SHARED_SERVICES_TABS),
        ("/themes", page_parameters.THEMES_TABS),
        ("/donnees", page_parameters.DATA_TABS),
    ):
        tested_urls = [urlsplit(address) for address in addresses]
        tested_parts = {
            parse_qs(address.query).get("partie", parts[:1])[0]
            for address in tested_urls
            if address.path == page
        }
        assert tested_parts == set(parts)


# --- any window, any theme -----------------------------------------------------------------------


def test_a_page_has_no_serious_violation(page_shown):
    # dark, a page is the same one in other colours
    assert serious(page_shown.page, colours_only=page_shown.dark) == []


def test_a_page_makes_no_error_and_asks_no_other_host(page_shown, server):
    assert page_shown.faults == []
    assert server.errors == []


def test_a_page_has_a_language_and_a_title(page_shown):
    assert page_shown.page.evaluate("document.documentElement.lang") == "fr"
    assert page_shown.page.title() == "Stratoscope"


def test_nothing_sticks_out_at_the_right(page_shown):
    assert sticking_out(page_shown.page) == []


def test_the_theme_is_the_readers(page_shown):
    background = "getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor"
    expected = "rgb(16, 24, 31)" if page_shown.dark else "rgb(255, 255, 255)"
    assert page_shown.page.evaluate(background) == expected


def test_every_figure_has_a_text_alternative(page_shown):
    figures = page_shown.page.get_by_test_id("stPlotlyChart")
    if page_shown.where not in WITHOUT_FIGURE:
        expect(figures.first).to_be_visible()
    for figure in figures.all():
        expect(figure).to_have_role("figure")
        expect(figure).to_have_accessible_name(
            re.compile(
                r"^(Carte\. |Frise des |Montants connus|Euros par|Position parmi|Réseau\.|Barres|"
                r"Grille|Documents qui portent chaque thème)"
            )
        )


def test_every_menu_has_a_name(page_shown):
    expect(page_shown.page.get_by_role("combobox", name=SEARCH)).to_have_count(1)
    for menu in page_shown.page.get_by_role("combobox").all():
        expect(menu).to_have_accessible_name(re.compile(r"\w"))


def test_the_legend_of_the_map_is_in_the_window(page_shown):
    if page_shown.where != "carte":
        return
    lines = page_shown.page.locator(".legend .traces")
    expect(lines.first).to_be_visible()
    figure = page_shown.page.get_by_test_id("stPlotlyChart").bounding_box()
    for line in lines.all():
        box = line.bounding_box()
        assert box["x"] >= figure["x"] - 1
        assert box["x"] + box["width"] <= page_shown.size[0]
        assert box["y"] + box["height"] <= figure["y"] + figure["height"] + 1


@pytest.mark.parametrize("address", OTHERS)
def test_other_parts_have_no_serious_violation_and_fit(reader, address):
    wide, narrow = (reader.start(address, size) for size in (DESKTOP, PHONE))
    for page in (wide, narrow):
        settle(page)
        check_unfolded(page)


def test_a_report_and_a_preview_have_no_serious_violation_and_fit_a_phone(reader, tmp_path):
    # in a wide window: see the journey of a contributor
    examples = FORMAT_DIR / "exemples"
    wrong_file, right = (
        shutil.make_archive(str(tmp_path / name), "zip", examples / folder)
        for name, folder in (("faux", "invalides/code-inconnu"), ("juste", "valide"))
    )
    page = reader.open("/contribuer", size=PHONE)
    page.locator("input[type=file]").set_input_files(wrong_file)
    expect(page.get_by_text(re.compile("^Paquet à corriger"))).to_be_visible()
    settle(page)
    check_unfolded(page)
    page.get_by_role("button", name="Remove faux.zip").click()
    page.locator("input[type=file]").set_input_files(right)
    expect(page.get_by_text(re.compile("^Paquet valide"))).to_be_visible()
    settle(page)
    page.get_by_role("button", name="Ouvrir l’aperçu").click()
    expect(page.get_by_text("Aperçu ouvert")).to_be_visible()
    settle(page)
    check_unfolded(page)


def test_what_opens_has_no_serious_violation_either(reader):
    page = reader.open("/?question=budget")
    page.get_by_text("Voir le tableau et le télécharger").click()
    expect(page.get_by_test_id("stDataFrame")).to_be_visible()
    settle(page)  # what is drawn again closes what opens
    page.get_by_role("button", name="Partager").click()
    expect(page.get_by_test_id("stPopoverBody")).to_be_visible()
    assert serious(page) == []


# --- without a mouse -----------------------------------------------------------------------------


def press_until(page: Page, reached: str) -> None:
    """Press Tab until the element that has the focus meets a condition (in JavaScript, on `e`)."""
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if page.evaluate(f"(e => {reached})(document.activeElement)"):
            return
    raise AssertionError(f"Tab did not reach {reached}")


def test_a_question_and_a_territory_are_chosen_by_keyboard(reader):
    page = reader.open("/")
    press_until(page, "e.closest('[role=radiogroup]')?.ariaLabel === 'Question'")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    reach(page, re.compile(r"question=theme"))
    for _ in range(MOST_TABS):
        page.keyboard.press("Shift+Tab")
        if page.evaluate("document.activeElement.shadowRoot?.activeElement?.role === 'combobox'"):
            break
    page.keyboard.type("Ille-et")
    expect(page.get_by_role("option", name="Ille-et-Vilaine département 35")).to_be_visible()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"t=departement-35"))
    expect(page.get_by_role("heading", name="Ille-et-Vilaine", exact=True)).to_be_visible()
    settle(page)
    press_until(page, "e.tagName === 'A' && e.textContent.includes('Voir la page du territoire')")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Ille-et-Vilaine")


def test_territories_are_compared_by_keyboard(reader):
    page = reader.open("/comparer")
    for typed, name, address in (
        ("Ille-et", "Ille-et-Vilaine département 35", "t=departement-35"),
        ("cotes d ar", "Côtes-d’Armor département 22", "t=departement-35&t=departement-22"),
    ):
        press_until(page, "e.shadowRoot?.activeElement?.role === 'combobox'")
        page.keyboard.type(typed)
        expect(page.get_by_role("option", name=name)).to_be_visible()
        page.keyboard.press("Enter")
        reach(page, re.compile(address))
    expect(page.get_by_role("columnheader", name="Côtes-d’Armor").first).to_be_visible()
