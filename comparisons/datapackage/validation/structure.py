"""Check the structure of a table: its columns, and whether it has rows."""

from collections.abc import Iterable

from xlsxwriter.utility import xl_col_to_name

from comparisons.datapackage.csv_reader import Header
from comparisons.datapackage.problems import WARNING, Problem, quoted
from comparisons.datapackage.reader import Package
from comparisons.datapackage.validation.column_names import match_columns
from comparisons.datapackage.validation.context import ValidationContext
from comparisons.formatting import pluralize
from comparisons.schema.model import Table


def check_columns(package: Package, context: ValidationContext) -> Iterable[Problem]:
    """Check for mandatory columns that are absent, unknown ones and repeated ones."""
    for table, _ in context.tables():
        for header in package.headers_of(table.name):
            yield from _check_header(context, table, header)


def _check_header(context: ValidationContext, table: Table, header: Header) -> Iterable[Problem]:
    column_by_name = match_columns(table, header.names)
    name_by_column = {column: name for name, column in column_by_name.items()}
    for column in table.required_columns:
        if column not in header.names:
            current_name = name_by_column.get(column, "")
            yield _missing_column(context, table, header.line, column, current_name)
    for column in dict.fromkeys(header.names):
        if column and header.names.count(column) > 1:
            yield _repeated_column(context, table, header.line, column)
        if not column:
            yield _unnamed_columns(context, table, header.line, header.names)
        elif column not in table.columns and not _is_label_column(table, column):
            suggestion = column_by_name.get(column, "")
            yield _unknown_column(context, table, header.line, column, suggestion)


def check_empty_tables(package: Package, context: ValidationContext) -> Iterable[Problem]:
    """Warn of tables that have a header and no row."""
    for table, frame in context.tables():
        if frame.empty:
            yield context.problem(
                table.name,
                None,
                "",
                "",
                "table-vide",
                "Cette table n’a que sa ligne d’en-tête.",
                "Remplissez-la, ou retirez le fichier : une table absente est admise.",
                WARNING,
            )


def _is_label_column(table: Table, name: str) -> bool:
    """Return whether a column is what the site adds to its own files: the labels of a code."""
    return name.removesuffix("_libelle") in table.columns and name.endswith("_libelle")


def _missing_column(
    context: ValidationContext, table: Table, line: int, column: str, current_name: str
) -> Problem:
    field = table.field(column)
    remedy = (
        f"Renommez la colonne {quoted(current_name)} en {quoted(column)}, si c’est elle."
        if current_name
        else f"Ajoutez la colonne {quoted(column)} et remplissez-la ; exemple : "
        f"{quoted(field.example)}."
    )
    return context.problem(
        table.name,
        line,
        column,
        current_name,
        "colonne-obligatoire-absente",
        f"La colonne {quoted(column)} ({field.title.lower()}) manque dans l’en-tête.",
        remedy,
        suggestion=column if current_name else "",
    )


def _repeated_column(context: ValidationContext, table: Table, line: int, column: str) -> Problem:
    return context.problem(
        table.name,
        line,
        column,
        column,
        "colonne-en-double",
        f"La colonne {quoted(column)} figure plusieurs fois dans l’en-tête.",
        "N’en gardez qu’une : seule la première a été lue.",
    )


def _unnamed_columns(
    context: ValidationContext, table: Table, line: int, names: tuple[str, ...]
) -> Problem:
    letters = [xl_col_to_name(index) for index, name in enumerate(names) if not name]
    return context.problem(
        table.name,
        line,
        "",
        "",
        "colonne-inconnue",
        f"{pluralize(len(letters), 'colonne remplie', 'colonnes remplies')} sans nom dans "
        f"l’en-tête ({', '.join(letters[:10])}) : ce contenu est ignoré.",
        "Donnez-lui le nom d’une colonne du format, ou retirez-le.",
        WARNING,
    )


def _unknown_column(
    context: ValidationContext, table: Table, line: int, column: str, suggestion: str
) -> Problem:
    advice = "Retirez-la ou renommez-la."
    if suggestion:
        title = table.field(suggestion).title
        advice = f"Voulez-vous dire {quoted(suggestion)} ({title}) ? Renommez alors la colonne."
    return context.problem(
        table.name,
        line,
        column,
        column,
        "colonne-inconnue",
        f"La colonne {quoted(column)} n’est pas dans le format : elle est ignorée.",
        advice,
        WARNING,
        suggestion=suggestion,
    )
