"""Write the sheets and letters with which territories check their facts."""

from collections.abc import Sequence
from pathlib import Path

from comparisons.datapackage.package_date import this_day
from comparisons.exports.reply_sheets import reply_letter, reply_sheet
from comparisons.formatting import pluralize
from comparisons.queries.replies import facts_about


def write_sheets(keys: Sequence[str], folder: Path) -> tuple[int, str]:
    """Write a sheet (.xlsx) and a letter (.docx) for each territory that has facts.

    Returns the number of sheets, and a line on each territory.
    """
    folder.mkdir(parents=True, exist_ok=True)
    day, written, lines = this_day().isoformat(), 0, []
    for key in dict.fromkeys(keys):
        count = len(facts_about(key))
        if not count:
            lines.append(f"{key} : aucun fait publié, rien à relire.")
            continue
        path = folder / f"a-relire-{key}.xlsx"
        path.write_bytes(reply_sheet(key, day))
        path.with_suffix(".docx").write_bytes(reply_letter(key, day))
        written += 1
        lines.append(f"{key} : {pluralize(count, 'fait')}, {path} et sa lettre.")
    return written, "\n".join(lines)
