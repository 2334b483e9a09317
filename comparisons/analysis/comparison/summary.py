"""Summary of a comparison, in French sentences.

Every statement is computed from the cells and names the rows it comes from; none judges.
"""

from collections.abc import Iterator, Mapping

import pandas as pd

from comparisons.analysis.comparison.cells import KNOWN
from comparisons.analysis.comparison.compared_columns import ComparedColumn, absence_sentence
from comparisons.analysis.comparison.matrix import equality_keys
from comparisons.analysis.statements import (
    Statement,
    ThemeList,
    Value,
    common_object,
    extremes,
    set_by_one_alone,
)
from comparisons.formatting import (
    capitalize_first,
    curly_apostrophes,
    format_number,
    is_missing,
    join_words,
    pluralize,
)
from comparisons.queries import thresholds
from comparisons.queries.family_subjects import subject
from comparisons.schema.model import code_label

Columns = Mapping[str, ComparedColumn]

_MAX_NAMED = 6
_ALL_DOCUMENTS = "documents relevés de ces territoires, toutes sortes"
_STATED_SERVICES = "organismes qu’une source cite pour ce service, en usage"


def summarise(
    cells: pd.DataFrame, columns: Columns, family: str = "", documents: Mapping[str, str] = {}
) -> list[Statement]:
    """Return statements on what columns share and, where documents allow it, how they differ.

    `cells` is the table of a comparison, `columns` its columns by `colonne`, `family` the one kind
    of all their documents ("" when they are of several), `documents` the words for each document
    that a cell may come from.
    """
    statements: list[Statement] = list(_missing_document_statements(columns, family))
    with_document = {code: column for code, column in columns.items() if column.document}
    statements += _shared_document_statements(with_document)
    if family:
        dated_names = " ; ".join(column.dated_name() for column in with_document.values())
        scope = f"{code_label('familles_strategie', family).lower()} : {dated_names}"
        statements += _document_statements(cells, columns, scope)
        statements += _period_statements(cells, columns, scope)
        statements += _theme_statements(cells, with_document, columns, family, scope)
    elif with_document:
        statements.append(
            Statement(
                "Ces documents ne sont pas de même sorte : leurs états, leurs périodes et leurs "
                "thèmes ne se comparent pas, ils se lisent un par un.",
                "calendrier",
                ("type",),
                "documents de plusieurs familles",
            )
        )
    statements += _amount_statements(cells, columns, documents)
    statements += _service_statements(cells, columns)
    statements += _indicator_statements(cells, columns, documents)
    return statements


def _missing_document_statements(columns: Columns, family: str) -> Iterator[Statement]:
    scope = (
        f"documents de la famille « {code_label('familles_strategie', family)} »"
        if family
        else _ALL_DOCUMENTS
    )
    for absence in dict.fromkeys(column.absence for column in columns.values() if column.absence):
        names = [column.name for column in columns.values() if column.absence == absence]
        yield Statement(absence_sentence(absence, names), "calendrier", ("etat",), scope)


def _shared_document_statements(columns: Columns) -> Iterator[Statement]:
    """Yield, for each document that several columns show, the sentence that says so."""
    for document in dict.fromkeys(column.document for column in columns.values()):
        holders = [column for column in columns.values() if column.document == document]
        if len(holders) > 1:
            title = curly_apostrophes(holders[0].title)
            yield Statement(
                f"{join_words(column.name for column in holders)} ont le même document : "
                f"« {title} ».",
                "calendrier",
                ("titre",),
                f"un seul document, {holders[0].year or 'sans date'}",
            )


def _document_count(columns: Columns) -> int:
    """Count the distinct documents of some columns."""
    return len({column.document for column in columns.values() if column.document})


def _select_row(cells: pd.DataFrame, section: str, row_code: str) -> pd.DataFrame:
    return cells[(cells["rubrique"] == section) & (cells["ligne"] == row_code)]


def _range_statement(
    row: pd.DataFrame,
    columns: Columns,
    documents: Mapping[str, str],
    origins: Mapping[str, str],
) -> Statement | None:
    """Return the statement on the range of a row whose values have one object, and their owners.

    `origins` say of what each column's value is: what has one value is told once, with all who
    have it. None unless two at least have one.
    """
    known_cells = row[row["valeur"].notna()]
    known_cells = known_cells.assign(origine=known_cells["colonne"].map(origins))
    values, sources = [], []
    for origin, cells in known_cells.groupby("origine", sort=False):
        first_cell, names = cells.iloc[0], [columns[code].name for code in cells["colonne"]]
        values.append(
            Value(
                join_words(names),
                first_cell["valeur"],
                first_cell["texte"],
                first_cell["objet"],
                origin=str(origin),
            )
        )
        if first_cell["strategie_id"] in documents:
            sources.append(f"{documents[first_cell['strategie_id']]} ({join_words(names)})")
    if not thresholds.has_range(len(values)):
        return None
    reserves = [f"lu dans : {' ; '.join(sources)}"] if sources else []
    if (known_cells["certitude"] == "deduit").any():
        reserves.append("une valeur au moins est déduite")
    if len(known_cells) < len(columns):
        reserves.append("une colonne au moins n’est pas renseignée")
    title = capitalize_first(row["libelle"].iloc[0])
    return Statement(
        f"{title} : {extremes(values)}{_format_recorded_count(row, columns)}.",
        row["rubrique"].iloc[0],
        (row["ligne"].iloc[0],),
        common_object([value.about for value in values]),
        tuple(reserves),
    )


def _format_recorded_count(row: pd.DataFrame, columns: Columns) -> str:
    count = int(row["valeur"].notna().sum())
    if count == len(columns):
        return ""
    return f", {count} colonnes renseignées sur {len(columns)}"


def _document_statements(cells: pd.DataFrame, columns: Columns, scope: str) -> Iterator[Statement]:
    """Yield what is said of states and steering; of all columns only if documents are several."""
    row = _select_row(cells, "calendrier", "etat")
    known_cells = row[row["etat"] == KNOWN]
    states = known_cells.groupby("texte", sort=False)["colonne"].agg(list)
    has_several = _document_count(columns) > 1
    if has_several and len(states) == 1 and len(known_cells) == len(columns):
        yield Statement(
            f"État des documents : {states.index[0].lower()} dans toutes les colonnes.",
            "calendrier",
            ("etat",),
            scope,
        )
    elif len(states):
        parts = (
            f"{text.lower()} ({join_words(columns[code].name for code in codes)})"
            for text, codes in states.items()
        )
        yield Statement(
            f"État des documents : {' ; '.join(parts)}.", "calendrier", ("etat",), scope
        )
    steering = _select_row(cells, "elaboration", "pilotage")
    shared = _shared_values(steering, columns) if has_several else []
    if shared:
        yield Statement(
            f"Même pilotage : {join_words(shared).lower()}.", "elaboration", ("pilotage",), scope
        )


def _shared_values(row: pd.DataFrame, columns: Columns) -> list[str]:
    keys_by_column = equality_keys(row)
    if len(keys_by_column) < len(columns) or len(columns) < 2:
        return []
    return sorted(frozenset.intersection(*keys_by_column.values()) - {"non"})


def _period_statements(cells: pd.DataFrame, columns: Columns, scope: str) -> Iterator[Statement]:
    starts = _select_row(cells, "calendrier", "annee_debut").dropna(subset=["valeur"])
    ends = _select_row(cells, "calendrier", "annee_fin").dropna(subset=["valeur"])
    dated_documents = starts.merge(ends, on="colonne", suffixes=("_debut", "_fin"))
    if _document_count({code: columns[code] for code in dated_documents["colonne"]}) < 2:
        return
    first_year, last_year = (
        int(dated_documents["valeur_debut"].max()),
        int(dated_documents["valeur_fin"].min()),
    )
    recorded_text = (
        ""
        if len(dated_documents) == len(columns)
        else f" ({len(dated_documents)} documents datés sur {len(columns)})"
    )
    text = (
        f"Les périodes se recouvrent de {first_year} à {last_year}{recorded_text}."
        if first_year < last_year
        else f"Les périodes n’ont en commun que {first_year}{recorded_text}."
        if first_year == last_year
        else f"Les périodes n’ont aucune année en commun{recorded_text}."
    )
    yield Statement(text, "calendrier", ("annee_debut", "annee_fin"), scope)


def _theme_statements(
    cells: pd.DataFrame, with_document: Columns, columns: Columns, family: str, scope: str
) -> Iterator[Statement]:
    """Yield what is said of the themes of columns, and of those whose axes are not compared."""
    rows = cells[cells["rubrique"] == "priorites"]
    themes = tuple(rows["ligne"].unique())
    read = {code: column for code, column in with_document.items() if column.compared_axis_count}
    # « autre » names nothing that two documents would share, or one lack; and what all documents of
    # a family are about is no priority of theirs
    known_rows = rows[(rows["etat"] == KNOWN) & ~rows["ligne"].isin(["autre", subject(family)])]
    columns_by_theme = known_rows.groupby("ligne", sort=False)["colonne"].agg(list)
    if _document_count(read) > 1:
        yield from _shared_theme_statements(columns_by_theme, read, columns, scope)
        yield from _single_theme_statements(columns_by_theme, read, columns, family, scope)
        if partial_names := [column.name for column in read.values() if not column.is_whole]:
            yield Statement(
                f"Liste d’axes partielle, ou dont on ne sait pas si elle est entière : "
                f"{join_words(partial_names)}. Un thème qui n’y est pas relevé peut être dans le "
                "document.",
                "priorites",
                themes,
                scope,
            )
    for text in unread_axes(with_document):
        yield Statement(text, "priorites", themes, scope)


def unread_axes(with_document: Columns) -> list[str]:
    """Write for which documents no axis is compared: not named by them, or not recorded."""
    unnamed = [
        column
        for column in with_document.values()
        if column.axis_count and not column.compared_axis_count
    ]
    unrecorded = [column for column in with_document.values() if not column.axis_count]
    sentences = []
    if unnamed:
        counts = dict.fromkeys(
            f"{column.name} ({pluralize(column.axis_count, 'relevé')} par nous)"
            for column in unnamed
        )
        sentences.append(f"Aucun axe nommé par le document : {join_words(counts)}.")
    if unrecorded and len(unrecorded) == len(with_document):
        sentences.append(
            "Aucune priorité n’est relevée dans "
            + ("ce document." if _document_count(with_document) == 1 else "ces documents.")
        )
    elif unrecorded:
        names = join_words(column.name for column in unrecorded)
        sentences.append(f"Aucun axe relevé : {names}.")
    return sentences


def _shared_theme_statements(
    columns_by_theme: pd.Series, read: Columns, columns: Columns, scope: str
) -> Iterator[Statement]:
    shared = [code for code, codes in columns_by_theme.items() if len(codes) == len(read)]
    if not shared:
        return
    count = pluralize(len(shared), "thème relevé", "thèmes relevés")
    where = (
        "dans toutes les colonnes"
        if len(read) == len(columns)
        else f"dans les {len(read)} colonnes dont les axes sont lus"
    )
    yield _theme_list_statement(f"{count} {where}", shared, scope)


def _single_theme_statements(
    columns_by_theme: pd.Series, read: Columns, columns: Columns, family: str, scope: str
) -> Iterator[Statement]:
    """Yield what one column alone sets, where nothing lets the others set it unknown to us."""
    is_comparable = len(read) == len(columns) == _document_count(read) and all(
        column.is_whole for column in read.values()
    )
    if not is_comparable:
        return
    lists = {
        code: ThemeList(column.document, family, column.is_whole, column.other_themes)
        for code, column in read.items()
    }
    for code, themes in set_by_one_alone(columns_by_theme, lists).items():
        name = read[code].name_with_article or read[code].name
        yield _theme_list_statement(f"Priorité pour {name} seulement", themes, scope)


def _theme_list_statement(introduction: str, themes: list[str], scope: str) -> Statement:
    labels = [code_label("themes", code).lower() for code in themes]
    remaining_text = (
        f" et {pluralize(len(labels) - _MAX_NAMED, 'autre')}" if len(labels) > _MAX_NAMED else ""
    )
    # names of themes contain « et » and commas
    return Statement(
        f"{introduction} : {' ; '.join(labels[:_MAX_NAMED])}{remaining_text}.",
        "priorites",
        tuple(themes),
        scope,
    )


def _amount_statements(
    cells: pd.DataFrame, columns: Columns, documents: Mapping[str, str]
) -> Iterator[Statement]:
    rows = cells[(cells["rubrique"] == "budgets") & cells["unite"].str.startswith("€/hab.")]
    has_comparison = False
    for row_code in rows["ligne"].unique():
        row = _select_row(cells, "budgets", row_code)
        # a total divided by its years repeats the total; a yearly amount has none
        if row_code.endswith("_par_an") and ".annuel." not in row_code:
            continue
        known_cells = row[row["valeur"].notna()]
        origins = dict(zip(known_cells["colonne"], known_cells["strategie_id"], strict=True))
        if statement := _range_statement(row, columns, documents, origins):
            has_comparison = True
            yield statement
    if not has_comparison:
        yield Statement(
            "Aucun montant de même objet (périmètre, étape, part du programme, payeur, durée) "
            "n’est connu dans deux documents.",
            "budgets",
            tuple(rows["ligne"].unique()),
            _ALL_DOCUMENTS,
        )


def _service_statements(cells: pd.DataFrame, columns: Columns) -> Iterator[Statement]:
    """Yield the services that a source states for every territory, when there are several."""
    is_stated = (cells["etat"] == KNOWN) & (cells["certitude"] == "explicite")
    rows = cells[(cells["rubrique"] == "services") & is_stated & (cells["ligne"] != "autre")]
    keys = {code: column.key for code, column in columns.items()}
    territory_counts = rows["colonne"].map(keys).groupby(rows["ligne"], sort=False).nunique()
    count = len(set(keys.values()))
    common_codes = [service for service, known in territory_counts.items() if known == count > 1]
    if common_codes:
        titles = rows.drop_duplicates("ligne").set_index("ligne")["libelle"]
        labels = join_words(titles[code].lower() for code in common_codes)
        yield Statement(
            f"{pluralize(len(common_codes), 'service relevé', 'services relevés')} dans toutes "
            f"les colonnes : {labels}.",
            "services",
            tuple(common_codes),
            _STATED_SERVICES,
        )


def _indicator_statements(
    cells: pd.DataFrame, columns: Columns, documents: Mapping[str, str]
) -> Iterator[Statement]:
    rows = cells[cells["rubrique"] == "indicateurs"]
    origins = {code: column.key for code, column in columns.items()}
    for _, row in rows.groupby("ligne", sort=False):
        # one number told of two territories is of both together
        if not thresholds.has_range(row["valeur"].dropna().nunique()):
            continue
        numbers = row.assign(
            texte=[
                text if is_missing(value) else format_number(value, 1)
                for text, value in zip(row["texte"], row["valeur"], strict=True)
            ]
        )
        if statement := _range_statement(numbers, columns, documents, origins):
            yield statement
