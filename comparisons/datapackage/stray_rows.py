"""Remove the lines of a sheet that are not rows of its table: notes, totals, repeated headers."""

import re
from collections.abc import Iterator
from itertools import chain

import pandas as pd

from comparisons.datapackage.joined_sheets import LINES_PER_SHEET
from comparisons.datapackage.problems import WARNING, Problem, line_problem, quoted
from comparisons.datapackage.validation.messages import named_codes
from comparisons.formatting import fold, pluralize
from comparisons.schema.model import Table, load_format

_NOTE_PATTERN = re.compile(
    r"(sous[- ])?(total|totaux)\b|(ensemble|somme)$|[*†(]|\(?[0-9]\)|"
    r"(sources?|notes?|nb|n\.b\.?|legende|lecture|champ|remarques?|precisions?|mise? a jour|maj|"
    r"donnees)\s*(:|$)"
)
# Beyond this number, they are errors of the table rather than stray lines.
_MAX_INCOMPLETE = 5_000
# Lines of instructions are the first ones; each fills several of the columns that want a number.
_MAX_INSTRUCTIONS = 5
_MIN_INSTRUCTIONS = 3
_NUMBER_OR_ADDRESS = re.compile(r"\W*(?:[0-9]|https?:|www\.|#)", re.IGNORECASE)


def drop_stray_rows(
    table: Table, frame: pd.DataFrame, file: str
) -> tuple[pd.DataFrame, list[Problem]]:
    """Return a table without its stray lines, and a problem for each.

    Such a line lacks half of the mandatory cells or more. Nothing is read from the header of a
    second table on, in the same sheet, which is an error.
    """
    parts = [
        _drop_from_sheet(table, rows, file)
        for _, rows in frame.groupby(frame.index // LINES_PER_SHEET)
    ] or [(frame, [])]
    problems = list(chain.from_iterable(problems for _, problems in parts))
    return pd.concat([rows for rows, _ in parts]), problems


def _drop_from_sheet(
    table: Table, frame: pd.DataFrame, file: str
) -> tuple[pd.DataFrame, list[Problem]]:
    problems: list[Problem] = []
    frame, prefilled_problems = _drop_prefilled(table, frame, file)
    problems += prefilled_problems
    header_lines = _header_lines(frame)
    repeated_lines = [line for line in header_lines if _repeats_header(frame.loc[line])]
    second_header_line = next((line for line in header_lines if line not in repeated_lines), None)
    if second_header_line is not None:
        problems.append(
            _second_table_problem(file, int(second_header_line), frame.loc[second_header_line])
        )
        frame = frame[frame.index < second_header_line]
    sentence_by_line = {
        line: "L’en-tête est répété" for line in repeated_lines if line in frame.index
    }
    sentence_by_line |= dict.fromkeys(
        _instruction_lines(table, frame), "Cette ligne n’a que des libellés ou des consignes"
    )
    sentence_by_line |= dict(_note_lines(table, frame.drop(index=list(sentence_by_line))))
    problems += [
        _stray_row_problem(file, int(line), sentence)
        for line, sentence in sorted(sentence_by_line.items())
    ]
    return (frame.drop(index=list(sentence_by_line)) if sentence_by_line else frame), problems


def _drop_prefilled(
    table: Table, frame: pd.DataFrame, file: str
) -> tuple[pd.DataFrame, list[Problem]]:
    """Return a table without the rows that hold but codes and dates, and one problem for all."""
    is_prefilled = (frame != "").any(axis=1)
    for field in table.fields:
        if not is_prefilled.any():
            return frame, []
        texts = frame[field.name]
        if field.vocabulary:
            codes = [text for text in texts.unique() if not text or named_codes(field, text)]
            is_prefilled &= texts.isin(codes)
        elif field.type != "boolean" and field.kind != "date":
            is_prefilled &= texts == ""
    lines = frame.index[is_prefilled]
    if lines.empty or is_prefilled.all():
        return frame, []
    problem = line_problem(
        file,
        int(lines[0]),
        "lignes-hors-table",
        f"{pluralize(len(lines), 'ligne préremplie', 'lignes préremplies')} (de la ligne "
        f"{lines[0]} à la ligne {lines[-1]}) sans rien de tapé : rien n’en a été lu.",
        "Rien à faire si elles attendent d’être remplies.",
        WARNING,
    )
    return frame.drop(index=lines), [problem]


def _instruction_lines(table: Table, frame: pd.DataFrame) -> list:
    """Return the first lines that hold labels or instructions: no number where one is due."""
    columns = [
        field.name
        for field in table.fields
        if field.type in {"number", "integer", "year"}
        or field.kind in {"date", "territoire", "siren", "adresse"}
    ]
    lines = []
    for line, row in frame[columns].head(_MAX_INSTRUCTIONS).iterrows():
        texts = [text for text in row if text]
        if len(texts) < _MIN_INSTRUCTIONS or any(_NUMBER_OR_ADDRESS.match(text) for text in texts):
            break
        lines.append(line)
    return lines


def _header_lines(frame: pd.DataFrame) -> list:
    """Return the lines that hold several names of columns and little else."""
    names = {column for table in load_format().tables.values() for column in table.columns}
    counts = [sum(text in names for text in row) for row in frame.to_numpy()]
    name_counts = pd.Series(counts, index=frame.index, dtype=int)
    likely_counts = name_counts[name_counts >= 2]
    if likely_counts.empty:
        return []
    filled_counts = (frame.loc[likely_counts.index] != "").sum(axis=1)
    return likely_counts.index[(likely_counts >= 3) | (likely_counts == filled_counts)].tolist()


def _repeats_header(row: pd.Series) -> bool:
    filled_cells = row[row != ""]
    return bool((filled_cells == filled_cells.index).all())


def _note_lines(table: Table, frame: pd.DataFrame) -> Iterator[tuple[object, str]]:
    required = list(table.required_columns)
    incomplete_rows = frame[(frame[required] != "").sum(axis=1) * 2 <= len(required)].head(
        _MAX_INCOMPLETE
    )
    for line, row in incomplete_rows.iterrows():
        filled_texts = [text for text in row if text]
        if not filled_texts:
            yield line, "Cette ligne n’a rien dans les colonnes du format"
        elif any(_NOTE_PATTERN.match(fold(text)) for text in filled_texts[:2]):
            yield line, f"{quoted(filled_texts[0])} est une note ou un total"
        elif len(filled_texts) == 1 and " " in filled_texts[0]:
            yield (
                line,
                f"{quoted(filled_texts[0])} est seul sur sa ligne, comme un titre ou une note",
            )


def _stray_row_problem(file: str, line: int, sentence: str) -> Problem:
    return line_problem(
        file,
        line,
        "lignes-hors-table",
        f"{sentence} : cette ligne n’a pas été lue.",
        "Retirez-la si elle n’est pas une donnée ; sinon, remplissez ses cellules obligatoires.",
        WARNING,
    )


def _second_table_problem(file: str, line: int, row: pd.Series) -> Problem:
    cells_text = ", ".join(text for text in row if text)
    return Problem(
        file,
        line,
        "",
        cells_text,
        "plusieurs-tables",
        f"Une autre table commence ici (en-tête {quoted(cells_text)}) : rien n’a été lu à "
        "partir de cette ligne.",
        "Mettez chaque table dans sa propre feuille (ou son propre fichier), nommée comme elle.",
    )
