"""A letter as the bytes of a mail: plain text and HTML, the same every time it is made.

A server that took a mail and whose answer was lost gets the same bytes again under the same Message-ID, so
that whoever has it already can tell.
"""

from datetime import datetime
from email import policy
from email.message import EmailMessage
from email.utils import format_datetime
from hashlib import sha256
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from passes.messaging.email import head
from passes.messaging.email.address import deliverable
from passes.messaging.email.letter import Letter

TEMPLATES = Path(__file__).parents[3] / "templates" / "email"

_environment = Environment(
    loader=FileSystemLoader(TEMPLATES),
    autoescape=select_autoescape(("html",)),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def name_of(merchant_id: str, target: str, wanted: int) -> str:
    """The name of one mail, the same in every attempt: the left side of its Message-ID."""
    return sha256(f"{merchant_id}\0{target}\0{wanted}".encode()).hexdigest()[:32]


def compose(letter: Letter, sender: str, name: str, at: datetime) -> bytes:
    """The mail from `sender` (an address), dated `at` (real time), as it goes over the wire.

    Raises `NoSuchDomain` where the address cannot exist. Lines are short and of seven bits, unless the
    address itself is not.
    """
    headers = {
        "Message-ID": f"<{name}@{sender.rpartition('@')[2]}>",
        "Date": format_datetime(at),
        "From": head.mailbox(letter.sender_name, sender),
        "To": deliverable(letter.to),
        "Subject": head.text(letter.subject),
        "Content-Language": letter.language,
        # Nobody's holiday answer should come back from what a machine wrote (RFC 3834).
        "Auto-Submitted": "auto-generated",
    }
    return b"".join(head.header(*pair) for pair in headers.items()) + _parts(letter, name)


def _parts(letter: Letter, name: str) -> bytes:
    """The rest of the head, and both forms of what is written."""
    parts = EmailMessage(policy=policy.SMTP)
    parts.set_content(render("message.txt", letter), cte="quoted-printable")
    parts.add_alternative(render("message.html", letter), subtype="html", cte="quoted-printable")
    parts.set_boundary(f"=_{name}")
    return parts.as_bytes()


def render(template: str, letter: Letter) -> str:
    """The words of a letter in one of the two forms it has."""
    return _environment.get_template(template).render(letter=letter)
