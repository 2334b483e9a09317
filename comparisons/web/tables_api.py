"""API of tables: `/api/v1/tables/budgets.csv?perimetre=usages&montant__gte=100000`."""

import hashlib

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from comparisons import __version__
from comparisons.analysis.dataset_changes import list_versions
from comparisons.database.connection import dataset_metadata
from comparisons.errors import GoneError, NotFoundError
from comparisons.exports import table_files, table_package, table_writers
from comparisons.exports.past_editions import edition_of, edition_package
from comparisons.formatting import format_partial_date
from comparisons.parameters import check_parameters, check_single
from comparisons.queries import table_reader
from comparisons.queries.catalog import data_dictionary
from comparisons.queries.selection import Selection
from comparisons.schema.model import Table
from comparisons.schema.registry import tables
from comparisons.web.responses import IMMUTABLE, MUST_REVALIDATE, matches_etag, query_params


async def table(request: Request) -> Response:
    """Return a selection of a table in the requested format; raise `BadRequestError` if invalid."""
    name, extension = request.path_params["table"], request.path_params["extension"]
    _check_table(name)
    if extension not in table_files.MEDIA_TYPES:
        formats = ", ".join(table_files.MEDIA_TYPES)
        raise NotFoundError(f"Format inconnu : « {extension} ». Formats : {formats}.")
    selection = Selection.from_query(name, query_params(request))
    headers = _headers(request, f"{name}.{extension}?{selection.query_string}", selection.version)
    if matches_etag(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    chunks = await run_in_threadpool(table_files.stream, selection, extension, str(request.url))
    total = await run_in_threadpool(table_reader.count_rows, selection)
    file_name = table_writers.file_name(selection.file_stem, extension)
    headers |= {
        "X-Total-Count": str(total),
        "Content-Disposition": f'inline; filename="{file_name}"',
        "Link": ", ".join(_links(request, selection, extension, total)),
    }
    return StreamingResponse(chunks, media_type=table_files.MEDIA_TYPES[extension], headers=headers)


async def schema(request: Request) -> Response:
    """Return the dictionary of a table: columns, definitions, codes, share filled."""
    definition = _check_table(request.path_params["table"])
    headers = _headers(request, f"schemas/{definition.name}", _requested_version(request))
    if matches_etag(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    columns = await run_in_threadpool(data_dictionary, definition)
    content = {
        "table": definition.name,
        "titre": definition.title,
        "description": definition.description,
        "cle": list(definition.primary_key),
        "colonnes": table_writers.to_records(columns),
    }
    return JSONResponse(content, headers=headers)


async def package_zip(request: Request) -> Response:
    """Return all tables of the format as one package (zip)."""
    version = _requested_version(request)
    edition = await run_in_threadpool(edition_of, version) if version else None
    if edition is not None:
        return await _past_package(request, version, int(edition["rang"]))
    headers = _headers(request, "package.zip", version)
    if matches_etag(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    content = await run_in_threadpool(table_package.to_package_zip, str(request.base_url))
    name = table_writers.file_name("paquet", "zip")
    headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return Response(content, media_type=table_writers.MEDIA_TYPES["zip"], headers=headers)


async def _past_package(request: Request, version: str, rank: int) -> Response:
    """Return the facts of a replaced edition as one package (zip)."""
    headers = _cache_headers(request, f"package.zip?{rank}", IMMUTABLE, version)
    if matches_etag(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    content = await run_in_threadpool(edition_package, rank)
    headers["Content-Disposition"] = f'attachment; filename="stratoscope-edition-{rank}.zip"'
    return Response(content, media_type=table_writers.MEDIA_TYPES["zip"], headers=headers)


def _check_table(name: str) -> Table:
    """Return the table of that name. Raises `NotFoundError` when there is none."""
    if name not in tables():
        raise NotFoundError(f"Table inconnue : « {name} ». Tables : {', '.join(tables())}.")
    return tables()[name]


def _requested_version(request: Request) -> str:
    """Return the parameter `_version`; raise `BadRequestError` for any other parameter."""
    query = query_params(request)
    check_parameters(query, ("_version",))
    check_single(query, ("_version",))
    return query.get("_version", [""])[0]


def _headers(request: Request, resource: str, version: str) -> dict[str, str]:
    """Return the headers of a response determined by the data, the request and the code.

    Raises `GoneError` for the version of a replaced edition, `NotFoundError` for an unknown one.
    """
    current = str(dataset_metadata()["version"])
    if version not in ("", current):
        _refuse_version(version, current, str(request.base_url))
    return _cache_headers(request, resource, IMMUTABLE if version else MUST_REVALIDATE, current)


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
        "les règles "
        f"de calcul ont changé avec elle. Ses faits restent, en un paquet : "
        f"{site}api/v1/package.zip?_version={version} ; ce qui a changé : "
        f"{site}donnees?partie=versions. {advice}"
    )


def _cache_headers(
    request: Request, resource: str, cache_control: str, current: str
) -> dict[str, str]:
    # some files contain the address of the site
    identity = f"{current} {__version__} {request.base_url} {resource}"
    return {
        "ETag": f'"{hashlib.sha256(identity.encode()).hexdigest()[:16]}"',
        "Cache-Control": cache_control,
        "Access-Control-Allow-Origin": "*",
        "Access-Control-Expose-Headers": "ETag, Link, X-Total-Count, X-Version",
        "X-Version": current,
    }


def _links(request: Request, selection: Selection, extension: str, total: int) -> list[str]:
    """Return `Link` values: schema, next and previous page (RFC 8288)."""
    url, limit, offset = request.url, selection.limit, selection.offset
    schema_url = f"{request.base_url}api/v1/schemas/{selection.table.name}.json"
    links = [f'<{schema_url}>; rel="describes"']
    if limit is not None and offset + limit < total:
        links.append(f'<{url.include_query_params(_decalage=offset + limit)}>; rel="next"')
    if limit is not None and offset:
        previous_offset = max(offset - limit, 0)
        links.append(f'<{url.include_query_params(_decalage=previous_offset)}>; rel="prev"')
    return links
