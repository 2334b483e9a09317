"""From the bytes of a file to a table of texts that remembers its line numbers.

Nothing here raises on bad content: what is wrong comes back as problems, in French.
"""

import csv
import datetime as dt
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice

import pandas as pd

from comparisons.datapackage.problems import WARNING, Problem, file_problem, quoted
from comparisons.formatting import format_number
from comparisons.tabular_files import unescape_formula

SEPARATORS = (",", ";", "\t")
# No table of the format comes near this width; a sheet may claim 16,384 columns.
MAX_COLUMNS = 100
# Beyond so many lines that do not follow the header, there is no table to read.
MAX_BAD_ROWS = 2_000
# What a cell of a spreadsheet may hold.
MAX_CELL = 32_767
# How far below its top a sheet may have its header, under a title and a few words.
_HEADER_WITHIN = 20
_TOP = 200_000


@dataclass(frozen=True)
class Header:
    """The names of the columns as the file writes them, and the line where they are.

    `others` keeps the cells of the columns that the format does not know, in the order of rows.
    """

    names: tuple[str, ...]
    line: int = 1
    others: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class RawTable:
    """A table as read: its header, its rows, the line where each row begins."""

    header: Header
    rows: list[list[str]]
    lines: list[int]


def decode_text(content: bytes, file: str) -> tuple[str | None, list[Problem]]:
    """Turn bytes into text: UTF-8 expected, Windows-1252 and UTF-16 accepted with a warning."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace"), [_encoding(file, "UTF-16")]
    if b"\x00" in content[:4096]:
        return None, [
            file_problem(
                file,
                "fichier-illisible",
                "Ce fichier n’est pas un fichier texte.",
                "Enregistrez la table au format CSV (UTF-8) ou Excel (.xlsx).",
            )
        ]
    try:
        return content.decode("utf-8-sig"), []
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace"), [_encoding(file, "Windows-1252")]


def parse_csv(
    text: str, file: str, known_columns: Iterable[str]
) -> tuple[RawTable | None, list[Problem]]:
    """Cut a CSV text into cells; the separator is the one that yields known column names."""
    known = frozenset(known_columns)
    separator = _separator(text, known)
    problems: list[Problem] = []
    records = _records(text, separator, file, problems)
    return _table(records, file, known, problems), problems


def parse_rows(
    rows: Iterable[Sequence[object]], file: str, known_columns: Iterable[str] = ()
) -> tuple[RawTable | None, list[Problem]]:
    """Read the rows of a spreadsheet's sheet, as the texts that a CSV would hold."""
    problems: list[Problem] = []
    # A sheet may claim more columns than it fills.
    records = (
        (line, [_cell_text(cell) for cell in row[:MAX_COLUMNS]]) for line, row in enumerate(rows, 1)
    )
    return _table(records, file, frozenset(known_columns), problems, complete=False), problems


def to_dataframe(table: RawTable, columns: Sequence[str]) -> pd.DataFrame:
    """Arrange the rows under the columns of the format; the index is the line in the file."""
    position = {name: i for i, name in reversed(list(enumerate(table.header.names)))}
    data = {
        name: [row[position[name]] for row in table.rows]
        if name in position
        else [""] * len(table.rows)
        for name in columns
    }
    index = pd.Index(table.lines, name="ligne", dtype="int64")
    return pd.DataFrame(data, index=index, columns=list(columns), dtype="str")


def _separator(text: str, known: frozenset[str]) -> str:
    # not all the lines of the file: only its top
    filled = (line for line in text[:_TOP].splitlines() if line.strip())
    tops = list(islice(filled, _HEADER_WITHIN))

    def score(separator: str) -> tuple[int, int]:
        cells = [[cell.strip().strip('"') for cell in line.split(separator)] for line in tops]
        return max((_known(names, known), len(names)) for names in cells or [[]])

    return max(SEPARATORS, key=score)


def _known(names: Iterable[str], known: frozenset[str]) -> int:
    return len(known.intersection(" ".join(name.split()) for name in names))


def _records(
    text: str, separator: str, file: str, problems: list[Problem]
) -> Iterator[tuple[int, list[str]]]:
    """Yield each record with the line where it begins; stop at the first broken quotation."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    line = 1
    try:
        for record in reader:
            yield line, [unescape_formula(cell.strip()) for cell in record]
            line = reader.line_num + 1
    except csv.Error:
        problems.append(
            Problem(
                file,
                line,
                "",
                "",
                "csv-mal-forme",
                "La lecture s’arrête ici\u00a0: un guillemet n’est pas fermé, ou une cellule est "
                "démesurée. Les lignes suivantes n’ont pas été lues.",
                'Fermez le guillemet ; dans un texte, doublez les guillemets droits ("").',
            )
        )


def _table(
    records: Iterable[tuple[int, list[str]]],
    file: str,
    known: frozenset[str],
    problems: list[Problem],
    complete: bool = True,
) -> RawTable | None:
    """Find the header among the first filled records; what is under it are the rows.

    `complete`: a row has as many cells as the header, as in a CSV; a sheet leaves out the empty
    ones at its end.
    """
    filled = (record for record in records if any(record[1]))
    tops = list(islice(filled, _HEADER_WITHIN))
    if not tops:
        problems.append(
            file_problem(
                file,
                "fichier-vide",
                "Ce fichier est vide\u00a0: il n’a pas même de ligne d’en-tête.",
                "Retirez le fichier, ou mettez les noms des colonnes sur sa première ligne.",
            )
        )
        return None
    endless = next((line for line, record in tops if _is_endless(record)), None)
    if endless is not None:
        problems.append(_too_long(file, endless))
        return None
    found = _header_rank([record for _, record in tops], known)
    problems += [_above(file, line, record) for line, record in tops[:found]]
    header_line, names = tops[found]
    header = [" ".join(name.split()) for name in _without_trailing_blanks(names)]
    if len(header) > MAX_COLUMNS:
        problems.append(_too_wide(file, header_line, len(header)))
        return None
    rows: list[list[str]] = []
    lines: list[int] = []
    blank: list[int] = []
    last = header_line
    misfits = 0
    for line, record in chain(tops[found + 1 :], filled):
        row, problem = _pad_row(record, len(header), file, line, complete)
        if problem:
            problems.append(problem)
            misfits += 1
            if misfits > MAX_BAD_ROWS:
                problems.append(_no_table(file, line))
                break
        if _is_endless(row):
            problems.append(_too_long(file, line))
            break
        rows.append(row)
        if not complete:
            blank += range(last + 1, line)
            last = line
        lines.append(line)
    if blank:
        problems.append(_blank_lines(file, blank))
    header, rows = _without_blank_columns(header, rows)
    others = {
        name: [row[i] for row in rows]
        for i, name in reversed(list(enumerate(header)))
        if name not in known
    }
    return RawTable(Header(tuple(header), header_line, others), rows, lines)


def _header_rank(tops: list[list[str]], known: frozenset[str]) -> int:
    """Return which record is the header: most known names, else the first that is not a title."""
    scores = [_known(record, known) for record in tops]
    if max(scores):
        return scores.index(max(scores))
    filled = [sum(map(bool, record)) for record in tops]
    return next(i for i, count in enumerate(filled) if 2 * count >= max(filled))


def _pad_row(
    record: list[str], width: int, file: str, line: int, complete: bool
) -> tuple[list[str], Problem | None]:
    """Return a row as many cells as the header.

    A filled cell too many or one missing is a fault.
    """
    if len(record) == width:
        return record, None
    row = (record + [""] * (width - len(record)))[:width]
    beyond = [cell for cell in record[width:] if cell]
    if len(record) > width and not beyond:
        return row, None
    if len(record) < width and not complete:
        return row, None
    if not complete:
        place = next(i for i in range(width, len(record)) if record[i])
        message = f"La cellule {column_letter(place)}{line} est à droite de la dernière colonne."
        remedy = "Donnez un nom à sa colonne, dans l’en-tête, ou videz la cellule."
    else:
        message = f"Cette ligne compte {len(record)} cellules\u00a0; l’en-tête en compte {width}."
        remedy = (
            "Vérifiez les séparateurs de la ligne\u00a0: un texte qui contient le séparateur "
            "doit être entre guillemets droits."
        )
    value = beyond[0] if beyond else ""
    return row, Problem(file, line, "", value, "nombre-de-cellules", message, remedy)


def column_letter(position: int) -> str:
    """Return the name of a column as spreadsheets do: 0 is A, 26 is AA."""
    letters = ""
    position += 1
    while position:
        position, rest = divmod(position - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _too_wide(file: str, line: int, width: int) -> Problem:
    return Problem(
        file,
        line,
        "",
        "",
        "archive-dangereuse",
        f"L’en-tête compte {format_number(width)} colonnes\u00a0: cette table n’a pas été lue.",
        f"Une table du format en a moins de {MAX_COLUMNS}\u00a0: retirez les autres colonnes, ou "
        "vérifiez le séparateur.",
    )


def _is_endless(record: list[str]) -> bool:
    return bool(record) and max(map(len, record)) > MAX_CELL


def _too_long(file: str, line: int) -> Problem:
    return Problem(
        file,
        line,
        "",
        "",
        "csv-mal-forme",
        f"La lecture s’arrête ici\u00a0: une cellule compte plus de {format_number(MAX_CELL)} "
        "caractères.",
        "Raccourcissez le texte\u00a0; dans un CSV, vérifiez aussi que les guillemets sont fermés.",
    )


def _no_table(file: str, line: int) -> Problem:
    return Problem(
        file,
        line,
        "",
        "",
        "csv-mal-forme",
        f"La lecture s’arrête ici\u00a0: plus de {format_number(MAX_BAD_ROWS)} lignes ne suivent "
        "pas "
        "l’en-tête.",
        "Vérifiez que le fichier est bien une table, et que son séparateur est partout le même.",
    )


def _above(file: str, line: int, record: list[str]) -> Problem:
    title = next(cell for cell in record if cell)
    return Problem(
        file,
        line,
        "",
        "",
        "lignes-hors-table",
        f"{quoted(title)} est au-dessus de l’en-tête\u00a0: cette ligne n’a pas été lue.",
        "Rien à faire si c’est un titre\u00a0; sinon, mettez-la sous les noms des colonnes.",
        WARNING,
    )


def _blank_lines(file: str, lines: list[int]) -> Problem:
    shown = ", ".join(map(str, lines[:10])) + (", …" if len(lines) > 10 else "")
    words = (
        "La ligne vide {} a été passée." if len(lines) == 1 else "Lignes vides passées\u00a0: {}."
    )
    return file_problem(
        file,
        "lignes-vides",
        words.format(shown),
        "Rien à faire, sauf si elle sépare deux tables\u00a0: chacune veut sa propre feuille.",
        WARNING,
    )


def _without_blank_columns(
    header: list[str], rows: list[list[str]]
) -> tuple[list[str], list[list[str]]]:
    """Drop the columns that have neither name nor content: they only space a sheet out."""
    empty = {i for i, name in enumerate(header) if not name and not any(row[i] for row in rows)}
    if not empty:
        return header, rows
    kept = [i for i in range(len(header)) if i not in empty]
    return [header[i] for i in kept], [[row[i] for i in kept] for row in rows]


def _without_trailing_blanks(header: list[str]) -> list[str]:
    """Drop the empty columns that spreadsheets leave at the right of a header."""
    while header and not header[-1]:
        header = header[:-1]
    return header


def _cell_text(cell: object) -> str:
    """Write a spreadsheet cell as one would in a CSV: dates as AAAA-MM-JJ, 2021 and not 2021.0."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "oui" if cell else "non"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, dt.datetime):
        return cell.date().isoformat()
    if isinstance(cell, dt.date):
        return cell.isoformat()
    return str(cell).strip()


def _encoding(file: str, name: str) -> Problem:
    return file_problem(
        file,
        "encodage-non-utf8",
        f"Ce fichier n’est pas en UTF-8\u00a0: il a été lu comme du {name}.",
        "Vérifiez les accents et enregistrez le fichier au format «\u00a0CSV UTF-8\u00a0».",
        WARNING,
    )
