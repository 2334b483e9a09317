"""OpenAPI description of the API: what FastAPI cannot know from the routes.

There is one path per table, since each has its own filters: a column, or a column and an operator.
"""

from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy

from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from starlette.routing import BaseRoute

from comparisons.database.connection import dataset_metadata
from comparisons.exports import geo, table_writers
from comparisons.parameters import Parameters
from comparisons.queries.filters import (
    BOOLEANS,
    FLAG_WORDS,
    MAX_NUMBER,
    NUMBERS,
    OPERATOR_SEPARATOR,
    column_kind,
    operators_for,
)
from comparisons.schema.model import Field, Table, vocabulary_codes
from comparisons.schema.registry import tables
from comparisons.search.search import facet_options

_JSON_TYPES = {"year": "integer", "list": "array"}


class ErrorMessage(BaseModel):
    """Why there is no answer, in French."""

    erreur: str


ERRORS = {"default": {"model": ErrorMessage, "description": "Pourquoi il n’y en a pas."}}
REPLACED = {
    410: {
        "model": ErrorMessage,
        "description": "Cette version a été remplacée ; le message dit où lire ses faits.",
    }
}


def file_responses(media_types: Iterable[str]) -> dict:
    """Return the description of an answer that is a file: any JSON value, or bytes."""
    content = {
        media.split(";")[0]: {}
        if "json" in media
        else {"schema": {"type": "string", "format": "binary"}}
        for media in media_types
    }
    return {200: {"content": content}}


def query_parameters(model: type[Parameters], required: Sequence[str] = ()) -> dict:
    """Return the description of the parameters of a model."""
    parameters = []
    for name, schema in model.model_json_schema()["properties"].items():
        rules = {key: value for key, value in schema.items() if key not in ("title", "description")}
        if not rules.get("default"):
            rules.pop("default", None)
        parameters.append(_query_parameter(name, schema["description"], rules, name in required))
    return {"parameters": parameters}


def document(routes: Sequence[BaseRoute], site: str) -> dict:
    """Return the OpenAPI document of the routes of a site, as a dictionary."""
    content = get_openapi(
        title="Stratoscope",
        version=str(dataset_metadata()["version"]),
        description="Les stratégies numériques des territoires français : tables, comparaisons, "
        "pairs. " + table_writers.citation_sentence(),
        license_info={"name": table_writers.LICENCE, "identifier": "etalab-2.0"},
        # relative to the server when nobody named its address
        servers=[{"url": site.rstrip("/") or "/"}],
        routes=routes,
    )
    paths = content["paths"]
    for operations in paths.values():
        del operations["get"]["description"]  # the docstring, in English
        operations["get"]["responses"]["200"]["description"] = "La réponse."
    for path in [path for path in paths if "{table}" in path]:
        operation = paths.pop(path)["get"]
        for table in tables().values():
            paths[path.replace("{table}", table.name)] = {"get": _of_table(operation, table)}
    for parameter in paths["/api/v1/textes"]["get"]["parameters"]:
        if parameter["name"] in facet_options():
            parameter["schema"]["items"]["enum"] = list(facet_options()[parameter["name"]])
    content["components"]["schemas"] |= {
        table.name: _rows_schema(table) for table in tables().values()
    }
    return content


def _of_table(operation: Mapping, table: Table) -> dict:
    """Return the description of an operation on any table as that of one table."""
    operation = deepcopy(operation)
    operation["operationId"] += f"_{table.name}"
    parameters = {parameter["name"]: parameter for parameter in operation["parameters"]}
    del parameters["table"]
    if "extension" not in parameters:
        operation["summary"] = f"{table.title} : dictionnaire"
        return operation | {"parameters": list(parameters.values())}
    formats = parameters["extension"]["schema"]["enum"]
    if not table.located:
        formats[:] = [extension for extension in formats if extension not in geo.MEDIA_TYPES]
    columns = list(table.columns)
    parameters["_colonnes"]["schema"]["items"]["enum"] = columns
    parameters["_tri"]["schema"]["items"]["enum"] = [*columns, *(f"-{name}" for name in columns)]
    rows = {"schema": {"$ref": f"#/components/schemas/{table.name}"}}
    operation["responses"]["200"]["content"]["application/json"] = rows
    filters = _filter_parameters(table.fields)
    return operation | {"summary": table.title, "parameters": [*parameters.values(), *filters]}


def _query_parameter(name: str, text: str, schema: dict, required: bool = False) -> dict:
    return {
        "name": name,
        "in": "query",
        "description": text,
        "required": required,
        "schema": schema,
    }


def _filter_parameters(fields: Iterable[Field]) -> list[dict]:
    """Return the query parameters that filter columns, one per operator."""
    parameters = []
    for field in fields:
        for operator in operators_for(field):
            suffix = f"{OPERATOR_SEPARATOR}{operator.name}" if operator.name else ""
            schema = _value_schema(field, operator.name)
            if operator.many and operator.name != "in":
                schema = {"type": "array", "items": schema, "minItems": 1}
            text = f"{field.title} : {operator.help}"
            parameters.append(_query_parameter(f"{field.name}{suffix}", text, schema))
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
    properties = {
        field.name: {
            "title": field.title,
            "description": field.description,
            "type": [_JSON_TYPES.get(field.type, field.type), "null"],
        }
        for field in table.fields
    }
    return {"type": "array", "items": {"type": "object", "properties": properties}}
