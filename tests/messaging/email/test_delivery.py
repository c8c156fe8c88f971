"""From what happened to what lies in a mailbox: once, tried again under one name, given up, remembered."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from passes.clock import real_now
from passes.db.engine import Database
from passes.members import unreachable
from passes.members.models import UnreachableAddress
from passes.merchants import staff
from passes.messaging.email import rules
from tests.fakes.mail import MailServer, Trouble
from tests.messaging.email.conftest import Office, handing_in, office_with


def test_a_manager_hears_that_a_certificate_ends(office: Office, server: MailServer) -> None:
    office.person("ada")
    office.warn()
    office.sender.run()
    (mail,) = server.taken
    assert (mail.sender, mail.recipient) == ("cards@karten.example", "ada@mokka.example")
    assert mail.message["Subject"] == "Apple-Zertifikat läuft ab, in 30 Tagen: Café Größenwahn"
    for part in ("plain", "html"):
        assert "pass.example.mokka gilt noch bis 2026-12-22" in mail.part(part).replace("\n", " ")
        assert "https://karten.example/console/signing" in mail.part(part)
    assert mail.message["List-Unsubscribe"] is None
    assert server.refused == []
    assert office.outcomes() == ["250 2.0.0"]


def test_only_those_hear_of_it_who_manage_and_are_let_in(office: Office, server: MailServer) -> None:
    office.person("ada")
    office.person("bo", "till")
    gone = office.person("cleo")
    with office.database.write() as uow:
        staff.disable_staff(uow, office.merchant.id, gone, "test")
    office.warn()
    office.sender.run()
    assert [mail.recipient for mail in server.taken] == ["ada@mokka.example"]


def test_who_leaves_before_the_mail_does_is_not_written_to(office: Office, server: MailServer) -> None:
    leaver = office.person("ada")
    server.troubles = [Trouble("RCPT")]
    office.warn()
    office.sender.run()
    with office.database.write() as uow:
        staff.disable_staff(uow, office.merchant.id, leaver, "test")
    office.let_pass()
    office.sender.run()
    assert (server.taken, office.rows()) == ([], [])


def test_every_step_is_one_mail_to_each(office: Office, server: MailServer) -> None:
    office.person("ada")
    office.person("bo", "manage", "till")
    for days, state in ((30, "ends_soon"), (14, "ends_soon"), (1, "ends_soon"), (0, "ended")):
        office.warn(within_days=days, state=state)
        office.sender.run()
        office.sender.run()
    subjects = [str(mail.message["Subject"]) for mail in server.taken]
    assert len(subjects) == len(server.known) == 8
    assert subjects[::2] == [
        "Apple-Zertifikat läuft ab, in 30 Tagen: Café Größenwahn",
        "Apple-Zertifikat läuft ab, in 14 Tagen: Café Größenwahn",
        "Apple-Zertifikat läuft ab, in einem Tag: Café Größenwahn",
        "Apple-Zertifikat ist abgelaufen: Café Größenwahn",
    ]


@pytest.mark.parametrize(
    "trouble, note",
    [
        (Trouble("connect", answer="421 4.3.2 closing"), "421: the server does not let us in"),
        (Trouble("EHLO", "hang up"), "no answer came, or not in time"),
        (Trouble("MAIL", answer="550 5.7.1 not from you"), "550 5.7.1: the server takes no mails from our"),
        (Trouble("RCPT"), "451 4.3.0: the server does not take mails for this address"),
        (Trouble("DATA"), "451 4.3.0: the server does not take this mail"),
        (Trouble("content"), "451 4.3.0: the server does not take this mail"),
        (Trouble("content", "hang up"), "no answer came, or not in time"),
        (Trouble("RCPT", "silence"), "no answer came, or not in time"),
        (Trouble("RCPT", "drip"), "no answer came, or not in time"),
        (Trouble("connect", "drip"), "no answer came, or not in time"),
    ],
    ids=lambda value: f"{value.verb} {value.kind}" if isinstance(value, Trouble) else "",
)
def test_what_fails_for_now_is_tried_again(
    database: Database, server: MailServer, trouble: Trouble, note: str
) -> None:
    patient = trouble.kind not in ("silence", "drip")
    how = {} if patient else {"step_s": 2.0, "exchange_s": 3.0}
    office = office_with(database, handing_in(server, **how))
    office.person("ada")
    office.warn()
    server.troubles = [trouble]
    office.sender.run()
    (waiting,) = office.rows()
    assert (waiting.attempts, waiting.dead_at, waiting.done) == (1, None, 0)
    assert waiting.outcome.startswith(note)
    assert waiting.next_attempt_at - real_now() > timedelta(seconds=30)
    office.sender.run()
    assert server.taken == []
    office.let_pass()
    office.sender.run()
    assert len(server.taken) == 1
    assert [(row.done, row.attempts) for row in office.rows()] == [(1, 0)]


def test_a_mail_whose_answer_was_lost_comes_again_as_the_very_same(
    office: Office, server: MailServer
) -> None:
    office.person("ada")
    office.warn()
    server.troubles = [Trouble("content", "lose the answer")]
    office.sender.run()
    office.let_pass()
    office.sender.run()
    first, second = server.taken
    assert first == second
    assert len(server.known) == 1


def test_nobody_of_that_name_is_the_end_and_is_remembered(office: Office, server: MailServer) -> None:
    server.nobody = frozenset({"ada@mokka.example"})
    office.person("ada")
    office.person("bo")
    office.warn()
    office.sender.run()
    assert [mail.recipient for mail in server.taken] == ["bo@mokka.example"]
    dead = next(row for row in office.rows() if row.dead_at is not None)
    assert dead.outcome == "550 5.1.1: the server does not take mails for this address"
    with office.database.read() as uow:
        assert unreachable.is_noted(uow, office.merchant.id, "Ada@mokka.example ")
        assert not unreachable.is_noted(uow, "mer_other", "ada@mokka.example")
        assert "ada@" not in str(uow.conn.execute(select(UnreachableAddress.__table__)).one())
    before = len(server.commands)
    office.warn(within_days=14)
    office.sender.run()
    assert [c for c in server.commands[before:] if "ada@" in c] == []
    assert sum(row.outcome == "the address was refused before" for row in office.rows()) == 1


@pytest.mark.parametrize(
    "answer, is_gone",
    [
        ("550 no such user", True),
        ("551 5.1.6 moved", True),
        ("553 5.1.3 bad", True),
        ("550 5.7.1 not you", False),
        ("552 5.2.2 full", False),
        ("550 5.2.2 full", False),
        ("554 rejected", False),
    ],
)
def test_a_refusal_for_good_is_about_the_address_only_where_it_says_so(
    office: Office, server: MailServer, answer: str, is_gone: bool
) -> None:
    office.person("ada")
    office.warn()
    server.troubles = [Trouble("RCPT", answer=answer)]
    office.sender.run()
    assert office.rows()[0].dead_at is not None
    with office.database.read() as uow:
        assert unreachable.is_noted(uow, office.merchant.id, "ada@mokka.example") == is_gone


def test_one_refused_address_costs_the_others_nothing(office: Office, server: MailServer) -> None:
    for name in ("ada", "bo", "cleo"):
        office.person(name)
    server.nobody = frozenset({"bo@mokka.example"})
    office.warn()
    office.sender.run()
    assert [mail.recipient for mail in server.taken] == ["ada@mokka.example", "cleo@mokka.example"]
    assert server.commands.count("quit") == 1


def test_after_an_answer_that_never_came_the_rest_of_the_batch_is_left_alone(
    office: Office, server: MailServer
) -> None:
    for name in ("ada", "bo", "cleo"):
        office.person(name)
    server.troubles = [Trouble("content", "hang up")]
    office.warn()
    office.sender.run()
    assert [row.attempts for row in office.rows()] == [1, 1, 1]
    assert sum(command.startswith("ehlo") for command in server.commands) == 1
    office.let_pass()
    office.sender.run()
    assert len(server.taken) == 3


def test_a_server_that_is_away_is_waited_for_without_end(database: Database) -> None:
    with MailServer() as gone:
        post = handing_in(gone)
    office = office_with(database, post)
    office.person("ada")
    office.warn()
    for _ in range(rules.MAX_ATTEMPTS + 2):
        office.sender.run()
        office.let_pass()
    (row,) = office.rows()
    assert (row.dead_at, row.outcome) == (None, "no connection")


def test_a_recipient_that_is_put_off_again_and_again_is_given_up(office: Office, server: MailServer) -> None:
    office.person("ada")
    office.warn()
    server.troubles = [Trouble("RCPT")] * rules.MAX_ATTEMPTS
    for _ in range(rules.MAX_ATTEMPTS):
        office.sender.run()
        office.let_pass()
    (row,) = office.rows()
    assert row.dead_at is not None
    assert row.outcome.startswith("given up after 16 attempts: 451 4.3.0")


def test_other_alphabets_need_a_server_that_takes_them(office: Office, server: MailServer) -> None:
    office.person("änne", email="änne@straße.example")
    office.person("bo", email="bo@café.example")
    server.speaks_utf8 = False
    office.warn()
    office.sender.run()
    assert [mail.recipient for mail in server.taken] == ["bo@xn--caf-dma.example"]
    server.speaks_utf8 = True
    office.warn(within_days=14)
    office.sender.run()
    assert [mail.recipient for mail in server.taken[1:]] == [
        "änne@xn--strae-oqa.example",
        "bo@xn--caf-dma.example",
    ]
    assert server.refused == []


@pytest.mark.parametrize("attempts", [1, 5, 16, 1000])
def test_the_wait_grows_and_has_an_end(attempts: int) -> None:
    assert rules.retry_delay_s(attempts) == min(60 * 2 ** (min(attempts, 11) - 1), 4 * 3600)
