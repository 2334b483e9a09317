"""Render the standard package, and how to send it."""

from dataclasses import replace
from datetime import date
from pathlib import PurePosixPath

import streamlit as st

from comparisons.datapackage.writer import read_metadata, safe_name
from comparisons.settings import site_contact
from comparisons.ui.contribution.checking import Upload
from comparisons.ui.reports import show_write_button
from comparisons.ui.tables import download


def show_publishing(page: str, uploaded: Upload) -> None:
    """Render the metadata of the package, its download, and to whom it is sent."""
    metadata = read_metadata(uploaded.report.package)
    # by default a file has the name of that which was sent, with its extension
    name = safe_name(metadata.name.removesuffix(PurePosixPath(uploaded.file.name).suffix))
    title_column, contributor_column = st.columns(2)
    with title_column:
        title = st.text_input("Titre du fichier", value=metadata.title, key=f"{page}:titre")
    with contributor_column:
        contributor = st.text_input(
            "Qui publie (un organisme, pas une personne)",
            value=metadata.contributor,
            key=f"{page}:contributeur",
        )
    created = metadata.created or date.today().isoformat()
    package_metadata = replace(
        metadata, title=title, name=name, contributor=contributor, created=created
    )
    download(
        "Fichier à envoyer (zip)",
        f"{name}.zip",
        uploaded.file.to_package,
        package_metadata,
        key=f"{page}:paquet",
        type="primary",
        icon=":material/folder_zip:",
    )
    contact = site_contact()
    st.markdown(
        "Téléchargez ce fichier, puis joignez-le à un message."
        if contact
        else "Téléchargez ce fichier, puis remettez-le au responsable de ce site. Il n’a pas "
        "indiqué d’adresse ici : passez par la personne ou le service qui vous l’a fait connaître."
    )
    if contact:
        subject = f"Contribution : {title or name}"
        body = (
            "Bonjour,\n\nVoici la description de notre stratégie numérique (fichier à joindre).\n"
        )
        show_write_button(subject, body)
    st.caption(
        "Le fichier contient vos tables, leurs schémas, un mode d’emploi et la licence. Il est "
        "relu avant d’être publié. Vous pouvez aussi le mettre sur votre portail ou sur "
        "data.gouv.fr, sous Licence Ouverte 2.0, en disant qu’il suit le schéma « stratégie "
        "numérique territoriale »."
    )
