"""API of full-text search: `/api/v1/textes?q=médiation&niveau=departement`."""

import json

from fastapi import APIRouter, Request, Response
from pydantic import Field

from comparisons.database.connection import dataset_metadata
from comparisons.errors import BadRequestError
from comparisons.exports import table_writers
from comparisons.formatting import join_words, pluralize
from comparisons.parameters import Flag, ParameterError, TerritoryKeys, one_of, whole_number
from comparisons.schema.model import source_families
from comparisons.schema.peer_options import MAX_PEERS
from comparisons.search.facets import FacetFilters
from comparisons.search.query_parser import MAX_QUERY_LENGTH
from comparisons.search.resolution import require_territories
from comparisons.search.search import facet_options, search_texts
from comparisons.web.openapi import query_parameters
from comparisons.web.responses import (
    ApiRoute,
    cache_headers,
    matches_etag,
    query_params,
    run_in_slot,
)

router = APIRouter(route_class=ApiRoute)


class TextsParameters(FacetFilters):
    """A search: its words, facets, and number of texts."""

    q: str = Field(
        "", description="mots cherchés", json_schema_extra={"maxLength": MAX_QUERY_LENGTH}
    )
    chez: TerritoryKeys = Field(
        (), max_length=MAX_PEERS, description="territoires dont parlent les textes"
    )
    exact: Flag = Field(False, description="oui : sans synonymes ni sigles")
    source_type: one_of(source_families()) = Field(
        "", description="officielle : seulement les textes dont la source est officielle"
    )
    limite: whole_number(1, 1000) = Field(50, description="textes au plus")


@router.get(
    "/api/v1/textes",
    summary="Chercher dans les textes des territoires",
    openapi_extra=query_parameters(TextsParameters),
)
async def get_texts(request: Request) -> Response:
    """Return the results of a search as JSON; raise `BadRequestError` for an invalid request."""
    query = query_params(request)
    if query.get("q") == [""]:  # an empty search returns all texts
        del query["q"]
    parameters = TextsParameters.read_strictly(query)
    headers = cache_headers(request)
    if matches_etag(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    content = await run_in_slot(request, _search, parameters)
    name = table_writers.file_name("textes", "json")
    headers["Content-Disposition"] = f'inline; filename="{name}"'
    return Response(content, media_type="application/json", headers=headers)


def _search(parameters: TextsParameters) -> bytes:
    """Return the results of a search as JSON; raise `BadRequestError` if it is invalid."""
    text, limit = parameters.q, parameters.limite
    if len(text) > MAX_QUERY_LENGTH:
        raise BadRequestError(
            f"« q » a {pluralize(len(text), 'caractère')} : le plus est {MAX_QUERY_LENGTH}."
        )
    _check_codes(parameters)
    require_territories(parameters.chez)
    results = search_texts(text, parameters, limit, parameters.exact, parameters.chez)
    content = {
        "version": str(dataset_metadata()["version"]),
        "citation": table_writers.citation_sentence(),
        "licence": table_writers.LICENCE,
        "q": text,
        "filtres": parameters.active,
        "chez": list(parameters.chez),
        "y_compris": list(results.including),
        "message": results.comprises,
        "nombre": results.nombre,
        "textes": table_writers.to_records(results.hits),
        "territoires": table_writers.to_records(results.territoires.head(limit)),
        "facettes": {
            name: table_writers.to_records(counts.drop(columns="facette"))
            for name, counts in results.facettes.groupby("facette", sort=False)
        },
    }
    return json.dumps(content, ensure_ascii=False, allow_nan=False).encode()


def _check_codes(filters: FacetFilters) -> None:
    """Raise `BadRequestError` for a code that its facet does not have."""
    for name, codes in facet_options().items():
        for code in getattr(filters, name):
            if code not in codes:
                options = join_words(codes, "ou")
                raise BadRequestError(ParameterError("choice", name, code, options).refusal)
