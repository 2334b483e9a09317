"""Words and figures in a browser: French everywhere, legible axes, a focus that is seen."""

import re

import pytest
from browsing import settle
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

# What Streamlit writes in English: attributes that are read aloud or shown on hover, and texts.
SEEN_WORDS = """() => [...document.querySelectorAll("[data-testid=stApp] *, a")]
    .filter(e => !e.closest("[data-testid=stMarkdownContainer], [data-testid=stTable], code,"
        + "[data-testid=stIconMaterial], [aria-hidden=true]"))
    .flatMap(e => [e.ariaLabel, e.title, e.placeholder, e.dataset.title,
        ...[...e.childNodes].filter(n => n.nodeType === 3).map(n => n.data.trim())])
    .filter(Boolean)"""
ENGLISH = re.compile(
    r"\b(?:the|to|file|upload|choose|zoom|download|fullscreen|help|link|expand|skip|close|remove|"
    r"clear|reset|copy|search|select|next|previous|show|hide|open|more|drag|toggle)\b",
    re.IGNORECASE,
)
# What is read, where a line could begin with a colon, or end with an opening quotation mark.
SENTENCES = """() => [...document.querySelectorAll("[data-testid=stMain] *")]
    .filter(e => !e.closest("code, pre, textarea, style, script, svg"))
    .flatMap(e => [...e.childNodes].filter(n => n.nodeType === 3).map(n => n.data))"""
BREAKABLE = re.compile(r" [:;?!»]|« ")
IS_DARK = (
    "() => getComputedStyle(document.querySelector('[data-testid=stApp]')).colorScheme === 'dark'"
)
# Contrast of the texts of axes and legends with the page.
CONTRASTS = """() => {
    const channel = v => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
    const luminance = colour => {
        const [r, g, b] = colour.match(/[\\d.]+/g).map(Number).map(channel);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const page = getComputedStyle(document.querySelector("[data-testid=stApp]")).backgroundColor;
    return [...document.querySelectorAll(".js-plotly-plot text")]
        .filter(t => t.closest(".xtick, .ytick, .legend") || /title|tick/.test(t.classList))
        .map(t => [luminance(getComputedStyle(t).fill), luminance(page)].sort((a, b) => b - a))
        .map(([light, dark]) => (light + 0.05) / (dark + 0.05));
}"""


@pytest.mark.parametrize(
    "address",
    ["/", "/territoire?t=departement-33", "/donnees?table=budgets", "/contribuer", "/contact",
     "/themes?partie=frequence"],
)  # fmt: skip
def test_words_and_spaces_are_french(reader, address):
    page = reader.open(address)
    # The first link is Streamlit's own, put into French once the page is there.
    expect(page.get_by_test_id("stSkipToContent")).to_have_text(re.compile("^Aller"))
    page.wait_for_timeout(300)  # charts draw their buttons after their figure
    assert [text for text in page.evaluate(SEEN_WORDS) if ENGLISH.search(text)] == []
    assert [text for text in page.evaluate(SENTENCES) if BREAKABLE.search(text)] == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize(
    "address",
    [
        "/territoire?t=departement-33",
        "/themes?partie=frequence",
        "/donnees?partie=representativite",
    ],
)
def test_the_axes_of_charts_are_legible(reader, address, dark):
    page = reader.start(address, dark=dark)
    settle(page)
    page.wait_for_selector(".js-plotly-plot .xtick text")
    ratios = page.evaluate(CONTRASTS)
    assert ratios and min(ratios) >= 4.5
    if not dark:  # a theme that changes while the page is open
        page.emulate_media(color_scheme="dark")
        page.wait_for_function(IS_DARK)
        page.wait_for_timeout(1000)  # the page is run again
        settle(page)
        assert min(page.evaluate(CONTRASTS)) >= 4.5


def test_the_focus_of_the_menu_is_seen(reader):
    page = reader.open("/methode")
    page.wait_for_selector("[data-testid=stTopNavLink]")
    for _ in range(12):  # where a window begins to count depends on what was opened in it before
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.dataset.testid") == "stTopNavLink":
            break
    outline = page.evaluate(
        "(s => [s.outlineStyle, s.outlineWidth])(getComputedStyle(document.activeElement))"
    )
    assert page.evaluate("document.activeElement.dataset.testid") == "stTopNavLink"
    assert outline == ["solid", "3px"]
