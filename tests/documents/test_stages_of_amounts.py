"""Check the stages, the years and the context of amounts in the words of French councils."""

import pytest

from comparisons.documents.amount_words import stage_of
from comparisons.documents.model import Row
from comparisons.documents.readers.pdf_layout import to_blocks
from comparisons.documents.readers.pdf_page import PdfPage, Word
from comparisons.documents.readers.pdf_table_checks import align_heads
from comparisons.documents.reading import read_proposals


def amounts_of(text: str) -> list[tuple[str, str]]:
    """Return each amount that a strategy of these words states, with its stage."""
    document = f"# Stratégie numérique de la Ville de Brest\n\n{text}\n".encode()
    rows = read_proposals(document, "a.md").rows
    return [(row.get("montant"), row.get("etape")) for row in rows if row.table == "budgets"]


@pytest.mark.parametrize(
    ("text", "stage"),
    [
        ("le budget primitif 2023 lui consacre", "vote"),
        ("le budget 2020, tel que modifié en juin, y affecte", "vote"),
        ("la décision modificative n° 1, qui a dégagé", "vote"),
        ("une décision modificative a permis de dégager", "vote"),
        ("le projet de budget primitif 2023 lui consacre", ""),
        ("le conseil a inscrit 10 000 € à cet effet dans le budget supplémentaire", "vote"),
        ("au budget primitif 2023 figure une inscription de", "vote"),
        ("d’ouvrir au budget principal un crédit de", "vote"),
        ("2. d’attribuer à l’association une subvention de", "vote"),
        ("crédits 2023 votés", "vote"),
        ("sa subvention pour 2022, votée en février, est de", "vote"),
        ("les crédits ouverts en 2023, de", "vote"),
        ("l’assemblée a validé une enveloppe de", "vote"),
        ("une subvention sera proposée au vote", "prevu"),
        ("la décision modificative y ajoutera, sous réserve du vote,", "prevu"),
        ("le maître d’œuvre a été désigné", "engage"),
        ("le groupement de commandes a retenu une offre de", "engage"),
        ("une offre de 81 000 € a été retenue", "engage"),
        ("la tranche ferme, confiée à une entreprise locale, s’élève à", "engage"),
        ("l’aide, arrêtée par décision du 12 juillet, est de", "engage"),
        ("la Région a délibéré en faveur d’une aide de", "engage"),
        ("un bon de commande a été émis", "engage"),
        ("une charte signée par les communes coûte", ""),
        ("elles ont été aidées, pour une dépense totale de 10 000 €", "realise"),
        ("ont donné lieu à 52 700 € de dépenses", "realise"),
        ("les dépenses se sont limitées à", "realise"),
        ("1 M€ avaient déjà été liquidés", "realise"),
        ("la mission a été facturée", "realise"),
        ("la mission sera facturée", ""),
        ("le travail a été financé sur les crédits d’études", "realise"),
        ("une étude, d’un coût de 40 000 €, aujourd’hui soldée", "realise"),
        ("une première approche le situe à", "estime"),
        ("d’après le devis", "estime"),
        ("les travaux, chiffrés à 7,4 M€ par l’étude de 2015", "estime"),
        ("la part de la Ville serait de 118 000 €", "estime"),
        ("une première évaluation aboutit à 81 000 €", "estime"),
        ("il faudrait", "estime"),
        ("une demande d’aide de 16 500 €", "prevu"),
        ("un dossier de 140 000 € a été déposé", "prevu"),
        ("le Département devrait attribuer", "prevu"),
        ("420 000 € escomptés", "prevu"),
        ("la commande s’est élevée à", "engage"),
        ("le cabinet mandaté évalue le projet à", "estime"),
        ("d’après leurs comptes administratifs", "realise"),
        ("nous avons perçu 210 000 €", "realise"),
        ("le montant des travaux réalisés atteint", "realise"),
        ("la salle a été refaite en 2021 pour", "realise"),
        ("livrée en mai 2024", "realise"),
        ("les aides versées représentent", "realise"),
        ("elle a été portée de 120 000 € à 180 000 € par la délibération du 12 mars", "vote"),
        ("le conseil a délibéré le 14 décembre pour affecter", "vote"),
        ("sur 3,9 M€ ouverts", "vote"),
        ("BP 2023", "vote"),
        ("CA 2023", "realise"),
        ("l’avenant n° 2 porte le marché à", "engage"),
        ("le FEDER, 600 000 €, est acquis", "engage"),
    ],
)
def test_words_of_councils_tell_the_stage(text, stage):
    assert stage_of(text)[0] == stage


@pytest.mark.parametrize(
    ("text", "stages"),
    [
        ("Un outil a été acquis ; sa mise à niveau, inscrite au BP, coûte 83 000 €.", ["vote"]),
        ("Le maître d’œuvre a été désigné ; son marché s’élève à 68 400 € HT.", ["engage"]),
        ("Un réseau existe. Marché attribué en mai 2023.\n\nBudget : 120 000 €", ["engage"]),
        ("Le réseau a été construit en 2019. Cet effort de 2 M€ le mérite.", ["realise"]),
        ("Le conseil a longuement hésité. Cet effort de 2 M€ le mérite.", [""]),
        ("Le poste, créé par la délibération du 4 mai, est doté de 46 500 €.", [""]),
        (
            "Le conseil ouvre une autorisation de programme de 2 M€ et inscrit au budget primitif "
            "2024 les crédits, soit 540 000 €.",
            ["vote", "vote"],
        ),
    ],
)
def test_the_nearest_words_tell_the_stage_else_none_is_proposed(text, stages):
    assert [stage for _, stage in amounts_of(text)] == stages


@pytest.mark.parametrize(
    ("text", "amounts"),
    [
        ("Le produit intérieur brut s’élève à 83 Md€.", []),
        ("Son budget principal s’établit à 19,4 M€ en 2024.", []),
        ("L’épargne brute, de 44 M€, permet de nouveaux projets.", []),
        ("Un budget participatif de 1 M€ n’est pas compté ici.", []),
        ("Une association a un budget (42 M€) qui n’entre pas dans cette feuille de route.", []),
        ("Le coût complet d’un poste est de 41 000 €.", []),
        ("Le coût du nouveau portail est de 41 000 €.", ["41000"]),
        ("L’abonnement, de 57 000 €, remplace des contrats de 71 000 €.", ["57000"]),
        ("Il remplace le schéma de 2017, pour une dépense de 90 000 €.", ["90000"]),
        ("L’effort est de 1,2 M€, soit en moyenne 256 000 € par an.", ["1200000", "256000"]),
        ("L’enveloppe passe de 1,5 million d’euros à 2,3 millions d’euros.", ["2300000"]),
        ("La Ville participera aux travaux pour 150 000 € au maximum.", ["150000"]),
        ("Le coût passe de 45 000 € en 2022 à 62 000 € en 2024.", ["62000"]),
        ("Le Département garantit un emprunt de 2 M€.", []),
        ("Notre parc vaut 3 M€ à neuf.", []),
        ("L’Agence n’a pas retenu la demande de 60 000 €.", []),
        ("Le coût de l’inaction serait de 3 M€.", []),
        ("L’attaque de 2021 a coûté 900 000 € à la Ville.", []),
    ],
)
def test_what_is_no_cost_of_the_strategy_is_left_out(text, amounts):
    assert [amount for amount, _ in amounts_of(text)] == amounts


def columns_of(text: str, *columns: str) -> list[tuple[str, ...]]:
    document = f"# Stratégie numérique de la Ville de Brest\n\n{text}\n".encode()
    rows = read_proposals(document, "a.md").rows
    return [tuple(map(row.get, columns)) for row in rows if row.table == "budgets"]


def test_a_form_dates_its_amounts_and_a_part_is_of_what_its_whole_is():
    form = "| Pilote | DSI |\n| Calendrier | 2022-2024 |\n| Budget prévisionnel | 285 000 € |\n"
    years = "annee_debut", "annee_fin"
    assert columns_of(form, *years) == [("2022", "2024")]
    table = "| Axe | Estimation 2022-2028 | Part du Département |\n| A | 900 000 € | 600 000 € |\n"
    assert columns_of(table, "etape", *years) == [("estime", "2022", "2028")] * 2


def test_a_budget_or_credits_of_a_year_date_an_amount_a_duration_too():
    years = "annee_debut", "annee_fin"
    for text in ("Les crédits de l’année 2024 (214 000 €) sont connus.", "Crédits 2024 : 2 M€"):
        assert columns_of(text, *years) == [("2024", "2024")]
    assert columns_of("Sur quatre ans : 7,4 M€ prévus.", "duree_annees") == [("4",)]


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("1,5 M€ en 2024 et 1,9 M€ en 2025 sont prévus.", ["2024", "2025"]),
        ("Le coût passe de 45 000 € en 2022 à 62 000 € en 2024.", ["2024"]),
        ("2024 : 20 k€ ; 2025 : 35 k€.", ["2024", "2025"]),
        ("Pour la seule année 2024, la dépense devrait atteindre 410 000 €.", ["2024"]),
        ("Crédits de paiement 2024 : 450 000 €.", ["2024"]),
    ],
)
def test_the_year_beside_an_amount_is_its_own(text, years):
    assert columns_of(text, "annee_debut", "annee_fin") == [(year, year) for year in years]


def test_brackets_and_the_noun_before_tell_the_nature_of_each_amount():
    natures = [("investissement",), ("fonctionnement",)]
    text = "Budget : 120 k€ (investissement) + 15 k€/an (fonctionnement)."
    assert columns_of(text, "nature") == natures
    text = "L’investissement, 2,2 M€, revient au syndicat ; le fonctionnement, 180 000 €, à l’État."
    assert columns_of(text, "nature") == natures


def test_receipts_of_a_plan_of_funding_name_who_pays():
    table = (
        "| Dépenses | Montant | Recettes | Montant |\n|---|---|---|---|\n"
        "| Étude | 40 000 € | État | 30 000 € |\n| Travaux | 160 000 € | Région | 170 000 € |\n"
        "| Total | 200 000 € | Total | 200 000 € |\n"
    )
    funders = [name for (name,) in columns_of(table, "financeur_nom")]
    assert funders == ["", "État", "", "Région", "", ""]


def test_what_is_consumed_and_what_was_opened_have_their_own_stages():
    text = "Le taux est de 82 %, soit 3,2 M€ consommés sur 3,9 M€ ouverts."
    assert amounts_of(text) == [("3200000", "realise"), ("3900000", "vote")]


def test_pay_is_of_running_costs_and_a_subsidy_each_year_is_yearly():
    text = "Deux recrutements, soit 92 000 € de masse salariale."
    assert columns_of(text, "nature") == [("fonctionnement",)]
    text = "La subvention annuelle, fixée par la convention, est de 140 000 €."
    assert columns_of(text, "recurrence") == [("annuel",)]


def page_of(*lines: tuple[float, list[tuple[float, str]]]) -> PdfPage:
    """Build a page: the top of each line, and its texts, each with its left; letters are 5 wide."""
    words = []
    for top, texts in lines:
        for left, text in texts:
            for word in text.split(" "):
                words.append(Word(word, left, top, left + 5 * len(word), top + 10, 10, bold=False))
                left += 5 * len(word) + 3
    return PdfPage(1, 600, 800, words)


def paragraphs_of(*texts: str) -> list[str]:
    blocks, _ = to_blocks(
        [page_of(*((300 + 13 * i, [(60, text)]) for i, text in enumerate(texts)))]
    )
    return [block.text for block in blocks]


def test_a_line_that_begins_with_a_date_or_a_count_goes_on_but_figures_are_a_list():
    first, last = "Le plan pluriannuel d’investissement, adopté le", "11 mars 2021, réserve 3 M€"
    assert paragraphs_of(first, last) == [f"{first} {last}"]
    assert paragraphs_of("14 200 habitants", "38 communes") == ["14 200 habitants", "38 communes"]


def test_numbers_tell_the_columns_that_a_head_nearly_joins():
    heads = (100, [(60, "Axe"), (100, "2023 (tout voté)"), (183, "2024 (prévu)")])
    rows = [
        (116 + 16 * i, [(60, "ABC"[i]), (100, "345 000 €"), (183, "190 000 €")]) for i in (0, 1, 2)
    ]
    blocks, _ = to_blocks([page_of(heads, *rows)])
    assert blocks[0].rows[0].cells == ("Axe", "2023 (tout voté)", "2024 (prévu)")
    assert blocks[0].rows[1].cells == ("A", "345 000 €", "190 000 €")


def test_heads_beside_their_numbers_come_above_them():
    heads = Row(("k€", "", "2023", "", "2024"), 1, None, ((),) * 5)
    row = Row(("Axe 1", "55", "", "62", ""), 1, None, ((),) * 5)
    cells = [each.cells for each in align_heads([heads, row])]
    assert cells == [("k€", "2023", "2024"), ("Axe 1", "55", "62")]


def test_what_was_spent_before_the_strategy_is_not_planned():
    text = "# Stratégie numérique de Brest 2024-2027\n\n612 000 € d’achats de matériel en 2022.\n"
    rows = read_proposals(text.encode(), "a.md").rows
    assert [row.get("etape") for row in rows if row.table == "budgets"] == [""]


def test_the_unit_of_a_table_may_be_said_in_a_section_before():
    table = "| Action | Montant |\n|---|---|\n| Ouvrir un guichet | 185 000 |\n"
    text = f"Les montants sont exprimés en euros.\n\n## Tableau\n\n{table}"
    assert [amount for amount, _ in amounts_of(text)] == ["185000"]


def test_each_cell_of_cards_is_a_text_of_its_own():
    cards = (
        "Les services d’accueil seront réunis en un guichet, pour 185 000 € votés en 2023.",
        "La mise en réseau des bibliothèques, achevée en 2022, a coûté 42 000 € à la ville.",
    )
    text = f"| {cards[0]} | {cards[1]} |\n|---|---|\n"
    assert amounts_of(text) == [("185000", "vote"), ("42000", "realise")]
