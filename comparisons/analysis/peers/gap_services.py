"""Services shared by the peers of a territory, with whom, and the evidence.

A service without a known organisation is not one that is not shared. Links that a source states and
links that are deduced are counted apart.
"""

from collections.abc import Iterable, Mapping, Sequence

import pandas as pd

from comparisons.analysis.competences import service_title
from comparisons.analysis.peers.group import (
    BY_DEDUCTION,
    OTHER,
    UNKNOWN,
    YES,
    collapse_whitespace,
    peer_group,
    peer_keys,
)
from comparisons.analysis.peers.observations import organisation_names
from comparisons.analysis.peers.position import describe_sharing_peers
from comparisons.analysis.peers.wording import GapStatement, join_first_names
from comparisons.analysis.statements import Statement
from comparisons.formatting import is_missing, pluralize
from comparisons.queries import partners, thresholds
from comparisons.queries.competences import same_duty
from comparisons.queries.territories import enclosing, load_territories, neighbours
from comparisons.schema.model import code_label, vocabulary_codes

_SERVICE_COLUMNS = ["service", "ici", "nb_cites", "nb_deduits", "nb_groupe", "part_des_pairs",
                   "pairs_cites", "pairs_deduits", "organismes", "portee", "reserves"]  # fmt: skip
_CITED_ORGANISATIONS = "organismes cités par une source, et à part ceux que l’on déduit"
_SERVICE_CAVEAT = "un service sans organisme connu peut être partagé"
_MINIMUM_SENTENCE = (
    "Un service sans organisme connu peut être partagé sans que cela soit relevé : les nombres de "
    "pairs sont des minimums."
)
_ORGANISATION_COLUMNS = ["service", "partenaire_id", "nom", "sigle", "forme", "nb_cites",
                "nb_deduits", "pairs_cites", "pairs_deduits", "ici", "proches",
                "partenaire_url"]  # fmt: skip
_OWN_SERVICE_ANSWERS = {
    YES: "vous le partagez aussi",
    BY_DEDUCTION: "vous aussi, par déduction",
    UNKNOWN: "aucun organisme connu pour vous",
}


def service_gaps(key: str, peers: Iterable[str]) -> pd.DataFrame:
    """List the services pooled by peers, with the organisations; see `compare_services`.

    `organismes` (list) names each organisation with the numbers of peers it serves (stated,
    deduced) and says whether it serves the territory or those near it. What is the duty of another
    level is left out. See `compare_organisations`,
    `service_links`.
    """
    members = peer_group(key, peers)
    keys, own_key = list(members["cle"]), members["cle"].iloc[0]
    links = same_duty(partners.partnerships(keys), own_key)
    table = compare_services(links, own_key, peer_keys(members))
    organisations = compare_organisations(
        links, own_key, peer_keys(members), nearby_partnerships(own_key)
    )
    names_by_service = {service: [_format_organisation(row) for row in rows.itertuples()]
            for service, rows in organisations.groupby("service")}  # fmt: skip
    return table.assign(organismes=[names_by_service[service] for service in table["service"]])


def compare_services(links: pd.DataFrame, key: str, peers: Sequence[str]) -> pd.DataFrame:
    """Compare services: one row per service pooled by a peer (« autre » left out).

    `links` is what `partners.partnerships` gives. Returns `service`, `ici` (`oui`,
    `oui_par_deduction` or `inconnu`: nobody records that a service is not pooled), `nb_cites` and
    `pairs_cites` (of which a source states it: keys, sorted), `nb_deduits` and `pairs_deduits` (the
    others, by deduction), `nb_groupe` (all peers), `part_des_pairs` (`nb_cites` of all: a minimum,
    missing of too few), `organismes` (names, list), `portee`, `reserves`; the most stated first.
    """
    rows = []
    for service in vocabulary_codes("services"):
        service_links = links[links["service"] == service]
        peer_links = service_links[service_links["cle"].isin(list(peers))]
        if service == OTHER or peer_links.empty:
            continue
        stated_keys, deduced_keys = _keys_by_certainty(peer_links)
        own_answer = _own_answer(service_links[service_links["cle"] == key])
        share = thresholds.bounded_share(len(stated_keys), len(peers)) if stated_keys else None
        rows.append((service, own_answer, len(stated_keys), len(deduced_keys), len(peers), share,
                     stated_keys, deduced_keys, sorted(organisation_names(peer_links)),
                     _CITED_ORGANISATIONS, [_SERVICE_CAVEAT]))  # fmt: skip
    table = pd.DataFrame(rows, columns=_SERVICE_COLUMNS)
    counts = ["nb_cites", "nb_deduits", "nb_groupe"]
    table = table.astype(dict.fromkeys(counts, int) | {"part_des_pairs": float})
    return table.sort_values(
        ["nb_cites", "nb_deduits"], ascending=False, kind="stable", ignore_index=True
    )


def _keys_by_certainty(links: pd.DataFrame) -> tuple[list[str], list[str]]:
    """Return the territories of which a source states a link, and the others (keys, sorted)."""
    stated_keys = set(links.loc[links["certitude"] == "explicite", "cle"])
    return sorted(stated_keys), sorted(set(links["cle"]) - stated_keys)


def _own_answer(own_links: pd.DataFrame) -> str:
    """Return whether the territory is known to share a service, and how."""
    if own_links.empty:
        return UNKNOWN
    return YES if (own_links["certitude"] == "explicite").any() else BY_DEDUCTION


def nearby_partnerships(key: str) -> pd.DataFrame:
    """Return the links of the territories near one: its neighbours, and those it lies in.

    (Neighbours share a border, at the same level; half of its people at least live in the others.)
    Returns the columns of `partners.partnerships` with `nom` (of the territory).
    """
    enclosing_keys = enclosing(key)
    enclosing_keys = list(enclosing_keys.loc[enclosing_keys["part_population"] >= 0.5, "cle"])
    keys = [*neighbours(key), *enclosing_keys]
    links = partners.partnerships(keys)
    rows = load_territories(keys)
    is_unique = ~rows["nom"].duplicated(keep=False)
    names = rows["nom"].where(is_unique, rows["libelle"]).map(collapse_whitespace)
    return links.assign(nom=links["cle"].map(dict(zip(rows["cle"], names, strict=True))))


def compare_organisations(
    links: pd.DataFrame, key: str, peers: Sequence[str], nearby_links: pd.DataFrame
) -> pd.DataFrame:
    """List organisations: one row per service × organisation that serves a peer.

    `links` is what `partners.partnerships` gives for all, `nearby_links` what `nearby_partnerships`
    gives. Returns `service`, `partenaire_id`, `nom`, `sigle`, `forme`, `nb_cites` and `pairs_cites`
    (served for that service, a source states it), `nb_deduits` and `pairs_deduits` (the others),
    `ici` (as in `compare_services`, for any service), `proches` (names of territories near it that
    it serves for any service, a source states it), `partenaire_url`; services in the order of the
    vocabulary, the organisation with most peers stated first.
    """
    own_links = links[links["cle"] == key]
    nearby_links = nearby_links[nearby_links["certitude"] == "explicite"]
    peer_links = links[links["cle"].isin(list(peers)) & (links["service"] != OTHER)]
    rows = []
    for (service, organisation_id), organisation_links in peer_links.groupby(
        ["service", "partenaire_id"]
    ):
        first_link = organisation_links.iloc[0]
        stated_keys, deduced_keys = _keys_by_certainty(organisation_links)
        nearby_names = list(
            dict.fromkeys(nearby_links.loc[nearby_links["partenaire_id"] == organisation_id, "nom"])
        )
        rows.append(
            (
                service,
                organisation_id,
                collapse_whitespace(first_link["partenaire_nom"]),
                first_link["sigle"],
                first_link["forme"],
                len(stated_keys),
                len(deduced_keys),
                stated_keys,
                deduced_keys,
                _own_answer(own_links[own_links["partenaire_id"] == organisation_id]),
                nearby_names,
                first_link["partenaire_url"],
            )
        )
    table = pd.DataFrame(rows, columns=_ORGANISATION_COLUMNS)
    table = table.astype({"nb_cites": int, "nb_deduits": int})
    order = {service: index for index, service in enumerate(vocabulary_codes("services"))}
    table = table.assign(service_order=table["service"].map(order))
    table = table.sort_values(
        ["service_order", "nb_cites", "nb_deduits", "nom"], ascending=[True, False, False, True]
    )
    return table.drop(columns="service_order").reset_index(drop=True)


def _format_organisation(organisation: object) -> str:
    """Format an organisation with the territories served: `Mégalis (2 cités, 1 déduit)`."""
    name = (
        organisation.nom
        if is_missing(organisation.sigle)
        else collapse_whitespace(organisation.sigle)
    )
    counts = [
        pluralize(organisation.nb_cites, "cité") if organisation.nb_cites else "",
        pluralize(organisation.nb_deduits, "déduit") if organisation.nb_deduits else "",
    ]
    parts = [", ".join(filter(None, counts))]
    parts += {YES: ["vous aussi"], BY_DEDUCTION: ["vous aussi, par déduction"]}.get(
        organisation.ici, []
    )
    parts += (
        [f"près de vous : {join_first_names(organisation.proches)}"] if organisation.proches else []
    )
    return f"{name} ({' ; '.join(parts)})"


def service_links(service: str, keys: Sequence[str]) -> pd.DataFrame:
    """Return the partnerships of a service (columns of `partners.partnerships`)."""
    rows = partners.partnerships(keys)
    return rows[rows["service"] == service].reset_index(drop=True)


def describe_service_gaps(
    compared: pd.DataFrame, names_by_key: Mapping[str, str], key: str = ""
) -> list[GapStatement]:
    """Describe each service of `service_gaps`.

    How many peers by a source, how many others by deduction, with whom, what is known here. With
    the `key` of the territory, its school level is named.
    """
    statements: list[GapStatement] = []
    if len(compared):
        statements.append((Statement(_MINIMUM_SENTENCE, "services", (), _CITED_ORGANISATIONS), ""))
    for row in compared.itertuples():
        sharing_peers = describe_sharing_peers(
            row.nb_cites,
            row.nb_deduits,
            row.nb_groupe,
            f" ({join_first_names([names_by_key[key] for key in row.pairs_cites])})",
            f" ({join_first_names([names_by_key[key] for key in row.pairs_deduits])})",
        )
        title = service_title(row.service, key) if key else code_label("services", row.service)
        text = (
            f"Service « {title} » : {sharing_peers}, avec "
            f"{join_first_names(row.organismes)} ; {_OWN_SERVICE_ANSWERS[row.ici]}."
        )
        statement = Statement(text, "services", (row.service,), row.portee, tuple(row.reserves))
        statements.append((statement, ""))
    return statements
