"""API of tables: `/api/v1/tables/budgets.csv?perimetre=usages&montant__gte=100000`."""

from collections.abc import Callable
from functools import partial
from typing import Annotated, BinaryIO

from fastapi import APIRouter, Request, Response
from pydantic import AfterValidator
from starlette.responses import JSONResponse

from comparisons.analysis.dataset_changes import list_versions
from comparisons.concurrency import FILE_LIMITER
from comparisons.database.connection import dataset_metadata
from comparisons.errors import GoneError, NotFoundError
from comparisons.exports import table_files, table_package, table_process, table_writers
from comparisons.exports.past_editions import edition_of, edition_package
from comparisons.formatting import format_partial_date
from comparisons.queries import table_reader
from comparisons.queries.catalog import data_dictionary
from comparisons.queries.selection import VERSION, Selection, TableOptions
from comparisons.schema.model import load_format
from comparisons.schema.registry import tables
from comparisons.translation import FRENCH, translate_values
from comparisons.web.addresses import address_of, site_of
from comparisons.web.languages import LanguageParameters
from comparisons.web.openapi import file_responses, query_parameters
from comparisons.web.responses import (
    IMMUTABLE,
    MUST_REVALIDATE,
    QUEUE_SECONDS,
    ApiRoute,
    cache_headers,
    file_format,
    file_response,
    made_file,
    matches_etag,
    query_params,
    run_in_slot,
)


def _check_name(name: str) -> str:
    if name not in tables():
        raise NotFoundError(f"Table inconnue : « {name} ». Tables : {', '.join(tables())}.")
    return name


router = APIRouter(route_class=ApiRoute)
# Beyond, a file is written by a process of its own, which takes half a second to start.
_MAX_CELLS_IN_THREAD = 200_000
_TRANSLATED_KEYS = ("titre", "description", "unite", "vide_signifie", "libelle", "definition")
_TableName = Annotated[str, AfterValidator(_check_name)]


class VersionParameters(LanguageParameters):
    """The version that an address is about, and the language of its texts."""

    version: str = VERSION


@router.get(
    "/api/v1/tables/{table}.{extension}",
    response_class=Response,
    responses=file_responses(table_files.MEDIA_TYPES.values()),
    openapi_extra=query_parameters(TableOptions),
)
async def get_table(
    request: Request, table: _TableName, extension: file_format(table_files.MEDIA_TYPES)
) -> Response:
    """Return a selection of a table in the requested format; raise `BadRequestError` if invalid."""
    selection = Selection.from_query(table, query_params(request))
    headers = _headers(request, selection.version)
    if matches_etag(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    total = await run_in_slot(request, _count_rows, selection, extension)
    headers |= {
        "X-Total-Count": str(total),
        "Link": ", ".join(_links(request, selection, extension, total)),
    }
    prepare = partial(_prepare_table, selection, extension, address_of(request))
    media_type = table_files.MEDIA_TYPES[extension]
    return await file_response(request, media_type, prepare, headers, "attachment")


def _count_rows(selection: Selection, extension: str) -> int:
    table_files.check_format(selection, extension)
    return table_reader.count_rows(selection)


def _prepare_table(
    selection: Selection, extension: str, address: str
) -> tuple[str, Callable[[BinaryIO, bool], None]]:
    is_small = table_files.count_cells(selection) <= _MAX_CELLS_IN_THREAD
    write_file = table_files.write if is_small else table_process.write_file
    limiter = FILE_LIMITER if is_small else table_process.LIMITER

    def write(output: BinaryIO, gzipped: bool) -> None:
        with limiter.slot(QUEUE_SECONDS):
            write_file(selection, extension, address, gzipped, output)

    return table_writers.file_name(selection.file_stem, extension), write


@router.get(
    "/api/v1/schemas/{table}.json",
    summary="Le dictionnaire d’une table : colonnes, définitions, codes",
    openapi_extra=query_parameters(VersionParameters),
)
def get_schema(request: Request, table: _TableName) -> Response:
    """Return the dictionary of a table: columns, definitions, codes, share filled."""
    definition = tables()[table]
    version, language = _read_options(request)
    headers = _headers(request, version, language)
    if matches_etag(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    content = {
        "table": definition.name,
        "titre": definition.title,
        "description": definition.description,
        "cle": list(definition.primary_key),
        "colonnes": table_writers.to_records(data_dictionary(definition)),
        "codes": {
            name: load_format()
            .vocabularies[name][["code", "libelle", "definition"]]
            .to_dict("records")
            for name in dict.fromkeys(field.vocabulary for field in definition.coded_fields)
        },
    }
    return JSONResponse(translate_values(content, _TRANSLATED_KEYS, language), headers=headers)


@router.get(
    "/api/v1/package.zip",
    summary="Toutes les tables du format, en un paquet",
    response_class=Response,
    responses=file_responses([table_writers.MEDIA_TYPES["zip"]]),
    openapi_extra=query_parameters(VersionParameters),
)
async def get_package(request: Request) -> Response:
    """Return all tables of the format as one package (zip)."""
    version, language = _read_options(request)
    edition = edition_of(version) if version else None
    if edition is not None:  # as it was published, in French
        rank = int(edition["rang"])
        headers = _cache_headers(request, IMMUTABLE, version, FRENCH)
        name, make = f"stratoscope-edition-{rank}.zip", partial(edition_package, rank)
    else:
        headers = _headers(request, version, language)
        name = table_writers.file_name("paquet", "zip")
        make = partial(table_package.to_package_zip, site_of(request), language)
    headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return await made_file(
        request, table_writers.MEDIA_TYPES["zip"], lambda _, __: (name, make), headers
    )


def _read_options(request: Request) -> tuple[str, str]:
    """Return the parameter `_version` and the language; raise `BadRequestError` for another one."""
    options = VersionParameters.read_strictly(query_params(request))
    return options.version, options.language(request)


def _headers(request: Request, version: str, language: str = "") -> dict[str, str]:
    """Return the headers of a response determined by the data, the request and the code.

    Raises `GoneError` for the version of a replaced edition, `NotFoundError` for an unknown one.
    """
    current = str(dataset_metadata()["version"])
    if version not in ("", current):
        _refuse_version(version, current, site_of(request))
    cache_control = IMMUTABLE if version else MUST_REVALIDATE
    return _cache_headers(request, cache_control, current, language)


def _refuse_version(version: str, current: str, site: str) -> None:
    edition = edition_of(version)
    advice = "Adresse qui suit les versions : la même, sans « _version »."
    if edition is None:
        raise NotFoundError(
            f"La version « {version} » n’est pas (ou plus) servie ici : la version actuelle est "
            f"{current}. Ce qui a changé : table « changements ». {advice}"
        )
    latest = list_versions().iloc[-1]
    raise GoneError(
        f"La version « {version} » est celle de l’édition {edition['rang']} "
        f"({format_partial_date(edition['date'])}), que l’édition {latest['rang']} a remplacée le "
        f"{format_partial_date(latest['date'])} : ses tables calculées ne sont plus servies, car "
        f"les règles de calcul ont changé avec elle. Ses faits restent, en un paquet : "
        f"{site}api/v1/package.zip?_version={version} ; ce qui a changé : "
        f"{site}donnees?partie=versions. {advice}"
    )


def _cache_headers(
    request: Request, cache_control: str, version: str, language: str
) -> dict[str, str]:
    return cache_headers(request, cache_control, language) | {
        "Access-Control-Expose-Headers": "Accept-Ranges, Content-Length, Content-Range, ETag, "
        "Link, X-Total-Count, X-Version",
        "X-Version": version,
    }


def _links(request: Request, selection: Selection, extension: str, total: int) -> list[str]:
    """Return `Link` values: schema, next and previous page (RFC 8288)."""
    limit, offset = selection.limit, selection.offset
    schema_url = f"{site_of(request)}api/v1/schemas/{selection.table.name}.json"
    links = [f'<{schema_url}>; rel="describes"']
    if limit is not None and offset + limit < total:
        links.append(f'<{address_of(request, _decalage=offset + limit)}>; rel="next"')
    if limit is not None and offset:
        previous_offset = max(offset - limit, 0)
        links.append(f'<{address_of(request, _decalage=previous_offset)}>; rel="prev"')
    return links
