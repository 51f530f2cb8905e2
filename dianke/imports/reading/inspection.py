"""What is found out about an upload while it is being sealed: kind, size, digest, and a sample to guess from."""

from __future__ import annotations

import codecs
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from dianke.imports.reading import refusals
from dianke.imports.reading.workbooks import MEGABYTE, PACKED_BYTES
from dianke.imports.rules.encodings import UTF_16_BE, UTF_16_LE, guess, marked

TEXT_BYTES = 500 * MEGABYTE
LINE_BYTES = 8 * MEGABYTE
_SAMPLE = 128 << 10
XLSX, XLS, TEXT = "xlsx", "xls", "text"

_NOT_TABLES = (
    b"%PDF",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"Rar!",
    b"7z\xbc\xaf",
    b"\x1f\x8b",
    b"{\\rtf",
    b"MZ",
    b"\x7fELF",
)


@dataclass
class Inspection:
    """Filled by `through`. `data` holds a workbook whole; of a text only `sample` is held: its beginning and the first
    pieces that go beyond ASCII."""

    format: str = TEXT
    size: int = 0
    line_count: int = 0
    is_utf_8: bool = True
    sample: bytes = b""
    data: bytearray = field(default_factory=bytearray)
    _digest: hashlib._Hash = field(default_factory=hashlib.sha256)
    _line: int = 0

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()

    @property
    def is_workbook(self) -> bool:
        return self.format != TEXT

    def through(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """The same chunks, looked at on their way. Raises a `FileRefused` as soon as it is certain."""
        utf_8 = codecs.getincrementaldecoder("utf-8")()
        head = bytearray()
        foreign = bytearray()
        for chunk in chunks:
            if not chunk:
                continue
            if self.size == 0:
                self.format = _format(chunk)
            self.size += len(chunk)
            self._digest.update(chunk)
            if self.is_workbook:
                self.data += chunk
                if self.size > PACKED_BYTES:
                    raise refusals.WorkbookTooLarge(limit=PACKED_BYTES // MEGABYTE)
            else:
                if self.size > TEXT_BYTES:
                    raise refusals.TextTooLarge(limit=TEXT_BYTES // MEGABYTE)
                self._look_at_text(chunk, utf_8)
                head += chunk[: _SAMPLE - len(head)] if len(head) < _SAMPLE else b""
                if len(foreign) < _SAMPLE and self.size > _SAMPLE and not chunk.isascii():
                    foreign += _first_foreign(chunk)[: _SAMPLE - len(foreign)]
            yield chunk
        if self.size == 0:
            raise refusals.FileEmpty
        if not self.is_workbook:
            try:
                utf_8.decode(b"", final=True)
            except UnicodeDecodeError:
                self.is_utf_8 = False
            self.sample = bytes(head)
            self._foreign = bytes(foreign)
            self.line_count += self._line > 0
            _refuse_what_is_no_text(self.sample)

    def encoding(self, words: Iterable[str]) -> str:
        """The likeliest encoding of a text, given headers that would be known."""
        # A piece cut out of the middle of UTF-16 could begin on the wrong side.
        more = b"" if marked(self.sample) or b"\x00" in self.sample else b"\n" + self._foreign
        return guess(self.sample + more, is_utf_8=self.is_utf_8, words=tuple(words))

    def _look_at_text(self, chunk: bytes, utf_8: codecs.IncrementalDecoder) -> None:
        if self.is_utf_8:
            try:
                utf_8.decode(chunk)
            except UnicodeDecodeError:
                self.is_utf_8 = False
        self.line_count += chunk.count(b"\n") or chunk.count(b"\r")
        last = max(chunk.rfind(b"\n"), chunk.rfind(b"\r"))
        first = min((at for at in (chunk.find(b"\n"), chunk.find(b"\r")) if at >= 0), default=len(chunk))
        if self._line + first > LINE_BYTES or len(chunk) > LINE_BYTES > 0 > last:
            raise refusals.LineTooLong
        self._line = len(chunk) - last - 1 if last >= 0 else self._line + len(chunk)


def _format(beginning: bytes) -> str:
    """Told by the content; what a file is called proves nothing."""
    if beginning.startswith(b"PK\x03\x04"):
        return XLSX
    if beginning.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return XLS
    if beginning.startswith(_NOT_TABLES):
        raise refusals.NotATable
    return TEXT


def _refuse_what_is_no_text(sample: bytes) -> None:
    found = marked(sample)
    low = sample[found[1] if found else 0 : 4096].replace(b"\x00", b"").lstrip().lower()
    if low.startswith((b"<!doctype html", b"<html", b"<table", b"<meta", b"<?xml")):
        raise refusals.WebPage
    # A stray zero is a fault of an export; many of them are UTF-16, a program or a picture.
    if sample.count(0) * 100 > len(sample) and guess(sample, is_utf_8=False) not in {UTF_16_LE, UTF_16_BE}:
        raise refusals.NotATable


def _first_foreign(chunk: bytes) -> bytes:
    """From the line with the first byte beyond ASCII on."""
    at = next(index for index, byte in enumerate(chunk) if byte > 0x7F)
    return chunk[chunk.rfind(b"\n", 0, at) + 1 :]
