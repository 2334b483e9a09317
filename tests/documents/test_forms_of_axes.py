"""The same axes and actions are found whatever form their labels and titles have."""

import pytest

from comparisons.documents.model import Row, table_block
from comparisons.documents.readers.pdf_tables import join_tables
from comparisons.documents.readers.wording import ends_early
from comparisons.documents.reading import read_proposals

TITLE = "# Stratégie numérique de la Ville de Brest\n\n"
TEXT = "Les services y travaillent avec les communes.\n\n"
AXES = ("Des mairies reliées", "Une école équipée", "Un port sobre")
ACTIONS = (("Un quai ouvert", "Des bornes sûres"), ("Un bus prêté", "Des cours du soir"),
           ("Un phare réglé", "Des achats communs"))  # fmt: skip
ALL = [
    name
    for axis, actions in zip(AXES, ACTIONS, strict=True)
    for name in (axis, *actions)
]  # fmt: skip


def proposed(text: str, table: str = "priorites") -> list:
    rows = read_proposals(f"{TITLE}{text}".encode(), "a.md").rows
    return [row for row in rows if row.table == table]


def titles(text: str) -> list[str]:
    return [row.get("intitule") for row in proposed(text)]


def plan(axis: str, action: str) -> str:
    """Write axes and actions in these forms, {n}, {m}: their numbers, {t}: their titles."""
    text, count = "", 0
    for number, title in enumerate(AXES, start=1):
        text += axis.format(n=number, t=title) + "\n\n" + TEXT
        for own in ACTIONS[number - 1]:
            count += 1
            text += action.format(n=number, m=count, t=own) + "\n\n" + TEXT
    return text


@pytest.mark.parametrize(
    "axis",
    [
        "## Axe {n} : {t}",
        "## Orientation {n} : {t}",
        "## 0{n} {t}",
        "## #{n} {t}",
        "## Axe {n}\n\n## {t}",
        "Axe {n} : {t}",
        "Axe {n} – {t}. Ce travail a déjà commencé.",
        "Axe {n} – {t} : Ce travail a déjà commencé.",
        "| Axe {n} | {t} |",
    ],
)
@pytest.mark.parametrize(
    "action",
    [
        "### {t}",
        "### {m}. {t}",
        "### Brique {m} : {t}",
        "- Action {m} – {t}. Elle dure deux ans.",
        "- Action {m} : {t} (en cours)",
        "- Brique {m} : {t}",
        "Action {m} – {t} : Ce travail dure deux ans.",
    ],
)
def test_axes_and_actions_are_found_in_any_form(axis, action):
    assert titles(plan(axis, action)) == ALL


@pytest.mark.parametrize("word", ["Année", "Constat", "Indicateur", "Photo"])
def test_parts_that_are_numbered_under_each_axis_are_no_actions(word):
    parts = "".join(f"## Axe {n} : {t}\n\n{word} {n} : Un quai.\n\n" for n, t in enumerate(AXES, 1))
    assert titles(parts) == [*AXES]


def test_figures_of_a_table_are_no_titles():
    table = "| En k€ | 2023 | 2024 |\n| Axe 01 | 55 | 62 |\n| Axe 02 | 110 | 146 |\n\n"
    assert titles(plan("## 0{n} {t}", "### {t}") + table) == ALL


def test_a_part_of_an_axis_that_has_its_label_is_no_other_axis():
    text = "## Axe 1 : Relier\n\n## Axe 1 : les moyens\n\n## Axe 2 : Ouvrir\n\n"
    assert titles(text) == ["Relier", "Ouvrir"]


def test_a_sentence_again_on_an_axis_is_no_title():
    text = plan("## Axe {n} : {t}", "### {t}") + "Axe 1 – Un effort. Il sera suivi chaque année.\n"
    assert titles(text) == ALL


def test_the_last_sentence_before_a_list_says_what_it_holds():
    text = "## Axe {n} : {t}\n\nLes actions sont suivies. Il est précisé que :\n\n- l’État aide ;\n"
    assert titles("".join(text.format(n=n, t=t) + "\n" for n, t in enumerate(AXES, 1))) == [*AXES]


def test_remarks_after_the_verbs_of_a_list_are_no_actions():
    verbs = "- Ouvrir un port\n- Bâtir un quai\n- Former les marins\n- Déjà 17 bateaux\n\n"
    text = "".join(f"## Axe {n} : {t}\n\n{verbs}" for n, t in enumerate(AXES[:2], 1))
    assert titles(text.replace("port", "phare", 1)) == [
        AXES[0], "Ouvrir un phare", "Bâtir un quai", "Former les marins", AXES[1],
        "Ouvrir un port",
    ]  # fmt: skip


def test_the_chapter_that_names_axes_holds_them_at_their_level():
    chapter = (
        "## 2. Les orientations du schéma\n\n### 2.1 La mer\n\nUn.\n\n### 2.2 Le ciel\n\nDeux."
    )
    text = f"## 1. Cadre\n\n### 1.1 bis La loi\n\nDit.\n\n{chapter}\n\n## 3. Suivi\n\nFin.\n"
    assert [(row.get("niveau"), row.get("intitule")) for row in proposed(text)] == [
        ("orientation", "La mer"),
        ("orientation", "Le ciel"),
    ]


def test_headings_are_the_axes_that_a_budget_names_in_short():
    headings = "".join(f"## {t}\n\n{TEXT}" for t in ("Le territoire", *AXES, "La vie du plan"))
    table = "| Axe | Coût |\n| Mairies | 2 k€ |\n| École | 3 k€ |\n| Port | 4 k€ |\n"
    assert titles(headings + table) == [*AXES]


def test_a_heading_after_labels_in_plain_letters_ends_their_axis():
    text = "".join(
        f"## Axe {n} : {t}\n\n- Action {n} : Relier {n}\n\n" for n, t in enumerate(AXES, 1)
    )
    assert "Participer" not in titles(text + "## Participer\n\nVenez.\n")


def test_a_line_ends_early_where_the_next_word_would_fit():
    text = "Un agent aidera chaque mairie de la côte."
    assert ends_early("Action 1 : Ouvrir", 80, text, 200)
    assert not ends_early("Action 1 : Ouvrir un très grand port", 8, text, 200)
    assert not ends_early("Action 1 : Ouvrir un port à", 80, "Brest et une école à Lorient", 200)


def test_a_line_after_a_labelled_item_is_its_text():
    items = (
        "- Action 1 : ouvrir un quai\nDes travaux commencent à la fin de cette année.\n"
        "- Action 2 : poser un feu\nLa pose dure six mois environ, selon le temps.\n\n"
    )
    text = f"## Axe 1 : Relier\n\n{items}## Axe 2 : Former\n\n"
    assert titles(text) == ["Relier", "ouvrir un quai", "poser un feu", "Former"]


def test_a_row_that_only_ends_the_cells_above_is_part_of_theirs():
    cells = (("Action", "Coût"), ("Ouvrir un grand", "1 900"), ("", "k€"), ("Bâtir un", "20 k€"),
             ("quai", ""), ("Dont études", ""))  # fmt: skip
    table = table_block([Row(each, 1) for each in cells])
    assert [row.cells for row in join_tables([table])[0].rows] == [
        ("Action", "Coût"),
        ("Ouvrir un grand", "1 900 k€"),
        ("Bâtir un quai", "20 k€"),
        ("Dont études", ""),
    ]


@pytest.mark.parametrize(
    ("text", "bodies"),
    [
        ("Le Campus Cyber Nouvelle-Aquitaine nous aide.", ["campus-cyber-nouvelle-aquitaine"]),
        ("L’espace e-lyco sera refait avec e-Collectivités.", ["e-collectivites", "e-lyco"]),
        ("| Partenaires | CAF, RhinOcc |\n| Pilote | Service commun informatique |", ["rhinocc"]),
    ],
)
def test_organisations_are_named_by_whole_names_in_tables_too(text, bodies):
    found = proposed(f"{text}\n", "mutualisations")
    assert sorted(row.get("partenaire_id") for row in found) == bodies
