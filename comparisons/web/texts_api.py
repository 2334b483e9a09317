"""API of full-text search: `/api/v1/textes?q=médiation&niveau=departement`."""

import json

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from comparisons.database.connection import dataset_metadata
from comparisons.errors import BadRequestError
from comparisons.exports import table_writers
from comparisons.parameters import Query, check_parameters, check_single, split_values
from comparisons.search.facets import FACETS, FacetFilters
from comparisons.search.query_parser import MAX_QUERY_LENGTH
from comparisons.search.search import facet_options, search_texts
from comparisons.web.responses import file_response, query_params

_PARAMETERS = ("q", *FACETS, "limite")
DEFAULT_LIMIT, MAX_LIMIT = 50, 1000


async def get_texts(request: Request) -> Response:
    """Return the results of a search as JSON; raise `BadRequestError` for an invalid request."""
    content = await run_in_threadpool(_search, query_params(request))
    body = json.dumps(content, ensure_ascii=False, allow_nan=False).encode()
    name = await run_in_threadpool(table_writers.file_name, "textes", "json")
    return file_response(request, body, "application/json", name)


def _search(query: Query) -> dict:
    """Return the results of a search as a dictionary; raise `BadRequestError` if it is invalid."""
    # an empty search returns all texts
    check_parameters({name: values for name, values in query.items() if name != "q"}, _PARAMETERS)
    check_single(query, ("q", "limite"))
    text = next(iter(query.get("q", ())), "")
    if len(text) > MAX_QUERY_LENGTH:
        raise BadRequestError(f"« q » a {len(text)} caractères : le plus est {MAX_QUERY_LENGTH}.")
    limit = _parse_limit(next(iter(query.get("limite", ())), str(DEFAULT_LIMIT)))
    filters = _read_filters(query)
    results = search_texts(text, filters, limit)
    return {
        "version": str(dataset_metadata()["version"]),
        "citation": table_writers.citation_sentence(),
        "licence": table_writers.LICENCE,
        "q": text,
        "filtres": filters.active,
        "message": results.comprises,
        "nombre": results.nombre,
        "textes": table_writers.to_records(results.hits),
        "territoires": table_writers.to_records(results.territoires.head(limit)),
        "facettes": {
            name: table_writers.to_records(counts.drop(columns="facette"))
            for name, counts in results.facettes.groupby("facette", sort=False)
        },
    }


def _parse_limit(value: str) -> int:
    if not value.isascii() or not value.isdigit() or not 1 <= int(value) <= MAX_LIMIT:
        raise BadRequestError(f"« {value} » : « limite » va de 1 à {MAX_LIMIT}.")
    return int(value)


def _read_filters(query: Query) -> FacetFilters:
    """Return the facet filters, whose values are repeated or separated by commas."""
    chosen = {name: tuple(split_values(query[name])) for name in FACETS if name in query}
    for name, codes in facet_options().items():
        for code in chosen.get(name, ()):
            if code not in codes:
                options = ", ".join(codes)
                raise BadRequestError(f"« {code} » n’est pas une valeur de « {name} » : {options}.")
    return FacetFilters(**chosen)
