"""Signed checkpoints of the chain, appended to a file outside the database.

Whoever can write the database can rebuild the whole chain; what they cannot rebuild is a signature, and a line
already copied elsewhere. The file is plain text in the signed note format (c2sp.org/signed-note): send it by
mail or print it, and the copy proves the log up to that block.
"""

from __future__ import annotations

import base64
import binascii
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings

from dianke.events.sealing.canonical import instant_text

ORIGIN = "dianke/audit"
FILE_NAME = "checkpoints.log"
_ED25519 = b"\x01"
_DASH = "\u2014"
_TAIL_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The state of the chain at a block: how many events are sealed up to it, and the block's hash."""

    event_count: int
    hash: bytes
    block_number: int
    sealed_at: str

    def text(self) -> str:
        """The note without its signature; ends with a line break."""
        return (
            f"{ORIGIN}\n{self.event_count}\n{base64.b64encode(self.hash).decode()}\n"
            f"block {self.block_number}\nsealed {self.sealed_at}\n"
        )


@dataclass(frozen=True, slots=True)
class ReadCheckpoint:
    """A checkpoint as found in the file, in line `line`; `checkpoint` is None if it cannot be read."""

    line: int
    checkpoint: Checkpoint | None
    is_genuine: bool


def checkpoint_file() -> Path:
    """Where checkpoints go: `settings.DIANKE_AUDIT_DIR`, else `audit/` in the data directory."""
    directory = getattr(settings, "DIANKE_AUDIT_DIR", None) or Path(settings.DIANKE_DATA) / "audit"
    return Path(directory) / FILE_NAME


def key_id(name: str, public: bytes) -> bytes:
    """The four bytes that name a key in a signed note."""
    return sha256(name.encode() + b"\n" + _ED25519 + public).digest()[:4]


def make_checkpoint(*, event_count: int, hash: bytes, block_number: int, sealed_at: datetime) -> Checkpoint:
    return Checkpoint(event_count, hash, block_number, instant_text(sealed_at))


def signed_note(checkpoint: Checkpoint, key: Ed25519PrivateKey) -> str:
    """The text, a blank line, and the signature line."""
    text = checkpoint.text()
    mark = key_id(ORIGIN, key.public_key().public_bytes_raw()) + key.sign(text.encode())
    return f"{text}\n{_DASH} {ORIGIN} {base64.b64encode(mark).decode()}\n"


def append(checkpoint: Checkpoint, key: Ed25519PrivateKey, path: Path) -> None:
    """Append a signed checkpoint; it is on disk when this returns."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        # One write, after a line break: a note cut off by a crash spoils itself and not the next.
        os.write(handle, ("\n" + signed_note(checkpoint, key)).encode())
        os.fsync(handle)
    finally:
        os.close(handle)
    if os.name == "posix":
        directory = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)


def read(path: Path, public: Ed25519PublicKey) -> Iterator[ReadCheckpoint]:
    """All checkpoints of the file in order, none if there is no file; each says whether its signature holds."""
    if path.exists():
        yield from _read_text(path.read_text(encoding="utf-8", errors="replace"), public)


def newest_genuine(path: Path, public: Ed25519PublicKey) -> Checkpoint | None:
    """The last checkpoint of the file that we signed; looks at the end of the file first."""
    if not path.exists():
        return None
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        for length in (min(size, _TAIL_BYTES), size):
            file.seek(size - length)
            text = file.read(length).decode(errors="replace")
            genuine = [found.checkpoint for found in _read_text(text, public) if found.is_genuine]
            if genuine:
                return genuine[-1]
    return None


def _read_text(text: str, public: Ed25519PublicKey) -> Iterator[ReadCheckpoint]:
    lines = text.split("\n")
    starts = [number for number, line in enumerate(lines) if line == ORIGIN]
    strays = [
        number
        for number, line in enumerate(lines)
        if line and not any(start <= number < start + 7 for start in starts)
    ]
    for number in sorted([*starts, *strays]):
        if number in strays:
            yield ReadCheckpoint(number + 1, None, False)
        else:
            yield _read_note(lines[number : number + 7], number + 1, public)


def _read_note(lines: list[str], number: int, public: Ed25519PublicKey) -> ReadCheckpoint:
    try:
        _origin, count, digest, block, sealed, blank, signature = lines
        dash, name, mark_text = signature.split(" ")
        mark = base64.b64decode(mark_text, validate=True)
        checkpoint = Checkpoint(
            event_count=int(count),
            hash=base64.b64decode(digest, validate=True),
            block_number=int(block.removeprefix("block ")),
            sealed_at=sealed.removeprefix("sealed "),
        )
    except (ValueError, binascii.Error):
        return ReadCheckpoint(number, None, False)
    is_shaped = (
        blank == ""
        and dash == _DASH
        and name == ORIGIN
        and mark[:4] == key_id(ORIGIN, public.public_bytes_raw())
        and "\n".join(lines[:5]) + "\n" == checkpoint.text()
    )
    try:
        public.verify(mark[4:], checkpoint.text().encode())
    except InvalidSignature:
        is_shaped = False
    return ReadCheckpoint(number, checkpoint, is_shaped)
