"""Pages for everyone: any window, any theme, without a mouse, read aloud."""

import re
import shutil
from itertools import pairwise

import pytest
from browsing import (
    ALL_RULES,
    BUT_CONTRAST,
    COLOURS,
    PHONE,
    box_of,
    check_unfolded,
    reach,
    settle,
    sticking_out,
    unfold,
    violations,
)
from playwright.sync_api import Page, expect
from states import STATES, State

from comparisons import page_parameters
from comparisons.settings import FORMAT_DIR

pytestmark = pytest.mark.browser

SEARCH = re.compile("Chercher un territoire|Ajouter un territoire à la comparaison")
FIGURE_NAMES = re.compile(
    r"^(Carte\. |Frise des |Montants connus|Euros par|Position parmi|Réseau\.|Barres|"
    r"Grille|Documents qui portent chaque thème|Coût de chacun|Coût par membre)"
)
HEADING_LEVELS = "[...document.querySelectorAll('h1,h2,h3,h4,h5,h6')].map(e => +e.tagName[1])"
BACKGROUND = "getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor"
# Tab never goes further than this to reach a control
MOST_TABS = 25


def test_no_part_of_a_page_is_left_out():
    for page, parts in (
        ("mutualisation", page_parameters.SHARED_SERVICES_TABS),
        ("themes", page_parameters.THEMES_TABS),
        ("donnees", page_parameters.DATA_TABS),
    ):
        tested_parts = {
            state.query.get("partie", parts[:1])[0] for state in STATES if state.page == page
        }
        assert tested_parts == set(parts)


# --- any window, any theme -----------------------------------------------------------------------


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.address)
def test_a_page_is_for_everyone_in_any_window(reader, state):
    # what the dark theme changes does not depend on the window
    dark = reader.start(state.address, dark=True) if state.is_first else None
    wide = reader.start(state.address)
    narrow = reader.start(state.address, PHONE) if state.is_seen_on_a_phone else None
    for page in filter(None, (wide, narrow)):
        settle(page)
        if not state.is_first:
            unfold(page)
        check_names(page, state)
        if state.address.startswith("/?"):
            check_legend(page)
        assert page.evaluate(BACKGROUND) == "rgb(255, 255, 255)"
        assert sticking_out(page) == []
    assert violations(wide) == []
    if narrow:
        # colours are those of a wide window, but for the cards that stand for tables
        assert violations(narrow, ALL_RULES if state.is_first else BUT_CONTRAST) == []
    if dark:
        settle(dark)
        assert dark.evaluate(BACKGROUND) == "rgb(16, 24, 31)"
        assert violations(dark, COLOURS) == []


def check_names(page: Page, state: State) -> None:
    """Look at the language, the title, and the names of figures and menus."""
    assert page.evaluate("document.documentElement.lang") == "fr"
    expect(page).to_have_title(re.compile(r"\w.* · Stratoscope$"))
    levels = page.evaluate(HEADING_LEVELS)
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(below - above <= 1 for above, below in pairwise(levels)), levels
    figures = page.get_by_test_id("stPlotlyChart")
    if state.figure:
        expect(figures.first).to_be_visible()
    assert bool(figures.count()) == state.figure
    for figure in figures.all():
        expect(figure).to_have_role("figure")
        expect(figure).to_have_accessible_name(FIGURE_NAMES)
    expect(page.get_by_role("combobox", name=SEARCH)).to_have_count(1)
    for menu in page.get_by_role("combobox").all():
        expect(menu).to_have_accessible_name(re.compile(r"\w"))


def check_legend(page: Page) -> None:
    """Check that each legend of the maps is within its figure, and in the window."""
    for figure in page.get_by_test_id("stPlotlyChart").all():
        lines = figure.locator(".legend .traces")
        box_of_figure = box_of(figure)
        for line in lines.all():
            box = box_of(line)
            assert box["x"] >= box_of_figure["x"] - 1
            assert box["x"] + box["width"] <= page.viewport_size["width"]
            assert box["y"] + box["height"] <= box_of_figure["y"] + box_of_figure["height"] + 1
    expect(page.locator(".legend .traces").first).to_be_visible()


def test_a_report_and_a_preview_have_no_serious_violation_and_fit_a_phone(reader, tmp_path):
    # in a wide window: see the journey of a contributor
    examples = FORMAT_DIR / "exemples"
    wrong_file, right = (
        shutil.make_archive(str(tmp_path / name), "zip", examples / folder)
        for name, folder in (("faux", "invalides/code-inconnu"), ("juste", "valide"))
    )
    page = reader.open("/contribuer", size=PHONE)
    page.get_by_role("tab", name="Avec un tableur").click()
    page.locator("input[type=file]").first.set_input_files(wrong_file)
    expect(page.get_by_text(re.compile("^Fichier à corriger"))).to_be_visible()
    settle(page)
    check_unfolded(page)
    page.get_by_role("button", name="Retirer faux.zip").click()
    page.locator("input[type=file]").first.set_input_files(right)
    expect(page.get_by_text(re.compile("^Fichier valide"))).to_be_visible()
    settle(page)
    page.get_by_role("button", name="Ouvrir l’aperçu").click()
    expect(page.get_by_text("Aperçu ouvert")).to_be_visible()
    settle(page)
    check_unfolded(page)


def test_what_opens_has_no_serious_violation_either(reader):
    page = reader.open("/?question=budget")
    page.get_by_text("Voir le tableau et le télécharger").click()
    expect(page.get_by_test_id("stDataFrame").last).to_be_visible()
    settle(page)  # what is drawn again closes what opens
    page.get_by_role("button", name="Lien").first.click()
    expect(page.get_by_test_id("stPopoverBody")).to_be_visible()
    assert violations(page) == []


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
        # the field keeps the focus for the next one
        if "departement" not in page.url:
            press_until(page, "e.shadowRoot?.activeElement?.role === 'combobox'")
        page.keyboard.type(typed)
        expect(page.get_by_role("option", name=name)).to_be_visible()
        page.keyboard.press("Enter")
        reach(page, re.compile(address))
    expect(page.get_by_role("columnheader", name="Côtes-d’Armor").first).to_be_visible()
