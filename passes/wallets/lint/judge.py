"""The judgement over a whole design, and what each rendering says it would leave out of it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from passes.cards.face import CardFace, Loss, Text
from passes.programs.queries import ProgramView
from passes.wallets.apple import pass_json
from passes.wallets.google import bodies
from passes.wallets.google.bodies import PublicUrls
from passes.wallets.lint.colors import judge_colors
from passes.wallets.lint.findings import Finding, broken, warning
from passes.wallets.lint.pictures import judge_pictures
from passes.wallets.lint.stamps import judge_stamps
from passes.wallets.lint.texts import judge_texts
from passes.wallets.print import losses as paper
from passes.wallets.web import losses as web
from passes.wallets.web.brand import brand_of

MAX_PLACES = 10
SURFACES = ("apple", "google", "web", "paper")
"""Where a card is shown; what one of them loses has a code that begins with its name."""
_NO_WAY_OUT = Text("", "")
_ISSUER, _PICTURE = "3388000000012345678", "https://cards.example/picture.png"
_ALL_PICTURES = PublicUrls(_PICTURE, _PICTURE, wide_logo=_PICTURE)
"""What a body at Google cannot do without, and a report does not speak of."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A design to be judged: the program as it would read, and a face such as its cards would have.

    `has_nfc` says whether the merchant's certificate may speak NFC, None where there is none.
    """

    program: ProgramView
    face: CardFace
    has_nfc: bool | None = None


def judge(judged: Judged) -> tuple[Finding, ...]:
    """Everything found about a design, errors first; with pictures it takes some tenths of a second."""
    face, design = judged.face, judged.program.design
    found = [
        *judge_colors(face),
        *judge_pictures(face),
        *judge_stamps(face),
        *judge_texts(face, design, judged.program.texts),
        *_combinations(judged),
    ]
    # A message without its %@ is named above, with the way out.
    found += (loss for loss in _losses("apple", pass_json.losses_of(face)) if "%@" not in loss.says.en)
    found += _losses("google", bodies.losses_of(face, _ISSUER, _ALL_PICTURES))
    found += _losses("web", web.losses_of(face, brand_of(face.colors)))
    found += _losses("paper", paper.voucher_losses(face) if face.kind == "gift" else paper.losses_of(face))
    return tuple(sorted(dict.fromkeys(found), key=lambda finding: finding.severity))


def stops(findings: Iterable[Finding], *, force: bool = False) -> list[Finding]:
    """The errors that stand in the way of publishing; with `force` only those nobody may overrule."""
    return [found for found in findings if found.severity == "error" and not (force and found.may_force)]


def _combinations(judged: Judged) -> Iterator[Finding]:
    """What does not go together, or not in every wallet."""
    design = judged.program.design
    if "code128" in design.barcode_formats:
        yield from _code_128(judged)
    if design.rotates and not {"qr", "pdf417"}.intersection(design.barcode_formats):
        yield warning(
            "rotates",
            "rotates",
            Text(
                "Nur QR-Code und PDF417 können sich ändern.",
                "Only QR codes and PDF417 can change by themselves.",
            ),
            Text("Einen davon dazunehmen.", "Add one of them."),
        )
    if design.nfc and judged.has_nfc is False:
        yield warning(
            "nfc",
            "nfc",
            Text(
                "Das Apple-Zertifikat erlaubt kein NFC; auf dem iPhone bleibt es weg.",
                "The Apple certificate does not allow NFC; on an iPhone it is left out.",
            ),
            Text("Bei Apple ein NFC-Zertifikat beantragen.", "Apply to Apple for an NFC certificate."),
        )
    if len(judged.face.places) > MAX_PLACES:
        count = len(judged.face.places)
        yield warning(
            "places",
            "places",
            Text(
                f"Es gibt {count} Filialen; ein Wallet kennt auf einer Karte nur {MAX_PLACES}. Jede "
                "Karte trägt die, die zu ihr passen.",
                f"There are {count} shops; a wallet knows only {MAX_PLACES} on a card. Each card carries "
                "those that suit it.",
            ),
            _NO_WAY_OUT,
        )


def _code_128(judged: Judged) -> Iterator[Finding]:
    design = judged.program.design
    if design.barcode == "signed":
        yield broken(
            "code128_signed",
            "barcode_formats",
            Text(
                "Ein signierter Code hat 164 Zeichen und passt in keinen Strichcode (Code 128).",
                "A signed code has 164 characters and fits into no Code 128.",
            ),
            Text("QR, Aztec oder PDF417 nehmen.", "Take QR, Aztec or PDF417."),
        )
    elif design.barcode_formats == ("code128",):
        yield warning(
            "code128_watch",
            "barcode_formats",
            Text("Die Apple Watch zeigt keinen Code 128.", "An Apple Watch does not show Code 128."),
            Text("Dahinter noch qr nennen.", "Name qr behind it."),
        )


def _losses(surface: str, losses: Iterable[Loss]) -> Iterator[Finding]:
    for loss in losses:
        yield warning(f"{surface}_{loss.how}", loss.part, loss.says, _NO_WAY_OUT)
