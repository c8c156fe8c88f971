"""`cards`: many cards at once, for printing, for handing out, for a migration."""

import csv
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import chain, repeat
from pathlib import Path

import click
import orjson

from passes.cards import service
from passes.cards.rules import CardView
from passes.cells import plain_cell
from passes.cli.base import ACTOR, Group, json_option, merchant_option
from passes.cli.output import progress_bar, show
from passes.cli.session import merchant_named, open_services
from passes.errors import FieldError, NotFound
from passes.ids import format_code
from passes.money import MAX_AMOUNT
from passes.programs import queries as programs
from passes.programs.queries import ProgramView
from passes.wiring import Services

BATCH = 100
MAX_COUNT = 1_000_000
COLUMNS = ("id", "code", "barcode", "page")

Issued = dict[str, str]
"""What is told of a new card, by `COLUMNS`."""


@click.group(cls=Group)
def cards() -> None:
    """Issue cards."""


@cards.command()
@merchant_option
@click.option("--program", required=True, metavar="ID", help="The program's id.")
@click.option("--count", required=True, type=click.IntRange(1, MAX_COUNT), help="How many.")
@click.option("--amount", type=click.IntRange(1, MAX_AMOUNT), help="Of gift cards: minor units on each.")
@click.option("--csv", "csv_path", type=click.Path(path_type=Path), help="A new file to list the cards in.")
@json_option
def issue(
    merchant: str, program: str, count: int, amount: int | None, csv_path: Path | None, as_json: bool
) -> None:
    """Issue cards that belong to nobody yet, and list their codes and pages.

    Whoever has a code has the card, so the list is made readable for you alone. Should this be
    interrupted, the list holds the cards there are.
    """
    with open_services() as services:
        wanted = _program(services, merchant, program, amount)
        with _sink(csv_path, count, as_json=as_json) as write, progress_bar("Issuing") as progress:
            for done in range(0, count, BATCH):
                batch = min(BATCH, count - done)
                for card in _issue_batch(services, wanted, batch, amount):
                    write(_described(services, card))
                progress(done + batch, count)


def _program(services: Services, merchant: str, program_id: str, amount: int | None) -> ProgramView:
    with services.database.read() as uow:
        merchant_id = merchant_named(uow, merchant).id
        try:
            program = programs.get(uow, merchant_id, program_id)
        except NotFound:
            raise FieldError("program", f"merchant {merchant} has none with the id {program_id!r}") from None
    if amount is not None and program.kind != "gift":
        raise FieldError("amount", f"is for gift cards; this is a {program.kind} program")
    return program


def _issue_batch(services: Services, program: ProgramView, count: int, amount: int | None) -> list[CardView]:
    with services.database.write() as uow:
        return [service.issue(uow, program, actor=ACTOR, amount=amount) for _ in range(count)]


def _described(services: Services, card: CardView) -> Issued:
    page = services.card_links(card.page_token).page
    return {"id": card.id, "code": format_code(card.code), "barcode": card.barcode, "page": page}


@contextmanager
def _sink(path: Path | None, count: int, *, as_json: bool) -> Iterator[Callable[[Issued], object]]:
    """Where described cards go as they are made: into a new file, or to standard output, all in one document.

    What is said of all `count` of them follows when the last one is there.
    """
    if path is None:
        yield from (_printed_as_json(count) if as_json else _printed(count))
        return
    with _listed_in(path) as write:
        yield write
    data = {"issued": count, "csv": str(path), "cards": []}
    show(as_json, data, f"{count} cards issued, listed in {path}.")


def _printed(count: int) -> Iterator[Callable[[Issued], object]]:
    yield lambda card: click.echo(f"{card['code']}  {card['page']}")
    click.echo(f"{count} cards issued.")


def _printed_as_json(count: int) -> Iterator[Callable[[Issued], object]]:
    # Nothing is said before there is a first card, since nothing should be if there will be none.
    between = chain([f'{{"issued":{count},"csv":null,"cards":['], repeat(","))
    yield lambda card: click.echo(next(between) + orjson.dumps(card).decode(), nl=False)
    click.echo("]}")


@contextmanager
def _listed_in(path: Path) -> Iterator[Callable[[Issued], object]]:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise FieldError("csv_path", f"{path} exists already; name a new file") from None
    except OSError as error:
        raise FieldError("csv_path", f"{path} cannot be written: {error.strerror}") from None
    with os.fdopen(descriptor, "w", encoding="utf-8", newline="", buffering=1) as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        yield lambda card: writer.writerow([plain_cell(card[column]) for column in COLUMNS])
