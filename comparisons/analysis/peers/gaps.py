"""What the peers of a territory do that it does not, and the reverse, with the evidence.

Only what is recorded is compared: a territory whose priorities are not recorded has no gap, a
service without a known organisation is not one that is not shared. `group.peer_group` says how the
territory and its peers are read, and what is raised for wrong ones.
"""

from collections.abc import Iterable, Mapping, Sequence

import pandas as pd

from comparisons.analysis.peers.group import (
    BY_SUBJECT,
    NO,
    OTHER,
    UNKNOWN,
    WHOLE_OVERALL,
    YES,
    Themes,
    collapse_whitespace,
    current_priorities,
    current_themes,
    peer_group,
)
from comparisons.analysis.peers.observations import organisation_names
from comparisons.analysis.peers.position import entire_words
from comparisons.analysis.statements import Statement, proportion
from comparisons.database.connection import dataset_metadata
from comparisons.formatting import is_missing, join_words, pluralize
from comparisons.queries import partners, strategies, thresholds
from comparisons.queries.axes import count_words
from comparisons.queries.territories import enclosing, load_territories, neighbours
from comparisons.schema.model import code_label, vocabulary_codes
from comparisons.schema.territory import parse_key

PEERS_ONLY, OWN_ONLY, SHARED = "eux_pas_moi", "moi_pas_eux", "tous_deux"
MORE_RECENT, TYPE_UNKNOWN_HERE = "plus_recente", "type_inconnu_ici"
MAX_NAMED = 6
# An older document, still in force or not, is not news.
RECENT_YEARS = 10

THEME_COLUMNS = ["theme", "ici", "sens", "nb_pairs", "pairs", "nb_par_objet", "pairs_par_objet",
                 "nb_complets", "nb_complets_oui", "part", "portee", "reserves"]  # fmt: skip
SERVICE_COLUMNS = ["service", "ici", "nb_pairs", "nb_groupe", "part_des_pairs", "pairs",
                   "organismes", "portee", "reserves"]  # fmt: skip
_CITED = "organismes cités par une source ou déduits"
_MINIMUM = "un service sans organisme connu peut être partagé"
ORGANISATION_COLUMNS = ["service", "partenaire_id", "nom", "sigle", "forme", "nb_pairs", "pairs",
                "ici",
                "proches", "partenaire_url"]  # fmt: skip
NEWER_COLUMNS = ["famille", "type", "cle", "nom", "strategie_id", "titre", "etat", "annee_document",
                 "relation", "mienne", "mienne_titre", "mienne_annee", "source_id",
                 "source_url"]  # fmt: skip


def _peers(members: pd.DataFrame) -> list[str]:
    return list(members.loc[~members["moi"], "cle"])


# --- themes ---------------------------------------------------------------------------------------

_PARTIAL = "un thème non relevé n’est pas un thème absent, sauf d’une liste complète"
_EVERY_FAMILY = "documents de toutes familles, non terminés"


def theme_gaps(key: str, peers: Iterable[str], named_only: bool = False) -> pd.DataFrame:
    """Compare the themes set as priorities in documents that are not over.

    See `compared_themes`; `wordings` gives the words and sources of each line.
    """
    members = peer_group(key, peers)
    found = current_themes(members["cle"], named_only)
    return compared_themes(found, members["cle"].iloc[0], _peers(members))


def compared_themes(found: Themes, key: str, peers: Sequence[str]) -> pd.DataFrame:
    """Compare themes: one row per theme of the territory or a peer (« autre » left out).

    `found` is what `group.current_themes` gives. Returns `theme`, `ici` (`oui`, `oui_par_objet`,
    `non`, `inconnu`), `nb_pairs` and `pairs` (of which an axis is known to set it: keys, sorted),
    `nb_par_objet` and `pairs_par_objet` (others, that have a document about it), `nb_complets`
    (whose overall strategy is read entirely), `nb_complets_oui` (of these, where it sets the
    theme), `part` (the latter over the former; missing of too few), `portee`, `reserves`; the most
    widely set first.

    `sens` compares overall strategies that are read entirely, and nothing else: `eux_pas_moi` (and
    no document here is about it), `moi_pas_eux` (all peers' are read, and none of them has anything
    else about it), `tous_deux`; else `inconnu`.
    """
    rows = []
    for theme in vocabulary_codes("themes"):
        answers = {peer: found.answer(peer, theme) for peer in peers}
        here = found.answer(key, theme)
        setters = sorted(peer for peer, said in answers.items() if said == YES)
        about = sorted(peer for peer, said in answers.items() if said == BY_SUBJECT)
        if not (setters or about or here in (YES, BY_SUBJECT)):
            continue
        entire = {peer: found.in_entire(peer, theme) for peer in peers}
        entire = {peer: set_ for peer, set_ in entire.items() if set_ is not None}
        yes, read = proportion(entire, dict.fromkeys(entire, WHOLE_OVERALL)) if entire else (0, 0)
        none = read == len(peers) and not (setters or about)
        side = _side(here, found.in_entire(key, theme), yes, none)
        of = WHOLE_OVERALL if side != UNKNOWN else _EVERY_FAMILY
        rows.append(
            (theme, here, side, len(setters), setters, len(about), about, read, yes,
             thresholds.share(yes, read), of, [_PARTIAL])
        )  # fmt: skip
    table = pd.DataFrame(rows, columns=THEME_COLUMNS)
    counts = ["nb_pairs", "nb_par_objet", "nb_complets", "nb_complets_oui"]
    table = table.astype(dict.fromkeys(counts, int) | {"part": float})
    # themes come in the order of the vocabulary
    return table.sort_values("nb_pairs", ascending=False, kind="stable", ignore_index=True)


def _side(here: str, mine: bool | None, yes: int, none: bool) -> str:
    """Describe who sets a theme, of the overall strategies that are read entirely on both sides.

    `yes` peers set it in theirs; `none` of them all does, in any document.
    """
    if yes and here == NO:
        return PEERS_ONLY
    if yes and mine:
        return SHARED
    return OWN_ONLY if none and mine else UNKNOWN


def wordings(theme: str, keys: Sequence[str], named_only: bool = False) -> pd.DataFrame:
    """Return the axes that bear a theme (strategies not over), their wordings and source.

    Returns the columns of `group.current_priorities`, territories as asked, main themes first.
    """
    rows = current_priorities(keys, named_only)
    rows = rows[rows["theme"] == theme]
    place = rows["cle"].map({key: place for place, key in enumerate(keys)})
    return rows.iloc[place.argsort(kind="stable")].reset_index(drop=True)


# --- services -------------------------------------------------------------------------------------


def service_gaps(key: str, peers: Iterable[str]) -> pd.DataFrame:
    """List the services that peers are known to pool, and with whom; see `compared_services`.

    `organismes` (list) names each organisation with the number of peers it serves, and says
    whether it serves the territory or those near it. See `organisation_gaps`, `service_links`.
    """
    members = peer_group(key, peers)
    keys, own = list(members["cle"]), members["cle"].iloc[0]
    links = partners.partnerships(keys)
    table = compared_services(links, own, _peers(members))
    found = compared_bodies(links, own, _peers(members), nearby_partnerships(own))
    told = {service: [_told(row) for row in part.itertuples()]
            for service, part in found.groupby("service")}  # fmt: skip
    return table.assign(organismes=[told[service] for service in table["service"]])


def compared_services(links: pd.DataFrame, key: str, peers: Sequence[str]) -> pd.DataFrame:
    """Compare services: one row per service pooled by a peer (« autre » left out).

    `links` is what `partners.partnerships` gives. Returns `service`, `ici` (`oui` or `inconnu`:
    nobody records that a service is not pooled), `nb_pairs` (known to pool it), `nb_groupe` (all
    peers), `part_des_pairs` (of all peers: at least that many; missing of too few), `pairs` (keys,
    sorted), `organismes` (names, list), `portee`, `reserves`; the most widely pooled first.
    """
    rows = []
    for service in vocabulary_codes("services"):
        same = links[links["service"] == service]
        theirs = same[same["cle"].isin(list(peers))]
        if service == OTHER or theirs.empty:
            continue
        keys = sorted(set(theirs["cle"]))
        here = YES if (same["cle"] == key).any() else UNKNOWN
        share = thresholds.share(len(keys), len(peers))
        rows.append((service, here, len(keys), len(peers), share, keys,
                     sorted(organisation_names(theirs)),
                     _CITED, [_MINIMUM]))  # fmt: skip
    table = pd.DataFrame(rows, columns=SERVICE_COLUMNS)
    table = table.astype({"nb_pairs": int, "nb_groupe": int, "part_des_pairs": float})
    return table.sort_values("nb_pairs", ascending=False, kind="stable", ignore_index=True)


def organisation_gaps(key: str, peers: Iterable[str]) -> pd.DataFrame:
    """List the organisations with which peers pool each service; see `compared_bodies`."""
    members = peer_group(key, peers)
    own = members["cle"].iloc[0]
    return compared_bodies(
        partners.partnerships(members["cle"]), own, _peers(members), nearby_partnerships(own)
    )


def nearby_partnerships(key: str) -> pd.DataFrame:
    """Return the links of the territories near one: its neighbours, and those it lies in.

    (Neighbours share a border, at the same level; half of its people at least live in the others.)
    Returns the columns of `partners.partnerships` with `nom` (of the territory).
    """
    wider = enclosing(key)
    wider = list(wider.loc[wider["part_population"] >= 0.5, "cle"])
    keys = [*neighbours(key), *wider]
    links = partners.partnerships(keys)
    rows = load_territories(map(parse_key, keys))
    alone = ~rows["nom"].duplicated(keep=False)
    names = rows["nom"].where(alone, rows["libelle"]).map(collapse_whitespace)
    return links.assign(nom=links["cle"].map(dict(zip(rows["cle"], names, strict=True))))


def compared_bodies(
    links: pd.DataFrame, key: str, peers: Sequence[str], around: pd.DataFrame
) -> pd.DataFrame:
    """List organisations: one row per service × organisation that serves a peer.

    `links` is what `partners.partnerships` gives for all, `around` what `nearby_partnerships`
    gives. Returns `service`, `partenaire_id`, `nom`, `sigle`, `forme`, `nb_pairs` and `pairs`
    (served for that service), `ici` (true when it is known to serve the territory, for any
    service), `proches` (names of territories near it that it serves, for any service),
    `partenaire_url`; services in the order of the vocabulary, the organisation with most peers
    first.
    """
    here = set(links.loc[links["cle"] == key, "partenaire_id"])
    theirs = links[links["cle"].isin(list(peers)) & (links["service"] != OTHER)]
    rows = []
    for (service, body), part in theirs.groupby(["service", "partenaire_id"]):
        first, keys = part.iloc[0], sorted(set(part["cle"]))
        served = list(dict.fromkeys(around.loc[around["partenaire_id"] == body, "nom"]))
        rows.append((service, body, collapse_whitespace(first["partenaire_nom"]), first["sigle"],
                     first["forme"], len(keys), keys, body in here, served,
                     first["partenaire_url"]))  # fmt: skip
    table = pd.DataFrame(rows, columns=ORGANISATION_COLUMNS).astype({"nb_pairs": int, "ici": bool})
    order = {service: place for place, service in enumerate(vocabulary_codes("services"))}
    table = table.assign(place=table["service"].map(order))
    table = table.sort_values(["place", "nb_pairs", "nom"], ascending=[True, False, True])
    return table.drop(columns="place").reset_index(drop=True)


def _told(body: object) -> str:
    """Return the name of an organisation with whom it serves: `Mégalis (2 pairs ; vous aussi)`."""
    name = body.nom if is_missing(body.sigle) else collapse_whitespace(body.sigle)
    parts = [pluralize(body.nb_pairs, "pair")]
    parts += ["vous aussi"] if body.ici else []
    parts += [f"près de vous : {_listed(body.proches)}"] if body.proches else []
    return f"{name} ({' ; '.join(parts)})"


def service_links(service: str, keys: Sequence[str]) -> pd.DataFrame:
    """Return the links that prove who pools a service: the columns of `partners.partnerships`."""
    rows = partners.partnerships(keys)
    return rows[rows["service"] == service].reset_index(drop=True)


# --- documents ------------------------------------------------------------------------------------


def newer_strategies(key: str, peers: Iterable[str]) -> pd.DataFrame:
    """List the peers' strategies that are more recent, or of a type unknown here.

    See `compared_documents`.
    """
    members = peer_group(key, peers)
    documents = strategies.strategies_of(members["cle"])
    names = dict(zip(members["cle"], members["nom"], strict=True))
    return compared_documents(documents, members["cle"].iloc[0], names)


def compared_documents(documents: pd.DataFrame, key: str, names: Mapping[str, str]) -> pd.DataFrame:
    """Compare documents: peers' strategies in force, more recent than the territory's own.

    `documents` is what `strategies.strategies_of` gives, `names` those of the territories by key.
    Only documents of `RECENT_YEARS` at most count: an old plan is not news. A document counts
    against the most recent one of its family here, over or not: one that bears no year, or faces
    one that bears none, cannot be called more recent (nor can a document that is also the
    territory's). « Autres documents » is no family in common.

    Returns `famille`, `type`, `cle`, `nom`, `strategie_id`, `titre`, `etat`, `annee_document`,
    `relation` (`plus_recente`; `type_inconnu_ici`: no document of that type is known here, which
    does not prove that there is none), `mienne` (its `strategie_id`), `mienne_titre`,
    `mienne_annee` (missing if none), `source_id`, `source_url`; types in the order of the
    vocabulary, the most recent first.
    """
    documents = documents[documents["famille"] != OTHER]
    mine = documents[documents["cle"] == key]
    theirs = documents[
        (documents["cle"] != key)
        & documents["cle"].isin(list(names))
        & documents["etat"].isin(["adoptee", "en_revision"])
        & (documents["annee_document"] >= int(dataset_metadata()["annee"]) - RECENT_YEARS)
    ]
    latest = mine.sort_values(["annee_document", "strategie_id"], ascending=[False, True])
    latest = latest.drop_duplicates("famille").set_index("famille")
    rows = []
    for row in theirs.itertuples():
        own = latest.loc[row.famille] if row.famille in latest.index else None
        undated = not _all_dated(mine[mine["famille"] == row.famille])
        year = row.annee_document
        if own is not None and (undated or is_missing(year) or year <= own["annee_document"]):
            continue
        rows.append((row.famille, row.type, row.cle, names[row.cle], row.strategie_id,
                     collapse_whitespace(row.titre), row.etat, year,
                     TYPE_UNKNOWN_HERE if own is None else MORE_RECENT,
                     *((None, None, None) if own is None else
                       (own["strategie_id"], collapse_whitespace(own["titre"]),
                        own["annee_document"])),
                     row.source_id, row.source_url))  # fmt: skip
    table = pd.DataFrame(rows, columns=NEWER_COLUMNS)
    table = table.astype({"annee_document": "Int64", "mienne_annee": "Int64"})
    order = {kind: place for place, kind in enumerate(vocabulary_codes("familles_strategie"))}
    table = table.assign(place=table["famille"].map(order))
    table = table.sort_values(
        ["place", "annee_document", "nom", "strategie_id"], ascending=[True, False, True, True]
    )
    return table.drop(columns="place").reset_index(drop=True)


def _all_dated(documents: pd.DataFrame) -> bool:
    return bool(documents["annee_document"].notna().all())


# --- in words -------------------------------------------------------------------------------------


def describe_gaps(key: str, peers: Iterable[str], named_only: bool = False) -> pd.DataFrame:
    """Describe the gaps in French, a line each: counts and names, nothing that the data do not say.

    Returns `rubrique` (`theme_gaps`, `service_gaps`, `documents`), `code` (of the theme, service or
    type; empty for a remark on all), `sens` (that of `theme_gaps`; empty elsewhere), `phrase`,
    `portee` (the documents it holds of), `reserves` (list).
    """
    members = peer_group(key, peers)
    own = members["cle"].iloc[0]
    names = dict(zip(members["cle"], members["nom"], strict=True))
    if len(members) < 2:
        only = Statement("Le groupe ne compte aucun pair : aucun écart n’est calculé.", "themes",
                         ())  # fmt: skip
        return _table([(only, "")])
    found = current_themes(members["cle"], named_only)
    compared = compared_themes(found, own, _peers(members))
    return _table(
        [
            *_axes_line(found.axes),
            *describe_theme_gaps(compared, names, own_known=own in found.recorded),
            *describe_service_gaps(service_gaps(own, _peers(members)), names),
            *describe_newer(newer_strategies(own, _peers(members))),
        ]
    )


# A statement, and the side of `compared_themes` that it is about.
GapStatement = tuple[Statement, str]
_AT_LEAST = (
    "Un service sans organisme connu peut être partagé sans que cela soit relevé : les nombres de "
    "pairs sont des minimums."
)


def _table(lines: Iterable[GapStatement]) -> pd.DataFrame:
    rows = [
        (said.rubrique, "".join(said.lignes), side, said.texte, said.portee, list(said.reserves))
        for said, side in lines
    ]
    columns = ["rubrique", "code", "sens", "phrase", "portee", "reserves"]
    return pd.DataFrame(rows, columns=columns)


def _axes_line(axes: pd.DataFrame) -> list[GapStatement]:
    """Describe how many axes are read in the group, and how many of them a document names."""
    if axes.empty:
        return []
    read = axes.drop_duplicates(["strategie_id", "rang"])
    counted = count_words(len(read), int(read["nomme"].sum()))
    said = f"Lus dans ce groupe : {counted}."
    return [(Statement(said, "themes", (), _EVERY_FAMILY), "")]


def describe_theme_gaps(
    compared: pd.DataFrame, names: Mapping[str, str], own_known: bool
) -> list[GapStatement]:
    """Describe each theme of `compared_themes`; what is not recorded is never called absent."""
    lines: list[GapStatement] = []
    if not own_known:
        said = (
            "Vos priorités ne sont pas relevées (documents non terminés) : aucun écart n’est "
            "calculé."
        )
        lines.append((Statement(said, "themes", (), _EVERY_FAMILY), UNKNOWN))
    for row in compared.itertuples():
        parts = [_setters(row, names)]
        if thresholds.enough(row.nb_complets):
            parts.append(entire_words(row.nb_complets_oui, row.nb_complets))
        parts += _here(row.ici, own_known)
        said = f"Thème « {code_label('themes', row.theme)} » : {' ; '.join(parts)}."
        told = Statement(said, "themes", (row.theme,), row.portee, tuple(row.reserves))
        lines.append((told, row.sens))
    return lines


def _setters(row: object, names: Mapping[str, str]) -> str:
    """Describe of which peers a theme is recorded, and which have a document about it."""
    said = "relevé chez aucun pair"
    if row.nb_pairs:
        named = _listed([names[key] for key in row.pairs])
        said = f"relevé chez {pluralize(row.nb_pairs, 'pair')} ({named})"
    if row.nb_par_objet:
        named = _listed([names[key] for key in row.pairs_par_objet])
        said += f" ; sujet d’un document de {pluralize(row.nb_par_objet, 'pair')} ({named})"
    return said


def _here(answer: str, own_known: bool) -> list[str]:
    """Describe what is known here."""
    match answer:
        case "oui":
            return ["relevé chez vous"]
        case "oui_par_objet":
            return ["l’un de vos documents porte sur ce sujet"]
        case "non":
            return ["votre stratégie d’ensemble, lue en entier, ne le pose pas"]
        case _:
            return ["non relevé chez vous, ce qui ne dit pas qu’il soit absent"] * own_known


def describe_service_gaps(compared: pd.DataFrame, names: Mapping[str, str]) -> list[GapStatement]:
    """Describe each service of `service_gaps`.

    How many peers at least, with whom, what is known here.
    """
    lines: list[GapStatement] = []
    if len(compared):
        lines.append((Statement(_AT_LEAST, "services", (), _CITED), ""))
    for row in compared.itertuples():
        service = f"le service « {code_label('services', row.service)} »"
        here = "vous le partagez aussi" if row.ici == YES else "aucun organisme connu pour vous"
        said = (
            f"{_sharers(row.nb_pairs, row.nb_groupe)} {service} "
            f"({_listed([names[key] for key in row.pairs])}), avec {_listed(row.organismes)} ; "
            f"{here}."
        )
        told = Statement(said, "services", (row.service,), row.portee, tuple(row.reserves))
        lines.append((told, ""))
    return lines


def _sharers(sharing: int, count: int) -> str:
    if count == 1:
        return "Votre seul pair partage"
    if sharing == count:
        return f"Vos {count} pairs partagent tous"
    return f"{sharing} de vos {count} pairs {'partage' if sharing == 1 else 'partagent'}"


def describe_newer(found: pd.DataFrame) -> list[GapStatement]:
    """Describe, for each family of `newer_strategies`.

    Which peers have a more recent document in force.
    """
    lines: list[GapStatement] = []
    for kind, rows in found.groupby("famille", sort=False):
        first = rows.iloc[0]
        years = rows.groupby("nom", sort=False)["annee_document"].agg(list)
        told = _listed([f"{name} ({join_words(map(_year, when))})" for name, when in years.items()])
        title = f"« {code_label('familles_strategie', kind)} »"
        count = rows["cle"].nunique()
        who, have = pluralize(count, "pair"), "a" if count == 1 else "ont"
        said = (
            f"{title} : {who} {have} un document plus récent que le vôtre ({first['mienne_annee']})"
            if first["relation"] == MORE_RECENT
            else f"{title} : aucun document de cette sorte n’est relevé pour vous ; "
            f"{who} en {have} un"
        )
        of = f"documents en vigueur de cette famille, de {RECENT_YEARS} ans au plus"
        known = ("d’autres documents peuvent exister",)
        lines.append((Statement(f"{said} : {told}.", "documents", (kind,), of, known), ""))
    return lines


def _year(year: object) -> str:
    return "sans date" if is_missing(year) else str(int(year))


def _listed(words: Sequence[str]) -> str:
    """List a few names in full, and count the others."""
    more = len(words) - MAX_NAMED
    if more <= 0:
        return join_words(words)
    return f"{', '.join(words[:MAX_NAMED])} et {pluralize(more, 'autre')}"
