"""Excel files: what is looked at before one is opened, and the process that opens it.

A packed workbook can unpack into any amount of memory, load other files, or carry code. Its parts are counted and
unpacked once without keeping anything; then a process of its own reads the sheet (`sheet_process.py`).
"""

from __future__ import annotations

import csv
import io
import re
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from dianke.imports.reading import refusals

MEGABYTE = 1_000_000
PACKED_BYTES = 10 * MEGABYTE
UNPACKED_BYTES = 100 * MEGABYTE
RATIO = 100
#: Parts below this size may be packed as tightly as they like: they cannot do harm.
SMALL_BYTES = 100_000
PARTS = 200
MOST_COLUMNS = 200
MOST_ROWS = 2_000_000

_PROCESS = Path(__file__).with_name("sheet_process.py")
_CODE = ("vbaproject", "macrosheets/", "activex/", "xl/customui")
_LINKS = ("externallinks/", "xl/connections", "querytables/")
_TABLE_PARTS = ("xl/workbook.xml", "xl/workbook.bin")
_DOCTYPE = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_RELATION = re.compile(rb"<Relationship\b[^>]*>", re.IGNORECASE)
_REASONS = {
    "password": refusals.HasPassword,
    "damaged": refusals.WorkbookDamaged,
    "empty": refusals.FileEmpty,
    "memory": refusals.ReadingTooCostly,
}


def guard(data: bytes) -> None:
    """Raise a `FileRefused` unless the packed workbook is safe to hand to a reader."""
    if len(data) > PACKED_BYTES:
        raise refusals.WorkbookTooLarge(limit=PACKED_BYTES // MEGABYTE)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            _guard_directory(parts.infolist())
            left = UNPACKED_BYTES
            for part in parts.infolist():
                left -= _guard_part(parts, part, left)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        # RuntimeError: a part is encrypted. NotImplementedError: a way of packing no workbook uses.
        raise refusals.WorkbookDamaged from error


def _guard_directory(parts: list[zipfile.ZipInfo]) -> None:
    if len(parts) > PARTS:
        raise refusals.TooManyParts
    names = [part.filename.replace("\\", "/").lower() for part in parts]
    if any(
        ".." in name.split("/") or name.startswith("/") or ":" in name or "\x00" in name for name in names
    ):
        raise refusals.UnsafeParts
    if len(set(names)) != len(names):
        raise refusals.UnsafeParts  # two parts of one name: readers differ in which one they take
    if any(found in name for name in names for found in _CODE):
        raise refusals.HasMacros
    if any(found in name for name in names for found in _LINKS):
        raise refusals.HasExternalLinks
    if not any(name in _TABLE_PARTS for name in names):
        raise refusals.NotAWorkbook
    if sum(part.file_size for part in parts) > UNPACKED_BYTES:
        raise refusals.UnpackedTooLarge
    for part in parts:
        if part.file_size > SMALL_BYTES and part.file_size > RATIO * max(part.compress_size, 1):
            raise refusals.UnpackedTooLarge


def _guard_part(parts: zipfile.ZipFile, part: zipfile.ZipInfo, left: int) -> int:
    """Unpack one part piece by piece, as what the directory says of its size may be a lie; its real size."""
    is_markup = part.filename.lower().endswith((".xml", ".rels", ".vml"))
    is_relations = part.filename.lower().endswith(".rels")
    count, tail, whole = 0, b"", bytearray()
    with parts.open(part) as stream:
        while piece := stream.read(1 << 16):
            count += len(piece)
            if count > left or (count > SMALL_BYTES and count > RATIO * max(part.compress_size, 1)):
                raise refusals.UnpackedTooLarge
            if is_markup:
                # Markup in UTF-16 is the same with zero bytes between.
                text = tail + piece.replace(b"\x00", b"")
                if _DOCTYPE.search(text):
                    raise refusals.UnsafeParts
                tail = text[-16:]
            if is_relations:
                whole += piece.replace(b"\x00", b"")
    if is_relations:
        _guard_relations(bytes(whole))
    return count


def _guard_relations(markup: bytes) -> None:
    """Links a person clicks are fine; links a program follows are not."""
    for relation in _RELATION.findall(markup):
        text = relation.lower()
        if b'targetmode="external"' in text.replace(b"'", b'"') and b"/hyperlink" not in text:
            raise refusals.HasExternalLinks


@contextmanager
def sheet_rows(
    data: bytes, sheet: str = "", *, limit: int = MOST_ROWS
) -> Iterator[tuple[list[str], str, Iterator[list[str]]]]:
    """The names of all sheets, the name of the one that is read, and its rows as texts, one after the other.

    The process ends with the block. Raises a `FileRefused`, also while the rows are being taken.
    """
    command = [sys.executable, "-I", str(_PROCESS), sheet, str(limit)]
    process = subprocess.Popen(  # noqa: S603  our own script, with fixed arguments
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={}
    )
    try:
        if process.stdin is None or process.stdout is None or process.stderr is None:
            raise refusals.WorkbookDamaged
        try:
            process.stdin.write(data)
            process.stdin.close()
        except BrokenPipeError:
            _complain(process)
        rows = csv.reader(io.TextIOWrapper(process.stdout, encoding="utf-8", newline=""))
        names = next(rows, None)
        name = next(rows, None)
        if names is None or name is None:
            _complain(process)
            raise refusals.WorkbookDamaged
        yield names, name[0], _until_the_end(rows, process)
    finally:
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout, process.stderr):
            if stream is not None:
                with suppress(BrokenPipeError):
                    stream.close()


def _until_the_end(rows: Iterator[list[str]], process: subprocess.Popen[bytes]) -> Iterator[list[str]]:
    """The rows; a process that died in the middle must not look like the end of the sheet."""
    yield from rows
    _complain(process)


def _complain(process: subprocess.Popen[bytes]) -> None:
    """Wait for the end and raise for anything but a good one."""
    reason = (
        process.stderr.read(200).decode("utf-8", "replace").split("\n")[-1].strip() if process.stderr else ""
    )
    code = process.wait()
    if code == 0:
        return
    if reason == "columns":
        raise refusals.TooManyColumns(limit=MOST_COLUMNS)
    # Killed by its limits of memory or time it could not say why.
    raise _REASONS.get(reason, refusals.ReadingTooCostly)
