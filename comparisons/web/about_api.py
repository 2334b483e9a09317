"""API of texts about the data, in French or in English: the method, the citation."""

from collections.abc import Callable
from functools import partial

from fastapi import APIRouter, Request, Response

from comparisons.exports import citation, table_writers
from comparisons.exports.method import method_file
from comparisons.parameters import Query
from comparisons.web.languages import LanguageParameters, language_of
from comparisons.web.openapi import file_responses, query_parameters
from comparisons.web.responses import ApiRoute, cache_headers, file_format, made_file

router = APIRouter(route_class=ApiRoute)
_KEYS = {extension: key for key, (_, extension, _) in citation.FORMATS.items()}
_CITATION_TYPES = {extension: media for _, extension, media in citation.FORMATS.values()}
_METHOD_TYPE = "text/markdown; charset=utf-8"


@router.get(
    "/api/v1/methode.md",
    summary="La méthode : ce qui est comparé et comment, les limites, le glossaire",
    response_class=Response,
    responses=file_responses([_METHOD_TYPE]),
    openapi_extra=query_parameters(LanguageParameters),
)
async def get_method(request: Request) -> Response:
    """Return the method as Markdown."""
    language = language_of(request)

    def prepare(_: Query, site: str) -> tuple[str, Callable[[], bytes]]:
        name = table_writers.file_name("methode", "md")
        return name, partial(method_file, language, site)

    headers = cache_headers(request, language=language)
    return await made_file(request, _METHOD_TYPE, prepare, headers)


@router.get(
    "/api/v1/citation.{extension}",
    summary="La citation du jeu de données : APA, BibTeX, CITATION.cff",
    response_class=Response,
    responses=file_responses(_CITATION_TYPES.values()),
    openapi_extra=query_parameters(LanguageParameters),
)
async def get_citation(request: Request, extension: file_format(_CITATION_TYPES)) -> Response:
    """Return the citation of the dataset."""
    language = language_of(request)

    def prepare(_: Query, site: str) -> tuple[str, Callable[[], bytes]]:
        def make() -> bytes:
            texts = citation.citations(f"{site}donnees", language=language)
            return texts[_KEYS[extension]].encode()

        return table_writers.file_name("citation", extension), make

    headers = cache_headers(request, language=language)
    return await made_file(request, _CITATION_TYPES[extension], prepare, headers)
