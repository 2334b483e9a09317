"""What a search is narrowed to, and how many documents each narrowing would leave.

Of one facet, several values are either … or; facets add up. A facet is counted without its own
filter, so that one sees what another of its values would give.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields

import numpy as np
import pandas as pd

from comparisons.database.connection import query
from comparisons.queries.periods import period_label
from comparisons.schema.model import code_label, load_format, vocabulary_codes
from comparisons.schema.territory import LEVEL_NAMES
from comparisons.search.documents import BODY, FIELDS


@dataclass(frozen=True)
class FacetFilters:
    """Codes that are kept, of each facet; none: all of them.

    `niveau` may be `organisme` (what is said of a body); `region` is that of the territory, or of
    the body's seat; `theme` any of a priority (main or not), or of the priority that an amount pays
    for; `type`, `etat`, `periode` (five years of its document, or `sans_date`) those of the
    strategy; `table` says what kind of fact it is.
    """

    niveau: tuple[str, ...] = ()
    region: tuple[str, ...] = ()
    theme: tuple[str, ...] = ()
    type: tuple[str, ...] = ()
    periode: tuple[str, ...] = ()
    etat: tuple[str, ...] = ()
    table: tuple[str, ...] = ()

    @property
    def active(self) -> dict[str, tuple[str, ...]]:
        """Return the facets that narrow the search."""
        return {name: chosen for name in FACETS if (chosen := getattr(self, name))}


FACETS = tuple(facet.name for facet in fields(FacetFilters))


@dataclass(frozen=True)
class Facet:
    """Who has which code: document `documents[i]` has `labels` number `codes[i]`."""

    labels: Mapping[str, str]
    documents: np.ndarray
    codes: np.ndarray

    def having(self, chosen: Iterable[str], size: int) -> np.ndarray:
        """Return for each document whether it has one of some codes."""
        names = list(self.labels)
        wanted = [names.index(code) for code in chosen if code in self.labels]
        kept = np.zeros(size, bool)
        kept[self.documents[np.isin(self.codes, wanted)]] = True
        return kept

    def counts(self, kept: np.ndarray) -> np.ndarray:
        """Count the documents kept that have each code."""
        return np.bincount(self.codes[kept[self.documents]], minlength=len(self.labels))


def load_facets(documents: pd.DataFrame) -> dict[str, Facet]:
    """Return the codes of all documents, facet by facet."""
    regions = query(
        """
        SELECT territoire_code AS code, nom FROM territoires
        WHERE territoire_niveau = 'region' ORDER BY strip_accents(nom)
        """
    )
    periods = sorted(documents["periode"].dropna().unique(), key=lambda code: (code[0] > "9", code))
    labels = {
        "niveau": {**LEVEL_NAMES, BODY: "Organismes"},
        "region": dict(zip(regions["code"], regions["nom"], strict=True)),
        "theme": {code: code_label("themes", code) for code in vocabulary_codes("themes")},
        "type": {
            code: code_label("types_strategie", code)
            for code in vocabulary_codes("types_strategie")
        },
        "periode": {code: period_label(code) for code in periods},
        "etat": {
            code: code_label("etats_couverture", code)
            for code in vocabulary_codes("etats_couverture")
        },
        "table": {name: load_format().tables[name].title for name in FIELDS},
    }
    columns = {"region": "region_code", "theme": "themes"}
    return {name: _facet(documents[columns.get(name, name)], labels[name]) for name in FACETS}


def _facet(values: pd.Series, labels: Mapping[str, str]) -> Facet:
    places = {code: place for place, code in enumerate(labels)}
    found = values.explode().map(places).dropna()
    return Facet(labels, found.index.to_numpy(np.int32), found.to_numpy(np.int16))


def apply_filters(
    facets: Mapping[str, Facet], filters: FacetFilters, matching: np.ndarray
) -> tuple[np.ndarray, pd.DataFrame]:
    """Apply filters to the documents that match (one boolean for each).

    Returns which are kept, and the counts: `facette`, `code`, `libelle`, `nombre`, in the order of
    the vocabularies; codes that no document has are left out, unless they are chosen.
    """
    active = filters.active
    within = {name: facets[name].having(chosen, len(matching)) for name, chosen in active.items()}
    kept = matching.copy()
    for mask in within.values():
        kept &= mask
    rows = []
    for name, facet in facets.items():
        others = matching.copy() if name in active else kept
        if name in active:
            for other, mask in within.items():
                others &= mask if other != name else True
        counted = zip(facet.labels.items(), facet.counts(others), strict=True)
        rows += [
            (name, code, words, int(count))
            for (code, words), count in counted
            if count or code in active.get(name, ())
        ]
    return kept, pd.DataFrame(rows, columns=["facette", "code", "libelle", "nombre"])
