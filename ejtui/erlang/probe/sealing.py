"""What passes between ejtui and a probe unseen by whatever records the probe's input and output.

The same sealing as between two probes: see `ejtui_secret.erl`.
"""

from __future__ import annotations

import base64
import hashlib
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from ejtui.erlang.probe.client import ProbeError
from ejtui.erlang.terms import etf

_CURVE = ec.SECP256R1


class Seal:
    """A key for what one probe seals; its other half never leaves this process."""

    def __init__(self) -> None:
        self._private = ec.generate_private_key(_CURVE())
        self.public = base64.b64encode(_point(self._private)).decode()

    def opened(self, text: object) -> bytes:
        """What was sealed for this key. Raises ProbeError where it is no such thing."""
        try:
            raw = text if isinstance(text, bytes) else str(text).encode()
            theirs, _, iv, sealed, tag = etf.decode(base64.b64decode(raw, validate=True))
            return AESGCM(_key(self._private, theirs)).decrypt(iv, sealed + tag, None)
        except (ValueError, TypeError, InvalidTag):
            raise ProbeError("garbled", "what was sealed was changed on its way") from None


def sealed(data: bytes, public: str) -> str:
    """The data for the probe that made that key. Raises ProbeError where it is no key."""
    try:
        theirs = base64.b64decode(public, validate=True)
        private = ec.generate_private_key(_CURVE())
        iv = os.urandom(12)
        text = AESGCM(_key(private, theirs)).encrypt(iv, data, None)
    except (ValueError, TypeError):
        raise ProbeError("garbled", "the probe's key cannot be used") from None
    term = (_point(private), theirs, iv, text[:-16], text[-16:])
    return base64.b64encode(etf.encode(term)).decode()


def _point(private: ec.EllipticCurvePrivateKey) -> bytes:
    return private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def _key(private: ec.EllipticCurvePrivateKey, theirs: bytes) -> bytes:
    public = ec.EllipticCurvePublicKey.from_encoded_point(_CURVE(), theirs)
    return hashlib.sha256(b"ejtui" + private.exchange(ec.ECDH(), public)).digest()
