"""Amounts are those that words and tables state, with their stage, perimeter, nature and funder."""

import pytest

from comparisons.documents.amount_words import find_funder, stage_of
from comparisons.documents.money import find_money, to_text
from comparisons.documents.reading import read_proposals


@pytest.mark.parametrize(
    ("text", "euros"),
    [
        ("un budget de 1 200 000 €", "1200000"),
        ("soit 1,2 M€", "1200000"),
        ("350 k€ sont prévus", "350000"),
        ("4,2 millions d’euros", "4200000"),
        ("deux millions d’euros", "2000000"),
        ("1,4 Md€", "1400000000"),
        ("en 2025, 12 500,50 euros", "12500.5"),
        ("la phase 2 150 000 €", "150000"),
        ("trois cent cinquante mille euros", "350000"),
        ("quatre-vingt-dix-sept mille deux cents euros", "97200"),
        ("vingt-cinq millions d’euros", "25000000"),
        ("un demi-million d’euros", "500000"),
        ("2 millions et demi d’euros", "2500000"),
        ("100 000.00 €", "100000"),
        ("12 mille euros", "12000"),
        ("la cotisation passe de 3 200 € à 4 100 € par an", "4100"),
        ("41 M€ par rentrée", "41000000"),
        ("son budget s’établit en 2024 à 6,4 M€", "6400000"),
        ("le Département en assumerait 2,3 millions ; le reste suivra", "2300000"),
    ],
)
def test_an_amount_is_read_to_its_last_digit(text, euros):
    assert [to_text(money.euros) for money in find_money(text)] == [euros]


@pytest.mark.parametrize(
    "text",
    ["entre 1 et 2 M€", "12 € par habitant", "de 20 à 25 M€", "1.200 M€", "3 000 habitants",
     "une vingtaine de millions d’euros", "1 million 200 000 euros", "contre 900 € en bourg",
     "143 € par compteur", "3 150 € mensuels", "45 000 € chacun", "000 € pour dix communes"],
)  # fmt: skip
def test_no_amount_is_read_where_the_words_give_none(text):
    assert list(find_money(text)) == []


@pytest.mark.parametrize(
    ("sentence", "perimeter"),
    [
        ("Cette feuille de route engage 12,5 M€.", "strategie"),
        ("La présente stratégie représente un budget de 3 M€.", "strategie"),
        ("Notre schéma mobilise 2 M€ sur cinq ans.", "strategie"),
        ("L’ensemble du programme coûtera 4 M€.", "strategie"),
        ("Au total, 6 M€ sont prévus.", "strategie"),
        ("Le plan s’élève à 9 M€ pour cinq années scolaires.", "strategie"),
        ("La stratégie prévoit 200 000 € pour former les secrétaires de mairie.", "action"),
        ("Le premier chantier est doté de 4 M€.", "priorite"),
        ("Le portail des démarches coûte 90 000 €.", "action"),
        ("Elle adopte la stratégie numérique 2021-2025, dotée de 62 M€.", "strategie"),
        ("Le pylône de la commune coûte 90 000 €.", "infrastructures"),
        ("Le schéma mobilisera 2 M€, toutes sections confondues.", "strategie"),
        ("Le programme « Un collégien, un ordinateur » a coûté 6 M€.", "action"),
        ("Les ponts sont suivis. Le plan pluriannuel leur affecte 3 M€.", "action"),
        ("Un essai a été conduit en 2021. Il a coûté 118 300 €.", "action"),
        ("La stratégie est prête. Elle représente 8 M€ sur sept ans.", "strategie"),
        ("Le coût de cette campagne s’est élevé à 171 000 €.", "action"),
        ("Le coût des douze actions atteint 3 M€.", "strategie"),
    ],
)
def test_an_amount_is_that_of_what_the_words_name(sentence, perimeter):
    text = f"# Stratégie numérique de la Ville de Brest\n\n{sentence}\n"
    rows = read_proposals(text.encode(), "a.md").rows
    assert [row.get("perimetre") for row in rows if row.table == "budgets"] == [perimeter]


def test_a_table_gives_the_words_of_its_rows_its_nearest_unit_and_its_sum():
    text = """# Stratégie numérique de la Ville de Brest

Un tableau précédent est en M€.

Le conseil vote une autorisation de programme de 300 000 €, en k€ ci-dessous :

| Année | Montant (k€) |
| 2024 | 100 |
| 2025 | 200 |
"""
    rows = [r for r in read_proposals(text.encode(), "a.md").rows if r.table == "budgets"]
    facts = [(r.get("montant"), r.get("libelle"), r.get("inclus_dans")) for r in rows[1:]]
    assert facts == [("100000", "2024", "1"), ("200000", "2025", "1")]
    assert {(r.get("perimetre"), r.get("etape")) for r in rows} == {("strategie", "vote")}


def test_rows_and_fields_tell_the_nature_and_the_axis_of_amounts():
    text = """# Stratégie numérique de la Ville de Brest

## Enjeu 1

# Réduire la dépense

### Nos actions

Budget : 38 M€ sur la durée du contrat. L’agence apporte 1 M€ aux travaux.

## Enjeu 2

# Créer un quai

Coût d’investissement : 2 M€ ; coût annuel d’exploitation : 210 k€.

| Enjeu (k€) | 2025 |
| 1. Réduire | 3 |
| Fonctionnement | 4 |
"""
    rows = [r for r in read_proposals(text.encode(), "a.md").rows if r.table == "budgets"]
    columns = ("montant", "perimetre", "nature", "recurrence")
    assert [tuple(row.get(column) for column in columns) for row in rows] == [
        ("38000000", "priorite", "", ""), ("1000000", "action", "", ""),
        ("2000000", "action", "investissement", ""),
        ("210000", "action", "fonctionnement", "annuel"),
        ("3000", "priorite", "", ""), ("4000", "action", "fonctionnement", ""),
    ]  # fmt: skip


def test_the_total_of_a_table_is_that_of_the_axis_above_it():
    table = "| Action | Coût (k€) |\n| Portail | 120 |\n| Réseau | 80 |\n| Total | 200 |\n"
    text = f"# Stratégie numérique de la Ville de Brest\n\n## Axe 1 : Ouvrir\n\n{table}\n"
    text += "## Axe 2 : Relier\n\nRien encore.\n\n## Budget\n\n" + table.replace("1", "3")
    rows = [r for r in read_proposals(text.encode(), "a.md").rows if r.table == "budgets"]
    totals = [row.get("perimetre") for row in rows if row.get("libelle") == "Total"]
    assert totals == ["priorite", "strategie"]


def stages_of(text: str) -> set[str]:
    document = f"# Stratégie numérique de la Ville de Brest\n\n{text}\n".encode()
    rows = read_proposals(document, "a.md").rows
    return {row.get("etape") for row in rows if row.table == "budgets"}


def test_the_stage_of_a_sum_is_that_of_its_table_and_no_other_amount_lends_its_own():
    table = "\n\n| Action | Coût (k€) |\n| Portail | 120 |\n| Réseau | 80 |\n"
    before = "Une aide de 90 000 € est estimée."
    assert stages_of(f"Le coût est estimé à 200 000 €.{table}") == {"estime"}
    assert stages_of(f"{before}{table}") == {"estime", "prevu"}


def test_a_verb_tells_the_stage_of_the_amounts_that_follow_it_with_the_same_word():
    assert stages_of("L’achat est évalué à 260 k€ ; l’exploitation, à 70 k€ par an.") == {"estime"}
    assert stages_of("L’étude chiffre le socle à 180 k€, puis à 95 k€ par an.") == {"estime"}


def test_what_is_received_by_convention_is_committed_and_not_yet_spent():
    text = "Le projet a reçu 1,2 M€ de la Banque, par convention signée le 4 octobre 2023."
    assert stages_of(text) == {"engage"}
    assert stages_of("La filière a reçu 42 M€ de fonds, dont l’effet est faible.") == {"realise"}


def test_what_a_plan_of_funding_expects_is_planned_beside_an_authorisation():
    text = "Le plan de financement prévisionnel suit.\n\nLa part du Département est une "
    text += "autorisation de programme.\n\n| Financeur | Montant (k€) |\n| Région | 900 |\n"
    assert stages_of(f"{text}| Feder | 1 100 |") == {"prevu"}


def test_the_verb_after_an_amount_in_apposition_tells_its_stage():
    text = "Les crédits de l’exercice, soit 61 500 €, sont inscrits au budget primitif 2024."
    assert stages_of(text) == {"vote"}


def test_each_verb_tells_the_stage_of_its_own_amount():
    text = "La Ville financera 30 000 € et le Département a voté 20 000 €."
    assert stages_of(text) == {"prevu", "vote"}


def test_what_is_beside_an_amount_tells_nothing_of_its_stage():
    text = "La Région apportera 3,6 M€, en complément des conventions signées par les communes."
    assert stages_of(text) == {"prevu"}


def perimeters_of_table(text: str) -> list[str]:
    axes = "## Axe 1 : Une énergie sobre\n\nTexte.\n\n## Axe 2 : Des bus\n\nTexte.\n\n## Budget"
    document = f"# Stratégie numérique de la Ville de Brest\n\n{axes}\n\n{text}\n".encode()
    rows = read_proposals(document, "a.md").rows
    return [row.get("perimetre") for row in rows if row.table == "budgets"]


@pytest.mark.parametrize(
    ("table", "perimeters"),
    [
        ("| Axe | Coût (k€) |\n| Énergie | 9 |\n| Mobilité | 8 |", ["priorite", "priorite"]),
        ("| | Coût (k€) |\n| 1 | 9 |\n| 2 | 8 |\n| Total | 17 |",
         ["priorite", "priorite", "strategie"]),
        ("| Axe | Action | Coût (k€) |\n| Axe 1 : Une énergie sobre | Capteurs | 9 |", ["action"]),
        ("| Financeur | Montant (k€) |\n| État | 9 |\n| Fonds propres | 8 |",
         ["strategie", "strategie"]),
        ("| Dépenses | k€ | Recettes | k€ |\n| Bus | 9 | État | 5 |\n| Car | 1 | Ville | 5 |",
         ["action", "strategie", "action", "strategie"]),
        ("| Action | 2024 (k€) | 2025 (k€) |\n| Bus | 9 | 1 |\n| Car | 8 | 2 |\n| Bilan | 17 | 3 |",
         ["action"] * 4 + ["strategie"] * 2),
    ],
)  # fmt: skip
def test_the_rows_of_a_table_are_of_axes_of_actions_or_shares_of_the_whole(table, perimeters):
    assert perimeters_of_table(table) == perimeters


def test_the_part_that_a_funder_pays_is_of_what_the_whole_is_of():
    text = "# Stratégie numérique de la Ville de Brest\n\n## Axe 1 : Ouvrir\n\n"
    text += "Budget : 6 M€, dont 2 M€ attendus du Fonds vert\n\n## Axe 2 : Relier\n"
    rows = [r for r in read_proposals(text.encode(), "a.md").rows if r.table == "budgets"]
    assert [row.get("perimetre") for row in rows] == ["priorite", "priorite"]


def test_what_follows_a_bare_list_of_axes_is_of_all_of_them():
    text = """# Stratégie numérique de la Ville de Brest

La stratégie a deux axes :

- Axe 1 : Ouvrir les données
- Axe 2 : Relier les quartiers

Le coût total est de 3 M€.
"""
    rows = [r for r in read_proposals(text.encode(), "a.md").rows if r.table == "budgets"]
    assert [row.get("perimetre") for row in rows] == ["strategie"]


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("En 2023, la Ville a dépensé 63 700 €.", [("2023", "2023")]),
        ("Un crédit de 58 000 € est inscrit au budget primitif 2024.", [("2024", "2024")]),
        ("Elle reçoit 58 000 € depuis le budget primitif 2019.", [("", "")]),
        ("Budget 2025 : 28 k€ pour les écoles", [("2025", "2025")]),
        ("La stratégie adoptée en 2021 mobilise 3 M€.", [("", "")]),
        ("Les prévisions pour 2024, 2025 et 2026 sont respectivement de 9 M€, 5 M€ et 4 M€.",
         [("2024", "2024"), ("2025", "2025"), ("2026", "2026")]),
        ("| Action | Période | Coût (k€) |\n| Bus | 2022-2024 | 9 |\n| Car | Dès 2023 | 8 |",
         [("2022", "2024"), ("", "")]),
        ("Plan de financement 2023-2028, en k€\n\n| Action | Ville |\n| Bus | 9 |",
         [("2023", "2028")]),
        ("La Ville a voté 9 M€ pour 2023-2028. Ainsi :\n\n| En M€ | Coût (M€) |\n| Total | 9 |",
         [("2023", "2028")]),
    ],
)  # fmt: skip
def test_years_are_those_of_the_words_of_the_row_or_of_the_caption(text, years):
    document = f"# Stratégie numérique de la Ville de Brest\n\n{text}\n".encode()
    rows = [r for r in read_proposals(document, "a.md").rows if r.table == "budgets"]
    assert [(row.get("annee_debut"), row.get("annee_fin")) for row in rows] == years


def test_a_caption_and_an_authorisation_tell_the_nature_of_amounts():
    text = """# Stratégie numérique de la Ville de Brest

Le conseil a voté une autorisation de programme de 5 M€.

Investissements en M€

| Poste | Tranche 1 |
| Desserte | 11,4 |
"""
    rows = [r for r in read_proposals(text.encode(), "a.md").rows if r.table == "budgets"]
    assert [row.get("nature") for row in rows] == ["investissement", "investissement"]


def test_an_indicator_is_aimed_at_after_the_first_year_or_where_the_words_say_so():
    text = """# Stratégie numérique de la Ville de Brest 2021-2025

La Ville recense 64 lieux de médiation ; 130 lieux de médiation sont prévus en 2024.

À la fin de 2025, 200 agents formés. Seront publiés 60 jeux de données avant 2024.

| Indicateur | 2020 | 2025 |
| Tiers-lieux | 3 | 9 |
"""
    rows = [r for r in read_proposals(text.encode(), "a.md").rows if r.table == "indicateurs"]
    assert [(row.get("valeur"), row.get("nature"), row.get("annee")) for row in rows] == [
        ("64", "realise", ""), ("130", "cible", "2024"), ("200", "cible", "2025"),
        ("60", "cible", "2024"), ("3", "realise", "2020"), ("9", "cible", "2025"),
    ]  # fmt: skip


def test_a_column_or_a_row_that_counts_other_things_gives_no_amount():
    text = """# Stratégie numérique de la Ville de Brest

Les pare-feu ont été achetés en 2023.

## Budget

Montants en k€

| Action | Année | Coût | Agents formés |
| Portail | 2024 | 120 | 30 |
| Nombre de sites | 2025 | 4 | 3 |
"""
    rows = [r for r in read_proposals(text.encode(), "a.md").rows if r.table == "budgets"]
    facts = [(row.get("montant"), row.get("libelle"), row.get("etape")) for row in rows]
    assert facts == [("120000", "Portail", "prevu")]


def amounts_of(text: str) -> list[str]:
    document = f"# Stratégie numérique de la Ville de Brest\n\n{text}\n".encode()
    return [row.get("montant") for row in read_proposals(document, "a.md").rows
            if row.table == "budgets"]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "amounts"),
    [
        ("15 000 € de formation, pour une économie de 22 000 € par an.", ["15000"]),
        ("Une aide de 15 000 € va à l’atelier, qui vend à partir de 80 €.", ["15000"]),
        ("Chaque lycée recevra 4 000 €. Au total, 1,6 M€ sont prévus.", ["1600000"]),
        ("Le préjudice est de 5 M€, la Ville agit : 2 M€ ont été dépensés.", ["2000000"]),
        ("Crédits : 300 000 €, dans la limite de 20 000 € par projet.", ["300000"]),
        ("2 millions d’euros, dont 1,5 million à la charge de la Ville et 3 millions de pas.",
         ["2000000", "1500000"]),
        ("Ils sont ramenés de 420 000 € à 310 000 €.", ["310000"]),
        ("Les levées de fonds atteignent 95 M€. L’attaque a coûté 2 M€ à l’hôpital.", []),
        ("L’aide est plafonnée à 1 M€.", ["1000000"]),
        ("Un chèque de 3 000 € va à 1 500 entreprises. L’économie est de 190 000 €.", []),
        ("## Voir aussi\n\n- Les écoles : 12 M€\n\n## Budget\n\nIl est de 3 M€.", ["3000000"]),
        ("10 000 € en 2022 et 10 000 € en 2023 sont prévus.", ["10000", "10000"]),
        ("| Action (k€) | Ville | État |\n| Bus | 3 | – |\n| Car | 9 | – |\n| Train | 8 | 1 |",
         ["3000", "9000", "8000", "1000"]),
        # what one gets at most is no budget
        ("Chacun a jusqu’à 15 000 €, 20 000 € au maximum. En tout : 600 000 €.", ["600000"]),
        ("L’aide ne peut dépasser 2 500 €. Le coût ne dépassera pas 60 000 €.", ["60000"]),
        ("Le fonds de 300 000 € donne 5 000 € par an et par commune.", ["300000"]),
        ("Un ordinateur est remis à chaque élève : 41 M€.", ["41000000"]),
        ("| Axe | 24 | 25 | 26 |\n| Un (M€) | 1,5 | 2 | 2,5 |", ["1500000", "2000000", "2500000"]),
        ("Crédits de paiement, M€\n\n| Action | 2024 |\n| Bus | 0,1 |", ["100000"]),
        ("| Action | Coût (k€) | État | Alpi |\n| Bus | 3 | 1 | 2 |\n| Car | 9 | 4 | 5 |",
         ["3000", "1000", "2000", "9000", "4000", "5000"]),
        # money of another subject
        ("Le budget du Département pour 2021 s’élève à 387 M€, dont 92 M€ d’investissement.", []),
        ("Il y consacre 2 M€, soit 1 % de son budget de fonctionnement de 200 M€.", ["2000000"]),
        ("Au budget de la Ville, 2 M€ sont inscrits.", ["2000000"]),
        ("Elle consacre 3 % de son budget, soit 2 M€, au numérique.", ["2000000"]),
        ("Depuis le rançongiciel de 2021, la Ville a investi 300 000 €.", ["300000"]),
        ("La facture d’éclairage est passée à 3 M€. Les locaux coûtent 2 M€ d’énergie.", []),
        ("Les travaux d’eau potable, pour 18 M€, relèvent du schéma directeur de l’eau.", []),
        ("Les achats de plus de 90 000 € sont discutés. Le revenu médian est de 22 190 €.", []),
        ("L’industrie investit dans la robotique : 31 M€ en 2019.", []),
        ("La dépense est plafonnée à 150 000 € par an, à partir de 2025.", ["150000"]),
        # a part has the unit of its whole
        ("| Axe | Total en k€ | dont écoles |\n| Agir | 520 | 156 |\n| Aider | 90 | 30 |",
         ["520000", "156000", "90000", "30000"]),
        ("| Axe | Coût (M€) | Part Ville | Part État |\n| Un | 22 | 12 | 10 |\n| Bus | 3 | 3 | – |",
         ["22000000", "12000000", "10000000", "3000000", "3000000"]),
        ("| Action | Coût (k€) |\n| Classes – La charte évite les doublons | 196 |", ["196000"]),
        ("| Financeur | M€ |\n| Ville | 2 |\n| Opérateurs privés | 5 |", ["2000000", "5000000"]),
        ("| Action | Coût |\n| Bus | économie de 15 000 € |\n| Car | 9 000 € |", ["9000"]),
    ],
)  # fmt: skip
def test_only_what_the_strategy_costs_is_an_amount(text, amounts):
    assert amounts_of(text) == amounts


@pytest.mark.parametrize(
    ("text", "stage"),
    [
        ("n’a pas encore été voté", "prevu"),
        ("le coût est estimé à", "estime"),
        ("une subvention a été notifiée", "engage"),
        ("ont été dépensés", "realise"),
        ("vote une autorisation de programme", "vote"),
        ("la Région accompagne", ""),
        ("une étude réalisée en 2020 évalue à", "estime"),
        ("la stratégie adoptée en 2021 mobilise", ""),
        ("120 000 €, votés en 2021", "vote"),
        ("le plan pluriannuel d’investissement, voté en 2021, réserve", "vote"),
        ("Article 3 : d’attribuer à l’association une aide", "vote"),
        ("retenu par l’État, le projet reçoit", "engage"),
        ("les dépenses se sont élevées à", "realise"),
        ("le plan précédent avait permis d’installer", "realise"),
        ("le plan de relance a permis en 2021 l’achat de", "realise"),
        ("quand l’Assemblée en avait voté", "vote"),
        ("le budget d’investissement, voté le 8 avril, réserve", "vote"),
        ("est inscrit au budget primitif 2024 pour", "vote"),
        ("sera inscrit au budget primitif 2026", "prevu"),
        ("le conseil a ouvert 610 000 € de crédits de paiement", "vote"),
        ("fixé à 40 000 € par la délibération du 14 décembre", "vote"),
        ("les opérations avaient donné lieu à 188 000 € de mandats", "realise"),
        ("les agents disposent d’un mandat Aidants Connect", ""),
        ("dont 60 k€ réglés en 2021", "realise"),
        ("la Ville lui a remboursé", "realise"),
        ("les dépenses de sécurité représentaient 215 000 € en 2021", "realise"),
        ("l’État y a apporté 1 M€ par convention", "engage"),
        ("inscrite au contrat", "engage"),
        ("la première commande, passée en mai, atteint", "engage"),
        ("l’État a confirmé une aide", "engage"),
        ("une étude chiffre leur desserte à", "estime"),
        ("le renouvellement coûterait", "estime"),
        ("la Région apportera", "prevu"),
        ("le maire propose d’inscrire au budget primitif 2025", "prevu"),
        ("les dépenses prévues étaient de", "prevu"),
        ("l’État a confirmé son engagement", ""),
        ("la dépense n’est pas inscrite au présent budget", ""),
        ("la Ville a inscrit à son budget 2024 une tranche", "vote"),
        ("la Ville a inscrit 340 000 € à son budget 2024", "vote"),
        ("les crédits sont inscrits au chapitre 20", "vote"),
        ("est inscrite au budget pour 48 000 €", "vote"),
        ("OUVRE au budget 2022 un crédit", "vote"),
        ("le budget primitif 2023 comporte un crédit", "vote"),
        ("le projet de budget primitif 2023 comporte un crédit", ""),
        ("un fonds doté au budget 2023 de", "vote"),
        ("elle compte recevoir 710 000 €", "prevu"),
        ("la filière a reçu 42 M€", "realise"),
        ("elle a reçu un avis favorable pour 2 M€", ""),
        ("il a bénéficié à ce titre d’un investissement", "realise"),
        ("214 k€ versés à ce jour", "realise"),
        ("le plan a déjà permis d’en équiper quarante", "realise"),
        ("la chambre a facturé cet essai", "realise"),
        ("avait été intégralement supporté par", "realise"),
        ("le fonds a été abondé de 3 M€", "realise"),
        ("son coût est réévalué à", "estime"),
        ("coût des travaux, d’après le devis", "estime"),
        ("une première approche donne", "estime"),
        ("le marché passé en juillet s’élève à", "engage"),
        ("l’étude, confiée à un bureau spécialisé pour 38 700 €", "engage"),
        ("sera confiée à un bureau pour 38 700 €", "prevu"),
        ("il a retenu sept dossiers, pour un engagement de 4 M€", "engage"),
    ],
)
def test_the_stage_is_what_the_words_say(text, stage):
    assert stage_of(text)[0] == stage


def test_a_funder_is_one_that_words_of_funding_tie_to_the_amount():
    sentence = "L’état du réseau impose 100 000 €, financés par l’État."
    place = sentence.index("100"), sentence.index("€") + 1
    assert find_funder(sentence, place)[:2] == ("etat", "État")
    assert find_funder("L’état du réseau impose 100 000 €.", (24, 33)) is None
