"""Render the directory of organisations, and the profile of one."""

from types import SimpleNamespace
from urllib.parse import urlsplit

import pandas as pd
import streamlit as st

from comparisons.analysis import map_layers
from comparisons.analysis.shared_services.links import INHERITANCE_SQL, LINK_PATHS
from comparisons.analysis.shared_services.organisation import (
    Organisation,
    load_organisation,
    service_area,
)
from comparisons.analysis.shared_services.organisations import (
    OrganisationFilters,
    list_organisations,
)
from comparisons.analysis.shared_services.service_area import service_area_layer
from comparisons.analysis.shared_services.wording import (
    format_certainty_counts,
    format_short_counts,
)
from comparisons.charts import maps
from comparisons.formatting import (
    MISSING,
    capitalize_first,
    curly_apostrophes,
    escape_markdown,
    first_few,
    is_missing,
    markdown_link,
    pluralize,
)
from comparisons.page_parameters import SharedServicesParameters
from comparisons.queries.sources import source_link
from comparisons.rows import iterate_rows
from comparisons.schema.model import code_label
from comparisons.ui.figures import image_bar, image_buttons, show_map
from comparisons.ui.shared_services.selectors import (
    choose_code,
    choose_level,
    choose_service,
    choose_zone,
)
from comparisons.ui.state import is_dark, update_parameters, viewport, widget_key
from comparisons.ui.tables import (
    LIST_ROWS,
    TextColumns,
    choose_page,
    download_buttons,
    source_line,
    text_table,
)

_REGISTER = "https://annuaire-entreprises.data.gouv.fr/entreprise/"


def organisation_link(row: object) -> str:
    """Write the link to the page of an organisation (a row with `nom` and `partenaire_id`)."""
    name = escape_markdown(curly_apostrophes(row.nom))
    return f"[{name}](/mutualisation?organisme={row.partenaire_id})"


def has_contact(row: object) -> bool:
    """Return whether a website or a page in the public register is known of an organisation."""
    return not (is_missing(row.url) and is_missing(row.siren))


def contact_link(row: object) -> str:
    """Write the link to the website of an organisation, else to its page in the public register."""
    if not is_missing(row.url):
        return markdown_link(urlsplit(row.url).netloc.removeprefix("www."), row.url)
    if not is_missing(row.siren):
        return markdown_link("annuaire des entreprises", f"{_REGISTER}{row.siren}")
    return f":gray[{MISSING}]"


def show_directory(page: str, view: SharedServicesParameters) -> None:
    """Render the directory, or the profile of the selected organisation."""
    organisations = list_organisations(OrganisationFilters())
    if view.organisme and view.organisme not in set(organisations["partenaire_id"]):
        st.warning(f"« {escape_markdown(view.organisme)} » n’est pas un organisme connu.")
        view = update_parameters(page, view, organisme="")
    if view.organisme:
        _show_organisation(page, view)
    else:
        _show_list(page, view)


def _show_list(page: str, view: SharedServicesParameters) -> None:
    text_column, service_column, form_column, zone_column = st.columns(
        4, vertical_alignment="bottom"
    )
    with text_column:
        text = st.text_input(
            "Nom, sigle, service, solution",
            key=widget_key(page, view, "texte", ""),
            placeholder="mégalis, archivage…",
        )
        view = update_parameters(page, view, texte=text)
    with service_column:
        view = choose_service(page, view, every="Tous les services")
    with form_column:
        view = choose_code(page, view, "forme", "formes", "Forme", every="Toutes les formes")
    with zone_column:
        view = choose_zone(page, view)
    organisations = list_organisations(
        OrganisationFilters(view.service, view.forme, view.zone, view.texte)
    )
    st.markdown(f"**{pluralize(len(organisations), 'organisme')}**")
    if organisations.empty:
        st.markdown("Aucun ne répond à ces filtres : retirez-en un, ou cherchez un autre mot.")
        return
    orders = {
        "Pertinence" if view.texte else "Nom": (),
        "Territoires, du plus au moins": ("-nb_cites", "-nb_deduits"),
        "Siège": ("siege_nom",),
        "Année de création": ("annee_creation",),
    }
    text_table(_list_table(choose_page(organisations, LIST_ROWS, orders)), ("Organisme", "Contact"))
    download_buttons(
        "organismes", {"organismes": organisations}, "Organismes de mutualisation", view
    )
    source_line()


def _list_table(rows: pd.DataFrame) -> TextColumns:
    return {
        "Organisme": [
            organisation_link(row)
            + ("" if is_missing(row.sigle) else f" ({escape_markdown(row.sigle)})")
            for row in iterate_rows(rows)
        ],
        "Forme": [code_label("formes", code) for code in rows["forme"]],
        "Siège": [curly_apostrophes(name) for name in rows["siege_nom"]],
        "Services": [
            first_few([code_label("services", code) for code in codes], 4)
            for codes in rows["services"]
        ],
        "Territoires": [format_short_counts(r.nb_cites, r.nb_deduits) for r in iterate_rows(rows)],
        "Contact": [contact_link(row) for row in iterate_rows(rows)],
    }


def _show_organisation(page: str, view: SharedServicesParameters) -> None:
    organisation: Organisation = load_organisation(view.organisme)
    st.header(escape_markdown(organisation.identite["nom"]), anchor="organisme", divider="gray")
    st.button(
        "Tous les organismes",
        icon=":material/arrow_back:",
        on_click=lambda: update_parameters(page, view, organisme=""),
        key=f"{page}:retour",
        type="tertiary",
    )
    link_counts = format_certainty_counts(
        organisation.identite["nb_cites"], organisation.identite["nb_deduits"]
    )
    st.markdown(f"**{capitalize_first(link_counts)}**")
    facts_column, area_column = st.columns([1, 1.2])
    with facts_column:
        text_table(_facts_table(organisation.faits), ("Source",))
        identity = SimpleNamespace(**organisation.identite)
        if has_contact(identity):
            st.markdown(f"Pour le contacter : {contact_link(identity)}")
    with area_column:
        view = choose_level(page, view)
        layer = service_area_layer(view.organisme, view.niveau)
        figure = maps.choropleth(
            layer, window="narrow" if viewport() == "narrow" else "medium", dark=is_dark()
        )
        show_map(figure, f"{page}-aire", maps.alt_text(layer), layer.title)
        with image_bar(f"{page}-aire"):
            image_buttons(f"{page}-aire", "aire", view)
        st.caption(map_layers.describe_coverage(layer))
    st.subheader("Services et solutions", anchor="services")
    text_table(_services_table(organisation.services))
    st.subheader("Membres et bénéficiaires connus", anchor="membres")
    text_table(_members_table(organisation.membres), ("Source",))
    st.caption(INHERITANCE_SQL)
    served_territories = service_area(view.organisme, view.niveau)
    _show_area_table(served_territories)
    sheets = {
        "aire": served_territories,
        "membres": organisation.membres,
        "services": organisation.services,
        "faits": organisation.faits,
    }
    download_buttons(f"organisme-{view.organisme}", sheets, organisation.identite["nom"], view)
    source_line()


def _facts_table(rows: pd.DataFrame) -> TextColumns:
    return {
        "Fait": rows["fait"],
        "Valeur": [
            row.valeur if is_missing(row.annee) else f"{row.valeur} ({int(row.annee)})"
            for row in iterate_rows(rows)
        ],
        "Source": [
            "" if is_missing(row.source_url) else source_link("source", row.source_url)
            for row in iterate_rows(rows)
        ],
    }


def _show_area_table(served_territories: pd.DataFrame) -> None:
    with st.expander(
        f"Voir l’aire en tableau ({len(served_territories)})", icon=":material/table:"
    ):
        table = pd.DataFrame(
            {
                "Territoire": served_territories["libelle"],
                "Lien": [LINK_PATHS[code] for code in served_territories["lien"]],
                "Explication": served_territories["explication"],
            }
        )
        text_table(choose_page(table, LIST_ROWS))


def _services_table(rows: pd.DataFrame) -> TextColumns:
    return {
        "Service": [code_label("services", code) for code in rows["service"]],
        "Solutions": [
            ", ".join(map(curly_apostrophes, names)) or "–" for names in rows["solutions"]
        ],
        "Territoires": [format_short_counts(r.nb_cites, r.nb_deduits) for r in iterate_rows(rows)],
        "Depuis": ["non renseigné" if is_missing(y) else str(int(y)) for y in rows["depuis"]],
        "Certitude": [code_label("certitudes", code) for code in rows["certitude"]],
    }


def _members_table(rows: pd.DataFrame) -> TextColumns:
    return {
        "Territoire": [curly_apostrophes(name) for name in rows["libelle"]],
        "Rôle": [code_label("roles", code) for code in rows["role"]],
        "Services": [
            ", ".join(code_label("services", code) for code in codes) for codes in rows["services"]
        ],
        "Depuis": ["non renseigné" if is_missing(y) else str(int(y)) for y in rows["depuis"]],
        "Certitude": [code_label("certitudes", code) for code in rows["certitude"]],
        "Source": [source_link(r.source_titre, r.source_url) for r in iterate_rows(rows)],
    }
