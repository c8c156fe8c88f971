"""The OpenAPI 3.1 document, written from the operations themselves."""

import re
from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from passes import __version__
from passes.web.api_v1.examples import EXAMPLES
from passes.web.api_v1.operation import JSON, Nothing, Operation
from passes.web.problems import CONTENT_TYPE, NOT_REMEMBERED, STATUS

Json = dict[str, Any]
_ALWAYS = ("unauthenticated", "scope_missing", "invalid_request", "rate_limited", "busy")

_DESCRIPTION = """Stempel keeps stamp cards, coupons, gift cards and points cards in Apple Wallet
and Google Wallet.

Send `Authorization: Bearer KEY`. Amounts are integers of an asset: currencies in minor units, or `STAMP`,
`POINT`, `USE`, `REWARD`. Times are RFC 3339 in UTC. Every POST that moves value needs an `Idempotency-Key`;
the same key with the same request answers the same bytes for ever, with `Idempotent-Replayed: true`."""


def document(operations: Sequence[Operation], base_url: str) -> Json:
    """The whole document."""
    models = _models(operations)
    refs, definitions = models_json_schema(
        [(model, mode) for model, mode in models], ref_template="#/components/schemas/{model}"
    )
    paths: Json = {}
    for operation in operations:
        path = re.sub(r"<([a-z_]+)>", r"{\1}", operation.path)
        paths.setdefault(path, {})[operation.method.lower()] = _operation(operation, refs)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Stempel", "version": __version__, "description": _DESCRIPTION},
        "servers": [{"url": f"{base_url}/api/v1"}],
        "security": [{"key": []}],
        "tags": [{"name": tag} for tag in dict.fromkeys(o.tag for o in operations)],
        "paths": paths,
        "components": {
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
            "schemas": {**definitions.get("$defs", {}), "Problem": _PROBLEM},
        },
    }


_PROBLEM: Json = {
    "type": "object",
    "description": "Why a request was refused (RFC 9457).",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string", "enum": sorted(STATUS)},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "message"],
                "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
            },
        },
        "available": {"$ref": "#/components/schemas/AmountAnswer"},
        "refundable": {"$ref": "#/components/schemas/AmountAnswer"},
        "state": {"type": "string"},
        "hold_status": {"type": "string"},
        "limit": {"type": "string"},
        "limit_id": {"type": "string"},
        "approval_id": {"type": "string"},
        "reason": {"type": "string"},
        "instrument": {"type": "integer", "minimum": 0},
        "line": {"type": "integer", "minimum": 0},
    },
}
_REPLAYED: Json = {
    "Idempotent-Replayed": {
        "description": "`true` when this is the repeat of an earlier answer.",
        "schema": {"type": "string", "enum": ["true"]},
    }
}


_KEY: Json = {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[ -~]+$"}
_KEY_OR_NONE: Json = {"type": "string", "maxLength": 255, "pattern": "^[ -~]*$"}
"""Where no key is needed an empty one is none."""


def _models(operations: Sequence[Operation]) -> list[tuple[type[BaseModel], Any]]:
    found: dict[tuple[type[BaseModel], str], None] = {}
    for operation in operations:
        if operation.takes is not Nothing and not operation.reads:
            found[(operation.takes, "validation")] = None
        if operation.answers is not None:
            found[(operation.answers, "serialization")] = None
    return list(found)


def _operation(operation: Operation, refs: Any) -> Json:
    text = (operation.handler.__doc__ or "").strip()
    described: Json = {
        "operationId": operation.name,
        "tags": [operation.tag],
        "summary": text.split(".")[0].split(";")[0],
        "description": f"{text}\n\nScope: {' or '.join(operation.scopes)}.",
        "parameters": _parameters(operation),
        "responses": _responses(operation, refs),
    }
    if operation.takes is not Nothing and not operation.reads:
        media: Json = {"schema": refs[(operation.takes, "validation")]}
        if operation.name in EXAMPLES:
            media["example"] = EXAMPLES[operation.name]
        described["requestBody"] = {"required": not operation.may_be_empty, "content": {JSON: media}}
    return described


def _parameters(operation: Operation) -> list[Json]:
    found: list[Json] = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"<([a-z_]+)>", operation.path)
    ]
    if operation.key != "none":
        found.append(
            {
                "name": "Idempotency-Key",
                "in": "header",
                "required": operation.key == "required",
                "description": "1 to 255 printable ASCII characters; a UUID does well.",
                "schema": _KEY if operation.key == "required" else _KEY_OR_NONE,
            }
        )
    if operation.reads and operation.takes is not Nothing:
        properties = operation.takes.model_json_schema()["properties"]
        found += [_query_parameter(name, schema) for name, schema in properties.items()]
    return found


def _query_parameter(name: str, schema: Json) -> Json:
    """A parameter is given or not; it is never null."""
    given = [option for option in schema.get("anyOf", []) if option.get("type") != "null"]
    plain = (
        given[0] if len(given) == 1 else {k: v for k, v in schema.items() if k not in ("title", "default")}
    )
    return {"name": name, "in": "query", "required": False, "schema": plain}


def _responses(operation: Operation, refs: Any) -> Json:
    answered: Json = {"description": "Done."}
    if operation.answers is not None:
        answered["content"] = {JSON: {"schema": refs[(operation.answers, "serialization")]}}
    elif operation.media_type != JSON:
        answered["content"] = {operation.media_type: {"schema": {"type": "string", "format": "binary"}}}
    if operation.key != "none":
        answered["headers"] = _REPLAYED
    by_status: dict[int, list[str]] = {}
    for code in dict.fromkeys((*_ALWAYS, *_key_codes(operation), *operation.codes)):
        by_status.setdefault(STATUS[code][0], []).append(code)
    problems = {
        str(status): _problem_response(status, codes, is_keyed=operation.key != "none")
        for status, codes in sorted(by_status.items())
    }
    return {str(operation.status): answered, **problems}


def _key_codes(operation: Operation) -> tuple[str, ...]:
    takes_body = operation.takes is not Nothing and not operation.reads
    codes = ("malformed_json", "too_large") if takes_body else ()
    if operation.key == "none":
        return codes
    required = ("idempotency_key_required",) if operation.key == "required" else ()
    return (*codes, *required, "idempotency_key_in_use", "idempotency_key_reused")


def _problem_response(status: int, codes: Sequence[str], *, is_keyed: bool) -> Json:
    response: Json = {
        "description": ", ".join(f"`{code}`" for code in codes),
        "content": {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    if is_keyed and not NOT_REMEMBERED.issuperset(codes):
        response["headers"] = _REPLAYED
    if status in (429, 503):
        response["headers"] = {
            "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}}
        }
    return response
