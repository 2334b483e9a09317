"""Build the spreadsheets to fill in, from the schemas of the format.

Each has a sheet of instructions, a sheet named after each table, help on every header and
drop-down lists of codes. They have no macro and no external link; the same format gives the same
bytes.
"""

from collections.abc import Mapping

import pandas as pd

from comparisons.datapackage.reader import read_package
from comparisons.datapackage.short_form.table import load_short_form
from comparisons.datapackage.template import instructions
from comparisons.datapackage.template.workbook import TemplateWorkbook
from comparisons.schema.model import load_format
from comparisons.settings import FORMAT_DIR

EXAMPLES_DIR = FORMAT_DIR / "exemples"
# Referenced tables come first, so that their identifiers can be chosen from lists.
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
    "reponses",
)


def workbook() -> bytes:
    """Build the blank template (.xlsx): instructions, the short form, a sheet per table, lists."""
    return _build_workbook(instructions.instructions(FILLING_ORDER), {}, with_short_form=True)


def example_workbook() -> bytes:
    """Build the template filled in with the rows of the valid example."""
    rows = read_package(EXAMPLES_DIR / "valide").tables
    return _build_workbook(
        instructions.example_instructions(FILLING_ORDER), rows, with_short_form=False
    )


def short_form_template() -> bytes:
    """Build the blank short form (.xlsx): instructions, the sheet to fill in, an example, lists."""
    table = load_short_form()
    book = TemplateWorkbook([table])
    book.add_notes(instructions.short_form_instructions())
    book.add_table(table)
    book.add_table(table, example_row(), title="Exemple")
    book.add_lists()
    return book.to_bytes()


def example_row() -> pd.DataFrame:
    """Return one row of texts: the example of each column of the short form."""
    table = load_short_form()
    return pd.DataFrame([{field.name: field.example for field in table.fields}], dtype="str")


def _build_workbook(
    notes: instructions.Notes, rows: Mapping[str, pd.DataFrame], with_short_form: bool
) -> bytes:
    tables = [load_format().tables[name] for name in FILLING_ORDER]
    forms = [load_short_form()] if with_short_form else []
    book = TemplateWorkbook([*forms, *tables])
    book.add_notes(notes)
    for table in [*forms, *tables]:
        book.add_table(table, rows.get(table.name))
    book.add_lists()
    return book.to_bytes()
