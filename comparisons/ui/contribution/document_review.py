"""Render the proposals of a document beside its pages: kept, refused or changed by the reader."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import pandas as pd
import streamlit as st

from comparisons.analysis.dataset_row_labels import format_cell
from comparisons.concurrency import release_page_slot
from comparisons.documents.isolated_read import IsolatedDocument
from comparisons.documents.model import UnreadableDocumentError
from comparisons.documents.package import describe_left_out
from comparisons.documents.proposals import LEVEL_COLUMN, LEVELS, ProposedRow, Value
from comparisons.documents.reading import Reading
from comparisons.formatting import NBSP, escape_markdown, format_number, pluralize
from comparisons.schema.model import Table, code_label, load_format, vocabulary_codes
from comparisons.ui.contribution.checking import Upload
from comparisons.ui.contribution.form import choose_territory

KEPT = "retenir"
_PAGE, _PASSAGE, _REASON = "page", "passage", "indice"
_TABLES = ("strategies", "priorites", "budgets", "mutualisations", "indicateurs", "sources")
# Columns of a table that its package fills in by itself.
_FILLED = {"strategie_id", "source_id", "certitude", "localisation", "budget_id", "inclus_dans",
           "rang"}  # fmt: skip
_ALL = "toutes"
_GRID_HEIGHT = 330
_PARAGRAPHS_BEFORE, _MAX_PARAGRAPHS = 4, 60


@dataclass
class Review:
    """The proposals of one reading, as the reader left them: a table of texts for each table.

    `versions` count how often a grid was filled anew; `edited` is what its reader made of it.
    """

    reading: Reading | None = None
    document: IsolatedDocument | None = None
    tables: dict[str, pd.DataFrame] = field(default_factory=dict)
    edited: dict[str, pd.DataFrame] = field(default_factory=dict)
    rows: dict[str, list[ProposedRow]] = field(default_factory=dict)
    versions: dict[str, int] = field(default_factory=dict)
    territory: dict[str, str] = field(default_factory=dict)
    pictures: dict[tuple, bytes] = field(default_factory=dict)
    upload: Upload | None = None

    def start(self, reading: Reading, document: IsolatedDocument) -> None:
        """Fill the tables with what a reading proposes; nothing is kept yet."""
        self.reading, self.document = reading, replace(document, progress_file=None)
        for name in _TABLES:
            rows = [row for row in reading.rows if row.table == name]
            if rows:
                self.rows[name] = rows
                self.tables[name] = _to_frame(load_format().tables[name], rows)
        if reading.picture:
            first = next(iter(reading.rows[0].values.values()))
            self.pictures[first.page, first.box] = reading.picture

    def current(self, name: str) -> pd.DataFrame:
        """Return a table with the changes of its reader."""
        return self.edited.get(name, self.tables[name])

    def keep(self, name: str, positions: Sequence[int], kept: bool) -> None:
        """Keep or refuse rows of a table, by their positions."""
        table = self.current(name).copy()
        table.iloc[list(positions), table.columns.get_loc(KEPT)] = kept
        self._replace(name, table)

    def commit(self, name: str) -> None:
        """Make the changes of a grid its content, before it is shown again."""
        self._replace(name, self.current(name))

    def _replace(self, name: str, table: pd.DataFrame) -> None:
        self.tables[name] = table
        self.edited.pop(name, None)
        self.versions[name] = self.versions.get(name, 0) + 1

    def kept_count(self) -> int:
        """Return how many rows are kept."""
        return sum(int(self.current(name)[KEPT].sum()) for name in self.tables)

    def kept_rows(self) -> list[ProposedRow]:
        """Return the rows that are kept, with what their reader wrote."""
        kept: list[ProposedRow] = []
        for name, rows in self.rows.items():
            table = self.current(name)
            for row, (_, cells) in zip(rows, table.iterrows(), strict=True):
                if cells[KEPT] or name == "sources":
                    kept.append(self._with_cells(row, cells))
        return kept

    def _with_cells(self, row: ProposedRow, cells: pd.Series) -> ProposedRow:
        """Return a row with what its reader wrote in the cells of the grid."""
        values = {name: value for name, value in row.values.items() if name in _FILLED}
        texts = {name: str(text) for name, text in cells.items() if _is_text(text)}
        if "territoire_code" in cells.index:
            texts |= {name: text for name, text in self.territory.items() if text}
        for name, text in texts.items():
            if name not in (KEPT, _PAGE, _PASSAGE, _REASON):
                values[name] = Value(text, row.page, "", "")
        return ProposedRow(row.table, values, row.key)


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value)


def _to_frame(table: Table, rows: Sequence[ProposedRow]) -> pd.DataFrame:
    """Return the grid of a table: whether rows are kept, their columns, where they come from."""
    proposed = {column for row in rows for column in row.values}
    columns = [
        name
        for name in (*table.columns, LEVEL_COLUMN)
        if name not in _FILLED and (name in proposed or name in table.required_columns)
    ]
    # what a proposal is about comes first: the amount, the wording
    lead = next(iter(rows[0].values))
    columns.sort(key=lambda name: name != lead)
    records = [
        # the source is the document itself
        {KEPT: table.name == "sources"}
        | {name: row.get(name) or None for name in columns}
        | {
            _PAGE: row.page,
            _PASSAGE: next(iter(row.values.values())).passage,
            _REASON: " ; ".join(dict.fromkeys(value.reason for value in row.values.values()))[:300],
        }
        for row in rows
    ]
    return pd.DataFrame(records)


def show_review(page: str, review: Review) -> None:
    """Render the page of the document on the left, the proposals by table on the right."""
    reading = review.reading
    if reading.is_scanned:
        st.warning(
            "Ce document est numérisé : ses pages ont été lues par reconnaissance de caractères. "
            "Vérifiez chaque chiffre.",
            icon=":material/document_scanner:",
        )
    _ask_missing(page, review)
    key = f"{page}:document:table"
    names = list(review.tables)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.segmented_control(
            "Propositions", names, default=names[0], required=True, key=key,
            format_func=lambda each: _table_label(review, each),
        )  # fmt: skip
    if st.session_state.get(f"{key}:vue") != name:
        # a grid forgets what was written in it once another one is shown
        for each in list(review.edited):
            review.commit(each)
        st.session_state[f"{key}:vue"] = name
    left, right = st.columns([5, 6], gap="medium")
    with right:
        position = _choose_row(page, review, name)
        _show_grid(page, review, name)
    with left:
        _show_page(review, review.rows[name][position])


def _ask_missing(page: str, review: Review) -> None:
    """Render the questions that a document cannot answer: its address, maybe its territory."""
    strategy = review.rows["strategies"][0]
    if not strategy.get("territoire_code"):
        review.territory = choose_territory(f"{page}:document")
    sources = review.current("sources")
    address = st.text_input(
        "Adresse où le document est publié (obligatoire)",
        value=sources["url"].iloc[0] or "",
        key=f"{page}:document:adresse",
        max_chars=500,
        placeholder="https://exemple.fr/strategie.pdf",
    )
    if _is_text(address) and address != sources["url"].iloc[0]:
        changed = sources.copy()
        changed["url"] = address.strip()
        review.tables["sources"] = changed
        review.edited.pop("sources", None)


def _table_label(review: Review, name: str) -> str:
    table = review.current(name)
    return f"{load_format().tables[name].title} ({int(table[KEPT].sum())}/{len(table)})"


def _groups(name: str, rows: Sequence[ProposedRow]) -> dict[str, list[int]]:
    """Return the positions of rows by group: all, by level of axes, by page of amounts."""
    groups: dict[str, list[int]] = {_ALL: list(range(len(rows)))}
    for position, row in enumerate(rows):
        if name == "priorites":
            groups.setdefault(f"niveau {row.get(LEVEL_COLUMN)}", []).append(position)
        else:
            groups.setdefault(f"page {row.page}", []).append(position)
    return groups


def _choose_row(page: str, review: Review, name: str) -> int:
    """Render the proposal that is looked at, and the buttons that keep or refuse it."""
    rows, key = review.rows[name], f"{page}:document:{name}:rang"
    position = min(st.session_state.get(key, 0), len(rows) - 1)

    def move(step: int) -> None:
        st.session_state[key] = max(0, min(position + step, len(rows) - 1))

    def decide(kept: bool) -> None:
        review.keep(name, [position], kept)
        move(1)

    first = next(iter(rows[position].values.values()))
    is_kept = bool(review.current(name)[KEPT].iloc[position])
    state = ":green[retenue]" if is_kept else "non retenue"
    st.markdown(
        f"**Proposition {position + 1} sur {len(rows)}**, page {first.page}, {state} : "
        f"« {escape_markdown(_describe(rows[position]))} »"
    )
    _show_reasons(rows[position])
    with st.container(horizontal=True):
        for label, icon, shortcut, action, value in (
            ("Retenir", "check", "Alt+Enter", decide, True),
            ("Refuser", "close", "Alt+X", decide, False),
            ("Précédente", "arrow_upward", "Alt+Up", move, -1),
            ("Suivante", "arrow_downward", "Alt+Down", move, 1),
        ):
            st.button(
                label, key=f"{key}:{label}", icon=f":material/{icon}:", shortcut=shortcut,
                on_click=action, args=(value,), type="primary" if value is True else "secondary",
            )  # fmt: skip
    groups = _groups(name, rows)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        group = st.selectbox(
            "Par groupe", tuple(groups), key=f"{key}:groupe", width=220,
            format_func=lambda each: f"{each} ({len(groups[each])})",
        )  # fmt: skip
        for label, kept in (("Retenir le groupe", True), ("Refuser le groupe", False)):
            st.button(
                label, key=f"{key}:{label}", on_click=review.keep, args=(name, groups[group], kept)
            )
    return position


def _describe(row: ProposedRow) -> str:
    """Return what a proposal is about: its first value, an amount with what it pays."""
    text = next(iter(row.values.values())).text
    if row.table != "budgets":
        return text
    return f"{format_number(float(text), 2 if '.' in text else 0)}{NBSP}€ : {row.get('libelle')}"


def _show_reasons(row: ProposedRow) -> None:
    """Render why values were understood so, and what else they may mean."""
    fields = {each.name: each for each in load_format().tables[row.table].fields}

    def shown(column: str, text: str) -> str:
        return format_cell(row.table, column, text) if column in fields else text

    with st.expander("Pourquoi, et sinon"):
        lines = []
        for column, value in row.values.items():
            title = fields[column].title if column in fields else column.capitalize()
            others = ", ".join(shown(column, text) for text in value.alternatives)
            reason = value.reason + (f" ; sinon : {others}" if others else "")
            lines.append(
                f"- **{escape_markdown(title)}** : {escape_markdown(shown(column, value.text))} "
                f"({escape_markdown(reason)})"
            )
        st.markdown("\n".join(lines))


def _show_grid(page: str, review: Review, name: str) -> None:
    """Render the grid of a table, in which all columns of the format can be changed."""
    table, version = review.tables[name], review.versions.get(name, 0)
    fields = {each.name: each for each in load_format().tables[name].fields}
    config: dict[str, object] = {
        KEPT: st.column_config.CheckboxColumn("Retenir", pinned=True),
        _PAGE: st.column_config.NumberColumn("Page", disabled=True, format="%d"),
        _PASSAGE: st.column_config.TextColumn("Passage", disabled=True, width="large"),
        _REASON: st.column_config.TextColumn("Indice", disabled=True, width="large"),
        LEVEL_COLUMN: st.column_config.SelectboxColumn("Niveau", options=list(LEVELS)),
    }
    for column in table.columns:
        if column not in fields:
            continue
        each = fields[column]
        title = f"{each.title} *" if each.required else each.title
        if each.vocabulary:
            codes = list(vocabulary_codes(each.vocabulary))
            config[column] = st.column_config.SelectboxColumn(
                title, options=codes, format_func=partial(code_label, each.vocabulary)
            )
        else:
            config[column] = st.column_config.TextColumn(title, max_chars=500)
    changed = st.data_editor(
        table.astype({column: "object" for column in table.columns if column in fields}),
        hide_index=True,
        height=min(_GRID_HEIGHT, 36 * (len(table) + 1) + 4),
        column_config=config,
        key=f"{page}:document:grille:{name}:{version}",
        alt=f"Propositions de la table {name}",
    )
    review.edited[name] = changed
    if left_out := describe_left_out(review.rows[name]):
        st.caption(left_out)
    st.caption(
        f"{pluralize(review.kept_count(), 'ligne retenue', 'lignes retenues')} en tout ; * colonne "
        "obligatoire. Au clavier : Alt+Entrée retient, Alt+X refuse, Alt+↓ passe à la suivante ; "
        "dans la grille, Entrée ouvre une cellule."
    )


def _show_page(review: Review, row: ProposedRow) -> None:
    """Render the page that shows a proposal, with its passage marked."""
    reading = review.reading
    shown = next(iter(row.values.values()))
    st.markdown(f"**Page {shown.page}** sur {format_number(reading.page_count)}")
    if not reading.texts:
        _show_picture(review, shown)
        return
    with st.container(height=560, border=True):
        for text in _around(reading.texts.get(shown.page, []), shown.passage):
            escaped = escape_markdown(text)
            is_passage = _is_passage(text, shown.passage)
            st.markdown(f":orange-background[{escaped}]" if is_passage else escaped)


def _show_picture(review: Review, shown: Value) -> None:
    key = shown.page, shown.box
    if key not in review.pictures:
        try:
            with st.spinner("Dessin de la page…"), release_page_slot():
                picture = review.document.draw_page(shown.page, shown.box)
        except UnreadableDocumentError as error:
            st.error(escape_markdown(error), icon=":material/error:")
            return
        # one page is looked at, and the one before it
        review.pictures = dict([*list(review.pictures.items())[-1:], (key, picture)])
    with st.container(border=True):
        # a border: the top of a cover is as white as the page of the site
        st.image(
            review.pictures[key], alt=f"Page {shown.page} du document ; passage : {shown.passage}",
            width="stretch",
        )  # fmt: skip


def _is_passage(text: str, passage: str) -> bool:
    words = passage.strip("…").split(" | ")[0]
    return bool(words) and (words in " ".join(text.split()) or text[:200] in passage)


def _around(texts: Sequence[str], passage: str) -> Sequence[str]:
    """Return the paragraphs of a page near a passage, all of a short page."""
    place = next((i for i, text in enumerate(texts) if _is_passage(text, passage)), 0)
    start = max(0, place - _PARAGRAPHS_BEFORE)
    return texts[start : start + _MAX_PARAGRAPHS]
