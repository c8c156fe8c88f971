"""Looking at what the service says after the story, and at what lies in its database."""

import hashlib
import json
import subprocess
import sys
from datetime import date
from typing import Any

from sqlalchemy import select

from benchmarks.replay.phones import NEWS, count_shown
from benchmarks.replay.play import REMINDER, Play
from benchmarks.replay.recount import Outcome, Standing
from benchmarks.replay.stage import ZONE, environment_of
from benchmarks.server import ROOT
from passes.campaigns.models import Campaign, Dispatch
from passes.cards.models import Card
from passes.db.base import Base
from passes.ledger.models import Account, AnsweredKey, PersonalAnswer, Posting, Transaction, Undoing
from passes.members.models import Consent, Member
from passes.programs.models import Program

TABLES: tuple[type[Base], ...] = (
    Program,
    Member,
    Consent,
    Card,
    Account,
    Transaction,
    Posting,
    Undoing,
    AnsweredKey,
    PersonalAnswer,
    Campaign,
    Dispatch,
)
VERIFY_TIMEOUT_S = 600


def found(play: Play, verified: dict[str, Any]) -> Outcome:
    """How the story ended by the service's own word: every card over the API, reminders from the table."""
    outcome = Outcome(transactions=verified["transactions"])
    for customer, holder in play.holders.items():
        stamps = play.till.get(f"/cards/{holder.stamp_card['id']}")
        points = play.till.get(f"/cards/{holder.points_card['id']}")
        outcome.standings[customer] = Standing(
            stamps=stamps["balance"]["amount"],
            stamps_owed=stamps["owed"]["amount"],
            rewards=stamps["rewards"],
            points=points["balance"]["amount"],
            points_owed=points["owed"]["amount"],
        )
    customers: dict[str | None, int] = {
        holder.member_id: customer for customer, holder in play.holders.items()
    }
    taken = select(Transaction.id).where(Transaction.type == "redeem")
    sent = select(Dispatch.member_id, Dispatch.sent_at).where(Dispatch.campaign_id == play.campaign_id)
    with play.stage.services.database.read() as uow:
        outcome.rewards_taken = len(uow.conn.execute(taken).all())
        for member_id, sent_at in uow.conn.execute(sent):
            day = date.max if sent_at is None else sent_at.astimezone(ZONE).date()
            outcome.reminders.add((customers[member_id], day))
    return outcome


def phones_differ(play: Play, outcome: Outcome) -> list[str]:
    """Where a phone shows something else than the service says."""
    reminded = {customer for customer, _ in outcome.reminders}
    lines = []
    for customer, phone in play.phones.phones.items():
        standing, holder = outcome.standings[customer], play.holders[customer]
        for card, count in ((holder.stamp_card, standing.stamps), (holder.points_card, standing.points)):
            shown = count_shown(phone, card["id"])
            if shown != count:
                lines.append(
                    f"the phone of customer {customer} shows {shown} on its {card['kind']} card, not {count}"
                )
            has_news = phone.shown(card["id"], NEWS) == REMINDER[phone.language]
            if has_news != (customer in reminded):
                lines.append(f"the phone of customer {customer} shows a reminder: {has_news}")
    return lines


def verify_books(play: Play) -> dict[str, Any]:
    """What `ledger verify` says, as an operator would ask it."""
    command = [sys.executable, "-m", "passes", "ledger", "verify", "--json"]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=environment_of(play.stage),
        capture_output=True,
        check=False,
        timeout=VERIFY_TIMEOUT_S,
    )
    if done.returncode not in (0, 1):
        raise RuntimeError(f"ledger verify failed: {done.stderr.decode()}")
    said: dict[str, Any] = json.loads(done.stdout)
    return said


def left_behind(play: Play) -> dict[str, Any]:
    """The number of rows of every table that matters, and a hash over all that stands in them."""
    digest = hashlib.sha256()
    left: dict[str, Any] = {}
    with play.stage.services.database.read() as uow:
        for table in TABLES:
            columns = table.__table__
            rows = uow.conn.execute(select(columns).order_by(*columns.primary_key)).all()
            left[table.__tablename__] = len(rows)
            for row in rows:
                digest.update(repr(tuple(row)).encode())
    return {**left, "sha256": digest.hexdigest()}
