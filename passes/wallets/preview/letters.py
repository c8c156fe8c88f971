"""How wide words are, and what fits where: measured with the letters that pages and pictures both use."""

from functools import lru_cache

from font_roboto import Roboto

from passes.wallets.art.lettering import MEDIUM, font

LINE_HEIGHT = 1.25
"""Distance of two baselines, in letter sizes."""
_TRIAL = 100
REGULAR: str = Roboto


def file_of(*, bold: bool) -> str:
    """The font file of a weight; pages name the same two."""
    return MEDIUM if bold else REGULAR


@lru_cache(maxsize=4096)
def width_of(text: str, size: float, *, bold: bool = False) -> float:
    """The width of `text` in points."""
    return font(file_of(bold=bold), _TRIAL).getlength(text) * size / _TRIAL


def fitted(text: str, size: float, width: float, *, smallest: float, bold: bool = False) -> tuple[str, float]:
    """`text` and its size within `width`: smaller down to `smallest`, and cut only if that is too wide."""
    natural = width_of(text, size, bold=bold)
    if natural > width:
        size = max(smallest, size * width / natural)
    return cut(text, size, width, bold=bold), size


def cut(text: str, size: float, width: float, *, bold: bool = False) -> str:
    """`text`, or as much of it with an ellipsis as fits."""
    if width_of(text, size, bold=bold) <= width * 1.001:
        return text
    kept = text
    while kept and width_of(kept.rstrip() + "…", size, bold=bold) > width:
        kept = kept[:-1]
    return kept.rstrip() + "…"


def wrapped(text: str, size: float, width: float, *, bold: bool = False, most: int = 60) -> list[str]:
    """`text` in lines of at most `width` points; what would need more than `most` lines ends in one."""
    lines: list[str] = []
    for paragraph in text.split("\n"):
        line = ""
        for word in paragraph.split():
            longer = f"{line} {word}" if line else word
            if line and width_of(longer, size, bold=bold) > width:
                lines.append(line)
                longer = word
            line = longer
        lines.append(line)
    if len(lines) > most:
        lines = [*lines[: most - 1], " ".join(lines[most - 1 :])]
    return [cut(line, size, width, bold=bold) for line in lines]
