"""The addresses for programs, described for programs (OpenAPI 3.1), from the same dictionaries.

A path per table, since each has its own filters: a column, or a column and an operator.
"""

from collections.abc import Iterable, Mapping

from comparisons.analysis.comparison.cells import SECTIONS
from comparisons.database.connection import dataset_metadata
from comparisons.database.sandbox.limits import MAX_CHARACTERS
from comparisons.exports import geo
from comparisons.exports import tables as exports
from comparisons.exports.comparison_files import MEDIA_TYPES as COMPARISON_TYPES
from comparisons.exports.sql_files import MEDIA_TYPES as SQL_TYPES
from comparisons.exports.table_files import MEDIA_TYPES
from comparisons.parameters import ANY_FAMILY, MAX_COMPARED, ROW_FILTERS
from comparisons.queries.filters import (
    BOOLEANS,
    FLAG_WORDS,
    MAX_NUMBER,
    NUMBERS,
    OPERATOR_SEPARATOR,
    OPERATORS,
    column_kind,
    operators_for,
)
from comparisons.queries.selection import MAX_LIMIT, RESERVED_PARAMETERS
from comparisons.schema.model import Field, Table, vocabulary_codes
from comparisons.schema.peer_options import MAX_PEERS, REGION_CHOICES, WEIGHTING_METHODS
from comparisons.schema.registry import tables
from comparisons.schema.territory import LEVELS
from comparisons.search.query_parser import MAX_TYPED
from comparisons.search.search import facet_options
from comparisons.web.tables_api import CSVW, SUFFIX
from comparisons.web.texts_api import MAX_LIMIT as MAX_LIMIT_OF_TEXTS

ERROR = {"$ref": "#/components/schemas/Erreur"}
_YES_NO = {"enum": ["oui", "non"]}
_KEY = {"type": "string", "pattern": "^(region|departement|epci|commune)-[0-9AB]{2,9}$"}


def document(site: str) -> dict:
    """Describe every address of a site."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Stratoscope",
            "version": str(dataset_metadata()["version"]),
            "description": "Les stratégies numériques des territoires français : tables, "
            "comparaisons, pairs. " + exports.citation_sentence(),
            "license": {"name": exports.LICENCE, "identifier": "etalab-2.0"},
        },
        "servers": [{"url": site.rstrip("/")}],
        "paths": _paths(),
        "components": {
            "schemas": {
                "Erreur": {
                    "type": "object",
                    "required": ["erreur"],
                    "properties": {"erreur": {"type": "string"}},
                },
                **{name: _rows(table) for name, table in tables().items()},
            }
        },
    }


def _paths() -> dict:
    paths = {
        "/healthz": _get("Le site répond-il ?", [], {"application/json": {"type": "object"}}),
        "/api/v1/": _get("Ce qui peut être lu", [], {"application/json": {"type": "object"}}),
        "/api/v1/openapi.json": _get(
            "Cette description", [], {"application/json": {"type": "object"}}
        ),
        "/api/v1/recherche": _get(
            "Trouver un territoire par son nom",
            [_parameter("q", "nom, code ou numéro", {"type": "string", "minLength": 1})],
            {"application/json": {"type": "object", "required": ["resultats", "message"]}},
        ),
        "/api/v1/textes": _get(
            "Chercher dans les textes des territoires",
            [
                _parameter("q", "mots cherchés", {"type": "string", "maxLength": MAX_TYPED}),
                *(
                    _list(facet, f"garder {facet}", {"enum": list(known)})
                    for facet, known in facet_options().items()
                ),
                _parameter(
                    "limite",
                    "textes au plus",
                    {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT_OF_TEXTS},
                ),
            ],
            {"application/json": {"type": "object", "required": ["textes", "facettes"]}},
        ),
        "/api/v1/sql": _get(
            "Poser une question en SQL, en lecture seule",
            [
                _parameter(
                    "q",
                    "requête",
                    {"type": "string", "minLength": 1, "maxLength": MAX_CHARACTERS},
                    required=True,
                ),
                _parameter("format", "format", {"enum": list(SQL_TYPES)}),
            ],
            _contents(SQL_TYPES),
        ),
        "/api/v1/package.zip": _get(
            "Toutes les tables du format, en un paquet", [_version()], _binary("application/zip")
        ),
        "/api/v1/fiches/{cle}.pdf": _get(
            "Fiche d’un territoire à imprimer",
            [_in_path("cle", "territoire (niveau-code)", _KEY)],
            _binary("application/pdf"),
        ),
        "/api/v1/geo/{niveau}.geojson": _get(
            "Contours d’affichage (outre-mer rapproché)",
            [_in_path("niveau", "niveau", {"enum": list(LEVELS)})],
            {"application/geo+json": {"type": "object"}},
        ),
        "/api/v1/comparaison.{format}": _get(
            "Territoires côte à côte",
            [
                _in_path("format", "format", {"enum": list(COMPARISON_TYPES)}),
                _list("t", f"2 à {MAX_COMPARED} territoires", _KEY, required=True),
                _list("doc", "documents à montrer", {"type": "string", "minLength": 1}),
                _parameter("montrer", "lignes à montrer", {"enum": list(ROW_FILTERS)}),
                _list("rubrique", "rubriques", {"enum": list(SECTIONS)}),
                _parameter(
                    "famille",
                    "sorte de documents ; par défaut, celle que la plupart ont",
                    {"enum": [*vocabulary_codes("familles_strategie"), ANY_FAMILY]},
                ),
                _parameter(
                    "nommes", "axes nommés par le document seulement (oui par défaut)", _YES_NO
                ),
            ],
            _contents(COMPARISON_TYPES),
        ),
        "/api/v1/pairs.{format}": _get(
            "Pairs d’un territoire",
            [
                _in_path("format", "format", {"enum": list(exports.MEDIA_TYPES)}),
                _parameter("t", "territoire", _KEY, required=True),
                _parameter("maniere", "façon de les trouver", {"enum": list(WEIGHTING_METHODS)}),
                _parameter(
                    "nombre", "pairs au plus", {"enum": [str(n) for n in range(1, MAX_PEERS + 1)]}
                ),
                _parameter(
                    "nommes", "axes nommés par le document seulement (non par défaut)", _YES_NO
                ),
                _parameter("region", "où les chercher", {"enum": list(REGION_CHOICES)}),
                _list("poids", "variable:poids", {"type": "string", "minLength": 1}),
                _list("avec", "territoires de sa propre liste", _KEY),
            ],
            _contents(exports.MEDIA_TYPES),
        ),
    }
    for name, table in tables().items():
        asked = _table_parameters(table)
        formats = {
            extension: media
            for extension, media in MEDIA_TYPES.items()
            if extension not in geo.MEDIA_TYPES or table.located
        }
        paths[f"/api/v1/tables/{name}.{{format}}"] = _get(
            table.title,
            [_in_path("format", "format", {"enum": list(formats)}), *asked],
            _contents(formats) | {"application/json": {"$ref": f"#/components/schemas/{name}"}},
        )
        paths[f"/api/v1/tables/{name}.csv{SUFFIX}"] = _get(
            f"{table.title} : description du CSV (CSVW)", asked, {CSVW: {"type": "object"}}
        )
        paths[f"/api/v1/schemas/{name}.json"] = _get(
            f"{table.title} : dictionnaire", [_version()], {"application/json": {"type": "object"}}
        )
    return paths


def _get(title: str, parameters: list[dict], contents: Mapping[str, dict]) -> dict:
    content = {media.split(";")[0]: {"schema": schema} for media, schema in contents.items()}
    refused = {"application/json": {"schema": ERROR}}
    responses = {
        "200": {"description": "La réponse.", "content": content},
        "default": {"description": "Pourquoi il n’y en a pas.", "content": refused},
    }
    if any(parameter["name"] == "_version" for parameter in parameters):
        replaced = "Cette version a été remplacée ; le message dit où lire ses faits."
        responses["410"] = {"description": replaced, "content": refused}
    return {"get": {"summary": title, "parameters": parameters, "responses": responses}}


def _contents(media_types: Mapping[str, str]) -> dict[str, dict]:
    """Describe a content per format: JSON is a JSON value, the others are files."""
    return {
        media: {} if "json" in media else {"type": "string", "format": "binary"}
        for media in media_types.values()
    }


def _binary(media: str) -> dict[str, dict]:
    return {media: {"type": "string", "format": "binary"}}


def _parameter(name: str, text: str, schema: dict, required: bool = False) -> dict:
    return {"name": name, "in": "query", "description": text, "required": required,
            "schema": schema}  # fmt: skip


def _in_path(name: str, text: str, schema: dict) -> dict:
    return {"name": name, "in": "path", "description": text, "required": True, "schema": schema}


def _list(name: str, text: str, items: dict, required: bool = False) -> dict:
    """Describe a parameter that may be repeated."""
    several = {"type": "array", "items": items, "minItems": 1}
    return _parameter(name, text, several, required) | {"style": "form", "explode": True}


def _version() -> dict:
    return _parameter(
        "_version", RESERVED_PARAMETERS["_version"], {"enum": [str(dataset_metadata()["version"])]}
    )


def _table_parameters(table: Table) -> list[dict]:
    column = {"enum": list(table.columns)}
    controls = {
        "_tri": {"enum": [*table.columns, *(f"-{name}" for name in table.columns)]},
        "_colonnes": column,
        "_limite": {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT},
        "_decalage": {"type": "integer", "minimum": 0, "maximum": MAX_LIMIT},
        "_libelles": {"enum": ["oui", "non"]},
    }
    return [
        *_filters(table.fields),
        *(_parameter(name, RESERVED_PARAMETERS[name], schema) for name, schema in controls.items()),
        _version(),
    ]


def _filters(fields: Iterable[Field]) -> list[dict]:
    """Describe the filters of columns, each with its operators."""
    described = []
    for field in fields:
        for operator in operators_for(field):
            name = (
                f"{field.name}{OPERATOR_SEPARATOR}{operator.name}" if operator.name else field.name
            )
            schema = _value(field, operator.name)
            text = f"{field.title} : {OPERATORS[operator.name].help}"
            many = operator.many and operator.name != "in"
            described.append((_list if many else _parameter)(name, text, schema))
    return described


def _value(field: Field, operator: str) -> dict:
    """Describe a value that a filter takes."""
    if operator == "isnull" or column_kind(field) == BOOLEANS:
        return {"enum": list(FLAG_WORDS)}
    if operator in ("contains", "startswith"):
        return {"type": "string", "minLength": 1}
    if field.vocabulary:
        return {"enum": list(vocabulary_codes(field.vocabulary))}
    if column_kind(field) == NUMBERS:
        named = "number" if field.type == "number" else "integer"
        return {"type": named, "minimum": -MAX_NUMBER, "maximum": MAX_NUMBER}
    return {"type": "string", "minLength": 1}


def _rows(table: Table) -> dict:
    """Describe the rows of a table in JSON; unknown is null, `_libelles=oui` adds columns."""
    kinds = {"integer": "integer", "year": "integer", "number": "number", "boolean": "boolean",
             "list": "array"}  # fmt: skip
    properties = {}
    for field in table.fields:
        described = {
            "title": field.title,
            "description": field.description,
            "type": [kinds.get(field.type, "string"), "null"],
        }
        properties[field.name] = described
    return {"type": "array", "items": {"type": "object", "properties": properties}}
