"""How renderers say what they left out or changed: one shape of sentence for every wallet.

A renderer notes a loss at the place where it drops something, so that the report cannot drift from what is
really drawn. The sentences are for whoever designs the card, not for whoever holds it.
"""

from passes.cards.face import CardFace, Loss, Text

Losses = list[Loss]
"""What a rendering collects on its way; a `tuple[Loss, ...]` once it is done."""


def left_out(part: str, de: str, en: str) -> Loss:
    """`part` of the face is not on the card as this wallet shows it, for the reason given."""
    return Loss(part, "left_out", Text(de, en))


def changed(part: str, de: str, en: str) -> Loss:
    """`part` of the face is there, but not as the design has it."""
    return Loss(part, "changed", Text(de, en))


def of_field(key: str) -> str:
    """The part a field of the card is."""
    return f"field:{key}"


def of_link(key: str) -> str:
    """The part a link of the card is."""
    return f"links:{key}"


def wide_logo_unused(face: CardFace) -> Losses:
    """The wide logo, where another wallet than Google's shows the card."""
    if face.images.wide_logo is None:
        return []
    return [
        left_out(
            "images.wide_logo",
            "Das breite Logo zeigt nur Google Wallet; hier steht das Logo.",
            "Only Google Wallet shows the wide logo; here the logo stands.",
        )
    ]


def stamp_art_unused(face: CardFace) -> Losses:
    """Pictures and shapes of stamps on a card that has none."""
    if face.stamps is not None:
        return []
    names = ("stamp_empty", "stamp_full", "stamp_reward")
    parts = [f"images.{name}" for name in names if getattr(face.images, name) is not None]
    if face.stamp_shape is not None:
        parts.append("stamp_shape")
    return [
        left_out(part, "Nur Stempelkarten zeigen Stempel.", "Only stamp cards show stamps.") for part in parts
    ]
