"""One territory: all that is known of it, and the words and tables that say so."""

from dataclasses import dataclass

import pandas as pd

from comparisons import budgets, mutualisation, strategies
from comparisons.format import label
from comparisons.territories import containing, described, parse_key, twins
from comparisons.text import (
    MISSING,
    absence_sentence,
    capitalised,
    enumeration,
    euros,
    euros_per_head,
    is_missing,
    link,
    number,
    period,
    plural,
    typographic,
)


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
        }


def profile(key: str) -> Profile:
    """Gather all that is known of a territory; raises `KeyError` if it does not exist."""
    rows = described([parse_key(key)])
    if rows.empty:
        raise KeyError(key)
    documents = strategies.documents([key])
    ids = list(documents["strategie_id"])
    return Profile(
        territory=rows.iloc[0],
        documents=documents,
        priorities=strategies.priorities(ids),
        budgets=budgets.amounts(ids),
        links=mutualisation.links([key]),
        indicators=strategies.indicators([key]),
        searches=strategies.last_search([key]),
        containing=containing(key),
        wider=strategies.wider(key),
        twins=twins(key),
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


def headline(known: Profile) -> list[tuple[str, str, str]]:
    """Give the figures at the top: title, value, what it is exactly."""
    row = known.territory
    in_force = int((~known.documents["etat"].isin(["terminee", "en_elaboration"])).sum())
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
            number(len(known.documents)),
            f"dont {in_force} en vigueur ou de statut non renseigné",
        ),
        ("Organismes partenaires", number(partners), "Organismes de mutualisation connus"),
    ]


def absence(known: Profile) -> str:
    """Say why no strategy is shown."""
    return absence_sentence(known.searches)


def priorities_table(known: Profile) -> pd.DataFrame:
    """Priorities by theme, in the words of the documents."""
    rows = known.priorities
    many = rows["strategie_id"].nunique() > 1
    table = pd.DataFrame(
        {
            "Document": [typographic(r.titre) for r in rows.itertuples()],
            "Axe": [f"{r.rang} sur {r.nb_axes}" for r in rows.itertuples()],
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


def budgets_table(known: Profile) -> pd.DataFrame:
    """Every amount, parts under their whole."""
    rows = known.budgets
    many = rows["strategie_id"].nunique() > 1
    table = pd.DataFrame(
        {
            "Document": [typographic(r.titre) for r in rows.itertuples()],
            "Objet": [
                f"{'↳ ' * int(r.profondeur)}{typographic(r.libelle)}" for r in rows.itertuples()
            ],
            "Périmètre": [label("perimetres", code) for code in rows["perimetre"]],
            "Étape": [label("etapes", code) for code in rows["etape"]],
            "Montant": [
                ("environ " if r.approximatif is True else "")
                + euros(r.montant)
                + ("" if is_missing(r.recurrence) else " par an")
                for r in rows.itertuples()
            ],
            "€/habitant": [
                euros_per_head(r.montant / r.population, not is_missing(r.recurrence))
                if r.profondeur == 0
                else "inclus ci-dessus"
                for r in rows.itertuples()
            ],
            "Période": [period(r.annee_debut, r.annee_fin) for r in rows.itertuples()],
            "Financeur": [_funder(r) for r in rows.itertuples()],
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
                ("environ " if r.approximatif is True else "")
                + f"{number(r.valeur, 2)} {typographic(r.unite)}"
                for r in rows.itertuples()
            ],
            "Nature": [label("natures_indicateur", code) for code in rows["nature"]],
            "Année": [MISSING if is_missing(y) else f"{int(y)}" for y in rows["annee"]],
            "Certitude": [label("certitudes", code) for code in rows["certitude"]],
            "Source": _sources(rows),
        }
    )


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
        link(r.source_titre if is_missing(r.source_editeur) else r.source_editeur, r.source_url)
        for r in rows.itertuples()
    ]
