"""What stands beside the entries: baskets given back in part, reversals by key and by receipt, lots."""

from passes.db.engine import UnitOfWork
from passes.money import Money
from passes.programs import service as programs
from passes.programs.service import ProgramDraft
from passes.redemption import basket_refunds, baskets
from passes.redemption import service as redemption
from passes.redemption.baskets import Instrument
from passes.redemption.reversals import reverse_key, reverse_reference
from passes.redemption.service import TillCall
from tests.fixtures.api import EUR, RULES
from tests.ledger.life import Books


def things_beside(uow: UnitOfWork, books: Books, number: int) -> None:
    """Two cards for one order of which one comes back, two reversals, and points that will lapse."""
    purses = [books.issue(uow, "gift", f"purse {number} {n}", 100) for n in range(2)]
    paid = baskets.pay(
        uow,
        TillCall(books.merchant_id, "test", reference=f"order {number}"),
        "partial",
        Money(90, EUR),
        [*(Instrument(card_id=card.id, amount=Money(40, EUR)) for card in purses), Instrument(code="nobody")],
    )
    call = TillCall(books.merchant_id, "test", reference=f"returned {number}")
    basket_refunds.refund_basket(uow, call, paid.id, [0])
    books.keep(uow, f"undone {number}", redemption.load(uow, books.call(f"purse {number} 1"), Money(5, EUR)))
    reverse_key(uow, call, f"key-undone {number}")
    reverse_key(uow, call, f"key-never {number}")
    reverse_reference(uow, call, f"nothing {number}", None)
    if "lapsing" not in books.programs:
        draft = ProgramDraft("points", "Lapsing", RULES["points"] | {"points_expire_after_days": 30})
        books.programs["lapsing"] = programs.create_program(uow, books.merchant_id, "m", draft, "test").id
    books.issue(uow, "lapsing", f"lapsing {number}")
    redemption.stamp(uow, books.call(f"lapsing {number}"), count=50)
    redemption.redeem(uow, books.call(f"lapsing {number}"), amount=Money(20, "POINT"))
