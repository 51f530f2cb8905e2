"""Labels to print: what stands on the label of a variant or the tag of a piece, and the sizes of paper.

The code is what scanners look up: the barcode, without one the SKU, for a piece its tag; as QR, as bars, or as both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from dianke.catalog.models import Barcode, Piece, Variant
from dianke.catalog.queries.day_prices import piece_prices
from dianke.catalog.queries.prices import prices_of
from dianke.catalog.rules.jewelry import metal_name
from dianke.catalog.rules.sayings import grams
from dianke.catalog.rules.symbols import bars_image, bars_of, qr_image
from dianke.core.errors import Text
from dianke.core.money import Money
from dianke.stores.models import Store
from dianke.web.formats import money

#: So many labels on one page of the browser; more are printed in two goes.
MOST_LABELS = 500
MOST_COPIES = 50


@dataclass(frozen=True, slots=True)
class Size:
    """A size of label, in millimetres; what it shows is its template's business. `bars_mm` is how wide bars may be on
    it, alone and beside a QR symbol."""

    code: str
    name: Text
    width: int
    height: int
    bars_mm: int

    @property
    def text(self) -> str:
        return f"{self.name} {self.width} × {self.height} mm"


SIZES = (
    Size("product", _("Product label"), 40, 30, 36),
    Size("small", _("Small label"), 30, 20, 27),
    Size("large", _("Large label"), 60, 40, 54),
    Size("shelf", _("Shelf label"), 70, 38, 42),
    Size("tag", _("Jewelry tag"), 60, 22, 31),
)
BY_CODE = {size.code: size for size in SIZES}


class Symbols(TextChoices):
    """What a label is scanned by."""

    QR = "qr", _("QR code")
    BARS = "bars", _("Barcode")
    BOTH = "both", _("Barcode and QR code")


@dataclass(frozen=True, slots=True)
class Label:
    """One label. `price` is written already, "" when there is none; `lines` are what a tag says besides. `image` is its
    QR symbol, `bars` its barcode, each "" where it is not wanted; `is_too_long`: bars were wanted and do not fit."""

    title: str
    subtitle: str
    price: str
    unit: str
    code: str
    lines: tuple[str, ...] = ()
    image: str = ""
    bars: str = ""
    is_too_long: bool = False


def dressed(labels: Sequence[Label], size: Size, symbols: Symbols) -> list[Label]:
    """The labels with their symbols. A code that is too long for bars on this size gets a QR symbol instead."""
    found = []
    for label in labels:
        bars = bars_of(label.code) if symbols is not Symbols.QR else None
        fits = bars is not None and bars.fits(size.bars_mm)
        has_qr = symbols is not Symbols.BARS or not fits
        found.append(
            replace(
                label,
                image=qr_image(label.code) if has_qr else "",
                bars=bars_image(bars) if bars is not None and fits else "",
                is_too_long=symbols is not Symbols.QR and not fits,
            )
        )
    return found


def of_variants(variants: Sequence[Variant], store: Store | None, at: datetime) -> list[Label]:
    """The labels of variants (with product and unit joined), priced for a store. Four queries."""
    ids = [variant.pk for variant in variants]
    prices = prices_of(ids, store=store, at=at)
    codes: dict[int, Barcode] = {}
    for barcode in Barcode.objects.filter(variant__in=ids, pack_quantity=1).order_by("pk"):
        codes.setdefault(barcode.variant_id, barcode)
    found = []
    for variant in variants:
        price = prices.get(variant.pk)
        code = codes[variant.pk].printed if variant.pk in codes else variant.code
        found.append(
            Label(
                title=variant.product.name,
                subtitle=variant.label,
                price=_amount(price.amount, price.currency) if price else "",
                unit=variant.product.unit.name,
                code=code,
                lines=(variant.code,),
            )
        )
    return found


def of_pieces(pieces: Sequence[Piece], store: Store | None, at: datetime) -> list[Label]:
    """The tags of pieces (with variant and product joined), at today's price. Three queries."""
    prices = piece_prices(pieces, store, at)
    found = []
    for piece in pieces:
        price = prices.get(piece.pk)
        certificate = " ".join(filter(None, (piece.certificate_issuer, piece.certificate_number)))
        metal = metal_name(piece.metal, piece.fineness) if piece.metal != Piece.Metal.NONE else ""
        weight = grams(piece.net_weight_mg) if piece.net_weight_mg else ""
        lines = [" ".join(filter(None, (metal, weight))), certificate]
        found.append(
            Label(
                title=piece.variant.product.name,
                subtitle=" ".join(filter(None, (piece.variant.label, piece.size))),
                price=_amount(price.amount, price.currency) if price else "",
                unit="",
                code=piece.tag,
                lines=tuple(line for line in lines if line),
            )
        )
    return found


def _amount(minor: int | None, currency: str) -> str:
    return "" if minor is None else money(Money.from_minor(minor, currency))
