"""The phone itself: which passes it holds, what it shows, and what it announces."""

import secrets
from dataclasses import dataclass, replace

from tests.fakes.phone.bundle import InstalledPass, open_pass
from tests.fakes.phone.refusal import insist
from tests.fakes.phone.service import WebService
from tests.fakes.phone.transport import Transport, over_http


@dataclass(frozen=True, slots=True)
class Notification:
    """What appeared on the lock screen: the organization's name over a text."""

    serial: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Held:
    """A pass on this phone, how old it is by the service's word, and whether it is registered."""

    card: InstalledPass
    last_modified: str | None = None
    registered: bool = False


class Phone:
    """One device with one user, who reads `language`.

    `base` replaces every pass's own webServiceURL, for a service that is reached some other way than it
    says. Whatever a real phone would choke on raises `PhoneRefuses`. `complaints` collects what it would
    only log.
    """

    def __init__(
        self,
        device_id: str | None = None,
        push_token: str | None = None,
        *,
        base: str | None = None,
        language: str = "en",
        send: Transport = over_http,
    ) -> None:
        self.device_id = device_id or secrets.token_hex(16)
        self.push_token = push_token or secrets.token_hex(32)
        self.language = language
        self.notifications: list[Notification] = []
        self.complaints: list[str] = []
        self._base = base
        self._send = send
        self._held: dict[str, Held] = {}
        self._tags: dict[str, str] = {}

    @property
    def serials(self) -> list[str]:
        """The serial numbers of the passes on this phone, in the order they came."""
        return list(self._held)

    def card(self, serial: str) -> InstalledPass:
        """The pass as it is installed now."""
        return self._held[serial].card

    def install(self, pkpass: bytes, last_modified: str | None = None) -> str:
        """Take a pass and register it, if it has a web service; its serial number."""
        card = open_pass(pkpass)
        before = self._held.get(card.serial)
        self._held[card.serial] = Held(card, last_modified, before is not None and before.registered)
        if card.token:
            self._register(card.serial)
        return card.serial

    def rotate_token(self) -> str:
        """Get a new push token, as phones do now and then, and tell the service; the new token."""
        self.push_token = secrets.token_hex(32)
        for serial, held in list(self._held.items()):
            if held.registered:
                self._register(serial)
        return self.push_token

    def unregister(self, serial: str) -> None:
        """Take a pass off the phone."""
        held = self._held[serial]
        if held.registered:
            self._service(held.card).unregister(held.card)
        del self._held[serial]

    def pushed(self, pass_type: str | None = None) -> list[str]:
        """Do what a push makes a phone do: list, fetch; the serial numbers whose pass was replaced.

        Without `pass_type`, for every type on the phone.
        """
        types = {h.card.pass_type: h.card for h in self._held.values() if h.registered}
        wanted = [card for name, card in types.items() if pass_type in (None, name)]
        return [serial for card in wanted for serial in self._catch_up(card)]

    def refresh(self, serial: str) -> bool:
        """Fetch one pass, as pulling it down does; whether it was replaced."""
        held = self._held[serial]
        answer = self._service(held.card).fetch(held.card, held.last_modified)
        if answer is None:
            return False
        card = open_pass(answer.body)
        insist(
            card.identity == held.card.identity, f"{serial} came back as another pass: {card.identity[:2]}."
        )
        self._held[serial] = replace(held, card=card, last_modified=answer.headers["last-modified"])
        if card.manifest == held.card.manifest:
            self._complain(card, f"Fetched {serial}, but the pass was unchanged")
            return False
        self._announce(held.card, card)
        return True

    def shown(self, serial: str, key: str, language: str | None = None) -> str:
        """The value of a field as the user reads it, before the phone formats dates and amounts."""
        card = self.card(serial)
        insist(key in card.fields, f"{serial} has no field {key}.")
        return card.localized(card.fields[key]["value"], language or self.language)

    def shown_balance(self, serial: str) -> str:
        """The value of the field `balance`."""
        return self.shown(serial, "balance")

    def _catch_up(self, any_card: InstalledPass) -> list[str]:
        pass_type, service = any_card.pass_type, self._service(any_card)
        listing = service.updated(pass_type, self._tags.get(pass_type))
        if listing is None:
            return []
        replaced = []
        for serial in listing.serials:
            insist(serial in self._held, f"The list names {serial}, which this phone never registered.")
            if self.refresh(serial):
                replaced.append(serial)
            else:
                self._complain(any_card, f"{serial} was listed as updated, but the pass was unchanged")
        self._tags[pass_type] = listing.tag
        return replaced

    def _register(self, serial: str) -> None:
        held = self._held[serial]
        new = self._service(held.card).register(held.card, self.push_token)
        insist(not (new and held.registered), f"The service had forgotten the registration of {serial}.")
        self._held[serial] = replace(held, registered=True)

    def _announce(self, old: InstalledPass, new: InstalledPass) -> None:
        """Announce each field that has a changeMessage and another value than before."""
        for key, field in new.fields.items():
            before = old.fields.get(key)
            if before is None or "changeMessage" not in field:
                continue
            value = new.localized(field["value"], self.language)
            if value != old.localized(before["value"], self.language):
                message = new.localized(field["changeMessage"], self.language)
                text = message.replace("%@", value) if "%@" in message else "Pass changed"
                title = new.localized(new.contents["organizationName"], self.language)
                self.notifications.append(Notification(new.serial, title, text))

    def _complain(self, card: InstalledPass, sentence: str) -> None:
        self.complaints.append(sentence)
        self._service(card).log([sentence])

    def _service(self, card: InstalledPass) -> WebService:
        return WebService(self._base or str(card.contents["webServiceURL"]), self.device_id, self._send)
