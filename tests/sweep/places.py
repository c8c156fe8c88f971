"""Who is in front of the pages, and how a bad form or address is sent from there."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from passes.cards.apple_token import key_id_of, token_for
from tests.factories.visitor import Visitor, visit
from tests.fixtures.api import eur
from tests.sweep.bad import Bad
from tests.sweep.world import PASSWORD, World

NOWHERE = ("unknown", "%00", "x" * 5000, "%F0%9F%98%80", "..%2F..%2Fetc%2Fpasswd", "'%20OR%201=1", "%FF")
FORM = "application/x-www-form-urlencoded"
HUGE_FIELD = "x" * 600_000
NO_FORMS = (
    ("application/json", b'{"name": 7}'),
    ("multipart/form-data", b"--x"),
    ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data\r\n\r\n\0"),
    (FORM, b"\xff\xfe=%zz&&&=;"),
    ("text/plain", b"name=x"),
)


@dataclass
class Places:
    """Where pages are, and who is in front of them."""

    world: World

    def _signed_in(self, path: str, button: str, **typed: str) -> Visitor:
        browser = visit(self.world.app, language="en")
        browser.get(path)
        browser.press(button, **typed)
        return browser

    @cached_property
    def customer(self) -> Visitor:
        browser = visit(self.world.app, language="en")
        browser.get(f"/e/{self.world.mine.slug()}")
        return browser

    @cached_property
    def marketer(self) -> Visitor:
        # One for all who ask: there are more pages than one person may sign in within ten minutes.
        if self.world.marketer is None:
            email = self.world.mine.person
            self.world.marketer = self._signed_in("/console", "Sign in", email=email, password=PASSWORD)
        self.world.marketer.get("/console")
        return self.world.marketer

    @cached_property
    def onlooker(self) -> Visitor:
        """Somebody in the console who manages nothing."""
        if self.world.onlooker is None:
            email = self.world.mine.onlooking_person
            self.world.onlooker = self._signed_in("/console", "Sign in", email=email, password=PASSWORD)
        self.world.onlooker.get("/console")
        return self.world.onlooker

    @cached_property
    def till(self) -> Visitor:
        browser = visit(self.world.app, language="en")
        browser.get("/scanner")
        form = next(form for form in browser.forms() if form.action == "/scanner/key")
        browser.send(form, key=self.world.mine.shop.till.key or "")
        assert "scanner/card" in browser.text
        return browser

    @cached_property
    def asked(self) -> str:
        """The path of something this till has asked a second person for, who has not answered yet."""
        above = {"call": "load", "within": "transaction", "amount": eur(50_000_000), "action": "approve"}
        self.world.mine.shop.manager.post("/limits", above).ok()
        self.till.get(self.desk("gift"))
        self.till.press("Load", load="600000")
        assert self.till.path.startswith("/scanner/approvals/")
        return self.till.path

    def card(self, kind: str = "stamp") -> str:
        """The path of a card's page."""
        page: str = self.world.mine.cards[kind]["links"]["page"]
        return page.removeprefix(self.world.services.base_url)

    def desk(self, kind: str) -> str:
        """The path of a card on the scanner."""
        return f"/scanner/card/{self.world.mine.cards[kind]['id']}"

    @cached_property
    def registration(self) -> tuple[str, dict[str, str]]:
        """The address of a pass of ours below a device's, and the header of a phone that has the pass."""
        services, serial = self.world.services, self.world.mine.cards["stamp"]["id"]
        pass_type = services.signing_identity(self.world.mine.shop.slug).pass_type_identifier
        token = token_for(services.token_key, key_id_of(services.token_key), pass_type, serial)
        return f"{pass_type}/{serial}", {"Authorization": f"ApplePass {token}"}


def get(what: str, path: str, *statuses: int, **request: Any) -> Bad:
    return Bad(what, "GET", path, frozenset(statuses), content_type=None, **request)


def below(start: str, end: str = "", *, statuses: Sequence[int] = (400, 404)) -> Iterator[Bad]:
    """Addresses between `start` and `end` where nothing is."""
    for name in NOWHERE:
        yield get(f"{name[:12]} in the address", f"{start}{name}{end}", *statuses)


def cookies_of(browser: Visitor) -> dict[str, str]:
    jar = browser.client._cookies or {}
    return {cookie.key: cookie.value for cookie in jar.values()}


def token_of(browser: Visitor) -> str:
    return next(form.values["csrf_token"] for form in browser.forms() if "csrf_token" in form.values)


def post(
    browser: Visitor, what: str, path: str, *statuses: int, names: str | None = None, **typed: str
) -> Bad:
    """A form sent from a page the browser is on, its token included."""
    sent = {"csrf_token": token_of(browser), **typed}
    return Bad(
        f"{what} in a form",
        "POST",
        path,
        frozenset(statuses),
        names,
        data=sent,
        content_type=FORM,
        cookies=cookies_of(browser),
    )


def no_forms(browser: Visitor, path: str) -> Iterator[Bad]:
    """What is no form of ours at all."""
    statuses, cookies = frozenset({400, 303} if path.startswith("/scanner") else {400}), cookies_of(browser)
    for token in ({}, {"csrf_token": ""}, {"csrf_token": "x" * 5000}, {"csrf_token": "a\0b"}):
        yield Bad(f"{token!r:.30}", "POST", path, statuses, data=token, content_type=FORM, cookies=cookies)
    for kind, data in NO_FORMS:
        yield Bad(
            f"{kind} {data[:8]!r}", "POST", path, statuses, data=data, content_type=kind, cookies=cookies
        )
    yield post(browser, "a huge field", path, 413, note=HUGE_FIELD)
