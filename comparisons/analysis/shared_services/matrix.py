"""Matrix of services × territories: organisation, role, first year, solution."""

from collections.abc import Sequence

import pandas as pd

from comparisons.analysis.peers.group import OTHER
from comparisons.analysis.shared_services.links import (
    DIRECT,
    NO_KNOWN_ORGANISATION,
    effective_links,
    format_link_path,
)
from comparisons.analysis.shared_services.wording import (
    STATED,
    format_doubt,
    sort_codes,
    unambiguous,
)
from comparisons.database.cache import cached
from comparisons.formatting import NBSP, curly_apostrophes, is_missing, join_words
from comparisons.queries.partners import served_in_part
from comparisons.queries.territories import contained_codes, load_territories
from comparisons.rows import iterate_rows
from comparisons.schema.model import code_label, vocabulary_codes
from comparisons.schema.registry import table_columns
from comparisons.schema.territory import parse_key


@cached
def keys_in_zone(level: str, zone: str) -> list[str]:
    """Return keys of the territories of a level in a zone, whole or in part, or the zone itself."""
    if parse_key(zone).niveau == level:
        return [zone]
    return [f"{level}-{code}" for code in contained_codes(level, zone)]


@cached
def service_matrix(keys: Sequence[str], inherited: bool = True) -> pd.DataFrame:
    """Return the known cells of services × territories, in the order of services then of keys.

    A cell has one row per way a link comes: the territory's own (`direct`), and one per wider
    territory through which it is inherited. A service and a territory without a row have no known
    organisation, which is not « no service ». Raises `ValueError` (in French) for a key that is
    not `niveau-code`; unknown territories give no row. Returns the columns of `matrice_services`.
    """
    distinct_keys = list(dict.fromkeys(parse_key(key).key for key in keys))
    links = effective_links(keys=distinct_keys, inherited=inherited)
    cells: dict[tuple, list[dict]] = {}
    for link in links.to_dict("records"):
        enclosing_key = "" if link["lien"] == DIRECT else link["via"]
        cells.setdefault((link["service"], link["cle"], enclosing_key), []).append(link)
    service_order = {code: index for index, code in enumerate(vocabulary_codes("services"))}
    key_order = {key: index for index, key in enumerate(distinct_keys)}
    order = sorted(cells, key=lambda cell: (service_order[cell[0]], key_order[cell[1]]))
    rows = pd.DataFrame(
        [_summarise_cell(cells[cell]) for cell in order], columns=table_columns("matrice_services")
    )
    return rows.astype({"depuis": "Int64"})


def _summarise_cell(links: list[dict]) -> dict:
    """Return the row of the matrix for the links of one territory, service and path."""
    links_by_organisation: dict[str, list[dict]] = {}
    for link in links:
        links_by_organisation.setdefault(link["partenaire_id"], []).append(link)
    return {
        "service": links[0]["service"],
        "cle": links[0]["cle"],
        "organismes": [
            curly_apostrophes(organisation_links[0]["organisme"])
            for organisation_links in links_by_organisation.values()
        ],
        "partenaire_ids": list(links_by_organisation),
        "nb_cites": sum(map(_is_stated, links_by_organisation.values())),
        "nb_deduits": sum(
            not _is_stated(organisation_links)
            for organisation_links in links_by_organisation.values()
        ),
        "roles": sort_codes("roles", [link["role"] for link in links]),
        "depuis": _first_year(links),
        "solutions": _solution_names(links),
        "certitude": unambiguous(link["certitude"] for link in links),
        "lien": links[0]["lien"],
        "via": links[0]["via"],
        "via_nom": links[0]["via_nom"],
        "source_ids": sorted({link["source_id"] for link in links}),
        "detail": " ; ".join(
            _format_organisation(organisation_links)
            for organisation_links in links_by_organisation.values()
        ),
    }


def _is_stated(links: Sequence[dict]) -> bool:
    """Return whether a source states one link at least with an organisation."""
    return any(link["certitude"] == STATED for link in links)


def _first_year(links: Sequence[dict]) -> int | None:
    return min((int(link["annee_debut"]) for link in links if not is_missing(link["annee_debut"])),
               default=None)  # fmt: skip


def _solution_names(links: Sequence[dict]) -> list[str]:
    return sorted({link["solution"] for link in links if not is_missing(link["solution"])})


def _format_organisation(links: Sequence[dict]) -> str:
    """Describe what links one organisation: `ALPI (fondateur, depuis 1985, Archiland ; déduit)`.

    `links` are rows of `effective_links` of one territory, service and organisation.
    """
    first_year = _first_year(links)
    details = [
        *(
            code_label("roles", code).lower()
            for code in sort_codes("roles", [r["role"] for r in links])
        ),
        *([] if first_year is None else [f"depuis {first_year}"]),
        *map(curly_apostrophes, _solution_names(links)),
    ]
    doubt_text = format_doubt(link["certitude"] for link in links).removeprefix("lien ")
    return (
        f"{curly_apostrophes(links[0]['organisme'])} "
        f"({', '.join(details)}{f'{NBSP}; {doubt_text}' if doubt_text else ''})"
    )


def matrix_table(cells: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """Return the cells of `service_matrix` as texts: one row per service known somewhere.

    The index holds codes of services, the columns are the territories' labels in the order of
    keys (unknown ones left out). A cell says each organisation with its role, year and solution,
    after the wider territory through which it is inherited, and before the part of the territory
    in which they act when it is known; or « aucun organisme connu ».
    """
    territories = load_territories(keys)
    in_part = served_in_part(keys)
    texts_by_cell: dict[tuple[str, str], list[str]] = {}
    for row in iterate_rows(cells):
        path_prefix = "" if row.lien == DIRECT else f"{format_link_path(row.lien, row.via_nom)} : "
        part = in_part.get((row.service, row.cle), "") if row.lien == DIRECT else ""
        part_suffix = f" – {part}" if part else ""
        texts_by_cell.setdefault((row.service, row.cle), []).append(
            f"{path_prefix}{row.detail}{part_suffix}"
        )
    services = sort_codes("services", cells["service"])
    columns = {
        territory.libelle: [
            " · ".join(texts_by_cell.get((code, territory.cle), [NO_KNOWN_ORGANISATION]))
            for code in services
        ]
        for territory in iterate_rows(territories)
    }
    return pd.DataFrame(columns, index=pd.Index(services, name="service"))


def describe_matrix(cells: pd.DataFrame, keys: Sequence[str]) -> str:
    """Describe for which services a source states an organisation of every one of the territories.

    Only links stated of the whole of the territories themselves count; « Autre » is no one service.
    Empty when there is none, or a single territory.
    """
    territories = load_territories(keys)
    if len(territories) < 2 or cells.empty:
        return ""
    stated = cells[(cells["lien"] == DIRECT) & (cells["nb_cites"] > 0)]
    in_part = served_in_part(keys)
    stated = stated[[(row.service, row.cle) not in in_part for row in iterate_rows(stated)]]
    territory_counts = stated.groupby("service")["cle"].nunique()
    common = [
        code
        for code in sort_codes("services", territory_counts.index)
        if code != OTHER and territory_counts[code] == len(territories)
    ]
    if not common:
        return ""
    service_names = join_words(code_label("services", code).lower() for code in common)
    return f"Une source cite un organisme pour chacun des territoires : {service_names}."
