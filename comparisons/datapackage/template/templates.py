"""The spreadsheets to fill in, made from the schemas of the format.

Each has a sheet of instructions, sheets named as the tables they hold, help on every header,
drop-down lists for codes. No macro, no outside link; the same bytes each time.
"""

from collections.abc import Mapping

import pandas as pd

from comparisons.datapackage.reader import read_package
from comparisons.datapackage.short_form.table import short_table
from comparisons.datapackage.template import instructions
from comparisons.datapackage.template.workbook import Book
from comparisons.schema.model import load_format
from comparisons.settings import FORMAT_DIR

EXAMPLES = FORMAT_DIR / "exemples"
# What others refer to comes first: its lists are then there to choose from.
FILLING_ORDER = (
    "sources",
    "strategies",
    "priorites",
    "budgets",
    "couvertures",
    "partenaires",
    "mutualisations",
    "indicateurs",
    "recherches",
    "relectures",
)


def workbook() -> bytes:
    """Make the blank template (.xlsx): instructions, the short form, a sheet per table, lists."""
    return _whole(instructions.template(FILLING_ORDER), {}, with_short_form=True)


def example_workbook() -> bytes:
    """Make the template filled in with the rows of the valid example."""
    rows = read_package(EXAMPLES / "valide").tables
    return _whole(instructions.example(FILLING_ORDER), rows, with_short_form=False)


def short_template() -> bytes:
    """Make the short form (.xlsx): instructions, the sheet to fill in, a filled line, lists."""
    table = short_table()
    book = Book([table])
    book.add_notes(instructions.short())
    book.add_table(table)
    book.add_table(table, example_row(), title="Exemple")
    book.add_lists()
    return book.content()


def example_row() -> pd.DataFrame:
    """Give the line that shows how to fill in the short form, made of its columns' examples."""
    table = short_table()
    return pd.DataFrame([{field.name: field.example for field in table.fields}], dtype="str")


def _whole(
    notes: instructions.Notes, rows: Mapping[str, pd.DataFrame], with_short_form: bool
) -> bytes:
    tables = [load_format().tables[name] for name in FILLING_ORDER]
    forms = [short_table()] if with_short_form else []
    book = Book([*forms, *tables])
    book.add_notes(notes)
    for table in [*forms, *tables]:
        book.add_table(table, rows.get(table.name))
    book.add_lists()
    return book.content()
