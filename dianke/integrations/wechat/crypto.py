"""Signature and encryption of what WeChat posts (developers.weixin.qq.com, "Message encryption and decryption"): SHA-1
over sorted parts, AES-256-CBC with the first half of the key as IV, padded to 32 bytes, the length and whose it is
inside. WeCom uses the same."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

_BLOCK = 32


class NotFromWeChat(ValueError):
    """The signature is wrong, it does not open with this key, or it is meant for somebody else."""


def signature(token: str, *parts: str) -> str:
    return hashlib.sha1("".join(sorted((token, *parts))).encode()).hexdigest()  # noqa: S324 - theirs


def check_signature(given: str, token: str, *parts: str) -> None:
    """Raises `NotFromWeChat`."""
    if not hmac.compare_digest(signature(token, *parts).encode(), given.encode()):
        raise NotFromWeChat("signature")


def opened(encrypted: str, *, aes_key: str, receiver: str) -> bytes:
    """The message inside. `aes_key` are the 43 characters of the settings. Raises `NotFromWeChat`."""
    try:
        key = base64.b64decode(aes_key + "=", validate=True)
        sealed = base64.b64decode(encrypted, validate=True)
    except (binascii.Error, ValueError) as error:
        raise NotFromWeChat("encoding") from error
    if len(key) != 32 or not sealed or len(sealed) % 16:
        raise NotFromWeChat("length")
    decryptor = Cipher(AES(key), CBC(key[:16])).decryptor()
    plain = decryptor.update(sealed) + decryptor.finalize()
    padding = plain[-1]
    if not 1 <= padding <= _BLOCK or len(plain) < 20 + padding:
        raise NotFromWeChat("padding")
    plain = plain[16:-padding]  # sixteen random bytes stand before it
    length = int.from_bytes(plain[:4], "big")
    message, whose = plain[4 : 4 + length], plain[4 + length :]
    if len(message) != length or not hmac.compare_digest(whose, receiver.encode()):
        raise NotFromWeChat("receiver")
    return message
