"""Page Méthode: what is compared and how, limits, glossary, accessibility, licences, citation."""

import re
from pathlib import Path

import streamlit as st

from comparisons.analysis.completeness import reliability
from comparisons.analysis.peers import distances, stability
from comparisons.analysis.shared_services.links import INHERITANCE_SQL
from comparisons.analysis.shared_services.matching_reasons import RANKING_NOTE
from comparisons.analysis.themes import frequency, similar_strategies
from comparisons.database.connection import OFFICIAL_SOURCES
from comparisons.datapackage.known_territories import EPCI_DATE
from comparisons.exports import table_writers
from comparisons.formatting import (
    escape_markdown,
    fold,
    format_number,
    format_partial_date,
    format_percent,
    join_words,
)
from comparisons.queries import territories, thresholds
from comparisons.schema import peer_variables
from comparisons.schema.glossary import glossary
from comparisons.schema.model import code_label, family_codes
from comparisons.search import search
from comparisons.ui.glossary import glossary_link

TEXT = Path(__file__).with_suffix(".md").read_text(encoding="utf-8")

text = TEXT.format(
    **{term.lower(): glossary_link(term) for term in ("SDTAN", "SCoRAN", "SDUSN")},
    glossaire="\n".join(
        f"- **{escape_markdown(term)}** : {escape_markdown(definition)}"
        for term, definition in glossary().items()
    ),
    jumeaux="\n".join(f"- {escape_markdown(text)}" for text in territories.twin_explanations()),
    population_annee=escape_markdown(territories.population_year_note()),
    variables="\n".join(
        f"- **{variable.titre}.** {escape_markdown(variable.explication)}"
        for variable in peer_variables.VARIABLES
    ),
    heritage=INHERITANCE_SQL,
    ordre=RANKING_NOTE,
    recherche=search.RANKING_NOTE,
    frequence=frequency.NOTE,
    proches=similar_strategies.METHOD,
    date_epci=format_partial_date(EPCI_DATE),
    relecture=reliability.describe_reliability(),
    axes=reliability.describe_axes(),
    montants=thresholds.MIN_SAMPLE,
    moitie=format_percent(thresholds.MAJORITY_SHARE),
    parts=thresholds.SHARE_FROM,
    plafond=format_number(distances.MAX_DISTANCE, 2),
    stabilite=escape_markdown(stability.describe_stability()),
    officielles=join_words(
        (
            f"« {code_label('types_source', code).lower()} »"
            for code in family_codes("types_source", OFFICIAL_SOURCES)
        ),
        "ou",
    ),
    dates_territoires=territories.TERRITORY_DATES,
    citation=escape_markdown(table_writers.citation_sentence()),
)

st.title("Méthode", anchor=False)
sections = [part.split("\n", 1) for part in text.removeprefix("## ").split("\n## ")]
anchors = [re.sub(r"[^a-z0-9]+", "-", fold(title)).strip("-") for title, _ in sections]
with st.container(border=True):
    st.markdown(
        "**Sommaire** : "
        + " · ".join(
            f"[{title}](#{anchor})" for (title, _), anchor in zip(sections, anchors, strict=True)
        )
    )
for (title, body), anchor in zip(sections, anchors, strict=True):
    st.header(title, anchor=anchor)
    st.markdown(body)
