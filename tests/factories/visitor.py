"""Somebody with a browser, as far as a browser without script goes: cookies, links, and forms as they are."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

BASE_URL = "https://karten.example"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/19.1 Mobile/15E148 Safari/604.1"
)
ANDROID = (
    "Mozilla/5.0 (Linux; Android 16; Pixel 10) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/150.0.0.0 Mobile Safari/537.36"
)
DESKTOP = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Safari/537.36"
)


@dataclass
class Form:
    """A form: where it goes, its fields as filled in, and its buttons with a value, by their words."""

    action: str
    values: dict[str, str] = field(default_factory=dict)
    buttons: dict[str, tuple[str, str]] = field(default_factory=dict)
    words: str = ""


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[Form] = []
        self._open: Form | None = None
        self._button: dict[str, str] | None = None
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = Form(given.get("action", ""))
            self.found.append(self._open)
        if self._open is None:
            return
        if tag == "input" and (given.get("type") != "checkbox" or "checked" in given):
            self._open.values[given.get("name", "")] = given.get("value", "")
        if tag == "select":
            self._select = given.get("name", "")
        if tag == "option" and ("selected" in given or self._select not in self._open.values):
            self._open.values[self._select] = given.get("value", "")
        if tag == "button":
            self._button = given

    def handle_data(self, data: str) -> None:
        if self._open is not None and self._button is not None and data.strip():
            self._open.words += data.strip()
            if "name" in self._button:
                self._open.buttons[data.strip()] = (self._button["name"], self._button["value"])

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        if tag == "button":
            self._button = None


@dataclass
class Visitor:
    """One browser; `page` is what it shows."""

    client: FlaskClient
    language: str = "de"
    user_agent: str = IPHONE
    page: TestResponse = field(init=False)

    @property
    def text(self) -> str:
        """The source of the page."""
        return self.page.get_data(as_text=True)

    @property
    def path(self) -> str:
        """Where the page is."""
        return urlsplit(self.page.request.url).path

    def get(self, path: str) -> TestResponse:
        """Open an address and follow where it leads."""
        self.page = self.client.get(path, follow_redirects=True, **self._how())
        return self.page

    def forms(self) -> list[Form]:
        """The forms of the page."""
        parser = _Forms()
        parser.feed(self.text)
        return parser.found

    def form(self, button: str) -> Form:
        """The form with that button; fails when the page has none."""
        found = [form for form in self.forms() if button in form.words]
        assert found, f"no button {button!r} on {self.path}: {[form.words for form in self.forms()]}"
        return found[0]

    def send(self, form: Form, **typed: str) -> TestResponse:
        """Send a form with some fields filled in, and follow where it leads."""
        how = self._how()
        self.page = self.client.post(form.action, data={**form.values, **typed}, follow_redirects=True, **how)
        return self.page

    def press(self, button: str, **typed: str) -> TestResponse:
        """Fill in the form with that button and press it."""
        form = self.form(button)
        if button in form.buttons:
            name, value = form.buttons[button]
            typed = {name: value, **typed}
        return self.send(form, **typed)

    def _how(self) -> dict[str, Any]:
        headers = {"Accept-Language": self.language, "User-Agent": self.user_agent}
        return {"headers": headers, "base_url": BASE_URL}


def visit(app: Flask, **about: str) -> Visitor:
    """A browser that has never been here."""
    return Visitor(app.test_client(), **about)
