"""Uploaded files as they lie on the disk: in pieces, each sealed with the data key of the run.

A piece is bound to its run, its place and whether it is the last, so pieces cannot be swapped, left out or moved to
another run. Reading gives a stream again; nothing is ever written in the clear.
"""

from __future__ import annotations

import hashlib
import io
import os
import struct
import uuid
from collections.abc import Iterable, Iterator
from pathlib import Path

from dianke.core.crypto import OpenKey, SealBroken

PIECE = 1 << 20
_TABLE, _FIELD = "imports_importrun", "file"
_LENGTH = struct.Struct("<I")
_MOST = PIECE + 1024


def _place(owner: uuid.UUID, index: int, *, is_last: bool) -> uuid.UUID:
    """The identity of a piece, which its seal is bound to."""
    told = owner.bytes + struct.pack("<Q?", index, is_last)
    return uuid.UUID(bytes=hashlib.sha256(told).digest()[:16])


def write_sealed(path: Path, key: OpenKey, owner: uuid.UUID, chunks: Iterable[bytes]) -> int:
    """Seal a stream into a file that only its owner may read; returns the number of bytes. On disk when it returns."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    size = 0
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        pieces = _pieces(chunks)
        held = next(pieces, b"")
        index = 0
        while True:
            following = next(pieces, None)
            is_last = following is None
            sealed = key.seal(held, table=_TABLE, field=_FIELD, row=_place(owner, index, is_last=is_last))
            file.write(_LENGTH.pack(len(sealed)) + sealed)
            size += len(held)
            if following is None:
                break
            held, index = following, index + 1
        file.flush()
        os.fsync(file.fileno())
    return size


def _pieces(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The stream cut into equal pieces."""
    waiting = bytearray()
    for chunk in chunks:
        waiting += chunk
        while len(waiting) >= PIECE:
            yield bytes(waiting[:PIECE])
            del waiting[:PIECE]
    if waiting:
        yield bytes(waiting)


class SealedFile(io.RawIOBase):
    """A sealed file as a readable stream. Raises `SealBroken` when it was changed, cut or exchanged."""

    def __init__(self, path: Path, key: OpenKey, owner: uuid.UUID) -> None:
        super().__init__()
        self._file = path.open("rb")
        self._size = os.fstat(self._file.fileno()).st_size
        self._key, self._owner = key, owner
        self._index = 0
        self._piece = memoryview(b"")
        self._is_over = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        while not self._piece and not self._is_over:
            self._next()
        count = min(len(buffer), len(self._piece))
        buffer[:count] = self._piece[:count]
        self._piece = self._piece[count:]
        return count

    def _next(self) -> None:
        head = self._file.read(_LENGTH.size)
        length = _LENGTH.unpack(head)[0] if len(head) == _LENGTH.size else 0
        if not 0 < length <= _MOST:
            raise SealBroken(table=_TABLE, column=_FIELD)
        sealed = self._file.read(length)
        self._is_over = self._file.tell() >= self._size
        row = _place(self._owner, self._index, is_last=self._is_over)
        self._piece = memoryview(self._key.open(sealed, table=_TABLE, field=_FIELD, row=row))
        self._index += 1

    def close(self) -> None:
        self._file.close()
        super().close()


def open_sealed(path: Path, key: OpenKey, owner: uuid.UUID) -> io.BufferedReader:
    """The file as a buffered stream."""
    return io.BufferedReader(SealedFile(path, key, owner), PIECE)
