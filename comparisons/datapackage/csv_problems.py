"""Problems of the text of a table: encoding, header, rows."""

from comparisons.datapackage.problems import (
    ERROR,
    WARNING,
    Problem,
    file_problem,
    line_problem,
    quoted,
)
from comparisons.formatting import format_number, pluralize

# Tables of the format are much narrower; a sheet may declare 16,384 columns.
MAX_COLUMNS = 100
# Beyond this number of lines that do not match the header, the file is not a table.
MAX_BAD_ROWS = 2_000
# Maximal length of a cell of a spreadsheet.
MAX_CELL_LENGTH = 32_767


def too_wide_problem(file: str, line: int, width: int) -> Problem:
    """Return the problem of a header of too many columns."""
    return line_problem(
        file,
        line,
        "archive-dangereuse",
        f"L’en-tête compte {pluralize(width, 'colonne')} : cette table n’a pas été lue.",
        f"Une table du format en a moins de {MAX_COLUMNS} : retirez les autres colonnes, ou "
        "vérifiez le séparateur.",
    )


def too_long_problem(file: str, line: int) -> Problem:
    """Return the problem of a cell of too many characters."""
    return line_problem(
        file,
        line,
        "csv-mal-forme",
        f"La lecture s’arrête ici : une cellule compte plus de "
        f"{format_number(MAX_CELL_LENGTH)} caractères.",
        "Raccourcissez le texte ; dans un CSV, vérifiez aussi que les guillemets sont fermés.",
    )


def stray_quote_problem(file: str, line: int, cell: str, index: int, is_read: bool) -> Problem:
    """Return the problem of a quote inside a text: a warning if the line could be read."""
    message = f"Un guillemet droit est mal placé dans la {index + 1}e cellule, {quoted(cell)} : "
    message += "la ligne a été lue comme si chaque séparateur comptait."
    if not is_read:
        message = (
            f"Un guillemet droit n’est pas fermé dans {quoted(cell)} : la ligne n’a pas été lue."
        )
    remedy = 'Fermez le guillemet ; dans un texte, doublez les guillemets droits ("").'
    code, severity = ("valeur-interpretee", WARNING) if is_read else ("csv-mal-forme", ERROR)
    return Problem(file, line, "", cell, code, message, remedy, severity)


def too_many_quotes_problem(file: str, line: int) -> Problem:
    """Return the problem of a text that is not read further."""
    return line_problem(
        file,
        line,
        "csv-mal-forme",
        "La lecture s’arrête ici : trop de guillemets sont mal placés.",
        'Dans un texte, doublez les guillemets droits (""), ou mettez des guillemets français.',
    )


def no_table_problem(file: str, line: int) -> Problem:
    """Return the problem of rows that do not follow the header."""
    return line_problem(
        file,
        line,
        "csv-mal-forme",
        f"La lecture s’arrête ici : plus de {format_number(MAX_BAD_ROWS)} lignes ne suivent "
        "pas l’en-tête.",
        "Vérifiez que le fichier est bien une table, et que son séparateur est partout le même.",
    )


def line_above_problem(file: str, line: int, record: list[str]) -> Problem:
    """Return the warning on a line above the header."""
    title = next(cell for cell in record if cell)
    return line_problem(
        file,
        line,
        "lignes-hors-table",
        f"{quoted(title)} est au-dessus de l’en-tête : cette ligne n’a pas été lue.",
        "Rien à faire si c’est un titre ; sinon, mettez-la sous les noms des colonnes.",
        WARNING,
    )


def blank_lines_problem(file: str, lines: list[int]) -> Problem:
    """Return the warning on blank lines between rows."""
    line_numbers = ", ".join(map(str, lines[:10])) + (", …" if len(lines) > 10 else "")
    template = "La ligne vide {} a été passée." if len(lines) == 1 else "Lignes vides passées : {}."
    return file_problem(
        file,
        "lignes-vides",
        template.format(line_numbers),
        "Rien à faire, sauf si elle sépare deux tables : chacune veut sa propre feuille.",
        WARNING,
    )


def encoding_problem(file: str, name: str) -> Problem:
    """Return the warning on a text that is not in UTF-8."""
    return file_problem(
        file,
        "encodage-non-utf8",
        f"Ce fichier n’est pas en UTF-8 : il a été lu comme du {name}.",
        "Vérifiez les accents et enregistrez le fichier au format « CSV UTF-8 ».",
        WARNING,
    )
