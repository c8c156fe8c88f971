"""The limit on wrong PINs holds when many guess at once."""

import threading
import time

from sqlalchemy import func, select

from passes.audit.models import AuditEntry
from passes.db.engine import Database
from passes.merchants import service as merchants
from passes.merchants.rules import LocationDraft, MerchantDraft
from passes.web.scanner import guesses

GUESSERS = 14
A_LOOK_AT_A_PIN_S = 0.02


def test_of_many_who_guess_at_once_no_more_than_the_limit_are_heard(database: Database) -> None:
    with database.write() as uow:
        merchant = merchants.create_merchant(uow, MerchantDraft(slug="cafe", name="Café"), "test")
        shop = merchants.create_location(uow, merchant.id, LocationDraft(name="Mitte"), "test")
    together = threading.Barrier(GUESSERS)

    def guess() -> None:
        together.wait()
        with database.write() as uow:
            if not guesses.are_spent(uow, merchant.id, shop.id):
                time.sleep(A_LOOK_AT_A_PIN_S)
                guesses.note_wrong(uow, merchant.id, shop.id)

    threads = [threading.Thread(target=guess) for _ in range(GUESSERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.read() as uow:
        heard = select(func.count()).select_from(AuditEntry).where(AuditEntry.subject == shop.id)
        heard = heard.where(AuditEntry.action == "scanner.wrong_pin")
        assert uow.conn.execute(heard).scalar_one() == guesses.ALLOWED
