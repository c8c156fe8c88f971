"""The token address: takes an assertion signed by the service account, gives an access token."""

import secrets
import time
from typing import Any

from tests.fakes.google.answers import Answer
from tests.fakes.google.keys import EMAIL, ServiceKey

GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
SCOPE = "https://www.googleapis.com/auth/wallet_object.issuer"
# google-auth signs for the real address wherever the token address of the key file points.
REAL_AUDIENCE = "https://oauth2.googleapis.com/token"
LIFETIME_S = 3600
SLACK_S = 60


class Tokens:
    """The access tokens that are out."""

    def __init__(self, key: ServiceKey, own_audience: str) -> None:
        self._key = key
        self._audiences = {own_audience, REAL_AUDIENCE}
        self._ends: dict[str, float] = {}

    def grant(self, form: dict[str, str]) -> Answer:
        """Answer a token request."""
        if form.get("grant_type") != GRANT:
            return 400, {"error": "unsupported_grant_type", "error_description": "Not a JWT grant."}
        try:
            fault = self._fault(self._key.verified_claims(form.get("assertion", "")))
        except ValueError as error:
            fault = str(error)
        if fault:
            return 400, {"error": "invalid_grant", "error_description": fault}
        token = "ya29." + secrets.token_urlsafe(24)
        self._ends[token] = time.time() + LIFETIME_S
        return 200, {"access_token": token, "expires_in": LIFETIME_S, "token_type": "Bearer"}

    def _fault(self, claims: dict[str, Any]) -> str:
        now = time.time()
        if claims.get("iss") != EMAIL:
            return "iss is not the service account"
        if claims.get("scope") != SCOPE:
            return "scope is not that of wallet issuers"
        if claims.get("aud") not in self._audiences:
            return "aud is not the token address"
        issued, ends = claims.get("iat"), claims.get("exp")
        if not isinstance(issued, int) or not isinstance(ends, int):
            return "iat and exp have to be integer seconds"
        if not issued - SLACK_S <= now < ends <= issued + LIFETIME_S + SLACK_S:
            return "the assertion is not of now, or lasts longer than an hour"
        return ""

    def accepts(self, authorization: str) -> bool:
        """Whether a request with this header may come in."""
        scheme, _, token = authorization.partition(" ")
        return scheme == "Bearer" and self._ends.get(token, 0) > time.time()

    def revoke_all(self) -> None:
        """Every token that is out is worthless from now on."""
        self._ends.clear()
