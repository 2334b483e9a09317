"""What the peers of a territory do that it does not, with the evidence, as page blocks."""

from collections.abc import Sequence
from functools import partial

import pandas as pd
import streamlit as st

from comparisons.analysis.peers import gap_documents, gap_services, gap_themes, gaps
from comparisons.formatting import curly_apostrophes, escape_markdown
from comparisons.page_parameters import PeersParameters
from comparisons.queries.axes import format_axis
from comparisons.queries.sources import source_link
from comparisons.queries.territories import load_territories
from comparisons.rows import iterate_rows
from comparisons.schema.model import code_label
from comparisons.ui.tables import text_table

_MAX_LINES = 8


def show_gaps(view: PeersParameters, keys: tuple[str, ...]) -> None:
    """Render what peers do and this territory does not, and the reverse, with the evidence."""
    lines = gaps.describe_gaps(view.t, keys, view.nommes)
    for section, title in (
        ("themes", "Thèmes"),
        ("services", "Services partagés"),
        ("documents", "Documents en vigueur plus récents que les vôtres"),
    ):
        section_lines = lines[lines["rubrique"] == section]
        st.subheader(title, anchor=f"ecarts-{section}")
        if section_lines.empty:
            st.markdown("Rien de connu.")
        _show_list(section_lines["phrase"])
        if section == "themes":
            _show_wordings(view, keys, section_lines)
        elif section == "services":
            _show_links(view, keys, section_lines)
        else:
            _show_documents(view, keys)


def _show_list(sentences: Sequence[str]) -> None:
    """Render sentences as a list, folded beyond `_MAX_LINES`."""
    lines = [f"- {escape_markdown(text)}" for text in sentences]
    st.markdown("\n".join(lines[:_MAX_LINES]))
    if len(lines) > _MAX_LINES:
        with st.expander(f"Les {len(lines) - _MAX_LINES} autres"):
            st.markdown("\n".join(lines[_MAX_LINES:]))


def _show_wordings(view: PeersParameters, keys: tuple[str, ...], lines: pd.DataFrame) -> None:
    chosen = _choose_evidence("Lire les intitulés d’un thème", "themes", lines)
    if chosen:
        rows = gap_themes.theme_wordings(chosen, [view.t, *keys], view.nommes)
        names = _territory_names(view.t, *keys)
        text_table(
            {
                    "Territoire": rows["cle"].map(names),
                    "Intitulé": [f"{format_axis(row)} : {curly_apostrophes(row.intitule)}"
                                 for row in iterate_rows(rows)],
                    "Document": [curly_apostrophes(text) for text in rows["titre"]],
                    "Certitude": [code_label("certitudes", code) for code in rows["certitude"]],
                    "Source": [_format_source(row) for row in iterate_rows(rows)],
                },
            ("Source",),
        )  # fmt: skip


def _show_links(view: PeersParameters, keys: tuple[str, ...], lines: pd.DataFrame) -> None:
    chosen = _choose_evidence("Voir qui partage un service, et avec qui", "services", lines)
    if chosen:
        rows = gap_services.service_links(chosen, [view.t, *keys])
        names = _territory_names(view.t, *keys)
        text_table(
            {
                "Territoire": rows["cle"].map(names),
                "Organisme": [curly_apostrophes(text) for text in rows["partenaire_nom"]],
                "Rôle": [code_label("roles", code) for code in rows["role"]],
                "Certitude": [code_label("certitudes", code) for code in rows["certitude"]],
                "Source": [_format_source(row) for row in iterate_rows(rows)],
            },
            ("Source",),
        )


def _show_documents(view: PeersParameters, keys: tuple[str, ...]) -> None:
    rows = gap_documents.newer_strategies(view.t, keys)
    if len(rows):
        with st.expander("Voir ces documents et leurs sources"):
            text_table(
                {
                    "Type": [code_label("types_strategie", code) for code in rows["type"]],
                    "Territoire": rows["nom"],
                    "Document": [curly_apostrophes(text) for text in rows["titre"]],
                    "Année": [_format_year(year) for year in rows["annee_document"]],
                    "Source": [source_link("voir", url) for url in rows["source_url"]],
                },
                ("Source",),
            )


def _territory_names(*keys: str) -> dict[str, str]:
    territories = load_territories(keys)
    return dict(zip(territories["cle"], map(curly_apostrophes, territories["nom"]), strict=True))


def _format_year(year: object) -> str:
    """Return a year as text, « non renseigné » if it is unknown."""
    return "non renseigné" if pd.isna(year) else str(int(year))


def _format_source(row: object) -> str:
    return source_link(row.source_titre, row.source_url)


def _choose_evidence(title: str, vocabulary: str, lines: pd.DataFrame) -> str | None:
    """Render the choice of the code whose evidence is displayed; return it, or None."""
    codes = [code for code in dict.fromkeys(lines["code"]) if code]
    if not codes:
        return None
    return st.pills(
        title, codes, format_func=partial(code_label, vocabulary), key=f"pairs:preuve:{vocabulary}"
    )
