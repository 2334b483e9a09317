"""Gaps between a territory and its peers (themes, services, documents), with the evidence.

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
from comparisons.analysis.peers.position import describe_read_documents
from comparisons.analysis.statements import Statement, proportion
from comparisons.database.connection import dataset_metadata
from comparisons.formatting import is_missing, join_words, pluralize
from comparisons.queries import partners, strategies, thresholds
from comparisons.queries.axes import format_axis_counts
from comparisons.queries.territories import enclosing, load_territories, neighbours
from comparisons.schema.model import code_label, vocabulary_codes
from comparisons.schema.territory import parse_key

_PEERS_ONLY, _OWN_ONLY, _SHARED = "eux_pas_moi", "moi_pas_eux", "tous_deux"
_MORE_RECENT, _TYPE_UNKNOWN_HERE = "plus_recente", "type_inconnu_ici"
_MAX_NAMED = 6
# Age above which a document is not listed as newer, in force or not.
_RECENT_YEARS = 10

_THEME_COLUMNS = ["theme", "ici", "sens", "nb_pairs", "pairs", "nb_par_objet", "pairs_par_objet",
                 "nb_complets", "nb_complets_oui", "part", "portee", "reserves"]  # fmt: skip
_SERVICE_COLUMNS = ["service", "ici", "nb_pairs", "nb_groupe", "part_des_pairs", "pairs",
                   "organismes", "portee", "reserves"]  # fmt: skip
_CITED_ORGANISATIONS = "organismes cités par une source ou déduits"
_SERVICE_CAVEAT = "un service sans organisme connu peut être partagé"
_ORGANISATION_COLUMNS = ["service", "partenaire_id", "nom", "sigle", "forme", "nb_pairs", "pairs",
                "ici",
                "proches", "partenaire_url"]  # fmt: skip
_NEWER_COLUMNS = ["famille", "type", "cle", "nom", "strategie_id", "titre", "etat",
                 "annee_document", "relation", "mienne", "mienne_titre", "mienne_annee",
                 "source_id", "source_url"]  # fmt: skip


def _peer_keys(members: pd.DataFrame) -> list[str]:
    return list(members.loc[~members["moi"], "cle"])


# --- themes ---------------------------------------------------------------------------------------

_THEME_CAVEAT = "un thème non relevé n’est pas un thème absent, sauf d’une liste complète"
_ALL_FAMILIES_SCOPE = "documents de toutes familles, non terminés"


def theme_gaps(key: str, peers: Iterable[str], named_only: bool = False) -> pd.DataFrame:
    """Compare the themes set as priorities in documents that are not over.

    See `compare_themes`; `theme_wordings` gives the words and sources of each line.
    """
    members = peer_group(key, peers)
    themes = current_themes(members["cle"], named_only)
    return compare_themes(themes, members["cle"].iloc[0], _peer_keys(members))


def compare_themes(themes: Themes, key: str, peers: Sequence[str]) -> pd.DataFrame:
    """Compare themes: one row per theme of the territory or a peer (« autre » left out).

    `themes` is what `group.current_themes` gives. Returns `theme`, `ici` (`oui`, `oui_par_objet`,
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
        answers = {peer: themes.answer(peer, theme) for peer in peers}
        own_answer = themes.answer(key, theme)
        setters = sorted(peer for peer, answer in answers.items() if answer == YES)
        by_subject = sorted(peer for peer, answer in answers.items() if answer == BY_SUBJECT)
        if not (setters or by_subject or own_answer in (YES, BY_SUBJECT)):
            continue
        in_entire = {peer: themes.in_entire(peer, theme) for peer in peers}
        in_entire = {
            peer: sets_theme for peer, sets_theme in in_entire.items() if sets_theme is not None
        }
        setter_count, read_count = (
            proportion(in_entire, dict.fromkeys(in_entire, WHOLE_OVERALL)) if in_entire else (0, 0)
        )
        set_by_no_peer = read_count == len(peers) and not (setters or by_subject)
        direction = _gap_direction(
            own_answer, themes.in_entire(key, theme), setter_count, set_by_no_peer
        )
        scope = WHOLE_OVERALL if direction != UNKNOWN else _ALL_FAMILIES_SCOPE
        rows.append(
            (
                theme,
                own_answer,
                direction,
                len(setters),
                setters,
                len(by_subject),
                by_subject,
                read_count,
                setter_count,
                thresholds.bounded_share(setter_count, read_count),
                scope,
                [_THEME_CAVEAT],
            )
        )
    table = pd.DataFrame(rows, columns=_THEME_COLUMNS)
    counts = ["nb_pairs", "nb_par_objet", "nb_complets", "nb_complets_oui"]
    table = table.astype(dict.fromkeys(counts, int) | {"part": float})
    # themes are in the order of the vocabulary
    return table.sort_values("nb_pairs", ascending=False, kind="stable", ignore_index=True)


def _gap_direction(
    own_answer: str, in_own_entire: bool | None, setter_count: int, set_by_no_peer: bool
) -> str:
    """Return the direction of a gap between overall strategies read entirely on both sides.

    `setter_count` peers set it in theirs; `set_by_no_peer` of them all does, in any document.
    """
    if setter_count and own_answer == NO:
        return _PEERS_ONLY
    if setter_count and in_own_entire:
        return _SHARED
    return _OWN_ONLY if set_by_no_peer and in_own_entire else UNKNOWN


def theme_wordings(theme: str, keys: Sequence[str], named_only: bool = False) -> pd.DataFrame:
    """Return the axes that bear a theme (strategies not over), their wordings and source.

    Returns the columns of `group.current_priorities`, territories as asked, main themes first.
    """
    rows = current_priorities(keys, named_only)
    rows = rows[rows["theme"] == theme]
    index = rows["cle"].map({key: index for index, key in enumerate(keys)})
    return rows.iloc[index.argsort(kind="stable")].reset_index(drop=True)


# --- services -------------------------------------------------------------------------------------


def service_gaps(key: str, peers: Iterable[str]) -> pd.DataFrame:
    """List the services pooled by peers, with the organisations; see `compare_services`.

    `organismes` (list) names each organisation with the number of peers it serves, and says
    whether it serves the territory or those near it. See `compare_organisations`, `service_links`.
    """
    members = peer_group(key, peers)
    keys, own_key = list(members["cle"]), members["cle"].iloc[0]
    links = partners.partnerships(keys)
    table = compare_services(links, own_key, _peer_keys(members))
    organisations = compare_organisations(
        links, own_key, _peer_keys(members), nearby_partnerships(own_key)
    )
    names_by_service = {service: [_format_organisation(row) for row in rows.itertuples()]
            for service, rows in organisations.groupby("service")}  # fmt: skip
    return table.assign(organismes=[names_by_service[service] for service in table["service"]])


def compare_services(links: pd.DataFrame, key: str, peers: Sequence[str]) -> pd.DataFrame:
    """Compare services: one row per service pooled by a peer (« autre » left out).

    `links` is what `partners.partnerships` gives. Returns `service`, `ici` (`oui` or `inconnu`:
    nobody records that a service is not pooled), `nb_pairs` (known to pool it), `nb_groupe` (all
    peers), `part_des_pairs` (of all peers: at least that many; missing of too few), `pairs` (keys,
    sorted), `organismes` (names, list), `portee`, `reserves`; the most widely pooled first.
    """
    rows = []
    for service in vocabulary_codes("services"):
        service_links = links[links["service"] == service]
        peer_links = service_links[service_links["cle"].isin(list(peers))]
        if service == OTHER or peer_links.empty:
            continue
        sharing_keys = sorted(set(peer_links["cle"]))
        own_answer = YES if (service_links["cle"] == key).any() else UNKNOWN
        share = thresholds.bounded_share(len(sharing_keys), len(peers))
        rows.append((service, own_answer, len(sharing_keys), len(peers), share, sharing_keys,
                     sorted(organisation_names(peer_links)),
                     _CITED_ORGANISATIONS, [_SERVICE_CAVEAT]))  # fmt: skip
    table = pd.DataFrame(rows, columns=_SERVICE_COLUMNS)
    table = table.astype({"nb_pairs": int, "nb_groupe": int, "part_des_pairs": float})
    return table.sort_values("nb_pairs", ascending=False, kind="stable", ignore_index=True)


def nearby_partnerships(key: str) -> pd.DataFrame:
    """Return the links of the territories near one: its neighbours, and those it lies in.

    (Neighbours share a border, at the same level; half of its people at least live in the others.)
    Returns the columns of `partners.partnerships` with `nom` (of the territory).
    """
    enclosing_keys = enclosing(key)
    enclosing_keys = list(enclosing_keys.loc[enclosing_keys["part_population"] >= 0.5, "cle"])
    keys = [*neighbours(key), *enclosing_keys]
    links = partners.partnerships(keys)
    rows = load_territories(map(parse_key, keys))
    is_unique = ~rows["nom"].duplicated(keep=False)
    names = rows["nom"].where(is_unique, rows["libelle"]).map(collapse_whitespace)
    return links.assign(nom=links["cle"].map(dict(zip(rows["cle"], names, strict=True))))


def compare_organisations(
    links: pd.DataFrame, key: str, peers: Sequence[str], nearby_links: pd.DataFrame
) -> pd.DataFrame:
    """List organisations: one row per service × organisation that serves a peer.

    `links` is what `partners.partnerships` gives for all, `nearby_links` what `nearby_partnerships`
    gives. Returns `service`, `partenaire_id`, `nom`, `sigle`, `forme`, `nb_pairs` and `pairs`
    (served for that service), `ici` (true when it is known to serve the territory, for any
    service), `proches` (names of territories near it that it serves, for any service),
    `partenaire_url`; services in the order of the vocabulary, the organisation with most peers
    first.
    """
    own_organisation_ids = set(links.loc[links["cle"] == key, "partenaire_id"])
    peer_links = links[links["cle"].isin(list(peers)) & (links["service"] != OTHER)]
    rows = []
    for (service, organisation_id), organisation_links in peer_links.groupby(
        ["service", "partenaire_id"]
    ):
        first_link, served_keys = organisation_links.iloc[0], sorted(set(organisation_links["cle"]))
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
                len(served_keys),
                served_keys,
                organisation_id in own_organisation_ids,
                nearby_names,
                first_link["partenaire_url"],
            )
        )
    table = pd.DataFrame(rows, columns=_ORGANISATION_COLUMNS).astype({"nb_pairs": int, "ici": bool})
    order = {service: index for index, service in enumerate(vocabulary_codes("services"))}
    table = table.assign(place=table["service"].map(order))
    table = table.sort_values(["place", "nb_pairs", "nom"], ascending=[True, False, True])
    return table.drop(columns="place").reset_index(drop=True)


def _format_organisation(organisation: object) -> str:
    """Format an organisation with the territories served: `Mégalis (2 pairs ; vous aussi)`."""
    name = (
        organisation.nom
        if is_missing(organisation.sigle)
        else collapse_whitespace(organisation.sigle)
    )
    parts = [pluralize(organisation.nb_pairs, "pair")]
    parts += ["vous aussi"] if organisation.ici else []
    parts += (
        [f"près de vous : {_format_names(organisation.proches)}"] if organisation.proches else []
    )
    return f"{name} ({' ; '.join(parts)})"


def service_links(service: str, keys: Sequence[str]) -> pd.DataFrame:
    """Return the partnerships of a service (columns of `partners.partnerships`)."""
    rows = partners.partnerships(keys)
    return rows[rows["service"] == service].reset_index(drop=True)


# --- documents ------------------------------------------------------------------------------------


def newer_strategies(key: str, peers: Iterable[str]) -> pd.DataFrame:
    """List the peers' strategies that are more recent, or of a type unknown here.

    See `compare_documents`.
    """
    members = peer_group(key, peers)
    documents = strategies.strategies_of(members["cle"])
    names_by_key = dict(zip(members["cle"], members["nom"], strict=True))
    return compare_documents(documents, members["cle"].iloc[0], names_by_key)


def compare_documents(
    documents: pd.DataFrame, key: str, names_by_key: Mapping[str, str]
) -> pd.DataFrame:
    """Compare documents: peers' strategies in force, more recent than the territory's own.

    `documents` is what `strategies.strategies_of` gives, `names_by_key` the names of the
    territories by key.
    Only documents of `_RECENT_YEARS` at most count: an old plan is not news. A document counts
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
    own_documents = documents[documents["cle"] == key]
    peer_documents = documents[
        (documents["cle"] != key)
        & documents["cle"].isin(list(names_by_key))
        & documents["etat"].isin(["adoptee", "en_revision"])
        & (documents["annee_document"] >= int(dataset_metadata()["annee"]) - _RECENT_YEARS)
    ]
    latest_by_family = own_documents.sort_values(
        ["annee_document", "strategie_id"], ascending=[False, True]
    )
    latest_by_family = latest_by_family.drop_duplicates("famille").set_index("famille")
    rows = []
    for document in peer_documents.itertuples():
        own_document = (
            latest_by_family.loc[document.famille]
            if document.famille in latest_by_family.index
            else None
        )
        is_undated = not _all_dated(own_documents[own_documents["famille"] == document.famille])
        year = document.annee_document
        if own_document is not None and (
            is_undated or is_missing(year) or year <= own_document["annee_document"]
        ):
            continue
        rows.append(
            (
                document.famille,
                document.type,
                document.cle,
                names_by_key[document.cle],
                document.strategie_id,
                collapse_whitespace(document.titre),
                document.etat,
                year,
                _TYPE_UNKNOWN_HERE if own_document is None else _MORE_RECENT,
                *(
                    (None, None, None)
                    if own_document is None
                    else (
                        own_document["strategie_id"],
                        collapse_whitespace(own_document["titre"]),
                        own_document["annee_document"],
                    )
                ),
                document.source_id,
                document.source_url,
            )
        )
    table = pd.DataFrame(rows, columns=_NEWER_COLUMNS)
    table = table.astype({"annee_document": "Int64", "mienne_annee": "Int64"})
    order = {family: index for index, family in enumerate(vocabulary_codes("familles_strategie"))}
    table = table.assign(place=table["famille"].map(order))
    table = table.sort_values(
        ["place", "annee_document", "nom", "strategie_id"], ascending=[True, False, True, True]
    )
    return table.drop(columns="place").reset_index(drop=True)


def _all_dated(documents: pd.DataFrame) -> bool:
    return bool(documents["annee_document"].notna().all())


# --- sentences ------------------------------------------------------------------------------------


def describe_gaps(key: str, peers: Iterable[str], named_only: bool = False) -> pd.DataFrame:
    """Describe the gaps in French, a line each: counts and names, nothing that the data do not say.

    Returns `rubrique` (`theme_gaps`, `service_gaps`, `documents`), `code` (of the theme, service or
    type; empty for a remark on all), `sens` (that of `theme_gaps`; empty elsewhere), `phrase`,
    `portee` (the documents it holds of), `reserves` (list).
    """
    members = peer_group(key, peers)
    own_key = members["cle"].iloc[0]
    names_by_key = dict(zip(members["cle"], members["nom"], strict=True))
    if len(members) < 2:
        statement = Statement(
            "Le groupe ne compte aucun pair : aucun écart n’est calculé.",
            "themes",
            (),
            "groupe de pairs",
        )
        return _statements_table([(statement, "")])
    themes = current_themes(members["cle"], named_only)
    compared = compare_themes(themes, own_key, _peer_keys(members))
    return _statements_table(
        [
            *_describe_axes_read(themes.axes),
            *describe_theme_gaps(compared, names_by_key, own_recorded=own_key in themes.recorded),
            *describe_service_gaps(service_gaps(own_key, _peer_keys(members)), names_by_key),
            *describe_newer(newer_strategies(own_key, _peer_keys(members))),
        ]
    )


# A statement, and the side of `compare_themes` that it is about.
GapStatement = tuple[Statement, str]
_MINIMUM_SENTENCE = (
    "Un service sans organisme connu peut être partagé sans que cela soit relevé : les nombres de "
    "pairs sont des minimums."
)


def _statements_table(statements: Iterable[GapStatement]) -> pd.DataFrame:
    rows = [
        (
            statement.rubrique,
            "".join(statement.lignes),
            direction,
            statement.texte,
            statement.portee,
            list(statement.reserves),
        )
        for statement, direction in statements
    ]
    columns = ["rubrique", "code", "sens", "phrase", "portee", "reserves"]
    return pd.DataFrame(rows, columns=columns)


def _describe_axes_read(axes: pd.DataFrame) -> list[GapStatement]:
    """Return a statement that counts the axes read in the group and those a document names."""
    if axes.empty:
        return []
    unique_axes = axes.drop_duplicates(["strategie_id", "rang"])
    count_text = format_axis_counts(len(unique_axes), int(unique_axes["nomme"].sum()))
    text = f"Lus dans ce groupe : {count_text}."
    return [(Statement(text, "themes", (), _ALL_FAMILIES_SCOPE), "")]


def describe_theme_gaps(
    compared: pd.DataFrame, names_by_key: Mapping[str, str], own_recorded: bool
) -> list[GapStatement]:
    """Describe each theme of `compare_themes`; what is not recorded is never called absent."""
    statements: list[GapStatement] = []
    if not own_recorded:
        text = (
            "Vos priorités ne sont pas relevées (documents non terminés) : aucun écart n’est "
            "calculé."
        )
        statements.append((Statement(text, "themes", (), _ALL_FAMILIES_SCOPE), UNKNOWN))
    for row in compared.itertuples():
        parts = [_describe_setters(row, names_by_key)]
        if thresholds.is_enough(row.nb_complets):
            parts.append(describe_read_documents(row.nb_complets_oui, row.nb_complets))
        parts += _describe_own_answer(row.ici, own_recorded)
        text = f"Thème « {code_label('themes', row.theme)} » : {' ; '.join(parts)}."
        statement = Statement(text, "themes", (row.theme,), row.portee, tuple(row.reserves))
        statements.append((statement, row.sens))
    return statements


def _describe_setters(row: object, names_by_key: Mapping[str, str]) -> str:
    """Describe of which peers a theme is recorded, and which have a document about it."""
    text = "relevé chez aucun pair"
    if row.nb_pairs:
        names = _format_names([names_by_key[key] for key in row.pairs])
        text = f"relevé chez {pluralize(row.nb_pairs, 'pair')} ({names})"
    if row.nb_par_objet:
        names = _format_names([names_by_key[key] for key in row.pairs_par_objet])
        text += f" ; sujet d’un document de {pluralize(row.nb_par_objet, 'pair')} ({names})"
    return text


def _describe_own_answer(answer: str, own_recorded: bool) -> list[str]:
    """Return the text about the territory's own answer on a theme (empty list when unknown)."""
    match answer:
        case "oui":
            return ["relevé chez vous"]
        case "oui_par_objet":
            return ["l’un de vos documents porte sur ce sujet"]
        case "non":
            return ["votre stratégie d’ensemble, lue en entier, ne le pose pas"]
        case _:
            return ["non relevé chez vous, ce qui ne dit pas qu’il soit absent"] * own_recorded


def describe_service_gaps(
    compared: pd.DataFrame, names_by_key: Mapping[str, str]
) -> list[GapStatement]:
    """Describe each service of `service_gaps`.

    How many peers at least, with whom, what is known here.
    """
    statements: list[GapStatement] = []
    if len(compared):
        statements.append((Statement(_MINIMUM_SENTENCE, "services", (), _CITED_ORGANISATIONS), ""))
    for row in compared.itertuples():
        service = f"le service « {code_label('services', row.service)} »"
        own_answer = (
            "vous le partagez aussi" if row.ici == YES else "aucun organisme connu pour vous"
        )
        text = (
            f"{_describe_sharers(row.nb_pairs, row.nb_groupe)} {service} "
            f"({_format_names([names_by_key[key] for key in row.pairs])}"
            f"), avec {_format_names(row.organismes)} ; "
            f"{own_answer}."
        )
        statement = Statement(text, "services", (row.service,), row.portee, tuple(row.reserves))
        statements.append((statement, ""))
    return statements


def _describe_sharers(sharing_count: int, count: int) -> str:
    if count == 1:
        return "Votre seul pair partage"
    if sharing_count == count:
        return f"Vos {count} pairs partagent tous"
    return (
        f"{sharing_count} de vos {count} pairs {'partage' if sharing_count == 1 else 'partagent'}"
    )


def describe_newer(newer: pd.DataFrame) -> list[GapStatement]:
    """Describe, for each family of `newer_strategies`.

    Which peers have a more recent document in force.
    """
    statements: list[GapStatement] = []
    for family, rows in newer.groupby("famille", sort=False):
        first_document = rows.iloc[0]
        years = rows.groupby("nom", sort=False)["annee_document"].agg(list)
        dated_names = _format_names(
            [
                f"{name} ({join_words(map(_format_year, name_years))})"
                for name, name_years in years.items()
            ]
        )
        title = f"« {code_label('familles_strategie', family)} »"
        count = rows["cle"].nunique()
        peer_count, verb = pluralize(count, "pair"), "a" if count == 1 else "ont"
        text = (
            f"{title} : {peer_count} {verb}"
            f" un document plus récent que le vôtre ({first_document['mienne_annee']})"
            if first_document["relation"] == _MORE_RECENT
            else f"{title} : aucun document de cette sorte n’est relevé pour vous ; "
            f"{peer_count} en {verb} un"
        )
        scope = f"documents en vigueur de cette famille, de {_RECENT_YEARS} ans au plus"
        caveats = ("d’autres documents peuvent exister",)
        statements.append(
            (Statement(f"{text} : {dated_names}.", "documents", (family,), scope, caveats), "")
        )
    return statements


def _format_year(year: object) -> str:
    return "sans date" if is_missing(year) else str(int(year))


def _format_names(names: Sequence[str]) -> str:
    """Join at most `_MAX_NAMED` names and count the others."""
    remaining_count = len(names) - _MAX_NAMED
    if remaining_count <= 0:
        return join_words(names)
    return f"{', '.join(names[:_MAX_NAMED])} et {pluralize(remaining_count, 'autre')}"
