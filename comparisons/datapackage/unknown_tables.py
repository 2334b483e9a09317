"""Say what was found in a file of which no table was recognised, and what to do."""

from collections.abc import Mapping, Sequence

from comparisons.datapackage.problems import Problem, file_problem, quoted
from comparisons.datapackage.short_form.table import SHEET, sent_tables
from comparisons.datapackage.validation.column_names import closest_table, match_columns
from comparisons.formatting import first_few
from comparisons.schema.model import Table

_MAX_NAMES = 6
# Fewer columns in common are chance.
_MIN_COLUMNS = 2


def unknown_table_problem(
    name: str,
    headers: Mapping[str, Sequence[str]],
    first_columns: Mapping[str, Sequence[str]] | None = None,
) -> Problem:
    """Return the problem of a file without any table.

    `headers` holds the names of the columns of each sheet or file ("": the file itself),
    `first_columns` the first cells of the rows, which may be the names of columns.
    """
    for title, names in (first_columns or {}).items():
        if closest_table(names)[0]:
            message = f"Les noms des colonnes sont l’un sous l’autre dans {quoted(title)}."
            return file_problem(name, "table-inconnue", message, _TRANSPOSE)
    descriptions = [
        _describe(title, columns) for title, columns in headers.items() if title or columns
    ]
    message = "Aucune table du format n’a été reconnue, ni par le nom ni par les colonnes."
    if descriptions:
        message += f" Trouvé : {first_few(descriptions, _MAX_NAMES, ' ; ')}."
    return file_problem(name, "table-inconnue", message, _closest(headers) + _TEMPLATE)


_TRANSPOSE = (
    "Mettez-les sur une seule ligne, une stratégie par ligne : copiez le tableau, puis Collage "
    "spécial › Transposer. Ou recopiez-le dans le formulaire court, sur la page « Contribuer »."
)
_TEMPLATE = (
    "Le plus simple : recopiez vos lignes dans le formulaire court (une stratégie par ligne) ou "
    "dans le modèle complet, à télécharger sur la page « Contribuer »."
)


def _describe(title: str, columns: Sequence[str]) -> str:
    names = first_few([quoted(column) for column in columns], _MAX_NAMES)
    if not title:
        return f"colonnes {names}"
    return f"{quoted(title)} (colonnes {names})" if names else quoted(title)


def _closest(headers: Mapping[str, Sequence[str]]) -> str:
    """Return a sentence on the table that has the most columns in common, or ""."""
    pairs = [
        (_common_columns(table, columns), table.name)
        for table in sent_tables()
        for columns in headers.values()
    ]
    common, name = max(pairs, key=lambda pair: len(pair[0]), default=({}, ""))
    if len(common) < _MIN_COLUMNS:
        return ""
    matches = first_few(
        [f"{quoted(written)} pour {quoted(column)}" for written, column in common.items()],
        _MAX_NAMES,
    )
    title = "le formulaire court" if name == SHEET else f"la table {quoted(name)}"
    return f"Le plus proche est {title} : {matches}. "


def _common_columns(table: Table, columns: Sequence[str]) -> dict[str, str]:
    """Return the columns of a table that names stand for (name → column)."""
    return {name: name for name in columns if name in table.columns} | match_columns(table, columns)
