"""Rows as the bytes a receipt printer understands: ESC/POS, text in GB18030.

The commands are those of Epson's ESC/POS reference, which the printers sold in China take as well: `ESC @` sets up,
`FS &` chooses Chinese, `ESC a` aligns, `ESC E` makes bold, `GS !` makes big, `GS ( k` draws a QR code, `GS v 0` a
picture of one where the printer cannot, `GS V` cuts, `ESC p` opens the drawer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import segno

from dianke.sales.rules.receipts.layout import Align, FeedRow, QrRow, Row, TextRow

ESC, GS, FS = b"\x1b", b"\x1d", b"\x1c"
INITIALIZE = ESC + b"@"
CHINESE = FS + b"&"
CUT = GS + b"V\x42\x00"
#: Pin 2 of the plug, 50 ms on, 500 ms off.
DRAWER = ESC + b"p\x00\x19\xfa"
#: Dots across the paper by its width in millimetres.
DOTS = {58: 384, 80: 576}
MOST_QR = 700


@dataclass(frozen=True, slots=True)
class Printer:
    """What a printer can do: paper in mm, QR codes by itself, a drawer at its plug."""

    paper: int = 58
    has_qr: bool = True
    has_drawer: bool = True


def encoded(rows: Sequence[Row], printer: Printer, *, opens_drawer: bool = False, cuts: bool = True) -> bytes:
    """The bytes of one print; the drawer is opened first, so that change is given while it prints."""
    parts = [INITIALIZE, CHINESE]
    if opens_drawer and printer.has_drawer:
        parts.append(DRAWER)
    parts += [_row(row, printer) for row in rows]
    if cuts:
        parts.append(CUT)
    return b"".join(parts)


def drawer_kick() -> bytes:
    """Only the drawer."""
    return INITIALIZE + DRAWER


def _row(row: Row, printer: Printer) -> bytes:
    match row:
        case TextRow():
            return _text(row)
        case QrRow():
            return _qr(row.link, printer)
        case FeedRow():
            return ESC + b"d" + bytes([min(row.lines, 255)])


def _text(row: TextRow) -> bytes:
    before, after = b"", b""
    if row.align != Align.LEFT:
        before, after = ESC + b"a" + bytes([row.align]), ESC + b"a\x00"
    if row.is_bold:
        before, after = before + ESC + b"E\x01", ESC + b"E\x00" + after
    if row.is_big:
        before, after = before + GS + b"!\x11", GS + b"!\x00" + after
    # A line ends before what it is printed with changes: the printer aligns whole lines.
    return before + row.text.encode("gb18030") + b"\n" + after


def _qr(link: str, printer: Printer) -> bytes:
    data = link.encode("ascii")
    if len(data) > MOST_QR:
        raise ValueError("the link is too long for a receipt")
    around = (ESC + b"a\x01", ESC + b"a\x00")
    drawn = _native_qr(data, printer) if printer.has_qr else _raster_qr(data, printer)
    return around[0] + drawn + around[1]


def _native_qr(data: bytes, printer: Printer) -> bytes:
    """Model 2, error correction M. The size of a dot follows from the paper."""
    size = 5 if printer.paper == 58 else 6
    return b"".join(
        (
            _k(b"\x31\x41\x32\x00"),
            _k(b"\x31\x43" + bytes([size])),
            _k(b"\x31\x45\x31"),
            _k(b"\x31\x50\x30" + data),
            _k(b"\x31\x51\x30"),
        )
    )


def _k(content: bytes) -> bytes:
    return GS + b"(k" + len(content).to_bytes(2, "little") + content


def _raster_qr(data: bytes, printer: Printer) -> bytes:
    """The code as a picture, as large as half the paper allows."""
    code = segno.make_qr(data, error="m", boost_error=False)
    matrix = [list(line) for line in code.matrix_iter(scale=1, border=2)]
    scale = max(1, min(8, (DOTS[printer.paper] // 2) // len(matrix)))
    width = len(matrix) * scale
    row_bytes = (width + 7) // 8
    lines = []
    for line in matrix:
        bits = "".join(("1" if module else "0") * scale for module in line).ljust(row_bytes * 8, "0")
        lines += [int(bits, 2).to_bytes(row_bytes, "big")] * scale
    head = GS + b"v0\x00" + row_bytes.to_bytes(2, "little") + len(lines).to_bytes(2, "little")
    return head + b"".join(lines)
