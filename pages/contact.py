"""Page Contact: say that something is wrong, write to the owner of the site, legal notice."""

import streamlit as st

from comparisons.page_parameters import ContactParameters
from comparisons.ui.contact_page import show_contact, show_legal_notice, show_report_form
from comparisons.ui.state import load_parameters

PAGE = "contact"

st.title("Contact et mentions légales", anchor=False)
view = load_parameters(PAGE, ContactParameters)
st.header("Signaler une erreur", anchor="signaler", divider="gray")
show_report_form(view)
st.header("Écrire au responsable du site", anchor="ecrire", divider="gray")
show_contact()
st.header("Mentions légales", anchor="mentions-legales", divider="gray")
show_legal_notice()
