"""Normalise the cells that have only one possible reading, with a warning for each.

The normalised package is the one that is loaded; a value that already follows the format is not
changed, so that an export is read again without any warning.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

import pandas as pd

from comparisons.datapackage.cells import cell_parser
from comparisons.datapackage.problems import WARNING, Problem, quoted
from comparisons.datapackage.reader import Package
from comparisons.datapackage.stray_rows import drop_stray_rows
from comparisons.datapackage.validation.characters import strip_invisible
from comparisons.datapackage.validation.messages import named_codes, suggest_empty
from comparisons.datapackage.validation.value_parser import (
    ParsedValue,
    is_unknown_marker,
    parse_value,
)
from comparisons.formatting import format_euros, format_number
from comparisons.schema.model import Field, Table, load_format

# Columns of one line; in the others, a line break may be intended.
_ONE_LINE = frozenset(
    {"titre", "intitule", "libelle", "nom", "sigle", "porteur_nom", "financeur_nom", "unite"}
    | {"solution", "editeur"}
)
_REMEDY = "Rien à faire si c’est bien cela ; sinon, corrigez."


def normalise(package: Package) -> tuple[Package, list[Problem]]:
    """Return the normalised package, and the problems (warnings, second tables)."""
    tables: dict[str, pd.DataFrame] = {}
    problems: list[Problem] = []
    for name, frame in package.tables.items():
        table, file = load_format().tables[name], package.file(name)
        frame, invisible_problems = strip_invisible(frame, file)
        rows, stray_problems = drop_stray_rows(table, frame, file)
        tables[name], interpretation_problems = _normalise_table(table, rows, file)
        problems += [*invisible_problems, *stray_problems, *interpretation_problems]
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
        elif _accepts_any_text(field):
            problems += _unknown_warnings(file, field, texts)
        if field.unit == "€":
            problems += _thousands_warnings(file, field, texts)
    return (frame.assign(**changed_columns) if changed_columns else frame), problems


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
    if field.type == "string" and field.kind not in {"date", "territoire"}:
        if field.name in _ONE_LINE:
            for text in texts:
                if "\n" in text or "\r" in text:
                    yield (
                        text,
                        ParsedValue(" ".join(text.split()), True, "un texte d’une seule ligne"),
                    )
        return
    if field.type == "list":
        return
    parse = cell_parser(table.name, field.name)
    for text in texts:
        if text and parse(text)[1]:
            parsed = parse_value(field, text)
            if parsed is not None and parsed.unambiguous and not parse(parsed.value)[1]:
                yield text, parsed


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
    if field.kind == "date":
        # « le 24 juin 2021 », but « juin 2021 »
        article = "le " if re.match(r"\d{1,2}\D", parsed.description) else ""
        return f"{article}{parsed.description or parsed.value} ({parsed.value})"
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
            "celui des "
            "décimales.",
            f"Si le point sépare les milliers, écrivez {quoted(without_point)}.",
            WARNING,
            without_point,
        )
