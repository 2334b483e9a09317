"""Facets of the search: filters, and the number of documents of each code.

Values of one facet are combined with OR, facets with AND. A facet is counted without its own
filter, so that its counts show what another value would give.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated

import numpy as np
import pandas as pd
from pydantic import Field

from comparisons.database.connection import query
from comparisons.parameters import SEPARATED, Parameters
from comparisons.queries.periods import period_label
from comparisons.schema.model import code_label, load_format, vocabulary_codes
from comparisons.schema.territory import LEVEL_NAMES
from comparisons.search.documents import FIELDS, ORGANISATION

_Codes = Annotated[tuple[str, ...], SEPARATED]


class FacetFilters(Parameters):
    """Selected codes of each facet; an empty facet keeps all documents.

    `niveau` may be `organisme` (documents on an organisation); `region` is that of the territory,
    or of the seat of the organisation; `theme` any of a priority (main or not), or of the priority
    that an amount funds; `type`, `etat`, `periode` (five years of its document, or `sans_date`)
    those of the strategy; `table` is the table of the format.
    """

    niveau: _Codes = Field((), description="niveau du territoire, ou organisme")
    region: _Codes = Field((), description="région du territoire")
    theme: _Codes = Field((), description="thème de l’axe")
    type: _Codes = Field((), description="type de document")
    periode: _Codes = Field((), description="période du document")
    etat: _Codes = Field((), description="état du document")
    table: _Codes = Field((), description="table du format")

    @property
    def active(self) -> dict[str, tuple[str, ...]]:
        """Return the facets that have selected codes."""
        return {name: codes for name in FACETS if (codes := getattr(self, name))}


FACETS = tuple(FacetFilters.model_fields)


@dataclass(frozen=True)
class Facet:
    """Codes of documents: document `documents[i]` has the code number `codes[i]` of `labels`."""

    labels: Mapping[str, str]
    documents: np.ndarray
    codes: np.ndarray

    def matching(self, codes: Iterable[str], size: int) -> np.ndarray:
        """Return a boolean for each document: whether it has one of the codes."""
        known_codes = list(self.labels)
        code_numbers = [known_codes.index(code) for code in codes if code in self.labels]
        mask = np.zeros(size, bool)
        mask[self.documents[np.isin(self.codes, code_numbers)]] = True
        return mask

    def counts(self, mask: np.ndarray) -> np.ndarray:
        """Count the documents of a mask that have each code."""
        return np.bincount(self.codes[mask[self.documents]], minlength=len(self.labels))


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
        "niveau": {**LEVEL_NAMES, ORGANISATION: "Organismes"},
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
    return {name: _build_facet(documents[columns.get(name, name)], labels[name]) for name in FACETS}


def _build_facet(values: pd.Series, labels: Mapping[str, str]) -> Facet:
    number_by_code = {code: number for number, code in enumerate(labels)}
    code_numbers = values.explode().map(number_by_code).dropna()
    return Facet(labels, code_numbers.index.to_numpy(np.int32), code_numbers.to_numpy(np.int16))


def apply_filters(
    facets: Mapping[str, Facet], filters: FacetFilters, matching: np.ndarray
) -> tuple[np.ndarray, pd.DataFrame]:
    """Apply filters to the documents that match (one boolean for each).

    Returns a mask of the documents that pass, and the counts: `facette`, `code`, `libelle`,
    `nombre`, in the order of the vocabularies; codes without documents are left out, unless
    selected.
    """
    active = filters.active
    mask_by_facet = {
        name: facets[name].matching(codes, len(matching)) for name, codes in active.items()
    }
    passes = matching.copy()
    for mask in mask_by_facet.values():
        passes &= mask
    rows = []
    for name, facet in facets.items():
        facet_mask = matching.copy() if name in active else passes
        if name in active:
            for other_name, mask in mask_by_facet.items():
                facet_mask &= mask if other_name != name else True
        code_counts = zip(facet.labels.items(), facet.counts(facet_mask), strict=True)
        rows += [
            (name, code, label, int(count))
            for (code, label), count in code_counts
            if count or code in active.get(name, ())
        ]
    return passes, pd.DataFrame(rows, columns=["facette", "code", "libelle", "nombre"])
