"""The words of the site that a reader may not know: from `glossary.csv` and the vocabularies."""

import csv
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

from comparisons.schema.model import code_definition


@cache
def glossary() -> Mapping[str, str]:
    """Return the definition of each word, in the order of the file."""
    with Path(__file__).with_suffix(".csv").open(encoding="utf-8", newline="") as file:
        return MappingProxyType(
            {
                row["terme"]: row["definition"] or code_definition(row["vocabulaire"], row["code"])
                for row in csv.DictReader(file)
            }
        )
