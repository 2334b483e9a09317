"""What the OpenAPI document of the API says of a request, read by rules of its own."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress

from jsonschema import Draft202012Validator


class ApiDescription:
    """An OpenAPI document: does it allow a request, and what may the answer be?"""

    def __init__(self, document: Mapping) -> None:
        """Read a document."""
        self.document = document
        self.paths: Mapping[str, Mapping] = document["paths"]

    def parameters(self, path: str, method: str = "get") -> dict[str, dict]:
        """Return the parameters of an address by name."""
        described = self.paths[path][method].get("parameters", ())
        return {each["name"]: each for each in map(self.resolve, described)}

    def resolve(self, value: Mapping) -> Mapping:
        """Return what a reference stands for; what is not one, as it is."""
        if "$ref" not in value:
            return value
        target = self.document
        for name in value["$ref"].removeprefix("#/").split("/"):
            target = target[name]
        return target

    def allows(self, path: str, query: Mapping[str, Sequence[str]], **in_path: str) -> bool:
        """Return whether an address may have these parameters."""
        parameters = self.parameters(path)
        required = {name for name, each in parameters.items() if each.get("required")}
        return required <= {*query, *in_path} and all(
            self._allows_one(parameters, name, texts)
            for name, texts in [*query.items(), *((key, [text]) for key, text in in_path.items())]
        )

    def _allows_one(self, parameters: Mapping, name: str, texts: Sequence[str]) -> bool:
        others = [each for each in parameters.values() if "propertyNames" in each["schema"]]
        if name in parameters and parameters[name] not in others:
            exploded = parameters[name].get("explode", True)
            texts = texts if exploded else [part for text in texts for part in text.split(",")]
            schema = parameters[name]["schema"]
            return any(self.is_valid(value, schema) for value in readings(texts))
        return any(
            self.is_valid({name: value}, other["schema"])
            for other in others
            for value in readings(texts)
        )

    def is_valid(self, value: object, schema: Mapping) -> bool:
        """Return whether a value follows a schema of the document."""
        whole = {"components": self.document["components"], "allOf": [schema]}
        checker = Draft202012Validator.FORMAT_CHECKER
        return Draft202012Validator(whole, format_checker=checker).is_valid(value)


def readings(texts: Sequence[str]) -> Iterator[object]:
    """Give what texts of an address can stand for: one value or a list, of texts or numbers."""
    for values in (list(texts), list(map(_read_number, texts))):
        yield values
        if len(values) == 1:
            yield values[0]


def _read_number(text: str) -> object:
    with suppress(ValueError):
        number = json.loads(text)
        if isinstance(number, int | float) and not isinstance(number, bool):
            return number
    return text
