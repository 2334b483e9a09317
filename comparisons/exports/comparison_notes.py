"""What a file of a comparison says of itself: what is compared, how to read it, how to cite it."""

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from comparisons.analysis.comparison.cells import SECTIONS
from comparisons.analysis.comparison.comparison import Comparison
from comparisons.database.connection import metadata
from comparisons.exports import tables
from comparisons.formatting import (
    absence_sentence,
    enumeration,
    is_missing,
    partial_date,
    period,
    typographic,
)
from comparisons.queries import strategies
from comparisons.queries.axes import count_words
from comparisons.queries.sources import reading_words, reread_on
from comparisons.schema.model import label


@dataclass(frozen=True)
class About:
    """Rows that a file shows (`parameters.SHOWN_ROWS`), its sections, and the page's address."""

    which: str = "tout"
    sections: tuple[str, ...] = tuple(SECTIONS)
    address: str = ""


METHOD = (
    (
        "Inconnu",
        "« non renseigné » veut dire inconnu, jamais zéro ni « non ». « – » : les axes ou les "
        "montants relevés n’en ont pas. « sans objet » : la question ne se pose pas. Dans les "
        "tables de faits, une cellule vide est inconnue.",
    ),
    (
        "Déduit",
        "« (déduit) » marque ce que la source ne dit pas mot pour mot.",
    ),
    (
        "Montants",
        "Une ligne n’a qu’un périmètre et qu’une étape : un montant estimé, voté ou dépensé, des "
        "réseaux ou des usages, ne se comparent pas entre eux. Seuls s’additionnent les montants "
        "qui ne sont la partie d’aucun autre, d’un seul document ; un montant annuel ne s’ajoute "
        "jamais au total de plusieurs années. Les euros par habitant divisent par la population de "
        "tous les territoires que le document couvre.",
    ),
    (
        "Rangs",
        "Un rang situe un axe dans son document. Ce n’est pas une mesure, pas plus que le nombre "
        "d’axes : chaque territoire découpe les siens à sa façon.",
    ),
    (
        "Commun, différent",
        "Une ligne est commune quand toutes les colonnes sont renseignées et partagent quelque "
        "chose : le même mot, le même thème, le même organisme. Elle est différente quand deux "
        "colonnes renseignées n’ont pas la même réponse. L’inconnu n’est ni l’un ni l’autre.",
    ),
    (
        "Libellés",
        "Une colonne « …_libelle » écrit en français les codes de la colonne qui la précède.",
    ),
)
_SHOWN = {
    "differences": "Seulement les lignes où les colonnes diffèrent.",
    "commun": "Seulement les lignes qui ont quelque chose de commun à toutes les colonnes.",
}


def notes(comparison: Comparison, about: About) -> list[tuple[str, str]]:
    """Give the lines of a file's first page: heading and text; empty ones part the groups."""
    data = metadata()
    return [
        ("Contenu", f"Comparaison : {enumeration(comparison.names.values())}."),
        *_selection(about),
        *_mixed(comparison.columns),
        ("", ""),
        *_columns(comparison),
        ("", ""),
        *(("En bref", each.in_full()) for each in comparison.statements),
        ("", ""),
        *METHOD,
        ("", ""),
        ("Source", tables.citation()),
        ("Licence", tables.LICENCE),
        ("Version", f"{data['version']}, données du {partial_date(data['date'])}"),
        *([("Adresse", about.address)] if about.address else ()),
    ]


def _selection(about: About) -> Iterator[tuple[str, str]]:
    if about.which in _SHOWN:
        yield "Lignes", _SHOWN[about.which]
    if set(about.sections) != set(SECTIONS):
        yield "Rubriques", f"{enumeration(SECTIONS[name] for name in about.sections)}."


def _mixed(columns: pd.DataFrame) -> Iterator[tuple[str, str]]:
    if columns["territoire_niveau"].nunique() > 1:
        yield (
            "Niveaux",
            "Ces territoires ne sont pas de même niveau : leurs compétences et leurs budgets ne se "
            "comparent pas directement.",
        )


def _columns(comparison: Comparison) -> Iterator[tuple[str, str]]:
    """Say of each column which document it shows, of when, and who says so."""
    documents = comparison.facts["strategies"].set_index(["cle", "strategie_id"])
    searches = strategies.last_search(list(comparison.columns["cle"].unique()))
    for column in comparison.columns.itertuples():
        if is_missing(column.strategie_id):
            said = absence_sentence(searches[searches["cle"] == column.cle])
        else:
            shown = documents.loc[(column.cle, column.strategie_id)]
            read = documents.loc[(column.cle, column.strategie_lue)]
            said = f"{_document(shown)} {_read(shown, read)}"
        yield column.titre_colonne, said


def _document(row: pd.Series) -> str:
    details = [label("types_strategie", row["type"]), label("etats_couverture", row["etat"])]
    if not is_missing(row["date_adoption"]):
        details.append(f"adoption : {partial_date(row['date_adoption'])}")
    if not (is_missing(row["annee_debut"]) and is_missing(row["annee_fin"])):
        details.append(f"période : {period(row['annee_debut'], row['annee_fin'])}")
    source = [typographic(row["source_editeur"]), f"« {typographic(row['source_titre'])} »"]
    source += [] if is_missing(row["source_url"]) else [row["source_url"]]
    source += [reading_words(row["source_consulte_le"], reread_on(row["source_url"]))]
    return f"« {typographic(row['titre'])} » ({' ; '.join(details)}). Source : {', '.join(source)}."


def _read(shown: pd.Series, read: pd.Series) -> str:
    if not read["nb_priorites"]:
        return "Priorités : non renseignées."
    axes = count_words(read["nb_priorites"], read["nb_priorites_nommees"])
    if read.name == shown.name:
        return f"Priorités : {axes}."
    return f"Priorités lues dans « {typographic(read['titre'])} » ({axes})."
