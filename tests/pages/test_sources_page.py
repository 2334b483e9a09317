"""Official sources alone on the pages; a search that keeps to a territory; a document asked for."""

from comparisons.database.connection import OFFICIAL_SOURCES, query, use_source_type


def counted(table: str) -> str:
    with use_source_type(OFFICIAL_SOURCES):
        kept = query(f"SELECT count(*) FROM {table}").iat[0, 0]
    return f"{kept} montants sur {query(f'SELECT count(*) FROM {table}').iat[0, 0]}"


def test_the_switch_says_what_it_takes_away_and_stays_in_the_address(visit):
    sentence = counted("budgets")
    for page, asked in (
        ("carte", {"question": "budget"}),
        ("comparer", {"t": ["region-53", "region-52"]}),
        ("pairs", {"t": "departement-35"}),
        ("themes", {"partie": "fiche"}),
    ):
        visit.open(page, **asked)
        assert sentence not in visit.text.replace("\xa0", " "), page
        visit.open(page, **asked, source_type=OFFICIAL_SOURCES)
        assert visit.leaks == [] and sentence in visit.text.replace("\xa0", " "), page
        assert visit.address["source_type"] == OFFICIAL_SOURCES
    # a table filtered by the address shows it, and gives it up
    visit.open("donnees", table="budgets", filtre="source_type:officielle")
    visit.app.button(key="donnees:retirer:source_type").click()
    visit.run()
    assert "filtre" not in visit.address
    visit.open("themes", source_type="presse")
    assert visit.warnings and "source_type" not in visit.address


def test_a_search_keeps_to_territories_until_they_are_removed(visit):
    visit.open("themes", texte="illectronisme", chez="departement-59")
    assert "Seulement chez" in visit.text and "Y compris" in visit.text
    here = visit.text
    visit.app.button(key="themes:retirer:departement-59").click()
    visit.run()
    assert "chez" not in visit.address and visit.address["texte"] == "illectronisme"
    assert visit.text != here and "Y compris" in visit.text
    visit.app.button(key="themes:exact").click()
    visit.run()
    assert visit.address["exact"] == "oui" and "Y compris" not in visit.text


def test_a_document_is_asked_for_only_where_none_was_found(visit):
    visit.open("territoire", t="departement-43")
    assert "Toute personne peut demander un document administratif" in visit.text
    visit.open("territoire", t="departement-35")
    assert "Toute personne peut demander un document administratif" not in visit.text
