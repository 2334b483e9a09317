"""Summary of a comparison, in French sentences.

Every statement is computed from the cells and names the rows it comes from; none judges.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

import pandas as pd

from comparisons.analysis.comparison.cells import KNOWN, UNKNOWN
from comparisons.analysis.comparison.matrix import equality_keys
from comparisons.analysis.statements import (
    Statement,
    Value,
    common_object,
    extremes,
    set_by_one_alone,
)
from comparisons.formatting import capitalize_first, format_number, join_words, pluralize
from comparisons.queries import thresholds
from comparisons.schema.model import code_label

_MAX_NAMED = 6


def summarise(
    cells: pd.DataFrame,
    names: Mapping[str, str],
    family: str = "",
    complete: Collection[str] = (),
) -> list[Statement]:
    """Return statements on what columns share and, where documents allow it, how they differ.

    `cells` is the table of a comparison, `names` the titles of its columns by `colonne`, `family`
    the one kind of all their documents ("" when they are of several), `complete` the columns whose
    list of axes is known to be whole: only these can be said not to set a theme.
    """
    statements: list[Statement] = []
    if family:
        scope = f"documents de la famille « {code_label('familles_strategie', family)} »"
        for statement in (
            *_document_statements(cells, names),
            *_period_statements(cells, names),
            *_theme_statements(cells, names, family, complete),
        ):
            statements.append(replace(statement, portee=scope))
    elif (_select_row(cells, "calendrier", "type")["etat"] == KNOWN).any():
        statements.append(
            Statement(
                "Ces documents ne sont pas de même sorte : leurs états, leurs périodes et leurs "
                "thèmes ne se comparent pas, ils se lisent un par un.",
                "calendrier",
                ("type",),
                "documents de plusieurs familles",
            )
        )
    else:
        text = "Aucun document n’est relevé, pour aucune colonne : non renseigné."
        statements.append(
            Statement(text, "calendrier", ("type",), "documents de toutes les familles")
        )
    for build_statements in (_amount_statements, _service_statements, _indicator_statements):
        statements += build_statements(cells, names)
    return statements


def _select_row(cells: pd.DataFrame, section: str, row_code: str) -> pd.DataFrame:
    return cells[(cells["rubrique"] == section) & (cells["ligne"] == row_code)]


def _range_statement(row: pd.DataFrame, names: Mapping[str, str], row_code: str) -> Statement:
    """Return the statement on the range of a row whose values have one object, and their owners."""
    known_cells = row[row["valeur"].notna()]
    values = [
        Value(names[cell.colonne], cell.valeur, cell.texte, cell.objet)
        for cell in known_cells.itertuples()
    ]
    reserves = []
    if (known_cells["certitude"] == "deduit").any():
        reserves.append("une valeur au moins est déduite")
    if len(known_cells) < len(names):
        reserves.append("une colonne au moins n’est pas renseignée")
    title = capitalize_first(row["libelle"].iloc[0])
    return Statement(
        f"{title} : {extremes(values)}{_format_recorded_count(row, names)}.",
        row["rubrique"].iloc[0],
        (row_code,),
        common_object([value.about for value in values]),
        tuple(reserves),
    )


def _format_recorded_count(row: pd.DataFrame, names: Mapping[str, str]) -> str:
    count = int(row["valeur"].notna().sum())
    return "" if count == len(names) else f", {count} colonnes renseignées sur {len(names)}"


def _document_statements(cells: pd.DataFrame, names: Mapping[str, str]) -> Iterator[Statement]:
    row = _select_row(cells, "calendrier", "etat")
    known_cells = row[row["etat"] == KNOWN]
    states = known_cells.groupby("texte", sort=False)["colonne"].agg(list)
    if len(states) == 1 and len(known_cells) == len(names) > 1:
        yield Statement(
            f"État des documents : {states.index[0].lower()} dans toutes les colonnes.",
            "calendrier",
            ("etat",),
        )
    elif len(states):
        parts = (
            f"{text.lower()} ({join_words(names[column] for column in columns)})"
            for text, columns in states.items()
        )
        yield Statement(f"État des documents : {' ; '.join(parts)}.", "calendrier", ("etat",))
    missing_names = [names[column] for column in row.loc[row["etat"] != KNOWN, "colonne"]]
    if missing_names:
        yield Statement(
            f"Aucun document de cette sorte n’est relevé pour {join_words(missing_names)}.",
            "calendrier",
            ("etat",),
        )
    steering = _select_row(cells, "elaboration", "pilotage")
    shared = _shared_values(steering, names)
    if shared:
        yield Statement(
            f"Même pilotage : {join_words(shared).lower()}.", "elaboration", ("pilotage",)
        )


def _shared_values(row: pd.DataFrame, names: Mapping[str, str]) -> list[str]:
    keys_by_column = equality_keys(row)
    if len(keys_by_column) < len(names) or len(names) < 2:
        return []
    return sorted(frozenset.intersection(*keys_by_column.values()) - {"non"})


def _period_statements(cells: pd.DataFrame, names: Mapping[str, str]) -> Iterator[Statement]:
    starts = _select_row(cells, "calendrier", "annee_debut").dropna(subset=["valeur"])
    ends = _select_row(cells, "calendrier", "annee_fin").dropna(subset=["valeur"])
    dated_documents = starts.merge(ends, on="colonne", suffixes=("_debut", "_fin"))
    if len(dated_documents) < 2:
        return
    first_year, last_year = (
        int(dated_documents["valeur_debut"].max()),
        int(dated_documents["valeur_fin"].min()),
    )
    recorded_text = (
        ""
        if len(dated_documents) == len(names)
        else f" ({len(dated_documents)} documents datés sur {len(names)})"
    )
    text = (
        f"Les périodes se recouvrent de {first_year} à {last_year}{recorded_text}."
        if first_year < last_year
        else f"Les périodes n’ont en commun que {first_year}{recorded_text}."
        if first_year == last_year
        else f"Les périodes n’ont aucune année en commun{recorded_text}."
    )
    yield Statement(text, "calendrier", ("annee_debut", "annee_fin"))


def _theme_statements(
    cells: pd.DataFrame, names: Mapping[str, str], family: str, complete: Collection[str]
) -> Iterator[Statement]:
    rows = cells[cells["rubrique"] == "priorites"]
    if rows.empty:
        yield Statement("Aucune priorité n’est renseignée.", "priorites", ())
        return
    columns_by_theme = rows[rows["etat"] == KNOWN].groupby("ligne", sort=False)["colonne"].agg(list)
    unrecorded_columns = list(rows.loc[rows["etat"] == UNKNOWN, "colonne"].unique())
    recorded_columns = [column for column in names if column not in unrecorded_columns]
    if len(recorded_columns) > 1:
        shared = [
            code
            for code, columns in columns_by_theme.items()
            if len(columns) == len(recorded_columns)
        ]
        scope_text = (
            "dans toutes les colonnes"
            if not unrecorded_columns
            else (f"dans les {len(recorded_columns)} dont les axes sont relevés")
        )
        if shared:
            count = pluralize(len(shared), "thème relevé", "thèmes relevés")
            yield _theme_list_statement(f"{count} {scope_text}", shared)
        partial_names = [names[column] for column in recorded_columns if column not in complete]
        # « seulement » states an absence in the other columns, unknown where axes are not recorded
        if not partial_names and not unrecorded_columns:
            families = dict.fromkeys(names, family)
            for column, themes in set_by_one_alone(columns_by_theme, families, complete).items():
                yield _theme_list_statement(f"Posé par {names[column]} seulement", themes)
        if partial_names:
            yield Statement(
                f"Liste d’axes partielle, ou dont on ne sait pas si elle est entière : "
                f"{join_words(partial_names)}. Un thème qui n’y est pas relevé peut être dans le "
                "document.",
                "priorites",
                tuple(columns_by_theme.index),
            )
    if unrecorded_columns:
        yield Statement(
            f"Axes non renseignés : {join_words(names[column] for column in unrecorded_columns)}.",
            "priorites",
            tuple(columns_by_theme.index),
        )


def _theme_list_statement(introduction: str, themes: list[str]) -> Statement:
    labels = [code_label("themes", code).lower() for code in themes]
    remaining_text = (
        f" et {pluralize(len(labels) - _MAX_NAMED, 'autre')}" if len(labels) > _MAX_NAMED else ""
    )
    # names of themes contain « et » and commas
    return Statement(
        f"{introduction} : {' ; '.join(labels[:_MAX_NAMED])}{remaining_text}.",
        "priorites",
        tuple(themes),
    )


def _amount_statements(cells: pd.DataFrame, names: Mapping[str, str]) -> Iterator[Statement]:
    rows = cells[(cells["rubrique"] == "budgets") & cells["unite"].str.startswith("€/hab.")]
    has_comparison = False
    for row_code, row in rows.groupby("ligne", sort=False):
        row = _select_row(cells, "budgets", row_code)
        # a total divided by its years repeats the total; a yearly amount has none
        is_divided = row_code.endswith("_par_an") and ".annuel." not in row_code
        if not thresholds.has_range(row["valeur"].notna().sum()) or is_divided:
            continue
        has_comparison = True
        yield _range_statement(row, names, row_code)
    if not has_comparison:
        yield Statement(
            "Aucun montant de même objet (périmètre, étape, part du programme, payeur, durée) "
            "n’est connu pour deux colonnes.",
            "budgets",
            tuple(rows["ligne"].unique()),
        )


def _service_statements(cells: pd.DataFrame, names: Mapping[str, str]) -> Iterator[Statement]:
    rows = cells[(cells["rubrique"] == "services") & (cells["etat"] == KNOWN)]
    if rows.empty:
        return
    counts = rows.groupby("ligne", sort=False)["colonne"].nunique()
    common_codes = [service for service, count in counts.items() if count == len(names)]
    if common_codes:
        labels = join_words(code_label("services", code).lower() for code in common_codes)
        yield Statement(
            f"{pluralize(len(common_codes), 'service partagé', 'services partagés')}"
            f" dans toutes les "
            f"colonnes : {labels}.",
            "services",
            tuple(common_codes),
        )


def _indicator_statements(cells: pd.DataFrame, names: Mapping[str, str]) -> Iterator[Statement]:
    rows = cells[cells["rubrique"] == "indicateurs"]
    for row_code, row in rows.groupby("ligne", sort=False):
        known_cells = row[row["valeur"].notna()]
        # two editions of one territory have the same indicators
        if not thresholds.has_range(known_cells["valeur"].nunique()):
            continue
        numbers = row.assign(
            texte=[
                text if pd.isna(value) else format_number(value, 1)
                for text, value in zip(row["texte"], row["valeur"], strict=True)
            ]
        )
        yield _range_statement(numbers, names, row_code)
