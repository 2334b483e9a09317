"""Routes of the HTTP API: health, index, geometry, territories, and those of other modules."""

import gzip
import re

from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from comparisons.database.connection import (
    DatabaseMissingError,
    QueryFailedError,
    cursor,
    dataset_metadata,
)
from comparisons.errors import NotFoundError
from comparisons.exports import table_files, table_writers
from comparisons.exports.comparison_files import MEDIA_TYPES
from comparisons.exports.pdf import compiler
from comparisons.formatting import curly_apostrophes, pluralize
from comparisons.parameters import check_parameters, check_single
from comparisons.queries import geometry
from comparisons.queries.catalog import table_catalog
from comparisons.schema.registry import described_tables
from comparisons.schema.territory import LEVELS
from comparisons.search import territories
from comparisons.web import openapi
from comparisons.web.comparison_api import get_comparison
from comparisons.web.peers_api import get_peers
from comparisons.web.responses import (
    IMMUTABLE,
    MUST_REVALIDATE,
    Endpoint,
    error_response,
    file_response,
    handle_errors,
    matches_etag,
    query_params,
    run_in_worker,
)
from comparisons.web.sql_api import METHODS, post_query
from comparisons.web.tables_api import package_zip, schema, table
from comparisons.web.texts_api import get_texts

GZIP = Middleware(GZipMiddleware, minimum_size=1000, compresslevel=5)
ALL_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
_READ_ONLY = {
    "Allow": "GET, HEAD, OPTIONS",
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, HEAD, OPTIONS",
    "Access-Control-Allow-Headers": "If-None-Match",
}
_GEO_NAME = re.compile(r"(region|departement|epci|commune)(?:-([0-9a-f]{10}))?")


def routes() -> list[Route]:
    """Return the routes to mount beside the pages."""
    return [
        Route("/healthz", health),
        _text_route("/api/v1/", api_index),
        Route("/api/v1/geo/{name}.geojson", handle_errors(outlines)),
        _text_route("/api/v1/recherche", search_territories),
        _text_route("/api/v1/textes", get_texts),
        Route("/api/v1/sql", handle_errors(post_query), methods=METHODS, middleware=[GZIP]),
        _file_route("/api/v1/fiches/{key}.pdf", territory_pdf),
        _text_route("/api/v1/openapi.json", openapi_document),
        # before the route of tables, which would match this address too
        *(
            _text_route(f"/api/v1/tables/{{table}}.{text}", _table_endpoint(text))
            for text in table_files.TEXT_FORMATS
        ),
        _file_route("/api/v1/tables/{table}.{extension}", table),
        _text_route("/api/v1/schemas/{table}.json", schema),
        _file_route("/api/v1/package.zip", package_zip),
        _file_route("/api/v1/comparaison.{extension}", get_comparison),
        _file_route("/api/v1/pairs.{extension}", get_peers),
        Route("/api/{path:path}", handle_errors(not_found), methods=ALL_METHODS),
    ]


def _file_route(path: str, endpoint: Endpoint) -> Route:
    return Route(path, handle_errors(endpoint))


def _text_route(path: str, endpoint: Endpoint) -> Route:
    """Return the route of a text format, compressed for clients that accept gzip."""
    return Route(path, handle_errors(endpoint), middleware=[GZIP])


def _table_endpoint(extension: str) -> Endpoint:
    """Return the endpoint of tables for one file format."""

    async def endpoint(request: Request) -> Response:
        request.path_params["extension"] = extension
        return await table(request)

    return endpoint


async def not_found(request: Request) -> Response:
    """Raise `NotFoundError` for an unknown address; answer 405 to methods other than GET."""
    if request.method == "OPTIONS":  # CORS preflight request
        return Response(status_code=204, headers=_READ_ONLY)
    if request.method not in ("GET", "HEAD"):
        return error_response(405, "Ces adresses se lisent, et rien d’autre : GET.", _READ_ONLY)
    raise NotFoundError(
        f"Rien à l’adresse {request.url.path}. Ce qui peut être lu est décrit à /api/v1/ ; "
        "toutes les adresses : /api/v1/openapi.json."
    )


async def health(request: Request) -> Response:
    """Return the status of the database and its version (503 if it does not answer)."""
    try:
        version = await run_in_threadpool(_read_version)
    except DatabaseMissingError as error:
        return JSONResponse({"statut": "indisponible", "message": str(error)}, 503)
    except QueryFailedError:
        message = "La base ne répond plus : redémarrez le site."
        return JSONResponse({"statut": "indisponible", "message": message}, 503)
    return JSONResponse({"statut": "ok", "version": version})


def _read_version() -> str:
    """Return the version read from the database itself, not from a cache."""
    return cursor().execute("SELECT version FROM jeu_de_donnees").fetchone()[0]


async def api_index(request: Request) -> Response:
    """Return the index of the API: dataset version, tables, formats, addresses."""
    check_parameters(query_params(request), ())
    data = await run_in_threadpool(dataset_metadata)
    catalog = await run_in_threadpool(table_catalog)
    return JSONResponse(
        {
            **{key: str(value) for key, value in data.items()},
            "licence": table_writers.LICENCE,
            "citation": table_writers.citation_sentence(),
            "description": "/api/v1/openapi.json",
            "paquet": "/api/v1/package.zip",
            "formats": list(table_files.MEDIA_TYPES),
            "tables": {
                row.nom: {
                    "titre": row.titre,
                    "nb_lignes": row.nb_lignes,
                    "adresse": f"/api/v1/tables/{row.nom}.csv",
                    "dictionnaire": f"/api/v1/schemas/{row.nom}.json",
                }
                for row in catalog.itertuples()
            },
            "comparaison": {
                "adresse": "/api/v1/comparaison.json?t=departement-35,departement-29",
                "formats": list(MEDIA_TYPES),
                "colonnes": list(described_tables("comparison")["comparaison"].columns),
            },
            "pairs": {
                "adresse": "/api/v1/pairs.json?t=departement-53",
                "formats": list(table_writers.MEDIA_TYPES),
                "colonnes": list(described_tables("peers")["pairs"].columns),
            },
            "textes": "/api/v1/textes?q=médiation",
            "sql": "/api/v1/sql?q=SELECT count(*) FROM strategies",
            "geometries": {level: geometry.outline_url(level) for level in LEVELS},
        },
        headers={"Access-Control-Allow-Origin": "*"},
    )


async def openapi_document(request: Request) -> Response:
    """Return the OpenAPI 3.1 description of the API."""
    check_parameters(query_params(request), ())
    content = await run_in_threadpool(openapi.document, str(request.base_url))
    return JSONResponse(content, headers={"Access-Control-Allow-Origin": "*"})


async def outlines(request: Request) -> Response:
    """Return the display outlines of a level as GeoJSON.

    An address with the hash of the file may be cached for ever. Raises `NotFoundError` for an
    unknown level or hash.
    """
    match = _GEO_NAME.fullmatch(request.path_params["name"])
    if not match:
        raise NotFoundError(f"Niveau inconnu ; niveaux possibles : {', '.join(LEVELS)}.")
    level, requested_hash = match.groups()
    fingerprint = geometry.outline_hash(level)
    if requested_hash and requested_hash != fingerprint:
        raise NotFoundError(f"Cette édition n’existe plus ; voir {geometry.outline_url(level)}.")
    content = geometry.outline_file(level).read_bytes()
    headers = {
        "Cache-Control": IMMUTABLE if requested_hash else MUST_REVALIDATE,
        "ETag": f'"{fingerprint}"',
        "Vary": "Accept-Encoding",
        "Access-Control-Allow-Origin": "*",
    }
    if matches_etag(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers["Content-Encoding"] = "gzip"
    else:
        content = gzip.decompress(content)
    return Response(content, media_type="application/geo+json", headers=headers)


async def search_territories(request: Request) -> Response:
    """Return the territories that match a name (`?q=st brieuc`), best match first."""
    query = query_params(request)
    check_parameters(query, ("q",))
    check_single(query, ("q",))
    text = request.query_params.get("q", "")[: territories.MAX_QUERY_LENGTH]
    rows = await run_in_threadpool(territories.search_territories, text)
    return JSONResponse(
        {
            "resultats": [
                {
                    "cle": row.cle,
                    "nom": curly_apostrophes(row.nom),
                    "precision": territories.disambiguate(row),
                    "territoire_niveau": row.territoire_niveau,
                    "territoire_code": row.territoire_code,
                    "population": row.population if row.population == row.population else None,
                }
                for row in rows.itertuples()
            ],
            "message": pluralize(len(rows), "territoire trouvé", "territoires trouvés")
            if len(rows)
            else territories.no_result_hint(text),
        },
        headers={"Access-Control-Allow-Origin": "*", "Cache-Control": "no-store"},
    )


async def territory_pdf(request: Request) -> Response:
    """Return the two-page PDF of a territory; raise `NotFoundError` for an unknown key."""
    key = request.path_params["key"]
    check_parameters(query_params(request), ())
    reason = await run_in_threadpool(territories.unknown_territory_reason, key)
    if reason:
        raise NotFoundError(reason)
    address = f"{request.base_url}territoire?t={key}"
    content = await run_in_worker(compiler.territory_pdf, key, address)
    return file_response(
        request, content, "application/pdf", table_writers.file_name(f"fiche-{key}", "pdf")
    )
