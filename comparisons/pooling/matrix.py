"""Services × territories: served by whom, as what, since when, with which solution."""

from collections.abc import Sequence

import pandas as pd

from comparisons.format import label
from comparisons.pooling.links import DIRECT, NOBODY, effective_links, way_words
from comparisons.pooling.words import in_order, sure
from comparisons.territories import described, inside, parse_key
from comparisons.text import enumeration, is_missing, typographic

_COLUMNS = ["service", "cle", "organismes", "partenaire_ids", "roles", "depuis", "solutions",
            "certitude", "lien", "via", "via_nom", "source_ids", "detail"]  # fmt: skip


def keys_inside(level: str, zone: str) -> list[str]:
    """Keys of the territories of a level that lie, whole or in part, in a zone."""
    return [f"{level}-{code}" for code in inside(level, zone)]


def matrix(keys: Sequence[str], inherited: bool = True) -> pd.DataFrame:
    """Give the known cells of services × territories, in the order of services then of keys.

    A cell has one row per way a link comes: the territory's own (`direct`), and one per wider
    territory through which it is inherited. A service and a territory without a row have no known
    organisation, which is not « no service ». Raises `ValueError` (in French) for a key that is
    not `niveau-code`; unknown territories give no row.

    Returns `service`, `cle`, `organismes` (short names), `partenaire_ids`, `roles`, `depuis`
    (first year known), `solutions`, `certitude` (`explicite` when one link at least is; of the
    link as it is said, of `via`), `lien` (a code of `links.WAYS`), `via` (key of the territory of
    which the link is said), `via_nom`, `source_ids`, `detail` (in words: each organisation, with
    role, year, solutions).
    """
    wanted = list(dict.fromkeys(parse_key(key).key for key in keys))
    links = effective_links(keys=wanted, inherited=inherited)
    if not links.empty:  # a twin's link is one's own
        links["groupe"] = links["via"].where(links["lien"] != DIRECT, "")
    places = {key: place for place, key in enumerate(wanted)}
    rows = [
        _cell(service, key, part)
        for (service, key, _), part in (
            links.groupby(["service", "cle", "groupe"], sort=False) if len(links) else ()
        )
    ]
    order = {code: place for place, code in enumerate(in_order("services", links["service"]))}
    rows.sort(key=lambda row: (order[row["service"]], places[row["cle"]]))
    return pd.DataFrame(rows, columns=_COLUMNS).astype({"depuis": "Int64"})


def _cell(service: str, key: str, part: pd.DataFrame) -> dict:
    """Sum up the links of one territory for one service that come one way."""
    first = part.iloc[0]
    bodies = part.drop_duplicates("partenaire_id")
    return {
        "service": service,
        "cle": key,
        "organismes": list(bodies["organisme"].map(typographic)),
        "partenaire_ids": list(bodies["partenaire_id"]),
        "roles": in_order("roles", part["role"]),
        "depuis": part["annee_debut"].min(),
        "solutions": sorted(part["solution"].dropna().unique()),
        "certitude": sure(part["certitude"]),
        "lien": first["lien"],
        "via": first["via"],
        "via_nom": first["via_nom"],
        "source_ids": sorted(part["source_id"].unique()),
        "detail": "; ".join(
            body_words(links) for _, links in part.groupby("partenaire_id", sort=False)
        ),
    }


def body_words(links: pd.DataFrame) -> str:
    """Say what links one organisation: `ALPI (fondateur, depuis 1985, Archiland ; déduit)`.

    `links` are rows of `effective_links` of one territory, service and organisation.
    """
    roles = [label("roles", code).lower() for code in in_order("roles", links["role"])]
    since = links["annee_debut"].min()
    told = [
        *roles,
        *([] if is_missing(since) else [f"depuis {int(since)}"]),
        *(typographic(name) for name in sorted(links["solution"].dropna().unique())),
    ]
    doubt = "" if sure(links["certitude"]) == "explicite" else "\N{NO-BREAK SPACE}; déduit"
    return f"{typographic(links['organisme'].iloc[0])} ({', '.join(told)}{doubt})"


def matrix_table(cells: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """Lay the cells of `matrix` out in words: one row per service known somewhere.

    The index holds codes of services, the columns are the territories' labels in the order of
    keys (unknown ones left out). A cell says each organisation with its role, year and solution,
    after the wider territory through which it is inherited; or « aucun organisme connu ».
    """
    names = described(parse_key(key) for key in dict.fromkeys(keys))
    words: dict[tuple[str, str], list[str]] = {}
    for row in cells.itertuples():
        through = "" if row.lien == DIRECT else f"{way_words(row.lien, row.via_nom)} : "
        words.setdefault((row.service, row.cle), []).append(f"{through}{row.detail}")
    services = in_order("services", cells["service"])
    columns = {
        name.libelle: [" · ".join(words.get((code, name.cle), [NOBODY])) for code in services]
        for name in names.itertuples()
    }
    return pd.DataFrame(columns, index=pd.Index(services, name="service"))


def matrix_sentences(cells: pd.DataFrame, keys: Sequence[str]) -> list[str]:
    """Say which services all the territories have a known organisation for, and which one alone.

    Own and inherited links count alike. Nothing is said of a single territory.
    """
    names = described(parse_key(key) for key in dict.fromkeys(keys))
    if len(names) < 2 or cells.empty:
        return []
    known = cells.groupby("service")["cle"].agg(set)
    ordered = in_order("services", known.index)
    common = [code for code in ordered if len(known[code]) == len(names)]
    alone = [code for code in ordered if len(known[code]) == 1]
    sentences = []
    if common:
        told = enumeration(label("services", code).lower() for code in common)
        sentences.append(f"Un organisme est connu pour tous les territoires : {told}.")
    if alone:
        by_key = dict(zip(names["cle"], names["libelle"], strict=True))
        told = enumeration(
            f"{label('services', code).lower()} ({by_key[next(iter(known[code]))]})"
            for code in alone
        )
        sentences.append(f"Un organisme n’est connu que pour un seul : {told}.")
    return sentences
