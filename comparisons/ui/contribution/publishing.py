"""Render the standard package to publish, and how to contribute it."""

from dataclasses import replace
from datetime import date

import streamlit as st

from comparisons.datapackage.writer import read_metadata
from comparisons.formatting import escape_markdown
from comparisons.ui.contribution.checking import Upload
from comparisons.ui.tables import download


def show_publishing(page: str, uploaded: Upload) -> None:
    """Render the metadata form, the download of the package, and the publication options."""
    metadata = read_metadata(uploaded.report.package)
    title_column, contributor_column = st.columns(2)
    with title_column:
        title = st.text_input("Titre du paquet", value=metadata.title, key=f"{page}:titre")
    with contributor_column:
        contributor = st.text_input(
            "Qui publie (un organisme, pas une personne)",
            value=metadata.contributor,
            key=f"{page}:contributeur",
        )
    created = metadata.created or date.today().isoformat()
    package_metadata = replace(metadata, title=title, contributor=contributor, created=created)
    download(
        "Paquet à publier (zip)",
        f"{escape_markdown(package_metadata.name) or 'paquet'}.zip",
        uploaded.file.to_package,
        package_metadata,
        key=f"{page}:paquet",
        type="primary",
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
