"""DKIM signatures (RFC 6376) with RSA and Ed25519 (RFC 8463), relaxed/relaxed, keys opened once and used for many.

dkimpy verifies them in the tests; for signing it does its arithmetic in Python and wants a further package for Ed25519.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

_BLANKS = re.compile(rb"[\t ]+")
_FOLD = re.compile(rb"\r\n(?=[\t ])")

Header = tuple[bytes, bytes]


class KeyUnusable(ValueError):
    """The private key cannot be read, or is neither RSA of 2048 bits or more nor Ed25519."""


class _Key(Protocol):
    @property
    def algorithm(self) -> bytes: ...

    def sign(self, digest: bytes) -> bytes: ...


@dataclass(frozen=True, slots=True)
class _Rsa:
    key: RSAPrivateKey
    algorithm: bytes = b"rsa-sha256"

    def sign(self, digest: bytes) -> bytes:
        return self.key.sign(digest, PKCS1v15(), Prehashed(hashes.SHA256()))


@dataclass(frozen=True, slots=True)
class _Ed25519:
    key: Ed25519PrivateKey
    algorithm: bytes = b"ed25519-sha256"

    def sign(self, digest: bytes) -> bytes:
        return self.key.sign(digest)


def read_key(text: str) -> _Key:
    """A private key: PEM, or the 32 bytes of an Ed25519 key in base64. Raises `KeyUnusable`."""
    text = text.strip()
    try:
        if "-----" not in text:
            return _Ed25519(Ed25519PrivateKey.from_private_bytes(base64.b64decode(text, validate=True)))
        key = serialization.load_pem_private_key(text.encode(), password=None)
    except (ValueError, TypeError) as error:
        raise KeyUnusable from error
    if isinstance(key, RSAPrivateKey) and key.key_size >= 2048:
        return _Rsa(key)
    if isinstance(key, Ed25519PrivateKey):
        return _Ed25519(key)
    raise KeyUnusable


def relaxed_header(name: bytes, value: bytes) -> bytes:
    """RFC 6376, 3.4.2: lower-case name, unfolded value with single blanks."""
    return name.strip().lower() + b":" + _BLANKS.sub(b" ", _FOLD.sub(b"", value)).strip() + b"\r\n"


def relaxed_body(body: bytes) -> bytes:
    """RFC 6376, 3.4.4: single blanks, none at the ends of lines, no empty lines at the end."""
    lines = [_BLANKS.sub(b" ", line).rstrip(b" ") for line in body.split(b"\r\n")]
    while lines and not lines[-1]:
        lines.pop()
    return b"".join(line + b"\r\n" for line in lines)


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs for a domain under a selector."""

    key: _Key
    domain: str
    selector: str

    def header(self, headers: Sequence[Header], body: bytes, names: Sequence[bytes], *, at: int) -> bytes:
        """The DKIM-Signature line with its line end. `names` are the headers it covers, in this order; one that is
        named more often than it stands there may not be added by anybody later."""
        digest = base64.b64encode(hashlib.sha256(relaxed_body(body)).digest())
        fields = b"; ".join(
            [
                b"v=1",
                b"a=" + self.key.algorithm,
                b"c=relaxed/relaxed",
                b"d=" + self.domain.encode(),
                b"s=" + self.selector.encode(),
                b"t=" + str(at).encode(),
                b"h=" + b":".join(names),
                b"bh=" + digest,
                b"b=",
            ]
        )
        data = signed_data(headers, names, fields)
        signature = base64.b64encode(self.key.sign(hashlib.sha256(data).digest()))
        folded = b"\r\n ".join(signature[at : at + 72] for at in range(0, len(signature), 72))
        return b"DKIM-Signature: " + fields.replace(b"; ", b";\r\n ") + folded + b"\r\n"


def signed_data(headers: Sequence[Header], names: Sequence[bytes], signature: bytes) -> bytes:
    """What is signed: the named headers, of several of a name the last first, then the signature without its value."""
    left: dict[bytes, list[bytes]] = {}
    for name, value in headers:
        left.setdefault(name.lower(), []).append(value)
    parts = [relaxed_header(name, left[name.lower()].pop()) for name in names if left.get(name.lower())]
    return b"".join(parts) + relaxed_header(b"DKIM-Signature", signature).rstrip(b"\r\n")
