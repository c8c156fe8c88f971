"""What Google has against what we meant: read page by page, compared card by card, and put in line again.

Google cannot be asked what changed and nothing can be deleted there, so everything is read. A card that
waits to be sent anyway is no difference. Repairing sends nothing by itself: what is wrong is noted to be in
doubt and put in line, and goes out like any other change, at the pace of all.
"""

from collections import Counter
from collections.abc import Callable, Container, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from typing import Literal

from sqlalchemy import select

from passes.cards.face import Kind
from passes.cards.models import Card
from passes.clock import real_now
from passes.db.engine import Database, UnitOfWork
from passes.installs import google as installs
from passes.installs import queries
from passes.installs.queries import GoogleObjectView
from passes.outbox import service as outbox
from passes.wallets.fan_out import object_target
from passes.wallets.google.bodies import OPTIONAL
from passes.wallets.google.client import GoogleWallet
from passes.wallets.google.compare import changes, digest
from passes.wallets.google.kept import GoogleCards
from passes.wallets.google.names import pass_type
from passes.wallets.google.parts import Json
from passes.wallets.google.seen import SeenIds

Fault = Literal["missing", "different", "orphaned", "unknown"]
"""Google lacks it; shows something else; has a card's object that we did not note; has what is no card's."""

FAULTS: tuple[Fault, ...] = ("missing", "different", "orphaned", "unknown")

Progress = Callable[[int, int], None]
SHOWN = 200
"""How many findings a report names; all are counted."""

PAGE = 500


@dataclass(frozen=True, slots=True)
class Finding:
    """One class or object that is not as meant; `fields` are those that differ."""

    fault: Fault
    id: str
    card_id: str | None = None
    fields: tuple[str, ...] = ()


@dataclass(slots=True)
class Report:
    """How many objects were looked at, of how many; which are as meant, wait to be sent, or neither."""

    looked_at: int = 0
    total: int = 0
    same: int = 0
    waiting: int = 0
    put_in_line: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        """Whether everything is as meant."""
        return not self.counts

    def all_counts(self) -> dict[str, int]:
        """What was counted, by name."""
        faults: dict[str, int] = {fault: self.counts[fault] for fault in FAULTS}
        return {"same": self.same, "waiting": self.waiting, "put_in_line": self.put_in_line, **faults}

    def add(self, finding: Finding) -> None:
        """Count it, and name it as long as there is room."""
        self.counts[finding.fault] += 1
        if len(self.findings) < SHOWN:
            self.findings.append(finding)


class Reconciliation:
    """One walk through what Google has; `merchant_id` None means everybody's."""

    def __init__(
        self,
        database: Database,
        wallet: GoogleWallet,
        kept: GoogleCards,
        *,
        merchant_id: str | None = None,
        repair: bool = False,
    ) -> None:
        self._database = database
        self._wallet = wallet
        self._kept = kept
        self._merchant_id = merchant_id
        self._repair = repair
        self.report = Report()
        """What was found so far."""

    def run(self, progress: Progress) -> Report:
        """Look at every class and object; raises `GoogleError` when Google cannot be had."""
        with self._database.read() as uow:
            expected = queries.google_counts(uow, self._merchant_id)
        total = self.report.total = sum(expected.values())

        def tell() -> None:
            progress(min(self.report.looked_at, total), total)

        for class_id in sorted(expected):
            tell()
            with closing(SeenIds()) as seen:
                self._one_class(class_id, seen, tell)
        if self._merchant_id is None:
            self._strangers(expected.keys())
        progress(total, total)
        return self.report

    def _one_class(self, class_id: str, seen: SeenIds, tell: Callable[[], None]) -> None:
        kind = self._kind_of(class_id)
        if kind is None:
            return
        for page in self._wallet.list_objects(kind, class_id):
            self._compare(kind, page)
            seen.add(shown["id"] for shown in page)
            tell()
        for rows in self._noted(class_id):
            unseen = seen.unseen([row.object_id for row in rows])
            for row in rows:
                if row.object_id in unseen and row.synced_version:
                    self.report.looked_at += 1
                    self._found(Finding("missing", row.object_id, row.card_id), row.merchant_id)
            tell()

    def _kind_of(self, class_id: str) -> Kind | None:
        """The kind of the class's cards, once its own body has been compared; None when nothing was sent."""
        with self._database.read() as uow:
            first = next((row for row in queries.google_objects_of(uow, class_id, "", 1)), None)
            if first is None:
                return None
            shown = self._kept.show(uow, first.card_id)
            noted = queries.google_class(uow, class_id)
        kind = shown.face.kind
        if noted is None or noted.digest != digest(shown.class_body):
            self.report.waiting += 1
            return kind
        current = self._wallet.get_class(kind, class_id)
        wrong = changes(current or {}, shown.class_body, OPTIONAL[f"{pass_type(kind)}Class"])
        if current is None or wrong:
            fault: Fault = "missing" if current is None else "different"
            finding = Finding(fault, class_id, first.card_id, tuple(sorted(wrong)) if current else ())
            self._found(finding, first.merchant_id)
        return kind

    def _compare(self, kind: Kind, page: list[Json]) -> None:
        optional = OPTIONAL[f"{pass_type(kind)}Object"]
        with self._database.read() as uow:
            noted = queries.google_objects_named(uow, [shown["id"] for shown in page])
            for current in page:
                row = noted.get(current["id"])
                if row is None:
                    self._stray(uow, current["id"])
                    continue
                self.report.looked_at += 1
                wanted = self._kept.show(uow, row.card_id).object_body
                if row.digest != digest(wanted):
                    self.report.waiting += 1
                elif wrong := changes(current, wanted, optional):
                    finding = Finding("different", row.object_id, row.card_id, tuple(sorted(wrong)))
                    self._found(finding, row.merchant_id)
                else:
                    self.report.same += 1

    def _stray(self, uow: UnitOfWork, object_id: str) -> None:
        """An object nobody noted: a card's, if there is one of that id."""
        card_id = object_id.rpartition("-")[2]
        merchant_id = uow.conn.execute(select(Card.merchant_id).where(Card.id == card_id)).scalar()
        if merchant_id is None:
            self._found(Finding("unknown", object_id), None)
        else:
            self._found(Finding("orphaned", object_id, card_id), merchant_id)

    def _strangers(self, known: Container[str]) -> None:
        """Classes of the issuer that belong to none of our programs."""
        for kind in ("stamp", "coupon", "gift"):
            for page in self._wallet.list_classes(kind):
                for shown in page:
                    if shown["id"] not in known:
                        self.report.add(Finding("unknown", shown["id"]))

    def _noted(self, class_id: str) -> Iterator[list[GoogleObjectView]]:
        after = ""
        while True:
            with self._database.read() as uow:
                rows = queries.google_objects_of(uow, class_id, after, PAGE)
            if not rows:
                return
            yield rows
            after = rows[-1].card_id

    def _found(self, finding: Finding, merchant_id: str | None) -> None:
        self.report.add(finding)
        if not self._repair or finding.card_id is None or merchant_id is None:
            return
        with self._database.write() as uow:
            shown = self._kept.show(uow, finding.card_id)
            ids = shown.object_body["id"], shown.class_body["id"]
            installs.expect_object(uow, merchant_id, finding.card_id, *ids)
            installs.doubt_object(uow, finding.card_id)
            if finding.id == ids[1]:
                installs.doubt_class(uow, merchant_id, finding.id)
            outbox.want(uow, [object_target(merchant_id, finding.card_id)], real_now())
        self.report.put_in_line += 1
