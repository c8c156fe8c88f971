"""`/api/docs`: the OpenAPI document as a page for people, drawn from the same operations."""

from functools import cache
from typing import Any

import orjson
from flask import Blueprint, Response

from passes.web import pages
from passes.web.api_v1 import openapi
from passes.web.api_v1.blueprint import operations
from passes.web.problems import NOT_REMEMBERED, STATUS
from passes.wiring import Services

Json = dict[str, Any]


def create_blueprint(services: Services) -> Blueprint:
    """The one page."""
    blueprint = Blueprint("api_docs", __name__)

    @cache
    def document() -> Json:
        return openapi.document(operations(), services.base_url)

    @blueprint.get("/api/docs")
    def docs() -> Response:
        api = document()
        return pages.page(
            "api_docs.html",
            indexed=True,
            base=api["servers"][0]["url"],
            introduction=api["info"]["description"].replace("`", "").split("\n\n"),
            groups=_groups(api),
            problems=[
                {"code": code, "status": status, "title": title, "kept": code not in NOT_REMEMBERED}
                for code, (status, title) in STATUS.items()
            ],
        )

    return blueprint


def _groups(api: Json) -> list[Json]:
    """The operations by tag, each with what a reader wants to know."""
    groups: dict[str, list[Json]] = {tag["name"]: [] for tag in api["tags"]}
    for path, methods in api["paths"].items():
        for method, operation in methods.items():
            groups[operation["tags"][0]].append(_entry(api, method, path, operation))
    return [{"tag": tag, "entries": entries} for tag, entries in groups.items()]


def _entry(api: Json, method: str, path: str, operation: Json) -> Json:
    media = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    example = media.get("example")
    answered = next(iter(operation["responses"].items()))
    answer = answered[1].get("content", {}).get("application/json", {}).get("schema")
    text, _, scope = operation["description"].partition("\n\nScope: ")
    return {
        "id": operation["operationId"],
        "method": method.upper(),
        "path": path,
        "text": text,
        "scope": scope.rstrip("."),
        "parameters": [p for p in operation["parameters"] if p["in"] != "path"],
        "fields": _fields(api, media.get("schema")),
        "example": orjson.dumps(example, option=orjson.OPT_INDENT_2).decode() if example else None,
        "status": answered[0],
        "answer": _fields(api, answer),
        "refusals": [
            (status, response["description"].replace("`", "").split(", "))
            for status, response in list(operation["responses"].items())[1:]
        ],
    }


def _fields(api: Json, schema: Json | None) -> list[Json]:
    """The fields of an object schema: name, type, whether required, and what it says of itself."""
    if schema is None:
        return []
    schema = _resolve(api, schema)
    required = set(schema.get("required", ()))
    return [
        {"name": name, "type": _type(api, field), "required": name in required}
        for name, field in schema.get("properties", {}).items()
    ]


def _resolve(api: Json, schema: Json) -> Json:
    if "$ref" not in schema:
        return schema
    found: Json = api["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    return found


def _type(api: Json, field: Json) -> str:
    """A type in a few words: `integer`, `{amount, asset}`, `"a" or "b"`."""
    if "$ref" in field:
        target = _resolve(api, field)
        return "{" + ", ".join(target.get("properties", {})) + "}" if "properties" in target else "object"
    if "enum" in field:
        return " or ".join(f'"{value}"' for value in field["enum"])
    if "const" in field:
        return str(field["const"]).lower()
    if "anyOf" in field or "oneOf" in field:
        options = field["anyOf"] if "anyOf" in field else field["oneOf"]
        kinds = [_type(api, option) for option in options]
        return " or ".join(dict.fromkeys(kinds))
    if field.get("type") == "array":
        return f"list of {_type(api, field.get('items', {}))}"
    return str(field.get("format") or field.get("type", "any"))
