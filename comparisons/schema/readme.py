"""Write the generated parts of the format's README: tables, codes, rules.

Run `python -m comparisons.schema.readme` after any change of the schemas or vocabularies;
a test fails while the README is not up to date.
"""

import csv

from comparisons.rows import iterate_rows
from comparisons.schema.model import Field, Table, load_format
from comparisons.settings import FORMAT_DIR

README = FORMAT_DIR / "README.md"
_TYPE_LABELS = {
    "string": "texte",
    "integer": "entier",
    "number": "nombre",
    "year": "année",
    "boolean": "oui ou vide",
    "list": "liste (séparateur « | »)",
}


def update_readme(text: str) -> str:
    """Write the generated parts into the README."""
    for name, content in (
        ("tables", _render_tables()),
        ("codes", _render_vocabularies()),
        ("règles", _render_rules()),
    ):
        start, end = f"<!-- début : {name} -->", f"<!-- fin : {name} -->"
        before, rest = text.split(start)
        text = f"{before}{start}\n\n{content}\n\n{end}{rest.split(end)[1]}"
    return text


def _render_table_section(table: Table) -> str:
    """Describe a table and each of its columns."""
    lines = [
        f"### {table.title} (`{table.name}.csv`)",
        "",
        table.description,
        "",
        f"Clé : {_format_codes(table.primary_key)}.",
        "",
        "| colonne | type | obligatoire | ce qu’elle dit | exemple |",
        "|---|---|---|---|---|",
    ]
    return "\n".join([*lines, *(_render_column_row(field) for field in table.fields)])


def _render_column_row(field: Field) -> str:
    meaning = f"**{field.title}.** {field.description}"
    if field.vocabulary:
        meaning += f" Codes : [{field.vocabulary}](#{field.vocabulary})."
    if field.unit:
        meaning += f" Unité : {field.unit}."
    required = "oui" if field.required else ""
    cells = (f"`{field.name}`", _format_type(field), required, meaning, field.example)
    return "| " + " | ".join(_escape_pipes(cell) for cell in cells) + " |"


def _format_type(field: Field) -> str:
    return "code" if field.vocabulary and field.type == "string" else _TYPE_LABELS[field.type]


def _render_tables() -> str:
    return "\n\n".join(_render_table_section(table) for table in load_format().tables.values())


def _render_vocabularies() -> str:
    sections = []
    for name, table in load_format().vocabularies.items():
        lines = [f"### {name}", "", "| code | libellé | définition |", "|---|---|---|"]
        for row in iterate_rows(table):
            lines.append(f"| `{row.code}` | {row.libelle} | {_escape_pipes(row.definition)} |")
        sections.append("\n".join(lines))
    return "\n\n".join(sections)


def _render_rules() -> str:
    lines = ["| règle | gravité | ce qu’elle vérifie |", "|---|---|---|"]
    with (FORMAT_DIR / "regles.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            lines.append(f"| `{row['code']}` | {row['gravite']} | {row['description']} |")
    return "\n".join(lines)


def _format_codes(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _escape_pipes(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    README.write_text(update_readme(README.read_text(encoding="utf-8")), encoding="utf-8")
