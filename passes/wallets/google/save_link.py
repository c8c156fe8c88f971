"""The link behind "Add to Google Wallet": a signed token that names an object already at Google.

Class and object are inserted over REST first, so the token carries two ids and nothing a customer's
browser history should not hold. It also keeps the link within the length Google calls safe.
"""

from datetime import datetime

from passes.cards.face import Kind
from passes.errors import StempelError
from passes.wallets.google.account import ServiceAccount
from passes.wallets.google.names import pass_type

SAVE_BASE = "https://pay.google.com/gp/v/save/"
MAX_TOKEN_LENGTH = 1800


def save_url(
    object_id: str,
    class_id: str,
    kind: Kind,
    account: ServiceAccount,
    now: datetime,
    *,
    base: str = SAVE_BASE,
) -> str:
    """The address that adds the object to the Google account of whoever opens it.

    `now` is real time, as Google checks it against its own clock. `base` differs from Google's only
    where a stand-in plays its part. Raises `StempelError` when the ids are too long for a link.
    """
    reference = {"id": object_id, "classId": class_id}
    token = account.sign(
        {
            "iss": account.email,
            "aud": "google",
            "typ": "savetowallet",
            "iat": int(now.timestamp()),
            "origins": [],
            "payload": {f"{pass_type(kind)}Objects": [reference]},
        }
    )
    if len(token) > MAX_TOKEN_LENGTH:
        raise StempelError(
            f"The save link of {object_id} has {len(token)} characters where browsers keep only "
            f"{MAX_TOKEN_LENGTH}. Shorten the merchant's slug."
        )
    return base + token
