"""The signature of a pass: detached CMS over the exact bytes of its manifest.

It costs hardly more than the bare RSA operation, which releases the interpreter lock, so threads scale;
what would cost is loading the key, which the store does once, and encoding, which is prepared once.
"""

from functools import lru_cache

from passes import clock
from passes.wallets.signing import cms
from passes.wallets.signing.expiry import require_usable
from passes.wallets.signing.identity import SigningIdentity

_template = lru_cache(maxsize=1024)(cms.template_of)


def sign_manifest(manifest: bytes, identity: SigningIdentity) -> bytes:
    """The bytes of a pass's `signature` file: DER, SHA-256, leaf and intermediates embedded.

    Raises `ConfigurationError` while the certificate is not yet or no longer valid in real time, because
    a phone would refuse the pass.
    """
    now = clock.real_now()
    require_usable(identity, now)
    return _template(identity).sign(manifest, now)
