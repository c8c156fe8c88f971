"""The secret Apple Wallet shows when it asks about a card: derived from one key, stored nowhere.

It must stay the same for the whole life of the installed pass and be made again for every new version of
it, so it is a function of what never changes. Checking it needs no look into the database, hence whoever
guesses cannot even tell a card that exists from one that does not.
"""

import base64
import hashlib
import hmac

_BYTES = 24


def key_id_of(key: bytes) -> str:
    """A short name of the key (12 hexadecimal digits) that stands on the cards made under it."""
    return hashlib.sha256(b"stempel token key\0" + key).hexdigest()[:12]


def token_for(key: bytes, key_id: str, pass_type: str, serial: str) -> str:
    """The `authenticationToken` of one pass: 192 bits in 32 URL-safe characters (Apple wants at least 16)."""
    message = "\0".join((key_id, pass_type, serial)).encode()
    return base64.urlsafe_b64encode(hmac.digest(key, message, "sha256")[:_BYTES]).decode()


def is_token(presented: str, key: bytes, pass_type: str, serial: str) -> bool:
    """Whether `presented` is the token of that pass, in a time that does not depend on how close it is."""
    expected = token_for(key, key_id_of(key), pass_type, serial)
    return hmac.compare_digest(presented.encode(), expected.encode())
