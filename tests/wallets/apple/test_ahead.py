"""The pictures of a design are drawn when it is made, published or restored, and by nobody again."""

from pathlib import Path

import pytest

from passes.cards import faces
from passes.db.engine import Database
from passes.errors import FieldError
from passes.merchants.rules import MerchantDraft
from passes.merchants.service import create_merchant
from passes.programs import designs, queries, service
from passes.programs.queries import ProgramView
from passes.programs.service import ProgramDraft
from passes.wallets.apple import bundle
from passes.wallets.apple.ahead import Ahead, in_all_states
from passes.wallets.apple.archive import front
from passes.wallets.apple.drawn import DrawnPictures
from passes.wallets.art.pictures import Art, art_of
from tests.factories.faces import make_face

BASE = "https://karten.example"
REQUIRED = 4


@pytest.fixture
def painted(monkeypatch: pytest.MonkeyPatch) -> list[Art]:
    """Everything that is drawn from now on, without the drawing."""
    drawn: list[Art] = []

    def paint(art: Art) -> bundle.Front:
        drawn.append(art)
        return front(())

    monkeypatch.setattr(bundle, "_front", paint)
    bundle._FRONTS.clear()
    return drawn


@pytest.fixture
def program(database: Database) -> ProgramView:
    with database.write() as uow:
        merchant = create_merchant(uow, MerchantDraft(slug="mokka", name="Mokka"), "test")
        rules = {"stamps_required": REQUIRED, "reward": "A free coffee"}
        return service.create_program(
            uow, merchant.id, "mokka", ProgramDraft("stamp", "Kaffee", rules), "test"
        )


def ahead(database: Database, folder: Path) -> Ahead:
    return Ahead(database, BASE, DrawnPictures(folder), rest=lambda _: None)


def yes() -> bool:
    return True


def test_every_state_of_a_new_program_is_drawn_once_the_new_card_first(
    database: Database, program: ProgramView, painted: list[Art], tmp_path: Path
) -> None:
    job = ahead(database, tmp_path)
    assert job(yes) == 2 * REQUIRED
    assert len(set(painted)) == len(painted) == 2 * REQUIRED
    with database.read() as uow:
        assert painted[0] == art_of(faces.sample_face(uow, BASE, program, 0))
    assert job(yes) == 0
    bundle._FRONTS.clear()
    assert ahead(database, tmp_path)(yes) == 2 * REQUIRED
    assert len(painted) == 2 * REQUIRED, "another process finds them drawn"


def test_publishing_and_going_back_are_drawn_too(
    database: Database, program: ProgramView, painted: list[Art], tmp_path: Path
) -> None:
    job = ahead(database, tmp_path)
    job(yes)
    with database.write() as uow:
        changed = service.change_program(uow, program, "test", colors={"background": "#123456"})
    assert job(yes) == 2 * REQUIRED
    assert painted[-1].colors.background == "#123456"
    before = len(painted)
    with database.write() as uow:
        designs.restore(uow, queries.lock(uow, changed.merchant_id, changed.id), 1, "test")
    assert job(yes) == 2 * REQUIRED
    assert len(painted) == before, "it was drawn when it was first published"


def test_it_stops_when_told_and_goes_on_where_it_was(
    database: Database, program: ProgramView, painted: list[Art], tmp_path: Path
) -> None:
    job, times = ahead(database, tmp_path), iter([True, True, True, False])
    assert job(lambda: next(times)) == 3
    assert job(yes) == 2 * REQUIRED
    assert len(painted) == 2 * REQUIRED


def test_a_design_that_cannot_be_drawn_keeps_no_other_waiting(
    database: Database, program: ProgramView, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(art: Art) -> bundle.Front:
        raise FieldError("design.images.logo", "this is no readable PNG picture")

    monkeypatch.setattr(bundle, "_front", refuse)
    bundle._FRONTS.clear()
    job = ahead(database, tmp_path)
    assert job(yes) == 2 * REQUIRED
    assert job(yes) == 0


def test_a_card_without_stamps_has_one_state() -> None:
    face = make_face("gift")
    assert list(in_all_states(face)) == [face]
