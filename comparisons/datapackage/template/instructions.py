"""Build the French texts of the templates: the instructions, and the help of headers."""

from collections.abc import Sequence
from dataclasses import dataclass

from comparisons.formatting import french_spaces
from comparisons.schema.model import Field, load_format


@dataclass(frozen=True)
class Notes:
    """A sheet of instructions: its title, then (heading, text) lines ("" begins a part)."""

    title: str
    lines: tuple[tuple[str, str], ...]

    def __post_init__(self) -> None:
        """Convert the texts to French spacing (no-break spaces)."""
        object.__setattr__(self, "title", french_spaces(self.title))
        lines = tuple((french_spaces(heading), french_spaces(text)) for heading, text in self.lines)
        object.__setattr__(self, "lines", lines)


_LEGEND = (
    ("obligatoire", "Titre foncé, en gras : chaque ligne remplie doit avoir cette cellule."),
    ("facultatif", "Titre clair, en italique : laissez vide ce que vous ne savez pas."),
    ("Aide", "Passez la souris sur un titre : définition, unité et exemple."),
)
_WRITING_RULES = (
    (
        "Cellule vide",
        "Elle veut dire « non renseigné ». Elle ne vaut jamais zéro : n’écrivez ni 0, ni « ? », "
        "ni « néant ».",
    ),
    ("Codes", "Choisissez-les dans la liste déroulante ; la feuille « Listes » les explique."),
    ("Dates", "AAAA-MM-JJ, ou AAAA-MM, ou AAAA : 2021-06-24, 2021-06, 2021."),
    ("Montants", "En euros, en chiffres : 1200000. Ni « € », ni « k€ », ni « M€ »."),
    (
        "Territoires",
        "Code Insee d’une région, d’un département ou d’une commune (jamais le code postal) ; "
        "code Siren d’une intercommunalité.",
    ),
    (
        "Données personnelles",
        "Aucune : des organismes et des fonctions, jamais le nom d’une personne.",
    ),
)
_SENDING_STEPS = (
    ("", ""),
    ("Vérifier et envoyer", ""),
    (
        "1. Enregistrer",
        "Au format .xlsx, .ods ou .xls, sans changer les noms des feuilles et des colonnes.",
    ),
    (
        "2. Vérifier",
        "Déposez le fichier sur la page « Contribuer » de Stratoscope : chaque faute y est dite "
        "avec sa feuille, sa ligne et la façon de la corriger. Rien n’est gardé sur le serveur.",
    ),
    (
        "3. Envoyer",
        "Sans erreur, la page montre ce que le site en dira, puis donne le fichier à envoyer.",
    ),
)
_SHEET_DESCRIPTIONS = {
    "sources": "D’abord : une ligne par document public où se lisent les faits.",
    "strategies": "Ensuite : une ligne par document de stratégie. Ces deux feuilles suffisent.",
    "priorites": "Les axes de la stratégie, dans leur ordre, chacun avec son thème.",
    "budgets": "Les montants ; « inclus_dans » dit de quel montant une ligne est une partie.",
    "couvertures": "Les autres territoires que la stratégie couvre.",
    "partenaires": "Les organismes qui mettent en commun des moyens numériques.",
    "mutualisations": "Qui participe à quel partenaire, pour quel service et dans quel rôle.",
    "indicateurs": "Des chiffres constatés ou visés.",
    "recherches": "Ce qui a été cherché, même sans résultat.",
    "relectures": "Ce qu’une seconde lecture d’une source a donné.",
    "reponses": "Ce que la collectivité dit des faits publiés sur elle.",
}


def instructions(order: Sequence[str]) -> Notes:
    """Build the instructions of the full template; `order` is that of its sheets."""
    return Notes(
        f"Modèle « stratégie numérique territoriale », version {load_format().version}",
        (
            ("", ""),
            ("Pour aller vite", ""),
            (
                "court",
                "Une ligne par stratégie dans la feuille « court », et c’est tout : laissez alors "
                "les autres feuilles vides. Pour en dire plus, laissez « court » vide.",
            ),
            *_table_lines(order),
            ("", ""),
            ("Comment remplir", ""),
            *_LEGEND,
            (
                "Identifiants",
                "Vous les choisissez, sans espace ni accent, en commençant par votre territoire : "
                "departement-53-sdusn-2021. Les autres feuilles les reprennent par leurs listes.",
            ),
            *_WRITING_RULES,
            ("Plusieurs codes", "Dans « themes_secondaires », séparez-les par une barre : a|b."),
            *_SENDING_STEPS,
        ),
    )


def example_instructions(order: Sequence[str]) -> Notes:
    """Build the instructions of the filled example; `order` is that of its sheets."""
    return Notes(
        "Exemple rempli (contenu fictif)",
        (
            ("", ""),
            (
                "Exemple",
                "Le modèle rempli : codes de territoires et Siren réels, le reste est inventé. "
                "Remplissez le modèle vide, pas cet exemple.",
            ),
            *_table_lines(order),
            ("", ""),
            ("Comment lire", ""),
            *_LEGEND,
            *_WRITING_RULES,
        ),
    )


def short_form_instructions() -> Notes:
    """Build the instructions of the short form."""
    return Notes(
        "Formulaire court : une stratégie par ligne",
        (
            ("", ""),
            (
                "Remplir",
                "La feuille « court », une ligne par stratégie. La feuille « Exemple » en montre "
                "une ; elle n’est pas lue.",
            ),
            *_LEGEND,
            ("", ""),
            ("Comment écrire", ""),
            (
                "priorites",
                "Intitulé, puis code du thème entre crochets ; une barre entre deux priorités : "
                "Former les agents [competences_agents_elus] | Ouvrir les données [donnees].",
            ),
            (
                "partenaires",
                "Siren du partenaire, puis code du service entre crochets, et le rôle si vous le "
                "savez : 200054807 [cybersecurite, membre]. Le partenaire doit être déjà connu de "
                "Stratoscope ; sinon, prenez le modèle complet.",
            ),
            (
                "montant_total",
                "Le total de la stratégie, en euros : 12 500 000. Avec lui, l’étape et le "
                "périmètre sont obligatoires. Années : 2021-2026, ou 2021.",
            ),
            (
                "contact_generique",
                "L’adresse électronique d’un service, jamais celle d’une personne.",
            ),
            *_WRITING_RULES[:3],
            *_WRITING_RULES[4:],
            *_SENDING_STEPS,
        ),
    )


def header_comment(field: Field) -> str:
    """Return the comment of a header: title, description, codes, unit and example of a column."""
    lines = [
        field.title,
        "Obligatoire." if field.required else "Facultatif : vide veut dire non renseigné.",
        field.description,
    ]
    if field.vocabulary:
        lines.append(f"Codes : voir « {field.vocabulary} » dans la feuille « Listes ».")
    if field.unit:
        lines.append(f"Unité : {field.unit}.")
    return french_spaces("\n".join([*lines, f"Exemple : {field.example}"]))


def _table_lines(order: Sequence[str]) -> tuple[tuple[str, str], ...]:
    lines = tuple((name, _SHEET_DESCRIPTIONS[name]) for name in order)
    return (("", ""), ("Les feuilles, dans l’ordre où les remplir", ""), *lines)
