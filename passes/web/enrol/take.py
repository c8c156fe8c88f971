"""Taking a card: the member if there is anything to know, the card, and never a second one."""

from sqlalchemy.exc import IntegrityError

from passes.cards import queries as cards
from passes.cards import service as card_service
from passes.cards.rules import CardView
from passes.db.engine import UnitOfWork
from passes.members import service as members
from passes.members.rules import MemberDraft
from passes.programs.queries import ProgramView

ACTOR = "enrolment"


def take_card(uow: UnitOfWork, program: ProgramView, mark: str, draft: MemberDraft | None) -> CardView:
    """The card of whoever is behind `mark`: the one they have, or a new one for `draft`.

    Two taps at once come down to one card: the unique index lets one of them through and the other finds
    it. Raises `FieldError` for a birthday to come.
    """
    if (earlier := cards.enrolled(uow, program.id, mark)) is not None:
        return earlier
    try:
        with uow.savepoint():
            return _new_card(uow, program, mark, draft)
    except IntegrityError:
        twin = cards.enrolled(uow, program.id, mark)
        if twin is None:
            raise
        return twin


def _new_card(uow: UnitOfWork, program: ProgramView, mark: str, draft: MemberDraft | None) -> CardView:
    member_id = None
    if draft is not None:
        member_id = members.create_member(uow, program.merchant_id, draft, ACTOR).id
    return card_service.issue(uow, program, actor=ACTOR, member_id=member_id, enrolled_by=mark)
