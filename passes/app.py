"""The web application: blueprints, error answers, headers. `create_app` is all there is to see."""

from flask import Flask, Request, Response, request, session
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFProtect
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.middleware.proxy_fix import ProxyFix

from passes.errors import Busy, Refusal
from passes.programs.bundles import MAX_ARCHIVE_BYTES
from passes.web import api_docs, apple, hardening, pages, problems
from passes.web.accidents import accident
from passes.web.api_v1.blueprint import create_blueprint as api_v1
from passes.web.api_v1.direct import direct
from passes.web.apple import AppleServices
from passes.web.console import create_blueprint as console
from passes.web.console.session import KEY as SIGNED_IN
from passes.web.enrol import create_blueprint as enrol
from passes.web.google.views import create_blueprint as google
from passes.web.ops.views import create_blueprint as ops
from passes.web.pictures.views import create_blueprint as pictures
from passes.web.problems import Problem
from passes.web.scanner import create_blueprint as scanner
from passes.wiring import Services, services_of_environment

MAX_BODY_BYTES = 16 * 1024 * 1024
MAX_FORM_BYTES = 256 * 1024
"""No form of ours takes more than a message; it is read before anybody is known."""
MAX_UPLOAD_FORM_BYTES = MAX_ARCHIVE_BYTES + MAX_FORM_BYTES
_UPLOADS = ("console.design_upload", "console.design_save")
"""Forms that bring files, for people who have signed in."""
_MACHINE_PATHS = ("/api/v1", "/apple", "/google", "/healthz", "/readyz", "/metrics")
_HTTP_CODES = {404: "not_found", 405: "method_not_allowed", 413: "too_large", 429: "rate_limited"}


class _Sessions(SecureCookieSessionInterface):
    """Sessions of people. A machine brings no cookie and gets none, and does not wait for either."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """An empty session for a request without cookies."""
        return (
            super().open_session(app, request) if "HTTP_COOKIE" in request.environ else self.session_class()
        )

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Nothing, for one that is empty and that nobody has looked into."""
        if session or session.accessed or session.modified:
            super().save_session(app, session, response)


def create_app(services: Services | None = None) -> Flask:
    """The WSGI application over `services`, which by default come from the environment."""
    services = services or services_of_environment()
    app = Flask(__name__, static_folder=None, template_folder="../templates/web")
    app.session_interface = _Sessions()
    app.secret_key = services.settings.session_key()
    app.config.update(
        MAX_CONTENT_LENGTH=MAX_BODY_BYTES,
        SESSION_COOKIE_NAME="stempel",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=services.settings.is_https,
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,
    )
    app.extensions["stempel"] = services
    past_flask = direct(services, app.wsgi_app, MAX_BODY_BYTES)
    app.wsgi_app = past_flask  # type: ignore[assignment]  # Flask's own way to wrap itself
    if proxies := services.settings.trusted_proxies:
        # Otherwise every visitor behind our proxy would count as one; without a proxy the header is a lie.
        behind = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies)
        app.wsgi_app = behind  # type: ignore[method-assign]  # Flask's own way to wrap itself
    app.before_request(_limit_forms)  # before the check for forged ones, which reads them
    _register_blueprints(app, services)
    _register_errors(app)
    app.after_request(_harden)
    return app


def _register_blueprints(app: Flask, services: Services) -> None:
    csrf = CSRFProtect(app)
    for_machines = (
        api_v1(services),
        apple.create_blueprint(AppleServices(services.database, services.token_key, services.build_pass)),
        google(services),
        ops(services),
    )
    for blueprint in for_machines:
        # Machines bring a credential with every request, so there is no session to forge.
        csrf.exempt(blueprint)
        app.register_blueprint(blueprint)
    for create_blueprint in (
        pictures,
        enrol,
        scanner,
        console,
        api_docs.create_blueprint,
        pages.create_blueprint,
    ):
        app.register_blueprint(create_blueprint(services))


def _register_errors(app: Flask) -> None:
    @app.errorhandler(HTTPException)
    def http_error(error: HTTPException) -> ResponseReturnValue:
        status = error.code or 500
        if status < 400:
            return error
        if not _is_for_machines():
            return pages.error_page(status)
        code = _HTTP_CODES.get(status, "invalid_request" if status < 500 else "internal_error")
        problem = Problem(code, error.description or "", retry_after_s=60 if status == 429 else None)
        response = problem.response()
        if isinstance(error, MethodNotAllowed):
            response.headers["Allow"] = ", ".join(sorted(error.valid_methods or ()))
        return response

    @app.errorhandler(Refusal)
    def refused(error: Refusal) -> Response:
        problem = problems.of_refusal(error)
        return problem.response() if _is_for_machines() else pages.error_page(problem.status)

    @app.errorhandler(Busy)
    def busy(error: Busy) -> Response:
        return problems.busy(str(error)).response() if _is_for_machines() else pages.error_page(503)

    @app.errorhandler(Exception)
    def fault(error: Exception) -> Response:
        # The outermost edge: whatever got here is a fault of ours.
        problem = accident(request.method, request.endpoint)
        return problem.response() if _is_for_machines() else pages.error_page(500)


def _limit_forms() -> None:
    if not _is_for_machines():
        is_upload = request.endpoint in _UPLOADS and SIGNED_IN in session
        request.max_content_length = MAX_UPLOAD_FORM_BYTES if is_upload else MAX_FORM_BYTES


def _is_for_machines() -> bool:
    return request.path.startswith(_MACHINE_PATHS)


def _harden(response: Response) -> Response:
    for name, value in hardening.HEADERS:
        response.headers.setdefault(name, value)
    return response
