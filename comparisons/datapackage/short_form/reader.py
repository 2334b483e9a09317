"""Convert a short form to tables of the format, and locate their problems in its cells."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

import pandas as pd

from comparisons.datapackage.csv_reader import Header, RawTable, to_dataframe
from comparisons.datapackage.problems import WARNING, Problem, file_problem, quoted
from comparisons.datapackage.short_form.expansion import Expansion, expand_rows
from comparisons.datapackage.short_form.messages import missing_theme
from comparisons.datapackage.short_form.partners import load_partner_index
from comparisons.datapackage.short_form.table import (
    COLUMN_MAP,
    MULTI_VALUE_COLUMNS,
    load_short_form,
)
from comparisons.datapackage.validation.column_names import match_columns
from comparisons.schema.model import load_format

# The short form has no such column, so its absence is not reported.
_OMITTED_COLUMN = "date_publication"


@dataclass(frozen=True)
class ShortFormSource:
    """The short form that a package was expanded from: its file, header, cells (index: the line).

    `lines` gives the line of the form for each index of the package's tables,
    `wordings_without_theme` the wordings of the priorities without theme.
    """

    file: str
    header: Header
    rows: pd.DataFrame
    lines: Mapping[int, int]
    wordings_without_theme: Mapping[int, str] = field(default_factory=dict)

    def in_source_coordinates(self, problems: Iterable[Problem]) -> list[Problem]:
        """Return the problems of the expanded tables at their cells in the form, each once.

        Problems that are already located in the form are unchanged.
        """
        relevant_problems = (problem for problem in problems if problem.column != _OMITTED_COLUMN)
        return list(dict.fromkeys(map(self._relocate, relevant_problems)))

    def _relocate(self, problem: Problem) -> Problem:
        if problem.column == "theme" and problem.line in self.wordings_without_theme:
            problem = missing_theme(problem, self.wordings_without_theme[problem.line])
        column = COLUMN_MAP.get(problem.column, problem.column)
        # The value suggested for one item does not replace a cell that holds several.
        is_item = column in MULTI_VALUE_COLUMNS and column != problem.column
        suggestion = "" if is_item else problem.suggestion
        line = self.lines.get(problem.line, problem.line)
        # A code without its level, or a name, may be that of several territories.
        lacks_level = (
            column == "territoire_code"
            and line in self.rows.index
            and not self.rows.loc[line, "territoire_niveau"]
        )
        is_certain = problem.is_certain and not is_item and not lacks_level
        message = problem.message
        if column in COLUMN_MAP.values() and column != problem.column:
            # what the form calls otherwise is named as in the form
            for table in load_format().tables.values():
                if problem.column in table.columns:
                    title = quoted(table.field(problem.column).title)
                    message = message.replace(title, quoted(load_short_form().field(column).title))
        return replace(
            problem,
            line=line,
            column=column,
            message=message,
            suggestion=suggestion,
            is_certain=is_certain,
        )


def expand_short_form(
    raw: RawTable, file: str, headers: Iterable[Header]
) -> tuple[Expansion, ShortFormSource]:
    """Expand a raw table of the short form; return the expansion and its source.

    `headers` are those of its sheets. The tables are empty if a mandatory column is missing, if a
    column is repeated, or if there is no row.
    """
    # The validation imports the reader of packages, which imports this module.
    from comparisons.datapackage.known_territories import load_territory_reference
    from comparisons.datapackage.stray_rows import drop_stray_rows

    rows = to_dataframe(raw, load_short_form().columns)
    problems = [each for header in headers for each in _header_problems(header, file)]
    if any(problem.severity != WARNING for problem in problems):
        return Expansion({}, {}, tuple(problems), ()), ShortFormSource(file, raw.header, rows, {})
    if rows.empty:
        return Expansion({}, {}, (*problems, _empty_problem(file)), ()), ShortFormSource(
            file, raw.header, rows, {}
        )
    lines, stray_problems = drop_stray_rows(load_short_form(), rows, file)
    problems += stray_problems
    expansion = expand_rows(lines, file, load_territory_reference(), load_partner_index())
    source = ShortFormSource(
        file, raw.header, rows, expansion.lines, _texts_without_theme(expansion)
    )
    return replace(expansion, problems=(*problems, *expansion.problems)), source


def _texts_without_theme(expansion: Expansion) -> dict[int, str]:
    if "priorites" not in expansion.tables:
        return {}
    priorities = expansion.tables["priorites"]
    return priorities.loc[priorities["theme"] == "", "intitule"].to_dict()


def _header_problems(header: Header, file: str) -> Iterator[Problem]:
    table = load_short_form()
    likely_columns = match_columns(table, header.names)
    for name in table.required_columns:
        if name not in header.names:
            field_ = table.field(name)
            yield Problem(
                file,
                header.line,
                name,
                "",
                "colonne-obligatoire-absente",
                f"La colonne {quoted(name)} ({field_.title.lower()}) manque dans l’en-tête.",
                f"Ajoutez la colonne {quoted(name)} et remplissez-la ; exemple : "
                f"{quoted(field_.example)}.",
            )
    for name in dict.fromkeys(header.names):
        if name in table.columns and header.names.count(name) > 1:
            yield Problem(
                file,
                header.line,
                name,
                name,
                "colonne-en-double",
                f"La colonne {quoted(name)} figure plusieurs fois dans l’en-tête.",
                "N’en gardez qu’une.",
            )
        if name not in table.columns:
            yield Problem(
                file,
                header.line,
                name,
                name,
                "colonne-inconnue",
                f"La colonne {quoted(name) if name else 'sans nom'} n’est pas dans le formulaire "
                "court : elle est ignorée.",
                f"Voulez-vous dire {quoted(likely_columns[name])} ? Renommez alors la colonne."
                if name in likely_columns
                else f"Colonnes du formulaire : {', '.join(table.columns)}.",
                WARNING,
                likely_columns.get(name, ""),
            )


def _empty_problem(file: str) -> Problem:
    return file_problem(
        file,
        "fichier-vide",
        "Le formulaire court est vide : aucune ligne n’est remplie sous l’en-tête.",
        "Remplissez une ligne par stratégie.",
    )
