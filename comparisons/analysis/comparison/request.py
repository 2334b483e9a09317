"""Parse requests for a comparison, from a URL query or from the command line."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from comparisons.analysis.comparison.cells import SECTIONS
from comparisons.analysis.comparison.comparison import Comparison, compare
from comparisons.errors import BadRequestError
from comparisons.formatting import join_words, pluralize
from comparisons.parameters import (
    MAX_COMPARED,
    ComparisonParameters,
    check_parameters,
    check_single,
    parse_strictly,
    split_values,
)
from comparisons.queries import strategies
from comparisons.schema.territory import parse_key
from comparisons.search.resolution import require_territories

_PARAMETERS = ("t", "doc", "montrer", "rubrique", "nommes", "famille")


@dataclass(frozen=True)
class ComparisonRequest:
    """Valid request for a comparison: parameters of the page, and sections (all by default)."""

    view: ComparisonParameters
    sections: tuple[str, ...] = tuple(SECTIONS)

    @property
    def file_stem(self) -> str:
        """Return the stem of the names of exported files."""
        return f"comparaison-{'-'.join(self.view.t)}"

    def build_comparison(self) -> Comparison:
        """Build the comparison."""
        return compare(
            tuple(map(parse_key, self.view.t)), self.view.doc, self.view.nommes, self.view.famille
        )


def parse_request(query: Mapping[str, Sequence[str]]) -> ComparisonRequest:
    """Parse the parameters (`_PARAMETERS`).

    Raises `BadRequestError` for whatever is unknown, empty, or makes too few or too many columns.
    """
    check_parameters(query, _PARAMETERS)
    check_single(query, ("montrer", "nommes", "famille"))
    keys = _known_territories(query.get("t", ()))
    view = parse_strictly(
        ComparisonParameters,
        {"t": keys}
        | {name: query.get(name, ()) for name in ("doc", "montrer", "nommes", "famille")},
    )
    _check_columns(view)
    return ComparisonRequest(view, _known_sections(query.get("rubrique", ())))


def _known_territories(raw: Sequence[str]) -> list[str]:
    keys = split_values(raw)
    if len(keys) > MAX_COMPARED:
        raise BadRequestError(_too_many(len(keys), "territoire"))
    require_territories(keys)
    if not keys:
        raise BadRequestError(f"Aucun territoire. {_EXPECTED}")
    return keys


def _known_sections(raw: Sequence[str]) -> tuple[str, ...]:
    names = [name.strip() for value in raw for name in value.split(",")]
    unknown = [name for name in names if name not in SECTIONS]
    if unknown:
        raise BadRequestError(
            f"Rubrique inconnue : « {unknown[0]} ». Rubriques : {', '.join(SECTIONS)}."
        )
    return tuple(name for name in SECTIONS if name in names or not names)


_EXPECTED = (
    f"On compare de 2 à {MAX_COMPARED} colonnes : des territoires, ou plusieurs documents d’un "
    "même territoire."
)


def _too_many(count: int, noun: str) -> str:
    return f"{pluralize(count, noun)} : c’est trop. {_EXPECTED}"


def _check_columns(view: ComparisonParameters) -> None:
    """Raise `BadRequestError` for an unknown document, or too few or too many columns."""
    documents = strategies.strategies_of(view.t)
    known_ids = set(documents["strategie_id"])
    for chosen in view.doc:
        if chosen not in known_ids:
            raise BadRequestError(
                f"« {chosen} » n’est pas un document de ces territoires. "
                f"Documents connus : {join_words(sorted(known_ids)) or 'aucun'}."
            )
    chosen = documents[documents["strategie_id"].isin(view.doc)].groupby("cle").size()
    count = sum(max(1, int(chosen.get(key, 0))) for key in view.t)
    if count < 2:
        raise BadRequestError(f"Une seule colonne ne se compare à rien. {_EXPECTED}")
    if count > MAX_COMPARED:
        raise BadRequestError(_too_many(count, "colonne"))
