"""The spreadsheets to fill in, made from the schemas of the format.

Each has a sheet of instructions, sheets named as the tables they hold, help on every header,
drop-down lists for codes. No macro, no outside link; the same bytes each time.
"""

from collections.abc import Mapping

import pandas as pd

from comparisons.datapackage.reader import read_package
from comparisons.datapackage.short_form.table import load_short_form
from comparisons.datapackage.template import instructions
from comparisons.datapackage.template.workbook import TemplateWorkbook
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
    """Build the blank template (.xlsx): instructions, the short form, a sheet per table, lists."""
    return _whole(instructions.instructions(FILLING_ORDER), {}, with_short_form=True)


def example_workbook() -> bytes:
    """Build the template filled in with the rows of the valid example."""
    rows = read_package(EXAMPLES / "valide").tables
    return _whole(instructions.example_instructions(FILLING_ORDER), rows, with_short_form=False)


def short_form_template() -> bytes:
    """Build the short form (.xlsx): instructions, the sheet to fill in, a filled line, lists."""
    table = load_short_form()
    book = TemplateWorkbook([table])
    book.add_notes(instructions.short_form_instructions())
    book.add_table(table)
    book.add_table(table, example_row(), title="Exemple")
    book.add_lists()
    return book.content()


def example_row() -> pd.DataFrame:
    """Return the line that shows how to fill in the short form, made of its columns' examples."""
    table = load_short_form()
    return pd.DataFrame([{field.name: field.example for field in table.fields}], dtype="str")


def _whole(
    notes: instructions.Notes, rows: Mapping[str, pd.DataFrame], with_short_form: bool
) -> bytes:
    tables = [load_format().tables[name] for name in FILLING_ORDER]
    forms = [load_short_form()] if with_short_form else []
    book = TemplateWorkbook([*forms, *tables])
    book.add_notes(notes)
    for table in [*forms, *tables]:
        book.add_table(table, rows.get(table.name))
    book.add_lists()
    return book.content()
