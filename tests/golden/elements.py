"""A page as a text: every element with all that it shows, without what changes at each run."""

import base64
import hashlib
import json
from collections.abc import Iterator

import numpy as np
import pandas as pd
from google.protobuf.message import Message
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Block, Node

# identities that Streamlit makes up, and addresses of files for one session
_NOT_SHOWN = {"id", "form_id", "url", "page_script_hash", "deferred_file_id", "element_id", "uuid"}
# written as rows instead
_ROWS = {"arrow_data"}
# programs of components: recorded by their fingerprint
_PROGRAMS = {"js_content", "css_content", "html_content"}


def page_text(session: AppTest) -> str:
    """Return all that a session shows, and its address."""
    lines = [f"address: {_json(dict(session.query_params))}"]
    lines += [f"EXCEPTION: {exception.message}" for exception in session.exception]
    for root in session._tree.children.values():
        lines += _node(root, 0)
    return "\n".join(lines)


def _node(node: Node, depth: int) -> Iterator[str]:
    """Return the lines of an element, and of those in it."""
    indent = "  " * depth
    yield f"{indent}{node.type}"
    if node.proto is not None:
        for name, value in _fields(node.proto):
            yield from (f"{indent}  {line}" for line in _described(name, value))
    if isinstance(value := getattr(node, "value", None), pd.DataFrame):
        yield from (f"{indent}  | {row}" for row in value.to_csv().splitlines())
    if isinstance(node, Block):
        for child in node.children.values():
            yield from _node(child, depth + 1)


def _fields(message: Message) -> Iterator[tuple[str, object]]:
    """Return what is set in a message, by name."""
    for described, value in message.ListFields():
        if described.name in _NOT_SHOWN | _ROWS:
            continue
        kind = described.message_type
        if kind is not None and kind.GetOptions().map_entry:
            yield described.name, {str(key): _value(value[key]) for key in sorted(value)}
        elif described.is_repeated:
            yield described.name, [_value(item) for item in value]
        elif described.name in _PROGRAMS:
            yield described.name, _describe_bytes(value.encode("utf-8"))
        else:
            yield described.name, _value(value)


def _value(value: object) -> object:
    if isinstance(value, Message):
        return dict(_fields(value))
    return _describe_bytes(value) if isinstance(value, bytes) else value


def _described(name: str, value: object) -> Iterator[str]:
    """Return the lines of one field: one, or those of each part of a figure."""
    if isinstance(value, str) and value.startswith(("{", "[")):
        try:
            value = _decoded(json.loads(value))
        except ValueError:
            pass
    if name == "spec" and isinstance(value, dict):
        for position, trace in enumerate(value.pop("data", [])):
            yield from (f"data.{position}.{key}: {_json(trace[key])}" for key in sorted(trace))
        for key, part in sorted(value.pop("layout", {}).items()):
            yield f"layout.{key}: {_json(part)}"
    if isinstance(value, str) and "\n" in value:
        yield from (f"{name}| {line}" for line in value.split("\n"))
    else:
        yield f"{name}: {_json(value)}"


def _decoded(value: object) -> object:
    """Return a figure with numbers where Plotly writes arrays as base64."""
    if isinstance(value, dict):
        if {"dtype", "bdata"} <= set(value):
            return np.frombuffer(base64.b64decode(value["bdata"]), value["dtype"]).tolist()
        return {key: _decoded(part) for key, part in value.items()}
    return [_decoded(part) for part in value] if isinstance(value, list) else value


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _describe_bytes(content: bytes) -> str:
    return f"<{len(content)} bytes, {hashlib.sha256(content).hexdigest()[:16]}>"
