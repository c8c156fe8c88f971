"""Bad command lines for every command there is, from the command tree itself.

`WELL` has an entry for each command and `VALUES` for each of their options: what nobody thought about here
fails the sweep.
"""

import shlex
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from passes.cli.main import main
from tests.cli.conftest import Shell
from tests.cli.offers import a_program

HUGE = "x" * 5000
NO_TEXT = "\udcff"
"""How Python hands over an argument that is no UTF-8."""
FLAGS = {
    "publish",
    "force",
    "rules",
    "as_json",
    "dry_run",
    "development",
    "fakes",
    "repair",
    "new_type",
    "at_once",
}
SERVERS = {"serve", "demo", "sandbox"}
"""They run until told to stop and take the signals of their process: never to be started in a test's own."""
TILL = shlex.join([sys.executable, str(Path(__file__).parents[2] / "docs" / "examples" / "till.py")])


@dataclass(frozen=True)
class BadLine:
    """A command line with something wrong in it; `names` is what the complaint has to speak of."""

    arguments: tuple[str, ...]
    names: str = ""

    def __str__(self) -> str:
        return " ".join(
            argument if len(argument) < 40 else f"{argument[:30]}..." for argument in self.arguments
        )


@dataclass
class Stock:
    """Things to name in commands, right ones and wrong ones."""

    shell: Shell

    def __post_init__(self) -> None:
        self.merchant, theirs = self.shell.merchant("cafe"), self.shell.merchant("other")
        location = ("location", "create", "--name", "Mitte", "--merchant")
        self.location = str(self.shell.json(*location, "cafe")["id"])
        self.their_location = str(self.shell.json(*location, "other")["id"])
        self.key = str(self.shell.json("apikey", "create", "--merchant", "cafe", "--scopes", "till")["id"])
        self.program = a_program(self.shell, self.merchant, "stamp")
        self.gift = a_program(self.shell, self.merchant, "gift")
        self.their_program = a_program(self.shell, theirs, "stamp")
        self.draft = self.shell.file(
            "draft.json", '{"name": "x", "trigger": {"type": "manual"}, "message": {"de": "x", "en": "x"}}'
        )
        self.campaign = str(self.shell.json("campaigns", "create", "--merchant", "cafe", self.draft)["id"])
        self.design = str(Path(self.shell.folder, "out.zip"))
        assert self.shell.run("design", "export", self.program, "--output", self.design).exit_code == 0
        self.members = self.shell.file("members.csv", "external_id,name\n1,Ada\n")
        self.password = self.shell.file("password", "correct horse\n")
        person = ("--name", "Ada", "--email", "ada@example.com", "--scopes", "till")
        made = self.shell.json(
            "staff", "create", "--merchant", "cafe", *person, "--password-file", self.password
        )
        self.person = str(made["id"])
        url = ("--url", "https://shop.example/events")
        self.webhook = str(self.shell.json("webhooks", "create", "--merchant", "cafe", *url)["id"])
        self.their_webhook = str(self.shell.json("webhooks", "create", "--merchant", "other", *url)["id"])
        self.folder = str(self.shell.folder)
        Path(self.folder, "certs").mkdir()
        identity = self.shell.json("certs", "dev", "--merchant", "cafe")
        self.certificate, self.pem_key = str(identity["certificate"]), str(identity["key"])

    def well(self) -> dict[str, dict[str, str]]:
        """For each command, options and arguments that would do."""
        shop, new = {"merchant": "cafe"}, {"slug": "neu", "name": "Neu"}
        person = {"name": "Bo", "email": "bo@example.com", "scopes": "till", "password_file": self.password}
        identity = {"certificate": self.certificate, "key": self.pem_key, "development": ""}
        hook = {**shop, "webhook_id": self.webhook}
        return {
            "db upgrade": {},
            "db check": {},
            "merchant create": new,
            "merchant list": {},
            "location create": {**shop, "name": "Neu"},
            "apikey create": {**shop, "scopes": "till"},
            "apikey list": shop,
            "apikey revoke": {"key_id": self.key},
            "staff create": {**shop, **person},
            "staff list": shop,
            "staff disable": {**shop, "staff_id": self.person},
            "certs show": shop,
            "certs dev": shop,
            "certs import": {**shop, **identity},
            "members import": {**shop, "file": self.members},
            "cards issue": {**shop, "program": self.gift, "count": "1"},
            "design export": {"program_id": self.program, "output": str(Path(self.folder, "design.zip"))},
            "design import": {"program_id": self.program, "source": self.design},
            "design lint": {"program_id": self.program, "source": self.design},
            "design versions": {"program_id": self.program},
            "design restore": {"program_id": self.program, "version": "1"},
            "ledger verify": {},
            "ledger export": shop,
            "audit export": shop,
            "keys show": {**shop, "purpose": "root"},
            "keys rotate": {**shop, "purpose": "barcode"},
            "campaigns create": {**shop, "file": self.draft},
            "campaigns preview": {"campaign_id": self.campaign},
            "campaigns launch": {"campaign_id": self.campaign},
            "campaigns results": {"campaign_id": self.campaign},
            "campaigns run": {},
            "expire run": {},
            "outbox status": {},
            "google reconcile": shop,
            "google announce": {**shop, "program": self.program, "message_id": "a", "de": "Neu", "en": "New"},
            "outbox drain": {},
            "outbox revive": {},
            "webhooks create": {**shop, "url": "https://shop.example/events"},
            "webhooks list": shop,
            "webhooks deliveries": shop,
            "webhooks replay": hook,
            "webhooks rotate-secret": hook,
            "webhooks enable": hook,
            "webhooks delete": hook,
            "openapi": {},
            "serve": {},
            "demo": {},
            "sandbox": {},
            "conformance": {"till": TILL, "only": "plain"},
        }

    def line(self, name: str, command: click.Command) -> tuple[str, ...]:
        """A line that would do."""
        return _line(name, command, self.well()[name])

    def values(self) -> dict[str, list[str]]:
        """For each option, what it must not be. Where commands differ, `command option` goes first."""
        nowhere = [
            str(Path(self.folder, "nowhere")),
            self.folder,
            "",
            f"{self.members}/x",
            "x" * 5000,
            NO_TEXT,
        ]
        unknown = ["", "unknown", HUGE, "😀", "' OR 1=1", NO_TEXT]
        outside = ["", "../cafe", "/etc/cafe", "a/b", ".", "..", "Größe", HUGE, NO_TEXT]
        name = ["", " ", "x" * 201, "a\x07b", NO_TEXT]
        numbers = ["", "0", "-1", "x", "1.5", "１x", "9" * 5000, NO_TEXT]
        moments = ["", "tomorrow", "2026-03-02", "2026-13-02T00:00:00Z", "2026-03-02T12:00:00", HUGE, NO_TEXT]
        file = self.shell.file
        noise = [file("empty", ""), file("noise", b"\0\1\xff" * 99), file("long", "x" * 100_000)]
        return {
            "slug": ["", "A B", "-x", "ü", "..", "cafe", HUGE, NO_TEXT],
            "name": name,
            "time_zone": ["", "Mars/Phobos", "../etc/passwd", "Europe", HUGE, NO_TEXT],
            "locale": ["", "german", "DE!", HUGE, NO_TEXT],
            "merchant": [*unknown, "../cafe"],
            "certs show merchant": ["unknown", *outside[1:]],
            "certs dev merchant": outside,
            "certs import merchant": outside,
            "scopes": ["", "everything", "till,everything", "till,", HUGE, NO_TEXT],
            "location_id": [*unknown, self.their_location],
            "key_id": unknown,
            "staff_id": unknown,
            "since": moments,
            "until": moments,
            "campaign_id": unknown,
            "email": ["", "x", "a b@example.com", "x@" + HUGE, NO_TEXT],
            "password_file": [*nowhere, noise[0], file("short", "12345\n")],
            "pin_file": [*nowhere, *noise, file("four", "1234"), file("letters", "abcdef")],
            "passphrase_file": nowhere,
            "passphrase_env": ["", "NO_SUCH_VARIABLE", HUGE, NO_TEXT],
            "p12": [*nowhere, *noise],
            "certificate": [*nowhere, *noise, self.pem_key],
            "key": [*nowhere, *noise, self.certificate],
            "intermediates": [*nowhere, *noise, self.pem_key],
            "members import file": [*nowhere, *noise, *self._no_members()],
            "campaigns create file": [*nowhere, *noise, *self._no_campaigns()],
            "program": [*unknown, self.their_program],
            "program_id": unknown,
            "output": [*nowhere[1:], self.members, str(Path(self.folder, "nowhere", "x.zip"))],
            "source": [*nowhere, *noise, self.members],
            "version": [*numbers, "2147483648"],
            "count": [*numbers, "1000001"],
            "amount": numbers,
            "csv_path": [*nowhere[1:], self.members, str(Path(self.folder, "nowhere", "x.csv"))],
            "check": [*nowhere, *noise],
            "write": [*nowhere[1:], str(Path(self.folder, "nowhere", "x.json"))],
            "now": moments,
            "port": [*numbers, "65536"],
            "till": ["", "'", nowhere[0], self.folder, HUGE, "\0", NO_TEXT],
            "only": ["", "unknown", HUGE, "😀", NO_TEXT],
            "channel": ["pigeon", "", HUGE, NO_TEXT],
            "out": [*nowhere[1:], str(Path(self.folder, "nowhere", "x.jsonl"))],
            "message_id": ["", " ", HUGE, "a\x07b", NO_TEXT],
            "de": ["", " ", HUGE, "a\x07b", NO_TEXT],
            "en": ["", " ", HUGE, "a\x07b", NO_TEXT],
            "url": ["", "x", "http://shop.example/", "https://10.0.0.1/", HUGE, NO_TEXT],
            "events": ["", "card.exploded", "card.issued,card.issued", HUGE, NO_TEXT],
            "webhook_id": [*unknown, self.their_webhook],
            "webhook": [*unknown, self.their_webhook],
            "event": unknown,
            "state": ["", "lost", HUGE, NO_TEXT],
            "limit": [*numbers, "1001"],
            "purpose": ["", "roots", HUGE, NO_TEXT],
        }

    def _no_members(self) -> list[str]:
        lists: dict[str, str | bytes] = {
            "heading.csv": "shoe,size\n1,42\n",
            "nobody.csv": "name\nAda\n",
            "twice.csv": "external_id,id\n1,1\n",
            "quote.csv": 'external_id,name\n1,"Ada\n',
            "picture.csv": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
            "sheet.csv": b"PK\3\4\0\0\0\0",
        }
        return [self.shell.file(name, content) for name, content in lists.items()]

    def _no_campaigns(self) -> list[str]:
        drafts = [
            "{",
            "[]",
            "7",
            "null",
            "{}",
            '{"name": "x"}',
            '{"surprise": 1}',
            '{"name": "\\ud800"}',
            "[" * 9999,
        ]
        wrong = [
            '"trigger": {"type": "moon"}',
            '"audience": {"program_id": "prog_0"}',
            '"grant": {"stamps": "many"}',
        ]
        right = '"name": "x", "trigger": {"type": "manual"}, "message": {"de": "x", "en": "x"}'
        drafts += [f"{{{right}, {part}}}" for part in wrong]
        return [self.shell.file(f"draft-{n}.json", text) for n, text in enumerate(drafts)]


def commands(group: click.Group = main, *above: str) -> Iterator[tuple[str, click.Command]]:
    """Every command there is, by its words."""
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, *above, name)
        else:
            yield " ".join((*above, name)), command


def groups(group: click.Group = main, *above: str) -> Iterator[tuple[str, ...]]:
    """Every group of commands, the whole included."""
    yield above
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from groups(command, *above, name)


def bad_lines(stock: Stock, name: str, command: click.Command) -> Iterator[BadLine]:
    """Everything that can be wrong with a call of `command`."""
    well = stock.well()[name]
    yield BadLine((*_line(name, command, well), "--surprise"), "--surprise")
    yield BadLine((*_line(name, command, well), "surprise"), "surprise")
    for param in command.params:
        assert param.name is not None
        spelling = param.opts[0]
        if param.name in FLAGS:
            yield BadLine((*_line(name, command, well), f"{spelling}=maybe"), spelling)
            continue
        if param.required:
            yield BadLine(
                _line(name, command, {k: v for k, v in well.items() if k != param.name}),
                _missed(command, param),
            )
        if spelling.startswith("-"):
            yield BadLine((*_line(name, command, well), spelling), spelling)
        values = stock.values()
        for value in values[f"{name} {param.name}" if f"{name} {param.name}" in values else param.name]:
            yield BadLine(
                _line(name, command, {**_without(param.name, well), param.name: value}), _blamed(name, param)
            )


def _without(name: str, well: dict[str, str]) -> dict[str, str]:
    """Of two ways to hand over an identity only one may be taken."""
    either = ("certificate", "key", "development") if name == "p12" else ()
    return {k: v for k, v in well.items() if k not in either}


def _missed(command: click.Command, param: click.Parameter) -> str:
    """What is missed when `param` is: of several in a row nobody can tell which but that the last is."""
    in_a_row = [other for other in command.params if other.required and not other.opts[0].startswith("-")]
    return _named(in_a_row[-1] if param in in_a_row else param)


def _named(param: click.Parameter) -> str:
    return param.opts[0] if param.opts[0].startswith("-") else str(param.metavar or param.name).upper()


def _blamed(name: str, param: click.Parameter) -> str:
    """What a complaint about a value has to speak of: its option, unless ids and files name themselves."""
    if param.name == "location_id":
        return "location"
    of_itself = ("certs import", "certs show", "certs dev", "openapi")
    return param.opts[0] if param.opts[0].startswith("-") and name not in of_itself else ""


def _line(name: str, command: click.Command, values: dict[str, str]) -> tuple[str, ...]:
    line: list[str] = name.split()
    params = {str(param.name): param for param in command.params}
    for key, value in values.items():
        spelling = params[key].opts[0]
        line += ([spelling] if key in FLAGS else [spelling, value]) if spelling.startswith("-") else []
    positional = [value for key, value in values.items() if not params[key].opts[0].startswith("-")]
    return (*line, *(("--", *positional) if positional else ()))


def complaints(shell: Shell, bad: BadLine, **environment: Any) -> list[str]:
    """Why what a command says about its own line is not clear."""
    result = shell.runner.invoke(
        main, list(bad.arguments), env={**shell.environment, **environment}, prog_name="stempel", input=""
    )
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        return [f"broke with {result.exception!r:.300}"]
    found = []
    if result.exit_code not in (1, 2):
        found.append(f"exit code {result.exit_code}: {result.output[:300]!r}")
    if "Traceback" in result.output or "sqlalchemy" in result.output:
        found.append(f"shows what it is made of: {result.output[:300]!r}")
    if result.exit_code and result.stdout:
        found.append(f"complains on standard output: {result.stdout[:300]!r}")
    said = [line for line in result.stderr.splitlines() if line.startswith("Error: ")]
    if result.exit_code and not said:
        found.append(f"says no sentence: {result.stderr[:300]!r}")
    if said and bad.names and not any(bad.names in line for line in said):
        found.append(f"does not name {bad.names}: {said}")
    return found
