"""Who is behind the site, and how a reader says that something is wrong."""

import pytest

from comparisons.ui.reports import message_address, report_error_link

CONTACTS = {
    "equipe@numerique.example": "mailto:equipe@numerique.example?subject=S&body=un%20%26%20deux",
    "https://forge.example/x/issues/new": (
        "https://forge.example/x/issues/new?title=S&body=un%20%26%20deux"
    ),
    "https://ville.example/contact": "https://ville.example/contact",
}


def test_without_settings_nothing_is_invented(visit):
    visit.open("contact")
    assert visit.text.count("non indiqué par qui tient ce site") == 2
    assert "n’a pas indiqué d’adresse" in visit.text and "mailto:" not in visit.text


@pytest.mark.parametrize("contact", CONTACTS)
def test_a_message_goes_where_the_owner_said(visit, monkeypatch, contact):
    monkeypatch.setenv("STRATOSCOPE_CONTACT", contact)
    monkeypatch.setenv("STRATOSCOPE_PUBLISHER", "Ville d’Exemple, Jeanne Exemple")
    assert message_address("S", "un & deux") == CONTACTS[contact]
    visit.open("contact")
    assert "Ville d’Exemple, Jeanne Exemple" in visit.text
    assert "n’a pas indiqué d’adresse" not in visit.text


def test_an_address_that_is_none_is_ignored(visit, monkeypatch):
    monkeypatch.setenv("STRATOSCOPE_CONTACT", "javascript:alert(1)")
    assert "n’a pas indiqué d’adresse" in visit.open("contact").text


@pytest.mark.parametrize(
    ("table", "key"),
    [
        ("strategies", "region-53-scoran-2011"),
        ("budgets", "h1-b1"),
        ("sources", "h1-s5"),
        ("priorites", "commune-02691-territoire_intelligent-2019 / 1"),
    ],
)
def test_the_report_of_a_fact_names_it_and_its_source(visit, table, key):
    link = report_error_link(table, key)
    assert link.startswith("[Signaler une erreur](contact?table=")
    visit.open("contact", table=table, fait=key)
    message = visit.app.code[0].value
    assert f"Table {table}, identifiant {key}" in message and "Ce qui est faux" in message
    assert table == "sources" or "Source : " in message
    assert visit.leaks == []


def test_a_fact_that_does_not_exist_is_said(visit):
    visit.open("contact", table="budgets", fait="h1-b1' OR 1=1")
    assert "n’est pas, ou plus, dans les données" in visit.text


def test_the_footer_of_each_page_reports_that_page(visit):
    visit.open("territoire", t="departement-33")
    assert "contact?de=territoire%3Ft%3Ddepartement-33#signaler" in visit.text
    visit.open("contact", de="territoire?t=departement-33")
    assert "/territoire?t=departement-33" in visit.app.code[0].value
