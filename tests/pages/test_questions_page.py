"""The page « Qui l’a fait ? »: proofs, peers, questions to complete; the fold on Territoire."""


def test_the_page_gives_the_proofs_and_whom_to_ask(visit):
    visit.open("questions", question="donnees_ouvertes_partagees", t="departement-35", pairs="oui")
    assert visit.leaks == [] and visit.warnings == []
    assert "pairs d’Ille-et-Vilaine" in visit.title
    assert "1 département sur 10 l’a fait, preuve à l’appui" in visit.text
    links = [list(table["Territoire"]) for table in visit.tables if "Preuve" in table.columns]
    assert links == [["[Loire-Atlantique](/territoire?t=departement-44)"]] * 2
    assert "À compléter" in visit.text


def test_peers_are_not_kept_at_another_level(visit):
    visit.open("questions", t="departement-35", pairs="oui", niveau="region")
    assert "pairs" not in visit.title and "pairs" not in visit.address
    visit.open("questions", taille="250000", niveau="commune")
    assert "habitants" not in visit.title and "taille" not in visit.address


def test_a_territory_folds_its_answers(visit):
    visit.open("territoire", t="departement-35")
    labels = [expander.label for expander in visit.app.expander]
    assert any("réponses avec preuve sur 30 questions" in label for label in labels)
    proofs = visit.table_with("Preuve")
    assert len(proofs) > 1 and all("/questions?question=" in link for link in proofs["Question"])
    assert "**Pas dans ce qui est relevé**" in visit.text and visit.leaks == []
