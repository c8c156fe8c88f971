"""Without a mail server mails are files: whole, private, one for each mail however often it is written."""

import os
import stat
from pathlib import Path

import pytest

from passes.config import Settings
from passes.db.engine import Database
from passes.messaging.email.folder import Folder
from passes.wiring import Services
from tests.fakes.mail import MailServer
from tests.fakes.mail.rules import Taken, check
from tests.messaging.email.conftest import Office, office_with

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def office(database: Database, tmp_path: Path) -> Office:
    return office_with(database, Folder(tmp_path / "data" / "mail"))


def mails(tmp_path: Path) -> list[Path]:
    return sorted((tmp_path / "data" / "mail").iterdir())


def test_a_mail_is_a_file_only_its_owner_can_read(office: Office, tmp_path: Path) -> None:
    office.person("ada")
    office.warn()
    office.sender.run()
    (path,) = mails(tmp_path)
    assert path.suffix == ".eml"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    check(path.read_bytes(), utf8=False)
    mail = Taken("", "", path.read_bytes())
    assert mail.message["To"] == "ada@mokka.example"
    assert office.outcomes() == ["250: written to the folder for mails"]


def test_the_same_mail_again_is_the_same_file(office: Office, tmp_path: Path) -> None:
    office.person("ada")
    office.warn()
    office.sender.run()
    office.sender.drain()
    assert len(mails(tmp_path)) == 1


def test_a_folder_that_cannot_be_written_is_waited_for(office: Office, tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file where the folder should be")
    office.person("ada")
    office.warn()
    office.sender.run()
    assert office.outcomes() == ["the folder for mails cannot be written: Not a directory"]
    os.unlink(tmp_path / "data")
    office.let_pass()
    office.sender.run()
    assert len(mails(tmp_path)) == 1


def test_the_settings_lead_there(tmp_path: Path, database_url: str) -> None:
    services = Services(
        Settings(database_url=database_url, data_dir=tmp_path, base_url="https://karten.example")
    )
    services.close()
    assert services.settings.mail_sender == "no-reply@karten.example"
    with_login = Settings(smtp_url="smtps://cards%40mokka.example:geheim@mail.example")
    assert with_login.mail_sender == "cards@mokka.example"
    assert "geheim" not in repr(with_login)
    assert Settings(mail_from="a@b.example", smtp_url="smtp://x").mail_sender == "a@b.example"
    assert Settings(base_url="http://127.0.0.1:8000").mail_sender == "no-reply@localhost"


def test_with_a_mail_server_they_go_there(tmp_path: Path, database: Database) -> None:
    with MailServer() as server:
        url = f"smtp://127.0.0.1:{server.port}"
        services = Services(Settings(data_dir=tmp_path, smtp_url=url, mail_from="cards@mokka.example"))
        services.close()
        services.database = database
        office = office_with(database, Folder(tmp_path / "unused"))
        office.person("ada")
        office.warn()
        services.sender().run()
        assert [(mail.sender, mail.recipient) for mail in server.taken] == [
            ("cards@mokka.example", "ada@mokka.example")
        ]
    assert not (tmp_path / "mail").exists()
