"""Several passes in one file, which a phone adds with one tap: a zip of whole `.pkpass` files.

Wallet takes ten passes or 150 MB at once; ten of ours are far below that.
https://developer.apple.com/documentation/walletpasses/distributing-and-updating-a-pass
"""

from collections.abc import Sequence

from passes.wallets.apple.archive import archive, member

PKPASSES_TYPE = "application/vnd.apple.pkpasses"
MAX_PASSES = 10


def bundle_of(passes: Sequence[bytes]) -> bytes:
    """The `.pkpasses` file of at most `MAX_PASSES` signed passes, in their order."""
    if not 1 <= len(passes) <= MAX_PASSES:
        raise ValueError(f"a bundle holds 1 to {MAX_PASSES} passes, not {len(passes)}")
    # They are zip archives already and would not become smaller.
    named = [member(f"card-{n}.pkpass", data, deflate=False) for n, data in enumerate(passes, 1)]
    return archive(named)
