"""Codes as scanners see them: bars (EAN-13, EAN-8, Code 128) and QR, drawn as SVG that stands in the page.

A bar is whole modules wide. GS1 asks for modules of at least 0.264 mm in EAN codes; Code 128 on the labels of a shop is
read down to 0.19 mm (7.5 mil). What would have to be narrower gets none: a symbol nobody can scan is worse.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

import segno
from barcode.codex import Code128
from barcode.ean import EAN8, EAN13
from stdnum import ean

EAN_KIND, EAN8_KIND, CODE_128_KIND = "EAN13", "EAN8", "CODE128"
#: Modules of white in front and behind (GS1 General Specifications, ISO/IEC 15417).
QUIET = {EAN_KIND: (11, 7), EAN8_KIND: (7, 7), CODE_128_KIND: (10, 10)}
#: How wide a module is at least, in micrometres.
NARROWEST = {EAN_KIND: 264, EAN8_KIND: 264, CODE_128_KIND: 190}


@dataclass(frozen=True, slots=True)
class Bars:
    """A linear symbol: its kind and its modules from left to right, 1 for black, without the white around."""

    kind: str
    modules: str

    @property
    def width(self) -> int:
        """Modules with the white that belongs to it."""
        return sum(QUIET[self.kind]) + len(self.modules)

    def fits(self, width_mm: int) -> bool:
        """Whether scanners read it when it is this wide on paper."""
        return width_mm * 1000 >= self.width * NARROWEST[self.kind]


def bars_of(code: str) -> Bars | None:
    """The bars of a code as it is looked up: an EAN or UPC as such, anything else as Code 128; None for signs it has
    none for."""
    if not code or not all(" " <= char <= "~" for char in code):
        return None
    if code.isdecimal() and ean.is_valid(code):
        if len(code) in (12, 13):  # a UPC is the EAN with a zero in front, bar for bar
            return Bars(EAN_KIND, EAN13(code.rjust(13, "0")[:12]).build()[0])
        if len(code) == 8:
            return Bars(EAN8_KIND, EAN8(code[:7]).build()[0])
    return Bars(CODE_128_KIND, Code128(code).build()[0])


def bars_image(bars: Bars) -> str:
    """The bars as an image that fills whatever box it is given, as a data address."""
    parts, at = [], QUIET[bars.kind][0]
    for module, run in groupby(bars.modules):
        length = len(list(run))
        if module == "1":
            parts.append(f"M{at} 0h{length}v1h-{length}z")
        at += length
    svg = (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {bars.width} 1' preserveAspectRatio='none' "
        f"shape-rendering='crispEdges'><path fill='white' d='M0 0h{bars.width}v1H0z'/>"
        f"<path d='{''.join(parts)}'/></svg>"
    )
    return "data:image/svg+xml," + svg.replace("<", "%3C").replace(">", "%3E")


def qr_image(text: str) -> str:
    """The QR symbol of a text as an image that stands in the page."""
    image: str = segno.make(text, error="m", micro=False).svg_data_uri(
        scale=4, border=1, dark="#000", light="#fff"
    )
    return image
