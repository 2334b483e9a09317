"""A strategy is told from what is about one, and its territory is that of its title."""

import pytest

from comparisons.documents.reading import read_proposals


@pytest.mark.parametrize(
    "text",
    [
        "# Charte informatique des agents\n\nElle complète la stratégie numérique.\n\n- Ouvrir\n",
        "# Convention entre la Ville et un club\n\nDans le cadre de la stratégie numérique.\n",
        "# Avis d’appel public à la concurrence\n\nObjet : écrire la stratégie numérique\n",
        "# Rapport d’activité\n\nNous aidons. La stratégie numérique fixe le cadre.\n",
        "# Compte rendu\n\n## 1. Stratégie numérique\n\n- Ouvrir un port\n- Relier\n- Former\n",
        "# Formation : piloter une stratégie numérique\n\n## Objectifs\n\n- Ouvrir\n- Relier\n",
        "# Lettre de mission\n\nVous conduirez la stratégie numérique. Vos buts :\n\n- ouvrir\n",
        "# Ordre du jour\n\n1. Ouvrir la séance\n2. Voter la stratégie numérique\n",
        "# Note aux parents\n\nLa Ville déploie sa stratégie numérique.\n\n## Payer\n",
        "# Ateliers\n\nUne action de la feuille de route numérique.\n",
        "# Bilan de la stratégie numérique de Brest\n\n## Axe 1 : Ouvrir\n\n## Axe 2 : Relier\n",
        "# Stratégie numérique : bilan d’étape\n\n## Axe 1 : Ouvrir\n\n## Axe 2 : Relier\n",
        "# Stratégie numérique de Brest : bilan et suites\n\n## Ouvrir\n\n## Relier\n",
        "# Brest : résultats de l’enquête sur la stratégie numérique\n\n## Axe 1 : Ouvrir\n",
        "# Brest\n\n## Avis du CESER sur la stratégie numérique\n\n## Axe 1 : Ouvrir\n",
        "# Rapport d’observations\n\n## La stratégie numérique de Brest\n\n- Ouvrir un port\n",
        "# La Gazette de Brest\n\n## Stratégie numérique : ce qui change\n\n- Ouvrir un port\n",
        "# Convention relative à la mise en œuvre de la stratégie numérique\n\n- Ouvrir un port\n",
        "# Note\n\nObjet : calendrier d’élaboration de la stratégie numérique\n\n- Ouvrir\n",
        "# Programme de la journée « Quelle stratégie numérique ? »\n\n- 9 h : accueil\n",
        "# Marché : écrire la stratégie numérique\n\n## Lot 1 : Écrire\n\n## Lot 2 : Dire\n",
    ],
)
def test_what_only_refers_to_a_strategy_is_none(text):
    assert read_proposals(text.encode(), "a.md").rows == []


@pytest.mark.parametrize(
    "sentence",
    [
        "La Ville a adopté sa stratégie numérique.",
        "La Ville se donne une stratégie numérique.",
        "Brest numérique : notre schéma des usages.",
        "Notre feuille de route numérique repose sur trois piliers.",
    ],
)
def test_a_sentence_that_presents_a_strategy_tells_one(sentence):
    rows = read_proposals(f"# Brest demain\n\n{sentence}\n".encode(), "a.md").rows
    assert rows[0].table == "strategies"


@pytest.mark.parametrize(
    "title",
    [
        "Débat du 3 mars – Adoption de la stratégie numérique de Brest",
        "Réunion du conseil de Brest – Stratégie numérique",
        "Feuille de route numérique : nos réponses",
        "Les cinq chantiers de la stratégie numérique",
        "Rapport de présentation – Stratégie numérique de Brest",
        "Brest et l’intelligence artificielle\n\nProgramme de travail, 2025-2027",
        "Brest, ville attentive\n\nProgramme de services connectés, 2021-2026",
    ],
)
def test_titles_of_acts_and_chapters_do_not_hide_a_strategy(title):
    assert read_proposals(f"# {title}".encode(), "a.md").rows[0].table == "strategies"


def test_a_review_that_states_the_numbered_axes_again_is_a_strategy():
    text = "# Brest numérique\n\nStratégie numérique de la ville – bilan d’étape et suites\n\n"
    text += "Présentation au conseil municipal\n\n## Axe 1 : Ouvrir\n\n## Axe 2 : Relier\n"
    assert read_proposals(text.encode(), "a.md").rows[0].table == "strategies"


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("# Stratégie numérique de Morlaix 2025\n\nLa mairie agit.", "commune-29151"),
        ("# Vannes, ville numérique : stratégie numérique", "commune-56260"),
        ("# Sicoval – schéma directeur numérique", "epci-243100633"),
        # the town of Sens is not meant
        ("# Stratégie numérique de GrandAngoulême", "epci-200071827"),
        (
            "DÉPARTEMENT DU CHER\n\nCOMMUNAUTÉ D’AGGLOMÉRATION BOURGES PLUS\n\nStratégie numérique",
            "epci-241800507",
        ),
        ("# Grasse, ville des sens\n\nFeuille de route numérique de la commune", "commune-06069"),
    ],
)
def test_a_territory_named_alone_is_found(text, key):
    strategy = read_proposals(text.encode(), "a.md").rows[0]
    assert f"{strategy.get('territoire_niveau')}-{strategy.get('territoire_code')}" == key


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        # a letterhead, or a press release, above the line that names the strategy
        ("# DÉPARTEMENT DES ARDENNES\n\nObjet : Feuille de route « numérique pour tous » 2024-2027",
         {"titre": "Feuille de route « numérique pour tous » 2024-2027",
          "type": "feuille_route_inclusion", "annee_debut": "2024", "annee_fin": "2027"}),
        ("# CONSEIL COMMUNAUTAIRE DU 12 DÉCEMBRE 2024\n\n"
         "Stratégie numérique responsable : approbation\n\n"
         "Le programme de travail a été approuvé par délibération du 15 décembre 2022.",
         {"titre": "Stratégie numérique responsable", "date_adoption": "2024-12-12"}),
        # the subject of the strategy, in the line below its title
        ("# Pour un numérique plus sobre\n\nStratégie numérique responsable",
         {"titre": "Pour un numérique plus sobre", "type": "numerique_responsable"}),
        ("# Collèges landais : le numérique au service de la réussite\n\nStratégie numérique",
         {"type": "numerique_educatif"}),
        # years that are no period, and those of schools
        ("# Stratégie numérique de Brest\n\nDes attaques ont eu lieu en 2021 et 2022.",
         {"annee_debut": "", "annee_fin": ""}),
        ("# Plan collèges numériques\n\nStratégie numérique, 2022-2023 à 2026-2027",
         {"annee_debut": "2022", "annee_fin": "2027"}),
        # a month, and a vote that is planned
        ("# Stratégie numérique de Brest\n\nAdoptée par le conseil municipal en mai 2023.",
         {"date_adoption": "2023-05"}),
        ("# Stratégie numérique de Brest\n\nElle sera adoptée en mai 2023, après le vote.",
         {"date_adoption": ""}),
        ("# Stratégie numérique de Brest\n\nUne enveloppe votée par le conseil du 31 mars 2022.",
         {"date_adoption": ""}),
        ("# Stratégie numérique de Brest\n\nRéunion publique du 30 juin 2022",
         {"date_adoption": ""}),
        ("# Stratégie numérique de Brest\n\nLe plan pluriannuel, voté en mai 2021, y pourvoit.",
         {"date_adoption": ""}),
        ("# Stratégie numérique de Brest\n\nAdoptée en session des 20 et 21 mars 2024",
         {"date_adoption": "2024-03-21"}),
        # years far from the title, and the last one alone
        ("# Stratégie numérique de Brest\n\n" + "Le conseil en débat.\n\n" * 15
         + "Il décide d’adopter la stratégie numérique 2023-2025.",
         {"annee_debut": "2023", "annee_fin": "2025"}),
        ("# Brest demain\n\nC’est notre stratégie numérique jusqu’en 2027.",
         {"annee_debut": "", "annee_fin": "2027"}),
        # the object of an act, below a letterhead
        ("# Le Grand Quai\n\nSéance du 3 mars 2023\n\nObjet : Plan numérique communautaire – "
         "Approbation\n\n- Axe 1 : Ouvrir un quai\n- Axe 2 : Relier les ports\n",
         {"titre": "Plan numérique communautaire"}),
    ],
)  # fmt: skip
def test_columns_of_a_strategy_are_those_of_its_own_lines(text, columns):
    strategy = read_proposals(text.encode(), "a.md").rows[0]
    assert {column: strategy.get(column) for column in columns} == columns
