"""Check cells one by one: type, constraints, codes, SIREN key.

Each distinct text of a column is read once, however many rows repeat it.
"""

import re
from collections.abc import Iterable
from dataclasses import replace

from stdnum.fr import siren

from comparisons.datapackage.cells import cell_parser, split_codes
from comparisons.datapackage.problems import Problem, quoted
from comparisons.datapackage.reader import Package
from comparisons.datapackage.short_form.table import form_column
from comparisons.datapackage.validation import messages
from comparisons.datapackage.validation.context import ValidationContext
from comparisons.schema.model import Field, Table, vocabulary_codes

_FORMULA_ERRORS = frozenset(
    "#REF! #N/A #DIV/0! #VALUE! #VALEUR! #NAME? #NOM? #NUM! #NOMBRE! #NULL! #NUL!".split()
)

_FORMULA = re.compile(r"=(?:[A-Z][A-Z0-9.]*\(|\$?[A-Z]{1,3}\$?[0-9]|[0-9(+-])")


def check_cells(package: Package, context: ValidationContext) -> Iterable[Problem]:
    """Check the type and the constraints of each cell, as the Table Schema states them."""
    for table, frame in context.tables():
        header = package.headers[table.name].names if table.name in package.headers else ()
        for field in table.fields:
            if field.name in header and _is_constrained(field):
                yield from _check_column(context, table, field, frame[field.name])


def check_lists(package: Package, context: ValidationContext) -> Iterable[Problem]:
    """Check each code of the cells that hold several."""
    for table, frame in context.tables():
        for field in table.coded_fields:
            if field.type != "list":
                continue
            valid_codes = set(vocabulary_codes(field.vocabulary))
            for line, text in frame[field.name].items():
                for code in split_codes(text):
                    if code not in valid_codes:
                        yield _cell_problem(context, table, line, field, code, "enum")


def check_formulas(package: Package, context: ValidationContext) -> Iterable[Problem]:
    """Check for what a spreadsheet writes when a formula fails (#REF!, #N/A…), and for formulas."""
    for table, frame in context.tables():
        for column in table.columns:
            for text in frame[column].unique():
                message, remedy = _formula_fault(text) or ("", "")
                if not message:
                    continue
                for line in frame.index[frame[column] == text]:
                    cell = (table.name, line, column, text)
                    yield context.problem(*cell, "formule-sans-resultat", message, remedy)


def _formula_fault(text: str) -> tuple[str, str] | None:
    """Return the message and the remedy of a text that is a formula or its error, else None."""
    if text in _FORMULA_ERRORS:
        return (
            f"{quoted(text)} est l’erreur d’une formule, pas une valeur.",
            "Corrigez la formule dans le tableur, ou tapez la valeur à sa place.",
        )
    if _FORMULA.match(text):
        return (
            f"{quoted(text)} est une formule dont le résultat n’est pas dans le fichier.",
            "Ouvrez le classeur dans un tableur et enregistrez-le : il y écrira le résultat. "
            "Sinon, tapez la valeur.",
        )
    return None


def check_siren_checksums(package: Package, context: ValidationContext) -> Iterable[Problem]:
    """Check the key of SIREN numbers (their form is checked by `check_cells`)."""
    for table, frame in context.tables():
        for field in table.fields:
            if field.kind != "siren":
                continue
            texts = frame[field.name]
            invalid = [
                text_
                for text_ in texts.unique()
                if _is_nine_digits(text_) and not siren.is_valid(text_)
            ]
            for line, text in texts[texts.isin(invalid)].items():
                yield _cell_problem(context, table, line, field, text, "key")


def _check_column(
    context: ValidationContext, table: Table, field: Field, texts
) -> Iterable[Problem]:
    parse = cell_parser(table.name, field.name)
    faults = {text: fault for text in texts.unique() if (fault := parse(text)[1])}
    faults = {text: fault for text, fault in faults.items() if not _formula_fault(text)}
    # The checks of territories and references describe a wrong code better than its pattern.
    if field.kind == "territoire" or _is_checked_reference(context, table, field):
        faults = {text: fault for text, fault in faults.items() if fault == "required"}
    if faults:
        for line, text in texts[texts.isin(list(faults))].items():
            yield _cell_problem(context, table, line, field, text, faults[text])


def _cell_problem(
    context: ValidationContext, table: Table, line: object, field: Field, text: str, fault: str
) -> Problem:
    code = messages.rule_code(field, fault)
    message = messages.describe_problem(field, fault, text)
    if context.package.short_form:
        # the remedy names only columns of the form
        fix = messages.describe_fix(replace(field, name=form_column(field.name)), fault, text)
    else:
        fix = messages.describe_fix(field, fault, text)
    return context.problem(
        table.name,
        line,
        field.name,
        text,
        code,
        message,
        fix.remedy,
        suggestion=fix.value,
        is_certain=fix.is_certain,
    )


def _is_checked_reference(context: ValidationContext, table: Table, field: Field) -> bool:
    """Return whether a column refers to available rows, so that `check_references` checks it."""
    package = context.package
    return any(
        field.name == foreign_key.fields[0]
        and (
            package.is_complete
            or foreign_key.table in package.tables
            or foreign_key.table in context.published
        )
        for foreign_key in table.foreign_keys
    )


def _is_constrained(field: Field) -> bool:
    return bool(field.type != "string" or field.required or field.vocabulary or field.pattern)


def _is_nine_digits(text: str) -> bool:
    return len(text) == 9 and text.isascii() and text.isdigit()
