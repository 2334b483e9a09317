"""Parse requests for a comparison, from a URL query or from the command line."""

from typing import Annotated

from pydantic import Field

from comparisons.analysis.comparison.cells import SECTIONS
from comparisons.analysis.comparison.comparison import Comparison, compare
from comparisons.errors import BadRequestError
from comparisons.formatting import join_words, pluralize
from comparisons.page_parameters import MAX_COMPARED, ComparedParameters
from comparisons.parameters import SEPARATED, Query, one_of, split_values
from comparisons.queries import strategies
from comparisons.schema.territory import parse_key
from comparisons.search.resolution import require_territories

_EXPECTED = (
    f"On compare de 2 à {MAX_COMPARED} colonnes : des territoires, ou plusieurs documents d’un "
    "même territoire."
)


class ComparisonRequest(ComparedParameters):
    """Valid request for a comparison: columns, and sections (`rubrique`; all by default)."""

    rubrique: Annotated[tuple[one_of(SECTIONS), ...], SEPARATED] = Field(
        (), description="rubriques à montrer"
    )

    @property
    def sections(self) -> tuple[str, ...]:
        """Return the sections to show, in their order."""
        return tuple(name for name in SECTIONS if name in self.rubrique or not self.rubrique)

    @property
    def page_query(self) -> dict[str, list[str]]:
        """Return the address of the page, which shows all sections."""
        return self.replace(rubrique=()).to_query()

    @property
    def file_stem(self) -> str:
        """Return the stem of the names of exported files."""
        return f"comparaison-{'-'.join(self.t)}"

    def build_comparison(self) -> Comparison:
        """Build the comparison."""
        return compare(tuple(map(parse_key, self.t)), self.doc, self.nommes, self.famille)


def parse_request(query: Query) -> ComparisonRequest:
    """Parse the parameters of a comparison.

    Raises `BadRequestError` for whatever is unknown, empty, or makes too few or too many columns.
    """
    keys = split_values(query.get("t", ()))
    if len(keys) <= MAX_COMPARED:
        require_territories(keys)
    request = ComparisonRequest.read_strictly(query)
    if not request.t:
        raise BadRequestError(f"Aucun territoire. {_EXPECTED}")
    _check_columns(request)
    return request


def _check_columns(request: ComparisonRequest) -> None:
    """Raise `BadRequestError` for an unknown document, or too few or too many columns."""
    documents = strategies.strategies_of(request.t)
    known_ids = set(documents["strategie_id"])
    for chosen in request.doc:
        if chosen not in known_ids:
            raise BadRequestError(
                f"« {chosen} » n’est pas un document de ces territoires. "
                f"Documents connus : {join_words(sorted(known_ids)) or 'aucun'}."
            )
    chosen = documents[documents["strategie_id"].isin(request.doc)].groupby("cle").size()
    count = sum(max(1, int(chosen.get(key, 0))) for key in request.t)
    if count < 2:
        raise BadRequestError(f"Une seule colonne ne se compare à rien. {_EXPECTED}")
    if count > MAX_COMPARED:
        raise BadRequestError(f"{pluralize(count, 'colonne')} : c’est trop. {_EXPECTED}")
