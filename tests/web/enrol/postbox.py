"""What customers find in their mail: everything the outbox wrote, read from the folder for mails."""

import re
from pathlib import Path

from passes.wiring import Services
from tests.fakes.mail.rules import Taken, check

LINK = re.compile(r"https://karten\.example(/[^\s]+)")


class Postbox:
    """The mails of one installation, by whom they are for."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._folder: Path = services.settings.data_dir / "mail"

    def mails(self, email: str = "") -> list[Taken]:
        """Send what waits; every mail so far to `email`, or to anybody, oldest first."""
        self._services.senders()["mail"].run()
        paths = sorted(self._folder.glob("*.eml"), key=lambda path: path.stat().st_mtime_ns)
        mails = [Taken("", "", path.read_bytes()) for path in paths]
        for mail in mails:
            check(mail.content, utf8=True)
        return [mail for mail in mails if not email or mail.message["To"] == email]

    def link(self, email: str, number: int = -1, *, to: str = "/confirm/") -> str:
        """The path a mail's button leads to; of those with `to` in it the newest, or one by its number."""
        found = [LINK.search(mail.part("plain")) for mail in self.mails(email)]
        return [link[1] for link in found if link is not None and to in link[1]][number]
