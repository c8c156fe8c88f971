"""Drawing the pictures of a design when it is new, so that no customer's first pass waits for them.

What is drawn is kept where all processes find it. Nothing depends on it: a pass that comes first draws its
pictures itself.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import structlog

from passes.cards.face import CardFace, Stamps
from passes.cards.faces import sample_face
from passes.db.engine import Database, UnitOfWork
from passes.errors import FieldError, NotFound
from passes.programs import queries as programs
from passes.wallets.apple.bundle import draw_pictures
from passes.wallets.apple.drawn import DrawnPictures

LOOKED_AT = 50
"""As many of the latest programs are looked at; what was drawn for them stays among what is kept."""

log = structlog.get_logger(__name__)


class Ahead:
    """Draws what is new since it was last called; at first that is all the latest programs."""

    def __init__(
        self,
        database: Database,
        base_url: str,
        drawn: DrawnPictures,
        rest: Callable[[float], object] = time.sleep,
    ) -> None:
        self._database = database
        self._base_url = base_url
        self._drawn = drawn
        self._rest = rest
        self._known: dict[str, int] = {}

    def __call__(self, keep_going: Callable[[], bool]) -> int:
        """Draw until all is drawn or it is time to stop; returns how many states of cards were seen to."""
        with self._database.read() as uow:
            latest = programs.latest(uow, LOOKED_AT)
        done = 0
        for program_id, version in latest:
            if self._known.get(program_id) == version:
                continue
            for face in self._faces(program_id):
                if not keep_going():
                    return done
                self._draw(face)
                done += 1
            self._known[program_id] = version
        self._known = {known: version for known, version in latest if self._known.get(known) == version}
        return done

    def _faces(self, program_id: str) -> Iterator[CardFace]:
        try:
            with self._database.read() as uow:
                face = self._sample(uow, program_id)
        except NotFound:
            return
        yield from in_all_states(face)

    def _sample(self, uow: UnitOfWork, program_id: str) -> CardFace:
        return sample_face(uow, self._base_url, programs.anybodys(uow, program_id), 0)

    def _draw(self, face: CardFace) -> None:
        start = time.monotonic()
        try:
            draw_pictures(face, self._drawn)
        except FieldError as error:
            log.warning("design_cannot_be_drawn", program=face.program_id, reason=str(error))
        # Tills are served by the same processor.
        self._rest(time.monotonic() - start)


def in_all_states(face: CardFace) -> Iterator[CardFace]:
    """The face with every picture that a card of its design may have, a new card's first."""
    if face.stamps is None:
        yield face
        return
    required = face.stamps.required
    for rewards in (0, 1):
        for filled in range(required):
            yield replace(face, stamps=Stamps(filled, required, rewards))
