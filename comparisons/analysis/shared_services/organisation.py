"""Data of one organisation: identity, services, members, area, with sources."""

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from comparisons.analysis.shared_services.links import DIRECT, LINKS_SQL, describe_link_path
from comparisons.analysis.shared_services.organisations import list_organisations
from comparisons.analysis.shared_services.wording import count_by_certainty, sort_codes, unambiguous
from comparisons.database.cache import cached
from comparisons.database.connection import query
from comparisons.formatting import (
    MISSING,
    capitalize_first,
    format_euros,
    format_number,
    is_missing,
)
from comparisons.queries.partners import IN_USE, area_shares, format_area_share
from comparisons.queries.territories import territory_label
from comparisons.rows import iterate_rows
from comparisons.schema.model import code_label
from comparisons.schema.registry import table_columns


@dataclass(frozen=True)
class Organisation:
    """Known data of one organisation.

    `identite` is its row of `list_organisations`; `faits`, `membres`, `services` are tables (see
    `_organisation_facts`, `_organisation_members`, `_services_offered`).
    """

    identite: dict
    faits: pd.DataFrame
    membres: pd.DataFrame
    services: pd.DataFrame


@cached
def load_organisation(partenaire_id: str) -> Organisation:
    """Return all that is known of one organisation; `KeyError` if there is none of that name."""
    rows = list_organisations()
    rows = rows[rows["partenaire_id"] == partenaire_id]
    if rows.empty:
        raise KeyError(partenaire_id)
    row = rows.iloc[0].to_dict()
    links = _load_links(partenaire_id)
    return Organisation(
        row, _organisation_facts(row), _organisation_members(links), _services_offered(links)
    )


def _organisation_facts(row: dict) -> pd.DataFrame:
    """Return the facts of a row of `list_organisations`, as texts: columns of `organisme_faits`."""
    seat = row["siege_nom"] if is_missing(row["siege_departement"]) else (
        f"{row['siege_nom']} ({row['siege_departement']})")  # fmt: skip
    year = row["annee_creation"]
    labelled_values = [
        ("Nom", row["nom"], None),
        ("Sigle", row["sigle"], None),
        ("Forme juridique", code_label("formes", row["forme"]), None),
        ("Siren", row["siren"], None),
        ("Siège (département)", seat, None),
        ("Année de création", None if is_missing(year) else str(int(year)), None),
        (
            "Adhérents",
            _format_if_known(row["nb_adherents"], format_number),
            row["annee_nb_adherents"],
        ),
        (
            "Effectif (agents)",
            _format_if_known(row["effectif"], lambda number: format_number(number, 1)),
            None,
        ),
        (
            "Budget annuel",
            _format_if_known(row["budget_annuel"], format_euros),
            row["annee_budget"],
        ),
        ("Site internet", row["url"], None),
    ]
    rows = [
        (fact, MISSING, pd.NA, None, None)
        if is_missing(value)
        else (
            fact,
            value,
            pd.NA if is_missing(value_year) else int(value_year),
            row["source_titre"],
            row["source_url"],
        )
        for fact, value, value_year in labelled_values
    ]
    table = pd.DataFrame(
        rows, columns=["fait", "valeur", "annee", "source_titre", "source_url"], dtype=object
    )
    return table.astype({"annee": "Int64"})


def _format_if_known(value: object, format_value: Callable[[object], str]) -> str | None:
    return None if is_missing(value) else format_value(value)


def _load_links(partenaire_id: str) -> pd.DataFrame:
    """Return links of an organisation that are in use, as its sources say them, no twin added."""
    rows = query(
        f"""
        SELECT cle(m.territoire_niveau, m.territoire_code) AS cle, m.*, t.nom,
               t.departement_code, t.population, source_titre, source_editeur, source_url
        FROM mutualisations m
        JOIN territoires t USING (territoire_niveau, territoire_code)
        JOIN sources_citees() r ON r.source_id = m.source_id
        JOIN vocabulaires v ON v.vocabulaire = 'services' AND v.code = m.service
        JOIN vocabulaires w ON w.vocabulaire = 'roles' AND w.code = m.role
        WHERE m.partenaire_id = ? AND {IN_USE}
        ORDER BY w.ordre, list_position(['region', 'departement', 'epci', 'commune'],
                 m.territoire_niveau), strip_accents(t.nom), m.territoire_code, v.ordre
        """,
        [partenaire_id],
    )
    rows["libelle"] = [territory_label(row) for row in iterate_rows(rows)]
    return rows


def _organisation_members(links: pd.DataFrame) -> pd.DataFrame:
    """Return members and beneficiaries of an organisation: a row per territory × role.

    Returns the columns of `organisme_membres`; the source is that of the first service told, the
    explicit ones before the others.
    """
    rows = []
    for (key, role), member_links in links.groupby(["cle", "role"], sort=False):
        first_link = member_links.sort_values(
            "certitude", key=lambda certainties: certainties != "explicite", kind="stable"
        ).iloc[0]
        rows.append({
            "cle": key,
            "libelle": first_link["libelle"],
            "territoire_niveau": first_link["territoire_niveau"],
            "role": role,
            "services": sort_codes("services", member_links["service"]),
            "solutions": sorted(member_links["solution"].dropna().unique()),
            "depuis": member_links["annee_debut"].min(),
            "certitude": unambiguous(member_links["certitude"]),
            "source_id": first_link["source_id"],
            "source_titre": first_link["source_titre"],
            "source_url": first_link["source_url"],
            "source_ids": sorted(member_links["source_id"].unique()),
        })  # fmt: skip
    columns = table_columns("organisme_membres")
    return pd.DataFrame(rows, columns=columns).astype({"depuis": "Int64"})


def _services_offered(links: pd.DataFrame) -> pd.DataFrame:
    """Return what an organisation offers, by service in order: columns of `organisme_services`."""
    rows = [
        {
            "service": code,
            "solutions": sorted(service_links["solution"].dropna().unique()),
            "licences": sort_codes("licences_solution", service_links["licence"].dropna()),
            "roles": sort_codes("roles", service_links["role"]),
            "nb_cites": count_by_certainty(service_links)[0],
            "nb_deduits": count_by_certainty(service_links)[1],
            "depuis": service_links["annee_debut"].min(),
            "certitude": unambiguous(service_links["certitude"]),
            "source_ids": sorted(service_links["source_id"].unique()),
        }
        for code in sort_codes("services", links["service"])
        for service_links in [links[links["service"] == code]]
    ]
    columns = table_columns("organisme_services")
    return pd.DataFrame(rows, columns=columns).astype({"depuis": "Int64"})


@cached
def service_area(partenaire_id: str, level: str) -> pd.DataFrame:
    """Return territories of a level in the area of an organisation, by their nearest link to it.

    Returns one row per territory, with the columns of `aire_organisme`. Territories without a known
    link have no row. Raises `KeyError` for an unknown organisation.
    """
    names = query(
        "SELECT coalesce(sigle, nom) AS nom FROM partenaires WHERE partenaire_id = ?",
        [partenaire_id],
    )
    if names.empty:
        raise KeyError(partenaire_id)
    rows = query(
        f"""
        WITH {LINKS_SQL},
        siens AS (
            SELECT *, distance = min(distance) OVER (
                PARTITION BY territoire_niveau, territoire_code) AS proche
            FROM liens WHERE partenaire_id = $partner
        )
        SELECT territoire_niveau, territoire_code, any_value(t.nom) AS nom,
               any_value(t.departement_code) AS departement_code,
               min(lien) FILTER (proche) AS lien,
               min(cle(via_niveau, via_code)) FILTER (proche) AS via,
               arg_min(via_nom, cle(via_niveau, via_code)) FILTER (proche) AS via_nom,
               list(DISTINCT role) FILTER (proche) AS roles,
               list(DISTINCT service) FILTER (proche) AS services,
               list(DISTINCT service) AS tous,
               count(DISTINCT service) FILTER (proche AND certitude = 'explicite') AS nb_cites,
               count(DISTINCT service) FILTER (proche) AS nb_services,
               CASE WHEN bool_and(certitude = 'explicite') FILTER (proche) THEN 'explicite'
                    ELSE 'deduit' END AS certitude
        FROM siens JOIN territoires t USING (territoire_niveau, territoire_code)
        GROUP BY territoire_niveau, territoire_code
        ORDER BY strip_accents(any_value(t.nom)), territoire_code
        """,
        {"level": level, "partner": partenaire_id, "heritage": True},
    )
    name = names["nom"].iloc[0]
    rows["cle"] = rows["territoire_niveau"] + "-" + rows["territoire_code"]
    rows["libelle"] = [territory_label(row) for row in iterate_rows(rows)]
    rows["role"] = [sort_codes("roles", codes)[0] for codes in rows["roles"]]
    rows["services_herites"] = [
        sort_codes("services", set(row.tous) - set(row.services)) for row in iterate_rows(rows)
    ]
    rows["services"] = [sort_codes("services", codes) for codes in rows["services"]]
    rows["nb_deduits"] = rows["nb_services"] - rows["nb_cites"]
    rows = rows.merge(area_shares(partenaire_id, level), "left", "territoire_code")
    rows["part_population_aire"] = rows["part"].where(rows["lien"] == DIRECT)
    rows["aire"] = [
        format_area_share(row) if row.lien == DIRECT else "" for row in iterate_rows(rows)
    ]
    rows["explication"] = [
        describe_link_path(row.lien, row.via_nom, name)
        + (f" {capitalize_first(row.aire)}." if row.aire else "")
        for row in iterate_rows(rows)
    ]
    return rows[table_columns("aire_organisme")]
