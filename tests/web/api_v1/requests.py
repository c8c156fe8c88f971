"""A well-formed request for every operation, so that a rule for all of them is tested on all of them."""

import re
from typing import Any

from passes.web.api_v1.blueprint import operations
from passes.web.api_v1.examples import EXAMPLES
from passes.web.api_v1.operation import Operation
from tests.fixtures.api import Answer, Client, Shop, eur

Json = dict[str, Any]

ALL = operations()
NEEDS_APPROVAL = {"call": "issue", "within": "transaction", "amount": eur(50_000_000), "action": "approve"}
"""A limit that nothing but what asks for an approval comes near."""

WITH_ID = [operation for operation in ALL if "<id>" in operation.path]
LISTS = [operation for operation in ALL if operation.reads and operation.name.startswith("list_")]


def name_of(operation: Operation) -> str:
    """What a test of one operation is called."""
    return operation.name


def body_of(operation: Operation) -> Any:
    """A body that passes validation."""
    return EXAMPLES.get(operation.name, {})


def path_of(operation: Operation, thing_id: str) -> str:
    """The operation's address about the thing with `thing_id`, and of a program its first version."""
    return operation.path.replace("<id>", thing_id).replace("<version>", "1")


def call(client: Client, operation: Operation, thing_id: str = "x", body: Any = None) -> Answer:
    """The operation with a fresh key, about the thing with `thing_id`."""
    path = path_of(operation, thing_id)
    if operation.reads:
        return client.get(path)
    sent = body_of(operation) if body is None else body
    if operation.method == "POST":
        return client.post(path, sent)
    return client.request(operation.method, path, body=sent)


def thing_for(shop: Shop, operation: Operation) -> str:
    """The id of a thing of the merchant's that the operation is about."""
    room = operation.path.split("/")[1]
    if room == "programs":
        return shop.program("stamp")
    if room == "locations":
        return shop.location()
    made = _moved(shop, room) or _example(shop, room)
    if operation.path.endswith(".pkpasses"):
        shop.card(member_id=made["id"])
    return str(made["id"])


def _moved(shop: Shop, room: str) -> Any:
    if room == "cards":
        return shop.card()
    if room == "stamps":
        return shop.till.post("/stamps", {"card_id": shop.card()["id"], "count": 1}).ok()
    if room in ("redemptions", "holds"):
        pay = {"card_id": shop.gift(5000)["id"], "amount": eur(4000)}
        return shop.till.post(f"/{room}", pay).ok()
    if room == "baskets":
        used = [{"card_id": shop.gift(5000)["id"]}]
        return shop.till.post("/baskets", {"mode": "all", "order_total": eur(4000), "instruments": used}).ok()
    if room == "approvals":
        shop.manager.post("/limits", NEEDS_APPROVAL).ok()
        issue = {"program_id": shop.program("gift"), "amount": eur(60_000_000)}
        return {"id": shop.till.post("/cards", issue)["approval_id"]}
    return None


def _example(shop: Shop, room: str) -> Answer:
    return shop.everything.post(f"/{room}", EXAMPLES[f"create_{room.removesuffix('s')}"]).ok()


def without_ids(answer: Answer) -> tuple[int, Any]:
    """What an answer says apart from which thing it is about."""
    text = re.sub(rb'"(card|txn|hold|prog|mem|loc|camp|mer|lim|appr)_[0-9a-z]+"', b'"ID"', answer.raw)
    return answer.status, text
