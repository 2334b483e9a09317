"""A file of the short form as tables of the format, and the way back to its own cells."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

import pandas as pd

from comparisons.datapackage.csv_reader import Header, RawTable, to_frame
from comparisons.datapackage.problems import WARNING, Problem, file_problem, quote
from comparisons.datapackage.short_form.expansion import Expansion, expand
from comparisons.datapackage.short_form.messages import without_theme
from comparisons.datapackage.short_form.partners import KnownPartners, load_known_partners
from comparisons.datapackage.short_form.table import PLACES, SEVERAL, short_table

# The form does not ask for it: its absence is not worth a word.
_NOT_ASKED = "date_publication"


@dataclass(frozen=True)
class Origin:
    """The short form that a package was unfolded from: its file, header, cells (index: the line).

    `lines` gives the line of the form for each index of the package's tables, `unthemed` the
    wordings of the priorities without theme.
    """

    file: str
    header: Header
    rows: pd.DataFrame
    lines: Mapping[int, int]
    unthemed: Mapping[int, str] = field(default_factory=dict)

    def as_sent(self, problems: Iterable[Problem]) -> list[Problem]:
        """Tell the faults of the unfolded tables at their place in the form, each once.

        Faults that are told there already stay as they are.
        """
        asked = (problem for problem in problems if problem.column != _NOT_ASKED)
        return list(dict.fromkeys(map(self._placed, asked)))

    def _placed(self, problem: Problem) -> Problem:
        if problem.column == "theme" and problem.line in self.unthemed:
            problem = without_theme(problem, self.unthemed[problem.line])
        column = PLACES.get(problem.column, problem.column)
        # What would mend one of several things is not what to put in their cell.
        suggestion = "" if column in SEVERAL and column != problem.column else problem.suggestion
        line = self.lines.get(problem.line, problem.line)
        return replace(problem, line=line, column=column, suggestion=suggestion)


def unfolded(
    raw: RawTable, file: str, partners: KnownPartners | None = None
) -> tuple[Expansion, Origin]:
    """Unfold a table read as the short form; `partners` default to those of the project.

    A column that is missing or comes twice stops it: the tables are then empty.
    """
    # The validation reads packages: it cannot be imported before them.
    from comparisons.datapackage.known_territories import load_known_territories
    from comparisons.datapackage.stray_rows import set_aside

    rows = to_frame(raw, short_table().columns)
    told = list(_header_faults(raw.header, file))
    if any(problem.severity != WARNING for problem in told):
        return Expansion({}, {}, tuple(told), ()), Origin(file, raw.header, rows, {})
    if rows.empty:
        return Expansion({}, {}, (*told, _empty(file)), ()), Origin(file, raw.header, rows, {})
    lines, aside = set_aside(short_table(), rows, file)
    told += aside
    made = expand(lines, file, load_known_territories(), partners or load_known_partners())
    origin = Origin(file, raw.header, rows, made.lines, _unthemed(made))
    return replace(made, problems=(*told, *made.problems)), origin


def _unthemed(made: Expansion) -> dict[int, str]:
    if "priorites" not in made.tables:
        return {}
    priorities = made.tables["priorites"]
    return priorities.loc[priorities["theme"] == "", "intitule"].to_dict()


def _header_faults(header: Header, file: str) -> Iterator[Problem]:
    table = short_table()
    for name in table.required_columns:
        if name not in header.names:
            described = table.field(name)
            yield Problem(
                file,
                header.line,
                name,
                "",
                "colonne-obligatoire-absente",
                f"La colonne {quote(name)} ({described.title.lower()}) manque dans l’en-tête.",
                f"Ajoutez la colonne {quote(name)} et remplissez-la\u00a0; exemple\u00a0: "
                f"{quote(described.example)}.",
            )
    for name in dict.fromkeys(header.names):
        if name in table.columns and header.names.count(name) > 1:
            yield Problem(
                file,
                header.line,
                name,
                name,
                "colonne-en-double",
                f"La colonne {quote(name)} figure plusieurs fois dans l’en-tête.",
                "N’en gardez qu’une.",
            )
        if name not in table.columns:
            yield Problem(
                file,
                header.line,
                name,
                name,
                "colonne-inconnue",
                f"La colonne {quote(name) if name else 'sans nom'} n’est pas dans le formulaire "
                "court\u00a0: elle est ignorée.",
                f"Colonnes du formulaire\u00a0: {', '.join(table.columns)}.",
                WARNING,
            )


def _empty(file: str) -> Problem:
    return file_problem(
        file,
        "fichier-vide",
        "Le formulaire court est vide\u00a0: aucune ligne n’est remplie sous l’en-tête.",
        "Remplissez une ligne par stratégie.",
    )
