"""Documents read into the format: recall and precision by column, time and memory."""

import os
import subprocess
import sys
from pathlib import Path

import pandas as pd

from comparisons.documents.isolated_read import IsolatedDocument
from comparisons.documents.readers import ocr
from tests.benchmarks.documents.content import Trial, load_trials
from tests.benchmarks.documents.rendering import render
from tests.benchmarks.documents.scoring import Score, score

TITLE = "Documents: what is read of them, against their true content"
NOTE = """Synthetic documents of our own writing (`tests/benchmarks/documents/corpus`), of real
territories but of invented content, made by typst, LibreOffice, Chromium, python-docx and
python-pptx, four of them scanned. Those *kept aside* were not looked at while words and rules were
chosen. The table is of a later reading; what documents give that were never seen is told by their
*first sight*: every batch was read once before anything was mended for it, then what it missed was
mended where the rule could be general. First sights, recall / precision:
Documents 13 to 82, in five groups: axes 0.89 to 1 / 0.85 to 1, amounts 0.68 to 1 / 0.8 to 1.
Fifteen batches of six to fifteen, full of prices, savings and fees: axes 0.32 to 1 / 0.67 to 1, the
medians 0.76 / 0.92; amounts 0.76 to 1 / 0.86 to 1, the medians 0.98 / 0.94. Fifteen of twelve, with
lists that neither a word nor a number tells: axes 0.4 to 0.95 / 0.59 to 1, the medians 0.66 / 0.82;
amounts 0.9 to 1 / 0.92 to 1, the medians 1 / 0.96. Most documents gave all of their axes or none.
Three gave wrong figures: « trois cent cinquante mille », the years « 24 » of a table read as
millions, « 0 » for 62 000 € in texts side by side. Of 64 that were no strategies, 23 were taken for
some.
Seven batches of 24 or 25, four or five of each no strategies, were each written by someone who did
not know the rules. A: axes 0.67 / 0.92, amounts 0.92 / 0.98, their stages right in 0.88,
perimeters in 0.81. B: axes 0.7 / 0.87, amounts 0.99 / 0.99, stages 0.78, perimeters 0.81. C, after
what A and B had taught: axes 0.84 / 0.91, amounts 0.97 / 0.98, stages 0.93, perimeters 0.78, years
0.62. D: axes 0.91 / 0.98, amounts 0.95 / 0.99, stages 0.84, perimeters 0.82, years 0.87. E, of
longer documents: axes 0.79 / 0.89, amounts 0.9 / 0.98, stages 0.9, perimeters 0.86, years 0.79,
their nature 0.39, one strategy of twenty taken for none. F: axes 0.82 / 0.94, amounts 0.94 / 0.95,
stages 0.91, perimeters 0.91, years 0.69, nature 0.26, one taken for none. G, after what all of
them had taught, with many ways to write axes, which is what to expect of others: axes 0.89 / 1,
amounts 0.87 / 1, stages 0.88 (28 of 311 are another, 11 are left to be chosen), perimeters 0.87,
years 0.83, nature 0.48; two of twenty were taken for none, which lost 10 axes of 18 and 20 amounts
of 49. Seventeen of twenty gave all of their axes. Pages were right in 0.98 or more, in G in 0.94,
or 0.99 once those of slides and of .odt files were looked up too. No amount had wrong digits or a
wrong unit, and nothing was proposed of the 30 that were no strategies. But stages are not safe:
without a word for one, an announced amount is proposed as planned and said to be verified; what is
told as past or decided has none until a person chooses. Then 133 amounts in sentences, written by
who knew the rules: 105 right in all columns at first sight (8 stages are another) and six proposed
that are none, 128 and none since. Once what they missed was mended, A to D gave axes at 0.99 /
0.99 and amounts at 0.99 / 1, E and F axes at 0.96 / 0.98 and 1 / 1, amounts at 0.97 / 0.98 and 1 /
0.99. Still missed: titles that only their sense tells from a sentence, answers under headings that
are questions, plain numbered lines without a word, what Tesseract takes for other letters. 42 to
49, 62 to 69, 76 to 79 and those from 83 are of all these batches, 93 to 99 of A, 100 to 113 of C
and D, 120 to 131 of F.
*Recall*: facts of the documents that are proposed; *precision*: proposals that are facts; a
column is judged on the facts that were found. Documents that are no strategies count in
precision. A page is right if pypdf finds the words on it (of the PDF that LibreOffice prints of
an .odt), python-pptx on the slide. `errors` names the first documents concerned; time (of the
processor) and memory are in the column of recall."""


def run(folder: Path) -> pd.DataFrame:
    """Make the documents, read each in its process, and judge what is proposed."""
    scores: list[Score] = []
    for trial in load_trials():
        if trial.format == "scan" and not ocr.is_installed():
            print(f"{trial.name}: left out, Tesseract is not installed")
            continue
        path = render(trial, folder)
        rows = IsolatedDocument(path.read_bytes(), path.name).read().rows
        scores += score(trial, rows, path)
    for each in scores:
        if os.environ.get("VERBOSE") and not each.right:
            print(each)
    table = pd.DataFrame(
        [
            _summary(
                name, kind, column, [each for each in scores if _is_of(each, kept, kind, column)]
            )
            for kind, column in sorted({(each.kind, each.column) for each in scores})
            for name, kept in (("tuned on", False), ("kept aside", True))
        ]
    )
    whole = pd.concat([table, _long_document(folder)], ignore_index=True)
    return whole.astype({"facts": "Int64"})


def _is_of(each: Score, kept: bool, kind: str, column: str) -> bool:
    return (each.kept, each.kind, each.column) == (kept, kind, column)


def _summary(name: str, kind: str, column: str, scores: list[Score]) -> dict:
    due = [each for each in scores if each.due]
    given = [each for each in scores if each.given]
    right = sum(each.right and each.due for each in scores)
    wrong = dict.fromkeys(each.trial.split("-")[0] for each in scores if not each.right)
    return {
        "documents": name, "table": kind, "column": column, "facts": len(due),
        "recall": round(right / len(due), 3) if due else None,
        "precision": round(sum(each.right for each in given) / len(given), 3) if given else None,
        "errors": " ".join(wrong),
    }  # fmt: skip


def _long_document(folder: Path) -> pd.DataFrame:
    """Measure the reading of eighty pages: seconds of processor, megabytes of its process."""
    path = render(_long_trial(), folder)
    script = (
        "import sys, pathlib, resource\n"
        "from comparisons.documents.reading import read_proposals\n"
        "path = pathlib.Path(sys.argv[1])\n"
        "pages = read_proposals(path.read_bytes(), path.name).page_count\n"
        "usage = resource.getrusage(resource.RUSAGE_SELF)\n"
        # ru_maxrss would begin with that of the process which starts this one
        "peak = pathlib.Path('/proc/self/status').read_text().split('VmHWM:')[1].split()[0]\n"
        "print(pages, usage.ru_utime + usage.ru_stime, peak)"
    )
    command = [sys.executable, "-c", script, str(path)]
    answer = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    pages, seconds, kilobytes = map(float, answer.split())
    name = f"{pages:.0f} pages"
    return pd.DataFrame(
        [
            {"documents": name, "table": "seconds", "recall": round(seconds, 1)},
            {"documents": name, "table": "megabytes", "recall": round(kilobytes / 1024)},
        ]
    )


def _long_trial() -> Trial:
    """Return a document of eighty pages: the first one, again and again."""
    first = next(trial for trial in load_trials() if trial.format == "typst")
    elements = [*first.elements[:3]]
    for _ in range(16):
        elements += first.elements[3:]
    return Trial("long", first.settings, elements)
