"""Services shared by the peers of a territory, with whom, and the evidence.

A service without a known organisation is not one that is not shared. Links that a source states and
links that are deduced are counted apart.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence

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
from comparisons.analysis.peers.observations import short_names
from comparisons.analysis.peers.position import describe_sharing_peers
from comparisons.analysis.peers.wording import GapStatement, join_first_names
from comparisons.analysis.statements import Statement
from comparisons.formatting import is_missing, pluralize
from comparisons.queries import partners, thresholds
from comparisons.queries.competences import same_duty
from comparisons.queries.territories import enclosing, load_territories, neighbours
from comparisons.rows import iterate_rows
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
    names_by_service = defaultdict(list)
    for row in iterate_rows(organisations):
        names_by_service[row.service].append(_format_organisation(row))
    return table.assign(organismes=[names_by_service[service] for service in table["service"]])


def compare_services(links: pd.DataFrame, key: str, peers: Sequence[str]) -> pd.DataFrame:
    """Compare services: one row per service pooled by a peer (« autre » left out).

    `links` is what `partners.partnerships` gives. Returns `service`, `ici` (`oui`,
    `oui_par_deduction` or `inconnu`: nobody records that a service is not pooled), `nb_cites` and
    `pairs_cites` (of which a source states it: keys, sorted), `nb_deduits` and `pairs_deduits` (the
    others, by deduction), `nb_groupe` (all peers), `part_des_pairs` (`nb_cites` of all: a minimum,
    missing of too few), `organismes` (names, list), `portee`, `reserves`; the most stated first.
    """
    own_answers = _answers(links[links["cle"] == key], "service")
    peer_links = links[links["cle"].isin(list(peers)) & (links["service"] != OTHER)]
    names = defaultdict(set)
    for service, name in zip(peer_links["service"], short_names(peer_links), strict=True):
        names[service].add(name)
    keys_by_service = _keys_by_certainty(peer_links, "service")
    rows = []
    for service in filter(keys_by_service.get, vocabulary_codes("services")):
        stated_keys, deduced_keys = keys_by_service[service]
        own_answer = own_answers.get(service, UNKNOWN)
        share = thresholds.bounded_share(len(stated_keys), len(peers)) if stated_keys else None
        rows.append((service, own_answer, len(stated_keys), len(deduced_keys), len(peers), share,
                     stated_keys, deduced_keys, sorted(names[service]),
                     _CITED_ORGANISATIONS, [_SERVICE_CAVEAT]))  # fmt: skip
    table = pd.DataFrame(rows, columns=_SERVICE_COLUMNS)
    counts = ["nb_cites", "nb_deduits", "nb_groupe"]
    table = table.astype(dict.fromkeys(counts, int) | {"part_des_pairs": float})
    return table.sort_values(
        ["nb_cites", "nb_deduits"], ascending=False, kind="stable", ignore_index=True
    )


def _keys_by_certainty(
    links: pd.DataFrame, *names: str
) -> dict[Hashable, tuple[list[str], list[str]]]:
    """Return the territories of which a source states a link, and the others (keys, sorted).

    By the values of the columns `names`: a tuple of several.
    """
    stated_keys, other_keys = defaultdict(set), defaultdict(set)
    for *values, key, certainty in zip(
        *(links[name] for name in (*names, "cle", "certitude")), strict=True
    ):
        group = values[0] if len(values) == 1 else tuple(values)
        (stated_keys if certainty == "explicite" else other_keys)[group].add(key)
    return {
        group: (sorted(stated_keys[group]), sorted(other_keys[group] - stated_keys[group]))
        for group in (*stated_keys, *(other_keys.keys() - stated_keys.keys()))
    }


def _answers(own_links: pd.DataFrame, name: str) -> dict[str, str]:
    """Return how the territory is known to share each service, or to use each organisation."""
    return {
        code: YES if stated_keys else BY_DEDUCTION
        for code, (stated_keys, _) in _keys_by_certainty(own_links, name).items()
    }


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
    own_answers = _answers(links[links["cle"] == key], "partenaire_id")
    nearby_names = defaultdict(dict)
    stated_nearby = nearby_links[nearby_links["certitude"] == "explicite"]
    for organisation_id, name in zip(
        stated_nearby["partenaire_id"], stated_nearby["nom"], strict=True
    ):
        nearby_names[organisation_id][name] = None
    pair = ["service", "partenaire_id"]
    peer_links = links[links["cle"].isin(list(peers)) & (links["service"] != OTHER)]
    keys_by_pair = _keys_by_certainty(peer_links, *pair)
    rows = []
    for link in iterate_rows(peer_links.sort_values(pair, kind="stable").drop_duplicates(pair)):
        stated_keys, deduced_keys = keys_by_pair[link.service, link.partenaire_id]
        rows.append(
            (
                link.service,
                link.partenaire_id,
                collapse_whitespace(link.partenaire_nom),
                link.sigle,
                link.forme,
                len(stated_keys),
                len(deduced_keys),
                stated_keys,
                deduced_keys,
                own_answers.get(link.partenaire_id, UNKNOWN),
                list(nearby_names[link.partenaire_id]),
                link.partenaire_url,
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
    for row in iterate_rows(compared):
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
