"""The bytes of a mail: what a strict server takes, whatever a merchant is called, and always the same."""

import re
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.header import decode_header

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passes.messaging.email import head
from passes.messaging.email.address import NoSuchDomain, deliverable
from passes.messaging.email.letter import Button, Letter
from passes.messaging.email.message import compose, name_of
from tests.fakes.mail.rules import Refused, check
from tests.mutants import plant

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
ODD = 'Café Größenwahn Übermut (Nord) "x" & 日本 👋 =?x?= \\ abc'.split()
WORDS = st.lists(st.sampled_from(ODD), max_size=14)


def a_letter(**changes: object) -> Letter:
    plain = {
        "to": "ada@mokka.example",
        "sender_name": "Café",
        "language": "de",
        "subject": "Hallo",
        "heading": "Hallo",
        "paragraphs": ("Guten Tag",),
    }
    return Letter(**{**plain, **changes})  # type: ignore[arg-type]  # a test names what it changes


def made(letter: Letter) -> bytes:
    return compose(letter, "cards@karten.example", name_of("mer_1", "x", 1), AT)


def read(content: bytes, name: str) -> str:
    """A header as the standard reads it."""
    raw = message_from_bytes(content)[name].replace("\r\n", "")
    return "".join(p.decode(c or "ascii") if isinstance(p, bytes) else p for p, c in decode_header(raw))


@given(subject=WORDS, name=WORDS)
def test_whatever_a_merchant_is_called_arrives_as_it_is(subject: list[str], name: list[str]) -> None:
    content = made(a_letter(subject=" ".join(subject), sender_name=" ".join(name)))
    check(content, utf8=False)
    assert read(content, "Subject") == " ".join(subject)
    assert max(map(len, content.split(b"\r\n"))) <= 78


@given(st.text(max_size=80))
def test_no_text_can_begin_a_header_of_its_own(text: str) -> None:
    content = made(a_letter(subject=f"a{text}\r\nBcc: eve@example.com", sender_name=f"{text}\nBcc: x"))
    check(content, utf8=False)
    head = content.partition(b"\r\n\r\n")[0].lower()
    assert re.search(rb"(?m)^bcc:", head) is None


@given(st.text(max_size=200))
def test_no_text_breaks_the_parts(text: str) -> None:
    check(made(a_letter(heading=text, paragraphs=(text, "x" * 3000), small=(text,))), utf8=False)


def test_what_is_written_is_only_ever_text() -> None:
    content = made(a_letter(heading="<script>1</script>", button=Button("<b>", 'https://x/"><i>')))
    body = message_from_bytes(content, policy=policy.default).get_body(("html",))
    assert body is not None
    assert not re.search(r"<script|<b>|<i>", body.get_content())


def test_the_same_mail_is_the_same_bytes_and_another_attempt_has_the_same_name() -> None:
    assert made(a_letter()) == made(a_letter())
    mails = (("m", "a", 1), ("m", "a", 1), ("m", "a", 2), ("m", "b", 1), ("n", "a", 1))
    assert len({name_of(*mail) for mail in mails}) == 4


@pytest.mark.parametrize(
    "address, written",
    [
        ("ada@mokka.example", "ada@mokka.example"),
        ("ada@straße.de", "ada@xn--strae-oqa.de"),
        ("ada@BÜCHER.de", "ada@xn--bcher-kva.de"),
        ("änne@例え.jp", "änne@xn--r8jz45g.jp"),
    ],
)
def test_a_domain_is_written_as_the_network_knows_it(address: str, written: str) -> None:
    assert deliverable(address) == written


@pytest.mark.parametrize("domain", ["ü" * 64 + ".de", "a‍b.de", "א1a.de"])
def test_a_domain_that_cannot_exist_is_said_so(domain: str) -> None:
    with pytest.raises(NoSuchDomain):
        deliverable(f"ada@{domain}")


SOUND = made(a_letter())


@pytest.mark.parametrize(
    "old, new",
    [
        (b"\r\n\r\n", b"\n\n"),
        (b"Message-ID: ", b"X-Id: "),
        (b"Date: ", b"X-Date: "),
        (b"From: ", b"X-From: "),
        (b"Subject: Hallo", b"Subject: Hallo\r\nSubject: 2"),
        (b"Hallo", b"H\xc3\xa4llo"),
        (b"Guten", b"x" * 999),
        (b"Subject: Hallo", b"Hallo"),
        (b"text/html", b"text/rtf"),
        (b"Subject: Hallo", b"Subject: =?utf-8?q?" + b"x" * 70 + b"?="),
    ],
    ids=range(10),
)
def test_the_strict_server_refuses_what_is_none(old: bytes, new: bytes) -> None:
    check(SOUND, utf8=False)
    assert old in SOUND
    with pytest.raises(Refused):
        check(SOUND.replace(old, new), utf8=False)


def test_a_name_that_begins_a_header_of_its_own_is_noticed() -> None:
    plain = '" ".join("".join(c if c.isprintable() else " " for c in value).split())'
    damaged = plant(head, (plain, "value"))
    for module, is_broken in ((damaged, True), (head, False)):
        said = module.header("Subject", module.text("Hallo\r\nBcc: eve@example.com")).decode()
        assert (re.search(r"(?m)^Bcc:", said) is not None) == is_broken
