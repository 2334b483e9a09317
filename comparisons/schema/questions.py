"""Codes of the questions of the page « Qui l’a fait ? », from the reference data."""

import csv
from functools import cache

from comparisons.settings import REFERENCE_DIR


@cache
def question_codes() -> tuple[str, ...]:
    """Return the codes of the questions, in the order of their file."""
    with (REFERENCE_DIR / "questions.csv").open(encoding="utf-8", newline="") as file:
        return tuple(row["code"] for row in csv.DictReader(file))
