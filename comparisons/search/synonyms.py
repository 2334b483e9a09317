"""Words of the trade that say the same thing: data/reference/synonymes.csv, reviewed by hand."""

import csv
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache

from comparisons.search.stemming import WORD, folded, stem
from comparisons.settings import REFERENCE_DIR
from comparisons.tabular_files import LIST_SEPARATOR
from comparisons.text_similarity import STOP_WORDS


@cache
def synonym_sets() -> tuple[dict[str, str], ...]:
    """Return each set of equivalent terms, by the roots of all their words."""
    with (REFERENCE_DIR / "synonymes.csv").open(encoding="utf-8", newline="") as file:
        terms = [row["termes"].split(LIST_SEPARATOR) for row in csv.DictReader(file)]
    return tuple({stem(term): term for term in equivalent} for equivalent in terms)


def equivalents(words: Sequence[str]) -> Iterator[tuple[list[str], dict[str, str]]]:
    """Return, for each term of a set among words, its roots and the other terms by their roots.

    Small words do not count.
    """
    typed = f" {' '.join(_significant_roots(' '.join(words)))} "
    for equivalent in synonym_sets():
        roots = {term: _significant_roots(text) for term, text in equivalent.items()}
        named = [term for term in equivalent if f" {' '.join(roots[term])} " in typed]
        others = {term: text for term, text in equivalent.items() if term not in named}
        yield from ((roots[term], others) for term in named)


@lru_cache(maxsize=4096)
def _significant_roots(text: str) -> list[str]:
    words = WORD.findall(text)
    return [stem(word) for word in words if folded(word) not in STOP_WORDS] or [stem(text)]
