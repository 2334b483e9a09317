"""The shape of a table: its columns and whether it holds anything."""

from collections.abc import Iterable

from rapidfuzz import fuzz, process

from comparisons.format import Table
from comparisons.packages import Package
from comparisons.problems import WARNING, Problem, quote
from comparisons.validation.context import Context


def check_columns(package: Package, context: Context) -> Iterable[Problem]:
    """Look for mandatory columns that are absent, unknown ones and repeated ones."""
    for table, _ in context.tables():
        header = package.headers.get(table.name)
        if header is None:
            continue
        for column in table.required_columns:
            if column not in header.names:
                yield _absent(context, table, header.line, column)
        for column in dict.fromkeys(header.names):
            if header.names.count(column) > 1:
                yield _repeated(context, table, header.line, column)
            if column not in table.columns:
                yield _unknown(context, table, header.line, column, header.names)


def check_empty_tables(package: Package, context: Context) -> Iterable[Problem]:
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


def _absent(context: Context, table: Table, line: int, column: str) -> Problem:
    field = table.field(column)
    return context.problem(
        table.name,
        line,
        column,
        "",
        "colonne-obligatoire-absente",
        f"La colonne {quote(column)} ({field.title.lower()}) manque dans l’en-tête.",
        f"Ajoutez la colonne {quote(column)} et remplissez-la\u00a0; exemple\u00a0: "
        f"{quote(field.example)}.",
    )


def _repeated(context: Context, table: Table, line: int, column: str) -> Problem:
    return context.problem(
        table.name,
        line,
        column,
        column,
        "colonne-en-double",
        f"La colonne {quote(column)} figure plusieurs fois dans l’en-tête."
        if column
        else "Plusieurs colonnes n’ont pas de nom.",
        "N’en gardez qu’une\u00a0: seule la première a été lue.",
    )


def _unknown(
    context: Context, table: Table, line: int, column: str, header: tuple[str, ...]
) -> Problem:
    free = [name for name in table.columns if name not in header]
    best = process.extractOne(column.lower(), free, scorer=fuzz.ratio, score_cutoff=60)
    advice = f"Voulez-vous dire {quote(best[0])}\u00a0?" if best else "Retirez-la ou renommez-la."
    name = quote(column) if column else "sans nom"
    return context.problem(
        table.name,
        line,
        column,
        column,
        "colonne-inconnue",
        f"La colonne {name} n’est pas dans le format\u00a0: elle est ignorée.",
        advice,
        WARNING,
    )
