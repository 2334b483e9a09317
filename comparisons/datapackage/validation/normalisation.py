"""Normalise the cells that have only one possible reading, with a warning for each.

The normalised package is the one that is loaded; a value that already follows the format is not
changed, so that an export is read again without any warning.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

import pandas as pd

from comparisons.datapackage.cells import cell_parser, split_codes
from comparisons.datapackage.known_territories import TerritoryReference, read_code
from comparisons.datapackage.problems import WARNING, Problem, quoted
from comparisons.datapackage.reader import Package
from comparisons.datapackage.stray_rows import drop_stray_rows
from comparisons.datapackage.validation.characters import strip_invisible
from comparisons.datapackage.validation.date_parser import parse_date, year_in_date_cell
from comparisons.datapackage.validation.messages import named_codes, suggest_empty
from comparisons.datapackage.validation.parsed_value import ParsedValue
from comparisons.datapackage.validation.value_parser import (
    date_advice,
    is_unknown_marker,
    parse_value,
)
from comparisons.formatting import format_euros, format_number
from comparisons.schema.model import Field, Table, load_format
from comparisons.tabular_files import LIST_SEPARATOR

# Columns of one line; in the others, a line break may be intended.
_ONE_LINE = frozenset(
    {"titre", "intitule", "libelle", "nom", "sigle", "porteur_nom", "financeur_nom", "unite"}
    | {"solution", "editeur"}
)
# What a spreadsheet shows of a date, or what is read of its cell.
_LONE_DATE = (
    r"[0-9]{1,4}[-/.][0-9]{1,2}[-/.][0-9]{2,4}|(?:[0-9]{1,2}-)?[a-zéèûA-Z]{3,5}\.?-[0-9]{2,4}"
)
_REMEDY = "Rien à faire si c’est bien cela ; sinon, corrigez."


def normalise(package: Package, territories: TerritoryReference) -> tuple[Package, list[Problem]]:
    """Return the normalised package, and the problems (warnings, second tables)."""
    tables: dict[str, pd.DataFrame] = {}
    problems: list[Problem] = []
    for name, frame in package.tables.items():
        table, file = load_format().tables[name], package.file(name)
        frame, invisible_problems = strip_invisible(frame, file)
        rows, stray_problems = drop_stray_rows(table, frame, file)
        rows, interpretation_problems = _normalise_table(table, rows, file)
        tables[name], code_problems = _normalise_territories(table, rows, file, territories)
        problems += [
            *invisible_problems, *stray_problems, *interpretation_problems, *code_problems
        ]  # fmt: skip
    return replace(package, tables=tables), problems


def _normalise_table(
    table: Table, frame: pd.DataFrame, file: str
) -> tuple[pd.DataFrame, list[Problem]]:
    problems: list[Problem] = []
    changed_columns: dict[str, pd.Series] = {}
    for field in table.fields:
        texts = frame[field.name]
        parsed_values = dict(_unambiguous_values(table, field, texts.unique()))
        if parsed_values:
            problems += _interpretation_warnings(
                file, field, texts[texts.isin(list(parsed_values))], parsed_values
            )
            changed_columns[field.name] = texts.replace(
                {text: parsed.value for text, parsed in parsed_values.items()}
            )
        if _accepts_any_text(field):
            problems += _unknown_warnings(file, field, texts)
            problems += _date_warnings(file, field, texts)
        if field.unit == "€":
            problems += _thousands_warnings(file, field, texts)
    return (frame.assign(**changed_columns) if changed_columns else frame), problems


def _normalise_territories(
    table: Table, frame: pd.DataFrame, file: str, territories: TerritoryReference
) -> tuple[pd.DataFrame, list[Problem]]:
    """Read the codes of territories that lost a zero, or have decimals or spaces."""
    changed_columns: dict[str, pd.Series] = {}
    problems: list[Problem] = []
    for field in table.fields:
        if field.kind != "territoire" and field.name != "aire_code":
            continue
        level_column = field.name.replace("_code", "_niveau")
        texts = frame[field.name]
        levels = (
            frame[level_column] if level_column in frame else pd.Series("departement", texts.index)
        )
        for level in levels.unique():
            written = texts[(levels == level) & (texts != "")]
            codes = {text: _read_codes(territories, level, text) for text in written.unique()}
            codes = {text: code for text, code in codes.items() if code and code != text}
            if not codes:
                continue
            changed = written[written.isin(list(codes))]
            readings = {text: ParsedValue(code, True, quoted(code)) for text, code in codes.items()}
            problems += _interpretation_warnings(file, field, changed, readings)
            column = changed_columns.setdefault(field.name, texts.copy())
            column[changed.index] = changed.map(codes)
    return (frame.assign(**changed_columns) if changed_columns else frame), problems


def _read_codes(territories: TerritoryReference, level: str, text: str) -> str:
    """Return the codes of a cell, separated by bars; "" if one of them is not known."""
    codes = [read_code(territories.codes, level, part) for part in split_codes(text)]
    return LIST_SEPARATOR.join(codes) if all(codes) else ""


def _unambiguous_values(
    table: Table, field: Field, texts: Iterable[str]
) -> Iterator[tuple[str, ParsedValue]]:
    """Yield (text, parsed value) for the invalid texts that have only one meaning."""
    if field.vocabulary:
        for text in texts:
            code = named_codes(field, text)
            if code and code != text:
                yield text, ParsedValue(code, True, quoted(code))
        return
    if field.type == "list" or field.kind == "territoire":
        return
    if _accepts_any_text(field):
        yield from _one_line_texts(field, texts)
        return
    parse = cell_parser(table.name, field.name)
    for text in texts:
        parsed = _parse_text(field, text, bool(parse(text)[1])) if text else None
        if parsed is not None and parsed.unambiguous and not parse(parsed.value)[1]:
            yield text, parsed


def _one_line_texts(field: Field, texts: Iterable[str]) -> Iterator[tuple[str, ParsedValue]]:
    if field.name in _ONE_LINE:
        for text in texts:
            if "\n" in text or "\r" in text:
                one_line = " ".join(text.split())
                yield text, ParsedValue(one_line, True, "un texte d’une seule ligne")


def _parse_text(field: Field, text: str, is_invalid: bool) -> ParsedValue | None:
    if (field.kind == "date" or field.type == "year") and (year := year_in_date_cell(text)):
        return year
    if is_invalid and not field.required and is_unknown_marker(text):
        return ParsedValue("", True, "une cellule vide : on ne sait pas")
    return parse_value(field, text) if is_invalid else None


def _interpretation_warnings(
    file: str, field: Field, texts: pd.Series, parsed_values: dict[str, ParsedValue]
) -> Iterator[Problem]:
    for line, text in texts.items():
        yield Problem(
            file,
            int(line),
            field.name,
            text,
            "valeur-interpretee",
            f"{quoted(text)} a été lu comme {_format_parsed_value(field, parsed_values[text])}.",
            _REMEDY,
            WARNING,
            parsed_values[text].value,
            is_certain=True,
        )


def _format_parsed_value(field: Field, parsed: ParsedValue) -> str:
    if parsed.description:
        return parsed.description
    if field.type in {"number", "integer"}:
        amount = format_number(parsed.value, 6)
        short_amount = format_euros(parsed.value)
        if field.unit != "€":
            return amount
        return f"{amount}\u00a0€" + (
            "" if short_amount == f"{amount}\u00a0€" else f" ({short_amount})"
        )
    return quoted(parsed.value)


def _accepts_any_text(field: Field) -> bool:
    return field.type == "string" and not (field.kind or field.pattern or field.vocabulary)


def _unknown_warnings(file: str, field: Field, texts: pd.Series) -> Iterator[Problem]:
    unknown_texts = [text for text in texts.unique() if text and is_unknown_marker(text)]
    for line, text in texts[texts.isin(unknown_texts)].items() if unknown_texts else ():
        yield Problem(
            file,
            int(line),
            field.name,
            text,
            "inconnu-ecrit",
            f"{quoted(text)} sera affiché tel quel, comme si c’était la réponse.",
            suggest_empty(field),
            WARNING,
        )


def _date_warnings(file: str, field: Field, texts: pd.Series) -> Iterator[Problem]:
    """Warn of texts that are but a date, which a spreadsheet makes of « 3-5 » or « 1.2 »."""
    for text in texts[texts.str.fullmatch(_LONE_DATE)].unique():
        date = parse_date(text)
        if date is None or "-" not in date.value:
            continue
        month, day = (*map(int, date.value.split("-")[1:]), 1)[:2]
        for line in texts.index[texts == text]:
            yield Problem(
                file,
                int(line),
                field.name,
                text,
                "texte-devenu-date",
                f"{quoted(text)} est une date, dans une colonne de texte.",
                date_advice(day, month),
                WARNING,
            )


def _thousands_warnings(file: str, field: Field, texts: pd.Series) -> Iterator[Problem]:
    """Warn of amounts such as « 12.500 », where the point may separate thousands."""
    for line, text in texts[texts.str.fullmatch(r"[1-9][0-9]{0,2}\.[0-9]{3}")].items():
        without_point = text.replace(".", "")
        yield Problem(
            file,
            int(line),
            field.name,
            text,
            "valeur-interpretee",
            f"{quoted(text)} a été lu comme {format_number(text, 3)}\u00a0€ : le point est "
            "celui des décimales.",
            f"Si le point sépare les milliers, écrivez {quoted(without_point)}.",
            WARNING,
            without_point,
        )
