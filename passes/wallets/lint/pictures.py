"""Whether uploads have enough pixels for the sharpest phone, and belong on such a card."""

from collections.abc import Iterator

from passes.cards.face import CardFace, Text
from passes.wallets.art.uploads import open_upload
from passes.wallets.lint.findings import Finding, warning

SHARP = {
    "logo": (150, 150),
    "icon": (114, 114),
    "strip": (1125, 432),
    "stamp_empty": (120, 120),
    "stamp_full": (120, 120),
    "stamp_reward": (120, 120),
    "wide_logo": (640, 200),
}
"""The fewest pixels (width, height) from which every scale comes out sharp."""
_STAMPS = ("stamp_empty", "stamp_full", "stamp_reward")


def judge_pictures(face: CardFace) -> Iterator[Finding]:
    """Each picture of the design's own."""
    for name, (width, height) in SHARP.items():
        data = getattr(face.images, name)
        if data is None:
            continue
        picture = open_upload(data, name)
        if picture.width < width or picture.height < height:
            yield _too_small(name, picture.size, (width, height))
        if name in _STAMPS and face.stamps is None:
            yield warning(
                "stamps_not_shown",
                f"images.{name}",
                Text("Diese Karte hat keine Stempel.", "This card has no stamps."),
                Text("Das Bild weglassen.", "Leave the picture out."),
            )
    if face.images.stamp_full is not None and face.images.stamp_empty is None:
        yield warning(
            "stamp_pair",
            "images.stamp_empty",
            Text(
                "Volle Stempel sind ein eigenes Bild, leere sind gezeichnet.",
                "Full stamps are an own picture, empty ones are drawn.",
            ),
            Text("Auch ein Bild für leere Stempel hochladen.", "Upload a picture for empty stamps too."),
        )
    if face.stamp_shape is not None and face.stamps is None:
        yield warning(
            "stamps_not_shown",
            "stamp_shape",
            Text("Diese Karte hat keine Stempel.", "This card has no stamps."),
            Text("Die Form weglassen.", "Leave the shape out."),
        )


def _too_small(name: str, has: tuple[int, int], needs: tuple[int, int]) -> Finding:
    return warning(
        "picture_small",
        f"images.{name}",
        Text(
            f"Das Bild hat {has[0]} × {has[1]} Pixel und wird auf scharfen Bildschirmen unscharf.",
            f"The picture has {has[0]} × {has[1]} pixels and will look soft on sharp screens.",
        ),
        Text(
            f"Mit mindestens {needs[0]} × {needs[1]} Pixeln hochladen.",
            f"Upload it with at least {needs[0]} × {needs[1]} pixels.",
        ),
    )
