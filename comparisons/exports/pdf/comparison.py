"""What a printed comparison says: words only, as the template sets them."""

from collections.abc import Collection, Sequence
from urllib.parse import urlencode

import pandas as pd

from comparisons.analysis import profile
from comparisons.analysis.comparison.cells import SECTIONS
from comparisons.analysis.comparison.comparison import Comparison
from comparisons.analysis.comparison.facts import SHARED_MARK
from comparisons.database.connection import dataset_metadata
from comparisons.exports import tables
from comparisons.exports.pdf import blocks, sections
from comparisons.formatting import (
    NBSP,
    curly_apostrophes,
    describe_absence,
    format_partial_date,
    is_missing,
    join_words,
)
from comparisons.parameters import ComparisonParameters
from comparisons.queries import strategies
from comparisons.queries.sources import reading_words
from comparisons.queries.sources import sources as cited_sources

CAUTION = (
    "Ces territoires ne sont pas de même niveau : leurs compétences et leurs budgets ne se "
    "comparent pas directement."
)
ONLY_ROWS_NOTE = {
    "tout": "",
    "differences": "Seules les lignes qui diffèrent d’une colonne à l’autre sont imprimées.",
    "commun": "Seules les lignes communes à toutes les colonnes sont imprimées.",
}
EMPTY_NOTE = {
    "tout": "Rien de connu dans aucune colonne",
    "differences": "Aucune ligne qui diffère",
    "commun": "Aucune ligne commune à toutes les colonnes",
}
KINDS = {
    "region": "régions",
    "departement": "départements",
    "epci": "intercommunalités",
    "commune": "communes",
}
NOTES = {
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
COMMON_NOTE = f"{SHARED_MARK}: organisme commun à plusieurs des territoires comparés. "
METHOD = (
    "Sans choix du lecteur, une colonne montre le document en vigueur de son territoire, sinon le "
    "plus récent ; si aucun axe n’y est relevé, les priorités sont celles du premier document qui "
    "en a, nommé à la ligne « Lu dans ». Un montant estimé, voté ou dépensé est un fait distinct : "
    "ils ne s’additionnent jamais. « sans objet » : la question ne se pose pas. "
)  # fmt: skip


def content(
    comparison: Comparison,
    which: str = "tout",
    address: str = "",
    names: Collection[str] = tuple(SECTIONS),
) -> dict:
    """Return all the words of a printed comparison: `which` rows of the sections in `names`."""
    data = dataset_metadata()
    columns = comparison.columns
    documents = sections.timeline_documents(comparison)
    found = cited_sources(sections.cited_sources(comparison, which, names, documents))
    references = {source: place for place, source in enumerate(found["source_id"], 1)}
    kind, named = comparison_title(columns)
    return {
        "kind": kind,
        "names": sections.break_long_words(named),
        "title": f"{kind} : {named}",
        "date": [int(part) for part in data["date"].split("-")],
        "dated": format_partial_date(data["date"]),
        "caution": CAUTION if columns["territoire_niveau"].nunique() > 1 else "",
        "only": ONLY_ROWS_NOTE[which],
        "none": EMPTY_NOTE[which],
        "columns": [_heading(column) for column in columns.itertuples()],
        "statements": split_in_two(
            [sections.break_long_words(said.texte) for said in comparison.statements]
        ),
        "sections": sections.sections(comparison, which, names, references),
        "notes": NOTES | {"services": _services_note(comparison, which)},
        "absences": sections.absence_reasons(comparison, _absences(columns)),
        "timeline": sections.timeline(comparison, documents, int(data["annee"]), references)
        if "calendrier" in names
        else {"rows": []},
        "wordings": sections.wordings(comparison, which) if "priorites" in names else [],
        "sources": _sources(found),
        "read": _read_alike(found),
        "method": METHOD + profile.reference_sources(columns["population_annee"].dropna()),
        "citation": tables.citation_sentence(),
        "address": address or default_address(comparison, which),
    }


def split_in_two(texts: Sequence[str]) -> list[list[str]]:
    """Cut a list of sentences into two of about the same length; a short one stays whole."""
    if len(texts) < 4:
        return [list(texts)] if texts else []
    cuts = range(1, len(texts))
    best = min(cuts, key=lambda cut: abs(len("".join(texts[:cut])) - len("".join(texts[cut:]))))
    return [list(texts[:best]), list(texts[best:])]


def comparison_title(columns: pd.DataFrame) -> tuple[str, str]:
    """Describe what is compared, and name it.

    Départements, territories, documents of one territory.
    """
    count, keys = len(columns), columns["cle"].nunique()
    levels = columns["territoire_niveau"].unique()
    kinds = KINDS[levels[0]] if len(levels) == 1 else "territoires"
    labels = list(dict.fromkeys(columns["libelle"].map(curly_apostrophes)))
    if keys == 1 < count:
        editions = [curly_apostrophes(row.titre_colonne).removeprefix(labels[0]).lstrip(", ")
                    for row in columns.itertuples()]  # fmt: skip
        return f"Comparaison de {count}{NBSP}documents", f"{labels[0]} : {join_words(editions)}"
    more = f", {count}{NBSP}colonnes" if keys < count else ""
    names = list(dict.fromkeys(columns["nom"].map(curly_apostrophes)))
    # two may bear one name: Paris is a commune and a département
    named = names if len(names) == keys else labels
    return f"Comparaison de {keys}{NBSP}{kinds}{more}", join_words(named)


def _heading(column: object) -> dict:
    """Split the title of a column into its name, in bold, and what follows."""
    title, name = curly_apostrophes(column.titre_colonne), curly_apostrophes(column.nom)
    rest = title.removeprefix(name) if title.startswith(name) else ""
    return {"name": sections.break_long_words(name if rest or title == name else title),
            "rest": sections.break_long_words(rest.strip()) if rest.strip() else ""}  # fmt: skip


def _services_note(comparison: Comparison, which: str) -> str:
    cells = comparison.section("services", which)
    common = cells["texte"].str.contains(SHARED_MARK, regex=False).any() if len(cells) else False
    return (COMMON_NOTE if common else "") + NOTES["services"]


def _absences(columns: pd.DataFrame) -> dict[str, str]:
    """Describe of each territory when it was looked up, if it ever was."""
    searches = strategies.last_lookups(list(columns["cle"]))
    return {key: describe_absence(searches[searches["cle"] == key]) for key in columns["cle"]}


def _sources(found: pd.DataFrame) -> list[dict]:
    return [
        {
            **blocks.source_link(row.url),
            "title": sections.break_long_words(blocks.shorten(row.titre, 130)),
            "publisher": sections.break_long_words(row.editeur),
            "published": _when(row.date_publication),
            "read": "" if _read_alike(found) else reading_words(row.consulte_le, row.relu_le),
        }
        for row in found.itertuples()
    ]


def _read_alike(found: pd.DataFrame) -> str:
    """Describe when all the sources were read, if it is the same."""
    said = {reading_words(row.consulte_le, row.relu_le) for row in found.itertuples()}
    return said.pop() if len(said) == 1 and len(found) > 1 else ""


def _when(date: object) -> str:
    return "" if is_missing(date) else format_partial_date(date)


def default_address(comparison: Comparison, which: str) -> str:
    """Write the address of the page that shows the same thing, without the name of the site."""
    columns = comparison.columns
    chosen: Sequence[str] = tuple(columns.loc[columns["choisie"], "strategie_id"])
    view = ComparisonParameters(t=tuple(dict.fromkeys(columns["cle"])), doc=chosen, montrer=which)
    return f"/comparer?{urlencode(view.to_query(), doseq=True)}"
