"""Cells of a comparison other than amounts: identity, documents, themes, services, indicators."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

import pandas as pd

from comparisons.analysis.comparison.cells import (
    ABSENT,
    NOT_APPLICABLE,
    UNKNOWN,
    Cell,
    empty_cell,
    known_cell,
)
from comparisons.analysis.competences import degree_title, describe_owner, service_title
from comparisons.formatting import (
    capitalize_first,
    curly_apostrophes,
    format_approximation,
    format_number,
    format_partial_date,
    format_percent,
    is_missing,
    join_words,
)
from comparisons.queries.axes import NO_NAMED_AXIS, format_axis_counts, format_rank
from comparisons.queries.competences import DEGREES, degrees_of, known_degrees
from comparisons.queries.strategies import (
    comparable_indicators,
    describe_state,
    priorities_by_theme,
)
from comparisons.queries.thresholds import YEARS_APART
from comparisons.rows import iterate_rows
from comparisons.schema.model import code_label, vocabulary_codes
from comparisons.schema.peer_variables import NOT_FOR_COMMUNES

CellWriter = Callable[[object], str]

SHARED_MARK = "◆ "

_IDENTITY_ROWS: tuple[tuple[str, str, str, CellWriter], ...] = (
    ("population", "Population", "hab.", format_number),
    ("population_annee", "Année de la population", "", lambda year: str(int(year))),
    ("superficie_km2", "Superficie (km²)", "km²", format_number),
    ("densite", "Densité (hab./km²)", "hab./km²", lambda value: format_number(value, 1)),
    ("nb_communes", "Communes", "communes", format_number),
    ("part_population_rurale", "Habitants en communes < 2 000 hab.", "part", format_percent),
    ("poids_commune_principale", "Poids de la ville principale", "part", format_percent),
)
_CALENDAR_ROWS: tuple[tuple[str, str, CellWriter], ...] = (
    ("titre", "Document", curly_apostrophes),
    ("type", "Type", lambda code: code_label("types_strategie", code)),
    ("etat", "État", str),
    ("date_adoption", "Adoption", format_partial_date),
    ("annee_debut", "Début", lambda year: str(int(year))),
    ("annee_fin", "Fin", lambda year: str(int(year))),
)
_STEERING_ROWS: tuple[tuple[str, str, CellWriter], ...] = (
    ("porteur_nom", "Porteur", curly_apostrophes),
    ("pilotage", "Qui pilote", lambda code: code_label("pilotages", code)),
    ("gouvernance", "Gouvernance", curly_apostrophes),
    ("concertation_participants", "Concertation : participants", format_number),
    ("concertation_ateliers", "Concertation : ateliers", format_number),
    ("concertation_contributions", "Concertation : contributions", format_number),
)


def identity_cells(columns: pd.DataFrame) -> Iterator[Cell]:
    """Yield the cells on size and settlement."""
    column_values = columns.to_dict("records")
    for name, title, unit, write in _IDENTITY_ROWS:
        for column in column_values:
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
    """Yield the cells on calendar, preparation and steering of each column's document."""
    documents_by_key = documents.set_index(["cle", "strategie_id"])
    column_documents = [
        (column, None if is_missing(column.strategie_id)
         else documents_by_key.loc[(column.cle, column.strategie_id)])
        for column in iterate_rows(columns[["colonne", "cle", "strategie_id"]])
    ]  # fmt: skip
    for section, row_definitions in (
        ("calendrier", _CALENDAR_ROWS),
        ("elaboration", _STEERING_ROWS),
    ):
        for name, title, write in row_definitions:
            for column, document in column_documents:
                row = (name, title)
                if document is None:
                    yield empty_cell(section, row, column.colonne, NOT_APPLICABLE)
                    continue
                value = describe_state(document) if name == "etat" else document[name]
                if is_missing(value):
                    yield empty_cell(section, row, column.colonne)
                    continue
                is_number = isinstance(value, int | float) or hasattr(value, "dtype")
                yield known_cell(
                    section,
                    row,
                    column.colonne,
                    write(value),
                    valeur=float(value) if is_number else None,
                    strategie_id=column.strategie_id,
                    certitude=document["certitude"],
                    source_ids=[document["source_id"]],
                )


def theme_cells(
    columns: pd.DataFrame, priorities: pd.DataFrame, documents: pd.DataFrame
) -> Iterator[Cell]:
    """Return the themes that some column sets, the most widely shared first.

    A cell has the best rank among the axes that the document names and their number, or says that
    the axis was read off; « – » where the axes recorded do not bear the theme; « aucun axe nommé »
    where the document (of `documents`) names none of those recorded, « non renseigné » where none
    is.
    """
    read_documents = columns[["colonne", "strategie_lue"]].rename(
        columns={"strategie_lue": "strategie_id"}
    )
    axes_by_theme = read_documents.merge(priorities_by_theme(priorities), on="strategie_id")
    recorded_columns = set(axes_by_theme["colonne"])
    recorded_documents = documents.loc[documents["nb_priorites"] > 0, "strategie_id"]
    has_unnamed_axes = columns["strategie_lue"].isin(recorded_documents)
    unnamed_columns = set(columns.loc[has_unnamed_axes, "colonne"]) - recorded_columns
    column_counts = axes_by_theme.groupby("theme")["colonne"].nunique()
    order = sorted(
        column_counts.index,
        key=lambda code: (-column_counts[code], vocabulary_codes("themes").index(code)),
    )
    axes_by_cell = dict(iter(axes_by_theme.groupby(["theme", "colonne"])))
    for code in order:
        row = (code, code_label("themes", code))
        for column in columns["colonne"]:
            axes = axes_by_cell.get((code, column))
            if axes is None:
                state = ABSENT if column in recorded_columns else UNKNOWN
                cell = empty_cell("priorites", row, column, state)
                yield replace(cell, texte=NO_NAMED_AXIS) if column in unnamed_columns else cell
                continue
            main_axes = axes[axes["principal"]]
            best_axis = (
                (main_axes if len(main_axes) else axes)
                .sort_values(["nomme", "rang"], ascending=[False, True])
                .iloc[0]
            )
            kind = "axe" if len(main_axes) else "thème secondaire de l’axe"
            yield known_cell(
                "priorites",
                row,
                column,
                f"{kind} {format_rank(best_axis)}",
                valeur=None
                if is_missing(best_axis["rang_nomme"])
                else float(best_axis["rang_nomme"]),
                unite="rang",
                strategie_id=best_axis["strategie_id"],
                certitude=best_axis["certitude"],
                source_ids=axes["source_id"],
                empreinte=("oui",),
            )


def service_cells(columns: pd.DataFrame, links: pd.DataFrame) -> Iterator[Cell]:
    """Yield the cells of shared services: organisations, roles, solutions.

    `SHARED_MARK` marks an organisation that several of the territories share, for any service. A
    service of schools has a row per school level where columns differ in theirs; there, what is the
    duty of another level is said so, rather than not known.
    """
    territory_counts = links.groupby("partenaire_id")["cle"].nunique()
    shared_ids = set(territory_counts.index[territory_counts > 1])
    links_by_cell = defaultdict(list)
    for link in iterate_rows(links):
        links_by_cell[link.service, link.cle].append(link)
    linked_keys = {code: set(keys) for code, keys in links.groupby("service")["cle"]}
    column_keys = list(zip(columns["colonne"], columns["cle"], strict=True))
    for code in vocabulary_codes("services"):
        if code not in linked_keys:
            continue
        for row, degree in _service_rows(code, list(columns["cle"]), linked_keys[code]):
            for column, key in column_keys:
                if degree is not None and degree not in degrees_of(code, key):
                    owner = describe_owner(code, degree)
                    yield Cell("services", *row, column, owner, etat=NOT_APPLICABLE)
                else:
                    known = links_by_cell.get((code, key), [])
                    if degree is not None and degree not in known_degrees(code, key):
                        known = []  # what is known is about other schools
                    yield _service_cell(row, column, known, shared_ids)


def _service_rows(
    code: str, keys: Sequence[str], linked_keys: Iterable[str]
) -> Iterator[tuple[tuple[str, str], str | None]]:
    """Yield the rows of a service, each with the school level that it is about (None: all).

    `linked_keys` are the territories of which a link for this service is known.
    """
    if len({degrees_of(code, key) for key in keys}) == 1:
        yield (code, service_title(code, keys[0])), None
        return
    for degree in DEGREES:
        if any(degree in known_degrees(code, key) for key in linked_keys):
            yield (f"{code}_{degree}", degree_title(code, degree)), degree


def _service_cell(row: tuple[str, str], column: str, links: Sequence, shared_ids: set[str]) -> Cell:
    if not links:  # a service may exist without a source that states it
        return empty_cell("services", row, column)
    organisation_ids = {link.partenaire_id for link in links}
    return known_cell(
        "services",
        row,
        column,
        " ; ".join(_format_organisations(links, shared_ids)),
        valeur=float(len(organisation_ids)),
        unite="organismes",
        certitude="explicite" if any(link.certitude == "explicite" for link in links) else "deduit",
        source_ids=[link.source_id for link in links],
        empreinte=sorted(organisation_ids),
    )


def _format_organisations(all_links: Sequence, shared_ids: set[str]) -> Iterator[str]:
    links_by_organisation = defaultdict(list)
    for link in all_links:
        links_by_organisation[link.partenaire_id].append(link)
    for organisation_id, links in links_by_organisation.items():
        name = curly_apostrophes(
            links[0].partenaire_nom if is_missing(links[0].sigle) else links[0].sigle
        )
        roles = dict.fromkeys(code_label("roles", link.role).lower() for link in links)
        details = [join_words(roles)]
        details += dict.fromkeys(
            curly_apostrophes(link.solution) for link in links if not is_missing(link.solution)
        )
        years = [int(link.annee_debut) for link in links if not is_missing(link.annee_debut)]
        details += [f"depuis {min(years)}"] if years else []
        yield f"{SHARED_MARK if organisation_id in shared_ids else ''}{name} ({', '.join(details)})"


def indicator_cells(columns: pd.DataFrame, rows: pd.DataFrame) -> Iterator[Cell]:
    """Return named indicators, what is measured just above what is aimed at (the latest of each).

    A line has one definition; its values are numbers (and compare) only where they are of the whole
    territory and of years at most `YEARS_APART` apart. Others are quoted. (« Autre » names nothing
    that two territories would share: it is left to their own pages.)
    """
    rows = rows[rows["indicateur"] != "autre"].reset_index(drop=True)
    order = {code: index for index, code in enumerate(vocabulary_codes("indicateurs"))}
    series = sorted(
        rows.sort_values("annee", na_position="first", kind="stable").groupby(
            ["indicateur", "unite", "nature", rows["definition"].fillna("")], sort=False
        ),
        key=lambda item: (order[item[0][0]], item[0][3] or "~", item[0][1], item[0][2] == "cible"),
    )
    for (code, unit, nature, definition), series_rows in series:
        nature_label = code_label("natures_indicateur", nature).lower()
        name = (
            code_label("definitions_indicateur", definition)
            if definition
            else (f"{code_label('indicateurs', code)}, chacun sa définition")
        )
        row_code = ".".join(filter(None, (code, unit, nature, definition)))
        row = (row_code, f"{name} ({unit}), {nature_label}")
        comparable = comparable_indicators(series_rows)
        latest = {indicator.cle: indicator for indicator in iterate_rows(series_rows)}
        for column, key in zip(columns["colonne"], columns["cle"], strict=True):
            if key not in latest:
                yield empty_cell("indicateurs", row, column)
                continue
            compared_name = name if latest[key].Index in comparable else ""
            yield _indicator_cell(row, column, latest[key], compared_name)


def _indicator_cell(row: tuple, column: str, indicator: object, compared_name: str) -> Cell:
    """Return the cell of an indicator; without `compared_name`, it is quoted only."""
    approximation = format_approximation(indicator.approximatif)
    year_text = "" if is_missing(indicator.annee) else f" ({int(indicator.annee)})"
    strategy_id = indicator.strategie_id
    comparable_values = (
        {
            "valeur": float(indicator.valeur),
            "objet": f"{compared_name}, tout le territoire, à {YEARS_APART} ans près",
            "empreinte": (format_number(indicator.valeur, 2),),
        }
        if compared_name
        else {"empreinte": ()}
    )
    return known_cell(
        "indicateurs",
        row,
        column,
        f"{approximation}{format_number(indicator.valeur, 1)}{year_text} : "
        f"{curly_apostrophes(indicator.libelle)}",
        unite=indicator.unite,
        strategie_id=None if is_missing(strategy_id) else strategy_id,
        certitude=indicator.certitude,
        source_ids=[indicator.source_id],
        **comparable_values,
    )


def documents_read(columns: pd.DataFrame, documents: pd.DataFrame) -> list[str]:
    """Describe, for each column with priorities, in which document they were read."""
    documents_by_key = documents.set_index(["cle", "strategie_id"])
    descriptions = []
    for column in iterate_rows(columns.dropna(subset=["strategie_lue"])):
        document = documents_by_key.loc[(column.cle, column.strategie_lue)]
        if not document["nb_priorites"]:
            continue
        descriptions.append(
            f"{column.titre_colonne} : « {curly_apostrophes(document['titre'])} » "
            f"({axes_of(document)})"
        )
    return [capitalize_first(text) for text in descriptions]


def axes_of(document: pd.Series) -> str:
    """Describe how many axes of a document are recorded, how many it names, and its year."""
    year = document["annee_document"]
    year_text = "" if is_missing(year) else f", {int(year)}"
    return (
        format_axis_counts(document["nb_priorites"], document["nb_priorites_nommees"]) + year_text
    )


def family_and_year(document: object) -> str:
    """Describe a document by its family and year: `réseaux, 2013`."""
    year = document.annee_document
    family = code_label("familles_strategie", document.famille).lower()
    return f"{family}, {'sans date' if is_missing(year) else int(year)}"


NOTHING_KNOWN = "Aucune donnée : non renseigné."


def describe_empty_section(
    section: str, tables: Mapping[str, pd.DataFrame], unread_axes: Sequence[str]
) -> str:
    """Describe why no row of a section is known, and where what is known of it can be read.

    `tables` are the facts of the comparison, `unread_axes` what is said of documents without axes.
    """
    if section == "priorites" and unread_axes:
        return " ".join(unread_axes)
    if section == "budgets" and len(tables["budgets"]):
        return "Aucun montant comparable ; ceux qui sont connus sont cités plus bas."
    if section == "financeurs" and len(tables["budgets"]):
        return (
            "Aucune part de financeur comparable ; les montants connus sont cités avec les budgets."
        )
    if section == "indicateurs" and len(tables["indicateurs"]):
        return (
            "Aucun indicateur comparable ; ceux qui sont connus sont cités sur la page de chaque "
            "territoire."
        )
    return NOTHING_KNOWN
