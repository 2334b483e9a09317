"""Names of columns as people write them: without what they add, or under their titles."""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import zip_longest

from comparisons.datapackage.short_form.table import sent_tables
from comparisons.formatting import fold

_MANDATORY = re.compile(r"\((?:obligatoire|facultatif|optionnel|requis|champ obligatoire)\)")


def name_key(name: str) -> str:
    """Return the name of a column without what people add to it: capitals, stars, accents.

    « TITRE * », « "titre" » and « Titre (obligatoire) » are `titre`; « Date d’adoption » is
    `date_d_adoption`.
    """
    bare = _MANDATORY.sub("", fold(name))
    return re.sub(r"[^a-z0-9]+", "_", bare).strip("_")


def is_title_line(record: Sequence[str], names: Sequence[str]) -> bool:
    """Return whether a line has, above names of columns, their titles, as in a template."""
    pairs = zip_longest(map(_on_one_line, record), map(_on_one_line, names), fillvalue="")
    return all(not text or text in _column_titles().get(name, ()) for text, name in pairs)


@lru_cache(maxsize=1)
def _column_titles() -> Mapping[str, set[str]]:
    """Return the titles of each column, one for each table that has it."""
    titles: dict[str, set[str]] = {}
    for field_ in (field_ for table in sent_tables() for field_ in table.fields):
        titles.setdefault(field_.name, set()).add(_on_one_line(field_.title))
    return titles


def _on_one_line(text: str) -> str:
    return " ".join(text.split())
