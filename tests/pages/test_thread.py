"""« Mon territoire » from page to page, links that keep the session, the map on first screens."""

import re

import pytest
from browsing import PHONE, box_of, parameters, reach, search, settle
from playwright.sync_api import expect

from comparisons.analysis.map_questions.views import build_layer
from comparisons.page_parameters import MAP_LEVELS, MapParameters

# --- from page to page ---------------------------------------------------------------------------


def test_a_territory_chosen_on_the_map_opens_the_pages_about_it(visit):
    visit.open("carte").find("departement-50")
    assert visit.open("territoire").address == {"t": "departement-50"}
    assert visit.open("pairs").address["t"] == "departement-50"
    assert visit.open("comparer").address["t"] == "departement-50"


def test_another_territory_replaces_it_everywhere(visit):
    visit.open("pairs", t="departement-53", nombre="5")
    visit.open("territoire", t="departement-22")
    assert visit.open("pairs").address == {"t": "departement-22", "nombre": "5"}
    # an address says what it says
    visit.open("methode")
    assert visit.open("pairs", t="departement-53").address["t"] == "departement-53"
    assert visit.open("territoire").address == {"t": "departement-53"}


def test_the_menu_of_the_territory_leads_to_all_about_it_and_forgets_it(visit):
    visit.open("themes")
    assert not [button for button in visit.app.button if button.label == "L’oublier"]
    visit.open("territoire", t="departement-50").open("themes")
    links = dict(visit.links)
    assert {"territoire", "pairs", "comparer", "mutualisation", ""} <= links.keys()
    assert links["pairs"] == "t=departement-50"
    (forget,) = [button for button in visit.app.button if button.label == "L’oublier"]
    forget.click()
    visit.run()
    assert visit.open("territoire").address == {}
    assert visit.open("carte").address == {}


@pytest.mark.parametrize("level", MAP_LEVELS)
def test_the_list_beside_the_map_holds_who_is_known_in_the_order_of_the_legend(visit, level):
    visit.open("carte", niveau=level)
    layer = build_layer(MapParameters(niveau=level))
    table = visit.app.dataframe[0].value
    labels = [legend_class.label for legend_class in layer.classes if not legend_class.missing]
    counts = table["reponse"].value_counts()
    expected = {
        legend_class.label: layer.counts[legend_class.code]
        for legend_class in layer.classes
        if not legend_class.missing and layer.counts[legend_class.code]
    }
    assert counts.to_dict() == expected
    ranks = table["reponse"].map(labels.index)
    assert ranks.is_monotonic_increasing


# --- in a browser --------------------------------------------------------------------------------

MAP = ".js-plotly-plot"


@pytest.mark.browser
@pytest.mark.parametrize(
    ("size", "share"), [((1366, 768), 0.45), ((1920, 1080), 0.5)], ids=["1366", "1920"]
)
def test_the_map_takes_half_of_the_first_screen(reader, size, share):
    page = reader.open("/", size)
    settle(page)
    box = box_of(page.locator(MAP).first)
    visible_height = min(box["y"] + box["height"], size[1]) - box["y"]
    assert box["width"] * visible_height >= share * size[0] * size[1]
    expect(page).to_have_title(re.compile("Qui a une stratégie numérique"))


@pytest.mark.browser
def test_on_a_phone_the_map_comes_first(reader):
    page = reader.open("/", PHONE)
    settle(page)
    box = box_of(page.locator(MAP).first)
    assert box["y"] < 260


@pytest.mark.browser
def test_a_finger_scrolls_past_the_map_opens_a_territory_and_reaches_its_peers(reader):
    context = reader.browser.new_context(
        viewport={"width": PHONE[0], "height": PHONE[1]},
        has_touch=True,
        is_mobile=True,
        locale="fr-FR",
        base_url=reader.site,
    )
    page = context.new_page()
    page.goto("/")
    settle(page)
    page.locator(".maplibregl-canvas").first.wait_for()
    page.wait_for_timeout(500)  # the map takes its manners once it is drawn
    box = box_of(page.locator(MAP).first)
    touch = context.new_cdp_session(page)
    x, y = PHONE[0] / 2, box["y"] + box["height"] / 2
    for step in range(16):
        kind = "touchMove" if step else "touchStart"
        points = [{"x": x, "y": y - 16 * step}]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    page.wait_for_timeout(500)
    main = page.get_by_test_id("stMain")
    assert main.evaluate("one => one.scrollTop") > 100
    main.evaluate("one => one.scrollTo(0, 0)")
    # a tap on the map: the territory comes as a sheet over it
    page.touchscreen.tap(x, y)
    page.wait_for_url(re.compile("t=departement-"))
    tapped = parameters(page)["t"]
    page.get_by_role("dialog").get_by_role("link", name="Qui lui ressemble ?").tap()
    reach(page, re.compile("/pairs"))
    assert parameters(page)["t"] == tapped
    main.locator("a[href*='territoire?t=departement-']").first.tap()
    reach(page, re.compile("/territoire"))
    assert parameters(page)["t"] != tapped
    # the menu goes away once a page is chosen
    page.get_by_test_id("stExpandSidebarButton").tap()
    page.get_by_role("link", name="Méthode").first.tap()
    reach(page, re.compile("/methode"))
    expect(page.get_by_test_id("stSidebarNavLink").first).not_to_be_in_viewport()
    context.close()


@pytest.mark.browser
def test_a_link_of_a_text_keeps_the_tab_and_the_territory(reader):
    page = reader.open("/territoire?t=departement-50")
    search(page, "mayenne").press("Enter")
    reach(page, re.compile("t=departement-53"))
    page.get_by_role("link", name="Pairs", exact=True).first.click()
    reach(page, re.compile(r"/pairs\?.*t=departement-53"))
    settle(page)
    pages_before = len(page.context.pages)
    link = page.get_by_role("table").first.get_by_role("link").first
    key = re.search("t=(.*)", link.get_attribute("href"))[1]
    link.click()
    reach(page, re.compile(f"/territoire.*{key}"))
    settle(page)
    assert len(page.context.pages) == pages_before
    assert parameters(page)["t"] == [key]
    page.go_back()
    reach(page, re.compile(r"/pairs\?.*t=departement-53"))
    # nor does a search from a page that is about no territory leave a step to go back through
    page.get_by_role("link", name="Méthode", exact=True).first.click()
    reach(page, re.compile("/methode"))
    settle(page)
    search(page, "calvados").press("Enter")
    reach(page, re.compile(r"/territoire\?.*t=departement-14"))
    page.go_back()
    reach(page, re.compile("/methode$"))
