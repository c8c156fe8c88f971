"""What the people at the till read."""

from passes.cards.face import Text

SCANNER: dict[str, Text] = {
    "scanner": Text("Scanner", "Scanner"),
}
