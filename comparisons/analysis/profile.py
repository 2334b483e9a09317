"""Profile of a territory: its facts, with the sentences and tables of its page."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from comparisons.analysis.alignment import themes_by_level
from comparisons.analysis.replies import Replies, add_replies, describe_replies, replies_by_fact
from comparisons.database.cache import cached
from comparisons.datapackage.known_territories import EPCI_DATE
from comparisons.formatting import (
    MISSING,
    capitalize_first,
    curly_apostrophes,
    describe_absence,
    format_number,
    format_partial_date,
    is_missing,
    join_words,
    pluralize,
)
from comparisons.queries import budgets, strategies
from comparisons.queries import partners as mutualisation
from comparisons.queries.family_subjects import DESCRIPTION, OVERALL
from comparisons.queries.replies import replies_of
from comparisons.queries.sources import sources as cited_sources
from comparisons.queries.territories import (
    acting_areas,
    enclosing,
    load_territories,
    neighbours,
    twin_explanations,
)
from comparisons.rows import iterate_rows
from comparisons.schema.model import code_label
from comparisons.schema.territory import EPCI_NOUNS


@dataclass(frozen=True)
class Profile:
    """Facts of one territory, as the tables of `queries` return them."""

    territory: pd.Series
    documents: pd.DataFrame
    priorities: pd.DataFrame
    budgets: pd.DataFrame
    links: pd.DataFrame
    indicators: pd.DataFrame
    searches: pd.DataFrame
    containing: pd.DataFrame
    enclosing_documents: pd.DataFrame
    neighbours: pd.DataFrame
    alignment: pd.DataFrame
    sources: pd.DataFrame
    twins: list[str]
    reply_rows: pd.DataFrame
    replies: Replies
    replies_sentence: str

    @property
    def key(self) -> str:
        """Return `niveau-code`."""
        return self.territory["cle"]

    @property
    def name(self) -> str:
        """Return the name as a heading."""
        return curly_apostrophes(self.territory["nom"])

    @property
    def is_empty(self) -> bool:
        """Return whether nothing is known of the territory itself."""
        facts = (self.documents, self.links, self.indicators)
        return all(rows.empty for rows in facts)

    def current_enclosing_documents(self) -> pd.DataFrame:
        """Return the documents of wider areas that are not over."""
        return self.enclosing_documents[self.enclosing_documents["etat"] != "terminee"]

    @cached_property
    def tables(self) -> dict[str, pd.DataFrame]:
        """Return the tables under the names they have in files."""
        tables = {
            "strategies": self.documents,
            "priorites": self.priorities,
            "budgets": self.budgets,
            "mutualisations": self.links,
            "indicateurs": self.indicators,
            "alignement": self.alignment,
            "sources": self.sources,
            "reponses": self.reply_rows,
        }
        return {
            name: rows if name == "reponses" else rows.drop(columns="avis", errors="ignore")
            for name, rows in tables.items()
        }


@cached
def load_profile(key: str) -> Profile:
    """Build the profile of a territory; raises `KeyError` if it does not exist."""
    rows = load_territories((key,))
    if rows.empty:
        raise KeyError(key)
    documents = strategies.strategies_of([key])
    ids = list(documents["strategie_id"])
    replies = replies_by_fact(key)
    stated = {
        "stratégies": documents,
        "priorités": strategies.priorities(ids),
        "budgets": budgets.budget_lines(ids),
        "partenaires": mutualisation.partnerships([key], with_pending=True),
        "indicateurs": strategies.indicators([key]),
    }
    return Profile(
        territory=rows.iloc[0],
        documents=add_replies(documents, "strategies", replies),
        priorities=add_replies(stated["priorités"], "priorites", replies),
        budgets=add_replies(stated["budgets"], "budgets", replies),
        links=add_replies(stated["partenaires"], "mutualisations", replies),
        indicators=add_replies(stated["indicateurs"], "indicateurs", replies),
        searches=strategies.last_lookups([key]),
        containing=enclosing(key),
        enclosing_documents=strategies.enclosing_strategies(key),
        neighbours=neighbour_strategies(key),
        alignment=themes_by_level(key),
        sources=_collect_sources(stated),
        twins=twin_explanations(key),
        reply_rows=replies_of(key),
        replies=replies,
        replies_sentence=describe_replies(key, rows.iloc[0]),
    )


def _collect_sources(stated: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return each source once, with what it states (`sujets`), in the order of the page."""
    subjects: dict[str, list[str]] = {}
    for subject, rows in stated.items():
        for source in dict.fromkeys(rows["source_id"]):
            subjects.setdefault(source, []).append(subject)
    table = cited_sources(list(subjects))
    return table.assign(sujets=[subjects[source] for source in table["source_id"]])


def neighbour_strategies(key: str) -> pd.DataFrame:
    """Return the document to show by default of each neighbour that has one, longest border first.

    Returns `cle`, `nom`, `titre`, `type`, `etat`, `annee_document`; `attrs["nb_voisins"]` counts
    them all, `attrs["nb_par_cas"]` those of each case of `_NEIGHBOUR_WORDS`.
    """
    neighbour_keys = neighbours(key)
    documents = strategies.strategies_of(neighbour_keys)
    rows = _main_documents(neighbour_keys)
    rows.attrs["nb_voisins"] = len(neighbour_keys)
    rows.attrs["nb_par_cas"] = _count_neighbour_cases(neighbour_keys, documents)
    return rows


def _main_documents(keys: list[str]) -> pd.DataFrame:
    """Return the document to show by default of each territory that has one."""
    documents = strategies.strategies_of(keys)
    documents = documents[documents["rang"] == 1]
    documents = documents.assign(
        nom=documents["cle"].map(load_territories(keys).set_index("cle")["nom"])
    )
    columns = ["cle", "nom", "titre", "type", "etat", "annee_document"]
    return documents[columns].reset_index(drop=True)


_IN_FORCE = ("adoptee", "en_revision")
# States of knowledge of a neighbour: words for one, and for several.
_NEIGHBOUR_WORDS = {
    "ensemble": (
        "a une stratégie d’ensemble adoptée ou en révision",
        "ont une stratégie d’ensemble adoptée ou en révision",
    ),
    "ensemble_incertaine": (
        "a une stratégie d’ensemble dont on ne sait pas si elle est en vigueur",
        "ont une stratégie d’ensemble dont on ne sait pas si elle est en vigueur",
    ),
    "ensemble_hors_vigueur": (
        "a une stratégie d’ensemble terminée ou en préparation",
        "ont une stratégie d’ensemble terminée ou en préparation",
    ),
    "autre": (
        "n’a de documents nommés que sur un sujet chacun",
        "n’ont de documents nommés que sur un sujet chacun",
    ),
    "hors_vigueur": (
        "n’a de documents nommés que terminés ou en préparation",
        "n’ont de documents nommés que terminés ou en préparation",
    ),
    "page_ou_partie": (
        "n’a de connu qu’une page qui ne nomme aucun document, ou un document d’une partie de son "
        "territoire",
        "n’ont de connu que des pages qui ne nomment aucun document, ou des documents d’une partie "
        "de leur territoire",
    ),
    "non_trouvee": (
        "a été cherché sans qu’un document soit trouvé",
        "ont été cherchés sans qu’un document soit trouvé",
    ),
    "non_cherchee": ("n’a pas encore été cherché", "n’ont pas encore été cherchés"),
}


def _count_neighbour_cases(neighbour_keys: list[str], documents: pd.DataFrame) -> dict[str, int]:
    """Count the neighbours of each case, those without any left out."""
    is_named = (documents["portee"] != DESCRIPTION) & documents["dans_aire"]
    is_running = is_named & ~documents["etat"].isin(["terminee", "en_elaboration"])
    is_overall = is_named & (documents["famille"] == OVERALL)
    searched = set(strategies.last_lookups(neighbour_keys)["cle"])
    keys_by_case = {
        "ensemble": set(documents.loc[is_overall & documents["etat"].isin(_IN_FORCE), "cle"]),
        "ensemble_incertaine": set(documents.loc[is_running & is_overall, "cle"]),
        "ensemble_hors_vigueur": set(documents.loc[is_overall, "cle"]),
        "autre": set(documents.loc[is_running, "cle"]),
        "hors_vigueur": set(documents.loc[is_named, "cle"]),
        "page_ou_partie": set(documents["cle"]),
        "non_trouvee": searched,
        "non_cherchee": set(neighbour_keys),
    }
    cases = [
        next(case for case, keys in keys_by_case.items() if key in keys) for key in neighbour_keys
    ]
    return {case: cases.count(case) for case in keys_by_case if case in cases}


def describe_neighbours(rows: pd.DataFrame) -> str:
    """Return a sentence that counts the neighbours of each case.

    Neighbours never looked up are a case of their own.
    """
    total = rows.attrs["nb_voisins"]
    if not total:
        return "Ce territoire n’a pas de voisin de même niveau."
    descriptions = (
        f"{count} {_NEIGHBOUR_WORDS[case][count > 1]}"
        for case, count in rows.attrs["nb_par_cas"].items()
    )
    return f"Sur {pluralize(total, 'voisin')} : {' ; '.join(descriptions)}."


def identity_sources(profile: Profile) -> str:
    """Describe where name, people and area come from, and of which year."""
    return reference_sources([profile.territory["population_annee"]])


def reference_sources(years: Iterable[int]) -> str:
    """Describe where names, people and areas come from; `years` are those of the populations."""
    years_text = join_words(str(int(year)) for year in sorted(set(years)))
    return (
        f"Sources : population municipale {years_text}, Insee ; codes et noms, Code officiel "
        "géographique 2026 (Insee) ; composition des intercommunalités au "
        f"{format_partial_date(EPCI_DATE)}, DGCL ; "
        "superficie calculée sur les contours ADMIN EXPRESS (IGN)."
    )


def describe_identity(profile: Profile) -> str:
    """Describe what the territory is and where, in a sentence."""
    row = profile.territory
    region = curly_apostrophes(row["region_nom"])
    match row["territoire_niveau"]:
        case "region":
            return f"Région de {pluralize(row['nb_communes'], 'commune')}."
        case "departement":
            return f"Département {row['territoire_code']}, région {region}."
        case "epci":
            departments = profile.containing[
                profile.containing["territoire_niveau"] == "departement"
            ]
            names = join_words(curly_apostrophes(name) for name in departments["nom"])
            kind = capitalize_first(EPCI_NOUNS[row["type"]][0])
            if row["type"] == "MET69":
                kind += ", qui exerce aussi les compétences du département"
            return f"{kind}, {names}, région {region}."
        case _:
            epci_names = profile.containing[profile.containing["territoire_niveau"] == "epci"][
                "nom_de"
            ]
            group = f", membre {curly_apostrophes(epci_names.iloc[0])}" if len(epci_names) else ""
            return f"Commune, {curly_apostrophes(row['departement_nom'])}, région {region}{group}."


_NOT_SEARCHED = "Pas encore cherché"


def key_figures(profile: Profile) -> list[tuple[str, str, str]]:
    """Return the figures at the top: title, value, what it is exactly."""
    row = profile.territory
    in_force = int(profile.documents["etat"].isin(_IN_FORCE).sum())
    was_searched = not profile.searches.empty
    partners = mutualisation.in_use(profile.links)["partenaire_id"].nunique()
    return [
        (
            "Habitants",
            format_number(row["population"]),
            f"Population municipale {row['population_annee']}",
        ),
        ("Communes", format_number(row["nb_communes"]), ""),
        ("Habitants par km²", format_number(row["densite"]), ""),
        (
            "Stratégies connues",
            # there is no figure where nobody looked
            format_number(len(profile.documents))
            if was_searched or len(profile.documents)
            else _NOT_SEARCHED,
            f"dont {in_force} en vigueur (adoptées ou en révision)",
        ),
        (
            "Partenaires connus",
            format_number(partners) if partners else MISSING,
            "Organismes de mutualisation connus",
        ),
    ]


def verdict(profile: Profile) -> str:
    """Return in a sentence how many documents are known, and which are known to be in force."""
    documents = profile.documents
    if documents.empty:
        return describe_absence(profile.searches)
    in_force = documents.loc[documents["etat"].isin(_IN_FORCE), ["titre", "annee_document"]]
    counted = pluralize(len(documents), "document connu", "documents connus")
    if in_force.empty:
        subject = "il n’est pas connu" if len(documents) == 1 else "aucun n’est connu"
        return f"{counted} ; {subject} comme étant en vigueur."
    named = join_words(
        f"« {curly_apostrophes(row.titre)} »"
        + ("" if is_missing(row.annee_document) else f" ({int(row.annee_document)})")
        for row in iterate_rows(in_force.head(2))
    )
    others = len(in_force) - 2
    more = f" et {pluralize(others, 'autre', 'autres')}" if others > 0 else ""
    return f"{counted}, dont {len(in_force)} en vigueur (adopté ou en révision) : {named}{more}."


def describe_size(profile: Profile) -> str:
    """Return people with their year, communes (a région has said them) and density in a line."""
    row = profile.territory
    parts = [f"{format_number(row['population'])} habitants ({row['population_annee']})"]
    if row["territoire_niveau"] in ("departement", "epci"):
        parts.append(pluralize(row["nb_communes"], "commune"))
    parts.append(
        f"densité : {MISSING}"
        if is_missing(row["densite"])
        else f"{format_number(row['densite'])} habitants par km²"
    )
    areas = acting_areas(row["territoire_niveau"])
    if row["territoire_code"] in areas.index:
        area = areas.loc[row["territoire_code"]]
        parts.append(
            f"dont {format_number(area['population'])} habitants et "
            f"{pluralize(area['nb_communes'], 'commune')} hors {curly_apostrophes(area['sans'])}, "
            "là où il agit"
        )
    return f"{', '.join(parts)}."


def nearest_documents(profile: Profile, count: int = 5) -> pd.DataFrame:
    """Return the nearest territories of the level with a document of their own, by distance.

    Returns the columns of `neighbour_strategies`, and `distance_km` between the centres.
    """
    nearest = strategies.nearest_with_document(profile.key, count)
    rows = _main_documents(list(nearest["cle"]))
    return rows.assign(distance_km=rows["cle"].map(nearest.set_index("cle")["distance_km"]))


def describe_lookup(profile: Profile) -> str:
    """Return whether and when the territory was looked up, with what result, and what was noted."""
    if profile.searches.empty:
        return "Ce territoire n’a pas encore été cherché en lui-même."
    row = profile.searches.iloc[0]
    result = code_label("resultats_recherche", row["resultat"]).lower()
    note = "" if is_missing(row["note"]) else f" ; {curly_apostrophes(row['note'])}"
    date = row["consulte_le"]
    date_text = (
        f"{'le' if len(date) == 10 else 'en'} {format_partial_date(date)}"  # or a month, or a year
    )
    return f"Dernière recherche {date_text} : {result}{note}."
