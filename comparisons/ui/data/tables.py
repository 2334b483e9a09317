"""One table: what is asked of it, its rows, its files, its dictionary, how to cite it."""

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
from comparisons.parameters import DataParameters
from comparisons.queries import table_reader
from comparisons.queries.catalog import GROUPS, TYPE_NAMES, data_dictionary, table_catalog
from comparisons.queries.filters import BOOLEANS, Filter, column_kind, operators_for, parse_filter
from comparisons.queries.selection import Selection
from comparisons.schema.model import load_format
from comparisons.ui.controls import removable_chips
from comparisons.ui.data.citations import show_citations
from comparisons.ui.state import base_url, permalink, update_parameters, widget_key
from comparisons.ui.tables import source_line, text_table

# every table of the format is shown whole
SHOWN = 1200
# its buttons are in English, and would save what is shown without its source
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
    """Render a table as the reader asks for it."""
    view = _choose_table(page, view)
    known = cached(table_catalog)().set_index("nom").loc[view.table]
    st.markdown(f"{escape_markdown(known.description)}")
    selection, view = _selected(page, view)
    view = _choose_filters(page, view, selection)
    count = cached(table_reader.count_rows)(selection)
    _show_rows(selection, count, int(known.nb_lignes))

    st.header("Télécharger", anchor="telecharger", divider="gray")
    _show_files(page, view, selection)
    st.header("Dictionnaire", anchor="dictionnaire", divider="gray")
    _show_dictionary(selection)
    st.header("Citer", anchor="citer", divider="gray")
    title = f"Table « {selection.table.title} » ({selection.table.name})"
    told = "" if selection.is_whole else selection.sentence
    show_citations(page, permalink(view), title, told)
    source_line()


def _choose_table(page: str, view: DataParameters) -> DataParameters:
    listed = cached(table_catalog)().set_index("nom")
    groups = tuple(GROUPS)
    names = sorted(listed.index, key=lambda name: groups.index(listed.loc[name, "famille"]))

    def said(name: str) -> str:
        row = listed.loc[name]
        family = GROUPS[row.famille].split(" :")[0]
        return f"{row.titre} · {name} · {pluralize(row.nb_lignes, 'ligne')} ({family.lower()})"

    chosen = st.selectbox(
        "Table",
        names,
        format_func=said,
        key=widget_key(page, view, "table"),
        # filters are on the columns of the table before
        on_change=_forget,
        args=(page,),
    )
    return update_parameters(page, view, table=chosen)


def _forget(page: str) -> None:
    update_parameters(page, st.session_state[f"{page}:vue"], filtre=(), tri="")
    for name in ("tri", "colonne", "condition", "valeur"):
        st.session_state.pop(f"{page}:{name}", None)


def _selected(page: str, view: DataParameters) -> tuple[Selection, DataParameters]:
    """Read what the address asks for; what is not understood is said, and it alone left aside."""
    kept = DataParameters(table=view.table)
    for parameter in dict.fromkeys(each.partition(":")[0] for each in view.filtre):
        own = tuple(each for each in view.filtre if each.partition(":")[0] == parameter)
        kept = _with(kept, filtre=(*kept.filtre, *own))
    kept = _with(kept, tri=view.tri)
    if (kept.filtre, kept.tri) != (view.filtre, view.tri):
        view = update_parameters(page, view, filtre=kept.filtre, tri=kept.tri)
    return Selection.read(view.table, view.query), view


def _with(view: DataParameters, **more: object) -> DataParameters:
    """Ask for more, unless it cannot be understood."""
    asked = replace(view, **more)
    try:
        Selection.read(asked.table, asked.query)
    except BadRequestError as error:
        st.warning(escape_markdown(f"{error} Ce choix a été retiré."), icon=":material/info:")
        return view
    return asked


def _choose_filters(page: str, view: DataParameters, selection: Selection) -> DataParameters:
    """Render the filters in force, each with a way to take it out, and a way to add one."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        with st.popover("Ajouter un filtre", icon=":material/filter_alt:"):
            _add_filter(page, view, selection)
        names = ["", *(s + c for c in selection.table.columns for s in ("", "-"))]
        chosen = st.selectbox(
            "Ordre",
            names,
            format_func=_order_words,
            key=widget_key(page, view, "tri", ""),
            width=320,
        )
        view = update_parameters(page, view, tri=chosen)
        told = pd.DataFrame(
            {
                "cle": [each.name for each in selection.filters],
                "libelle": [each.sentence for each in selection.filters],
            }
        )

        def put(kept: Sequence[str]) -> None:
            left = tuple(each for each in view.filtre if each.partition(":")[0] in kept)
            update_parameters(page, view, filtre=left)

        removable_chips(page, told, put)
    return view


def _order_words(column: str) -> str:
    if not column:
        return _FILE_ORDER
    arrow = "décroissant" if column.startswith("-") else "croissant"
    return f"{column.removeprefix('-')} ({arrow})"


def _add_filter(page: str, view: DataParameters, selection: Selection) -> None:
    """Render what lets the reader say a condition on a column."""
    table = selection.table
    column = st.selectbox(
        "Colonne",
        table.columns,
        format_func=lambda name: f"{name} : {table.field(name).title}",
        key=f"{page}:colonne",
    )
    field = table.field(column)
    known = {each.name: each.title for each in operators_for(field) if each.title}
    if st.session_state.get(f"{page}:condition") not in known:
        st.session_state.pop(f"{page}:condition", None)
    operator = st.selectbox(
        "Condition", tuple(known), format_func=known.get, key=f"{page}:condition"
    )
    key = f"{page}:valeur:{column}:{operator}"
    if operator == "isnull" or column_kind(field) == BOOLEANS:
        answers = {"oui": MISSING, "non": "renseigné"} if operator == "isnull" else {}
        values = [st.radio("Valeur", ("oui", "non"), format_func=lambda v: answers.get(v, v),
                           key=key)]  # fmt: skip
    elif field.vocabulary and operator in ("", "ne"):
        listed = load_format().vocabularies[field.vocabulary].set_index("code")["libelle"]
        values = st.multiselect(
            "Valeurs", tuple(listed.index), format_func=listed.get, key=key, placeholder="Choisir"
        )
    else:
        values = [st.text_input("Valeur", key=key, placeholder=f"ex. : {field.example}")]
    parameter = f"{column}__{operator}" if operator else column
    ready = _problem(selection, parameter, [value for value in values if value])
    if isinstance(ready, str) and any(values):
        st.error(escape_markdown(ready))
    st.button(
        "Ajouter",
        type="primary",
        disabled=isinstance(ready, str),
        key=f"{page}:ajouter",
        on_click=_add,
        args=(page, view, parameter, values),
    )


def _problem(selection: Selection, parameter: str, values: Sequence[str]) -> Filter | str:
    try:
        return parse_filter(selection.table, parameter, values)
    except BadRequestError as error:
        return str(error)


def _add(page: str, view: DataParameters, parameter: str, values: Sequence[str]) -> None:
    """Place a filter in the place of the one on the same column that says the same thing."""
    others = [each for each in view.filtre if each.partition(":")[0] != parameter]
    update_parameters(page, view, filtre=(*others, *(f"{parameter}:{value}" for value in values)))


def _show_rows(selection: Selection, count: int, whole: int) -> None:
    beyond = f" sur {format_number(whole)}" if count < whole else ""
    st.markdown(f"**{pluralize(count, 'ligne')}**{beyond}")
    if not count:
        st.markdown("Aucune ligne ne répond à ces filtres : retirez-en un.")
        return
    rows = cached(table_reader.read_rows)(replace(selection, limit=SHOWN), True)
    described = {
        name: st.column_config.Column(
            name, help=escape_markdown(f"{field.title}. {field.description}")
        )
        for name, field in table_reader.result_columns(selection, True)
    }
    st.html(_WITHOUT_TOOLBAR)
    st.dataframe(
        _blank_where_it_tells(rows, selection),
        column_config=described,
        hide_index=True,
        height=min(420, 38 + 35 * len(rows)),
        placeholder=MISSING,
        alt=f"Tableau : {selection.table.title}, {selection.sentence}",
    )
    if count > SHOWN:
        st.caption(
            f"Les {format_number(SHOWN)} premières lignes (un clic sur un titre ne trie qu’elles "
            "; pour "
            "trier tout, prenez « Ordre ») ; les fichiers ci-dessous ont les "
            f"{format_number(count)}."
        )


def _blank_where_it_tells(rows: pd.DataFrame, selection: Selection) -> pd.DataFrame:
    """Leave a text empty where that says something: « non renseigné » would be wrong there."""
    texts = {
        field.name: ""
        for field in selection.table.fields
        if field.empty_means and field.type == "string" and field.name in rows
    }
    shown = rows.astype(dict.fromkeys(texts, object))
    for name in texts:
        shown[name] = shown[name].where(shown[name].notna(), "")
    return shown


def _show_files(page: str, view: DataParameters, selection: Selection) -> None:
    scope = "montre"
    if not selection.is_whole:
        scope = st.segmented_control(
            "Quoi",
            ("montre", "tout"),
            format_func={"montre": "Ce qui est montré", "tout": "Toute la table"}.get,
            default="montre",
            required=True,
            key=f"{page}:portee",
            label_visibility="collapsed",
        )
    asked = selection if scope == "montre" else Selection(selection.table)
    labelled = replace(asked, labels=True)
    refused = cached(table_files.unavailable_formats)(asked)
    with st.container(horizontal=True):
        for extension, title in _FORMATS.items():
            if extension not in refused:
                where = url(labelled, extension)
                st.link_button(title, where, icon=":material/download:")
    for reason in dict.fromkeys(refused.values()):
        titles = join_words((_FORMATS[each] for each in refused if refused[each] == reason), "ni")
        st.caption(f"Pas de fichier {titles}. {escape_markdown(reason)}")
    st.caption(
        "Les codes y sont suivis de leurs libellés (colonnes …_libelle) ; chaque fichier dit sa "
        "source, sa licence, sa version et ce qu’il contient. Une cellule vide veut dire "
        "« non renseigné »."
    )
    # a link in a caption is too pale
    st.markdown(
        f"Le CSV a sa [description pour les programmes]({url(labelled, 'description')}) (CSVW)."
    )
    st.markdown("Adresse de ces données, pour un programme ou un tableur en ligne :")
    st.code(url(asked, "csv"), language=None, wrap_lines=True)
    frozen = replace(asked, version=str(dataset_metadata()["version"]))
    with st.expander("Adresse de cette version, R, Python", icon=":material/code:"):
        if current_preview() is None:
            st.markdown(
                "Avec sa version, l’adresse ne donne jamais d’autres données : elle répond que la "
                "version a changé."
            )
            st.code(url(frozen, "csv"), language=None, wrap_lines=True)
        quoted = f'"{url(asked, "csv")}"'
        for example in (
            f"import pandas as pd\n\nrows = pd.read_csv({quoted})",
            f"rows <- read.csv({quoted})",
        ):
            st.code(example, language=None, wrap_lines=True)


def url(selection: Selection, extension: str) -> str:
    """Return the address of a selection as a file (`description`: that of its CSV)."""
    tail = f"?{selection.address}" if selection.address else ""
    kind_of = "csv-metadata.json" if extension == "description" else extension
    return f"{base_url()}api/v1/tables/{selection.table.name}.{kind_of}{tail}"


def _show_dictionary(selection: Selection) -> None:
    columns = cached(data_dictionary)(selection.table)
    text_table(
        pd.DataFrame(
            {
                "Colonne": [f"`{name}`" for name in columns["colonne"]],
                "Titre": columns["titre"],
                "Définition": columns["description"],
                "Type": [
                    TYPE_NAMES[row.type] + (f" ({row.unite})" if row.unite else "")
                    for row in columns.itertuples()
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
            }
        ),
        ("Colonne",),
    )
    for field in selection.table.coded_fields:
        codes = load_format().vocabularies[field.vocabulary]
        with st.expander(f"Codes de « {field.name} » ({len(codes)})"):
            text_table(
                pd.DataFrame(
                    {
                        "Code": [f"`{code}`" for code in codes["code"]],
                        "Libellé": codes["libelle"],
                        "Définition": codes["definition"],
                    }
                ).reset_index(drop=True),
                ("Code",),
            )
