"""Services × territories: served by whom, as what, since when, with which solution."""

from collections.abc import Sequence

import pandas as pd

from comparisons.analysis.peers.group import OTHER
from comparisons.analysis.shared_services.links import (
    DIRECT,
    NO_KNOWN_ORGANISATION,
    effective_links,
    format_link_path,
)
from comparisons.analysis.shared_services.wording import STATED, doubt, sort_codes, unambiguous
from comparisons.formatting import NBSP, curly_apostrophes, is_missing, join_words
from comparisons.queries.territories import contained_codes, load_territories
from comparisons.schema.model import code_label, vocabulary_codes
from comparisons.schema.territory import parse_key

_COLUMNS = ["service", "cle", "organismes", "partenaire_ids", "nb_cites", "nb_deduits", "roles",
            "depuis", "solutions", "certitude", "lien", "via", "via_nom", "source_ids",
            "detail"]  # fmt: skip


def keys_in_zone(level: str, zone: str) -> list[str]:
    """Return keys of the territories of a level that lie, whole or in part, in a zone."""
    return [f"{level}-{code}" for code in contained_codes(level, zone)]


def service_matrix(keys: Sequence[str], inherited: bool = True) -> pd.DataFrame:
    """Return the known cells of services × territories, in the order of services then of keys.

    A cell has one row per way a link comes: the territory's own (`direct`), and one per wider
    territory through which it is inherited. A service and a territory without a row have no known
    organisation, which is not « no service ». Raises `ValueError` (in French) for a key that is
    not `niveau-code`; unknown territories give no row.

    Returns `service`, `cle`, `organismes` (short names), `partenaire_ids`, how many of them a
    source states (`nb_cites`) or are only deduced (`nb_deduits`), `roles`, `depuis` (first year
    known), `solutions`, `certitude` (`explicite` when all links are; of the link as it is said, of
    `via`), `lien` (a code of `links.LINK_PATHS`), `via` (key of the territory of which the link is
    said), `via_nom`, `source_ids`, `detail` (in words: each organisation, with role, year,
    solutions).
    """
    wanted = list(dict.fromkeys(parse_key(key).key for key in keys))
    links = effective_links(keys=wanted, inherited=inherited)
    cells: dict[tuple, list[dict]] = {}
    for link in links.to_dict("records"):
        through = "" if link["lien"] == DIRECT else link["via"]  # a twin's link is one's own
        cells.setdefault((link["service"], link["cle"], through), []).append(link)
    services = {code: place for place, code in enumerate(vocabulary_codes("services"))}
    places = {key: place for place, key in enumerate(wanted)}
    order = sorted(cells, key=lambda cell: (services[cell[0]], places[cell[1]]))
    rows = pd.DataFrame([_cell(cells[cell]) for cell in order], columns=_COLUMNS)
    return rows.astype({"depuis": "Int64"})


def _cell(links: list[dict]) -> dict:
    """Sum up the links of one territory for one service that come one way."""
    bodies: dict[str, list[dict]] = {}
    for link in links:
        bodies.setdefault(link["partenaire_id"], []).append(link)
    return {
        "service": links[0]["service"],
        "cle": links[0]["cle"],
        "organismes": [curly_apostrophes(told[0]["organisme"]) for told in bodies.values()],
        "partenaire_ids": list(bodies),
        "nb_cites": sum(map(_stated, bodies.values())),
        "nb_deduits": sum(not _stated(told) for told in bodies.values()),
        "roles": sort_codes("roles", [link["role"] for link in links]),
        "depuis": _since(links),
        "solutions": _solutions(links),
        "certitude": unambiguous(link["certitude"] for link in links),
        "lien": links[0]["lien"],
        "via": links[0]["via"],
        "via_nom": links[0]["via_nom"],
        "source_ids": sorted({link["source_id"] for link in links}),
        "detail": " ; ".join(format_organisation(told) for told in bodies.values()),
    }


def _stated(links: Sequence[dict]) -> bool:
    """Return whether a source states one link at least with an organisation."""
    return any(link["certitude"] == STATED for link in links)


def _since(links: Sequence[dict]) -> int | None:
    return min((int(y["annee_debut"]) for y in links if not is_missing(y["annee_debut"])),
               default=None)  # fmt: skip


def _solutions(links: Sequence[dict]) -> list[str]:
    return sorted({link["solution"] for link in links if not is_missing(link["solution"])})


def format_organisation(links: Sequence[dict]) -> str:
    """Describe what links one organisation: `ALPI (fondateur, depuis 1985, Archiland ; déduit)`.

    `links` are rows of `effective_links` of one territory, service and organisation.
    """
    since = _since(links)
    told = [
        *(
            code_label("roles", code).lower()
            for code in sort_codes("roles", [r["role"] for r in links])
        ),
        *([] if since is None else [f"depuis {since}"]),
        *map(curly_apostrophes, _solutions(links)),
    ]
    unsure = doubt(link["certitude"] for link in links).removeprefix("lien ")
    return (
        f"{curly_apostrophes(links[0]['organisme'])} "
        f"({', '.join(told)}{f'{NBSP}; {unsure}' if unsure else ''})"
    )


def matrix_table(cells: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """Arrange the cells of `service_matrix` in words: one row per service known somewhere.

    The index holds codes of services, the columns are the territories' labels in the order of
    keys (unknown ones left out). A cell says each organisation with its role, year and solution,
    after the wider territory through which it is inherited; or « aucun organisme connu ».
    """
    names = load_territories(parse_key(key) for key in dict.fromkeys(keys))
    words: dict[tuple[str, str], list[str]] = {}
    for row in cells.itertuples():
        through = "" if row.lien == DIRECT else f"{format_link_path(row.lien, row.via_nom)} : "
        words.setdefault((row.service, row.cle), []).append(f"{through}{row.detail}")
    services = sort_codes("services", cells["service"])
    columns = {
        name.libelle: [
            " · ".join(words.get((code, name.cle), [NO_KNOWN_ORGANISATION])) for code in services
        ]
        for name in names.itertuples()
    }
    return pd.DataFrame(columns, index=pd.Index(services, name="service"))


def matrix_sentence(cells: pd.DataFrame, keys: Sequence[str]) -> str:
    """Describe for which services a source states an organisation of every one of the territories.

    Only links stated of the territories themselves count; « Autre » is no one service. Empty when
    there is none, or a single territory.
    """
    names = load_territories(parse_key(key) for key in dict.fromkeys(keys))
    if len(names) < 2 or cells.empty:
        return ""
    stated = cells[(cells["lien"] == DIRECT) & (cells["nb_cites"] > 0)]
    known = stated.groupby("service")["cle"].nunique()
    common = [
        code
        for code in sort_codes("services", known.index)
        if code != OTHER and known[code] == len(names)
    ]
    if not common:
        return ""
    told = join_words(code_label("services", code).lower() for code in common)
    return f"Une source cite un organisme pour chacun des territoires : {told}."
