"""Whose duty a service is, on the pages: said in its cell, with a rule that anyone can reach."""


def test_levels_side_by_side_say_whose_duty_and_by_which_rule(visit):
    # Nantes has no document: its inventory is dashes, not an error
    visit.open("comparer", t=["commune-44109", "departement-44", "region-52"])
    assert visit.leaks == [] and "Ce qui est connu de chacun" in visit.text
    row = visit.table_with_row("Espace numérique de travail (lycées)")
    cells = row.loc["Espace numérique de travail (lycées)"]
    assert list(cells)[:2] == ["du ressort de la région"] * 2 and "e-lyco" in cells.iloc[2]
    # on hover, and below the table for a keyboard or a finger
    html = "".join(element.proto.body for element in visit.app.main if element.type == "html")
    rule = "Code de l’éducation, art. L. 214-6, relevé le 28 novembre 2026"
    assert f'title="{rule}'.replace(" ", "") in html.replace("\u00a0", "").replace(" ", "")
    assert f"Du ressort de la région : {rule}" in visit.text


def test_a_territory_folds_what_it_must_and_may_do(visit):
    visit.open("territoire", t="departement-35")
    assert "Ce que doit et peut un département" in [e.label for e in visit.app.expander]
    table = visit.table_with("Doit ou peut")
    assert table.iloc[0]["Doit ou peut"] == "Doit" and "](http" in table.iloc[0]["Référence"]
    visit.open("territoire", t="region-94")
    assert "exerce aussi les compétences du département" in visit.text
