"""Every step towards a certificate's end is announced once, and its renewal lets go what waited."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from structlog.testing import capture_logs

from passes.audit.models import AuditEntry
from passes.clock import real_now
from passes.db.engine import Database
from passes.messaging.webhooks.events import messages
from passes.outbox import service as outbox
from passes.outbox.models import Delivery, OutboxEvent
from passes.outbox.relay import Event
from passes.outbox.service import Target
from passes.wallets.signing import status, store, watch
from passes.wallets.signing.importing import import_pem
from passes.wallets.signing.store import IdentityStore
from tests.db.rows import add_merchant
from tests.wallets.signing import chains

OTHER = "pass.de.example.other"
Travel = Callable[[datetime], None]


@pytest.fixture
def travel(monkeypatch: pytest.MonkeyPatch) -> Travel:
    """Sets the real time of everything that watches certificates."""

    def to(moment: datetime) -> None:
        for module in (store, watch):
            monkeypatch.setattr(module, "real_now", lambda: moment)

    return to


@pytest.fixture
def identities(database: Database, tmp_path: Path) -> IdentityStore:
    with database.write() as uow:
        add_merchant(uow, "cafe")
    return IdentityStore(tmp_path / "certs")


def take(
    identities: IdentityStore, days: float, pass_type: str = chains.PASS_TYPE, slug: str = "cafe"
) -> None:
    leaf = chains.leaf(pass_type=pass_type, end=chains.NOW + timedelta(days=days))
    material = import_pem(chains.pem(leaf), chains.key_pem(), None, intermediates=(chains.apple_like(),))
    identities.save(slug, material, new_type=True)


def announced(database: Database) -> list[tuple[str, int]]:
    """Pass type and days of every announcement, in the order they were made."""
    with database.read() as uow:
        rows = uow.conn.execute(select(AuditEntry.details).where(AuditEntry.action == watch.WARNED))
        return [(row.details["pass_type_identifier"], row.details["within_days"]) for row in rows]


def look(database: Database, identities: IdentityStore) -> int:
    return watch.watch(database, identities, is_https=True)


def test_each_step_is_announced_once_however_often_one_looks(
    database: Database, identities: IdentityStore, travel: Travel
) -> None:
    take(identities, 100)
    ends = chains.NOW.replace(microsecond=0) + timedelta(days=100)
    for hours in range(40 * 24, -48, -5):
        travel(ends - timedelta(hours=hours))
        look(database, identities)
    assert announced(database) == [(chains.PASS_TYPE, days) for days in (30, 14, 7, 1, 0)]
    with database.read() as uow:
        events = list(uow.conn.execute(select(OutboxEvent.__table__)))
    assert [event.topic for event in events] == [watch.WARNED] * 5


def test_after_a_long_absence_only_the_step_that_is_reached_is_announced(
    database: Database, identities: IdentityStore, travel: Travel
) -> None:
    take(identities, 100)
    look(database, identities)
    travel(chains.NOW + timedelta(days=95))
    look(database, identities)
    assert announced(database) == [(chains.PASS_TYPE, 7)]


def test_a_renewed_certificate_is_warned_of_anew_a_year_later(
    database: Database, identities: IdentityStore, travel: Travel
) -> None:
    take(identities, 10)
    look(database, identities)
    take(identities, 300)
    look(database, identities)
    travel(chains.NOW + timedelta(days=290))
    look(database, identities)
    assert announced(database) == [(chains.PASS_TYPE, 14), (chains.PASS_TYPE, 14)]


def test_every_pass_type_is_warned_of_and_what_was_renewed_is_not(
    database: Database, identities: IdentityStore
) -> None:
    take(identities, 5)
    take(identities, 10, OTHER)
    take(identities, 300, OTHER)
    look(database, identities)
    assert announced(database) == [(chains.PASS_TYPE, 7)]


def waiting(database: Database, merchant_id: str, channel: str) -> datetime:
    with database.read() as uow:
        query = select(Delivery.next_attempt_at).where(
            Delivery.merchant_id == merchant_id, Delivery.channel == channel
        )
        return uow.conn.execute(query).scalar_one()


def test_a_renewal_makes_due_what_waits_for_apple_and_nothing_else(
    database: Database, identities: IdentityStore, travel: Travel
) -> None:
    take(identities, 5)
    travel(chains.NOW + timedelta(days=6))
    look(database, identities)
    later = real_now() + timedelta(days=30)
    with database.write() as uow:
        add_merchant(uow, "other")
        for merchant, channel in (("mer_cafe", "apns"), ("mer_cafe", "google"), ("mer_other", "apns")):
            outbox.want(uow, [Target(merchant, channel, f"{merchant}/{channel}", {})], later)
    look(database, identities)
    assert waiting(database, "mer_cafe", "apns") == later
    take(identities, 300)
    assert look(database, identities) == 1
    assert waiting(database, "mer_cafe", "apns") < later
    assert waiting(database, "mer_cafe", "google") == later
    assert waiting(database, "mer_other", "apns") == later
    assert look(database, identities) == 0


def test_identities_of_nobody_and_damaged_ones_stop_no_look(
    database: Database, identities: IdentityStore, tmp_path: Path
) -> None:
    with database.write() as uow:
        add_merchant(uow, "bakery")
    take(identities, 5, slug="nobody")
    take(identities, 5, slug="bakery")
    take(identities, 5)
    (tmp_path / "certs" / "bakery" / "key.pem").unlink()
    assert look(database, identities) == 2
    assert announced(database) == [(chains.PASS_TYPE, 7)]


def test_a_damaged_file_is_logged_once_and_its_repair_lets_go_what_waited(
    database: Database, identities: IdentityStore, tmp_path: Path
) -> None:
    take(identities, 300)
    look(database, identities)
    key = tmp_path / "certs" / "cafe" / "key.pem"
    content = key.read_bytes()
    key.write_bytes(b"broken")
    with capture_logs() as logs:
        assert [look(database, identities) for _ in range(3)] == [1, 0, 0]
    assert [entry["event"] for entry in logs] == ["identity_damaged"]
    later = real_now() + timedelta(days=30)
    with database.write() as uow:
        outbox.want(uow, [Target("mer_cafe", "apns", "phone", {})], later)
    key.write_bytes(content)
    assert look(database, identities) == 1
    assert waiting(database, "mer_cafe", "apns") < later


def test_a_webhook_hears_of_it_with_what_it_needs() -> None:
    noted = {"pass_type_identifier": "pass.x", "state": "ended", "not_after": "2027-01-01T00:00:00Z"}
    event = Event("mer_cafe", watch.WARNED, "signing", 0, noted, chains.NOW)
    (message,) = messages(event, None)
    assert (message.type, message.data) == ("signing.warned", noted)


@pytest.mark.parametrize(
    "left, step",
    [
        (timedelta(days=30, seconds=1), None),
        (timedelta(days=30), 30),
        (timedelta(days=14, seconds=1), 30),
        (timedelta(days=7), 7),
        (timedelta(hours=23), 1),
        (timedelta(0), 1),
        (timedelta(seconds=-1), 0),
    ],
)
def test_steps_lie_at_30_14_7_and_1_days_and_at_the_end(left: timedelta, step: int | None) -> None:
    assert status.step_of(chains.NOW, chains.NOW - left) == step
