"""Lines of a spreadsheet that are not rows of its table: notes, totals, a header once more."""

import re
from collections.abc import Iterator

import pandas as pd

from comparisons.datapackage.problems import WARNING, Problem, quoted
from comparisons.datapackage.validation.value_parser import fold
from comparisons.schema.model import Table, load_format

_NOTE = re.compile(
    r"(sous[- ])?(total|totaux)\b|(ensemble|somme)$|[*†(]|\(?[0-9]\)|"
    r"(sources?|notes?|nb|n\.b\.?|legende|lecture|champ|remarques?|precisions?|mise? a jour|maj|"
    r"donnees)\s*(:|$)"
)
# Beyond so many, they are the errors of a table rather than lines around it.
_MAX_POOR = 5_000


def drop_stray_rows(
    table: Table, frame: pd.DataFrame, file: str
) -> tuple[pd.DataFrame, list[Problem]]:
    """Take out of a table the lines that cannot be its rows, and name each.

    Such a line lacks half of what is mandatory, or more: it would be an error, and hide the true
    ones. From the header of a second table on, nothing is read: that is an error.
    """
    problems: list[Problem] = []
    headers = _headers(frame)
    repeated = [line for line in headers if _is_same(frame.loc[line])]
    second = next((line for line in headers if line not in repeated), None)
    if second is not None:
        problems.append(_second_table(file, int(second), frame.loc[second]))
        frame = frame[frame.index < second]
    out = {line: "L’en-tête est répété" for line in repeated if line in frame.index}
    out |= dict(_notes(table, frame.drop(index=list(out))))
    problems += [_not_a_row(file, int(line), what) for line, what in sorted(out.items())]
    return (frame.drop(index=list(out)) if out else frame), problems


def _headers(frame: pd.DataFrame) -> list:
    """Find the lines that hold names of columns, several and little else."""
    names = {column for table in load_format().tables.values() for column in table.columns}
    found = frame.isin(names).sum(axis=1)
    likely = found[found >= 2]
    if likely.empty:
        return []
    filled = (frame.loc[likely.index] != "").sum(axis=1)
    return likely.index[(likely >= 3) | (likely == filled)].tolist()


def _is_same(row: pd.Series) -> bool:
    filled = row[row != ""]
    return bool((filled == filled.index).all())


def _notes(table: Table, frame: pd.DataFrame) -> Iterator[tuple[object, str]]:
    required = list(table.required_columns)
    poor = frame[(frame[required] != "").sum(axis=1) * 2 <= len(required)].head(_MAX_POOR)
    for line, row in poor.iterrows():
        filled = [text for text in row if text]
        if not filled:
            yield line, "Cette ligne n’a rien dans les colonnes du format"
        elif any(_NOTE.match(fold(text)) for text in filled[:2]):
            yield line, f"{quoted(filled[0])} est une note ou un total"
        elif len(filled) == 1 and " " in filled[0]:
            yield line, f"{quoted(filled[0])} est seul sur sa ligne, comme un titre ou une note"


def _not_a_row(file: str, line: int, what: str) -> Problem:
    return Problem(
        file,
        line,
        "",
        "",
        "lignes-hors-table",
        f"{what}\u00a0: cette ligne n’a pas été lue.",
        "Retirez-la si elle n’est pas une donnée\u00a0; sinon, remplissez ses cellules "
        "obligatoires.",
        WARNING,
    )


def _second_table(file: str, line: int, row: pd.Series) -> Problem:
    shown = ", ".join(text for text in row if text)
    return Problem(
        file,
        line,
        "",
        shown,
        "plusieurs-tables",
        f"Une autre table commence ici (en-tête {quoted(shown)})\u00a0: rien n’a été lu à partir "
        "de "
        "cette ligne.",
        "Mettez chaque table dans sa propre feuille (ou son propre fichier), nommée comme elle.",
    )
