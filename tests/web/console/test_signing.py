"""Certificates in the console: what there is, until when, and how somebody brings a renewed one."""

import io
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12
from flask import Flask
from sqlalchemy import select

from passes.audit.models import AuditEntry
from passes.errors import Busy
from passes.wallets.signing import watch
from passes.wallets.signing.models import SigningWatch
from passes.web.console import signing
from passes.web.texts.signing import SIGNING
from tests.factories.cafe import Cafe
from tests.factories.visitor import BASE_URL, visit
from tests.wallets.signing import chains
from tests.web.console.conftest import Office, sign_in

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
STEPS = [
    (29.0, "in 29 Tagen", "in 29 days"),
    (13.0, "in 13 Tagen", "in 13 days"),
    (6.0, "in 6 Tagen", "in 6 days"),
    (1.0, "in einem Tag", "in one day"),
    (0.5, "in weniger als einem Tag", "in less than a day"),
]
SLUG, SECRET = "groessenwahn", "geheim"


@pytest.fixture
def manager(office: Office, app: Flask) -> Office:
    """Somebody who may also manage the shop."""
    office.cafe.person("135791", "marketing", "manage")
    visitor = visit(app)
    sign_in(visitor, "135791@example.com")
    return Office(office.cafe, visitor)


def p12(days: int = 300, pass_type: str = chains.PASS_TYPE, *, issuer: bool = True) -> bytes:
    leaf = chains.leaf(pass_type=pass_type, end=chains.NOW + timedelta(days=days))
    issuers = [chains.apple_like()] if issuer else None
    encryption = BestAvailableEncryption(SECRET.encode())
    return pkcs12.serialize_key_and_certificates(b"pass", chains.key("leaf"), leaf, issuers, encryption)


def bring(office: Office, data: bytes, passphrase: str = SECRET, **more: object) -> int:
    """Send the form as a browser does; the status of what comes back."""
    office.look("/console/signing")
    form = next(f for f in office.visitor.forms() if f.action == "/console/signing")
    sent = {**form.values, "file": (io.BytesIO(data), "pass.p12"), "passphrase": passphrase, **more}
    how = office.visitor._how()
    office.visitor.page = office.visitor.client.post(
        form.action, data=sent, content_type="multipart/form-data", follow_redirects=True, **how
    )
    return office.visitor.page.status_code


@ON_SQLITE
def test_a_manager_brings_a_certificate_and_sees_it(manager: Office) -> None:
    assert "Noch kein Zertifikat" in manager.look("/console/signing")
    assert bring(manager, p12()) == 200
    for said in ("Importiert", chains.PASS_TYPE, chains.TEAM, "Gültig", "Neue Karten und Änderungen"):
        assert said in manager.visitor.text
    loaded = manager.services.identities.load(SLUG)
    assert loaded
    assert not loaded.development
    assert SECRET not in manager.visitor.text


@ON_SQLITE
def test_a_pem_with_both_and_an_intermediate_does_as_well(manager: Office) -> None:
    both = chains.pem(chains.leaf()) + chains.key_pem()
    issuer = (io.BytesIO(chains.pem(chains.apple_like())), "wwdr.pem")
    assert bring(manager, both, "", intermediate=issuer) == 200
    assert manager.services.identities.load(SLUG)


def slow() -> bytes:
    """A file whose passphrase wants to be hashed two thousand million times; its seal is read first."""
    data = p12()
    seal = data[-0x43:]
    assert (seal[:2], seal[-4:]) == (b"\x30\x41", b"\x02\x02\x08\x00")
    longer = data[:-0x43] + b"\x30\x43" + seal[2:-4] + b"\x02\x04\x7f\xff\xff\xff"
    return b"\x30\x82" + (len(longer) - 4).to_bytes(2) + longer[4:]


@ON_SQLITE
def test_a_file_that_takes_minutes_to_open_keeps_nobody_waiting(
    manager: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def opened(*_: object, **__: object) -> None:
        raise AssertionError("opened here")

    monkeypatch.setattr(signing, "import_p12", opened)
    assert bring(manager, slow()) == 422
    assert SIGNING["signing_fault_unreadable"].de in manager.visitor.text
    assert manager.services.identities.load(SLUG) is None


@ON_SQLITE
@pytest.mark.parametrize(
    "data, passphrase, said",
    [
        (b"", SECRET, "signing_fault_no_file"),
        (b"noise", SECRET, "signing_fault_unreadable"),
        (b"-----BEGIN CERTIFICATE-----\nnoise", SECRET, "signing_fault_unreadable"),
        (p12(), "falsch", "signing_fault_passphrase"),
        (p12(days=-1), SECRET, "signing_fault_ended"),
        (p12(issuer=False), SECRET, "signing_fault_no_issuer"),
    ],
)
def test_what_cannot_be_imported_is_said_in_the_readers_language(
    manager: Office, data: bytes, passphrase: str, said: str
) -> None:
    assert bring(manager, data, passphrase) == 422
    assert SIGNING[said].de.partition("{")[0] in manager.visitor.text.replace("&#39;", "'")
    assert manager.services.identities.load(SLUG) is None


def imports(office: Office) -> list[str]:
    """What the audit log says was imported."""
    with office.services.database.read() as uow:
        query = select(AuditEntry.subject).where(AuditEntry.action == "signing.import")
        return list(uow.conn.execute(query).scalars())


def test_an_import_and_its_entry_in_the_audit_log_are_one(
    manager: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert bring(manager, p12(days=-1)) == 422
    assert bring(manager, p12()) == 200
    assert bring(manager, p12(days=100)) == 422  # ends sooner than the one in use: found out while saving
    assert imports(manager) == [chains.PASS_TYPE]
    monkeypatch.setattr(signing.audit, "record", lambda *_: (_ for _ in ()).throw(Busy("Nobody can write.")))
    before = manager.services.identities.load(SLUG)
    assert bring(manager, p12(days=350)) == 503
    after = manager.services.identities.load(SLUG)
    assert before
    assert after
    assert after.certificate == before.certificate


@ON_SQLITE
def test_an_import_looks_at_its_own_merchant_alone(manager: Office) -> None:
    other = Cafe(manager.services, slug="fremd", name="Fremd")
    manager.services.identities.create_development("fremd")
    assert bring(manager, p12()) == 200
    with manager.services.database.read() as uow:
        seen = set(uow.conn.execute(select(SigningWatch.merchant_id)).scalars())
    assert seen == {manager.cafe.merchant.id}
    assert other.merchant.id not in seen


@ON_SQLITE
def test_another_pass_type_needs_a_tick(manager: Office) -> None:
    bring(manager, p12())
    assert bring(manager, p12(pass_type="pass.de.example.neu")) == 422
    assert "pass.de.example.neu" in manager.visitor.text
    assert bring(manager, p12(pass_type="pass.de.example.neu"), new_type="1") == 200
    assert "Karten, die schon auf Handys sind" in manager.visitor.text


@ON_SQLITE
def test_whoever_may_not_manage_sees_everything_and_changes_nothing(office: Office) -> None:
    text = office.look("/console/signing")
    assert "Importieren darf" in text
    assert 'type="file"' not in text
    token = office.visitor.forms()[0].values["csrf_token"]
    sent = {"csrf_token": token, "file": (io.BytesIO(p12()), "pass.p12"), "passphrase": SECRET}
    answer = office.visitor.client.post(
        "/console/signing", data=sent, content_type="multipart/form-data", **office.visitor._how()
    )
    assert answer.status_code == 403
    assert office.services.identities.load(SLUG) is None


@ON_SQLITE
def test_every_page_warns_of_a_certificate_that_ends(manager: Office) -> None:
    assert "läuft am" not in manager.look("/console")
    bring(manager, p12(days=6))
    for page in ("/console", "/console/cards", "/console/signing"):
        assert "läuft am" in manager.look(page)
    assert "Läuft bald ab" in manager.visitor.text
    manager.visitor.get("/console?lang=en")
    assert "ends on" in manager.visitor.text


@ON_SQLITE
@pytest.mark.parametrize("days, german, english", STEPS)
def test_each_step_is_said_once_on_every_page_in_the_api_and_on_readyz(
    manager: Office, days: float, german: str, english: str
) -> None:
    leaf = chains.leaf(end=datetime.now(UTC) + timedelta(days=days, minutes=5))
    issuer = (io.BytesIO(chains.pem(chains.apple_like())), "wwdr.pem")
    assert bring(manager, chains.pem(leaf) + chains.key_pem(), "", intermediate=issuer) == 200
    for page in ("/console/cards", "/console/signing", "/console/google"):
        for language, said in (("de", german), ("en", english)):
            text = manager.look(f"{page}?lang={language}")
            assert text.count(chains.PASS_TYPE) == (2 if page.endswith("signing") else 1)
            assert text.count(said) == 1, page
    client, key = manager.visitor.client, manager.cafe.key("manage").key
    told = client.get("/api/v1/signing", headers={"Authorization": f"Bearer {key}"}, base_url=BASE_URL).json
    assert [(german in one["de"], english in one["en"]) for one in told["advice"]] == [(True, True)]
    assert [english in one for one in told["warnings"]] == [True]
    ready = client.get("/readyz", base_url=BASE_URL).json["warnings"]
    assert len([warning for warning in ready if chains.PASS_TYPE in warning]) == 1


@ON_SQLITE
def test_an_import_is_watched_at_once(manager: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[object] = []
    monkeypatch.setattr(signing, "watch_merchant", lambda *a, **k: looked.append(a[2]))
    bring(manager, p12(days=6))
    assert looked == [manager.cafe.merchant.id]
    with manager.services.database.read() as uow:
        actions = set(uow.conn.execute(select(AuditEntry.action)).scalars())
    assert watch.WARNED not in actions


def test_every_fault_has_words() -> None:
    codes = (
        "no_file passphrase unreadable old_encryption incomplete weak_key wrong_key no_pass_certificate "
        "not_yet_valid ended no_issuer not_from_apple another_type ends_sooner"
    )
    assert {f"signing_fault_{code}" for code in codes.split()} <= SIGNING.keys()
