"""Méthode: what is compared and how, limits, accessibility, licences, how to cite."""

from pathlib import Path

import streamlit as st

from comparisons import exports, fulltext, peers, territories, verdicts
from comparisons.pooling.links import INHERITANCE
from comparisons.pooling.matching_words import ORDER_RULE
from comparisons.representativeness import reliability
from comparisons.text import markdown_escaped, number, percent
from comparisons.themes import closest, frequency

TEXT = Path(__file__).with_suffix(".md").read_text(encoding="utf-8")

st.title("Méthode", anchor=False)
st.markdown(
    TEXT.format(
        jumeaux="\n".join(f"- {markdown_escaped(text)}" for text in territories.twins()),
        population_annee=territories.population_years(),
        variables="\n".join(
            f"- **{variable.titre}.** {markdown_escaped(variable.explication)}"
            for variable in peers.VARIABLES
        ),
        heritage=INHERITANCE,
        ordre=ORDER_RULE,
        recherche=fulltext.ORDER_RULE,
        frequence=frequency.NOTE,
        proches=closest.METHOD,
        relecture=reliability.sentence(),
        axes=reliability.axes_sentence(),
        montants=verdicts.MIN_SAMPLE,
        moitie=percent(verdicts.HALF),
        parts=verdicts.SHARE_FROM,
        plafond=number(peers.CEILING, 2),
        stabilite=markdown_escaped(peers.stability_sentence()),
        citation=markdown_escaped(exports.citation()),
    )
)
