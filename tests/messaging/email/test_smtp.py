"""TLS before anything is said, credentials only behind it, and neither ever in a log."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from passes.messaging.email.letter import Letter
from passes.messaging.email.message import compose
from passes.messaging.email.post import Reply, Sealed
from passes.messaging.email.server import Security, SmtpServer, parse_server
from passes.messaging.email.smtp import Smtp
from tests.fakes.certs import CertificateFiles, server_certificate
from tests.fakes.mail import MailServer, Trouble

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
LOGIN = ("postman@karten.example", "pa:ss %word")


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> CertificateFiles:
    return server_certificate(tmp_path_factory.mktemp("mail"))


def a_mail() -> Sealed:
    letter = Letter("ada@mokka.example", "Café", "de", "Hallo", "Hallo", ("Guten Tag.\n.\n..",))
    return Sealed("n", AT, "c@karten.example", letter.to, compose(letter, "c@karten.example", "n", AT))


@contextmanager
def serving(files: CertificateFiles | None, **how: Any) -> Iterator[MailServer]:
    with MailServer(files, **how) as running:
        yield running


def hand_in(
    server: MailServer,
    security: Security,
    roots: Path | None = None,
    login: tuple[str, str] = ("", ""),
    host: str = "localhost",
) -> Reply:
    smtp = Smtp(SmtpServer(host, server.port, security, *login), "karten.example", roots, step_s=20.0)
    (reply,) = smtp.hand_in([a_mail()])
    return reply


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_mail_goes_over_tls_with_who_we_are(files: CertificateFiles, security: Security) -> None:
    with serving(files, implicit=security == "tls", login=LOGIN) as server:
        assert hand_in(server, security, files.root, LOGIN).is_accepted
        assert ("STARTTLS" in server.commands) == (security == "starttls")
        assert server.taken[0].part("plain").startswith("Hallo\n\nGuten Tag.\n.\n..\n")


def test_without_starttls_nothing_is_said(files: CertificateFiles) -> None:
    with serving(None, login=LOGIN, plain_login=True) as server:
        reply = hand_in(server, "starttls", files.root, LOGIN)
        assert (reply.code, reply.stage) == (None, "reach")
        assert "no STARTTLS" in reply.note
        assert server.commands == ["ehlo karten.example", "quit"]


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_nobody_vouches_for_ends_it(files: CertificateFiles, security: Security) -> None:
    with serving(files, implicit=security == "tls", login=LOGIN) as server:
        reply = hand_in(server, security, None, LOGIN)
        assert reply.note == "the server's certificate cannot be trusted"
        assert "AUTH" not in server.commands
        assert server.taken == []


def test_wrong_credentials_are_said_so_and_stand_nowhere(
    files: CertificateFiles, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    wrong = (LOGIN[0], "not-the-secret")
    with serving(files, login=LOGIN) as server, capture_logs() as logs:
        reply = hand_in(server, "starttls", files.root, wrong)
        shown = repr(SmtpServer("h", 1, "tls", *wrong))
    assert str(reply) == "535: the server does not accept the user name and password of SMTP_URL"
    everything = f"{reply} {logs} {caplog.text} {capfd.readouterr()} {shown}"
    assert "not-the-secret" not in everything
    assert LOGIN[0] not in everything


def test_to_this_machine_it_may_go_in_the_clear() -> None:
    with serving(None, login=LOGIN, plain_login=True) as server:
        assert hand_in(server, "none", None, LOGIN, "127.0.0.1").is_accepted


def test_a_server_that_stops_answering_over_tls_is_cut_off(files: CertificateFiles) -> None:
    with serving(files, implicit=True) as server:
        server.troubles = [Trouble("content", "drip")]
        line = SmtpServer("localhost", server.port, "tls")
        smtp = Smtp(line, "karten.example", files.root, step_s=20.0, exchange_s=1.0)
        (reply,) = smtp.hand_in([a_mail()])
        assert (reply.code, reply.stage) == (None, "content")


@pytest.mark.parametrize(
    "url, server",
    [
        ("smtp://mail.example", SmtpServer("mail.example", 587, "starttls")),
        ("smtps://mail.example", SmtpServer("mail.example", 465, "tls")),
        ("smtp://localhost:1025", SmtpServer("localhost", 1025, "none")),
        ("smtp://[::1]:25", SmtpServer("::1", 25, "none")),
        ("smtps://127.0.0.1", SmtpServer("127.0.0.1", 465, "tls")),
        ("smtp://a%40b.de:p%3Aw%2F@h.example:25", SmtpServer("h.example", 25, "starttls", "a@b.de", "p:w/")),
    ],
)
def test_the_address_says_where_and_how(url: str, server: SmtpServer) -> None:
    assert parse_server(url) == server


def test_no_descriptor_is_left_open(files: CertificateFiles) -> None:
    with serving(files, login=LOGIN) as server:
        server.troubles = [Trouble("connect", "hang up"), Trouble("content", "hang up")]
        before = len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0
        for _ in range(5):
            hand_in(server, "starttls", files.root, LOGIN)
        after = len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0
    assert after <= before + 5  # what the server has not closed yet is ours too, here
