"""Google's error bodies, which differ in shape from kind to kind."""

from typing import Any

Answer = tuple[int, dict[str, Any]]


def error(status: int, reason: str, message: str, domain: str = "walletobjects") -> Answer:
    """The shape most errors have: no `status` key beside the code."""
    details = [{"message": message, "domain": domain, "reason": reason}]
    return status, {"error": {"code": status, "message": message, "errors": details}}


def invalid(message: str) -> Answer:
    """A resource that is well-formed and wrong."""
    return error(400, "invalidResource", message)


def malformed(faults: list[str]) -> Answer:
    """JSON that is not of Google's schema."""
    violations = [{"description": fault} for fault in faults]
    status, body = error(400, "invalid", f"Invalid JSON payload received. {faults[0]}", "global")
    body["error"] |= {"status": "INVALID_ARGUMENT", "details": [{"fieldViolations": violations}]}
    return status, body


def missing(resource_id: str) -> Answer:
    """A class or object that was never inserted."""
    return error(404, "resourceNotFound", f"Resource {resource_id} was not found.")


def unauthenticated() -> Answer:
    """No token, or one that is not ours or has ended."""
    return error(401, "required", "Request is missing required authentication credential.", "global")


def denied(message: str) -> Answer:
    """An issuer this service account has no business with."""
    return error(403, "permissionDenied", message)
