"""Rows of a comparison that are not money: what each is, writes, sets, shares, measures."""

from collections.abc import Callable, Iterator

import pandas as pd

from comparisons.analysis.comparison.cells import (
    ABSENT,
    NOT_APPLICABLE,
    UNKNOWN,
    Cell,
    empty_cell,
    known_cell,
)
from comparisons.formatting import (
    capitalize_first,
    curly_apostrophes,
    format_number,
    format_partial_date,
    format_percent,
    is_missing,
    join_words,
)
from comparisons.queries.axes import count_words, rank_words
from comparisons.queries.strategies import comparable_indicators, priorities_by_theme
from comparisons.queries.thresholds import YEARS_APART
from comparisons.schema.model import code_label, vocabulary_codes
from comparisons.schema.peer_variables import NOT_FOR_COMMUNES

CellWriter = Callable[[object], str]

SHARED_MARK = "◆ "

_IDENTITY: tuple[tuple[str, str, str, CellWriter], ...] = (
    ("population", "Population", "hab.", format_number),
    ("population_annee", "Année de la population", "", lambda year: str(int(year))),
    ("superficie_km2", "Superficie (km²)", "km²", format_number),
    ("densite", "Densité (hab./km²)", "hab./km²", lambda value: format_number(value, 1)),
    ("nb_communes", "Communes", "communes", format_number),
    ("part_population_rurale", "Habitants en communes < 2 000 hab.", "part", format_percent),
    ("poids_commune_principale", "Poids de la ville principale", "part", format_percent),
)
_CALENDAR: tuple[tuple[str, str, CellWriter], ...] = (
    ("titre", "Document", curly_apostrophes),
    ("type", "Type", lambda code: code_label("types_strategie", code)),
    ("etat", "État", lambda code: code_label("etats_couverture", code)),
    ("date_adoption", "Adoption", format_partial_date),
    ("annee_debut", "Début", lambda year: str(int(year))),
    ("annee_fin", "Fin", lambda year: str(int(year))),
)
_STEERING: tuple[tuple[str, str, CellWriter], ...] = (
    ("porteur_nom", "Porteur", curly_apostrophes),
    ("pilotage", "Qui pilote", lambda code: code_label("pilotages", code)),
    ("gouvernance", "Gouvernance", curly_apostrophes),
    ("concertation_participants", "Concertation : participants", format_number),
    ("concertation_ateliers", "Concertation : ateliers", format_number),
    ("concertation_contributions", "Concertation : contributions", format_number),
)


def identity_cells(columns: pd.DataFrame) -> Iterator[Cell]:
    """Return size and settlement."""
    for name, title, unit, write in _IDENTITY:
        for column in columns.to_dict("records"):
            row, value = (name, title), column[name]
            if not is_missing(value):
                yield known_cell("identite", row, column["colonne"], write(value),
                           valeur=float(value),
                           unite=unit)  # fmt: skip
            elif column["territoire_niveau"] == "commune" and name in NOT_FOR_COMMUNES:
                yield empty_cell("identite", row, column["colonne"], NOT_APPLICABLE)
            else:
                yield empty_cell("identite", row, column["colonne"])


def document_cells(columns: pd.DataFrame, documents: pd.DataFrame) -> Iterator[Cell]:
    """Return the calendar of each column's document, then how it was made and who steers it."""
    by_key = documents.set_index(["cle", "strategie_id"])
    read = [
        (column, None if is_missing(column.strategie_id)
         else by_key.loc[(column.cle, column.strategie_id)])
        for column in columns.itertuples()
    ]  # fmt: skip
    for section, lines in (("calendrier", _CALENDAR), ("elaboration", _STEERING)):
        for name, title, write in lines:
            for column, document in read:
                row = (name, title)
                if document is None:
                    yield empty_cell(section, row, column.colonne, NOT_APPLICABLE)
                    continue
                value = document[name]
                if is_missing(value):
                    yield empty_cell(section, row, column.colonne)
                    continue
                numeric = isinstance(value, int | float) or hasattr(value, "dtype")
                yield known_cell(
                    section,
                    row,
                    column.colonne,
                    write(value),
                    valeur=float(value) if numeric else None,
                    strategie_id=column.strategie_id,
                    certitude=document["certitude"],
                    source_ids=[document["source_id"]],
                )


def theme_cells(columns: pd.DataFrame, priorities: pd.DataFrame) -> Iterator[Cell]:
    """Return the themes that some column sets, the most widely shared first.

    A cell has the best rank among the axes that the document names and their number, or says that
    the axis was read off; « – » where the axes recorded do not bear the theme; « non renseigné »
    where none is recorded.
    """
    read = columns[["colonne", "strategie_lue"]].rename(columns={"strategie_lue": "strategie_id"})
    tidy = read.merge(priorities_by_theme(priorities), on="strategie_id")
    known = set(tidy["colonne"])
    shared = tidy.groupby("theme")["colonne"].nunique()
    order = sorted(
        shared.index, key=lambda code: (-shared[code], vocabulary_codes("themes").index(code))
    )
    grouped = dict(iter(tidy.groupby(["theme", "colonne"])))
    for code in order:
        row = (code, code_label("themes", code))
        for column in columns["colonne"]:
            axes = grouped.get((code, column))
            if axes is None:
                yield empty_cell("priorites", row, column, ABSENT if column in known else UNKNOWN)
                continue
            main = axes[axes["principal"]]
            best = (
                (main if len(main) else axes)
                .sort_values(["nomme", "rang"], ascending=[False, True])
                .iloc[0]
            )
            kind = "axe" if len(main) else "thème secondaire de l’axe"
            yield known_cell(
                "priorites",
                row,
                column,
                f"{kind} {rank_words(best)}",
                valeur=None if is_missing(best["rang_nomme"]) else float(best["rang_nomme"]),
                unite="rang",
                strategie_id=best["strategie_id"],
                certitude=best["certitude"],
                source_ids=axes["source_id"],
                empreinte=("oui",),
            )


def service_cells(columns: pd.DataFrame, links: pd.DataFrame) -> Iterator[Cell]:
    """Return the services that are shared, with whom, as what, with which solution.

    `SHARED_MARK` marks an organisation that several of the territories share, for any service.
    """
    sharers = links.groupby("partenaire_id")["cle"].nunique()
    common = set(sharers.index[sharers > 1])
    grouped = dict(iter(links.groupby(["service", "cle"])))
    for code in vocabulary_codes("services"):
        if not (links["service"] == code).any():
            continue
        row = (code, code_label("services", code))
        for column in columns.itertuples():
            rows = grouped.get((code, column.cle))
            if rows is None:  # a service may exist without a source that says so
                yield empty_cell("services", row, column.colonne)
                continue
            yield known_cell(
                "services",
                row,
                column.colonne,
                " ; ".join(_bodies(rows, common)),
                valeur=float(rows["partenaire_id"].nunique()),
                unite="organismes",
                certitude="explicite" if (rows["certitude"] == "explicite").any() else "deduit",
                source_ids=rows["source_id"],
                empreinte=sorted(rows["partenaire_id"].unique()),
            )


def _bodies(rows: pd.DataFrame, common: set[str]) -> Iterator[str]:
    for body, part in rows.groupby("partenaire_id", sort=False):
        first = part.iloc[0]
        name = curly_apostrophes(
            first["partenaire_nom"] if is_missing(first["sigle"]) else first["sigle"]
        )
        more = [join_words(code_label("roles", code).lower() for code in part["role"].unique())]
        more += [curly_apostrophes(text) for text in part["solution"].dropna().unique()]
        since = part["annee_debut"].min()
        more += [] if is_missing(since) else [f"depuis {int(since)}"]
        yield f"{SHARED_MARK if body in common else ''}{name} ({', '.join(more)})"


def indicator_cells(columns: pd.DataFrame, rows: pd.DataFrame) -> Iterator[Cell]:
    """Return named indicators, what is measured just above what is aimed at (the latest of each).

    A line has one definition; its values are numbers (and compare) only where they are of the whole
    territory and of years at most `YEARS_APART` apart. Others are quoted. (« Autre » names nothing
    that two territories would share: it is left to their own pages.)
    """
    rows = rows[rows["indicateur"] != "autre"].reset_index(drop=True)
    defined = rows["definition"].fillna("")
    order = {code: place for place, code in enumerate(vocabulary_codes("indicateurs"))}
    lines = sorted(
        set(zip(rows["indicateur"], rows["unite"], rows["nature"], defined, strict=True)),
        key=lambda line: (order[line[0]], line[3] or "~", line[1], line[2] == "cible"),
    )
    for code, unit, nature, definition in lines:
        same = rows[
            (rows["indicateur"] == code)
            & (rows["unite"] == unit)
            & (rows["nature"] == nature)
            & (defined == definition)
        ]
        kind = code_label("natures_indicateur", nature).lower()
        name = (
            code_label("definitions_indicateur", definition)
            if definition
            else (f"{code_label('indicateurs', code)}, chacun sa définition")
        )
        line = ".".join(filter(None, (code, unit, nature, definition)))
        row = (line, f"{name} ({unit}), {kind}")
        compared = comparable_indicators(same)
        for column in columns.itertuples():
            own = same[same["cle"] == column.cle].sort_values("annee", na_position="first")
            if own.empty:
                yield empty_cell("indicateurs", row, column.colonne)
                continue
            last = own.iloc[-1]
            about = (
                "environ " if not is_missing(last["approximatif"]) and last["approximatif"] else ""
            )
            when = "" if is_missing(last["annee"]) else f" ({int(last['annee'])})"
            yield known_cell(
                "indicateurs",
                row,
                column.colonne,
                f"{about}{format_number(last['valeur'], 1)}{when} : "
                f"{curly_apostrophes(last['libelle'])}",
                valeur=float(last["valeur"]) if last.name in compared else None,
                unite=unit,
                objet=f"{name}, tout le territoire, à {YEARS_APART} ans près"
                if last.name in compared
                else "",
                strategie_id=None if is_missing(last["strategie_id"]) else last["strategie_id"],
                certitude=last["certitude"],
                source_ids=[last["source_id"]],
                empreinte=(format_number(last["valeur"], 2),) if last.name in compared else (),
            )


def documents_read(columns: pd.DataFrame, documents: pd.DataFrame) -> list[str]:
    """Describe, for each column with priorities, in which document they were read."""
    by_key = documents.set_index(["cle", "strategie_id"])
    said = []
    for column in columns.dropna(subset=["strategie_lue"]).itertuples():
        document = by_key.loc[(column.cle, column.strategie_lue)]
        if not document["nb_priorites"]:
            continue
        said.append(
            f"{column.titre_colonne} : « {curly_apostrophes(document['titre'])} » "
            f"({axes_of(document)})"
        )
    return [capitalize_first(text) for text in said]


def axes_of(document: pd.Series) -> str:
    """Describe how many axes of a document are recorded, how many it names, and its year."""
    year = document["annee_document"]
    when = "" if is_missing(year) else f", {int(year)}"
    return count_words(document["nb_priorites"], document["nb_priorites_nommees"]) + when
