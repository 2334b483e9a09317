"""What a file of peers says of itself: how they were found, how to read it, how to cite it."""

from collections.abc import Iterator

from comparisons.analysis.peers.explanation import unit
from comparisons.analysis.peers.portrait import portrait
from comparisons.analysis.peers.search import Peers
from comparisons.analysis.peers.stability import stability_sentence, untold_sentence
from comparisons.analysis.peers.study import Study
from comparisons.analysis.peers.tables import variables_table
from comparisons.analysis.statements import Statement
from comparisons.database.connection import metadata
from comparisons.exports import tables
from comparisons.formatting import capitalised, number, partial_date, percent, plural, typographic
from comparisons.queries import thresholds
from comparisons.queries.territories import label
from comparisons.schema.peer_options import REGION_CHOICES, WAYS

SECTIONS = {
    "couverture": "Stratégies",
    "budgets": "Argent",
    "themes": "Thèmes",
    "services": "Services partagés",
    "indicateurs": "Indicateurs",
}
GAPS = {
    "themes": "Thèmes",
    "services": "Services partagés",
    "documents": "Stratégies plus récentes",
}
READING = (
    (
        "Structure",
        "Les pairs par la structure se ressemblent par ce qu’un territoire ne peut guère changer, "
        "jamais par ses stratégies ni ses résultats : sinon on comparerait un résultat avec "
        "lui-même.",
    ),
    (
        "Position",
        "Médiane et quartiles sont ceux des pairs dont la valeur est connue (interpolation "
        "linéaire) ; le territoire n’entre pas dans la distribution où il est placé. Il en faut au "
        f"moins {thresholds.MIN_SAMPLE}, et plus de {percent(thresholds.HALF)} des pairs, de "
        "valeurs "
        "de même objet, pour la donner. Ce n’est pas un classement.",
    ),
    (
        "Thèmes",
        "« oui, par son objet » : un document porte sur ce sujet, lu ou non. « non » n’est dit que "
        "d’une stratégie d’ensemble dont la liste d’axes est complète ; ailleurs, un thème non "
        "relevé est inconnu.",
    ),
    (
        "Inconnu",
        "Une cellule vide, « inconnu » et « non renseigné » veulent dire inconnu, jamais zéro ni "
        "« non ». Un service sans organisme connu peut être partagé : les nombres de pairs qui "
        "partagent un service sont des minimums.",
    ),
    (
        "Libellés",
        "Une colonne « …_libelle » écrit en français les codes de la colonne qui la précède ; la "
        "table « dictionnaire » décrit chaque colonne.",
    ),
)


def title(found: Peers) -> str:
    """Name what is shown."""
    return f"Pairs {typographic(found.soi['nom_de'])}"


def notes(made: Study, address: str = "") -> list[tuple[str, str]]:
    """Give the lines of a file's first page: heading and text; empty ones part the groups."""
    data = metadata()
    own = made.found.soi
    return [
        ("Contenu", f"{title(made.found)} ({typographic(label(own))} : {portrait(own)})."),
        ("Réponse", made.found.explication),
        *(("Liste", refusal) for refusal in made.found.refus),
        ("", ""),
        *method(made.found),
        *READING,
        *(("Document partagé", sentence) for sentence in made.partages),
        ("", ""),
        *(
            (
                GAPS[row.rubrique],
                Statement(row.phrase, row.rubrique, (), row.portee, tuple(row.reserves)).in_full(),
            )
            for row in made.phrases.itertuples()
        ),
        ("", ""),
        ("Source", tables.citation()),
        ("Licence", tables.LICENCE),
        ("Version", f"{data['version']}, données du {partial_date(data['date'])}"),
        *([("Adresse", address)] if address else ()),
    ]


def method(found: Peers) -> Iterator[tuple[str, str]]:
    """Say how peers were found: the way, how many, where; the variables and weights, if any."""
    choice = found.choix
    yield "Manière", f"{WAYS[choice.maniere]}."
    if choice.maniere != "liste":
        yield "Nombre", f"{plural(choice.nombre, 'pair')} au plus."
        yield "Où", f"{REGION_CHOICES[choice.region]}."
    if choice.maniere != "structure":
        return
    for row in variables_table(choice, found.soi["territoire_niveau"]).itertuples():
        weight = f"poids {number(row.poids, 1)}" if row.poids else "écartée"
        yield f"Variable : {row.titre}", f"{weight}. {row.explication}"
    yield (
        "Distance",
        "Moyenne quadratique, pondérée, des écarts entre les deux territoires, chaque variable "
        f"comptée en {unit(found.soi['territoire_niveau'])} (0 : même structure ; 1 : un "
        "écart-type en moyenne).",
    )
    yield (
        "Plafond",
        f"Au-delà d’une distance de {number(found.plafond, 1)}, personne n’est un pair : moins de "
        "pairs plutôt que de mauvais.",
    )
    said = untold_sentence(found) or stability_sentence(choice)
    yield "Stabilité", capitalised(said.removeprefix("Stabilité : "))
