"""A shop that is open: the whole application over a real database, with Apple and Google standing in."""

import io
import json
import re
import subprocess
import uuid
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from werkzeug.test import Client

from passes.app import create_app
from passes.config import load_settings
from passes.merchants import keys
from passes.merchants import service as merchants
from passes.merchants.rules import KeyDraft, MerchantDraft
from passes.web.api_v1 import cards
from passes.web.enrol import card_page
from passes.wiring import Services
from tests.fakes.apns import ApnsStandIn
from tests.fakes.google.server import GoogleStandIn
from tests.fakes.phone import Phone, through_wsgi

Json = dict[str, Any]
BASE = "http://127.0.0.1:8000"


class Shop:
    """One merchant, one till, one office; what happens is done through HTTP and nothing else."""

    def __init__(
        self, services: Services, apns: ApnsStandIn, google: GoogleStandIn, environment: dict[str, str]
    ) -> None:
        self.services, self.apns, self.google, self.environment = services, apns, google, environment
        self.app = create_app(services)
        with services.database.write() as uow:
            merchant = merchants.create_merchant(
                uow, MerchantDraft(slug="morgenrot", name="Café Morgenrot"), "test"
            )
            draft = KeyDraft(scopes=("till", "manage", "marketing", "read"))
            self._key = keys.create_key(uow, merchant.id, draft, "test").key
        self.identity = services.identities.create_development("morgenrot")
        self.sender = services.sender()

    def api(self, method: str, path: str, body: Json | None = None, *, expect: int = 201) -> Json:
        """Call the API with a fresh key."""
        headers = {"Authorization": f"Bearer {self._key}", "Idempotency-Key": str(uuid.uuid4())}
        response = Client(self.app).open(
            f"/api/v1{path}", method=method, headers=headers, data=None if body is None else json.dumps(body)
        )
        assert response.status_code == expect, response.get_data(as_text=True)
        answer: Json = json.loads(response.get_data())
        return answer

    def enrol(self, slug: str, **typed: str) -> str:
        """What a customer does: open the link, press the button; the path of the card's page."""
        browser = Client(self.app)
        page = browser.get(f"/e/{slug}").get_data(as_text=True)
        token = re.search(r'name="csrf_token" value="([^"]+)"', page)
        assert token is not None, page
        answer = browser.post(f"/e/{slug}", data={"csrf_token": token.group(1), **typed})
        assert answer.status_code == 303, answer.get_data(as_text=True)
        return answer.headers["Location"].removeprefix(BASE).partition("?")[0]

    def download(self, page: str) -> bytes:
        """The Apple pass behind the button of a card's page."""
        answer = Client(self.app).get(f"{page}/card.pkpass")
        assert answer.status_code == 200, answer.get_data(as_text=True)
        assert answer.content_type == "application/vnd.apple.pkpass"
        return answer.get_data()

    def card_of(self, pkpass: bytes) -> Json:
        """The card a pass belongs to, as the API tells it."""
        serial = _file(pkpass, "pass.json")["serialNumber"]
        return self.api("GET", f"/cards/{serial}", expect=200)

    def phone(self) -> Phone:
        """A phone that asks this shop."""
        return Phone(base=f"{BASE}/apple", language="en", send=through_wsgi(self.app))

    def google_balance(self, object_id: str) -> str:
        """What the object at Google says is on the card."""
        stored = self.google.store.item("loyaltyObject", object_id)
        assert stored is not None
        balance: str = stored["loyaltyPoints"]["balance"]["string"]
        return balance

    def send(self) -> None:
        """Let everything out that waits to leave the house."""
        self.sender.drain()


@contextmanager
def open_shop(database_url: str, folder: Path, **settings: str) -> Iterator[Shop]:
    """Open a shop for the length of a story; `settings` are further ones."""
    with ExitStack() as stack:
        # A wallet is not away because the machine is slow.
        for room in (card_page, cards):
            stack.enter_context(patch.object(room, "GOOGLE_PATIENCE_S", 60.0))
        certs = folder / "certs"
        apns = stack.enter_context(ApnsStandIn(folder / "apns", certs / "morgenrot"))
        google = stack.enter_context(GoogleStandIn(folder / "google"))
        environment = {
            "STEMPEL_DATABASE_URL": database_url,
            "STEMPEL_DATA_DIR": str(folder / "var"),
            "STEMPEL_CERTS_DIR": str(certs),
            "STEMPEL_SECRET_KEY": "s" * 40,
            "STEMPEL_TOKEN_KEY": "t" * 40,
            "STEMPEL_APNS_URL": apns.url,
            "STEMPEL_PROVIDER_CA_FILE": str(apns.ca_file),
            "STEMPEL_GOOGLE_API_URL": google.url,
            "STEMPEL_GOOGLE_CREDENTIALS_FILE": str(google.credentials_file),
            "STEMPEL_GOOGLE_ISSUER_ID": google.issuer_id,
            "STEMPEL_GOOGLE_CALLBACK_KEYS_URL": google.keys_url,
            **settings,
        }
        services = Services(load_settings(environment))
        stack.callback(services.close)
        yield Shop(services, apns, google, environment)


def verify_with_openssl(pkpass: bytes, root: Path, folder: Path) -> None:
    """Let openssl judge the signature over the manifest against `root`."""
    (folder / "manifest.json").write_bytes(_raw(pkpass, "manifest.json"))
    (folder / "signature").write_bytes(_raw(pkpass, "signature"))
    command = ["openssl", "cms", "-verify", "-binary", "-inform", "DER", "-purpose", "any"]
    command += ["-in", str(folder / "signature"), "-content", str(folder / "manifest.json")]
    command += ["-CAfile", str(root), "-out", str(folder / "out")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr


def _file(pkpass: bytes, name: str) -> Json:
    found: Json = json.loads(_raw(pkpass, name))
    return found


def _raw(pkpass: bytes, name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(pkpass)) as archive:
        return archive.read(name)
