"""The standard package to publish, and how to have it in the common dataset."""

from dataclasses import replace
from datetime import date

import streamlit as st

from comparisons.datapackage.writer import read_metadata, to_standard_zip
from comparisons.formatting import escape_markdown
from comparisons.ui.contribution.checking import Upload


def show_publishing(page: str, sent: Upload) -> None:
    """Offer the package, and say what to do with it."""
    said = read_metadata(sent.report.package)
    left, right = st.columns(2)
    with left:
        title = st.text_input("Titre du paquet", value=said.title, key=f"{page}:titre")
    with right:
        contributor = st.text_input(
            "Qui publie (un organisme, pas une personne)",
            value=said.contributor,
            key=f"{page}:contributeur",
        )
    created = said.created or date.today().isoformat()
    about = replace(said, title=title, contributor=contributor, created=created)
    st.download_button(
        "Paquet à publier (zip)",
        data=lambda: to_standard_zip(sent.report, about),
        file_name=f"{escape_markdown(about.name) or 'paquet'}.zip",
        mime="application/zip",
        key=f"{page}:paquet",
        type="primary",
        on_click="ignore",
        icon=":material/folder_zip:",
    )
    st.markdown(
        "Le paquet contient vos tables en CSV, leurs schémas, un mode d’emploi et la licence. Vous "
        "pouvez :\n\n"
        "- **le publier vous-même** sur votre portail ou sur data.gouv.fr, sous Licence "
        "Ouverte 2.0, en disant qu’il suit le schéma « stratégie numérique territoriale » ;\n"
        "- **le proposer au jeu commun** par une demande d’intégration (pull request) : un dossier "
        "de plus dans `data/strategies/`, relu comme du code ;\n"
        "- **le charger dans votre propre installation** : "
        "`python -m comparisons import paquet.zip`, ou un dossier de paquets désigné par "
        "`STRATOSCOPE_PACKAGES`."
    )
