"""Addresses for programs and browsers: health, geometry, tables."""

import gzip
import re
from collections.abc import Sequence

import duckdb
import pandas as pd
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from comparisons import exports, geometry, report, search
from comparisons.answers import (
    REVALIDATE,
    file_answer,
    has_already,
    refusal,
    with_database,
)
from comparisons.comparison.files import MEDIA_TYPES
from comparisons.comparison.http import comparison
from comparisons.derived import comparison_tables, derived_tables, peers_tables
from comparisons.format import Field, Table, load_format
from comparisons.peers.http import pairs
from comparisons.territories import LEVELS
from comparisons.text import plural, typographic
from comparisons.warehouse import DatabaseMissingError, metadata, query

FOREVER = "public, max-age=31536000, immutable"
FORMATS = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "parquet": "application/vnd.apache.parquet",
}
_GEO_NAME = re.compile(r"(region|departement|epci|commune)(?:-([0-9a-f]{10}))?")


def tables() -> dict[str, Table]:
    """Give every table that can be read, by name: those of the format, then the derived ones."""
    return {**load_format().tables, **derived_tables()}


def routes() -> list[Route]:
    """List the routes to mount beside the pages."""
    return [
        Route("/healthz", healthz),
        Route("/api/v1/", with_database(index)),
        Route("/api/v1/geo/{name}.geojson", geo),
        Route("/api/v1/recherche", with_database(find)),
        Route("/api/v1/fiches/{key}.pdf", with_database(paper)),
        Route("/api/v1/tables/{table}.{extension}", with_database(table)),
        Route("/api/v1/comparaison.{extension}", with_database(comparison)),
        Route("/api/v1/pairs.{extension}", with_database(pairs)),
    ]


async def healthz(request: Request) -> Response:
    """Tell whether the database answers, and which version it is."""
    try:
        data = await run_in_threadpool(metadata)
    except (DatabaseMissingError, duckdb.Error):
        return JSONResponse({"statut": "indisponible", "message": "Base absente."}, 503)
    return JSONResponse({"statut": "ok", "version": data["version"]})


async def index(request: Request) -> Response:
    """Describe the interface: version, tables, formats."""
    data = await run_in_threadpool(metadata)
    return JSONResponse(
        {
            **{key: str(value) for key, value in data.items()},
            "licence": exports.LICENCE,
            "formats": list(FORMATS),
            "tables": {
                name: {"titre": t.title, "colonnes": list(t.columns)}
                for name, t in tables().items()
            },
            "comparaison": {
                "adresse": "/api/v1/comparaison.json?t=departement-35,departement-29",
                "formats": list(MEDIA_TYPES),
                "colonnes": list(comparison_tables()["comparaison"].columns),
            },
            "pairs": {
                "adresse": "/api/v1/pairs.json?t=departement-53",
                "formats": list(exports.MEDIA_TYPES),
                "colonnes": list(peers_tables()["pairs"].columns),
            },
            "geometries": {level: geometry.display_url(level) for level in LEVELS},
        },
        headers={"Access-Control-Allow-Origin": "*"},
    )


async def geo(request: Request) -> Response:
    """Serve the display geometry of a level; under its hashed name, to keep for ever."""
    match = _GEO_NAME.fullmatch(request.path_params["name"])
    if not match:
        return refusal(404, f"Niveau inconnu ; niveaux possibles : {', '.join(LEVELS)}.")
    level, wanted = match.groups()
    fingerprint = geometry.fingerprint(level)
    if wanted and wanted != fingerprint:
        return refusal(404, f"Cette édition n’existe plus ; voir {geometry.display_url(level)}.")
    content = geometry.display_file(level).read_bytes()
    headers = {
        "Cache-Control": FOREVER if wanted else REVALIDATE,
        "ETag": f'"{fingerprint}"',
        "Vary": "Accept-Encoding",
        "Access-Control-Allow-Origin": "*",
    }
    if has_already(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers["Content-Encoding"] = "gzip"
    else:
        content = gzip.decompress(content)
    return Response(content, media_type="application/geo+json", headers=headers)


async def find(request: Request) -> Response:
    """Find territories by their name (`?q=st brieuc`), the likeliest first."""
    text = request.query_params.get("q", "")[: search.MAX_TYPED]
    rows = await run_in_threadpool(search.find, text)
    return JSONResponse(
        {
            "resultats": [
                {
                    "cle": row.cle,
                    "nom": typographic(row.nom),
                    "precision": search.precision(row),
                    "territoire_niveau": row.territoire_niveau,
                    "territoire_code": row.territoire_code,
                    "population": row.population if row.population == row.population else None,
                }
                for row in rows.itertuples()
            ],
            "message": plural(len(rows), "territoire trouvé", "territoires trouvés")
            if len(rows)
            else search.advice(text),
        },
        headers={"Access-Control-Allow-Origin": "*", "Cache-Control": "no-store"},
    )


async def table(request: Request) -> Response:
    """Serve a table, whole or filtered by equality on its columns (`?type=sdtan&type=sdusn`)."""
    name, extension = request.path_params["table"], request.path_params["extension"]
    described = tables().get(name)
    if described is None:
        return refusal(404, f"Table inconnue : « {name} ». Tables : {', '.join(tables())}.")
    if extension not in FORMATS:
        return refusal(404, f"Format inconnu : « {extension} ». Formats : {', '.join(FORMATS)}.")
    filters = {key: request.query_params.getlist(key) for key in request.query_params}
    unknown = [key for key in filters if key not in described.columns]
    if unknown:
        return refusal(
            400,
            f"Filtre inconnu : « {unknown[0]} ». Colonnes de {name} : "
            f"{', '.join(described.columns)}.",
        )
    rows = await run_in_threadpool(filtered, described, filters)
    content = await run_in_threadpool(encoded, rows, name, extension)
    return file_answer(request, content, FORMATS[extension], exports.file_name(name, extension))


async def paper(request: Request) -> Response:
    """Serve the two printed pages of a territory."""
    key = request.path_params["key"]
    wrong = await run_in_threadpool(search.why_unknown, key)
    if wrong:
        return refusal(404, wrong)
    address = f"{request.base_url}territoire?t={key}"
    content = await run_in_threadpool(report.territory_pdf, key, address)
    return file_answer(
        request, content, "application/pdf", exports.file_name(f"fiche-{key}", "pdf")
    )


def filtered(described: Table, filters: dict[str, Sequence[str]]) -> pd.DataFrame:
    """Read the rows of a table whose columns have one of the values asked (a list: holds one)."""
    conditions = [_condition(described.field(column)) for column in filters]
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    return query(f'SELECT * FROM "{described.name}"{where}', [list(v) for v in filters.values()])


def _condition(field: Field) -> str:
    """Write the SQL test for one of several values, which are given as a CSV would write them."""
    column = f'"{field.name}"'
    match field.type:
        case "list":
            return f"list_has_any({column}, ?)"
        case "number":
            numbers = "list_transform(?, lambda x: try_cast(x AS DOUBLE))"
            return f"{column} IS NOT NULL AND list_contains({numbers}, {column})"
        case "boolean":
            words = "WHEN true THEN ['oui', 'true'] WHEN false THEN ['non', 'false']"
            return f"list_has_any(?, CASE {column} {words} END)"
        case _:
            return f"list_contains(?, CAST({column} AS VARCHAR))"


def encoded(rows: pd.DataFrame, name: str, extension: str) -> bytes:
    """Write rows in a format."""
    match extension:
        case "csv":
            return exports.to_csv(rows)
        case "xlsx":
            return exports.labelled_xlsx({name: rows}, about=tables()[name].title)
        case "parquet":
            return rows.to_parquet(index=False, compression="zstd")
        case _:
            return rows.to_json(orient="records", force_ascii=False, date_format="iso").encode()
