"""Contribuer: from one's own file to a standard strategy: fill in, check, see, publish."""

import streamlit as st

from comparisons import ui

PAGE = "contribuer"

st.title("Contribuer", anchor=False)
st.markdown(
    "Décrivez la stratégie de votre territoire dans le format commun : elle devient comparable à "
    "toutes les autres. Votre fichier est lu dans cette session seulement ; rien n’est gardé sur "
    "le serveur."
)
st.header("1. Remplir", anchor="remplir", divider="gray")
ui.contribution.show_templates(PAGE)
st.header("2. Vérifier", anchor="verifier", divider="gray")
sent = ui.contribution.receive(PAGE)
if sent:
    ui.contribution.show_report(PAGE, sent)
    if sent.report.valid:
        st.header("3. Voir, avant de publier", anchor="apercu", divider="gray")
        ui.contribution.show_preview(PAGE, sent)
        st.header("4. Publier", anchor="publier", divider="gray")
        ui.contribution.show_publishing(PAGE, sent)
