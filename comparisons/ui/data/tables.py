"""Render one table: filters, rows, files, dictionary, citation."""

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd
import streamlit as st

from comparisons.database.cache import cached
from comparisons.database.connection import current_preview, dataset_metadata
from comparisons.errors import BadRequestError
from comparisons.exports import table_files
from comparisons.formatting import (
    MISSING,
    escape_markdown,
    format_number,
    format_percent,
    is_missing,
    join_words,
    pluralize,
)
from comparisons.page_parameters import DataParameters
from comparisons.queries import table_reader
from comparisons.queries.catalog import GROUPS, TYPE_NAMES, data_dictionary, table_catalog
from comparisons.queries.filters import BOOLEANS, Filter, column_kind, operators_for, parse_filter
from comparisons.queries.selection import SOURCE_TYPE, Selection
from comparisons.rows import iterate_rows
from comparisons.schema.model import load_format
from comparisons.ui.controls import choose_unsaved, removable_chips
from comparisons.ui.data.citations import show_citations
from comparisons.ui.state import base_url, permalink, update_parameters, widget_key
from comparisons.ui.tables import source_line, text_table

# large enough for every table of the format
_MAX_ROWS = 1200
# the buttons of the toolbar are in English, and would save the rows without their source
_WITHOUT_TOOLBAR = "<style>[data-testid=stElementToolbar] { display: none }</style>"
_FORMATS = {
    "csv": "CSV",
    "xlsx": "Excel",
    "parquet": "Parquet",
    "json": "JSON",
    "gpkg": "GeoPackage",
    "geojson": "GeoJSON",
}
_FILE_ORDER = "Ordre du fichier"


def show_tables(page: str, view: DataParameters) -> None:
    """Render the selected table, its files, its dictionary and its citation."""
    view = _choose_table(page, view)
    table_row = table_catalog().set_index("nom").loc[view.table]
    st.markdown(f"{escape_markdown(table_row.description)}")
    selection, view = _read_selection(page, view)
    view = _choose_filters(page, view, selection)
    count = table_reader.count_rows(selection)
    _show_rows(selection, count, int(table_row.nb_lignes))

    st.header("Télécharger", anchor="telecharger", divider="gray")
    _show_files(page, view, selection)
    st.header("Dictionnaire", anchor="dictionnaire", divider="gray")
    _show_dictionary(selection)
    st.header("Citer", anchor="citer", divider="gray")
    title = f"Table « {selection.table.title} » ({selection.table.name})"
    sentence = "" if selection.is_full_table else selection.sentence
    show_citations(page, permalink(view), title, sentence)
    source_line()


def _choose_table(page: str, view: DataParameters) -> DataParameters:
    catalog = table_catalog().set_index("nom")
    groups = tuple(GROUPS)
    names = sorted(catalog.index, key=lambda name: groups.index(catalog.loc[name, "famille"]))

    def option_label(name: str) -> str:
        row = catalog.loc[name]
        family = GROUPS[row.famille].split(" :")[0]
        return f"{row.titre} · {name} · {pluralize(row.nb_lignes, 'ligne')} ({family.lower()})"

    chosen = st.selectbox(
        "Table",
        names,
        format_func=option_label,
        key=widget_key(page, view, "table"),
        # the current filters apply to columns of the previous table
        on_change=_clear_filters,
        args=(page,),
    )
    return update_parameters(page, view, table=chosen)


def _clear_filters(page: str) -> None:
    update_parameters(page, st.session_state[f"{page}:vue"], filtre=(), tri="")
    for name in ("tri", "colonne", "condition", "valeur"):
        st.session_state.pop(f"{page}:{name}", None)


def _read_selection(page: str, view: DataParameters) -> tuple[Selection, DataParameters]:
    """Return the selection of a view, and the view without its invalid filters.

    Each invalid filter is reported as a warning.
    """
    valid_view = DataParameters(table=view.table)
    for parameter in dict.fromkeys(condition.partition(":")[0] for condition in view.filtre):
        conditions = tuple(
            condition for condition in view.filtre if condition.partition(":")[0] == parameter
        )
        valid_view = _apply_if_valid(valid_view, filtre=(*valid_view.filtre, *conditions))
    valid_view = _apply_if_valid(valid_view, tri=view.tri)
    if (valid_view.filtre, valid_view.tri) != (view.filtre, view.tri):
        view = update_parameters(page, view, filtre=valid_view.filtre, tri=valid_view.tri)
    return Selection.from_query(view.table, view.query), view


def _apply_if_valid(view: DataParameters, **values: object) -> DataParameters:
    """Return the view with values replaced if it is valid, otherwise the view as it was."""
    candidate = view.replace(**values)
    try:
        Selection.from_query(candidate.table, candidate.query)
    except BadRequestError as error:
        st.warning(escape_markdown(f"{error} Ce choix a été retiré."), icon=":material/info:")
        return view
    return candidate


def _choose_filters(page: str, view: DataParameters, selection: Selection) -> DataParameters:
    """Render the active filters, removable, a form to add one, and the order of rows."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        with st.popover("Ajouter un filtre", icon=":material/filter_alt:"):
            _show_filter_form(page, view, selection)
        names = [
            "",
            *(prefix + column for column in selection.table.columns for prefix in ("", "-")),
        ]
        chosen = st.selectbox(
            "Ordre",
            names,
            format_func=_format_order,
            key=widget_key(page, view, "tri", ""),
            width=320,
        )
        view = update_parameters(page, view, tri=chosen)
        chips = [(condition.name, condition.sentence) for condition in selection.filters]
        if selection.source_type:  # an address may hold it, the menu does not
            chips.append((SOURCE_TYPE, "sources officielles seulement"))
        active_filters = pd.DataFrame(chips, columns=["cle", "libelle"])

        def keep_filters(parameters: Sequence[str]) -> None:
            conditions = tuple(
                condition for condition in view.filtre if condition.partition(":")[0] in parameters
            )
            update_parameters(page, view, filtre=conditions)

        removable_chips(page, active_filters, keep_filters)
    return view


def _format_order(column: str) -> str:
    if not column:
        return _FILE_ORDER
    arrow = "décroissant" if column.startswith("-") else "croissant"
    return f"{column.removeprefix('-')} ({arrow})"


def _show_filter_form(page: str, view: DataParameters, selection: Selection) -> None:
    """Render the form that adds a condition on a column."""
    table = selection.table
    column = st.selectbox(
        "Colonne",
        table.columns,
        format_func=lambda name: f"{name} : {table.field(name).title}",
        key=f"{page}:colonne",
    )
    field = table.field(column)
    operators = {choice.name: choice.title for choice in operators_for(field) if choice.title}
    if st.session_state.get(f"{page}:condition") not in operators:
        st.session_state.pop(f"{page}:condition", None)
    operator = st.selectbox(
        "Condition", tuple(operators), format_func=operators.get, key=f"{page}:condition"
    )
    key = f"{page}:valeur:{column}:{operator}"
    if operator == "isnull" or column_kind(field) == BOOLEANS:
        answers = {"oui": MISSING, "non": "renseigné"} if operator == "isnull" else {}
        values = [
            st.radio(
                "Valeur",
                ("oui", "non"),
                format_func=lambda answer: answers.get(answer, answer),
                key=key,
            )
        ]
    elif field.vocabulary and operator in ("", "ne"):
        labels = load_format().vocabularies[field.vocabulary].set_index("code")["libelle"]
        values = st.multiselect(
            "Valeurs", tuple(labels.index), format_func=labels.get, key=key, placeholder="Choisir"
        )
    else:
        values = [st.text_input("Valeur", key=key, placeholder=f"ex. : {field.example}")]
    parameter = f"{column}__{operator}" if operator else column
    parsed = _parse_or_explain(selection, parameter, [value for value in values if value])
    if isinstance(parsed, str) and any(values):
        st.error(escape_markdown(parsed))
    st.button(
        "Ajouter",
        type="primary",
        disabled=isinstance(parsed, str),
        key=f"{page}:ajouter",
        on_click=_save_filter,
        args=(page, view, parameter, values),
    )


def _parse_or_explain(selection: Selection, parameter: str, values: Sequence[str]) -> Filter | str:
    try:
        return parse_filter(selection.table, parameter, values)
    except BadRequestError as error:
        return str(error)


def _save_filter(page: str, view: DataParameters, parameter: str, values: Sequence[str]) -> None:
    """Add a filter to the view, in place of the one on the same column and operator."""
    other_conditions = [
        condition for condition in view.filtre if condition.partition(":")[0] != parameter
    ]
    update_parameters(
        page, view, filtre=(*other_conditions, *(f"{parameter}:{value}" for value in values))
    )


def _show_rows(selection: Selection, count: int, total: int) -> None:
    total_text = f" sur {format_number(total)}" if count < total else ""
    st.markdown(f"**{pluralize(count, 'ligne')}**{total_text}")
    if not count:
        st.markdown("Aucune ligne ne répond à ces filtres : retirez-en un.")
        return
    rows = _read_first_rows(selection)
    column_configs = {
        name: st.column_config.Column(
            name, help=escape_markdown(f"{field.title}. {field.description}")
        )
        for name, field in table_reader.result_columns(selection, True)
    }
    st.html(_WITHOUT_TOOLBAR)
    st.dataframe(
        _blank_meaningful_gaps(rows, selection),
        column_config=column_configs,
        hide_index=True,
        height=min(420, 38 + 35 * len(rows)),
        placeholder=MISSING,
        alt=f"Tableau : {selection.table.title}, {selection.sentence}",
    )
    if count > _MAX_ROWS:
        st.caption(
            f"Les {format_number(_MAX_ROWS)} premières lignes (un clic sur un titre ne trie "
            "qu’elles ; pour trier tout, prenez « Ordre ») ; les fichiers ci-dessous ont les "
            f"{format_number(count)}."
        )


@cached
def _read_first_rows(selection: Selection) -> pd.DataFrame:
    return table_reader.read_rows(replace(selection, limit=_MAX_ROWS), labels=True)


def _blank_meaningful_gaps(rows: pd.DataFrame, selection: Selection) -> pd.DataFrame:
    """Return rows in which empty texts that have a meaning are not « non renseigné »."""
    texts = {
        field.name: ""
        for field in selection.table.fields
        if field.empty_means and field.type == "string" and field.name in rows
    }
    filled = rows.astype(dict.fromkeys(texts, object))
    for name in texts:
        filled[name] = filled[name].where(filled[name].notna(), "")
    return filled


def _show_files(page: str, view: DataParameters, selection: Selection) -> None:
    scope = "montre"
    if not selection.is_full_table:
        scopes = {"montre": "Ce qui est montré", "tout": "Toute la table"}
        scope = choose_unsaved("Quoi", scopes, f"{page}:portee")
    selected = selection if scope == "montre" else Selection(selection.table)
    labelled = replace(selected, labels=True)
    unavailable = table_files.unavailable_formats(selected)
    files = [
        (title, _url(labelled, extension))
        for extension, title in _FORMATS.items()
        if extension not in unavailable
    ]
    for_excel = "CSV pour Excel en français", _url(replace(labelled, for_excel=True), "csv")
    is_french = (st.context.locale or "").startswith("fr")
    files.insert(0 if is_french else len(files), for_excel)
    with st.container(horizontal=True):
        for title, address in files:
            st.link_button(title, address, icon=":material/download:")
    for reason in dict.fromkeys(unavailable.values()):
        titles = join_words(
            (_FORMATS[name] for name in unavailable if unavailable[name] == reason), "ni"
        )
        st.caption(f"Pas de fichier {titles}. {escape_markdown(reason)}")
    st.caption(
        "Les codes y sont suivis de leurs libellés (colonnes …_libelle) ; chaque fichier dit sa "
        "source, sa licence, sa version et ce qu’il contient. Une cellule vide veut dire "
        "« non renseigné »."
    )
    st.markdown("Adresse de ces données, pour un programme ou un tableur en ligne :")
    st.code(_url(selected, "csv"), language=None, wrap_lines=True)
    frozen = replace(selected, version=str(dataset_metadata()["version"]))
    with st.expander("Adresse de cette version, R, Python", icon=":material/code:"):
        if current_preview() is None:
            st.markdown(
                "Avec sa version, l’adresse ne donne jamais d’autres données : elle répond que la "
                "version a changé."
            )
            st.code(_url(frozen, "csv"), language=None, wrap_lines=True)
        quoted = f'"{_url(selected, "csv")}"'
        for example in (
            f"import pandas as pd\n\nrows = pd.read_csv({quoted})",
            f"rows <- read.csv({quoted})",
        ):
            st.code(example, language=None, wrap_lines=True)


def _url(selection: Selection, extension: str) -> str:
    """Return the address of a selection as a file."""
    query_string = f"?{selection.query_string}" if selection.query_string else ""
    return f"{base_url()}api/v1/tables/{selection.table.name}.{extension}{query_string}"


def _show_dictionary(selection: Selection) -> None:
    columns = data_dictionary(selection.table)
    text_table(
        {
            "Colonne": [f"`{name}`" for name in columns["colonne"]],
            "Titre": columns["titre"],
            "Définition": columns["description"],
            "Type": [
                TYPE_NAMES[row.type] + (f" ({row.unite})" if row.unite else "")
                for row in iterate_rows(columns)
            ],
            "Renseigné": [
                MISSING if is_missing(share) else format_percent(share)
                for share in columns["part_renseignee"]
            ],
            "Un vide veut dire": [
                text or ("–" if required else MISSING)
                for text, required in zip(
                    columns["vide_signifie"], columns["obligatoire"], strict=True
                )
            ],
            "Exemple": columns["exemple"],
        },
        ("Colonne",),
    )
    for field in selection.table.coded_fields:
        codes = load_format().vocabularies[field.vocabulary]
        with st.expander(f"Codes de « {field.name} » ({len(codes)})"):
            text_table(
                {
                    "Code": [f"`{code}`" for code in codes["code"]],
                    "Libellé": codes["libelle"],
                    "Définition": codes["definition"],
                },
                ("Code",),
            )
