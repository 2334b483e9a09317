"""What tables, headings and the sentences around tell of amounts: nature, years, perimeter, stage.

Each document is of the city of Brest, and begins with its title.
"""

import pytest

from comparisons.documents.package import build_tables, describe_missing
from comparisons.documents.proposals import ProposedRow, to_records
from comparisons.documents.reading import read_proposals

AXES = "## Axe 1 : Une énergie sobre\n\nTexte.\n\n## Axe 2 : Des bus\n\nTexte.\n\n## Bilan\n\n"


def amounts_of(text: str, title: str = "Stratégie numérique de la Ville de Brest") -> list:
    rows = read_proposals(f"# {title}\n\n{text}\n".encode(), "a.md").rows
    return [row for row in rows if row.table == "budgets"]


def column_of(text: str, *columns: str) -> list:
    values = [tuple(row.get(column) for column in columns) for row in amounts_of(text)]
    return [each[0] for each in values] if len(columns) == 1 else values


@pytest.mark.parametrize(
    ("text", "natures"),
    [
        ("Les dépenses d’investissement sont détaillées ci-dessous. Les montants sont en k€.\n\n"
         "| Poste | 2024 | 2025 |\n| Bus | 9 | 8 |", ["investissement"] * 2),
        # announced, but of another subject than the table
        ("Les dépenses d’investissement augmentent. Les montants sont en k€.\n\n"
         "| Poste | 2024 |\n| Bus | 9 |", [""]),
        ("Montants en k€. Investissement (INV) et fonctionnement (FCT).\n\n| Poste | Type | 2024 |"
         "\n| Bus | INV | 9 |\n| Bus | FCT | 8 |\n| Tous | INV et FCT | 17 |",
         ["investissement", "fonctionnement", ""]),
        ("| Poste | Pilote | I/F | Coût (k€) |\n| Bus | Ville | I | 9 |\n| Car | Ville | F | 8 |",
         ["investissement", "fonctionnement"]),
        ("L’investissement est de 9 M€, dont 1 M€ payé par les communes.", ["investissement"] * 2),
        ("L’État apporte 9 M€ pour les lycées, en investissement.", ["investissement"]),
    ],
)  # fmt: skip
def test_the_nature_is_told_by_a_cell_or_by_what_announces_the_table(text, natures):
    assert column_of(text, "nature") == natures


@pytest.mark.parametrize(
    ("text", "years"),
    [
        # the total of a row has the years of its parts
        ("| Poste (k€) | 2023 | 2024 | 2025 | Total |\n| Bus | 9 | 8 | – | 17 |",
         [("2023", "2023"), ("2024", "2024"), ("2023", "2024")]),
        ("Elle mobilise 8 M€ pour 2024-2030, en M€ :\n\n| Poste | Ville | État | Total |\n"
         "| Bus | 3 | 2 | 5 |\n| Car | 2 | 1 | 3 |\n| Total | 5 | 3 | 8 |", [("2024", "2030")] * 9),
        ("Période 2021-2027, budget en k€.\n\n| Poste | Budget | Dépensé au 30/06/2024 |\n"
         "| Bus | 9 | 8 |", [("2021", "2027"), ("", "")]),
        ("| Action | Quand | Combien |\n| Bus | 2025-2026 | 9 000 € |", [("2025", "2026")]),
        # what follows is dated, not the amount
        ("Le coût est évalué à 2 M€ ; la décision sera prise en 2026.", [("", "")]),
        ("Le coût est de 2 M€ pour ouvrir 60 lieux de médiation en 2027.", [("", "")]),
        ("Le projet démarre en 2022 ; il coûtera 270 000 €.", [("2022", "2022")]),
        ("Une enveloppe de 600 k€ pour 2022-2025 ; 214 k€ versés à ce jour.",
         [("2022", "2025"), ("", "")]),
        ("Une aide de 45 000 € est attribuée au titre de 2023.", [("2023", "2023")]),
        ("L’entretien revient à 70 k€ par an à partir de 2026.", [("2026", "")]),
        ("La Ville réserve 8 M€ de 2024 à 2030. Sur ce total, l’État apportera 3 M€.",
         [("2024", "2030")] * 2),
    ],
)  # fmt: skip
def test_years_are_those_of_the_parts_of_the_whole_or_of_the_words_beside(text, years):
    assert column_of(text, "annee_debut", "annee_fin") == years


def test_what_lasts_as_long_as_the_strategy_has_its_years():
    text = """Une enveloppe de 3 M€ est ouverte pour la durée du schéma.

La stratégie mobilise 9 M€ sur cinq ans, deux fois plus qu’avant (4 M€).

Le réseau de capteurs des quartiers sud mobilise 1 M€ sur trois ans.
"""
    rows = amounts_of(text, "Stratégie numérique de la Ville de Brest 2021-2025")
    years = [(row.get("annee_debut"), row.get("annee_fin")) for row in rows]
    assert years == [("2021", "2025")] * 2 + [("", "")] * 2


@pytest.mark.parametrize(
    ("text", "recurrences"),
    [
        ("| Poste | Coût annuel (k€) | Achat (k€) |\n| Bus | 9 | 8 |", ["annuel", ""]),
        ("| Poste | Coût |\n| Bus | 9 000 € par an |", ["annuel"]),
        ("Le coût est de 9 000 € par an, dont 1 000 € de l’État.", ["annuel", "annuel"]),
        ("Chaque année, la Ville consacre environ 165 000 € à cette politique.", ["annuel"]),
        ("Son budget annuel passe de 1,1 à 1,8 million d’euros.", ["annuel"]),
    ],
)  # fmt: skip
def test_what_is_due_each_year_is_told_by_the_head_the_cell_or_the_whole(text, recurrences):
    assert column_of(text, "recurrence") == recurrences


@pytest.mark.parametrize(
    ("text", "perimeters"),
    [
        # the column has the word of the axes: its rows are axes, numbered or fewer than they are
        ("| Axe | Coût (k€) |\n| I. Écoles | 9 |\n| II. Ponts | 8 |\n| III. Lacs | 7 |",
         ["priorite"] * 3),
        ("| Axe | Coût (k€) |\n| Une énergie qui économise | 9 |\n| Des bus | 8 |",
         ["priorite"] * 2),
        # under a title of means, money that nothing names is that of the strategy
        ("## Les recettes attendues\n\nUne demande de 350 000 € a été déposée auprès du Feder.",
         ["strategie"]),
        ("## Le financement\n\nLa Région Bretagne attribue 90 000 €, la Ville 80 000 €.",
         ["strategie"] * 2),
        ("## Le budget\n\nÀ cette date, 70 000 € avaient été payés, surtout pour la salle.",
         ["strategie"]),
        ("## Le budget\n\nLe Département réserve 65 000 € pour animer le tiers-lieu.", ["action"]),
        ("## Le coût\n\nUne aide de 9 M€ est en cours d’instruction en Europe.", ["strategie"]),
        ("## 3.2 Ouvrir un budget participatif\n\nUne aide de 9 M€ est en cours d’instruction en "
         "Europe.", ["action"]),
    ],
)  # fmt: skip
def test_a_column_of_axes_and_a_title_of_means_tell_the_perimeter(text, perimeters):
    assert column_of(AXES + text, "perimetre") == perimeters


def test_a_pronoun_and_what_follows_a_list_of_actions_are_of_the_axis():
    text = """## Ambition 1 : Relier

Cet axe compte le plus. Il mobilise 7 M€.

- Action 1 : ouvrir une maison
- Action 2 : former les agents

La Ville a versé 32 000 € en 2023.

## Ambition 2 : Ouvrir

Texte.
"""
    assert column_of(text, "perimetre") == ["priorite", "action"]


def test_a_perimeter_that_no_word_tells_is_no_certainty_outside_of_axes():
    (row,) = amounts_of("Le portail des démarches en ligne coûte 90 000 €.")
    assert row.get("perimetre") == "action"
    assert row.values["perimetre"].alternatives == ("strategie", "infrastructures")


@pytest.mark.parametrize(
    ("text", "stages"),
    [
        ("Le fonds a été abondé et porté à 3 M€.", [""]),
        ("La Ville avait patiemment bâti un réseau, pour 3 M€.", [""]),
        ("Le coût du réseau s’est établi à 3 M€.", [""]),
        ("Le réseau nécessitait 3 M€.", [""]),
        # the future, the present, a noun, a table: announced, to be verified
        ("La Ville bâtira un réseau, pour 3 M€.", ["prevu"]),
        ("Une évaluation aura lieu en 2026, pour 35 000 €.", ["prevu"]),
        ("Coût du réseau : 3 M€", ["prevu"]),
        ("La Ville a bâti un réseau.\n\n| Poste | Coût (k€) |\n| Bus | 9 |", ["prevu"]),
        ("Une demande de 350 000 € a été déposée.", ["prevu"]),
        ("La Ville compte sur 850 k€ du Feder, demandés en mai, et sur 240 000 € de la Banque, "
         "accordés par convention.", ["prevu", "engage"]),
    ],
)  # fmt: skip
def test_what_is_told_as_past_without_a_word_for_its_stage_has_none(text, stages):
    assert column_of(text, "etape") == stages


def test_the_stage_that_is_told_of_one_year_is_not_that_of_the_others():
    text = "Les crédits de 2022 sont votés ; les suivants sont indicatifs, en k€.\n\n"
    assert column_of(f"{text}| Poste | 2022 | 2023 |\n| Bus | 9 | 8 |", "etape") == [
        "vote", "prevu",
    ]  # fmt: skip


def test_an_amount_without_stage_is_listed_as_missing_and_kept_among_the_proposals():
    text = "# Stratégie numérique de la Ville de Brest\n\nLa Ville a bâti un réseau, pour 3 M€.\n"
    rows = read_proposals(text.encode(), "a.md").rows
    records = [each for each in to_records(rows) if each["table"] == "budgets"]
    assert {"montant": "3000000", "etape": ""}.items() <= {
        each["colonne"]: each["valeur"] for each in records
    }.items()
    assert "budgets" not in build_tables(rows)
    assert any("ligne sans « Étape » " in f"{each} " for each in describe_missing(rows, {}))
    (amount,) = [row for row in rows if row.table == "budgets"]
    assert amount.values["etape"].alternatives == ("realise", "engage", "vote")
    chosen = ProposedRow("budgets", dict(amount.values), amount.key)
    chosen.add("etape", "realise", "choisi", amount.values["montant"])
    assert len(build_tables([*rows[:1], chosen])["budgets"]) == 1
