"""Mails as files, for an installation without a mail server: what would have been sent lies there to be read.

They hold links that open cards, so they are for their owner alone.
"""

import os
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from passes.messaging.email.post import Reply, Sealed


@dataclass(frozen=True, slots=True)
class Folder:
    """Writes `.eml` files, which every mail program opens. The same mail again is the same file."""

    path: Path

    def hand_in(self, mails: Sequence[Sealed]) -> Iterator[Reply]:
        """Write every mail, whole or not at all."""
        for mail in mails:
            try:
                self._write(mail)
            except OSError as error:
                yield Reply(None, "reach", note=f"the folder for mails cannot be written: {error.strerror}")
            else:
                yield Reply(250, "content", note="written to the folder for mails")

    def _write(self, mail: Sealed) -> None:
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = self.path / f".{mail.name}.{secrets.token_hex(4)}"
        try:
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(mail.content)
            os.replace(draft, self.path / f"{mail.at:%Y%m%dT%H%M%SZ}-{mail.name}.eml")
        finally:
            draft.unlink(missing_ok=True)
