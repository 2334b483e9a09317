"""Options of a command from the parameters of a model, and back."""

import argparse
from collections.abc import Sequence

from comparisons.parameters import Parameters


def add_parameters(
    parser: argparse.ArgumentParser, model: type[Parameters], closed: Sequence[str]
) -> None:
    """Add an option for each parameter of a model but the territory, with its description.

    The values of those in `closed` are checked with the arguments, the others with the request.
    """
    for name, schema in model.model_json_schema()["properties"].items():
        if name == "t":
            continue
        settings = {"action": "append"} if schema["type"] == "array" else {}
        if name in ("poids", "avec"):
            settings = {"action": "extend", "nargs": "+"}
        if name in closed:
            settings["choices"] = schema["enum"]
        else:
            settings["metavar"] = name.upper()
        default = schema["default"]
        if isinstance(default, bool):
            default = "oui" if default else "non"
        ending = f" (par défaut : {default})" if default else ""
        parser.add_argument(f"--{name}", help=schema["description"] + ending, **settings)


def read_options(options: argparse.Namespace, model: type[Parameters]) -> dict[str, list[str]]:
    """Return the options of a command as parameters of a model, lists of values by name."""
    given = {name: getattr(options, name, None) for name in model.model_fields}
    return {
        name: value if isinstance(value, list) else [value]
        for name, value in given.items()
        if value is not None
    }
