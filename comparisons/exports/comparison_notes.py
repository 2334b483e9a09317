"""Notes of the files of a comparison: content, method, citation."""

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from comparisons.analysis.comparison.cells import SECTIONS
from comparisons.analysis.comparison.comparison import Comparison
from comparisons.exports import table_writers
from comparisons.formatting import (
    curly_apostrophes,
    format_partial_date,
    format_period,
    is_missing,
    join_words,
)
from comparisons.queries.axes import format_axis_counts
from comparisons.queries.sources import describe_readings, reread_on
from comparisons.queries.strategies import describe_state
from comparisons.rows import iterate_rows
from comparisons.schema.model import code_label


@dataclass(frozen=True)
class ExportOptions:
    """Rows that a file holds (`parameters.ROW_FILTERS`), its sections, address of the page."""

    row_filter: str = "tout"
    sections: tuple[str, ...] = tuple(SECTIONS)
    address: str = ""


_METHOD = (
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
_ROW_FILTER_SENTENCES = {
    "differences": "Seulement les lignes où les colonnes diffèrent.",
    "commun": "Seulement les points communs à toutes les colonnes.",
}


def notes_lines(comparison: Comparison, options: ExportOptions) -> list[tuple[str, str]]:
    """Return the first page of a file, pairs of heading and text; empty pairs separate groups."""
    return [
        ("Contenu", f"Comparaison : {join_words(comparison.names.values())}."),
        *_describe_selection(options),
        *_describe_levels(comparison.columns),
        ("", ""),
        *_describe_columns(comparison),
        ("", ""),
        *(("En bref", statement.in_full()) for statement in comparison.statements),
        ("", ""),
        *_METHOD,
        ("", ""),
        *table_writers.origin_notes(options.address),
    ]


def _describe_selection(options: ExportOptions) -> Iterator[tuple[str, str]]:
    if options.row_filter in _ROW_FILTER_SENTENCES:
        yield "Lignes", _ROW_FILTER_SENTENCES[options.row_filter]
    if set(options.sections) != set(SECTIONS):
        yield "Rubriques", f"{join_words(SECTIONS[name] for name in options.sections)}."


def _describe_levels(columns: pd.DataFrame) -> Iterator[tuple[str, str]]:
    if columns["territoire_niveau"].nunique() > 1:
        yield (
            "Niveaux",
            "Ces territoires ne sont pas de même niveau : leurs compétences et leurs budgets ne se "
            "comparent pas directement.",
        )


def _describe_columns(comparison: Comparison) -> Iterator[tuple[str, str]]:
    """Yield the title of each column, and its document, period and source."""
    documents = comparison.facts["strategies"].set_index(["cle", "strategie_id"])
    for column in iterate_rows(comparison.columns):
        if is_missing(column.strategie_id):
            text = comparison.missing_documents[column.cle]
        else:
            document = documents.loc[(column.cle, column.strategie_id)]
            text = f"{_describe_document(document)} {_describe_priorities(document)}"
        yield column.titre_colonne, text


def _describe_document(row: pd.Series) -> str:
    details = [
        code_label("types_strategie", row["type"]),
        describe_state(row),
    ]
    if not is_missing(row["date_adoption"]):
        details.append(f"adoption : {format_partial_date(row['date_adoption'])}")
    if not (is_missing(row["annee_debut"]) and is_missing(row["annee_fin"])):
        details.append(f"période : {format_period(row['annee_debut'], row['annee_fin'])}")
    source = [
        curly_apostrophes(row["source_editeur"]),
        f"« {curly_apostrophes(row['source_titre'])} »",
    ]
    source += [] if is_missing(row["source_url"]) else [row["source_url"]]
    source += [describe_readings(row["source_consulte_le"], reread_on(row["source_url"]))]
    title = curly_apostrophes(row["titre"])
    return f"« {title} » ({' ; '.join(details)}). Source : {', '.join(source)}."


def _describe_priorities(document: pd.Series) -> str:
    axes = format_axis_counts(document["nb_priorites"], document["nb_priorites_nommees"])
    return f"Priorités : {axes}."
