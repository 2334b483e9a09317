"""Parts of the page Contact: the report of an error, the contact, the legal notice."""

import streamlit as st

from comparisons.analysis.fact_report import error_report, find_fact, identify_fact
from comparisons.formatting import curly_apostrophes, escape_markdown
from comparisons.page_parameters import ContactParameters
from comparisons.settings import site_contact, site_host, site_publisher
from comparisons.ui.reports import show_write_button
from comparisons.ui.state import base_url
from comparisons.ui.tables import text_table


def show_report_form(view: ContactParameters) -> None:
    """Render what is recorded of a fact, and the message that says what is wrong with it."""
    fact = find_fact(view.table, view.fait) if view.fait else None
    if fact is not None:
        st.markdown(f"Voici ce que le site retient : **{escape_markdown(fact.label)}**.")
        cells = {title: curly_apostrophes(cell) for title, cell in fact.cells.items()}
        text_table({"Rubrique": cells.keys(), "Valeur": cells.values()})
        about, subject = identify_fact(fact), f"Erreur : {fact.label}"
    elif view.fait:
        st.warning("Ce fait n’est pas, ou plus, dans les données.", icon=":material/info:")
        about, subject = f"Table {view.table}, identifiant {view.fait}", "Erreur"
    else:
        about, subject = f"Page : {base_url()}{view.de}", "Erreur"
    message = error_report(about)
    st.markdown("Complétez ce message : dites ce qui est faux, et où se lit ce qui serait juste.")
    st.code(message, language=None, wrap_lines=True)
    if site_contact():
        show_write_button(subject, message)


def show_contact() -> None:
    """Render the address of the owner of the site, or say that there is none."""
    if site_contact():
        show_write_button("Stratoscope", "")
    else:
        st.markdown(
            "Le responsable de ce site n’a pas indiqué d’adresse : transmettez votre message à la "
            "personne ou au service qui vous a fait connaître ce site."
        )
    st.markdown(
        "Pour proposer ou mettre à jour la stratégie de votre territoire, passez par "
        "[Contribuer](contribuer)."
    )


def show_legal_notice() -> None:
    """Render who publishes and hosts the site, its licences, and what it keeps of its readers."""
    unknown = "non indiqué par qui tient ce site (la notice du logiciel dit comment l’indiquer)"
    publisher, host = site_publisher() or unknown, site_host() or unknown
    st.markdown(
        f"- **Éditeur, responsable de la publication :** {escape_markdown(publisher)}.\n"
        f"- **Hébergeur :** {escape_markdown(host)}.\n"
        "- **Réutilisation :** données sous Licence Ouverte 2.0 ; code du logiciel sous licence "
        "MIT ; territoires et populations : Insee, DGCL ; contours : IGN. "
        "[Licences et citation](methode#licences-et-citation).\n"
        "- **Vos données :** ni compte, ni mesure d’audience, ni publicité, ni service extérieur. "
        "Un seul cookie, technique, protège l’envoi des fichiers. Un fichier déposé dans "
        "Contribuer n’est lu que dans votre session, puis effacé. L’hébergeur peut tenir un "
        "journal technique des visites.\n"
        "- **Accessibilité :** partiellement conforme au RGAA, "
        "[ce qui est vérifié et ce qui manque](methode#accessibilite)."
    )
