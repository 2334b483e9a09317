"""Routes of the HTTP API: health, index, geometry, territories, and those of other modules."""

import gzip
import re
from collections.abc import Callable
from dataclasses import asdict
from functools import cache, partial
from typing import Annotated

from anyio import CapacityLimiter, move_on_after, to_thread
from fastapi import APIRouter, FastAPI, Path, Request, Response
from fastapi.openapi.docs import get_swagger_ui_html
from pydantic import Field
from starlette.convertors import PathConvertor, register_url_convertor
from starlette.responses import HTMLResponse, JSONResponse
from starlette.routing import Route
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

from comparisons.analysis import site_search
from comparisons.database.connection import (
    DatabaseMissingError,
    QueryFailedError,
    cursor,
    dataset_metadata,
)
from comparisons.errors import NotFoundError
from comparisons.exports import citation, question_files, table_files, table_writers
from comparisons.exports.comparison_files import MEDIA_TYPES
from comparisons.exports.office import office_files
from comparisons.lake import replica
from comparisons.parameters import Parameters, Query
from comparisons.queries import geometry
from comparisons.queries.catalog import table_catalog
from comparisons.rows import iterate_rows
from comparisons.schema.registry import described_tables
from comparisons.schema.territory import KEY_PATTERN, LEVELS
from comparisons.search import territories
from comparisons.settings import lake_address
from comparisons.translation import FRENCH, LANGUAGES, translate
from comparisons.web import (
    about_api,
    catalogue_api,
    embed_pages,
    images_api,
    openapi,
    page_files_api,
    sql_api,
    tables_api,
    texts_api,
)
from comparisons.web.addresses import site_of
from comparisons.web.languages import LanguageParameters, language_of
from comparisons.web.middleware.security_headers import BASE_CSP, content_security_policy
from comparisons.web.responses import (
    IMMUTABLE,
    MUST_REVALIDATE,
    ApiRoute,
    accepts_gzip,
    cache_headers,
    error_response,
    file_format,
    language_headers,
    made_file,
    matches_etag,
    query_params,
)

# Threads of their own for the question whether the site answers, and the longest time it takes.
_HEALTH_THREADS = CapacityLimiter(2)
_HEALTH_SECONDS = 2.0
_READ_ONLY = {
    "Allow": "GET, HEAD, OPTIONS",
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, HEAD, OPTIONS",
    "Access-Control-Allow-Headers": "If-None-Match, Range",
}
_GEO_NAME = re.compile(rf"({'|'.join(LEVELS)})(?:-([0-9a-f]{{10}}))?")
# Swagger UI, from a package: nothing comes from another site
_DOCS_FILES = StaticFiles(packages=[("fastapi_offline", "static")])


class _AnyTextConvertor(PathConvertor):
    """Any text, with its line breaks, which « path » leaves to the text 404 of Starlette."""

    regex = r"[\s\S]*"


register_url_convertor("any_text", _AnyTextConvertor())
router = APIRouter(route_class=ApiRoute)
# What the API answers besides `/api/…`.
ROOT_PATHS = ("/healthz", "/robots.txt", "/sitemap.xml", "/integrer/{nom:any_text}")
_PARTS = {
    "Site": router,
    "Tables": tables_api.router,
    "Méthode et citation": about_api.router,
    "Comparaison": page_files_api.comparison_router,
    "Pairs": page_files_api.peers_router,
    "Images": images_api.router,
    "Catalogue": catalogue_api.router,
    "Cadres": embed_pages.router,
    "Qui l’a fait ?": page_files_api.questions_router,
    "Textes": texts_api.router,
    "SQL": sql_api.router,
}


class _Api(FastAPI):
    """Application that answers HEAD as GET; the server leaves the body out."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        is_head = scope["type"] == "http" and scope["method"] == "HEAD"
        if is_head:
            scope = scope | {"method": "GET", "is_head": True}
        # the router finds the address before a line break at the end
        if "\n" in scope["path"]:
            answer = await not_found(Request(scope), NotFoundError())
            await answer(scope, receive, send)
            return
        await super().__call__(scope, receive, send)


@cache
def _api() -> FastAPI:
    """Return the application of the API."""
    api = _Api(
        openapi_url=None,
        redirect_slashes=False,
        responses=openapi.ERRORS,
        generate_unique_id_function=lambda route: route.name,
    )
    for title, part in _PARTS.items():
        api.include_router(part, tags=[title])
    api.mount("/api/v1/docs", _DOCS_FILES)
    api.add_exception_handler(404, not_found)
    api.add_exception_handler(405, not_found)
    return api


def routes() -> list[Route]:
    """Return the routes to mount beside the pages."""
    api = _api()
    return [Route("/api/{path:any_text}", api), *(Route(path, api) for path in ROOT_PATHS)]


async def not_found(request: Request, error: Exception) -> Response:
    """Answer 404 to an unknown address, 405 to methods other than GET."""
    if request.method == "OPTIONS":  # CORS preflight request
        return Response(status_code=204, headers=_READ_ONLY)
    if request.method != "GET":
        return error_response(405, "Ces adresses se lisent, et rien d’autre : GET.", _READ_ONLY)
    return error_response(
        404,
        f"Rien à l’adresse {request.scope['path']}. Ce qui peut être lu est décrit à /api/v1/ ; "
        "toutes les adresses : /api/v1/openapi.json.",
    )


@router.get("/healthz", summary="Le site répond-il ?")
async def health() -> Response:
    """Return the status of the database and its version (503 if it does not answer)."""
    message = "La base ne répond plus : redémarrez le site."
    with move_on_after(_HEALTH_SECONDS):
        try:
            version = await to_thread.run_sync(
                _read_version, abandon_on_cancel=True, limiter=_HEALTH_THREADS
            )
        except DatabaseMissingError as error:
            message = str(error)
        except QueryFailedError:
            pass
        else:
            return JSONResponse({"statut": "ok", "version": version, **_lake_state()})
    return JSONResponse({"statut": "indisponible", "message": message, **_lake_state()}, 503)


def _lake_state() -> dict[str, object]:
    """Return what the last look at the lake gave, if this site copies one."""
    return {"lac": replica.STATE.to_dict()} if lake_address() else {}


def _read_version() -> str:
    """Return the version read from the database itself, not from a cache."""
    return cursor().execute("SELECT version FROM jeu_de_donnees").fetchone()[0]


@router.get(
    "/api/v1/",
    summary="Ce qui peut être lu",
    openapi_extra=openapi.query_parameters(LanguageParameters),
)
def api_index(request: Request) -> Response:
    """Return the index of the API: dataset version, tables, formats, addresses."""
    language = language_of(request)
    query = f"?lang={language}" if language != FRENCH else ""
    headers = cache_headers(request, language=language)
    if matches_etag(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    data, catalog = dataset_metadata(), table_catalog()
    return JSONResponse(
        {
            **{key: str(value) for key, value in data.items()},
            "licence": translate(table_writers.LICENCE, language),
            "citation": table_writers.citation_sentence(language),
            "langues": {code: f"/api/v1/?lang={code}" for code in LANGUAGES},
            "description": f"/api/v1/openapi.json{query}",
            "documentation": f"/api/v1/docs{query}",
            "methode": f"/api/v1/methode.md{query}",
            "citations": {
                extension: f"/api/v1/citation.{extension}{query}"
                for _, extension, _ in citation.FORMATS.values()
            },
            "paquet": f"/api/v1/package.zip{query}",
            "formats": list(table_files.MEDIA_TYPES),
            "tables": {
                row.nom: {
                    "titre": translate(row.titre, language),
                    "nb_lignes": row.nb_lignes,
                    "adresse": f"/api/v1/tables/{row.nom}.csv",
                    "dictionnaire": f"/api/v1/schemas/{row.nom}.json{query}",
                }
                for row in iterate_rows(catalog)
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
            "questions": {
                "adresse": "/api/v1/questions.json?question=service_porte&niveau=region",
                "formats": list(question_files.MEDIA_TYPES),
                "colonnes": list(described_tables("questions")["reponses_question"].columns),
            },
            "textes": "/api/v1/textes?q=médiation",
            "sql": "/api/v1/sql?q=SELECT count(*) FROM strategies",
            "geometries": {level: geometry.outline_url(level) for level in LEVELS},
        },
        headers=headers,
    )


@router.get(
    "/api/v1/openapi.json",
    summary="Cette description",
    openapi_extra=openapi.query_parameters(LanguageParameters),
)
def openapi_document(request: Request) -> Response:
    """Return the OpenAPI 3.1 description of the API."""
    language = language_of(request)
    content = openapi.document(_api().routes, site_of(request), language)
    cors_headers = {"Access-Control-Allow-Origin": "*"}
    return JSONResponse(content, headers=cors_headers | language_headers(language))


@router.get("/api/v1/docs", include_in_schema=False)
def documentation(request: Request) -> Response:
    """Return the page on which the addresses are described and tried."""
    language = language_of(request)
    page = get_swagger_ui_html(
        openapi_url=f"openapi.json?lang={language}",
        title=translate("Stratoscope : adresses pour les programmes", language),
        swagger_js_url="docs/swagger-ui-bundle.js",
        swagger_css_url="docs/swagger-ui.css",
        swagger_favicon_url="docs/favicon.png",
        swagger_ui_parameters={"docExpansion": "none", "validatorUrl": None},
    )
    html = page.body.decode("utf-8").replace("<html>", f'<html lang="{language}">')
    policy = {BASE_CSP: content_security_policy(html)}
    return HTMLResponse(html, headers=policy | language_headers(language))


@router.get(
    "/api/v1/geo/{niveau}.geojson",
    summary="Contours d’affichage (outre-mer rapproché)",
    response_class=Response,
    responses=openapi.file_responses(["application/geo+json"]),
)
def outlines(
    request: Request,
    niveau: Annotated[str, Path(json_schema_extra={"pattern": f"^{_GEO_NAME.pattern}$"})],
) -> Response:
    """Return the display outlines of a level as GeoJSON.

    An address with the hash of the file may be cached for ever. Raises `NotFoundError` for an
    unknown level or hash.
    """
    Parameters.read_strictly(query_params(request))
    match = _GEO_NAME.fullmatch(niveau)
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
    if accepts_gzip(request):
        headers["Content-Encoding"] = "gzip"
    else:
        content = gzip.decompress(content)
    return Response(content, media_type="application/geo+json", headers=headers)


class NameParameters(Parameters):
    """The name of a territory."""

    q: str = Field("", description="nom, code ou numéro", json_schema_extra={"minLength": 1})


@router.get(
    "/api/v1/recherche",
    summary="Trouver un territoire, un thème, un organisme ou un document par son nom",
    openapi_extra=openapi.query_parameters(NameParameters),
)
def search_territories(request: Request) -> Response:
    """Return the territories that match a name (`?q=st brieuc`), best match first.

    `groupes` holds what else it names, and the territories again: of each, the key or the page.
    """
    query = NameParameters.read_strictly(query_params(request))
    text = query.q[: territories.MAX_QUERY_LENGTH]
    groups = site_search.search_site(text)
    named = next((group for group in groups if group.titre == site_search.TERRITORIES), None)
    # where other things have the words as they are typed, a wrong letter is not looked for
    named = named or site_search.territory_group(text, is_forgiving=True)
    return JSONResponse(
        {
            "resultats": named.resultats,
            "message": named.compte if named.resultats else territories.no_result_hint(text),
            "groupes": list(map(asdict, groups)),
        },
        headers={"Access-Control-Allow-Origin": "*", "Cache-Control": "no-store"},
    )


_Key = Annotated[str, Path(json_schema_extra={"pattern": f"^{KEY_PATTERN.pattern}$"})]


@router.get(
    "/api/v1/fiches/{cle}.{extension}",
    summary="Fiche d’un territoire à imprimer ; note, diaporama à modifier",
    response_class=Response,
    responses=openapi.file_responses(office_files.MEDIA_TYPES.values()),
)
async def territory_file(
    request: Request, cle: _Key, extension: file_format(office_files.MEDIA_TYPES)
) -> Response:
    """Return the file of a territory; raise `NotFoundError` for an unknown key."""

    def make(site: str) -> bytes:
        return office_files.territory_file(cle, extension, f"{site}territoire?t={cle}")

    media_type = office_files.MEDIA_TYPES[extension]
    return await _file_about(request, cle, f"fiche-{cle}.{extension}", media_type, make)


@router.get(
    "/api/v1/demandes/{cle}.{extension}",
    summary="Lettre qui demande sa stratégie à un territoire (accès aux documents administratifs)",
    response_class=Response,
    responses=openapi.file_responses(office_files.LETTER_TYPES.values()),
)
async def request_letter(
    request: Request, cle: _Key, extension: file_format(office_files.LETTER_TYPES)
) -> Response:
    """Return the letter to a territory; raise `NotFoundError` for an unknown key."""
    media_type = office_files.LETTER_TYPES[extension]
    name = f"demande-{cle}.{extension}"
    make = partial(office_files.letter_file, cle, extension)
    return await _file_about(request, cle, name, media_type, lambda _: make())


async def _file_about(
    request: Request, key: str, name: str, media_type: str, make: Callable[[str], bytes]
) -> Response:
    """Return a file about a territory, made with the address of the site."""

    def prepare(query: Query, site: str) -> tuple[str, Callable[[], bytes]]:
        Parameters.read_strictly(query)
        reason = territories.unknown_territory_reason(key)
        if reason:
            raise NotFoundError(reason)
        return table_writers.file_name(*name.rsplit(".", 1)), partial(make, site)

    return await made_file(request, media_type, prepare)
