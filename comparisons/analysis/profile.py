"""One territory: all that is known of it, and the words and tables that say so."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pandas as pd

from comparisons.analysis.alignment import aligned
from comparisons.formatting import (
    MISSING,
    NBSP,
    absence_sentence,
    capitalised,
    enumeration,
    euros,
    euros_per_head,
    is_missing,
    number,
    partial_date,
    period,
    plural,
    typographic,
)
from comparisons.queries import budgets, strategies
from comparisons.queries import partners as mutualisation
from comparisons.queries.axes import rank_words
from comparisons.queries.sources import source_link
from comparisons.queries.sources import sources as cited_sources
from comparisons.queries.territories import containing, described, neighbours, twins
from comparisons.schema.model import codes, label
from comparisons.schema.territory import parse_key


@dataclass(frozen=True)
class Profile:
    """The facts of one territory, each table as the library's questions give it."""

    territory: pd.Series
    documents: pd.DataFrame
    priorities: pd.DataFrame
    budgets: pd.DataFrame
    links: pd.DataFrame
    indicators: pd.DataFrame
    searches: pd.DataFrame
    containing: pd.DataFrame
    wider: pd.DataFrame
    neighbours: pd.DataFrame
    alignment: pd.DataFrame
    sources: pd.DataFrame
    twins: list[str]

    @property
    def key(self) -> str:
        """Give `niveau-code`."""
        return self.territory["cle"]

    @property
    def name(self) -> str:
        """Give the name as a heading."""
        return typographic(self.territory["nom"])

    def sheets(self) -> dict[str, pd.DataFrame]:
        """Give the tables under the names they have in files."""
        return {
            "strategies": self.documents,
            "priorites": self.priorities,
            "budgets": self.budgets,
            "mutualisations": self.links,
            "indicateurs": self.indicators,
            "alignement": self.alignment,
            "sources": self.sources,
        }


def profile(key: str) -> Profile:
    """Gather all that is known of a territory; raises `KeyError` if it does not exist."""
    rows = described([parse_key(key)])
    if rows.empty:
        raise KeyError(key)
    documents = strategies.documents([key])
    ids = list(documents["strategie_id"])
    stated = {
        "stratégies": documents,
        "priorités": strategies.priorities(ids),
        "budgets": budgets.amounts(ids),
        "partenaires": mutualisation.links([key]),
        "indicateurs": strategies.indicators([key]),
    }
    return Profile(
        territory=rows.iloc[0],
        documents=documents,
        priorities=stated["priorités"],
        budgets=stated["budgets"],
        links=stated["partenaires"],
        indicators=stated["indicateurs"],
        searches=strategies.last_search([key]),
        containing=containing(key),
        wider=strategies.wider(key),
        neighbours=neighbours_with_strategies(key),
        alignment=aligned(key),
        sources=_sources_of(stated),
        twins=twins(key),
    )


def _sources_of(stated: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Give each source once, with what it states (`sujets`), in the order of the page."""
    subjects: dict[str, list[str]] = {}
    for subject, rows in stated.items():
        for source in dict.fromkeys(rows["source_id"]):
            subjects.setdefault(source, []).append(subject)
    found = cited_sources(list(subjects))
    return found.assign(sujets=[subjects[source] for source in found["source_id"]])


def neighbours_with_strategies(key: str) -> pd.DataFrame:
    """The document to show by default of each neighbour that has one, longest border first.

    Returns `cle`, `nom`, `titre`, `type`, `etat`, `annee_document`; `attrs["nb_voisins"]` counts
    them all, `attrs["nb_par_cas"]` those of each case of `NEIGHBOUR_WORDS`.
    """
    around = neighbours(key)
    documents = strategies.documents(around)
    found = documents[documents["rang"] == 1]
    names = described(map(parse_key, around)).set_index("cle")["nom"]
    found = found.assign(nom=found["cle"].map(names))
    rows = found[["cle", "nom", "titre", "type", "etat", "annee_document"]].reset_index(drop=True)
    rows.attrs["nb_voisins"] = len(around)
    rows.attrs["nb_par_cas"] = _neighbour_cases(around, documents)
    return rows


IN_FORCE = ("adoptee", "en_revision")
# What is known of a neighbour, each in one case: the words for one, and for several.
NEIGHBOUR_WORDS = {
    "ensemble": (
        "a une stratégie d’ensemble adoptée ou en révision",
        "ont une stratégie d’ensemble adoptée ou en révision",
    ),
    "ensemble_incertaine": (
        "a une stratégie d’ensemble dont on ne sait pas si elle est en vigueur",
        "ont une stratégie d’ensemble dont on ne sait pas si elle est en vigueur",
    ),
    "autre": (
        "n’a de connu qu’un document sur un seul sujet",
        "n’ont de connu que des documents sur un seul sujet",
    ),
    "hors_vigueur": (
        "n’a de connu qu’un document terminé ou en préparation",
        "n’ont de connu que des documents terminés ou en préparation",
    ),
    "non_trouvee": (
        "a été cherché sans qu’un document soit trouvé",
        "ont été cherchés sans qu’un document soit trouvé",
    ),
    "non_cherchee": ("n’a pas encore été cherché", "n’ont pas encore été cherchés"),
}


def _neighbour_cases(around: list[str], documents: pd.DataFrame) -> dict[str, int]:
    """Count the neighbours of each case, those without any left out."""
    running = ~documents["etat"].isin(["terminee", "en_elaboration"])
    whole = running & (documents["famille"] == "ensemble")
    searched = set(strategies.last_search(around)["cle"])
    sets = {
        "ensemble": set(documents.loc[whole & documents["etat"].isin(IN_FORCE), "cle"]),
        "ensemble_incertaine": set(documents.loc[whole, "cle"]),
        "autre": set(documents.loc[running, "cle"]),
        "hors_vigueur": set(documents["cle"]),
        "non_trouvee": searched,
        "non_cherchee": set(around),
    }
    cases = [next(case for case, keys in sets.items() if key in keys) for key in around]
    return {case: cases.count(case) for case in sets if case in cases}


def neighbours_sentence(rows: pd.DataFrame) -> str:
    """Say what is known of the neighbours, by kind and state; who was never searched is no zero."""
    total = rows.attrs["nb_voisins"]
    if not total:
        return "Ce territoire n’a pas de voisin de même niveau."
    told = (
        f"{count} {NEIGHBOUR_WORDS[case][count > 1]}"
        for case, count in rows.attrs["nb_par_cas"].items()
    )
    return f"Sur {plural(total, 'voisin')} : {' ; '.join(told)}."


def identity_sources(known: Profile) -> str:
    """Say where name, people and area come from, and of which year."""
    return vintages([known.territory["population_annee"]])


def vintages(years: Iterable[int]) -> str:
    """Say where names, people and areas come from; `years` are those of the populations."""
    counted = enumeration(str(int(year)) for year in sorted(set(years)))
    return (
        f"Sources : population municipale {counted}, Insee ; codes et noms, Code officiel "
        "géographique 2026 (Insee) ; composition des intercommunalités au 1er janvier 2025, DGCL ; "
        "superficie calculée sur les contours ADMIN EXPRESS (IGN)."
    )


def identity_sentence(known: Profile) -> str:
    """Say what the territory is and where, in a sentence."""
    row = known.territory
    region = typographic(row["region_nom"])
    match row["territoire_niveau"]:
        case "region":
            return f"Région de {plural(row['nb_communes'], 'commune')}."
        case "departement":
            return f"Département {row['territoire_code']}, région {region}."
        case "epci":
            departments = known.containing[known.containing["territoire_niveau"] == "departement"]
            names = enumeration(typographic(name) for name in departments["nom"])
            return f"Intercommunalité ({row['type']}), {names}, région {region}."
        case _:
            inside = known.containing[known.containing["territoire_niveau"] == "epci"]["nom_de"]
            group = f", membre {typographic(inside.iloc[0])}" if len(inside) else ""
            return f"Commune, {typographic(row['departement_nom'])}, région {region}{group}."


NOT_SEARCHED = "Pas encore cherché"


def headline(known: Profile) -> list[tuple[str, str, str]]:
    """Give the figures at the top: title, value, what it is exactly."""
    row = known.territory
    in_force = int(known.documents["etat"].isin(IN_FORCE).sum())
    searched = not known.searches.empty
    partners = known.links["partenaire_id"].nunique()
    return [
        (
            "Habitants",
            number(row["population"]),
            f"Population municipale {row['population_annee']}",
        ),
        ("Communes", number(row["nb_communes"]), ""),
        ("Habitants par km²", number(row["densite"]), ""),
        (
            "Stratégies connues",
            # none is known where nobody looked: that is no figure
            number(len(known.documents)) if searched or len(known.documents) else NOT_SEARCHED,
            f"dont {in_force} qu’une source dit adoptées ou en révision",
        ),
        (
            "Partenaires connus",
            number(partners) if partners else MISSING,
            "Organismes de mutualisation connus",
        ),
    ]


def absence(known: Profile) -> str:
    """Say why no strategy is shown."""
    return absence_sentence(known.searches)


def search_sentence(known: Profile) -> str:
    """Say whether and when the territory was looked up, with what result, and what was noted."""
    if known.searches.empty:
        return "Ce territoire n’a pas encore été cherché en lui-même."
    row = known.searches.iloc[0]
    found = label("resultats_recherche", row["resultat"]).lower()
    note = "" if is_missing(row["note"]) else f" ; {typographic(row['note'])}"
    date = row["consulte_le"]
    when = f"{'le' if len(date) == 10 else 'en'} {partial_date(date)}"  # or a month, or a year
    return f"Dernière recherche {when} : {found}{note}."


def priorities_table(known: Profile) -> pd.DataFrame:
    """Priorities by theme, in the words of the documents."""
    rows = known.priorities
    many = rows["strategie_id"].nunique() > 1
    table = pd.DataFrame(
        {
            "Document": [typographic(r.titre) for r in rows.itertuples()],
            "Axe": [rank_words(r) for r in rows.itertuples()],
            "Intitulé": [_with_detail(r.intitule, r.description) for r in rows.itertuples()],
            "Thèmes": [
                enumeration(
                    label("themes", code)
                    for code in [
                        r.theme,
                        *([] if is_missing(r.themes_secondaires) else r.themes_secondaires),
                    ]
                )
                for r in rows.itertuples()
            ],
            "Certitude": [label("certitudes", code) for code in rows["certitude"]],
            "Source": _sources(rows),
        }
    )
    return table if many else table.drop(columns="Document")


def priorities_by_theme(known: Profile) -> pd.DataFrame:
    """The same wordings, theme by theme: an axis that bears several themes is read under each."""
    lines = []
    for row in known.priorities.itertuples():
        others = [] if is_missing(row.themes_secondaires) else list(row.themes_secondaires)
        for theme in dict.fromkeys([row.theme, *others]):
            lines.append(
                {
                    "theme": theme,
                    "Thème": label("themes", theme),
                    "Intitulé": typographic(row.intitule),
                    "Axe": rank_words(row) + ("" if theme == row.theme else ", thème secondaire"),
                    "Document": typographic(row.titre),
                    "Certitude": label("certitudes", row.certitude),
                    "Source": source_link(row.source_editeur or row.source_titre, row.source_url),
                }
            )
    table = pd.DataFrame(lines)
    if table.empty:
        return table
    order = {code: place for place, code in enumerate(codes("themes"))}
    table = table.sort_values("theme", key=lambda theme: theme.map(order), kind="stable")
    table = table.drop(columns="theme").reset_index(drop=True)
    return (
        table if known.priorities["strategie_id"].nunique() > 1 else table.drop(columns="Document")
    )


def sources_table(known: Profile) -> pd.DataFrame:
    """Every document that states something of this page, with its link and dates."""
    rows = known.sources
    return pd.DataFrame(
        {
            "Source": [source_link(r.titre, r.url) for r in rows.itertuples()],
            "Éditeur": [typographic(text) for text in rows["editeur"]],
            "Nature": [label("types_source", code) for code in rows["type"]],
            "Publiée le": [partial_date(date) for date in rows["date_publication"]],
            "Consultée le": [partial_date(date) for date in rows["consulte_le"]],
            "Relue le": [partial_date(date) for date in rows["relu_le"]],
            "Ce qu’elle établit": [enumeration(subjects) for subjects in rows["sujets"]],
        }
    )


def budgets_table(known: Profile) -> pd.DataFrame:
    """Every amount, parts under their whole."""
    rows = known.budgets
    amounts = list(rows.itertuples())
    many = rows["strategie_id"].nunique() > 1
    table = pd.DataFrame(
        {
            "Document": [typographic(r.titre) for r in amounts],
            "Objet": [f"{'↳ ' * int(r.profondeur)}{typographic(r.libelle)}" for r in amounts],
            "Périmètre": [label("perimetres", code) for code in rows["perimetre"]],
            "Étape": [label("etapes", code) for code in rows["etape"]],
            "Montant": [
                _about(r.approximatif)
                + euros(r.montant)
                + ("" if is_missing(r.recurrence) else " par an")
                + (f"{NBSP}(déduit)" if r.certitude == "deduit" else "")
                for r in amounts
            ],
            "€/habitant": [
                euros_per_head(r.montant / r.population, not is_missing(r.recurrence))
                if r.profondeur == 0
                else "inclus ci-dessus"
                for r in amounts
            ],
            "Période": [period(r.annee_debut, r.annee_fin) for r in amounts],
            "Financeur": [_funder(r) for r in amounts],
            "Source": _sources(rows),
        }
    )
    return table if many else table.drop(columns="Document")


def links_table(known: Profile) -> pd.DataFrame:
    """Shared services: with whom, as what, since when."""
    rows = known.links
    return pd.DataFrame(
        {
            "Service": [label("services", code) for code in rows["service"]],
            "Organisme": [
                typographic(r.partenaire_nom)
                + ("" if is_missing(r.sigle) else f" ({typographic(r.sigle)})")
                for r in rows.itertuples()
            ],
            "Forme": [label("formes", code) for code in rows["forme"]],
            "Rôle": [label("roles", code) for code in rows["role"]],
            "Solution": [typographic(text) for text in rows["solution"]],
            "Depuis": [MISSING if is_missing(y) else f"{int(y)}" for y in rows["annee_debut"]],
            "Certitude": [label("certitudes", code) for code in rows["certitude"]],
            "Source": _sources(rows),
        }
    )


def indicators_table(known: Profile) -> pd.DataFrame:
    """Measured values and targets."""
    rows = known.indicators
    return pd.DataFrame(
        {
            "Indicateur": [
                _with_detail(
                    r.libelle if r.indicateur == "autre" else label("indicateurs", r.indicateur),
                    None if r.indicateur == "autre" else r.libelle,
                )
                for r in rows.itertuples()
            ],
            "Valeur": [
                _about(r.approximatif) + f"{number(r.valeur, 2)} {typographic(r.unite)}"
                for r in rows.itertuples()
            ],
            "Nature": [label("natures_indicateur", code) for code in rows["nature"]],
            "Année": [MISSING if is_missing(y) else f"{int(y)}" for y in rows["annee"]],
            "Certitude": [label("certitudes", code) for code in rows["certitude"]],
            "Source": _sources(rows),
        }
    )


def _about(approximate: object) -> str:
    # not `is True`: a column of booleans holds those of NumPy
    return "environ " if not is_missing(approximate) and bool(approximate) else ""


def _with_detail(text: str, detail: object) -> str:
    return (
        typographic(text) if is_missing(detail) else f"{typographic(text)} : {typographic(detail)}"
    )


def _funder(row: object) -> str:
    if not is_missing(row.financeur_nom):
        return capitalised(typographic(row.financeur_nom))
    return MISSING if is_missing(row.financeur_type) else label("financeurs", row.financeur_type)


def _sources(rows: pd.DataFrame) -> list[str]:
    """Markdown links to the sources, named by their publisher."""
    return [
        source_link(
            r.source_titre if is_missing(r.source_editeur) else r.source_editeur, r.source_url
        )
        for r in rows.itertuples()
    ]
