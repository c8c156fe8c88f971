"""What is played to a till, one scenario per way in which a network or a power cut lets it down."""

from collections.abc import Callable
from dataclasses import dataclass

from passes.cli.conformance.stage import Stage, eur
from passes.cli.sandbox.faults import Kind
from passes.ids import format_code

PAY = "/redemptions"


@dataclass(frozen=True, slots=True)
class Scenario:
    """Something that happens to tills; `advice` is what to do about it."""

    name: str
    happens: str
    advice: str
    play: Callable[[Stage], None]
    needs_kill: bool = False


def _plain(stage: Stage) -> None:
    card = stage.gift(2000)
    stage.believes(stage.pay(card, 750), "done", amount=750)
    stage.holds(card, 1250)


def _twice_the_same(stage: Stage) -> None:
    card = stage.gift(2000)
    stage.pay(card, 300, 1)
    stage.believes(stage.pay(card, 300, 2), "done", amount=300)
    stage.holds(card, 1400)


def _faulty(kind: str, seconds: int = 1) -> Callable[[Stage], None]:
    def play(stage: Stage) -> None:
        card = stage.gift(2000)
        stage.faults(kind, PAY, seconds=seconds)  # type: ignore[arg-type]  # the table below names kinds
        stage.believes(stage.pay(card, 750), "done", amount=750)
        stage.holds(card, 1250)
        stage.one_key(PAY)

    return play


def _busy(stage: Stage) -> None:
    card = stage.gift(2000)
    stage.faults("busy", PAY, seconds=2)
    stage.believes(stage.pay(card, 750), "done", amount=750)
    stage.holds(card, 1250)
    times = [seen.at_s for seen in stage.seen(PAY)]
    waited = times[1] - times[0] if len(times) > 1 else 0.0
    stage.behaves(waited >= 1.9, f"after 503 it should wait the 2 s asked for and waited {waited:.1f} s")


def _refused(stage: Stage) -> None:
    card = stage.gift(500)
    stage.believes(stage.pay(card, 750), "refused", code="insufficient_balance")
    stage.holds(card, 500)
    tries = len(stage.seen(PAY))
    stage.behaves(tries == 1, f"a refusal is final; it should ask once and asked {tries} times")


def _partial(stage: Stage) -> None:
    card = stage.gift(500)
    said = stage.pay(card, 1250, allow_partial=True)
    stage.believes(said, "done", amount=500, remaining_due=750)
    stage.holds(card, 0)


def _never_arrives(stage: Stage) -> None:
    _given_up(stage, "lose_request")
    _was_reversed(stage)


def _never_answered(stage: Stage) -> None:
    _given_up(stage, "lose_answer")
    _was_reversed(stage)


def _arrives_late(stage: Stage) -> None:
    _given_up(stage, "late")


def _given_up(stage: Stage, fault: Kind) -> None:
    """A sale that meets its fault every time: the till takes it as undone, and so it is."""
    card = stage.gift(2000)
    stage.faults(fault, PAY, times=1000)
    stage.believes(stage.pay(card, 750), "undone")
    stage.holds(card, 2000)


def _was_reversed(stage: Stage) -> None:
    stage.behaves(bool(stage.seen("/reversals")), "a sale that cannot be cleared up should be reversed")


def _refund(stage: Stage) -> None:
    card = stage.gift(2000)
    stage.pay(card, 750)
    stage.faults("lose_answer", "/refund")
    stage.believes(stage.tell("refund", amount=eur(250)), "done", amount=250)
    stage.holds(card, 1500)
    stage.one_key("/refund")


def _hold(stage: Stage) -> None:
    card = stage.gift(5000)
    stage.tell("hold", code=format_code(card.code), amount=eur(4000))
    stage.faults("lose_answer", "/capture")
    stage.believes(stage.tell("capture", amount=eur(3650)), "done", amount=3650)
    stage.holds(card, 1350)
    stage.one_key("/capture")


def _void(stage: Stage) -> None:
    card = stage.gift(5000)
    stage.tell("hold", code=format_code(card.code), amount=eur(4000))
    stage.faults("lose_request", "/void")
    stage.believes(stage.tell("void"), "done")
    stage.holds(card, 5000)


def _cancel(stage: Stage) -> None:
    card = stage.gift(2000)
    stage.pay(card, 750)
    stage.faults("lose_answer", "/reversals")
    stage.believes(stage.tell("cancel"), "undone")
    stage.holds(card, 2000)
    stage.one_key("/reversals")


def _basket(stage: Stage) -> None:
    one, two = stage.gift(500), stage.gift(2000)
    stage.faults("lose_answer", "/baskets")
    instruments = [{"code": format_code(card.code)} for card in (one, two)]
    said = stage.tell("basket", order_total=eur(1250), instruments=instruments)
    stage.believes(said, "done", amount=1250, remaining_due=0)
    stage.holds(one, 0)
    stage.holds(two, 1250)


def _power_cut(stage: Stage) -> None:
    card = stage.gift(2000)
    stage.faults("stall", PAY, seconds=3)
    code = format_code(card.code)
    stage.till.begin({"do": "redeem", "receipt": stage.receipt(), "code": code, "amount": eur(750)})
    stage.wait_for(lambda: any(seen.status for seen in stage.seen(PAY)))
    stage.till.kill()
    said = stage.till.tell({"do": "resume"})
    stage.believes(((said or {}).get("receipts") or {}).get(stage.receipt()), "done", amount=750)
    stage.holds(card, 1250)
    stage.one_key(PAY)


def _sold_again(stage: Stage) -> None:
    card = stage.gift(2000)
    stage.pay(card, 750)
    stage.till.kill()
    stage.believes(stage.pay(card, 750), "done", amount=750)
    stage.holds(card, 1250)


def _offline(stage: Stage) -> None:
    card = stage.gift(2000)
    stage.till.tell({"do": "offline"})
    queued = [stage.pay(card, cents, number) for number, cents in ((1, 300), (2, 450))]
    stage.faults("lose_answer", "/sync")
    said = stage.till.tell({"do": "sync"})
    quiet = all(answer is not None and answer.get("outcome") == "queued" for answer in queued)
    stage.behaves(quiet and not stage.seen(PAY), "offline it should only write down, and say queued")
    receipts = (said or {}).get("receipts") or {}
    stage.believes(receipts.get(stage.receipt(2)), "done", amount=450)
    stage.holds(card, 1250)


def _offline_overnight(stage: Stage) -> None:
    card = stage.gift(2000)
    stage.till.tell({"do": "offline"})
    stage.pay(card, 300)
    stage.till.kill()
    said = stage.till.tell({"do": "sync"})
    receipts = (said or {}).get("receipts") or {}
    stage.believes(receipts.get(stage.receipt()), "done", amount=300)
    stage.holds(card, 1700)


def _wrong_clock(stage: Stage) -> None:
    card = stage.gift(2000)
    stage.till.tell({"do": "offline", "clock_off_s": 3600})
    stage.pay(card, 300)
    said = stage.till.tell({"do": "sync"})
    receipts = (said or {}).get("receipts") or {}
    stage.believes(receipts.get(stage.receipt()), "done", amount=300)
    stage.holds(card, 1700)


_PERSIST = "Write the key to disk before the request is sent, and send every retry with it."
_RETRY = "Ask again with the same key until an answer is heard; the first answer comes back byte for byte."
_REVERSE = (
    "After the last retry send POST /reversals with the key of the request, and retry that until heard."
)
_CLOCK = "Send occurred_at by the server's clock: the Date of any answer says how far off the own one is."
_FINAL = "402, 404, 409 and 422 are answers: show them, do not try again."

SCENARIOS = (
    Scenario("plain", "Nothing goes wrong.", "See docs/till-integration.md for the first request.", _plain),
    Scenario(
        "twins", "Two sales look alike.", "Every sale gets a key of its own, made at random.", _twice_the_same
    ),
    Scenario("answer-lost", "The answer is lost.", _RETRY, _faulty("lose_answer")),
    Scenario("request-lost", "The request is lost.", _RETRY, _faulty("lose_request")),
    Scenario("half-answer", "The answer breaks off in the middle.", _RETRY, _faulty("half_answer")),
    Scenario("slow", "The answer takes longer than the till waits.", _RETRY, _faulty("slow", 5)),
    Scenario("duplicate", "The network delivers the request twice.", _RETRY, _faulty("duplicate")),
    Scenario("busy", "503 asks to wait.", "Wait as long as Retry-After says, then send the same key.", _busy),
    Scenario("refused", "There is not enough on the card.", _FINAL, _refused),
    Scenario("partial", "The card covers part of it.", "Collect remaining_due by another means.", _partial),
    Scenario("never-arrives", "No request gets through.", _REVERSE, _never_arrives),
    Scenario("never-answered", "No answer gets through.", _REVERSE, _never_answered),
    Scenario("arrives-late", "A request arrives after it was reversed.", _REVERSE, _arrives_late),
    Scenario("refund", "The answer to a refund is lost.", _RETRY, _refund),
    Scenario("capture", "The answer to a capture is lost.", _RETRY, _hold),
    Scenario("void", "A void is lost.", _RETRY, _void),
    Scenario("cancel", "A sale is cancelled, and that answer is lost.", _RETRY, _cancel),
    Scenario("basket", "Two cards pay, and the answer is lost.", _RETRY, _basket),
    Scenario("power-cut", "The till dies before it hears the answer.", _PERSIST, _power_cut, needs_kill=True),
    Scenario("again", "After a restart the sale is sent again.", _PERSIST, _sold_again, needs_kill=True),
    Scenario(
        "offline", "The network is gone for a while.", "Keep keys and times, tell POST /sync.", _offline
    ),
    Scenario("overnight", "The till restarts while offline.", _PERSIST, _offline_overnight, needs_kill=True),
    Scenario("wrong-clock", "The till's clock is an hour fast.", _CLOCK, _wrong_clock),
)
