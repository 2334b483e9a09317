"""Detect what the cells of a sheet do not show: merges, hidden parts, formulas without result.

These are read in the XML of the sheet, whose size is limited when the workbook is opened: openpyxl
does not give them in read-only mode.
"""

import io
import re
import zipfile
from collections.abc import Iterator
from html import unescape

from openpyxl.utils import column_index_from_string

from comparisons.datapackage.csv_reader import RawTable, column_letter
from comparisons.datapackage.problems import WARNING, Problem, file_problem, quoted

_CHUNK_BYTES = 1 << 20
# Longer than any searched element; a longer formula is not detected.
_OVERLAP_BYTES = 20_000
# Maximal number of elements that are reported, by kind.
_MAX_ELEMENTS = 500

_MERGED = re.compile(rb'<mergeCell ref="([A-Z]+)(\d+):([A-Z]+)(\d+)"')
_HIDDEN_ROW = re.compile(rb'<row (?=[^>]*\bhidden="(?:1|true)")[^>]*?\br="(\d+)"')
_HIDDEN_COLUMNS = re.compile(
    rb'<col (?=[^>]*\bhidden="(?:1|true)")(?=[^>]*\bmin="(\d+)")(?=[^>]*\bmax="(\d+)")'
)
_UNEVALUATED_FORMULA = re.compile(
    rb'<c r="([A-Z]+)(\d+)"(?![^>]*\bt="str")[^>]*>\s*<f\b[^>]*?(?:/>|>([^<]*)</f>)\s*'
    rb"(?:<v\s*/>|<v>\s*</v>)?\s*</c>"
)


def hidden_content_problems(
    content: bytes, sheet: object, file: str, table: RawTable
) -> list[Problem]:
    """Return the problems of a sheet that its cells do not show.

    `sheet` is opened by openpyxl in read-only mode.
    """
    problems: list[Problem] = []
    if sheet.sheet_state != "visible":
        problems.append(_hidden_problem(file, "Cette feuille est masquée"))
    hidden_rows: list[int] = []
    seen: set[tuple] = set()
    hidden_columns: list[int] = []
    for kind, groups in _iterate_elements(content, sheet._worksheet_path):
        if (kind, groups) in seen or len(seen) > 4 * _MAX_ELEMENTS:
            continue
        seen.add((kind, groups))
        match kind:
            case "row":
                hidden_rows.append(int(groups[0]))
            case "columns":
                last_column = min(int(groups[1]), len(table.header.names))
                hidden_columns += range(int(groups[0]) - 1, last_column)
            case "merged":
                problems += _merged_problems(file, table, groups)
            case "formula":
                problems += _unevaluated_formula_problems(file, table, groups)
    if hidden_columns:
        letters = ", ".join(map(column_letter, hidden_columns))
        problems.append(_hidden_problem(file, f"Des colonnes sont masquées ({letters})"))
    if hidden_lines := sorted(set(hidden_rows) & set(table.lines)):
        line_numbers = ", ".join(map(str, hidden_lines[:10])) + (
            ", …" if len(hidden_lines) > 10 else ""
        )
        problems.append(
            _hidden_problem(file, f"Des lignes sont masquées ou filtrées ({line_numbers})")
        )
    return problems


def _iterate_elements(content: bytes, path: str) -> Iterator[tuple[str, tuple]]:
    """Yield (kind, groups of the match) for the elements of a sheet, possibly twice."""
    patterns = {
        "row": _HIDDEN_ROW,
        "columns": _HIDDEN_COLUMNS,
        "merged": _MERGED,
        "formula": _UNEVALUATED_FORMULA,
    }
    previous_end = b""
    with zipfile.ZipFile(io.BytesIO(content)) as archive, archive.open(path) as member:
        while chunk := member.read(_CHUNK_BYTES):
            text = previous_end + chunk
            for kind, pattern in patterns.items():
                for match in pattern.finditer(text):
                    yield (
                        kind,
                        tuple((group or b"").decode(errors="replace") for group in match.groups()),
                    )
            previous_end = text[-_OVERLAP_BYTES:]


def _merged_problems(file: str, table: RawTable, groups: tuple[str, ...]) -> list[Problem]:
    left, top, right, bottom = groups
    first_column = column_index_from_string(left) - 1
    is_in_table = table.header.line < int(bottom) and table.lines and int(top) <= table.lines[-1]
    if not is_in_table or first_column >= len(table.header.names):
        return []
    area = f"{left}{top}:{right}{bottom}"
    return [
        Problem(
            file,
            max(int(top), table.header.line),
            table.header.names[first_column],
            area,
            "cellules-fusionnees",
            f"Les cellules {area} sont fusionnées\u00a0: seule {left}{top} garde la valeur, "
            "les autres ont été lues vides.",
            "Défusionnez-les, puis recopiez la valeur sur chaque ligne qu’elle concerne.",
            WARNING,
        )
    ]


def _unevaluated_formula_problems(
    file: str, table: RawTable, groups: tuple[str, ...]
) -> list[Problem]:
    letters, line, formula = groups
    position = column_index_from_string(letters) - 1
    if int(line) <= table.header.line or position >= len(table.header.names):
        return []
    formula_text = f"={unescape(formula)}"
    return [
        Problem(
            file,
            int(line),
            table.header.names[position],
            formula_text,
            "formule-sans-resultat",
            f"La formule {quoted(formula_text)} n’a pas de résultat dans le fichier.",
            "Ouvrez le classeur dans un tableur et enregistrez-le, ou remplacez la formule par sa "
            "valeur (copier, puis collage spécial «\u00a0Valeurs\u00a0»).",
        )
    ]


def _hidden_problem(file: str, sentence: str) -> Problem:
    return file_problem(
        file,
        "contenu-masque",
        f"{sentence}\u00a0: ce contenu a été lu comme le reste.",
        "Affichez-le pour le relire\u00a0; supprimez-le s’il n’est pas à publier.",
        WARNING,
    )
