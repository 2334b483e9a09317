"""Parts of the page « Qui l’a fait ? »: the choices, whom to ask, the proofs, all questions."""

from functools import partial

import pandas as pd
import streamlit as st

from comparisons.analysis import questions as analysis
from comparisons.analysis.peers.population_bands import BANDS, format_band, population_band
from comparisons.exports.pdf.question_sheet import question_pdf
from comparisons.exports.table_writers import file_name
from comparisons.formatting import capitalize_first, curly_apostrophes, escape_markdown, pluralize
from comparisons.page_parameters import FeedParameters, QuestionParameters
from comparisons.queries.questions import ANSWERS, MIN_CASES, cases_by_level, questions
from comparisons.queries.territories import load_territories
from comparisons.rows import iterate_rows
from comparisons.schema.territory import LEVEL_NAMES, parse_key
from comparisons.ui.controls import choose_one
from comparisons.ui.feeds import feed_button
from comparisons.ui.map_selectors import choose_from_list, choose_zone, write_counts
from comparisons.ui.state import permalink, update_parameters, viewport, widget_key
from comparisons.ui.tables import (
    choose_page,
    download,
    download_buttons,
    table_or_message,
    text_table,
    view_digest,
)


def choose_question(page: str, view: QuestionParameters) -> QuestionParameters:
    """Render the question, the level, and behind « Affiner » the rest; return the new view."""
    rows = questions().sort_values("a_completer", kind="stable")
    labels = {
        row.code: f"{row.libelle} ({pluralize(row.cas, 'cas', 'cas')}"
        + (", à compléter)" if row.a_completer else ")")
        for row in iterate_rows(rows)
    }
    view = choose_from_list(page, view, "question", "Question", labels)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if viewport() == "narrow":
            view = choose_from_list(page, view, "niveau", "Niveau", LEVEL_NAMES)
        else:
            view = choose_one(page, view, "niveau", "Niveau", LEVEL_NAMES)
            write_counts(page, view.niveau, cases_by_level(view.question))
        with st.popover("Affiner", icon=":material/tune:", width="content"):
            key = partial(widget_key, page, view)
            zone = choose_zone(view.niveau, key)
            return update_parameters(
                page,
                view,
                zone=zone,
                taille=_choose_size(page, view),
                pairs=_choose_peers(page, view),
            )


def _choose_size(page: str, view: QuestionParameters) -> str:
    """Render the choice of a band of population of the level; return its lower bound."""
    key = widget_key(page, view, "taille", "")
    labels = {"": "Toutes les tailles"} | {
        str(low): capitalize_first(format_band(population_band(low, view.niveau)))
        for low in BANDS[view.niveau]
    }
    if st.session_state[key] not in labels:  # a band of another level
        st.session_state[key] = ""
    return st.selectbox("Taille", tuple(labels), format_func=labels.get, key=key)


def _choose_peers(page: str, view: QuestionParameters) -> bool:
    """Render the switch that keeps the peers of the reader's territory; return its value."""
    key = widget_key(page, view, "pairs")
    is_possible = view.t.startswith(f"{view.niveau}-")
    if not is_possible:
        st.session_state[key] = False
    if not view.t:
        st.caption("Cherchez votre territoire en haut de la page pour ne garder que ses pairs.")
    name = f" ({_name(view.t)})" if view.t else ""
    return st.toggle(
        f"Mes pairs seulement{name}",
        key=key,
        disabled=not is_possible,
        help="Les dix territoires de même niveau dont la structure est la plus proche.",
    )


def _name(key: str) -> str:
    return escape_markdown(curly_apostrophes(load_territories([key])["nom"].iloc[0]))


def show_territories_to_ask(view: QuestionParameters) -> None:
    """Render the nearest peers of the reader's territory that did it, with what proves it."""
    st.header("À qui demander", anchor="demander", divider="gray")
    if not view.t:
        st.markdown(
            "Cherchez votre territoire en haut de la page : ses pairs les plus proches qui l’ont "
            "fait seront ici."
        )
        return
    nearest = analysis.territories_to_ask(view)
    if nearest.empty:
        st.markdown(f"Aucun pair de {_name(view.t)} n’a de preuve relevée pour cette question.")
        return
    st.markdown(f"Les pairs de {_name(view.t)} qui l’ont fait, du plus proche au plus éloigné :")
    rows = analysis.answers_table(
        view.replace(zone="", taille="", pairs=False, niveau=parse_key(view.t).niveau)
    )
    rows = rows.drop_duplicates("territoire_code").set_index("territoire_code", drop=False)
    _show_proofs(rows.loc[list(nearest["territoire_code"])])


def show_proofs(view: QuestionParameters) -> None:
    """Render what proves it, of each territory that did it."""
    st.header("Les preuves", anchor="preuves", divider="gray")
    rows = analysis.answers_table(view)
    rows = rows[rows["reponse"] == "oui"]
    if rows.empty:
        st.markdown("Aucune preuve relevée parmi ces territoires.")
    else:
        _show_proofs(choose_page(rows, 50))


def _show_proofs(rows: pd.DataFrame) -> None:
    links = [
        f"[{escape_markdown(curly_apostrophes(row.nom))}]"
        f"(/territoire?t={row.territoire_niveau}-{row.territoire_code})"
        for row in iterate_rows(rows)
    ]
    table = analysis.proofs_to_read(rows)
    table.insert(0, "Territoire", links)
    text_table(table, ("Territoire", "Source"))


def show_questions() -> None:
    """Render all the questions with their number of cases, those with too few apart."""
    st.header("Toutes les questions", anchor="questions", divider="gray")
    rows = questions()
    for is_short, title in ((False, ""), (True, f"À compléter : moins de {MIN_CASES} cas connus")):
        if title:
            st.subheader(title, anchor=False)
            st.markdown(
                "Trop peu de territoires pour en tirer un exemple sûr ; vous l’avez fait ? "
                "[Contribuez](/contribuer), avec votre source."
            )
        group = rows[rows["a_completer"] == is_short]
        columns = {
            "Question": [
                f"[{escape_markdown(row.libelle)}](/questions?question={row.code})"
                for row in iterate_rows(group)
            ],
            "Cas connus": [str(count) for count in group["cas"]],
        }
        text_table(columns, ("Question",))


def show_downloads(page: str, view: QuestionParameters) -> None:
    """Render the files of the answers: CSV, workbook, and a sheet to print."""
    st.header("Télécharger", anchor="telecharger", divider="gray")
    stem = f"question-{view.question}-{view.niveau}"
    about = f"Qui l’a fait ? {questions().loc[view.question, 'libelle']}"
    download(
        "Fiche à imprimer (PDF)",
        file_name(f"{stem}-{view_digest(view)}", "pdf"),
        question_pdf,
        view,
        permalink(view),
        key=f"{page}:pdf",
        icon=":material/print:",
    )
    download_buttons(stem, {"reponses_question": analysis.answers_table(view)}, about, view)
    feed_button((about, FeedParameters(question=view.question)))


def show_territory_answers(key: str) -> None:
    """Render, folded, what is known of a territory question by question."""
    rows = analysis.territory_answers(key)
    rows = rows[rows["reponse"] != "sans_objet"]
    known = int((rows["reponse"] == "oui").sum())
    title = f"Qui l’a fait ? {pluralize(known, 'réponse')} avec preuve sur {len(rows)} questions"
    with st.expander(title, icon=":material/fact_check:"):
        query = f"t={key}&niveau={parse_key(key).niveau}"
        rows["Question"] = [
            f"[{escape_markdown(row.Question)}](/questions?question={row.question}&{query})"
            for row in iterate_rows(rows)
        ]
        table = rows.loc[rows["reponse"] == "oui", ["Question", "Preuve", "Source", "Date"]]
        table_or_message(
            table.reset_index(drop=True), "Aucune preuve relevée.", ("Question", "Source")
        )
        for answer in ("pas_releve", "non_cherche"):
            links = rows.loc[rows["reponse"] == answer, "Question"]
            if len(links):
                st.markdown(f"**{ANSWERS[answer]}** : {' · '.join(links)}")
        st.caption(
            "« Pas dans ce qui est relevé » n’est pas « non » : aucune source lue ne le dit."
        )
