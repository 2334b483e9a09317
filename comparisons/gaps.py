"""What the peers of a territory do that it does not, and the reverse, with the evidence.

Only what is recorded is compared: a territory whose priorities are not recorded has no gap, a
service without a known organisation is not one that is not shared. `members.group` says how the
territory and its peers are read, and what is raised for wrong ones.
"""

from collections.abc import Iterable, Mapping, Sequence

import pandas as pd

from comparisons import mutualisation, strategies
from comparisons.axes import count_words
from comparisons.format import codes, label
from comparisons.members import NO, OTHER, UNSURE, YES, current_axes, group, one_line
from comparisons.points import bodies
from comparisons.territories import containing, described, neighbours, parse_key
from comparisons.text import enumeration, is_missing, plural
from comparisons.warehouse import metadata

THEIRS, MINE, BOTH = "eux_pas_moi", "moi_pas_eux", "tous_deux"
MORE_RECENT, NONE_HERE = "plus_recente", "type_inconnu_ici"
MAX_NAMED = 6
# An older document, still in force or not, is not news.
RECENT_YEARS = 10

THEME_COLUMNS = ["theme", "ici", "sens", "nb_pairs", "nb_connus", "part", "pairs"]
SERVICE_COLUMNS = ["service", "ici", "nb_pairs", "nb_groupe", "part_des_pairs", "pairs",
                   "organismes"]  # fmt: skip
BODY_COLUMNS = ["service", "partenaire_id", "nom", "sigle", "forme", "nb_pairs", "pairs", "ici",
                "proches", "partenaire_url"]  # fmt: skip
NEWER_COLUMNS = ["famille", "type", "cle", "nom", "strategie_id", "titre", "etat", "annee_document",
                 "relation", "mienne", "mienne_titre", "mienne_annee", "source_id",
                 "source_url"]  # fmt: skip


def _peers(members: pd.DataFrame) -> list[str]:
    return list(members.loc[~members["moi"], "cle"])


# --- themes ---------------------------------------------------------------------------------------


def themes(key: str, peers: Iterable[str], named_only: bool = False) -> pd.DataFrame:
    """Compare the themes set as priorities in strategies that are not over.

    See `compared_themes`; `wordings` gives the words and sources of each line.
    """
    members = group(key, peers)
    axes = current_axes(members["cle"], named_only)
    return compared_themes(axes, members["cle"].iloc[0], _peers(members))


def compared_themes(axes: pd.DataFrame, key: str, peers: Sequence[str]) -> pd.DataFrame:
    """Compare themes: one row per theme that the territory or a peer sets (« autre » left out).

    `axes` is what `members.current_axes` gives: who has no row there is unknown. Returns `theme`,
    `ici` (`oui`, `non`, `inconnu`), `sens` (`eux_pas_moi`, `moi_pas_eux`, `tous_deux`; `inconnu`
    when the priorities of one side are not recorded), `nb_pairs` (that set it), `nb_connus` (whose
    priorities are recorded), `part` (the first over the second; missing when nobody's are), `pairs`
    (their keys, sorted); the most widely set first.
    """
    known = sorted(set(axes["cle"]) & set(peers))
    mine = set(axes.loc[axes["cle"] == key, "theme"])
    own_known = (axes["cle"] == key).any()
    rows = []
    for theme in codes("themes"):
        setters = sorted(set(axes.loc[axes["theme"] == theme, "cle"]) & set(peers))
        if theme == OTHER or not (setters or theme in mine):
            continue
        here = (YES if theme in mine else NO) if own_known else UNSURE
        share = len(setters) / len(known) if known else None
        rows.append(
            (theme, here, _side(here, setters, known), len(setters), len(known), share, setters)
        )
    table = pd.DataFrame(rows, columns=THEME_COLUMNS)
    table = table.astype({"nb_pairs": int, "nb_connus": int, "part": float})
    # themes come in the order of the vocabulary
    return table.sort_values("nb_pairs", ascending=False, kind="stable", ignore_index=True)


def _side(here: str, setters: Sequence[str], known: Sequence[str]) -> str:
    if here == UNSURE or not known:
        return UNSURE
    if here == NO:
        return THEIRS
    return BOTH if setters else MINE


def wordings(theme: str, keys: Sequence[str], named_only: bool = False) -> pd.DataFrame:
    """Give the axes that bear a theme (strategies not over), in their own words, with their source.

    Returns the columns of `members.current_axes`, territories as asked, main themes first.
    """
    rows = current_axes(keys, named_only)
    rows = rows[rows["theme"] == theme]
    place = rows["cle"].map({key: place for place, key in enumerate(keys)})
    return rows.iloc[place.argsort(kind="stable")].reset_index(drop=True)


# --- services -------------------------------------------------------------------------------------


def services(key: str, peers: Iterable[str]) -> pd.DataFrame:
    """List the services that peers are known to pool, and with whom; see `compared_services`.

    `organismes` (list) names each organisation with the number of peers it serves, and says
    whether it serves the territory or those near it. See `organisations`, `service_links`.
    """
    members = group(key, peers)
    keys, own = list(members["cle"]), members["cle"].iloc[0]
    links = mutualisation.links(keys)
    table = compared_services(links, own, _peers(members))
    found = compared_bodies(links, own, _peers(members), near(own))
    told = {service: [_told(row) for row in part.itertuples()]
            for service, part in found.groupby("service")}  # fmt: skip
    return table.assign(organismes=[told[service] for service in table["service"]])


def compared_services(links: pd.DataFrame, key: str, peers: Sequence[str]) -> pd.DataFrame:
    """Compare services: one row per service pooled by a peer (« autre » left out).

    `links` is what `mutualisation.links` gives. Returns `service`, `ici` (`oui` or `inconnu`:
    nobody records that a service is not pooled), `nb_pairs` (known to pool it), `nb_groupe` (all
    peers), `part_des_pairs` (of all peers: at least that many), `pairs` (keys, sorted),
    `organismes` (names, list); the most widely pooled first.
    """
    rows = []
    for service in codes("services"):
        same = links[links["service"] == service]
        theirs = same[same["cle"].isin(list(peers))]
        if service == OTHER or theirs.empty:
            continue
        keys = sorted(set(theirs["cle"]))
        here = YES if (same["cle"] == key).any() else UNSURE
        rows.append((service, here, len(keys), len(peers), len(keys) / len(peers), keys,
                     sorted(bodies(theirs))))  # fmt: skip
    table = pd.DataFrame(rows, columns=SERVICE_COLUMNS)
    table = table.astype({"nb_pairs": int, "nb_groupe": int, "part_des_pairs": float})
    return table.sort_values("nb_pairs", ascending=False, kind="stable", ignore_index=True)


def organisations(key: str, peers: Iterable[str]) -> pd.DataFrame:
    """List the organisations with which peers pool each service; see `compared_bodies`."""
    members = group(key, peers)
    own = members["cle"].iloc[0]
    return compared_bodies(mutualisation.links(members["cle"]), own, _peers(members), near(own))


def near(key: str) -> pd.DataFrame:
    """Give the links of the territories near one: its neighbours, and those it lies in.

    (Neighbours share a border, at the same level; half of its people at least live in the others.)
    Returns the columns of `mutualisation.links` with `nom` (of the territory).
    """
    wider = containing(key)
    wider = list(wider.loc[wider["part_population"] >= 0.5, "cle"])
    keys = [*neighbours(key), *wider]
    links = mutualisation.links(keys)
    rows = described(map(parse_key, keys))
    alone = ~rows["nom"].duplicated(keep=False)
    names = rows["nom"].where(alone, rows["libelle"]).map(one_line)
    return links.assign(nom=links["cle"].map(dict(zip(rows["cle"], names, strict=True))))


def compared_bodies(
    links: pd.DataFrame, key: str, peers: Sequence[str], around: pd.DataFrame
) -> pd.DataFrame:
    """List organisations: one row per service × organisation that serves a peer.

    `links` is what `mutualisation.links` gives for all, `around` what `near` gives. Returns
    `service`, `partenaire_id`, `nom`, `sigle`, `forme`, `nb_pairs` and `pairs` (served for that
    service), `ici` (true when it is known to serve the territory, for any service), `proches`
    (names of territories near it that it serves, for any service), `partenaire_url`; services in
    the order of the vocabulary, the organisation with most peers first.
    """
    here = set(links.loc[links["cle"] == key, "partenaire_id"])
    theirs = links[links["cle"].isin(list(peers)) & (links["service"] != OTHER)]
    rows = []
    for (service, body), part in theirs.groupby(["service", "partenaire_id"]):
        first, keys = part.iloc[0], sorted(set(part["cle"]))
        served = list(dict.fromkeys(around.loc[around["partenaire_id"] == body, "nom"]))
        rows.append((service, body, one_line(first["partenaire_nom"]), first["sigle"],
                     first["forme"], len(keys), keys, body in here, served,
                     first["partenaire_url"]))  # fmt: skip
    table = pd.DataFrame(rows, columns=BODY_COLUMNS).astype({"nb_pairs": int, "ici": bool})
    order = {service: place for place, service in enumerate(codes("services"))}
    table = table.assign(place=table["service"].map(order))
    table = table.sort_values(["place", "nb_pairs", "nom"], ascending=[True, False, True])
    return table.drop(columns="place").reset_index(drop=True)


def _told(body: object) -> str:
    """Name an organisation with whom it serves: `Mégalis (2 pairs ; vous aussi)`."""
    name = body.nom if is_missing(body.sigle) else one_line(body.sigle)
    parts = [plural(body.nb_pairs, "pair")]
    parts += ["vous aussi"] if body.ici else []
    parts += [f"près de vous : {_listed(body.proches)}"] if body.proches else []
    return f"{name} ({' ; '.join(parts)})"


def service_links(service: str, keys: Sequence[str]) -> pd.DataFrame:
    """Give the links that prove who pools a service: the columns of `mutualisation.links`."""
    rows = mutualisation.links(keys)
    return rows[rows["service"] == service].reset_index(drop=True)


# --- documents ------------------------------------------------------------------------------------


def newer(key: str, peers: Iterable[str]) -> pd.DataFrame:
    """List the peers' strategies that are more recent, or of a type unknown here.

    See `compared_documents`.
    """
    members = group(key, peers)
    documents = strategies.documents(members["cle"])
    names = dict(zip(members["cle"], members["nom"], strict=True))
    return compared_documents(documents, members["cle"].iloc[0], names)


def compared_documents(documents: pd.DataFrame, key: str, names: Mapping[str, str]) -> pd.DataFrame:
    """Compare documents: peers' strategies in force, more recent than the territory's own.

    `documents` is what `strategies.documents` gives, `names` those of the territories by key. Only
    documents of `RECENT_YEARS` at most count: an old plan is not news. A document counts against
    the most recent one of its family here, over or not: one that bears no year, or faces one that
    bears none, cannot be called more recent (nor can a document that is also the territory's).
    « Autres documents » is no family in common.

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
        & (documents["annee_document"] >= int(metadata()["annee"]) - RECENT_YEARS)
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
                     one_line(row.titre), row.etat, year, NONE_HERE if own is None else MORE_RECENT,
                     *((None, None, None) if own is None else
                       (own["strategie_id"], one_line(own["titre"]), own["annee_document"])),
                     row.source_id, row.source_url))  # fmt: skip
    table = pd.DataFrame(rows, columns=NEWER_COLUMNS)
    table = table.astype({"annee_document": "Int64", "mienne_annee": "Int64"})
    order = {kind: place for place, kind in enumerate(codes("familles_strategie"))}
    table = table.assign(place=table["famille"].map(order))
    table = table.sort_values(
        ["place", "annee_document", "nom", "strategie_id"], ascending=[True, False, True, True]
    )
    return table.drop(columns="place").reset_index(drop=True)


def _all_dated(documents: pd.DataFrame) -> bool:
    return bool(documents["annee_document"].notna().all())


# --- in words -------------------------------------------------------------------------------------


def sentences(key: str, peers: Iterable[str], named_only: bool = False) -> pd.DataFrame:
    """Say the gaps in French, a line each: counts and names, nothing that the data do not say.

    Returns `rubrique` (`themes`, `services`, `documents`), `code` (of the theme, service or type;
    empty for a remark on all), `sens` (that of `themes`; empty elsewhere), `phrase`.
    """
    members = group(key, peers)
    own = members["cle"].iloc[0]
    names = dict(zip(members["cle"], members["nom"], strict=True))
    columns = ["rubrique", "code", "sens", "phrase"]
    if len(members) < 2:
        only = ("themes", "", "", "Le groupe ne compte aucun pair : aucun écart n’est calculé.")
        return pd.DataFrame([only], columns=columns)
    axes = current_axes(members["cle"], named_only)
    compared = compared_themes(axes, own, _peers(members))
    rows = [
        *_axes_line(axes),
        *theme_lines(compared, names, own_known=own in set(axes["cle"]),
                     known=len(set(axes["cle"]) - {own})),
        *service_lines(services(own, _peers(members)), names),
        *document_lines(newer(own, _peers(members))),
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


Line = tuple[str, str, str, str]
_AT_LEAST = (
    "Un service sans organisme connu peut être partagé sans que cela soit relevé : les nombres de "
    "pairs sont des minimums."
)


def _axes_line(axes: pd.DataFrame) -> list[Line]:
    """Say how many axes are read in the group, and how many of them a document names."""
    if axes.empty:
        return []
    read = axes.drop_duplicates(["strategie_id", "rang"])
    counted = count_words(len(read), int(read["nomme"].sum()))
    return [("themes", "", "", f"Lus dans ce groupe : {counted}.")]


def theme_lines(
    compared: pd.DataFrame, names: Mapping[str, str], own_known: bool, known: int
) -> list[Line]:
    """Say each theme of `compared_themes`; nothing is a gap when one side is not recorded."""
    lines: list[Line] = []
    if not own_known:
        lines.append(("themes", "", UNSURE, "Vos priorités ne sont pas relevées (stratégies non "
                      "terminées) : aucun écart n’est calculé."))  # fmt: skip
    if not known:
        lines.append(("themes", "", UNSURE, "Les priorités d’aucun de vos pairs ne sont relevées "
                      "(stratégies non terminées) : aucun écart n’est calculé."))  # fmt: skip
        return lines
    for row in compared.itertuples():
        theme = f"du thème « {label('themes', row.theme)} »"
        who = f" ({_listed([names[key] for key in row.pairs])})" if row.nb_pairs else ""
        here = {YES: " ; il est relevé chez vous aussi", UNSURE: "",
                NO: " ; il n’est pas relevé chez vous, ce qui ne dit pas qu’il soit absent"
                }[row.ici]  # fmt: skip
        said = f"{_setters(row.nb_pairs, row.nb_connus)} une priorité {theme}{who}{here}."
        lines.append(("themes", row.theme, row.sens, said))
    return lines


def _setters(setting: int, known: int) -> str:
    whose = "dont les priorités sont relevées"
    if setting == 0:
        return (
            f"Chez vos {known} pairs {whose}, n’est pas relevée"
            if known > 1
            else (f"Chez le seul de vos pairs {whose}, n’est pas relevée")
        )
    if known == 1:
        return f"Le seul de vos pairs {whose} fait"
    if setting == known:
        return f"Vos {known} pairs {whose} font tous"
    return f"{setting} de vos {known} pairs {whose} {'fait' if setting == 1 else 'font'}"


def service_lines(compared: pd.DataFrame, names: Mapping[str, str]) -> list[Line]:
    """Say each service of `services`: how many peers at least, with whom, what is known here."""
    lines: list[Line] = []
    if len(compared):
        lines.append(("services", "", "", _AT_LEAST))
    for row in compared.itertuples():
        service = f"le service « {label('services', row.service)} »"
        here = "vous le partagez aussi" if row.ici == YES else "aucun organisme connu pour vous"
        said = (
            f"{_sharers(row.nb_pairs, row.nb_groupe)} {service} "
            f"({_listed([names[key] for key in row.pairs])}), avec {_listed(row.organismes)} ; "
            f"{here}."
        )
        lines.append(("services", row.service, "", said))
    return lines


def _sharers(sharing: int, count: int) -> str:
    if count == 1:
        return "Votre seul pair partage"
    if sharing == count:
        return f"Vos {count} pairs partagent tous"
    return f"{sharing} de vos {count} pairs {'partage' if sharing == 1 else 'partagent'}"


def document_lines(found: pd.DataFrame) -> list[Line]:
    """Say, for each family of `newer`, which peers have a more recent document in force."""
    lines: list[Line] = []
    for kind, rows in found.groupby("famille", sort=False):
        first = rows.iloc[0]
        years = rows.groupby("nom", sort=False)["annee_document"].agg(list)
        told = _listed(
            [f"{name} ({enumeration(map(_year, when))})" for name, when in years.items()]
        )
        title = f"« {label('familles_strategie', kind)} »"
        count = rows["cle"].nunique()
        who, have = plural(count, "pair"), "a" if count == 1 else "ont"
        said = (
            f"{title} : {who} {have} un document plus récent que le vôtre ({first['mienne_annee']})"
            if first["relation"] == MORE_RECENT
            else f"{title} : aucun document de cette sorte n’est relevé pour vous ; "
            f"{who} en {have} un"
        )
        lines.append(("documents", kind, "", f"{said} : {told}."))
    return lines


def _year(year: object) -> str:
    return "sans date" if is_missing(year) else str(int(year))


def _listed(words: Sequence[str]) -> str:
    """List a few names in full, and count the others."""
    more = len(words) - MAX_NAMED
    if more <= 0:
        return enumeration(words)
    return f"{', '.join(words[:MAX_NAMED])} et {plural(more, 'autre')}"
