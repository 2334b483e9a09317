"""Tables for programs: `/api/v1/tables/budgets.csv?perimetre=usages&montant__gte=100000`."""

import hashlib
from functools import lru_cache
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from comparisons.analysis.dataset_changes import list_versions
from comparisons.database.connection import dataset_metadata
from comparisons.errors import Gone, NotFoundError
from comparisons.exports import table_files, table_package
from comparisons.exports import tables as exports
from comparisons.exports.past_editions import edition_of, edition_package
from comparisons.formatting import format_partial_date
from comparisons.parameters import check_parameters, check_single
from comparisons.queries import table_reader
from comparisons.queries.catalog import data_dictionary
from comparisons.queries.selection import Selection
from comparisons.schema.model import Table
from comparisons.schema.registry import tables
from comparisons.web.responses import IMMUTABLE, MUST_REVALIDATE, matches_etag, query_params

SUFFIX = "-metadata.json"
CSVW = "application/csvm+json"
_LIBRARY = Path(__file__).resolve().parent.parent


async def table(request: Request) -> Response:
    """Serve what is asked of a table; `Refused` says what is wrong with it."""
    name, extension = request.path_params["table"], request.path_params["extension"]
    _check_table(name)
    if extension not in table_files.MEDIA_TYPES:
        known = ", ".join(table_files.MEDIA_TYPES)
        raise NotFoundError(f"Format inconnu : « {extension} ». Formats : {known}.")
    selection = Selection.read(name, query_params(request))
    headers = _headers(request, f"{name}.{extension}?{selection.address}", selection.version)
    if matches_etag(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    pieces = await run_in_threadpool(table_files.stream, selection, extension, str(request.url))
    total = await run_in_threadpool(table_reader.count_rows, selection)
    file_name = exports.file_name(selection.stem, extension)
    headers |= {
        "X-Total-Count": str(total),
        "Content-Disposition": f'inline; filename="{file_name}"',
        "Link": ", ".join(_links(request, selection, extension, total)),
    }
    return StreamingResponse(pieces, media_type=table_files.MEDIA_TYPES[extension], headers=headers)


async def description(request: Request) -> Response:
    """Serve the description of a CSV (CSVW), at the address of the CSV and a suffix."""
    name = request.path_params["table"]
    _check_table(name)
    selection = Selection.read(name, query_params(request))
    headers = _headers(request, f"{name}{SUFFIX}?{selection.address}", selection.version)
    if matches_etag(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    address = str(request.url).replace(SUFFIX, "", 1)
    said = await run_in_threadpool(table_files.csvw, selection, address)
    return JSONResponse(said, headers=headers, media_type=CSVW)


async def schema(request: Request) -> Response:
    """Serve the dictionary of a table: columns, definitions, codes, share filled."""
    described = _check_table(request.path_params["table"])
    headers = _headers(request, f"schemas/{described.name}", _version_asked(request))
    if matches_etag(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    columns = await run_in_threadpool(data_dictionary, described)
    said = {
        "table": described.name,
        "titre": described.title,
        "description": described.description,
        "cle": list(described.primary_key),
        "colonnes": exports.to_records(columns),
    }
    return JSONResponse(said, headers=headers)


async def package_zip(request: Request) -> Response:
    """Serve all the tables of the format as one package, ready to be validated or hosted."""
    version = _version_asked(request)
    edition = await run_in_threadpool(edition_of, version) if version else None
    if edition is not None:
        return await _past_package(request, version, int(edition["rang"]))
    headers = _headers(request, "package.zip", version)
    if matches_etag(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    content = await run_in_threadpool(table_package.to_package_zip, str(request.base_url))
    name = exports.file_name("paquet", "zip")
    headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return Response(content, media_type=exports.MEDIA_TYPES["zip"], headers=headers)


async def _past_package(request: Request, version: str, rank: int) -> Response:
    """Serve the facts of an edition that was replaced, as one package."""
    headers = _kept_headers(request, f"package.zip?{rank}", IMMUTABLE, version)
    if matches_etag(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    content = await run_in_threadpool(edition_package, rank)
    headers["Content-Disposition"] = f'attachment; filename="stratoscope-edition-{rank}.zip"'
    return Response(content, media_type=exports.MEDIA_TYPES["zip"], headers=headers)


def _check_table(name: str) -> Table:
    """Return the table of that name. Raises `NotFoundError` when there is none."""
    if name not in tables():
        raise NotFoundError(f"Table inconnue : « {name} ». Tables : {', '.join(tables())}.")
    return tables()[name]


def _version_asked(request: Request) -> str:
    """Read an address that may have a version, and nothing else."""
    query = query_params(request)
    check_parameters(query, ("_version",))
    check_single(query, ("_version",))
    return query.get("_version", [""])[0]


def _headers(request: Request, asked: str, version: str) -> dict[str, str]:
    """Return the headers of an answer that stays the same as long as data, question and code do.

    Raises `Gone` for the version of an edition that was replaced, `NotFoundError` for one that
    never was.
    """
    current = str(dataset_metadata()["version"])
    if version not in ("", current):
        _refuse_version(version, current, str(request.base_url))
    return _kept_headers(request, asked, IMMUTABLE if version else MUST_REVALIDATE, current)


def _refuse_version(version: str, current: str, site: str) -> None:
    edition = edition_of(version)
    follow = "Adresse qui suit les versions : la même, sans « _version »."
    if edition is None:
        raise NotFoundError(
            f"La version « {version} » n’est pas (ou plus) servie ici : la version actuelle est "
            f"{current}. Ce qui a changé : table « changements ». {follow}"
        )
    last = list_versions().iloc[-1]
    raise Gone(
        f"La version « {version} » est celle de l’édition {edition['rang']} "
        f"({format_partial_date(edition['date'])}), que l’édition {last['rang']} a remplacée le "
        f"{format_partial_date(last['date'])} : ses tables calculées ne sont plus servies, car "
        "les règles "
        f"de calcul ont changé avec elle. Ses faits restent, en un paquet : "
        f"{site}api/v1/package.zip?_version={version} ; ce qui a changé : "
        f"{site}donnees?partie=versions. {follow}"
    )


def _kept_headers(request: Request, asked: str, cache_control: str, current: str) -> dict[str, str]:
    # the site's own address is in some files
    known = f"{current} {_code()} {request.base_url} {asked}"
    return {
        "ETag": f'"{hashlib.sha256(known.encode()).hexdigest()[:16]}"',
        "Cache-Control": cache_control,
        "Access-Control-Allow-Origin": "*",
        "Access-Control-Expose-Headers": "ETag, Link, X-Total-Count, X-Version",
        "X-Version": current,
    }


@lru_cache(maxsize=1)
def _code() -> str:
    """Hash the library, so that another way to write a file is another file."""
    digest = hashlib.sha256()
    for path in sorted(_LIBRARY.rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _links(request: Request, selection: Selection, extension: str, total: int) -> list[str]:
    """Link a page to the next and the one before (RFC 8288), and a CSV to its description."""
    url, limit, offset = request.url, selection.limit, selection.offset
    schema_url = f"{request.base_url}api/v1/schemas/{selection.table.name}.json"
    links = [f'<{schema_url}>; rel="describes"']
    if extension == "csv":
        described = url.replace(path=f"{url.path}{SUFFIX}")
        links.append(f'<{described}>; rel="describedby"; type="{CSVW}"')
    if limit is not None and offset + limit < total:
        links.append(f'<{url.include_query_params(_decalage=offset + limit)}>; rel="next"')
    if limit is not None and offset:
        before = max(offset - limit, 0)
        links.append(f'<{url.include_query_params(_decalage=before)}>; rel="prev"')
    return links
