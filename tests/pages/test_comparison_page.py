"""The page Comparer in a browser: what is seen at once, names that stay in sight."""

import pytest
from browsing import box_of, violations
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

REGIONS = "/comparer?t=region-84&t=region-93&t=region-11"


def page_height(page) -> int:
    return page.get_by_test_id("stMain").evaluate("main => main.scrollHeight")


@pytest.mark.parametrize("address", [REGIONS, "/comparer?t=region-84,region-93,region-11"])
def test_three_regions_are_compared_on_a_short_page(reader, address):
    page = reader.open(address)
    assert page_height(page) <= 3000
    first = box_of(page.locator("tr.differe").first)
    assert first["y"] + first["height"] <= page.viewport_size["height"]
    assert box_of(page.get_by_text("En bref."))["y"] < first["y"]


def test_names_stay_in_sight_and_a_link_unfolds_its_section(reader):
    page = reader.open(REGIONS)
    page.get_by_role("link", name="Budgets comparables").click()
    amounts = page.locator("#budgets")
    expect(amounts).to_be_in_viewport()
    names = page.locator(".noms")
    expect(names).to_be_in_viewport(ratio=1)
    assert box_of(names)["y"] < box_of(amounts)["y"]
    words = page.locator(".mots").first
    words.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(words.locator("p").first).to_be_visible()
    assert violations(page) == []
