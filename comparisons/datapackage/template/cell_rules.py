"""Build the rules by which a spreadsheet checks typed cells, with their French messages."""

from collections.abc import Sequence

from xlsxwriter.utility import xl_col_to_name

from comparisons.formatting import french_spaces, shorten
from comparisons.schema.model import Field, Table
from comparisons.tabular_files import FALSE_VALUE, TRUE_VALUE

# Rows, from zero: the names of the columns, under their titles; the first to fill in; the last one
# that is checked (the reader accepts many more).
NAMES_ROW, FIRST_ROW, LAST_ROW = 1, 2, 2001
_YEARS = (1980, 2060)
# « 2021-06 » is stored as a text, so the formulas check the length and the characters.
_SHAPES = {
    "date": (
        '=AND(OR(LEN({0})=4,LEN({0})=7,LEN({0})=10),OR(LEN({0})=4,MID({0},5,1)="-"))',
        "Écrivez la date AAAA, AAAA-MM ou AAAA-MM-JJ, par exemple 2021-06-24.",
    ),
    "siren": (
        "=AND(LEN({0})=9,ISNUMBER(VALUE({0})))",
        "Un numéro Siren a neuf chiffres, sans espace.",
    ),
    "adresse": ('=LEFT({0},4)="http"', "Une adresse commence par https:// ou http://."),
    "identifiant": (
        '=AND(LEN({0})=LEN(SUBSTITUTE({0}," ","")),LEN({0})<200)',
        "Un identifiant n’a ni espace ni accent, par exemple departement-53-sdusn-2021.",
    ),
}


def data_validation(table: Table, field: Field, tables: Sequence[Table], codes: str) -> dict:
    """Return the data validation of a column, as the options of XlsxWriter.

    `codes` is the range of its list, "" if it has none. Values that the format refuses are
    stopped; values that may be right (a reference to another package, a distant year) only warn.
    """
    check = _validation_rule(table, field, tables, codes)
    expected = "obligatoire" if field.required else "facultatif"
    return {
        "input_title": shorten(field.title, 32),
        "input_message": shorten(
            french_spaces(
                f"{expected.capitalize()}. {field.description}\nExemple : {field.example}"
            ),
            255,
        ),
        "error_title": shorten(field.title, 32),
        **check,
    }


def _validation_rule(table: Table, field: Field, tables: Sequence[Table], codes: str) -> dict:
    if field.type == "boolean":
        message = f"Écrivez « {TRUE_VALUE} », « {FALSE_VALUE} » ou rien."
        return _refuse_with({"validate": "list", "source": [TRUE_VALUE, FALSE_VALUE]}, message)
    if codes and field.type == "string":
        message = (
            "Choisissez un code dans la liste déroulante ; la feuille « Listes » "
            "dit ce que chacun veut dire."
        )
        return _refuse_with({"validate": "list", "source": codes}, message)
    target_cells = _referenced_cells(table, field, tables)
    if target_cells:
        message = (
            f"Cet identifiant n’est pas dans la feuille « {target_cells[0]} ». "
            "Le garder quand même ?"
        )
        return _warn_with({"validate": "list", "source": target_cells[1]}, message)
    return _number_rule(field) or _shape_rule(table, field) or {"validate": "any"}


def _number_rule(field: Field) -> dict:
    match field.type:
        case "year":
            bounds = {"criteria": "between", "minimum": _YEARS[0], "maximum": _YEARS[1]}
            message = "On attend une année à quatre chiffres, par exemple 2026. La garder ainsi ?"
            return _warn_with({"validate": "integer", **bounds}, message)
        case "integer":
            minimum = int(field.minimum or 0)
            message = f"On attend un nombre entier, au moins {minimum}, sans unité."
            return _refuse_with(
                {"validate": "integer", "criteria": ">=", "value": minimum}, message
            )
        case "number":
            minimum = -1e15 if field.minimum is None else field.minimum
            unit = f" (en {field.unit})" if field.unit else ""
            message = f"On attend un nombre{unit}, sans symbole ni mot."
            return _refuse_with(
                {"validate": "decimal", "criteria": ">=", "value": minimum}, message
            )
    return {}


def _shape_rule(table: Table, field: Field) -> dict:
    if field.kind not in _SHAPES:
        return {}
    formula, message = _SHAPES[field.kind]
    cell = f"{xl_col_to_name(table.columns.index(field.name))}{FIRST_ROW + 1}"
    return _warn_with({"validate": "custom", "value": formula.format(cell)}, message)


def _referenced_cells(
    table: Table, field: Field, tables: Sequence[Table]
) -> tuple[str, str] | None:
    """Return the sheet and the range that a foreign key refers to; None without foreign key."""
    for link in table.foreign_keys:
        if link.fields == (field.name,):
            target = next(candidate for candidate in tables if candidate.name == link.table)
            letter = xl_col_to_name(target.columns.index(link.reference[0]))
            return target.name, f"={target.name}!${letter}${FIRST_ROW + 1}:${letter}${LAST_ROW + 1}"
    return None


def _refuse_with(rule: dict, message: str) -> dict:
    return {**rule, "error_type": "stop", "error_message": french_spaces(message)}


def _warn_with(rule: dict, message: str) -> dict:
    return {**rule, "error_type": "warning", "error_message": french_spaces(message)}
