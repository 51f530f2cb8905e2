"""Encryption and blind indexes as pure functions of keys and bytes: no database, no files, no settings.

A sealed value is AES-256-GCM under a key derived for its column, with table, field, row and data key as
associated data, so a ciphertext copied to another row or column does not open. A blind index is a keyed hash
that finds equal values without revealing them. Derivation and indexes follow CipherSweet's FIPS construction
and reproduce its known answers. The whole format: docs/algorithms/encryption.md.
"""

from __future__ import annotations

import hashlib
import hmac
import math
import os
import struct
import uuid
from collections.abc import Sequence
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.utils.translation import gettext_lazy as _

from dianke.core.errors import DiankeError

VERSION = b"\x01"
KEY_BYTES = 32
NONCE_BYTES = 12
TAG_BYTES = 16
HEADER_BYTES = 1 + 16  # version, data key
OVERHEAD_BYTES = HEADER_BYTES + NONCE_BYTES + TAG_BYTES
_ENCRYPTION = b"\xb4" * 32
_BLIND_INDEX = b"\x7e" * 32


class SealBroken(DiankeError):
    code = "seal_broken"
    message = _(
        "The encrypted value in %(table)s.%(column)s was changed or copied there from another place, so it is "
        "not shown. Restore it from a backup, and find out who writes to the database outside of Dianke."
    )


class WrappedKeyBroken(DiankeError):
    code = "wrapped_key_broken"
    message = _(
        "The data key %(key)s does not open with its master key: it was changed or moved in the database. "
        "Restore the table core_datakey from a backup."
    )


# --- derivation --------------------------------------------------------------------------------------------
def pack(*pieces: bytes) -> bytes:
    """Pieces as one unambiguous string: their number (LE32), then each after its length (LE64)."""
    return struct.pack("<I", len(pieces)) + b"".join(
        struct.pack("<Q", len(piece)) + piece for piece in pieces
    )


def derive(key: bytes, *, salt: bytes, info: bytes, length: int = KEY_BYTES) -> bytes:
    """HKDF with SHA-384 (RFC 5869), for at most 48 bytes: extract, and the first block of expand.

    Written out because it runs for every column of every imported customer, and costs a fifth of a library object.
    """
    if length > hashlib.sha384().digest_size:
        raise ValueError("one block of HKDF gives 48 bytes")
    begun, ended = _salted(salt)
    extracted = hashlib.sha384(ended + hashlib.sha384(begun + key).digest()).digest()
    return _keyed(extracted, info + b"\x01")[:length]


def _keyed(key: bytes, message: bytes) -> bytes:
    """HMAC with SHA-384 (RFC 2104), written out for the same reason: the library takes a third longer to begin."""
    key = (key if len(key) <= _BLOCK else hashlib.sha384(key).digest()).ljust(_BLOCK, b"\0")
    inner = hashlib.sha384(key.translate(_INNER) + message).digest()
    return hashlib.sha384(key.translate(_OUTER) + inner).digest()


@lru_cache(maxsize=256)
def _salted(salt: bytes) -> tuple[bytes, bytes]:
    """The first blocks of the two hashes of an HMAC with this key, a table's name and no secret. Hashing a block anew
    takes less than copying a hash that has begun."""
    key = (salt if len(salt) <= _BLOCK else hashlib.sha384(salt).digest()).ljust(_BLOCK, b"\0")
    return key.translate(_INNER), key.translate(_OUTER)


_BLOCK = 128  # bytes, of SHA-384
_INNER, _OUTER = bytes(byte ^ 0x36 for byte in range(256)), bytes(byte ^ 0x5C for byte in range(256))


def column_key(data_key: bytes, table: str, field: str) -> bytes:
    """The 32-byte key that seals one column."""
    return derive(data_key, salt=table.encode(), info=_ENCRYPTION + field.encode())


def index_key(root: bytes, table: str, field: str, index: str) -> bytes:
    """The 32-byte key of one blind index of one column."""
    column_root = derive(root, salt=table.encode(), info=_BLIND_INDEX + field.encode())
    return hmac.digest(column_root, pack(table.encode(), field.encode(), index.encode()), "sha256")


def check_value(key: bytes, purpose: str) -> bytes:
    """16 bytes that show whether a key is the right one and nothing else about it."""
    return derive(key, salt=b"dianke key check", info=purpose.encode(), length=16)


# --- sealed values -----------------------------------------------------------------------------------------
@lru_cache(maxsize=1024)
def _fixed_data(table: str, field: str) -> bytes:
    # The head of pack(VERSION, table, field, row, key); the last two pieces are 16 bytes each.
    head = pack(VERSION, table.encode(), field.encode())
    return struct.pack("<I", 5) + head[4:]


_SIXTEEN = struct.pack("<Q", 16)


class OpenKey:
    """A data key in the clear, in memory only, with the ciphers derived from it.

    What it seals is: version (1 byte), id of the data key (16), nonce (12), ciphertext, tag (16).
    """

    __slots__ = ("_ciphers", "_secret", "id")

    def __init__(self, key_id: uuid.UUID, secret: bytes) -> None:
        self.id = key_id
        self._secret = secret
        self._ciphers: dict[tuple[str, str], AESGCM] = {}

    def __repr__(self) -> str:
        return f"OpenKey(id={self.id})"

    def __reduce__(self) -> str:
        raise TypeError("a data key in the clear does not leave the memory of its process")

    def seal(self, plaintext: bytes, *, table: str, field: str, row: uuid.UUID) -> bytes:
        """The sealed value for that column of that row; a new nonce, so other bytes, each time."""
        nonce = os.urandom(NONCE_BYTES)
        key_id = self.id.bytes
        data = _fixed_data(table, field) + _SIXTEEN + row.bytes + _SIXTEEN + key_id
        return VERSION + key_id + nonce + self._cipher(table, field).encrypt(nonce, plaintext, data)

    @staticmethod
    def seal_column(
        keys: Sequence[OpenKey],
        plaintexts: Sequence[bytes | None],
        rows: Sequence[uuid.UUID],
        *,
        table: str,
        field: str,
    ) -> list[bytes | None]:
        """`seal` for one column of many rows, each with its key and a fresh nonce; None stays None."""
        head, place = _fixed_data(table, field) + _SIXTEEN, (table, field)
        salt, info = table.encode(), _ENCRYPTION + field.encode()
        sealed: list[bytes | None] = []
        for key, plaintext, row, nonce in zip(keys, plaintexts, rows, nonces(len(rows)), strict=True):
            if plaintext is None:
                sealed.append(None)
                continue
            key_id = key.id.bytes
            cipher = key._ciphers.get(place)
            if cipher is None:
                cipher = key._ciphers[place] = AESGCM(derive(key._secret, salt=salt, info=info))
            body = cipher.encrypt(nonce, plaintext, head + row.bytes + _SIXTEEN + key_id)
            sealed.append(VERSION + key_id + nonce + body)
        return sealed

    def open(self, sealed: bytes, *, table: str, field: str, row: uuid.UUID) -> bytes:
        """The plaintext. Raises `SealBroken` unless sealed with this key for that column and row."""
        key_id = self.id.bytes
        nonce = sealed[HEADER_BYTES : HEADER_BYTES + NONCE_BYTES]
        data = _fixed_data(table, field) + _SIXTEEN + row.bytes + _SIXTEEN + key_id
        if len(sealed) < OVERHEAD_BYTES or sealed[:HEADER_BYTES] != VERSION + key_id:
            raise SealBroken(table=table, column=field)
        try:
            return self._cipher(table, field).decrypt(nonce, sealed[HEADER_BYTES + NONCE_BYTES :], data)
        except InvalidTag:
            raise SealBroken(table=table, column=field) from None

    def _cipher(self, table: str, field: str) -> AESGCM:
        cipher = self._ciphers.get((table, field))
        if cipher is None:
            cipher = self._ciphers[table, field] = AESGCM(column_key(self._secret, table, field))
        return cipher


def key_of(sealed: bytes) -> uuid.UUID | None:
    """Id of the data key a value was sealed with; None for bytes that are no sealed value."""
    if len(sealed) < OVERHEAD_BYTES or sealed[:1] != VERSION:
        return None
    return uuid.UUID(bytes=bytes(sealed[1:HEADER_BYTES]))


def nonces(count: int) -> list[bytes]:
    """Fresh random nonces, drawn at once."""
    drawn = os.urandom(NONCE_BYTES * count)
    return [drawn[at : at + NONCE_BYTES] for at in range(0, len(drawn), NONCE_BYTES)]


# --- wrapped data keys -------------------------------------------------------------------------------------
class Wrapper:
    """Wraps data keys with one master key: version (1 byte), nonce (12), ciphertext (32), tag (16)."""

    def __init__(self, master: bytes) -> None:
        self._cipher = AESGCM(derive(master, salt=b"dianke data key", info=b"wrap"))

    def wrap(self, secret: bytes, key_id: uuid.UUID, subject: str, nonce: bytes | None = None) -> bytes:
        """`subject` is whose key it is; a wrapped key moved to another subject does not unwrap. `nonce` as for
        `OpenKey.seal`."""
        nonce = nonce or os.urandom(NONCE_BYTES)
        return VERSION + nonce + self._cipher.encrypt(nonce, secret, _wrapping_data(key_id, subject))

    def unwrap(self, wrapped: bytes, key_id: uuid.UUID, subject: str) -> bytes:
        """The 32-byte data key. Raises `WrappedKeyBroken`."""
        nonce, body = wrapped[1 : 1 + NONCE_BYTES], wrapped[1 + NONCE_BYTES :]
        if wrapped[:1] != VERSION or len(body) != KEY_BYTES + TAG_BYTES:
            raise WrappedKeyBroken(key=key_id)
        try:
            return self._cipher.decrypt(nonce, body, _wrapping_data(key_id, subject))
        except InvalidTag:
            raise WrappedKeyBroken(key=key_id) from None


_KEY_HEAD = struct.pack("<IQ", 3, 1) + VERSION + struct.pack("<Q", 16)


def _wrapping_data(key_id: uuid.UUID, subject: str) -> bytes:
    """pack(VERSION, key id, subject), written out because every imported customer has a key."""
    text = subject.encode()
    return _KEY_HEAD + key_id.bytes + struct.pack("<Q", len(text)) + text


# --- blind indexes -----------------------------------------------------------------------------------------
EXACT_BITS = 256
_FIRST_BLOCK = b"\x00\x00\x00\x01"


def blind_index(key: bytes, plaintext: str, bits: int = EXACT_BITS) -> bytes:
    """The first `bits` bits (the rest of the last byte zero) of the keyed hash of the plaintext.

    PBKDF2 with SHA-384 and one iteration, CipherSweet's "fast" index; `key` comes from `index_key`.
    """
    # One iteration and no more than 48 bytes: PBKDF2 is then its first HMAC (RFC 8018, section 5.2).
    found = _keyed(plaintext.encode(), key + _FIRST_BLOCK)[: (bits + 7) // 8]
    if not bits % 8:
        return found
    cut = bytearray(found)
    cut[-1] &= 0xFF << (8 - bits % 8) & 0xFF
    return bytes(cut)


def planned_bits(population: int) -> tuple[int, int]:
    """Fewest and most bits a filter index (not for exact match) over `population` rows should have.

    CipherSweet's planning rule: an index value should be shared by 2 to sqrt(population) rows.
    With more bits the index gives values away, with fewer the search returns too much to decrypt.
    """
    if population < 4:
        return 1, 1
    return math.ceil(math.log2(population) / 2), math.floor(math.log2(population / 2))
