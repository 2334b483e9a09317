"""What a reader reads: French numbers, dates and plurals; data never becomes markup."""

import re

import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from comparisons import formatting
from comparisons.formatting import MISSING, NBSP

THIN_NBSP = "\N{NARROW NO-BREAK SPACE}"
NOTHING = [None, float("nan"), pd.NA, pd.NaT, ""]


@pytest.mark.parametrize("nothing", NOTHING)
def test_what_is_unknown_is_said_so_never_zero(nothing):
    for write in (
        formatting.format_number,
        formatting.format_percent,
        formatting.format_euros,
        formatting.format_euros_per_inhabitant,
        formatting.format_partial_date,
        formatting.curly_apostrophes,
    ):
        assert write(nothing) == "non renseigné"
    assert formatting.format_period(nothing, nothing) == "non renseigné"
    assert formatting.is_missing(nothing)


def test_zero_is_a_value():
    assert formatting.format_number(0) == "0"
    assert formatting.format_euros(0) == f"0{NBSP}€"
    assert formatting.format_euros_per_inhabitant(0.0) == f"0{NBSP}€/hab."
    assert not formatting.is_missing(0) and not formatting.is_missing(False)


@pytest.mark.parametrize("nothing", [[], pd.Series(dtype=object).to_numpy()])
def test_an_empty_list_is_missing(nothing):
    assert formatting.is_missing(nothing)


@pytest.mark.parametrize(
    ("value", "decimals", "formatted"),
    [
        (1234567, 0, f"1{THIN_NBSP}234{THIN_NBSP}567"),
        (1234.56, 1, f"1{THIN_NBSP}234,6"),
        (12.0, 2, "12"),
        (0.125, 2, "0,12"),
        (-1500, 0, f"-1{THIN_NBSP}500"),
        (pd.Series([2021], dtype="Int64")[0], 0, f"2{THIN_NBSP}021"),
    ],
)
def test_numbers_are_french(value, decimals, formatted):
    assert formatting.format_number(value, decimals) == formatted


@pytest.mark.parametrize(
    ("amount", "formatted"),
    [
        (850_000, f"850{THIN_NBSP}000{NBSP}€"),
        (1_000_000, f"1{NBSP}M€"),
        (12_500_000, f"12,5{NBSP}M€"),
        (1_234_000_000, f"1,23{NBSP}Md€"),
        (-2_000_000, f"-2{NBSP}M€"),
    ],
)
def test_amounts_are_written_as_one_says_them(amount, formatted):
    assert formatting.format_euros(amount) == formatted


def test_euros_per_head_and_shares():
    assert formatting.format_euros_per_inhabitant(5.128) == f"5,13{NBSP}€/hab."
    assert formatting.format_euros_per_inhabitant(543.16, yearly=True) == f"543{NBSP}€/hab./an"
    assert formatting.format_percent(0.4567, 1) == f"45,7{NBSP}%"


@pytest.mark.parametrize(
    ("value", "formatted"),
    [
        ("2019", "2019"),
        ("2019-03", "mars 2019"),
        ("2019-03-13", "13 mars 2019"),
        ("2019-08-01", f"1er{NBSP}août 2019"),
        ("2019-12-11", "11 décembre 2019"),
        ("vers 2019", "vers 2019"),
    ],
)
def test_partial_dates_say_no_more_than_is_known(value, formatted):
    assert formatting.format_partial_date(value) == formatted


@pytest.mark.parametrize(
    ("start", "end", "formatted"),
    [
        (2021, 2026, "2021-2026"),
        (2021, 2021, "2021"),
        (2021, pd.NA, "depuis 2021"),
        (float("nan"), 2026.0, "jusqu’en 2026"),
    ],
)
def test_periods(start, end, formatted):
    assert formatting.format_period(start, end) == formatted


def test_plural_starts_at_two():
    assert formatting.pluralize(0, "territoire") == f"0{NBSP}territoire"
    assert formatting.pluralize(1, "territoire") == f"1{NBSP}territoire"
    assert formatting.pluralize(2, "territoire") == f"2{NBSP}territoires"
    assert formatting.pluralize(1200, "réseau", "réseaux") == f"1{THIN_NBSP}200{NBSP}réseaux"


def test_enumerations_and_capitals():
    assert formatting.quote_title("Plan « IA »") == f"«{NBSP}Plan “IA”{NBSP}»"
    assert formatting.join_words([]) == ""
    assert formatting.join_words(["a"]) == "a"
    assert formatting.join_words(["a", "b", "c"]) == "a, b et c"
    assert formatting.join_words(iter(["a", "b"]), "ou") == "a ou b"
    assert formatting.capitalize_first("l’Île-de-France") == "L’Île-de-France"


@pytest.mark.parametrize(
    ("searches", "sentence"),
    [
        ([], "n’a pas encore été cherché"),
        ([("non_trouve", "2026-11")], "Aucune stratégie trouvée (recherche du novembre 2026)"),
        ([("partiel", "2026-11-23")], "Des éléments connus, aucune stratégie trouvée"),
    ],
)
def test_an_absence_is_explained(searches, sentence):
    rows = pd.DataFrame(searches, columns=["resultat", "consulte_le"])
    assert sentence in formatting.describe_absence(rows)


# --- data never becomes markup --------------------------------------------------------------------

MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])
MARKUP = st.text(
    st.sampled_from(list("ab1 .)('\"\\`*_{}[]()#+-=!|<>$~:&/;\n\té")), min_size=1, max_size=30
)


def read_by_a_browser(markdown: str) -> str:
    """Render Markdown and give the one paragraph of bare text it makes; fail on any markup."""
    inside = re.fullmatch(r"<p>([^<>]*)</p>\n", MARKDOWN.render(markdown))
    assert inside, MARKDOWN.render(markdown)
    words = inside.group(1)
    for entity, character in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&amp;", "&")):
        words = words.replace(entity, character)
    return words


@given(MARKUP)
@example("<script>alert(1)</script>")
@example("[cliquez](javascript:alert(1))")
@example("![](https://exemple.fr/x.png)")
@example("**gras** _it_ `code` ~~non~~ $x$ :material/home: &lt;")
@example("# Titre")
@example("- point")
@example("1. point")
@example("12. point")
@example("titre\n===\nfin")
@example("titre\n- point")
@example("titre\n\n1) point")
@example("a | b\n--|--\nc | d")
@example("    code")
@example("***")
def test_data_inside_markdown_stays_bare_text(value):
    words = " ".join(formatting.curly_apostrophes(value).split())
    escaped = formatting.escape_markdown(value).replace(formatting.WORD_JOINER, "")
    # its spaces may be no-break ones
    assert read_by_a_browser(f"« {escaped} »").replace(NBSP, " ") == f"« {words} »".replace(
        NBSP, " "
    )
    if words:
        assert read_by_a_browser(escaped).replace(NBSP, " ") == words.replace(NBSP, " ")


# what the Markdown of pages makes links of, once all is unescaped (mdast-util-gfm-autolink-literal)
BARE_ADDRESS = re.compile(
    r"(?:https?://|www(?=\.))[-.\w]+|(?:^|[\s\W_])[-.\w+]+@[-\w]+(?:\.[-\w]+)+", re.IGNORECASE
)


@pytest.mark.parametrize(
    "text",
    [
        "www.exemple.fr",
        "voir (WWW.exemple.fr/a?b=c)",
        "https://exemple.fr",
        "à « http://exemple.fr/x » ou HTTPS://exemple.fr",
        "écrire à prenom.nom@exemple.fr",
        "mailto:a@b.fr",
    ],
)
def test_an_address_inside_markdown_is_no_link(text):
    assert BARE_ADDRESS.search(text)
    shown = read_by_a_browser(formatting.escape_markdown(text))
    assert not BARE_ADDRESS.search(shown)
    assert shown.replace(formatting.WORD_JOINER, "") == text.replace("« ", f"«{NBSP}").replace(
        " »", f"{NBSP}»"
    )


def test_data_escaped_is_also_typographic():
    assert formatting.escape_markdown("« Quoi ? » 12 %") == f"«{NBSP}Quoi{NBSP}?{NBSP}» 12{NBSP}%"
    assert formatting.escape_markdown("l'école") == "l’école"
    assert formatting.escape_markdown(None) == MISSING


@pytest.mark.parametrize(
    "address",
    ["javascript:alert(1)", "JAVASCRIPT:alert(1)", "data:text/html,x", "//exemple.fr", "", None],
)
def test_only_web_addresses_become_links(address):
    assert formatting.markdown_link("Délibération", address) == "Délibération"


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40), MARKUP)
@example("exemple.fr/a(b)c d.pdf?x=1&y=[2]#p", "Titre [joint](x)")
@example('exemple.fr/" onclick="alert(1)', "x")
@example("exemple.fr/\n\n# titre", "x")
def test_a_link_holds_its_words_and_one_address(address, words):
    rendered = MARKDOWN.render(f"Voir {formatting.markdown_link(words, f'https://{address}')}.")
    assert re.fullmatch(r'<p>Voir <a href="https://[^"<> \n]*">[^<>]*</a>\.</p>\n', rendered)
