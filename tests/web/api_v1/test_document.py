"""The OpenAPI document: valid, complete, and the same as what the API does."""

import re
from typing import Any

import orjson
import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from passes.web.api_v1 import openapi
from passes.web.api_v1.examples import EXAMPLES
from passes.web.api_v1.operation import Nothing, Operation
from passes.web.problems import STATUS
from tests.fixtures.api import BASE_URL, Shop, documented
from tests.fixtures.documented import Documented
from tests.web.api_v1.requests import ALL, call, name_of, thing_for

Json = dict[str, Any]
TAKING = [o for o in ALL if o.takes is not Nothing and not o.reads]
MOVING = {
    "/stamps",
    "/stamps/<id>/reverse",
    "/loads",
    "/redemptions",
    "/redemptions/<id>/refund",
    "/adjustments",
    "/reversals",
    "/holds",
    "/holds/<id>/capture",
    "/holds/<id>/void",
    "/baskets",
    "/baskets/<id>/refund",
    "/cards",
    "/cards/<id>/replace",
}


@pytest.fixture(scope="module")
def document() -> Json:
    """The document as a client reads it."""
    whole: Json = documented().document
    return whole


def entry(document: Json, operation: Operation) -> Json:
    path = re.sub(r"<([a-z]+)>", r"{\1}", operation.path)
    found: Json = document["paths"][path][operation.method.lower()]
    return found


def test_the_document_is_valid_openapi(document: Json) -> None:
    assert document["openapi"].startswith("3.1")
    assert list(OpenAPIV31SpecValidator(document).iter_errors()) == []


def test_the_document_is_served_without_a_key_and_says_where_it_is_served(shop: Shop) -> None:
    response = shop.app.test_client().get("/api/v1/openapi.json")
    assert (response.status_code, response.content_type) == (200, "application/json")
    assert response.get_json()["servers"] == [{"url": f"{BASE_URL}/api/v1"}]
    assert response.get_json()["paths"].keys() == documented().document["paths"].keys()


def test_the_human_pages_are_served_without_a_key(shop: Shop) -> None:
    response = shop.app.test_client().get("/api/docs")
    assert response.status_code == 200
    for operation in ALL:
        assert re.sub(r"<([a-z]+)>", r"{\1}", operation.path) in response.text


def test_every_operation_of_the_router_is_in_the_document(shop: Shop, document: Json) -> None:
    routed = {
        (method.lower(), re.sub(r"<(?:[a-z]+:)?([a-z]+)>", r"{\1}", rule.rule.removeprefix("/api/v1")))
        for rule in shop.app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1/") and rule.rule != "/api/v1/openapi.json"
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    described = {(method, path) for path, methods in document["paths"].items() for method in methods}
    assert routed == described


@pytest.mark.parametrize("operation", ALL, ids=name_of)
def test_an_operation_is_described_for_people(document: Json, operation: Operation) -> None:
    described = entry(document, operation)
    assert len(described["summary"]) > 5
    assert "Scope: " + " or ".join(operation.scopes) in described["description"]
    for code in operation.codes:
        assert f"`{code}`" in described["responses"][str(STATUS[code][0])]["description"]


@pytest.mark.parametrize("operation", TAKING, ids=name_of)
def test_every_example_is_accepted_by_its_model_and_its_schema(document: Json, operation: Operation) -> None:
    media = entry(document, operation)["requestBody"]["content"]["application/json"]
    assert media["example"] == EXAMPLES[operation.name]
    operation.takes.model_validate(media["example"])
    schema = {**media["schema"], "components": document["components"]}
    assert list(Draft202012Validator(schema).iter_errors(media["example"])) == []


def test_there_is_no_example_for_nothing() -> None:
    assert set(EXAMPLES) == {operation.name for operation in TAKING}


@pytest.mark.parametrize("operation", TAKING, ids=name_of)
def test_every_example_reaches_its_use_case(shop: Shop, operation: Operation) -> None:
    thing = thing_for(shop, operation) if "<id>" in operation.path else "x"
    answer = call(shop.everything, operation, thing)
    assert answer.code not in ("invalid_request", "malformed_json"), answer.raw


@pytest.mark.parametrize("operation", ALL, ids=name_of)
def test_a_key_is_demanded_exactly_where_value_moves(document: Json, operation: Operation) -> None:
    headers = [p for p in entry(document, operation)["parameters"] if p["in"] == "header"]
    demanded = operation.method == "POST" and operation.path in MOVING
    assert [h["required"] for h in headers if h["required"]] == ([True] if demanded else [])
    assert [h["name"] for h in headers] == (["Idempotency-Key"] if operation.method == "POST" else [])


@pytest.mark.parametrize("operation", ALL, ids=name_of)
def test_an_empty_body_is_accepted_exactly_where_the_document_says_so(
    shop: Shop, operation: Operation
) -> None:
    if operation.reads or operation.takes is Nothing:
        return
    required = entry(documented().document, operation)["requestBody"]["required"]
    answer = shop.everything.request(
        operation.method, operation.path.replace("<id>", "x"), raw=b"", key="empty"
    )
    assert (answer.code == "malformed_json") is required


def test_an_answer_the_document_does_not_know_is_noticed(document: Json) -> None:
    damaged = orjson.loads(orjson.dumps(document))
    del damaged["components"]["schemas"]["TransactionAnswer"]["properties"]["note"]
    del damaged["paths"]["/stamps"]["post"]["responses"]["409"]
    answer = {"headers": {"Content-Type": "application/problem+json"}, "body": b"{}"}
    with pytest.raises(AssertionError, match="does not know"):
        Documented(damaged).check("POST", "/stamps", 409, **answer)
    body = orjson.dumps({"note": None})
    with pytest.raises(AssertionError, match="note"):
        Documented(damaged).check("POST", "/stamps", 201, {"Content-Type": "application/json"}, body)


def test_the_document_is_written_from_the_operations(document: Json) -> None:
    without_loads = openapi.document([o for o in ALL if o.name != "load"], BASE_URL)
    assert document["paths"].keys() - without_loads["paths"].keys() == {"/loads"}
