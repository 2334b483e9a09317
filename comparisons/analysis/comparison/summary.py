"""A short summary of a comparison in plain French.

Every statement is computed from the cells and names the rows it comes from; none judges.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

import pandas as pd

from comparisons.analysis.comparison.cells import KNOWN, UNKNOWN
from comparisons.analysis.comparison.matrix import equality_keys
from comparisons.analysis.statements import (
    Statement,
    Value,
    common_object,
    extremes,
    set_by_one_alone,
)
from comparisons.formatting import capitalize_first, format_number, join_words, pluralize
from comparisons.queries import thresholds
from comparisons.schema.model import code_label

MAX_NAMED = 6


def summary(
    cells: pd.DataFrame,
    names: Mapping[str, str],
    family: str = "",
    complete: Collection[str] = (),
) -> list[Statement]:
    """Describe what some columns share and, where their documents allow it, where they part.

    `cells` is the table of a comparison, `names` the titles of its columns by `colonne`, `family`
    the one kind of all their documents ("" when they are of several), `complete` the columns whose
    list of axes is known to be whole: only these can be said not to set a theme.
    """
    found: list[Statement] = []
    if family:
        of = f"documents de la famille « {code_label('familles_strategie', family)} »"
        for said in (
            *_documents(cells, names),
            *_periods(cells, names),
            *_themes(cells, names, family, complete),
        ):
            found.append(replace(said, portee=of))
    elif (_row(cells, "calendrier", "type")["etat"] == KNOWN).any():
        found.append(
            Statement(
                "Ces documents ne sont pas de même sorte : leurs états, leurs périodes et leurs "
                "thèmes ne se comparent pas, ils se lisent un par un.",
                "calendrier",
                ("type",),
                "documents de plusieurs familles",
            )
        )
    else:
        none = "Aucun document n’est relevé, pour aucune colonne : non renseigné."
        found.append(Statement(none, "calendrier", ("type",), "documents de toutes les familles"))
    for say in (_money, _bodies, _indicators):
        found += say(cells, names)
    return found


def _row(cells: pd.DataFrame, section: str, line: str) -> pd.DataFrame:
    return cells[(cells["rubrique"] == section) & (cells["ligne"] == line)]


def _range(row: pd.DataFrame, names: Mapping[str, str], line: str) -> Statement:
    """Describe between which values a row of one object lies, and whose they are."""
    known = row[row["valeur"].notna()]
    values = [Value(names[c.colonne], c.valeur, c.texte, c.objet) for c in known.itertuples()]
    reserves = []
    if (known["certitude"] == "deduit").any():
        reserves.append("une valeur au moins est déduite")
    if len(known) < len(names):
        reserves.append("une colonne au moins n’est pas renseignée")
    title = capitalize_first(row["libelle"].iloc[0])
    return Statement(
        f"{title} : {extremes(values)}{_of(row, names)}.",
        row["rubrique"].iloc[0],
        (line,),
        common_object([value.about for value in values]),
        tuple(reserves),
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
            f"{text.lower()} ({join_words(names[column] for column in columns)})"
            for text, columns in states.items()
        )
        yield Statement(f"État des documents : {' ; '.join(parts)}.", "calendrier", ("etat",))
    none = [names[column] for column in row.loc[row["etat"] != KNOWN, "colonne"]]
    if none:
        yield Statement(
            f"Aucun document de cette sorte n’est relevé pour {join_words(none)}.",
            "calendrier",
            ("etat",),
        )
    steering = _row(cells, "elaboration", "pilotage")
    common = _common(steering, names)
    if common:
        yield Statement(
            f"Même pilotage : {join_words(common).lower()}.", "elaboration", ("pilotage",)
        )


def _common(row: pd.DataFrame, names: Mapping[str, str]) -> list[str]:
    known = equality_keys(row)
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
    cells: pd.DataFrame, names: Mapping[str, str], family: str, complete: Collection[str]
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
            count = pluralize(len(shared), "thème relevé", "thèmes relevés")
            yield _listed(f"{count} {whose}", shared)
        partial = [names[column] for column in speaking if column not in complete]
        # « seulement » is an absence everywhere else: of a column that was not read, nobody knows
        if not partial and not silent:
            families = dict.fromkeys(names, family)
            for column, themes in set_by_one_alone(setters, families, complete).items():
                yield _listed(f"Posé par {names[column]} seulement", themes)
        if partial:
            yield Statement(
                f"Liste d’axes partielle, ou dont on ne sait pas si elle est entière : "
                f"{join_words(partial)}. Un thème qui n’y est pas relevé peut être dans le "
                "document.",
                "priorites",
                tuple(setters.index),
            )
    if silent:
        yield Statement(
            f"Axes non renseignés : {join_words(names[column] for column in silent)}.",
            "priorites",
            tuple(setters.index),
        )


def _listed(what: str, themes: list[str]) -> Statement:
    words = [code_label("themes", code).lower() for code in themes]
    more = f" et {pluralize(len(words) - MAX_NAMED, 'autre')}" if len(words) > MAX_NAMED else ""
    # names of themes have « et » and commas in them
    return Statement(f"{what} : {' ; '.join(words[:MAX_NAMED])}{more}.", "priorites", tuple(themes))


def _money(cells: pd.DataFrame, names: Mapping[str, str]) -> Iterator[Statement]:
    rows = cells[(cells["rubrique"] == "budgets") & cells["unite"].str.startswith("€/hab.")]
    compared = False
    for line, row in rows.groupby("ligne", sort=False):
        row = _row(cells, "budgets", line)
        # a total divided by its years says no more than the total; a yearly amount has no total
        divided = line.endswith("_par_an") and ".annuel." not in line
        if not thresholds.has_range(row["valeur"].notna().sum()) or divided:
            continue
        compared = True
        yield _range(row, names, line)
    if not compared:
        yield Statement(
            "Aucun montant de même objet (périmètre, étape, part du programme, payeur, durée) "
            "n’est connu pour deux colonnes.",
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
        words = join_words(code_label("services", code).lower() for code in everywhere)
        yield Statement(
            f"{pluralize(len(everywhere), 'service partagé', 'services partagés')} dans toutes les "
            f"colonnes : {words}.",
            "services",
            tuple(everywhere),
        )


def _indicators(cells: pd.DataFrame, names: Mapping[str, str]) -> Iterator[Statement]:
    rows = cells[cells["rubrique"] == "indicateurs"]
    for line, row in rows.groupby("ligne", sort=False):
        known = row[row["valeur"].notna()]
        # two editions of one territory have the same indicators
        if not thresholds.has_range(known["valeur"].nunique()):
            continue
        numbers = row.assign(
            texte=[
                text if pd.isna(value) else format_number(value, 1)
                for text, value in zip(row["texte"], row["valeur"], strict=True)
            ]
        )
        yield _range(numbers, names, line)
