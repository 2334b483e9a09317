"""Cells that mean one thing only are read so, and each is told: nothing changes silently.

What is loaded is what this gives back: a value that is already as the format wants is not touched,
so an export of it comes back the same, without a word.
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
from comparisons.datapackage.validation.messages import suggest_empty
from comparisons.datapackage.validation.value_parser import (
    ParsedValue,
    is_unknown_marker,
    parse_value,
)
from comparisons.formatting import format_euros, format_number
from comparisons.schema.model import Field, Table, load_format

# Texts that hold on one line: elsewhere a new line may be meant.
_ONE_LINE = frozenset(
    {"titre", "intitule", "libelle", "nom", "sigle", "porteur_nom", "financeur_nom", "unite"}
    | {"solution", "editeur"}
)
_REMEDY = "Rien à faire si c’est bien cela\u00a0; sinon, corrigez la cellule."


def normalise(package: Package) -> tuple[Package, list[Problem]]:
    """Return the package as it is understood, and what was understood (warnings, second tables)."""
    tables: dict[str, pd.DataFrame] = {}
    problems: list[Problem] = []
    for name, frame in package.tables.items():
        table, file = load_format().tables[name], package.file(name)
        frame, hidden = strip_invisible(frame, file)
        kept, aside = drop_stray_rows(table, frame, file)
        tables[name], read = _read_as_meant(table, kept, file)
        problems += [*hidden, *aside, *read]
    return replace(package, tables=tables), problems


def _read_as_meant(
    table: Table, frame: pd.DataFrame, file: str
) -> tuple[pd.DataFrame, list[Problem]]:
    problems: list[Problem] = []
    changed: dict[str, pd.Series] = {}
    for field in table.fields:
        texts = frame[field.name]
        meant = dict(_meant(table, field, texts.unique()))
        if meant:
            problems += _told(file, field, texts[texts.isin(list(meant))], meant)
            changed[field.name] = texts.replace({t: said.value for t, said in meant.items()})
        elif _may_say_unknown(field):
            problems += _unknown(file, field, texts)
        if field.unit == "€":
            problems += _thousands(file, field, texts)
    return (frame.assign(**changed) if changed else frame), problems


def _meant(table: Table, field: Field, texts: Iterable[str]) -> Iterator[tuple[str, ParsedValue]]:
    """Find the sure readings of the texts that do not suit their column."""
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
    read = cell_parser(table.name, field.name)
    for text in texts:
        if text and read(text)[1]:
            found = parse_value(field, text)
            if found is not None and found.sure and not read(found.value)[1]:
                yield text, found


def _told(
    file: str, field: Field, texts: pd.Series, meant: dict[str, ParsedValue]
) -> Iterator[Problem]:
    for line, text in texts.items():
        yield Problem(
            file,
            int(line),
            field.name,
            text,
            "valeur-interpretee",
            f"{quoted(text)} a été lu comme {_as_said(field, meant[text])}.",
            _REMEDY,
            WARNING,
            meant[text].value,
        )


def _as_said(field: Field, read: ParsedValue) -> str:
    if field.kind == "date":
        # « le 24 juin 2021 », but « juin 2021 »
        article = "le " if re.match(r"\d{1,2}\D", read.said) else ""
        return f"{article}{read.said or read.value} ({read.value})"
    if read.said:
        return read.said
    if field.type in {"number", "integer"}:
        amount = format_number(read.value, 6)
        short = format_euros(read.value)
        if field.unit != "€":
            return amount
        return f"{amount}\u00a0€" + ("" if short == f"{amount}\u00a0€" else f" ({short})")
    return quoted(read.value)


def _may_say_unknown(field: Field) -> bool:
    return field.type == "string" and not (field.kind or field.pattern or field.vocabulary)


def _unknown(file: str, field: Field, texts: pd.Series) -> Iterator[Problem]:
    wrong = [text for text in texts.unique() if text and is_unknown_marker(text)]
    for line, text in texts[texts.isin(wrong)].items() if wrong else ():
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


def _thousands(file: str, field: Field, texts: pd.Series) -> Iterator[Problem]:
    """Doubt amounts such as « 12.500 »: a number of the format, and thousands for many people."""
    for line, text in texts[texts.str.fullmatch(r"[1-9][0-9]{0,2}\.[0-9]{3}")].items():
        whole = text.replace(".", "")
        yield Problem(
            file,
            int(line),
            field.name,
            text,
            "valeur-interpretee",
            f"{quoted(text)} a été lu comme {format_number(text, 3)}\u00a0€\u00a0: le point est "
            "celui des "
            "décimales.",
            f"Si le point sépare les milliers, écrivez {quoted(whole)}.",
            WARNING,
            whole,
        )
