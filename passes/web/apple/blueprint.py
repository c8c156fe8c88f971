"""The routes under `/apple`, which phones append to the `webServiceURL` of a pass.

Some clients join addresses with a slash too many or end them with one; both are served rather than
redirected, because a phone does not follow a redirect with a body.
"""

from collections.abc import Callable
from functools import partial

from flask import Blueprint, Response, request
from werkzeug.exceptions import RequestEntityTooLarge

from passes.errors import Busy
from passes.web.apple import device_log, devices, fetch
from passes.web.apple.answers import too_large, unauthenticated, unavailable
from passes.web.apple.requests import MAX_BODY_BYTES, shows_token
from passes.web.apple.services import AppleServices

PREFIX = "/apple"
_REGISTRATIONS = "devices/<device_id>/registrations/<pass_type>"
_BUSY_RETRY_S = 5


def create_blueprint(services: AppleServices) -> Blueprint:
    """Apple's five endpoints on `services`, ready to be registered by an application."""
    blueprint = Blueprint("apple", __name__)
    registration = f"{_REGISTRATIONS}/<serial>"
    guard = partial(_authenticated, services)
    _route(blueprint, "register", "POST", registration, guard(devices.register))
    _route(blueprint, "unregister", "DELETE", registration, guard(devices.unregister))
    _route(blueprint, "updated", "GET", _REGISTRATIONS, partial(devices.updated, services))
    _route(blueprint, "fetch", "GET", "passes/<pass_type>/<serial>", guard(fetch.fetch))
    _route(blueprint, "log", "POST", "log", partial(device_log.write, services))
    blueprint.register_error_handler(Busy, _busy)
    blueprint.register_error_handler(RequestEntityTooLarge, _too_large)
    return blueprint


def _route(blueprint: Blueprint, name: str, method: str, path: str, view: Callable[..., Response]) -> None:
    for slashes in ("/", "//"):
        blueprint.add_url_rule(
            f"{PREFIX}{slashes}v1/{path}",
            endpoint=name,
            view_func=view,
            methods=[method],
            strict_slashes=False,
            merge_slashes=False,
        )


def _authenticated(services: AppleServices, view: Callable[..., Response]) -> Callable[..., Response]:
    """`view`, for requests that carry the token of the pass they are about."""

    def guarded(pass_type: str, serial: str, **rest: str) -> Response:
        if not shows_token(request, services.token_key, pass_type, serial):
            return unauthenticated()
        return view(services, pass_type=pass_type, serial=serial, **rest)

    return guarded


def _busy(error: Busy) -> Response:
    return unavailable(str(error), _BUSY_RETRY_S)


def _too_large(error: RequestEntityTooLarge) -> Response:
    return too_large(MAX_BODY_BYTES)
