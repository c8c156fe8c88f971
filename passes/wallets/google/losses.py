"""What Google cannot carry of a face, in words for whoever designed the card.

Every piece of the face that is not in a body as it stands is named here while the body is made, so that
nothing is lost in silence.
"""

from dataclasses import dataclass, field

from passes.cards.face import CardFace, Loss
from passes.wallets.losses import changed, left_out, of_field


@dataclass(slots=True)
class LossNotes:
    """The losses of one body, as they come up; each is named once."""

    found: list[Loss] = field(default_factory=list)

    def left_out(self, part: str, de: str, en: str) -> None:
        """Google does not show `part` at all."""
        self._add(left_out(part, de, en))

    def changed(self, part: str, de: str, en: str) -> None:
        """Google shows `part`, but not as it was meant."""
        self._add(changed(part, de, en))

    def _add(self, loss: Loss) -> None:
        if loss not in self.found:
            self.found.append(loss)

    def report(self) -> tuple[Loss, ...]:
        """All of them, in the order in which they came up."""
        return tuple(self.found)


def of_the_look(face: CardFace, losses: LossNotes) -> None:
    """What all cards of a design lose at Google, whatever stands on them."""
    losses.changed(
        "colors.foreground",
        "Die Textfarbe wählt Google selbst, passend zum Hintergrund.",
        "Google chooses the colour of texts by itself, to suit the background.",
    )
    losses.changed(
        "colors.label",
        "Die Farbe der Beschriftungen wählt Google selbst.",
        "Google chooses the colour of labels by itself.",
    )
    if face.images.icon is not None:
        losses.left_out(
            "images.icon",
            "Google zeigt kein eigenes Symbol, sondern das Logo im Kreis.",
            "Google shows no icon of its own but the logo in a circle.",
        )
    if face.beacons:
        losses.left_out(
            "beacons",
            "Google zeigt die Karte nicht in der Nähe von Bluetooth-Sendern an.",
            "Google does not show the card near Bluetooth beacons.",
        )
    if face.periods:
        losses.left_out(
            "periods",
            "Google zeigt die Karte nicht von selbst zu bestimmten Zeiten an.",
            "Google does not bring up the card by itself at certain times.",
        )
    if face.max_distance_m is not None:
        losses.left_out(
            "max_distance_m",
            "Ab welcher Entfernung ein Laden als nah gilt, bestimmt Google.",
            "Google decides how near a shop has to be.",
        )


def of_logos(face: CardFace, losses: LossNotes, *, is_wide: bool) -> None:
    """Which of the two logos stands where."""
    if is_wide and face.images.logo is not None and face.images.wide_logo is None:
        losses.changed(
            "images.logo",
            "Oben auf der Karte zeigt Google das Logo breit, mit dem Namen daneben, wenn es ihn nicht schon "
            "schreibt; in Listen steht es in einem Kreis.",
            "At the top of the card Google shows the logo wide, the name beside it unless it spells that; in "
            "lists it stands in a circle.",
        )
    if is_wide and face.images.logo is not None and face.images.wide_logo is not None:
        losses.changed(
            "images.logo",
            "Oben auf der Karte zeigt Google das breite Logo; das andere steht in Listen in einem Kreis.",
            "At the top of the card Google shows the wide logo; the other stands in lists in a circle.",
        )
    if not is_wide and face.images.wide_logo is not None:
        losses.left_out("images.wide_logo", "Das breite Logo fehlt.", "The wide logo is missing.")


def of_changes(face: CardFace, losses: LossNotes) -> None:
    """What becomes of texts that announce a change."""
    for changing in face.fields:
        if changing.change_message is None:
            continue
        part = f"{of_field(changing.key)}.change_message"
        if changing.key == "balance" and face.kind in ("stamp", "points"):
            losses.changed(
                part,
                "Google meldet einen neuen Stand in eigenen Worten, höchstens dreimal in 24 Stunden.",
                "Google announces a new balance in its own words, three times in 24 hours at most.",
            )
        else:
            losses.left_out(
                part,
                f"Google meldet nicht, wenn sich „{changing.label.de}“ ändert.",
                f"Google does not announce a change of “{changing.label.en}”.",
            )
    if face.news is not None and face.news_at is not None:
        losses.left_out(
            "news_at",
            "Google zeigt nicht, von wann die Neuigkeit ist.",
            "Google does not show when the news is from.",
        )
