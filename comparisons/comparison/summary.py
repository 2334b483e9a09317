"""A short summary of a comparison in plain French.

Every statement is computed from the cells and names the rows it comes from; none judges.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

import pandas as pd

from comparisons.comparison.reading import fingerprints
from comparisons.comparison.rows import KNOWN, UNKNOWN
from comparisons.format import label
from comparisons.text import capitalised, enumeration, number, plural

MAX_NAMED = 6


@dataclass(frozen=True)
class Statement:
    """One sentence, the section it is about, and the rows it is computed from."""

    texte: str
    rubrique: str
    lignes: tuple[str, ...]


def summary(
    cells: pd.DataFrame,
    names: Mapping[str, str],
    family: str = "",
    complete: Collection[str] = (),
) -> list[Statement]:
    """Say what some columns share and, where their documents allow it, where they part.

    `cells` is the table of a comparison, `names` the titles of its columns by `colonne`, `family`
    the one kind of all their documents ("" when they are of several), `complete` the columns whose
    list of axes is known to be whole: only these can be said not to set a theme.
    """
    found: list[Statement] = []
    if family:
        found += _documents(cells, names)
        found += _periods(cells, names)
        found += _themes(cells, names, complete)
    else:
        found.append(
            Statement(
                "Ces documents ne sont pas de même sorte : leurs états, leurs périodes et leurs "
                "thèmes ne se comparent pas, ils se lisent un par un.",
                "calendrier",
                ("type",),
            )
        )
    for say in (_money, _bodies, _indicators):
        found += say(cells, names)
    return found


def _row(cells: pd.DataFrame, section: str, line: str) -> pd.DataFrame:
    return cells[(cells["rubrique"] == section) & (cells["ligne"] == line)]


def _extremes(row: pd.DataFrame, names: Mapping[str, str]) -> str:
    """Say between which values a row lies, and whose they are."""
    known = row[row["valeur"].notna()].sort_values("valeur", kind="stable")
    low, high = known.iloc[0], known.iloc[-1]
    first = "d’" if low["texte"].startswith("environ") else "de "
    return (
        f"{first}{low['texte']} ({names[low['colonne']]}) "
        f"à {high['texte']} ({names[high['colonne']]})"
    )


def _of(row: pd.DataFrame, names: Mapping[str, str]) -> str:
    count = int(row["valeur"].notna().sum())
    return "" if count == len(names) else f", {count} colonnes renseignées sur {len(names)}"


def _documents(cells: pd.DataFrame, names: Mapping[str, str]) -> Iterator[Statement]:
    row = _row(cells, "calendrier", "etat")
    known = row[row["etat"] == KNOWN]
    states = known.groupby("texte", sort=False)["colonne"].agg(list)
    if len(states) == 1 and len(known) == len(names) > 1:
        yield Statement(
            f"État des documents : {states.index[0].lower()} dans toutes les colonnes.",
            "calendrier",
            ("etat",),
        )
    elif len(states):
        parts = (
            f"{text.lower()} ({enumeration(names[column] for column in columns)})"
            for text, columns in states.items()
        )
        yield Statement(f"État des documents : {' ; '.join(parts)}.", "calendrier", ("etat",))
    none = [names[column] for column in row.loc[row["etat"] != KNOWN, "colonne"]]
    if none:
        yield Statement(
            f"Aucun document de cette sorte n’est relevé pour {enumeration(none)}.",
            "calendrier",
            ("etat",),
        )
    steering = _row(cells, "elaboration", "pilotage")
    common = _common(steering, names)
    if common:
        yield Statement(
            f"Même pilotage : {enumeration(common).lower()}.", "elaboration", ("pilotage",)
        )


def _common(row: pd.DataFrame, names: Mapping[str, str]) -> list[str]:
    known = fingerprints(row)
    if len(known) < len(names) or len(names) < 2:
        return []
    return sorted(frozenset.intersection(*known.values()) - {"non"})


def _periods(cells: pd.DataFrame, names: Mapping[str, str]) -> Iterator[Statement]:
    starts = _row(cells, "calendrier", "annee_debut").dropna(subset=["valeur"])
    ends = _row(cells, "calendrier", "annee_fin").dropna(subset=["valeur"])
    both = starts.merge(ends, on="colonne", suffixes=("_debut", "_fin"))
    if len(both) < 2:
        return
    first, last = int(both["valeur_debut"].max()), int(both["valeur_fin"].min())
    whose = "" if len(both) == len(names) else f" ({len(both)} documents datés sur {len(names)})"
    text = (
        f"Les périodes se recouvrent de {first} à {last}{whose}."
        if first < last
        else f"Les périodes n’ont en commun que {first}{whose}."
        if first == last
        else f"Les périodes n’ont aucune année en commun{whose}."
    )
    yield Statement(text, "calendrier", ("annee_debut", "annee_fin"))


def _themes(
    cells: pd.DataFrame, names: Mapping[str, str], complete: Collection[str]
) -> Iterator[Statement]:
    rows = cells[cells["rubrique"] == "priorites"]
    if rows.empty:
        yield Statement("Aucune priorité n’est renseignée.", "priorites", ())
        return
    setters = rows[rows["etat"] == KNOWN].groupby("ligne", sort=False)["colonne"].agg(list)
    silent = list(rows.loc[rows["etat"] == UNKNOWN, "colonne"].unique())
    speaking = [column for column in names if column not in silent]
    if len(speaking) > 1:
        shared = [code for code, columns in setters.items() if len(columns) == len(speaking)]
        whose = (
            "dans toutes les colonnes"
            if not silent
            else (f"dans les {len(speaking)} dont les axes sont relevés")
        )
        if shared:
            count = plural(len(shared), "thème relevé", "thèmes relevés")
            yield _listed(f"{count} {whose}", shared)
        for column in speaking if set(speaking) <= set(complete) else ():
            alone = [code for code, columns in setters.items() if columns == [column]]
            if alone:
                yield _listed(f"Posé par {names[column]} seulement", alone)
        partial = [names[column] for column in speaking if column not in complete]
        if partial:
            yield Statement(
                f"Liste d’axes partielle, ou dont on ne sait pas si elle est entière : "
                f"{enumeration(partial)}. Un thème qui n’y est pas relevé peut être dans le "
                "document.",
                "priorites",
                tuple(setters.index),
            )
    if silent:
        yield Statement(
            f"Axes non renseignés : {enumeration(names[column] for column in silent)}.",
            "priorites",
            tuple(setters.index),
        )


def _listed(what: str, themes: list[str]) -> Statement:
    words = [label("themes", code).lower() for code in themes]
    more = f" et {plural(len(words) - MAX_NAMED, 'autre')}" if len(words) > MAX_NAMED else ""
    # names of themes have « et » and commas in them
    return Statement(f"{what} : {' ; '.join(words[:MAX_NAMED])}{more}.", "priorites", tuple(themes))


def _money(cells: pd.DataFrame, names: Mapping[str, str]) -> Iterator[Statement]:
    rows = cells[(cells["rubrique"] == "budgets") & cells["unite"].str.startswith("€/hab.")]
    compared = False
    for line, row in rows.groupby("ligne", sort=False):
        row = _row(cells, "budgets", line)
        # a total divided by its years says no more than the total; a yearly amount has no total
        divided = line.endswith("_par_an") and ".annuel." not in line
        if row["valeur"].notna().sum() < 2 or divided:
            continue
        compared = True
        yield Statement(
            f"{row['libelle'].iloc[0]} : {_extremes(row, names)}{_of(row, names)}.",
            "budgets",
            (line,),
        )
    if not compared:
        yield Statement(
            "Aucun montant de même objet (périmètre, étape, part du programme, payeur, durée) "
            "n’est "
            "connu pour deux colonnes.",
            "budgets",
            tuple(rows["ligne"].unique()),
        )


def _bodies(cells: pd.DataFrame, names: Mapping[str, str]) -> Iterator[Statement]:
    rows = cells[(cells["rubrique"] == "services") & (cells["etat"] == KNOWN)]
    if rows.empty:
        return
    counts = rows.groupby("ligne", sort=False)["colonne"].nunique()
    everywhere = [line for line, count in counts.items() if count == len(names)]
    if everywhere:
        words = enumeration(label("services", code).lower() for code in everywhere)
        yield Statement(
            f"{plural(len(everywhere), 'service partagé', 'services partagés')} dans toutes les "
            f"colonnes : {words}.",
            "services",
            tuple(everywhere),
        )


def _indicators(cells: pd.DataFrame, names: Mapping[str, str]) -> Iterator[Statement]:
    rows = cells[cells["rubrique"] == "indicateurs"]
    for line, row in rows.groupby("ligne", sort=False):
        known = row[row["valeur"].notna()]
        # two editions of one territory have the same indicators
        if known["valeur"].nunique() < 2:
            continue
        numbers = known.assign(texte=[number(value, 1) for value in known["valeur"]])
        yield Statement(
            f"{capitalised(row['libelle'].iloc[0])} : {_extremes(numbers, names)}"
            f"{_of(row, names)}.",
            "indicateurs",
            (line,),
        )
