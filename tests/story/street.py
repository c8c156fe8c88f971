"""A street with one shop: customers with phones, a clock everybody reads, and two schedulers at once."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from click.testing import CliRunner
from werkzeug.test import Client

from passes.cli.main import main
from passes.config import load_settings
from passes.errors import Busy
from passes.wiring import Services
from scheduler.jobs import Job, job_table
from tests.fakes.phone import Phone
from tests.story.shop import Json, Shop, open_shop

PROGRAM = {
    "kind": "stamp",
    "name": "Coffee card",
    "slug": "kaffee",
    "rules": {"stamps_required": 10, "reward": "A free coffee"},
}


@dataclass
class Customer:
    """Somebody with the card on a phone and in a Google account."""

    shop: Shop
    phone: Phone
    card: Json
    object_id: str
    heard: int = 0

    @property
    def news(self) -> str:
        """What the card on the phone says is new."""
        return self._up_to_date().shown(self.card["id"], "news")

    @property
    def balance(self) -> str:
        """What the card on the phone says is on it."""
        return self._up_to_date().shown_balance(self.card["id"])

    @property
    def announced(self) -> list[str]:
        """What has appeared on the lock screen."""
        return [notification.text for notification in self._up_to_date().notifications]

    def _up_to_date(self) -> Phone:
        """The phone, after it did what its pushes made it do: without a push it asks for nothing."""
        arrived = sum(push.token == self.phone.push_token for push in self.shop.apns.pushes)
        if arrived > self.heard:
            self.heard = arrived
            self.phone.pushed()
        return self.phone

    @property
    def messages(self) -> list[str]:
        """The messages on the card in the Google account."""
        stored = self.shop.google.store.item("loyaltyObject", self.object_id)
        assert stored is not None
        return [message["body"] for message in stored.get("messages", [])]

    def buys(self, count: int = 1) -> Json:
        """Something, and gets stamps for it."""
        return self.shop.api("POST", "/stamps", {"card_id": self.card["id"], "count": count})


@dataclass
class Street:
    """The shop and what happens around it."""

    shop: Shop
    clock_file: Path
    schedulers: list[tuple[Job, ...]]

    def at(self, moment: str) -> "Street":
        """Let it be `moment`, for every process that looks at the clock."""
        draft = self.clock_file.with_suffix(".new")
        draft.write_text(moment)
        draft.replace(self.clock_file)
        return self

    def tick(self, times: int = 2) -> None:
        """Let both schedulers do their work at the same time, more than once."""
        with ThreadPoolExecutor(len(self.schedulers)) as pool:
            for _ in range(times):
                list(pool.map(_work, self.schedulers))

    def comes_in(self, **typed: str) -> Customer:
        """A customer takes a card at the counter and puts it into both wallets."""
        pkpass = self.shop.download(self.shop.enrol("kaffee", **typed))
        phone = self.shop.phone()
        phone.install(pkpass)
        return self._with_google(phone, self.shop.card_of(pkpass))

    def writes_in(self, **known: Any) -> Customer:
        """A customer the office knows is given a card by it."""
        member = self.shop.api("POST", "/members", known)
        program = self.shop.api("GET", "/programs", expect=200)["items"][0]["id"]
        card = self.shop.api("POST", "/cards", {"program_id": program, "member_id": member["id"]})
        phone = self.shop.phone()
        phone.install(self.shop.download(card["links"]["page"].removeprefix(self.shop.services.base_url)))
        return self._with_google(phone, card)

    def _with_google(self, phone: Phone, card: Json) -> Customer:
        link = self.shop.api("GET", f"/cards/{card['id']}/google", expect=200)
        return Customer(self.shop, phone, card, link["object"]["id"])

    def command(self, *arguments: str, exit_code: int = 0) -> Any:
        """What a command prints with --json."""
        result = CliRunner().invoke(main, [*arguments, "--json"], env=self.shop.environment)
        assert result.exit_code == exit_code, result.output
        return json.loads(result.stdout)

    def key(self, *scopes: str) -> str:
        """A key with the scopes, as an operator hands it out."""
        made = self.command("apikey", "create", "--merchant", "morgenrot", "--scopes", ",".join(scopes))
        return str(made["key"])

    def call(self, key: str, method: str, path: str, body: Json | None = None, *, expect: int = 200) -> Json:
        """Call the API with a key of one's own."""
        answer = Client(self.shop.app).open(
            f"/api/v1{path}",
            method=method,
            headers={"Authorization": f"Bearer {key}"},
            data=None if body is None else json.dumps(body),
        )
        assert answer.status_code == expect, answer.get_data(as_text=True)
        return dict(json.loads(answer.get_data()))


def _work(jobs: tuple[Job, ...]) -> None:
    for name in ("campaigns", "send"):
        # A tick that found the database busy is made up for by the next one.
        with suppress(Busy):
            next(job for job in jobs if job.name == name).run(lambda: True)


@contextmanager
def open_street(database_url: str, folder: Path, moment: str) -> Iterator[Street]:
    """Open the shop at `moment`, with two schedulers that share nothing but the database and the clock."""
    clock_file = folder / "clock"
    clock_file.write_text(moment)
    with open_shop(database_url, folder, STEMPEL_CLOCK_FILE=str(clock_file)) as shop:
        shop.api("POST", "/programs", PROGRAM)
        own = [Services(load_settings(shop.environment)) for _ in range(2)]
        tables = [job_table(s.database, s.senders(), s.base_url, s.token_key) for s in own]
        yield Street(shop, clock_file, tables)
        for services in own:
            services.close()
