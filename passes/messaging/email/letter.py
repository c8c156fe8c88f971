"""What is written to somebody: words, one button, and who it is from. No bytes yet."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Colors:
    """The merchant's own two, as `#rrggbb`."""

    background: str = "#2b2622"
    foreground: str = "#ffffff"


@dataclass(frozen=True, slots=True)
class Button:
    """The one thing to do: its words and where it leads."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail as its reader will understand it.

    `small` stands below the line: why it came, and what to do if that is wrong. `was_asked_for` is for what
    somebody has just asked for, which is tried even at an address that was refused before.
    """

    to: str
    sender_name: str
    language: str
    subject: str
    heading: str
    paragraphs: tuple[str, ...]
    button: Button | None = None
    small: tuple[str, ...] = ()
    colors: Colors = Colors()
    was_asked_for: bool = False
