"""OpenAPI description of the API: what FastAPI cannot know from the routes.

There is one path per table, since each has its own filters. What several share (parameters, values,
answers) is a component, described once.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy

from fastapi.openapi.utils import get_openapi
from starlette.routing import BaseRoute

from comparisons.database.connection import dataset_metadata, official_tables
from comparisons.exports import geo, table_writers
from comparisons.parameters import SEPARATED, Parameters
from comparisons.queries.filters import OPERATORS
from comparisons.queries.selection import (
    MAX_FILTERS,
    MAX_SEARCHED_TEXTS,
    MAX_SORTS,
    SOURCE_TYPE,
)
from comparisons.schema.model import Table
from comparisons.schema.registry import tables
from comparisons.search.search import facet_options
from comparisons.translation import FRENCH, translate, translate_values
from comparisons.web.openapi_filters import (
    FILTERS,
    column_parameters,
    filters_parameter,
    filters_schema,
    order_schema,
    reference,
    value_schemas,
)

_ORDER = "_tri"
# What most columns hold.
_TEXT_OR_NOTHING = frozenset({"null", "string"})
# the component of rows, of which all tables have the same, and that of those of a map
_ROWS, _LOCATED_ROWS = "lignes", "lignes_situees"
_GEO_TYPES = frozenset(geo.MEDIA_TYPES.values())
_JSON_TYPES = {"year": "integer", "list": "array"}
_NO_ANSWER: Mapping[int | str, str] = {
    304: "Le fichier n’a pas changé depuis celui que nomme « If-None-Match ».",
    400: "Demande refusée : paramètre inconnu, vide, répété ou faux ; territoire, document ou "
    "colonne qui n’existe pas ; requête SQL fautive. Le message dit comment la corriger.",
    413: "Plus que ce format, ou ce site, ne peut porter.",
    503: "Pas de réponse maintenant ; « Retry-After » dit quand redemander.",
    504: "La réponse prend trop de temps : elle est abandonnée.",
    "5XX": "Pas de réponse maintenant (503 : « Retry-After » dit quand redemander), ou trop lente "
    "et abandonnée (504).",
    "4XX": "Demande refusée : paramètre inconnu, vide, répété ou faux (400) ; table, format, "
    "territoire ou version inconnus (404) ; version remplacée (410) ; plus que ce format ne peut "
    "porter (413). Le message dit comment la corriger.",
}
# what else than 200 an address answers, by the beginning of its path; the longest one counts
_STATUSES = {
    "/": (400, 503),
    "/healthz": (503,),
    "/api/v1/": (304, "4XX", "5XX"),
    "/api/v1/openapi.json": (400, 503),
    "/api/v1/recherche": (400, 503),
    "/api/v1/sql": (304, 400, 413, 503, 504),
    "/api/v1/textes": (304, 400, 503, 504),
}
_OPERATORS_TEXT = " ; ".join(
    f"`__{operator.name}` {operator.help}" for operator in OPERATORS.values() if operator.name
)
_TAGS = [
    {
        "name": "Tables",
        "description": "Un filtre s’écrit `colonne=valeur` ou `colonne__operateur=valeur`. Les "
        "premiers ont chacun leur champ ; les autres sont les membres d’un objet, comme "
        '`{"montant__gte": "100000", "perimetre__in": "usages,priorite"}`, qui font autant de '
        f"paramètres de l’adresse ; {MAX_FILTERS} filtres au plus, et {MAX_SEARCHED_TEXTS} textes "
        f"cherchés. Opérateurs : {_OPERATORS_TEXT}.",
    }
]
_DESCRIPTION = (
    "Les stratégies numériques des territoires français : tables, comparaisons, pairs. {citation} "
    "HEAD répond partout comme GET, sans corps. Un paramètre inconnu, vide ou faux est refusé : "
    'les erreurs sont du JSON, `{{"erreur": "…"}}`. Toute autre méthode : 405.\n\n'
    "Ce qui décrit les données et ces adresses se lit en français ou, avec `lang=en`, en anglais ; "
    "les noms, les codes et les messages d’erreur restent en français : [English](docs?lang=en). "
    "À lire d’abord : [méthode](methode.md), [citation](citation.txt), [paquet](package.zip)."
)


_ERROR = "erreur"
_ERROR_SCHEMA = {
    "type": "object",
    "properties": {"erreur": {"type": "string", "description": "la raison, en français"}},
    "required": ["erreur"],
}
# keeps FastAPI from describing its own errors
ERRORS = {"default": {"description": "erreur"}}


def file_responses(media_types: Iterable[str]) -> dict:
    """Return the description of an answer that is a file, of any content."""
    return {200: {"content": {media.split(";")[0]: {} for media in media_types}}}


def any_of_parameters(models: Iterable[type[Parameters]], description: str) -> dict:
    """Return the description of parameters that are each of some model, without their values."""
    names = sorted({name for model in models for name in model.model_fields})
    schema = {
        "type": "object",
        "propertyNames": {"enum": names},
        "additionalProperties": {"type": "string"},
    }
    parameter = {"name": "parametres", "in": "query", "description": description, "schema": schema}
    return {"parameters": [parameter | {"required": False}]}


def query_parameters(model: type[Parameters], required: Sequence[str] = ()) -> dict:
    """Return the description of the parameters of a model."""
    parameters = []
    fields = {field.alias or name: field for name, field in model.model_fields.items()}
    for name, schema in model.model_json_schema()["properties"].items():
        rules = {key: value for key, value in schema.items() if key not in ("title", "description")}
        if not rules.get("default"):
            rules.pop("default", None)
        parameter = {
            "name": name,
            "in": "query",
            "description": schema["description"],
            "required": name in required,
            "schema": rules,
        }
        if SEPARATED in fields[name].metadata and "items" in rules:
            parameter |= {"explode": False, "schema": rules | {"minItems": 1}}
        parameters.append(parameter)
    return {"parameters": parameters}


def request_body(model: type[Parameters], main: str, media_types: Iterable[str]) -> dict:
    """Return the description of a body: parameters as JSON or a form, or `main` alone as a text."""
    described = query_parameters(model)["parameters"]
    schemas = {parameter["name"]: parameter["schema"] for parameter in described}
    members = {"type": "object", "required": [main], "properties": schemas}
    members |= {"additionalProperties": False}
    content = {
        media_type: {"schema": members}
        for media_type in ("application/json", "application/x-www-form-urlencoded")
    }
    content |= {media_type: {"schema": schemas[main]} for media_type in media_types}
    # what a text leaves to say is in the address
    parameters = [parameter for parameter in described if parameter["name"] != main]
    return {"requestBody": {"required": True, "content": content}, "parameters": parameters}


def document(routes: Sequence[BaseRoute], site: str, language: str = FRENCH) -> dict:
    """Return the OpenAPI document of the routes of a site, in a language, as a dictionary."""
    content = get_openapi(
        title="Stratoscope",
        version=str(dataset_metadata()["version"]),
        license_info={
            "name": translate(table_writers.LICENCE, language),
            "identifier": "etalab-2.0",
        },
        # relative to the server when nobody named its address
        servers=[{"url": site.rstrip("/") or "/"}],
        tags=_TAGS,
        routes=routes,
    )
    components = content["components"] = {
        "schemas": {
            _ERROR: _ERROR_SCHEMA,
            _ROWS: _rows_schema(),
            FILTERS: filters_schema(),
            **value_schemas(),
            **{f"{table.name}{_ORDER}": order_schema(table) for table in tables().values()},
        }
    }
    components["responses"] = {
        str(status): _no_answer(status, text) for status, text in _NO_ANSWER.items()
    }
    for path, operations in list(content["paths"].items()):
        for operation in operations.values():
            _complete(operation, _STATUSES[max(filter(path.startswith, _STATUSES), key=len)])
        if path.startswith("/api/v1/schemas/"):
            (name, *_) = operations["get"]["parameters"]
            name["schema"]["enum"] = list(tables())
        if path.startswith("/api/v1/tables/"):
            operation = content["paths"].pop(path)["get"]
            components["responses"] |= _rows_answers(operation["responses"]["200"])
            for table in tables().values():
                described = _of_table(operation, table)
                content["paths"][path.replace("{table}", table.name)] = {"get": described}
    for parameter in content["paths"]["/api/v1/textes"]["get"]["parameters"]:
        if parameter["name"] in facet_options():
            codes = list(facet_options()[parameter["name"]])
            parameter["schema"]["items"]["enum"] = codes
    components["parameters"] = _share_parameters(
        [operations["get"] for path, operations in content["paths"].items() if "/tables/" in path]
    )
    return _translated(content, language)


def _translated(content: dict, language: str) -> dict:
    """Return a document in a language, with the description that holds the citation."""
    content = translate_values(content, ("title", "summary", "description"), language)
    citation = table_writers.citation_sentence(language)
    description = translate(_DESCRIPTION, language).format(citation=citation)
    content["info"] |= {"title": "Stratoscope", "description": description}
    for path in content["paths"].values():
        for operation in path.values():
            operation["tags"] = [translate(tag, language) for tag in operation["tags"]]
    for tag in content["tags"]:
        tag["name"] = translate(tag["name"], language)
    return content


def _complete(operation: dict, statuses: Iterable[int | str]) -> None:
    """Complete the description of an operation with what it answers."""
    operation.pop("description", None)  # the docstring, in English
    answer = operation["responses"]["200"] | {"description": "La réponse."}
    operation["responses"] = {"200": answer} | {
        str(status): reference("responses", str(status)) for status in statuses
    }
    for parameter in operation.get("parameters", ()):
        for told_already in ("title", "description"):
            parameter["schema"].pop(told_already, None)
        if not parameter["required"]:
            del parameter["required"]


def _no_answer(status: int | str, text: str) -> dict:
    schema = reference("schemas", _ERROR)
    content = {"content": {"application/json": {"schema": schema}}}
    return {"description": text} | (content if status != 304 else {})


def _of_table(operation: Mapping, table: Table) -> dict:
    """Return the description of an operation on any table as that of one table."""
    operation = deepcopy(operation)
    operation["operationId"] = f"get_{table.name}"
    parameters = {parameter["name"]: parameter for parameter in operation["parameters"]}
    del parameters["table"]
    if table.name not in official_tables():
        del parameters[SOURCE_TYPE]
    if not table.located:
        formats = parameters["extension"]["schema"]["enum"]
        formats[:] = [extension for extension in formats if extension not in geo.MEDIA_TYPES]
    answer = _LOCATED_ROWS if table.located else _ROWS
    operation["responses"]["200"] = reference("responses", answer)
    order = reference("schemas", f"{table.name}{_ORDER}")
    without_sign = order | {"items": {"pattern": "^[^-]"}}
    parameters["_tri"] |= {
        "description": "ordre ; -x : décroissant",
        "explode": False,
        "schema": order | {"maxItems": MAX_SORTS},
    }
    # its name says what it is, in as many operations as there are tables
    parameters["_colonnes"].pop("description", None)
    parameters["_colonnes"] |= {"explode": False, "schema": without_sign}
    return operation | {
        "summary": table.title,
        "parameters": [
            *parameters.values(),
            *column_parameters(table),
            filters_parameter(table),
        ],
    }


def _share_parameters(operations: Iterable[Mapping]) -> dict[str, dict]:
    """Replace parameters by references where this is shorter; return those referred to by name."""
    uses = Counter(_as_text(each) for operation in operations for each in operation["parameters"])
    names: dict[str, str] = {}
    for text, count in uses.items():
        name = json.loads(text)["name"]
        if name in names.values():
            name = f"{name}_{len(names)}"
        if count * len(_as_text(reference("parameters", name))) + len(text) < count * len(text):
            names[text] = name
    for operation in operations:
        operation["parameters"][:] = [
            reference("parameters", names[text]) if (text := _as_text(each)) in names else each
            for each in operation["parameters"]
        ]
    return {name: json.loads(text) for text, name in names.items()}


def _as_text(value: Mapping) -> str:
    return json.dumps(value, ensure_ascii=False)


def _rows_answers(answer: Mapping) -> dict[str, dict]:
    """Return the answers that are rows, by name of component: of a table, of a located one."""
    content = answer["content"] | {"application/json": {"schema": reference("schemas", _ROWS)}}
    plain = {media: value for media, value in content.items() if media not in _GEO_TYPES}
    return {_ROWS: {**answer, "content": plain}, _LOCATED_ROWS: {**answer, "content": content}}


def _rows_schema() -> dict:
    """Return the JSON Schema of the rows of any table; unknown values are null.

    Columns of texts are not listed. A column of several tables is the same in all of them, or takes
    what each may hold. Those of a table are its filters, and `/api/v1/schemas/{table}.json`
    describes them.
    """
    types: dict[str, set[str]] = {}
    for field in (field for table in tables().values() for field in table.fields):
        names = types.setdefault(field.name, set())
        names.add(_JSON_TYPES.get(field.type, field.type))
        if not field.required:
            names.add("null")
    properties = {
        name: {"type": sorted(names) if len(names) > 1 else min(names)}
        for name, names in types.items()
        if not names <= _TEXT_OR_NOTHING
    }
    rows = {
        "type": "object",
        "properties": properties,
        "additionalProperties": {"type": sorted(_TEXT_OR_NOTHING)},
    }
    return {"type": "array", "items": rows}
