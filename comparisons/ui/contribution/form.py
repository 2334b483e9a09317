"""Render the online form of one strategy: the short form, checked by its rules as one types."""

import csv
import io
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date

import streamlit as st

from comparisons.concurrency import release_page_slot
from comparisons.datapackage.isolated_check import IsolatedFile, UploadCheck
from comparisons.datapackage.problems import ERROR, Problem, quoted
from comparisons.datapackage.reader import read_upload
from comparisons.datapackage.short_form.table import load_short_form
from comparisons.datapackage.validation.report import Report
from comparisons.datapackage.validation.theme_suggestions import suggest_themes
from comparisons.datapackage.validation.validator import validate
from comparisons.formatting import curly_apostrophes, escape_markdown
from comparisons.queries.partners import partner_counts
from comparisons.queries.territories import load_territories
from comparisons.rows import iterate_rows
from comparisons.schema.model import code_label, vocabulary_codes
from comparisons.schema.territory import parse_key
from comparisons.search.territories import disambiguate, no_result_hint, search_territories
from comparisons.tabular_files import LIST_SEPARATOR
from comparisons.ui.contribution.checking import Upload, published_tables
from comparisons.ui.state import remembered_territory
from comparisons.ui.tables import download

_MAX_TEXT, _MAX_PRIORITIES, _MAX_PARTNERS = 500, 15, 8
_UNKNOWN = "Non renseigné"
# Columns of two parts of the form, in the order in which a document tells them.
_DOCUMENT = (
    "titre", "type", "url", "maj_le", "statut", "date_adoption", "portee", "nature_document",
    "porteur_siren",
)  # fmt: skip
_AMOUNT = (
    "montant_total", "montant_etape", "montant_perimetre", "montant_etendue", "montant_annees",
)  # fmt: skip
_REQUIRED_WITH_AMOUNT = _AMOUNT[:3]
# The problem of an item that lacks what goes with it, which the form asks for beside the item.
_INCOMPLETE_ITEM = "valeur-obligatoire-absente"
# The problems of what is typed, by column of the short form.
Problems = Mapping[str, list[Problem]]


def show_form(page: str) -> Upload | None:
    """Render the form; return the file that it makes once it is valid, or None."""
    row = choose_territory(page)
    # the report is about the values shown, which the widgets hold already
    row |= {name: _typed(page, name) for name in (*_DOCUMENT, *_AMOUNT)}
    row |= {
        "priorites": _typed_items(page, "priorite", _MAX_PRIORITIES, ("theme",)),
        "liste_axes": _typed(page, "liste_axes"),
        "partenaires": _typed_items(page, "partenaire", _MAX_PARTNERS, ("service", "role")),
        "contact_generique": _typed(page, "contact_generique"),
    }
    is_empty = not any(row.values())
    row["maj_le"] = row["maj_le"] or date.today().isoformat()
    file_name = f"strategie_{row['territoire_niveau']}-{row['territoire_code']}.csv"
    file = IsolatedFile(_to_csv(row), file_name, published_tables())
    report = None if is_empty else _check(page, file)
    problems: Problems = defaultdict(list)
    for problem in report.problems if report else ():
        problems[problem.column].append(problem)
    if row["territoire_code"]:
        _show_problems(problems["territoire_niveau"] + problems["territoire_code"])
    for title, columns in (("Le document", _DOCUMENT), ("Le montant, s’il est connu", _AMOUNT)):
        st.subheader(title, anchor=False)
        with st.grid(2, min_column_width=300):
            for name in columns:
                _show_field(page, name, row, problems)
    _show_priorities(page, row, problems)
    _show_partners(page, problems)
    _show_field(page, "contact_generique", row, problems)
    return _show_verdict(page, row, file, report)


def _key(page: str, name: str) -> str:
    return f"{page}:saisie:{name}"


def _typed(page: str, name: str) -> str:
    return (st.session_state.get(_key(page, name)) or "").strip()


def _typed_items(page: str, name: str, count: int, details: tuple[str, ...]) -> str:
    """Return the items of a list in the syntax of the short form: « text [first, second] »."""
    items = []
    for rank in range(count):
        # brackets and bars would be read as the syntax of the list
        text = _typed(page, f"{name}:{rank}").translate(str.maketrans("[]|", "()/"))
        inside = [_typed(page, f"{name}:{rank}:{detail}") for detail in details]
        if text:
            inside = ", ".join(filter(None, inside))
            items.append(f"{text} [{inside}]" if inside else text)
    return f" {LIST_SEPARATOR} ".join(items)


def _to_csv(row: Mapping[str, str]) -> bytes:
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, load_short_form().columns, restval="")
    writer.writeheader()
    writer.writerow(row)
    return buffer.getvalue().encode()


def _check(page: str, file: IsolatedFile) -> Report:
    """Check the line as a file is checked; unchanged, it is not checked again."""
    key = f"{page}:saisie-verifiee"
    if st.session_state.get(key, (None,))[0] != file.content:
        with release_page_slot():
            report = validate(read_upload(file.content, file.name), published=file.published)
        st.session_state[key] = file.content, report
    return st.session_state[key][1]


def choose_territory(page: str) -> dict[str, str]:
    """Render the choice of the territory; return its columns."""
    search_key, key = _key(page, "recherche"), _key(page, "territoire")
    mine = remembered_territory()
    if search_key not in st.session_state and mine:
        st.session_state[search_key] = load_territories((mine,))["nom"].iloc[0]
        st.session_state[key] = mine
    st.subheader("Le territoire", anchor=False)
    with st.grid(2, min_column_width=300):
        text = st.text_input(
            "Nom du territoire (obligatoire)",
            key=search_key,
            max_chars=80,
            placeholder="Rennes, Ille-et-Vilaine, CC de Brocéliande…",
            persist_state="session",
        )
        matches = search_territories(text) if text else load_territories(())
        names = {
            row.cle: f"{curly_apostrophes(row.nom)} ({disambiguate(row)})"
            for row in iterate_rows(matches)
        }
        if st.session_state.get(key) not in names:
            st.session_state[key] = next(iter(names), None)
        chosen = names and st.selectbox(
            "Lequel ?", tuple(names), format_func=names.get, key=key, persist_state="session"
        )
    if text and not names:
        st.markdown(f":red[{escape_markdown(no_result_hint(text))}]")
    if not chosen:
        return {"territoire_niveau": "", "territoire_code": ""}
    territory = parse_key(chosen)
    return {"territoire_niveau": territory.niveau, "territoire_code": territory.code}


def _show_field(page: str, name: str, row: Mapping[str, str], problems: Problems) -> None:
    """Render one column of the short form, and what is wrong with what is typed there."""
    field = load_short_form().field(name)
    has_amount = any(row[column] for column in _AMOUNT)
    is_required = field.required or (has_amount and name in _REQUIRED_WITH_AMOUNT)
    help_text = escape_markdown(field.description)
    with st.container():
        if field.vocabulary:
            _choose_code(page, name, field.title, field.vocabulary, help_text, is_required)
        else:
            is_today = name == "maj_le"
            suffix = " (aujourd’hui, sinon)" if is_today else " (obligatoire)" * is_required
            example = f"Exemple : {field.example.removeprefix('Exemple : ')}"
            st.text_input(
                f"{field.title}{suffix}",
                key=_key(page, name),
                max_chars=_MAX_TEXT,
                placeholder=row[name] if is_today else example,
                help=help_text,
                persist_state="session",
            )
        if _typed(page, name):
            _show_problems(problems[name], _key(page, name))


def _choose_code(
    page: str, name: str, title: str, vocabulary: str, help_text: str = "", required: bool = False
) -> None:
    st.selectbox(
        f"{title} (obligatoire)" if required else title,
        vocabulary_codes(vocabulary),
        index=None,
        format_func=lambda code: code_label(vocabulary, code),
        key=_key(page, name),
        placeholder="Choisir" if required else _UNKNOWN,
        help=help_text or None,
        persist_state="session",
    )


def _show_problems(problems: Sequence[Problem], key: str = "") -> None:
    """Render problems; an error of one meaning has a button that writes it in the widget `key`."""
    for rank, problem in enumerate(problems):
        text = f"{escape_markdown(problem.message)} {escape_markdown(problem.remedy)}"
        is_error = problem.severity == ERROR
        st.markdown(f":red[{text}]" if is_error else f":small[{text}]")
        if key and is_error and problem.is_certain:
            st.button(
                f"Appliquer {escape_markdown(quoted(problem.suggestion))}"
                if problem.suggestion
                else "Vider",
                key=f"{key}:appliquer:{rank}",
                icon=":material/check:",
                on_click=st.session_state.update,
                args=({key: problem.suggestion},),
            )


def _show_priorities(page: str, row: Mapping[str, str], problems: Problems) -> None:
    st.subheader("Les priorités, dans l’ordre du document", anchor=False)
    for rank in _shown_ranks(page, "priorite", _MAX_PRIORITIES):
        with st.grid(2, min_column_width=300):
            st.text_input(
                f"Priorité {rank + 1}",
                key=_key(page, f"priorite:{rank}"),
                max_chars=_MAX_TEXT,
                persist_state="session",
            )
            title = f"Thème de la priorité {rank + 1}"
            _choose_code(page, f"priorite:{rank}:theme", title, "themes")
        wording = _typed(page, f"priorite:{rank}")
        if wording and not _typed(page, f"priorite:{rank}:theme"):
            st.markdown(f":red[{escape_markdown(_ask_theme(wording))}]")
    _show_problems(_without_incomplete(problems["priorites"]))
    if row["priorites"]:
        _show_field(page, "liste_axes", row, problems)


def _ask_theme(wording: str) -> str:
    """Return the sentence that asks for the theme of a priority, with the likely one."""
    likely = suggest_themes(wording, limit=1)
    if not likely:
        return "Choisissez le thème de cette priorité."
    theme = quoted(code_label("themes", likely[0].theme))
    return f"Choisissez le thème de cette priorité : sans doute {theme}, {likely[0].reason}."


def _without_incomplete(problems: Sequence[Problem]) -> list[Problem]:
    return [problem for problem in problems if problem.code != _INCOMPLETE_ITEM]


def _show_partners(page: str, problems: Problems) -> None:
    st.subheader("Les organismes avec qui le service est partagé", anchor=False)
    organisations = partner_counts().set_index("partenaire_id")["nom"].to_dict()
    for rank in _shown_ranks(page, "partenaire", _MAX_PARTNERS):
        with st.grid(3, min_column_width=240):
            st.selectbox(
                f"Organisme {rank + 1}",
                tuple(organisations),
                index=None,
                format_func=lambda code: curly_apostrophes(organisations[code]),
                key=_key(page, f"partenaire:{rank}"),
                placeholder=_UNKNOWN,
                persist_state="session",
            )
            _choose_code(page, f"partenaire:{rank}:service", f"Service {rank + 1}", "services")
            _choose_code(page, f"partenaire:{rank}:role", f"Rôle du territoire {rank + 1}", "roles")
        item = f"partenaire:{rank}"
        if _typed(page, item) and not _typed(page, f"{item}:service"):
            st.markdown(":red[Choisissez le service que rend cet organisme.]")
    st.caption("Un organisme absent de la liste se décrit dans le modèle complet (tableur).")
    _show_problems(_without_incomplete(problems["partenaires"]))


def _shown_ranks(page: str, name: str, count: int) -> range:
    """Return the ranks of the lines to show: those filled in, and one more."""
    filled = [rank for rank in range(count) if _typed(page, f"{name}:{rank}")]
    return range(min(max(filled, default=-1) + 2, count))


def _show_verdict(
    page: str, row: Mapping[str, str], file: IsolatedFile, report: Report | None
) -> Upload | None:
    """Render what is missing, or the file to download; return the valid file, or None.

    A form in which nothing is typed has no report: all that is required is missing.
    """
    table = load_short_form()
    missing = [table.field(name).title for name in table.required_columns if not row[name]]
    if missing or report is None:
        titles = ", ".join(missing).replace("Code du territoire", "Nom du territoire")
        st.info(f"Il reste à remplir : {titles}.", icon=":material/edit:")
        return None
    if not report.is_valid:
        st.error(
            "Corrigez ce qui est écrit en rouge : la suite s’ouvrira.", icon=":material/error:"
        )
        return None
    st.success("Votre formulaire est complet et valide.", icon=":material/check_circle:")
    download("Mon formulaire (CSV)", file.name, lambda: file.content, key=f"{page}:saisie")
    row_counts = {name: len(rows) for name, rows in report.package.tables.items()}
    return Upload(f"saisie:{hash(file.content)}", file, UploadCheck(report, row_counts))
