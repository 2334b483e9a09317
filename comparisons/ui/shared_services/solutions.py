"""Render the solutions cited by sources, and public and private shares."""

import pandas as pd
import streamlit as st

from comparisons.analysis.shared_services import public_private, solutions
from comparisons.analysis.shared_services.organisations import (
    OrganisationFilters,
    list_organisations,
)
from comparisons.analysis.shared_services.wording import format_short_counts
from comparisons.formatting import (
    MISSING,
    curly_apostrophes,
    escape_markdown,
    format_euros,
    format_number,
    format_percent,
    pluralize,
)
from comparisons.page_parameters import SharedServicesParameters
from comparisons.queries.sources import source_link
from comparisons.rows import iterate_rows
from comparisons.schema.model import code_label
from comparisons.ui.glossary import glossary_help
from comparisons.ui.shared_services.selectors import choose_code, choose_service
from comparisons.ui.state import update_parameters
from comparisons.ui.tables import (
    LIST_ROWS,
    TextColumns,
    choose_page,
    download_buttons,
    source_line,
    table_or_message,
    text_table,
)


def show_solutions(page: str, view: SharedServicesParameters) -> None:
    """Render the names of solutions, their providers and their users."""
    service_column, licence_column = st.columns(2, vertical_alignment="bottom")
    with service_column:
        view = choose_service(page, view, every="Tous les services")
    with licence_column:
        view = choose_code(
            page, view, "licence", "licences_solution", "Licence", every="Toutes les licences"
        )
    solution_rows = solutions.list_solutions(view.service, view.licence)
    st.markdown(f"**{solutions.describe_names(solution_rows)}**")
    orders = {"Nom": (), "Territoires, du plus au moins": ("-nb_cites", "-nb_deduits")}
    table_or_message(
        _solutions_table(choose_page(solution_rows, LIST_ROWS, orders)),
        "Aucun nom ne répond à ces filtres.",
    )
    _show_users(page, list(solution_rows["solution"]))
    st.caption(
        "Produit, service ou protocole : les sources ne le disent pas toujours, ces noms ne sont "
        "donc pas un catalogue de produits. Les projets et les expérimentations n’y sont pas. "
        "Les noms sont ceux des sources, rapprochés seulement quand ils ne diffèrent que par les "
        "majuscules ou les accents. La licence n’est donnée que si une source la dit."
    )
    download_buttons("solutions", {"solutions": solution_rows}, "Noms de solutions cités", view)
    source_line()


def _show_users(page: str, names: list[str]) -> None:
    """Render the territories linked by one solution, with organisation and source."""
    chosen = st.selectbox(
        "Qui est lié par cette solution",
        names,
        index=None,
        format_func=curly_apostrophes,
        key=f"{page}:solution",
        placeholder="Choisissez une solution",
    )
    if not chosen:
        return
    rows = solutions.load_solution(chosen).liens
    text_table(
        {
            "Territoire": [curly_apostrophes(name) for name in rows["libelle"]],
            "Organisme": [curly_apostrophes(name) for name in rows["organisme"]],
            "Service": [code_label("services", code) for code in rows["service"]],
            "Rôle": [code_label("roles", code) for code in rows["role"]],
            "Certitude": [code_label("certitudes", code) for code in rows["certitude"]],
            "Source": [source_link(r.source_titre, r.source_url) for r in iterate_rows(rows)],
        },
        ("Source",),
    )


def _solutions_table(rows: pd.DataFrame) -> TextColumns:
    return {
        "Nom cité": [curly_apostrophes(name) for name in rows["solution"]],
        "Services": [
            ", ".join(code_label("services", code) for code in codes) for codes in rows["services"]
        ],
        "Licence": [
            ", ".join(code_label("licences_solution", code) for code in codes) or MISSING
            for codes in rows["licences"]
        ],
        "Proposée par": [", ".join(map(curly_apostrophes, names)) for names in rows["organismes"]],
        "Territoires": [format_short_counts(r.nb_cites, r.nb_deduits) for r in iterate_rows(rows)],
    }


def show_public_private(page: str, view: SharedServicesParameters) -> None:
    """Render the shares of public bodies, associations and companies in links and funding."""
    help_text = glossary_help("Organisme", "SPL", "DSP")
    st.header("Les organismes", anchor="organismes", divider="gray", help=help_text)
    sector_counts = public_private.organisations_by_sector(
        list_organisations(OrganisationFilters())
    )
    st.markdown(escape_markdown(public_private.describe_organisations(sector_counts)))
    text_table(
        {
            "Nature": sector_counts["nature_nom"],
            "Organismes": [format_number(count) for count in sector_counts["nb_organismes"]],
            "Part": [format_percent(share) for share in sector_counts["part"]],
        }
    )
    sector_amounts = _show_funders(page)
    with st.expander("Ce qui est public, association, entreprise"):
        for vocabulary in ("formes", "financeurs"):
            table = public_private.sector_table(vocabulary)
            text_table(
                {
                    "Code": table["libelle"],
                    "Nature": [public_private.SECTORS[code] for code in table["nature"]],
                    "Pourquoi": table["explication"],
                }
            )
    download_buttons(
        "public-prive",
        {"organismes": sector_counts, "financeurs": sector_amounts},
        "Public et privé",
        update_parameters(page, view),
    )
    source_line()


def _show_funders(page: str) -> pd.DataFrame:
    """Render the funders of a group of amounts by sector, and return their amounts."""
    help_text = glossary_help("Périmètre d’un montant", "Étape d’un montant")
    st.header("Les financeurs", anchor="financeurs", divider="gray", help=help_text)
    amount_groups = public_private.perimeters_with_amounts()
    options = {
        position: f"{code_label('perimetres', row.perimetre)}, "
        f"{code_label('etapes', row.etape).lower()}"
        f"{', par an' if row.annuel else ''} ({pluralize(row.nb_strategies, 'stratégie')})"
        for position, row in enumerate(iterate_rows(amount_groups))
    }
    chosen = amount_groups.iloc[
        st.selectbox("Quels montants", tuple(options), format_func=options.get,
                     key=f"{page}:montants")
    ]  # fmt: skip
    sector_amounts = public_private.funding_by_sector(
        chosen["perimetre"], chosen["etape"], "", bool(chosen["annuel"])
    )
    st.markdown(escape_markdown(public_private.describe_funding(sector_amounts)))
    table_or_message(
        {
            "Nature": sector_amounts["nature_nom"],
            "Montant": [format_euros(amount) for amount in sector_amounts["montant"]],
            "Part de ce qui est connu": [format_percent(share) for share in sector_amounts["part"]],
            "Stratégies": [format_number(count) for count in sector_amounts["nb_strategies"]],
        },
        "Aucun montant connu.",
    )
    st.caption(public_private.FUNDERS_NOTE)
    return sector_amounts
