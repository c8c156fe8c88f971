"""The signature of a pass: detached CMS over the exact bytes of its manifest.

The builder of `cryptography` runs within a few per cent of the bare RSA operation and releases the
interpreter lock meanwhile, so threads scale; what would cost is loading the key, which the store does once.
"""

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.hazmat.primitives.serialization.pkcs7 import PKCS7Options, PKCS7SignatureBuilder

from passes import clock
from passes.wallets.signing.expiry import require_usable
from passes.wallets.signing.identity import SigningIdentity

# Without Binary line ends would be rewritten before hashing and no phone would verify the result.
# NoCapabilities leaves contentType, messageDigest and the signingTime Wallet insists on.
_OPTIONS = (PKCS7Options.DetachedSignature, PKCS7Options.Binary, PKCS7Options.NoCapabilities)


def sign_manifest(manifest: bytes, identity: SigningIdentity) -> bytes:
    """The bytes of a pass's `signature` file: DER, SHA-256, leaf and intermediates embedded.

    Raises `ConfigurationError` while the certificate is not yet or no longer valid in real time, because
    a phone would refuse the pass.
    """
    require_usable(identity, clock.real_now())
    builder = PKCS7SignatureBuilder().set_data(manifest)
    builder = builder.add_signer(identity.certificate, identity.key, SHA256())
    for intermediate in identity.intermediates:
        builder = builder.add_certificate(intermediate)
    return builder.sign(Encoding.DER, _OPTIONS)
