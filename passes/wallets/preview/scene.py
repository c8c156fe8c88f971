"""What a preview is made of: a handful of shapes at their places in points, to be drawn by anybody.

A point is what Apple means by it and Google calls a dp. y runs downwards; words stand on their baseline.
"""

from base64 import b64encode
from dataclasses import dataclass
from typing import ClassVar, Literal, TypeAlias

Align = Literal["left", "center", "right"]


@dataclass(frozen=True, slots=True)
class Panel:
    """A filled rectangle, `#rrggbb`, with corners as round as `radius`."""

    kind: ClassVar = "panel"
    x: float
    y: float
    width: float
    height: float
    color: str
    radius: float = 0.0


@dataclass(frozen=True, slots=True)
class Words:
    """One line of text on its baseline, already short enough for its place."""

    kind: ClassVar = "words"
    x: float
    y: float
    text: str
    size: float
    color: str
    bold: bool = False
    align: Align = "left"


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG scaled to its place, cut to a circle where `round`."""

    kind: ClassVar = "picture"
    x: float
    y: float
    width: float
    height: float
    png: bytes
    round: bool = False

    @property
    def data_url(self) -> str:
        """The picture itself as an address, for a page that shows what is published nowhere yet."""
        return f"data:image/png;base64,{b64encode(self.png).decode()}"


@dataclass(frozen=True, slots=True)
class Symbol:
    """A code of `columns` by `rows` modules; `runs` are its black stripes as (column, row, length)."""

    columns: int
    rows: int
    runs: tuple[tuple[int, int, int], ...]

    @property
    def path(self) -> str:
        """The black modules as the `d` of an SVG path, one unit per module."""
        return "".join(f"M{x} {y}h{length}v1h-{length}z" for x, y, length in self.runs)


@dataclass(frozen=True, slots=True)
class Code:
    """A code that can be scanned, stretched to its place; its quiet zone lies around it."""

    kind: ClassVar = "code"
    x: float
    y: float
    width: float
    height: float
    symbol: Symbol


Item: TypeAlias = Panel | Words | Picture | Code


@dataclass(frozen=True, slots=True)
class Scene:
    """One side of a card in one wallet and one language; `items` are painted in their order.

    `ground` is the card itself, whose corners are as round as `radius`; `says` puts it into words.
    """

    name: str
    language: str
    width: float
    height: float
    radius: float
    ground: str
    items: tuple[Item, ...]
    says: str
