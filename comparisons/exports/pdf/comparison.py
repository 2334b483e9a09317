"""Content of the PDF of a comparison, as the template reads it."""

from collections.abc import Collection, Mapping, Sequence
from urllib.parse import urlencode

import pandas as pd

from comparisons.analysis import profile
from comparisons.analysis.comparison.cells import SECTIONS
from comparisons.analysis.comparison.comparison import Comparison
from comparisons.analysis.comparison.facts import SHARED_MARK
from comparisons.database.connection import dataset_metadata
from comparisons.exports import table_writers
from comparisons.exports.pdf import blocks, sections
from comparisons.formatting import (
    NBSP,
    capitalize_first,
    curly_apostrophes,
    format_partial_date,
    is_missing,
    join_words,
)
from comparisons.page_parameters import ComparisonParameters
from comparisons.queries.family_subjects import DEFAULT_DOCUMENT
from comparisons.queries.sources import describe_readings, name_publisher
from comparisons.queries.sources import sources as cited_sources
from comparisons.rows import iterate_rows

_CAUTION = (
    "Ces territoires ne sont pas de même niveau : leurs compétences et leurs budgets ne se "
    "comparent pas directement."
)
_ONLY_ROWS_NOTE = {
    "tout": "",
    "differences": "Seules les lignes qui diffèrent d’une colonne à l’autre sont imprimées.",
    "commun": "Seules les lignes communes à toutes les colonnes sont imprimées.",
}
_EMPTY_NOTE = {
    "tout": "Rien de connu dans aucune colonne",
    "differences": "Aucune ligne qui diffère",
    "commun": "Aucune ligne commune à toutes les colonnes",
}
_KINDS = {
    "region": "régions",
    "departement": "départements",
    "epci": "intercommunalités",
    "commune": "communes",
}
_NOTES = {
    "priorites": "Rang du premier axe qui porte le thème, parmi ceux que le document nomme (fond "
    "foncé : thème principal de l’axe ; fond clair : thème secondaire). « – » : pas dans les axes "
    "relevés. Le nombre d’axes n’est pas une mesure : chacun découpe les siens à sa façon.",
    "budgets": "Un seul périmètre et une seule étape par groupe de lignes ; seuls les montants qui "
    "ne sont la partie d’aucun autre sont additionnés. Un montant par habitant rapporte le total "
    "à toute la population que le document couvre.",
    "financeurs": "Part de chaque financeur dans les montants ci-dessus, là où une source la dit. "
    "Ce qu’aucune source ne détaille n’est pas réparti.",
    "services": "Un service peut exister sans qu’une source le dise.",
    "indicateurs": "Dernière valeur relevée (année), avec ce qu’elle compte dans la source.",
}
_COMMON_NOTE = f"{SHARED_MARK}: organisme commun à plusieurs des territoires comparés. "
_METHOD = (
    f"Sans choix du lecteur, une colonne montre, {DEFAULT_DOCUMENT}. Un montant estimé, "
    "voté ou dépensé est un fait distinct : ils ne s’additionnent jamais. « sans objet » : la "
    "question ne se pose pas. "
)  # fmt: skip


def comparison_content(
    comparison: Comparison,
    row_filter: str = "tout",
    address: str = "",
    names: Collection[str] = tuple(SECTIONS),
) -> dict:
    """Return the texts of a printed comparison, for the rows and sections selected."""
    year = int(dataset_metadata()["annee"])
    columns = comparison.columns
    documents = sections.timeline_documents(comparison)
    source_table = cited_sources(sections.cited_sources(comparison, row_filter, names, documents))
    references = {source: number for number, source in enumerate(source_table["source_id"], 1)}
    kind, names_text = comparison_title(columns)
    return {
        "kind": kind,
        "names": sections.break_long_words(names_text),
        "title": f"{kind} : {names_text}",
        "caution": _CAUTION if columns["territoire_niveau"].nunique() > 1 else "",
        "only": _ONLY_ROWS_NOTE[row_filter],
        "none": _EMPTY_NOTE[row_filter],
        "columns": [_heading(column) for column in iterate_rows(columns)],
        "statements": split_in_two(
            [
                {
                    "text": sections.break_long_words(statement.texte),
                    "scope": sections.break_long_words(capitalize_first(statement.qualification())),
                }
                for statement in comparison.statements
            ]
        ),
        "sections": sections.section_tables(comparison, row_filter, names, references),
        "notes": _NOTES | {"services": _services_note(comparison, row_filter)},
        "absences": sections.absence_reasons(comparison, comparison.missing_documents),
        "timeline": sections.timeline(comparison, documents, year, references)
        if "calendrier" in names
        else {"rows": []},
        "wordings": sections.theme_wordings(comparison, row_filter) if "priorites" in names else [],
        "sources": _sources(source_table),
        "read": _common_reading(source_table),
        "method": _METHOD + profile.reference_sources(columns["population_annee"].dropna()),
        **table_writers.origin_words(),
        "address": address or _default_address(comparison, row_filter),
    }


def split_in_two(sentences: Sequence[Mapping[str, str]]) -> list[list[Mapping[str, str]]]:
    """Split a list of sentences into two of about the same length, unless it is short."""
    if len(sentences) < 4:
        return [list(sentences)] if sentences else []
    lengths = [len("".join(sentence.values())) for sentence in sentences]
    cuts = range(1, len(sentences))
    best = min(cuts, key=lambda cut: abs(sum(lengths[:cut]) - sum(lengths[cut:])))
    return [list(sentences[:best]), list(sentences[best:])]


def comparison_title(columns: pd.DataFrame) -> tuple[str, str]:
    """Return what kind of columns is compared, with their number, and their names."""
    count, keys = len(columns), columns["cle"].nunique()
    levels = columns["territoire_niveau"].unique()
    kinds = _KINDS[levels[0]] if len(levels) == 1 else "territoires"
    labels = list(dict.fromkeys(columns["libelle"].map(curly_apostrophes)))
    if keys == 1 < count:
        editions = [curly_apostrophes(row.titre_colonne).removeprefix(labels[0]).lstrip(", ")
                    for row in iterate_rows(columns)]  # fmt: skip
        return f"Comparaison de {count}{NBSP}documents", f"{labels[0]} : {join_words(editions)}"
    column_count = f", {count}{NBSP}colonnes" if keys < count else ""
    names = list(dict.fromkeys(columns["nom"].map(curly_apostrophes)))
    # two territories may have the same name: Paris is a commune and a département
    distinct_names = names if len(names) == keys else labels
    return f"Comparaison de {keys}{NBSP}{kinds}{column_count}", join_words(distinct_names)


def _heading(column: object) -> dict:
    """Split the title of a column into its name, in bold, and what follows."""
    title, name = curly_apostrophes(column.titre_colonne), curly_apostrophes(column.nom)
    rest = title.removeprefix(name) if title.startswith(name) else ""
    return {"name": sections.break_long_words(name if rest or title == name else title),
            "rest": sections.break_long_words(rest.strip()) if rest.strip() else ""}  # fmt: skip


def _services_note(comparison: Comparison, row_filter: str) -> str:
    cells = comparison.section("services", row_filter)
    common = cells["texte"].str.contains(SHARED_MARK, regex=False).any() if len(cells) else False
    return (_COMMON_NOTE if common else "") + _NOTES["services"]


def _sources(source_table: pd.DataFrame) -> list[dict]:
    return [
        {
            **blocks.source_link(row.url),
            "title": sections.break_long_words(blocks.shorten_line(row.titre, 130)),
            "publisher": sections.break_long_words(name_publisher(row)),
            "published": _when(row.date_publication),
            "read": ""
            if _common_reading(source_table)
            else describe_readings(row.consulte_le, row.relu_le),
        }
        for row in iterate_rows(source_table)
    ]


def _common_reading(source_table: pd.DataFrame) -> str:
    """Return the readings of the sources in words if they are the same for all, else nothing."""
    readings = {
        describe_readings(row.consulte_le, row.relu_le) for row in iterate_rows(source_table)
    }
    return readings.pop() if len(readings) == 1 and len(source_table) > 1 else ""


def _when(date: object) -> str:
    return "" if is_missing(date) else format_partial_date(date)


def _default_address(comparison: Comparison, row_filter: str) -> str:
    """Return the address of the same comparison on the site, without its host."""
    columns = comparison.columns
    chosen: Sequence[str] = tuple(columns.loc[columns["choisie"], "strategie_id"])
    view = ComparisonParameters(
        t=tuple(dict.fromkeys(columns["cle"])), doc=chosen, montrer=row_filter
    )
    return f"/comparer?{urlencode(view.to_query(), doseq=True)}"
