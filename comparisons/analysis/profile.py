"""One territory: all that is known of it, and the words and tables that say so."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pandas as pd

from comparisons.analysis.alignment import themes_by_level
from comparisons.formatting import (
    MISSING,
    NBSP,
    capitalize_first,
    curly_apostrophes,
    describe_absence,
    format_euros,
    format_euros_per_inhabitant,
    format_number,
    format_partial_date,
    format_period,
    is_missing,
    join_words,
    pluralize,
)
from comparisons.queries import budgets, strategies
from comparisons.queries import partners as mutualisation
from comparisons.queries.axes import rank_words
from comparisons.queries.sources import source_link
from comparisons.queries.sources import sources as cited_sources
from comparisons.queries.territories import (
    enclosing,
    load_territories,
    neighbours,
    twin_explanations,
)
from comparisons.schema.model import code_label, vocabulary_codes
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
        """Return `niveau-code`."""
        return self.territory["cle"]

    @property
    def name(self) -> str:
        """Return the name as a heading."""
        return curly_apostrophes(self.territory["nom"])

    def sheets(self) -> dict[str, pd.DataFrame]:
        """Return the tables under the names they have in files."""
        return {
            "strategies": self.documents,
            "priorites": self.priorities,
            "budgets": self.budgets,
            "mutualisations": self.links,
            "indicateurs": self.indicators,
            "alignement": self.alignment,
            "sources": self.sources,
        }


def load_profile(key: str) -> Profile:
    """Gather all that is known of a territory; raises `KeyError` if it does not exist."""
    rows = load_territories([parse_key(key)])
    if rows.empty:
        raise KeyError(key)
    documents = strategies.strategies_of([key])
    ids = list(documents["strategie_id"])
    stated = {
        "stratégies": documents,
        "priorités": strategies.priorities(ids),
        "budgets": budgets.budget_lines(ids),
        "partenaires": mutualisation.partnerships([key]),
        "indicateurs": strategies.indicators([key]),
    }
    return Profile(
        territory=rows.iloc[0],
        documents=documents,
        priorities=stated["priorités"],
        budgets=stated["budgets"],
        links=stated["partenaires"],
        indicators=stated["indicateurs"],
        searches=strategies.last_lookups([key]),
        containing=enclosing(key),
        wider=strategies.enclosing_strategies(key),
        neighbours=neighbour_strategies(key),
        alignment=themes_by_level(key),
        sources=_sources_of(stated),
        twins=twin_explanations(key),
    )


def _sources_of(stated: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return each source once, with what it states (`sujets`), in the order of the page."""
    subjects: dict[str, list[str]] = {}
    for subject, rows in stated.items():
        for source in dict.fromkeys(rows["source_id"]):
            subjects.setdefault(source, []).append(subject)
    found = cited_sources(list(subjects))
    return found.assign(sujets=[subjects[source] for source in found["source_id"]])


def neighbour_strategies(key: str) -> pd.DataFrame:
    """Return the document to show by default of each neighbour that has one, longest border first.

    Returns `cle`, `nom`, `titre`, `type`, `etat`, `annee_document`; `attrs["nb_voisins"]` counts
    them all, `attrs["nb_par_cas"]` those of each case of `NEIGHBOUR_WORDS`.
    """
    around = neighbours(key)
    documents = strategies.strategies_of(around)
    found = documents[documents["rang"] == 1]
    names = load_territories(map(parse_key, around)).set_index("cle")["nom"]
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
    searched = set(strategies.last_lookups(around)["cle"])
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
    """Describe what is known of the neighbours, by kind and state.

    Who was never searched is no zero.
    """
    total = rows.attrs["nb_voisins"]
    if not total:
        return "Ce territoire n’a pas de voisin de même niveau."
    told = (
        f"{count} {NEIGHBOUR_WORDS[case][count > 1]}"
        for case, count in rows.attrs["nb_par_cas"].items()
    )
    return f"Sur {pluralize(total, 'voisin')} : {' ; '.join(told)}."


def identity_sources(known: Profile) -> str:
    """Describe where name, people and area come from, and of which year."""
    return reference_sources([known.territory["population_annee"]])


def reference_sources(years: Iterable[int]) -> str:
    """Describe where names, people and areas come from; `years` are those of the populations."""
    counted = join_words(str(int(year)) for year in sorted(set(years)))
    return (
        f"Sources : population municipale {counted}, Insee ; codes et noms, Code officiel "
        "géographique 2026 (Insee) ; composition des intercommunalités au 1er janvier 2025, DGCL ; "
        "superficie calculée sur les contours ADMIN EXPRESS (IGN)."
    )


def describe_identity(known: Profile) -> str:
    """Describe what the territory is and where, in a sentence."""
    row = known.territory
    region = curly_apostrophes(row["region_nom"])
    match row["territoire_niveau"]:
        case "region":
            return f"Région de {pluralize(row['nb_communes'], 'commune')}."
        case "departement":
            return f"Département {row['territoire_code']}, région {region}."
        case "epci":
            departments = known.containing[known.containing["territoire_niveau"] == "departement"]
            names = join_words(curly_apostrophes(name) for name in departments["nom"])
            return f"Intercommunalité ({row['type']}), {names}, région {region}."
        case _:
            inside = known.containing[known.containing["territoire_niveau"] == "epci"]["nom_de"]
            group = f", membre {curly_apostrophes(inside.iloc[0])}" if len(inside) else ""
            return f"Commune, {curly_apostrophes(row['departement_nom'])}, région {region}{group}."


NOT_SEARCHED = "Pas encore cherché"


def key_figures(known: Profile) -> list[tuple[str, str, str]]:
    """Return the figures at the top: title, value, what it is exactly."""
    row = known.territory
    in_force = int(known.documents["etat"].isin(IN_FORCE).sum())
    searched = not known.searches.empty
    partners = known.links["partenaire_id"].nunique()
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
            # none is known where nobody looked: that is no figure
            format_number(len(known.documents))
            if searched or len(known.documents)
            else NOT_SEARCHED,
            f"dont {in_force} qu’une source dit adoptées ou en révision",
        ),
        (
            "Partenaires connus",
            format_number(partners) if partners else MISSING,
            "Organismes de mutualisation connus",
        ),
    ]


def absence(known: Profile) -> str:
    """Describe why no strategy is shown."""
    return describe_absence(known.searches)


def describe_lookup(known: Profile) -> str:
    """Return whether and when the territory was looked up, with what result, and what was noted."""
    if known.searches.empty:
        return "Ce territoire n’a pas encore été cherché en lui-même."
    row = known.searches.iloc[0]
    found = code_label("resultats_recherche", row["resultat"]).lower()
    note = "" if is_missing(row["note"]) else f" ; {curly_apostrophes(row['note'])}"
    date = row["consulte_le"]
    when = (
        f"{'le' if len(date) == 10 else 'en'} {format_partial_date(date)}"  # or a month, or a year
    )
    return f"Dernière recherche {when} : {found}{note}."


def priorities_table(known: Profile) -> pd.DataFrame:
    """Return priorities by theme, in the words of the documents."""
    rows = known.priorities
    many = rows["strategie_id"].nunique() > 1
    table = pd.DataFrame(
        {
            "Document": [curly_apostrophes(r.titre) for r in rows.itertuples()],
            "Axe": [rank_words(r) for r in rows.itertuples()],
            "Intitulé": [_with_detail(r.intitule, r.description) for r in rows.itertuples()],
            "Thèmes": [
                join_words(
                    code_label("themes", code)
                    for code in [
                        r.theme,
                        *([] if is_missing(r.themes_secondaires) else r.themes_secondaires),
                    ]
                )
                for r in rows.itertuples()
            ],
            "Certitude": [code_label("certitudes", code) for code in rows["certitude"]],
            "Source": _sources(rows),
        }
    )
    return table if many else table.drop(columns="Document")


def priorities_by_theme(known: Profile) -> pd.DataFrame:
    """Return the same wordings, theme by theme.

    An axis that bears several themes is read under each.
    """
    lines = []
    for row in known.priorities.itertuples():
        others = [] if is_missing(row.themes_secondaires) else list(row.themes_secondaires)
        for theme in dict.fromkeys([row.theme, *others]):
            lines.append(
                {
                    "theme": theme,
                    "Thème": code_label("themes", theme),
                    "Intitulé": curly_apostrophes(row.intitule),
                    "Axe": rank_words(row) + ("" if theme == row.theme else ", thème secondaire"),
                    "Document": curly_apostrophes(row.titre),
                    "Certitude": code_label("certitudes", row.certitude),
                    "Source": source_link(row.source_editeur or row.source_titre, row.source_url),
                }
            )
    table = pd.DataFrame(lines)
    if table.empty:
        return table
    order = {code: place for place, code in enumerate(vocabulary_codes("themes"))}
    table = table.sort_values("theme", key=lambda theme: theme.map(order), kind="stable")
    table = table.drop(columns="theme").reset_index(drop=True)
    return (
        table if known.priorities["strategie_id"].nunique() > 1 else table.drop(columns="Document")
    )


def sources_table(known: Profile) -> pd.DataFrame:
    """Return every document that states something of this page, with its link and dates."""
    rows = known.sources
    return pd.DataFrame(
        {
            "Source": [source_link(r.titre, r.url) for r in rows.itertuples()],
            "Éditeur": [curly_apostrophes(text) for text in rows["editeur"]],
            "Nature": [code_label("types_source", code) for code in rows["type"]],
            "Publiée le": [format_partial_date(date) for date in rows["date_publication"]],
            "Consultée le": [format_partial_date(date) for date in rows["consulte_le"]],
            "Relue le": [format_partial_date(date) for date in rows["relu_le"]],
            "Ce qu’elle établit": [join_words(subjects) for subjects in rows["sujets"]],
        }
    )


def budgets_table(known: Profile) -> pd.DataFrame:
    """Return every amount, parts under their whole."""
    rows = known.budgets
    amounts = list(rows.itertuples())
    many = rows["strategie_id"].nunique() > 1
    table = pd.DataFrame(
        {
            "Document": [curly_apostrophes(r.titre) for r in amounts],
            "Objet": [f"{'↳ ' * int(r.profondeur)}{curly_apostrophes(r.libelle)}" for r in amounts],
            "Périmètre": [code_label("perimetres", code) for code in rows["perimetre"]],
            "Étape": [code_label("etapes", code) for code in rows["etape"]],
            "Montant": [
                _about(r.approximatif)
                + format_euros(r.montant)
                + ("" if is_missing(r.recurrence) else " par an")
                + (f"{NBSP}(déduit)" if r.certitude == "deduit" else "")
                for r in amounts
            ],
            "€/habitant": [
                format_euros_per_inhabitant(r.montant / r.population, not is_missing(r.recurrence))
                if r.profondeur == 0
                else "inclus ci-dessus"
                for r in amounts
            ],
            "Période": [format_period(r.annee_debut, r.annee_fin) for r in amounts],
            "Financeur": [_funder(r) for r in amounts],
            "Source": _sources(rows),
        }
    )
    return table if many else table.drop(columns="Document")


def links_table(known: Profile) -> pd.DataFrame:
    """Return shared services: with whom, as what, since when."""
    rows = known.links
    return pd.DataFrame(
        {
            "Service": [code_label("services", code) for code in rows["service"]],
            "Organisme": [
                curly_apostrophes(r.partenaire_nom)
                + ("" if is_missing(r.sigle) else f" ({curly_apostrophes(r.sigle)})")
                for r in rows.itertuples()
            ],
            "Forme": [code_label("formes", code) for code in rows["forme"]],
            "Rôle": [code_label("roles", code) for code in rows["role"]],
            "Solution": [curly_apostrophes(text) for text in rows["solution"]],
            "Depuis": [MISSING if is_missing(y) else f"{int(y)}" for y in rows["annee_debut"]],
            "Certitude": [code_label("certitudes", code) for code in rows["certitude"]],
            "Source": _sources(rows),
        }
    )


def indicators_table(known: Profile) -> pd.DataFrame:
    """Return measured values and targets."""
    rows = known.indicators
    return pd.DataFrame(
        {
            "Indicateur": [
                _with_detail(
                    r.libelle
                    if r.indicateur == "autre"
                    else code_label("indicateurs", r.indicateur),
                    None if r.indicateur == "autre" else r.libelle,
                )
                for r in rows.itertuples()
            ],
            "Valeur": [
                _about(r.approximatif)
                + f"{format_number(r.valeur, 2)} {curly_apostrophes(r.unite)}"
                for r in rows.itertuples()
            ],
            "Nature": [code_label("natures_indicateur", code) for code in rows["nature"]],
            "Année": [MISSING if is_missing(y) else f"{int(y)}" for y in rows["annee"]],
            "Certitude": [code_label("certitudes", code) for code in rows["certitude"]],
            "Source": _sources(rows),
        }
    )


def _about(approximate: object) -> str:
    # not `is True`: a column of booleans holds those of NumPy
    return "environ " if not is_missing(approximate) and bool(approximate) else ""


def _with_detail(text: str, detail: object) -> str:
    return (
        curly_apostrophes(text)
        if is_missing(detail)
        else f"{curly_apostrophes(text)} : {curly_apostrophes(detail)}"
    )


def _funder(row: object) -> str:
    if not is_missing(row.financeur_nom):
        return capitalize_first(curly_apostrophes(row.financeur_nom))
    return (
        MISSING if is_missing(row.financeur_type) else code_label("financeurs", row.financeur_type)
    )


def _sources(rows: pd.DataFrame) -> list[str]:
    """Return markdown links to the sources, named by their publisher."""
    return [
        source_link(
            r.source_titre if is_missing(r.source_editeur) else r.source_editeur, r.source_url
        )
        for r in rows.itertuples()
    ]
