"""Page Contribuer: fill in a template, check a file, preview it, publish it."""

import streamlit as st

from comparisons.ui.contribution.checking import show_report, upload
from comparisons.ui.contribution.preview import show_preview
from comparisons.ui.contribution.publishing import show_publishing
from comparisons.ui.contribution.templates import show_templates

PAGE = "contribuer"

st.title("Contribuer", anchor=False)
st.markdown(
    "Décrivez la stratégie de votre territoire dans le format commun : elle devient comparable à "
    "toutes les autres. Votre fichier est lu dans cette session seulement ; rien n’est gardé sur "
    "le serveur."
)
st.header("1. Remplir", anchor="remplir", divider="gray")
show_templates(PAGE)
st.header("2. Vérifier", anchor="verifier", divider="gray")
sent = upload(PAGE)
if sent:
    show_report(PAGE, sent)
    if sent.report.is_valid:
        st.header("3. Voir, avant de publier", anchor="apercu", divider="gray")
        show_preview(PAGE, sent)
        st.header("4. Publier", anchor="publier", divider="gray")
        show_publishing(PAGE, sent)
