"""What a sheet of a workbook does not say in its cells: merges, hidden parts, dead formulas.

Read in the XML of the sheet, whose size is bounded when the workbook is opened: reading cells one
by one, as for a table of any length, tells nothing of these.
"""

import io
import re
import zipfile
from collections.abc import Iterator
from html import unescape

from openpyxl.utils import column_index_from_string

from comparisons.datapackage.csv_reader import RawTable, column_letter
from comparisons.datapackage.problems import WARNING, Problem, file_problem, quoted

_CHUNK = 1 << 20
# Longer than any element looked for; a formula that is longer is not told.
_OVERLAP = 20_000
# A sheet full of dead formulas is as clear with so many.
_MOST = 500

_MERGED = re.compile(rb'<mergeCell ref="([A-Z]+)(\d+):([A-Z]+)(\d+)"')
_HIDDEN_ROW = re.compile(rb'<row (?=[^>]*\bhidden="(?:1|true)")[^>]*?\br="(\d+)"')
_HIDDEN_COLUMNS = re.compile(
    rb'<col (?=[^>]*\bhidden="(?:1|true)")(?=[^>]*\bmin="(\d+)")(?=[^>]*\bmax="(\d+)")'
)
_DEAD_FORMULA = re.compile(
    rb'<c r="([A-Z]+)(\d+)"(?![^>]*\bt="str")[^>]*>\s*<f\b[^>]*?(?:/>|>([^<]*)</f>)\s*'
    rb"(?:<v\s*/>|<v>\s*</v>)?\s*</c>"
)


def sheet_faults(content: bytes, sheet: object, file: str, table: RawTable) -> list[Problem]:
    """Return what the cells of a sheet (as openpyxl opened it, read only) do not show."""
    found: list[Problem] = []
    if sheet.sheet_state != "visible":
        found.append(_hidden(file, "Cette feuille est masquée"))
    rows: list[int] = []
    seen: set[tuple] = set()
    columns: list[int] = []
    for kind, groups in _elements(content, sheet._worksheet_path):
        if (kind, groups) in seen or len(seen) > 4 * _MOST:
            continue
        seen.add((kind, groups))
        match kind:
            case "row":
                rows.append(int(groups[0]))
            case "columns":
                last = min(int(groups[1]), len(table.header.names))
                columns += range(int(groups[0]) - 1, last)
            case "merged":
                found += _merged(file, table, groups)
            case "formula":
                found += _dead_formula(file, table, groups)
    if columns:
        letters = ", ".join(map(column_letter, columns))
        found.append(_hidden(file, f"Des colonnes sont masquées ({letters})"))
    if hidden := sorted(set(rows) & set(table.lines)):
        shown = ", ".join(map(str, hidden[:10])) + (", …" if len(hidden) > 10 else "")
        found.append(_hidden(file, f"Des lignes sont masquées ou filtrées ({shown})"))
    return found


def _elements(content: bytes, path: str) -> Iterator[tuple[str, tuple]]:
    """Find the elements of a sheet's XML that matter, some of them twice."""
    patterns = {
        "row": _HIDDEN_ROW,
        "columns": _HIDDEN_COLUMNS,
        "merged": _MERGED,
        "formula": _DEAD_FORMULA,
    }
    kept = b""
    with zipfile.ZipFile(io.BytesIO(content)) as archive, archive.open(path) as member:
        while chunk := member.read(_CHUNK):
            text = kept + chunk
            for kind, pattern in patterns.items():
                for match in pattern.finditer(text):
                    yield (
                        kind,
                        tuple((group or b"").decode(errors="replace") for group in match.groups()),
                    )
            kept = text[-_OVERLAP:]


def _merged(file: str, table: RawTable, groups: tuple[str, ...]) -> list[Problem]:
    left, top, right, bottom = groups
    first = column_index_from_string(left) - 1
    below = table.header.line < int(bottom) and table.lines and int(top) <= table.lines[-1]
    if not below or first >= len(table.header.names):
        return []
    area = f"{left}{top}:{right}{bottom}"
    return [
        Problem(
            file,
            max(int(top), table.header.line),
            table.header.names[first],
            area,
            "cellules-fusionnees",
            f"Les cellules {area} sont fusionnées\u00a0: seule {left}{top} garde la valeur, "
            "les autres ont été lues vides.",
            "Défusionnez-les, puis recopiez la valeur sur chaque ligne qu’elle concerne.",
            WARNING,
        )
    ]


def _dead_formula(file: str, table: RawTable, groups: tuple[str, ...]) -> list[Problem]:
    letters, line, formula = groups
    position = column_index_from_string(letters) - 1
    if int(line) <= table.header.line or position >= len(table.header.names):
        return []
    written = f"={unescape(formula)}"
    return [
        Problem(
            file,
            int(line),
            table.header.names[position],
            written,
            "formule-sans-resultat",
            f"La formule {quoted(written)} n’a pas de résultat dans le fichier.",
            "Ouvrez le classeur dans un tableur et enregistrez-le, ou remplacez la formule par sa "
            "valeur (copier, puis collage spécial «\u00a0Valeurs\u00a0»).",
        )
    ]


def _hidden(file: str, what: str) -> Problem:
    return file_problem(
        file,
        "contenu-masque",
        f"{what}\u00a0: ce contenu a été lu comme le reste.",
        "Affichez-le pour le relire\u00a0; supprimez-le s’il n’est pas à publier.",
        WARNING,
    )
