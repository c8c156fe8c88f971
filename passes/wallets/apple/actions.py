"""The two tiles iOS 27 shows under a card; older phones find the same links on the back.

A link becomes a tile by its key, which is Apple's word for what it does (`book_appointment` for
`bookAppointment`), or by being a telephone number. The first two that qualify are taken.
"""

import re

from passes.cards.face import CardFace, Link

MAX_ACTIONS = 2
ACTIONS = frozenset(
    (
        "addToBalance",
        "bookAppointment",
        "membershipBenefits",
        "order",
        "shop",
        "viewOffersRewards",
    )
)
"""Those of Apple's actions that open an address and suit a card of a shop."""

_NEXT_WORD = re.compile("_([a-z])")


def featured_actions(face: CardFace) -> list[dict[str, str]]:
    """`featuredActions`, empty where no link asks to be one."""
    found = ((link, _action(link)) for link in face.links)
    actions = [{"identifier": link.key, "type": action, "url": link.url} for link, action in found if action]
    return actions[:MAX_ACTIONS]


def _action(link: Link) -> str | None:
    if link.url.startswith("tel:"):
        return "call"
    action = _NEXT_WORD.sub(lambda match: match[1].upper(), link.key)
    return action if action in ACTIONS and link.url.startswith("https://") else None
