"""The shape of a table: its columns and whether it holds anything."""

from collections.abc import Iterable

from comparisons.datapackage.csv_reader import column_letter
from comparisons.datapackage.problems import WARNING, Problem, count, quoted
from comparisons.datapackage.reader import Package
from comparisons.datapackage.validation.column_names import match_columns
from comparisons.datapackage.validation.context import ValidationContext
from comparisons.schema.model import Table


def check_columns(package: Package, context: ValidationContext) -> Iterable[Problem]:
    """Check for mandatory columns that are absent, unknown ones and repeated ones."""
    for table, _ in context.tables():
        header = package.headers.get(table.name)
        if header is None:
            continue
        meant = match_columns(table, header.names)
        said = {column: name for name, column in meant.items()}
        for column in table.required_columns:
            if column not in header.names:
                yield _absent(context, table, header.line, column, said.get(column, ""))
        for column in dict.fromkeys(header.names):
            if column and header.names.count(column) > 1:
                yield _repeated(context, table, header.line, column)
            if not column:
                yield _nameless(context, table, header.line, header.names)
            elif column not in table.columns:
                yield _unknown(context, table, header.line, column, meant.get(column, ""))


def check_empty_tables(package: Package, context: ValidationContext) -> Iterable[Problem]:
    """Warn of tables that have a header and nothing below."""
    for table, frame in context.tables():
        if frame.empty:
            yield context.problem(
                table.name,
                None,
                "",
                "",
                "table-vide",
                "Cette table n’a que sa ligne d’en-tête.",
                "Remplissez-la, ou retirez le fichier\u00a0: une table absente est admise.",
                WARNING,
            )


def _absent(context: ValidationContext, table: Table, line: int, column: str, said: str) -> Problem:
    field = table.field(column)
    remedy = (
        f"Renommez la colonne {quoted(said)} en {quoted(column)}, si c’est elle."
        if said
        else f"Ajoutez la colonne {quoted(column)} et remplissez-la\u00a0; exemple\u00a0: "
        f"{quoted(field.example)}."
    )
    return context.problem(
        table.name,
        line,
        column,
        said,
        "colonne-obligatoire-absente",
        f"La colonne {quoted(column)} ({field.title.lower()}) manque dans l’en-tête.",
        remedy,
        suggestion=column if said else "",
    )


def _repeated(context: ValidationContext, table: Table, line: int, column: str) -> Problem:
    return context.problem(
        table.name,
        line,
        column,
        column,
        "colonne-en-double",
        f"La colonne {quoted(column)} figure plusieurs fois dans l’en-tête.",
        "N’en gardez qu’une\u00a0: seule la première a été lue.",
    )


def _nameless(
    context: ValidationContext, table: Table, line: int, names: tuple[str, ...]
) -> Problem:
    places = [column_letter(place) for place, name in enumerate(names) if not name]
    return context.problem(
        table.name,
        line,
        "",
        "",
        "colonne-inconnue",
        f"{count(len(places), 'colonne remplie', 'colonnes remplies')} sans nom dans l’en-tête "
        f"({', '.join(places[:10])})\u00a0: ce contenu est ignoré.",
        "Donnez-lui le nom d’une colonne du format, ou retirez-le.",
        WARNING,
    )


def _unknown(
    context: ValidationContext, table: Table, line: int, column: str, meant: str
) -> Problem:
    advice = "Retirez-la ou renommez-la."
    if meant:
        title = table.field(meant).title
        advice = f"Voulez-vous dire {quoted(meant)} ({title})\u00a0? Renommez alors la colonne."
    return context.problem(
        table.name,
        line,
        column,
        column,
        "colonne-inconnue",
        f"La colonne {quoted(column)} n’est pas dans le format\u00a0: elle est ignorée.",
        advice,
        WARNING,
        suggestion=meant,
    )
