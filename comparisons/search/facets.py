"""Facets of the search: filters, and the number of documents of each code.

Values of one facet are combined with OR, facets with AND. A facet is counted without its own
filter, so that its counts show what another value would give.
"""

from collections.abc import Mapping
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


def load_facets(documents: pd.DataFrame) -> dict[str, pd.Series]:
    """Return the codes of the documents of each facet, by document number.

    The categories of a facet are its codes; its attribute `labels` has their labels.
    """
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


def _build_facet(values: pd.Series, labels: Mapping[str, str]) -> pd.Series:
    codes = values.explode().astype(pd.CategoricalDtype(list(labels))).dropna()
    codes.attrs["labels"] = labels
    return codes


def apply_filters(
    facets: Mapping[str, pd.Series], filters: FacetFilters, matching: np.ndarray
) -> tuple[np.ndarray, pd.DataFrame]:
    """Apply filters to the documents that match (one boolean for each).

    Returns a mask of the documents that pass, and the counts: `facette`, `code`, `libelle`,
    `nombre`, in the order of the vocabularies; codes without documents are left out, unless
    selected.
    """
    active = filters.active
    documents = np.arange(len(matching))
    masks = {
        name: np.isin(documents, facets[name].index[facets[name].isin(codes)])
        for name, codes in active.items()
    }
    rows = []
    for name, codes in facets.items():
        others = [mask for other_name, mask in masks.items() if other_name != name]
        facet_mask = np.logical_and.reduce([matching, *others])
        labels = codes.attrs["labels"]
        counts = np.bincount(codes.cat.codes[facet_mask[codes.index]], minlength=len(labels))
        rows += [
            (name, code, label, int(count))
            for (code, label), count in zip(labels.items(), counts, strict=True)
            if count or code in active.get(name, ())
        ]
    passes = np.logical_and.reduce([matching, *masks.values()])
    return passes, pd.DataFrame(rows, columns=["facette", "code", "libelle", "nombre"])
