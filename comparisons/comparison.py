"""Side by side: the facts of a few territories, aligned.

Each function returns a tidy table (one fact per row, typed, for files); `matrix` lays it out with
one column per territory (in words, for reading). Page and files use the same tables.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from comparisons import budgets, mutualisation, strategies
from comparisons.format import codes, label
from comparisons.peers import NOT_FOR_COMMUNES
from comparisons.territories import Territory, described
from comparisons.text import (
    MISSING,
    enumeration,
    euros,
    euros_per_head,
    is_missing,
    number,
    partial_date,
    percent,
    period,
    typographic,
)

IDENTITY_ROWS = (
    ("population", "Population", lambda value: number(value)),
    ("population_annee", "Année de la population", lambda value: f"{int(value)}"),
    ("superficie_km2", "Superficie (km²)", lambda value: number(value)),
    ("densite", "Densité (hab./km²)", lambda value: number(value, 1)),
    ("nb_communes", "Communes", lambda value: number(value)),
    ("part_population_rurale", "Habitants en communes < 2 000 hab.", lambda value: percent(value)),
    ("poids_commune_principale", "Poids de la ville principale", lambda value: percent(value)),
)


@dataclass(frozen=True)
class Comparison:
    """Everything shown side by side; columns of matrices are `names`, in the order asked."""

    territories: pd.DataFrame
    documents: pd.DataFrame
    chosen: pd.DataFrame
    read: pd.DataFrame
    priorities: pd.DataFrame
    budgets: pd.DataFrame
    links: pd.DataFrame
    indicators: pd.DataFrame
    searches: pd.DataFrame

    @property
    def names(self) -> dict[str, str]:
        """Give the column heading of each territory's key."""
        return dict(zip(self.territories["cle"], self.territories["libelle"], strict=True))

    def sheets(self) -> dict[str, pd.DataFrame]:
        """Give the tidy tables under the names they have in a workbook or an archive."""
        return {
            "identite": self.territories.drop(columns=["libelle"]),
            "strategies": self.documents,
            "priorites": self.priorities,
            "budgets_comparables": self.budgets,
            "mutualisations": self.links,
            "indicateurs": self.indicators,
        }


def compare(territories: Sequence[Territory], chosen_ids: Sequence[str] = ()) -> Comparison:
    """Gather the facts of some territories; unknown ones are left out.

    `chosen_ids` are strategies to show instead of each territory's default document.
    """
    rows = described(territories)
    keys = list(rows["cle"])
    documents = strategies.documents(keys)
    chosen = _chosen(documents, chosen_ids)
    read = _read_for_priorities(documents, chosen, chosen_ids)
    ids = list(dict.fromkeys(read["strategie_id"]))
    owners = read[["cle", "strategie_id"]]
    return Comparison(
        territories=rows,
        documents=documents,
        chosen=chosen,
        read=read,
        priorities=owners.merge(strategies.priorities(ids), on="strategie_id"),
        budgets=_comparable_budgets(documents),
        links=mutualisation.links(keys),
        indicators=strategies.indicators(keys),
        searches=strategies.last_search(keys),
    )


def _chosen(documents: pd.DataFrame, chosen_ids: Sequence[str]) -> pd.DataFrame:
    """Keep the chosen documents; for a territory without a choice, its default one."""
    picked = documents[documents["strategie_id"].isin(list(chosen_ids))]
    others = documents[~documents["cle"].isin(picked["cle"]) & (documents["rang"] == 1)]
    return documents.loc[picked.index.union(others.index)]


def _comparable_budgets(documents: pd.DataFrame) -> pd.DataFrame:
    """Give the comparable amounts of every document of each territory.

    (The document with priorities rarely is the one with money.) An amount of a wider territory's
    strategy that names this one is not this one's: a région's stays the région's.
    """
    own_level = documents["cle"].str.split("-").str[0] == documents["territoire_niveau"]
    own = documents[(documents["lien"] != "partagee") | own_level]
    amounts = budgets.comparable(list(dict.fromkeys(own["strategie_id"])))
    return own[["cle", "strategie_id", "titre"]].merge(amounts, on="strategie_id")


def _read_for_priorities(
    documents: pd.DataFrame, chosen: pd.DataFrame, chosen_ids: Sequence[str]
) -> pd.DataFrame:
    """Give the documents whose priorities are compared.

    They are the documents shown; but where the reader chose none and the default one has no
    priority recorded, the next one that has some.
    """
    silent = chosen[(chosen["nb_priorites"] == 0) & ~chosen["strategie_id"].isin(list(chosen_ids))]
    speaking = documents[documents["cle"].isin(silent["cle"]) & (documents["nb_priorites"] > 0)]
    others = speaking.drop_duplicates("cle")
    kept = chosen[~chosen["cle"].isin(others["cle"])]
    return documents.loc[kept.index.union(others.index)]


def matrix(
    tidy: pd.DataFrame,
    names: Mapping[str, str],
    row: str,
    cell: Callable[[pd.DataFrame], str],
    order: Sequence[str] = (),
    missing: str = "–",
) -> pd.DataFrame:
    """Lay a tidy table out: one row per value of `row`, one column per territory.

    `cell` turns the rows of one cell into words; an empty cell is `missing`.
    """
    found = [code for code in order if (tidy[row] == code).any()] if order else None
    index = found if found is not None else list(dict.fromkeys(tidy[row]))
    grouped = dict(iter(tidy.groupby([row, "cle"], sort=False)))
    return pd.DataFrame(
        [
            [cell(grouped[(value, key)]) if (value, key) in grouped else missing for key in names]
            for value in index
        ],
        index=pd.Index(index),
        columns=list(names.values()),
    )


def identity(comparison: Comparison) -> pd.DataFrame:
    """Lay out size and settlement, one column per territory."""
    rows = comparison.territories.set_index("cle")

    def cell(key: str, column: str, write: Callable[[object], str]) -> str:
        value = rows.loc[key, column]
        if is_missing(value):
            within = rows.loc[key, "territoire_niveau"] == "commune" and column in NOT_FOR_COMMUNES
            return "sans objet" if within else MISSING
        return write(value)

    return pd.DataFrame(
        [
            [cell(key, column, write) for key in comparison.names]
            for column, _, write in IDENTITY_ROWS
        ],
        index=pd.Index([title for _, title, _ in IDENTITY_ROWS]),
        columns=list(comparison.names.values()),
    )


def calendar(comparison: Comparison) -> pd.DataFrame:
    """Lay out the chosen documents: what, since when, until when, who leads."""
    lines = (
        ("Document", lambda d: typographic(d.titre)),
        ("Type", lambda d: label("types_strategie", d.type)),
        ("État", lambda d: label("etats_couverture", d.etat)),
        ("Adoption", lambda d: partial_date(d.date_adoption)),
        ("Période", lambda d: period(d.annee_debut, d.annee_fin)),
        ("Porteur", lambda d: typographic(d.porteur_nom)),
        (
            "Pilotage",
            lambda d: MISSING if is_missing(d.pilotage) else label("pilotages", d.pilotage),
        ),
        ("Gouvernance", lambda d: typographic(d.gouvernance)),
        ("Participants à la concertation", lambda d: number(d.concertation_participants)),
        ("Certitude", lambda d: label("certitudes", d.certitude)),
    )
    by_key = {key: list(part.itertuples()) for key, part in comparison.chosen.groupby("cle")}
    return pd.DataFrame(
        [
            [
                " / ".join(write(document) for document in by_key[key])
                if key in by_key
                else "pas de stratégie connue"
                for key in comparison.names
            ]
            for _, write in lines
        ],
        index=pd.Index([title for title, _ in lines]),
        columns=list(comparison.names.values()),
    )


def by_theme(priorities: pd.DataFrame) -> pd.DataFrame:
    """Repeat each priority under its main theme and each secondary one (`principal` tells)."""
    main = priorities.assign(principal=True)
    secondary = (
        priorities.drop(columns="theme")
        .rename(columns={"themes_secondaires": "theme"})
        .explode("theme")
        .dropna(subset=["theme"])
        .assign(principal=False, themes_secondaires=None)
    )
    return pd.concat([main, secondary], ignore_index=True) if len(secondary) else main


def theme_matrix(comparison: Comparison) -> pd.DataFrame:
    """Lay out priorities by theme (index = theme codes), the most widely shared themes first.

    A cell gives the best rank among the axes recorded, or « axe secondaire »; « – » where the
    priorities recorded do not bear the theme; « non renseigné » where none is recorded.
    """
    tidy = by_theme(comparison.priorities)
    table = matrix(tidy, comparison.names, "theme", _theme_cell, codes("themes"))
    known = set(comparison.priorities["cle"])
    for key, name in comparison.names.items():
        if key not in known:
            table[name] = MISSING
    shared = tidy.groupby("theme")["cle"].nunique()
    order = sorted(table.index, key=lambda code: (-shared[code], codes("themes").index(code)))
    return table.loc[order]


def documents_read(comparison: Comparison) -> list[str]:
    """Say, for each territory with priorities, in which document they were read."""
    read = comparison.read[comparison.read["nb_priorites"] > 0]
    return [
        f"{comparison.names[row.cle]} : « {typographic(row.titre)} »"
        + ("" if is_missing(row.annee_document) else f" ({int(row.annee_document)})")
        for row in read.itertuples()
    ]


def _theme_cell(rows: pd.DataFrame) -> str:
    main = rows[rows["principal"]]
    best = (main if len(main) else rows)["rang"].min()
    total = rows["nb_axes"].iloc[0]
    kind = "axe" if len(main) else "thème secondaire de l’axe"
    return f"{kind} {int(best)} sur {int(total)}"


def budget_matrix(comparison: Comparison) -> pd.DataFrame:
    """Lay out comparable amounts, one row per perimeter × stage × recurrence.

    Only what one strategy sums up is in a cell; actions and single priorities, which differ from
    one territory to the next, are left to the table of all amounts.
    """
    rows = comparison.budgets
    rows = rows[rows["perimetre"].isin(["strategie", "infrastructures", "usages"])].copy()
    rows["ligne"] = [
        f"{label('perimetres', r.perimetre)}, {label('etapes', r.etape).lower()}"
        + ("" if is_missing(r.recurrence) else " (par an)")
        for r in rows.itertuples()
    ]
    order = rows.sort_values(
        ["perimetre", "etape"], key=lambda c: c.map(list(codes(f"{c.name}s")).index)
    )["ligne"]
    return matrix(
        rows, comparison.names, "ligne", _budget_cell, list(dict.fromkeys(order)), missing=MISSING
    )


def _budget_cell(rows: pd.DataFrame) -> str:
    """Write the amount of the first document (the one in force) that gives one."""
    first = rows[rows["strategie_id"] == rows["strategie_id"].iloc[0]]
    yearly = not is_missing(first["recurrence"].iloc[0])
    if yearly:
        # what is paid each year of one period is not added to what is of another
        first = first.sort_values(["annee_fin", "annee_debut"], na_position="first")
        periods = [period(row.annee_debut, row.annee_fin) for row in first.itertuples()]
        first = first[[written == periods[-1] for written in periods]]
    amount, people = first["montant"].sum(), first["population"].iloc[0]
    starts, ends = first["annee_debut"], first["annee_fin"]
    years = period(
        starts.min() if starts.notna().all() else None, ends.max() if ends.notna().all() else None
    )
    written = f"{euros(amount)}, soit {euros_per_head(amount / people, yearly)}"
    return f"{written} ({'période non renseignée' if years == MISSING else years})"


def service_matrix(comparison: Comparison) -> pd.DataFrame:
    """Lay out shared services (index = service codes): with whom, in each territory."""
    return matrix(
        comparison.links,
        comparison.names,
        "service",
        _partners_cell,
        codes("services"),
    )


def _partners_cell(rows: pd.DataFrame) -> str:
    names = {
        typographic(r.partenaire_nom if is_missing(r.sigle) else r.sigle): None
        for r in rows.itertuples()
    }
    return enumeration(names)


def common_partners(comparison: Comparison) -> dict[str, list[str]]:
    """List organisations that several of the territories share: name → territories' names."""
    names = comparison.names
    return {
        typographic(partner): [names[key] for key in dict.fromkeys(rows["cle"])]
        for partner, rows in comparison.links.groupby("partenaire_nom")
        if rows["cle"].nunique() > 1
    }


def indicator_matrix(comparison: Comparison) -> pd.DataFrame:
    """Lay out named indicators (not « autre »): latest measured value and target of each."""
    rows = comparison.indicators
    rows = rows[rows["indicateur"] != "autre"].copy()
    rows["ligne"] = [
        f"{label('indicateurs', r.indicateur)} ({r.unite}), "
        f"{label('natures_indicateur', r.nature).lower()}"
        for r in rows.itertuples()
    ]
    return matrix(rows, comparison.names, "ligne", _indicator_cell, missing=MISSING)


def _indicator_cell(rows: pd.DataFrame) -> str:
    latest = rows.sort_values("annee", na_position="first").iloc[-1]
    year = "" if is_missing(latest["annee"]) else f" ({int(latest['annee'])})"
    about = "environ " if latest["approximatif"] is True else ""
    return f"{about}{number(latest['valeur'], 1)}{year} : {typographic(latest['libelle'])}"
