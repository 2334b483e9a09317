"""Méthode: what is compared and how, limits, accessibility, licences, how to cite."""

from pathlib import Path

import streamlit as st

from comparisons.analysis.completeness import reliability
from comparisons.analysis.peers import distances, stability
from comparisons.analysis.shared_services.links import INHERITANCE
from comparisons.analysis.shared_services.matching_reasons import ORDER_RULE
from comparisons.analysis.themes import frequency, similar_strategies
from comparisons.exports import tables
from comparisons.formatting import markdown_escaped, number, percent
from comparisons.queries import territories, thresholds
from comparisons.schema import peer_variables
from comparisons.search import search

TEXT = Path(__file__).with_suffix(".md").read_text(encoding="utf-8")

st.title("Méthode", anchor=False)
st.markdown(
    TEXT.format(
        jumeaux="\n".join(f"- {markdown_escaped(text)}" for text in territories.twins()),
        population_annee=territories.population_years(),
        variables="\n".join(
            f"- **{variable.titre}.** {markdown_escaped(variable.explication)}"
            for variable in peer_variables.VARIABLES
        ),
        heritage=INHERITANCE,
        ordre=ORDER_RULE,
        recherche=search.ORDER_RULE,
        frequence=frequency.NOTE,
        proches=similar_strategies.METHOD,
        relecture=reliability.sentence(),
        axes=reliability.axes_sentence(),
        montants=thresholds.MIN_SAMPLE,
        moitie=percent(thresholds.HALF),
        parts=thresholds.SHARE_FROM,
        plafond=number(distances.CEILING, 2),
        stabilite=markdown_escaped(stability.stability_sentence()),
        citation=markdown_escaped(tables.citation()),
    )
)
