"""Wrong PINs and passwords are counted exactly, however many guess at once and wherever."""

import threading
import time

from sqlalchemy import func, select

from passes.audit.models import AuditEntry
from passes.db.engine import Database
from passes.limits import debts, sign_ins
from passes.limits.models import GuessDebt
from passes.merchants import service as merchants
from passes.merchants import staff
from passes.merchants.rules import LocationDraft, MerchantDraft, StaffDraft
from passes.web.scanner import pins
from tests.limits.guessers import Watch

GUESSERS = 14
A_LOOK_AT_A_PIN_S = 0.02
HOME, ELSEWHERE = "192.0.2.1", "198.51.100.1"


def test_of_many_who_guess_at_once_no_more_than_the_limit_are_heard(database: Database, real: Watch) -> None:
    with database.write() as uow:
        merchant = merchants.create_merchant(uow, MerchantDraft(slug="cafe", name="Café"), "test")
        shop = merchants.create_location(uow, merchant.id, LocationDraft(name="Mitte"), "test")
    together = threading.Barrier(GUESSERS)

    def guess() -> None:
        together.wait()
        with database.write() as uow:
            if not sign_ins.pin_wait_s(uow, shop.id):
                time.sleep(A_LOOK_AT_A_PIN_S)
                sign_ins.wrong_pin(uow, merchant.id, shop.id)

    threads = [threading.Thread(target=guess) for _ in range(GUESSERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.read() as uow:
        heard = select(func.count()).select_from(AuditEntry).where(AuditEntry.subject == shop.id)
        heard = heard.where(AuditEntry.action == sign_ins.WRONG_PIN)
        # The clock stands still, so the first that slows everybody down is the last that is heard.
        assert uow.conn.execute(heard).scalar_one() == sign_ins.PINS_PER_HOUR // 2 + 1


def wrong(database: Database, email: str, address: str, real: Watch) -> bool:
    """A wrong password; returns whether it was heard."""
    with database.write() as uow:
        if sign_ins.password_wait_s(uow, email, address):
            return False
        sign_ins.wrong_password(uow, email, address)
    real.ms += debts.SLOW_MS
    return True


def test_a_person_is_locked_out_where_somebody_guesses_and_not_at_home(
    database: Database, real: Watch
) -> None:
    heard = [wrong(database, "Ada@cafe.example", ELSEWHERE, real) for _ in range(30)]
    assert heard.count(True) == sign_ins.PASSWORDS_PER_HOUR + 1
    with database.read() as uow:
        assert 800 < sign_ins.password_wait_s(uow, "ada@cafe.example", ELSEWHERE) <= 900
        assert sign_ins.password_wait_s(uow, "ada@cafe.example", HOME) == 0


def test_an_address_that_tries_many_people_is_locked_out_for_all_of_them(
    database: Database, real: Watch
) -> None:
    tries = sign_ins.PASSWORDS_PER_HOUR_AND_ADDRESS + 20
    heard = [wrong(database, f"person-{i}@cafe.example", ELSEWHERE, real) for i in range(tries)]
    assert heard.count(True) < tries - 5
    with database.read() as uow:
        assert sign_ins.password_wait_s(uow, "ada@cafe.example", ELSEWHERE) > 0


def test_nobodys_e_mail_address_is_kept(database: Database, real: Watch) -> None:
    wrong(database, "ada@cafe.example", HOME, real)
    with database.read() as uow:
        names = list(uow.conn.execute(select(GuessDebt.name)).scalars())
    assert len(names) == 2
    assert not [name for name in names if "ada" in name]


def test_a_pin_that_opens_every_shop_cannot_be_guessed_from_shop_to_shop(
    database: Database, real: Watch
) -> None:
    known = {"password": "correct horse", "scopes": ("till",)}
    with database.write() as uow:
        merchant = merchants.create_merchant(uow, MerchantDraft(slug="cafe", name="Café"), "test")
        drafts = [LocationDraft(name=f"Filiale {number}") for number in range(8)]
        shops = [merchants.create_location(uow, merchant.id, draft, "test").id for draft in drafts]
        everywhere = StaffDraft(name="Ada", email="ada@example.com", pin="135790", **known)
        here = StaffDraft(name="Bo", email="bo@example.com", pin="246810", location_id=shops[-1], **known)
        for draft in (everywhere, here):
            staff.create_staff(uow, merchant.id, draft, "test")

    def says(shop: str, pin: str) -> str | None:
        with database.write() as uow:
            caller, error = pins.person_with_pin(uow, pins.Shop(merchant.id, shop), pin)
        return error if caller is None else None

    assert says(shops[-1], "135790") is None
    for number in range(sign_ins.PINS_PER_HOUR_EVERYWHERE + 1):
        assert says(shops[number % 7], "000000") in ("wrong_pin", "wrong_pin_now")
        real.ms += debts.SLOW_MS
    assert says(shops[-1], "135790") == "wrong_pin_now"
    assert says(shops[-1], "000000") == "wrong_pin_now"
    assert says(shops[-1], "246810") is None
    real.ms += debts.LOCKED_MS
    assert says(shops[-1], "135790") is None
    with database.read() as uow:
        locked = select(AuditEntry.details).where(AuditEntry.action == sign_ins.LOCKED_OUT)
        assert [details["scope"] for details in uow.conn.execute(locked).scalars()].count("pins") == 1
