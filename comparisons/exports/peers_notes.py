"""Notes of the files of peers: method, reading notes, citation."""

from collections.abc import Iterator

from comparisons.analysis.peers.explanation import unit
from comparisons.analysis.peers.portrait import describe_territory
from comparisons.analysis.peers.search import PeerSearchResult
from comparisons.analysis.peers.stability import describe_missing_stability, describe_stability
from comparisons.analysis.peers.study import PeersReport
from comparisons.analysis.peers.tables import variables_table
from comparisons.analysis.statements import Statement
from comparisons.exports import table_writers
from comparisons.formatting import (
    capitalize_first,
    curly_apostrophes,
    format_number,
    format_percent,
    pluralize,
)
from comparisons.queries import thresholds
from comparisons.queries.territories import territory_label
from comparisons.rows import iterate_rows
from comparisons.schema.peer_options import REGION_CHOICES, WEIGHTING_METHODS

SECTIONS = {
    "couverture": "Stratégies",
    "budgets": "Argent",
    "themes": "Thèmes",
    "services": "Services partagés",
    "indicateurs": "Indicateurs",
}
GAPS_NOTE = {
    "themes": "Thèmes",
    "services": "Services partagés",
    "documents": "Stratégies plus récentes",
}
_READING_NOTE = (
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
        f"moins {thresholds.MIN_SAMPLE}, et plus de {format_percent(thresholds.MAJORITY_SHARE)} "
        "des pairs, de valeurs de même objet, pour la donner. Ce n’est pas un classement.",
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
        "partagent un service sont des minimums ; ceux qu’une source cite et ceux que l’on déduit "
        "sont comptés à part.",
    ),
    (
        "Libellés",
        "Une colonne « …_libelle » écrit en français les codes de la colonne qui la précède ; la "
        "table « dictionnaire » décrit chaque colonne.",
    ),
)


def sheet_title(result: PeerSearchResult) -> str:
    """Return the title of the peers of a territory."""
    return f"Pairs {curly_apostrophes(result.soi['nom_de'])}"


def notes_lines(report: PeersReport, address: str = "") -> list[tuple[str, str]]:
    """Return the first page of a file, pairs of heading and text; empty pairs separate groups."""
    territory = report.search_result.soi
    return [
        (
            "Contenu",
            f"{sheet_title(report.search_result)} "
            f"({curly_apostrophes(territory_label(territory))} : "
            f"{describe_territory(territory)}).",
        ),
        ("Réponse", report.search_result.explication),
        *(("Liste", refusal) for refusal in report.search_result.refus),
        ("", ""),
        *_describe_method(report.search_result),
        *_READING_NOTE,
        *(("Document partagé", sentence) for sentence in report.partages),
        ("", ""),
        *(
            (
                GAPS_NOTE[row.rubrique],
                Statement(row.phrase, row.rubrique, (), row.portee, tuple(row.reserves)).in_full(),
            )
            for row in iterate_rows(report.phrases)
        ),
        ("", ""),
        *table_writers.origin_notes(address),
    ]


def _describe_method(result: PeerSearchResult) -> Iterator[tuple[str, str]]:
    """Yield headings and texts on the method: way, count, region, variables and weights."""
    choice = result.choix
    yield "Manière", f"{WEIGHTING_METHODS[choice.maniere]}."
    if choice.maniere != "liste":
        yield "Nombre", f"{pluralize(choice.nombre, 'pair')} au plus."
        yield "Où", f"{REGION_CHOICES[choice.region]}."
    if choice.maniere != "structure":
        return
    for row in iterate_rows(variables_table(choice, result.soi["territoire_niveau"])):
        weight = f"poids {format_number(row.poids, 1)}" if row.poids else "écartée"
        yield f"Variable : {row.titre}", f"{weight}. {row.explication}"
    yield (
        "Distance",
        "Moyenne quadratique, pondérée, des écarts entre les deux territoires, chaque variable "
        f"comptée en {unit(result.soi['territoire_niveau'])} (0 : même structure ; 1 : un "
        "écart-type en moyenne).",
    )
    yield (
        "Plafond",
        f"Au-delà d’une distance de {format_number(result.plafond, 1)}, personne n’est un pair : "
        "moins de pairs plutôt que de mauvais.",
    )
    sentence = describe_missing_stability(result) or describe_stability(choice)
    yield "Stabilité", capitalize_first(sentence.removeprefix("Stabilité : "))
