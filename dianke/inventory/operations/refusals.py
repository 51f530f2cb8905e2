"""What posting refuses, in words: the errors people are shown, and how the answers of the database functions become
them, with names read while the transaction still stands.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from dianke.catalog.models import Piece, Variant
from dianke.core.errors import Conflict, DiankeError, InvalidInput
from dianke.inventory.models import Batch, Place

if TYPE_CHECKING:
    from dianke.inventory.operations.posting import Line


class StockTooLow(Conflict):
    """`variant_id`, `place_id`, `batch_id` are in `params`, and `available` and `wanted` in the product's unit."""

    code = "stock_too_low"
    message = _(
        "“%(product)s”: %(available)s available at “%(place)s”, %(wanted)s wanted. Take less, or bring goods in first."
    )


class PieceElsewhere(Conflict):
    code = "piece_elsewhere"
    message = _(
        "Piece %(piece)s (%(product)s) is not at “%(place)s”; it is at “%(holder)s”. Look where it is."
    )


class PieceReserved(Conflict):
    code = "piece_reserved"
    message = _("Piece %(piece)s (%(product)s) is kept for somebody else. Release it first, or take another.")


class PieceMissing(InvalidInput):
    code = "piece_missing"
    message = _("“%(product)s” is kept piece by piece. Scan the tag of the piece.")


class WrongPiece(InvalidInput):
    code = "wrong_piece"
    message = _("The piece is not one of “%(product)s”. Scan its tag again.")


class BatchMissing(InvalidInput):
    code = "batch_missing"
    message = _("“%(product)s” is kept by batches. Say which batch.")


class WrongBatch(InvalidInput):
    code = "wrong_batch"
    message = _("The batch is not one of “%(product)s”. Choose one of its batches.")


class NotStocked(InvalidInput):
    code = "not_stocked"
    message = _("“%(product)s” is a service or a bundle, of which nothing is kept in stock. Choose goods.")


class UnknownGoods(InvalidInput):
    code = "unknown_goods"
    message = _("A product or place of the document does not exist any more. Load the page again.")


class NothingMoved(InvalidInput):
    code = "nothing_moved"
    message = _("There is nothing to post: the document has no lines. Add goods.")


class QuantityOutOfRange(InvalidInput):
    code = "quantity_out_of_range"
    message = _("The quantity must be more than zero, with at most four decimals; of a piece it is one.")
    default_field = "quantity"


class DateOutOfRange(InvalidInput):
    code = "stock_date_out_of_range"
    message = _("Stock is dated from %(first)s to today. Check the date.")
    default_field = "business_date"


class PieceTwice(InvalidInput):
    code = "piece_twice"
    message = _("A piece is on the document twice. Take one of the lines away.")


class ReturnTooMuch(Conflict):
    code = "return_too_much"
    message = _("“%(product)s”: %(available)s can still be given back, %(wanted)s wanted. Give back less.")


class OriginReversed(Conflict):
    code = "origin_reversed"
    message = _("What is to be given back is already taken back as a whole. Nothing is left to give back.")


class HasReturns(Conflict):
    code = "has_returns"
    message = _("Something of this document was already given back. Reverse the returns first.")


class AlreadyReversed(Conflict):
    code = "stock_already_reversed"
    message = _("This document is already reversed. Nothing of it is left to take back.")


class ReferenceTaken(Conflict):
    code = "stock_reference_taken"
    message = _(
        "“%(reference)s” has already moved other goods. Give the new document its own reference, or reverse the first."
    )


class StockPeriodLocked(Conflict):
    code = "stock_period_locked"
    message = _("The stock books of “%(entity)s” are locked through %(through)s. Use a later date.")


_PLAIN: Mapping[str, type[DiankeError]] = {
    "already_reversed": AlreadyReversed,
    "origin_reversed": OriginReversed,
    "has_returns": HasReturns,
    "unknown": UnknownGoods,
}
_OF_PRODUCT: Mapping[str, type[DiankeError]] = {
    "not_stocked": NotStocked,
    "wrong_piece": WrongPiece,
    "wrong_batch": WrongBatch,
    "piece_missing": PieceMissing,
    "batch_missing": BatchMissing,
}


def named(problem: Mapping[str, Any], lines: Sequence[Line]) -> DiankeError:
    """The error for what the database function found, with names read while the transaction still stands."""
    code = problem["code"]
    if code in _PLAIN:
        return _PLAIN[code]()
    if code == "short":
        return too_low(problem)
    number = int(problem["line"])
    # A line the database made itself (after a count) has no counterpart here; the first stands for it.
    line = lines[number - 1] if number <= len(lines) else lines[0]
    product = name_of(line.variant_id)
    if code in _OF_PRODUCT:
        return _OF_PRODUCT[code](product=product, line=number)
    if code == "return_too_much":
        return ReturnTooMuch(
            product=product, line=number, available=show(problem["available"]), wanted=show(problem["wanted"])
        )
    tag = Piece.objects.values_list("tag", flat=True).get(pk=line.piece_id or 0)
    if code == "piece_reserved":
        return PieceReserved(product=product, piece=tag, line=number)
    holder = Place.objects.filter(pk=problem["place_id"]).first()
    return PieceElsewhere(
        product=product,
        piece=tag,
        line=number,
        place=str(line.from_place),
        holder=str(holder) if holder else _("nowhere yet"),
    )


def too_low(problem: Mapping[str, Any]) -> StockTooLow:
    """`problem` as the database functions tell it: place, variant, batch, what there is and what was wanted."""
    place = Place.objects.get(pk=problem["place_id"])
    product = name_of(problem["variant_id"])
    if problem["batch_id"]:
        product = f"{product} {Batch.objects.get(pk=problem['batch_id'])}"
    return StockTooLow(
        product=product,
        place=str(place),
        available=show(problem["available"]),
        wanted=show(problem["wanted"]),
        place_id=place.pk,
        variant_id=problem["variant_id"],
        batch_id=problem["batch_id"],
    )


def name_of(variant_id: int) -> str:
    """ "羊绒围巾 红 / L"."""
    name, label = Variant.objects.values_list("product__name", "label").get(pk=variant_id)
    return f"{name} {label}".strip()


def show(quantity: str | Decimal) -> str:
    """Without trailing zeros: "3", "0.25"."""
    return f"{Decimal(quantity).normalize():f}"
