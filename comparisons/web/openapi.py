"""OpenAPI 3.1 description of the API, built from the dictionaries of the tables.

There is one path per table, since each has its own filters: a column, or a column and an operator.
"""

from collections.abc import Iterable, Mapping

from comparisons.analysis.comparison.cells import SECTIONS
from comparisons.database.connection import dataset_metadata
from comparisons.database.sandbox.limits import MAX_CHARACTERS
from comparisons.exports import geo, table_writers
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
from comparisons.search.query_parser import MAX_QUERY_LENGTH
from comparisons.search.search import facet_options
from comparisons.web.texts_api import MAX_LIMIT as MAX_LIMIT_OF_TEXTS

_ERROR = {"$ref": "#/components/schemas/Erreur"}
_YES_NO = {"enum": ["oui", "non"]}
_KEY = {"type": "string", "pattern": "^(region|departement|epci|commune)-[0-9AB]{2,9}$"}


def document(site: str) -> dict:
    """Return the OpenAPI document of a site, as a dictionary."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Stratoscope",
            "version": str(dataset_metadata()["version"]),
            "description": "Les stratégies numériques des territoires français : tables, "
            "comparaisons, pairs. " + table_writers.citation_sentence(),
            "license": {"name": table_writers.LICENCE, "identifier": "etalab-2.0"},
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
                **{name: _rows_schema(table) for name, table in tables().items()},
            }
        },
    }


def _paths() -> dict:
    paths = {
        "/healthz": _get_operation(
            "Le site répond-il ?", [], {"application/json": {"type": "object"}}
        ),
        "/api/v1/": _get_operation(
            "Ce qui peut être lu", [], {"application/json": {"type": "object"}}
        ),
        "/api/v1/openapi.json": _get_operation(
            "Cette description", [], {"application/json": {"type": "object"}}
        ),
        "/api/v1/recherche": _get_operation(
            "Trouver un territoire par son nom",
            [_query_parameter("q", "nom, code ou numéro", {"type": "string", "minLength": 1})],
            {"application/json": {"type": "object", "required": ["resultats", "message"]}},
        ),
        "/api/v1/textes": _get_operation(
            "Chercher dans les textes des territoires",
            [
                _query_parameter(
                    "q", "mots cherchés", {"type": "string", "maxLength": MAX_QUERY_LENGTH}
                ),
                *(
                    _list_parameter(facet, f"garder {facet}", {"enum": list(codes)})
                    for facet, codes in facet_options().items()
                ),
                _query_parameter(
                    "limite",
                    "textes au plus",
                    {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT_OF_TEXTS},
                ),
            ],
            {"application/json": {"type": "object", "required": ["textes", "facettes"]}},
        ),
        "/api/v1/sql": _get_operation(
            "Poser une question en SQL, en lecture seule",
            [
                _query_parameter(
                    "q",
                    "requête",
                    {"type": "string", "minLength": 1, "maxLength": MAX_CHARACTERS},
                    required=True,
                ),
                _query_parameter("format", "format", {"enum": list(SQL_TYPES)}),
            ],
            _file_contents(SQL_TYPES),
        ),
        "/api/v1/package.zip": _get_operation(
            "Toutes les tables du format, en un paquet",
            [_version_parameter()],
            _binary_content("application/zip"),
        ),
        "/api/v1/fiches/{cle}.pdf": _get_operation(
            "Fiche d’un territoire à imprimer",
            [_path_parameter("cle", "territoire (niveau-code)", _KEY)],
            _binary_content("application/pdf"),
        ),
        "/api/v1/geo/{niveau}.geojson": _get_operation(
            "Contours d’affichage (outre-mer rapproché)",
            [_path_parameter("niveau", "niveau", {"enum": list(LEVELS)})],
            {"application/geo+json": {"type": "object"}},
        ),
        "/api/v1/comparaison.{format}": _get_operation(
            "Territoires côte à côte",
            [
                _path_parameter("format", "format", {"enum": list(COMPARISON_TYPES)}),
                _list_parameter("t", f"2 à {MAX_COMPARED} territoires", _KEY, required=True),
                _list_parameter("doc", "documents à montrer", {"type": "string", "minLength": 1}),
                _query_parameter("montrer", "lignes à montrer", {"enum": list(ROW_FILTERS)}),
                _list_parameter("rubrique", "rubriques", {"enum": list(SECTIONS)}),
                _query_parameter(
                    "famille",
                    "sorte de documents ; par défaut, celle que la plupart ont",
                    {"enum": [*vocabulary_codes("familles_strategie"), ANY_FAMILY]},
                ),
                _query_parameter(
                    "nommes", "axes nommés par le document seulement (oui par défaut)", _YES_NO
                ),
            ],
            _file_contents(COMPARISON_TYPES),
        ),
        "/api/v1/pairs.{format}": _get_operation(
            "Pairs d’un territoire",
            [
                _path_parameter("format", "format", {"enum": list(table_writers.MEDIA_TYPES)}),
                _query_parameter("t", "territoire", _KEY, required=True),
                _query_parameter(
                    "maniere", "façon de les trouver", {"enum": list(WEIGHTING_METHODS)}
                ),
                _query_parameter(
                    "nombre", "pairs au plus", {"enum": [str(n) for n in range(1, MAX_PEERS + 1)]}
                ),
                _query_parameter(
                    "nommes", "axes nommés par le document seulement (non par défaut)", _YES_NO
                ),
                _query_parameter("region", "où les chercher", {"enum": list(REGION_CHOICES)}),
                _list_parameter("poids", "variable:poids", {"type": "string", "minLength": 1}),
                _list_parameter("avec", "territoires de sa propre liste", _KEY),
            ],
            _file_contents(table_writers.MEDIA_TYPES),
        ),
    }
    for name, table in tables().items():
        parameters = _table_parameters(table)
        formats = {
            extension: media
            for extension, media in MEDIA_TYPES.items()
            if extension not in geo.MEDIA_TYPES or table.located
        }
        paths[f"/api/v1/tables/{name}.{{format}}"] = _get_operation(
            table.title,
            [_path_parameter("format", "format", {"enum": list(formats)}), *parameters],
            _file_contents(formats)
            | {"application/json": {"$ref": f"#/components/schemas/{name}"}},
        )
        paths[f"/api/v1/schemas/{name}.json"] = _get_operation(
            f"{table.title} : dictionnaire",
            [_version_parameter()],
            {"application/json": {"type": "object"}},
        )
    return paths


def _get_operation(title: str, parameters: list[dict], contents: Mapping[str, dict]) -> dict:
    content = {media.split(";")[0]: {"schema": schema} for media, schema in contents.items()}
    error_content = {"application/json": {"schema": _ERROR}}
    responses = {
        "200": {"description": "La réponse.", "content": content},
        "default": {"description": "Pourquoi il n’y en a pas.", "content": error_content},
    }
    if any(parameter["name"] == "_version" for parameter in parameters):
        replaced_message = "Cette version a été remplacée ; le message dit où lire ses faits."
        responses["410"] = {"description": replaced_message, "content": error_content}
    return {"get": {"summary": title, "parameters": parameters, "responses": responses}}


def _file_contents(media_types: Mapping[str, str]) -> dict[str, dict]:
    """Return a content by media type: any JSON value, or a binary file."""
    return {
        media: {} if "json" in media else {"type": "string", "format": "binary"}
        for media in media_types.values()
    }


def _binary_content(media: str) -> dict[str, dict]:
    return {media: {"type": "string", "format": "binary"}}


def _query_parameter(name: str, text: str, schema: dict, required: bool = False) -> dict:
    return {"name": name, "in": "query", "description": text, "required": required,
            "schema": schema}  # fmt: skip


def _path_parameter(name: str, text: str, schema: dict) -> dict:
    return {"name": name, "in": "path", "description": text, "required": True, "schema": schema}


def _list_parameter(name: str, text: str, items: dict, required: bool = False) -> dict:
    """Return a query parameter that may be repeated."""
    schema = {"type": "array", "items": items, "minItems": 1}
    return _query_parameter(name, text, schema, required) | {"style": "form", "explode": True}


def _version_parameter() -> dict:
    return _query_parameter(
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
        *_filter_parameters(table.fields),
        *(
            _query_parameter(name, RESERVED_PARAMETERS[name], schema)
            for name, schema in controls.items()
        ),
        _version_parameter(),
    ]


def _filter_parameters(fields: Iterable[Field]) -> list[dict]:
    """Return the query parameters that filter columns, one per operator."""
    parameters = []
    for field in fields:
        for operator in operators_for(field):
            name = (
                f"{field.name}{OPERATOR_SEPARATOR}{operator.name}" if operator.name else field.name
            )
            schema = _value_schema(field, operator.name)
            text = f"{field.title} : {OPERATORS[operator.name].help}"
            repeated = operator.many and operator.name != "in"
            parameters.append(
                (_list_parameter if repeated else _query_parameter)(name, text, schema)
            )
    return parameters


def _value_schema(field: Field, operator: str) -> dict:
    """Return the JSON Schema of a value that a filter takes."""
    if operator == "isnull" or column_kind(field) == BOOLEANS:
        return {"enum": list(FLAG_WORDS)}
    if operator in ("contains", "startswith"):
        return {"type": "string", "minLength": 1}
    if field.vocabulary:
        return {"enum": list(vocabulary_codes(field.vocabulary))}
    if column_kind(field) == NUMBERS:
        type_name = "number" if field.type == "number" else "integer"
        return {"type": type_name, "minimum": -MAX_NUMBER, "maximum": MAX_NUMBER}
    return {"type": "string", "minLength": 1}


def _rows_schema(table: Table) -> dict:
    """Return the JSON Schema of the rows of a table; unknown values are null."""
    json_types = {"integer": "integer", "year": "integer", "number": "number", "boolean": "boolean",
             "list": "array"}  # fmt: skip
    properties = {}
    for field in table.fields:
        field_schema = {
            "title": field.title,
            "description": field.description,
            "type": [json_types.get(field.type, "string"), "null"],
        }
        properties[field.name] = field_schema
    return {"type": "array", "items": {"type": "object", "properties": properties}}
