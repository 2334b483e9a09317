"""Page Contribuer: describe a strategy online or in a file, preview it, send it."""

import streamlit as st

from comparisons.ui.contribution.checking import show_report, upload
from comparisons.ui.contribution.document import show_document
from comparisons.ui.contribution.form import show_form
from comparisons.ui.contribution.preview import show_preview
from comparisons.ui.contribution.publishing import show_publishing
from comparisons.ui.contribution.templates import show_templates

PAGE = "contribuer"

st.title("Contribuer", anchor=False)
st.markdown(
    "Décrivez la stratégie de votre territoire dans le format commun : elle devient comparable à "
    "toutes les autres. Ce que vous écrivez et vos fichiers sont lus dans cette session "
    "seulement ; rien n’est gardé sur le serveur."
)
st.header("1. Remplir", anchor="remplir", divider="gray")
online, with_file, from_document = st.tabs(
    [
        ":material/edit: En ligne",
        ":material/upload_file: Avec un tableur",
        ":material/description: Partir d’un document",
    ]
)
with with_file:
    show_templates(PAGE)
    sent = upload(PAGE)
    if sent:
        show_report(PAGE, sent)
with from_document:
    if sent:
        st.info("Vous avez déposé un tableur : retirez-le pour partir d’un document.")
    else:
        sent = show_document(PAGE)
with online:
    if sent:
        st.info("Vous avez déposé un fichier : retirez-le pour remplir le formulaire.")
    else:
        sent = show_form(PAGE)
if sent and sent.report.is_valid:
    st.header("2. Voir, avant d’envoyer", anchor="apercu", divider="gray")
    show_preview(PAGE, sent)
    st.header("3. Envoyer", anchor="envoyer", divider="gray")
    show_publishing(PAGE, sent)
